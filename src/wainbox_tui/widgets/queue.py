"""The queue: as many rows as the relay has, drawn by the line, so that its cost is that of the
screen. The cursor is bound to a conversation, never to a place.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from textual import events
from textual.geometry import Region
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe
from wainbox_relay.contract.vocabulary import Standing
from wainbox_tui.messages import Highlighted, Opened, RowsWanted
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Drawn
from wainbox_tui.widgets.row import ONE_LINE, Hand, Row, one_line, skeleton, two_lines

HEADINGS: dict[Standing, str] = {
    Standing.ESCALATED: "Escalated",
    Standing.AFTER_HOURS: "After hours",
    Standing.MISSED: "Missed",
    Standing.AT_RISK: "At risk",
    Standing.OURS: "Our turn",
    Standing.BOT: "With the bot",
    Standing.THEIRS: "On customer",
    Standing.ASLEEP: "Snoozed and resolved",
}


CLOCK = 13
"""Cells at the end of a row's first line that hold the word, `late 23h 46m` at the longest."""


class RowSource(Protocol):
    """What the queue shows. `standings` counts the rows by class, in order; empty means that the
    order says nothing about class, and no headings stand."""

    @property
    def total(self) -> int: ...

    @property
    def standings(self) -> Sequence[int]: ...

    def at(self, index: int) -> Row | None:
        """The row at a place; None while it is not loaded."""
        ...

    def index(self, identity: int) -> int | None: ...


