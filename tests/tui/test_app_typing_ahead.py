"""Keys that come before what they are for: a slow line brings several at once."""

from tests.tui.seat import Seat
from textual.events import Hide


async def test_letters_behind_r_are_the_replys(nadia: Seat):
    """`r` and the words after it in one piece, on a conversation that is not open yet: the words
    are in the reply, none of them acted, and the Enter among them sent nothing."""
    await nadia.customer("Ali", "hello")
    await nadia.until("Ali")
    before = nadia.home.files.one("SELECT count(*) FROM history")
    await nadia.bursts("r", *"such code, one!", "enter")
    await nadia.until(lambda: nadia.app.inbox.composer.text == "such code, one!")
    assert nadia.shows("draft kept")
    assert nadia.app.inbox.queue.cursor == 0
    assert nadia.home.files.one("SELECT count(*) FROM history") == before
    assert not nadia.home.box.accepted


async def test_they_are_also_where_the_conversation_is_open(nadia: Seat):
    """The same from the open conversation, and for a note."""
    await nadia.reads("Ali")
    await nadia.bursts("m", *"he calls back")
    await nadia.until("he calls back")
    assert nadia.app.inbox.composer.mode == "note"


async def test_esc_calls_a_reply_off_that_has_not_come(nadia: Seat):
    """What was typed for it goes with it; the next key acts again."""
    await nadia.customer("Ali", "hello")
    await nadia.until("Ali")
    await nadia.bursts("r", *"cc", "escape", "t")
    await nadia.until("a leading - takes one off")
    await nadia.press("escape")
    await nadia.until("Reply")
    assert nadia.app.inbox.composer.text == ""
    assert not nadia.app.inbox.composer.has_focus


async def test_letters_behind_a_slash_search_the_replies(nadia: Seat):
    """`/` and a word in one piece: the word is looked for, and never sent."""
    await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.bursts("/", *"order")
    await nadia.until("canned replies and templates")
    await nadia.until(" order")
    assert nadia.app.inbox.composer.text == ""


async def test_keys_behind_esc_act(nadia: Seat):
    """`esc` and `u` in one piece: the reply keeps its text, and `u` is no part of it."""
    await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("Bonjour")
    await nadia.bursts("escape", "t")
    await nadia.until("a leading - takes one off")
    assert nadia.app.inbox.composer.text == "Bonjour"


async def test_a_window_too_low_to_write_in_says_so(nadia: Seat):
    """Nothing is typed into what cannot be seen."""
    await nadia.reads("Ali")
    await nadia.resize(60, 7)
    await nadia.press("r", "x")
    await nadia.resize(120, 40)
    assert nadia.app.inbox.composer.text == ""
    assert not nadia.app.inbox.expects_reply


async def test_no_key_for_a_second_question_is_the_replys(nadia: Seat):
    """The palette asks and is gone, the picker it led to asks, and only then comes word that the
    first was hidden: the keys stay with the question, and none is typed into the reply."""
    await nadia.reads("Ali")
    await nadia.press("k", "p")
    await nadia.until("palette")
    await nadia.types("react")
    await nadia.press("enter")
    await nadia.until("👍")
    nadia.app.inbox.picker.post_message(Hide())
    await nadia.press("down", "enter")
    await nadia.until("❤")
    await nadia.home.box.until(lambda: nadia.home.box.accepted)
    assert nadia.home.box.accepted[-1].body["reaction"]["emoji"] == "❤️"
    assert not nadia.app.inbox.composer.has_focus


async def test_a_reply_that_is_hidden_takes_no_keys(nadia: Seat):
    """The window gets too low for it while one writes: what is typed then is not typed blindly."""
    await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("Bon")
    await nadia.resize(60, 7)
    await nadia.until(lambda: nadia.app.screen.focused is None)
    await nadia.press("x", "z")
    await nadia.resize(120, 40)
    assert nadia.app.inbox.composer.text == "Bon"
