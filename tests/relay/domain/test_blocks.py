"""Blocking: spam here, and a wish that WhatsApp lets nothing of theirs through."""

from dataclasses import replace

import pytest
from tests.relay.domain.playbook import GROUP, LEILA, Playbook, clock

from wainbox_relay.contract.commands import Block, MarkSpam, Reopen, Unblock, Undo
from wainbox_relay.contract.content import Note
from wainbox_relay.contract.vocabulary import Flag, Status
from wainbox_relay.domain.facts import BlockFailed
from wainbox_relay.domain.outcome import BlockRefused, Outcome, TellBlock


def asked(outcome: Outcome) -> list[bool]:
    """What WhatsApp is asked for."""
    return [wish.blocked for wish in outcome.wishes if isinstance(wish, TellBlock)]


def blocked() -> tuple[Playbook, Outcome]:
    day = Playbook()
    day.says("10:00")
    return day, day.ask("10:01", LEILA, Block(reason="threats"))


def test_blocking_is_spam_that_whatsapp_hears_of() -> None:
    """Closed, flagged, the reason a note; what was on its way is kept and wakes nobody."""
    day, outcome = blocked()
    assert asked(outcome) == [True]
    case = day.conversation
    assert (case.status, case.spam, Flag.BLOCKED in case.flags) == (Status.RESOLVED, True, True)
    notes = [e.content for e in day.entries.values() if isinstance(e.content, Note)]
    assert [each.body for each in notes] == ["threats"]
    assert asked(day.says("10:02")) == []
    assert day.conversation.status is Status.RESOLVED
    problem = day.replies("10:03", LEILA, "r1").problem
    assert problem is not None
    assert "unblock them first" in problem.message


@pytest.mark.parametrize("command", [Unblock(), Undo(), Reopen()])
def test_every_way_out_lets_them_through_again(command) -> None:
    """Unblocked, taken back or opened again by hand: WhatsApp hears of it, once."""
    day, _ = blocked()
    assert asked(day.ask("10:03", LEILA, command)) == [False]
    assert Flag.BLOCKED not in day.conversation.flags
    assert not day.conversation.spam
    assert asked(day.says("10:04")) == []
    assert day.conversation.status is Status.OPEN


def test_a_block_taken_back_leaves_the_case_as_it_was() -> None:
    """But for the note that says why."""
    day = Playbook()
    day.says("10:00")
    before = day.conversation
    day.ask("10:01", LEILA, Block(reason="threats"))
    day.ask("10:02", LEILA, Undo())
    assert replace(day.conversation, version=0, undo=None) == replace(before, version=0)


def test_what_whatsapp_refuses_stands_in_history() -> None:
    """It stays spam and is not called blocked; a late answer to what nobody wants is nothing."""
    day, _ = blocked()
    refused = BlockFailed(day.conversation.id, blocked=True, code=139100)
    outcome = day.play("10:02", refused)
    assert [(c.blocked, c.code) for c in outcome.changes if isinstance(c, BlockRefused)] == [
        (True, 139100)
    ]
    assert asked(outcome) == []
    assert (day.conversation.spam, Flag.BLOCKED in day.conversation.flags) == (True, False)
    assert day.play("10:03", refused).changes == ()


@pytest.mark.parametrize(
    ("at", "group", "reason", "sentence"),
    [
        ("2d 10:01", "", "threats", "within 24 hours"),
        ("10:01", GROUP, "threats", "A group cannot be blocked"),
        ("10:01", "", " ", "Say in some words why"),
    ],
)
def test_who_cannot_be_blocked(at: str, group: str, reason: str, sentence: str) -> None:
    """Refused with a sentence before WhatsApp is asked."""
    day = Playbook(group=group)
    day.says("10:00")
    problem = day.ask(at, LEILA, Block(reason=reason)).problem
    assert problem is not None
    assert sentence in problem.message


def test_spam_can_be_blocked_too() -> None:
    """And the wish is due at once."""
    day = Playbook()
    day.says("10:00")
    day.ask("10:01", LEILA, MarkSpam())
    outcome = day.ask("10:02", LEILA, Block(reason="again"))
    assert TellBlock(blocked=True, due=clock("10:02")) in outcome.wishes
