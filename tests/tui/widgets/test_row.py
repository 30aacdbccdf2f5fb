"""A card becomes a row."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from tests.tui import pretend
from tests.tui.widgets.hostile import STRINGS, short
from tests.tui.widgets.reading import bold, check, text

from wainbox_relay.contract.views import ClockFace
from wainbox_relay.contract.vocabulary import Flag, Kind, Priority, Standing, Status, Turn
from wainbox_tui.glyphs import ASCII
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Look
from wainbox_tui.widgets.row import (
    Hand,
    Marks,
    one_line,
    row_of,
    short_language,
    skeleton,
    two_lines,
    window_clock,
)

LOOK = Look(zone=pretend.ZONE)
DESK = pretend.desk()
NONE = Hand()


def row(marks: Marks | None = None, look: Look = LOOK, **given):
    return row_of(pretend.card(**given), DESK, pretend.NOW, look, marks)


def day(**spans: float):
    return pretend.NOW + timedelta(**spans)


@pytest.mark.parametrize(
    ("given", "glyph", "word", "strong"),
    [
        ({}, "•", "our turn", True),
        ({"priority": Priority.URGENT}, "•", "urgent", True),
        ({"priority": Priority.HIGH}, "•", "high", True),
        ({"priority": Priority.LOW}, "•", "our turn", True),
        ({"said_by": "nadia"}, "→", "on customer", False),
        ({"said_by": "nadia", "status": Status.OPEN}, "→", "kept open", False),
        ({"flags": (Flag.DELIVERY_TROUBLE,)}, "✗", "undelivered", True),
        ({"flags": (Flag.UNCONFIRMED,), "said_by": "nadia"}, "?", "unconfirmed", True),
        ({"flags": (Flag.WOKE,), "turn": Turn.THEIRS}, "•", "woke", True),
        ({"status": Status.BOT}, "◇", "bot", False),
        ({"status": Status.BOT, "flags": (Flag.STANDBY,)}, "◇", "Meta has it", False),
        ({"status": Status.RESOLVED, "turn": Turn.THEIRS}, "✓", "resolved", False),
        (
            {"status": Status.RESOLVED, "turn": Turn.THEIRS, "flags": (Flag.SPAM,)},
            "✓",
            "spam",
            False,
        ),
        ({"window_closes_at": day(minutes=100)}, "•", "window 1:40", True),
        ({"window_closes_at": day(minutes=48)}, "•", "window 48m", True),
        ({"window_closes_at": day(minutes=-1)}, "•", "window shut", True),
        ({"said_by": "lina", "window_closes_at": day(minutes=100)}, "→", "window 1:40", False),
        ({"said_by": "lina", "window_closes_at": day(minutes=-9)}, "→", "on customer", False),
        ({"status": Status.SNOOZED, "snoozed_until": day(hours=5)}, "z", "until 14:18", False),
        ({"status": Status.SNOOZED, "snoozed_until": pretend.at(9, 0, 28)}, "z", "until Sat 9",
         False),
        ({"status": Status.SNOOZED, "snoozed_until": pretend.at(9, 30, 28)}, "z", "Sat 9:30",
         False),
        ({"status": Status.SNOOZED, "snoozed_until": day(days=11)}, "z", "until 3 Dec", False),
        ({"clock": pretend.due(6.34)}, "•", "due 6:20", True),
        ({"clock": pretend.due(0.8, at_risk=True)}, "▲", "due 0:48", True),
        ({"clock": pretend.due(-2.09)}, "!", "late 2:05", True),
        ({"clock": ClockFace(target="first", missed=True)}, "!", "missed", True),
        ({"clock": ClockFace(target="resolution", paused=True), "said_by": "nadia"}, "→",
         "on customer", False),
        ({"clock": pretend.due(90, at_risk=True), "said_by": "lina", "status": Status.OPEN}, "▲",
         "due 1h 30m", False),
        ({"clock": pretend.due(9), "window_closes_at": day(minutes=48)}, "•", "window 48m", True),
        ({"flags": (Flag.ESCALATED,), "clock": pretend.due(-9)}, "⇑", "escalated", True),
        ({"flags": (Flag.ESCALATED, Flag.ACKED)}, "•", "our turn", True),
        ({"flags": (Flag.PENDING,), "clock": pretend.due(9)}, "☾", "after hours", True),
        ({"flags": (Flag.PENDING, Flag.WINDOW_SHUTS), "window_closes_at": day(hours=12.2)}, "◷",
         "shuts 21:30", True),
        ({"flags": (Flag.PENDING,), "window_closes_at": day(hours=-1)}, "☾", "window shut", True),
        ({"flags": (Flag.THANKS,), "said_by": "nadia", "status": Status.OPEN}, "→", "resolve?",
         False),
    ],
)  # fmt: skip
def test_every_state_has_a_sign_and_a_word(given: dict, glyph: str, word: str, strong: bool):  # noqa: FBT001
    """A state is a sign and a word, and only what asks for us is bold."""
    shown = row(**given)
    assert (shown.glyph, shown.word, shown.strong) == (glyph, word, strong)
    assert len(word) <= 11


def test_nothing_but_a_clock_is_amber():
    """Trouble that is no clock is said in bold words, never in a clock's colour."""
    trouble = [row(flags=(flag,)) for flag in (Flag.DELIVERY_TROUBLE, Flag.UNCONFIRMED)]
    assert {shown.ink for shown in trouble} == {Ink.WORD}


