"""Loading what a batch touches, and keeping what came of it wholly or not at all."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from tests.relay.store.making import NOW, NUMBER, person, phone, says

from wainbox_relay.contract.vocabulary import DAY, Delivery, Flag, Role, Status
from wainbox_relay.domain.facts import DeliveryReported, Peer, Person
from wainbox_relay.domain.model import Agent, Customer, Thread
from wainbox_relay.ports import (
    Attempt,
    AuditRow,
    Batch,
    HistoryRow,
    Owed,
    Quarantined,
    Result,
    StoredEvent,
    StoreFull,
    TokenRow,
    Wanted,
)
from wainbox_relay.store import Stores, open_stores


async def kept(stores: Stores, *nths: int, **facts: object):
    batch = Batch(at=NOW)
    cases = [person(batch, nth, **facts) for nth in nths]
    await stores.store.save(batch)
    return cases


async def count(stores: Stores, table: str) -> int:
    return (await stores.main_writer.rows(f"SELECT count(*) FROM {table}"))[0][0]


async def test_a_batch_finds_everything_its_facts_may_touch(stores: Stores):
    """People lead to threads and the conversation a new message would meet; keys to the rest."""
    amina, karim = await kept(stores, 1, 2)
    wanted = Wanted(
        peers=[Peer(NUMBER, Person((phone(1),))), Peer(NUMBER, Person((phone(99),)))],
        wamids={(NUMBER, "wamid.24"), (NUMBER, "wamid.unknown")},
        refs={amina.ref, 4711},
    )
    loaded = await stores.store.load(wanted)
    assert loaded.identities == {phone(1): 11}
    assert loaded.thread_of == {(NUMBER, 11): 12, (NUMBER, 21): 22}
    assert loaded.current == {12: amina.id, 22: karim.id}
    assert loaded.conversations == {amina.id: amina, karim.id: karim}
    assert loaded.wamids == {(NUMBER, "wamid.24"): 24}
    assert loaded.entries[24].conversation == karim.id
    assert set(loaded.customers) == {11, 21}
    assert loaded.refs == {amina.ref: amina.id}


async def test_groups_have_threads_of_their_own(stores: Stores):
    """A group's thread is found by its id, on its number only."""
    await stores.store.save(Batch(at=NOW, threads=[Thread(5, NUMBER, None, "g1")]))
    asked = [Peer(NUMBER, Person((phone(1),)), "g1"), Peer("other", None, "g1")]
    loaded = await stores.store.load(Wanted(peers=asked))
    assert loaded.thread_of == {(NUMBER, "g1"): 5}


async def test_a_resolved_conversation_is_met_until_a_newer_one_is_open(stores: Stores):
    """The unresolved conversation of a thread is the current one, else the newest."""
    [old] = await kept(stores, 1, status=Status.RESOLVED, resolved_at=NOW)
    assert (await stores.store.load(Wanted(conversations={old.id}))).current == {12: old.id}
    new = replace(old, id=15, ref=5000, status=Status.OPEN, resolved_at=None)
    await stores.store.save(Batch(at=NOW, opened=[new]))
    loaded = await stores.store.load(Wanted(conversations={old.id}))
    assert loaded.current == {12: 15}
    assert set(loaded.conversations) == {old.id, 15}


async def test_the_file_itself_forbids_two_unresolved_conversations_of_one_thread(stores: Stores):
    """Whatever the code above believes, a second open conversation is refused, and nothing of the
    batch is kept."""
    [case] = await kept(stores, 1)
    twin = replace(case, id=77, ref=5000)
    with pytest.raises(sqlite3.IntegrityError):
        await stores.store.save(Batch(at=NOW, opened=[twin], cursor=(9, 0)))
    assert (await stores.store.start()).cursor == (0, 0)
    assert not stores.main_writer.connection.in_transaction


async def test_closing_one_makes_room_for_another_in_the_same_batch(stores: Stores):
    """A batch may close a thread's conversation, reopen another and open none too many."""
    [first] = await kept(stores, 1)
    closed = replace(first, status=Status.RESOLVED, resolved_at=NOW, version=1)
    second = replace(first, id=15, ref=5000)
    await stores.store.save(Batch(at=NOW, conversations={first.id: closed}, opened=[second]))
    swapped = {
        second.id: replace(first, status=Status.OPEN, version=2),
        first.id: replace(second, status=Status.RESOLVED, version=2),
    }
    await stores.store.save(Batch(at=NOW, conversations=swapped))
    loaded = await stores.store.load(Wanted(conversations={first.id}))
    assert loaded.current == {12: first.id}


