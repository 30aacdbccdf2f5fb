"""What is promised, on cards and in sentences."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.bodies import message
from tests.relay.domain.playbook import clock
from tests.relay.engine.conftest import Bench, bench

from wainbox_relay.contract.commands import Claim, Snooze
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, ConversationId, Flag, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Clock, Target
from wainbox_relay.engine.promised import sentence, span
from wainbox_relay.engine.story import Line, Names
from wainbox_relay.engine.story import sentence as told

FIRST = Clock(
    Target.FIRST,
    "main",
    5 * MINUTE,
    clock("10:15"),
    since=clock("10:15"),
    risk=clock("10:18:45"),
    due=clock("10:20"),
)
DUE = "Tue 1 Dec 10:20 UTC, 5 min in the business hours of main"
WHOLE = Clock(Target.RESOLUTION, "", 24 * HOUR, clock("10:15"), used=90 * MINUTE)


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (FIRST, f"First response due {DUE}"),
        (
            replace(FIRST, at_risk=True),
            f"First response due {DUE}; at risk since Tue 1 Dec 10:18 UTC",
        ),
        (replace(FIRST, at_risk=True, missed=True), f"First response missed, was due {DUE}"),
        (replace(FIRST, since=None, risk=None, due=None), ""),
        (WHOLE, "Resolution paused, 1 h 30 min used of 1 d"),
        (replace(WHOLE, allowed=0), ""),
    ],
)
def test_a_clock_is_one_sentence(of: Clock, said: str) -> None:
    """When, how long, in which hours, and how it stands; nothing of what is over."""
    assert sentence(of) == said


def test_a_miss_says_whose_it_was() -> None:
    """And by how much the message was late, where it was."""
    data = {"target": "first", "agent": "nadia", "due": clock("10:20"), "late_by": 3 * HOUR}
    line = Line(1, ConversationId(1), Moment(0), "wainbox", "overdue", data)
    assert told(line, Names(agents={"nadia": "Nadia"})) == (
        "first response missed, was due Tue 1 Dec 10:20 UTC, Nadia's; the message came 3 h late"
    )


def test_lengths_are_short() -> None:
    """Two units at most."""
    assert [span(n) for n in (0, 90 * MINUTE, 26 * HOUR + 1)] == ["0 s", "1 h 30 min", "1 d 2 h"]


async def test_a_card_shows_what_falls_due_next(desk: Bench) -> None:
    """The response before the resolution; its marks as alarms ring; and `why` says the same."""
    await desk.comes(message("wamid.1"))
    card = await desk.card()
    assert card.clock is not None
    assert card.waiting_since is not None
    assert (card.clock.target, card.clock.due) == (
        "first",
        card.waiting_since + timedelta(minutes=5),
    )
    desk.clock.pass_seconds(4 * 60)
    await desk.relay.alarms.ring()
    assert Flag.SLA_AT_RISK in (await desk.card()).flags
    desk.clock.pass_seconds(60)
    await desk.relay.alarms.ring()
    card = await desk.card()
    assert card.clock is not None
    assert (card.clock.at_risk, card.clock.missed) == (True, True)
    assert Flag.SLA_MISSED in card.flags
    assert Flag.SLA_AT_RISK not in card.flags
    why = await desk.relay.stores.reads.why(1)
    assert why is not None
    assert [each.what for each in why if each.what in ("at_risk", "overdue", "clock")] == [
        "at_risk",
        "overdue",
        "clock",
        "clock",
    ]


async def test_moments_are_told_in_the_shops_zone(tmp_path: Path) -> None:
    """In the conversation and in `why`, for what was due and for what is put aside: nobody who
    works in Cairo should have to think of Greenwich."""
    async with bench(tmp_path, zone="Africa/Cairo") as desk:
        await desk.comes(message("wamid.1"))
        desk.clock.pass_seconds(5 * 60)
        await desk.relay.alarms.ring()
        tomorrow = datetime.fromtimestamp(desk.clock.now() // SECOND, UTC) + timedelta(days=1)
        await desk.order("nadia", "W-1", Claim())
        await desk.order("nadia", "W-1", Snooze(until=tomorrow, sure=True))
        due, until = "Wed 18 Nov 13:11 Cairo", "put aside until Thu 19 Nov 13:11 Cairo by Nadia"
        told = [entry.text for entry in (await desk.thread()).entries]
        assert any(f"first response missed, was due {due}" in text for text in told)
        assert until in told
        why = [each.sentence for each in await desk.relay.stores.reads.why(1) or ()]
        assert any(f"was due {due}" in sentence for sentence in why)
        assert until in why
        assert not [each for each in (*told, *why) if "UTC" in each]


async def test_an_alarm_that_cannot_be_decided_is_forgotten(desk: Bench) -> None:
    """One for a conversation that is not there fails its burst; the others ring all the same."""
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", Claim())
    row = (ConversationId(999), "sla", desk.clock.now())
    await desk.relay.inbox.amend(lambda slice_: slice_.out.wakes.append(row))
    desk.clock.pass_seconds(6 * 60)
    await desk.relay.alarms.ring()
    assert Flag.SLA_MISSED in (await desk.card()).flags
    later = Moment(desk.clock.now() + HOUR)
    left = await desk.relay.inbox.ask(lambda store: store.due_alarms(later, 10))
    assert [reason for conversation, reason, _ in left if conversation == 999] == []
