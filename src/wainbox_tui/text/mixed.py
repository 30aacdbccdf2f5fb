"""Paragraphs with Arabic in them: shaped, wrapped in the order of reading, and then each line put
in the order it is seen.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wainbox_tui.text import bidi
from wainbox_tui.text.atoms import atoms, class_of_atom, without
from wainbox_tui.text.clusters import ZWNJ, clusters, shown
from wainbox_tui.text.line import CUT, Glyph, Line, Mode, cut, drawn_line, glyphs, starts, words
from wainbox_tui.text.shape import shape
from wainbox_tui.text.wrap import Span, wrap

_VOWELS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
_WITH_LETTERS = re.compile("[\u0600-\u065f\u066d-\u06ef\u06fa-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
"""What Kitty sets from the right together with the letters it stands on."""
_MERGED = frozenset({"L", "R", "AL", "EN", "AN", "WS"})
"""Classes that many in a row are treated by as one is."""


def paragraph_lines(text: str, place: int, width: int, mode: Mode, *, rtl: bool) -> list[Line]:
    """The lines of one paragraph; one without letters runs as `rtl` says, like the one before."""
    letters = clusters(text)
    drawn = glyphs(letters, _drawn(letters, mode), place, width)
    paragraph = Paragraph(text, drawn, mode, rtl=rtl)
    spans = wrap(words(paragraph.blanks()), starts(drawn), width)
    return [paragraph.line(start, end) for start, end in spans]


def row(text: str, width: int, mode: Mode) -> Line:
    """One line, without vowel marks, cut where the text ends."""
    letters = clusters(text)[: 2 * max(width, 0) + 2]  # even if each pair came to one cell
    bare = (_VOWELS.sub("", each) if len(each) > 1 else each for each in _drawn(letters, mode))
    kept = cut(glyphs(letters, bare, 0, width), width)
    return Paragraph(text, kept, mode).line(0, len(kept))


def _drawn(letters: Sequence[str], mode: Mode) -> list[str]:
    """Shaped by us, or left to the terminal, which then needs to see what parts letters."""
    if mode is Mode.APP:
        return shape(letters)
    return [shown(letter) + (ZWNJ if ZWNJ in letter else "") for letter in letters]


def is_rtl(text: str, tokens: list[Span], *, otherwise: bool) -> bool:
    """Whether a paragraph runs from the right, as its first word says that is no link, code or
    tag."""
    for words_ in (without(tokens, text), text):
        found = bidi.direction(map(bidi.class_of, words_))
        if found is not None:
            return bool(found)
    return otherwise


class Part(NamedTuple):
    """Letters of one class, which so have one level. `keeps` is a token, or a word where the
    terminal draws words: its letters stay in their order wherever it stands."""

    start: int
    end: int
    kind: str
    base: str
    keeps: bool


class Paragraph:
    """Letters in the order of reading, and the levels that put them in the order they are seen."""

    def __init__(self, text: str, drawn: list[Glyph], mode: Mode, *, rtl: bool = False) -> None:
        tokens = atoms(text)
        self.drawn, self.mode = drawn, mode
        self.rtl = is_rtl(text, tokens, otherwise=rtl)
        self.parts = list(_parts(text, tokens, drawn, mode))
        self.starts = [part.start for part in self.parts]
        kinds = [part.kind for part in self.parts]
        bases = [part.base for part in self.parts]
        self.levels = bidi.levels(kinds, bases, int(self.rtl))

    def blanks(self) -> list[bool]:
        """Where a line may break: for each letter, whether it is a blank outside a token."""
        blanks = [glyph.base == " " for glyph in self.drawn]
        for part in self.parts:
            if part.keeps:
                blanks[part.start : part.end] = [False] * (part.end - part.start)
        return blanks

    def line(self, start: int, end: int) -> Line:
        if self.mode is Mode.TERMINAL or start == end:
            return drawn_line(self.drawn[start:end], rtl=self.rtl)
        first, last = bisect_right(self.starts, start) - 1, bisect_left(self.starts, end)
        seen: list[Glyph] = []
        for place in bidi.reordered(self.levels[first:last]):
            part = self.parts[first + place]
            letters = self.drawn[max(start, part.start) : min(end, part.end)]
            if self.levels[first + place] % 2 and not part.keeps:
                letters = [_mirrored(letter) for letter in reversed(letters)]
            seen += letters
        return drawn_line(seen, rtl=self.rtl)


def _parts(text: str, tokens: list[Span], drawn: list[Glyph], mode: Mode) -> Iterator[Part]:
    kinds = [bidi.class_of(glyph.base) for glyph in drawn]
    places = [glyph.place for glyph in drawn]
    origin = places[0] if places else 0
    index = 0
    for start, end in tokens:
        first, after = (bisect_left(places, origin + place) for place in (start, end))
        if first < after and drawn[after - 1].base == CUT:
            after -= 1
        yield from _between(drawn, kinds, index, first, mode)
        if first < after:
            kind = class_of_atom(text[start:end])
            yield Part(first, after, kind, "", keeps=True)
        index = after
    yield from _between(drawn, kinds, index, len(drawn), mode)


def _between(
    drawn: list[Glyph], kinds: list[str], index: int, end: int, mode: Mode
) -> Iterator[Part]:
    while index < end:
        kind, after = kinds[index], index + 1
        word = mode is Mode.WORD and kind == "AL"
        while after < end and (
            (kinds[after] == kind and kind in _MERGED)
            or (word and _WITH_LETTERS.match(drawn[after].base))
        ):
            after += 1
        yield Part(index, after, kind, drawn[index].base, word)
        index = after


def _mirrored(glyph: Glyph) -> Glyph:
    other = bidi.MIRRORED.get(glyph.text)
    return glyph._replace(text=other) if other else glyph
