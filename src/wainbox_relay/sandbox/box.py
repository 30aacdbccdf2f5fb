"""The whole pretend WhatsApp as one value that a test or a demo holds in its hand.

async with Sandbox.start(callback_url=..., app_secret=..., token=...) as box:
await box.customer("sara").writes("مرحبا")
await box.until(lambda: box.accepted)
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Self

from wainbox_relay.sandbox.clock import Clock
from wainbox_relay.sandbox.control import Control
from wainbox_relay.sandbox.crew import Spawn, crew
from wainbox_relay.sandbox.customers import Customer, Surroundings
from wainbox_relay.sandbox.day import ComeTo, Day
from wainbox_relay.sandbox.faults import Fault, Faults, What
from wainbox_relay.sandbox.graph import Graph
from wainbox_relay.sandbox.people import ATLAS, RIYADH, Number, person
from wainbox_relay.sandbox.receipts import Delays, Receipts
from wainbox_relay.sandbox.script import scripts, templates
from wainbox_relay.sandbox.server import serving
from wainbox_relay.sandbox.shapes import Change, envelope, template_status
from wainbox_relay.sandbox.webhooks import Courier, Manner, encode
from wainbox_relay.sandbox.world import Accepted, Read, World

PATIENCE = 5.0


class Sandbox:
    """Start it with `Sandbox.start`. What it holds may be looked at and changed at any time."""

    def __init__(self, world: World, clock: Clock, courier: Courier, spawn: Spawn) -> None:
        self.url = ""
        self.world = world
        self.clock = clock
        self.courier = courier
        self.faults = Faults()
        self.receipts = Receipts(world, courier, clock, Delays())
        self.graph = Graph(world, self.faults, clock, self._sent)
        self.day = Day(scripts(), self._at, clock, spawn)
        self.answering = False
        """Whether customers answer what we write, as their scripts say."""
        self._spawn = spawn
        self._verify_token = ""
        self._news = asyncio.Event()
        courier.on_news = self._tell

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        *,
        callback_url: str,
        app_secret: str,
        token: str,
        verify_token: str = "",
        numbers: Sequence[Number] = (ATLAS, RIYADH),
        pace: float = 0.01,
        at_once: int = 1,
        port: int = 0,
    ) -> AsyncIterator[Self]:
        """Serves on a loopback port until the block ends. A wait takes `pace` times its seconds."""
        clock = Clock(pace)
        async with crew() as spawn:
            courier = Courier(callback_url, app_secret, clock, spawn, at_once)
            box = cls(_world(numbers), clock, courier, spawn)
            box.graph.token = token
            box._verify_token = verify_token
            spawn(courier.run())
            async with serving(box.graph.app(*Control(box).routes()), port=port) as box.url:
                yield box

    @property
    def accepted(self) -> list[Accepted]:
        """Every message that WhatsApp took, in order."""
        return self.world.accepted

    @property
    def reads(self) -> list[Read]:
        """Every mark of reading, with or without typing."""
        return self.world.reads

    @property
    def accepts(self) -> Counter[str]:
        """How often each message was taken, by its opaque string without the try's number."""
        return self.world.count()

    @property
    def delays(self) -> Delays:
        return self.receipts.delays

    @property
    def manner(self) -> Manner:
        """How webhooks come: late, repeated, reordered, batched."""
        return self.courier.manner

    def customer(self, key: str, number: str = "") -> Customer:
        """Somebody from the scripts, or a newcomer of that key."""
        if key not in self.world.people:
            raise KeyError(f"Nobody is called {key}. Use newcomer({key!r}) to bring them in.")
        ours = self.world.numbers[number] if number else self._first_number()
        return Customer(self.world.people[key], ours, self._surroundings())

    async def opening(self) -> None:
        """A busy morning: what was written in the days before, and those who come now."""
        await self.day.open()
        self.day.begin()

    async def live_through(self, come_to: ComeTo, keep: Callable[[bytes], None]) -> None:
        """The days before, for a relay that was there: `come_to` brings its clock and ours to each
        moment, and `keep` takes what is delivered until `in_the_present`."""
        self.courier.aside = lambda change: keep(encode(envelope([change])))
        self.clock.pace, self.answering = 0.0, True
        await self.day.open(come_to)

    def in_the_present(self, pace: float) -> None:
        """What is delivered goes to the callback again, and waits take their time."""
        self.courier.aside = None
        self.clock.come_back()
        self.clock.pace = pace

    def newcomer(self, key: str, name: str = "", phone: str = "", username: str = "") -> Customer:
        """Somebody new; without phone and username they get a phone of their own."""
        if not phone and not username:
            phone = f"+212 6{len(self.world.people):08}"
        self.world.people[key] = person(key, name or key.title(), phone, username)
        return self.customer(key)

    def post(self, field: str, value: Any, number: Number | None = None) -> None:
        """Any change at all, signed and delivered like the others."""
        self.courier.post(Change((number or self._first_number()).waba, field, value))

    def fault(self, what: What, times: int = 1, *, to: str = "", **more: Any) -> Fault:
        """Plans a fault for the next requests it fits; `to` is a customer's key, or an address."""
        who = self.world.people.get(to)
        address = (who.wa_id or who.user_id) if who else to.removeprefix("+").replace(" ", "")
        planned = Fault(what, times, to=address, **more)
        self.faults.planned.append(planned)
        return planned

    def change(self, key: str, **changes: Any) -> None:
        """Changes somebody: `reads`, `reachable`, `name`, `username`..."""
        self.world.people[key] = replace(self.world.people[key], **changes)

    def template(self, name: str, status: str, language: str = "") -> int:
        """Approves, pauses or rejects a template, and says so by webhook. How many it was."""
        changed = [
            template
            for template in self.world.templates
            if template.name == name and language in ("", template.language)
        ]
        for template in changed:
            template.status = status
            value = template_status(template)
            self.courier.post(Change(template.waba, "message_template_status_update", value))
        return len(changed)

    def reset(self) -> None:
        """Forgets what was said and sent, the faults, and how far the scripts have come."""
        self.world.forget()
        self.faults.planned.clear()
        self.courier.manner = Manner()
        self.day = Day(scripts(), self._at, self.clock, self._spawn)

    async def handshake(self) -> bool:
        """Asks the callback URL to prove itself, as Meta's dashboard does on saving it."""
        return await self.courier.handshake(self._verify_token)

    async def until(self, holds: Callable[[], object], patience: float = PATIENCE) -> None:
        """Waits until something holds, looking whenever something happened here."""
        async with asyncio.timeout(patience):
            while not holds():
                await self._next_news()

    async def settled(self, patience: float = PATIENCE) -> None:
        """Waits until every webhook was delivered or given up."""
        await self.until(lambda: self.courier.idle, patience)

    async def _next_news(self) -> None:
        news = self._news
        try:
            await asyncio.wait_for(news.wait(), 0.05)
        except TimeoutError:
            return

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _sent(self, message: Accepted) -> None:
        self._spawn(self.receipts.follow(message))
        if self.answering:
            self.day.hear(message, self.delays)
        self._tell()

    def _at(self, key: str, number: int) -> Customer:
        """Somebody, writing to the number that their script counts from one."""
        ours = list(self.world.numbers)
        return self.customer(key, ours[min(number, len(ours)) - 1])

    def _first_number(self) -> Number:
        return next(iter(self.world.numbers.values()))

    def _surroundings(self) -> Surroundings:
        return Surroundings(self.world, self.clock, self.courier.post, lambda: self.url)


def _world(numbers: Sequence[Number]) -> World:
    world = World(numbers, [script.peer for script in scripts()])
    world.templates = templates(sorted({number.waba for number in numbers}))
    return world
