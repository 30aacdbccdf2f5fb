"""`[sla]` and `[[sla_policies]]`: how soon customers are promised what, made into the rules'
`Promises`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from wainbox_relay.contract.vocabulary import HOUR, MINUTE, NumberId, Priority, TeamId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.rules.targets import Promises, Row, Targets
from wainbox_relay.sections.base import (
    Amount,
    Fault,
    Section,
    Words,
    comma_separated,
    overtaken,
    sound,
    strange,
)


class TargetSection(Section):
    """The targets, in minutes and hours. 0 promises nothing."""

    first_minutes: Amount = Field(
        5, description="The first answer by a person, in business hours. 0: not promised."
    )
    after_hours_minutes: Amount = Field(
        30,
        description="The same for who wrote while we were closed, in business hours from the "
        "opening on. 0: not promised.",
    )
    next_minutes: Amount = Field(
        15, description="Every further answer, in business hours. 0: not promised."
    )
    resolution_hours: Amount = Field(
        2,
        description="The end of the case, in business hours that were not on the customer. "
        "0: not promised.",
    )
    complex_hours: Amount = Field(
        24,
        description="The same for a complex case, in hours by day and night. What would fall due "
        "while closed is due an hour after the opening. 0: not promised.",
    )
    human_minutes: Amount = Field(
        30,
        description="A person's answer to who asked the menu for one, in business hours; then the "
        "case is escalated, and the customer told once. 0: not promised.",
    )


class SlaSection(TargetSection):
    """What customers are promised. The hours are those of each number's calendar."""

    at_risk_percent: Annotated[int, Field(ge=1, le=100)] = Field(
        75, description="A case is at risk once so much of its time is used up."
    )
    complex_topics: Words = Field(
        (),
        description="What is about one of these topics of the menu is complex, unless an agent "
        "says otherwise.",
    )


EXAMPLE = (
    {"first_minutes": 2, "vip": "yes"},
    {"resolution_hours": 24, "teams": ("returns",)},
)
"""A shop's own targets, for the example file."""


class PolicySection(TargetSection):
    """Other targets for some conversations. The first block that fits counts; what it leaves out
    is as in [sla]."""

    numbers: Words = Field((), description="Ids of the numbers it counts for. Empty: all.")
    teams: Words = Field((), description="Teams it counts for. Empty: all.")
    priorities: Annotated[tuple[Priority, ...], BeforeValidator(comma_separated)] = Field(
        (), description="Priorities: low, normal, high, urgent. Empty: all."
    )
    vip: Literal["", "yes", "no"] = Field(
        "",
        description="yes: only for VIPs. no: only for others. Empty: for both.",
    )

    def rules(self, default: Targets) -> Row:
        return Row(
            _targets(self, default),
            frozenset(map(NumberId, self.numbers)),
            frozenset(map(TeamId, self.teams)),
            frozenset(self.priorities),
            None if not self.vip else self.vip == "yes",
        )


Policies = Annotated[tuple[PolicySection, ...], BeforeValidator(comma_separated)]


def _targets(section: TargetSection, default: Targets) -> Targets:
    """What the section says, over the default."""
    lengths = {
        "first_minutes": ("first", section.first_minutes * MINUTE),
        "after_hours_minutes": ("after_hours", section.after_hours_minutes * MINUTE),
        "next_minutes": ("next", section.next_minutes * MINUTE),
        "resolution_hours": ("resolution", section.resolution_hours * HOUR),
        "complex_hours": ("complex", section.complex_hours * HOUR),
        "human_minutes": ("human", section.human_minutes * MINUTE),
    }
    said = (lengths[key] for key in lengths if key in section.model_fields_set)
    return replace(default, **{target: int(length) for target, length in said})


def promises(section: SlaSection, policies: Iterable[PolicySection]) -> Promises:
    """What the rules go by."""
    default = _targets(section, Targets())
    rows = tuple(policy.rules(default) for policy in policies)
    topics = frozenset(section.complex_topics)
    return Promises(default, rows, section.at_risk_percent / 100, topics)


def known(policies: tuple[PolicySection, ...], info: ValidationInfo) -> tuple[PolicySection, ...]:
    """The policies, if all they name exists and each can count."""
    return sound(policies, _at_odds(policies, info.data))


def _at_odds(policies: tuple[PolicySection, ...], others: Mapping[str, Any]) -> Iterator[Fault]:
    desk, numbers = others.get("desk"), others.get("numbers")
    places = list(enumerate(policies))
    if desk is not None:
        teams = (((n, "teams", k), t) for n, each in places for k, t in enumerate(each.teams))
        yield from strange(teams, desk.teams, "desk.teams")
    if numbers is not None:
        ids = (((n, "numbers", k), i) for n, each in places for k, i in enumerate(each.numbers))
        yield from strange(ids, [number.id for number in numbers], "the ids in [[numbers]]")
    rows = [each.rules(Targets()) for each in policies]
    yield from overtaken((), [(str(n), row) for n, row in enumerate(rows)], "policy")
