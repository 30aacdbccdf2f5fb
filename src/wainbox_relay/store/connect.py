"""Connections to the two files: one that writes and checkpoints, a few that only read.

SQLite below 3.51.3 can damage a file in WAL mode when two connections write or checkpoint at once
(sqlite.org, "WAL-reset bug"), so each file has one writer and its readers never checkpoint.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from wainbox_relay.ports import StoreFull

T = TypeVar("T")
Row = tuple[Any, ...]
Params = Mapping[str, object]

BUSY_MS = 5_000
CHECKPOINT_PAGES = 2_000
WORTH_MOVING = 1_000
"""Rows changed."""
WRITER_CACHE_KIB = 65_536
READER_CACHE_KIB = 16_384
READERS = 3
FULL, IOERR = 13, 10
_MAKE_ROOM = "CREATE TABLE IF NOT EXISTS room AS SELECT zeroblob(262144) AS taken"
_LEAVE_ROOM = "DROP TABLE room"


class StoreTrouble(Exception):
    """Why the files cannot be used, and what to do; said to whoever starts the relay."""


async def whole(step: Awaitable[T]) -> T:
    """Finishes a step even when its caller is cancelled meanwhile; then lets the cancellation
    through. A transaction is thus never left half done."""
    task = asyncio.ensure_future(step)  # noqa: TID251 - awaited here, whatever happens
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()
    raise cancelled


class Writer:
    """The one connection that may change a file. Units of work queue for it."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.connection = connection
        self._turn = asyncio.Lock()
        self._moved = 0

    @classmethod
    async def open(cls, path: Path) -> "Writer":
        return cls(
            await _connect(
                _uri(path),
                "journal_mode = WAL",
                "synchronous = FULL",
                f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
                "secure_delete = ON",
                f"cache_size = -{WRITER_CACHE_KIB}",
            )
        )

    async def close(self) -> None:
        async with self._turn:
            await self.connection.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[aiosqlite.Connection]:
        """The connection for reads between two transactions."""
        async with self._turn:
            yield self.connection

    async def rows(self, sql: str, params: Params | None = None) -> list[Row]:
        """What a query finds, outside any transaction of ours."""
        async with self.reading() as connection:
            return await fetch(connection, sql, params)

    async def transaction(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        """Does the work in one transaction, wholly or not at all, even when the caller gives up.
        Raises `StoreFull` when the disk refuses."""
        return await whole(self._transaction(work))

    async def _transaction(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        async with self._turn:
            try:
                await self.connection.execute_fetchall("BEGIN IMMEDIATE")
                done = await work(self.connection)
                await self.connection.execute_fetchall("COMMIT")
            except BaseException as error:
                await self._roll_back()
                if isinstance(error, sqlite3.Error) and disk_refused(error):
                    raise StoreFull(str(error)) from error
                raise
            return done

    async def unit(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The same for work that runs in the connection's own thread from beginning to end: one
        errand for the thread instead of one for each statement."""
        return await whole(self._unit(work))

    async def _unit(self, work: Callable[[sqlite3.Connection], T]) -> T:
        async with self._turn:
            return await inside(self.connection, lambda db: _whole_or_not(db, work))

    async def _roll_back(self) -> None:
        # SQLite may have rolled back by itself when the disk refused.
        if self.connection.in_transaction:
            await self.connection.execute_fetchall("ROLLBACK")

    async def find_room(self) -> None:
        """Writes a little and takes it back. Raises `StoreFull` while the disk refuses."""
        for sql in (_MAKE_ROOM, _LEAVE_ROOM):
            await self.transaction(lambda connection, sql=sql: fetch(connection, sql))  # type: ignore[misc]  # bound at once

    async def rest(self) -> None:
        """Moves what was written from the log into the file, once that is worth it. Called while
        nobody waits, it spares a commit from doing so."""
        changes = self.connection.total_changes
        if changes - self._moved < WORTH_MOVING:
            return
        self._moved = changes
        # Nothing is lost where the disk refuses; the next commit will say so.
        with suppress(sqlite3.Error):
            await self.rows("PRAGMA wal_checkpoint(PASSIVE)")

    async def alone(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        """Does work that must not meet a transaction, such as a step of a backup."""
        return await whole(self._alone(work))

    async def _alone(self, work: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        async with self._turn:
            return await work(self.connection)


class Readers:
    """A few connections that can only read."""

    def __init__(self, connections: Sequence[aiosqlite.Connection]) -> None:
        self._all = connections
        self._free: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
        for connection in connections:
            self._free.put_nowait(connection)

    @classmethod
    async def open(cls, path: Path, count: int = READERS) -> "Readers":
        return cls([await open_reader(path) for _ in range(count)])

    async def close(self) -> None:
        for connection in self._all:
            await connection.close()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[aiosqlite.Connection]:
        """A connection on which all reads see one and the same state."""
        connection = await self._free.get()
        try:
            # Begun wholly or not at all: a caller who gives up meanwhile must not leave behind a
            # transaction that nobody has seen begin.
            await whole(connection.execute_fetchall("BEGIN"))
            yield connection
        finally:
            await whole(self._give_back(connection))

    async def _give_back(self, connection: aiosqlite.Connection) -> None:
        try:
            if connection.in_transaction:
                await connection.execute_fetchall("ROLLBACK")
        finally:
            self._free.put_nowait(connection)


async def open_reader(path: Path) -> aiosqlite.Connection:
    return await _connect(
        f"{_uri(path)}?mode=ro",
        "query_only = ON",
        "wal_autocheckpoint = 0",
        f"cache_size = -{READER_CACHE_KIB}",
    )


def _uri(path: Path) -> str:
    return path.resolve().as_uri()


async def _connect(uri: str, *pragmas: str) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(uri, uri=True, isolation_level=None)
    try:
        for pragma in (f"busy_timeout = {BUSY_MS}", "temp_store = MEMORY", *pragmas):
            await connection.execute_fetchall(f"PRAGMA {pragma}")
    except BaseException:
        # A connection's thread would keep the whole process from ending.
        await connection.close()
        raise
    return connection


async def fetch(
    connection: aiosqlite.Connection, sql: str, params: Params | None = None
) -> list[Row]:
    return list(await connection.execute_fetchall(sql, params))  # type: ignore[arg-type]  # plain tuples


async def inside(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Does work in the connection's own thread. Raises `StoreFull` when the disk refuses."""
    # aiosqlite keeps the way into its thread to itself, and offers only single statements.
    execute: Callable[[Callable[[], T]], Awaitable[T]] = connection._execute  # noqa: SLF001
    try:
        return await execute(lambda: work(connection._conn))  # noqa: SLF001
    except sqlite3.Error as error:
        if disk_refused(error):
            raise StoreFull(str(error)) from error
        raise


def _whole_or_not(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    try:
        db.execute("BEGIN IMMEDIATE")
        done = work(db)
        db.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back by itself when the disk refused.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return done


def found(db: sqlite3.Connection, sql: str, params: Params | None = None) -> list[Row]:
    """What a query finds; in the connection's own thread."""
    return db.execute(sql, params or {}).fetchall()


def put(db: sqlite3.Connection, sql: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Runs a statement for every row, if there is any; in the connection's own thread."""
    if rows := list(rows):
        db.executemany(sql, rows)


def disk_refused(error: sqlite3.Error) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0) or 0
    return code & 0xFF in (FULL, IOERR)
