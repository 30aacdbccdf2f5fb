"""The one door: every change enters here, as facts, and is kept in one transaction with all that
came of it (`docs/design.md` section 3).

One task owns the main database. Commands, results of sends and alarms go before the backlog of
webhooks. Should a batch fail, its facts are tried one by one, so that only the guilty one is set
aside.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import structlog

from wainbox_relay.clock import Clock
from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.problems import Refusal
from wainbox_relay.contract.vocabulary import AgentId, NumberId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import AccountTold, Fact
from wainbox_relay.domain.model import Customer, Desk, Entry, Load, Number, Thread
from wainbox_relay.domain.outcome import Outcome
from wainbox_relay.domain.rules.roster import by_whom
from wainbox_relay.engine import announce
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.ids import Ids
from wainbox_relay.engine.scenes import Missing
from wainbox_relay.engine.wanted import wanted_by
from wainbox_relay.ports import (
    AuditRow,
    Batch,
    Detector,
    Item,
    Loaded,
    Quarantined,
    Result,
    Start,
    Store,
    StoreFull,
)

log = structlog.get_logger()
T = TypeVar("T")

MOST_CHANGES = 256
"""Changes in one transaction: beyond it the commit itself becomes the wait."""

LINGER = 0.02
"""Seconds a short batch of the backlog may wait for company: one commit costs the same for few and
for many."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one fact: the outcome, and where stream and conversation stand after it."""

    outcome: Outcome
    seq: int = 0
    version: int = 0
    ref: int = 0
    entry: Entry | None = None
    """For facts about one message: the message after the fact, and who it goes to."""
    thread: Thread | None = None
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """How a command's answer is kept, so that a repeat gets the same one."""

    command_id: str
    make: Callable[[Decided], Result]


Also = Callable[[Slice, Sequence[Decided]], None]


class Repeated(Exception):
    def __init__(self, result: Result) -> None:
        super().__init__(result.command_id)
        self.result = result


@dataclass(slots=True)
class Job:
    """Facts that belong together, and who waits for them. `amend` changes a batch directly, for
    administration."""

    facts: Sequence[Fact]
    done: asyncio.Future[list[Decided]]
    amend: Callable[[Slice], None] | None = None
    keep: Keep | None = None
    audit: tuple[AuditRow, ...] = ()
    also: "Also | None" = None


@dataclass(frozen=True, slots=True)
class Place:
    """An item of the journal: its row, and how many items of that row came before it."""

    row: int
    nth: int
    item: Item
    subjects: tuple[str, ...] = ()
    """Hashes of the identities it names."""

    @property
    def after(self) -> tuple[int, int]:
        return self.row, self.nth + 1


@dataclass(slots=True)
class Arrived:
    """Items of the journal in order; with all of them done, everything up to `cursor` is."""

    items: list[Place] = field(default_factory=list)
    cursor: tuple[int, int] = (0, 0)


class Backlog(Protocol):
    """Where the inbox gets the next journal items when nothing more urgent waits."""

    def begin(self, cursor: tuple[int, int]) -> None: ...
    async def next(self, most: int) -> Arrived: ...

    def ready(self) -> bool: ...
    def plenty(self, most: int) -> bool: ...


class Kept(Protocol):
    """Told after each commit, in order."""

    def __call__(self, batch: Batch, desk: Desk, /) -> None: ...


