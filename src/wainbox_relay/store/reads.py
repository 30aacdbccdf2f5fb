"""What screens read, from connections that cannot write: rows and the stream's position from one
and the same state of the database (`docs/design.md` section 7).

Methods that end in `_json` give the body as it goes over the wire: checking our own two hundred
cards against the contract again would cost more than reading them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

import aiosqlite
import msgspec

from wainbox_relay.contract.filters import Facets, Filter, Viewer
from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.contract.views import (
    Card,
    CostLine,
    CustomerPanel,
    Page,
    Reason,
    Template,
    Thread,
)
from wainbox_relay.contract.vocabulary import (
    ConversationId,
    EntryId,
    Moment,
    NumberId,
    Wamid,
)
from wainbox_relay.domain import model
from wainbox_relay.domain.outcome import WAINBOX
from wainbox_relay.engine import present, promised, refs, story
from wainbox_relay.ports import BulkRow, Quarantined, StoredEvent
from wainbox_relay.store import beside, bulks, cost, replies, rows, templates, threads
from wainbox_relay.store.connect import Readers, Row, fetch
from wainbox_relay.store.pages import Key, Place, Plan, Where, conditions, keys, plan, rare_tags
from wainbox_relay.store.queries import SQL
from wainbox_relay.store.search import MOST, hits

Json = dict[str, Any]
MOST_ROWS = 500
MOST_EVENTS = 1_000
MOST_IDS = 1_000_000
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class MediaOf:
    """The file of an entry: what became of it, and the name its sender gave it."""

    number: NumberId
    media: model.Media
    name: str


@dataclass(frozen=True, slots=True)
class Gauges:
    """Figures for whoever watches the relay."""

    quarantined: int
    parked: int
    owed: int
    sends_waiting: int
    sends_on_their_way: int
    sends_unconfirmed: int
    sends_failed: int
    seq: int


class Reads:
    """`zone_of` a number is that of its business hours, in which moments are told."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self.zone_of: Callable[[NumberId], tzinfo] = lambda _: UTC

    # -- the queue ---------------------------------------------------------------------------

    async def page(
        self,
        wanted: Filter,
        viewer: Viewer,
        *,
        after: Key | None = None,
        before: Key | None = None,
        offset: int | None = None,
        from_end: bool = False,
        limit: int = 100,
    ) -> Page:
        """Rows of a view in order: from its top, after or before a key, from its end, or beyond
        `offset` rows. With text in the filter: newest hits first."""
        place = _place(limit, after, before, offset, from_end=from_end)
        return Page.model_validate(await self._page(wanted, viewer, place))

    async def page_json(
        self,
        wanted: Filter,
        viewer: Viewer,
        *,
        after: Key | None = None,
        before: Key | None = None,
        offset: int | None = None,
        from_end: bool = False,
        limit: int = 100,
    ) -> bytes:
        place = _place(limit, after, before, offset, from_end=from_end)
        return _encode(await self._page(wanted, viewer, place))

    async def _page(self, wanted: Filter, viewer: Viewer, place: Place) -> Json:
        async with self._readers.snapshot() as connection:
            seq, hidden = await _position(connection)
            if wanted.text:
                where = conditions(wanted.terms, viewer, hidden)
                found, more = await _found_by_text(connection, wanted.text, where, place)
            else:
                rare = await rare_tags(connection, wanted)
                ready = plan(wanted, viewer, hidden, rare)
                found, more = await _found_by_rank(connection, ready, place)
            return {"seq": seq, "cards": await _cards(connection, found), "more": more}

    async def search(self, text: str, viewer: Viewer, limit: int = 50) -> Page:
        """Conversations by what was said in them or who they are with, newest first."""
        return await self.page(Filter(text=text), viewer, limit=limit)

    async def card(self, ref: int) -> Card | None:
        async with self._readers.snapshot() as connection:
            found = await _card_of(connection, ref)
        return None if found is None else Card.model_validate(found)

    async def facets(self) -> Iterable[tuple[Facets, int]]:
        """How many conversations share each combination of what the standing views ask for."""
        async with self._readers.snapshot() as connection:
            found = await fetch(connection, SQL.facets)
        return [(rows.facets(row[:10]), row[10]) for row in found]

    # -- one conversation --------------------------------------------------------------------

    async def thread(
        self,
        ref: int,
        *,
        before: tuple[Moment, int] | None = None,
        limit: int = 50,
        around: EntryId | None = None,
    ) -> Thread | None:
        """A page of the conversation's thread, across its earlier cases: the newest entries, those
        before one (by its `at` and id), or those around one."""
        found = await self._thread(ref, before, limit, around)
        return None if found is None else Thread.model_validate(found)

    async def thread_json(
        self,
        ref: int,
        *,
        before: tuple[Moment, int] | None = None,
        limit: int = 50,
        around: EntryId | None = None,
    ) -> bytes | None:
        found = await self._thread(ref, before, limit, around)
        return None if found is None else _encode(found)

    async def _thread(
        self, ref: int, before: tuple[Moment, int] | None, limit: int, around: EntryId | None
    ) -> Json | None:
        async with self._readers.snapshot() as connection:
            seq, _ = await _position(connection)
            card = await _card_of(connection, ref)
            if card is None:
                return None
            thread, zone = card["thread"], self.zone_of(card["number"])
            span = await threads.span(
                connection, thread, before=before, around=around, limit=min(limit, MOST_ROWS)
            )
            cases = await threads.cases_of(connection, SQL.cases_of_thread, {"thread": thread})
            return {
                "seq": seq,
                "card": card,
                "entries": await _told(connection, card, span, cases, zone),
                "cases": [threads.case(row) for row in reversed(cases)],
                "more": span.more,
            }

    async def why(self, ref: int) -> tuple[Reason, ...] | None:
        """All that happened to a conversation, a sentence each, oldest first."""
        async with self._readers.snapshot() as connection:
            card = await _card_of(connection, ref)
            if card is None:
                return None
            asked, zone = {"conversation": card["id"]}, self.zone_of(card["number"])
            told = await fetch(connection, SQL.lines_of_conversation, asked)
            lines = [threads.line(row) for row in told]
            names = await threads.names_for(connection, lines, zone)
            kept = await fetch(connection, SQL.clocks_of_conversation, asked)
        reasons = [
            {
                "at": present.instant(line.at),
                "actor": names.actor(line.actor),
                "what": line.kind,
                "sentence": story.sentence(line, names),
            }
            for line in lines
        ]
        reasons += _promises(rows.clocks(kept[0][0]), zone)
        return tuple(Reason.model_validate(each) for each in reasons)

    async def pool(
        self, after: tuple[int, int], limit: int
    ) -> Sequence[tuple[int, model.Conversation, model.Customer | None]]:
        """Unowned open work after a place in the queue, with its customers."""
        asked = {"sort_key": after[0], "id": after[1], "limit": limit}
        async with self._readers.snapshot() as connection:
            found = await fetch(connection, SQL.pool, asked)
        wide = rows.CONVERSATION_WIDTH
        waiting = ((rows.conversation(row[:wide]), row[wide:]) for row in found)
        return [(c.sort_key, c, rows.customer(m) if m[0] is not None else None) for c, m in waiting]

    async def customer(self, ref: int) -> CustomerPanel | None:
        """The customer beside the conversation; for a group, what there is to say of it."""
        async with self._readers.snapshot() as connection:
            card = await _card_of(connection, ref)
            found = None if card is None else await beside.panel(connection, card)
        return None if found is None else CustomerPanel.model_validate(found)

    async def entry_media(self, entry: EntryId) -> MediaOf | None:
        """The file of a message, if it has one."""
        async with self._readers.snapshot() as connection:
            found = await fetch(connection, SQL.find_entries, {"keys": rows.encode([entry])})
        if not found:
            return None
        of = rows.entry(found[0])
        if of.media is None:
            return None
        file = getattr(of.content, "file", None)
        return MediaOf(of.number, of.media, file.name if file is not None else "")

    async def place_of(self, entry: EntryId) -> tuple[Moment, int] | None:
        """Where an entry stands in its thread, for the page before it."""
        async with self._readers.snapshot() as connection:
            found = await fetch(connection, SQL.find_entries, {"keys": rows.encode([entry])})
        return None if not found else (rows.entry(found[0]).at, entry)

    # -- what the team keeps, and what it costs -----------------------------------------------

    async def ids(self, wanted: Filter, viewer: Viewer) -> Sequence[ConversationId]:
        """Every conversation of a filter without text, in the queue's order."""
        async with self._readers.snapshot() as connection:
            _, hidden = await _position(connection)
            ready = plan(wanted, viewer, hidden, await rare_tags(connection, wanted))
            return [row[1] for row in await keys(connection, ready, Place(limit=MOST_IDS))]

    async def bulks(self, since: Moment) -> Sequence[BulkRow]:
        """Orders for many begun since a moment, and those that are not done."""
        async with self._readers.snapshot() as connection:
            return await bulks.read(connection, since)

    async def replies(self) -> Sequence[CannedReply]:
        """Every canned reply, by name."""
        async with self._readers.snapshot() as connection:
            return await replies.read(connection)

    async def templates(self) -> Mapping[str, Sequence[Template]]:
        """What was last known of every account's templates."""
        async with self._readers.snapshot() as connection:
            return await templates.read(connection)

    async def cost(self, since: Moment, until: Moment) -> Sequence[CostLine]:
        """What WhatsApp bills for the messages of a time."""
        async with self._readers.snapshot() as connection:
            return await cost.between(connection, since, until)

    # -- the stream, and whoever watches -----------------------------------------------------

    async def events_after(self, seq: int, limit: int = MOST_EVENTS) -> Sequence[StoredEvent]:
        async with self._readers.snapshot() as connection:
            asked = {"after": seq, "limit": limit}
            return [StoredEvent(*row) for row in await fetch(connection, SQL.events_after, asked)]

    async def oldest_seq(self) -> int:
        """The oldest event still kept; the next one to come when none is."""
        async with self._readers.snapshot() as connection:
            oldest: int = (await fetch(connection, SQL.oldest_seq))[0][0]
        return oldest

    async def quarantined(self, limit: int = 100) -> Sequence[Quarantined]:
        """What could not be read, newest first."""
        async with self._readers.snapshot() as connection:
            found = await fetch(connection, SQL.quarantined, {"limit": limit})
        return [Quarantined(*row) for row in found]

    async def unsupported(self) -> frozenset[tuple[NumberId, Wamid]]:
        """Messages of which only a placeholder is shown."""
        async with self._readers.snapshot() as connection:
            found = await fetch(connection, SQL.unsupported)
        return frozenset((NumberId(number), Wamid(wamid)) for number, wamid in found)

    async def gauges(self) -> Gauges:
        async with self._readers.snapshot() as connection:
            return Gauges(*(await fetch(connection, SQL.gauges))[0])


