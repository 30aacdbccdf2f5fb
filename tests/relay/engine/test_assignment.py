"""Work is handed out and taken back by a whole engine, on a real file."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bodies import AT, NUMBER, envelope, message, text, value
from tests.fakes import FakeWhatsApp, HandClock
from tests.relay.engine.conftest import Bench

from wainbox_relay.config import Settings
from wainbox_relay.contract.commands import (
    Assign,
    Block,
    Claim,
    Command,
    Release,
    Reply,
    Resolve,
    Snooze,
    TakeNext,
)
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.events import PresencePost
from wainbox_relay.contract.filters import Viewer, view
from wainbox_relay.contract.problems import Code, Refusal
from wainbox_relay.contract.shifts import OtherHours
from wainbox_relay.contract.views import Card
from wainbox_relay.contract.vocabulary import (
    SECOND,
    AgentId,
    Flag,
    Moment,
    Presence,
    Role,
    Status,
    TeamId,
)
from wainbox_relay.domain.model import Load
from wainbox_relay.engine.drain import farewell
from wainbox_relay.engine.shifts import Shifts
from wainbox_relay.engine.staff import AgentChange
from wainbox_relay.engine.stream import Subscription
from wainbox_relay.relay import assembled

DAY_HOURS = dict.fromkeys(
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "8:00-16:00"
)


@dataclass
class Floor(Bench):
    """A bench with agents who come and go."""

    lines: dict[str, ExitStack] = field(default_factory=dict)

    async def hires(self, *names: str, role: Role = Role.AGENT, **skills: object) -> None:
        """New agents, who are here at once."""
        for name in names:
            await self.relay.staff.add("operator", name.title(), role, frozenset())
            if skills:
                change = AgentChange(**skills)  # type: ignore[arg-type]  # as named
                await self.relay.staff.change("operator", AgentId(name), change)
            await self.comes_in(name)
        self.agents = {str(a.id): a for a in self.relay.inbox.desk.agents.values()}

    async def comes_in(self, name: str, as_: Presence = Presence.ONLINE) -> None:
        reader = self.relay.stream.subscribe(None, AgentId(name), terminal=True)
        self.lines[name] = ExitStack()
        self.lines[name].enter_context(reader)
        await self.seen(name, as_)

    async def goes(self, name: str) -> None:
        self.lines.pop(name).close()
        await self.seen(name, Presence.OFFLINE)

    async def seen(self, name: str, presence: Presence) -> None:
        async def holds() -> bool:
            return self.relay.inbox.desk.agents[AgentId(name)].presence is presence

        await self.until(holds)

    async def says(self, name: str, state: Presence) -> None:
        await self.relay.staff.state(AgentId(name), state, None)

    async def writes(self, count: int, first: int = 0) -> None:
        """So many new customers write, in bodies of 100."""
        for start in range(first, first + count, 100):
            values = []
            for n in range(start, min(start + 100, first + count)):
                phone = f"2126{n:08d}"
                values.append(value([text(f"wamid.{n}", at=AT + n, phone=phone)], phone=phone))
            await self.relay.intake.keep(envelope(*values))
        await self.settles()

    async def cards(self, name: str = "all") -> tuple[Card, ...]:
        viewer = Viewer(AgentId("somebody"))
        return (await self.relay.stores.reads.page(view(name), viewer, limit=500)).cards

    async def owner(self, ref: str = "W-1") -> str | None:
        return (await self.card_of(ref)).assignee

    async def card_of(self, ref: str = "W-1") -> Card:
        found = await self.relay.stores.reads.card(int(ref.removeprefix("W-")))
        assert found is not None
        return found

    async def owned_by(self, who: str | None, ref: str = "W-1") -> None:
        async def holds() -> bool:
            return await self.owner(ref) == who

        await self.until(holds)

    async def why(self, ref: str = "W-1") -> list[str]:
        found = await self.relay.stores.reads.why(int(ref.removeprefix("W-")))
        return [r.sentence for r in found or () if r.what in ("assigned", "queued")]


@asynccontextmanager
async def floor(folder: Path, **assignment: object) -> AsyncIterator[Floor]:
    clock, whatsapp = HandClock(), FakeWhatsApp()
    hours = assignment.pop("calendar", "")
    raw: dict[str, object] = {
        "relay": {"data_dir": str(folder)},
        "webhook": {"app_secret": "s", "verify_token": "v"},
        "desk": {"teams": ["care", "returns"]},
        "timing": {"counts": assignment.pop("counts", 0.02), "slice": 0.005},
        "calendars": [{"name": "day", "zone": "Etc/UTC", "week": DAY_HOURS}],
        "shifts": assignment.pop("shifts", []),
        "assignment": {"model": "round_robin", **assignment},
        "numbers": [{"id": NUMBER, "name": "Atlas", "calendar": hours}],
    }
    async with (
        assembled(Settings.of(raw, {}), lambda _: whatsapp, clock) as relay,
        asyncio.TaskGroup() as group,
    ):
        loops = await relay.loops(group)
        # The first sweep; as long as the clock stands, there is no other.
        await relay.drain.tick()
        yield Floor(relay, whatsapp, clock, {})
        for loop in loops:
            loop.cancel()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Floor]:
    async with floor(tmp_path, capacity=2) as running:
        yield running


def reply() -> Reply:
    return Reply(content=Text(body="Bonjour"))


# -- handing out -------------------------------------------------------------------------------


async def test_the_second_of_a_batch_sees_who_is_full(shop: Floor) -> None:
    """Five customers in one body: two each for two agents who hold two, and one waits; `why` says
    for whom it waits."""
    await shop.hires("amina", "karim")
    await shop.writes(5)
    cards = await shop.cards()

    assert Counter(card.assignee for card in cards) == {"amina": 2, "karim": 2, None: 1}
    assert (await shop.why("W-5"))[-1] == ("round robin: nobody; passed over Amina 2/2, Karim 2/2")
    assert (await shop.why("W-1"))[-1] == "round robin: Amina"


async def _resolves(shop: Floor) -> None:
    await shop.order("amina", "W-1", Resolve(sure=True))


async def _answers(shop: Floor) -> None:
    await shop.order("amina", "W-1", reply())


async def _puts_aside(shop: Floor) -> None:
    await shop.order("amina", "W-1", Snooze(until=_an_hour_on(shop), sure=True))


async def _transfers(shop: Floor) -> None:
    await shop.says("karim", Presence.BREAK)
    await shop.comes_in("karim", as_=Presence.BREAK)
    await shop.order("boss", "W-1", Assign(agent=AgentId("karim")))


async def _gives_to_a_team(shop: Floor) -> None:
    await shop.order("amina", "W-1", Assign(team=TeamId("returns")))


async def _releases(shop: Floor) -> None:
    await shop.order("amina", "W-1", Release())


async def _blocks(shop: Floor) -> None:
    await shop.order("boss", "W-1", Block(reason="spam"))


async def _has_more_room(shop: Floor) -> None:
    await shop.relay.staff.change("operator", AgentId("amina"), AgentChange(capacity=2))


async def _ends_a_break(shop: Floor) -> None:
    await shop.says("karim", Presence.BREAK)
    await shop.comes_in("karim", as_=Presence.BREAK)
    assert await shop.owner("W-2") is None
    await shop.says("karim", Presence.ONLINE)


async def _joins_the_team(shop: Floor) -> None:
    await _change(shop, "karim", teams=frozenset({TeamId("returns")}))
    await shop.order("boss", "W-2", Assign(team=TeamId("care")))
    await shop.comes_in("karim")
    assert await shop.owner("W-2") is None
    await _change(shop, "karim", teams=frozenset({TeamId("care")}))


async def _learns_the_language(shop: Floor) -> None:
    await _change(shop, "amina", languages=frozenset({"fr"}))
    await _change(shop, "karim", languages=frozenset({"en"}))
    await shop.comes_in("karim")
    assert await shop.owner("W-2") is None
    await _change(shop, "karim", languages=frozenset({"en", "fr"}))


async def _begins_a_shift(shop: Floor) -> None:
    await shop.comes_in("nora")
    assert await shop.owner("W-2") is None
    shop.clock.pass_seconds(SIX_HOURS)


async def _works_beyond_the_shift(shop: Floor) -> None:
    await shop.comes_in("nora")
    late = Moment(shop.clock.now() + 3600 * SECOND)
    await shop.relay.staff.state(AgentId("nora"), Presence.ONLINE, late)


async def _gets_it_back_in_the_end(shop: Floor) -> None:
    """W-1 comes back to her who released it, after ten minutes, for want of anybody else."""
    await _has_more_room(shop)
    await shop.owned_by("amina", "W-2")
    await shop.order("amina", "W-2", Release())
    shop.clock.pass_seconds(9 * 60)
    await shop.relay.drain.tick()
    assert await shop.owner("W-2") is None
    shop.clock.pass_seconds(61)


async def _change(shop: Floor, who: str, **change: object) -> None:
    asked = AgentChange(**change)  # type: ignore[arg-type]  # as named
    await shop.relay.staff.change("operator", AgentId(who), asked)


SIX_HOURS = 6 * 3600
"""From the beginning of these tests to eight in the morning, when Nora's shift begins."""


