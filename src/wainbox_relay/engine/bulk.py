"""Orders for many conversations: a row that says how far it has come, and slices of facts.

Each slice and the row's progress are one transaction, so a relay that dies in the middle goes on
where it was.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from wainbox_relay.clock import Clock
from wainbox_relay.contract.bulk import Bulk, BulkDone
from wainbox_relay.contract.commands import COMMAND, Command, Undo
from wainbox_relay.contract.filters import Filter, Viewer
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import ConversationId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded
from wainbox_relay.domain.model import Agent
from wainbox_relay.domain.outcome import by
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Decided, Inbox
from wainbox_relay.ports import AuditRow, BulkRow, StoreFull

SLICE = 256
Find = Callable[[Filter, Viewer], Awaitable[Sequence[ConversationId]]]
Read = Callable[[], Awaitable[Sequence[BulkRow]]]


@dataclass(slots=True)
class _Waiting:
    """`did` is how many an order changed that is taken back."""

    row: BulkRow
    done: asyncio.Future[BulkDone] | None
    did: int = 0


class Bulks:
    """`find` gives the conversations of a filter, `read` the orders that are kept. `run` it in one
    task."""

    def __init__(self, inbox: Inbox, clock: Clock, find: Find, read: Read) -> None:
        self._inbox = inbox
        self._clock = clock
        self.find = find
        self._read = read
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()

    # -- asking ------------------------------------------------------------------------------

    async def order(self, agent: Agent, bulk: Bulk, wanted: Filter) -> BulkDone:
        """Does it, and answers when all is done. Raises `Refusal`."""
        known = await self._known(bulk.command_id)
        if known is not None:
            return _told(known)
        found = await self.find(wanted, Viewer(agent.id, agent.teams))
        if len(found) > bulk.expect:
            sentence = f"It is {len(found)} conversations now, not {bulk.expect}; look again."
            raise refuse(Code.STALE, sentence, "expect", count=len(found))
        row = BulkRow(
            id=bulk.command_id,
            agent=agent.id,
            role=agent.role,
            at=self._clock.now(),
            command=bulk.command.model_dump_json(),
            conversations=tuple(found),
        )
        return await self._ask(row, "bulk")

    async def undo(self, agent: Agent, job: str) -> BulkDone:
        """Takes all of it back, but for what somebody has changed since. Raises `Refusal`."""
        row = await self._known(job)
        if row is None or row.undoing:
            raise refuse(Code.NOT_FOUND, "There is no such order to take back.", "id")
        if self._clock.now() - row.at > self._inbox.desk.policy.undo_window:
            raise refuse(Code.CONFLICT, "That was too long ago to take back.")
        back = replace(row, agent=agent.id, role=agent.role, place=0, changed=0, undoing=True)
        return await self._ask(replace(back, done=False), "bulk_undo", did=row.changed)

    async def _known(self, job: str) -> BulkRow | None:
        return next((row for row in await self._read() if row.id == job), None)

    async def _ask(self, row: BulkRow, act: str, did: int = 0) -> BulkDone:
        data: dict[str, object] = {"count": len(row.conversations)}
        audit = AuditRow(self._clock.now(), by(row.agent), act, row.id, data)
        await self._inbox.amend(lambda slice_: slice_.out.bulks.append(row), (audit,))
        done: asyncio.Future[BulkDone] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(row, done, did))
        self._wake.set()
        return await asyncio.shield(done)

    # -- doing -------------------------------------------------------------------------------

    async def run(self) -> None:
        self._waiting.extend(_Waiting(row, None) for row in await self._read() if not row.done)
        while True:
            while self._waiting:
                await self._do(self._waiting.popleft())
            self._wake.clear()
            await self._wake.wait()

    async def _do(self, waiting: _Waiting) -> None:
        row = waiting.row
        command: Command = Undo() if row.undoing else COMMAND.validate_json(row.command)
        while not row.done:
            try:
                row = await self._step(row, command)
            except StoreFull:
                await asyncio.sleep(1)
        if waiting.done is not None and not waiting.done.done():
            waiting.done.set_result(_told(row, waiting.did))

    async def _step(self, row: BulkRow, command: Command) -> BulkRow:
        """One slice, with the row's progress in the same transaction."""
        here = row.conversations[row.place : row.place + SLICE]
        moved = replace(row, place=row.place + len(here))
        facts = [self._fact(row, command, conversation) for conversation in here]

        def progress(slice_: Slice, decided: Sequence[Decided]) -> None:
            nonlocal moved
            moved = _counted(moved, decided)
            slice_.out.bulks.append(moved)

        await self._inbox.submit(facts, also=progress)
        return moved

    @staticmethod
    def _fact(row: BulkRow, command: Command, conversation: ConversationId) -> Commanded:
        return Commanded(row.agent, row.role, row.id, conversation, command, job=row.id)


def _counted(row: BulkRow, decided: Sequence[Decided]) -> BulkRow:
    changed = sum(bool(each.outcome.changes) for each in decided)
    problems = (each.outcome.problem for each in decided)
    why = row.why or next((problem.message for problem in problems if problem), "")
    done = row.place >= len(row.conversations)
    return replace(row, changed=row.changed + changed, why=why, done=done)


def _told(row: BulkRow, did: int = 0) -> BulkDone:
    count, changed = len(row.conversations), row.changed
    if row.undoing:
        left = max(did - changed, 0)
        said = f"{changed} of {did or count} taken back"
        said += f"; {left} changed since, left alone." if left else "."
    else:
        said = f"{changed} of {count} changed."
        said += f" {row.why}" if row.why and changed < count else ""
    return BulkDone(id=row.id, count=count, changed=changed, why=row.why, said=said)
