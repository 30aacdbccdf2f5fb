"""The rows of the floor whose effects cross processes, walked over the API of a real relay, with
the pretend WhatsApp on the other side."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.proof.running import Desk, Forge, House, house, ticked, until

from wainbox_relay.sandbox.customers import Customer
from wainbox_relay.sandbox.world import Accepted

SOON = 0.01
"""Minutes until the customer is asked, and for which a resolve can be undone."""


@pytest.fixture
async def shop(tmp_path: Path, forge: Forge) -> AsyncIterator[House]:
    """A relay that asks for stars soon after a resolve."""
    sections: dict[str, Any] = {
        "rating": {"ask": True, "after_minutes": SOON},
        "desk": {"undo_minutes": SOON},
    }
    async with house(tmp_path, forge, **sections) as home:
        yield home


@asynccontextmanager
async def terminal(home: House, name: str) -> AsyncIterator[list[bytes]]:
    """Somebody in front of an open terminal, and what it hears."""
    desk, heard = home.desk(name), list[bytes]()
    url = f"{home.url}/api/v1/events?terminal=true"
    async with home.http.stream("GET", url, headers=desk.headers) as stream:

        async def listen() -> None:
            async for piece in stream.aiter_bytes():
                heard.append(piece)

        listening = asyncio.ensure_future(listen())
        asked = "SELECT presence FROM agents WHERE id = ?"

        async def here() -> bool:
            return bool(home.files.one(asked, name) == "online")

        try:
            await until(here)
            yield heard
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def writes(home: House, who: Customer, words: str, **more: Any) -> str:
    wamid = await who.writes(words, **more)
    await home.box.settled()
    await home.read()
    return wamid


async def becomes(desk: Desk, ref: str, **wanted: Any) -> dict[str, Any]:
    """The card, once it is so."""
    card: dict[str, Any] = {}

    async def so() -> bool:
        card.update(await desk.get(f"/conversations/{ref}"))
        return all(card[key] == value for key, value in wanted.items())

    try:
        await until(so, 5)
    except TimeoutError:
        raise AssertionError({key: card[key] for key in wanted}) from None
    return card


async def answered(home: House, desk: Desk, ref: str, who: Customer, **then: Any) -> Accepted:
    """A reply all the way to the customer."""
    before = len(who.received)
    content = {"kind": "text", "body": "It is on its way"}
    await desk.does(ref, "reply", content=content, anyway=True, any_language=True, **then)

    async def arrived() -> bool:
        return len(who.received) > before

    await until(arrived)
    await home.quiet()
    return who.received[-1]


async def test_rows_1_22_26_29_30_an_answer_and_its_loss(shop: House) -> None:
    """Written, claimed, answered, on the customer; found undelivered, our turn again since the
    customer wrote; answered by the phone, on the customer again."""
    nadia, samir = shop.desk("nadia"), shop.desk("samir")
    sara = shop.box.newcomer("sara", name="Sara")
    await writes(shop, sara, "Where is my parcel?")
    [card] = await nadia.cards()
    ref, began = card["ref"], card["waiting_since"]
    assert (card["status"], card["turn"], card["assignee"]) == ("open", "ours", None)
    await nadia.does(ref, "claim")
    assert (await samir.order(ref, "claim")).json()["code"] == "taken"
    shop.box.delays.delivered = None
    sent = await answered(shop, nadia, ref, sara)
    card = await becomes(nadia, ref, status="waiting", turn="theirs", assignee="nadia")
    assert (card["waiting_since"], card["unread"]) == (None, 0)
    await shop.hears(ticked(sent.wamid, "failed", code=131026))
    card = await becomes(nadia, ref, status="open", turn="ours", waiting_since=began)
    assert (card["assignee"], card["flags"]) == ("nadia", ["delivery_trouble"])
    await asyncio.sleep(1)  # WhatsApp tells whole seconds: this is after what Sara wrote
    await sara.hears_from_phone("It left this morning")
    await shop.box.settled()
    card = await becomes(nadia, ref, status="waiting", turn="theirs", assignee="nadia")
    assert "phone" in card["flags"]


async def test_rows_34_59_60_64_stars_over_the_wire(shop: House) -> None:
    """Resolved, asked by a list of five, rated poorly: the leads are told; a complaint opens the
    case again with the words as its reason."""
    nadia = shop.desk("nadia")
    sara = shop.box.newcomer("sara", name="Sara")
    await writes(shop, sara, "Where is my parcel?")
    await answered(shop, nadia, "W-1", sara)
    await nadia.does("W-1", "resolve")
    await becomes(nadia, "W-1", status="resolved", assignee=None, resolver="nadia")

    async def asked() -> bool:
        return sara.received[-1].kind == "interactive"

    await until(asked)
    await shop.quiet()
    rows = sara.received[-1].body["interactive"]["action"]["sections"][0]["rows"]
    assert [row["id"].rpartition(":")[2] for row in rows] == ["5", "4", "3", "2", "1"]
    async with terminal(shop, "lina") as heard:
        await sara.chooses(sara.received[-1], "2")
        await shop.box.settled()
        await becomes(nadia, "W-1", status="resolved", flags=["rated"])

        async def told() -> bool:
            return b"W-1 was rated 2 of 5 (Nadia's)." in b"".join(heard)

        await until(told)
    await writes(shop, sara, "merci")
    card = await becomes(nadia, "W-1", status="open", turn="ours")
    assert set(card["flags"]) == {"rated", "reopened"}
    facts = (await nadia.get("/conversations/W-1/customer"))["case"]
    assert (facts["stars"], facts["comment"]) == (2, "merci")


async def test_rows_57_58_63_65_after_the_end(shop: House) -> None:
    """Thanks leave it alone, words bring it back to who had it, an agent takes it up again, and
    spam wakes nobody."""
    nadia, samir = shop.desk("nadia"), shop.desk("samir")
    async with terminal(shop, "nadia"):
        sara = shop.box.newcomer("sara", name="Sara")
        await writes(shop, sara, "Where is my parcel?")
        await answered(shop, nadia, "W-1", sara, then="resolved")
        await becomes(nadia, "W-1", status="resolved")
        await asyncio.sleep(1)  # WhatsApp tells whole seconds: this is after the resolve
        await writes(shop, sara, "الله يعطيك العافية 🌹")
        await writes(shop, sara, "ok merci")
        card = await becomes(nadia, "W-1", status="resolved")
        assert card["waiting_since"] is None
        await writes(shop, sara, "merci mais il manque une chaussure")
        card = await becomes(nadia, "W-1", status="open", turn="ours", assignee="nadia")
        assert card["flags"] == ["reopened"]
        await nadia.does("W-1", "resolve", sure=True)
        await answered(shop, samir, "W-1", sara)
        card = await becomes(nadia, "W-1", status="waiting", assignee="samir")
        assert card["flags"] == []
        await samir.does("W-1", "spam")
        await writes(shop, sara, "hello?")
        await becomes(nadia, "W-1", status="resolved", flags=["spam"], unread=0)
        assert [c["ref"] for c in await nadia.cards("spam")] == ["W-1"]
        assert await nadia.cards("resolved") == []


async def test_rows_49_54_55_56_a_snooze_and_what_ends_it(shop: House) -> None:
    """One's own words keep it, a colleague's end it, its moment does, and the customer does."""
    nadia, samir = shop.desk("nadia"), shop.desk("samir")
    sara = shop.box.newcomer("sara", name="Sara")
    await writes(shop, sara, "Where is my parcel?")
    await nadia.does("W-1", "claim")
    await answered(shop, nadia, "W-1", sara)

    async def sleeps(seconds: float) -> None:
        until_ = datetime.now(UTC) + timedelta(seconds=seconds)
        await nadia.does("W-1", "snooze", until=until_.isoformat(), sure=True)
        await becomes(nadia, "W-1", status="snoozed")

    await sleeps(600)
    await answered(shop, nadia, "W-1", sara)
    await becomes(nadia, "W-1", status="snoozed")
    await answered(shop, samir, "W-1", sara)
    await becomes(nadia, "W-1", status="open", turn="theirs", assignee="nadia", snoozed_until=None)
    await sleeps(2)
    card = await becomes(nadia, "W-1", status="open", turn="theirs", assignee="nadia")
    assert card["flags"] == ["woke"]
    await sleeps(600)
    await writes(shop, sara, "Any news")
    card = await becomes(nadia, "W-1", status="open", turn="ours", snoozed_until=None)
    assert card["flags"] == []
    assert shop.files.main("SELECT 1 FROM alarms WHERE reason = 'snooze'") == []


async def test_rows_48_63_a_shut_window(shop: House) -> None:
    """A day after the customer's last words only a template goes out."""
    nadia = shop.desk("nadia")
    sara = shop.box.newcomer("sara", name="Sara")
    await writes(shop, sara, "Where is my parcel?", ago=25 * 3600)
    refused = await nadia.order("W-1", "reply", content={"kind": "text", "body": "Here"})
    assert (refused.status_code, refused.json()["code"]) == (409, "window_shut")
    template = {"name": "follow_up", "language": "en", "variables": ["#W-1"]}
    await nadia.does("W-1", "send_template", **template)
    await becomes(nadia, "W-1", status="waiting", assignee="nadia")
    assert sara.received[-1].kind == "template"
    await nadia.does("W-1", "resolve")

    async def skipped() -> bool:
        facts = (await nadia.get("/conversations/W-1/customer"))["case"]
        return facts["unasked"] == "the reply window had shut, and no template is configured"

    await until(skipped)