@pytest.mark.parametrize(
    ("happens", "who"),
    [
        (_resolves, "amina"),
        (_answers, "amina"),
        (_puts_aside, "amina"),
        (_transfers, "amina"),
        (_gives_to_a_team, "amina"),
        (_releases, "amina"),
        (_blocks, "amina"),
        (_has_more_room, "amina"),
        (lambda shop: shop.comes_in("karim"), "karim"),
        (_ends_a_break, "karim"),
        (_joins_the_team, "karim"),
        (_learns_the_language, "karim"),
        (_begins_a_shift, "nora"),
        (_works_beyond_the_shift, "nora"),
        (_gets_it_back_in_the_end, "amina"),
    ],
)
async def test_what_waits_finds_somebody_by_whatever_frees_them(
    tmp_path: Path, happens: Callable[[Floor], Awaitable[None]], who: str
) -> None:
    """Amina is full and W-2 waits; each of these brings it to whoever can take it now. Time stands
    still but where it is said to pass, so that no sweep does it."""
    shifts = [{"agent": "nora", "calendar": "day"}]
    async with floor(tmp_path, capacity=1, shifts=shifts) as shop:
        shop.clock.moment = 1_795_053_600 * SECOND
        for name in ("karim", "nora"):
            await shop.relay.staff.add("operator", name.title(), Role.AGENT, frozenset())
        await shop.hires("boss", role=Role.LEAD)
        await shop.hires("amina")
        await shop.writes(2)
        assert [await shop.owner(ref) for ref in ("W-1", "W-2")] == ["amina", None]

        await happens(shop)
        await shop.owned_by(who, "W-2")


