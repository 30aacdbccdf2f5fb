"""Fills a database with a big desk, fast: `python -m bench.seed FOLDER [CONVERSATIONS [MESSAGES]]`.

Rows go straight into the tables of a closed store, with the indices made afterwards; the figures
(owners, languages, statuses, tags) are what a busy desk might have. One conversation, the most
pressing of all, holds `LONG` messages.
"""

import asyncio
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from wainbox_relay.contract.content import Text
from wainbox_relay.contract.folding import fold
from wainbox_relay.contract.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Direction,
    Flag,
    Kind,
    Priority,
    Role,
    Status,
)
from wainbox_relay.domain.model import Agent, Conversation, Customer, LastMessage, Number, Thread
from wainbox_relay.domain.rules.rank import sort_key
from wainbox_relay.sandbox.people import ATLAS, RIYADH
from wainbox_relay.store import open_stores, rows
from wainbox_relay.store.queries import SQL
from wainbox_relay.store.sqlite import known_as

NOW = 1_795_000_000 * SECOND
AGENTS = tuple(f"agent{n:02}" for n in range(50))
TEAMS = ("returns", "orders", "delivery", "technical", "billing")
LANGUAGES = ("ar", "ar", "ar", "fr", "fr", "en", "ar-Latn")
NUMBERS = (ATLAS.id, RIYADH.id)
ON_FIRST = 90_000
"""So many conversations are with the first number, the rest with the second."""
LONG = 20_000
TAGS = tuple(f"tag{n}" for n in range(20))
RARE_TAG = "rare"
WORDS = {
    "ar": "السلام عليكم أريد معرفة أين وصل الطلب رقم شكرا لكم متى يصل المنتج إلى الدار البيضاء من"
    " فضلكم هل يمكن استرجاع المبلغ القميص صغير جدا لم أستلم أي رسالة",
    "fr": "bonjour je voudrais savoir où est ma commande merci beaucoup quand arrive le colis à"
    " Casablanca est-ce possible de rembourser la chemise trop petite pas reçu de message",
    "en": "hello I would like to know where my order is thank you when does the parcel arrive in"
    " Dubai can I get a refund the shirt is too small did not receive any message",
}
FIRST = ("Amina", "Youssef", "Nadia", "Karim", "Salma", "أمينة", "يوسف", "Fatima", "Omar", "Layla")
LAST = ("Benali", "El Fassi", "Haddad", "الإدريسي", "Mansour", "Cherkaoui", "Saidi", "Alaoui")


def seed(path: Path, conversations: int = 100_000, messages: int = 1_000_000) -> None:
    """Fills the (closed, migrated, empty) main database at `path`."""
    dice = random.Random(7)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -200000")
    later = _take_off_indices(db)
    db.execute("BEGIN")
    _desk(db)
    texts = [(text, fold(text)) for text in (_text(dice) for _ in range(20_000))]
    last_id = _people(db, dice, conversations, messages, texts)
    counters = {"ref": 1000 + conversations, "seq": 0}
    _many(db, SQL.keep_counter, [{"name": n, "value": v} for n, v in counters.items()])
    for sql in later:
        db.execute(sql)
    for index in ("search", "people"):
        # What is built at once lies in large pieces where a relay only ever puts small ones, and
        # the first messages would pay for merging them.
        for step in ("rebuild", "optimize"):
            db.execute(f"INSERT INTO {index} ({index}) VALUES ('{step}')")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    assert last_id > 0


def _take_off_indices(db: sqlite3.Connection) -> list[str]:
    """Drops indices and triggers; gives the statements that make them again."""
    kept = db.execute(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    ).fetchall()
    for kind, name, _ in kept:
        db.execute(f"DROP {kind} {name}")
    return [sql for _, _, sql in kept]


def _desk(db: sqlite3.Connection) -> None:
    numbers = [Number(id=n, name=f"Shop {at}", phone="") for at, n in enumerate(NUMBERS)]
    _many(db, SQL.keep_number, map(rows.number_row, numbers))
    agents = [
        Agent(id=a, name=a.title(), role=Role.AGENT, teams=frozenset({TEAMS[n % len(TEAMS)]}))
        for n, a in enumerate(AGENTS)
    ]
    _many(db, SQL.keep_agent, map(rows.agent_row, agents))


def _people(db, dice: random.Random, conversations: int, messages: int, texts) -> int:
    each = messages // conversations
    for first in range(0, conversations, 2_000):
        batch = range(first, min(first + 2_000, conversations))
        people = [_customer(dice, nth) for nth in batch]
        _many(db, SQL.keep_customer, map(rows.customer_row, people))
        known = [{"customer": c.id, "folded": known_as(c)} for c in people]
        _many(db, "INSERT INTO people_texts VALUES (:customer, :folded)", known)
        identities = [
            (kind, value, "", c.id)
            for c in people
            for kind, value in (("phone", c.phone), ("bsuid", c.user_id))
        ]
        db.executemany("INSERT INTO identities VALUES (?, ?, ?, ?, NULL)", identities)
        threads = [Thread(nth * 1000 + 2, number_of(nth), nth * 1000 + 1) for nth in batch]
        _many(db, SQL.add_thread, map(rows.thread_row, threads))
        cases = [_conversation(dice, nth, LONG if nth == 0 else each, texts) for nth in batch]
        _many(db, SQL.add_conversation, map(rows.conversation_row, cases))
        tags = [{"tag": tag, "conversation": c.id} for c in cases for tag in c.tags]
        _many(db, "INSERT INTO conversation_tags VALUES (:tag, :conversation)", tags)
        entries, folded = [], []
        for case in cases:
            for row, text in _entries(dice, case, case.version, texts):
                entries.append(row)
                folded.append((row[0], text))
        marks = ", ".join("?" * len(rows.ENTRY_COLUMNS))
        columns = ", ".join(rows.ENTRY_COLUMNS)
        db.executemany(f"INSERT INTO entries ({columns}) VALUES ({marks})", entries)
        db.executemany("INSERT INTO texts VALUES (?, ?)", folded)
    return conversations * 1000


