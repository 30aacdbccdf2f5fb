"""Threads, customers, reasons, search and the stream, as screens read them."""

from dataclasses import replace

from tests.relay.store.making import NOW, NUMBER, person, says

from wainbox_relay.contract.content import Document, MediaFile, Note, Text
from wainbox_relay.contract.filters import Viewer, parse
from wainbox_relay.contract.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Delivery,
    Direction,
    MediaState,
    Moment,
    Role,
    Status,
)
from wainbox_relay.domain.model import Agent, Clock, Customer, Media, Rating, Target
from wainbox_relay.ports import Batch, HistoryRow, Quarantined, StoredEvent, Wanted
from wainbox_relay.store import Stores

VIEWER = Viewer("nadia")


async def long_thread(stores: Stores, messages: int = 30):
    """A customer with an earlier case, many messages and some history."""
    batch = Batch(at=NOW)
    nadia = Agent("nadia", "Nadia", Role.AGENT)
    batch.agents = {"nadia": nadia, "lina": Agent("lina", "Lina", Role.LEAD)}
    old = person(batch, 1, status=Status.RESOLVED, resolved_at=NOW + DAY, resolver="lina")
    new = replace(old, id=15, ref=2000, status=Status.OPEN, resolved_at=None, resolver=None)
    batch.opened.append(new)
    for n in range(messages):
        case = old if n < messages // 2 else new
        says(batch, case, 100 + n, f"message {n}", NOW + n * MINUTE)
    batch.history += [
        HistoryRow(old.id, NOW, "customer", "opened", {}),
        HistoryRow(old.id, NOW + 5 * MINUTE, "@lina", "assigned", {"agent": "nadia", "why": ""}),
        HistoryRow(old.id, NOW + 6 * MINUTE, "@nadia", "answered", {"agent": "nadia"}),
        HistoryRow(new.id, NOW + 20 * MINUTE, "@nadia", "assigned", {"agent": "nadia"}),
        HistoryRow(new.id, NOW + 25 * MINUTE, "@nadia", "status", {"was": "open", "to": "waiting"}),
        HistoryRow(new.id, NOW + 26 * MINUTE, "wainbox", "opened", {"follows": old.id}),
    ]
    await stores.store.save(batch)
    return old, new


async def test_a_thread_is_read_backwards_across_its_cases(stores: Stores):
    """Pages follow each other without gap or repeat, whichever case one began at."""
    _, new = await long_thread(stores)
    seen: list[int] = []
    before = None
    while True:
        page = await stores.reads.thread(new.ref, before=before, limit=7)
        assert page is not None
        messages = [e for e in page.entries if e.direction is not Direction.EVENT]
        seen = [e.id for e in messages] + seen
        if not page.more:
            break
        first = messages[0]
        before = (int(first.at.timestamp()) * SECOND, first.id)
    assert seen == [100, 14, *range(101, 130)]
    assert [case.ref for case in page.cases] == ["W-1001", "W-2000"]


async def test_history_stands_between_the_messages_it_fell_between(stores: Stores):
    """A thread shows who took, gave and closed, in time; each line once over all pages."""
    _, new = await long_thread(stores)
    page = await stores.reads.thread(new.ref, limit=200)
    assert page is not None
    lines = [(e.case, e.text) for e in page.entries if e.direction is Direction.EVENT]
    assert lines == [
        ("W-1001", "given to Nadia by Lina"),
        ("W-2000", "taken by Nadia"),
        ("W-2000", "put on customer by Nadia"),
        ("W-2000", "opened by Wainbox, after W-1001"),
    ]
    assert [e.at for e in page.entries] == sorted(e.at for e in page.entries)
    last = await stores.reads.thread(new.ref, limit=3)
    assert last is not None
    assert [e.text for e in last.entries if e.id < 0] == []


async def test_a_thread_can_be_opened_around_a_message(stores: Stores):
    """The entry asked for stands in the middle, with what came before and after it."""
    _, new = await long_thread(stores)
    page = await stores.reads.thread(new.ref, limit=10, around=110)
    assert page is not None
    assert [e.id for e in page.entries if e.id > 0] == list(range(105, 115))
    everything = await stores.reads.thread(new.ref, limit=10, around=129)
    assert everything is not None
    assert everything.entries[-1].id == 129
    for limit, ids in ((1, [110]), (2, [109, 110]), (3, [109, 110, 111])):
        small = await stores.reads.thread(new.ref, limit=limit, around=110)
        assert small is not None
        assert [e.id for e in small.entries if e.id > 0] == ids


