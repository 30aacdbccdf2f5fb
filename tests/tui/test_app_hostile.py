"""X1 and X5: nothing that a customer, a colleague, a file or a clipboard says can act."""

import re

from tests.tui.seat import Seat
from tests.tui.widgets.hostile import STRINGS

from wainbox_tui.widgets.draw import ACTING

HOSTILE = [words[:4000] for words in STRINGS]


async def test_hostile_text_in_every_field_is_only_text(nadia: Seat):
    """Names, messages, captions, file names, notes, tags, drafts, filters: no crash, no deed, and
    no acting character in anything that is painted."""
    home = nadia.home
    for n, words in enumerate(HOSTILE):
        who = home.box.newcomer(f"h{n}", words)
        await who.writes(words, ago=len(HOSTILE) - n)
        if n % 8 == 0:
            await who.sends("document", filename=words, caption=words)
    await home.box.settled(30)
    await home.read()
    desk = home.desk("samir")
    await nadia.press("g", "n", "home")
    shown = ""
    for _ in range(6):
        shown += nadia.screen
        await nadia.press("pagedown")
    for card in (await desk.cards())[::8]:
        words = card["last_message"]["text"]
        await desk.does(card["ref"], "note", body=f"note {words}")
        await desk.does(card["ref"], "tag", add=[f"tag{''.join(words.split())[:30]}"])
        await nadia.command(f"goto {card['ref']}")
        await nadia.until(f"#{card['ref']}")
        await nadia.press("r")
        await nadia.pastes(words)
        shown += nadia.screen
        await nadia.press("escape", "w")
        shown += nadia.screen
        await nadia.press("escape", "q")
    await nadia.press("f")
    for words in HOSTILE[::2]:
        await nadia.press("ctrl+u")
        await nadia.pastes(words)
        shown += nadia.screen
    await nadia.press("escape")
    assert not re.findall(ACTING.pattern, shown.replace("\n", ""))
    assert shown.count("[/nope]") > 1
    assert not home.box.accepted


async def test_a_paste_never_sends(nadia: Seat):
    """X5: a clipboard with a newline, the end-of-paste mark and commands is text in the draft."""
    await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.pastes("first\x1b[201~\r\nsecond\r\x1b]52;c;cHduZWQ=\x07:quit\n")
    await nadia.after_enter()
    text = nadia.app.inbox.composer.text
    assert text.startswith("first[201~\nsecond")
    assert "\x1b" not in text
    assert not nadia.home.box.accepted
