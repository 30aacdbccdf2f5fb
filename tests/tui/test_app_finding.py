"""Finding one's way: views, new rows, filter, search, palette, command line, history, help."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.proof.running import Forge, house
from tests.tui.conftest import Take
from tests.tui.seat import Seat, seated
from tests.tui.test_cli_pipes import Pipe


async def test_new_rows_wait_until_they_are_asked_for(nadia: Seat):
    """The order under the cursor stands still; `g n` shows what came."""
    await nadia.customer("Ali", "hello")
    await nadia.until("Ali")
    await nadia.customer("Omar", "good morning")
    await nadia.until("+1 new")
    assert not nadia.shows("Omar")
    await nadia.press("g")
    await nadia.until("new rows")
    await nadia.press("n")
    await nadia.until("Omar")
    await nadia.without("+1 new")


async def test_a_filter_narrows_the_view_and_is_shown(nadia: Seat):
    """`f` takes terms; a wrong one says what is wrong and changes nothing."""
    await nadia.customer("Ali", "hello")
    await nadia.customer("Omar", "hello")
    await nadia.home.desk().does("W-2", "tag", add=["vip"])
    await nadia.press("g", "n", "f")
    await nadia.until("filter")
    await nadia.types("tag:vip")
    await nadia.press("enter")
    await nadia.without("Ali")
    assert nadia.shows("Omar")
    assert nadia.shows("filter tag:vip")
    await nadia.press("f")
    await nadia.press("ctrl+u")
    await nadia.types("colour:red")
    await nadia.press("enter")
    await nadia.until("colour")
    assert nadia.shows("Omar")


async def test_a_search_finds_words_in_messages(nadia: Seat):
    """A word of long ago finds its conversation; a word of nobody says so."""
    await nadia.customer("Ali", "my parcel is a zellige table", "anything new?")
    await nadia.customer("Omar", "hello")
    await nadia.until("Ali")
    await nadia.command("search zellige")
    await nadia.until("1 found")
    assert not nadia.shows("Omar")
    await nadia.command("search nowhere")
    await nadia.until("Nothing holds")


async def test_the_palette_finds_an_action_and_says_why_not(nadia: Seat):
    """`p` and a few letters; what cannot be done says so and stays undone."""
    await nadia.customer("Ali", "hello")
    await nadia.until("Ali")
    await nadia.press("p")
    await nadia.types("claim")
    await nadia.press("enter")
    await nadia.until("is yours")


async def test_the_command_line_takes_arguments(nadia: Seat):
    """`:assign @lina` gives the conversation under the cursor to Lina."""
    await nadia.customer("Ali", "hello")
    await nadia.until("Ali")
    await nadia.command("assign @lina")
    await nadia.until("Ali Lina")
    assert (await nadia.home.desk().cards())[0]["assignee"] == "lina"
    await nadia.command("tag vip")
    await nadia.until("tagged vip")
    await nadia.command("nonsense")
    await nadia.until("There is no action")


async def test_a_snooze_says_back_how_it_was_read(nadia: Seat):
    """The time that was typed stands below the line, with its zone, before Enter."""
    await nadia.reads("Ali")
    await nadia.command("claim")
    await nadia.until("is yours")
    await nadia.press("r")
    await nadia.writes("We will see on Monday")
    await nadia.until("✓✓")
    await nadia.press("escape", "z")
    # Further away the window would shut before it wakes, which is said instead.
    in_two_hours = nadia.app.now() + timedelta(hours=2)
    await nadia.types("2h")
    await nadia.until(f"{in_two_hours:%a} {in_two_hours.day} {in_two_hours:%b}")
    await nadia.press("enter")
    await nadia.until("snoozed until")
    assert (await nadia.home.desk().cards("snoozed"))[0]["status"] == "snoozed"


async def test_a_time_is_that_of_the_shop(
    tmp_path: Path,
    forge: Forge,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """`tomorrow 9` is nine o'clock where the number keeps its hours, wherever the terminal runs;
    line and pipe name the place."""
    shop = {"name": "shop", "zone": "Pacific/Kiritimati", "week": {"monday": "9:00-21:00"}}
    async with house(tmp_path, forge, number={"calendar": "shop"}, calendars=[shop]) as home:
        async with seated(home, tmp_path, monkeypatch) as nadia:
            await nadia.reads("Ali")
            await nadia.press("z")
            await nadia.types("tomorrow 9")
            there = datetime.now(ZoneInfo("Pacific/Kiritimati")) + timedelta(days=1)
            await nadia.until(f"{there:%a} {there.day} {there:%b} 09:00 Kiritimati")
        wainbox = Pipe(home, capsys, monkeypatch)
        told = await wainbox("snooze", "W-1", "2h", "--sure")
        assert told.err.endswith(" Kiritimati\n")
        told = await wainbox.as_("lina")("bulk", "snooze", "tomorrow", "9")
        assert "09:00 Kiritimati; --yes does it" in told.err


async def test_a_moment_that_cannot_be_read_stays_to_be_mended(nadia: Seat):
    """The line keeps what was typed, and says what would do."""
    await nadia.reads("Ali")
    await nadia.press("z")
    await nadia.types("whenever")
    await nadia.press("enter")
    await nadia.until("Try 30m, 2h")
    assert nadia.shows("whenever")


async def test_a_file_is_saved_or_linked(nadia: Seat, tmp_path: Path):
    """`v` on a message with a file: saved where one says, never over another file; or a link."""
    who = await nadia.reads("Ali")
    await who.sends("document", filename="releve.pdf", caption="here it is")
    await nadia.until("releve.pdf")
    await nadia.until(lambda: nadia.app.desk_state.open.in_order()[-1].media.state == "ready")
    await nadia.press("k", "v")
    await nadia.until("save here")
    await nadia.press("s")
    await nadia.until("save as")
    await nadia.press("ctrl+u")
    target = tmp_path / "saved.pdf"
    await nadia.pastes(str(target))
    await nadia.press("enter")
    await nadia.until("saved as")
    assert target.read_bytes()
    await nadia.press("v", "s", "ctrl+u")
    await nadia.pastes(str(target))
    await nadia.press("enter")
    await nadia.until("exists already")
    await nadia.press("v", "l")
    await nadia.until("works once")


async def test_history_is_one_scroll(nadia: Seat):
    """Older messages come by scrolling up, across pages and earlier cases."""
    who = await nadia.customer("Ali", "the very first word")
    await nadia.home.desk().does("W-1", "resolve", sure=True)
    for n in range(130):
        await who.writes(f"line {n}")
    await nadia.home.box.settled()
    await nadia.home.read()
    await nadia.until("Ali")
    await nadia.press("enter")
    await nadia.until("line 129")
    assert not nadia.shows("the very first word")
    for _ in range(12):
        await nadia.press("pageup")
    await nadia.press("home")
    await nadia.until("the very first word")
    await nadia.until("Today")


async def test_what_asks_says_what_it_takes(nadia: Seat):
    """While a line is typed no letter acts, so none is offered; the example of what may be typed
    stands below the line, and comes back once a fault is mended."""
    await nadia.press("f")
    await nadia.until("such as lang:ar tag:vip")
    await nadia.without("c claim")
    assert nadia.shows("esc back")
    await nadia.types("lag:ar")
    await nadia.press("enter")
    await nadia.without("such as")
    await nadia.press("backspace")
    await nadia.until("such as lang:ar tag:vip")
    await nadia.press("escape")
    await nadia.until("c claim")


async def test_v_and_o_find_what_they_are_for(nadia: Seat):
    """Without a message chosen they mean the newest file and the newest link."""
    ali = await nadia.reads("Ali", "see https://shop.example/t/1 please")
    await ali.writes("thanks")
    await nadia.until("thanks")
    await nadia.press("v")
    await nadia.until("Choose a message with a file first")
    await ali.sends("document", filename="releve.pdf")
    await nadia.until("v opens")
    await ali.writes("did you get it?")
    await nadia.until("did you get it?")
    await nadia.press("v")
    await nadia.until("link for a browser")
    await nadia.press("escape", "o")
    await nadia.until(lambda: "Link" in nadia.screen.splitlines()[1])
    assert nadia.shows("https://shop.example/t/1")


async def test_a_question_gives_the_keys_back(nadia: Seat):
    """To whatever had them: to an empty reply that was being begun, and to the messages although
    there is a draft."""
    await nadia.reads("Ali")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.press("slash")
    await nadia.until("canned replies and templates")
    await nadia.press("escape")
    await nadia.until("ctrl+j new line")
    await nadia.types("Bonjour")
    await nadia.press("escape", "t")
    await nadia.until("a leading - takes one off")
    await nadia.types("gift")
    await nadia.press("enter")
    await nadia.until("tagged gift")
    await nadia.press("i", "y")
    assert nadia.app.inbox.composer.text == "Bonjour"


async def test_help_is_of_the_pane_one_is_in(nadia: Seat):
    """`?` lists the keys of the queue, of the conversation or, with `f1`, of the reply; `tab` all
    of them, typing finds one, `esc` leaves."""
    await nadia.press("question_mark")
    await nadia.until("in the queue")
    assert nadia.shows("next that needs me")
    assert not nadia.shows("open or save the file")
    await nadia.press("tab")
    await nadia.until("everywhere")
    await nadia.types("snoo")
    await nadia.until(lambda: not nadia.shows("reply"))
    assert nadia.shows("g z")
    assert nadia.shows("snoozed")
    await nadia.press("escape")
    await nadia.reads("Ali")
    await nadia.press("question_mark")
    await nadia.until("in the conversation")
    assert nadia.shows("open or save the file")
    await nadia.press("escape", "r")
    await nadia.until("esc back")
    await nadia.press("f1")
    await nadia.until("in the reply")
    assert nadia.shows("send, then on customer")
    assert not nadia.shows("escalate")
    await nadia.press("escape")
    await nadia.until("ctrl+j new line")
    assert nadia.app.inbox.composer.has_focus


async def test_help_fits_a_small_terminal(sits: Take):
    """In eighty columns the keys of a pane stand in two columns, all of them in sight; of all keys
    the rest is a page away."""
    async with sits("nadia", size=(80, 24)) as nadia:
        await nadia.press("question_mark")
        await nadia.until("in the queue")
        assert nadia.shows("move down")
        assert nadia.shows("Keys of your own")
        for key in ("ctrl+q", "end", "page up"):
            assert nadia.shows(key)
        await nadia.press("tab")
        await nadia.until("everywhere")
        await nadia.press("pagedown", "pagedown", "pagedown", "pagedown", "pagedown")
        await nadia.until("back; the draft is kept")


async def test_views_are_one_key_away(nadia: Seat):
    """`g m` shows mine, `g a` all, `-` the view before."""
    await nadia.customer("Ali", "hello")
    await nadia.until("Ali")
    await nadia.press("g", "m")
    await nadia.until("Nothing waits here")
    await nadia.press("minus")
    await nadia.until("Ali")


async def test_why_tells_the_reasons(nadia: Seat):
    """`w` lists what made the conversation stand where it stands."""
    await nadia.customer("Ali", "hello")
    await nadia.until("Ali")
    await nadia.press("w")
    await nadia.until("why it is where it is")
    await nadia.press("escape")
    await nadia.until("Ali")
