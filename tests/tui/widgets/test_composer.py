"""Writing a reply: Enter sends what was meant, and nothing else sends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.tui.widgets.bench import Bench, lines
from tests.tui.widgets.hostile import STRINGS
from tests.tui.widgets.reading import check
from textual import events

from wainbox_relay.contract.safe import Safe
from wainbox_tui.messages import DraftChanged, HurryWanted, Sent, TemplateWanted
from wainbox_tui.widgets.composer import Bound, Composer, EnterGuard, Mode

SARA = Bound(id=4, ref="W-1004", name=Safe("Sara"), number=Safe("Atlas Maroc"))


class At:
    """Sends keys with times of their own, as a terminal would over a while."""

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self.now = 1e9

    def wait(self, seconds: float) -> "At":
        self.now += seconds
        return self

    def focus(self) -> "At":
        event = events.Focus()
        event.time = self.now
        self.composer.on_focus(event)
        return self

    def key(self, key: str, character: str | None = None) -> "At":
        event = events.Key(key, character)
        event.time = self.now
        self.composer.on_key(event)
        return self

    def type(self, text: str, pause: float = 0.08) -> "At":
        for letter in text:
            name = {" ": "space", "\n": "ctrl+j"}.get(letter, letter)
            self.wait(pause).key(name, None if letter == "\n" else letter)
        return self

    def paste(self, text: str) -> "At":
        event = events.Paste(text)
        event.time = self.now
        self.composer.on_paste(event)
        return self

    def enter(self) -> "At":
        return self.key("enter", "\r")


@pytest.fixture
async def desk():
    composer = Composer()
    app = Bench(composer)
    async with app.run_test(size=(50, 12)) as pilot:
        composer.bind(SARA)
        yield At(composer), app, pilot


async def sent(app: Bench, pilot) -> list[str]:
    await pilot.pause()
    return [message.text for message in app.of(Sent)]


async def test_enter_sends_to_the_bound_conversation(desk):
    """What was typed goes to the conversation the composer names."""
    hand, app, pilot = desk
    hand.focus().wait(1).type("On its way").wait(0.3).enter()
    await pilot.pause()
    (message,) = app.of(Sent)
    assert (message.id, message.mode, message.text) == (4, "reply", "On its way")
    assert hand.composer.text == ""


async def test_enter_is_deaf_right_after_focus(desk):
    """The Enter that opened the composer does not send what stands in it."""
    hand, app, pilot = desk
    hand.composer.insert("Half a sentence")
    hand.focus().wait(0.1).enter().wait(0.25).enter()
    assert await sent(app, pilot) == []
    hand.wait(0.5).enter()
    assert await sent(app, pilot) == ["Half a sentence"]


async def test_a_held_key_never_sends(desk):
    """Enter held from the list through to the composer sends nothing, however long."""
    hand, app, pilot = desk
    hand.composer.insert("Draft")
    hand.focus()
    for _ in range(60):
        hand.wait(0.033).enter()
    assert await sent(app, pilot) == []


async def test_a_held_enter_sends_once(desk):
    """Holding Enter after a message sends it once and hurries nothing."""
    hand, app, pilot = desk
    hand.focus().wait(1).type("Hello").wait(0.3)
    hand.enter().wait(0.5)
    for _ in range(40):
        hand.enter().wait(0.033)
    assert await sent(app, pilot) == ["Hello"]
    assert app.of(HurryWanted) == []


async def test_a_second_enter_hurries_a_held_message(desk):
    """Enter in the empty composer asks for the held message to leave now."""
    hand, app, pilot = desk
    hand.focus().wait(1).type("Hello").wait(0.3).enter().wait(1).enter()
    await pilot.pause()
    assert [message.id for message in app.of(HurryWanted)] == [4]


async def test_a_restored_draft_wants_a_second_enter(desk):
    """What was typed yesterday is not sent by one slip."""
    hand, app, pilot = desk
    hand.composer.bind(SARA, "From yesterday")
    hand.focus().wait(1).enter()
    assert await sent(app, pilot) == []
    assert any("enter again sends" in line for line in lines(hand.composer))
    hand.wait(1).enter()
    assert await sent(app, pilot) == ["From yesterday"]


async def test_an_edited_draft_is_ones_own_again(desk):
    """One edit is enough to mean it."""
    hand, app, pilot = desk
    hand.composer.bind(SARA, "From yesterday")
    hand.focus().wait(1).type("!").wait(0.3).enter()
    assert await sent(app, pilot) == ["From yesterday!"]


async def test_a_paste_never_sends(desk):
    """Newlines and a forged end of paste in a paste send nothing; it is inserted cleaned."""
    hand, app, pilot = desk
    hand.focus().wait(1).paste("one\x1b[201~\ntwo\r\nthree\x07\u202e")
    hand.enter()
    for letter in "rm -rf\n":
        hand.wait(0.001)
        hand.enter() if letter == "\n" else hand.key(letter, letter)
    assert await sent(app, pilot) == []
    assert hand.composer.text == "one[201~\ntwo\nthreerm -rf"
    hand.wait(1).enter()
    assert await sent(app, pilot) == ["one[201~\ntwo\nthreerm -rf"]


async def test_a_burst_behind_a_paste_never_sends(desk):
    """What a paste spills as keys is the paste's, even when it takes a second."""
    hand, app, pilot = desk
    hand.focus().wait(1).paste("x")
    for _ in range(100):
        hand.wait(0.01).key("a", "a").wait(0.01).enter()
    assert await sent(app, pilot) == []