async def test_a_light_change_keeps_what_it_does_not_write(stores: Stores):
    """A conversation loaded and changed comes back whole, whether or not its place moved."""
    [case] = await kept(stores, 1, tags=frozenset({"vip"}), flags=frozenset({Flag.LATE}))
    for changed in (
        replace(case, unread=5, version=1),
        replace(case, unread=6, version=2, tags=frozenset({"new"}), sort_key=99, assignee="nadia"),
        replace(case, unread=7, version=3, tags=frozenset()),
    ):
        await stores.store.load(Wanted(conversations={case.id}))
        await stores.store.save(Batch(at=NOW, conversations={case.id: changed}))
        found = await stores.store.load(Wanted(conversations={case.id}))
        assert found.conversations[case.id] == changed
        tags = await stores.main_writer.rows("SELECT tag FROM conversation_tags")
        assert {tag for (tag,) in tags} == changed.tags


async def test_merged_customers_lead_to_their_root(stores: Stores):
    """Both ids give the root, through chains too; threads on other numbers come along."""
    await kept(stores, 1)
    await kept(stores, 2, number="other")
    await kept(stores, 3)
    two = Customer(21, NOW, name="Two", merged_into=11)
    await stores.store.save(Batch(at=NOW, customers={21: two}))
    one = Customer(11, NOW, name="One", merged_into=31)
    await stores.store.save(Batch(at=NOW, customers={11: one}))
    loaded = await stores.store.load(Wanted(peers=[Peer("other", Person((phone(2),)))]))
    assert loaded.identities == {phone(2): 31}
    assert loaded.customers[21].id == 31
    assert loaded.thread_of == {("other", 31): 22}


async def test_a_merge_moves_entries_and_cases_to_the_other_thread(stores: Stores):
    """Afterwards everything of the thread that was merged hangs on the survivor's."""
    one, two = await kept(stores, 1, 2)
    gone = replace(two, status=Status.RESOLVED, merged_into=one.id, version=1)
    batch = Batch(at=NOW, conversations={two.id: gone}, moved_threads=[(22, 12)])
    await stores.store.save(batch)
    loaded = await stores.store.load(Wanted(entries={24}))
    assert loaded.entries[24].thread == 12
    assert loaded.conversations[two.id].thread == 12
    assert loaded.current == {12: one.id}


async def test_an_identity_changes_hands_once_its_holder_lost_it(stores: Stores):
    """A superseded identity stays on record and can be linked to somebody new."""
    await kept(stores, 1)
    newcomer = Customer(50, NOW, number_reused=True)
    batch = Batch(at=NOW, customers={50: newcomer}, superseded=[phone(1)])
    batch.identities.append((phone(1), 50))
    await stores.store.save(batch)
    loaded = await stores.store.load(Wanted(identities={phone(1)}))
    assert loaded.identities == {phone(1): 50}
    assert await count(stores, "identities") == 2


async def test_one_wamid_is_one_entry_for_each_number(stores: Stores):
    """The same WhatsApp id may come on two of our numbers, never twice on one."""
    [case] = await kept(stores, 1)
    batch = Batch(at=NOW)
    says(batch, case, 900, "again", NOW, wamid="wamid.14", number="other")
    await stores.store.save(batch)
    batch = Batch(at=NOW)
    says(batch, case, 901, "again", NOW, wamid="wamid.14")
    with pytest.raises(sqlite3.IntegrityError):
        await stores.store.save(batch)


async def test_ticks_move_without_their_conversation(stores: Stores):
    """A tick is found by any wamid of its message, and moves by itself; prices are kept."""
    [case] = await kept(stores, 1)
    batch = Batch(at=NOW, also_wamids=[(NUMBER, "wamid.second", 900)])
    says(batch, case, 900, "sent", NOW, wamid="wamid.first", sid="s" * 32, delivery=Delivery.SENT)
    await stores.store.save(batch)
    marks = {(NUMBER, "wamid.first"), (NUMBER, "wamid.second"), (NUMBER, "wamid.14")}
    loaded = await stores.store.load(Wanted(marks=marks))
    assert {key: mark.entry for key, mark in loaded.marks.items()} == {
        (NUMBER, "wamid.first"): 900,
        (NUMBER, "wamid.second"): 900,
    }
    assert not loaded.conversations
    price = DeliveryReported(NUMBER, "wamid.first", Delivery.READ, NOW, category="utility")
    moved = Batch(at=NOW, deliveries={900: (Delivery.READ, NOW + 5)}, prices=[price])
    await stores.store.save(moved)
    entry = (await stores.store.load(Wanted(sids={"s" * 32}))).entries[900]
    assert (entry.delivery, entry.delivery_at) == (Delivery.READ, NOW + 5)
    [(category,)] = await stores.main_writer.rows(
        "SELECT price_category FROM entries WHERE id = 900"
    )
    assert category == "utility"


