"""The conversation as it is read."""

from datetime import timedelta

import pytest
from tests.tui import pretend
from tests.tui.widgets.bench import Bench, lines
from tests.tui.widgets.reading import check, text

from wainbox_relay.contract.vocabulary import Delivery, Direction, Kind
from wainbox_tui.messages import EntryChosen, EntrySelected, OlderWanted
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.bubble import Told
from wainbox_tui.widgets.thread import ThreadView

TOLD = Told(pretend.desk(), pretend.NOW)


def many(count: int, words: str = "message"):
    return [
        pretend.entry(f"{words} {n}", at=pretend.ago(minutes=count - n), arrived_at=pretend.NOW)
        for n in range(count)
    ]


@pytest.fixture
async def desk(request: pytest.FixtureRequest):
    thread = ThreadView()
    app = Bench(thread)
    async with app.run_test(size=getattr(request, "param", (50, 20))) as pilot:
        yield thread, app, pilot


def show(thread: ThreadView, entries, *, more: bool = False, cases=()) -> None:
    thread.show(4, entries, cases, more=more, told=TOLD)


async def test_the_newest_stands_at_the_bottom(desk):
    """Spare room is at the top, one blank row below the newest."""
    thread, _, _ = desk
    show(thread, [pretend.entry("Hello", at=pretend.at(9, 2))])
    shown = lines(thread)
    assert shown[-1] == ""
    assert shown[-2] == "  ▏ Hello  09:02"
    assert shown[-4].strip() == "Today, Sunday 22 November"
    assert not any(shown[:-4])


async def test_cases_and_days_are_read_in_one_scroll(desk):
    """Earlier cases stand above, with words for where they end."""
    thread, _, pilot = desk
    await pilot.resize_terminal(50, 40)
    entries, cases = pretend.conversation()
    show(thread, entries, cases=cases)
    shown = lines(thread)
    ended = next(
        n for n, row in enumerate(shown) if "#W-0911 refund, resolved 3 Nov by Lina" in row
    )
    today = next(n for n, row in enumerate(shown) if "Today" in row)
    assert any("Tuesday 3 November" in row for row in shown[:ended])
    assert ended < today


async def test_a_long_thread_lays_out_only_what_is_near(desk):
    """Twenty thousand messages open like twenty."""
    thread, _, _ = desk
    show(thread, many(20_000))
    assert len(thread._blocks) <= 200
    assert "message 19999" in lines(thread)[-2]


async def test_scrolling_lays_out_as_it_goes(desk):
    """Every message is met once, in order, on the way up."""
    thread, _, _ = desk
    show(thread, many(300))
    seen: list[str] = []
    for _ in range(200):
        seen = [row for row in lines(thread) if row not in seen] + seen
        before = thread._top, thread._first
        thread.page(-1)
        if (thread._top, thread._first) == before:
            break
    text = " ".join(seen)
    assert all(f"message {n} " in text for n in range(300))


async def test_older_pages_are_asked_for_at_the_top(desk):
    """Once, and again when they have come."""
    thread, app, pilot = desk
    entries = many(60)
    show(thread, entries[30:], more=True)
    thread.page(-3)
    thread.page(-3)
    await pilot.pause()
    (wanted,) = app.of(OlderWanted)
    assert (wanted.id, wanted.entry) == (4, entries[30].id)
    top = lines(thread)[3:8]
    show(thread, entries, more=True)
    assert lines(thread)[3:8] == top
    thread.page(-9)
    thread.page(-9)
    await pilot.pause()
    assert [w.entry for w in app.of(OlderWanted)] == [entries[30].id, entries[0].id]


async def test_a_new_message_is_seen_at_the_bottom(desk):
    """Who follows the conversation sees it come."""
    thread, _, _ = desk
    entries = many(40)
    show(thread, entries)
    thread.put([pretend.entry("just now", at=pretend.NOW)], TOLD)
    assert "just now" in lines(thread)[-2]
    assert thread.below == 0


