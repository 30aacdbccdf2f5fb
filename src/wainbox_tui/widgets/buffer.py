"""Text under a caret: what keys do to it, and how it can be taken back. Pure; logical order.

The caret stands before `text[caret]` and never inside a cluster, such as a letter with its marks or
an emoji made of several.
"""

from dataclasses import dataclass, field

from wainbox_relay.contract.safe import Safe
from wainbox_tui.text.clusters import clusters

MOST_UNDO = 200
LONGEST = 8_000
"""Characters held at most: about as many as are drawn, and twice what WhatsApp takes."""


@dataclass(slots=True)
class Buffer:
    text: str = ""
    caret: int = 0
    _past: list[tuple[str, int]] = field(default_factory=list)
    _future: list[tuple[str, int]] = field(default_factory=list)
    _typing: bool = False

    # -- changes

    def insert(self, words: Safe) -> None:
        """Types or pastes; a run of typed letters is one step back."""
        fits = words[: max(0, LONGEST - len(self.text))]
        if fits:
            one = len(fits) == 1 and not fits.isspace()
            self._remember(joins=one and self._typing)
            self._typing = one
            self._set(self.text[: self.caret] + fits + self.text[self.caret :], len(fits))

    def backspace(self) -> None:
        """Takes one mark or letter back; the whole of an emoji."""
        if self.caret:
            start = self._before(self.caret)
            if self.text[start].isalpha():
                start = self.caret - 1
            self._cut(start, self.caret)

    def delete(self) -> None:
        self._cut(self.caret, self._after(self.caret))

    def delete_word(self) -> None:
        self._cut(self._word_before(), self.caret)

    def delete_to_start(self) -> None:
        self._cut(self.line_start, self.caret)

    def delete_to_end(self) -> None:
        self._cut(self.caret, self.line_end)

    def replace(self, text: Safe) -> None:
        """Puts other text in its place, from an editor or a picker."""
        self._remember(joins=False)
        self.text, self.caret = text[:LONGEST], len(text[:LONGEST])

    def undo(self) -> None:
        if self._past:
            self._future.append((self.text, self.caret))
            self.text, self.caret = self._past.pop()
            self._typing = False

    def redo(self) -> None:
        if self._future:
            self._past.append((self.text, self.caret))
            self.text, self.caret = self._future.pop()
            self._typing = False

    def _cut(self, start: int, end: int) -> None:
        if start < end:
            self._remember(joins=False)
            self.caret = end
            self._set(self.text[:start] + self.text[end:], start - end)

    def _set(self, text: str, by: int) -> None:
        self.text = text
        self.caret += by

    def _remember(self, *, joins: bool) -> None:
        if not joins:
            self._past.append((self.text, self.caret))
            del self._past[:-MOST_UNDO]
        self._future.clear()
        self._typing = False

    # -- moves

    def forward(self) -> None:
        self.go(self._after(self.caret))

    def back(self) -> None:
        self.go(self._before(self.caret))

    def word_forward(self) -> None:
        at = self.caret
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        while at < len(self.text) and not self.text[at].isspace():
            at += 1
        self.go(at)

    def word_back(self) -> None:
        self.go(self._word_before())

    def go(self, caret: int) -> None:
        self.caret = max(0, min(caret, len(self.text)))
        self._typing = False

    @property
    def line_start(self) -> int:
        return self.text.rfind("\n", 0, self.caret) + 1

    @property
    def line_end(self) -> int:
        end = self.text.find("\n", self.caret)
        return len(self.text) if end < 0 else end

    def _word_before(self) -> int:
        at = self.caret
        while at and self.text[at - 1].isspace():
            at -= 1
        while at and not self.text[at - 1].isspace():
            at -= 1
        return at

    def _before(self, at: int) -> int:
        """Where the cluster that ends at `at` begins."""
        start = self.text.rfind("\n", 0, max(0, at - 1)) + 1
        inside = clusters(self.text[start:at])
        return at - len(inside[-1]) if inside else max(0, at - 1)

    def _after(self, at: int) -> int:
        """Where the cluster that begins at `at` ends."""
        ahead = clusters(self.text[at : at + 64])
        return at + len(ahead[0]) if ahead else at
