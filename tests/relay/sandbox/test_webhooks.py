"""How webhooks come: signed, in order and once, or as badly as one asks."""

import asyncio
import json

from wainbox_relay.sandbox.clock import Clock


async def test_a_body_is_signed_and_written_as_meta_does(box, listener):
    """Beyond ASCII and slashes are escaped, so only the raw bytes give the signature."""
    wamid = await box.customer("sara").writes("السلام https://example.com 🙏")
    await box.settled()
    assert listener.forged == 0
    assert listener.raw[0].isascii()
    assert b"https:\\/\\/example.com" in listener.raw[0]
    assert json.dumps(listener.bodies[0]).encode() != listener.raw[0]
    entry = listener.bodies[0]["entry"][0]
    assert entry["id"] == box.world.numbers["100000000000001"].waba
    message = listener.messages[0]
    assert (message["id"], message["from"], message["type"]) == (wamid, "212600000001", "text")
    profile = listener.values[0]["contacts"][0]
    assert profile["profile"]["name"] == "سارة المنصوري"
    assert profile["user_id"] == message["from_user_id"]


async def test_who_shows_only_a_username_has_no_phone_anywhere(box, listener):
    """The keys are absent, not empty."""
    await box.customer("nour").writes("hi")
    await box.settled()
    assert "from" not in listener.messages[0]
    contact = listener.values[0]["contacts"][0]
    assert "wa_id" not in contact
    assert contact["profile"]["username"] == "nour.cairo"
    assert contact["user_id"].startswith("EG.")


async def test_a_wrong_secret_makes_a_wrong_signature(box, listener):
    """The listener refuses what another secret signed, and the courier gives up in the end."""
    box.courier.secret = "another"
    box.manner.tries = 3
    await box.customer("sara").writes("salam")
    await box.settled()
    assert (listener.forged, listener.bodies) == (3, [])
    assert len(box.courier.given_up) == 1


async def test_what_is_not_answered_with_200_comes_again(box, listener):
    """204 and 503 are failures; the third try gets through, and others are not held up."""
    listener.answers = [503, 204]
    first = await box.customer("sara").writes("one")
    await box.settled()
    assert [delivery.status for delivery in box.courier.deliveries] == [503, 204, 200]
    assert [message["id"] for message in listener.messages] == [first]


async def test_messages_come_in_order_and_once(box, listener):
    """Nothing is shuffled unless asked."""
    sara = box.customer("sara")
    wamids = [await sara.writes(str(number)) for number in range(30)]
    await box.settled()
    assert [message["id"] for message in listener.messages] == wamids


async def test_webhooks_can_be_repeated_reordered_and_batched(box, listener):
    """Three times each, shuffled, up to seven changes a body: all there, in another order."""
    box.manner.repeat, box.manner.reorder, box.manner.batch = 3, 90, 7
    sara = box.customer("sara")
    wamids = [await sara.writes(str(number)) for number in range(30)]
    await box.settled()
    came = [message["id"] for message in listener.messages]
    assert sorted(came) == sorted(wamids * 3)
    assert came != [wamid for wamid in wamids for _ in range(3)]
    sizes = [len(body["entry"][0]["changes"]) for body in listener.bodies]
    assert max(sizes) == 7


async def test_webhooks_can_be_late(box, listener):
    """A late one comes after those that were posted after it."""
    sara = box.customer("sara")
    box.manner.late = 10
    late = await sara.writes("late")
    box.manner.late = 0
    soon = await sara.writes("soon")
    await box.settled()
    assert [message["id"] for message in listener.messages] == [soon, late]


async def test_moving_the_clock_brings_what_was_to_come(box, listener):
    """An hour passes at once, and timestamps show it."""
    box.clock.pace = 1
    box.manner.late = 3600
    before = box.clock.now()
    await box.customer("sara").writes("late")
    box.clock.advance(3601)
    await box.settled()
    assert len(listener.messages) == 1
    box.manner.late = 0
    await box.customer("sara").writes("now")
    await box.settled()
    assert int(listener.messages[1]["timestamp"]) >= before + 3600


async def test_a_sleeper_wakes_when_its_moment_is_past():
    """Whoever waits for an hour is awake once the clock was moved over it."""
    clock = Clock()
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(clock.sleep(3600))
        await asyncio.sleep(0)
        clock.advance(1800)
        await asyncio.sleep(0)
        clock.advance(1801)


async def test_the_handshake_proves_the_callback(box):
    """The right word gets its challenge back; a wrong one does not."""
    assert await box.handshake()
    assert not await box.courier.handshake("wrong")


async def test_every_kind_of_inbound_message_can_be_made(box, listener):
    """Reactions, taps, places, files, and any raw kind, quoted and dated."""
    sara = box.customer("sara")
    first = await sara.writes("one", ago=3600)
    told = await sara.hears_from_phone("from the shop's phone")
    await sara.writes("two", quote=told)
    await sara.writes("three", quote=first)
    await sara.reacts(told, "❤️")
    await sara.taps("yes", "Oui", quote=told)
    await sara.shares_place(33.5, -7.6, "Casablanca")
    for kind in ("audio", "document", "sticker", "video"):
        await sara.sends(kind)
    errors = [{"code": 131051, "title": "Message type unknown"}]
    await sara.message("unsupported", {"type": "poll"}, more={"errors": errors})
    await box.settled()
    kinds = [message["type"] for message in listener.messages]
    assert kinds[:5] == ["text", "text", "text", "reaction", "interactive"]
    assert kinds[5:] == ["location", "audio", "document", "sticker", "video", "unsupported"]
    dates = [int(message["timestamp"]) for message in listener.messages]
    assert dates[1] - dates[0] >= 3599
    quotes = [message["context"]["from"] for message in listener.messages[1:3]]
    assert quotes == [box.customer("sara").number.digits, sara.person.wa_id]
    assert listener.values[1]["message_echoes"][0]["id"] == told