async def test_row_44_at_opening_the_most_pressing_is_handed_out_first(tmp_path: Path) -> None:
    """Three wrote at night, the last of them about money, and one person comes in the morning with
    room for one: no alarm of the opening gets ahead of the queue."""
    money = {"name": "money", "words": ["refund"], "priority": "high"}
    more = {"calendar": "day", "rules": [money], "counts": 0.5}
    async with floor(tmp_path, capacity=1, **more) as shop:
        shop.clock.moment = 1_795_050_000 * SECOND
        await shop.hires("amina")
        for nth, words in enumerate(("bonjour", "hello there", "I want a refund")):
            phone = f"2126{nth:08d}"
            body = text(f"wamid.{nth}", words, 1_795_050_000 + nth, phone)
            await shop.comes(envelope(value([body], phone=phone)))
        shop.clock.pass_seconds(7 * 3600 + 1)
        await shop.relay.alarms.ring()
        assert [await shop.owner(ref) for ref in ("W-1", "W-2", "W-3")] == [None, None, "amina"]


async def test_a_break_brings_nothing_and_its_end_brings_work(shop: Floor) -> None:
    """Row 41: who is on break, away or busy keeps what they have and gets nothing new."""
    await shop.hires("amina")
    await shop.writes(1)
    await shop.says("amina", Presence.BREAK)
    await shop.writes(1, first=1)

    assert [await shop.owner(ref) for ref in ("W-1", "W-2")] == ["amina", None]
    assert (await shop.why("W-2"))[-1] == "round robin: nobody; passed over Amina on break"

    await shop.says("amina", Presence.ONLINE)
    await shop.owned_by("amina", "W-2")


async def test_a_break_until_a_moment_ends_by_itself(shop: Floor) -> None:
    """And with it the agent is asked again."""
    await shop.hires("amina")
    soon = shop.clock.now() + 60 * SECOND
    await shop.relay.staff.state(AgentId("amina"), Presence.BREAK, soon)
    await shop.writes(1)
    assert await shop.owner() is None

    shop.clock.pass_seconds(61)
    await shop.owned_by("amina")


