"""Whom an escalation pages, and when: the holder, the one after, the leads last, and around again
until somebody has it (`docs/design.md` section 10).

Pages of one escalation are numbered from 0; from the number follows the rung. All of it is wall
time: nights and holidays are when it is needed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wainbox_relay.contract.vocabulary import MINUTE, AgentId, Moment
from wainbox_relay.domain.rules.rota import Rota, Shift, Turns


@dataclass(frozen=True, slots=True)
class OnCall:
    """How this shop is on call. Each rung is paged again every `repeat` and left after `climb`;
    `phones` are the agents' own (digits), from which a word acknowledges; with `details` a page
    tells more than reference, topic and waiting time."""

    rota: Rota
    leads: tuple[AgentId, ...] = ()
    repeat: int = 5 * MINUTE
    climb: int = 10 * MINUTE
    answer: int = 15 * MINUTE
    """How long whoever acknowledged has to answer the customer."""
    phones: Mapping[str, AgentId] = field(default_factory=dict)
    details: bool = False

    def overridden(self, overrides: tuple[Shift, ...]) -> "OnCall":
        return replace(self, rota=self.rota.overridden(*overrides))

    def turned(self, turns: Turns) -> "OnCall":
        return replace(self, rota=self.rota.turned(turns))

    def rungs(self, now: Moment) -> tuple[AgentId, ...]:
        """Everybody who is paged, in order; each once."""
        people = (self.rota.holder(now), self.rota.next_after(now), *self.leads)
        return tuple(dict.fromkeys(person for person in people if person is not None))

    def whom(self, page: int, now: Moment) -> AgentId:
        """Who gets this page."""
        rungs = self.rungs(now)
        return rungs[page // self._each % len(rungs)]

    def repeats(self, page: int, now: Moment) -> bool:
        """Whether whoever gets this page has been paged before."""
        return page % self._each > 0 or page >= self._each * len(self.rungs(now))

    def after(self, page: int, paged_at: Moment) -> tuple[int, Moment]:
        """The page that follows when nobody acknowledges, and when it is due."""
        last = (page + 1) % self._each == 0
        wait = self.climb - self.repeat * (self._each - 1) if last else self.repeat
        return page + 1, Moment(paged_at + wait)

    def after_silent(self, page: int, acker: AgentId, now: Moment) -> int:
        """The page for the next holder, when whoever acknowledged this one answers nothing."""
        rungs = self.rungs(now)
        rung = rungs.index(acker) + 1 if acker in rungs else 0
        passed = page // self._each + 1
        return (passed + (rung - passed) % len(rungs)) * self._each

    def after_dead(self, page: int, now: Moment) -> tuple[int, Moment]:
        """The same when this page reached nobody: the next rung at once; a whole round of dead
        ones is not begun again at once."""
        following = self.next_rung(page)
        around = following // self._each % len(self.rungs(now)) == 0
        return following, self.after(following - 1, now)[1] if around else now

    def next_rung(self, page: int) -> int:
        """The first page of whoever comes after the one that got this page."""
        return (page // self._each + 1) * self._each

    @property
    def _each(self) -> int:
        """Pages of one rung."""
        return max(1, -(-self.climb // self.repeat))


_YES = (
    r"ack\w*|ok(ay)?|yes|yep|got it|mine|on it|i(['’]?ve)? (have|got|take) it|i('?m| am) on it"
    r"|taken|i('?ll| will) take it|oui|d['’]accord|pris"
    r"|je (le |la |l['’]|m['’]en )?(prends|charge|occupe|gère)|je l['’]ai"
    r"|je suis dessus|j['’]y vais|j['’]arrive|c['’]est (bon|pour moi)"
    r"|نعم|ايوه|ايوا|اه|تمام|اوكي|عندي|معي|معاي|معايا|استلمته?ا?|اخذته?ا?|ماشي|حاضر|واخا|صافي"
    r"|انا (معه|معاه|عليه|عليها|له|لها|اخذه|اخذها|نتكلف)"
    r"|t(a|e)?mam|wakha|waxa|safi|aywa|ma3aya|m3aya|ma3i|3andi|3ndi|mashi"
)
_SAYS_YES = re.compile(rf"\W*(wainbox\W+)?(👍|✅|👌|({_YES})\b)", re.IGNORECASE)
_ASSENT = re.compile(
    r"\b(no (problem|worries)|pas de (souci|problème|soucis)|(ما ?في|مافيش|ما ?كاين) مشك\w+"
    r"|ma ?(fi|kayn|kaynch) mo?[cs]hk\w+)\b",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"[?؟]|\b(but|not|no|can['’]?t|cannot|won['’]?t|don['’]?t|unable|later|someone else"
    r"|mais|pas|non|plus tard|لا|لكن|بس|مش|مو|مب|ما|مانيش|ماني|موش|ماشي (انا|ديالي|دابا)"
    r"|la2?|lakin|walakin|bas|mish|mesh|msh|mosh|moush|machi|mo|mu|ma|manich|maniche"
    r"|mashi (ana|dyali|daba))\b",
    re.IGNORECASE,
)
"""Whoever adds one of these has not taken it. To be paged once more costs less than a customer whom
nobody helps."""


def says_yes(text: str) -> bool:
    """Whether a paged agent's message means "I have it", without an if or a but."""
    plain = unicodedata.normalize("NFKC", text).replace("أ", "ا").replace("إ", "ا")
    if _SAYS_YES.match(plain) is None:
        return False
    return _BUT.search(_ASSENT.sub("", plain)) is None
