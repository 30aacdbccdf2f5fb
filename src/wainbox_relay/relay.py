"""The composition root: opens the store, builds the adapters, runs the loops in one TaskGroup.

Start and stop are in one order: what writes comes up before what asks, and goes down after it.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import structlog

from wainbox_relay.clock import Clock, SystemClock
from wainbox_relay.config import Settings, numbers, policy
from wainbox_relay.contract.events import CountsMoved, Notice
from wainbox_relay.contract.filters import Viewer
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.vocabulary import (
    DAY,
    HOUR,
    SECOND,
    AgentId,
    Moment,
    NumberId,
    TeamId,
)
from wainbox_relay.domain.model import Desk, Identity
from wainbox_relay.domain.rules.eligibility import on_shift, refreshed
from wainbox_relay.engine.alarms import Alarms
from wainbox_relay.engine.bulk import Bulks
from wainbox_relay.engine.counts import CountBoard
from wainbox_relay.engine.door import Door
from wainbox_relay.engine.drain import Drain
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.herald import Herald
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.engine.intake import Intake, Unread
from wainbox_relay.engine.outbox import Outbox, Pace
from wainbox_relay.engine.paging import Pages
from wainbox_relay.engine.presence import PresenceBoard
from wainbox_relay.engine.replies import Replies
from wainbox_relay.engine.staff import Staff
from wainbox_relay.engine.stream import PassingEvent, Stream, Subscription
from wainbox_relay.engine.templates import Templates
from wainbox_relay.engine.tokens import Tokens
from wainbox_relay.language.detector import LocalDetector
from wainbox_relay.paging import Paging
from wainbox_relay.ports import Batch, Detector, StoreFull, WhatsApp
from wainbox_relay.store import Stores, open_stores

log = structlog.get_logger()

DISK_FULL = "disk_full"
NO_SPACE = "The disk takes no more; free some space. WhatsApp keeps what comes."


@dataclass(frozen=True, slots=True)
class Relay:
    """Everything that runs, put together."""

    settings: Settings
    clock: Clock
    stores: Stores
    whatsapp: WhatsApp
    inbox: Inbox
    intake: Intake
    unread: Unread
    outbox: Outbox
    pager: Paging
    alarms: Alarms
    stream: Stream
    presence: PresenceBoard
    drain: Drain
    counts: CountBoard
    tokens: Tokens
    staff: Staff
    door: Door
    templates: Templates
    replies: Replies
    bulks: Bulks
    on_shift: dict[AgentId, bool] = field(default_factory=dict)
    """What terminals were told: shifts begin and end by the clock alone."""

    async def loops(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Starts every loop, the writer first."""
        writer = group.create_task(self.inbox.run(self.unread), name="writer")
        await self.outbox.recover()
        await self.unread.catch_up()
        loops: list[Callable[[], Awaitable[None]]] = [
            self.intake.run,
            self.outbox.run,
            self.alarms.run,
            self._watch_people,
            self.drain.run,
            self._tell_counts,
            self._sweep,
            self.templates.run,
            self.bulks.run,
        ]
        return [writer, *(group.create_task(_forever(loop), name=loop.__name__) for loop in loops)]

    async def _watch_people(self) -> None:
        """Who came and who went; and whether the disk takes what we write."""
        while True:
            await asyncio.sleep(self.settings.timing.counts or 0.5)
            self.presence.sweep(self.clock.now())
            await self._note_presence()
            with suppress(StoreFull):
                await self.drain.tick()
            await self.inbox.probe_disk()
            await self.intake.probe_disk()
            self._tell_of_the_disk()

    @property
    def full(self) -> bool:
        """The disk refuses, for the database or for the journal."""
        return self.inbox.full or self.intake.full

    def _tell_of_the_disk(self) -> None:
        if self.full == self.stream.stands(DISK_FULL):
            return
        notice = Notice(
            code=DISK_FULL,
            sentence=NO_SPACE if self.full else "",
            at=datetime.fromtimestamp(self.clock.now() / SECOND, UTC),
            until_cleared=True,
        )
        event = PassingEvent("notice", notice.model_dump_json().encode())
        self.stream.stand(DISK_FULL, event, over=not self.full)

    async def _tell_counts(self) -> None:
        """Every view's numbers, which are each agent's own: when they moved, and on joining."""
        told: frozenset[Subscription] = frozenset()
        while True:
            await asyncio.sleep(self.settings.timing.counts or 0.5)
            here = self.stream.watching
            fresh = here if self.counts.changed else here - told
            self.counts.changed, told = False, here
            for reader in fresh:
                reader.push([self._counts_for(reader.agent)])

    def _counts_for(self, agent: AgentId) -> PassingEvent:
        teams = self.inbox.desk.agents[agent].teams
        counts = self.counts.counts(Viewer(agent, teams), self.clock.now())
        return PassingEvent("counts", CountsMoved(counts=counts).model_dump_json().encode())

    async def _note_presence(self) -> None:
        """Who has a terminal open, whose break is over, and whose shift began or ended."""
        here, now = self.stream.terminals(), self.clock.now()
        agents = [a for a in self.inbox.desk.agents.values() if a.revoked_at is None]
        moved = [a.id for a in agents if refreshed(a, now, here=a.id in here) is not a]
        on = {a.id: on_shift(a, self.inbox.desk, now) for a in agents}
        turned = [a for a, was in self.on_shift.items() if on.get(a, was) != was]
        self.on_shift.update(on)

        def note(slice_: Slice) -> None:
            for agent in moved:
                slice_.change_agent(agent, lambda a: refreshed(a, now, here=a.id in here))
            for agent in turned:
                slice_.keep_agent(slice_.desk.agents[agent])

        if moved or turned:
            with suppress(StoreFull):
                await self.inbox.amend(note)

    async def _sweep(self) -> None:
        """Lets go of what retention no longer keeps."""
        keep = self.settings.retention
        while True:
            await asyncio.sleep(self.settings.timing.sweep)
            now = self.clock.now()
            with suppress(StoreFull):
                await self.stores.sweep(
                    journal_before=Moment(now - int(keep.journal_days * DAY)),
                    events_before=Moment(now - int(keep.events_hours * HOUR)),
                    results_before=Moment(now - int(keep.answers_hours * HOUR)),
                )


