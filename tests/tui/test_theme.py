"""Colours can be read, and every sign is one cell."""

from dataclasses import asdict

import pytest
from rich.cells import cell_len
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from wcwidth import wcswidth

from wainbox_tui.glyphs import ASCII, UNICODE, glyphs_for
from wainbox_tui.theme import (
    SIXTEEN,
    TABLES,
    Depth,
    Hue,
    Ink,
    Name,
    Palette,
    Paper,
    depth_for,
    xterm_number,
)

READ = (Hue.STRONG, Hue.TEXT, Hue.DIM, Hue.ACCENT)
CLOCKS = (Hue.RISK, Hue.LATE)


def luminance(code: str) -> float:
    parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_the_published_one():
    """The ruler is right: black on white is 21."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


PAIRS = [(hue, paper) for hue in (*READ, *CLOCKS) for paper in Paper]


@pytest.mark.parametrize("key", TABLES, ids="-".join)
@pytest.mark.parametrize(
    ("hue", "paper"), [(h, p) for h, p in PAIRS if not (h in CLOCKS and p is Paper.OURS)]
)
def test_what_is_read_stands_out(key: tuple[Name, Depth], hue: Hue, paper: Paper):
    """Text has a contrast of 4.5 on every paper, 7 in high contrast; no clock stands on our own
    bubble."""
    wanted = 7 if key[0] is Name.CONTRAST else 4.5
    assert contrast(TABLES[key][hue], TABLES[key][paper]) >= wanted


@pytest.mark.parametrize("key", TABLES, ids="-".join)
@pytest.mark.parametrize("paper", Paper)
def test_bars_and_edges_stand_out(key: tuple[Name, Depth], paper: Paper):
    """What is drawn to be seen, not read, has a contrast of 3."""
    assert contrast(TABLES[key][Hue.FILL], TABLES[key][paper]) >= 3


@pytest.mark.parametrize("name", Name)
def test_256_colours_are_exactly_those_of_the_terminal(name: Name):
    """A colour goes out as the number of a fixed colour, so nobody rounds it to a neighbour."""
    palette = Palette(name, Depth.XTERM)
    for role, code in TABLES[name, Depth.XTERM].items():
        colour = palette.colour(role)
        assert colour is not None
        assert colour.type is ColorType.EIGHT_BIT
        shown = Color.from_ansi(colour.number or 0).get_truecolor()
        assert shown == Color.parse(code).triplet


def test_a_colour_outside_the_256_is_refused():
    """A slip in the table cannot be drawn."""
    with pytest.raises(ValueError):
        xterm_number(ColorTriplet(1, 2, 3))


def test_sixteen_colours_leave_paper_to_the_terminal():
    """Only the hand and the clocks have a hue at sixteen colours."""
    palette = Palette(Name.DARK, Depth.ANSI)
    assert palette.native
    assert set(SIXTEEN) == {Hue.ACCENT, Hue.RISK, Hue.LATE}
    assert all(palette.colour(paper) == Color.default() for paper in Paper)


def test_without_colour_only_weight_is_left():
    """NO_COLOR and `--plain` get no colour code at all."""
    palette = Palette(Name.DARK, Depth.NONE)
    for ink in Ink:
        style = palette.style(ink, Paper.SELECT)
        assert style.color is None
        assert style.bgcolor is None


@pytest.mark.parametrize(
    ("system", "off", "depth"),
    [
        ("truecolor", False, Depth.TRUE),
        ("256", False, Depth.XTERM),
        ("standard", False, Depth.ANSI),
        ("windows", False, Depth.ANSI),
        (None, False, Depth.NONE),
        ("truecolor", True, Depth.NONE),
    ],
)
def test_depth_follows_the_terminal(*, system: str | None, off: bool, depth: Depth):
    """What the terminal can do decides the table."""
    assert depth_for(system, no_colour=off) is depth


@pytest.mark.parametrize(("name", "sign"), asdict(UNICODE).items())
def test_signs_are_one_cell_by_two_measures(name: str, sign: str):
    """Rich and wcwidth agree that a sign is one cell (two for the double tick)."""
    cells = 2 if name == "ticks" else 1
    assert cell_len(sign) == wcswidth(sign) == cells


@pytest.mark.parametrize(("name", "letter"), asdict(ASCII).items())
def test_letters_stand_in_cell_for_cell(name: str, letter: str):
    """Every sign has a letter of the same width for terminals that lack it."""
    assert letter.isascii()
    assert len(letter) == cell_len(getattr(UNICODE, name))


@pytest.mark.parametrize(
    "case",
    [
        {"plain": True},
        {"term": "linux"},
        {"encoding": "latin-1"},
        {"probe_cells": 2},
    ],
)
def test_terminals_without_signs_get_letters(case: dict[str, object]):
    """Plain mode, the console, other encodings and two-cell signs get letters."""
    usual = {"plain": False, "term": "xterm", "encoding": "UTF-8", "probe_cells": 1}
    assert glyphs_for(**usual) is UNICODE
    assert glyphs_for(**{**usual, **case}) is ASCII
