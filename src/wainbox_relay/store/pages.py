"""Pages of the queue: which index to walk for a filter, and what to ask of each row on the way.

Every walk follows `(sort_key, id)` in an index, so that a page costs the same wherever it begins.
Where a filter names several owners or teams, each is walked by itself and the walks are merged.
SQLite is told the index: it cannot know how a page's limit changes what is cheap.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import aiosqlite

from wainbox_relay.contract.filters import (
    STANDING_SHIFT,
    Filter,
    Term,
    Viewer,
    resolve_values,
)
from wainbox_relay.contract.vocabulary import Standing, Status
from wainbox_relay.store.connect import Row, fetch

Key = tuple[int, int]
RARE = 700
"""Conversations with a tag, below which they are sorted rather than met on a walk."""

_NOTHING = "0"
_UNRESOLVED = "c.status <> 'resolved'"
_RESOLVED = "c.status = 'resolved'"
_MENTIONED = "c.mentions <> ''"
_LIVE = frozenset(Status) - {Status.RESOLVED}
_SHORT = frozenset({Status.BOT, Status.WAITING, Status.SNOOZED})
_THEIRS = int(Standing.OURS) + 1 << STANDING_SHIFT


@dataclass(slots=True)
class Where:
    """Conditions with their parameters."""

    parts: list[str] = field(default_factory=list)
    params: dict[str, object] = field(default_factory=dict)

    def add(self, *parts: str) -> None:
        self.parts.extend(parts)

    def param(self, value: object) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def one_of(self, column: str, values: Iterable[str]) -> str:
        return f"{column} IN ({', '.join(self.param(value) for value in sorted(values))})"

    def __str__(self) -> str:
        return " AND ".join(self.parts) or "1"


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through an index: its name and what holds all along it."""

    index: str
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Which page: after or before a key, from the end, or beyond `offset` rows."""

    limit: int
    after: Key | None = None
    before: Key | None = None
    offset: int = 0
    from_end: bool = False

    @property
    def backwards(self) -> bool:
        return self.from_end or self.before is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """A filter made ready: the walks to merge, and what every row must fulfil besides. Statuses
    are the walks' own business: asking an index for what holds all along it costs the row."""

    walks: tuple[Walk, ...]
    where: Where


def plan(wanted: Filter, viewer: Viewer, hidden: Sequence[str], rare: frozenset[str]) -> Plan:
    """`hidden` are numbers that nobody sees; `rare` tags that few conversations bear."""
    others = [term for term in wanted.terms if term.field != "status"]
    where = conditions(others, viewer, hidden)
    if _NOTHING in where.parts:
        return Plan((), where)
    return Plan(tuple(_walks(wanted.terms, viewer, where, rare)), where)


def conditions(terms: Iterable[Term], viewer: Viewer, hidden: Sequence[str]) -> Where:
    """What terms ask of a conversation, without any way to walk."""
    where = Where()
    if hidden:
        where.add(f"NOT {where.one_of('c.number', hidden)}")
    for term in terms:
        where.add(_condition(term, viewer, where))
    return where


# -- what a row must fulfil --------------------------------------------------------------------


def _condition(term: Term, viewer: Viewer, where: Where) -> str:
    values = resolve_values(term, viewer)
    text = f"({_holds(term, values, where)})" if values else _NOTHING
    return f"NOT {text}" if term.negated else text


def _holds(term: Term, values: frozenset[str], where: Where) -> str:
    match term.field:
        case "status" | "number" | "priority":
            return where.one_of(f"c.{term.field}", values)
        case "lang":
            return where.one_of("c.language", values)
        case "assignee" | "team":
            return where.one_of(f"coalesce(c.{term.field}, '')", values)
        case "tag":
            return " OR ".join(_has_word("c.tags", value, where) for value in sorted(values))
        case "mention":
            return " OR ".join(_has_word("c.mentions", value, where) for value in sorted(values))
        case "is":
            return " OR ".join(_is(value, where) for value in sorted(values))
        case "standing":
            return " OR ".join(_in_class(Standing[value.upper()]) for value in sorted(values))


def _has_word(column: str, word: str, where: Where) -> str:
    return f"instr({column}, {where.param(f' {word} ')}) > 0"


def _is(value: str, where: Where) -> str:
    if value == "ours":
        return f"c.sort_key < {_THEIRS}"
    if value == "theirs":
        return f"c.sort_key >= {_THEIRS}"
    return _has_word("c.flags", value, where)


def _in_class(standing: Standing) -> str:
    first = int(standing) << STANDING_SHIFT
    return f"c.sort_key BETWEEN {first} AND {first + (1 << STANDING_SHIFT) - 1}"


# -- which way to walk -------------------------------------------------------------------------


