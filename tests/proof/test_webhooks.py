"""Rows W1 to W8: repeated, crowded, broken and hostile webhooks, at a relay that is a process."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests import bodies
from tests.proof.running import Forge, House, house, said, signed, ticked

from wainbox_relay.sandbox.people import ATLAS

MB = 1024 * 1024


async def all_at_once(home: House, sent: list[bytes]) -> list[int]:
    return list(await asyncio.gather(*(home.post(body) for body in sent)))


async def test_fifty_at_once_of_one_body_are_one_message(home: House) -> None:
    """W1: the same body fifty times at the same time: all are answered 200, and there is one
    message, one conversation and one event of it."""
    assert await all_at_once(home, [said("wamid.w1")] * 50) == [200] * 50
    await home.read()
    files = home.files
    assert files.journal("SELECT count(*) FROM bodies") == [(50,)]
    assert files.one("SELECT count(*) FROM entries WHERE direction = 'in'") == 1
    assert files.one("SELECT count(*) FROM conversations") == 1
    assert files.one("SELECT count(*) FROM events WHERE kind = 'card'") == 1


async def test_an_album_of_somebody_new_opens_one_conversation(home: House) -> None:
    """W2: twenty messages of each of a hundred new numbers, shuffled and side by side: a hundred
    customers, a hundred open conversations, two thousand messages."""
    sent = [
        said(f"wamid.w2.{who}.{nth}", phone=f"21261{who:07}")
        for who in range(100)
        for nth in range(20)
    ]
    random.Random(2).shuffle(sent)
    for start in range(0, len(sent), 200):
        assert await all_at_once(home, sent[start : start + 200]) == [200] * 200
    await home.read()
    files = home.files
    assert files.one("SELECT count(*) FROM customers") == 100
    assert files.one("SELECT count(*) FROM conversations WHERE status <> 'resolved'") == 100
    assert files.one("SELECT count(*) FROM entries WHERE direction = 'in'") == 2000
    assert files.faults() == []


# -- W3 ----------------------------------------------------------------------------------------

BROKEN: tuple[Any, ...] = (None, 7, "text", [], {"id": 5, "type": "text"}, {"type": "text"})


def crowded(tag: str) -> dict[str, Any]:
    """One body of three entries with four changes of ten elements each, messages and statuses
    mixed."""
    entry = [
        {"id": str(nth), "changes": [_change(f"{tag}.{nth}.{each}", each) for each in range(4)]}
        for nth in range(3)
    ]
    return {"object": "whatsapp_business_account", "entry": entry}


def _change(tag: str, nth: int) -> dict[str, Any]:
    now = int(time.time())
    if nth % 2:
        statuses = [_status(f"wamid.out.{tag}.{n}", now) for n in range(10)]
        return {"field": "messages", "value": bodies.value(statuses=statuses, number=ATLAS.id)}
    messages = [bodies.text(f"wamid.{tag}.{n}", at=now) for n in range(10)]
    return {"field": "messages", "value": bodies.value(messages, number=ATLAS.id)}


def _status(wamid: str, at: int) -> dict[str, Any]:
    return {"id": wamid, "status": "sent", "timestamp": str(at), "recipient_id": "212600000001"}


async def test_one_broken_element_spoils_no_other(home: House) -> None:
    """W3: of a body with a hundred and twenty elements each is broken in turn: all the others are
    stored or parked each time, and the broken one is in quarantine with a reason."""
    places = [(e, c, n) for e in range(3) for c in range(4) for n in range(10)]
    expected_messages = expected_parked = 0
    for at, (entry, change, nth) in enumerate(places):
        body = crowded(f"w3.{at}")
        value = body["entry"][entry]["changes"][change]["value"]
        value["statuses" if change % 2 else "messages"][nth] = BROKEN[at % len(BROKEN)]
        expected_messages += 60 - (change % 2 == 0)
        expected_parked += 60 - (change % 2)
        assert await home.post(json.dumps(body).encode()) == 200
    await home.read()
    files = home.files
    assert files.one("SELECT count(*) FROM entries WHERE direction = 'in'") == expected_messages
    assert files.one("SELECT count(*) FROM parked") == expected_parked
    assert files.one("SELECT count(*) FROM quarantine WHERE reason <> ''") == len(places)


# -- W5 ----------------------------------------------------------------------------------------

WHO = "MA.1234567890"


def odd(wamid: str, kind: str, **content: Any) -> dict[str, Any]:
    return {
        "from": "212600000001",
        "id": wamid,
        "timestamp": str(int(time.time())),
        "type": kind,
        **content,
    }


ODD: dict[str, dict[str, Any]] = {
    "unsupported": odd(
        "wamid.u", "unsupported", errors=[{"code": 131051, "title": "Message type unknown"}]
    ),
    "unknown type": odd("wamid.t", "hologram", hologram={"id": "1"}),
    "order": odd(
        "wamid.o",
        "order",
        order={
            "catalog_id": "1",
            "text": "please",
            "product_items": [
                {
                    "product_retailer_id": "sku",
                    "quantity": "2",
                    "item_price": "9.5",
                    "currency": "MAD",
                }
            ],
        },
    ),
}


@pytest.mark.parametrize("what", ODD)
async def test_what_we_do_not_know_is_a_readable_row(home: House, what: str) -> None:
    """W5: kinds nobody foresaw are kept and shown as a row that can be read."""
    await home.hears(bodies.envelope(bodies.value([ODD[what]], number=ATLAS.id)))
    [card] = await home.desk().cards()
    [entry] = [e for e in await home.desk().thread(card["ref"]) if e["direction"] == "in"]
    assert entry["text"]
    assert card["last_message"]["text"]


async def test_what_speaks_of_nothing_we_have_is_kept(home: House) -> None:
    """W5: unknown fields, errors alone, and reactions, edits and deletions of messages we do not
    have are answered 200 and kept; no row appears that is none, and none stands in the way."""
    better = {"type": "text", "text": {"body": "better"}}
    about = [
        odd("wamid.r", "reaction", reaction={"message_id": "wamid.none.r", "emoji": "👍"}),
        odd("wamid.e", "edit", edit={"original_message_id": "wamid.none.e", "message": better}),
        odd("wamid.v", "revoke", revoke={"original_message_id": "wamid.none.v"}),
    ]
    errors = {"metadata": {"phone_number_id": ATLAS.id}, "errors": [{"code": 1, "title": "odd"}]}
    await home.hears(
        bodies.envelope({"anything": [1, {"b": 2}]}, field="a_field_of_tomorrow"),
        bodies.envelope({"messaging_product": "whatsapp", **errors}),
        *(bodies.envelope(bodies.value([item], number=ATLAS.id)) for item in about),
        said("wamid.after"),
    )
    assert home.files.journal("SELECT count(*) FROM bodies") == [(6,)]
    assert home.files.main("SELECT wamid FROM entries WHERE direction = 'in'") == [("wamid.after",)]
    assert home.files.main("SELECT wamid FROM parked ORDER BY wamid") == [
        ("wamid.none.e",),
        ("wamid.none.r",),
        ("wamid.none.v",),
    ]
    assert home.files.faults() == []


@pytest.mark.parametrize("sender", [{}, {"from": ""}, {"from": None}])
async def test_people_without_a_phone_are_people(home: House, sender: dict[str, Any]) -> None:
    """W5: with `from` absent, empty or null the user id says who it is, and two of them never
    share a customer."""
    for nth in range(2):
        message = odd(f"wamid.b{nth}", "text", text={"body": "salut"})
        del message["from"]
        message |= {"from_user_id": f"{WHO}{nth}", **sender}
        value = bodies.value([message], number=ATLAS.id)
        value["contacts"] = [{"profile": {"name": f"B{nth}"}, "user_id": f"{WHO}{nth}"}]
        await home.hears(bodies.envelope(value))
    cards = await home.desk().cards()
    assert {card["customer"]["user_id"] for card in cards} == {f"{WHO}0", f"{WHO}1"}
    assert len({card["customer"]["id"] for card in cards}) == 2


async def test_a_new_phone_number_is_the_same_person(home: House) -> None:
    """W5: after WhatsApp's own word of a changed number the customer writes on in the same
    conversation."""
    change = odd(
        "wamid.s",
        "system",
        system={
            "body": "User A changed from 212600000001 to 212600000002",
            "wa_id": "212600000002",
            "type": "user_changed_number",
        },
    )
    await home.hears(
        said("wamid.old"),
        bodies.envelope(bodies.value([change], number=ATLAS.id)),
        said("wamid.new", phone="212600000002"),
    )
    [card] = await home.desk().cards()
    assert card["customer"]["phone"] == "+212600000002"


# -- W6 ----------------------------------------------------------------------------------------


async def _asked(home: House) -> str:
    """Somebody has written; no receipt comes of what we answer. The case's reference."""
    home.box.delays.sent = None
    await home.box.newcomer("tick").writes("salam")
    await home.box.settled()
    await home.read()
    [card] = await home.desk().cards()
    return str(card["ref"])


