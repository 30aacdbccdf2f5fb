"""Row A2: whatever the desk does, in any order, with all the rules of the floor on, through the API
and through crashes."""

import secrets
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.proof import laws
from tests.proof.running import Backstage, Forge, House, Seats, backstage, house, said
from tests.proof.screen import Screen

from wainbox_relay.administration import audit_fault
from wainbox_relay.control import ask
from wainbox_relay.sandbox.customers import choices
from wainbox_relay.sections.menu import EXAMPLE

T = TypeVar("T")
AGENTS = st.sampled_from(["nadia", "samir", "lina"])
WHO = st.integers(0, 4)
WORDS = st.sampled_from(
    [
        "bonjour, où est ma commande ?",
        "السلام عليكم وين طلبيتي",
        "I was charged twice, this is urgent",
        "agent",
        "agent",
        "je veux parler à quelqu'un",
        "merci beaucoup",
        "شكرا",
        "👍",
        "5",
        "٢",
        "stop",
    ]
)
THEN = st.sampled_from(["waiting", "open", "resolved", "resolved"])
RANK = {
    word: place
    for place, words in enumerate(
        ("held queued sending", "unconfirmed", "accepted", "sent", "delivered", "read")
    )
    for word in words.split()
}
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TEAMS = ("sales", "support")
ROOM = {"nadia": 3, "samir": 1}
"""What automation may give them; it gives a lead nothing."""
RULES: dict[str, Any] = {
    "number": {"calendar": "shop"},
    "calendars": [{"name": "shop", "zone": "UTC", "week": dict.fromkeys(WEEK, "always")}],
    "desk": {"undo_minutes": 0.01},
    "menu": EXAMPLE,
    "bot": {"idle_minutes": 0.02},
    "assignment": {
        "model": "round_robin",
        "capacity": ROOM["nadia"],
        "sticky_minutes": 1,
        "grace_seconds": 0.3,
        "rules": [{"name": "money", "words": ("charged twice",), "team": "support"}],
    },
    "sla": {
        "first_minutes": 0.02,
        "next_minutes": 0.03,
        "resolution_hours": 0.001,
        "human_minutes": 0.02,
    },
    "rating": {"ask": True, "after_minutes": 0, "every_days": 0},
    "urgency": {"topics": ("payment",), "words": ("urgent",)},
    "oncall": {"rota": ("lina",), "leads": ("lina",)},
}
"""All of them, and every length so short that it passes while the desk works."""


@contextmanager
def a_house(folder: Path, forge: Forge) -> Iterator[tuple[Backstage, House]]:
    with backstage() as stage:
        context = house(folder, forge, **RULES)
        home = stage.run(context.__aenter__())
        try:
            ask(home.settings.control_socket, "agent change", agent="samir", capacity=1)
            yield stage, home
        finally:
            stage.run(context.__aexit__(None, None, None))


