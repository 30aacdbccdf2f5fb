"""The smaller judgements, as tables."""

import pytest

from wainbox_relay.contract.content import Text
from wainbox_relay.contract.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    AgentId,
    Flag,
    Moment,
    Presence,
    Role,
    Status,
    TeamId,
)
from wainbox_relay.domain.model import Agent, Conversation, Desk, Policy
from wainbox_relay.domain.rules.closing import returns
from wainbox_relay.domain.rules.ownership import fits, give_back, keep_or_queue, taken
from wainbox_relay.domain.rules.permissions import may_act_for, may_take_over, may_work
from wainbox_relay.domain.rules.sentences import ago
from wainbox_relay.domain.rules.service_window import closes_at, is_open

T = Moment(1_796_083_200_000_000)
LEILA, CARE, RETURNS = AgentId("leila"), TeamId("care"), TeamId("returns")


def case(**fields) -> Conversation:
    return Conversation(id=1, ref=1042, number="n", thread=1, customer=1, opened_at=T, **fields)


@pytest.mark.parametrize(
    ("now", "state"),
    [(T, True), (T + DAY - 1, True), (T + DAY, False), (T + 2 * DAY, False)],
)
def test_the_window_is_a_day_to_the_microsecond(now, state):
    """Open until exactly a day after the customer's message."""
    assert is_open(T, now) is state
    assert closes_at(T) == T + DAY


def test_without_a_message_the_window_never_opened():
    """Nobody wrote: nothing closes, nothing is open."""
    assert closes_at(None) is None
    assert not is_open(None, T)


@pytest.mark.parametrize(
    ("role", "works", "takes_over", "takes_over_when_strict", "acts_for_others"),
    [
        (Role.VIEWER, False, False, False, False),
        (Role.AGENT, True, True, False, False),
        (Role.LEAD, True, True, True, True),
        (Role.ADMIN, True, True, True, True),
    ],
)
def test_who_may_do_what(role, works, takes_over, takes_over_when_strict, acts_for_others):
    """Viewers look, agents work, leads and admins also act for others."""
    assert may_work(role) is works
    assert may_take_over(role, Policy()) is takes_over
    assert may_take_over(role, Policy(takeover_by_agents=False)) is takes_over_when_strict
    assert may_act_for(role, LEILA, "karim") is acts_for_others


@pytest.mark.parametrize(
    ("agent", "team", "fit"),
    [
        (None, None, False),
        (Agent(LEILA, "Leila", Role.AGENT), CARE, True),
        (Agent(LEILA, "Leila", Role.AGENT, frozenset({CARE})), CARE, True),
        (Agent(LEILA, "Leila", Role.AGENT, frozenset({CARE})), None, True),
        (Agent(LEILA, "Leila", Role.AGENT, frozenset({RETURNS})), CARE, False),
        (Agent(LEILA, "Leila", Role.LEAD, frozenset({RETURNS})), CARE, True),
        (Agent(LEILA, "Leila", Role.AGENT, revoked_at=T), None, False),
        (Agent(LEILA, "Leila", Role.VIEWER), None, False),
    ],
)
def test_whose_work_it_can_be(agent, team, fit):
    """On the team and still here."""
    assert fits(agent, team) is fit


def test_moved_off_the_team_the_work_stays_behind():
    """It returns to the queue; whose it was is kept."""
    moved = Agent(LEILA, "Leila", Role.AGENT, frozenset({RETURNS}))
    kept = keep_or_queue(case(assignee=LEILA, team=CARE), Desk({LEILA: moved}))
    assert (kept.assignee, kept.last_owner) == (None, LEILA)


@pytest.mark.parametrize(
    ("presence", "owner"), [(Presence.ONLINE, LEILA), (Presence.OFFLINE, None)]
)
def test_work_goes_back_to_who_is_here(presence, owner):
    """Only into hands that are there."""
    here = Agent(LEILA, "Leila", Role.AGENT, presence=presence)
    assert give_back(case(), Desk({LEILA: here}), LEILA).assignee == owner
    assert give_back(case(assignee="karim"), Desk({LEILA: here}), LEILA).assignee == "karim"


def test_taken_by_another_team_it_becomes_theirs():
    """And within the team nothing moves."""
    leila = Agent(LEILA, "Leila", Role.AGENT, frozenset({CARE}))
    assert taken(case(team=RETURNS), leila).team == CARE
    assert taken(case(team=CARE), leila).team == CARE
    assert taken(case(), leila).team is None


ENDED = {"status": Status.RESOLVED, "resolved_at": T}


@pytest.mark.parametrize(
    ("conversation", "text", "sent", "arrived", "back"),
    [
        (case(**ENDED), "hi", T + HOUR, T + HOUR, "came back"),
        (case(**ENDED), "hi", T + 3 * DAY, T + 3 * DAY, "came back"),
        (case(**ENDED), "hi", T + 3 * DAY + 1, T + 3 * DAY + 1, None),
        (case(**ENDED), "my #W-1042", T + 29 * DAY, T + 29 * DAY, "came back"),
        (case(**ENDED), "my w-1042?", T + 29 * DAY, T + 29 * DAY, "came back"),
        (case(**ENDED), "my #W-10421", T + 29 * DAY, T + 29 * DAY, None),
        (case(**ENDED), "my #W-1042", T + 31 * DAY, T + 31 * DAY, None),
        (case(**ENDED), "hi", T - 1, T + 5 * DAY, "late"),
        (case(**ENDED, flags=frozenset({Flag.IMPORTED})), "hi", T + 1, T + 1, None),
        (case(**ENDED, merged_into=7), "hi", T + 1, T + 1, None),
    ],
)
def test_whether_a_message_comes_back_to_a_resolved_conversation(
    conversation, text, sent, arrived, back
):
    """Soon, by name, or late; never to what was imported or merged away."""
    assert returns(conversation, Text(body=text), sent, arrived, Policy()) == back


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (0, "0 s ago"),
        (2 * SECOND, "2 s ago"),
        (59 * SECOND, "59 s ago"),
        (3 * MINUTE, "3 min ago"),
        (5 * HOUR, "5 h ago"),
        (-SECOND, "0 s ago"),
    ],
)
def test_how_long_ago(passed, said):
    """One number, one unit, and never before now."""
    assert ago(T, Moment(T + passed)) == said
