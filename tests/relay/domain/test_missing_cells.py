"""What the table of a conversation's life does not hold is refused, with a sentence that says what
to do instead; what it holds works. Every status with every command that moves one."""

from collections.abc import Callable
from itertools import product

import pytest
from tests.relay.domain.playbook import BOSS, LEILA, RETURNS
from tests.relay.domain.test_cells import (
    Floor,
    case,
    menu,
    pool,
    resolved,
    snoozed,
    spam,
    standby,
    theirs,
    until,
    waiting,
)

from wainbox_relay.contract import commands as ask

BEGINNINGS: dict[str, Callable[[], Floor]] = {
    "bot": menu,
    "standby": standby,
    "pool": pool,
    "ours": case,
    "theirs": theirs,
    "waiting": waiting,
    "snoozed": snoozed,
    "resolved": resolved,
    "spam": spam,
}
COMMANDS: dict[str, ask.Command] = {
    "claim": ask.Claim(),
    "take over": ask.Claim(take_over=True),
    "next": ask.Next(),
    "release": ask.Release(),
    "assign": ask.Assign(agent=LEILA),
    "assign to a team": ask.Assign(team=RETURNS),
    "open": ask.Reopen(),
    "wait": ask.Wait(),
    "snooze": ask.Snooze(until=until("20:00")),
    "snooze, sure": ask.Snooze(until=until("20:00"), sure=True),
    "resolve": ask.Resolve(),
    "resolve, sure": ask.Resolve(sure=True),
    "escalate": ask.Escalate(sure=True),
    "acknowledge": ask.Acknowledge(),
    "undo": ask.Undo(),
    "spam": ask.MarkSpam(),
    "block": ask.Block(reason="threats"),
    "unblock": ask.Unblock(),
}

CLOSED = "W-1000 is resolved; open it again first, with s then o."
TAKEN = "Karim has it; press c again to take it over."
NOBODYS = "W-1000 is in nobody's queue; claim it with c instead."
NOT_OURS = "Nobody of ours has it yet; claim it first, with c."
NO_TEAM = "Nobody of ours has it yet; claim it first, or name an agent too."
WAITS = "The customer waits for an answer; reply first, or snooze it."
SNOOZE_SURE = "The customer waits for an answer; snooze again if it can wait."
NO_SNOOZE = "Only open work can be snoozed; open it first, with s then o."
RESOLVE_SURE = "The customer spoke last and has no answer; resolve again if none is needed."
NO_ALARM = "W-1000 is not escalated; claim it with c instead."
NOTHING = "There is nothing to undo: something else has happened since, or nothing yet."
TOO_LONG = "That was too long ago to undo; change it by hand."

MISSING: dict[str, dict[str, str]] = {
    "claim": dict.fromkeys(("ours", "theirs", "waiting", "snoozed"), TAKEN),
    "next": {
        **dict.fromkeys(("ours", "theirs", "waiting", "snoozed"), TAKEN),
        **dict.fromkeys(("bot", "standby"), NOBODYS),
    },
    "assign to a team": dict.fromkeys(("bot", "standby"), NO_TEAM),
    "wait": {
        **dict.fromkeys(("bot", "standby"), NOT_OURS),
        **dict.fromkeys(("pool", "ours"), WAITS),
    },
    "snooze": {
        **dict.fromkeys(("pool", "ours"), SNOOZE_SURE),
        **dict.fromkeys(("bot", "standby", "resolved", "spam"), NO_SNOOZE),
    },
    "snooze, sure": dict.fromkeys(("bot", "standby", "resolved", "spam"), NO_SNOOZE),
    "resolve": dict.fromkeys(("bot", "pool", "ours"), RESOLVE_SURE),
    "acknowledge": dict.fromkeys(BEGINNINGS, NO_ALARM),
    "undo": dict.fromkeys(BEGINNINGS, NOTHING)
    | dict.fromkeys(("snoozed", "resolved", "spam"), TOO_LONG),
}
for name in ("claim", "take over", "next", "release", "assign", "assign to a team", "wait"):
    MISSING.setdefault(name, {}).update(dict.fromkeys(("resolved", "spam"), CLOSED))
MISSING["escalate"] = dict.fromkeys(("resolved", "spam"), CLOSED)

SO_ALREADY = {
    ("release", "bot"): "Nobody has it.",
    ("release", "standby"): "Nobody has it.",
    ("release", "pool"): "Nobody has it.",
    ("open", "pool"): "It is open already.",
    ("open", "ours"): "It is open already.",
    ("open", "theirs"): "It is open already.",
    ("wait", "waiting"): "It is on the customer already.",
    ("resolve", "resolved"): "It is resolved already.",
    ("resolve, sure", "resolved"): "It is resolved already.",
    ("resolve", "spam"): "It is resolved already.",
    ("resolve, sure", "spam"): "It is resolved already.",
    ("spam", "spam"): "It is spam already.",
    **{("unblock", name): "They are not blocked." for name in BEGINNINGS},
}
"""What is asked for is so: nothing changes, and nothing is refused."""


@pytest.mark.parametrize(("command", "begin"), product(COMMANDS, BEGINNINGS))
def test_a_missing_cell_is_refused_with_its_sentence(command: str, begin: str):
    """By a lead, whom nothing but the table holds back."""
    day = BEGINNINGS[begin]()
    before = day.cells
    outcome = day.ask("10:40", BOSS, COMMANDS[command])
    refusal = MISSING.get(command, {}).get(begin, "")
    assert (outcome.problem.message if outcome.problem else "") == refusal
    if refusal:
        assert day.cells == before
        return
    so = SO_ALREADY.get((command, begin))
    assert (outcome.changes == ()) is (so is not None)
    if so is not None:
        assert outcome.said == so