class Inbox:
    """Owns the store. `run` it in one task; everybody else submits facts and waits."""

    def __init__(
        self, store: Store, clock: Clock, desk: Desk, boot: str, detector: Detector | None = None
    ) -> None:
        self._detector = detector
        self._store = store
        self._clock = clock
        self._boot = boot
        self._jobs: deque[Job] = deque()
        self._wake = asyncio.Event()
        self._questions: deque[tuple[Callable[[Store], Awaitable[object]], asyncio.Future[object]]]
        self._questions = deque()
        self._listeners: list[Kept] = []
        self._ids = Ids()
        self._cursor = (0, 0)
        self._ref = 0
        self.seq = 0
        self.desk = desk
        self.moves: list[tuple[Facets | None, Facets]] = []
        """What the last transaction moved, for the counters."""
        self._at_work = False
        self._patience: float | None = None
        """Until when the backlog waits for company."""
        self.contradictions = 0
        """Messages that arrived although WhatsApp had answered with an error: must stay 0."""
        self.full = False
        """The disk refuses: the backlog stands still until it gives way."""

    async def start(self) -> Start:
        """Learns where things stood; must come before anything is submitted."""
        start = await self._store.start()
        self._ids = Ids(start.last_id)
        self._cursor, self.seq, self._ref = start.cursor, start.seq, start.ref
        known = {number.id: number for number in start.numbers}
        for number in self.desk.numbers.values():
            paused = known[number.id].paused if number.id in known else ""
            known[number.id] = replace(number, paused=paused)
        # Terminals need a while to come back after a relay's start: nobody is late before that.
        now = self._clock.now()
        agents = {agent.id: replace(agent, presence_since=now) for agent in start.agents}
        opened = frozenset(start.teams) - self.desk.teams
        self.desk = replace(
            self.desk,
            numbers=known,
            agents=agents,
            load=_loads(start, known),
            covers=tuple(start.covers),
            turns=start.turns,
            duties=by_whom(start.duties),
            opened=opened,
            teams=self.desk.teams | opened,
        )
        return start

    def listen(self, kept: Kept) -> None:
        self._listeners.append(kept)

    # -- asking ------------------------------------------------------------------------------

    async def submit(
        self,
        facts: Sequence[Fact],
        *,
        keep: Keep | None = None,
        audit: tuple[AuditRow, ...] = (),
        also: "Also | None" = None,
    ) -> list[Decided]:
        """Decides the facts in one transaction and waits until it is on the disk. `also` keeps
        something more with them, knowing what became of each, and then none is refused alone.
        Raises `Refusal` when a single fact is refused, `Repeated` when the command was carried out
        before, and `StoreFull` when nothing can be kept."""
        return await self._enqueue(Job(facts, _future(), keep=keep, audit=audit, also=also))

    async def amend(
        self, act: Callable[[Slice], None], audit: tuple[AuditRow, ...] = ()
    ) -> list[Decided]:
        """Changes agents, numbers and the like in a transaction of its own."""
        return await self._enqueue(Job((), _future(), amend=act, audit=audit))

    async def ask(self, question: Callable[[Store], Awaitable[T]]) -> T:
        """Puts a question to the store between two transactions."""
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._questions.append((question, answer))
        self._wake.set()
        return await answer  # type: ignore[return-value]  # the question's own type

    async def _enqueue(self, job: Job) -> list[Decided]:
        self._jobs.append(job)
        self._wake.set()
        return await asyncio.shield(job.done)

    @property
    def busy(self) -> bool:
        """Whether anything asked for is not done yet."""
        return self._at_work or bool(self._jobs or self._questions)

    def nudge(self) -> None:
        """Something waits in the backlog."""
        self._wake.set()

    # -- the loop ----------------------------------------------------------------------------

    async def run(self, backlog: Backlog) -> None:
        """Works until cancelled; a turn that has begun is finished first."""
        backlog.begin(self._cursor)
        while True:
            await self._called(backlog)
            self._at_work = True
            await _whole(self._turn(backlog))
            self._at_work = False
            if not (self.busy or backlog.ready()):
                await _whole(self._store.rest())

    async def _called(self, backlog: Backlog) -> None:
        """Waits for work. A short batch of the backlog waits for company; an order never does."""
        while not (self._jobs or self._questions):
            if not backlog.ready() or self.full:
                self._patience = None
            elif backlog.plenty(MOST_CHANGES):
                return
            else:
                self._patience = self._patience or asyncio.get_running_loop().time() + LINGER
            self._wake.clear()
            try:
                async with asyncio.timeout_at(self._patience):
                    await self._wake.wait()
            except TimeoutError:
                return

    async def _turn(self, backlog: Backlog) -> None:
        while self._questions:
            await self._answer(*self._questions.popleft())
        if self._jobs:
            await self._work(self._take())
        elif backlog.ready() and not self.full:
            self._patience = None
            await self._take_in(await backlog.next(MOST_CHANGES), backlog)

    async def drain(self, backlog: Backlog) -> None:
        """Finishes what was asked already (not the backlog, which the journal keeps)."""
        while self._jobs or self._questions:
            await self._turn(backlog)

    async def _answer(
        self,
        question: Callable[[Store], Awaitable[object]],
        answer: asyncio.Future[object],
    ) -> None:
        try:
            found = await question(self._store)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            _fail(answer, error)
        else:
            if not answer.done():
                answer.set_result(found)

    def _take(self) -> list[Job]:
        jobs = [self._jobs.popleft()]
        size = len(jobs[0].facts)
        while self._jobs and size + len(self._jobs[0].facts) <= MOST_CHANGES:
            jobs.append(self._jobs.popleft())
            size += len(jobs[-1].facts)
        return jobs

    async def _work(self, jobs: list[Job]) -> None:
        try:
            answers = await self._keep_jobs(jobs)
        except StoreFull as error:
            self._disk_full()
            for job in jobs:
                _fail(job.done, error)
        except Exception as error:
            if len(jobs) > 1:
                for job in jobs:
                    await self._work([job])
            else:
                log.exception("job_failed", facts=[type(f).__name__ for f in jobs[0].facts])
                _fail(jobs[0].done, error)
        else:
            for job, answer in zip(jobs, answers, strict=True):
                if isinstance(answer, Exception):
                    _fail(job.done, answer)
                elif not job.done.done():
                    job.done.set_result(answer)

    async def _keep_jobs(self, jobs: list[Job]) -> list[list[Decided] | Refusal | Repeated]:
        commands = {job.keep.command_id for job in jobs if job.keep}
        slice_ = await self._slice([fact for job in jobs for fact in job.facts], commands)
        answers = [await self._do(job, slice_) for job in jobs]
        seq = await self._save(slice_)
        return [
            answer if isinstance(answer, Exception) else [replace(each, seq=seq) for each in answer]
            for answer in answers
        ]

    async def _do(self, job: Job, slice_: Slice) -> list[Decided] | Refusal | Repeated:
        if job.keep is not None and (result := slice_.results.get(job.keep.command_id)):
            return Repeated(result)
        if job.amend is not None:
            job.amend(slice_)
        decided: list[Decided] = []
        for fact in job.facts:
            try:
                outcome = await self._apply(fact, slice_)
            except Refusal as refusal:
                return refusal
            if outcome.problem is not None and len(job.facts) == 1 and job.also is None:
                return Refusal(outcome.problem)
            decided.append(self._decided(outcome, fact, slice_))
        slice_.out.audit.extend(job.audit)
        if job.also is not None:
            job.also(slice_, decided)
        if job.keep is not None:
            slice_.keep_result(job.keep.make(decided[-1]))
        return decided

    async def _apply(self, fact: Fact, slice_: Slice) -> Outcome:
        while True:
            try:
                return slice_.apply(fact, self._clock.now())
            except Missing as missing:
                slice_.more(await self._store.load(missing.wanted))

    @staticmethod
    def _decided(outcome: Outcome, fact: Fact, slice_: Slice) -> Decided:
        entry = slice_.entry_about(fact)
        wanted = outcome.opened.id if outcome.opened else getattr(fact, "conversation", None)
        if wanted is None and entry is not None:
            wanted = entry.conversation
        if wanted is None:
            return Decided(outcome)
        conversation = slice_.conversation(wanted)
        return Decided(
            outcome,
            version=conversation.version,
            ref=conversation.ref,
            entry=entry,
            thread=slice_.thread_of(conversation),
            customer=slice_.customer_of(conversation),
        )

    # -- the backlog -------------------------------------------------------------------------

    async def _take_in(self, arrived: Arrived, backlog: Backlog) -> None:
        try:
            await self._keep_items(arrived.items, arrived.cursor)
        except StoreFull:
            self._disk_full()
            backlog.begin(self._cursor)
        except Exception:  # noqa: BLE001 - found again below, one item at a time
            await self._one_by_one(arrived, backlog)
        else:
            self._cursor = arrived.cursor

    async def _keep_items(
        self, items: Sequence[Place], cursor: tuple[int, int], fault: str = ""
    ) -> None:
        facts = [fact for place in items for fact in place.item.facts]
        slice_ = await self._slice([] if fault else facts)
        slice_.out.cursor = cursor
        for place in items:
            slice_.out.subjects.extend((place.row, subject) for subject in place.subjects)
            if reason := fault or place.item.refused:
                rejected = Quarantined(place.row, place.item.path, reason, self._clock.now())
                slice_.out.quarantined.append(rejected)
            else:
                await self._take_item(place.item, slice_)
        await self._save(slice_)

    async def _one_by_one(self, arrived: Arrived, backlog: Backlog) -> None:
        """The batch failed: keep each item by itself, and set aside the one that cannot be kept."""
        for place in arrived.items:
            try:
                await self._keep_or_set_aside(place)
            except StoreFull:
                self._disk_full()
                backlog.begin(self._cursor)
                return
            self._cursor = place.after
        self._cursor = arrived.cursor

    async def _keep_or_set_aside(self, place: Place) -> None:
        try:
            await self._keep_items([place], place.after)
        except StoreFull:
            raise
        except Exception as error:
            log.exception("item_set_aside", journal=place.row, path=place.item.path)
            fault = f"could not be kept: {type(error).__name__}"
            await self._keep_items([place], place.after, fault)

    async def _take_item(self, item: Item, slice_: Slice) -> None:
        for told in item.told:
            if isinstance(told, AccountTold):
                slice_.told(told)
        for fact in item.facts:
            await self._apply(fact, slice_)

    # -- load and save -----------------------------------------------------------------------

    async def _slice(self, facts: Sequence[Fact], commands: set[str] | None = None) -> Slice:
        wanted = wanted_by(facts)
        wanted.commands.update(commands or ())
        loaded = await self._store.load(wanted) if facts else Loaded()
        return Slice(
            loaded, self.desk, self._ids, self._ref, self._boot, self._clock.now(), self._detector
        )

    async def _save(self, slice_: Slice) -> int:
        """Renders the events, keeps everything, tells the listeners. The newest event's seq."""
        events = announce.events(slice_, self.seq, self._clock.now())
        after = ((before, c.facets) for c, before, _ in slice_.touched())
        moves = [move for move in after if move[0] != move[1]]
        batch = slice_.batch()
        batch.events.extend(events)
        await self._store.save(batch)
        self.full = False
        self.seq += len(events)
        self._ref = slice_.last_ref
        self.desk = slice_.desk
        self.contradictions += slice_.contradictions
        self.moves = moves
        for kept in self._listeners:
            kept(batch, self.desk)
        return self.seq

    def _disk_full(self) -> None:
        if not self.full:
            log.error("disk_full", next="free some space; nothing is lost meanwhile")
        self.full = True

    async def probe_disk(self) -> None:
        """While the disk refuses, tries whether it takes something again."""
        if not self.full:
            return
        try:
            await self.ask(lambda store: store.find_room())
        except StoreFull:
            return
        self.full = False
        log.info("disk_writable_again")
        self.nudge()


def _loads(start: Start, numbers: Mapping[NumberId, Number]) -> dict[AgentId, Load]:
    """What everybody holds on numbers that are shown."""
    loads: dict[AgentId, Load] = {}
    for agent, number, held, ours in start.loads:
        if number in numbers and numbers[number].claimed:
            known = loads.get(agent, Load())
            loads[agent] = Load(known.open + held, known.ours + ours)
    return loads


def _future() -> asyncio.Future[list[Decided]]:
    return asyncio.get_running_loop().create_future()


def _fail(future: asyncio.Future[T], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()


async def _whole(step: Awaitable[None]) -> None:
    """Finishes a step even when cancelled meanwhile, then lets the cancellation through."""
    task = asyncio.ensure_future(step)  # noqa: TID251 - awaited below, whatever happens
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
