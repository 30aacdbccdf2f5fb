"""Words looked for in what customers write, whatever the spelling: case, accents, hamza, digits of
another script and drawn-out letters make no difference."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wainbox_relay.contract.folding import fold

_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_WORDS = re.compile(r"[^\W_]+")


def words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared."""
    return tuple(_WORDS.findall(_DRAWN_OUT.sub(r"\1", fold(text))))


def same(text: str, other: str) -> bool:
    """Whether two texts say the same words."""
    return words(text) == words(other) != ()


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of one or more words, each between spaces."""

    folded: frozenset[str] = frozenset()
    longest: int = 0

    @classmethod
    def of(cls, phrases: Iterable[str]) -> "Phrases":
        """From phrases as people write them."""
        split = [found for phrase in phrases if (found := words(phrase))]
        return cls(frozenset(map(" ".join, split)), max(map(len, split), default=0))

    def __bool__(self) -> bool:
        return bool(self.folded)

    def holds(self, said: tuple[str, ...]) -> bool:
        """Whether these words are one of them."""
        return " ".join(said) in self.folded

    def found_in(self, text: str) -> bool:
        """Whether one of them stands in the text, as whole words."""
        return self.among(words(text))

    def among(self, said: tuple[str, ...]) -> bool:
        """Whether one of them stands among these words."""
        return any(
            self.holds(said[at : at + length])
            for length in range(1, self.longest + 1)
            for at in range(len(said) - length + 1)
        )

    def cover(self, others: "Phrases") -> bool:
        """Whether one of these stands in whatever has one of the others."""
        return all(map(self.found_in, others.folded))

    def nothing_else(self, text: str) -> bool:
        """Whether every word of the text is one of them."""
        return all(word in self.folded for word in words(text))
