"""Work that waits finds whoever is free, whenever something frees somebody; and work whose owner is
gone comes back (`docs/design.md` section 10).

What may move is chosen here, with a desk that fills as it goes, and asked of the writer as facts,
a slice at a time: each is decided again where it counts.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog

from wainbox_relay.clock import Clock
from wainbox_relay.contract.vocabulary import (
    MINUTE,
    SECOND,
    AgentId,
    ConversationId,
    Moment,
    Status,
)
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import LetGo, Letting, RouteDue
from wainbox_relay.domain.model import Agent, Conversation, Customer, Desk
from wainbox_relay.domain.outcome import Assigned
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.domain.rules.assigning import Routed, hand_out
from wainbox_relay.domain.rules.routing import Routing
from wainbox_relay.domain.when.owner_lets_go import is_over, lets_go
from wainbox_relay.engine import refs
from wainbox_relay.engine.herald import Tell
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.engine.presence import PresenceBoard
from wainbox_relay.ports import Batch, StoreFull, Wanted

log = structlog.get_logger()

PAGE = 256
SWEEP = 15 * SECOND
"""Shifts begin and waits end without anybody doing anything, so the queue is looked at anyway."""
WARNED = 10 * MINUTE
"""How long before the end of a shift its agent is reminded of what they hold."""
MOST_SHOWN = 3
"""Of what somebody owes, so many are named."""

Waiting = tuple[int, Conversation, Customer | None]
Pool = Callable[[tuple[int, int], int], Awaitable[Sequence[Waiting]]]
"""Unowned open work after a place in the queue: its sort key, itself, its customer."""
_BECAUSE = {
    "dropped": "{name}'s terminal is gone",
    "shift over": "{name}'s shift is over",
    "silent": "{name} has been silent on it",
    "left": "{name} does not work there any more",
}


class Drain:
    """`kept` hears of every commit; `tick` is called twice a second or so."""

    def __init__(
        self, inbox: Inbox, clock: Clock, board: PresenceBoard, pool: Pool, tell: Tell
    ) -> None:
        self._inbox = inbox
        self._clock = clock
        self._board = board
        self._pool = pool
        self._tell = tell
        self._desk = inbox.desk
        self._wake = asyncio.Event()
        self._swept = Moment(0)
        self._moved = {a.id for a in inbox.desk.agents.values() if a.revoked_at is not None}
        """Who may hold work that is not theirs any more."""
        self._warned: dict[AgentId, Moment] = {}

    def kept(self, _: Batch, desk: Desk) -> None:
        before, self._desk = self._desk, desk
        if desk.policy.routing is None or desk is before:
            return
        self._moved |= {a for a, agent in desk.agents.items() if _elsewhere(before, agent)}
        if frees(before, desk):
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.drain()
            except* StoreFull:
                log.warning("work_not_handed_out", reason="the disk is full")

    async def tick(self) -> None:
        """What only time brings."""
        now = self._clock.now()
        if self._inbox.desk.policy.routing is None:
            return
        await self._let_go(now)
        await self._warn(now)
        if now - self._swept >= SWEEP or now < self._swept:
            self._swept = now
            self._wake.set()

    # -- handing out -------------------------------------------------------------------------

    async def drain(self) -> int:
        """Hands out until nothing moves any more; how many found somebody."""
        total = 0
        while moved := await self._round():
            total += moved
        return total

    async def _round(self) -> int:
        """Once through all that waits, for as long as anybody has room. While the writer keeps one
        page, the next is read and chosen."""
        desk, place = self._inbox.desk, (-1, 0)
        asked: list[asyncio.Task[int]] = []
        async with asyncio.TaskGroup() as group:
            while _has_room(desk) and (page := await self._pool(place, PAGE)):
                place = page[-1][0], page[-1][1].id
                work = [(conversation, customer) for _, conversation, customer in page]
                chosen, desk = hand_out(work, desk, self._clock.now())
                if asked:
                    await asked[-1]
                if chosen:
                    asked.append(group.create_task(self._ask(chosen)))
        return sum(task.result() for task in asked)

    async def _ask(self, chosen: Sequence[tuple[Conversation, Routed]]) -> int:
        decided = await self._inbox.submit([_due(each, found) for each, found in chosen])
        return sum(bool(each.outcome.changes) for each in decided)

    # -- taking back -------------------------------------------------------------------------

    async def _let_go(self, now: Moment) -> None:
        desk, routing = self._inbox.desk, self._inbox.desk.policy.routing
        if routing is None:
            return
        why = {a.id: reason for a in desk.agents.values() if (reason := self._why(a, now))}
        if not why:
            return
        held = await self._inbox.ask(lambda store: store.held(why))
        wanted = Wanted(conversations={conversation for conversation, _ in held})
        loaded = await self._inbox.ask(lambda store: store.load(wanted))
        facts = [
            LetGo(each, owner, why[owner])
            for each, owner in held
            if not self._drafts(owner, each, why[owner], routing, now)
            and lets_go(
                why[owner], loaded.conversations[each], desk.agents[owner], desk, routing, now
            )
        ]
        self._moved -= {agent for agent, reason in why.items() if reason == "left"}
        for start in range(0, len(facts), PAGE):
            await self._submit(facts[start : start + PAGE])

    def _why(self, agent: Agent, now: Moment) -> Letting | None:
        """What may be wrong with an owner; which of their work it touches is looked at next."""
        desk, routing = self._inbox.desk, self._inbox.desk.policy.routing
        if agent.id in self._moved:
            return "left"
        if routing is None or not eligibility.load(desk, agent.id).ours:
            return None
        if eligibility.away_for(agent, now) >= routing.grace:
            return "dropped"
        if is_over(agent, desk, routing, now):
            return "shift over"
        return "silent" if routing.return_after else None

    def _drafts(
        self,
        owner: AgentId,
        conversation: ConversationId,
        why: Letting,
        routing: Routing,
        now: Moment,
    ) -> bool:
        """Whether they are at it, as far as their terminal told."""
        long = {"left": 0, "silent": routing.return_after}.get(why, routing.drafting)
        return now - self._board.wrote(owner, conversation) < long

    async def _submit(self, facts: list[LetGo]) -> None:
        decided = await self._inbox.submit(facts)
        desk = self._inbox.desk
        leads = [a.id for a in desk.agents.values() if eligibility.leads(a)]
        for fact, done in zip(facts, decided, strict=True):
            if any(isinstance(change, Assigned) for change in done.outcome.changes):
                reason = _BECAUSE[fact.why].format(name=desk.agents[fact.agent].name)
                sentence = f"{refs.shown(done.ref)} went back to the queue: {reason}."
                self._tell({fact.agent, *leads}, sentence)

    # -- before the end of a shift -----------------------------------------------------------

    async def _warn(self, now: Moment) -> None:
        """Whoever goes soon hears what they still owe, once a shift."""
        desk, leaving = self._inbox.desk, dict[AgentId, int]()
        for agent, load in desk.load.items():
            known = desk.agents.get(agent)
            ends = eligibility.ends(known, desk, now) if known and load.ours else None
            if ends is not None and ends - now <= WARNED and self._warned.get(agent) != ends:
                self._warned[agent] = ends
                leaving[agent] = max(1, (ends - now) // MINUTE)
        for agent, owed in (await self._owed_by(leaving)).items():
            self._tell({agent}, farewell(leaving[agent], owed))

    async def _owed_by(self, agents: Collection[AgentId]) -> dict[AgentId, list[str]]:
        """What waits for these agents, by its references, the most pressing first."""
        if not agents:
            return {}
        held = await self._inbox.ask(lambda store: store.held(agents))
        wanted = Wanted(conversations={conversation for conversation, _ in held})
        loaded = await self._inbox.ask(lambda store: store.load(wanted))
        owed: dict[AgentId, list[str]] = {}
        for each in sorted(loaded.conversations.values(), key=lambda each: each.sort_key):
            ours = each.status is Status.OPEN and each.waiting_since is not None
            if ours and each.assignee is not None:
                owed.setdefault(each.assignee, []).append(f"#{refs.shown(each.ref)}")
        return owed


def farewell(minutes: int, owed: Sequence[str]) -> str:
    """What can be done with what somebody still owes before they go; one line of a terminal."""
    more = f" and {len(owed) - MOST_SHOWN} more" if len(owed) > MOST_SHOWN else ""
    wait = "1 waits" if len(owed) == 1 else f"{len(owed)} wait"
    return (
        f"Your shift ends in {minutes} min, {wait} for you: {', '.join(owed[:MOST_SHOWN])}{more}. "
        "Reply, hand over (a), or keep (:presence online 1h)."
    )


def _due(conversation: Conversation, found: Routed) -> RouteDue:
    if found.agent is None:
        raise AssertionError("what is handed out has found somebody")
    return RouteDue(conversation.id, found.agent, found.how, found.told, found.missed)


def frees(before: Desk, after: Desk) -> bool:
    """Whether somebody may have room for something now who had none."""
    if after.policy is not before.policy or after.duties is not before.duties:
        return True
    for agent, known in after.agents.items():
        old = before.agents.get(agent)
        if old is None:
            return True
        if old is not known and replace(old, assigned_at=known.assigned_at) != known:
            return True
        had, has = eligibility.load(before, agent), eligibility.load(after, agent)
        if has.open < had.open or has.ours < had.ours:
            return True
    return False


def _elsewhere(before: Desk, agent: Agent) -> bool:
    """Whether some of what they hold may be another team's now."""
    old = before.agents.get(agent.id)
    if old is None or old is agent:
        return False
    return (old.teams, old.role, old.revoked_at) != (agent.teams, agent.role, agent.revoked_at)


def _has_room(desk: Desk) -> bool:
    return any(eligibility.may_take(agent, desk) for agent in desk.agents.values())
