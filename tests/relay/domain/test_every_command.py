"""Every command, in every state of a conversation, by every role: it works or it is refused with a
sentence; nothing raises and nothing of the customer's is repeated."""

from datetime import UTC, datetime
from itertools import product
from typing import get_args

import pytest
from tests.relay.domain.playbook import (
    BOSS,
    GROUP,
    KARIM,
    LEILA,
    RETURNS,
    WALL,
    Playbook,
    clock,
    sid,
)

from wainbox_relay.contract import commands as ask
from wainbox_relay.contract.content import Image, MediaFile, Text
from wainbox_relay.contract.vocabulary import Delivery, EntryId, Priority, Status

SECRET = "Zarqa parcel"
NOON = datetime.fromtimestamp(clock("20:00") / 1_000_000, UTC)

COMMANDS = [
    ask.Claim(),
    ask.Claim(take_over=True),
    ask.Next(),
    ask.SetManager(agent=KARIM),
    ask.SetManager(agent="nobody"),
    ask.SetManager(),
    ask.Release(),
    ask.Assign(),
    ask.Assign(agent=KARIM),
    ask.Assign(agent="nobody"),
    ask.Assign(agent=WALL),
    ask.Assign(team=RETURNS),
    ask.Assign(team="nowhere"),
    ask.Assign(agent=LEILA, team=RETURNS),
    ask.Reply(content=Text(body="Hello")),
    ask.Reply(content=Text(body="Hello"), seen=EntryId(1), hold_ms=3000, then="resolved"),
    ask.Reply(content=Image(file=MediaFile(media_id="m")), then="open"),
    ask.SendTemplate(name="hello", language="ar"),
    ask.React(entry=EntryId(1), emoji="👍"),
    ask.SendNow(sid=sid("r1")),
    ask.Withdraw(sid=sid("r1")),
    ask.Resend(sid=sid("r1"), after=1),
    ask.MarkArrived(sid=sid("r1")),
    ask.Leave(sid=sid("r1")),
    ask.WriteNote(body="@karim look"),
    ask.WriteNote(body=" "),
    ask.SetTags(add=("vip",)),
    ask.SetTags(add=("vip",), customer=True),
    ask.SetPriority(priority=Priority.URGENT),
    ask.SetLanguage(language="ar-Latn"),
    ask.SetVip(vip=True),
    ask.SetComplex(reason="three parcels"),
    ask.SetComplex(reason=" "),
    ask.SetComplex(complex=False),
    ask.Reopen(),
    ask.Wait(),
    ask.Snooze(until=NOON),
    ask.Snooze(until=NOON, sure=True),
    ask.Snooze(until=datetime(2020, 1, 1, tzinfo=UTC)),
    ask.Resolve(),
    ask.Resolve(sure=True, outcome="solved"),
    ask.Resolve(outcome="no such outcome"),
    ask.Escalate(reason="a lost parcel"),
    ask.Acknowledge(),
    ask.Undo(),
    ask.MarkSpam(),
    ask.Block(reason="threats"),
    ask.Block(reason=" "),
    ask.Unblock(),
    ask.MergeCustomer(other="W-1"),
    ask.MarkRead(),
    ask.Seen(),
]


def fresh() -> Playbook:
    day = Playbook()
    day.says("10:00", SECRET)
    return day


def owned() -> Playbook:
    day = fresh()
    day.ask("10:01", LEILA, ask.Claim())
    return day


def answered() -> Playbook:
    day = owned()
    day.sends("10:02", LEILA, "r1")
    return day


def doubtful() -> Playbook:
    day = owned()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    day.doubts("10:03", "r1")
    return day


def held() -> Playbook:
    day = owned()
    day.replies("10:02", LEILA, "r1", hold_ms=3000)
    return day


def failed() -> Playbook:
    day = answered()
    day.reports("10:04", "wa-r1", Delivery.FAILED)
    assert day.entry("r1").delivery is Delivery.FAILED
    return day


def with_bot() -> Playbook:
    day = Playbook()
    day.says("10:00", SECRET, source="standby")
    return day


def snoozed() -> Playbook:
    day = answered()
    day.ask("10:05", LEILA, ask.Snooze(until=NOON))
    return day


def resolved() -> Playbook:
    day = answered()
    day.ask("10:05", LEILA, ask.Resolve())
    return day


def spam() -> Playbook:
    day = fresh()
    day.ask("10:05", LEILA, ask.MarkSpam())
    return day


def in_a_group() -> Playbook:
    day = Playbook(group=GROUP)
    day.says("10:00", SECRET)
    return day


def archived() -> Playbook:
    day = Playbook()
    day.says("10:00", SECRET, source="history")
    return day


def paused() -> Playbook:
    day = owned()
    day.pause("token refused")
    return day


STATES = [
    fresh,
    owned,
    answered,
    doubtful,
    held,
    failed,
    with_bot,
    snoozed,
    resolved,
    spam,
    in_a_group,
    archived,
    paused,
]


def test_no_command_is_forgotten():
    """The table above holds every command there is."""
    known = set(get_args(get_args(ask.Command)[0]))
    assert {type(command) for command in COMMANDS} == known


@pytest.mark.parametrize("state", STATES)
def test_every_command_works_or_says_why_not(state):
    """No exception, and a refusal is a whole sentence with nobody else's words in it."""
    for command, who in product(COMMANDS, (LEILA, KARIM, BOSS, WALL)):
        day = state()
        outcome = day.ask("11:00", who, command, "fresh")
        if outcome.problem is None:
            assert day.conversation.status in Status
            continue
        said = outcome.problem.message
        assert said[0].isupper(), said
        assert said.endswith("."), said
        assert SECRET not in said, said
        assert "Sara" not in said, said
        assert not (outcome.changes)
        assert not (outcome.entries)
        assert not (outcome.wishes)


@pytest.mark.parametrize("state", STATES)
def test_a_viewer_changes_nothing(state):
    """Viewers only look."""
    for command in COMMANDS:
        assert state().ask("11:00", WALL, command).problem.code == "not_allowed"


def test_an_order_for_a_state_that_is_gone_is_refused():
    """What was ordered for version one is not done to version three."""
    day = owned()
    refused = day.ask("11:00", LEILA, ask.Release(), as_of=1).problem
    assert (refused.code, refused.details) == ("stale", {"version": day.conversation.version})


def test_a_merged_conversation_says_where_to_go_on():
    """Its reference still opens, but the work is elsewhere."""
    day = resolved()
    day.change(merged_into=7)
    assert "was merged away" in day.ask("11:00", LEILA, ask.Claim()).problem.message
