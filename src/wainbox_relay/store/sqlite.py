"""The main database as its one writer sees it: load what a batch touches, save what came of it.

Both are whole steps of few statements; what a batch does not touch costs nothing
(`docs/design.md` section 3).
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence

from wainbox_relay.contract.folding import fold
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    CustomerId,
    EntryId,
    IdentityKind,
    Moment,
    Status,
)
from wainbox_relay.domain.model import Conversation, Customer, Entry, Identity, Thread
from wainbox_relay.domain.rules.roster import Duty
from wainbox_relay.domain.rules.rota import Shift
from wainbox_relay.ports import (
    Attempt,
    Batch,
    Loaded,
    Mark,
    Owed,
    PageRow,
    Result,
    Start,
    TokenRow,
    Wanted,
)
from wainbox_relay.store import audit, bulks, replies, rows, templates
from wainbox_relay.store.connect import Row, Writer, fetch, found, inside, put, whole
from wainbox_relay.store.queries import SQL

_KINDS = {each.value: each for each in IdentityKind}
SWEPT = 500
"""Rows let go of in one transaction."""
MOST_PAGES = 50
"""So many pages back an agent's "I have it" is understood."""


class SqliteStore:
    """`ports.Store` on one writing connection."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._stored: dict[ConversationId, Conversation] = {}
        """Loaded since the last save: what the file says now, so that a save can tell which
        indices a conversation's change touches."""

    async def start(self) -> Start:
        counters: dict[str, int] = dict(await self._writer.rows(SQL.counters))
        return Start(
            cursor=(counters.get("journal_row", 0), counters.get("journal_item", 0)),
            seq=counters.get("seq", 0),
            ref=counters.get("ref", 0),
            last_id=(await self._writer.rows(SQL.last_id))[0][0],
            agents=[rows.agent(row) for row in await self._writer.rows(SQL.agents)],
            numbers=[rows.number(row) for row in await self._writer.rows(SQL.numbers)],
            tokens=[TokenRow(*row) for row in await self._writer.rows(SQL.tokens)],
            covers=[Shift(*row) for row in await self._writer.rows(SQL.covers)],
            duties=[Duty(*row) for row in await self._writer.rows(SQL.duties)],
            turns=rows.turns(await self._writer.rows(SQL.turns)),
            teams=[row[0] for row in await self._writer.rows(SQL.teams)],
            loads=await self._writer.rows(SQL.loads),
        )

    async def due_alarms(
        self, now: Moment, limit: int
    ) -> Sequence[tuple[ConversationId, str, Moment]]:
        return await self._writer.rows(SQL.due_alarms, {"now": now, "limit": limit})

    async def held(self, agents: Iterable[AgentId]) -> Sequence[tuple[ConversationId, AgentId]]:
        return await self._writer.rows(SQL.held, {"agents": rows.encode(list(agents))})

    async def owed(self, now: Moment, limit: int) -> Sequence[Owed]:
        found = await self._writer.rows(SQL.owed, {"now": now, "limit": limit})
        return [rows.owed(row) for row in found]

    async def pages(self, page: PageRow) -> Sequence[PageRow]:
        asked = {"conversation": page.conversation, "since": page.since, "page": page.page}
        return [PageRow(*row) for row in await self._writer.rows(SQL.pages, asked)]

    async def unfinished_attempts(self, boot: str) -> Sequence[Attempt]:
        found = await self._writer.rows(SQL.unfinished_attempts, {"boot": boot})
        return [Attempt(*row) for row in found]

    # -- load --------------------------------------------------------------------------------

    async def load(self, wanted: Wanted) -> Loaded:
        return await whole(self._load(wanted))

    async def _load(self, wanted: Wanted) -> Loaded:
        loaded = Loaded()
        async with self._writer.reading() as connection:
            await inside(connection, lambda db: _Loading(db, loaded).load(wanted))
        self._stored.update(loaded.conversations)
        return loaded

    # -- save --------------------------------------------------------------------------------

    async def save(self, batch: Batch) -> None:
        stored, self._stored = self._stored, {}
        await self._writer.unit(lambda db: _Saving(db, batch, stored).save())

    async def find_room(self) -> None:
        await self._writer.find_room()

    async def rest(self) -> None:
        await self._writer.rest()

    # -- letting go --------------------------------------------------------------------------

    async def sweep(
        self,
        events_before: Moment,
        results_before: Moment,
        parked_before: Moment,
        journal_before: int,
    ) -> None:
        """Lets go of old events and answers, of what waited in vain, and of who old journal rows
        spoke of; in slices, so that nothing urgent waits long."""
        for sql, before in (
            (SQL.forget_events, events_before),
            (SQL.forget_results, results_before),
            (SQL.forget_bulks, results_before),
            (SQL.forget_parked, parked_before),
            (SQL.forget_subjects, journal_before),
        ):
            asked = {"before": before, "limit": SWEPT}
            while await self._writer.transaction(lambda c, s=sql, a=asked: fetch(c, s, a)):  # type: ignore[misc]  # bound at once
                pass


