"""Words that need no answer: a lone thanks, a heart, a blessing (`docs/design.md` section 10).

The lists hold only what is surely kind. "ok", "oui" and "نعم" are no thanks, since they may be the
answer to a question of ours; whoever writes one word more is heard.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from wainbox_relay.domain.rules.wording import Phrases, words

MOST_WORDS = 6
LONGEST = 100
"""Characters of a message that is looked at: courtesy is short."""

_QUESTION = re.compile("[?؟⁇⁈⁉]")
_SAD = re.compile(r"[:;=]['’]?-?[(\[]|[)\]]-?['’]?[:;=]")
_SMILES = re.compile(r"(?<!\w)(?:[:;=]-?[)dp*]|xd|<3+|\^_?\^)(?!\w)", re.IGNORECASE)
"""Faces of letters and signs; what is left of them must not look like words or symbols."""
_SKIN_AND_JOINERS = frozenset("\u200d\ufe0f\ufe0e🏻🏼🏽🏾🏿")


@dataclass(frozen=True, slots=True)
class Courtesies:
    """Folded words and phrases. `thanks` carry the meaning, `around` may stand beside them;
    `agreed` may too, where nothing was to be agreed on; `emoji` are kind and `angry` ones are a
    complaint."""

    thanks: Phrases
    around: Phrases
    agreed: Phrases
    emoji: frozenset[str]
    stop: frozenset[str]
    """Whole messages that want no more advertising."""
    angry: frozenset[str]

    @classmethod
    def of(
        cls,
        thanks: Iterable[str],
        around: Iterable[str],
        agreed: Iterable[str],
        emoji: Iterable[str],
        stop: Iterable[str],
        angry: Iterable[str],
    ) -> "Courtesies":
        """From words and phrases as people write them."""
        return cls(
            Phrases.of(thanks),
            Phrases.of(around),
            Phrases.of(agreed),
            frozenset(map(_bare, emoji)),
            frozenset(" ".join(words(phrase)) for phrase in stop),
            frozenset(map(_bare, angry)),
        )

    def needs_no_answer(self, text: str, *, over: bool = False) -> bool:
        """Whether this is nothing but thanks. Once the case is `over`, "ok, thanks" is too: before,
        it may be what we were waiting for."""
        if len(text) > LONGEST or _QUESTION.search(text) or _SAD.search(text):
            return False
        plain = _SMILES.sub(" ", text)
        said, symbols = words(plain), _symbols(plain)
        if len(said) > MOST_WORDS or not all(symbol in self.emoji for symbol in symbols):
            return False
        beside = (self.around, self.agreed) if over else (self.around,)
        kind = _covered(said, self.thanks, *beside)  # where most messages fail, at their first word
        return kind and (bool(symbols) or self.thanks.among(said))

    def ends_in_question(self, text: str) -> bool:
        """Whether it asks something at its end, with nothing after it but a sign or a kind word."""
        _, mark, after = text.replace("؟", "?").rpartition("?")
        said = words(after)
        kind = len(said) <= MOST_WORDS and _covered(said, self.thanks, self.around)
        return mark != "" and kind

    def wants_no_more(self, text: str) -> bool:
        """Whether this asks for an end of advertising."""
        return len(text) <= LONGEST // 3 and " ".join(words(text)) in self.stop

    def is_kind(self, emoji: str) -> bool:
        """Whether a reaction needs no answer; most do not."""
        return _bare(emoji) not in self.angry


def _covered(said: tuple[str, ...], *known: Phrases) -> bool:
    """Whether the words are nothing but known phrases, one after the other."""
    return not said or any(
        each.holds(said[:length]) and _covered(said[length:], *known)
        for each in known
        for length in range(1, each.longest + 1)
    )


def _symbols(text: str) -> list[str]:
    """The emoji of a text, each bare; punctuation does not count."""
    return [
        character
        for character in text
        if not character.isalnum()
        and unicodedata.category(character) in ("So", "Sk", "Sm", "Cn")
        and character not in _SKIN_AND_JOINERS
    ]


def _bare(emoji: str) -> str:
    return "".join(character for character in emoji if character not in _SKIN_AND_JOINERS)
