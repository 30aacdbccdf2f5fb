"""The clock of what was promised, at an instant: its sign, its words and their ink.

Words follow from the moment they are drawn at, so a clock goes on while nothing is heard.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wainbox_tui.glyphs import Glyphs
from wainbox_tui.text.durations import clock
from wainbox_tui.theme import Ink

if TYPE_CHECKING:
    from wainbox_relay.contract.views import ClockFace


@dataclass(frozen=True, slots=True)
class Face:
    """`pressing` when it is at risk or late."""

    glyph: str
    word: str
    ink: Ink

    @property
    def pressing(self) -> bool:
        return self.ink in (Ink.RISK, Ink.LATE)


def face_of(of: "ClockFace | None", now: datetime, g: Glyphs) -> Face | None:
    """`due 6:20`, `late 2:05`, or `missed` where it stands still; None when nothing is promised."""
    if of is None:
        return None
    if of.due is None:
        return Face(g.late, "missed", Ink.LATE) if of.missed else None
    left = of.due - now
    if left <= timedelta(0):
        return Face(g.late, f"late {clock(-left)}", Ink.LATE)
    word = f"due {clock(left)}"
    return Face(g.at_risk, word, Ink.RISK) if of.at_risk else Face(g.dot, word, Ink.DIM)
