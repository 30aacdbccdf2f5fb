"""What a text comes to on a terminal: letters to draw, and lines of them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from wainbox_tui.text.clusters import width
from wainbox_tui.text.wrap import Span

CUT = "…"


class Mode(StrEnum):
    """Who puts Arabic in order: we letter by letter, we word by word, or the terminal."""

    APP = "app"
    WORD = "word"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Line:
    """`text` in the order it is written to the terminal, `width` cells of it; an `rtl` line stands
    at the right of its pane. `map` gives for each cell the place in the text that it shows."""

    text: str
    width: int
    rtl: bool = False
    map: tuple[int, ...] = ()


class Glyph(NamedTuple):
    """One letter to draw: what is written for it, the first character of where it came from, the
    place of that, and the cells it fills."""

    text: str
    base: str
    place: int
    width: int


def glyphs(letters: Sequence[str], drawn: Iterable[str], place: int, most: int) -> list[Glyph]:
    """Letters with what is drawn for them; one that is wider than `most` becomes `…`."""
    texts = list(drawn)
    sizes = list(map(width, texts))
    places = accumulate(map(len, letters), initial=place)
    made = list(map(Glyph, texts, (letter[0] for letter in letters), places, sizes))
    if max(sizes, default=0) <= most:
        return made
    return [each if each.width <= most else each._replace(text=CUT, width=1) for each in made]


def starts(row: Iterable[Glyph]) -> list[int]:
    """How many cells stand before each letter, and at last how many in all."""
    return list(accumulate((glyph.width for glyph in row), initial=0))


def words(blanks: Iterable[bool]) -> Iterator[Span]:
    """Where words begin and end, given which letters are blanks."""
    start = -1
    for index, blank in enumerate([*blanks, True]):
        if blank and start >= 0:
            yield start, index
            start = -1
        elif not blank and start < 0:
            start = index


def drawn_line(row: Iterable[Glyph], *, rtl: bool = False) -> Line:
    """The letters in the order given."""
    texts: list[str] = []
    places: list[int] = []
    for glyph in row:
        texts.append(glyph.text)
        if glyph.width == 1:
            places.append(glyph.place)
        else:
            places += [glyph.place] * glyph.width
    return Line("".join(texts), len(places), rtl, tuple(places))


def cut(row: list[Glyph], room: int) -> list[Glyph]:
    """So many of the letters as fit into `room` cells, and `…` if that is not all."""
    at = starts(row)
    if at[-1] <= room:
        return row
    if room < len(CUT):
        return []
    fitting = bisect_right(at, room - len(CUT)) - 1
    kept = row[:fitting]
    while kept and kept[-1].base == " ":
        kept.pop()
    return [*kept, Glyph(CUT, CUT, row[fitting].place, len(CUT))]
