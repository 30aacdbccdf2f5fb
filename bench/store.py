"""Measures the store on a seeded desk: `python -m bench.store FOLDER` (see `bench/seed.py`)."""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from bench.seed import NUMBERS, entry_id, number_of
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.filters import Viewer, parse
from wainbox_relay.contract.vocabulary import (
    SECOND,
    Delivery,
    Direction,
    IdentityKind,
    Kind,
    TeamId,
)
from wainbox_relay.domain.facts import Peer, Person
from wainbox_relay.domain.model import Entry, Identity, LastMessage
from wainbox_relay.domain.rules.rank import sort_key
from wainbox_relay.ports import Batch, HistoryRow, StoredEvent, Wanted
from wainbox_relay.store import Stores, open_stores

FILTERS = (
    "-status:resolved",
    "assignee:agent07 status:open,waiting,bot",
    "assignee:nobody status:open",
    "team:returns",
    "team:mine status:open,waiting,bot",
    "lang:fr",
    "status:waiting",
    "status:snoozed",
    "tag:tag3",
    "tag:rare",
    "tag:nothing",
    "team:returns lang:fr tag:tag3",
    "priority:urgent",
    "is:late",
    "is:ours",
    "is:theirs",
    "standing:theirs",
    f"number:{NUMBERS[1]}",
    "status:resolved",
    "",
)
SEARCHES = ("الطلب", "commande", "casablanca", "refund order", "كولونيا", "amina", "212600012345")


async def measure(name: str, act: Callable[[], Awaitable[object]], times: int = 30) -> None:
    await act()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await act()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    print(f"{name:<48} {statistics.median(took):8.2f} {took[int(len(took) * 0.99)]:8.2f}")


async def reads(stores: Stores, limit: int) -> None:
    viewer = Viewer("agent07", frozenset({TeamId("returns"), TeamId("orders")}))
    r = stores.reads
    for text in FILTERS:
        wanted = parse(text)
        await measure(
            f"page of {limit}: {text or '(all)'}",
            lambda wanted=wanted: r.page_json(wanted, viewer, limit=limit),
        )
    everything = parse("-status:resolved")
    middle = await r.page(everything, viewer, offset=50_000, limit=1)
    key = (middle.cards[0].sort_key, middle.cards[0].id) if middle.cards else (0, 0)
    for name, place in (
        ("after a key in the middle", {"after": key}),
        ("before a key in the middle", {"before": key}),
        ("from the end", {"from_end": True}),
        ("offset 50,000", {"offset": 50_000}),
        ("offset 99,000", {"offset": 99_000}),
    ):
        await measure(
            f"page of {limit}: {name}",
            lambda place=place: r.page_json(everything, viewer, limit=limit, **place),
        )
    await measure("thread of 50", lambda: r.thread_json(1000 + 777, limit=50))
    await measure("card", lambda: r.card(1000 + 777))
    await measure("customer panel", lambda: r.customer(1000 + 777))
    for text in SEARCHES:
        await measure(f"search {text}", lambda text=text: r.search(text, viewer, 50), 10)
    await measure("facets (start only)", r.facets, 3)
    await measure("gauges", r.gauges, 10)


async def writes(stores: Stores, changes: int, rounds: int) -> None:
    """One text to three ticks, as in a busy morning."""
    texts = changes // 4
    loads, saves = [], []
    seq, ids = (await stores.store.start()).seq, 1 << 50 | changes << 30
    for turn in range(rounds):
        nths = [(turn * 7919 + k * 389) % 100_000 for k in range(texts)]
        wanted = Wanted(
            peers=[
                Peer(number_of(n), Person((Identity(IdentityKind.PHONE, f"2126{n:08}"),)))
                for n in nths
            ],
            wamids={(number_of(n), f"wamid.new{changes}.{turn}.{n}") for n in nths},
            marks={
                (number_of(m), f"wamid.HBgMMjEyNjAwMDAwMDAwFQIAEhgU{entry_id(m, 2):016X}AA==")
                for n in nths
                for m in (n, (n + 1) % 100_000, (n + 2) % 100_000)
            },
        )
        began = time.perf_counter()
        loaded = await stores.store.load(wanted)
        loads.append(time.perf_counter() - began)
        batch = Batch(at=1)
        now = 1_795_000_000 * SECOND + turn * SECOND
        for mark in loaded.marks.values():
            batch.deliveries[mark.entry] = (Delivery.READ, now)
        for c in loaded.conversations.values():
            ids += 1
            text = "Bonjour, où est ma commande 4711 ? السلام عليكم"
            last = LastMessage(ids, now, Direction.IN, Kind.TEXT, text)
            new = replace(
                c,
                last=last,
                unread=c.unread + 1,
                version=c.version + 1,
                waiting_since=c.waiting_since or now,
            )
            new = replace(new, sort_key=sort_key(new))
            batch.conversations[c.id] = new
            batch.entries[ids] = Entry(
                ids,
                c.thread,
                c.id,
                c.number,
                Direction.IN,
                Text(body=text),
                now,
                now,
                wamid=f"wamid.new{changes}.{turn}.{c.id}",
                customer=c.customer,
            )
            batch.new_entries.add(ids)
            batch.history.append(HistoryRow(c.id, now, "customer", "status", {"to": "open"}))
            seq += 1
            batch.events.append(StoredEvent(seq, now, "card", c.id, b"x" * 1500))
            batch.subjects.append((seq, f"{seq:064x}"))
        batch.cursor = (turn, 0)
        began = time.perf_counter()
        await stores.store.save(batch)
        saves.append(time.perf_counter() - began)
    for name, took in (
        (f"load of {changes} changes", loads),
        (f"save of {changes} changes", saves),
    ):
        took.sort()
        at = int(len(took) * 0.99)
        print(f"{name:<48} {statistics.median(took) * 1000:8.2f} {took[at] * 1000:8.2f}")


async def main(folder: Path) -> None:
    async with await open_stores(folder) as stores:
        print(f"{'':<48} {'p50 ms':>8} {'p99 ms':>8}")
        for limit in (50, 200):
            await reads(stores, limit)
        await writes(stores, 256, 40)
        await writes(stores, 4, 100)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