async def test_what_waits_for_a_message_is_found_with_it_and_let_go(stores: Stores):
    """Parked facts come in the order they came, and go once they were applied."""
    facts = [DeliveryReported(NUMBER, "w", d, NOW) for d in (Delivery.SENT, Delivery.READ)]
    batch = Batch(at=NOW, parked=[(NUMBER, "w", fact, NOW) for fact in facts])
    await stores.store.save(batch)
    assert (await stores.store.load(Wanted(wamids={(NUMBER, "w")}))).parked == {
        (NUMBER, "w"): facts
    }
    await stores.store.save(Batch(at=NOW, unparked=[(NUMBER, "w")]))
    assert not (await stores.store.load(Wanted(wamids={(NUMBER, "w")}))).parked


async def test_the_outbox_gives_wishes_in_the_order_they_were_made(stores: Stores):
    """Owing again moves the due time and keeps the place; paying ends it."""
    first, second = (Owed("send", sid, NOW, NUMBER, 12) for sid in ("b", "a"))
    await stores.store.save(Batch(at=NOW, owed=[first, second]))
    later = replace(first, due=NOW + 5, tries=1, body={"x": 1})
    await stores.store.save(Batch(at=NOW, owed=[later]))
    assert await stores.store.owed(NOW + 5, 10) == [later, second]
    assert await stores.store.owed(NOW, 10) == [second]
    await stores.store.save(Batch(at=NOW, paid=[("send", "b")]))
    assert await stores.store.owed(NOW + 5, 10) == [second]


async def test_attempts_of_an_earlier_run_are_found(stores: Stores):
    """Only those still sending, and not of this run."""
    mine, theirs = (Attempt("s" * 32, n, "sending", boot, NOW) for n, boot in ((1, "a"), (2, "b")))
    ended = Attempt("t" * 32, 1, "accepted", "b", NOW, "wamid.1")
    await stores.store.save(Batch(at=NOW, attempts=[mine, theirs, ended]))
    assert await stores.store.unfinished_attempts("a") == [theirs]
    await stores.store.save(Batch(at=NOW, attempts=[replace(theirs, state="unconfirmed")]))
    assert await stores.store.unfinished_attempts("a") == []


async def test_alarms_ring_once(stores: Stores):
    """An alarm set again replaces itself; one that rang, or was called off, is gone."""
    await stores.store.save(Batch(at=NOW, wakes=[(1, "wake", NOW + 9), (2, "wake", NOW + 1)]))
    await stores.store.save(Batch(at=NOW, wakes=[(1, "wake", NOW)]))
    assert await stores.store.due_alarms(NOW + 1, 9) == [(1, "wake", NOW), (2, "wake", NOW + 1)]
    moved = Batch(at=NOW, rang=[(1, "wake", NOW), (2, "wake", NOW)], wakes=[(3, "x", None)])
    await stores.store.save(moved)
    assert await stores.store.due_alarms(NOW + 1, 9) == [(2, "wake", NOW + 1)]
    await stores.store.save(Batch(at=NOW, wakes=[(2, "wake", None)]))
    assert await stores.store.due_alarms(NOW + 1, 9) == []


async def test_answers_to_commands_are_found_again(stores: Stores):
    """The same command meets the answer it was given."""
    answer = Result("c" * 32, "digest", "nadia", b"{}", NOW)
    await stores.store.save(Batch(at=NOW, results=[answer]))
    loaded = await stores.store.load(Wanted(commands={"c" * 32, "d" * 32}))
    assert loaded.results == {"c" * 32: answer}


async def test_a_new_start_knows_where_things_stood(stores: Stores):
    """Cursor, event number, reference, ids, agents and tokens outlive the process."""
    [case] = await kept(stores, 7)
    nadia = Agent("nadia", "Nadia", Role.AGENT, frozenset({"returns"}))
    token = TokenRow("pub", "nadia", "hash", NOW)
    batch = Batch(at=NOW, agents={"nadia": nadia}, tokens=[token], cursor=(4, 2))
    batch.events = [StoredEvent(n, NOW, "card", case.id, b"{}") for n in (1, 2)]
    await stores.store.save(batch)
    await stores.close()
    async with await open_stores(stores.folder, quick_check=True) as again:
        start = await again.store.start()
        assert (start.cursor, start.seq, start.ref) == ((4, 2), 2, case.ref)
        assert start.last_id == 74
        assert (list(start.agents), list(start.tokens)) == ([nadia], [token])
        assert again.installation_key == stores.installation_key