async def test_real_typing_after_a_paste_sends(desk):
    """A person who types on is heard."""
    hand, app, pilot = desk
    hand.focus().wait(1).paste("order 10482").wait(0.2).type(" is here").wait(0.3).enter()
    assert await sent(app, pilot) == ["order 10482 is here"]


async def test_newlines_are_typed_with_ctrl_j(desk):
    """Every terminal has ctrl+j."""
    hand, _, pilot = desk
    hand.focus().wait(1).type("a\nb")
    await pilot.pause()
    assert hand.composer.text == "a\nb"
    assert hand.composer.size.height == 4


async def test_the_box_grows_to_six_rows_and_then_scrolls(desk):
    """The caret stays in sight."""
    hand, _, pilot = desk
    hand.composer.focus()
    await pilot.pause()
    hand.wait(1).type("\n".join(f"row {n}" for n in range(9)))
    await pilot.pause()
    assert hand.composer.size.height == 8
    assert "row 8▏" in lines(hand.composer)[6]
    assert "row 2" not in " ".join(lines(hand.composer))


async def test_letters_never_leave_the_composer(desk):
    """Command letters are words here; keys it has no use for go on."""
    hand, _, _ = desk
    hand.focus()
    for key, character in (("j", "j"), ("q", "q"), ("question_mark", "?"), ("backspace", "\x7f")):
        event = events.Key(key, character)
        event.time = hand.now
        hand.composer.on_key(event)
        assert event._stop_propagation
    for key in ("escape", "ctrl+s", "ctrl+o", "tab", "f1"):
        event = events.Key(key, None)
        event.time = hand.now
        hand.composer.on_key(event)
        assert not event._stop_propagation


async def test_the_number_is_named_once(desk):
    """Where a colleague reads along the number stands above, and a word about the draft below."""
    hand, _, pilot = desk
    await pilot.resize_terminal(80, 24)
    hand.composer.bind(replace(SARA, reading=Safe("Samir is reading")))
    hand.composer.say(Safe("too long"))
    assert "\n".join(lines(hand.composer)).count("from Atlas Maroc") == 1


async def test_every_change_is_told(desk):
    """The draft is known as it is typed, with its conversation."""
    hand, app, pilot = desk
    hand.focus().wait(1).type("hi").key("backspace", None)
    await pilot.pause()
    assert [(m.id, m.text) for m in app.of(DraftChanged)] == [(4, "h"), (4, "hi"), (4, "h")]


async def test_a_slash_at_the_start_leads_to_the_picker(desk):
    """Only at the start; elsewhere it is a slash. What follows in the same breath is no text of
    the reply, unless nothing came of it."""
    hand, app, pilot = desk
    hand.focus().wait(1).key("slash", "/").type("order").enter()
    assert hand.composer.text == ""
    assert await sent(app, pilot) == []
    hand.composer.listen()
    hand.type("1/2")
    assert hand.composer.text == "1/2"


@pytest.mark.parametrize("away", ["escape", "ctrl+s", "ctrl+g", "ctrl+p", "ctrl+t", "ctrl+o"])
async def test_keys_behind_one_that_leads_away_are_not_text(desk, away):
    """A slow line brings them at once; they are for what gets the keys next."""
    hand, _, _ = desk
    hand.focus().wait(1).type("hello").key(away, None).type("d")
    assert hand.composer.text == "hello"
    hand.focus().type("!")
    assert hand.composer.text == "hello!"


async def test_too_long_is_said_and_not_sent(desk):
    """WhatsApp takes 4,096 characters."""
    hand, app, pilot = desk
    hand.focus().wait(1).paste("x" * 4_097).wait(1).enter()
    assert await sent(app, pilot) == []
    assert any("too long" in line for line in lines(hand.composer))