async def test_row_53_silence_ends_a_case_to_nobodys_credit(tmp_path: Path, forge: Forge) -> None:
    """And what comes back afterwards is work as any other."""
    async with house(tmp_path, forge, closing={"silence_days": 1 / 86_400}) as shop:
        nadia = shop.desk("nadia")
        sara = shop.box.newcomer("sara", name="Sara")
        await writes(shop, sara, "Where is my parcel?")
        await answered(shop, nadia, "W-1", sara)
        card = await becomes(nadia, "W-1", status="resolved", assignee=None, resolver=None)
        assert card["flags"] == ["auto"]
        await asyncio.sleep(1)  # WhatsApp tells whole seconds: this is after the end
        await writes(shop, sara, "It has not come")
        card = await becomes(nadia, "W-1", status="open", turn="ours")
        assert card["flags"] == ["reopened"]


async def test_rows_66_67_two_customers_made_one_and_two_again(shop: House) -> None:
    """The older case goes on with both customers' words, the younger reference leads to it; taken
    back, each has its own."""
    nadia = shop.desk("nadia")
    sara, also = shop.box.newcomer("sara", name="Sara"), shop.box.newcomer("s2", name="Sara B")
    await writes(shop, sara, "Where is my parcel?")
    await asyncio.sleep(1)  # WhatsApp tells whole seconds: this is the later one
    await writes(shop, also, "It is me again, from my other number")
    await nadia.does("W-1", "merge", other="W-2")
    card = await becomes(nadia, "W-1", status="open", unread=2)
    assert card["last_message"]["text"].startswith("It is me again")
    assert [c["ref"] for c in await nadia.cards()] == ["W-1"]
    gone = await nadia.order("W-2", "claim")
    assert "W-1" in gone.json()["message"]
    await nadia.does("W-1", "undo")
    await becomes(nadia, "W-1", status="open", unread=1)
    await becomes(nadia, "W-2", status="open", unread=1)
    assert shop.files.faults() == []