class _Loading:
    def __init__(self, connection: sqlite3.Connection, loaded: Loaded) -> None:
        self._connection = connection
        self._out = loaded

    def _find(self, sql: str, keys: Collection[object]) -> list[Row]:
        return found(self._connection, sql, {"keys": rows.encode(list(keys))}) if keys else []

    def load(self, wanted: Wanted) -> None:
        entries = wanted.entries | self._wamids(wanted)
        entries.update(row[0] for row in self._find(SQL.find_sids, wanted.sids))
        self._entries(entries)
        self._people(wanted)
        self._pages(wanted)
        self._out.newest.update(self._find(SQL.find_newest, wanted.newest))
        self._conversations(wanted)
        self._threads(wanted)
        self._customers()
        for row in self._find(SQL.find_results, wanted.commands):
            self._out.results[row[0]] = Result(*row)

    def _wamids(self, wanted: Wanted) -> set[EntryId]:
        """Marks where known messages stand; the entries that are wanted whole."""
        asked = wanted.wamids | wanted.marks
        whole_entries: set[EntryId] = set()
        for number, wamid, *mark in self._find(SQL.find_wamids, asked):
            key = (number, wamid)
            if mark[3] is not None:
                self._out.marks[key] = Mark(*mark)
            if key in wanted.wamids:
                self._out.wamids[key] = mark[0]
                whole_entries.add(mark[0])
        for number, wamid, fact in self._find(SQL.find_parked, wanted.wamids):
            self._out.parked.setdefault((number, wamid), []).append(rows.fact(fact))
        return whole_entries

    def _entries(self, ids: Collection[EntryId]) -> None:
        for row in self._find(SQL.find_entries, ids):
            entry = rows.entry(row)
            self._out.entries[entry.id] = entry
            if entry.wamid:
                self._out.wamids[entry.number, entry.wamid] = entry.id
            if entry.sid:
                self._out.sids[entry.sid] = entry.id

    def _people(self, wanted: Wanted) -> None:
        asked = set(wanted.identities)
        for peer in wanted.peers:
            if peer.person is not None:
                asked.update(peer.person.identities)
        keys = [(i.kind, i.value, i.scope) for i in asked]
        for kind, value, scope, own, *rest in self._find(SQL.find_people, keys):
            self._keep_customer(own, rows.customer(rest))
            self._out.identities[Identity(_KINDS[kind], value, scope)] = rest[0]
        holders = self._in_question(wanted)
        for kind, value, scope, root in self._find(SQL.find_ids_of, holders):
            self._out.identities[Identity(_KINDS[kind], value, scope)] = root

    def _in_question(self, wanted: Wanted) -> set[CustomerId]:
        """Who has the phone that somebody of an unknown id wrote from."""
        known = self._out.identities
        people = [peer.person.identities for peer in wanted.peers if peer.person is not None]
        strangers = [ids for ids in people if any(i not in known for i in ids)]
        return {known[i] for ids in strangers for i in ids if i in known}

    def _keep_customer(self, own: CustomerId, root: Customer) -> None:
        self._out.customers[own] = self._out.customers[root.id] = root

    def _pages(self, wanted: Wanted) -> None:
        """The latest pages of agents, whose conversations are wanted too."""
        for agent in wanted.paged:
            asked = {"agent": agent, "limit": MOST_PAGES}
            pages = [PageRow(*row) for row in found(self._connection, SQL.pages_of, asked)]
            self._out.pages[agent] = pages
            wanted.conversations.update(page.conversation for page in pages)

    def _conversations(self, wanted: Wanted) -> None:
        ids = wanted.conversations | {e.conversation for e in self._out.entries.values()}
        for row in self._find(SQL.find_conversations, ids):
            self._keep_conversation(rows.conversation(row))
        for row in self._find(SQL.find_refs, wanted.refs):
            found = rows.conversation(row)
            self._keep_conversation(found)
            self._out.refs[found.ref] = found.id

    def _keep_conversation(self, conversation: Conversation) -> None:
        self._out.conversations[conversation.id] = conversation

    def _threads(self, wanted: Wanted) -> None:
        """The threads of peers and conversations, and what a new message in each would meet."""
        people, groups = self._thread_keys(wanted)
        near = {c.thread for c in self._out.conversations.values()}
        for sql, keys in (
            (SQL.find_threads_of_customers, people),
            (SQL.find_threads_of_groups, groups),
            (SQL.find_threads, near),
        ):
            for row in self._find(sql, keys):
                self._keep_thread(Thread(*row))
        self._out.current.update(
            (c.thread, c.id) for c in self._out.conversations.values() if _unresolved(c)
        )
        # At most one of a thread is unresolved, so where one is here there is nothing to ask.
        for row in self._find(SQL.find_current, self._out.threads.keys() - self._out.current):
            current = rows.conversation(row)
            self._keep_conversation(current)
            self._out.current[current.thread] = current.id

    def _thread_keys(self, wanted: Wanted) -> tuple[set[tuple[str, int]], set[tuple[str, str]]]:
        people: set[tuple[str, int]] = set()
        groups: set[tuple[str, str]] = set()
        for peer in wanted.peers:
            if peer.group:
                groups.add((peer.number, peer.group))
            elif peer.person is not None:
                people.update(
                    (peer.number, self._out.identities[identity])
                    for identity in peer.person.identities
                    if identity in self._out.identities
                )
        return people, groups

    def _keep_thread(self, thread: Thread) -> None:
        self._out.threads[thread.id] = thread
        if thread.group:
            self._out.thread_of[thread.number, thread.group] = thread.id
        elif thread.customer is not None:
            self._out.thread_of[thread.number, thread.customer] = thread.id

    def _customers(self) -> None:
        named = {c.customer for c in self._out.conversations.values()}
        named.update(t.customer for t in self._out.threads.values())
        named.update(e.customer for e in self._out.entries.values())
        missing = {c for c in named if c is not None and c not in self._out.customers}
        for own, *rest in self._find(SQL.find_customers, missing):
            self._keep_customer(own, rows.customer(rest))


