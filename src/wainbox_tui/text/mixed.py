"""Paragraphs with Arabic in them: shaped, wrapped in the order of reading, and then each line put
in the order it is seen.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wainbox_tui.text import bidi
from wainbox_tui.text.atoms import atoms, class_of_atom, without_tokens
from wainbox_tui.text.clusters import ZWNJ, clusters, shown
from wainbox_tui.text.line import CUT, Glyph, Line, Mode, cut, drawn_line, glyphs, starts, words
from wainbox_tui.text.shape import shape
from wainbox_tui.text.wrap import wrap

_VOWELS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
_ARABIC = re.compile("[\u0600-\u065f\u066d-\u06ef\u06fa-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")


def paragraph_lines(text: str, place: int, width: int, mode: Mode, *, rtl: bool) -> list[Line]:
    """The lines of one paragraph; one without letters runs as `rtl` says, like the one before."""
    letters = clusters(text)
    drawn = glyphs(letters, _drawn(letters, mode), place, width)
    paragraph = Paragraph(text, drawn, mode, rtl=rtl)
    spans = wrap(words(paragraph.blanks()), starts(drawn), width)
    return [paragraph.line(start, end) for start, end in spans]


def row(text: str, width: int, mode: Mode) -> Line:
    """One line, without vowel marks, cut where the text ends."""
    letters = clusters(text)
    bare = (_VOWELS.sub("", each) for each in _drawn(letters, mode))
    kept = cut(glyphs(letters, bare, 0, width), width)
    return Paragraph(text, kept, mode).line(0, len(kept))


def _drawn(letters: Sequence[str], mode: Mode) -> list[str]:
    """Shaped by us, or left to the terminal, which then needs to see what parts letters."""
    if mode is Mode.APP:
        return shape(letters)
    return [shown(letter) + (ZWNJ if ZWNJ in letter else "") for letter in letters]


def is_rtl(text: str, *, otherwise: bool) -> bool:
    """Whether a paragraph runs from the right, as its first word says that is no link or code."""
    for words_ in (without_tokens(text), text):
        found = bidi.direction(map(bidi.class_of, words_))
        if found is not None:
            return bool(found)
    return otherwise


class Part(NamedTuple):
    """Letters that move as one and keep their order: a token, a word where the terminal draws
    words, or a single letter."""

    start: int
    end: int
    kind: str
    character: str = ""
    token: bool = False


class Paragraph:
    """Letters in the order of reading, and the levels that put them in the order they are seen."""

    def __init__(self, text: str, drawn: list[Glyph], mode: Mode, *, rtl: bool = False) -> None:
        self.drawn, self.mode = drawn, mode
        self.rtl = is_rtl(text, otherwise=rtl)
        self.parts = list(_parts(text, drawn, mode))
        kinds = [part.kind for part in self.parts]
        characters = [part.character for part in self.parts]
        self.levels = bidi.levels(kinds, characters, int(self.rtl))
        self.part_at = [
            index for index, part in enumerate(self.parts) for _ in range(part.start, part.end)
        ]

    def blanks(self) -> Iterator[bool]:
        """Where a line may break: at each letter, whether it is a blank outside a token."""
        for glyph, part in zip(self.drawn, self.part_at, strict=True):
            yield glyph.base == " " and not self.parts[part].token

    def line(self, start: int, end: int) -> Line:
        if self.mode is Mode.TERMINAL or start == end:
            return drawn_line(self.drawn[start:end], rtl=self.rtl)
        first, last = self.part_at[start], self.part_at[end - 1]
        seen: list[Glyph] = []
        for place in bidi.reordered(self.levels[first : last + 1]):
            part = self.parts[first + place]
            letters = self.drawn[max(start, part.start) : min(end, part.end)]
            leftward = self.levels[first + place] % 2
            seen += map(_mirrored, letters) if leftward and part.character else letters
        return drawn_line(seen, rtl=self.rtl)


def _parts(text: str, drawn: list[Glyph], mode: Mode) -> Iterator[Part]:
    origin = drawn[0].place if drawn else 0
    index = 0
    for start, end in [*atoms(text), (len(text), 0)]:
        while index < len(drawn) and drawn[index].place - origin < start:
            base = drawn[index].base
            kind = bidi.class_of(base)
            after = _word_end(drawn, index) if mode is Mode.WORD and kind == "AL" else index + 1
            yield Part(index, after, kind, base)
            index = after
        first = index
        while index < len(drawn) and drawn[index].place - origin < end and drawn[index].base != CUT:
            index += 1
        if index > first:
            yield Part(first, index, class_of_atom(text[start:end]), token=True)


def _word_end(drawn: list[Glyph], index: int) -> int:
    """Kitty sets a whole Arabic word from the right, with the Arabic signs that stand on it."""
    while index < len(drawn) and _ARABIC.match(drawn[index].base):
        index += 1
    return index


def _mirrored(glyph: Glyph) -> Glyph:
    other = bidi.MIRRORED.get(glyph.text)
    return glyph._replace(text=other) if other else glyph
