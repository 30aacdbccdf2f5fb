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


def queries(text: str) -> tuple[str, ...]:
    """The full-text queries for what somebody typed, none when there is no word in it. Every word
    must occur, in any order; first as it stands, then as the beginning of a longer one, which
    makes SQLite read every hit of a common word."""
    words = [word for word in fold(text).split() if any(letter.isalnum() for letter in word)]
    exact = " ".join(map(_quoted, words))
    beginnings = " ".join(map(_beginning, words))
    return tuple(dict.fromkeys(filter(None, (exact, beginnings))))


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _beginning(word: str) -> str:
    return _quoted(word) + "*" if len(word) >= SHORTEST_BEGINNING else _quoted(word)


async def hits(
    connection: aiosqlite.Connection, text: str, where: Where, most: int = MOST
) -> list[int]:
    """Conversations in which every word occurs in one message, or in the customer's name; those
    that also fulfil the conditions, at most `most`."""
    found: dict[int, None] = {}
    for query in queries(text):
        people = await fetch(connection, SQL.people_hits, {"query": query, "limit": MOST_PEOPLE})
        fresh = (row[0] for row in people)
        found.update(dict.fromkeys(await _fitting(connection, fresh, where)))
        await _messages(connection, query, where, most, found)
        if len(found) >= most:
            break
    return list(found)[:most]


async def _messages(
    connection: aiosqlite.Connection, query: str, where: Where, most: int, found: dict[int, None]
) -> None:
    """Adds conversations by their messages, newest first, until there are enough."""
    seen, below, read, slice_ = set(found), 2**62, 0, min(most * 2, MOST)
    while len(found) < most and read < MOST_HITS:
        asked = {"query": query, "below": below, "limit": slice_}
        rows = await fetch(connection, SQL.message_hits, asked)
        fresh = [c for c in dict.fromkeys(row[1] for row in rows) if c not in seen]
        seen.update(fresh)
        found.update(dict.fromkeys(await _fitting(connection, fresh, where)))
        if len(rows) < slice_:
            break
        below, read = rows[-1][0], read + len(rows)


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
