"""What we owe the world, done one lane at a time: sends, downloads, read marks, reactions, blocks.

Wishes are rows, held here in memory too. A send's attempt is committed before its first byte
leaves, and its answer comes back as a fact; whatever a crash left in doubt is told as doubt
(`docs/design.md` section 5).
"""

import asyncio
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from wainbox_relay.clock import Clock
from wainbox_relay.contract.content import MEDIA
from wainbox_relay.contract.vocabulary import (
    DAY,
    MINUTE,
    SECOND,
    ConversationId,
    Delivery,
    EntryId,
    MediaState,
    Moment,
    NumberId,
    Sid,
    ThreadId,
    Wamid,
)
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import (
    Accepted,
    Ambiguous,
    AttemptBegan,
    BlockFailed,
    Fact,
    MediaFetched,
    NotAccepted,
)
from wainbox_relay.domain.model import Customer, Desk, Entry, Thread
from wainbox_relay.domain.rules.retry import after_failure
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Decided, Inbox
from wainbox_relay.engine.pace import PAIR_BURST, PAIR_SECONDS, Bucket
from wainbox_relay.engine.paging import Pages
from wainbox_relay.ports import (
    Batch,
    Outgoing,
    Owed,
    Refused,
    StoreFull,
    TryLater,
    Unsure,
    Wanted,
    WhatsApp,
)

log = structlog.get_logger()

MOST_IN_FLIGHT = 32
MEDIA_FOR = 7 * DAY
"""WhatsApp keeps an inbound file this long (Cloud API, "media")."""

Lane = tuple[str, ThreadId | str]


@dataclass(frozen=True, slots=True)
class Pace:
    """`pair_seconds` and `pair_burst` for one customer, `number_per_second` for one number,
    `unsure_holds` microseconds that an unconfirmed send holds the next one back."""

    pair_seconds: float = PAIR_SECONDS
    pair_burst: int = PAIR_BURST
    number_per_second: float = 80.0
    unsure_holds: int = 20 * SECOND
    retry_scale: float = 1.0
    """1.0 for the real world; smaller where tests compress time."""


@dataclass(slots=True)
class Queue:
    """One lane's wishes in order; only the first is ever tried."""

    owed: dict[str, Owed] = field(default_factory=dict)
    busy: bool = False
    not_before: int = 0
    doubt: str = ""
    """The unconfirmed message that holds the others back; a person may let itself go."""
    bucket: Bucket | None = None

    def head(self) -> Owed | None:
        return next(iter(self.owed.values()), None)

    def opens(self, owed: Owed) -> int:
        """From when the lane lets this through."""
        return 0 if self.doubt == owed.key else self.not_before

    def idle(self, now: Moment) -> bool:
        """Whether forgetting the lane would change nothing."""
        full = self.bucket is None or self.bucket.full(now)
        return full and not self.busy and not self.owed and self.not_before <= now


