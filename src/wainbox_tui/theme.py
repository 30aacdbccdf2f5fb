"""Every colour Wainbox shows, by role: no other module names a hue.

Three themes, each in the depths terminals have: 24-bit, the fixed part of the xterm palette (what
ssh usually leaves), the terminal's own sixteen, and none. `docs/design.md` section 9 has the roles.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from functools import lru_cache

from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme


class Paper(StrEnum):
    """What text stands on."""

    BASE = "base"
    RAISED = "raised"
    OURS = "ours"
    SELECT = "select"


class Hue(StrEnum):
    """What text and lines are drawn in."""

    STRONG = "strong"
    TEXT = "text"
    DIM = "dim"
    ACCENT = "accent"
    RISK = "risk"
    LATE = "late"
    FILL = "fill"
    RULE = "rule"
    TRACK = "track"


class Ink(Enum):
    """A way to write: a hue and its weight. `WORD` is a state that is no clock; `CARET` is drawn
    the other way round."""

    STRONG = auto()
    TEXT = auto()
    WORD = auto()
    NOTE = auto()
    DIM = auto()
    ACCENT = auto()
    HAND = auto()
    RISK = auto()
    LATE = auto()
    FILL = auto()
    RULE = auto()
    TRACK = auto()
    CARET = auto()


WEIGHTS: Mapping[Ink, tuple[Hue, dict[str, bool]]] = {
    Ink.STRONG: (Hue.STRONG, {"bold": True}),
    Ink.TEXT: (Hue.TEXT, {}),
    Ink.WORD: (Hue.TEXT, {"bold": True}),
    Ink.NOTE: (Hue.TEXT, {"italic": True}),
    Ink.DIM: (Hue.DIM, {}),
    Ink.ACCENT: (Hue.ACCENT, {}),
    Ink.HAND: (Hue.ACCENT, {"bold": True}),
    Ink.RISK: (Hue.RISK, {"bold": True}),
    Ink.LATE: (Hue.LATE, {"bold": True}),
    Ink.FILL: (Hue.FILL, {}),
    Ink.RULE: (Hue.RULE, {}),
    Ink.TRACK: (Hue.TRACK, {}),
    Ink.CARET: (Hue.ACCENT, {"reverse": True}),
}


class Name(StrEnum):
    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"


class Depth(StrEnum):
    TRUE = "truecolor"
    XTERM = "256"
    ANSI = "16"
    NONE = "none"


COLUMNS: tuple[Paper | Hue, ...] = (*Paper, *Hue)


def _table(row: str) -> dict[Paper | Hue, str]:
    return dict(zip(COLUMNS, row.split(), strict=True))


# base raised ours select | strong text dim accent risk late fill rule track
TABLES: Mapping[tuple[Name, Depth], Mapping[Paper | Hue, str]] = {
    (Name.DARK, Depth.TRUE): _table(
        "#111318 #1b1e26 #1c2840 #252b38"
        " #f3f5f9 #c8cdd8 #8f97a8 #84b4ff #e9b257 #ff857c #9aa3b5 #2f3541 #3a4150"
    ),
    (Name.LIGHT, Depth.TRUE): _table(
        "#fcfcfb #f0f1f4 #e2ebfc #e4e8f1"
        " #14161b #33373f #5c6370 #1d55c4 #855300 #b3221c #6b7280 #d3d7de #cfd4dc"
    ),
    (Name.CONTRAST, Depth.TRUE): _table(
        "#000000 #161616 #00204d #2b2b2b"
        " #ffffff #ffffff #d6d6d6 #7cc4ff #ffd75f #ff9d94 #ffffff #9a9a9a #6f6f6f"
    ),
    (Name.DARK, Depth.XTERM): _table(
        "#121212 #262626 #00005f #303030"
        " #ffffff #d0d0d0 #9e9e9e #87afff #d7af5f #ff8787 #a8a8a8 #444444 #4e4e4e"
    ),
    (Name.LIGHT, Depth.XTERM): _table(
        "#ffffff #eeeeee #d7d7ff #eeeeee"
        " #000000 #3a3a3a #585858 #005faf #875f00 #af0000 #767676 #d0d0d0 #c6c6c6"
    ),
    (Name.CONTRAST, Depth.XTERM): _table(
        "#000000 #1c1c1c #00005f #303030"
        " #ffffff #ffffff #d7d7d7 #87d7ff #ffd75f #ffafaf #ffffff #9e9e9e #767676"
    ),
}
SIXTEEN: Mapping[Paper | Hue, int] = {Hue.ACCENT: 6, Hue.RISK: 3, Hue.LATE: 1}
"""At sixteen colours paper and ink are the terminal's own; edges carry what fill carried."""