def number_of(nth: int) -> str:
    return NUMBERS[nth >= ON_FIRST]


def sent(conversations: int, messages: int) -> list[str]:
    """Our newest message in each conversation with the first number: accepted, not sent yet."""
    nth = _newest_out(messages // conversations)
    return [_wamid(entry_id(n, nth)) for n in range(1, min(conversations, ON_FIRST))]


def _newest_out(each: int) -> int:
    return max(n for n in range(each - 1) if n % 3 == 2)


def _wamid(entry: int) -> str:
    return f"wamid.HBgMMjEyNjAwMDAwMDAwFQIAEhgU{entry:016X}AA=="


def entry_id(conversation: int, nth: int) -> int:
    """Conversations take turns, as in life: a thread's entries lie far apart in the file."""
    return ((nth + 1) << 32) + conversation


def _text(dice: random.Random) -> str:
    words = WORDS[dice.choice(("ar", "ar", "fr", "en"))].split()
    return " ".join(dice.choices(words, k=dice.randint(3, 15)))


def _customer(dice: random.Random, nth: int) -> Customer:
    return Customer(
        id=nth * 1000 + 1,
        created_at=NOW - 30 * DAY,
        name=f"{dice.choice(FIRST)} {dice.choice(LAST)}",
        phone=f"2126{nth:08}",
        user_id=f"MA.{nth:015}",
        vip=dice.random() < 0.02,
    )


def _conversation(dice: random.Random, nth: int, each: int, texts) -> Conversation:
    at = NOW - (4 * DAY if nth == 0 else dice.randrange(3 * DAY))
    status = dice.choices(
        (Status.OPEN, Status.WAITING, Status.SNOOZED, Status.BOT), (55, 30, 10, 5)
    )[0]
    ours = status is Status.OPEN and dice.random() < 0.7
    tags = frozenset(dice.sample(TAGS, dice.choice((0, 0, 0, 1, 2))))
    if nth % 1000 == 0:
        tags |= {RARE_TAG}
    plain = Conversation(
        id=nth * 1000 + 3,
        ref=1000 + nth,
        number=number_of(nth),
        thread=nth * 1000 + 2,
        customer=nth * 1000 + 1,
        opened_at=at - HOUR,
        status=status,
        flags=frozenset({dice.choice((Flag.LATE, Flag.REOPENED))})
        if dice.random() < 0.05
        else frozenset(),
        priority=dice.choices(tuple(Priority), (10, 80, 8, 2))[0],
        language=dice.choice(LANGUAGES),
        team=dice.choice((*TEAMS, None)),
        assignee=dice.choice(AGENTS) if dice.random() < 0.6 else None,
        tags=tags,
        waiting_since=at if ours else None,
        last_in_at=at,
        last_in=entry_id(nth, each - 1),
        last=LastMessage(
            id=entry_id(nth, each - 1),
            at=at,
            direction=Direction.IN,
            kind=Kind.TEXT,
            text=dice.choice(texts)[0],
        ),
        unread=dice.randrange(4) if ours else 0,
        snoozed_until=NOW + HOUR if status is Status.SNOOZED else None,
        version=each,
    )
    if nth == 0:
        plain = replace(plain, status=Status.OPEN, waiting_since=at, priority=Priority.URGENT)
    return replace(plain, sort_key=sort_key(plain))


def _entries(dice: random.Random, case: Conversation, each: int, texts) -> Iterator:
    newest_out = _newest_out(each)
    for nth in range(each):
        id_ = entry_id(case.ref - 1000, nth)
        text, folded = texts[dice.randrange(len(texts))]
        at = case.last_in_at - (each - 1 - nth) * MINUTE
        out = nth % 3 == 2 and nth < each - 1
        delivery = "accepted" if nth == newest_out else "read"
        yield (
            (
                id_,
                case.thread,
                case.id,
                case.number,
                "out" if out else "in",
                Text(body=text).model_dump_json(),
                at,
                at + SECOND,
                _wamid(id_),
                f"{id_:032x}" if out else None,
                None if out else case.customer,
                "agent01" if out else "",
                delivery if out else None,
                at + 5 * SECOND if out else None,
                1 if out else 0,
                None,
                None,
                None,
                None,
                0,
                0,
                None,
                None,
                0,
                "",
                None,
                None,
                "",
                "",
                None,
                None,
                "",
            ),
            folded,
        )


def _many(db: sqlite3.Connection, sql: str, several) -> None:
    db.executemany(sql, several)


async def _prepare(folder: Path) -> None:
    async with await open_stores(folder):
        pass


if __name__ == "__main__":
    where = Path(sys.argv[1])
    sizes = [int(arg) for arg in sys.argv[2:]]
    asyncio.run(_prepare(where))
    began = time.monotonic()
    seed(where / "main.sqlite3", *sizes)
    print(f"seeded in {time.monotonic() - began:.1f} s")