class Floor(RuleBasedStateMachine):
    """Three agents and five customers, new ones in every example."""

    stage: Backstage
    home: House

    @initialize(words=st.lists(WORDS, min_size=5, max_size=5))
    def begin(self, words: list[str]) -> None:
        self.phones = [f"2126{secrets.randbelow(10**8):08}" for _ in range(5)]
        self.heard: dict[str, bytes] = {}
        self.states: dict[str, str] = {}
        self.known_given = 0
        self.first = self.home.files.one("SELECT coalesce(max(id), 0) + 1 FROM conversations")
        self.seats = Seats(self.home)
        for phone in self.phones:
            self.home.box.newcomer(phone, phone=f"+{phone}")
        self.team("samir", ("sales",))
        self.run(self.seats.sit(*AGENTS_THERE))
        self.could = self.can()
        self.calm = 0
        self.screen = self.run(Screen.opened(self.home, UNRESOLVED))
        for who, said_first in enumerate(words):
            self.inbound(who, said_first)
            self.inbound(who, "agent")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.stage.run(work)

    def card(self, who: int) -> tuple[str, str | None, str] | None:
        """The newest conversation with somebody: reference, holder, status."""
        found = self.home.files.main(NEWEST, self.phones[who])
        return (f"W-{found[0][0]}", *found[0][1:]) if found else None

    def order(self, by: str, who: int, /, do: str, **more: Any) -> int:
        """The answer's status; 0 where there is nothing to do it to."""
        card = self.card(who)
        if card is None:
            return 0
        answer = self.run(self.home.desk(by).order(card[0], do, **more))
        assert answer.status_code in (200, 403, 409, 422), answer.text
        return answer.status_code

    def post(self, by: str, path: str, **body: Any) -> dict[str, Any]:
        """What the API says; nothing where it refuses."""
        desk = self.home.desk(by)
        url = f"{self.home.url}/api/v1{path}"
        answer = self.run(self.home.http.post(url, json=body, headers=desk.headers))
        assert answer.status_code in (200, 403, 404, 409, 422), answer.text
        return dict(answer.json()) if answer.is_success else {}

    def can(self) -> set[tuple[str, str | None]]:
        """Whom automation may give work of which team now."""
        free = self.seats.can_work() & set(ROOM)
        return {(name, team) for name in free for team in (None, *self.teams[name])}

    def team(self, name: str, teams: tuple[str, ...]) -> None:
        self.teams = {"nadia": TEAMS, name: teams}
        ask(self.home.settings.control_socket, "agent change", agent=name, teams=list(teams))
        if self.seats.sits(name):
            # Whose teams change sees other things from now on, and begins again.
            self.run(self.seats.leave(name))
            self.run(self.seats.sit(name))

    # -- customers -------------------------------------------------------------------------------

    @rule(who=WHO, words=WORDS)
    def inbound(self, who: int, words: str) -> None:
        wamid, phone = f"wamid.{secrets.token_hex(8)}", self.phones[who]
        self.home.box.world.heard(*_chat(self.home, phone), wamid, "text", _now())
        self.heard[wamid] = said(wamid, words, phone)
        self.run(self.home.hears(self.heard[wamid]))

    @precondition(lambda self: self.heard)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        before = self.home.files.one(MESSAGES)
        wamid = data.draw(st.sampled_from(sorted(self.heard)))
        self.run(self.home.hears(self.heard[wamid]))
        assert self.home.files.one(MESSAGES) == before

    @rule(who=WHO, nth=st.integers(0, 5))
    def tap(self, who: int, nth: int) -> None:
        """One of the choices of the last menu they got: a question of the menu, or stars."""
        customer = self.home.box.customer(self.phones[who])
        menus = [offered for sent in customer.received if (offered := list(choices(sent)))]
        if not menus:
            return
        _, choice = menus[-1][nth % len(menus[-1])]
        self.run(customer.taps(choice["id"], choice["title"]))
        self.run(self.home.box.settled())
        self.run(self.home.read())

    @rule(who=WHO)
    def phone(self, who: int) -> None:
        """The shop answers on its own phone."""
        if self.card(who):
            self.run(self.home.box.customer(self.phones[who]).hears_from_phone("on arrive"))
            self.run(self.home.box.settled())
            self.run(self.home.read())

    # -- agents ----------------------------------------------------------------------------------

    @rule(agent=AGENTS, who=WHO)
    def claim(self, agent: str, who: int) -> None:
        status = self.order(agent, who, "claim")
        if status == 200:
            self.is_theirs(agent, who)

    @rule(agent=AGENTS, to=AGENTS, who=WHO)
    def assign(self, agent: str, to: str, who: int) -> None:
        if self.order(agent, who, "assign", agent=to) == 200:
            self.is_theirs(to, who)

    def is_theirs(self, agent: str, who: int) -> None:
        """Automation may take it away from who cannot work; it gives it to nobody else then."""
        holder = (self.card(who) or ("", ""))[1]
        assert holder == agent or not self.seats.sits(agent), (holder, agent)

    @rule(agent=AGENTS)
    def take_next(self, agent: str) -> None:
        self.post(agent, "/next", command_id=secrets.token_hex(16))

    @rule(agent=AGENTS, who=WHO, repeat=st.booleans(), then=THEN)
    def reply(self, agent: str, who: int, then: str, *, repeat: bool) -> None:
        card, sid = self.card(who), secrets.token_hex(16)
        if card is None:
            return
        content = {"kind": "text", "body": f"answer {sid}"}
        free = {"anyway": True, "any_language": True, "then": then}
        for _ in range(1 + repeat):
            answer = self.run(
                self.home.desk(agent).order(card[0], "reply", id_=sid, content=content, **free)
            )
        if answer.is_success:
            self.states[sid] = "queued"

    @rule(
        agent=AGENTS,
        who=WHO,
        what=st.sampled_from(
            [
                {"do": "note", "body": "call them"},
                {"do": "release"},
                {"do": "assign", "team": "sales"},
                {"do": "assign", "team": "support"},
                {"do": "claim", "take_over": True},
                {"do": "resolve", "sure": True},
                {"do": "resolve", "sure": True},
                {"do": "open"},
                {"do": "wait"},
                {"do": "undo"},
                {"do": "undo"},
                {"do": "escalate", "sure": True},
                {"do": "escalate", "sure": True},
                {"do": "ack"},
                {"do": "ack"},
                {"do": "complex", "reason": "two parcels"},
                {"do": "complex", "complex": False},
                {"do": "priority", "priority": "urgent"},
                {"do": "language", "language": "fr"},
                {"do": "vip", "vip": True},
                {"do": "manager", "agent": "samir", "backup": "nadia"},
                {"do": "spam"},
            ]
        ),
    )
    def order_something(self, agent: str, who: int, what: dict[str, Any]) -> None:
        self.order(agent, who, **what)

    @rule(agent=AGENTS, who=WHO, seconds=st.sampled_from([1.5, 3600]))
    def snooze(self, agent: str, who: int, seconds: float) -> None:
        until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
        self.order(agent, who, "snooze", until=until, sure=True)

    @rule(
        wanted=st.sampled_from(["assignee:none", "status:open", "-status:resolved", "team:sales"]),
        command=st.sampled_from(
            [
                {"do": "resolve", "sure": True},
                {"do": "release"},
                {"do": "assign", "team": "sales"},
                {"do": "assign", "agent": "samir"},
                {"do": "wait"},
                {"do": "priority", "priority": "high"},
            ]
        ),
        back=st.booleans(),
    )
    def many_at_once(self, wanted: str, command: dict[str, Any], *, back: bool) -> None:
        job, shown = secrets.token_hex(16), {"view": "all", "filter": wanted}
        count = self.post("lina", "/bulk/preview", **shown)["count"]
        asked = {"command_id": job, "command": command, "expect": count}
        done = self.post("lina", "/bulk", **shown, **asked)
        assert not done or done["changed"] <= done["count"]
        if done and back:
            self.post("lina", f"/bulk/{job}/undo")

    # -- who is there ----------------------------------------------------------------------------

    @rule(agent=AGENTS, state=st.sampled_from(["online", "online", "busy", "break", "away"]))
    def presence(self, agent: str, state: str) -> None:
        if self.seats.sits(agent):
            self.run(self.seats.say(agent, state))

    @precondition(lambda self: self.calm > 3)
    @rule(agent=AGENTS)
    def come_or_go(self, agent: str) -> None:
        self.calm, seats = 0, self.seats
        self.run(seats.leave(agent) if seats.sits(agent) else seats.sit(agent))

    @precondition(lambda self: self.calm > 3)
    @rule(teams=st.sampled_from([("sales",), ("support",), TEAMS]))
    def another_team(self, teams: tuple[str, ...]) -> None:
        self.calm = 0
        self.team("samir", teams)

    # -- mishaps ---------------------------------------------------------------------------------

    @precondition(lambda self: self.calm > 5)
    @rule()
    def crash(self) -> None:
        self.calm = 0
        self.run(self.home.kill())
        self.run(self.home.start())
        self.run(self.seats.again())

    @rule()
    def resume(self) -> None:
        self.run(self.screen.catch_up())

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def deliveries_only_advance(self) -> None:
        stands = self.home.files.sends()
        for sid, before in self.states.items():
            assert RANK[stands[sid]] >= RANK[before], (before, stands[sid])
        self.states = {sid: stands[sid] for sid in self.states}

    @invariant()
    def every_law_holds(self) -> None:
        self.calm += 1
        seen = laws.look(self.home.files, self.first)
        assert laws.broken(seen) == []
        self.given_to_who_could(seen)
        twice = [auto for auto in seen.autos if self.home.box.accepts[auto.sid] > 1]
        assert twice == []

    def given_to_who_could(self, seen: laws.Look) -> None:
        """What came from automation since the last step went to somebody who was there, of the
        team, and not full."""
        could, self.could = self.could, self.can()
        all_given = laws.given(seen)
        for each in all_given[self.known_given :]:
            assert (each.agent, each.team) in could | self.could, each
            assert each.load <= ROOM[each.agent], each
        self.known_given = len(all_given)

    @invariant()
    def nothing_goes_twice(self) -> None:
        assert [sid for sid in self.states if self.home.box.accepts[sid] > 1] == []

    def teardown(self) -> None:
        self.run(self.home.read())
        assert self.home.files.lost(set(self.heard)) == set()
        assert self.home.files.faults() == []
        self.shows_what_a_fresh_one_shows()
        assert self.run(audit_fault(self.home.settings)) == ""
        self.clears_the_desk()

    def shows_what_a_fresh_one_shows(self) -> None:
        """At a moment at which nothing happens: alarms ring meanwhile."""
        last, came = -1, 0
        while last != came:
            came = self.home.files.one(SEQ)
            self.run(self.screen.catch_up())
            fresh = self.run(Screen.opened(self.home, UNRESOLVED))
            last = self.home.files.one(SEQ)
        both = zip(self.screen.shows(), fresh.shows(), strict=True)
        assert [(ours, true) for ours, true in both if ours != true] == []
        for agent in fresh.state.agents.values():
            assert agent.load == self.home.files.one(LOAD, agent.id), agent

    def clears_the_desk(self) -> None:
        """For the next example."""
        self.run(self.home.quiet())
        for ref, sid in self.home.files.main(DOUBTS):
            self.run(self.home.desk("lina").does(f"W-{ref}", "leave", sid=sid))
        shown = {"view": "all", "filter": UNRESOLVED, "expect": 100}
        resolve = {"do": "resolve", "sure": True}
        self.post("lina", "/bulk", **shown, command_id=secrets.token_hex(16), command=resolve)
        for name in AGENTS_THERE:
            self.run(self.seats.say(name, "online"))
            if self.seats.sits(name):
                self.run(self.seats.leave(name))
        assert self.home.files.main(LEFT) == []