# -- parts of the above --------------------------------------------------------------------------


def _place(
    limit: int, after: Key | None, before: Key | None, offset: int | None, *, from_end: bool
) -> Place:
    return Place(min(limit, MOST_ROWS), after, before, offset or 0, from_end)


async def _position(connection: aiosqlite.Connection) -> tuple[int, list[str]]:
    [(seq, hidden)] = await fetch(connection, SQL.position)
    return seq, rows.decode(hidden)


async def _found_by_rank(
    connection: aiosqlite.Connection, ready: Plan, place: Place
) -> tuple[list[int], bool]:
    found = [id_ for _, id_ in await keys(connection, ready, place)]
    more = len(found) > place.limit
    found = found[: place.limit]
    return found[::-1] if place.backwards else found, more


async def _found_by_text(
    connection: aiosqlite.Connection, text: str, where: Where, place: Place
) -> tuple[list[int], bool]:
    """Search results have an order of their own, so a key only says where one had come to."""
    from_top = place.after is None and not place.backwards
    most = place.offset + place.limit + 1 if from_top else MOST
    found = await hits(connection, text, where, most)
    if place.from_end:
        return found[-place.limit :], len(found) > place.limit
    if place.before is not None:
        end = _index(found, place.before[1], 0)
        return found[max(0, end - place.limit) : end], end > place.limit
    start = place.offset
    if place.after is not None:
        start = _index(found, place.after[1], len(found) - 1) + 1
    return found[start : start + place.limit], len(found) > start + place.limit


