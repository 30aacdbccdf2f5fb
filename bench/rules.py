"""What each rule of the floor costs a message: the whole shop configured, one customer after the
other, the rules' own time alone."""

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from statistics import median

from bench.report import Report, at_most
from wainbox_relay.config import Settings
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.vocabulary import (
    SECOND,
    AgentId,
    ConversationId,
    CustomerId,
    EntryId,
    IdentityKind,
    Moment,
    NumberId,
    Presence,
    Role,
    ThreadId,
    Wamid,
)
from wainbox_relay.demo_shop import rules
from wainbox_relay.domain.decide import decide
from wainbox_relay.domain.evolve import evolve
from wainbox_relay.domain.facts import Fact, MessageArrived, Peer, Person
from wainbox_relay.domain.model import (
    Agent,
    Conversation,
    Customer,
    Desk,
    Fresh,
    Identity,
    Scene,
    Thread,
)
from wainbox_relay.domain.when import afterwards
from wainbox_relay.domain.when.turned import Turned
from wainbox_relay.language.detector import LocalDetector
from wainbox_relay.relay import desk_of
from wainbox_relay.sandbox.people import ATLAS

AT = 1_795_600_800 * SECOND
"""A Thursday at noon in Casablanca."""
LANGUAGE = "language detection"
MESSAGES = 4_000
CUSTOMERS = 2_000
WORDS = (
    "وين وصل طلبي؟ صار له اسبوع",
    "Bonjour, je n'ai pas encore reçu ma commande 48221",
    "salam khoya la commande dyali ma wslatch",
    "Hi, I would like to return the blue one, size 42",
)


def cost(report: Report) -> None:
    """Microseconds a message, by rule, for first and for further messages."""
    report.title(f"rules: what each costs a message, {MESSAGES} messages of {CUSTOMERS} customers")
    spent: dict[str, list[float]] = {}
    kept, afterwards.RULES = afterwards.RULES, tuple(_timed(spent))
    try:
        whole = [_played(spent, desk_of(_shop())) for _ in range(3)]
    finally:
        afterwards.RULES = kept
    each = {name: sum(took) / 3 / MESSAGES for name, took in spent.items()}
    detection = each.pop(LANGUAGE)
    rows = [(name, f"{cost:.1f}") for name, cost in each.items()]
    report.table(("rule", "us a message"), rows)
    report.goals(
        [
            ("language, us a message", detection, at_most(150, " us")),
            ("all rules, us a message", sum(each.values()), at_most(150, " us")),
            ("decided, rules and all, us a message", median(whole), at_most(400, " us")),
        ]
    )


def _shop() -> Settings:
    """The demo's shop with all its rules, on a number that keeps the shop's hours."""
    number = asdict(ATLAS) | {"calendar": "shop"}
    secrets = {"app_secret": "s", "verify_token": "v"}
    raw = rules(Moment(AT), "") | {"webhook": secrets, "numbers": [number], "oncall_agents": []}
    return Settings.of(raw, {})


def _timed(spent: dict[str, list[float]]) -> Iterator[afterwards.Rule]:
    for rule in afterwards.RULES:
        module, name = rule.__module__.rpartition(".")[2], getattr(rule, "__name__", "rule")
        yield _clocked(rule, spent.setdefault(f"{module}.{name}", []))


def _clocked(rule: afterwards.Rule, took: list[float]) -> afterwards.Rule:
    def clocked(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
        began = time.perf_counter()
        found = rule(turned, fact, scene, now)
        took.append((time.perf_counter() - began) * 1e6)
        return found

    return clocked


def _played(spent: dict[str, list[float]], desk: Desk) -> float:
    """Microseconds a message, with its language."""
    desk = replace(desk, agents=_agents())
    number = next(iter(desk.numbers))
    detector, detecting = LocalDetector(), spent.setdefault(LANGUAGE, [])
    cases: dict[int, Conversation] = {}
    began = time.perf_counter()
    for nth in range(MESSAGES):
        who, at = nth % CUSTOMERS, Moment(AT + nth * SECOND)
        text = WORDS[who % len(WORDS)]
        start = time.perf_counter()
        heard = detector.detect(text)
        detecting.append((time.perf_counter() - start) * 1e6)
        scene = replace(
            _scene(desk, number, nth, who, at), conversation=cases.get(who), heard=heard
        )
        peer = Peer(number, Person((Identity(IdentityKind.PHONE, f"2126{who:08d}"),)))
        fact = MessageArrived(peer, Wamid(f"w{nth}"), at, at, Text(body=text))
        outcome = decide(fact, scene, at)
        if (base := outcome.opened or scene.conversation) is not None:
            cases[who] = evolve(base, outcome.changes)
    return (time.perf_counter() - began) * 1e6 / MESSAGES


def _agents() -> dict[AgentId, Agent]:
    """Fifty people at work, with room for everybody."""
    names = [AgentId(f"agent{n}") for n in range(50)]
    return {
        name: Agent(name, name, Role.AGENT, presence=Presence.ONLINE, capacity=MESSAGES)
        for name in names
    }


def _scene(desk: Desk, number: NumberId, nth: int, who: int, at: Moment) -> Scene:
    replies = (EntryId(3 * nth + 1), EntryId(3 * nth + 2))
    return Scene(
        desk=desk,
        thread=Thread(ThreadId(who), number, CustomerId(who)),
        fresh=Fresh(ConversationId(nth), EntryId(3 * nth), nth, replies),
        customer=Customer(CustomerId(who), at, phone=f"2126{who:08d}"),
    )
