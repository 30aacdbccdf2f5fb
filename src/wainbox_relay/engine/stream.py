"""What happened, told to everybody who listens: stored events in order, passing ones as they come.

A subscriber gets what it missed from the store, then what is new, in slices of some tens of
milliseconds. One that falls too far behind is told to start over rather than fed stale news.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from wainbox_relay.contract.events import Reload
from wainbox_relay.contract.vocabulary import AgentId
from wainbox_relay.ports import StoredEvent

MOST_BEHIND = 2_000
"""Events a slow reader may lag before it is told to reload."""

MOST_RESUMED = 20_000


@dataclass(frozen=True, slots=True)
class PassingEvent:
    """An event without a place in the stream: never stored, dropped when nobody takes it."""

    kind: str
    body: bytes
    seq: None = None


StreamEvent = StoredEvent | PassingEvent
History = Callable[[int, int], Awaitable[Sequence[StoredEvent]]]
"""`(after, limit)` -> stored events in order."""


def reload_event(reason: str) -> PassingEvent:
    return PassingEvent("reload", Reload(reason=reason).model_dump_json().encode())


class Subscription:
    """One reader. Iterate to get slices of events; iteration ends when the reader was cut off."""

    def __init__(
        self, stream: "Stream", after: int | None, agent: AgentId, *, terminal: bool
    ) -> None:
        self._stream = stream
        self._after = after
        self.agent = agent
        self.terminal = terminal
        self._queue: list[StreamEvent] = []
        self._wake = asyncio.Event()
        self._end: PassingEvent | None = None

    def __enter__(self) -> Self:
        self._stream.join(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.leave(self)

    def push(self, events: Sequence[StreamEvent]) -> None:
        if self._end is not None:
            return
        if len(self._queue) + len(events) > MOST_BEHIND:
            self.end("too far behind")
            return
        self._queue.extend(events)
        self._wake.set()

    def end(self, reason: str) -> None:
        """Tells the reader to start over and stops feeding it."""
        self._end = reload_event(reason)
        self._queue.clear()
        self._wake.set()

    async def __aiter__(self) -> AsyncIterator[Sequence[StreamEvent]]:
        last = self._after
        if last is not None:
            if (reason := await self._stream.cannot_resume(last)) is not None:
                yield [reload_event(reason)]
                return
            async for missed in self._stream.missed(last):
                last = missed[-1].seq
                yield missed
        while self._end is None:
            await self._wake.wait()
            await asyncio.sleep(self._stream.slice_seconds)
            self._wake.clear()
            fresh = [e for e in self._queue if e.seq is None or last is None or e.seq > last]
            self._queue.clear()
            if fresh:
                yield fresh
        if self._end is not None:
            yield [self._end]


class Stream:
    """Everybody who listens."""

    def __init__(
        self, history: History, oldest: Callable[[], Awaitable[int]], slice_seconds: float = 0.045
    ) -> None:
        self._history = history
        self._oldest = oldest
        self._readers: set[Subscription] = set()
        self._standing: dict[str, PassingEvent] = {}
        self.slice_seconds = slice_seconds
        self.seq = 0

    def subscribe(self, after: int | None, agent: AgentId, *, terminal: bool) -> Subscription:
        """A reader that wants everything after `after` (None: only what comes from now on). Only
        terminals count as somebody being there."""
        return Subscription(self, after, agent, terminal=terminal)

    def join(self, reader: Subscription) -> None:
        self._readers.add(reader)
        if self._standing:
            reader.push(list(self._standing.values()))

    def leave(self, reader: Subscription) -> None:
        self._readers.discard(reader)

    def publish(self, events: Sequence[StreamEvent]) -> None:
        for event in events:
            if event.seq is not None:
                self.seq = event.seq
        for reader in self._readers:
            reader.push(events)

    def tell(self, agents: Collection[AgentId], event: PassingEvent) -> None:
        """Only for these, where they have a terminal open."""
        for reader in self.watching:
            if reader.agent in agents:
                reader.push([event])

    def stand(self, code: str, event: PassingEvent, *, over: bool) -> None:
        """Tells everybody, and until it is over everybody who comes."""
        self._standing.pop(code, None)
        if not over:
            self._standing[code] = event
        self.publish([event])

    def stands(self, code: str) -> bool:
        return code in self._standing

    def close(self, agent: AgentId, reason: str) -> None:
        """Ends every stream of an agent: a token was revoked, a role changed."""
        for reader in self._readers:
            if reader.agent == agent:
                reader.end(reason)

    def close_all(self, reason: str) -> None:
        for reader in self._readers:
            reader.end(reason)

    @property
    def readers(self) -> int:
        return len(self._readers)

    @property
    def watching(self) -> frozenset[Subscription]:
        """Every terminal that is open."""
        return frozenset(reader for reader in self._readers if reader.terminal)

    def terminals(self) -> frozenset[AgentId]:
        """Agents with a terminal open."""
        return frozenset(reader.agent for reader in self.watching)

    async def cannot_resume(self, after: int) -> str | None:
        """Why a reader cannot go on after this event, or None when it can."""
        if after > self.seq:
            # A page read between a commit and its publication is a moment ahead of us.
            await asyncio.sleep(self.slice_seconds)
        if after > self.seq:
            return "that event has not happened"
        if after < await self._oldest() - 1:
            return "that event is no longer kept"
        return "too far behind" if self.seq - after > MOST_RESUMED else None

    async def missed(self, after: int) -> AsyncIterator[Sequence[StoredEvent]]:
        """Everything stored after an event, in slices."""
        while events := await self._history(after, 500):
            yield events
            after = events[-1].seq
