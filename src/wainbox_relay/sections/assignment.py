"""`[assignment]` and `[[shifts]]`: who gets which work, as an operator writes it, made into what
the rules know of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

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
from wainbox_relay.sections.base import (
    Amount,
    Fault,
    Named,
    Phrased,
    Place,
    Section,
    Words,
    comma_separated,
    overtaken,
    repeated,
    sound,
    strange,
)

ModelName = Literal["", "manual", "round_robin", "skill_based", "first_available", "least_loaded"]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?")


def language(value: str) -> str:
    """Raises `ValueError`."""
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("a language such as ar, ar-Latn, fr or en")
    return value


Languages = Annotated[
    tuple[Annotated[str, AfterValidator(language)], ...], BeforeValidator(comma_separated)
]


RULES_EXAMPLE: tuple[Mapping[str, Any], ...] = (
    {
        "name": "refunds",
        "words": ("refund", "remboursement", "استرجاع"),
        "team": "returns",
        "priority": "high",
    },
    {"name": "vips", "vip": True, "priority": "high"},
    {"name": "adverts", "advert": True, "model": "first_available"},
)
"""A shop's rules, for the example file."""


class RuleSection(Section):
    """A rule for some of the work. Every condition that is given must hold; the first rule that
    fits counts."""

    name: str = Field(description="What `why` calls it.", min_length=1, max_length=40)
    topics: Words = Field((), description="One of these topics.")
    languages: Languages = Field((), description="One of these languages.")
    tags: Words = Field((), description="All of these tags, of the case or the customer.")
    vip: bool | None = Field(None, description="VIPs, or only others.", examples=[False])
    numbers: Words = Field((), description="One of these numbers, by id.")
    advert: bool | None = Field(
        None, description="Came by an advertisement, or did not.", examples=[False]
    )
    words: Phrased = Field(
        (),
        description="The message has one of these words.",
    )
    hours: Literal["", "open", "closed"] = Field(
        "", description="It began in the number's hours (open) or outside (closed)."
    )
    team: str = Field("", description="The team whose queue it joins then.")
    agent: str = Field("", description="Who is asked before anybody else.")
    priority: Literal["", "low", "normal", "high", "urgent"] = Field(
        "", description="How pressing it is then."
    )
    model: ModelName = Field("", description="Who gets it, as in [assignment].")
    gives_tags: Words = Field((), description="Tags that its customer gets then.")
    no_case: bool = Field(
        False,
        description="A first message that fits opens no case: it is kept, and nobody is asked to "
        "answer. Goes with words or advert.",
    )
    exact_language: bool = Field(
        False,
        description="Arabic in Latin letters only for those who name ar-Latn; who names ar alone "
        "does not get it.",
    )

    @model_validator(mode="after")
    def _only_by_the_message(self) -> "RuleSection":
        if self.no_case and not (self.words or self.advert):
            raise ValueError("no_case with words, or with advert")
        return self

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
            gives=frozenset(self.gives_tags),
            no_case=self.no_case,
        )


TEAMS_EXAMPLE = (
    {"team": "care", "model": "round_robin"},
    {"team": "returns", "model": "least_loaded"},
)
"""How a shop's teams share their work, for the example file."""


class TeamSection(Section):
    """Another model for one team."""

    team: str = Field(description="The team.")
    model: ModelName = Field(description="Who gets its work.")


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
    rules: Rules = Field(
        (), description="Blocks of [[assignment.rules]].", examples=list(RULES_EXAMPLE)
    )
    teams: Teams = Field(
        (), description="Blocks of [[assignment.teams]].", examples=list(TEAMS_EXAMPLE)
    )

    @property
    def models(self) -> bool:
        """Whether any model is set here at all."""
        of_rules, of_teams = (r.model for r in self.rules), (t.model for t in self.teams)
        return any((self.model, *of_rules, *of_teams))


class ShiftSection(Section):
    """The hours of one agent or of a team, in which they are given work. Whoever has none is always
    on shift; an agent's own come before their teams'. `wainbox-relay shift set` and leads'
    terminals lay other hours over them."""

    calendar: str = Field(description="Their hours, by a name in [[calendars]].", examples=["shop"])
    agent: str = Field("", description="The agent's handle.")
    team: str = Field("", description="Or the team.", examples=["care"])

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
    @property
    def calendar(self) -> str: ...


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
    """What they name exists, and each rule can fit something."""
    return sound(section, _at_odds(section, info.data))


def _at_odds(section: AssignmentSection, others: Mapping[str, Any]) -> Iterator[Fault]:
    rules = [(("rules", n), rule) for n, rule in enumerate(section.rules)]
    teams = [(("teams", n, "team"), each.team) for n, each in enumerate(section.teams)]
    if (desk := others.get("desk")) is not None:
        named = (((*place, "team"), rule.team) for place, rule in rules)
        yield from strange((*named, *teams), desk.teams, "desk.teams")
    if (numbers := others.get("numbers")) is not None:
        ids = _each_of("numbers", rules)
        yield from strange(ids, [number.id for number in numbers], "the ids in [[numbers]]")
        yield from _never_closed(rules, numbers)
    if (menu := others.get("menu")) is not None:
        topics = dict.fromkeys(way.topic for node in menu for way in node.choices if way.topic)
        yield from strange(_each_of("topics", rules), topics, "the topics in [[menu]]")
    yield from repeated((((*place, "name"), rule.name) for place, rule in rules), "name")
    yield from repeated(teams, "team")
    yield from overtaken(("rules",), [(each.name, each.rules()) for each in section.rules], "rule")


def _each_of(key: str, rules: Iterable[tuple[Place, RuleSection]]) -> Iterator[Named]:
    """The words of a list that each rule has, with their places."""
    for place, rule in rules:
        yield from (((*place, key, n), word) for n, word in enumerate(getattr(rule, key)))


def _never_closed(
    rules: Iterable[tuple[Place, RuleSection]], numbers: Sequence[Numbered]
) -> Iterator[Fault]:
    hours = {number.id: number.calendar for number in numbers}
    for place, rule in rules:
        meant = [hours[NumberId(each)] for each in rule.numbers or hours if each in hours]
        if rule.hours == "closed" and meant and not any(meant):
            yield Fault(
                (*place, "hours"), rule.hours, "a number with a calendar; this never closes"
            )


def known_shifts(
    shifts: tuple[ShiftSection, ...], info: ValidationInfo
) -> tuple[ShiftSection, ...]:
    """Shifts name teams and calendars that exist, and nobody twice."""
    return sound(shifts, _shifts_at_odds(shifts, info.data))


def _shifts_at_odds(shifts: tuple[ShiftSection, ...], others: Mapping[str, Any]) -> Iterator[Fault]:
    places = list(enumerate(shifts))
    teams = [((n, "team"), each.team) for n, each in places if each.team]
    if (desk := others.get("desk")) is not None:
        yield from strange(teams, desk.teams, "desk.teams")
    if (calendars := others.get("calendars")) is not None:
        hours = (((n, "calendar"), each.calendar) for n, each in places)
        yield from strange(hours, [each.name for each in calendars], "the names in [[calendars]]")
    yield from repeated(teams, "team")
    yield from repeated((((n, "agent"), each.agent) for n, each in places if each.agent), "agent")
