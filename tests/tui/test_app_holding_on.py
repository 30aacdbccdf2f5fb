"""U3 and U4: any size of terminal, and a queue that moves under the hand."""

import asyncio
import gc
import random

import pytest
from tests.tui.seat import Seat

WAYS = random.Random(4711)
SIZES = [
    (0, 0),
    (1, 1),
    (20, 5),
    (500, 200),
    *((WAYS.randint(1, 250), WAYS.randint(1, 90)) for _ in range(200)),
]


@pytest.mark.timeout(300)
async def test_any_size_leaves_the_hand_where_it_was(nadia: Seat):
    """U3: 204 sizes while customers write and a reply is in hand: no exception, the same
    selection, the same draft."""
    people = [await nadia.customer(f"Person{n}", "hello") for n in range(12)]
    await nadia.press("g", "n", "j", "j", "j", "enter")
    await nadia.until("Reply")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("draft")
    chosen, opened = nadia.app.inbox.queue.cursor_id, nadia.app.desk_state.open.conversation
    for n, (width, height) in enumerate(SIZES):
        if n % 6 == 0:
            await people[n % 12].writes(f"line {n}")
        await nadia.resize(width, height)
        if height:  # of no size at all nothing is painted
            await nadia.until(lambda rows=height - 1: nadia.screen.count("\n") == rows)
    await nadia.resize(120, 40)
    assert nadia.app.inbox.queue.cursor_id == chosen
    assert nadia.app.desk_state.open.conversation == opened
    assert nadia.app.inbox.composer.text == "draft"
    await nadia.until("│ draft")


async def test_a_reply_goes_where_it_was_begun(nadia: Seat):
    """U4: the queue is shown anew, the case goes to a colleague and the cursor stands elsewhere
    between the first key and Enter; the customer who was named gets it, nobody else."""
    sara = await nadia.customer("Sara", "first")
    omar = await nadia.customer("Omar", "second")
    await nadia.command("goto W-1")
    await nadia.until("Reply")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("for Sara")
    desk = nadia.home.desk("lina")
    await desk.does("W-2", "priority", priority="urgent")
    await desk.does("W-1", "assign", agent="samir")
    await omar.writes("third")
    nadia.app.do("show_new")
    await nadia.until("given to Samir")
    queue, cards = nadia.app.inbox.queue, nadia.app.desk_state.cards.values()
    omars = next(card.id for card in cards if card.ref == "W-2")
    queue.go(queue.source.index(omars))
    assert queue.cursor_id == omars
    await asyncio.sleep(0.5)
    await nadia.press("enter")
    await nadia.home.box.until(lambda: sara.received)
    assert sara.received[-1].text == "for Sara"
    assert not omar.received


async def test_a_reply_to_a_case_that_was_closed_asks_or_goes_there(nadia: Seat):
    """U4: a colleague resolved it meanwhile; what was typed never reaches another customer."""
    sara = await nadia.reads("Sara")
    omar = await nadia.customer("Omar", "second")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("for Sara")
    await nadia.home.desk("lina").does("W-1", "resolve", sure=True)
    await nadia.until("resolved by Lina")
    await asyncio.sleep(0.5)
    await nadia.press("enter")
    await nadia.until(lambda: sara.received or nadia.app.inbox.composer.text == "for Sara")
    assert not omar.received


async def test_the_cursor_stays_on_its_conversation(nadia: Seat):
    """Whatever comes, the row under the cursor is the one that `c` takes."""
    await nadia.customer("Sara", "first")
    await nadia.until("Sara")
    await nadia.home.desk("lina").does("W-1", "priority", priority="low")
    await nadia.customer("Omar", "second")
    await nadia.until("+1 new")
    await nadia.press("g", "n")
    await nadia.until("Omar")
    await nadia.press("c")
    await nadia.until("#W-1 is yours")


async def test_garbage_is_looked_for_from_the_first_news_on(nadia: Seat):
    """A start looks for none, the first event ends that, and what was loaded is left out of it."""
    gc.disable()
    try:
        await nadia.customer("Sara", "first")
        await nadia.until("Sara")
        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.enable()
        gc.unfreeze()