async def test_a_new_message_moves_nothing_above(desk):
    """Who reads further up goes on reading; it is counted."""
    thread, _, _ = desk
    show(thread, many(80))
    thread.page(-2)
    before = lines(thread)
    thread.put([pretend.entry("just now", at=pretend.NOW)], TOLD)
    assert lines(thread) == before
    assert thread.below == 1
    thread.end()
    assert thread.below == 0


async def test_a_tick_changes_in_place(desk):
    """Delivered, read: the same rows, new words."""
    thread, _, _ = desk
    mine = pretend.ours("Hi", delivery=Delivery.SENT, at=pretend.NOW)
    show(thread, [*many(30), mine])
    assert "✓ sent" in lines(thread)[-2]
    thread.put([mine.model_copy(update={"delivery": Delivery.READ})], TOLD)
    assert "✓✓ read" in lines(thread)[-2]


async def test_growth_above_keeps_what_is_read(desk):
    """A reaction further up does not move the lines one reads."""
    thread, _, _ = desk
    entries = many(60)
    show(thread, entries)
    thread.page(-1)
    before = lines(thread)
    grown = entries[2].model_copy(update={"text": "one\ntwo\nthree"})
    thread.put([grown], TOLD)
    assert lines(thread) == before


async def test_a_late_message_goes_where_it_belongs(desk):
    """Order is by the time it was written."""
    thread, _, _ = desk
    entries = many(10)
    show(thread, entries)
    between = pretend.entry("in between", at=entries[8].at + timedelta(seconds=1))
    thread.put([between], TOLD)
    shown = [row for row in lines(thread) if "▏" in row]
    assert ["in between" in row for row in shown[-3:]] == [False, True, False]


async def test_the_hand_moves_among_messages(desk):
    """From the newest upwards, past event lines; Enter chooses."""
    thread, app, pilot = desk
    event = pretend.entry("given to Nadia", direction=Direction.EVENT, kind=Kind.EVENT,
                          content=None, at=pretend.ago(seconds=30))  # fmt: skip
    entries = [*many(5), event]
    show(thread, entries)
    thread.move(-1)
    assert thread.selected == entries[4].id
    thread.move(-1)
    thread.choose()
    thread.leave()
    await pilot.pause()
    assert [m.entry for m in app.of(EntryChosen)] == [entries[3].id]
    assert [m.entry for m in app.of(EntrySelected)] == [entries[4].id, entries[3].id, None]
    assert not any(row.startswith("▌") for row in lines(thread))


async def test_the_bar_says_who_has_the_keys(desk):
    """In the accent while the thread has them, quiet while it has not."""
    thread, app, pilot = desk
    show(thread, many(3))
    app.set_focus(None)
    thread.move(-1)
    palette = app.look.palette
    for focused, ink in ((False, Ink.FILL), (True, Ink.ACCENT), (False, Ink.FILL)):
        app.set_focus(thread if focused else None)
        await pilot.pause()
        row = next(s for y in range(20) if text(s := thread.render_line(y)).startswith("▌"))
        assert next(iter(row)).style == palette.style(ink)


async def test_the_chosen_message_is_always_in_sight(desk):
    """The view follows the hand, up and down, through the whole thread."""
    thread, _, _ = desk
    show(thread, many(120))
    for step in [-1] * 119 + [1] * 119:
        thread.move(step)
        assert any(row.startswith("▌") for row in lines(thread))
    assert "message 119" in " ".join(lines(thread))


@pytest.mark.parametrize("step", [-1, 1])
async def test_the_hand_comes_to_what_one_reads(desk, step: int):
    """However far up the view is, the first key chooses in it and moves nothing: from below the
    last message that is whole, from above the first."""
    thread, _, _ = desk
    show(thread, many(600))
    thread.page(-9)
    before = lines(thread)
    thread.move(step)
    assert [row.replace("▌", " ") for row in lines(thread)] == before
    assert "message" in before[-1]
    whole = [n for n, row in enumerate(before[:-1]) if "message" in row]
    chosen = next(n for n, row in enumerate(lines(thread)) if row.startswith("▌"))
    assert chosen == whole[0 if step > 0 else -1]


