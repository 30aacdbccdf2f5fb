"""What is kept in two places says the same in both: cards and ticks, counts and lists, numbers and
whoever may see them."""

import json

import pytest
from tests.bodies import AT, NUMBER, envelope, status, text, value
from tests.relay.engine.conftest import Bench
from tests.relay.engine.test_the_main_job import say, sent_out

from wainbox_relay.contract.commands import Claim, SetTags
from wainbox_relay.contract.filters import VIEWS, Viewer
from wainbox_relay.contract.problems import Code, Refusal
from wainbox_relay.contract.vocabulary import Delivery, Flag


async def answered(desk: Bench) -> str:
    """One conversation, claimed and answered; the wamid of the answer."""
    await desk.comes(envelope(value([text("wamid.1")])))
    await desk.order("nadia", "W-1", Claim())
    await desk.order("nadia", "W-1", say())
    await sent_out(desk, Delivery.ACCEPTED)
    return str((await desk.thread()).entries[-1].wamid)


async def rows(desk: Bench, sql: str) -> list[tuple]:
    return await desk.relay.stores.main_writer.rows(sql)


async def shown_delivery(desk: Bench) -> Delivery | None:
    last = (await desk.card()).last_message
    return last and last.delivery


async def test_a_card_shows_the_ticks_of_its_newest_message(desk: Bench) -> None:
    """Ticks move without their conversation, and the list shows them all the same; also in the
    card that goes out when something else changes."""
    wamid = await answered(desk)
    await desk.comes(status(wamid, "sent"), status(wamid, "delivered"))
    assert await shown_delivery(desk) is Delivery.DELIVERED

    await desk.comes(status(wamid, "read"))
    await desk.order("nadia", "W-1", SetTags(add=("gift",)))
    told = await desk.relay.stores.reads.events_after(0)
    last = json.loads(told[-1].body)["card"]["last_message"]
    assert (last["delivery"], await shown_delivery(desk)) == ("read", Delivery.READ)


async def test_a_tick_leaves_the_way_back_open(desk: Bench) -> None:
    """That a message was read is no change to undo past."""
    wamid = await answered(desk)
    await desk.order("nadia", "W-1", SetTags(add=("gift",)))
    before = await desk.card()
    reaction = {"from": "212600000001", "id": "wamid.r", "timestamp": str(AT), "type": "reaction"}
    reaction["reaction"] = {"message_id": wamid, "emoji": "👍"}
    report = {"id": wamid, "status": "read", "timestamp": str(AT), "recipient_id": "212600000001"}
    await desk.comes(envelope(value([reaction], [report])))

    assert await shown_delivery(desk) is Delivery.READ
    assert (await desk.card()).version == before.version


async def test_a_price_is_kept_whichever_way_its_report_takes(desk: Bench) -> None:
    """By a tick alone, with the whole message at hand, and before the message is known."""
    wamid = await answered(desk)
    priced = {"id": wamid, "status": "delivered", "timestamp": str(AT)}
    priced["pricing"] = {"category": "service", "type": "regular", "pricing_model": "PMP"}
    reaction = {"from": "212600000001", "id": "wamid.r", "timestamp": str(AT), "type": "reaction"}
    reaction["reaction"] = {"message_id": wamid, "emoji": "👍"}
    sql = "SELECT price_category, price_billing FROM entries WHERE sid IS NOT NULL"
    assert await rows(desk, sql) == [(None, None)]

    await desk.comes(envelope(value([reaction], [priced])))
    assert await rows(desk, sql) == [("service", "regular")]


async def test_what_waits_is_kept_once(desk: Bench) -> None:
    """A report about a message nobody knows waits for it once, however often it comes."""
    for _ in range(3):
        await desk.comes(status("wamid.strange", "read"))
    assert await rows(desk, "SELECT count(*) FROM parked") == [(1,)]


async def test_a_number_nobody_configured_is_in_no_list_count_or_stream(desk: Bench) -> None:
    """Its messages are kept; counts, lists, references and events agree that they are not shown."""
    await desk.comes(envelope(value([text("wamid.1")], number="999")))
    await desk.comes(envelope(value([text("wamid.2")])))
    counts = desk.relay.counts.counts(Viewer(desk.agents["nadia"].id), desk.clock.now())
    told = [json.loads(event.body) for event in await desk.relay.stores.reads.events_after(0)]
    cards = [event["card"]["number"] for event in told if event["type"] == "card"]

    assert {v.view: v.total for v in counts.views} == {
        name: len(await desk.cards(name)) for name in VIEWS
    }
    assert cards == [NUMBER]
    assert await desk.relay.stores.reads.card(1) is None
    assert await desk.relay.stores.reads.thread(1) is None


async def test_orders_for_what_is_not_shown_find_nothing(desk: Bench) -> None:
    """Guessing the reference of a hidden conversation leads nowhere."""
    await desk.comes(envelope(value([text("wamid.1")], number="999")))
    with pytest.raises(Refusal) as refused:
        await desk.order("nadia", "W-1", Claim())
    assert refused.value.problem.code is Code.NOT_FOUND


async def test_a_known_phone_with_an_id_of_another_portfolio_is_nobody_new(desk: Bench) -> None:
    """Only two ids of one portfolio make two people of one phone."""
    reader = desk.whatsapp._reader
    desk.whatsapp._reader = type(reader)(reader.unnamed, {NUMBER: "brand", "200": "outlet"})

    def of(user: str, wamid: str, number: str) -> bytes:
        said = value([{**text(wamid), "from_user_id": user}], number=number)
        said["contacts"][0]["user_id"] = user
        return envelope(said)

    await desk.comes(of("MA.1", "wamid.1", NUMBER), of("MA.9", "wamid.2", "200"))
    assert await rows(desk, "SELECT count(*) FROM customers") == [(1,)]

    await desk.comes(of("MA.2", "wamid.3", NUMBER))
    assert await rows(desk, "SELECT count(*) FROM customers") == [(2,)]
    assert [Flag.NUMBER_REUSED in card.flags for card in await desk.cards()] == [False, True]
