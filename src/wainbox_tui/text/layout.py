"""From a message to lines of cells: directions, protected tokens, shapes, wrapping, order.

Text is wrapped in the order it is read and put into the order it is seen line by line. Numbers,
links and prices keep their own direction as one piece. Plain left-to-right text takes a short way.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from wainbox_relay.contract.safe import Safe
from wainbox_tui.text import bidi
from wainbox_tui.text.graphemes import Cluster, clusters, width
from wainbox_tui.text.shape import shape

MOST_CHARACTERS = 65_536
RTL = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_HARAKAT = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0640]"
)
_MONEY = "(?:MAD|DH|Dhs?|EGP|SAR|SR|AED|DZD|DA|TND|DT|LBP|JOD|KWD|QAR|OMR|BHD|USD|EUR|[$€£])"
_ATOM = re.compile(
    r"https?://\S+"
    r"|www\.\S+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|[@#][A-Za-z0-9_][\w.-]*"
    rf"|\d[\d.,\u00a0]*\s?{_MONEY}\b|{_MONEY}\s?\d[\d.,]*"
    r"|\+?\d[\d\s().-]{5,}\d"
    r"|\d{1,4}[/.:-]\d{1,2}(?:[/.:-]\d{1,4})?"
    r"|[A-Za-z]+[-_]?\d+[A-Za-z0-9_-]*",
    re.ASCII,
)
_LATIN = re.compile("[A-Za-z]")


class Mode(StrEnum):
    """Who puts Arabic in order: we do (`app`), we the words and the terminal the letters (`word`),
    or the terminal (`terminal`)."""

    APP = "app"
    WORD = "word"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Line:
    """`text` as it is written to the terminal; `map` gives for each cell the place in the logical
    text it shows. `rtl` says that the paragraph runs from the right."""

    text: str
    width: int
    rtl: bool
    map: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    lines: tuple[Line, ...]


@dataclass(slots=True)
class _Unit:
    """Clusters that move as one: usually a single one, or a protected token."""

    parts: list[Cluster]
    kind: str
    character: str
    cells: int = field(init=False)

    def __post_init__(self) -> None:
        self.cells = sum(part.cells for part in self.parts)

    @property
    def is_space(self) -> bool:
        return self.character == " "


@lru_cache(maxsize=8192)
def layout(text: Safe, width: int, mode: Mode = Mode.APP) -> Layout:
    """The text in lines of at most `width` cells (at least one)."""
    width = max(1, width)
    lines: list[Line] = []
    start = 0
    for paragraph in text[:MOST_CHARACTERS].split("\n"):
        lines.extend(_paragraph(paragraph, start, width, mode))
        start += len(paragraph) + 1
    return Layout(tuple(lines))


def visual_row(text: Safe, width: int, mode: Mode = Mode.APP) -> Line:
    """The text in one line of a list: without vowel marks, cut where it does not fit."""
    flat = " ".join(_HARAKAT.sub("", text).split())
    return _row(Safe(flat), max(1, width), mode)


@lru_cache(maxsize=8192)
def _row(text: Safe, width: int, mode: Mode) -> Line:
    shown = clip(text, width)
    for cut in range(4):
        lines = layout(shown, width, mode).lines
        if len(lines) == 1:
            return lines[0]
        shown = clip(text, width - 1 - cut)
    return lines[0]


def clip(text: Safe, cells: int) -> Safe:
    """The beginning of the text that fits, with … where it was cut."""
    if cells <= 0:
        return Safe("")
    if len(text) <= cells and text.isascii():
        return text
    kept: list[str] = []
    used = 0
    for cluster in clusters(text[: cells * 8 + 64]):
        if used + cluster.cells > cells:
            while kept and used > cells - 1:
                used -= width(kept.pop())
            return Safe("".join(kept).rstrip() + "…")
        kept.append(cluster.text)
        used += cluster.cells
    return Safe("".join(kept))


def cells(text: str) -> int:
    """How wide the text is when drawn."""
    return len(text) if text.isascii() else sum(cluster.cells for cluster in clusters(text))


def one_line(text: Safe) -> Safe:
    return Safe(" ".join(text.split()))


# -- one paragraph ------------------------------------------------------------------------------


def _paragraph(text: str, start: int, width: int, mode: Mode) -> Iterator[Line]:
    if not text:
        yield Line("", 0, False, ())
        return
    if not RTL.search(text):
        units = [_Unit([_moved(c, start)], "L", c.text) for c in clusters(text)]
        for row in _wrap(units, width):
            yield _line(row, rtl=False)
        return
    yield from _mixed(text, start, width, mode)


def _moved(cluster: Cluster, by: int) -> Cluster:
    return Cluster(cluster.text, cluster.start + by, cluster.cells) if by else cluster


def _mixed(text: str, start: int, width: int, mode: Mode) -> Iterator[Line]:
    atoms = [(found.start(), found.end()) for found in _ATOM.finditer(text)]
    parts = list(clusters(text))
    base = _base(parts, atoms)
    if mode is Mode.APP:
        parts = _shaped(parts)
    units = _units(parts, atoms, whole_words=mode is Mode.WORD)
    for unit in units:
        unit.parts = [_moved(part, start) for part in unit.parts]
    if mode is Mode.TERMINAL:
        for row in _wrap(units, width):
            yield _line(row, rtl=bool(base))
        return
    levels = bidi.levels([u.kind for u in units], [u.character for u in units], base)
    place = {id(unit): n for n, unit in enumerate(units)}
    for row in _wrap(units, width):
        own = [levels[place[id(unit)]] if id(unit) in place else base for unit in row]
        order = bidi.reorder(own, ["WS" if u.is_space else u.kind for u in row], base)
        yield _line([_mirrored(row[n], own[n]) for n in order], rtl=bool(base))


def _base(parts: Sequence[Cluster], atoms: Sequence[tuple[int, int]]) -> int:
    """By the first letter that is not part of a token; by any letter when there is no other."""
    outside = [p for p in parts if not any(a <= p.start < b for a, b in atoms)]
    classes = [bidi.class_of(p.text[:1]) for p in outside]
    if any(c in bidi.STRONG for c in classes):
        return bidi.base_level(classes)
    return bidi.base_level([bidi.class_of(p.text[:1]) for p in parts])


def _shaped(parts: list[Cluster]) -> list[Cluster]:
    forms = shape([part.text for part in parts])
    return [
        part if form == part.text else Cluster(form, part.start, width(form))
        for part, form in zip(parts, forms, strict=True)
        if form
    ]


def _units(
    parts: Sequence[Cluster], atoms: Sequence[tuple[int, int]], *, whole_words: bool
) -> list[_Unit]:
    units: list[_Unit] = []
    ends = dict(atoms)
    open_until = 0
    for part in parts:
        if part.start in ends:
            open_until = ends[part.start]
            units.append(_Unit([part], "EN", ""))
        elif part.start < open_until:
            units[-1].parts.append(part)
        else:
            kind = bidi.class_of(part.text[:1])
            joins = whole_words and kind in ("R", "AL", "NSM") and units
            if joins and units[-1].kind in ("R", "AL") and not units[-1].is_space:
                units[-1].parts.append(part)
            else:
                units.append(_Unit([part], kind, part.text[:1]))
    for unit in units:
        unit.__post_init__()
        if unit.character == "" and any(_LATIN.search(part.text) for part in unit.parts):
            unit.kind = "L"
    return units


def _mirrored(unit: _Unit, level: int) -> _Unit:
    if level % 2 == 0 or unit.character not in bidi.MIRRORED:
        return unit
    part = unit.parts[0]
    seen = bidi.MIRRORED[unit.character] + part.text[1:]
    return _Unit([Cluster(seen, part.start, part.cells)], unit.kind, unit.character)


def _line(units: Sequence[_Unit], *, rtl: bool) -> Line:
    parts = [part for unit in units for part in unit.parts]
    places = tuple(part.start for part in parts for _ in range(part.cells))
    return Line("".join(part.text for part in parts), len(places), rtl, places)


# -- wrapping -----------------------------------------------------------------------------------


def _wrap(units: Sequence[_Unit], limit: int) -> Iterator[list[_Unit]]:
    """Rows of units, broken at spaces; what is longer than a row is broken anywhere."""
    row: list[_Unit] = []
    used = 0
    for word in _words(units, limit):
        size = sum(unit.cells for unit in word)
        if row and used + size > limit and not word[0].is_space:
            yield _trimmed(row)
            row, used = [], 0
        row.extend(word)
        used += size
    yield _trimmed(row)


def _trimmed(row: list[_Unit]) -> list[_Unit]:
    while row and row[-1].is_space:
        row = row[:-1]
    return row


def _words(units: Sequence[_Unit], limit: int) -> Iterator[list[_Unit]]:
    """Runs between spaces; spaces by themselves; pieces of what is too long."""
    word: list[_Unit] = []
    used = 0
    for unit in units:
        for piece in _pieces(unit, limit):
            if piece.is_space:
                if word:
                    yield word
                yield [piece]
                word, used = [], 0
            elif used + piece.cells > limit and word:
                yield word
                word, used = [piece], piece.cells
            else:
                word.append(piece)
                used += piece.cells
    if word:
        yield word


def _pieces(unit: _Unit, limit: int) -> Iterator[_Unit]:
    """The unit itself, or its parts in groups that fit."""
    if unit.cells <= limit:
        yield unit
        return
    group: list[Cluster] = []
    used = 0
    for part in unit.parts:
        if group and used + part.cells > limit:
            yield _Unit(group, unit.kind, unit.character)
            group, used = [], 0
        if part.cells <= limit:
            group.append(part)
            used += part.cells
    if group:
        yield _Unit(group, unit.kind, unit.character)