async def test_the_hand_has_nowhere_to_come_from_below_the_end(desk):
    """At the end nothing is further down."""
    thread, _, _ = desk
    show(thread, many(60))
    thread.move(1)
    assert thread.selected is None


async def test_what_was_chosen_is_returned_to(desk):
    """Far away by now, and not laid out any more."""
    thread, _, _ = desk
    show(thread, many(600))
    thread.move(-1)
    thread.top()
    thread.move(-1)
    assert any(row.startswith("▌") and "message 598" in row for row in lines(thread))


async def test_what_is_far_from_the_view_is_let_go(desk):
    """Reading up for long keeps no more laid out than reading a little, and on the way down all
    of it is there again. What comes meanwhile is counted and moves nothing."""
    thread, _, _ = desk
    show(thread, many(2_000))
    for _ in range(150):
        thread.page(-1)
        assert len(thread._blocks) < 250
    before = lines(thread)
    thread.put([pretend.entry("just now", at=pretend.NOW)], TOLD)
    assert lines(thread) == before
    assert thread.below == 1
    seen = before
    while thread.below:
        thread.page(1)
        seen = seen + [row for row in lines(thread) if row not in seen]
        assert len(thread._blocks) < 250
    first = next(int(row.split("message ")[1].split()[0]) for row in before if "message" in row)
    text = " ".join(seen)
    assert all(f"message {n} " in text for n in range(first, 2_000))
    assert "just now" in lines(thread)[-2]


async def test_top_and_end(desk):
    """Both ends are one key away."""
    thread, _, _ = desk
    show(thread, many(5_000))
    thread.top()
    assert "message 0 " in " ".join(lines(thread))
    assert len(thread._blocks) < 200
    thread.end()
    assert "message 4999" in lines(thread)[-2]


async def test_a_held_message_counts_down(desk):
    """The seconds move while it can be taken back."""
    thread, _, _ = desk
    held = pretend.ours("Hi", delivery=Delivery.HELD, at=pretend.NOW,
                        leaves_at=pretend.NOW + timedelta(seconds=3))  # fmt: skip
    show(thread, [*many(3), held])
    assert "leaves in 3 s" in " ".join(lines(thread))
    thread.tick(pretend.NOW + timedelta(seconds=2))
    assert "leaves in 1 s" in " ".join(lines(thread))


async def test_a_resize_keeps_what_is_read(desk):
    """The first message in view is still the first one after any width."""
    thread, _, pilot = desk
    show(thread, many(200, "a somewhat longer message that wraps in a narrow pane number"))
    thread.page(-4)
    await pilot.pause()
    anchor = thread._anchor()
    for width in (30, 120, 50):
        await pilot.resize_terminal(width, 20)
        await pilot.pause()
    assert thread._anchor() is not None
    assert anchor is not None
    assert abs(thread._anchor()[0] - anchor[0]) <= 1


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 5), (500, 200)])
async def test_any_size_is_survived(desk, size: tuple[int, int]):
    """Rows fill the pane exactly at every size."""
    thread, _, pilot = desk
    entries, cases = pretend.conversation()
    show(thread, entries + pretend.states(), cases=cases)
    await pilot.resize_terminal(*size)
    await pilot.pause()
    for y in range(thread.size.height):
        check(thread.render_line(y), thread.size.width)
    thread.move(-3)
    thread.page(-1)
    thread.end()


async def test_another_thread_begins_at_its_end(desk):
    """Nothing of the last conversation stays: no hand, no place."""
    thread, _, _ = desk
    show(thread, many(90))
    thread.move(-5)
    thread.page(-2)
    thread.show(5, many(50, "other"), (), more=False, told=TOLD)
    assert thread.selected is None
    assert "other 49" in lines(thread)[-2]
    thread.clear()
    assert not any(lines(thread))
