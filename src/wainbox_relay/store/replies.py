"""Canned replies in the database, by name."""

import sqlite3
from collections.abc import Mapping, Sequence

import aiosqlite

from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.store.connect import fetch, put
from wainbox_relay.store.queries import SQL


def save(connection: sqlite3.Connection, replies: Mapping[str, CannedReply | None]) -> None:
    kept = [{"name": r.name, "body": r.model_dump_json()} for r in replies.values() if r]
    put(connection, SQL.keep_reply, kept)
    put(connection, SQL.forget_reply, [{"name": name} for name, r in replies.items() if not r])


async def read(connection: aiosqlite.Connection) -> Sequence[CannedReply]:
    return [CannedReply.model_validate_json(row[0]) for row in await fetch(connection, SQL.replies)]