@asynccontextmanager
async def assembled(
    settings: Settings, whatsapp: Callable[[Stores], WhatsApp], clock: Clock | None = None
) -> AsyncIterator[Relay]:
    """A relay with its store open, ready for its loops."""
    clock = clock or SystemClock()
    async with await open_stores(settings.relay.data_dir, quick_check=True) as stores:
        yield await _assemble(settings, stores, whatsapp(stores), clock)


async def _assemble(settings: Settings, stores: Stores, whatsapp: WhatsApp, clock: Clock) -> Relay:
    boot = secrets.token_hex(8)
    inbox = Inbox(stores.store, clock, desk_of(settings), boot, _detector())
    start = await inbox.start()
    # The desk is another one after every change.
    stores.reads.zone_of = lambda number: inbox.desk.zone_of(number)  # noqa: PLW0108
    counts, tokens = CountBoard(), Tokens()
    counts.fill(await stores.reads.facets())
    counts.hide(inbox.desk.unclaimed)
    tokens.fill(start.tokens, inbox.desk)
    templates = Templates(inbox, whatsapp.templates, await stores.reads.templates())
    templates.serve(accounts(settings))
    stream = Stream(stores.reads.events_after, stores.reads.oldest_seq, settings.timing.slice)
    stream.seq = start.seq
    unread = Unread(stores.journal, whatsapp.read, _hashed(stores.installation_key), inbox.nudge)
    pager = Paging(whatsapp)
    pager.renew(settings.oncall, settings.oncall_agents)
    pages = Pages(inbox, pager, clock)
    outbox = Outbox(inbox, whatsapp, clock, boot, pages, pace=_pace(settings))
    presence = PresenceBoard(
        lambda event: stream.publish([event]), int(settings.timing.presence * 1_000_000)
    )

    tell = _teller(stream, clock)
    drain, herald = Drain(inbox, clock, presence, stores.reads.pool, tell), Herald(tell)

    def kept(batch: Batch, desk: Desk) -> None:
        for before, after in inbox.moves:
            counts.move(before, after)
        if batch.numbers:
            counts.hide(desk.unclaimed)
        tokens.kept(batch, desk)
        outbox.kept(batch, desk)
        templates.kept(batch)
        stream.publish(batch.events)
        herald.kept(batch, desk)
        drain.kept(batch, desk)

    inbox.listen(kept)
    return Relay(
        settings=settings,
        clock=clock,
        stores=stores,
        whatsapp=whatsapp,
        inbox=inbox,
        intake=Intake(stores.journal, clock, unread.kept),
        unread=unread,
        outbox=outbox,
        pager=pager,
        alarms=Alarms(inbox, clock),
        stream=stream,
        presence=presence,
        drain=drain,
        counts=counts,
        tokens=tokens,
        staff=Staff(inbox, tokens, stream, clock),
        door=Door(inbox, clock, stores.reads.pool),
        templates=templates,
        replies=Replies(inbox, clock, stores.reads.replies),
        bulks=Bulks(
            inbox,
            clock,
            stores.reads.ids,
            lambda: stores.reads.bulks(Moment(clock.now() - DAY)),
        ),
    )


def _teller(stream: Stream, clock: Clock) -> Callable[[Collection[AgentId], str], None]:
    """Says a sentence to some agents, where they have a terminal open."""

    def tell(agents: Collection[AgentId], sentence: str) -> None:
        at = datetime.fromtimestamp(clock.now() / SECOND, UTC)
        notice = Notice(code="work", sentence=clean(sentence), at=at)
        stream.tell(agents, PassingEvent("notice", notice.model_dump_json().encode()))

    return tell


@cache
def _detector() -> Detector:
    """One for the process: it takes a tenth of a second to make."""
    return LocalDetector()


def desk_of(settings: Settings) -> Desk:
    """The desk as configured; agents come from the store."""
    return Desk(
        teams=frozenset(TeamId(team) for team in settings.desk.teams),
        numbers=numbers(settings),
        policy=policy(settings),
    )


def accounts(settings: Settings) -> dict[NumberId, str]:
    """The WhatsApp Business accounts of the configured numbers."""
    return {number.id: number.waba for number in settings.numbers if number.waba}


def _pace(settings: Settings) -> Pace:
    return Pace(
        pair_seconds=settings.limits.pair_seconds,
        pair_burst=settings.limits.pair_burst,
        number_per_second=settings.limits.number_per_second,
        unsure_holds=int(settings.timing.unconfirmed * 1_000_000),
        retry_scale=settings.timing.retry_scale,
    )


def _hashed(key: bytes) -> Callable[[Identity], str]:
    """An identity as the erasure index knows it: keyed, so that the file alone tells nobody's
    number."""
    base = hmac.new(key, digestmod=hashlib.sha256)

    def hashed(identity: Identity) -> str:
        mac = base.copy()
        mac.update(f"{identity.kind}|{identity.value}|{identity.scope}".encode())
        return mac.hexdigest()

    return hashed


async def _forever(loop: Callable[[], Awaitable[None]]) -> None:
    await loop()
