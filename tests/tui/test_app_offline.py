"""The relay is away and comes back, before the open app."""

import pytest
from tests.tui.conftest import Take
from tests.tui.seat import Seat


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80", "120"])
async def test_a_reply_waits_for_the_relay(sits: Take, size):
    """The relay dies while a reply is written. That the line is down stands on top, also over a
    conversation alone; Enter says that the text is kept and what to do; once the relay is there
    again nothing of it is said any more, and Enter sends, once."""
    async with sits("nadia", size=size) as nadia:
        ali = await nadia.reads("Ali")
        await nadia.press("r")
        await nadia.until("esc back")
        await nadia.types("Bonjour")
        await nadia.home.kill()
        await nadia.until("offline, trying again")
        await nadia.types(" Ali")
        await nadia.after_enter()
        await nadia.press("enter")
        await nadia.until(lambda: "kept; enter tries again." in nadia.app.inbox.said)
        assert size[0] > 100 or nadia.shows("Your text is kept; enter tries again.")
        assert nadia.app.inbox.composer.text == "Bonjour Ali"
        await nadia.home.start()
        await nadia.without("offline")
        await nadia.until(lambda: not nadia.app.inbox.said)
        await nadia.after_enter()
        await nadia.press("enter")
        await nadia.home.box.until(lambda: ali.received)
        await nadia.until("✓✓")
        assert [sent.text for sent in ali.received] == ["Bonjour Ali"]


async def test_what_was_said_goes_with_the_next_key(nadia: Seat):
    """Also when that key is a letter of the reply."""
    await nadia.reads("Ali")
    await nadia.press("o")
    await nadia.until("There is no link")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.press("ctrl+p")
    await nadia.until("palette")
    await nadia.types("attach /nowhere/at-all.png")
    await nadia.press("enter")
    await nadia.until("cannot be read")
    await nadia.types("B")
    await nadia.without("cannot be read")
