"""What the rules would do with a message: `wainbox-relay explain` plays it and keeps nothing.

The rules themselves are asked, with the agents of the database as if all of them were here.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from wainbox_relay.config import Settings
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.vocabulary import (
    SECOND,
    AgentId,
    ConversationId,
    CustomerId,
    Direction,
    EntryId,
    Flag,
    IdentityKind,
    Moment,
    Presence,
    Status,
    ThreadId,
    Wamid,
)
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.decide import decide
from wainbox_relay.domain.evolve import evolve
from wainbox_relay.domain.facts import MessageArrived, Peer, Person
from wainbox_relay.domain.model import (
    Agent,
    Conversation,
    Customer,
    Desk,
    Fresh,
    Identity,
    Number,
    Scene,
    Thread,
)
from wainbox_relay.domain.outcome import Outcome
from wainbox_relay.domain.rules import assigning
from wainbox_relay.domain.rules.calendar import ALWAYS, Calendar
from wainbox_relay.domain.rules.roster import Duty, by_whom
from wainbox_relay.domain.rules.rota import Shift
from wainbox_relay.engine import promised
from wainbox_relay.language.detector import LocalDetector
from wainbox_relay.relay import desk_of
from wainbox_relay.store import rows
from wainbox_relay.store.files import MAIN_FILE
from wainbox_relay.store.queries import SQL

_LANGUAGES = {"ar": "Arabic", "ar-Latn": "Arabic in Latin letters", "fr": "French", "en": "English"}
_REF = 1042
Findings = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Question:
    """A first message of somebody unknown. `at` without a zone is the number's own time."""

    text: str
    number: str
    at: datetime | None = None
    vip: bool = False
    tags: tuple[str, ...] = ()
    topic: str = ""
    """What they choose in the menu, if they meet it."""
    advert: bool = False


class NoSuchNumber(ValueError):
    """The sentence names the numbers there are."""


class NoSuchTopic(ValueError):
    """The sentence names the topics that the menu gives."""


def explain(settings: Settings, asked: Question, now: Moment) -> Findings:
    """What would happen, as (subject, sentence) in the order of events. Raises `NoSuchNumber` or
    `NoSuchTopic`."""
    _check_topic(settings, asked.topic)
    desk = on_duty(settings, now)
    number = _number(desk, asked.number)
    calendar = desk.policy.calendars.get(number.calendar, ALWAYS)
    at = _moment(asked.at, calendar.zone, now)
    scene = _scene(desk, number, asked, at)
    peer = Peer(number.id, Person((Identity(IdentityKind.PHONE, "1"),)))
    came = "ad" if asked.advert else ""
    body = Text(body=asked.text)
    fact = MessageArrived(peer, Wamid("explained"), at, at, body, referral=came)
    outcome = decide(fact, scene, at)
    return list(_told(scene, outcome, number, calendar, at, asked.topic))


def on_duty(settings: Settings, now: Moment) -> Desk:
    """The desk as configured, with what was set by command, and all its agents at work."""
    desk, database = desk_of(settings), settings.relay.data_dir / MAIN_FILE
    if not database.exists():
        return desk
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return replace(
            desk,
            agents=_everybody(connection, now),
            duties=by_whom(Duty(*row) for row in connection.execute(SQL.duties)),
            turns=rows.turns(connection.execute(SQL.turns).fetchall()),
            covers=tuple(Shift(*row) for row in connection.execute(SQL.covers)),
            teams=desk.teams | {row[0] for row in connection.execute(SQL.teams)},
        )


def _everybody(connection: sqlite3.Connection, now: Moment) -> Mapping[AgentId, Agent]:
    """The agents, all of them at work: who is here by then nobody knows."""
    found = [rows.agent(row) for row in connection.execute(SQL.agents)]
    return {
        agent.id: replace(agent, presence=Presence.ONLINE, presence_since=now)
        for agent in found
        if agent.revoked_at is None
    }


def _number(desk: Desk, wanted: str) -> Number:
    known = [number for number in desk.numbers.values() if number.claimed]
    for number in known:
        if wanted in (number.id, number.name, number.phone) or (not wanted and len(known) == 1):
            return number
    names = ", ".join(number.name or number.id for number in known) or "none is configured"
    raise NoSuchNumber(f"There is no number {wanted!r}; say which with --number: {names}.")


def _check_topic(settings: Settings, topic: str) -> None:
    if topic and topic not in settings.topics:
        names = ", ".join(sorted(settings.topics)) or "there is no menu"
        raise NoSuchTopic(f"The menu gives no topic {topic!r}; give --topic one of these: {names}.")


