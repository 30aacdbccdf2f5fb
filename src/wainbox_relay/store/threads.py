"""A thread as screens read it: messages and notes with the lines of history between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

import aiosqlite

from wainbox_relay.contract.vocabulary import AgentId, EntryId, Moment
from wainbox_relay.domain.model import Entry
from wainbox_relay.engine import present, refs, story
from wainbox_relay.store import rows
from wainbox_relay.store.connect import Row, fetch
from wainbox_relay.store.queries import SQL

LATEST = (1 << 62, 1 << 62)
MOST_CASES = 200
MOST_LINES = 300
MOST_NOTES = 50

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """Entries of a thread, oldest first, and whether older ones exist."""

    entries: Sequence[Entry]
    more: bool
    until: tuple[int, int]


async def span(
    connection: aiosqlite.Connection,
    thread: int,
    *,
    before: tuple[Moment, int] | None,
    around: EntryId | None,
    limit: int,
) -> Span:
    until = before or LATEST
    if around is not None:
        # Rounded up, so that the entry itself is always among them.
        until = await _just_after(connection, thread, around, (limit + 1) // 2)
    asked = {"thread": thread, "at": until[0], "id": until[1], "limit": limit + 1}
    found = [rows.entry(row) for row in await fetch(connection, SQL.entries_before, asked)]
    return Span(found[:limit][::-1], len(found) > limit, until)


async def _just_after(
    connection: aiosqlite.Connection, thread: int, entry: EntryId, ahead: int
) -> tuple[int, int]:
    asked = {"thread": thread, "id": entry, "ahead": ahead}
    found = await fetch(connection, SQL.entry_ahead, asked)
    return (found[0][0], found[0][1]) if found else LATEST


async def cases_of(
    connection: aiosqlite.Connection, sql: str, params: Mapping[str, object]
) -> list[Row]:
    return await fetch(connection, sql, {**params, "limit": MOST_CASES})


def case(row: Row) -> Json:
    _, ref, number, status, opened, resolved, resolver, assignee, outcome = row
    return {
        "ref": refs.shown(ref),
        "number": number,
        "status": status,
        "opened_at": present.instant(opened),
        "resolved_at": None if resolved is None else present.instant(resolved),
        "resolver": resolver,
        "assignee": assignee,
        "outcome": outcome,
    }


async def rendered(
    connection: aiosqlite.Connection, entries: Sequence[Entry], case_numbers: Mapping[int, int]
) -> list[Json]:
    """Entries with the names and quotes they are shown with."""
    agents: dict[AgentId, str] = dict(await fetch(connection, SQL.agent_names))
    quoted = await _quoted(connection, entries)
    people = await _people(connection, [*entries, *quoted.values()])
    return [
        present.entry(
            entry,
            present.Around(
                ref=refs.shown(case_numbers.get(entry.conversation, 0)),
                agents=agents,
                people=people,
                quoted=quoted,
            ),
        )
        for entry in entries
    ]


async def _quoted(
    connection: aiosqlite.Connection, entries: Iterable[Entry]
) -> dict[EntryId, Entry]:
    here = {entry.id: entry for entry in entries}
    missing = {e.quote for e in here.values() if e.quote is not None and e.quote not in here}
    if missing:
        asked = {"keys": rows.encode(sorted(missing))}
        for row in await fetch(connection, SQL.find_entries, asked):
            found = rows.entry(row)
            here[found.id] = found
    return here


async def _people(connection: aiosqlite.Connection, entries: Iterable[Entry]) -> dict[Any, str]:
    named = {e.customer for e in entries if e.customer is not None}
    named.update(r.customer for e in entries for r in e.reactions if r.customer is not None)
    if not named:
        return {}
    asked = {"keys": rows.encode(sorted(named))}
    return dict(await fetch(connection, SQL.customer_names, asked))


async def lines(
    connection: aiosqlite.Connection,
    conversations: Sequence[int],
    since: int,
    until: int,
) -> list[story.Line]:
    """History of these conversations within a time, as far as a thread shows it, oldest first."""
    asked = {
        "conversations": rows.encode(conversations),
        "since": since,
        "until": until,
        "quiet": rows.encode(sorted(story.QUIET)),
        "limit": MOST_LINES,
    }
    found = await fetch(connection, SQL.lines_of_thread, asked)
    return [told for row in reversed(found) if story.tells(told := line(row))]


def line(row: Row) -> story.Line:
    id_, conversation, at, actor, kind, data = row
    return story.Line(id_, conversation, at, actor, kind, rows.decode(data))


async def names_for(
    connection: aiosqlite.Connection, told: Iterable[story.Line], zone: tzinfo = UTC
) -> story.Names:
    """The names that lines of history are told with, and the zone of the moments in them."""
    agents: dict[AgentId, str] = dict(await fetch(connection, SQL.agent_names))
    others = {
        other
        for each in told
        for key in ("follows", "other")
        if isinstance(other := each.data.get(key), int)
    }
    asked = {"keys": rows.encode(sorted(others))}
    refs: dict[int, int] = dict(await fetch(connection, SQL.refs_of, asked)) if others else {}
    return story.Names(agents, refs, zone)


def merged(
    entries: Sequence[Entry], shown: list[Json], told: Sequence[tuple[int, Json]]
) -> list[Json]:
    """Entries and event lines in one row of time; at the same instant the message comes first."""
    everything: list[tuple[tuple[int, int, int], Json]] = [
        ((e.at, 0, e.id), each) for e, each in zip(entries, shown, strict=True)
    ]
    everything += [((at, 1, -each["id"]), each) for at, each in told]
    return [each for _, each in sorted(everything, key=lambda pair: pair[0])]
