"""A whole engine on a real file, with a pretend WhatsApp and a clock that is moved by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.bodies import NUMBER
from tests.fakes import FakeWhatsApp, HandClock

from wainbox_relay.config import Settings
from wainbox_relay.contract.commands import Command, Done, Order
from wainbox_relay.contract.filters import Viewer, view
from wainbox_relay.contract.views import Card, Thread
from wainbox_relay.contract.vocabulary import Role
from wainbox_relay.domain.model import Agent
from wainbox_relay.relay import Relay, assembled

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class Bench:
    """A running relay and what a test does with it."""

    relay: Relay
    whatsapp: FakeWhatsApp
    clock: HandClock
    agents: dict[str, Agent]
    _ids: int = 0

    async def comes(self, *bodies: bytes) -> None:
        """Webhooks arrive, and everything that follows from them is done."""
        for body in bodies:
            await self.relay.intake.keep(body)
        await self.settles()

    async def settles(self) -> None:
        """Until neither journal nor writer has anything left to do."""
        while self.relay.unread.ready() or self.relay.inbox.busy:  # noqa: ASYNC110 - it has no bell
            await asyncio.sleep(0.002)
        await self.relay.inbox.ask(lambda store: store.due_alarms(self.clock.now(), 1))

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Waits, a few seconds at most, until something holds."""
        async with asyncio.timeout(5):
            while not await holds():  # noqa: ASYNC110 - anything may be waited for
                await asyncio.sleep(0.005)

    async def order(self, who: str, ref: str, command: Command, id_: str = "") -> Done:
        self._ids += 1
        order = Order(command_id=id_ or f"{self._ids:032x}", command=command)
        return await self.relay.door.order(self.agents[who], ref, order)

    async def cards(self, name: str = "all") -> tuple[Card, ...]:
        viewer = Viewer(self.agents["nadia"].id)
        return (await self.relay.stores.reads.page(view(name), viewer, limit=500)).cards

    async def card(self) -> Card:
        """The only conversation there is."""
        views = ("all", "resolved", "spam")
        cards = [card for view in views for card in await self.cards(view)]
        assert len(cards) == 1
        return cards[0]

    async def thread(self, ref: str = "W-1") -> Thread:
        found = await self.relay.stores.reads.thread(int(ref.removeprefix("W-")), limit=500)
        assert found is not None
        return found


def settings(folder: Path, zone: str = "", **timing: float) -> Settings:
    """`zone` is that of a shop which never closes."""
    week = dict.fromkeys(DAYS, "always")
    raw: dict[str, object] = {
        "relay": {"data_dir": str(folder)},
        "webhook": {"app_secret": "s", "verify_token": "v"},
        "calendars": [{"name": "shop", "zone": zone, "week": week}] if zone else [],
        "numbers": [{"id": NUMBER, "name": "Atlas", "calendar": "shop" if zone else ""}],
        "timing": {"counts": 0.05, "unconfirmed": 0.2, "slice": 0.005, **timing},
    }
    return Settings.of(raw, {})


@asynccontextmanager
async def bench(
    folder: Path,
    whatsapp: FakeWhatsApp | None = None,
    clock: HandClock | None = None,
    zone: str = "",
    **timing: float,
) -> AsyncIterator[Bench]:
    whatsapp, clock = whatsapp or FakeWhatsApp(), clock or HandClock()
    async with (
        assembled(settings(folder, zone, **timing), lambda _: whatsapp, clock) as relay,
        asyncio.TaskGroup() as group,
    ):
        loops = await relay.loops(group)
        for name, role in (("Nadia", Role.AGENT), ("Samir", Role.AGENT), ("Lina", Role.LEAD)):
            if name.lower() not in relay.inbox.desk.agents:
                await relay.staff.add("operator", name, role, frozenset())
        agents = {str(a.id): a for a in relay.inbox.desk.agents.values()}
        yield Bench(relay, whatsapp, clock, agents)
        for loop in loops:
            loop.cancel()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as running:
        yield running