STANDS = "SELECT delivery, wamid FROM entries WHERE sid = ?"


async def test_ticks_never_go_back_and_spoil_nothing(home: House) -> None:
    """W6: in one body that begins with an unknown message, which waits for it, read, then
    delivered, then sent stays read, of a message whose answer was lost."""
    ref = await _asked(home)
    home.box.fault("reset_after")
    sid = await home.desk().replies(ref)
    await home.quiet()
    [taken] = home.box.accepted
    now = int(time.time())
    reports = [
        {**_status(wamid, now), "status": state, "biz_opaque_callback_data": opaque}
        for wamid, opaque, states in (
            ("wamid.unknown", "", ("read",)),
            (taken.wamid, taken.opaque, ("read", "delivered", "sent")),
        )
        for state in states
    ]
    await home.hears(bodies.envelope(bodies.value(statuses=reports, number=ATLAS.id)))
    assert home.files.main(STANDS, sid) == [("read", taken.wamid)]
    assert home.files.main("SELECT wamid FROM parked") == [("wamid.unknown",)]


async def test_a_receipt_may_come_before_the_answer(tmp_path: Path, forge: Forge) -> None:
    """W6: receipts that bear WhatsApp's id alone wait until the answer to our send has told it to
    us, and count from then on."""
    async with house(tmp_path, forge, timing={"graph": 10}) as home:
        ref = await _asked(home)
        home.box.clock.pace = 0.005
        home.box.fault("drip")
        sid = await home.desk().replies(ref)
        await home.box.until(lambda: home.box.accepted)
        [taken] = home.box.accepted
        await home.hears(ticked(taken.wamid, "read"), ticked(taken.wamid, "sent"))
        assert home.files.main(STANDS, sid) == [("sending", None)]
        await home.quiet()
        assert home.files.main(STANDS, sid) == [("read", taken.wamid)]
        assert home.files.one("SELECT count(*) FROM parked") == 0