async def test_without_a_model_nothing_moves(tmp_path: Path) -> None:
    """Nobody is given anything, and nobody loses anything by being away."""
    async with floor(tmp_path, model="") as shop:
        await shop.hires("amina")
        await shop.writes(2)
        await shop.order("amina", "W-1", Claim())
        await shop.goes("amina")
        shop.clock.pass_seconds(3600)
        await shop.comes(message("wamid.more", phone="212600000000"))
        await shop.relay.drain.tick()

        assert [await shop.owner(ref) for ref in ("W-1", "W-2")] == ["amina", None]


async def test_of_many_waiting_each_agent_gets_as_many(tmp_path: Path) -> None:
    """Two thousand wait and fifty come: all is handed out, within one of each other."""
    await _crowd(tmp_path, 2_000, within=10)


@pytest.mark.serial
@pytest.mark.soak
async def test_ten_thousand_waiting_are_handed_out_within_seconds(tmp_path: Path) -> None:
    """The long version, within five seconds."""
    await _crowd(tmp_path, 10_000, within=5)


async def _crowd(folder: Path, waiting: int, within: float) -> None:
    async with floor(folder, capacity=500, counts=0.5) as shop:
        await shop.writes(waiting)
        crew = [f"a{n:02d}" for n in range(50)]
        for name in crew:
            await shop.relay.staff.add("operator", name, Role.AGENT, frozenset())
        for name in crew:
            shop.lines[name] = ExitStack()
            reader = shop.relay.stream.subscribe(None, AgentId(name), terminal=True)
            shop.lines[name].enter_context(reader)
        await shop.seen(crew[0], Presence.ONLINE)
        began = time.perf_counter()

        async def holds() -> bool:
            loads = shop.relay.inbox.desk.load
            return sum(load.open for load in loads.values()) == waiting

        async with asyncio.timeout(60):
            while not await holds():  # noqa: ASYNC110 - it has no bell
                await asyncio.sleep(0.01)
        took = time.perf_counter() - began
        held = [shop.relay.inbox.desk.load[AgentId(name)].open for name in crew]
        print(f"{waiting} to {len(crew)} agents in {took:.2f} s")

        assert max(held) - min(held) <= 1
        assert max(held) <= 500
        assert took < within


