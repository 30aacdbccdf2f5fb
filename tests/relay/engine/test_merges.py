"""Row 66: two customers become one, and for ten minutes two again, on a real file."""

import pytest
from tests.bodies import AT, envelope, message, text, value
from tests.relay.engine.conftest import Bench

from wainbox_relay.contract.commands import (
    Claim,
    Command,
    MergeCustomer,
    Resolve,
    SetTags,
    SetVip,
    Snooze,
    Undo,
    WriteNote,
)
from wainbox_relay.contract.problems import Refusal
from wainbox_relay.contract.vocabulary import SECOND
from wainbox_relay.engine.present import instant

OLD, YOUNG, THIRD = "212600000001", "212600000002", "212600000003"
ELSEWHERE = "555"
KEPT = (
    "SELECT * FROM customers ORDER BY id",
    "SELECT * FROM threads ORDER BY id",
    "SELECT * FROM identities ORDER BY customer",
    "SELECT id, thread, conversation, customer FROM entries ORDER BY id",
    """SELECT id, thread, customer, merged_into, status, assignee, team, flags, tags, priority,
    waiting_since, last_id, last_in, last_in_at, last_out, unread, snoozed_until, resolved_at,
    resolver, last_owner, sort_key, clocks, undo IS NULL FROM conversations ORDER BY id""",
    "SELECT tag, conversation FROM conversation_tags ORDER BY tag, conversation",
    "SELECT * FROM people_texts ORDER BY customer",
    "SELECT * FROM merged_parts",
)


async def kept(desk: Bench) -> list[list[object]]:
    """All that a merge may move."""
    return [list(await desk.relay.stores.main_writer.rows(sql)) for sql in KEPT]


def elsewhere(wamid: str, phone: str, at: int = AT) -> bytes:
    """The same person on a number that nobody configured."""
    return envelope(value([text(wamid, "aussi ici", at, phone)], phone=phone, number=ELSEWHERE))


async def two(desk: Bench) -> None:
    """W-1 is the older customer's. The younger one's W-2 is over, W-3 is tagged and asleep; they
    have a thread on another number too."""
    await desk.comes(message("wamid.1", "where is it?", phone=OLD))
    await desk.comes(message("wamid.2", "hello", phone=YOUNG))
    await desk.order("nadia", "W-2", Resolve(sure=True))
    desk.clock.pass_seconds(4 * 86_400)
    await desk.comes(message("wamid.3", "it is me again", AT + 4 * 86_400, YOUNG))
    await desk.comes(elsewhere("wamid.4", YOUNG))
    until = instant(desk.clock.now() + 3_600 * SECOND)
    await desk.order("nadia", "W-3", SetTags(add=("parcel",)))
    await desk.order("samir", "W-1", Claim())
    await desk.order("nadia", "W-3", Snooze(until=until, sure=True))
    # What could be undone before a merge cannot afterwards; a note ends that here already.
    await desk.order("nadia", "W-1", WriteNote(body="the same?"))
    await desk.order("nadia", "W-3", WriteNote(body="the same?"))


@pytest.mark.parametrize(
    ("into", "other", "over"),
    [("W-1", "W-3", ()), ("W-3", "W-1", ()), ("W-1", "W-3", ("W-1",)), ("W-1", "W-3", ("W-3",))],
)
async def test_a_merge_taken_back_leaves_nothing_of_itself(
    desk: Bench, into: str, other: str, over: tuple[str, ...]
) -> None:
    """From whichever side, whatever was resolved: people, threads, cases, messages and places in
    the queue are as they were, and each customer's next message finds their own case."""
    await two(desk)
    for ref in over:
        await desk.order("nadia", ref, Resolve(sure=True))
        await desk.order("nadia", ref, WriteNote(body="over"))
    before = await kept(desk)
    await desk.order("nadia", into, MergeCustomer(other=other))
    assert await kept(desk) != before
    assert (await desk.order("nadia", "W-1", Undo())).said == "Undone: merge."
    assert await kept(desk) == before

    await desk.comes(message("wamid.5", "and now?", AT + 4 * 86_400 + 60, YOUNG))
    await desk.comes(message("wamid.6", "hello?", AT + 4 * 86_400 + 60, OLD))
    assert [e.text for e in (await desk.thread("W-3")).entries][-1] == "and now?"
    assert [e.text for e in (await desk.thread("W-1")).entries][-1] == "hello?"


async def test_who_was_merged_before_stays_with_whom_they_were_merged(desk: Bench) -> None:
    """A third person who is the younger one goes with the younger one again."""
    await desk.comes(message("wamid.7", "third", phone=THIRD))
    await desk.comes(message("wamid.8", "younger", phone=YOUNG))
    await desk.order("nadia", "W-2", MergeCustomer(other="W-1"))
    await desk.order("nadia", "W-1", WriteNote(body="sure"))
    await desk.comes(message("wamid.9", "older", phone=OLD))
    before = await kept(desk)
    await desk.order("nadia", "W-3", MergeCustomer(other="W-1"))
    await desk.order("nadia", "W-1", Undo())
    assert await kept(desk) == before


@pytest.mark.parametrize(
    "then",
    [
        message("wamid.10", "one more thing", AT + 5 * 86_400, OLD),
        message("wamid.10", "one more thing", AT + 5 * 86_400, YOUNG),
        elsewhere("wamid.10", OLD),
        elsewhere("wamid.10", YOUNG),
        SetTags(add=("gift",)),
        SetVip(vip=True),
        WriteNote(body="well"),
    ],
    ids=["older", "younger", "older elsewhere", "younger elsewhere", "tag", "vip", "note"],
)
async def test_what_happened_since_keeps_a_merge(desk: Bench, then: bytes | Command) -> None:
    """A word of either on any number, or anything done here, and it is refused with a sentence."""
    await two(desk)
    await desk.order("nadia", "W-1", MergeCustomer(other="W-3"))
    if isinstance(then, bytes):
        await desk.comes(then)
    else:
        await desk.order("nadia", "W-1", then)
    merged = await kept(desk)
    if isinstance(then, SetTags):
        await desk.order("nadia", "W-1", Undo())
    with pytest.raises(Refusal, match=r"happened since|nothing to undo"):
        await desk.order("nadia", "W-1", Undo())
    now = await kept(desk)
    assert [now[n] for n in (0, 1, 7)] == [merged[n] for n in (0, 1, 7)]


async def test_after_ten_minutes_a_merge_stays(desk: Bench) -> None:
    """Too long ago; and the case that was merged away says where to go on."""
    await two(desk)
    await desk.order("nadia", "W-3", MergeCustomer(other="W-1"))
    with pytest.raises(Refusal, match="go on in W-1"):
        await desk.order("nadia", "W-3", Undo())
    desk.clock.pass_seconds(601)
    with pytest.raises(Refusal, match="too long ago"):
        await desk.order("nadia", "W-1", Undo())