# -- W7 ----------------------------------------------------------------------------------------


def large(tag: str) -> bytes:
    """Three megabytes as WhatsApp sends them: thousands of messages in one body."""
    now = int(time.time())
    texts = [bodies.text(f"wamid.{tag}.{n}", "a" * 4000, now) for n in range(740)]
    return bodies.envelope(bodies.value(texts, number=ATLAS.id))


HOSTILE: dict[str, tuple[bytes, int]] = {
    "3 MB": (large("large"), 200),
    "long text": (said("wamid.long", "a" * MB), 200),
    "5 MB": (b"a" * 5 * MB, 413),
    "deep": (b'{"entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 200),
    "lone surrogate": (said("wamid.ls").replace(b"bonjour", b"\\ud800"), 200),
    "nul": (said("wamid.nul").replace(b"bonjour", b"\\u0000"), 200),
    "no utf-8": (said("wamid.raw").replace(b"bonjour", b"\xff\xfe"), 200),
    "utf-16": (said("wamid.16").decode().encode("utf-16"), 200),
    "nan": (said("wamid.nan").replace(b'"bonjour"', b"NaN"), 200),
    "long number": (said("wamid.num").replace(b'"bonjour"', b"9" * 5000), 200),
    "keys twice": (b'{"entry":[],"entry":[1],"object":1,"object":2}', 200),
    "list": (b"[]", 200),
    "null": (b"null", 200),
    "nothing": (b"", 200),
    "no json": (b"hello", 200),
    "long id": (said("wamid." + "i" * MB), 200),
    "many": (bodies.envelope(*[{"messages": [None] * 5000}] * 20), 200),
}


@pytest.mark.serial
async def test_hostile_bodies_are_answered_and_cost_little(home: House) -> None:
    """W7: bodies made to break a reader are answered as they should within five seconds, the relay
    grows by at most 50 MB, and reads the next message as ever."""
    await home.hears(said("wamid.warm"), large("filling the page cache"))
    relay = psutil.Process(home.pid)
    before = relay.memory_info().rss
    for name, (body, status) in HOSTILE.items():
        async with asyncio.timeout(5):
            assert await home.post(body) == status, name
    async with asyncio.timeout(5):
        assert await _endless(home) == 413
    assert await _packed(home) == 415
    await home.hears(said("wamid.next", "still here"))
    grown = (relay.memory_info().rss - before) / MB
    print(f"grown by {grown:.0f} MB")
    assert home.files.lost({"wamid.warm", "wamid.next", "wamid.large.739", "wamid.nul"}) == set()
    assert home.files.faults() == []
    assert grown <= 50


async def _endless(home: House) -> int:
    """Fifty megabytes in pieces; what the relay says before it has taken them all."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(800):
            yield b"a" * 65536

    try:
        answer = await home.http.post(home.hook, content=pieces(), headers=signed(b""))
    except httpx.WriteError:
        return 413
    return answer.status_code


async def _packed(home: House) -> int:
    body = said("wamid.packed")
    headers = signed(body) | {"Content-Encoding": "gzip"}
    return (await home.http.post(home.hook, content=body, headers=headers)).status_code
