"""Customers who come back to a case by its reference."""

from tests.bodies import message
from tests.relay.engine.conftest import Bench

from wainbox_relay.contract.commands import Resolve
from wainbox_relay.contract.vocabulary import DAY, SECOND, Status

FIVE_DAYS = 5 * DAY // SECOND


async def says(desk: Bench, wamid: str, words: str, phone: str = "212600000000") -> None:
    at = desk.clock.moment // SECOND
    await desk.comes(message(wamid, words, at, phone))


async def test_row_57_the_case_that_is_named_comes_back_not_the_newest(desk: Bench) -> None:
    """Two old cases of one customer: whichever they name, within thirty days; somebody else who
    names it begins their own."""
    for n in (1, 2):
        await says(desk, f"wamid.{n}", "Where is it?")
        await desk.order("nadia", f"W-{n}", Resolve(sure=True))
        desk.clock.pass_seconds(FIVE_DAYS)
    await says(desk, "wamid.other", "about #W-1", phone="212600000099")
    await says(desk, "wamid.back", "It is about #W-1 again")
    statuses = {card.ref: card.status for card in await desk.cards()}
    assert statuses == {"W-1": Status.OPEN, "W-3": Status.OPEN}
    [again] = [card for card in await desk.cards() if card.ref == "W-1"]
    assert again.last_message is not None
    assert again.last_message.text == "It is about #W-1 again"


async def test_row_57_while_a_case_is_under_way_a_reference_is_only_words(desk: Bench) -> None:
    await says(desk, "wamid.1", "Where is it?")
    await desk.order("nadia", "W-1", Resolve(sure=True))
    desk.clock.pass_seconds(FIVE_DAYS)
    await says(desk, "wamid.2", "Another question")
    await says(desk, "wamid.3", "as in #W-1")
    assert [card.ref for card in await desk.cards()] == ["W-2"]