async def test_entries_are_shown_with_names_quotes_and_their_case(stores: Stores):
    """Who wrote, what a message answers, and what became of it."""
    _, new = await long_thread(stores)
    batch = Batch(at=NOW)
    answer = says(
        batch,
        new,
        300,
        "our answer",
        NOW + DAY,
        direction=Direction.OUT,
        author="nadia",
        quote=105,
        sid="a" * 32,
        delivery=Delivery.READ,
    )
    await stores.store.save(batch)
    page = await stores.reads.thread(new.ref, limit=2)
    assert page is not None
    shown = page.entries[-1]
    assert (shown.id, shown.author_name, shown.case) == (answer.id, "Nadia", "W-2000")
    assert shown.quote is not None
    assert (shown.quote.id, shown.quote.text, shown.quote.author) == (
        105,
        "message 5",
        "Customer 1",
    )
    raw = await stores.reads.thread_json(new.ref, limit=2)
    assert type(page).model_validate_json(raw or b"") == page


async def test_what_is_not_there_is_none(stores: Stores):
    """Reads of an unknown reference give nothing rather than an error."""
    reads = stores.reads
    assert await reads.thread(1) is None
    assert await reads.thread_json(1) is None
    assert await reads.card(1) is None
    assert await reads.why(1) is None
    assert await reads.customer(1) is None
    assert await reads.entry_media(1) is None


async def test_why_tells_everything_in_order(stores: Stores):
    """Each line of history is one sentence with its moment and actor."""
    old, _ = await long_thread(stores)
    reasons = await stores.reads.why(old.ref)
    assert reasons is not None
    assert [(r.actor, r.what, r.sentence) for r in reasons] == [
        ("the customer", "opened", "opened by the customer"),
        ("Lina", "assigned", "given to Nadia by Lina"),
        ("Nadia", "answered", "answered by Nadia"),
    ]


async def test_the_panel_tells_of_a_customers_other_cases(stores: Stores):
    """Earlier cases newest first, open ones on other numbers apart, notes, country and zone."""
    batch = Batch(at=NOW)
    here = person(batch, 1)
    there = person(batch, 2, number="other")
    batch.customers[21] = Customer(21, NOW, merged_into=11)
    says(
        batch,
        here,
        300,
        "",
        NOW + DAY,
        direction=Direction.NOTE,
        author="nadia",
        content=Note(body="calls on Monday"),
    )
    await stores.store.save(batch)
    panel = await stores.reads.customer(here.ref)
    assert panel is not None
    assert (panel.country, panel.time_zone) == ("MA", "Africa/Casablanca")
    assert [case.ref for case in panel.elsewhere] == [f"W-{there.ref}"]
    assert [case.ref for case in panel.cases] == [f"W-{there.ref}"]
    assert [note.text for note in panel.notes] == ["calls on Monday"]


async def test_the_panel_tells_what_the_rules_know(stores: Stores):
    """Topic, how the language is known, the clocks that still say something, who has it and why,
    the stars and what was written with them."""
    batch = Batch(at=NOW)
    batch.agents = {"nadia": Agent("nadia", "Nadia", Role.AGENT)}
    asked = Rating(NOW, "nadia", stars=4, comment=300)
    due = Clock(Target.NEXT, "", HOUR, NOW, since=NOW, due=Moment(NOW + HOUR), at_risk=True)
    paused = Clock(Target.RESOLUTION, "", DAY, NOW, used=HOUR)
    menu = Clock(Target.HUMAN, "", HOUR, NOW, since=NOW, due=NOW)
    case = person(
        batch, 1, topic="refund", language_by="hand", complex=True, rating=asked,
        clocks=(due, paused, menu),
    )  # fmt: skip
    batch.customers[11] = replace(
        batch.customers[11], manager="lina", manager_backup="nadia", opted_out=True
    )
    says(batch, case, 300, "quick, thanks", NOW + DAY)
    batch.history = [
        HistoryRow(case.id, NOW, "wainbox", "assigned", {"agent": "lina", "why": ""}),
        HistoryRow(case.id, NOW + MINUTE, "wainbox", "assigned", {"agent": "nadia", "why": ""}),
    ]
    await stores.store.save(batch)
    panel = await stores.reads.customer(case.ref)
    assert panel is not None
    told = panel.case
    assert (told.topic, told.language_by, told.complex) == ("refund", "hand", True)
    assert [(c.target, c.paused, c.at_risk) for c in told.clocks] == [
        ("next", False, True),
        ("resolution", True, False),
    ]
    assert told.given.startswith("given to Nadia by Wainbox")
    assert (told.stars, told.comment) == (4, "quick, thanks")
    assert (panel.manager, panel.manager_backup, panel.opted_out) == ("lina", "nadia", True)


