"""Whom a note names: in their mentions until they act on the case or have read it."""

from dataclasses import replace

import pytest
from tests.relay.domain.playbook import BOSS, KARIM, LEILA, WALL, Playbook

from wainbox_relay.contract.commands import Claim, Resolve, Seen, SetTags, Undo, WriteNote


def named(body: str = "@karim and @boss, look; @nobody @wall @leila too") -> Playbook:
    day = Playbook()
    day.says("10:00")
    day.ask("10:01", LEILA, WriteNote(body=body))
    return day


def test_a_note_calls_those_it_names() -> None:
    """Not its writer, nobody who may not work, and nobody who is not there at all."""
    day = named()
    assert day.conversation.mentions == {KARIM, BOSS}
    assert day.conversation.mentions.isdisjoint({WALL, LEILA})


@pytest.mark.parametrize("command", [Seen(), Claim(), SetTags(add=("gift",)), WriteNote(body="ok")])
def test_whoever_acts_or_has_read_it_has_come(command) -> None:
    """Any order of theirs, and only their own mention."""
    day = named()
    day.ask("10:02", KARIM, command)
    assert day.conversation.mentions == {BOSS}


def test_a_mention_outlives_the_case() -> None:
    """Somebody else resolves it, the customer writes again: it is still to be read."""
    day = named()
    day.ask("10:02", LEILA, Resolve(sure=True))
    day.says("10:03")
    assert day.conversation.mentions == {KARIM, BOSS}


def test_reading_takes_no_undo_away_and_no_undo_brings_a_mention_back() -> None:
    """Leila resolves, Karim reads, Leila takes it back: open as before, and read."""
    day = named()
    day.ask("10:02", LEILA, Claim())
    before = day.conversation
    day.ask("10:03", BOSS, Resolve(sure=True))
    assert day.ask("10:04", KARIM, Seen()).problem is None
    assert day.ask("10:05", BOSS, Undo()).problem is None
    after = day.conversation
    rest = {"version": 0, "undo": None, "mentions": frozenset()}
    assert replace(after, **rest) == replace(before, **rest)
    assert after.mentions == frozenset()


def test_reading_is_nothing_where_nobody_was_named() -> None:
    """It changes nothing and tells no screen."""
    day = named("nothing new")
    assert day.ask("10:02", KARIM, Seen()).changes == ()
