"""The customer beside the conversation, before it, or a key away."""

from dataclasses import replace

import pytest
from tests.tui.conftest import Take
from tests.tui.seat import Seat

from wainbox_tui.terminal import arabic

CUSTOMER = "First wrote"


async def test_a_narrow_terminal_shows_one_thing(sits: Take):
    """At sixty columns `i` puts the customer before the conversation, `i` or `q` takes them away,
    and `r` goes straight on to the reply."""
    async with sits("nadia", size=(60, 20)) as nadia:
        await nadia.press("i")
        await nadia.until("Open the conversation first.")
        await nadia.reads("Ali")
        assert not nadia.shows(CUSTOMER)
        await nadia.press("i")
        await nadia.until(CUSTOMER)
        assert not nadia.shows("hello from Ali")
        await nadia.press("i")
        await nadia.without(CUSTOMER)
        await nadia.press("i")
        await nadia.until(CUSTOMER)
        await nadia.press("q")
        await nadia.until("hello from Ali")
        await nadia.press("i")
        await nadia.until(CUSTOMER)
        await nadia.press("r")
        await nadia.until("esc back")
        await nadia.types("Bonjour")
        assert nadia.shows("hello from Ali")
        assert nadia.app.inbox.composer.text == "Bonjour"


@pytest.mark.parametrize("size", [(80, 24), (110, 30)], ids=["80", "110"])
async def test_a_wider_one_shows_them_beside(sits: Take, size):
    """From where there is room conversation and customer stand side by side."""
    async with sits("nadia", size=size) as nadia:
        await nadia.reads("Ali")
        await nadia.press("i")
        await nadia.until(CUSTOMER)
        assert nadia.shows("hello from Ali")


async def test_plain_is_one_column_of_letters(sits: Take):
    """For who hears the screen: one pane at a time however wide, no line beside it, no sign beyond
    ASCII, and Arabic in the order it is read."""
    async with sits("nadia", plain=True, bidi="auto", size=(120, 40)) as nadia:
        nadia.app.look = replace(nadia.app.look, mode=arabic(nadia.app.config)[0])
        await nadia.reads("Ali", "السلام عليكم")
        assert nadia.shows("السلام عليكم")
        assert not nadia.shows("n next")
        await nadia.press("i")
        await nadia.until(CUSTOMER)
        assert not nadia.shows("السلام عليكم")
        assert nadia.screen.isascii()
        await nadia.press("q", "q")
        await nadia.until("n next")
        assert nadia.screen.replace("السلام عليكم", "").isascii()


async def test_where_they_stand_anyway_i_shows_the_rest(nadia: Seat):
    """In a low window the pane goes on below, and begins again after its end; `q` still leaves the
    conversation at once."""
    await nadia.reads("Ali")
    await nadia.resize(120, 9)
    await nadia.without(CUSTOMER)
    await nadia.press("i")
    await nadia.until(CUSTOMER)
    await nadia.press("i", "i")
    await nadia.press("q")
    assert not nadia.app.inbox.reading