def test_a_clock_goes_on_by_itself():
    """Between two words of the relay a clock falls due on the screen, in the ink that it needs."""
    card = pretend.card(clock=pretend.due(1))
    later = [row_of(card, DESK, day(seconds=n), LOOK) for n in (0, 1, 59, 60, 125)]
    assert [shown.word for shown in later] == [
        "due 1:00", "due 0:59", "due 0:01", "late 0:00", "late 1:05"
    ]  # fmt: skip
    assert [shown.ink for shown in later[2:4]] == [Ink.DIM, Ink.LATE]


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ({"priority": Priority.URGENT, "clock": pretend.due(6)}, "urgent"),
        ({"flags": (Flag.URGENT, Flag.PENDING)}, "urgent"),
        ({"priority": Priority.URGENT}, ""),
        ({"flags": (Flag.ESCALATED, Flag.ACKED)}, "escalated"),
        ({"flags": (Flag.REOPENED, Flag.RETURNED)}, "returned"),
        ({"clock": pretend.due(-1), "window_closes_at": day(minutes=48)}, "window 48m"),
        ({"flags": (Flag.REOPENED,), "status": Status.RESOLVED}, ""),
    ],
)
def test_one_note_says_what_the_word_does_not(given: dict, note: str):
    """What else changes the next step stands before the preview: one thing, said once."""
    assert row(**given).note == note


def test_a_note_gives_way_to_the_words():
    """In a narrow pane the customer's words are worth more than a note on them."""
    shown = row(flags=(Flag.HANDED_OVER,), text="Where is my order?")
    assert "handed over  Where is" in text(one_line(shown, 80, LOOK, NONE))
    assert "handed over" not in text(one_line(shown, 64, LOOK, NONE))


@pytest.mark.parametrize(
    ("given", "lead", "preview"),
    [
        ({"text": "Hello\n  there"}, (), "Hello there"),
        ({"text": "On its way", "said_by": "nadia"}, ("You:",), "On its way"),
        ({"text": "On its way", "said_by": "lina"}, ("Lina:",), "On its way"),
        ({"text": "We open at 9", "said_by": ""}, ("Auto:",), "We open at 9"),
        ({"text": "نعم", "said_by": "nadia"}, (), "أنت: نعم"),
        ({"text": "نعم", "said_by": "samir"}, ("Samir:",), "نعم"),
        ({"text": "colis.jpg", "kind": Kind.IMAGE}, ("▣ photo",), "colis.jpg"),
        ({"text": "", "kind": Kind.VOICE, "said_by": "lina"}, ("Lina:", "♪ voice"), ""),
    ],
)
def test_preview_says_who_and_what(given: dict, lead: tuple[str, ...], preview: str):
    """Our own words are marked as ours, and a file by its kind."""
    shown = row(**given)
    assert (shown.lead, shown.preview) == (lead, preview)


@pytest.mark.parametrize(
    ("customer", "name"),
    [
        ({}, "Amira Haddad"),
        ({"name": "", "username": "amira"}, "amira"),
        ({"name": " \n", "phone": "+212600000000"}, "W-1001"),
        ({"name": "", "phone": "+212600000000"}, "+212600000000"),
        ({"name": "", "phone": "", "user_id": "MA.9"}, "MA.9"),
        ({"name": "\x1b[2J\u202e", "phone": ""}, "[2J"),
    ],
)
def test_a_customer_is_called_by_what_is_known(customer: dict, name: str):
    """No name leaves a row without one."""
    assert row(customer=customer).name == name


def test_owner_is_said_only_when_it_is_another():
    """My own conversations say nothing of me; nobody's say so."""
    assert row().owner == ""
    assert row(assignee=None).owner == "nobody"
    assert row(assignee="lina").owner == "Lina"
    assert row(assignee="gone").owner == "gone"
    assert row(assignee=None, status=Status.RESOLVED, resolver="samir").owner == "Samir"


def test_one_line_stands_on_the_grid():
    """At 80 columns every part is where the eye looks for it."""
    shown = row(identity=4, name="سارة العلي", text="متى يصل الطلب؟", unread=2, language="ar")
    line = text(one_line(shown, 80, LOOK, Hand(here=True, focused=True)))
    assert line[0] == "▌"
    assert line[1] == "•"
    assert line[3:20].strip()
    assert line[49:51] == " 2"
    assert line[52:54] == "ar"
    assert line[56:61] == "Nadia"
    assert line[63:66].strip() == "7m"
    assert line[68:79].strip() == "our turn"
    assert line[79] == " "


