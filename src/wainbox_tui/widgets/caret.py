"""Typed text as rows with a caret: which row and cell the caret has, and where it goes when it is
moved by sight. Pure.
"""

from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len

from wainbox_relay.contract.safe import Safe
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Band, Look


@dataclass(frozen=True, slots=True)
class Line:
    """A row of typed text: what is drawn, and for each of its cells the place in the text it
    shows. It covers the places `start` to `end`; from `shown` on there are only blanks, which are
    not drawn."""

    text: str
    cells: tuple[int, ...]
    rtl: bool
    start: int
    shown: int
    end: int

    def cell(self, caret: int) -> int | None:
        """The cell the caret lies on; None when it stands behind the last letter."""
        held = [n for n, at in enumerate(self.cells) if at <= caret]
        if not held or caret >= self.shown:
            return None
        return max(held, key=lambda n: (self.cells[n], -n))


def lines_of(text: str, width: int, look: Look) -> list[Line]:
    """Every paragraph laid out by itself, so that an empty one is a row too."""
    lines: list[Line] = []
    at = 0
    for paragraph in text.split("\n"):
        lines += _paragraph(paragraph, at, width, look)
        at += len(paragraph) + 1
    return lines


def _paragraph(paragraph: str, at: int, width: int, look: Look) -> list[Line]:
    laid = look.layout(Safe(paragraph), width).lines
    edges = [0, *(min(line.map, default=0) for line in laid[1:]), len(paragraph)]
    lines: list[Line] = []
    for line, (start, end) in zip(laid, pairwise(edges), strict=True):
        cells = tuple(at + n for n in line.map)
        shown = start + len(paragraph[start:end].rstrip())
        lines.append(Line(line.text, cells, line.rtl, at + start, at + shown, at + end))
    return lines


def row_of_caret(lines: list[Line], caret: int) -> int:
    """The last row that begins at or before the caret."""
    return max((n for n, line in enumerate(lines) if line.start <= caret), default=0)


def beside(lines: list[Line], caret: int, step: int) -> int:
    """Where the caret goes when it moves by a cell to the right (`step` 1) or left (-1)."""
    n = row_of_caret(lines, caret)
    line = lines[n]
    order = _visual(line)
    here = order.index(caret) if caret in order else _nearest(order, caret)
    there = here + step
    if 0 <= there < len(order):
        return order[there]
    onward = (step > 0) != line.rtl
    if onward:
        return lines[n + 1].start if n + 1 < len(lines) else caret
    if n == 0:
        return caret
    above = lines[n - 1]
    return above.end if lines[n].start > above.end else max(above.start, above.end - 1)


def _visual(line: Line) -> list[int]:
    """The places of a row from left to right, its end included at the side it is on."""
    order: list[int] = []
    for at in line.cells:
        if not order or order[-1] != at:
            order.append(at)
    return [line.end, *order] if line.rtl else [*order, line.end]


def _nearest(order: list[int], caret: int) -> int:
    return min(range(len(order)), key=lambda n: (abs(order[n] - caret), order[n] > caret))


def above_or_below(lines: list[Line], caret: int, step: int, width: int) -> int:
    """Where the caret goes when it moves by a row, in the same column as far as there is one."""
    n = row_of_caret(lines, caret)
    if not 0 <= n + step < len(lines):
        return caret
    x = caret_x(lines[n], caret, width)
    line = lines[n + step]
    at = x - _left(line, width)
    if not line.cells or not 0 <= at < len(line.cells):
        beyond = at < 0 if line.rtl else at >= len(line.cells)
        return _last(line, lines, n + step) if beyond else line.start
    return line.cells[at]


def _last(line: Line, lines: list[Line], n: int) -> int:
    """The end of a row, but not the beginning of the next."""
    wraps = n + 1 < len(lines) and lines[n + 1].start == line.end
    return max(line.start, line.end - 1) if wraps else line.end


def _left(line: Line, width: int) -> int:
    """The column where a row begins: at the right edge for right-to-left ones."""
    return width - cell_len(line.text) if line.rtl else 0


def caret_x(line: Line, caret: int, width: int) -> int:
    cell = line.cell(caret)
    left = _left(line, width)
    if cell is not None:
        return left + cell
    beyond = max(0, caret - line.shown)
    if line.rtl:
        return max(-1, left - 1 - beyond)
    return min(width, left + cell_len(line.text) + beyond)


def put_line(band: Band, x: int, width: int, line: Line, caret: int | None) -> None:
    """Draws a row in `width` cells from `x`; the caret as a bar behind the last letter, else as
    the letter it stands on, the other way round."""
    glyphs = band.look.glyphs
    left = x + _left(line, width)
    cell = None if caret is None else line.cell(caret)
    if caret is not None and cell is None:
        bar = glyphs.right if line.rtl else glyphs.left
        band.put(x + caret_x(line, caret, width), bar, Ink.ACCENT)
    for start, end in pairwise(_edges(line.text, cell)):
        part = line.text[start:end]
        marked = cell is not None and cell_len(line.text[:start]) == cell
        band.put(left + cell_len(line.text[:start]), part, Ink.CARET if marked else Ink.TEXT)


def _edges(text: str, cell: int | None) -> list[int]:
    """Where a visual string is cut so that the letter on a cell stands alone."""
    if cell is None:
        return [0, len(text)]
    first = next((n for n in range(len(text)) if cell_len(text[: n + 1]) > cell), len(text))
    after = first + 1
    while after < len(text) and cell_len(text[after]) == 0:
        after += 1
    return sorted({0, first, min(after, len(text)), len(text)})
