"""Our `replace` makes what the standard library's makes."""

import dataclasses

import pytest
from hypothesis import given
from tests.relay.store import making

from wainbox_relay.contract.vocabulary import AgentId, Priority, Role
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent, Conversation, Entry


@given(making.conversations)
def test_a_conversation_is_copied_whole(case: Conversation):
    ours = replace(case, priority=Priority.URGENT, unread=7)
    assert ours == dataclasses.replace(case, priority=Priority.URGENT, unread=7)
    assert type(ours) is Conversation


@given(making.entries)
def test_so_is_an_entry(entry: Entry):
    assert replace(entry) == entry
    assert replace(entry) is not entry


def test_a_copy_is_as_frozen_as_its_original():
    copy = replace(Agent(AgentId("nadia"), "Nadia", Role.AGENT), name="Nadia B.")
    with pytest.raises(dataclasses.FrozenInstanceError):
        copy.name = "Somebody"  # type: ignore[misc]  # what must not work


def test_a_field_that_is_none_is_refused():
    with pytest.raises(AttributeError):
        replace(Agent(AgentId("nadia"), "Nadia", Role.AGENT), nmae="x")  # type: ignore[call-arg]
