"""The table of a conversation's life, cell by cell: with every rule on, each row's event, and then
what status, owner, turn, flags, clocks and alarms are, and which reason history has.

A shop with a menu and hours (8:00 to 20:00 in a script; the 3rd is a Thursday, the 4th closed),
promises, round robin between Karim and Leila, a rota, stars and silence.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.relay.domain.playbook import BOSS, GROUP, KARIM, LEILA, RETURNS, clock, sid
from tests.relay.domain.shop import Shop, desk

from wainbox_relay.contract import commands as ask
from wainbox_relay.contract.content import Call, Image, MediaFile, Order, System, Unsupported
from wainbox_relay.contract.vocabulary import (
    CustomerId,
    Delivery,
    Flag,
    Moment,
    Presence,
    Priority,
    Role,
    Wamid,
)
from wainbox_relay.domain.facts import (
    Begun,
    Edited,
    Fact,
    LetGo,
    Revoked,
)
from wainbox_relay.domain.model import Clock, Customer, Scene, Target
from wainbox_relay.domain.outcome import Change, Outcome
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.sections.menu import EXAMPLE

SECTIONS: dict[str, Any] = {
    "assignment": {"model": "round_robin", "return_minutes": 30, "sticky_minutes": 60},
    "rating": {"ask": True},
    "oncall": {"rota": ["leila", "karim"], "leads": ["boss"]},
    "urgency": {"words": ["stolen"]},
    "desk": {"teams": ["care", "returns"]},
    "sla": {"first_minutes": 5},
}
ARMS = ("bot", "hours", "page", "night", "rating", "silence", "snooze")


class Floor(Shop):
    """A shop whose agents fill with the work, and where the clock rings what is due."""

    def _fold(self, fact: Fact, scene: Scene, outcome: Outcome, now: Moment) -> None:
        super()._fold(fact, scene, outcome, now)
        if outcome.changes or outcome.opened:
            before = None if outcome.opened else scene.conversation
            after = self.conversations[(outcome.opened or scene.conversation).id]
            self.desk = eligibility.weighed(self.desk, before, after, now)

    def is_(self, who: str, presence: Presence, at: str) -> None:
        agent = replace(self.desk.agents[who], presence=presence, presence_since=clock(at))
        self.desk = replace(self.desk, agents={**self.desk.agents, who: agent})

    def lets_go(self, at: str, who: str, why: str) -> None:
        self.play(at, LetGo(self.conversation.id, who, why))

    def fails(self, at: str, name: str) -> None:
        self.reports(at, f"wa-{name}", Delivery.FAILED)

    @property
    def cells(self) -> str:
        """`open karim; ours; pending; first resolution; hours`, with `-` for nothing. A clock that
        stands still is in brackets; what is over is not told."""
        c = self.conversation
        flags = " ".join(sorted(c.flags)) or "-"
        clocks = " ".join(filter(None, map(_clock, c.clocks))) or "-"
        arms = " ".join(arm for arm in ARMS if self.due(arm) is not None) or "-"
        return f"{c.status} {c.assignee or '-'}; {c.turn}; {flags}; {clocks}; {arms}"


def _clock(known: Clock) -> str:
    if known.since is not None:
        return str(known.target)
    return f"({known.target})" if known.target is Target.RESOLUTION else ""


def floor(*, menu: bool = False, group: str = "", **sections: Any) -> Floor:
    here = desk(menu=EXAMPLE if menu else [], **{**SECTIONS, **sections})
    sara = Customer(CustomerId(1), clock("0:00"), "Sara", phone="212600000001", language="en")
    return Floor(desk=here, customer=sara, group=group)


def new(**more: Any) -> Floor:
    return floor(**more)


def case(day: Floor | None = None) -> Floor:
    """Sara wrote at ten, and Karim was given it."""
    day = day or floor()
    day.says("10:00")
    return day


def menu() -> Floor:
    day = floor(menu=True)
    day.says("10:00")
    return day


def pool() -> Floor:
    """Nobody is there to take it."""
    day = floor()
    for who in (KARIM, LEILA, BOSS):
        day.is_(who, Presence.AWAY, "9:00")
    return case(day)


def mine() -> Floor:
    day = pool()
    day.ask("10:01", KARIM, ask.Claim())
    return day


def theirs() -> Floor:
    """Karim answered and keeps it open."""
    day = case()
    day.sends("10:02", KARIM, "r1", then="open")
    return day


def waiting() -> Floor:
    day = case()
    day.sends("10:02", KARIM, "r1")
    return day


def until(text: str) -> datetime:
    return datetime.fromtimestamp(clock(text) / 1_000_000, UTC)


def snoozed() -> Floor:
    day = waiting()
    day.ask("10:03", KARIM, ask.Snooze(until=until("12:00")))
    return day


def resolved() -> Floor:
    day = waiting()
    day.ask("10:10", KARIM, ask.Resolve())
    return day


def night() -> Floor:
    day = floor()
    for who in (KARIM, LEILA, BOSS):
        day.is_(who, Presence.OFFLINE, "3d 20:00")
    day.says("3d 22:00")
    return day


def standby() -> Floor:
    day = floor()
    day.says("10:00", source="standby")
    return day


SIGNS = {Flag.PENDING, Flag.URGENT, Flag.ESCALATED, Flag.SLA_AT_RISK, Flag.SLA_MISSED}
SIGNS |= {Flag.WINDOW_SHUT, Flag.DELIVERY_TROUBLE}


def flagged_theirs() -> Floor:
    d = theirs()
    d.change(flags=frozenset(SIGNS))
    return d


def flagged_pool() -> Floor:
    d = pool()
    d.change(flags=frozenset(SIGNS - {Flag.DELIVERY_TROUBLE}))
    return d


TAKEN = "acked escalated pending window_shuts"
PASSED = System(what="control_passed", owner="escalation")


def begins(d: Floor) -> None:
    d.play(
        "10:00",
        Begun(LEILA, Role.AGENT, sid("t"), d.peer, ask.SendTemplate(name="h", language="en")),
    )


def begun() -> Floor:
    d = floor()
    begins(d)
    d.leaves("10:00", "t")
    d.accepts("10:00", "t", "wa-t")
    return d


def closed_menu() -> Floor:
    d = floor(menu=True)
    d.says("3d 22:00", "my parcel is lost")
    return d


def in_returns() -> Floor:
    d = menu()
    d.taps("10:01", "Return or exchange")
    return d


def greeted() -> Floor:
    d = floor(menu=True)
    d.says("10:00", "Hello")
    return d


def unsure(d: Floor) -> None:
    d.replies("10:02", KARIM, "r1")
    d.leaves("10:02", "r1")
    d.doubts("10:03", "r1")


def released(make: Callable[[], Floor]) -> Floor:
    d = make()
    d.ask("10:04", BOSS, ask.Release())
    return d


def moved_off(d: Floor) -> None:
    a = replace(d.desk.agents[KARIM], teams=frozenset({RETURNS}))
    d.desk = replace(d.desk, agents={**d.desk.agents, KARIM: a})
    d.lets_go("10:05", KARIM, "left")


def evening() -> Floor:
    d = floor()
    d.says("19:50")
    return d


def morning(d: Floor) -> None:
    d.is_(LEILA, Presence.ONLINE, "5d 8:00")
    d.rings("5d 8:00", "hours")


def asked_human() -> Floor:
    d = menu()
    for who in (KARIM, LEILA, BOSS):
        d.is_(who, Presence.AWAY, "9:00")
    d.says("10:01", "agent please")
    return d


def paged() -> Floor:
    d = night()
    d.ask("3d 22:05", KARIM, ask.Escalate(sure=True))
    return d


def asked() -> Floor:
    d = resolved()
    d.rings("10:20", "rating")
    return d


def rated(n: str) -> Floor:
    d = asked()
    d.says("10:25", n)
    return d


def spam() -> Floor:
    d = case()
    d.ask("10:02", KARIM, ask.MarkSpam())
    return d


Row = tuple[str, Callable[[], Floor], Callable[[Floor], Any], str, str]
"""Its number and event, how it began, what happens, the cells afterwards, what history tells."""

ROWS: list[Row] = [
    (
        "1 open hours, no menu",
        new,
        lambda d: d.says("10:00"),
        "open karim; ours; -; first resolution; hours",
        "opened, assigned round robin",
    ),
    (
        "2 open hours, a menu",
        lambda: new(menu=True),
        lambda d: d.says("10:00", "Hello, my parcel"),
        "bot -; ours; -; -; bot hours",
        "opened, says menu",
    ),
    (
        "3 closed",
        new,
        lambda d: d.says("3d 22:00"),
        "open -; ours; pending window_shuts; first resolution; hours",
        "opened, says after_hours",
    ),
    (
        "3 closed, urgent",
        new,
        lambda d: d.says("3d 22:00", "my card was stolen"),
        "open -; ours; escalated pending urgent window_shuts; first resolution; hours page",
        "opened, marked urgent, escalated urgent, paged, says after_hours",
    ),
    (
        "3 closed, a menu",
        lambda: new(menu=True),
        lambda d: d.says("3d 22:00", "my parcel"),
        "bot -; ours; pending window_shuts; -; bot hours",
        "opened, says menu",
    ),
    (
        "4 request_welcome",
        new,
        lambda d: d.says("10:00", content=System(what="request_welcome")),
        "resolved -; theirs; imported; -; -",
        "opened",
    ),
    (
        "4 lone thanks",
        new,
        lambda d: d.says("10:00", "merci"),
        "resolved -; theirs; imported; -; -",
        "opened",
    ),
    (
        "5 stop",
        new,
        lambda d: d.says("10:00", "STOP"),
        "resolved -; theirs; imported; -; -",
        "opened, marked opted_out",
    ),
    (
        "6 unsupported",
        new,
        lambda d: d.says("10:00", content=Unsupported(type="poll")),
        "open karim; ours; -; first resolution; hours",
        "opened, assigned round robin",
    ),
    (
        "6 order",
        new,
        lambda d: d.says("10:00", content=Order(catalog="c")),
        "open karim; ours; -; first resolution; hours",
        "opened, assigned round robin",
    ),
    (
        "6 missed call",
        new,
        lambda d: d.says("10:00", content=Call(event="missed")),
        "open karim; ours; -; first resolution; hours",
        "opened, assigned round robin",
    ),
    (
        "7 group",
        lambda: new(menu=True, group=GROUP),
        lambda d: d.says("3d 22:00"),
        "open -; ours; group pending window_shuts; first resolution; hours",
        "opened",
    ),
    (
        "7 group, open",
        lambda: new(menu=True, group=GROUP),
        lambda d: d.says("10:00"),
        "open karim; ours; group; first resolution; hours",
        "opened, assigned round robin",
    ),
    (
        "8 by template",
        new,
        begins,
        "waiting leila; theirs; outbound; -; silence",
        "opened",
    ),
    (
        "8 answered",
        begun,
        lambda d: d.says("10:30"),
        "open leila; ours; outbound; next resolution; hours",
        "status message",
    ),
    (
        "9 echo",
        new,
        lambda d: d.phones("10:00", "It is ready"),
        "waiting -; theirs; phone; -; silence",
        "opened",
    ),
    (
        "10 standby",
        lambda: new(menu=True),
        lambda d: d.says("10:00", source="standby"),
        "bot -; theirs; standby; -; -",
        "opened",
    ),
    (
        "10 control_passed",
        standby,
        lambda d: d.says("10:05", content=PASSED),
        "open karim; ours; -; first resolution; hours",
        "status passed on, assigned round robin",
    ),
    (
        "11 history",
        new,
        lambda d: d.says("10:00", sent="8:00", source="history"),
        "resolved -; theirs; imported; -; -",
        "opened",
    ),
    (
        "12 menu answer",
        menu,
        lambda d: d.taps("10:01", "Return or exchange"),
        "bot -; ours; -; -; bot hours",
        "marked topic, says menu",
    ),
    (
        "13 asks for a human",
        menu,
        lambda d: d.says("10:01", "agent please"),
        "open karim; ours; -; first resolution human; hours",
        "status asked for a person, assigned round robin, says menu",
    ),
    (
        "13 idle",
        menu,
        lambda d: d.rings("10:03", "bot"),
        "open karim; ours; -; first resolution; hours",
        "status idle, assigned round robin",
    ),
    (
        "14 closed",
        closed_menu,
        lambda d: d.rings("3d 22:03", "bot"),
        "open -; ours; pending window_shuts; first resolution; hours",
        "status idle",
    ),
    (
        "15 self-service",
        in_returns,
        lambda d: d.taps("10:02", "How does it work?"),
        "resolved -; theirs; -; -; hours",
        "status contained, says menu",
    ),
    (
        "16 greeting only",
        greeted,
        lambda d: d.rings("2d 10:00", "bot"),
        "resolved -; theirs; -; -; hours",
        "status no question",
    ),
    (
        "17 claimed",
        menu,
        lambda d: d.ask("10:01", LEILA, ask.Claim()),
        "open leila; ours; -; first resolution; hours",
        "status claimed, assigned claimed",
    ),
    (
        "17 assigned",
        menu,
        lambda d: d.ask("10:01", BOSS, ask.Assign(agent=LEILA)),
        "open leila; ours; -; first resolution; hours",
        "status assigned, assigned assigned",
    ),
    (
        "18 human message",
        menu,
        lambda d: d.sends("10:01", LEILA, "r1"),
        "waiting leila; theirs; -; -; hours silence",
        "answered, status answered, assigned answered",
    ),
    (
        "18 echo",
        menu,
        lambda d: d.phones("10:01", "I am on it"),
        "waiting -; theirs; phone; -; hours silence",
        "answered, status answered",
    ),
    (
        "19 message on open",
        flagged_theirs,
        lambda d: d.says("10:05"),
        "open karim; ours; escalated pending sla_missed urgent; next resolution; hours",
        "",
    ),
    (
        "19 message on ours",
        case,
        lambda d: d.says("10:02"),
        "open karim; ours; -; first resolution; hours",
        "",
    ),
    (
        "20 thanks",
        theirs,
        lambda d: d.says("10:05", "merci"),
        "open karim; theirs; thanks; resolution; hours",
        "",
    ),
    (
        "21 reaction",
        waiting,
        lambda d: d.reacts("10:05", "wa-r1", "😂"),
        "waiting karim; theirs; -; (resolution); hours silence",
        "",
    ),
    (
        "21 edit",
        waiting,
        lambda d: d.play(
            "10:05",
            Edited("riyadh", Wamid("in1"), Wamid("e"), clock("10:05"), Unsupported(type="x")),
        ),
        "waiting karim; theirs; -; (resolution); hours silence",
        "",
    ),
    (
        "21 revoke",
        waiting,
        lambda d: d.play("10:05", Revoked("riyadh", Wamid("in1"), Wamid("e"), clock("10:05"))),
        "waiting karim; theirs; -; (resolution); hours silence",
        "",
    ),
    (
        "22 claim",
        pool,
        lambda d: d.ask("10:01", LEILA, ask.Claim()),
        "open leila; ours; -; first resolution; hours",
        "assigned claimed",
    ),
    (
        "22 claim snoozed",
        lambda: released(snoozed),
        lambda d: d.ask("10:05", LEILA, ask.Claim()),
        "snoozed leila; theirs; -; (resolution); hours snooze",
        "assigned claimed",
    ),
    (
        "23 take over",
        case,
        lambda d: d.ask("10:02", LEILA, ask.Claim(take_over=True)),
        "open leila; ours; -; first resolution; hours",
        "assigned taken over",
    ),
    (
        "24 assign to a person",
        waiting,
        lambda d: d.ask("10:05", BOSS, ask.Assign(agent=LEILA)),
        "waiting leila; theirs; -; (resolution); hours silence",
        "assigned assigned",
    ),
    (
        "24 assign to a team",
        case,
        lambda d: d.ask("10:02", BOSS, ask.Assign(team=RETURNS)),
        "open -; ours; -; first resolution; hours",
        "assigned assigned, queued round robin",
    ),
    (
        "25 release",
        case,
        lambda d: d.ask("10:02", KARIM, ask.Release()),
        "open leila; ours; -; first resolution; hours",
        "assigned released, assigned round robin",
    ),
    (
        "26 send and wait",
        flagged_pool,
        lambda d: d.sends("10:02", LEILA, "r1"),
        "waiting leila; theirs; sla_missed urgent window_shut; (resolution); hours silence",
        "answered, status answered, assigned answered",
    ),
    (
        "27 keep open",
        flagged_pool,
        lambda d: d.sends("10:02", LEILA, "r1", then="open"),
        "open leila; theirs; sla_missed urgent window_shut; resolution; hours",
        "answered, assigned answered",
    ),
    (
        "28 held",
        case,
        lambda d: d.replies("10:02", KARIM, "r1", hold_ms=3000),
        "open karim; ours; -; first resolution; hours",
        "",
    ),
    (
        "28 queued",
        case,
        lambda d: d.replies("10:02", KARIM, "r1"),
        "open karim; ours; -; first resolution; hours",
        "",
    ),
    (
        "28 unconfirmed",
        case,
        unsure,
        "open karim; ours; unconfirmed; first resolution; hours",
        "",
    ),
    (
        "29 failed after accept",
        waiting,
        lambda d: d.fails("10:30", "r1"),
        "open karim; ours; delivery_trouble; first resolution; hours",
        "answer_lost, status undelivered",
    ),
    (
        "29 failed after resolve",
        resolved,
        lambda d: d.fails("10:30", "r1"),
        "open karim; ours; delivery_trouble; first resolution; hours",
        "answer_lost, status undelivered, assigned undelivered",
    ),
    (
        "30 echo",
        case,
        lambda d: d.phones("10:02", "It left"),
        "waiting karim; theirs; phone; (resolution); hours silence",
        "answered, status answered",
    ),
    (
        "30 echo on resolved",
        resolved,
        lambda d: d.phones("10:15", "And thanks"),
        "resolved -; theirs; -; (resolution); hours rating",
        "",
    ),
    (
        "31 mark waiting",
        theirs,
        lambda d: d.ask("10:05", KARIM, ask.Wait()),
        "waiting karim; theirs; -; (resolution); hours silence",
        "status on customer",
    ),
    (
        "31 snoozed",
        snoozed,
        lambda d: d.ask("10:05", KARIM, ask.Wait()),
        "waiting karim; theirs; -; (resolution); hours silence",
        "status on customer",
    ),
    (
        "32 snooze",
        theirs,
        lambda d: d.ask("10:05", KARIM, ask.Snooze(until=until("12:00"))),
        "snoozed karim; theirs; -; (resolution); hours snooze",
        "snoozed, status snoozed",
    ),
    (
        "33 snooze ours",
        case,
        lambda d: d.ask("10:02", KARIM, ask.Snooze(until=until("12:00"), sure=True)),
        "snoozed karim; ours; -; first resolution; hours snooze",
        "snoozed, status snoozed",
    ),
    (
        "34 resolve",
        flagged_theirs,
        lambda d: d.ask("10:10", KARIM, ask.Resolve(outcome="solved")),
        "resolved -; theirs; sla_missed; (resolution); hours rating",
        "status resolved, assigned resolved",
    ),
    (
        "34 ours",
        case,
        lambda d: d.ask("10:02", KARIM, ask.Resolve(sure=True)),
        "resolved -; theirs; -; (resolution); hours",
        "status resolved, assigned resolved",
    ),
    (
        "34 from the menu",
        menu,
        lambda d: d.ask("10:02", KARIM, ask.Resolve(sure=True)),
        "resolved -; theirs; -; -; hours",
        "status resolved",
    ),
    (
        "35 at risk",
        case,
        lambda d: d.rings("10:04", "sla"),
        "open karim; ours; sla_at_risk; first resolution; hours",
        "at_risk",
    ),
    (
        "36 missed",
        case,
        lambda d: d.rings("10:05", "sla"),
        "open karim; ours; sla_missed; first resolution; hours",
        "overdue",
    ),
    (
        "37 priority",
        case,
        lambda d: d.ask("10:01", KARIM, ask.SetPriority(priority=Priority.URGENT)),
        "open karim; ours; -; first resolution; hours",
        "marked priority",
    ),
    (
        "38 silent",
        mine,
        lambda d: d.lets_go("10:32", KARIM, "silent"),
        "open -; ours; returned sla_missed; first resolution; hours",
        "assigned silent, queued round robin, overdue",
    ),
    (
        "39 gone",
        mine,
        lambda d: (d.is_(KARIM, Presence.OFFLINE, "10:05"), d.lets_go("10:07", KARIM, "dropped")),
        "open -; ours; dropped sla_missed; first resolution; hours",
        "assigned dropped, queued round robin, overdue",
    ),
    (
        "42 left",
        waiting,
        moved_off,
        "waiting -; theirs; -; (resolution); hours silence",
        "assigned left",
    ),
    (
        "43 closing time",
        evening,
        lambda d: d.rings("20:00", "hours"),
        "open karim; ours; pending; first resolution; hours",
        "marked after hours, says after_hours",
    ),
    (
        "44 opening time",
        night,
        morning,
        "open leila; ours; pending window_shut; first resolution; hours",
        "assigned round robin",
    ),
    (
        "45 escalated in hours",
        case,
        lambda d: d.ask("10:02", KARIM, ask.Escalate(reason="help")),
        "open -; ours; escalated; first resolution; hours",
        "escalated person, assigned escalated",
    ),
    (
        "45 escalated at night",
        night,
        lambda d: d.ask("3d 22:05", KARIM, ask.Escalate(sure=True)),
        "open -; ours; escalated pending window_shuts; first resolution; hours page",
        "escalated person, paged",
    ),
    (
        "46 no human",
        asked_human,
        lambda d: d.rings("10:31", "sla"),
        "open -; ours; escalated sla_missed; first resolution human; hours",
        "overdue, overdue, escalated no human, says menu",
    ),
    (
        "47 acknowledged",
        paged,
        lambda d: d.ask("3d 22:06", LEILA, ask.Acknowledge()),
        f"open leila; ours; {TAKEN}; first resolution; hours page night",
        "acked, assigned acknowledged",
    ),
    (
        "49 on waiting",
        waiting,
        lambda d: d.says("10:30"),
        "open karim; ours; -; next resolution; hours",
        "status message",
    ),
    (
        "49 closed",
        waiting,
        lambda d: d.says("22:00"),
        "open karim; ours; pending; next resolution; hours",
        "status message, says after_hours",
    ),
    (
        "50 thanks",
        waiting,
        lambda d: d.says("10:30", "merci"),
        "open karim; theirs; thanks; resolution; hours",
        "status thanks",
    ),
    (
        "50 snoozed",
        snoozed,
        lambda d: d.says("10:30", "merci"),
        "open karim; theirs; thanks; resolution; hours",
        "status thanks",
    ),
    (
        "51 message",
        waiting,
        lambda d: d.sends("10:05", KARIM, "r2"),
        "waiting karim; theirs; -; (resolution); hours silence",
        "answered",
    ),
    (
        "52 reopened by hand",
        lambda: released(waiting),
        lambda d: d.ask("10:06", LEILA, ask.Reopen()),
        "open leila; theirs; -; resolution; hours",
        "status opened, assigned opened",
    ),
    (
        "53 silence",
        waiting,
        lambda d: d.rings("4d 10:02", "silence"),
        "resolved -; theirs; auto; (resolution); hours",
        "status no reply, assigned no reply",
    ),
    (
        "54 due",
        snoozed,
        lambda d: d.rings("12:00", "snooze"),
        "open karim; theirs; woke; resolution; hours",
        "status woke",
    ),
    (
        "55 message",
        snoozed,
        lambda d: d.says("11:00"),
        "open karim; ours; -; next resolution; hours",
        "status message",
    ),
    (
        "56 own",
        snoozed,
        lambda d: d.sends("11:00", KARIM, "r2"),
        "snoozed karim; theirs; -; (resolution); hours snooze",
        "answered",
    ),
    (
        "56 another's",
        snoozed,
        lambda d: d.sends("11:00", LEILA, "r2"),
        "open karim; theirs; -; resolution; hours",
        "answered, status answered",
    ),
    (
        "57 message",
        resolved,
        lambda d: d.says("11:00"),
        "open karim; ours; reopened; next resolution; hours",
        "reopened came back, status came back, assigned came back",
    ),
    (
        "57 closed",
        resolved,
        lambda d: d.says("22:00"),
        "open karim; ours; pending reopened; next resolution; hours",
        "reopened came back, status came back, assigned came back, says after_hours",
    ),
    (
        "58 thanks",
        resolved,
        lambda d: d.says("10:15", "merci"),
        "resolved -; theirs; -; (resolution); hours rating",
        "",
    ),
    (
        "58 angry",
        resolved,
        lambda d: d.reacts("10:15", "wa-r1", "😡"),
        "open karim; ours; reopened; next resolution; hours",
        "reopened angry reaction, status angry reaction, assigned angry reaction",
    ),
    (
        "58 picture",
        resolved,
        lambda d: d.says("10:15", content=Image(file=MediaFile(media_id="1"))),
        "open karim; ours; reopened; next resolution; hours",
        "reopened came back, status came back, assigned came back",
    ),
    (
        "59 stars",
        asked,
        lambda d: d.says("10:25", "4"),
        "resolved -; theirs; rated; (resolution); hours rating",
        "rated",
    ),
    (
        "60 kind words",
        lambda: rated("5"),
        lambda d: d.says("10:26", "merci"),
        "resolved -; theirs; rated; (resolution); hours rating",
        "",
    ),
    (
        "60 a complaint",
        lambda: rated("1"),
        lambda d: d.says("10:26", "where is my refund"),
        "open karim; ours; rated reopened; next resolution; hours",
        "reopened came back, status came back, assigned came back",
    ),
    (
        "61 later",
        resolved,
        lambda d: d.says("5d 11:00"),
        "open karim; ours; follow_up; first resolution; hours rating",
        "opened, assigned previous owner",
    ),
    (
        "62 late",
        resolved,
        lambda d: d.says("10:20", sent="10:09"),
        "open karim; ours; late; next resolution; hours",
        "reopened late, status late, assigned late",
    ),
    (
        "63 writes",
        resolved,
        lambda d: d.sends("10:20", LEILA, "r2"),
        "waiting leila; theirs; -; (resolution); hours silence",
        "reopened by hand, status wrote, assigned wrote, answered, status answered",
    ),
    (
        "63 reopens",
        resolved,
        lambda d: d.ask("10:20", LEILA, ask.Reopen()),
        "open leila; theirs; -; resolution; hours",
        "reopened by hand, status opened, assigned opened",
    ),
    (
        "64 due",
        resolved,
        lambda d: d.rings("10:20", "rating"),
        "resolved -; theirs; -; (resolution); hours rating",
        "rating_asked, says rating",
    ),
    (
        "65 spam",
        case,
        lambda d: d.ask("10:02", KARIM, ask.MarkSpam()),
        "resolved -; theirs; spam; (resolution); hours",
        "status spam, assigned spam",
    ),
    (
        "65 later",
        spam,
        lambda d: d.says("10:30"),
        "resolved -; theirs; spam; (resolution); hours",
        "",
    ),
    (
        "67 undo of a resolve",
        resolved,
        lambda d: d.ask("10:12", KARIM, ask.Undo()),
        "waiting karim; theirs; -; (resolution); hours silence",
        "undone resolved, status undone, assigned undone",
    ),
    (
        "67 undo of a snooze",
        snoozed,
        lambda d: d.ask("10:05", KARIM, ask.Undo()),
        "waiting karim; theirs; -; (resolution); hours silence",
        "undone snoozed, status undone",
    ),
]


@pytest.mark.parametrize(
    ("begin", "cells"),
    [
        (menu, "bot -; ours; -; -; bot hours"),
        (standby, "bot -; theirs; standby; -; -"),
        (pool, "open -; ours; -; first resolution; hours"),
        (case, "open karim; ours; -; first resolution; hours"),
        (theirs, "open karim; theirs; -; resolution; hours"),
        (waiting, "waiting karim; theirs; -; (resolution); hours silence"),
        (snoozed, "snoozed karim; theirs; -; (resolution); hours snooze"),
        (resolved, "resolved -; theirs; -; (resolution); hours rating"),
        (night, "open -; ours; pending window_shuts; first resolution; hours"),
    ],
)
def test_where_the_rows_begin(begin: Callable[[], Floor], cells: str):
    assert begin().cells == cells


@pytest.mark.parametrize(
    ("begin", "event", "cells", "told"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_row(begin: Callable[[], Floor], event: Callable[[Floor], Any], cells: str, told: str):
    """Owner, turn, flags, clocks, alarms, reasons and what is said by itself, as the row has it."""
    day = begin()
    lines, autos = len(day.history), len(day.autos)
    event(day)
    heard = [f"{line.kind} {_why(line)}".strip() for line in day.history[lines:]]
    heard += [f"says {entry.auto}" for entry in day.autos[autos:]]
    assert day.cells == cells
    assert ", ".join(heard) == told


def _why(line: Change) -> str:
    return str(getattr(line, "why", "") or getattr(line, "what", ""))


def test_row_67_clocks_are_as_if_it_had_never_been():
    """A resolve taken back keeps the time that the resolution has used, paused or not."""
    for begin in (waiting, theirs):
        day = begin()
        before = day.conversation.clocks
        assert before
        day.ask("10:10", KARIM, ask.Resolve())
        day.ask("10:12", KARIM, ask.Undo())
        assert day.conversation.clocks == before
    day = waiting()
    ends = day.due("silence")
    day.ask("10:10", KARIM, ask.Resolve())
    day.ask("10:12", KARIM, ask.Undo())
    assert day.due("silence") == ends == clock("4d 10:02")


@pytest.mark.parametrize(
    ("with_menu", "at", "sent"),
    [(True, "2d 11:00", "10:00"), (False, "3d 22:00", "2d 20:00"), (True, "3d 22:00", "2d 20:00")],
    ids=["a menu", "closed", "closed, a menu"],
)
def test_what_took_more_than_a_day_to_reach_us_is_for_people(with_menu: bool, at: str, sent: str):  # noqa: FBT001 - a table
    """No menu and no automatic reply, which WhatsApp would refuse anyway: it waits for us."""
    day = floor(menu=with_menu)
    day.says(at, sent=sent)
    assert day.conversation.waiting_since == clock(at)
    assert str(day.conversation.status) == "open"
    assert day.autos == []
