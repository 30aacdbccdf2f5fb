"""How a row of a pane is drawn: text at a cell, in an ink, on a paper; always as wide as the
pane, and never with a character that acts on a terminal.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Protocol, cast

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from wainbox_relay.contract.safe import Safe
from wainbox_tui.glyphs import UNICODE, Glyphs
from wainbox_tui.text.layout import Layout, Mode, layout, visual_row
from wainbox_tui.text.probe import Guard, guarded
from wainbox_tui.theme import Ink, Palette, Paper

EMPTY = Safe("")

ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What no segment may hold; the first gates are `clean()` at the relay and in `text`."""


@dataclass(frozen=True, slots=True)
class Look:
    """How this terminal shows things: colours, signs, the way Arabic is drawn and kept so, and the
    local zone."""

    palette: Palette = field(default_factory=Palette)
    glyphs: Glyphs = UNICODE
    mode: Mode = Mode.APP
    zone: tzinfo = UTC
    guard: Guard = Guard.NONE

    def row(self, text: Safe, width: int) -> str:
        """Foreign text as one visual row of at most `width` cells."""
        return visual_row(text, width, self.mode).text if width > 0 else ""

    def layout(self, text: Safe, width: int) -> Layout:
        return layout(text, max(1, width), self.mode)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def clock(self, at: datetime) -> str:
        return f"{self.local(at):%H:%M}"


class _HasLook(Protocol):
    look: Look


class Drawn(Widget):
    """A widget that draws its own rows in the app's look and keeps no children."""

    @property
    def look(self) -> Look:
        return cast(_HasLook, self.app).look

    def post_message(self, message: Message) -> bool:
        # Textual ends a message's way up at the pump that was active when it was made, which is
        # the screen's for whatever a key of the screen's causes.
        message.set_sender(self)
        return super().post_message(message)

    def on_hide(self, event: events.Hide) -> None:
        """Hidden, it leaves the keys to the screen. Textual would hand them to its neighbour, which
        may be a reply, and may do so late, when it is shown again and asks already."""
        event.prevent_default()
        hidden = not all(node.display for node in self.ancestors_with_self)
        if hidden and self.screen.focused is self:
            self.screen.set_focus(None)

    def band(self, paper: Paper = Paper.BASE) -> "Band":
        return Band(self.look, self.size.width, paper)

    def rule(self, tee: str = "", joints: Sequence[int] = ()) -> "Band":
        """A line across the whole width, with a tee at each wall between panes."""
        band = Band(self.look, self.size.width, ground=self.look.glyphs.rule)
        for joint in joints:
            band.put(joint, tee, Ink.RULE)
        return band


class Band:
    """One row being drawn. Text put over text already there gives way: the first one stands."""

    def __init__(
        self, look: Look, width: int, paper: Paper = Paper.BASE, ground: str = " "
    ) -> None:
        """`ground` stands wherever nothing is put; a rule, when it is not blank."""
        self.look = look
        self.width = width
        self.paper = paper
        self.ground = ground
        self._spans: list[tuple[int, int, str, Ink]] = []
        self._papers: list[tuple[int, int, Paper]] = []
        self._runs: list[tuple[str, Ink, Paper]] = []

    def put(self, x: int, text: str, ink: Ink = Ink.TEXT, limit: int | None = None) -> int:
        """Draws `text` from cell `x`, in at most `limit` cells; says where the next may begin."""
        room = self.width - x if limit is None else min(limit, self.width - x)
        size = cell_len(text)
        if size > room:
            text, size = set_cell_size(text, max(0, room)), max(0, room)
        if size and x >= 0:
            self._spans.append((x, size, text, ink))
        return x + size

    def right(self, end: int, text: str, ink: Ink = Ink.TEXT) -> int:
        """Draws `text` so that it ends before cell `end`; says where it begins."""
        x = max(0, end - cell_len(text))
        self.put(x, text, ink)
        return x

    def words(self, x: int, words: Iterable[tuple[Safe, Ink]], end: int) -> int:
        """Draws foreign words with two blanks between them, as many as fit whole before `end`; the
        first is cut where it must be."""
        start = x
        for word, ink in words:
            text = self.look.row(word, end - start)
            if x != start and x + cell_len(text) > end:
                break
            x = self.put(x, text, ink, end - x) + 2
        return x

    def lay(self, x: int, width: int, paper: Paper) -> None:
        """Gives some cells another paper."""
        self._papers.append((x, x + width, paper))

    def strip(self) -> Strip:
        self._runs.clear()
        at = 0
        for x, size, text, ink in sorted(self._spans, key=lambda span: span[0]):
            if x < at:
                continue
            self._blank(at, x)
            self._run(text, ink, self._paper_at(x))
            at = x + size
        self._blank(at, self.width)
        strip = Strip([self._segment(*run) for run in self._runs])
        if strip.cell_length != self.width:  # text that two measures disagree about
            strip = Strip(list(strip.adjust_cell_length(self.width)), self.width)
        return strip

    def _blank(self, start: int, end: int) -> None:
        """The ground, cut where the paper changes."""
        edges = {start, end}
        for left, right, _ in self._papers:
            edges.update(edge for edge in (left, right) if start < edge < end)
        cuts = sorted(edges)
        for left, right in pairwise(cuts):
            self._run(self.ground * (right - left), Ink.RULE, self._paper_at(left))

    def _run(self, text: str, ink: Ink, paper: Paper) -> None:
        """Joins what looks the same: every change of style costs a line to a slow terminal."""
        last = self._runs[-1] if self._runs else None
        if last and last[2] is paper and last[1] is not Ink.CARET:
            if ink is last[1] or text.isspace():
                self._runs[-1] = (last[0] + text, last[1], paper)
                return
            if last[0].isspace() and ink is not Ink.CARET:
                self._runs[-1] = (last[0] + text, ink, paper)
                return
        self._runs.append((text, ink, paper))

    def _paper_at(self, x: int) -> Paper:
        for left, right, paper in reversed(self._papers):
            if left <= x < right:
                return paper
        return self.paper

    def _segment(self, text: str, ink: Ink, paper: Paper) -> Segment:
        shown = guarded(gated(text, self.look.glyphs.cut), self.look.guard)
        return Segment(shown, self.look.palette.style(ink, paper))


def gated(text: str, cut: str = UNICODE.cut) -> str:
    """The last gate: whatever came this far, no acting character goes on."""
    if cut != UNICODE.cut:
        text = text.replace(UNICODE.cut, cut)
    return ACTING.sub("?", text) if ACTING.search(text) else text


class Wall(Drawn):
    """The one column between two panes."""

    DEFAULT_CSS = "Wall { width: 1; }"

    def render_line(self, y: int) -> Strip:
        band = self.band()
        band.put(0, self.look.glyphs.wall, Ink.RULE)
        return band.strip()