class _Saving:
    def __init__(
        self,
        connection: sqlite3.Connection,
        batch: Batch,
        stored: dict[ConversationId, Conversation],
    ) -> None:
        self._connection = connection
        self._batch = batch
        self._stored = stored

    def _put(self, sql: str, several: Iterable[Mapping[str, object]]) -> None:
        put(self._connection, sql, several)

    def save(self) -> None:
        self._desk()
        self._people()
        self._conversations()
        self._entries()
        self._sends()
        self._record()
        self._journal()

    def _desk(self) -> None:
        b = self._batch
        self._put(SQL.keep_number, map(rows.number_row, b.numbers.values()))
        self._put(SQL.keep_agent, map(rows.agent_row, b.agents.values()))
        self._put(SQL.keep_token, map(rows.token_row, b.tokens))
        self._put(SQL.add_cover, (rows.cover_row(cover, b.at) for cover in b.covers))
        self._put(SQL.add_duty, (rows.duty_row(duty, who, b.at) for duty, who in b.duties))
        self._put(SQL.add_turns, (rows.turns_row(turns, who, b.at) for turns, who in b.turns))
        opened = [{"name": name, "at": b.at} for name, there in b.teams.items() if there]
        self._put(SQL.open_team, opened)
        self._put(SQL.close_team, ({"name": n} for n, there in b.teams.items() if not there))
        bulks.save(self._connection, b.bulks)
        replies.save(self._connection, b.replies)
        templates.save(self._connection, b.templates)

    def _people(self) -> None:
        b = self._batch
        customers = [rows.customer_row(customer) for customer in b.customers.values()]
        merged = [row for row in customers if row["merged_into"] is not None]
        self._put(SQL.keep_customer, customers)
        people = ({"customer": c.id, "folded": known_as(c)} for c in b.customers.values())
        self._put(SQL.keep_person_text, people)
        self._put(SQL.remember_merge, merged)
        self._put(SQL.follow_merge, merged)
        self._put(SQL.hand_threads_over, merged)
        lost = ({**_identity(identity), "at": b.at} for identity in b.superseded)
        self._put(SQL.supersede_identity, lost)
        linked = ({**_identity(identity), "customer": who} for identity, who in b.identities)
        self._put(SQL.link_identity, linked)
        self._put(SQL.add_thread, map(rows.thread_row, b.threads))
        parted = [{"customer": who} for who, _, _ in b.parted]
        self._put(SQL.part_customers, parted)
        self._put(SQL.part_threads, parted)

    def _conversations(self) -> None:
        b = self._batch
        changed = list(b.conversations.values())
        light, given, full = self._by_weight(changed)
        # The resolved go first: each makes room for the one that opens in its thread.
        full.sort(key=_unresolved)
        self._put(SQL.touch_conversation, map(rows.conversation_row, light))
        self._put(SQL.assign_conversation, map(rows.conversation_row, given))
        self._put(SQL.change_conversation, map(rows.conversation_row, full))
        opened = sorted(b.opened, key=_unresolved)
        self._put(SQL.add_conversation, map(rows.conversation_row, opened))
        self._tags([*full, *opened])
        self._put(SQL.keep_page, map(rows.page_row, b.pages))
        moved = [{"source": source, "target": target} for source, target in b.moved_threads]
        self._put(SQL.remember_moved, moved)
        self._put(SQL.move_entries, moved)
        self._put(SQL.move_conversations, moved)
        parted = [{"customer": c, "own": own, "shared": s} for c, own, s in b.parted]
        self._put(SQL.part_entries, parted)
        self._put(SQL.part_conversations, parted)
        self._put(SQL.forget_merge, parted)

    def _by_weight(
        self, changed: Iterable[Conversation]
    ) -> tuple[list[Conversation], list[Conversation], list[Conversation]]:
        """Those of which no index knows what changed, those that only changed hands, the others."""
        light: list[Conversation] = []
        given: list[Conversation] = []
        full: list[Conversation] = []
        for c in changed:
            stored = self._stored.get(c.id)
            if stored is None or _indexed(stored) != _indexed(c):
                full.append(c)
            else:
                (light if stored.assignee == c.assignee else given).append(c)
        return light, given, full

    def _tags(self, conversations: Iterable[Conversation]) -> None:
        gone: list[dict[str, object]] = []
        new: list[dict[str, object]] = []
        for c in conversations:
            stored = self._stored.get(c.id)
            before = stored.tags if stored else frozenset()
            if before - c.tags:
                gone.append({"conversation": c.id, "tags": rows.encode(before - c.tags)})
            new.extend({"conversation": c.id, "tag": tag} for tag in c.tags - before)
        self._put(SQL.forget_tags, gone)
        self._put(SQL.add_tag, new)

    def _entries(self) -> None:
        b = self._batch
        new = [e for e in b.entries.values() if e.id in b.new_entries]
        changed = [e for e in b.entries.values() if e.id not in b.new_entries]
        self._put(SQL.add_entry, map(rows.entry_row, new))
        self._put(SQL.change_entry, map(rows.entry_row, changed))
        further = ({"number": n, "wamid": w, "entry": e} for n, w, e in b.also_wamids)
        self._put(SQL.add_wamid, further)
        moved = ({"id": e, "delivery": d.value, "at": at} for e, (d, at) in b.deliveries.items())
        self._put(SQL.move_delivery, moved)
        self._put(SQL.keep_price, self._prices())
        known = {e.id for e in changed}
        texts = ({"entry": e.id, "folded": folded(e)} for e in b.entries.values())
        self._put(SQL.keep_text, (t for t in texts if t["folded"] or t["entry"] in known))

    def _prices(self) -> Iterable[Mapping[str, object]]:
        told = {(p.number, p.wamid): p for p in self._batch.prices}
        for (number, wamid), p in told.items():
            yield {
                "number": number,
                "wamid": wamid,
                "category": p.category,
                "billing": p.billing,
            }

    def _sends(self) -> None:
        b = self._batch
        self._put(SQL.keep_attempt, map(rows.attempt_row, b.attempts))
        self._put(SQL.pay, ({"kind": kind, "key": key} for kind, key in b.paid))
        self._put(SQL.owe, map(rows.owed_row, b.owed))
        rang = ({"conversation": c, "reason": r, "due": due} for c, r, due in b.rang)
        self._put(SQL.alarm_rang, rang)
        wakes = [{"conversation": c, "reason": r, "due": due} for c, r, due in b.wakes]
        self._put(SQL.forget_alarm, (w for w in wakes if w["due"] is None))
        self._put(SQL.set_alarm, (w for w in wakes if w["due"] is not None))

    def _record(self) -> None:
        b = self._batch
        self._put(SQL.add_history, map(rows.history_row, b.history))
        audit.append(self._connection, b.audit)
        self._put(SQL.add_event, map(rows.event_row, b.events))
        self._put(SQL.keep_result, map(rows.result_row, b.results))

    def _journal(self) -> None:
        b = self._batch
        self._put(SQL.unpark, ({"number": n, "wamid": w} for n, w in b.unparked))
        parked = (
            {"number": n, "wamid": w, "fact": rows.fact_text(fact), "at": at}
            for n, w, fact, at in b.parked
        )
        self._put(SQL.park, parked)
        self._put(SQL.set_aside, map(rows.quarantined_row, b.quarantined))
        self._put(SQL.release, ({"journal": j, "path": p} for j, p in b.released))
        self._put(SQL.add_subject, ({"journal": j, "subject": s} for j, s in b.subjects))
        self._put(SQL.keep_counter, self._counters())

    def _counters(self) -> Iterable[Mapping[str, object]]:
        b = self._batch
        if b.refs is not None:
            yield {"name": "ref", "value": b.refs}
        if b.events:
            yield {"name": "seq", "value": b.events[-1].seq}
        if b.cursor is not None:
            yield {"name": "journal_row", "value": b.cursor[0]}
            yield {"name": "journal_item", "value": b.cursor[1]}


def folded(entry: Entry) -> str:
    """What search finds an entry by; nothing once its writer took it back."""
    return "" if entry.revoked_at is not None else fold(rows.searchable(entry.content))


def known_as(customer: Customer) -> str:
    """What search finds a person by."""
    return fold(f"{customer.name} {customer.username} {customer.phone} {customer.user_id}")


def _unresolved(conversation: Conversation) -> bool:
    return conversation.status is not Status.RESOLVED


def _indexed(c: Conversation) -> tuple[object, ...]:
    """The columns that `touch_conversation` and `assign_conversation` leave alone."""
    return (
        c.sort_key,
        c.status,
        c.team,
        c.language,
        c.flags,
        c.tags,
        c.mentions,
        c.thread,
        c.customer,
        c.merged_into,
    )


def _identity(identity: Identity) -> dict[str, object]:
    return {"kind": identity.kind.value, "value": identity.value, "scope": identity.scope}
