"""What the rules will do with a day's work, as far as the configuration and the agents tell; and
what of it cannot come true. `wainbox-relay check` says it.

`explain` answers for one message; this looks over all of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from wainbox_relay.config import Settings
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, AgentId, Moment, TeamId
from wainbox_relay.domain.model import Agent, Desk, Number
from wainbox_relay.domain.rules import eligibility, ownership
from wainbox_relay.domain.rules.calendar import Calendar
from wainbox_relay.domain.rules.routing import Model, Routing, Rule
from wainbox_relay.engine.promised import span
from wainbox_relay.explain import Question, explain, on_duty
from wainbox_relay.sections.assignment import RuleSection
from wainbox_relay.sections.sla import TargetSection

_ASKED = {
    "ar": "السلام عليكم، وين وصل طلبي؟",
    "fr": "Bonjour, où en est ma commande ?",
    "en": "Hello, where is my order?",
}
"""What somebody might write, by the number's language."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, and how it is."""

    subject: str
    well: bool
    sentence: str


def outlook(settings: Settings, now: Moment) -> Iterator[Finding]:
    """Hours, promises, who gets what by which rule, and an example or two."""
    desk = on_duty(settings, now)
    numbers = [number for number in desk.numbers.values() if number.claimed]
    for number in numbers:
        yield _hours(number, desk, now)
    yield _promises(settings)
    routing = desk.policy.routing
    if routing is None:
        yield _by_hand(settings)
        return
    for number in numbers:
        yield _work(number, desk, routing)
    for section, rule in zip(settings.assignment.rules, routing.rules, strict=True):
        yield _rule(section, rule, desk, routing)
    yield from _strangers(settings, desk)
    for number in numbers:
        yield from _examples(number, settings, desk, now)


# -- hours and promises ------------------------------------------------------------------------


def _hours(number: Number, desk: Desk, now: Moment) -> Finding:
    subject, calendar = f"hours of {_name(number)}", desk.policy.calendars.get(number.calendar)
    if calendar is None:
        return Finding(subject, True, "every hour: it has no calendar")
    opens = calendar.opens(now)
    if opens is None:
        sentence = f"{number.calendar} does not open within two years; mend [[calendars]]"
        return Finding(subject, False, sentence)
    texts = desk.policy.texts
    week = texts.dates_in("en").week(calendar, now) if texts is not None else ""
    if calendar.is_open(now):
        closes = calendar.closes(now)
        then = f"open until {_local(closes, calendar)}" if closes else "open for good"
    else:
        then = f"closed until {_local(opens, calendar)}"
    return Finding(subject, True, f"{week or 'closed this week'}, {calendar.zone}; now {then}")


def _promises(settings: Settings) -> Finding:
    sla, others = settings.sla, len(settings.sla_policies)
    if idle := sorted(set(sla.complex_topics) - settings.topics):
        sentence = f"nothing is ever complex for {', '.join(idle)}: no choice of [[menu]] gives it"
        return Finding("promises", False, sentence)
    told = list(_targets(sla))
    if not told and not others:
        return Finding("promises", True, "none")
    more = f"; others in {others} of [[sla_policies]]" if others else ""
    sentence = f"{', '.join(told) or 'none'}; at risk from {sla.at_risk_percent} % on{more}"
    return Finding("promises", True, sentence)


def _targets(section: TargetSection) -> Iterator[str]:
    for name, length in (
        ("first answer", section.first_minutes * MINUTE),
        ("first answer after a closed time", section.after_hours_minutes * MINUTE),
        ("next answer", section.next_minutes * MINUTE),
        ("resolution", section.resolution_hours * HOUR),
        ("of a complex case", section.complex_hours * HOUR),
        ("a person after the menu", section.human_minutes * MINUTE),
    ):
        if length:
            yield f"{name} {span(int(length))}"


# -- who gets what -----------------------------------------------------------------------------


def _by_hand(settings: Settings) -> Finding:
    section = settings.assignment
    idle = [
        name for name, there in (("rules", section.rules), ("shifts", settings.shifts)) if there
    ]
    if idle:
        sentence = (
            f"no model is set, so {' and '.join(idle)} count for nothing; set assignment.model"
        )
        return Finding("assignment", False, sentence)
    return Finding("assignment", True, "everything waits until somebody claims it")


def _work(number: Number, desk: Desk, routing: Routing) -> Finding:
    model = routing.model_for(None, number.id, number.team)
    sentence, well = _goes(model, number.team, desk, routing)
    return Finding(f"work of {_name(number)}", well, sentence)


def _goes(model: Model, team: TeamId | None, desk: Desk, routing: Routing) -> tuple[str, bool]:
    """To whom, in words; and whether there is anybody."""
    queue = f"team {team}" if team else "no team"
    if model is Model.MANUAL:
        return f"{queue}, where it waits for a person to take it or give it", True
    if not desk.agents:
        return f"{queue}, {_plain(model)}; there are no agents yet (wainbox-relay agent add)", True
    crew = [each for each in desk.agents.values() if eligibility.is_given_work(each, team)]
    if not crew:
        return f"{queue}, where nobody is given work: no agent is on that team", False
    names = ", ".join(f"{each.name} (up to {_most(each, routing)})" for each in crew)
    return f"{queue}, {_plain(model)} among {names}", True


