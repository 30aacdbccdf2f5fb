"""Places in texts: filled once, literally, from an allow-list."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.vocabulary import Role
from wainbox_relay.domain.model import Agent, Conversation, Customer, Number
from wainbox_relay.domain.rules.variables import KNOWN, complaint, fill, missing, unknown, values

CASE = Conversation(1, 1042, "n", 1, 1, 0)
SARA = Customer(1, 0, name="Sara El Amrani", phone="212600000001")
VALUES = {"customer.name": "Sara", "ticket_id": "#W-1042", "hours": " "}


@pytest.mark.parametrize(
    ("text", "filled", "lacking"),
    [
        ("Hello {{customer.name}}!", "Hello Sara!", ()),
        ("{{ customer.name }} {{customer.name}}", "Sara Sara", ()),
        ("{{ticket_id}}: {{order.number}}", "#W-1042: {{order.number}}", ("order.number",)),
        ("we open {{hours}}", "we open  ", ("hours",)),
        ("{customer.name} {{customer.name", "{customer.name} {{customer.name", ()),
        ("مرحبا {{customer.name}}،", "مرحبا Sara،", ()),
    ],
)
def test_a_text_is_filled(text, filled, lacking):
    """Known values go in wherever they are named; what lacks is named, so that it is asked for."""
    assert fill(text, VALUES) == filled
    assert missing(text, VALUES) == lacking


@given(st.text(), st.text())
def test_a_value_is_never_read_again(before, value):
    """Whatever a customer calls themselves stands there as it is, once."""
    text = before.replace("{", "") + "{{customer.name}}!"
    assert fill(text, {"customer.name": value or "x", "hours": "no"}) == (
        before.replace("{", "") + (value or "x") + "!"
    )


def test_a_customer_called_like_a_place_is_only_called_so():
    """The name is not expanded, nor does it expand what stands beside it."""
    named = {"customer.name": "{{agent.name}} \\1 {{", "agent.name": "Nadia"}
    assert fill("{{customer.name}}|{{agent.name}}", named) == "{{agent.name}} \\1 {{|Nadia"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Sara\n\nClosed for ever", "Sara Closed for ever"),
        ("\u202e{{hours}}\u2066 evil", "{{hours}} evil"),
        ("N" * 6000, "N" * 60),
    ],
)
def test_a_name_stays_one_short_line(name, told):
    """It forges no line, turns none around, and pushes no text beyond what WhatsApp takes."""
    assert values(CASE, replace(SARA, name=name))["customer.name"] == told


@pytest.mark.parametrize("name", ["customer.password", "1", "", "Customer.name", "customer name"])
def test_an_unknown_name_is_refused_with_the_known_ones(name):
    """Only names of the list, to the letter."""
    strange = unknown(f"a {{{{{name}}}}} b {{{{hours}}}}")
    assert strange == (name,)
    assert all(known in complaint(strange) for known in KNOWN)


@pytest.mark.parametrize(
    ("name", "first"),
    [("Sara El Amrani", "Sara"), ("🌸 سارة", "سارة"), ("~ ☆ ~", None), ("", None)],
)
def test_the_first_name_is_a_word_or_lacks(name, first):
    """A name of signs alone gives none."""
    assert values(CASE, replace(SARA, name=name)).get("customer.first_name") == first


def test_everything_known_of_a_conversation_has_its_name():
    """The names are those of the list; hours and orders come from elsewhere."""
    found = values(CASE, SARA, Number("n", "Shop"), Agent("nadia", "Nadia Alaoui", Role.AGENT))
    assert found == {
        "ticket_id": "#W-1042",
        "customer.name": "Sara El Amrani",
        "customer.first_name": "Sara",
        "customer.phone": "+212600000001",
        "number.name": "Shop",
        "agent.name": "Nadia Alaoui",
        "agent.first_name": "Nadia",
    }
    assert set(found) <= set(KNOWN)
