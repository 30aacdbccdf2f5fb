"""From the webhook to the rules: bodies are on the disk before anybody is answered, then read in
order (`docs/design.md` section 3).

`Intake` is the journal's one writer: whatever has queued goes into one commit, so that the disk is
asked once for many bodies. `Unread` hands the inbox what the journal holds beyond the cursor.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from wainbox_relay.clock import Clock
from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.facts import (
    Echoed,
    Fact,
    IdentityChanged,
    MessageArrived,
    Reacted,
)
from wainbox_relay.domain.model import Identity
from wainbox_relay.engine.inbox import Arrived, Place
from wainbox_relay.ports import Body, Item, Journal, StoreFull

MOST_WAITING = 4096
MOST_WAITING_BYTES = 64 * 1024 * 1024
MOST_AT_HAND = 16 * 1024 * 1024


class Overloaded(Exception):
    """More bodies wait for the disk than we promise to hold; WhatsApp keeps this one for us."""


class Reader(Protocol):
    def __call__(self, body: bytes, arrived_at: Moment) -> Iterable[Item]: ...


class Intake:
    """Keeps webhook bodies. `run` it in one task."""

    def __init__(self, journal: Journal, clock: Clock, kept: Callable[[list[Body]], None]) -> None:
        self._journal = journal
        self._clock = clock
        self._kept = kept
        self._waiting: deque[tuple[Moment, bytes, asyncio.Future[None]]] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self.last_at: Moment | None = None
        """When WhatsApp last called."""
        self.full = False
        """The journal's disk refuses: nothing is acknowledged until it gives way."""

    async def keep(self, body: bytes) -> None:
        """Returns once the body is safely on the disk. Raises `Overloaded` or `StoreFull`."""
        if len(self._waiting) >= MOST_WAITING or self._bytes + len(body) > MOST_WAITING_BYTES:
            raise Overloaded
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.last_at = self._clock.now()
        self._waiting.append((self.last_at, body, done))
        self._bytes += len(body)
        self._wake.set()
        await done

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._waiting:
                await asyncio.shield(self._commit())

    async def probe_disk(self) -> None:
        """While the journal's disk refuses, tries whether it takes something again."""
        if self.full:
            with suppress(StoreFull):
                await self._journal.find_room()
                self.full = False

    async def _commit(self) -> None:
        group = list(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        try:
            last = await self._journal.append([(at, body) for at, body, _ in group])
        except StoreFull as full:
            self.full = True
            for _, _, done in group:
                if not done.done():
                    done.set_exception(full)
            return
        self.full = False
        for _, _, done in group:
            if not done.done():
                done.set_result(None)
        first = last - len(group) + 1
        self._kept([Body(first + n, at, body) for n, (at, body, _) in enumerate(group)])


class Unread:
    """The journal beyond the cursor, item by item. What has just come is taken from memory, the
    rest from the file."""

    def __init__(
        self,
        journal: Journal,
        read: Reader,
        hashed: Callable[[Identity], str],
        nudge: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._read = read
        self._hashed = hashed
        self._nudge = nudge
        self._at_hand: deque[Body] = deque()
        self._at_hand_bytes = 0
        self._next_row = 1
        self._newest_row = 0
        self._skip = 0
        self._items: deque[Place] = deque()
        self._read_up_to = (0, 0)

    def begin(self, cursor: tuple[int, int]) -> None:
        """Starts behind what is done already."""
        row, self._skip = cursor
        self._next_row = max(row, 1)
        self._read_up_to = cursor
        self._items.clear()

    async def catch_up(self) -> None:
        """Learns how far the journal reaches; call once at start."""
        self._newest_row = max(self._newest_row, await self._journal.last())
        self._nudge()

    @property
    def depth(self) -> int:
        """Journal rows not read yet."""
        return max(0, self._newest_row - self._next_row + 1)

    def kept(self, bodies: list[Body]) -> None:
        """Bodies that have just been committed."""
        self._newest_row = bodies[-1].row
        for body in bodies:
            if self._at_hand_bytes < MOST_AT_HAND:
                self._at_hand.append(body)
                self._at_hand_bytes += len(body.raw)
        self._nudge()

    def ready(self) -> bool:
        return bool(self._items) or self._next_row <= self._newest_row

    async def next(self, most: int) -> Arrived:
        changes = 0
        arrived = Arrived()
        while changes < most and (self._items or await self._read_more()):
            if not self._items:
                continue
            size = max(1, len(self._items[0].item.facts))
            if changes and changes + size > most:
                break
            changes += size
            arrived.items.append(self._items.popleft())
        arrived.cursor = arrived.items[-1].after if self._items else self._read_up_to
        return arrived

    def plenty(self, most: int) -> bool:
        """Whether a batch of at most so many changes would be worth its commit."""
        return len(self._items) + self._newest_row - self._next_row + 1 >= most // 4

    async def _read_more(self) -> bool:
        """Reads one more row into items; False when the journal has no further one."""
        body = await self._body()
        if body is None:
            return False
        items = list(self._read(body.raw, body.arrived_at))
        for nth, item in enumerate(items):
            if nth >= self._skip:
                subjects = tuple(sorted({self._hashed(i) for i in identities(item.facts)}))
                self._items.append(Place(body.row, nth, item, subjects))
        self._skip = 0
        self._read_up_to = (body.row + 1, 0)
        self._next_row = body.row + 1
        return True

    async def _body(self) -> Body | None:
        if self._next_row > self._newest_row:
            return None
        while self._at_hand and self._at_hand[0].row < self._next_row:
            self._at_hand_bytes -= len(self._at_hand.popleft().raw)
        if not self._at_hand or self._at_hand[0].row > self._next_row:
            await self._fetch()
        if not self._at_hand:
            self._next_row = self._newest_row + 1
            return None
        body = self._at_hand.popleft()
        self._at_hand_bytes -= len(body.raw)
        return body

    async def _fetch(self) -> None:
        """Fills up from the file what memory did not hold."""
        rows = list(await self._journal.after(self._next_row - 1, 256))
        later = [body for body in self._at_hand if not rows or body.row > rows[-1].row]
        if later and rows and later[0].row > rows[-1].row + 1:
            later = []
        self._at_hand = deque(rows + later)
        self._at_hand_bytes = sum(len(body.raw) for body in self._at_hand)


def identities(facts: Iterable[Fact]) -> Iterable[Identity]:
    """Everybody these facts name."""
    for fact in facts:
        match fact:
            case MessageArrived(peer=peer) | Echoed(peer=peer) | Reacted(peer=peer):
                if peer.person is not None:
                    yield from peer.person.identities
            case IdentityChanged(previous=previous, current=current):
                yield from (*previous, *current)
            case _:
                pass