def _an_hour_on(shop: Floor) -> datetime:
    return datetime.fromtimestamp(shop.clock.now() // SECOND + 3600, UTC)


DEEDS: dict[str, Callable[[Floor], Command]] = {
    "resolve": lambda _: Resolve(sure=True),
    "release": lambda _: Release(),
    "answer": lambda _: reply(),
    "put aside": lambda shop: Snooze(until=_an_hour_on(shop), sure=True),
    "to a team": lambda _: Assign(team=TeamId("returns")),
}
ABC = "abc"
deeds = st.tuples(st.sampled_from(tuple(DEEDS)), st.integers(1, 6))
steps = st.lists(
    st.one_of(
        deeds,
        st.tuples(st.just("writes"), st.integers(1, 4)),
        st.tuples(st.sampled_from(("comes", "goes", "break", "back")), st.sampled_from(ABC)),
        st.tuples(st.sampled_from(("more room", "joins care")), st.sampled_from(ABC)),
    ),
    max_size=10,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, deeds)
async def test_at_rest_nobody_idles_while_work_waits(tmp_path_factory, played, last) -> None:
    """Somebody is full and more waits; then whatever comes, whoever goes: once it is quiet, nobody
    with room is here while work waits that they could take, nobody holds more than they should, and
    the loads are what the file says. Time stands still, so no sweep helps."""
    async with floor(tmp_path_factory.mktemp("floor"), capacity=2) as shop:
        for name in ABC:
            await shop.relay.staff.add("operator", name, Role.AGENT, frozenset())
        shop.agents = {str(a.id): a for a in shop.relay.inbox.desk.agents.values()}
        written = 0
        for what, which in [("comes", "a"), ("writes", 3), *played, last]:
            written += await _play(shop, what, which, written)
        await shop.settles()
        with suppress(TimeoutError):
            await shop.until(lambda: _is_at_rest(shop))
        assert await _idle(shop) == []
        await _adds_up(shop)


async def _play(shop: Floor, what: str, which: str | int, written: int) -> int:
    """The number of customers who wrote."""
    match what, which:
        case "writes", int(count):
            await shop.writes(count, first=written)
            return count
        case _, int(ref):
            if ref <= written and (owner := await shop.owner(f"W-{ref}")):
                await shop.order(owner, f"W-{ref}", DEEDS[what](shop))
        case _, str(name):
            await _comes_or_goes(shop, what, name)
    return 0


async def _comes_or_goes(shop: Floor, what: str, name: str) -> None:
    here = name in shop.lines
    match what:
        case "comes" if not here:
            await shop.comes_in(name, shop.relay.inbox.desk.agents[AgentId(name)].state)
        case "goes" if here:
            await shop.goes(name)
        case "break":
            await shop.says(name, Presence.BREAK)
        case "back":
            await shop.says(name, Presence.ONLINE)
        case "more room":
            await _change(shop, name, capacity=3)
        case "joins care":
            await _change(shop, name, teams=frozenset({TeamId("care")}))


async def _is_at_rest(shop: Floor) -> bool:
    return not await _idle(shop)


async def _idle(shop: Floor) -> list[tuple[str, str]]:
    """Who has room for what. A case does not come straight back to whoever gave it away."""
    desk, found = shop.relay.inbox.desk, []
    for card in await shop.cards():
        if card.status is not Status.OPEN or card.assignee or card.waiting_since is None:
            continue
        told = await shop.why(card.ref)
        for agent in desk.agents.values():
            theirs = card.team is None or not agent.teams or card.team in agent.teams
            here = agent.presence is Presence.ONLINE
            room = desk.load.get(agent.id, Load()).open < (agent.capacity or 2)
            gave_it = any(f"{agent.name} gave it back" in line for line in told)
            if theirs and here and room and not gave_it:
                found.append((agent.name, card.ref))
    return found


async def _adds_up(shop: Floor) -> None:
    desk, cards = shop.relay.inbox.desk, await shop.cards()
    held = Counter(c.assignee for c in cards if c.status is Status.OPEN and c.assignee)
    assert held == Counter({a: load.open for a, load in desk.load.items() if load.open})
    assert all(count <= (desk.agents[a].capacity or 2) for a, count in held.items())


# -- taking back -------------------------------------------------------------------------------


async def test_who_drops_keeps_it_for_ninety_seconds_and_gets_it_back_first(shop: Floor) -> None:
    """Row 39: then what waits for us goes back to the queue, what is on the customer stays; if the
    same owner is back before anybody has taken it, it is theirs again."""
    await shop.hires("amina")
    await shop.writes(2)
    await shop.order("amina", "W-2", reply())
    await shop.until(lambda: _is(shop, "W-2", Status.WAITING))
    await shop.goes("amina")
    shop.clock.pass_seconds(89)
    await shop.relay.drain.tick()
    assert await shop.owner("W-1") == "amina"

    shop.clock.pass_seconds(2)
    await shop.owned_by(None, "W-1")
    assert await shop.owner("W-2") == "amina"
    assert Flag.DROPPED in (await shop.card_of("W-1")).flags
    assert "back in the queue: Amina lost the line" in await shop.why("W-1")

    await shop.comes_in("amina")
    await shop.owned_by("amina", "W-1")
    assert (await shop.why("W-1"))[-1] == "back in time: Amina"
    assert Flag.DROPPED not in (await shop.card_of("W-1")).flags


async def _is(shop: Floor, ref: str, status: Status) -> bool:
    return (await shop.card_of(ref)).status is status


async def test_what_somebody_is_writing_on_is_left_to_them(shop: Floor) -> None:
    """A draft touched within five minutes keeps the work, terminal or not."""
    await shop.hires("amina", "karim")
    await shop.writes(1)
    card = await shop.card_of()
    post = PresencePost(terminal="ab" * 8, conversation=card.id, composing=True)
    shop.relay.presence.post(AgentId("amina"), post, shop.clock.now())
    await shop.goes("amina")
    shop.clock.pass_seconds(299)
    await shop.relay.drain.tick()
    assert await shop.owner() == "amina"

    shop.clock.pass_seconds(2)
    await shop.owned_by("karim")


async def test_a_relay_that_starts_gives_everybody_their_grace(tmp_path: Path) -> None:
    """However long it was away itself, nobody is dropped in the first ninety seconds."""
    async with floor(tmp_path) as shop:
        await shop.hires("amina")
        await shop.writes(1)
        await shop.goes("amina")
        now = shop.clock.moment
    async with floor(tmp_path) as again:
        again.clock.moment = now
        again.clock.pass_seconds(60)
        await again.relay.drain.tick()
        assert await again.owner() == "amina"


async def test_the_end_of_a_shift_hands_over_what_waits(tmp_path: Path) -> None:
    """Row 40: a quarter of an hour after it, or at once for whoever has gone; who says they stay,
    stays."""
    shifts = [{"agent": name, "calendar": "day"} for name in ("amina", "karim")]
    async with floor(tmp_path, shifts=shifts) as shop:
        shop.clock.moment = 1795017540 * SECOND
        await shop.hires("amina", "karim")
        await shop.writes(2)
        late = shop.clock.now() + 3600 * SECOND
        await shop.relay.staff.state(AgentId("karim"), Presence.ONLINE, late)
        await shop.hires("nora")
        shop.clock.pass_seconds(60 + 14 * 60)
        await shop.relay.drain.tick()
        assert [await shop.owner(ref) for ref in ("W-1", "W-2")] == ["amina", "karim"]

        shop.clock.pass_seconds(120)
        await shop.owned_by("nora", "W-1")
        assert "back in the queue: Amina is off shift" in await shop.why("W-1")
        assert await shop.owner("W-2") == "karim"


async def test_other_hours_count_at_once_and_outlive_a_restart(tmp_path: Path) -> None:
    """Who is set off shift gets nothing more; who is set on gets what waits, at once."""
    shifts = [{"agent": name, "calendar": "day"} for name in ("amina", "karim")]
    async with floor(tmp_path, shifts=shifts) as shop:
        shop.clock.moment = 1795017540 * SECOND
        hours = Shifts(shop.relay.inbox, shop.clock)
        await shop.hires("amina", "karim")
        await hours.set("operator", OtherHours(whom="@karim", hours="off"))
        await shop.writes(2)
        assert [await shop.owner(ref) for ref in ("W-1", "W-2")] == ["amina", "amina"]
        shop.clock.pass_seconds(3600)
        await shop.writes(1, first=2)
        assert await shop.owner("W-3") is None
        until = datetime.fromtimestamp(shop.clock.now() // SECOND + 7200, UTC)
        await hours.set("@lead", OtherHours(whom="@karim", hours="on", ends=until))
        await shop.owned_by("karim", "W-3")
    async with floor(tmp_path, shifts=shifts) as again:
        again.clock.moment = shop.clock.moment
        [amina, karim] = Shifts(again.relay.inbox, again.clock).board().shifts[:2]
        assert (amina.on_shift, amina.others) == (False, ())
        assert (karim.on_shift, karim.until) == (True, until)
        # What was set last takes its part of what was there.
        assert [each.hours for each in karim.others] == ["on", "off"]
        told = await again.relay.stores.main_writer.rows(
            "SELECT actor, subject FROM audit WHERE act = 'hours_set' ORDER BY id"
        )
    assert [tuple(row) for row in told] == [("operator", "@karim"), ("@lead", "@karim")]


async def test_terminals_hear_that_a_shift_began_and_ended(tmp_path: Path) -> None:
    """Nobody does anything, and still every badge says who is on shift and until when."""
    async with floor(tmp_path, shifts=[{"agent": "amina", "calendar": "day"}]) as shop:
        shop.clock.moment = 1795017540 * SECOND
        await shop.hires("amina")
        stream = shop.relay.stream
        with stream.subscribe(None, AgentId("amina"), terminal=True) as reader:
            shop.clock.pass_seconds(120)
            badge = await _badge(reader)
        assert badge["on_shift"] is False
        assert badge["shift_until"] == "2026-11-19T08:00:00Z"


async def _badge(reader: Subscription) -> dict[str, object]:
    async with asyncio.timeout(5):
        async for events in reader:
            for event in events:
                told: dict[str, object] = json.loads(event.body).get("agent", {})
                if told.get("on_shift") is False:
                    return told
    raise AssertionError("the stream ended")


async def test_before_a_shift_ends_its_agent_hears_what_they_owe(tmp_path: Path) -> None:
    """Row 40: ten minutes before, once, with what can be done: reply, hand over, keep. What is on
    the customer is nothing to worry about, and who owes nothing hears nothing."""
    shifts = [{"agent": name, "calendar": "day"} for name in ("amina", "karim")]
    async with floor(tmp_path, shifts=shifts) as shop:
        shop.clock.moment = 1_795_016_940 * SECOND
        await shop.hires("amina")
        await shop.writes(3)
        await shop.hires("karim")
        await shop.order("amina", "W-2", reply())
        await shop.until(lambda: _is(shop, "W-2", Status.WAITING))
        heard = {name: await _listen(shop, name) for name in ("amina", "karim")}
        await shop.relay.drain.tick()
        await asyncio.sleep(0.05)
        assert b"Your shift ends" not in b"".join(heard["amina"])

        shop.clock.pass_seconds(120)
        for _ in range(3):
            await shop.relay.drain.tick()
        await asyncio.sleep(0.05)
        told = b"".join(heard["amina"]).decode()
        assert told.count("Your shift ends in 9 min, 2 wait for you: #W-1, #W-3. Reply,") == 1
        assert "hand over (a), or keep (:presence online 1h)." in told
        assert b"Your shift ends" not in b"".join(heard["karim"])


def test_of_many_cases_a_few_are_named() -> None:
    """The others are under `g m`."""
    told = farewell(10, [f"#W-{n}" for n in range(1, 9)])
    assert "8 wait for you: #W-1, #W-2, #W-3 and 5 more." in told
    assert "1 waits for you: #W-1." in farewell(10, ["#W-1"])


async def test_a_silent_owner_loses_it_after_the_return_time(tmp_path: Path) -> None:
    """Row 38: not to the same again, and whatever they do on it begins the time anew."""
    async with floor(tmp_path, return_minutes=20) as shop:
        await shop.hires("amina", "karim")
        await shop.writes(1)
        shop.clock.pass_seconds(19 * 60)
        await shop.comes(
            message("wamid.again", at=shop.clock.moment // SECOND, phone="212600000000")
        )
        shop.clock.pass_seconds(19 * 60)
        await shop.relay.drain.tick()
        assert await shop.owner() == "amina"

        shop.clock.pass_seconds(61)
        await shop.owned_by("karim")
        assert "back in the queue: Amina stayed silent" in await shop.why()


@pytest.mark.parametrize("how", ["revoked", "moved"])
async def test_who_leaves_leaves_their_work_at_once(tmp_path: Path, how: str) -> None:
    """Row 42: all of it that is not done, also what is on the customer."""
    async with floor(tmp_path) as shop:
        await shop.hires("amina")
        await shop.writes(2)
        for ref in ("W-1", "W-2"):
            await shop.order("amina", ref, Assign(team=TeamId("care"), agent=AgentId("amina")))
        await shop.order("amina", "W-2", reply())
        await shop.until(lambda: _is(shop, "W-2", Status.WAITING))
        if how == "revoked":
            await shop.relay.staff.revoke("operator", AgentId("amina"))
        else:
            change = AgentChange(teams=frozenset({TeamId("returns")}))
            await shop.relay.staff.change("operator", AgentId("amina"), change)

        await shop.owned_by(None, "W-1")
        await shop.owned_by(None, "W-2")


async def test_the_owner_and_the_leads_hear_that_it_went_back(shop: Floor) -> None:
    """On their terminals, nobody else's."""
    await shop.hires("boss", role=Role.LEAD)
    await shop.hires("amina", "karim")
    await shop.writes(1)
    heard = {name: await _listen(shop, name) for name in ("boss", "karim")}
    await shop.goes("amina")
    shop.clock.pass_seconds(91)
    await shop.owned_by("karim")
    await asyncio.sleep(0.05)

    assert b"went back to the queue: Amina's terminal is gone" in b"".join(heard["boss"])
    assert b"went back" not in b"".join(heard["karim"])


async def test_row_23_who_loses_work_to_a_colleague_hears_of_it(shop: Floor) -> None:
    """On their terminal, wherever they are in it, and nobody else does."""
    await shop.hires("boss", role=Role.LEAD)
    await shop.hires("amina", "karim")
    await shop.writes(1)
    heard = {name: await _listen(shop, name) for name in ("boss", "amina", "karim")}
    await shop.order("karim", "W-1", Claim(take_over=True))
    await asyncio.sleep(0.05)
    assert b"Karim took over W-1." in b"".join(heard["amina"])
    assert b"took over" not in b"".join([*heard["boss"], *heard["karim"]])


async def _listen(shop: Floor, name: str) -> list[bytes]:
    heard: list[bytes] = []
    reader = shop.relay.stream.subscribe(None, AgentId(name), terminal=True)
    shop.lines[name].enter_context(reader)
    push = reader.push

    def listening(events) -> None:
        heard.extend(event.body for event in events)
        push(events)

    reader.push = listening  # type: ignore[method-assign]  # it hears what is pushed
    return heard


# -- people ------------------------------------------------------------------------------------


async def test_next_takes_the_most_pressing_and_never_above_capacity(tmp_path: Path) -> None:
    """Each who asks gets another; the same order once more gets the same; who is full is refused;
    while busy it is allowed."""
    async with floor(tmp_path, model="manual", next=True, capacity=1) as shop:
        await shop.hires("amina", "karim")
        await shop.says("karim", Presence.BUSY)
        await shop.writes(3)
        asks = [shop.relay.door.next(shop.agents[n], _next(n)) for n in ("amina", "karim")]
        done = await asyncio.gather(*asks)
        assert {each.ref for each in done} == {"W-1", "W-2"}
        again = await shop.relay.door.next(shop.agents["amina"], _next("amina"))
        assert again.ref == done[0].ref

        with pytest.raises(Refusal) as full:
            await shop.relay.door.next(shop.agents["amina"], _next("more"))
        assert full.value.problem.message == (
            "You hold 1 of 1; finish one first, or claim another by hand."
        )


def _next(word: str) -> TakeNext:
    return TakeNext(command_id=word.encode().hex().ljust(32, "0")[:32])


async def test_next_is_off_where_work_is_handed_out_by_hand(tmp_path: Path) -> None:
    """Unless the operator allows it."""
    async with floor(tmp_path, model="manual") as shop:
        await shop.hires("amina")
        await shop.writes(1)
        with pytest.raises(Refusal) as refused:
            await shop.relay.door.next(shop.agents["amina"], _next("a"))
        assert refused.value.problem.code is Code.NOT_ALLOWED


async def test_above_capacity_is_allowed_by_hand_and_said(shop: Floor) -> None:
    """A claim of one's own and a lead's word; an agent asks a lead."""
    await shop.hires("amina")
    await shop.hires("karim", capacity=9)
    await shop.hires("boss", role=Role.LEAD)
    await shop.says("karim", Presence.AWAY)
    await shop.writes(5)

    assert (await shop.order("amina", "W-3", Claim())).said == "You hold 3 of 2."
    given = await shop.order("boss", "W-4", Assign(agent=AgentId("amina")))
    assert given.said == "Amina: now 4 of 2."
    with pytest.raises(Refusal) as refused:
        await shop.order("karim", "W-5", Assign(agent=AgentId("amina")))
    assert refused.value.problem.message == ("Amina holds 4 of 2; choose another, or ask a lead.")


async def test_automation_against_people_never_wins_what_a_person_took(shop: Floor) -> None:
    """A3: while agents claim, the queue is drained again and again; nobody's claim is lost to
    automation, and what is given is within capacity."""
    await shop.hires("amina", "karim")
    await shop.writes(60)
    free = [f"W-{n}" for n in range(5, 61)]

    async def claims(who: str, refs: list[str]) -> list[str]:
        won = []
        for ref in refs:
            try:
                await shop.order(who, ref, Claim())
            except Refusal:
                continue
            won.append(ref)
        return won

    async def drains() -> None:
        for _ in range(40):
            await shop.relay.drain.drain()
            await asyncio.sleep(0)

    won, lost, _ = await asyncio.gather(claims("amina", free), claims("karim", free), drains())
    cards = {card.ref: card.assignee for card in await shop.cards()}

    assert sorted([*won, *lost]) == sorted(free)
    assert all(cards[ref] == "amina" for ref in won)
    assert all(cards[ref] == "karim" for ref in lost)
