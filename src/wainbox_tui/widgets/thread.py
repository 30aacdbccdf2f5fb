"""The conversation: everything said on one number with one customer, newest at the bottom.

Only what is near the view is laid out, however long the thread; the rest is laid out as it is
scrolled to. The view holds on to the entry it shows while others come, grow or are fetched.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.geometry import Region
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import Delivery, Direction
from wainbox_tui.messages import EntryChosen, EntrySelected, OlderWanted
from wainbox_tui.state import DeskState
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.bubble import MARGIN, Told, drawn
from wainbox_tui.widgets.customer import STATUS_WORDS
from wainbox_tui.widgets.draw import Band, Drawn, Look
from wainbox_tui.widgets.row import Hand, agent_name

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Case, Entry

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHUNK = 16
"""Entries laid out at a time."""
FAR = 8
"""Pages from the view beyond which nothing stays laid out: it takes memory, and little time to lay
out again."""

Place = tuple[datetime, int]


def place(entry: "Entry") -> Place:
    return entry.at, entry.id


@dataclass(frozen=True, slots=True)
class Before:
    """What stands between an entry and the one above it."""

    day: datetime | None = None
    case: "Case | None" = None
    blank: bool = True
    tight: bool = False
    """An event line stands directly under what is above it."""


def before(
    entry: "Entry", above: "Entry | None", cases: Mapping[str, "Case"], look: Look
) -> Before:
    """Day lines, case boundaries and blank rows; pure."""
    event = entry.direction is Direction.EVENT
    if above is None:
        return Before(day=look.local(entry.at), blank=False, tight=event)
    ended = cases.get(above.case) if above.case != entry.case else None
    local = look.local(entry.at)
    day = local if local.date() != look.local(above.at).date() else None
    run = event and above.direction is Direction.EVENT and not (day or ended)
    return Before(day, ended, blank=not run, tight=event)


def between(gap: Before, width: int, look: Look, told: Told) -> list[Strip]:
    """The rows above an entry."""
    empty = Band(look, width).strip()
    rows: list[Strip] = [empty] if gap.blank else []
    if gap.case:
        rows += [_boundary(gap.case, width, look, told.desk), empty]
    if gap.day:
        rows.append(_day(gap.day, look.local(told.now), width, look))
        rows += [] if gap.tight else [empty]
    return rows


def _boundary(case: "Case", width: int, look: Look, desk: DeskState) -> Strip:
    """`── #W-0911 refund, resolved 3 Nov by Lina ────`."""
    words = f"#{clean(case.ref)} {clean(case.outcome)}".rstrip() + f", {STATUS_WORDS[case.status]}"
    if case.resolved_at:
        at = look.local(case.resolved_at)
        words += f" {at.day} {at:%b}"
    if case.resolver:
        words += f" by {agent_name(case.resolver, desk)}"
    band = Band(look, width)
    x = band.put(MARGIN, look.glyphs.rule * 2, Ink.RULE) + 1
    x = band.put(x, look.row(Safe(words), width - MARGIN - 4 - x), Ink.DIM) + 1
    band.put(x, look.glyphs.rule * max(0, width - MARGIN - x), Ink.RULE)
    return band.strip()


def _day(day: datetime, today: datetime, width: int, look: Look) -> Strip:
    words = f"{day:%A} {day.day} {day:%B}"
    if day.year != today.year:
        words += f" {day.year}"
    days = (today.date() - day.date()).days
    words = {0: f"Today, {words}", 1: f"Yesterday, {words}"}.get(days, words)
    band = Band(look, width)
    band.put(max(MARGIN, (width - cell_len(words)) // 2), words, Ink.WORD)
    return band.strip()


@dataclass(slots=True)
class Block:
    """An entry laid out: the rows above it, then its own."""

    entry: "Entry"
    gap: Before
    above: list[Strip]
    rows: list[Strip]

    @property
    def height(self) -> int:
        return len(self.above) + len(self.rows)


class ThreadView(Drawn, can_focus=True):
    """Entries with a cursor among them (`selected`). Posts `OlderWanted`, `EntrySelected` and
    `EntryChosen`."""

    DEFAULT_CSS = "ThreadView { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.conversation = 0
        self.selected: int | None = None
        self.below = 0
        """Entries that came while the view was further up."""
        self._entries: list[Entry] = []
        self._cases: dict[str, Case] = {}
        self._more = False
        self._asked = False
        self._told = Told(DeskState(), EPOCH)
        self._blocks: list[Block] = []
        self._first = 0
        self._ends: list[int] = []
        self._top = 0
        self._following = True
        self._keys_here = False
        self._laid_for: tuple[int, Look] | None = None

    # -- what it shows

    def show(
        self,
        conversation: int,
        entries: "Sequence[Entry]",
        cases: "Iterable[Case]",
        *,
        more: bool,
        told: Told,
    ) -> None:
        """Takes a thread, or more of the one it shows; `entries` are in order."""
        other = conversation != self.conversation
        self.conversation = conversation
        self._entries = list(entries)
        self._cases = {case.ref: case for case in cases}
        self._more, self._told, self._asked = more, told, False
        if other:
            self.selected, self._following, self.below = None, True, 0
        self._lay(at=None if other or self._following else self._anchor())

    def clear(self) -> None:
        self.show(0, (), (), more=False, told=self._told)

    def put(self, entries: "Iterable[Entry]", told: Told) -> None:
        """Some entries are new or changed."""
        self._told = told
        for entry in entries:
            known = self._index(entry.id, place(entry))
            if known is None:
                self._insert(entry)
            else:
                self._entries[known] = entry
                self._redraw(known)
        self._settle()

    def tick(self, now: datetime, *, writing: bool = False) -> None:
        """Time passed, or the keys went elsewhere: what counts down is drawn again."""
        self._told = replace(self._told, now=now, writing=writing)
        for n, block in enumerate(self._blocks):
            if block.entry.delivery is Delivery.HELD:
                self._redraw(self._first + n)

    def _index(self, identity: int, at: Place) -> int | None:
        """Where an entry is; a few moved in time, so those near are not the only ones asked."""
        guess = bisect_right(self._entries, at, key=place) - 1
        if guess >= 0 and self._entries[guess].id == identity:
            return guess
        return next((n for n, e in enumerate(self._entries) if e.id == identity), None)

    def _insert(self, entry: "Entry") -> None:
        """Lays out one entry more, where it belongs."""
        newest = not self._entries or place(entry) > place(self._entries[-1])
        at_end = self._first + len(self._blocks) == len(self._entries)
        insort(self._entries, entry, key=place)
        if not newest:
            self._lay(at=None if self._following else self._anchor())
            return
        if not self._following and entry.direction is not Direction.EVENT:
            self.below += 1
        if at_end:
            self._blocks.append(self._block(len(self._entries) - 1))
            self._measure()
        if self._following:
            self._top = self._lowest()
        self.refresh()

    def _redraw(self, index: int) -> None:
        """Draws a changed entry in place, and only its rows when its height stays."""
        n = index - self._first
        if not 0 <= n < len(self._blocks):
            return
        old = self._blocks[n]
        anchor = None if self._following else self._anchor()
        fresh = self._blocks[n] = self._block(index)
        if fresh.height == old.height:
            self._repaint(n)
            return
        self._measure()
        self._return_to(anchor)
        self.refresh()

    # -- laying out

    def _block(self, index: int) -> Block:
        entry = self._entries[index]
        above = self._entries[index - 1] if index else None
        width = self.size.width
        gap = before(entry, above, self._cases, self.look)
        hand = Hand(entry.id == self.selected, self._keys_here)
        rows = drawn(entry, width, self.look, self._told, hand)
        return Block(entry, gap, between(gap, width, self.look, self._told), rows)

    def _lay(self, at: "tuple[int, int] | None") -> None:
        """Begins anew around an anchor (an entry and its line on the screen), or at the end."""
        self._blocks, self._ends, self._top = [], [], 0
        self._laid_for = (self.size.width, self.look)
        last = len(self._entries)
        self._first = last
        if at is not None:
            known = next((n for n, e in enumerate(self._entries) if e.id == at[0]), None)
            self._first = last if known is None else known
            at = None if known is None else at
        if self.size.width and self.size.height:
            self._return_to(at)
            self._settle()
        self.refresh()

    def _measure(self) -> None:
        self._ends = list(accumulate(block.height for block in self._blocks))

    @property
    def _height(self) -> int:
        """One blank row keeps the newest entry off the composer."""
        return self._ends[-1] + 1 if self._ends else 0

    def _lowest(self) -> int:
        """The top line when the newest entry stands on the composer; negative leaves room above."""
        return self._height - self.size.height

    def _more_above(self) -> bool:
        """Lays out a chunk above; false when there is none."""
        if self._first == 0:
            return False
        start = max(0, self._first - CHUNK)
        fresh = [self._block(index) for index in range(start, self._first)]
        self._blocks[:0] = fresh
        self._first = start
        self._top += sum(block.height for block in fresh)
        self._measure()
        return True

    def _more_below(self) -> bool:
        end = self._first + len(self._blocks)
        if end == len(self._entries):
            return False
        upto = min(len(self._entries), end + CHUNK)
        self._blocks.extend(self._block(index) for index in range(end, upto))
        self._measure()
        return True

    def _settle(self) -> None:
        """Lays out a page beyond both edges of the view, and keeps the view within the thread."""
        if not (self.size.width and self.size.height):
            return
        page = self.size.height
        while self._top < page and self._more_above():
            pass
        while self._height - self._top < 2 * page and self._more_below():
            pass
        self._top = min(max(self._top, min(0, self._lowest())), self._lowest())
        at_end = self._first + len(self._blocks) == len(self._entries)
        self._following = at_end and self._top >= self._lowest()
        if self._following:
            self.below = 0
        self._forget(FAR * page)
        if self._first == 0 and self._top < page and self._more and not self._asked:
            self._asked = True
            oldest = self._entries[0].id if self._entries else 0
            self.post_message(OlderWanted(self.conversation, oldest))

    def _forget(self, far: int) -> None:
        """Lets go of what is laid out so many rows from the view."""
        below = bisect_right(self._ends, self._top + self.size.height + far) + 1
        above = bisect_right(self._ends, self._top - far)
        if above == 0 and below >= len(self._blocks):
            return
        self._top -= self._ends[above - 1] if above else 0
        self._blocks = self._blocks[above:below]
        self._first += above
        self._measure()

    def _anchor(self) -> "tuple[int, int] | None":
        """The first entry that begins in the view, and the line it begins on."""
        for n, block in enumerate(self._blocks):
            y = self._start(n) + len(block.above) - self._top
            if y >= 0:
                return block.entry.id, y
        return None

    def _return_to(self, anchor: "tuple[int, int] | None") -> None:
        if anchor is None:
            while self._height < 2 * self.size.height and self._more_above():
                pass
            self._top = self._lowest()
            return
        while not any(block.entry.id == anchor[0] for block in self._blocks):
            if not self._more_below():
                break
        for n, block in enumerate(self._blocks):
            if block.entry.id == anchor[0]:
                self._top = self._start(n) + len(block.above) - anchor[1]

    def _start(self, n: int) -> int:
        return self._ends[n] - self._blocks[n].height

    # -- where the hand is

    def move(self, by: int) -> None:
        """Moves the cursor among entries that can be acted upon; at first into those in view."""
        index = self._next(by)
        if index is None:
            return
        old, self.selected = self.selected, self._entries[index].id
        self._recolour(old)
        self._recolour(self.selected)
        self._bring(index)
        self.post_message(EntrySelected(self.selected))

    def leave(self) -> None:
        """Takes the cursor off the entries."""
        if self.selected is not None:
            old, self.selected = self.selected, None
            self._recolour(old)
            self.post_message(EntrySelected(None))

    def choose(self) -> None:
        if self.selected is not None:
            self.post_message(EntryChosen(self.selected))

    def scroll_lines(self, by: int) -> None:
        before_ = self._top
        self._top += by
        self._settle()
        if self._top != before_:
            self.refresh()

    def page(self, by: int) -> None:
        self.scroll_lines(by * max(1, self.size.height - 2))

    def end(self) -> None:
        self._lay(at=None)

    def top(self) -> None:
        """To the oldest entry that is loaded."""
        if self._entries:
            self._following = False
            self._lay(at=(self._entries[0].id, 0))
            self._top = min(0, self._lowest())
            self._settle()

    def _next(self, by: int) -> int | None:
        step = 1 if by > 0 else -1
        at = self._selected_index()
        index = self._outside(step) if at is None else at
        left = abs(by)
        found = at
        while left and 0 <= index + step < len(self._entries):
            index += step
            if self._entries[index].direction is not Direction.EVENT:
                found, left = index, left - 1
        return found if found != at else None

    def _outside(self, step: int) -> int:
        """The entry from which a step leads into the view: below it going up, above it going
        down; at the end of the thread always below."""
        if step < 0 or self._following:
            return self._first + bisect_right(self._ends, self._top + self.size.height)
        anchor = self._anchor()
        seen = (n for n, block in enumerate(self._blocks) if anchor and block.entry.id == anchor[0])
        return self._first + next(seen, 0) - 1

    def _selected_index(self) -> int | None:
        if self.selected is None:
            return None
        return next(
            (
                n
                for n in reversed(range(len(self._entries)))
                if self._entries[n].id == self.selected
            ),
            None,
        )

    def _recolour(self, identity: int | None) -> None:
        for n, block in enumerate(self._blocks):
            if block.entry.id == identity:
                self._blocks[n] = self._block(self._first + n)
                self._repaint(n)

    def _bring(self, index: int) -> None:
        """Scrolls by half a page when an entry is outside the view."""
        if not self._first <= index < self._first + len(self._blocks):
            self._lay(at=(self._entries[index].id, self.size.height // 2))
            return
        n = index - self._first
        start, end = self._start(n), self._ends[n]
        if start >= self._top and end <= self._top + self.size.height:
            return
        half = self.size.height // 2
        self._top = start - half if start < self._top else end - self.size.height + half // 2
        self._settle()
        self.refresh()

    def _repaint(self, n: int) -> None:
        rows = Region(0, self._start(n) - self._top, self.size.width, self._blocks[n].height)
        if visible := rows.intersection(self.size.region):
            self.refresh(visible)

    # -- drawing

    def render_line(self, y: int) -> Strip:
        if self._laid_for != (self.size.width, self.look):
            self._lay(at=None if self._following else self._anchor())
        line = self._top + y
        if not 0 <= line < self._height - 1:
            return self.band().strip()
        n = bisect_right(self._ends, line)
        block = self._blocks[n]
        into = line - self._start(n)
        return (block.above + block.rows)[into]

    def on_resize(self) -> None:
        self._lay(at=None if self._following else self._anchor())

    def on_focus(self) -> None:
        self._keys_here = True
        self._recolour(self.selected)

    def on_blur(self) -> None:
        self._keys_here = False
        self._recolour(self.selected)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_lines(-3)

    def on_click(self, event: events.Click) -> None:
        line = self._top + event.y
        if 0 <= line < self._height - 1:
            index = self._first + bisect_right(self._ends, line)
            if self._entries[index].direction is not Direction.EVENT:
                old, self.selected = self.selected, self._entries[index].id
                self._recolour(old)
                self._recolour(self.selected)
                self.post_message(EntrySelected(self.selected))