def _moment(at: datetime | None, zone: ZoneInfo, now: Moment) -> Moment:
    if at is None:
        return now
    aware = at if at.tzinfo is not None else at.replace(tzinfo=zone)
    return Moment(int(aware.timestamp()) * SECOND)


def _scene(desk: Desk, number: Number, asked: Question, at: Moment) -> Scene:
    customer = Customer(CustomerId(1), at, vip=asked.vip, tags=frozenset(asked.tags))
    return Scene(
        desk=desk,
        thread=Thread(ThreadId(1), number.id, customer.id),
        fresh=Fresh(ConversationId(1), EntryId(1), _REF, (EntryId(2), EntryId(3))),
        customer=customer,
        heard=LocalDetector().detect(asked.text),
    )


# -- in words ----------------------------------------------------------------------------------


def _told(
    scene: Scene, outcome: Outcome, number: Number, calendar: Calendar, at: Moment, topic: str
) -> Iterator[tuple[str, str]]:
    if outcome.opened is None:
        return
    case = evolve(outcome.opened, outcome.changes)
    yield "language", _language(case, scene)
    yield "hours", _hours(number, calendar, at)
    if case.resolved:
        yield "case", "nothing but thanks or a wish for no more advertising: no case is opened"
        return
    yield "case", _case(case)
    for entry in outcome.entries:
        if entry.direction is Direction.OUT:
            words = entry.content.preview().replace("\n", " / ")
            yield f"we say ({entry.auto})", words
    yield from _owner(_about(topic, case, scene, at), scene, calendar, at)
    for clock in case.clocks:
        if sentence := promised.sentence(clock, calendar.zone):
            yield "promised", sentence
    if case.escalation is not None:
        yield "on call", _paged(case, scene.desk)


def _language(case: Conversation, scene: Scene) -> str:
    heard = scene.heard
    if not case.language or heard is None:
        return "cannot be told from these words"
    return f"{_LANGUAGES.get(case.language, case.language)}, told by {heard.reason}"


def _hours(number: Number, calendar: Calendar, at: Moment) -> str:
    if not number.calendar:
        return "always open: the number has no calendar"
    if calendar.is_open(at):
        closes = calendar.closes(at)
        return f"open until {_local(closes, calendar)}" if closes else "open round the clock"
    opens = calendar.opens(at)
    return f"closed; opens {_local(opens, calendar)}" if opens else "closed for two years or more"


def _local(at: Moment, calendar: Calendar) -> str:
    return promised.moment(at, calendar.zone)


_SIGNS = {
    Flag.PENDING: "after hours",
    Flag.URGENT: "urgent",
    Flag.ESCALATED: "escalated",
    Flag.WINDOW_SHUTS: "the reply window shuts before we open",
}


def _case(case: Conversation) -> str:
    signs = [words for flag, words in _SIGNS.items() if flag in case.flags]
    status = "with the menu" if case.status is Status.BOT else case.status.value
    return ", ".join([status, f"priority {case.priority.value}", *signs])


def _about(topic: str, case: Conversation, scene: Scene, at: Moment) -> Conversation:
    """The case once the menu knows what it is about, and the rule that fits it then."""
    routing = scene.desk.policy.routing
    if not topic or case.status is not Status.BOT or routing is None:
        return case
    known = replace(case, topic=topic)
    traits = assigning.traits(known, scene.customer, scene.desk, at)
    return assigning.ruled(known, routing.rule(traits, known.custody.rule))


def _owner(
    case: Conversation, scene: Scene, calendar: Calendar, at: Moment
) -> Iterator[tuple[str, str]]:
    """Who would get it; from the menu or the night: once a person is asked for."""
    desk, routing = scene.desk, scene.desk.policy.routing
    rule = f", by the rule {case.custody.rule}" if case.custody.rule else ""
    yield "queue", f"team {case.team}{rule}" if case.team else f"no team{rule}"
    if routing is None:
        yield "goes to", "nobody by itself: no way of handing out work is configured"
        return
    when = calendar.opens(at) or at
    waiting = replace(case, status=Status.OPEN, assignee=None, bot=None)
    found = assigning.choose(waiting, scene.customer, desk, routing, when)
    sentence = found.reason(lambda agent: desk.agents[agent].name)
    after = "after the menu, " if case.status is Status.BOT else ""
    later = f"{_local(when, calendar)}, " if when > at else ""
    yield "goes to", f"{after}{later}{sentence} (if everybody on shift is here)"


def _paged(case: Conversation, desk: Desk) -> str:
    holder = case.escalation.holder if case.escalation else None
    if holder is None:
        return "escalated to the leads: nobody is paged while people are here"
    return f"{desk.agents[holder].name if holder in desk.agents else holder} is paged at once"
