"""The rows over a thread: whose it is, how it stands, who else reads it, and where else this
customer waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.strip import Strip

from wainbox_relay.contract.safe import Safe
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import EMPTY, Band, Drawn
from wainbox_tui.widgets.footer import Hint, hint_at
from wainbox_tui.widgets.header import Said

MARGIN = 2
MORE = Hint("i", "all")

LANGUAGES = {
    "ar": "Arabic",
    "ar-Latn": "Arabic in Latin letters",
    "fr": "French",
    "en": "English",
}


def language_name(code: str) -> str:
    return LANGUAGES.get(code, code)


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """`facts` are reference, status, owner and language; `reading` names colleagues who look at it
    too; `banner` must be seen ("also open on Riyadh with Samir"). `summary` is the customer in one
    line, for a conversation that has the whole width and its name in the header."""

    name: Safe = EMPTY
    right: Said | None = None
    facts: Sequence[Said] = ()
    reading: Safe = EMPTY
    banner: Safe = EMPTY
    summary: Sequence[Said] = ()
    more: Hint = MORE


class ConversationHead(Drawn):
    """Three rows beside other panes, the last one blank, or one (`brief`) under the header; a
    banner is one more."""

    DEFAULT_CSS = "ConversationHead { height: 3; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts = HeadFacts()
        self._brief = False

    def show(self, facts: HeadFacts, *, brief: bool = False) -> None:
        if (facts, brief) == (self._facts, self._brief):
            return
        self._facts, self._brief = facts, brief
        self.styles.height = (1 if brief else 3) + bool(facts.banner)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        band = self.band()
        rows: tuple[Callable[[Band], None], ...] = (self._who, self._row, self._banner)
        if self._brief:
            rows = (self._summary, self._banner)
        if y < len(rows):
            rows[y](band)
        return band.strip()

    @property
    def _end(self) -> int:
        return self.size.width - MARGIN

    def _who(self, band: Band) -> None:
        end, right = self._end, self._facts.right
        if right:
            end = band.right(end, right.words, right.ink) - 2
        band.put(MARGIN, self.look.row(self._facts.name, end - MARGIN), Ink.STRONG)

    def _row(self, band: Band) -> None:
        end = self._end
        if self._facts.reading:
            end = band.right(end, self.look.row(self._facts.reading, end // 2), Ink.TEXT) - 2
        band.words(MARGIN, _pairs(self._facts.facts), end)

    def _banner(self, band: Band) -> None:
        text = self.look.row(self._facts.banner, self._end - MARGIN)
        band.put(MARGIN, text, Ink.WORD)

    def _summary(self, band: Band) -> None:
        hint = self._facts.more
        end = self.size.width - 1 - hint.size
        hint_at(band, end, hint)
        band.words(MARGIN, _pairs(self._facts.summary), end - 2)


def _pairs(facts: Sequence[Said]) -> list[tuple[Safe, Ink]]:
    return [(fact.words, fact.ink) for fact in facts]
