"""Every signed webhook body, in a file of its own that one task writes.

Whatever has queued is kept by one transaction: the disk is asked once for many bodies.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import aiosqlite

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.ports import Body
from wainbox_relay.store.connect import Writer, fetch

SLICE = 500
"""Rows of one transaction when old bodies are let go."""


class JournalSize(NamedTuple):
    """How many bodies are kept, the first one's row (the next to come when there is none), and
    when the oldest came."""

    rows: int
    first: int
    oldest: Moment | None


class SqliteJournal:
    """`ports.Journal` on one writing connection."""

    def __init__(self, writer: Writer, last: int) -> None:
        self._writer = writer
        self._last = last

    @classmethod
    async def open(cls, writer: Writer) -> "SqliteJournal":
        found = await writer.rows("SELECT seq FROM sqlite_sequence WHERE name = 'bodies'")
        return cls(writer, found[0][0] if found else 0)

    async def append(self, bodies: Sequence[tuple[Moment, bytes]]) -> int:
        def keep(connection: sqlite3.Connection) -> int:
            first = self._last + 1
            numbered = [(first + nth, at, raw) for nth, (at, raw) in enumerate(bodies)]
            sql = "INSERT INTO bodies (row, arrived_at, raw) VALUES (?, ?, ?)"
            connection.executemany(sql, numbered)
            return self._last + len(bodies)

        self._last = await self._writer.unit(keep)
        return self._last

    async def after(self, row: int, limit: int) -> Sequence[Body]:
        sql = "SELECT row, arrived_at, raw FROM bodies WHERE row > :row ORDER BY row LIMIT :limit"
        found = await self._writer.rows(sql, {"row": row, "limit": limit})
        return [Body(*each) for each in found]

    async def span(self, first: int, last: int) -> AsyncIterator[Body]:
        row = first - 1
        while bodies := await self.after(row, 100):
            for body in bodies:
                if body.row > last:
                    return
                yield body
            row = bodies[-1].row

    async def find_room(self) -> None:
        await self._writer.find_room()

    async def last(self) -> int:
        return self._last

    async def forget_before(self, moment: Moment) -> int:
        """Lets go of bodies that arrived before, a slice at a time; how many went."""
        gone = 0
        while went := await self._writer.transaction(lambda c: _forget(c, moment)):
            gone += went
        return gone

    async def replace(self, row: int, raw: bytes) -> None:
        """Puts a redacted form in a body's place."""

        async def redact(connection: aiosqlite.Connection) -> None:
            sql = "UPDATE bodies SET raw = :raw WHERE row = :row"
            await connection.execute_fetchall(sql, {"raw": raw, "row": row})

        await self._writer.transaction(redact)

    async def size(self) -> JournalSize:
        sql = "SELECT min(row), max(row), (SELECT min(arrived_at) FROM bodies) FROM bodies"
        [(first, last, oldest)] = await self._writer.rows(sql)
        if first is None:
            return JournalSize(0, self._last + 1, None)
        return JournalSize(last - first + 1, first, oldest)


async def _forget(connection: aiosqlite.Connection, moment: Moment) -> int:
    sql = (
        "DELETE FROM bodies WHERE row IN"
        " (SELECT row FROM bodies WHERE arrived_at < :moment LIMIT :slice) RETURNING row"
    )
    return len(await fetch(connection, sql, {"moment": moment, "slice": SLICE}))