AGENTS_THERE = ("nadia", "samir", "lina")
UNRESOLVED = "-status:resolved"
SEQ = "SELECT value FROM counters WHERE name = 'seq'"
LOAD = "SELECT count(*) FROM conversations WHERE status = 'open' AND assignee = ?"
LEFT = "SELECT ref, status, sending, unconfirmed FROM conversations WHERE status != 'resolved'"
DOUBTS = """SELECT c.ref, e.sid FROM entries e JOIN conversations c ON c.id = e.conversation
    WHERE e.delivery = 'unconfirmed' AND c.status != 'resolved'"""
NEWEST = """SELECT ref, assignee, status FROM conversations
    WHERE customer = (SELECT id FROM customers WHERE phone = ?) ORDER BY id DESC LIMIT 1"""
MESSAGES = "SELECT count(*) FROM entries WHERE direction = 'in'"


def _chat(home: House, phone: str) -> tuple[str, str]:
    return home.box.customer(phone).number.id, phone


def _now() -> float:
    return datetime.now(UTC).timestamp()


def at_work(folder: Path, forge: Forge, examples: int, steps: int) -> None:
    with a_house(folder, forge) as (stage, home):
        Floor.stage, Floor.home = stage, home
        profile = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # What fails may not fail again, for time is real here: so it is told at once.
            verbosity=Verbosity.verbose,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Floor, settings=profile)


@pytest.mark.timeout(300)
def test_whatever_the_desk_does_it_stays_whole(tmp_path: Path, forge: Forge) -> None:
    """A2: with menu, promises, routing, ratings, urgency and hours on, and in any order of writing,
    tapping, claiming, answering, closing, coming, going and crashing: one holder, within room and
    team; nothing is lost or said twice; clocks, flags, alarms, history and place in the queue agree
    with where the case stands; and a screen kept by events shows what a fresh one shows."""
    at_work(tmp_path, forge, 12, 30)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_the_same_for_long(tmp_path: Path, forge: Forge) -> None:
    """A2, the long version."""
    at_work(tmp_path, forge, 1000, 50)
