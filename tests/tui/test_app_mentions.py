"""Being named in a note, as agents live it: the badge, `g i`, reading, and pipes."""

from tests.tui.conftest import Take
from tests.tui.test_cli_pipes import Pipe, wainbox

__all__ = ["wainbox"]


async def test_a_mention_waits_until_it_was_read(sits: Take, wainbox: Pipe):
    """Samir names Nadia; pipes and her header count it, `g i` shows it, a second of reading ends
    it."""
    await wainbox.hears("Ali", "my parcel is lost")
    assert (await wainbox.as_("samir")("note", "W-1", "@nadia you know him")).code == 0
    assert (await wainbox("queue", "mentions")).out == ""
    nadia = wainbox.as_("nadia")
    assert (await nadia("queue", "all", "--filter", "mention:me")).out.startswith("W-1")
    async with sits("nadia") as seat:
        await seat.until("Mentions 1")
        await seat.press("g", "i")
        await seat.until("Ali")
        await seat.press("enter")
        await seat.until("you know him")
        await seat.until(lambda: "Mentions 1" not in seat.screen)
    assert (await nadia("queue", "mentions")).out == ""
