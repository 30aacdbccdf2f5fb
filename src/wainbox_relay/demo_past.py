"""The days before the demo: a relay that was there all the time, lived through in a second.

The pretend customers' earlier messages go through the real door with a clock that walks along with
them; in the evening agents close what has gone quiet, so that the morning begins with its own work.
"""

import asyncio
import secrets
from collections.abc import Sequence
from itertools import cycle

from wainbox_relay.config import Settings
from wainbox_relay.contract.commands import Order, Resolve
from wainbox_relay.contract.filters import Viewer, view
from wainbox_relay.contract.problems import Refusal
from wainbox_relay.contract.vocabulary import HOUR, SECOND, AgentId, Moment, Role, TeamId
from wainbox_relay.domain.model import Agent
from wainbox_relay.in_force import InForce
from wainbox_relay.relay import Relay, assembled

MORNING = 10 * HOUR
"""What was written in the last hours is left for whoever opens the demo."""

QUIET = 3 * HOUR
OUTCOMES = ("delivery", "sizing", "refund", "answered")

Past = Sequence[tuple[float, bytes]]
"""(seconds ago, webhook body), oldest first."""


class WalkingClock:
    """Stands where it is put, and takes a moment for every look."""

    def __init__(self, moment: int) -> None:
        self.moment = moment

    def now(self) -> Moment:
        self.moment += 1
        return Moment(self.moment)


async def live_through(
    past: Past, settings: Settings, now: Moment, agents: Sequence[tuple[str, Role]]
) -> None:
    """Leaves a data folder as a relay would after these days."""
    clock = WalkingClock(now - int(past[0][0] * SECOND) - HOUR if past else now)
    whatsapp = InForce(settings).whatsapp()
    try:
        async with (
            assembled(settings, lambda _: whatsapp, clock) as relay,
            asyncio.TaskGroup() as group,
        ):
            loops = await relay.loops(group)
            await _Days(relay, clock, now, await _hired(relay, agents)).live(past)
            for loop in loops:
                loop.cancel()
    finally:
        await whatsapp.aclose()


async def _hired(relay: Relay, agents: Sequence[tuple[str, Role]]) -> list[Agent]:
    teams = frozenset(TeamId(team) for team in relay.settings.desk.teams)
    for name, role in agents:
        if AgentId(name.lower()) not in relay.inbox.desk.agents:
            await relay.staff.add("operator", name, role, teams)
    return [relay.inbox.desk.agents[AgentId(name.lower())] for name, _ in agents]


class _Days:
    def __init__(
        self, relay: Relay, clock: WalkingClock, now: Moment, agents: Sequence[Agent]
    ) -> None:
        self._relay = relay
        self._clock = clock
        self._now = now
        self._agents = cycle(agents)
        self._outcomes = cycle(OUTCOMES)

    async def live(self, past: Past) -> None:
        for ago, body in past:
            moment = self._now - int(ago * SECOND)
            await self._evening(moment)
            self._clock.moment = max(self._clock.moment, moment)
            await self._relay.intake.keep(body)
            await self._settled()

    async def _settled(self) -> None:
        while self._relay.unread.ready() or self._relay.inbox.busy:  # noqa: ASYNC110 - it has no bell
            await asyncio.sleep(0.001)

    async def _evening(self, until: int) -> None:
        """Between two messages far apart, agents close what has gone quiet."""
        if until - self._clock.moment < QUIET or self._now - self._clock.moment < MORNING:
            return
        self._clock.moment += QUIET
        viewer = Viewer(next(self._agents).id)
        for card in (await self._relay.stores.reads.page(view("all"), viewer, limit=200)).cards:
            agent, outcome = next(self._agents), next(self._outcomes)
            order = Order(
                command_id=secrets.token_hex(16), command=Resolve(sure=True, outcome=outcome)
            )
            try:
                await self._relay.door.order(agent, card.ref, order)
            except Refusal:
                continue
