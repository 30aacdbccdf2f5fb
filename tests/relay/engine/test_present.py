"""What is rendered by hand is what the contract describes."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.relay.store.making import conversations, entries, ids, texts

from wainbox_relay.contract import views
from wainbox_relay.contract.events import WireFacets
from wainbox_relay.contract.safe import clean
from wainbox_relay.domain.model import Customer, Thread
from wainbox_relay.engine import present

customers = st.none() | st.builds(
    Customer, id=ids, created_at=ids, name=texts, username=texts, phone=texts, user_id=texts
)
many = settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])


def wire(rendered: object) -> bytes:
    return msgspec.json.encode(rendered)


@given(conversations, customers)
@many
def test_every_card_is_a_card_of_the_contract(conversation, customer):
    """A rendered card, once over the wire, is a valid `Card` that says the same."""
    thread = Thread(conversation.thread, conversation.number, conversation.customer, "g")
    card = views.Card.model_validate_json(wire(present.card(conversation, customer, thread)))
    assert (card.id, card.version, card.sort_key) == (
        conversation.id,
        conversation.version,
        conversation.sort_key,
    )
    assert set(card.flags) == conversation.flags
    if conversation.waiting_since is not None:
        assert card.waiting_since is not None
        assert present.instant(conversation.waiting_since) in wire(card.model_dump()).decode()
    if customer is not None:
        assert card.customer.name == clean(customer.name)


@given(entries)
@many
def test_every_entry_is_an_entry_of_the_contract(entry):
    """A rendered entry, whatever it holds, is a valid `Entry`; texts in it have been cleaned."""
    around = present.Around(ref="W-1")
    shown = views.Entry.model_validate_json(wire(present.entry(entry, around)))
    assert (shown.id, shown.kind, shown.delivery) == (entry.id, entry.content.kind, entry.delivery)
    assert (shown.text, shown.auto) == (clean(entry.content.preview()), entry.auto)
    assert len(shown.reactions) == sum(bool(each.emoji) for each in entry.reactions)


@given(conversations)
@many
def test_facets_are_facets_of_the_contract(conversation):
    """Facets go over the wire as the contract's `WireFacets`."""
    facets = WireFacets.model_validate_json(wire(present.facets(conversation.facets)))
    assert (facets.status, facets.sort_key) == (conversation.status, conversation.sort_key)
