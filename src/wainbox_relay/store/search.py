"""Finding conversations by what was said in them and who they are with, newest first."""

from collections.abc import Iterable, Sequence

import aiosqlite

from wainbox_relay.contract.folding import fold
from wainbox_relay.store.connect import fetch
from wainbox_relay.store.pages import Where
from wainbox_relay.store.queries import SQL
from wainbox_relay.store.rows import encode

MOST = 1_000
"""Conversations that a search may bring; whoever gets as many should say more."""
MOST_PEOPLE = 100
MOST_HITS = 20_000
SHORTEST_BEGINNING = 3
"""Letters from which a word may be the beginning of a longer one."""


def query(text: str) -> str:
    """The full-text query for what somebody typed; empty when there is no word in it. Every word
    must occur, in any order; longer ones as beginnings."""
    words = [word for word in fold(text).split() if any(letter.isalnum() for letter in word)]
    return " ".join(_word(word) for word in words)


def _word(word: str) -> str:
    quoted = '"' + word.replace('"', '""') + '"'
    return quoted + "*" if len(word) >= SHORTEST_BEGINNING else quoted


async def hits(
    connection: aiosqlite.Connection, text: str, where: Where, most: int = MOST
) -> list[int]:
    """Conversations in which every word occurs in one message, or in the customer's name; those
    that also fulfil the conditions, at most `most`."""
    wanted = query(text)
    if not wanted:
        return []
    people = await fetch(connection, SQL.people_hits, {"query": wanted, "limit": MOST_PEOPLE})
    found = await _fitting(connection, dict.fromkeys(row[0] for row in people), where)
    seen, below, read, slice_ = set(found), 2**62, 0, min(most * 2, MOST)
    while len(found) < most and read < MOST_HITS:
        asked = {"query": wanted, "below": below, "limit": slice_}
        rows = await fetch(connection, SQL.message_hits, asked)
        fresh = [c for c in dict.fromkeys(row[1] for row in rows) if c not in seen]
        seen.update(fresh)
        found += await _fitting(connection, fresh, where)
        if len(rows) < slice_:
            break
        below, read = rows[-1][0], read + len(rows)
    return found[:most]


async def _fitting(connection: aiosqlite.Connection, ids: Iterable[int], where: Where) -> list[int]:
    """Those of the conversations that fulfil the conditions, in the same order."""
    asked: Sequence[int] = list(ids)
    if not asked or not where.parts:
        return list(asked)
    sql = (
        "SELECT c.id FROM json_each(:ids) AS k JOIN conversations AS c ON c.id = k.value"  # noqa: S608 - values are parameters
        f" WHERE {where} ORDER BY k.key"
    )
    rows = await fetch(connection, sql, {**where.params, "ids": encode(asked)})
    return [row[0] for row in rows]
