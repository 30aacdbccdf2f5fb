"""The numbers, the teams, and how agents write."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from wainbox_relay.contract.vocabulary import NumberId
from wainbox_relay.sections.assignment import ModelName
from wainbox_relay.sections.base import Amount, Fault, Section, Words, repeated, strange

EXAMPLE = (
    {
        "id": "106540352242922",
        "name": "main",
        "phone": "+212500000000",
        "team": "care",
        "calendar": "shop",
        "language": "fr",
    },
)
"""A shop's number, for the example file."""


class NumberSection(Section):
    """One business number. A number that is not listed is stored and not shown to agents."""

    id: NumberId = Field(
        description="WhatsApp's phone_number_id: digits, not the phone number.",
        pattern=r"^\d+$",
    )
    name: str = Field("", description="What agents call it.")
    phone: str = Field("", description="The phone number, for show, such as +966500000000.")
    waba: str = Field("", description="Id of its WhatsApp Business account.")
    team: str = Field("", description="The team whose queue its conversations join.")
    calendar: str = Field(
        "",
        description="Its business hours, by their name in [[calendars]]. Empty: always open.",
    )
    language: Literal["", "ar", "fr", "en"] = Field(
        "",
        description="What Wainbox speaks by itself to whose language it cannot tell: ar, fr or en. "
        "Empty: en.",
    )
    model: ModelName = Field("", description="Who gets its work. Empty: as in [assignment].")
    portfolio: str = Field(
        "",
        description="Any word for its business portfolio. Numbers of one portfolio share "
        "customers' user ids; needed only with several portfolios.",
    )


def at_odds(numbers: Sequence[NumberSection], others: Mapping[str, Any]) -> Iterator[Fault]:
    """Numbers of which some name what does not exist, or are there twice."""
    places = list(enumerate(numbers))
    yield from repeated((((n, "id"), each.id) for n, each in places), "id")
    if (desk := others.get("desk")) is not None:
        teams = (((n, "team"), each.team) for n, each in places)
        yield from strange(teams, desk.teams, "desk.teams")
    if (calendars := others.get("calendars")) is not None:
        hours = (((n, "calendar"), each.calendar) for n, each in places)
        yield from strange(hours, [each.name for each in calendars], "the names in [[calendars]]")


class DeskSection(Section):
    """How the team works."""

    teams: Words = Field(
        (), description="The teams, by the names agents type.", examples=[("care", "returns")]
    )
    takeover: Literal["agents", "leads"] = Field(
        "agents", description="Who may take a conversation that a colleague holds."
    )
    reopen_hours: Amount = Field(
        72, description="A customer who writes this long after a resolve reopens the same case."
    )
    undo_minutes: Amount = Field(
        10, description="How long a change of owner, status, tags or priority can be undone."
    )
    outcomes: Words = Field(
        (), description="Words that a resolve may carry. Empty: none is asked for."
    )


class ComposeSection(Section):
    """Writing to customers."""

    undo_seconds: Annotated[int, Field(ge=0, le=60)] = Field(
        3, description="Seconds a message is held back so that its writer can take it back."
    )
    mark_read: bool = Field(
        True, description="Customers see blue ticks once the owner opened the conversation."
    )
    typing: bool = Field(True, description="Customers see that the owner is writing.")
