"""What is kept comes back as it was."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from tests.relay.store.making import conversations, entries

from wainbox_relay.contract.content import Text
from wainbox_relay.contract.vocabulary import Delivery, IdentityKind, Presence, Role
from wainbox_relay.domain.facts import DeliveryReported, Edited, Peer, Person, Reacted, Revoked
from wainbox_relay.domain.model import (
    Agent,
    Customer,
    Failure,
    Identity,
    Number,
    Parts,
    UndoStep,
)
from wainbox_relay.store import rows


def as_read(row: dict[str, object], columns: tuple[str, ...]) -> tuple[object, ...]:
    """A row as SQLite gives it back: truth values as whole numbers."""
    return tuple(int(v) if isinstance(v := row[c], bool) else v for c in columns)


@given(conversations)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_conversation_survives_its_row(conversation):
    """Every conversation is the same after a trip through its columns."""
    row = rows.conversation_row(conversation)
    assert tuple(row) == rows.CONVERSATION_COLUMNS
    assert rows.conversation(as_read(row, rows.CONVERSATION_COLUMNS)) == conversation


@given(conversations, conversations)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_a_merge_that_can_be_taken_back_survives_its_row(conversation, other):
    """With the case beside it and both people, whole."""
    root = Customer(7, 5, "Amina", tags=frozenset({"vip"}), vip=True)
    parts = Parts(replace(other, undo=None), root, Customer(8, 5, user_id="MA.1"), 9, 10)
    step = UndoStep("nadia", 5, 3, "merge", {"thread": 12, "tags": frozenset({"a"})}, parts=parts)
    merged = replace(conversation, undo=step)
    row = rows.conversation_row(merged)
    assert rows.conversation(as_read(row, rows.CONVERSATION_COLUMNS)) == merged


@given(entries)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_an_entry_survives_its_row(entry):
    """Every entry, whatever its content, is the same after a trip through its columns."""
    row = rows.entry_row(entry)
    assert tuple(row)[:-1] == rows.ENTRY_COLUMNS
    assert rows.entry(as_read(row, rows.ENTRY_COLUMNS)) == entry


def test_the_desk_survives_its_rows():
    """Customers, agents and numbers are the same after a trip through their columns."""
    customer = Customer(
        7, 5, "Amina", "amina.b", "2126", "MA.1", "ar", True, frozenset({"vip", "vrac"}), 8, 9, True
    )
    assert rows.customer(tuple(rows.customer_row(customer).values())) == customer
    agent = Agent("nadia", "Nadia", Role.LEAD, frozenset({"returns"}), Presence.ONLINE, 9)
    assert rows.agent(tuple(rows.agent_row(agent).values())) == agent
    number = Number("1", "Shop", "2125", "returns", False, "token expired")
    assert rows.number(tuple(rows.number_row(number).values())) == number


def test_facts_that_wait_come_back_as_facts():
    """A parked fact is the same value again, whichever kind it is."""
    someone = Peer("1", Person((Identity(IdentityKind.BSUID, "MA.1", "p"),), "Amina"))
    for fact in (
        DeliveryReported("1", "w", Delivery.FAILED, 5, failure=Failure(131026, "no", "call")),
        Edited("1", "w", "x", 5, Text(body="now")),
        Revoked("1", "w", "x", 5),
        Reacted(someone, "w", "x", 5, "👍"),
    ):
        assert rows.fact(rows.fact_text(fact)) == fact
