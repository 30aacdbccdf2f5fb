"""The days before the demo: a relay that was there all the time, lived through in a second or two.

The pretend customers' earlier messages go through the real door with a clock that walks along with
them, and the pretend WhatsApp's with it; alarms ring in their time. Agents close what has gone
quiet, so that the morning begins with its own work.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle

from wainbox_relay.config import Settings
from wainbox_relay.contract.commands import Order, Resolve
from wainbox_relay.contract.filters import Viewer, view
from wainbox_relay.contract.problems import Refusal
from wainbox_relay.contract.views import Card
from wainbox_relay.contract.vocabulary import DAY, HOUR, SECOND, AgentId, Moment, Role, TeamId
from wainbox_relay.domain.model import Agent
from wainbox_relay.in_force import InForce
from wainbox_relay.relay import Relay, assembled
from wainbox_relay.sandbox.box import Sandbox

BEGINS = 9 * DAY
"""Before the first message."""

MORNING = 10 * HOUR
"""What was written in the last hours is left for whoever opens the demo."""

QUIET = 2 * HOUR
"""So long after its last word a case is closed, before anything is late."""

OUTCOMES = ("delivery", "sizing", "refund", "answered")


class WalkingClock:
    """Stands where it is put, and takes a moment for every look."""

    def __init__(self, moment: int) -> None:
        self.moment = moment

    def now(self) -> Moment:
        self.moment += 1
        return Moment(self.moment)


async def live_through(
    box: Sandbox, settings: Settings, now: Moment, agents: Sequence[tuple[str, Role]]
) -> None:
    """Leaves a data folder as a relay would after these days."""
    clock, pace = WalkingClock(now - BEGINS), box.clock.pace
    box.clock.go_to(clock.moment / SECOND)
    whatsapp = InForce(settings).whatsapp()
    try:
        async with (
            assembled(settings, lambda _: whatsapp, clock) as relay,
            asyncio.TaskGroup() as group,
        ):
            loops = await relay.loops(group)
            await _Days(relay, box, clock, now, await _hired(relay, agents)).live()
            for loop in loops:
                loop.cancel()
    finally:
        await whatsapp.aclose()
        box.in_the_present(pace)


async def _hired(relay: Relay, agents: Sequence[tuple[str, Role]]) -> list[Agent]:
    teams = frozenset(TeamId(team) for team in relay.settings.desk.teams)
    for name, role in agents:
        if AgentId(name.lower()) not in relay.inbox.desk.agents:
            await relay.staff.add("operator", name, role, teams)
    return [relay.inbox.desk.agents[AgentId(name.lower())] for name, _ in agents]


class _Days:
    def __init__(
        self,
        relay: Relay,
        box: Sandbox,
        clock: WalkingClock,
        now: Moment,
        agents: Sequence[Agent],
    ) -> None:
        self._relay = relay
        self._box = box
        self._clock = clock
        self._now = now
        self._agents = cycle(agents)
        self._outcomes = cycle(OUTCOMES)
        self._delivered: list[bytes] = []

    async def live(self) -> None:
        await self._box.live_through(self._come_to, self._delivered.append)
        await self._walk(self._now)

    async def _come_to(self, ago: float) -> None:
        moment = self._now - int(ago * SECOND)
        await self._settled()
        await self._tidy(moment)
        await self._walk(moment)

    # -- time --------------------------------------------------------------------------------

    async def _walk(self, moment: int) -> None:
        """Alarms ring in their time."""
        await self._settled()
        while (due := await self._next_alarm(moment)) is not None:
            self._put(due)
            await self._relay.alarms.ring()
            await self._settled()
        self._put(moment)

    async def _next_alarm(self, until: int) -> Moment | None:
        due = await self._relay.inbox.ask(lambda store: store.due_alarms(Moment(until), 1))
        return due[0][2] if due else None

    def _put(self, moment: int) -> None:
        """Both clocks; ours never goes back, and theirs is the same whatever time this takes."""
        self._clock.moment = max(moment, self._clock.moment)
        self._box.clock.go_to(self._clock.moment / SECOND)

    async def _settled(self) -> None:
        """Until everything that was delivered is read, and everything that is due has left."""
        relay = self._relay
        while self._delivered or relay.unread.ready() or relay.inbox.busy or await self._owes():
            while self._delivered:
                await relay.intake.keep(self._delivered.pop(0))
            await self._owes()
            await asyncio.sleep(0.001)

    async def _owes(self) -> bool:
        """The question also ends the inbox's waiting for more that could go into one commit."""
        now = self._clock.now()
        return bool(await self._relay.inbox.ask(lambda store: store.owed(now, 1)))

    # -- the agents --------------------------------------------------------------------------

    async def _tidy(self, until: int) -> None:
        """Agents close what has gone quiet, each in its time."""
        viewer = Viewer(next(self._agents).id)
        cards = (await self._relay.stores.reads.page(view("all"), viewer, limit=200)).cards
        quiet = sorted((_last_word(card) + QUIET, card.ref) for card in cards)
        for moment, ref in quiet:
            if moment < min(until, self._now - MORNING):
                await self._walk(moment)
                await self._close(ref)

    async def _close(self, ref: str) -> None:
        command = Resolve(sure=True, outcome=next(self._outcomes))
        order = Order(command_id=secrets.token_hex(16), command=command)
        with suppress(Refusal):
            await self._relay.door.order(next(self._agents), ref, order)


def _last_word(card: Card) -> int:
    said = card.last_message.at if card.last_message else card.opened_at
    return int(said.timestamp() * SECOND)
