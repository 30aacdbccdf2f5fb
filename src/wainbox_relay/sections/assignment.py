"""`[assignment]` and `[[shifts]]`: who gets which work, as an operator writes it, made into what
the rules know of it."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Protocol

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from wainbox_relay.contract.vocabulary import (
    MINUTE,
    SECOND,
    AgentId,
    NumberId,
    Priority,
    TeamId,
)
from wainbox_relay.domain.rules.routing import Model, Routing, Rule
from wainbox_relay.domain.rules.wording import Phrases
from wainbox_relay.sections.base import Amount, Section, Words, comma_separated

ModelName = Literal["", "manual", "round_robin", "skill_based", "first_available", "least_loaded"]


class RuleSection(Section):
    """A rule for some of the work. Every condition that is given must hold; the first rule that
    fits counts."""

    name: str = Field(
        description="What `why` calls it.", min_length=1, max_length=40, examples=["refunds"]
    )
    topics: Words = Field((), description="One of these topics.", examples=[("refund",)])
    languages: Words = Field((), description="One of these languages.", examples=[("ar", "fr")])
    tags: Words = Field((), description="All of these tags, of the case or the customer.")
    vip: bool | None = Field(None, description="VIPs, or only others.", examples=[True])
    numbers: Words = Field((), description="One of these numbers, by id.")
    advert: bool | None = Field(
        None, description="Came by an advertisement, or did not.", examples=[True]
    )
    words: Words = Field(
        (),
        description="The message has one of these words.",
        examples=[("refund", "remboursement")],
    )
    hours: Literal["", "open", "closed"] = Field(
        "", description="It began in the number's hours (open) or outside (closed)."
    )
    team: str = Field("", description="The team whose queue it joins then.", examples=["returns"])
    agent: str = Field("", description="Who is asked before anybody else.")
    priority: Literal["", "low", "normal", "high", "urgent"] = Field(
        "", description="How pressing it is then."
    )
    model: ModelName = Field("", description="Who gets it, as in [assignment].")
    exact_language: bool = Field(
        False,
        description="Arabic in Latin letters only for those who name ar-Latn; who names ar alone "
        "does not get it.",
    )

    def rules(self) -> Rule:
        return Rule(
            name=self.name,
            topics=frozenset(self.topics),
            languages=frozenset(self.languages),
            tags=frozenset(self.tags),
            vip=self.vip,
            numbers=frozenset(map(NumberId, self.numbers)),
            advert=self.advert,
            words=Phrases.of(self.words),
            open=None if not self.hours else self.hours == "open",
            team=TeamId(self.team) if self.team else None,
            agent=AgentId(self.agent) if self.agent else None,
            priority=Priority(self.priority) if self.priority else None,
            model=Model(self.model) if self.model else None,
            exact=self.exact_language,
        )


class TeamSection(Section):
    """Another model for one team."""

    team: str = Field(description="The team.", examples=["returns"])
    model: ModelName = Field(description="Who gets its work.", examples=["least_loaded"])


def _each_once(names: Iterable[str], what: str) -> None:
    names = list(names)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"each {what} once ({', '.join(twice)} comes twice)")


Rules = Annotated[tuple[RuleSection, ...], BeforeValidator(comma_separated)]
Teams = Annotated[tuple[TeamSection, ...], BeforeValidator(comma_separated)]


class AssignmentSection(Section):
    """Who gets work that nobody has. Agents' capacity and skills are set with `wainbox-relay agent
    change`; whoever names no skill takes everything."""

    model: ModelName = Field(
        "",
        description="manual: it waits for a person. round_robin: in turn. skill_based: who names "
        "the topic, language or VIPs first. first_available: who owes no answer. least_loaded: who "
        "has most room. Empty: as manual, and nothing is taken back from whoever is gone either.",
    )
    capacity: Annotated[int, Field(ge=1)] = Field(
        6, description="Open conversations an agent is given at most, unless they have their own."
    )
    strict: bool = Field(
        False,
        description="first_available waits until somebody is free, rather than give it to the "
        "least loaded.",
    )
    sticky_minutes: Amount = Field(
        0, description="Who answered a customer this lately gets them again. 0: never."
    )
    return_minutes: Amount = Field(
        0,
        description="An owner silent for so many minutes of business hours loses work that waits "
        "for us. 0: never.",
    )
    grace_seconds: Amount = Field(
        90, description="How long a terminal may be gone before its work is somebody else's."
    )
    next: bool = Field(
        False, description="Agents may take the next one (`wainbox next`) under manual too."
    )
    rules: Rules = Field((), description="Blocks of [[assignment.rules]].")
    teams: Teams = Field((), description="Blocks of [[assignment.teams]].")

    @model_validator(mode="after")
    def _names_are_clear(self) -> "AssignmentSection":
        _each_once((rule.name for rule in self.rules), "rule")
        _each_once((each.team for each in self.teams), "team")
        return self

    @property
    def models(self) -> bool:
        """Whether any model is set here at all."""
        of_rules, of_teams = (r.model for r in self.rules), (t.model for t in self.teams)
        return any((self.model, *of_rules, *of_teams))


class ShiftSection(Section):
    """The hours of one agent or of a team, in which they are given work. Whoever has none is always
    on shift; an agent's own come before their teams'."""

    calendar: str = Field(description="Their hours, by a name in [[calendars]].", examples=["shop"])
    agent: str = Field("", description="The agent's handle.", examples=["amina"])
    team: str = Field("", description="Or the team.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "ShiftSection":
        if bool(self.agent) == bool(self.team):
            raise ValueError("an agent or a team")
        return self


Shifts = Annotated[tuple[ShiftSection, ...], BeforeValidator(comma_separated)]


class Numbered(Protocol):
    """A number's section, as far as it is looked at here."""

    @property
    def id(self) -> NumberId: ...
    @property
    def model(self) -> str: ...


def routing(
    section: AssignmentSection, shifts: Iterable[ShiftSection], numbers: Iterable[Numbered]
) -> Routing | None:
    """None where no model is set anywhere."""
    models = {each.id: Model(each.model) for each in numbers if each.model}
    if not section.models and not models:
        return None
    shifts = list(shifts)
    return Routing(
        model=Model(section.model or "manual"),
        teams={TeamId(each.team): Model(each.model) for each in section.teams if each.model},
        numbers=models,
        rules=tuple(rule.rules() for rule in section.rules),
        capacity=section.capacity,
        strict=section.strict,
        sticky=int(section.sticky_minutes * MINUTE),
        return_after=int(section.return_minutes * MINUTE),
        grace=int(section.grace_seconds * SECOND),
        next_by_hand=section.next,
        shifts_of_agents={AgentId(each.agent): each.calendar for each in shifts if each.agent},
        shifts_of_teams={TeamId(each.team): each.calendar for each in shifts if each.team},
    )


# -- at odds with other sections ---------------------------------------------------------------


def known(section: AssignmentSection, info: ValidationInfo) -> AssignmentSection:
    """Rules name teams and numbers that exist."""
    desk, numbers = info.data.get("desk"), info.data.get("numbers")
    teams = {rule.team for rule in section.rules} | {each.team for each in section.teams}
    _exist("teams of desk.teams", teams, desk.teams if desk else None)
    named = {number for rule in section.rules for number in rule.numbers}
    ids = None if numbers is None else [number.id for number in numbers]
    _exist("ids of [[numbers]]", named, ids)
    return section


def known_shifts(
    shifts: tuple[ShiftSection, ...], info: ValidationInfo
) -> tuple[ShiftSection, ...]:
    """Shifts name teams and calendars that exist, and nobody twice."""
    desk, calendars = info.data.get("desk"), info.data.get("calendars")
    _exist("teams of desk.teams", {each.team for each in shifts}, desk.teams if desk else None)
    hours = None if calendars is None else [calendar.name for calendar in calendars]
    _exist("names of [[calendars]]", {each.calendar for each in shifts}, hours)
    _each_once(_whose(shifts), "agent or team")
    return shifts


def _whose(shifts: Iterable[ShiftSection]) -> Iterator[str]:
    for each in shifts:
        yield f"@{each.agent}" if each.agent else each.team


def _exist(what: str, named: set[str], there: Iterable[str] | None) -> None:
    strange = sorted(named - {""} - set(there or ()))
    if strange and there is not None:
        raise ValueError(f"{what} ({', '.join(strange)} is none)")
