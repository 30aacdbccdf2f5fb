"""What happens between Enter and the customer's telephone."""

import pytest
from tests.tui.conftest import Take
from tests.tui.seat import Seat

held_back = pytest.mark.parametrize("home", [3], indirect=True)


@held_back
async def test_a_reply_is_held_and_can_be_taken_back(nadia: Seat):
    """`u` within the hold returns the text to the composer, and nothing is sent. The keys that do
    it from where the hands are stand beside it."""
    await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.writes("Bonjour")
    await nadia.until("esc u takes it back")
    await nadia.press("escape")
    await nadia.without("esc u takes it back", within=0.9)
    assert nadia.shows("u takes it back")
    await nadia.press("u")
    await nadia.until(lambda: nadia.app.inbox.composer.text == "Bonjour")
    await nadia.without("takes it back")
    assert not nadia.home.box.accepted
    assert nadia.app.drafts.get("W-1")


@held_back
async def test_a_second_enter_lets_it_go_at_once(nadia: Seat):
    """Enter on the empty reply ends the hold; `u` then says that it cannot be unsent."""
    ali = await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.writes("Bonjour")
    await nadia.until("takes it back")
    await nadia.after_enter()
    await nadia.press("enter")
    await nadia.home.box.until(lambda: ali.received, patience=1.5)
    await nadia.until("✓✓")
    await nadia.press("escape", "u")
    await nadia.until("it cannot be unsent")


@held_back
async def test_what_comes_while_a_reply_is_held_brings_it_back(nadia: Seat):
    """The customer writes within the hold: the reply does not leave, its text is there again."""
    ali = await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.writes("Bonjour")
    await nadia.until("takes it back")
    await ali.writes("wait, I found it")
    await nadia.until("The customer wrote while this was")
    await nadia.until(lambda: nadia.app.inbox.composer.text == "Bonjour")
    assert not ali.received


async def test_a_colleagues_message_stops_a_send(nadia: Seat):
    """A colleague wrote meanwhile: nothing is sent, the text is back, and Enter again sends it."""
    ali = await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("Bonjour")
    await nadia.home.desk("samir").replies("W-1", "I am on it")
    await nadia.home.box.until(lambda: len(ali.received) == 1)
    await nadia.writes("")
    await nadia.until("again sends yours")
    assert nadia.app.inbox.composer.text == "Bonjour"
    assert len(ali.received) == 1
    await nadia.after_enter()
    await nadia.press("enter")
    await nadia.home.box.until(lambda: len(ali.received) == 2)
    assert ali.received[-1].text == "Bonjour"
    await nadia.until(lambda: nadia.app.inbox.composer.text == "")


async def test_a_reply_in_another_language_stops_once(sits: Take):
    """The customer wrote Arabic, the reply is English: nothing leaves, the text is back, what is
    wrong and the way on stand whole in eighty columns, and Enter sends it."""
    async with sits("nadia", size=(80, 24)) as nadia:
        sara = await nadia.reads("Sara", "السلام عليكم، متى يصل الطلب؟ لم يرد علي أحد حتى الآن")
        english = "Hello Sara, your parcel left this morning and will arrive tomorrow."
        await nadia.press("r")
        await nadia.writes(english)
        await nadia.until("You write English; they wrote Arabic; enter sends it")
        assert nadia.app.inbox.composer.text == english
        assert not sara.received
        await nadia.after_enter()
        await nadia.press("enter")
        await nadia.home.box.until(lambda: len(sara.received) == 1)
        assert sara.received[-1].text == english


async def test_what_the_customer_added_in_sight_stops_nothing(nadia: Seat):
    """Customers send six short lines; those on the screen for a second were seen."""
    ali = await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("Bonjour")
    await ali.writes("another line")
    await nadia.until("another line")
    await nadia.after_enter()
    await nadia.after_enter()
    await nadia.press("enter")
    await nadia.home.box.until(lambda: ali.received)


async def test_an_unconfirmed_send_is_decided_by_a_person(nadia: Seat):
    """Nobody knows whether it arrived: Enter on it offers three answers, each in its words."""
    ali = await nadia.reads("Ali")
    nadia.home.box.change("ali", reads=False)
    nadia.home.box.delays.sent = None
    nadia.home.box.fault("reset_after")
    await nadia.press("r")
    await nadia.writes("Bonjour")
    await nadia.until("unconfirmed")
    await nadia.press("escape", "k", "enter")
    await nadia.until("send again, it may arrive twice")
    assert nadia.shows("it arrived")
    assert nadia.shows("leave it")
    await nadia.press("a")
    await nadia.without("unconfirmed")
    assert len(ali.received) == 1


@pytest.mark.parametrize(("key", "shown", "accepted"), [("r", "✓", 2), ("x", "left as it is", 1)])
async def test_an_unconfirmed_send_goes_again_or_stays(
    nadia: Seat, key: str, shown: str, accepted: int
):
    """`r` sends it once more, `x` leaves it and asks no more."""
    ali = await nadia.reads("Ali")
    nadia.home.box.delays.sent = None
    nadia.home.box.fault("reset_after")
    await nadia.press("r")
    await nadia.writes("Bonjour")
    await nadia.until("unconfirmed")
    await nadia.press("escape", "k", "enter")
    await nadia.until("leave it")
    await nadia.press(key)
    await nadia.until(shown)
    await nadia.home.box.until(lambda: len(ali.received) == accepted)


async def test_a_failed_send_says_what_to_do(nadia: Seat):
    """A customer who cannot be reached: the reason and the next step stand on the message."""
    await nadia.reads("Ali")
    nadia.home.box.change("ali", reachable=False)
    await nadia.press("r")
    await nadia.writes("Bonjour")
    await nadia.until("✗ failed")
    await nadia.press("escape", "k", "enter")
    await nadia.until("send again")


async def test_a_shut_window_leaves_a_template(nadia: Seat):
    """After 24 hours the composer says so; Enter finds a template, its values are asked for."""
    who = nadia.home.box.newcomer("old", "Old Friend")
    await who.writes("hello from last week", ago=3 * 86400)
    await nadia.home.box.settled()
    await nadia.home.read()
    await nadia.until("Old Friend")
    await nadia.press("enter")
    await nadia.until("window shut")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("words go nowhere")
    assert nadia.app.inbox.composer.text == ""
    await nadia.after_enter()
    await nadia.press("enter")
    await nadia.until("template")


async def test_who_is_reading_and_writing_is_seen(nadia: Seat, sits: Take):
    """A colleague who has the conversation open is named, and named as writing when they write."""
    await nadia.reads("Ali")
    async with sits("samir") as samir:
        await samir.until("Ali")
        await samir.press("enter")
        await nadia.until("Samir is reading")
        await samir.until("Nadia is reading")
        await samir.press("r")
        await samir.until("esc back")
        await samir.types("Bo")
        await nadia.until("Samir is writing")
    await nadia.without("Samir is")
