"""Words that need no answer: a lone thanks, a heart, a blessing (`docs/design.md` section 7).

The lists hold only what is surely kind. "ok", "oui" and "نعم" are not in them, since they may be
the answer to a question of ours; whoever writes one word more is heard.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from wainbox_relay.domain.rules.wording import words

MOST_WORDS = 6
LONGEST = 100
"""Characters of a message that is looked at: courtesy is short."""

_QUESTION = re.compile("[?؟]")
_SKIN_AND_JOINERS = frozenset("\u200d\ufe0f\ufe0e🏻🏼🏽🏾🏿")


@dataclass(frozen=True, slots=True)
class Courtesies:
    """Folded words. `thanks` carry the meaning, `around` may stand beside them; `emoji` are kind
    and `angry` ones are a complaint."""

    thanks: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    emoji: frozenset[str] = frozenset()
    stop: frozenset[str] = frozenset()
    """Whole messages that want no more advertising."""
    angry: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        thanks: Iterable[str],
        around: Iterable[str],
        emoji: Iterable[str],
        stop: Iterable[str],
        angry: Iterable[str],
    ) -> "Courtesies":
        """From words as people write them. A phrase gives each of its words."""
        return cls(
            frozenset(word for phrase in thanks for word in words(phrase)),
            frozenset(word for phrase in around for word in words(phrase)),
            frozenset(map(_bare, emoji)),
            frozenset(" ".join(words(phrase)) for phrase in stop),
            frozenset(map(_bare, angry)),
        )

    def needs_no_answer(self, text: str) -> bool:
        """Whether this is nothing but thanks."""
        if len(text) > LONGEST or _QUESTION.search(text):
            return False
        said, symbols = words(text), _symbols(text)
        if len(said) > MOST_WORDS or not all(symbol in self.emoji for symbol in symbols):
            return False
        kind = any(word in self.thanks for word in said) or (bool(symbols) and not said)
        return kind and all(word in self.thanks or word in self.around for word in said)

    def wants_no_more(self, text: str) -> bool:
        """Whether this asks for an end of advertising."""
        return len(text) <= LONGEST // 3 and " ".join(words(text)) in self.stop

    def is_kind(self, emoji: str) -> bool:
        """Whether a reaction needs no answer; most do not."""
        return _bare(emoji) not in self.angry


def _symbols(text: str) -> list[str]:
    """The emoji of a text, each bare; punctuation does not count."""
    return [
        character
        for character in text
        if unicodedata.category(character) in ("So", "Sk", "Sm", "Cn")
        and character not in _SKIN_AND_JOINERS
    ]


def _bare(emoji: str) -> str:
    return "".join(character for character in emoji if character not in _SKIN_AND_JOINERS)