def _most(agent: Agent, routing: Routing) -> int | None:
    return eligibility.capacity(agent, routing)


def _plain(model: Model) -> str:
    return model.value.replace("_", " ")


def _rule(section: RuleSection, rule: Rule, desk: Desk, routing: Routing) -> Finding:
    """`a message with "refund", in hours: high priority, team returns, round robin among Lina`."""
    asked = desk.agents.get(rule.agent) if rule.agent is not None else None
    effects, well = [], True
    if rule.priority is not None:
        effects.append(f"{rule.priority.value} priority")
    if rule.agent is not None and desk.agents:
        trouble = _cannot(rule, asked)
        effects.append(f"first {asked.name if asked else rule.agent}{trouble}")
        well = not trouble
    if rule.team is not None or rule.model is not None:
        for model, team in _ways(rule, desk, routing):
            sentence, good = _goes(model, team, desk, routing)
            effects, well = [*effects, sentence], well and good
    sentence = f"{_conditions(section)}: {', then '.join(effects) or 'as without any rule'}"
    return Finding(f"rule {rule.name}", well, sentence)


def _ways(rule: Rule, desk: Desk, routing: Routing) -> Iterable[tuple[Model, TeamId | None]]:
    """How work of this rule is handed out and in which team, on each of its numbers."""
    numbers = (n for n in desk.numbers.values() if not rule.numbers or n.id in rule.numbers)
    placed = ((number.id, rule.team or number.team) for number in numbers)
    return dict.fromkeys((routing.model_for(rule, n, team), team) for n, team in placed)


def _cannot(rule: Rule, agent: Agent | None) -> str:
    if agent is None:
        return " (there is no such agent; mind the handle)"
    if not ownership.fits(agent, rule.team):
        return f" (who is not on team {rule.team})"
    return ""


def _conditions(section: RuleSection) -> str:
    parts = [
        _any("about", section.topics),
        _any("in", section.languages),
        f"tagged {' and '.join(section.tags)}" if section.tags else "",
        {True: "of a VIP", False: "not of a VIP", None: ""}[section.vip],
        _any("to", section.numbers),
        {True: "by an advertisement", False: "not by an advertisement", None: ""}[section.advert],
        _any("with", tuple(f'"{word}"' for word in section.words)),
        {"open": "in hours", "closed": "outside hours", "": ""}[section.hours],
    ]
    told = [part for part in parts if part]
    return f"a message {', '.join(told)}" if told else "every message"


def _any(lead: str, words: tuple[str, ...]) -> str:
    return f"{lead} {' or '.join(words)}" if words else ""


# -- what is named and not there ---------------------------------------------------------------


def _strangers(settings: Settings, desk: Desk) -> Iterator[Finding]:
    """Shifts of nobody, and skills that nothing asks for."""
    if not desk.agents:
        return
    of_nobody = [each.agent for each in settings.shifts if each.agent]
    strange = [agent for agent in of_nobody if AgentId(agent) not in desk.agents]
    if strange:
        sentence = f"there is no agent {', '.join(strange)}; mind the handle"
        yield Finding("shifts", False, sentence)
    topics = settings.topics
    for agent in desk.agents.values():
        if idle := sorted(agent.topics - topics):
            sentence = f"nothing is ever about {', '.join(idle)}: no choice of [[menu]] gives it"
            yield Finding(f"skills of {agent.name}", False, sentence)


# -- examples ----------------------------------------------------------------------------------


def _examples(number: Number, settings: Settings, desk: Desk, now: Moment) -> Iterator[Finding]:
    """A message in the next hours of the number, and one an hour after they end."""
    calendar = desk.policy.calendars.get(number.calendar)
    text = _ASKED[number.language or "en"]
    if calendar is None:
        yield _example(text, number, settings, now, None)
        return
    opens = calendar.opens(now)
    closes = calendar.closes(now)
    if opens is not None:
        yield _example(text, number, settings, opens, calendar)
    if closes is not None:
        yield _example(text, number, settings, Moment(closes + HOUR), calendar)


def _example(
    text: str, number: Number, settings: Settings, at: Moment, calendar: Calendar | None
) -> Finding:
    when = datetime.fromtimestamp(at // SECOND, UTC)
    told = dict(explain(settings, Question(text, number.id, when), at))
    hour = f", {_local(at, calendar)}" if calendar else ""
    says = ", we say something by ourselves" if any("we say" in each for each in told) else ""
    does = f"{told['case']}{says}; then {told['goes to']}"
    sentence = f'"{text}" to {_name(number)}{hour}: {does}'
    return Finding("for example", True, sentence)


def _name(number: Number) -> str:
    return number.name or number.id


def _local(at: Moment, calendar: Calendar) -> str:
    return f"{datetime.fromtimestamp(at // SECOND, calendar.zone):%a %d %b %H:%M}"