async def test_search_folds_arabic_french_and_english(stores: Stores):
    """Spelling variants of one word find each other, beginnings of words too."""
    batch = Batch(at=NOW)
    for n, text in enumerate(
        ("أين الطَّلَب الخاص بي؟", "Où est ma commande numéro ١٢٣٤", "Where is my REFUND, please")
    ):
        person(batch, n, says=text)
    await stores.store.save(batch)

    async def found(text: str) -> list[str]:
        return [card.ref for card in (await stores.reads.search(text, VIEWER)).cards]

    assert await found("اين الطلب") == ["W-1000"]
    assert await found("ou COMMANDE") == ["W-1001"]
    assert await found("1234") == ["W-1001"]
    assert await found("comma") == ["W-1001"]
    assert await found("refund where") == ["W-1002"]
    assert await found("refund commande") == []
    assert await found('"') == []
    assert await found('ref" OR "x') == []
    assert await found("customer") == ["W-1002", "W-1001", "W-1000"]
    assert await found("212600000002") == ["W-1002"]


async def test_search_follows_edits_and_forgets_what_was_taken_back(stores: Stores):
    """The new words find a message, the old ones no longer do; a revoked one is not found."""
    batch = Batch(at=NOW)
    case = person(batch, 1, says="first words")
    await stores.store.save(batch)
    loaded = await stores.store.load(Wanted(entries={14}))
    edited = replace(loaded.entries[14], content=Text(body="other letters"))
    await stores.store.save(Batch(at=NOW, entries={14: edited}))
    search = stores.reads.search
    assert not (await search("first", VIEWER)).cards
    assert [c.ref for c in (await search("letters", VIEWER)).cards] == [f"W-{case.ref}"]
    gone = replace(edited, revoked_at=NOW)
    await stores.store.save(Batch(at=NOW, entries={14: gone}))
    assert not (await search("letters", VIEWER)).cards


async def test_search_is_newest_first_and_can_be_narrowed_and_paged(stores: Stores):
    """Words and filters go together; the next page goes on behind the last row."""
    batch = Batch(at=NOW)
    for n in range(40):
        person(batch, n, says="same words", language="ar" if n % 2 else "fr")
    await stores.store.save(batch)
    wanted = parse("words lang:ar")
    first = await stores.reads.page(wanted, VIEWER, limit=8)
    assert [c.ref for c in first.cards] == [f"W-{1000 + n}" for n in range(39, 23, -2)]
    assert first.more
    last = first.cards[-1]
    rest = await stores.reads.page(wanted, VIEWER, limit=50, after=(last.sort_key, last.id))
    assert [c.ref for c in rest.cards] == [f"W-{1000 + n}" for n in range(23, 0, -2)]
    assert not rest.more


async def test_the_stream_is_read_from_anywhere(stores: Stores):
    """Events come in order after a number; a page tells the number it was read at."""
    assert await stores.reads.oldest_seq() == 1
    events = [StoredEvent(n, NOW, "card", None, b"{}") for n in range(1, 6)]
    await stores.store.save(Batch(at=NOW, events=events))
    assert await stores.reads.events_after(3) == events[3:]
    assert await stores.reads.events_after(0, 2) == events[:2]
    assert (await stores.reads.page(parse(""), VIEWER)).seq == 5


async def test_a_files_entry_tells_where_it_is(stores: Stores):
    """What became of the file, and the name its sender gave it."""
    batch = Batch(at=NOW)
    case = person(batch, 1)
    says(
        batch,
        case,
        300,
        "",
        NOW,
        content=Document(file=MediaFile(name="bill.pdf")),
        media=Media(MediaState.READY, "ab" * 32, "application/pdf", 12),
    )
    await stores.store.save(batch)
    found = await stores.reads.entry_media(300)
    assert found is not None
    assert (found.number, found.name, found.media.digest) == (NUMBER, "bill.pdf", "ab" * 32)
    assert await stores.reads.entry_media(14) is None


async def test_whoever_watches_sees_what_is_stuck(stores: Stores):
    """The gauges count what waits, what is in doubt and what was set aside."""
    batch = Batch(at=NOW, quarantined=[Quarantined(5, "entry[0]", "no id", NOW)])
    await stores.store.save(batch)
    gauges = await stores.reads.gauges()
    assert (gauges.quarantined, gauges.owed) == (1, 0)
    assert await stores.reads.quarantined() == batch.quarantined