class NoRows:
    """Before anything is known."""

    total = 0
    standings: Sequence[int] = ()

    def at(self, index: int) -> Row | None:
        return None

    def index(self, identity: int) -> int | None:
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """What stands on a line: line `part` of row `index`, else a heading, else nothing."""

    index: int | None = None
    part: int = 0
    heading: Standing | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rows `first` to `first + count` of one standing; `line` is its heading's, or its first row's
    where there are no headings."""

    standing: Standing | None
    first: int
    count: int
    line: int


def _only_clock(old: Row, new: Row) -> bool:
    """Whether nothing differs but a clock, which takes as many cells as before."""
    known = replace(old, word=new.word, clock=new.clock)
    return known == new and len(old.word + old.clock) == len(new.word + new.clock)


class QueueLayout:
    """Which line shows what, by arithmetic on the counts of the classes; pure."""

    def __init__(self, total: int, standings: Sequence[int], height: int) -> None:
        """`height` is lines a row; a queue of two-line rows has headings."""
        self.total = total
        self.row_height = height
        self.groups = self._grouped(standings) if height > 1 and any(standings) else []
        if not self.groups:
            self.groups = [Group(None, 0, total, 0)]

    def _grouped(self, standings: Sequence[int]) -> list[Group]:
        groups: list[Group] = []
        first = line = 0
        present = [n for n, count in enumerate(standings) if count > 0]
        for standing in present:
            left = self.total - first
            count = left if standing == present[-1] else min(standings[standing], left)
            if count > 0:
                groups.append(Group(Standing(standing), first, count, line))
                first += count
                line += 2 + count * self.row_height
        return groups

    @property
    def height(self) -> int:
        last = self.groups[-1]
        return self._rows_at(last) + last.count * self.row_height

    def line(self, index: int) -> int:
        """The first line of a row."""
        group = self.group(index)
        return self._rows_at(group) + (index - group.first) * self.row_height

    def group(self, index: int) -> Group:
        return next(g for g in reversed(self.groups) if g.first <= index or g is self.groups[0])

    def at(self, line: int) -> Place:
        group = next(g for g in reversed(self.groups) if g.line <= line or g is self.groups[0])
        into = line - self._rows_at(group)
        if into < 0:
            return Place(heading=group.standing) if line == group.line else Place()
        index, part = divmod(into, self.row_height)
        if index >= group.count:
            return Place()
        return Place(group.first + index, part)

    def _rows_at(self, group: Group) -> int:
        return group.line + (group.standing is not None)


class QueueList(Drawn, can_focus=True):
    """Rows of conversations with a cursor. The screen calls `move`, `go`, `choose`; the widget
    posts `Highlighted`, `Opened` and `RowsWanted`."""

    DEFAULT_CSS = "QueueList { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.source: RowSource = NoRows()
        self.empty = Safe("Nothing waits here.")
        self.cursor = 0
        self.cursor_id: int | None = None
        self.top = 0
        self._plan = QueueLayout(0, (), 1)
        self._drawn: dict[int, Row | None] = {}
        self._asked: tuple[int, int] | None = None

    # -- what it shows

    def show(self, source: RowSource) -> None:
        """Takes a new order of rows. The cursor stays on its conversation, and on its line."""
        before = self._cursor_line() - self.top
        self.source = source
        found = source.index(self.cursor_id) if self.cursor_id is not None else None
        self.cursor = max(0, min(self.cursor if found is None else found, source.total - 1))
        self._bind()
        self._replan()
        self.top = self._cursor_line() - before
        self._asked = None
        self._settle()
        self.refresh()

    def changed(self, ids: Collection[int]) -> None:
        """Some conversations have new cards: their rows are drawn again."""
        for identity in ids:
            index = self.source.index(identity)
            if index is not None:
                self._repaint(index)

    def loaded(self) -> None:
        """Rows that were asked for have come."""
        self._asked = None
        self._bind()
        for index in [index for index, row in self._drawn.items() if row is None]:
            self._repaint(index)
        self._want()

    def tick(self) -> None:
        """Time passed: rows whose words moved are drawn again, and no others. Where only a clock
        went on, only its place is."""
        for index in self._visible():
            old, new = self._drawn.get(index), self.source.at(index)
            if old != new:
                self._repaint(index, CLOCK if old and new and _only_clock(old, new) else 0)

    # -- where the hand is

    def move(self, by: int) -> None:
        self.go(self.cursor + by)

    def page(self, by: int) -> None:
        self.move(by * max(1, self.size.height // self._plan.row_height - 1))

    def go(self, index: int) -> None:
        """Puts the cursor on a row. At an edge the view jumps by half a page."""
        index = max(0, min(index, self.source.total - 1))
        if self.source.total == 0 or index == self.cursor:
            return
        old, self.cursor = self.cursor, index
        self._bind()
        if self._shown(index):
            self._repaint(old)
            self._repaint(index)
        else:
            self.top = self._cursor_line() - self.size.height // 2
            self._settle()
            self.refresh()
        self._announce()

    def go_to(self, identity: int) -> bool:
        """Puts the cursor on a conversation, if it is among the rows."""
        index = self.source.index(identity)
        if index is not None:
            self.go(index)
        return index is not None

    def end(self) -> None:
        self.go(self.source.total - 1)

    def choose(self) -> None:
        if self.cursor_id is not None:
            self.post_message(Opened(self.cursor_id))

    def _bind(self) -> None:
        row = self.source.at(self.cursor)
        if row is not None:
            self.cursor_id = row.id
        elif self.cursor_id is not None and self.source.index(self.cursor_id) != self.cursor:
            self.cursor_id = None

    def _announce(self) -> None:
        if self.cursor_id is not None:
            self.post_message(Highlighted(self.cursor_id))

    # -- lines

    def _replan(self) -> None:
        height = 1 if self.size.width >= ONE_LINE else 2
        self._plan = QueueLayout(self.source.total, self.source.standings, height)

    def _cursor_line(self) -> int:
        return self._plan.line(self.cursor)

    def _shown(self, index: int) -> bool:
        y = self._plan.line(index) - self.top
        room = self.size.height
        return not room or (y >= 0 and y + self._plan.row_height <= room)

    def _settle(self) -> None:
        """Keeps the view within the rows and asks for those that miss."""
        self.top = max(0, min(self.top, self._plan.height - self.size.height))
        if self.top and self._plan.at(self.top).index == 0:
            self.top = 0
        self._drawn.clear()
        self._want()

    def _visible(self) -> range:
        if self.source.total == 0 or self.size.height <= 0:
            return range(0)
        on = range(self.top, min(self.top + self.size.height, self._plan.height))
        indexes = [at.index for at in map(self._plan.at, on) if at.index is not None]
        return range(indexes[0], indexes[-1] + 1) if indexes else range(0)

    def _want(self) -> None:
        missing = [index for index in self._visible() if self.source.at(index) is None]
        if missing and self._asked != (missing[0], missing[-1]):
            self._asked = (missing[0], missing[-1])
            self.post_message(RowsWanted(*self._asked))

    def _repaint(self, index: int, end: int = 0) -> None:
        """Draws a row again, or the last `end` cells of its first line."""
        y, width = self._plan.line(index) - self.top, self.size.width
        rows = Region(0, y, width, self._plan.row_height)
        if end:
            rows = Region(max(0, width - end), y, min(end, width), 1)
        visible = rows.intersection(self.size.region)
        if visible:
            self.refresh(visible)

    def render_line(self, y: int) -> Strip:
        if self.source.total == 0:
            return self._vacant(y)
        at = self._plan.at(self.top + y)
        if at.heading is not None:
            return self._heading(at.heading)
        return self.band().strip() if at.index is None else self._row(at.index, at.part)

    def _row(self, index: int, part: int) -> Strip:
        row = self._drawn[index] = self.source.at(index)
        hand = Hand(index == self.cursor, self.has_focus)
        width = self.size.width
        if row is None:
            return self.band().strip() if part else skeleton(width, self.look, hand)
        if self._plan.row_height == 1:
            return one_line(row, width, self.look, hand)
        under = self._plan.group(index).standing
        return two_lines(row, width, self.look, hand, under)[part]

    def _heading(self, standing: Standing) -> Strip:
        band = self.band()
        band.put(1, HEADINGS[standing], Ink.DIM)
        count = next(g.count for g in self._plan.groups if g.standing is standing)
        band.right(self.size.width - 1, str(count), Ink.DIM)
        return band.strip()

    def _vacant(self, y: int) -> Strip:
        band = self.band()
        if y == 1:
            band.put(3, self.look.row(self.empty, self.size.width - 4), Ink.DIM)
        return band.strip()

    # -- what happens to it

    def on_resize(self) -> None:
        before = self._cursor_line() - self.top
        self._replan()
        lowest = max(0, self.size.height - self._plan.row_height)
        self.top = self._cursor_line() - max(0, min(before, lowest))
        self._settle()
        self.refresh()
        self.refresh()

    def on_focus(self) -> None:
        self._repaint(self.cursor)

    def on_blur(self) -> None:
        self._repaint(self.cursor)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)

    def _scroll(self, by: int) -> None:
        before = self.top
        self.top += by
        self._settle()
        if self.top != before:
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        index = self._plan.at(self.top + event.y).index
        if index is not None and index < self.source.total:
            self.go(index)
            self.choose()
