"""The one door from foreign text to cells: `layout` for messages, `visual_row` for list cells.

Text without Arabic letters is wrapped and done; the rest goes through `mixed`, which is loaded when
the first such text comes.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from wainbox_relay.contract.safe import Safe
from wainbox_tui.text.clip import capped, one_line
from wainbox_tui.text.clusters import clusters, is_plain, shown
from wainbox_tui.text.line import Line, Mode, cut, drawn_line, glyphs, starts, words
from wainbox_tui.text.wrap import wrap

__all__ = ["Layout", "Line", "Mode", "layout", "visual_row"]

MOST_KEPT = 2_048
"""Longer texts are laid out anew each time; a pane keeps the rows of those it shows."""

_RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_WORD = re.compile("[^ ]+")


@dataclass(frozen=True, slots=True)
class Layout:
    lines: tuple[Line, ...]


def layout(text: Safe, width: int, mode: Mode = Mode.APP) -> Layout:
    """The lines of a message, none of them wider than `width`."""
    return (_kept if len(text) <= MOST_KEPT else _laid_out)(text, width, mode)


@lru_cache(4096)
def visual_row(text: Safe, width: int, mode: Mode = Mode.APP) -> Line:
    """One line for a list: no vowel marks, cut where the text ends; lists stand at the left. The
    line's `map` counts in `one_line(text)`."""
    text = Safe(one_line(text)[: 8 * max(width, 0) + 64])  # more than shows, with all its marks
    if _RTL.search(text):
        from wainbox_tui.text.mixed import row

        return row(text, width, mode)
    letters = clusters(text)
    return drawn_line(cut(glyphs(letters, map(shown, letters), 0, width), width))


def _laid_out(text: Safe, width: int, mode: Mode) -> Layout:
    if width <= 0:
        return Layout(())
    lines: list[Line] = []
    place, rtl = 0, False
    for paragraph in capped(text).split("\n"):
        if rtl or _RTL.search(paragraph):
            from wainbox_tui.text.mixed import paragraph_lines

            lines += paragraph_lines(paragraph, place, width, mode, rtl=rtl)
            rtl = lines[-1].rtl
        elif is_plain(paragraph):
            lines += _plain_lines(paragraph, place, width)
        else:
            lines += _left_lines(paragraph, place, width)
        place += len(paragraph) + 1
    return Layout(tuple(lines))


_kept = lru_cache(4096)(_laid_out)


def _plain_lines(text: str, place: int, width: int) -> list[Line]:
    """One character, one cell."""
    spans = wrap((found.span() for found in _WORD.finditer(text)), range(len(text) + 1), width)
    return [
        Line(text[start:end], end - start, map=tuple(range(place + start, place + end)))
        for start, end in spans
    ]


def _left_lines(text: str, place: int, width: int) -> list[Line]:
    letters = clusters(text)
    row = glyphs(letters, map(shown, letters), place, width)
    spans = wrap(words(glyph.base == " " for glyph in row), starts(row), width)
    return [drawn_line(row[start:end]) for start, end in spans]