@dataclass(frozen=True)
class Palette:
    """The colours of one theme at one depth."""

    name: Name = Name.DARK
    depth: Depth = Depth.TRUE

    @property
    def native(self) -> bool:
        """Whether the terminal's own colours are used, which Textual must then leave alone."""
        return self.depth in (Depth.ANSI, Depth.NONE)

    def colour(self, role: Paper | Hue) -> Color | None:
        """None where the terminal gets no word of colour at all."""
        match self.depth:
            case Depth.NONE:
                return None
            case Depth.ANSI:
                number = SIXTEEN.get(role)
                return Color.default() if number is None else Color.from_ansi(number)
            case Depth.XTERM:
                return _xterm(TABLES[self.name, Depth.XTERM][role])
            case Depth.TRUE:
                return Color.parse(TABLES[self.name, Depth.TRUE][role])

    def style(self, ink: Ink, paper: Paper = Paper.BASE) -> Style:
        return _style(self, ink, paper)


@lru_cache(512)
def _style(palette: Palette, ink: Ink, paper: Paper) -> Style:
    hue, weight = WEIGHTS[ink]
    return Style(color=palette.colour(hue), bgcolor=palette.colour(paper), **weight)  # type: ignore[arg-type]  # only bold, italic and reverse


def _xterm(code: str) -> Color:
    """A colour that already is one of the 256, so that nobody rounds it to a neighbour."""
    triplet = ColorTriplet(*(int(code[at : at + 2], 16) for at in (1, 3, 5)))
    return Color(code, ColorType.EIGHT_BIT, xterm_number(triplet), triplet)


CUBE = (0, 95, 135, 175, 215, 255)


def xterm_number(triplet: ColorTriplet) -> int:
    """Which of the fixed 256 this is; ValueError when it is none."""
    if len(set(triplet)) == 1 and triplet[0] not in CUBE:
        return 232 + range(8, 239, 10).index(triplet[0])
    red, green, blue = (CUBE.index(part) for part in triplet)
    return 16 + 36 * red + 6 * green + blue


def textual_theme(palette: Palette) -> Theme:
    """The same for Textual, which fills what our widgets do not draw."""
    name = f"wainbox-{palette.name}-{palette.depth}"
    dark = palette.name is not Name.LIGHT
    if palette.native:
        return replace(BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"], name=name)
    table = TABLES[palette.name, palette.depth]
    return Theme(
        name=name,
        primary=table[Hue.ACCENT],
        accent=table[Hue.ACCENT],
        warning=table[Hue.RISK],
        error=table[Hue.LATE],
        foreground=table[Hue.TEXT],
        background=table[Paper.BASE],
        surface=table[Paper.RAISED],
        panel=table[Paper.RAISED],
        dark=dark,
    )


def depth_for(colour_system: str | None, *, no_colour: bool) -> Depth:
    """The depth to draw in, from what Rich found the terminal to be."""
    if no_colour or colour_system is None:
        return Depth.NONE
    return {"truecolor": Depth.TRUE, "256": Depth.XTERM}.get(colour_system, Depth.ANSI)
