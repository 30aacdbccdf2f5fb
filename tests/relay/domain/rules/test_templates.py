"""Which template may be sent, and how it reads."""

import pytest

from wainbox_relay.contract.commands import SendTemplate
from wainbox_relay.domain.model import Desk
from wainbox_relay.domain.rules.templates import language_for, read, refuses

DESK = Desk(
    templates={
        "riyadh": {
            ("ready", "ar"): "طلبك {{1}} جاهز",
            ("ready", "fr"): "Commande {{1}} prête, {{2}}.",
            ("late", "en"): "Hello {{name}}, order {{order}} is late.",
            ("bye", "en_US"): "Bye.",
        }
    }
)


def ask(name: str, language: str, /, *values: str, **named: str) -> SendTemplate:
    return SendTemplate(name=name, language=language, variables=values, named=tuple(named.items()))


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (ask("ready", "ar", "10483"), "طلبك 10483 جاهز"),
        (ask("ready", "fr", "10483", "{{1}}"), "Commande 10483 prête, {{1}}."),
        (ask("late", "en", order="7", name="Léa"), "Hello Léa, order 7 is late."),
        (ask("bye", "en_US"), "Bye."),
    ],
)
def test_a_template_reads_as_the_customer_will(command, text):
    """Values go in by place or by name, once."""
    assert refuses(DESK, "riyadh", command) is None
    assert read(DESK, "riyadh", command) == text


@pytest.mark.parametrize(
    "command",
    [
        ask("ready", "en", "a"),
        ask("gone", "ar"),
        ask("bye", "en"),
        ask("ready", "ar"),
        ask("ready", "fr", "a"),
        ask("late", "en", "a", "b"),
        ask("late", "en", name="a", orders="7"),
        ask("bye", "en_US", "a"),
    ],
)
def test_what_whatsapp_would_refuse_is_refused_at_once(command):
    """Not approved, another language, other values than it wants."""
    outcome = refuses(DESK, "riyadh", command)
    assert outcome is not None
    assert outcome.problem is not None


def test_a_number_of_unknown_templates_leaves_it_to_whatsapp():
    """Without a WABA nothing is known, and nothing is claimed to be read."""
    command = ask("anything", "fr", "a")
    assert refuses(DESK, "casablanca", command) is None
    assert read(DESK, "casablanca", command) == ""


@pytest.mark.parametrize(
    ("name", "language", "found"),
    [
        ("ready", "ar", "ar"),
        ("ready", "ar-Latn", "ar"),
        ("bye", "en", "en_US"),
        ("late", "fr", ""),
        ("gone", "ar", ""),
    ],
)
def test_a_template_speaks_the_customers_language_or_none(name, language, found):
    """Arabic in Latin letters is answered in Arabic; never another language instead."""
    assert language_for(DESK, "riyadh", name, language) == found
