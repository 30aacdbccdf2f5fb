"""Orders for many conversations in the database."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

import aiosqlite

from wainbox_relay.contract.vocabulary import Moment, Role
from wainbox_relay.ports import BulkRow
from wainbox_relay.store.connect import Row, fetch, put
from wainbox_relay.store.queries import SQL


def save(connection: sqlite3.Connection, bulks: Iterable[BulkRow]) -> None:
    put(connection, SQL.keep_bulk, [_columns(row) for row in bulks])


async def read(connection: aiosqlite.Connection, since: Moment) -> Sequence[BulkRow]:
    """Those begun since a moment, and those that are not done."""
    return [_row(row) for row in await fetch(connection, SQL.bulks, {"since": since})]


def _columns(row: BulkRow) -> dict[str, object]:
    return {
        "id": row.id,
        "agent": row.agent,
        "role": row.role.value,
        "at": row.at,
        "command": row.command,
        "conversations": json.dumps(row.conversations),
        "place": row.place,
        "changed": row.changed,
        "why": row.why,
        "undoing": row.undoing,
        "done": row.done,
    }


def _row(row: Row) -> BulkRow:
    id_, agent, role, at, command, conversations, place, changed, why, undoing, done = row
    return BulkRow(
        id_,
        agent,
        Role(role),
        at,
        command,
        tuple(json.loads(conversations)),
        place,
        changed,
        why,
        bool(undoing),
        bool(done),
    )