async def test_a_shut_window_takes_no_letters(desk):
    """Outside the window there is only the way to a template."""
    hand, app, pilot = desk
    hand.composer.set_window(timedelta(0))
    hand.focus().wait(1).type("hello").wait(1).enter()
    assert hand.composer.text == ""
    await pilot.pause()
    assert app.of(Sent) == []
    assert len(app.of(TemplateWanted)) == 1
    assert "Template" in lines(hand.composer)[0]
    words = " ".join(line.strip(" │") for line in lines(hand.composer)[1:-1])
    assert words == "Free text is over until the customer writes; enter finds a template."
    assert "window shut" in lines(hand.composer)[0]


async def test_a_note_needs_no_window(desk):
    """The team can always be told."""
    hand, app, pilot = desk
    hand.composer.set_window(None)
    hand.composer.write(Mode.NOTE)
    hand.focus().wait(1).type("called her").wait(0.3).enter()
    await pilot.pause()
    assert [(m.mode, m.text) for m in app.of(Sent)] == [("note", "called her")]


async def test_the_box_names_whom_it_writes_to(desk):
    """Conversation, number, window and draft stand on its edges."""
    hand, app, pilot = desk
    hand.composer.set_window(timedelta(minutes=1426))
    hand.composer.insert("Hi")
    app.set_focus(None)
    await pilot.pause()
    top, text, bottom = lines(hand.composer)
    assert top.startswith("  ╭ Reply  Sara ─")
    assert top.endswith("─ window 23h 46m ╮")
    assert text == "  │ Hi" + " " * 41 + "│"
    assert bottom.startswith("  ╰ from Atlas Maroc ─")
    assert bottom.endswith("─ draft kept ╯")


async def test_a_short_window_is_marked(desk):
    """Under two hours it is bold, with its sign."""
    hand, _, _ = desk
    hand.composer.set_window(timedelta(minutes=100))
    assert "◷ window 1:40" in lines(hand.composer)[0]


async def test_arabic_is_written_from_the_right(desk):
    """The caret stands left of the last letter and the box says the direction."""
    hand, _, pilot = desk
    hand.composer.focus()
    await pilot.pause()
    hand.wait(1).type("نعم")
    top, text, _ = lines(hand.composer)
    assert "ar ⇄" in top
    assert text[42] == "▕"
    assert text.rstrip("│ ")[-3:].strip()
    hand.key("right")
    assert hand.composer._buffer.caret == 2


async def test_what_was_taken_back_returns(desk):
    """A withdrawn message stands before what was typed since."""
    hand, _, _ = desk
    hand.focus().wait(1).type("and more")
    hand.composer.put_back("First words")
    assert hand.composer.text == "First words\nand more"


async def test_nothing_is_written_without_a_conversation(desk):
    """An unbound composer takes no key and shows nothing."""
    hand, app, pilot = desk
    hand.composer.unbind()
    hand.focus().wait(1).type("lost").wait(1).enter()
    assert hand.composer.text == ""
    assert await sent(app, pilot) == []
    assert lines(hand.composer) == ["", "", ""]


async def test_an_answer_is_never_pushed_out_by_who_is_here(desk):
    """A word about the draft has the whole edge; who is here returns with the next key."""
    hand, _, _ = desk
    hand.composer.describe(replace(SARA, reading=Safe("Nadia is writing")))
    assert "Nadia is writing" in lines(hand.composer)[-1]
    hand.composer.say(Safe("Nadia answered; enter sends this too"))
    assert "Nadia answered; enter sends this too" in lines(hand.composer)[-1]
    hand.focus().wait(1).type("x")
    assert "Nadia is writing" in lines(hand.composer)[-1]


async def test_hostile_text_is_written_and_never_obeyed(desk):
    """In the text, the name, the number: rows keep their width and hold nothing that acts."""
    hand, app, pilot = desk
    for nasty in STRINGS:
        hand.composer.bind(Bound(id=4, ref="W-4", name=Safe(nasty), number=Safe(nasty)), nasty)
        hand.focus().wait(1).paste(nasty)
        hand.composer.say(Safe(nasty))
        for y in range(hand.composer.size.height):
            check(hand.composer.render_line(y), 50)
        hand.enter()
    assert await sent(app, pilot) == []


def test_the_guard_alone():
    """Focus, hold, send, hold."""
    guard = EnterGuard()
    guard.focused(10)
    assert not guard.enter(10.39)
    assert guard.enter(10.7)
    assert not guard.enter(11.3)
    assert guard.enter(11.6)