class Outbox:
    """Does what is owed. `run` it in one task."""

    def __init__(
        self,
        inbox: Inbox,
        whatsapp: WhatsApp,
        clock: Clock,
        boot: str,
        pages: Pages,
        *,
        pace: Pace | None = None,
        seed: Callable[[], float] = random.random,
    ) -> None:
        self._inbox = inbox
        self._whatsapp = whatsapp
        self._clock = clock
        self._boot = boot
        self._pages = pages
        self._pace = pace or Pace()
        self._seed = seed
        self._lanes: dict[Lane, Queue] = {}
        self._lane_of: dict[tuple[str, str], Lane] = {}
        self._numbers: dict[NumberId, Bucket] = {}
        self._paused: set[NumberId] = set()
        self._heap: list[tuple[Moment, Lane]] = []
        self._wake = asyncio.Event()
        self._in_flight = 0

    # -- what is owed ------------------------------------------------------------------------

    async def recover(self) -> None:
        """Takes up what an earlier run owed, and says of every attempt that it left unanswered that
        nobody knows."""
        cut_off = await self._inbox.ask(lambda store: store.unfinished_attempts(self._boot))
        facts: list[Fact] = [Ambiguous(attempt.sid, attempt.n) for attempt in cut_off]
        for owed in await self._inbox.ask(lambda store: store.owed(Moment(2**62), 1_000_000)):
            self._add(owed)
        self._mark_paused(self._inbox.desk)
        if facts:
            for decided in await self._inbox.submit(facts):
                if decided.thread is not None and decided.entry is not None:
                    lane = ("send", decided.thread.id)
                    self._doubt(self._lanes.setdefault(lane, Queue()), decided.entry.sid or "")
                    self._schedule(lane)
            log.warning("sends_unconfirmed_after_restart", count=len(facts))

    def kept(self, batch: Batch, desk: Desk) -> None:
        """After each commit: what is owed from now on, and what no longer."""
        for kind, key in batch.paid:
            self._drop(kind, key)
        for owed in batch.owed:
            self._add(owed)
        if batch.numbers:
            self._mark_paused(desk)

    def _add(self, owed: Owed) -> None:
        lane = _lane(owed)
        queue = self._lanes.setdefault(lane, Queue())
        queue.owed[owed.key] = owed
        self._lane_of[(owed.kind, owed.key)] = lane
        if not queue.busy:
            self._schedule(lane)

    def _drop(self, kind: str, key: str) -> None:
        lane = self._lane_of.pop((kind, key), None)
        if lane is not None and self._lanes[lane].owed.pop(key, None) is not None:
            self._schedule(lane)

    def _mark_paused(self, desk: Desk) -> None:
        paused = {n.id for n in desk.numbers.values() if n.paused or not n.claimed}
        resumed = self._paused - paused
        self._paused = paused
        for lane, queue in list(self._lanes.items()):
            head = queue.head()
            if head is not None and head.number in resumed:
                self._schedule(lane)

    def _doubt(self, queue: Queue, sid: str) -> None:
        queue.doubt = sid
        queue.not_before = self._clock.now() + self._pace.unsure_holds

    def _schedule(self, lane: Lane) -> None:
        queue = self._lanes[lane]
        head = queue.head()
        if head is None:
            if queue.idle(self._clock.now()):
                del self._lanes[lane]
            return
        heapq.heappush(self._heap, (Moment(max(head.due, queue.opens(head))), lane))
        self._wake.set()

    @property
    def waiting(self) -> int:
        return sum(len(queue.owed) for queue in self._lanes.values())

    # -- the loop ----------------------------------------------------------------------------

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                for lane, owed in self._due():
                    self._in_flight += 1
                    group.create_task(self._work(lane, owed))
                await self._sleep()

    async def _sleep(self) -> None:
        """Until something is due or changes; never longer than a second, so that a clock that jumps
        is noticed."""
        wait = 1.0
        if self._heap and self._in_flight < MOST_IN_FLIGHT:
            wait = min(wait, max(0.0, (self._heap[0][0] - self._clock.now()) / SECOND))
        try:
            async with asyncio.timeout(wait):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _due(self) -> list[tuple[Lane, Owed]]:
        now = self._clock.now()
        due: list[tuple[Lane, Owed]] = []
        while self._heap and self._heap[0][0] <= now:
            if self._in_flight + len(due) >= MOST_IN_FLIGHT:
                break
            _, lane = heapq.heappop(self._heap)
            queue = self._lanes.get(lane)
            head = queue.head() if queue else None
            if queue is None or head is None or queue.busy or head.number in self._paused:
                continue
            ready = self._ready_at(head, queue, now)
            if ready > now:
                heapq.heappush(self._heap, (ready, lane))
                continue
            queue.busy = True
            due.append((lane, head))
        return due

    def _ready_at(self, head: Owed, queue: Queue, now: Moment) -> Moment:
        ready = max(head.due, queue.opens(head))
        if head.kind == "send":
            ready = max(ready, self._pair(queue).free_at(now), self._number(head).free_at(now))
        return Moment(ready)

    def _pair(self, queue: Queue) -> Bucket:
        if queue.bucket is None:
            queue.bucket = Bucket(self._pace.pair_seconds, self._pace.pair_burst)
        return queue.bucket

    def _number(self, owed: Owed) -> Bucket:
        rate = self._pace.number_per_second
        return self._numbers.setdefault(owed.number, Bucket(1 / rate, max(1, int(rate))))

    async def _work(self, lane: Lane, owed: Owed) -> None:
        queue = self._lanes[lane]
        try:
            match owed.kind:
                case "send":
                    await self._send(Sid(owed.key), owed, queue)
                case "page":
                    await self._pages.send(owed)
                case "answer":
                    await self._done(owed)
                    await self._pages.answer(owed)
                case "media":
                    await self._fetch(owed)
                case _:
                    await self._tell(owed)
        except StoreFull:
            queue.not_before = self._clock.now() + SECOND
        except Exception:
            log.exception("wish_failed", kind=owed.kind)
            queue.not_before = self._clock.now() + MINUTE
        finally:
            queue.busy = False
            self._in_flight -= 1
            self._schedule(lane)
            self._wake.set()

    # -- sends -------------------------------------------------------------------------------

    async def _send(self, sid: Sid, owed: Owed, queue: Queue) -> None:
        begun = (await self._inbox.submit([AttemptBegan(sid)]))[-1]
        entry = begun.entry
        if entry is None or entry.delivery is not Delivery.SENDING:
            if owed.key in queue.owed:
                queue.not_before = self._clock.now() + SECOND
        elif not begun.outcome.entries:
            # An earlier try of ours began this attempt and broke off: it may have left.
            self._doubt(queue, sid)
            await self._keep(Ambiguous(sid, entry.attempt))
        else:
            now = self._clock.now()
            self._pair(queue).take(now)
            self._number(owed).take(now)
            await self._keep(await self._attempt(entry, begun, queue))

    async def _keep(self, fact: Fact) -> None:
        """What WhatsApp answered is known nowhere else, so it waits here until the disk takes
        it."""
        while True:
            try:
                await self._inbox.submit([fact])
            except StoreFull:
                await asyncio.sleep(self._pace.retry_scale)
            else:
                return

    async def _attempt(self, entry: Entry, begun: Decided, queue: Queue) -> Fact:
        """Hands one message to WhatsApp and says what came of it."""
        sid, n = entry.sid or Sid(""), entry.attempt
        try:
            sent = await self._whatsapp.send(_outgoing(entry, begun.thread, begun.customer))
        except Unsure:
            self._doubt(queue, sid)
            return Ambiguous(sid, n)
        except Refused as refused:
            return NotAccepted(sid, n, refused.failure, pause=refused.pause)
        except TryLater as later:
            return NotAccepted(sid, n, later.failure, retry_at=self._again(later, n))
        return Accepted(sid, n, sent.wamid, sent.wa_id, entry.number)

    def _again(self, later: TryLater, tries: int) -> Moment | None:
        now = self._clock.now()
        at = after_failure(later.failure.code, tries, now, self._seed(), later.after)
        return None if at is None else Moment(now + int((at - now) * self._pace.retry_scale))

    # -- everything else ---------------------------------------------------------------------

    async def _fetch(self, owed: Owed) -> None:
        entry = await self._entry(EntryId(int(owed.key)))
        if entry is None or not isinstance(entry.content, MEDIA):
            await self._done(owed)
            return
        file = entry.content.file
        try:
            got = await self._whatsapp.fetch(owed.number, file.media_id, file.sha256)
        except Refused as refused:
            await self._fetched(
                owed, MediaFetched(entry.id, MediaState.REFUSED, reason=refused.failure.reason)
            )
        except TryLater as later:
            if self._clock.now() - entry.arrived_at > MEDIA_FOR:
                gone = MediaFetched(entry.id, MediaState.GONE, reason=later.failure.reason)
                await self._fetched(owed, gone)
            else:
                await self._later(owed, later)
        else:
            ready = MediaFetched(entry.id, MediaState.READY, got.digest, got.type, got.size)
            await self._fetched(owed, ready)

    async def _fetched(self, owed: Owed, fact: MediaFetched) -> None:
        await self._inbox.submit([fact])
        await self._done(owed)

    async def _tell(self, owed: Owed) -> None:
        try:
            if owed.kind == "read":
                await self._whatsapp.tell_read(owed.number, Wamid(str(owed.body["wamid"])))
            elif owed.kind == "block":
                await self._block(owed)
            else:
                await self._react(owed)
        except (Refused, Unsure):
            await self._done(owed)
        except TryLater as later:
            await self._later(owed, later)
        else:
            await self._done(owed)

    async def _block(self, owed: Owed) -> None:
        """Asking twice does no harm."""
        wanted, blocked = ConversationId(int(str(owed.body["conversation"]))), owed.body["blocked"]
        loaded = await self._inbox.ask(lambda store: store.load(Wanted(conversations={wanted})))
        known = loaded.conversations[wanted].customer
        customer = loaded.customers.get(known) if known else None
        if customer is None:
            return
        user = f"+{customer.phone}" if customer.phone else customer.user_id
        try:
            await self._whatsapp.block(owed.number, user, blocked=bool(blocked))
        except Refused as refused:
            if refused.pause:
                raise TryLater(refused.failure) from refused
            await self._inbox.submit([BlockFailed(wanted, bool(blocked), refused.failure.code)])

    async def _react(self, owed: Owed) -> None:
        loaded = await self._inbox.ask(
            lambda store: store.load(Wanted(entries={EntryId(int(owed.key))}))
        )
        entry = loaded.entries.get(EntryId(int(owed.key)))
        if entry is None or entry.wamid is None:
            return
        thread = loaded.threads[entry.thread]
        customer = loaded.customers.get(thread.customer) if thread.customer else None
        outgoing = _outgoing(entry, thread, customer)
        await self._whatsapp.react(outgoing, entry.wamid, str(owed.body["emoji"]))

    async def _entry(self, wanted: EntryId) -> Entry | None:
        loaded = await self._inbox.ask(lambda store: store.load(Wanted(entries={wanted})))
        return loaded.entries.get(wanted)

    async def _done(self, owed: Owed) -> None:
        def pay(slice_: Slice) -> None:
            if self._still(owed, slice_):
                slice_.out.paid.append((owed.kind, owed.key))

        await self._inbox.amend(pay)

    async def _later(self, owed: Owed, later: TryLater) -> None:
        tries = owed.tries + 1
        wait = later.after or min(2**tries, 900) * SECOND
        due = Moment(self._clock.now() + int(wait * self._pace.retry_scale))
        again = replace(owed, tries=tries, due=due)

        def owe(slice_: Slice) -> None:
            if self._still(owed, slice_):
                slice_.out.owed.append(again)

        await self._inbox.amend(owe)

    def _still(self, owed: Owed, slice_: Slice) -> bool:
        """Whether nobody has wished for something else in its place meanwhile."""
        queue = self._lanes.get(_lane(owed))
        newer = any((each.kind, each.key) == (owed.kind, owed.key) for each in slice_.out.owed)
        return queue is not None and queue.owed.get(owed.key) is owed and not newer


def _lane(owed: Owed) -> Lane:
    if owed.kind == "send" and owed.lane is not None:
        return "send", owed.lane
    return owed.kind, owed.key


def _outgoing(entry: Entry, thread: Thread | None, customer: Customer | None) -> Outgoing:
    return Outgoing(
        number=entry.number,
        phone=customer.phone if customer else "",
        user_id="" if customer is None or customer.phone else customer.user_id,
        group=thread.group if thread else "",
        content=entry.content,
        opaque=f"{entry.sid}.{entry.attempt}" if entry.sid else "",
        quote=entry.quote_wamid,
    )
