"""Places in a text such as `{{customer.first_name}}`, and what may stand in them.

A value goes in once and literally: braces in it are text like any other. Relay and terminal fill
with the same few functions, so that a text reads the same wherever it was filled.
"""

import re
from collections.abc import Collection, Mapping

KNOWN: Mapping[str, str] = {
    "customer.first_name": "the first word of the customer's name",
    "customer.name": "the customer's name",
    "customer.phone": "the customer's phone number",
    "agent.first_name": "the first word of the writing agent's name",
    "agent.name": "the writing agent's name",
    "ticket_id": "the conversation's reference, such as #W-1042",
    "number.name": "what the team calls the business number",
    "order.number": "the number of the customer's latest order",
    "hours": "the business hours of the day",
    "opens_at": "when the team is back",
}

_PLACE = re.compile(r"\{\{([^{}]*)\}\}")


def names(text: str) -> tuple[str, ...]:
    """The names of a text's places, each once, in order."""
    return tuple(dict.fromkeys(found[1].strip() for found in _PLACE.finditer(text)))


def unknown(text: str, allowed: Collection[str] = KNOWN) -> tuple[str, ...]:
    """Names that nothing will ever be known for."""
    return tuple(name for name in names(text) if name not in allowed)


def missing(text: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Names that have no value here, and must be asked for before the text is used."""
    return tuple(name for name in names(text) if not values.get(name, "").strip())


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its values. A place that has none stays as it is written: see `missing`."""
    return _PLACE.sub(lambda place: values.get(place[1].strip()) or place[0], text)


def complaint(strange: Collection[str], allowed: Collection[str] = KNOWN) -> str:
    """What to tell whoever wrote a text with unknown names."""
    told = ", ".join(f"{{{{{name}}}}}" for name in strange)
    return f"{told} is not known; a text may name {', '.join(allowed)}"
