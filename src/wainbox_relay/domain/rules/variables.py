"""What the places of a text hold in one conversation: for canned replies, templates and what
Wainbox writes by itself. The places themselves are in `contract/variables.py`."""

from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.variables import KNOWN, complaint, fill, missing, names, unknown
from wainbox_relay.domain.model import Agent, Conversation, Customer, Number

__all__ = ["KNOWN", "complaint", "fill", "missing", "names", "unknown", "values"]


def values(
    conversation: Conversation,
    customer: Customer | None = None,
    number: Number | None = None,
    agent: Agent | None = None,
) -> dict[str, str]:
    """Everything known by name; what is not known is left out, so that it can be asked for."""
    found = {"ticket_id": f"#W-{conversation.ref}"}
    if customer is not None:
        called = in_a_text(customer.name)
        found["customer.name"] = called
        found["customer.first_name"] = first_name(called)
        found["customer.phone"] = customer.phone and f"+{customer.phone.removeprefix('+')}"
    if number is not None:
        found["number.name"] = number.name
    if agent is not None:
        found["agent.name"] = agent.name
        found["agent.first_name"] = first_name(agent.name)
    return {name: value for name, value in found.items() if value.strip()}


LONGEST_NAME = 60
"""WhatsApp's own are shorter. A longer one would push a text beyond what WhatsApp takes."""


def in_a_text(name: str) -> str:
    """What somebody calls themselves, in one line and without what turns the line around."""
    return " ".join(clean(name).split())[:LONGEST_NAME].rstrip()


def first_name(name: str) -> str:
    """The first word of a name that has letters at all; a name of signs greets nobody."""
    return next((word for word in name.split() if any(c.isalpha() for c in word)), "")