def _walks(
    terms: Sequence[Term], viewer: Viewer, where: Where, rare: frozenset[str]
) -> Iterable[Walk]:
    statuses = statuses_of(terms)
    if any(t.field == "mention" and not t.negated for t in terms):
        if statuses:
            yield Walk("queue_mentioned", (_MENTIONED, where.one_of("c.status", statuses)))
        return
    if live := statuses - {Status.RESOLVED}:
        narrowed = () if live == _LIVE else (where.one_of("c.status", live),)
        for walk in _unresolved_walks(terms, viewer, where, live, rare):
            yield replace(walk, holds=(*walk.holds, *narrowed))
    if Status.RESOLVED in statuses:
        yield Walk("queue_resolved", (_RESOLVED,))


def statuses_of(terms: Sequence[Term]) -> frozenset[str]:
    left: frozenset[str] = frozenset(Status)
    for term in terms:
        if term.field == "status":
            left = left - term.values if term.negated else left & term.values
    return left


def _unresolved_walks(
    terms: Sequence[Term],
    viewer: Viewer,
    where: Where,
    statuses: frozenset[str],
    rare: frozenset[str],
) -> Iterable[Walk]:
    """The narrowest walk that the filter allows, by what desks look like: an agent has tens, a
    rare tag hundreds, a status or team thousands."""
    asked = {t.field: resolve_values(t, viewer) for t in terms if not t.negated}
    owners = asked.get("assignee", frozenset())
    if owners and "" not in owners:
        return _each("queue_assignee", "c.assignee", owners, where)
    if (tags := asked.get("tag")) and tags <= rare:
        found = where.one_of("t.tag", tags)
        few = f"c.id IN (SELECT t.conversation FROM conversation_tags AS t WHERE {found})"  # noqa: S608 - values are parameters
        return [Walk("", (_UNRESOLVED, few))]
    if tags:
        return [Walk("queue_tagged", (_UNRESOLVED, "c.tags <> ''"))]
    if statuses <= _SHORT:
        short = "c.status IN ('bot', 'waiting', 'snoozed')"
        return [
            replace(walk, holds=(short, *walk.holds))
            for walk in _each("queue_status", "c.status", statuses, where)
        ]
    for name, index, column in (
        ("team", "queue_team", "c.team"),
        ("lang", "queue_language", "c.language"),
        ("assignee", "queue_assignee", "c.assignee"),
    ):
        if name in asked:
            return _each(index, column, asked[name], where)
    if "is" in asked and asked["is"].isdisjoint({"ours", "theirs"}):
        return [Walk("queue_flagged", (_UNRESOLVED, "c.flags <> ''"))]
    return [Walk("queue_all", (_UNRESOLVED,))]


def _each(index: str, column: str, values: Iterable[str], where: Where) -> list[Walk]:
    return [
        Walk(index, (_UNRESOLVED, f"{column} = {where.param(value)}"))
        if value
        else Walk(index, (_UNRESOLVED, f"{column} IS NULL"))
        for value in sorted(values)
    ]


# -- the statement -----------------------------------------------------------------------------


def keys_sql(plan: Plan, place: Place) -> str:
    """The `(sort_key, id)` of a page's conversations, one more than asked so that it shows whether
    there are more."""
    order = "DESC" if place.backwards else "ASC"
    where = plan.where
    beyond: tuple[str, ...] = ()
    if (key := place.before or place.after) is not None:
        sign = "<" if place.before is not None else ">"
        row = f"({where.param(key[0])}, {where.param(key[1])})"
        beyond = (f"(c.sort_key, c.id) {sign} {row}",)
    ordered = f"ORDER BY sort_key {order}, id {order}"
    most = place.limit + 1
    walks = [
        "SELECT c.sort_key, c.id FROM conversations AS c"  # noqa: S608 - values are parameters
        f"{f' INDEXED BY {walk.index}' if walk.index else ''}"
        f" WHERE {' AND '.join((*walk.holds, *beyond, *where.parts))} {ordered}"
        for walk in plan.walks
    ]
    if not walks:
        return "SELECT 0, 0 WHERE 0"
    if len(walks) == 1:
        return f"{walks[0]} LIMIT {most} OFFSET {place.offset}"
    several = (f"SELECT * FROM ({walk} LIMIT {place.offset + most})" for walk in walks)  # noqa: S608
    return f"{' UNION ALL '.join(several)} {ordered} LIMIT {most} OFFSET {place.offset}"


async def keys(connection: aiosqlite.Connection, plan: Plan, place: Place) -> list[Row]:
    return await fetch(connection, keys_sql(plan, place), plan.where.params)


async def rare_tags(
    connection: aiosqlite.Connection, wanted: Filter, *, rare: int = RARE
) -> frozenset[str]:
    """Of the tags a filter asks for, those that few conversations bear."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM conversation_tags WHERE tag = :tag LIMIT :most)"
    asked = {v for t in wanted.terms if t.field == "tag" and not t.negated for v in t.values}
    found = {
        tag: (await fetch(connection, sql, {"tag": tag, "most": rare}))[0][0]
        for tag in sorted(asked)
    }
    return frozenset(tag for tag, count in found.items() if count < rare)
