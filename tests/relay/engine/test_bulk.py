"""One order for all that a filter shows: counted first, done in slices, taken back as one."""

import asyncio
from pathlib import Path

import pytest
from tests.bodies import AT, message
from tests.fakes import HandClock
from tests.relay.engine.conftest import Bench, bench

from wainbox_relay.contract.bulk import Bulk, BulkDone
from wainbox_relay.contract.commands import Assign, Claim, Resolve, SetTags, WriteNote
from wainbox_relay.contract.filters import Viewer, parse, view
from wainbox_relay.contract.problems import Code, Refusal
from wainbox_relay.contract.vocabulary import AgentId, Status

JOB = "b" * 32


async def crowd(desk: Bench, size: int) -> None:
    for n in range(size):
        await desk.relay.intake.keep(message(f"wamid.{n}", at=AT + n, phone=f"9665000{n:05d}"))
    await desk.settles()


async def order(desk: Bench, command: object, *, expect: int, job: str = JOB) -> BulkDone:
    asked = Bulk(command_id=job, command=command, expect=expect, view="all")
    return await desk.relay.bulks.order(desk.agents["lina"], asked, view("all"))


async def test_everything_a_filter_shows_is_changed(desk: Bench) -> None:
    """The preview's number is what is done."""
    await crowd(desk, 12)
    found = await desk.relay.bulks.find(view("all"), Viewer(AgentId("lina")))
    done = await order(desk, Assign(agent=AgentId("nadia")), expect=len(found))
    assert (done.count, done.changed, done.said) == (12, 12, "12 of 12 changed.")
    assert {card.assignee for card in await desk.cards()} == {"nadia"}


async def test_more_than_the_preview_said_is_not_done(desk: Bench) -> None:
    """Nobody closes what they have not counted."""
    await crowd(desk, 3)
    with pytest.raises(Refusal) as refused:
        await order(desk, Resolve(sure=True), expect=2)
    assert refused.value.problem.code is Code.STALE
    assert "3 conversations now, not 2" in refused.value.problem.message
    assert len(await desk.cards()) == 3


async def test_row_67_all_of_it_is_taken_back_but_what_changed_since(desk: Bench) -> None:
    """And whoever counts can see what was left alone."""
    await crowd(desk, 5)
    await order(desk, Resolve(sure=True), expect=5)
    assert await desk.cards() == ()
    again = message("wamid.again", at=AT + 60, phone="966500000000")
    await desk.comes(again)
    back = await desk.relay.bulks.undo(desk.agents["lina"], JOB)
    assert (back.changed, back.said) == (4, "4 of 5 taken back; 1 changed since, left alone.")
    assert {card.status for card in await desk.cards()} == {Status.OPEN}


async def test_row_67_what_the_order_left_alone_is_not_said_to_have_changed(desk: Bench) -> None:
    """Of three one was tagged already: two were changed, and two are taken back."""
    await crowd(desk, 3)
    await desk.order("nadia", "W-1", SetTags(add=("late",)))
    assert (await order(desk, SetTags(add=("late",)), expect=3)).said == "2 of 3 changed."
    back = await desk.relay.bulks.undo(desk.agents["lina"], JOB)
    assert back.said == "2 of 2 taken back."


async def test_a_change_of_ones_own_in_between_is_no_part_of_it(desk: Bench) -> None:
    """Taking the order back undoes the order and nothing else."""
    await crowd(desk, 2)
    await order(desk, SetTags(add=("late",)), expect=2)
    await desk.order("nadia", "W-1", Claim())
    back = await desk.relay.bulks.undo(desk.agents["lina"], JOB)
    assert back.changed == 1
    tags = {card.ref: card.tags for card in await desk.cards()}
    assert tags == {"W-1": ("late",), "W-2": ()}


async def test_after_ten_minutes_it_stands(tmp_path: Path) -> None:
    clock = HandClock()
    async with bench(tmp_path, clock=clock) as desk:
        await crowd(desk, 1)
        await order(desk, Resolve(sure=True), expect=1)
        clock.pass_seconds(660)
        with pytest.raises(Refusal, match="too long ago"):
            await desk.relay.bulks.undo(desk.agents["lina"], JOB)


async def test_what_refuses_is_told_with_its_reason(desk: Bench) -> None:
    """The others are changed all the same."""
    await crowd(desk, 3)
    await desk.order("nadia", "W-2", WriteNote(body="keep this one"))
    done = await order(desk, Resolve(), expect=3)
    assert done.changed == 0
    assert "The customer spoke last" in done.said


async def test_the_same_order_again_is_told_and_not_done_twice(desk: Bench) -> None:
    await crowd(desk, 2)
    first = await order(desk, SetTags(add=("late",)), expect=2)
    version = {card.version for card in await desk.cards()}
    assert await order(desk, SetTags(add=("late",)), expect=0) == first
    assert {card.version for card in await desk.cards()} == version


async def test_a_relay_that_dies_in_the_middle_goes_on_where_it_was(
    tmp_path: Path,
) -> None:
    """Every conversation is changed once."""
    async with bench(tmp_path) as desk:
        await crowd(desk, 600)
        asked = asyncio.ensure_future(order(desk, SetTags(add=("late",)), expect=600))
        await desk.until(lambda: some_tagged(desk))
        asked.cancel()
    async with bench(tmp_path) as desk:
        await desk.until(lambda: all_tagged(desk))
        assert {card.version for card in await desk.cards()} == {2}


async def some_tagged(desk: Bench) -> bool:
    return any(card.tags for card in await desk.cards())


async def all_tagged(desk: Bench) -> bool:
    untagged = await desk.relay.bulks.find(parse("-tag:late"), Viewer(AgentId("lina")))
    return not untagged
