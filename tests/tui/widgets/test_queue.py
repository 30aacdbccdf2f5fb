"""The queue with its cursor."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from tests.tui import pretend
from tests.tui.widgets.bench import Bench, lines
from tests.tui.widgets.reading import check, texts
from textual import events

from wainbox_relay.contract.views import ClockFace
from wainbox_relay.contract.vocabulary import Standing
from wainbox_tui.messages import Highlighted, Opened, RowsWanted
from wainbox_tui.widgets.draw import Look
from wainbox_tui.widgets.queue import CLOCK, QueueList
from wainbox_tui.widgets.row import Row, row_of

LOOK = Look(zone=pretend.ZONE)
DESK = pretend.desk()


class Source:
    """Many conversations, of which a stretch is loaded."""

    def __init__(self, ids: Sequence[int], loaded: range | None = None) -> None:
        self.ids = ids
        self.loaded = range(len(ids)) if loaded is None else loaded
        self.said: dict[int, str] = {}
        self.clocks: dict[int, ClockFace] = {}
        self.now = pretend.NOW

    @property
    def total(self) -> int:
        return len(self.ids)

    @property
    def standings(self) -> Sequence[int]:
        counts = [0] * len(Standing)
        counts[Standing.OURS] = len(self.ids)
        return counts

    def at(self, index: int) -> Row | None:
        if not 0 <= index < len(self.ids) or index not in self.loaded:
            return None
        identity = self.ids[index]
        card = pretend.card(
            identity,
            f"Customer {identity}",
            self.said.get(identity, "Hello"),
            clock=self.clocks.get(identity),
        )
        return row_of(card, DESK, self.now, LOOK)

    def index(self, identity: int) -> int | None:
        try:
            found = self.ids.index(identity)
        except ValueError:
            return None
        return found if found in self.loaded else None


@pytest.fixture
async def desk(request: pytest.FixtureRequest):
    size = getattr(request, "param", (80, 18))
    queue = QueueList()
    app = Bench(queue)
    async with app.run_test(size=size) as pilot:
        yield queue, app, pilot


async def test_the_cursor_moves_and_is_told(desk):
    """A move tells which conversation is under the hand; Enter opens it."""
    queue, app, pilot = desk
    queue.show(Source(range(1, 39)))
    queue.move(1)
    queue.move(2)
    queue.choose()
    await pilot.pause()
    assert [message.id for message in app.of(Highlighted)] == [2, 4]
    assert [message.id for message in app.of(Opened)] == [4]


async def test_the_cursor_stops_at_both_ends(desk):
    """Beyond the last row there is none."""
    queue, _, _ = desk
    queue.show(Source(range(1, 4)))
    queue.move(-1)
    assert queue.cursor_id == 1
    queue.move(99)
    assert queue.cursor_id == 3


async def test_the_cursor_stays_on_its_conversation(desk):
    """Whatever is sorted in above it, the hand is on the same customer, on the same line."""
    queue, _, _ = desk
    queue.show(Source(range(100, 140)))
    queue.go(7)
    line = next(n for n, row in enumerate(lines(queue)) if row.startswith("▌"))
    queue.show(Source([1, 2, 3, *range(100, 140)]))
    assert queue.cursor_id == 107
    assert queue.cursor == 10
    after = next(n for n, row in enumerate(lines(queue)) if row.startswith("▌"))
    assert after == line


async def test_a_conversation_that_left_leaves_the_place(desk):
    """The hand then lies on the row that took its place."""
    queue, _, _ = desk
    queue.show(Source([1, 2, 3, 4]))
    queue.go(1)
    queue.show(Source([1, 3, 4]))
    assert queue.cursor_id == 3
    queue.show(Source([]))
    assert queue.cursor_id is None
    assert "Nothing waits here." in lines(queue)[1]


async def test_the_view_jumps_half_a_page_at_the_edge(desk):
    """One key in many scrolls, not every key."""
    queue, _, _ = desk
    queue.show(Source(range(1, 200)))
    tops = []
    for _ in range(60):
        queue.move(1)
        tops.append(queue.top)
    jumps = [b - a for a, b in pairwise(tops) if b != a]
    assert len(jumps) <= 7
    assert min(jumps) >= 8


async def test_missing_rows_are_asked_for_once(desk):
    """Rows on their way are skeletons, and the whole stretch is asked for."""
    queue, app, pilot = desk
    source = Source(range(1, 1_000), loaded=range(20))
    queue.show(source)
    queue.go(500)
    queue.refresh()
    await pilot.pause()
    (wanted,) = app.of(RowsWanted)
    assert wanted.first <= 500 <= wanted.last
    assert "────" in lines(queue)[5]
    source.loaded = range(wanted.first, wanted.last + 1)
    queue.loaded()
    assert queue.cursor_id == 501
    assert "Customer 501" in " ".join(lines(queue))


async def test_a_changed_card_is_drawn_in_its_place(desk):
    """Words change where they stand; nothing moves."""
    queue, _, _ = desk
    source = Source(range(1, 30))
    queue.show(source)
    source.said[3] = "New words"
    queue.changed([3, 77])
    assert "New words" in lines(queue)[2]


async def test_time_redraws_only_what_it_changes(desk):
    """A tick without change draws nothing; a clock that goes on draws its own cells; an age that
    grows draws its row."""
    queue, _, pilot = desk
    source = Source(range(1, 30))
    source.clocks[3] = pretend.due(6)
    queue.show(source)
    await pilot.pause()
    lines(queue)
    drawn: list[tuple[int, int]] = []
    queue._repaint = lambda index, end=0: drawn.append((index, end))  # type: ignore[method-assign]
    queue.tick()
    assert drawn == []
    source.now = pretend.NOW + timedelta(seconds=2)
    queue.tick()
    assert drawn == [(2, CLOCK)]
    lines(queue)
    drawn.clear()
    source.now = pretend.NOW + (pretend.NOW - pretend.ago(minutes=1))
    queue.tick()
    assert len(drawn) == 18


@pytest.mark.parametrize("desk", [(40, 20)], indirect=True)
async def test_beside_other_panes_rows_are_two_lines_under_headings(desk):
    """Heading with its count, then rows."""
    queue, _, _ = desk
    queue.show(Source(range(1, 30)))
    shown = lines(queue)
    assert shown[0] == " Our turn" + " " * 28 + "29"
    assert shown[1].startswith("▌• Customer 1")
    assert shown[2].startswith("▌  Hello")


async def test_a_click_opens_what_was_clicked(desk):
    """The mouse does what Enter does."""
    queue, app, pilot = desk
    queue.show(Source(range(1, 30)))
    await pilot.click(queue, offset=(10, 5))
    await pilot.pause()
    assert [message.id for message in app.of(Opened)] == [6]


async def test_the_wheel_scrolls_and_leaves_the_hand(desk):
    """Looking is not choosing."""
    queue, _, pilot = desk
    queue.show(Source(range(1, 100)))
    await pilot._post_mouse_events([events.MouseScrollDown], queue, offset=(5, 5))
    assert queue.top == 3
    assert queue.cursor == 0


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (20, 5), (59, 9), (60, 9), (500, 200)])
async def test_any_size_is_survived(desk, size: tuple[int, int]):
    """Rows fill the pane exactly at every size, and the hand stays where it was."""
    queue, _, pilot = desk
    queue.show(Source(range(1, 300)))
    queue.go(150)
    await pilot.resize_terminal(*size)
    await pilot.pause()
    for y in range(queue.size.height):
        check(queue.render_line(y), queue.size.width)
    await pilot.resize_terminal(80, 18)
    await pilot.pause()
    assert queue.cursor_id == 151
    assert any(row.startswith("▌") for row in lines(queue))


async def test_a_wider_pane_is_painted_in_its_own_grid(desk):
    """What the terminal shows after a resize is what the widget would draw."""
    queue, app, pilot = desk
    queue.show(Source(range(1, 100)))
    for size in ((40, 18), (80, 18), (36, 18)):
        await pilot.resize_terminal(*size)
        await pilot.pause()
        painted = app.screen._compositor.render_strips(app.size)
        assert texts(painted) == lines(queue)


async def test_a_hundred_thousand_rows_are_drawn_like_ten(desk):
    """Only rows on the screen are asked of the source."""
    queue, _, _ = desk

    class Counting(Source):
        asked = 0

        def at(self, index: int) -> Row | None:
            Counting.asked += 1
            return super().at(index)

        def index(self, identity: int) -> int | None:
            return identity - 1

    queue.show(Counting(range(1, 100_001)))
    queue.end()
    lines(queue)
    assert Counting.asked < 200
    assert queue.cursor_id == 100_000
