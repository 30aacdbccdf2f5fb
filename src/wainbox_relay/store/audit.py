"""The record of what agents and admins did. Each row's hash covers the row and the hash before it,
and a counter tells how many there are, so that a changed, removed or slipped-in row shows, the
newest too."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import aiosqlite

from wainbox_relay.ports import AuditRow
from wainbox_relay.store.connect import Row, fetch, found, put
from wainbox_relay.store.queries import SQL
from wainbox_relay.store.rows import audit_body, encode

BEGINNING = bytes(32)
SLICE = 5_000
COUNTER = "audit"


def sealed(prev: bytes, id_: int, body: Sequence[object]) -> bytes:
    """The hash of a row: `body` is its at, actor, act, subject and data."""
    return hashlib.sha256(prev + encode([id_, *body]).encode()).digest()


def append(connection: sqlite3.Connection, rows: Iterable[AuditRow]) -> None:
    """Adds rows at the end of the chain, within the caller's transaction."""
    if rows := list(rows):
        last, prev = next(iter(found(connection, SQL.last_audit)), (0, BEGINNING))
        put(connection, SQL.add_audit, _chained(rows, last, prev))
        put(connection, SQL.keep_counter, [{"name": COUNTER, "value": last + len(rows)}])


def _chained(rows: Iterable[AuditRow], last: int, prev: bytes) -> Iterator[dict[str, object]]:
    for id_, row in enumerate(rows, last + 1):
        body = audit_body(row)
        hash_ = sealed(prev, id_, list(body.values()))
        yield {"id": id_, **body, "prev": prev, "hash": hash_}
        prev = hash_


async def verify(connection: aiosqlite.Connection) -> str:
    """Empty when the chain holds, else a sentence that names the first row that does not fit."""
    expected, prev = 1, BEGINNING
    while rows := await fetch(connection, SQL.audit_after, {"after": expected - 1, "limit": SLICE}):
        for row in rows:
            if wrong := _wrong(row, expected, prev):
                return wrong
            expected, prev = expected + 1, row[-1]
    return await _miscounted(connection, expected - 1)


async def _miscounted(connection: aiosqlite.Connection, there: int) -> str:
    """The chain alone cannot tell that its end is gone."""
    counters: dict[str, int] = dict(await fetch(connection, SQL.counters))
    written = counters.get(COUNTER, there)
    if there < written:
        return f"Audit row {there + 1} is missing, of {written} that were written."
    if there > written:
        return f"Audit row {written + 1} is not what was written."
    return ""


def _wrong(row: Row, expected: int, prev: bytes) -> str:
    id_, *body, said_prev, said = row
    if id_ != expected:
        return f"Audit row {expected} is missing; the next one is {id_}."
    if said_prev != prev or said != sealed(prev, id_, body):
        return f"Audit row {id_} is not what was written."
    return ""