async def test_a_full_disk_keeps_nothing_and_heals(stores: Stores):
    """With no room left nothing of a batch is kept and nothing is broken; with room it goes on."""
    writer = stores.main_writer
    [(pages,)] = await writer.rows("PRAGMA page_count")
    await writer.rows(f"PRAGMA max_page_count = {pages + 2}")
    big = Batch(at=NOW, events=[StoredEvent(1, NOW, "card", None, b"x" * 200_000)], cursor=(3, 0))
    with pytest.raises(StoreFull):
        await stores.store.save(big)
    assert not writer.connection.in_transaction
    assert (await stores.store.start()).cursor == (0, 0)
    await writer.rows("PRAGMA max_page_count = 1000000")
    await stores.store.save(big)
    assert (await stores.store.start()).cursor == (3, 0)
    assert await writer.rows("PRAGMA integrity_check") == [("ok",)]


async def test_a_caller_that_gives_up_leaves_no_transaction_open(stores: Stores):
    """Cancelled at any moment, a save is there wholly or not at all, and the next one works."""
    for turn in range(1, 25):
        batch = Batch(at=NOW, cursor=(turn, 0))
        person(batch, turn)
        saving = asyncio.ensure_future(stores.store.save(batch))
        for _ in range(turn):
            await asyncio.sleep(0)
        saving.cancel()
        saving.cancel()
        await asyncio.wait({saving})
        assert not stores.main_writer.connection.in_transaction
        there = await stores.store.load(Wanted(refs={1000 + turn}))
        assert (await stores.store.start()).cursor[0] == turn or not there.refs
    await stores.store.save(Batch(at=NOW, cursor=(99, 0)))
    assert (await stores.store.start()).cursor == (99, 0)


async def test_the_rest_of_a_batch_is_kept_with_it(stores: Stores):
    """History, audit, quarantine and who a journal row speaks of go in the same transaction."""
    batch = Batch(at=NOW)
    batch.history.append(HistoryRow(1, NOW, "@nadia", "assigned", {"agent": "nadia"}))
    batch.audit.append(AuditRow(NOW, "@nadia", "claim", "W-1", {}))
    batch.quarantined.append(Quarantined(5, "entry[0]", "no id", NOW))
    batch.subjects += [(5, "hash"), (5, "hash")]
    await stores.store.save(batch)
    for table in ("history", "audit", "quarantine", "journal_subjects"):
        assert await count(stores, table) == 1


async def test_old_events_answers_and_bodies_are_let_go(stores: Stores):
    """What retention no longer keeps goes, in slices; the stream's position stays."""
    batch = Batch(at=NOW)
    batch.events = [
        StoredEvent(n, NOW - (1200 - n) * DAY, "card", None, b"{}") for n in range(1, 1201)
    ]
    batch.results = [Result(f"{n}", "d", "a", b"", NOW - n * DAY) for n in range(3)]
    batch.subjects = [(row, "hash") for row in (1, 2, 3)]
    await stores.store.save(batch)
    await stores.journal.append([(NOW - 9 * DAY, b"a"), (NOW - 8 * DAY, b"b"), (NOW, b"c")])
    await stores.sweep(
        journal_before=NOW - DAY, events_before=NOW - 10 * DAY, results_before=NOW - DAY
    )
    assert await stores.reads.oldest_seq() == 1190
    assert await count(stores, "results") == 2
    assert await count(stores, "journal_subjects") == 1
    assert [body.raw for body in await stores.journal.after(0, 9)] == [b"c"]
    await stores.sweep(journal_before=NOW, events_before=NOW + DAY, results_before=NOW)
    assert await stores.reads.oldest_seq() == 1201
    assert (await stores.store.start()).seq == 1200


async def test_a_rest_moves_the_log_into_the_file_once_it_is_worth_it(stores: Stores, tmp_path):
    """Few changes wait in the log; many are moved while nobody waits, so that no commit has to."""
    file, copy = stores.folder / "main.sqlite3", tmp_path / "alone"
    before = file.read_bytes()
    await kept(stores, 1)
    await stores.store.rest()
    assert file.read_bytes() == before

    await kept(stores, *range(2, 302))
    await stores.store.rest()
    copy.write_bytes(file.read_bytes())
    with closing(sqlite3.connect(copy)) as alone:
        assert alone.execute("SELECT count(*) FROM conversations").fetchone() == (301,)