def test_two_lines_stand_on_the_grid():
    """At 40 columns the clock and the age end one cell before the edge."""
    shown = row(assignee="lina", text="Where is my order #10497?", unread=2)
    first, second = map(text, two_lines(shown, 40, LOOK, NONE, None))
    assert first == " • Amira Haddad  Lina          our turn "
    assert second == "   Where is my order #10497?  2 en   7m "


def test_a_heading_spares_the_word():
    """What the heading says is not said again; another word always is."""
    shown = row()
    assert "our turn" not in text(two_lines(shown, 40, LOOK, NONE, Standing.OURS)[0])
    assert "our turn" in text(two_lines(shown, 40, LOOK, NONE, Standing.THEIRS)[0])
    urgent = row(priority=Priority.URGENT)
    assert "urgent" in text(two_lines(urgent, 40, LOOK, NONE, Standing.OURS)[0])
    pending = row(flags=(Flag.PENDING,), clock=pretend.due(11.8))
    assert "due 11:48" in text(two_lines(pending, 40, LOOK, NONE, Standing.AFTER_HOURS)[0])
    assert "after hours" in text(two_lines(pending, 40, LOOK, NONE, Standing.OURS)[0])


def test_name_gives_way_before_the_word():
    """A long name is cut; the state never is."""
    shown = row(name="Boutique Zellige de la Medina", flags=(Flag.DELIVERY_TROUBLE,))
    first = text(two_lines(shown, 40, LOOK, NONE, None)[0])
    assert first.endswith("undelivered ")
    assert "…" in first


def test_waiting_work_is_bold_and_other_work_is_not():
    """One glance finds what waits on us."""
    assert "Amira Haddad" in bold(one_line(row(), 80, LOOK, NONE))
    assert "Amira Haddad" not in bold(one_line(row(said_by="nadia"), 80, LOOK, NONE))


def test_marks_and_drafts_show():
    """A marked row and an unsent draft are seen in the list."""
    shown = row(Marks(marked={1}, drafts={"W-1001"}))
    line = text(one_line(shown, 80, LOOK, NONE))
    assert line[2] == "◆"
    assert "✎ draft" in line


def test_in_sixty_columns_language_and_age_stand_apart():
    """`ar~` and `37m` are two words in the narrowest row of one line, too."""
    shown = row(language="ar-Latn", waiting_since=pretend.NOW - timedelta(minutes=37))
    assert " ar~ 37m " in text(one_line(shown, 60, LOOK, NONE))


def test_letters_stand_for_signs():
    """Where there are no signs, letters say the same."""
    look = Look(glyphs=ASCII, zone=pretend.ZONE)
    shown = row(flags=(Flag.DELIVERY_TROUBLE,), name="A" * 40, look=look)
    line = text(one_line(shown, 80, look, Hand(here=True)))
    assert line.startswith(">x ")
    assert line.isascii()


@pytest.mark.parametrize(
    ("code", "shown"), [("ar", "ar"), ("ar-Latn", "ar~"), ("", ""), ("fr", "fr")]
)
def test_language_is_short(code: str, shown: str):
    """Arabic in Latin letters has its own sign."""
    assert short_language(code) == shown


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0m"), (59, "59m"), (60, "1:00"), (119, "1:59"), (1426, "23h 46m")]
)
def test_window_in_words(minutes: int, words: str):
    """What is left of the window is short and without doubt."""
    assert window_clock(timedelta(minutes=minutes)) == words


def test_a_move_is_under_a_kilobyte():
    """The row the hand leaves and the one it comes to, in full colour."""
    console = Console(color_system="truecolor", force_terminal=True)
    shown = row(assignee="lina", text="Where is my order #10497?", unread=2)
    left, come = Hand(), Hand(here=True, focused=True)
    strips = [s for hand in (left, come) for s in two_lines(shown, 40, LOOK, hand, None)]
    assert sum(len(strip.render(console)) for strip in strips) < 1_000


@pytest.mark.parametrize("nasty", STRINGS, ids=short)
@pytest.mark.parametrize("width", [1, 12, 36, 40, 60, 80, 200])
def test_hostile_text_changes_no_row(nasty: str, width: int):
    """Name, text, owner and language from outside are shown, and rows keep their width."""
    card = pretend.card(name=nasty, text=nasty, assignee="x", language=nasty[:9])
    desk = pretend.desk()
    desk.agents["x"] = desk.agents["lina"].model_copy(update={"name": nasty})
    shown = row_of(card, desk, pretend.NOW, LOOK)
    check(one_line(shown, width, LOOK, Hand(here=True)), width)
    for strip in two_lines(shown, width, LOOK, NONE, None):
        check(strip, width)
    check(skeleton(width, LOOK, NONE), width)


@given(st.text(max_size=60), st.text(max_size=120), st.integers(1, 130))
def test_any_text_fills_exactly_the_pane(name: str, said: str, width: int):
    """Whatever is written, a row is as wide as its pane."""
    shown = row(name=name, text=said)
    check(one_line(shown, width, LOOK, NONE), width)
    for strip in two_lines(shown, width, LOOK, NONE, None):
        check(strip, width)