def _index(found: list[int], wanted: int, otherwise: int) -> int:
    return found.index(wanted) if wanted in found else otherwise


async def _cards(connection: aiosqlite.Connection, ids: Sequence[int]) -> list[Json]:
    if not ids:
        return []
    return [_card(row) for row in await fetch(connection, SQL.cards, {"ids": rows.encode(ids)})]


def _card(row: Row) -> Json:
    wide = rows.CONVERSATION_WIDTH
    conversation = rows.conversation(row)
    customer = None if row[wide + 1] is None else rows.customer(row[wide + 1 :])
    thread = model.Thread(conversation.thread, conversation.number, None, row[wide])
    return present.card(conversation, customer, thread)


def _promises(clocks: Sequence[model.Clock], zone: tzinfo) -> list[Json]:
    """How the clocks stand, after all that happened."""
    said = ((clock, promised.sentence(clock, zone)) for clock in clocks)
    return [
        {
            "at": present.instant(clock.started),
            "actor": story.Names().actor(WAINBOX),
            "what": "clock",
            "sentence": sentence,
        }
        for clock, sentence in said
        if sentence
    ]


async def _id_of(connection: aiosqlite.Connection, ref: int) -> int | None:
    found = await fetch(connection, SQL.conversation_of_ref, {"ref": ref})
    return found[0][0] if found else None


async def _card_of(connection: aiosqlite.Connection, ref: int) -> Json | None:
    found = await _id_of(connection, ref)
    return None if found is None else (await _cards(connection, [found]))[0]


async def _told(
    connection: aiosqlite.Connection,
    card: Json,
    span: threads.Span,
    cases: Sequence[Row],
    zone: tzinfo,
) -> list[Json]:
    """The entries of a span with the lines of history that fall into its time."""
    numbers = {row[0]: row[1] for row in cases}
    shown = await threads.rendered(connection, span.entries, numbers)
    since = span.entries[0].at if span.more and span.entries else 0
    lines = await threads.lines(connection, list(numbers), since, span.until[0])
    names = await threads.names_for(connection, lines, zone)
    told = [
        (line.at, story.event(line, card["thread"], refs.shown(numbers[line.conversation]), names))
        for line in lines
    ]
    return threads.merged(span.entries, shown, told)
