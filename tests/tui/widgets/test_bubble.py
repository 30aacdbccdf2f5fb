"""Entries become rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui import pretend
from tests.tui.widgets.hostile import MARKUP, ORDERS, STRINGS, short
from tests.tui.widgets.reading import bold, check, text, texts

from wainbox_relay.contract.content import (
    Answer,
    Call,
    Choice,
    ContactCard,
    Contacts,
    Document,
    Flow,
    Location,
    MediaFile,
    Menu,
    Order,
    OrderItem,
    TemplateMessage,
    Unsupported,
)
from wainbox_relay.contract.safe import Safe
from wainbox_relay.contract.views import Failure, MediaFacts, Quote, Reaction
from wainbox_relay.contract.vocabulary import Delivery, Direction, Kind, MediaState
from wainbox_tui.glyphs import ASCII
from wainbox_tui.text.layout import Mode
from wainbox_tui.widgets.bubble import Told, drawn, size_words
from wainbox_tui.widgets.draw import Look
from wainbox_tui.widgets.row import Hand

LOOK = Look(zone=pretend.ZONE)
LOGICAL = Look(zone=pretend.ZONE, mode=Mode.TERMINAL)
TOLD = Told(pretend.desk(), pretend.NOW, Safe("Sara"))
NONE = Hand()


def rows(entry, width: int = 50, look: Look = LOOK, told: Told = TOLD, hand: Hand = NONE):
    return texts(drawn(entry, width, look, told, hand))


def test_theirs_stands_at_the_left():
    """A short message and its time share a row."""
    assert rows(pretend.entry("Hello", at=pretend.at(9, 2))) == ["  ▏ Hello  09:02"]


def test_ours_ends_at_the_right():
    """Our side, and how far it came, in words too."""
    entry = pretend.ours("On its way", at=pretend.at(9, 3))
    (row,) = rows(entry)
    assert row == " " * 21 + "On its way  09:03 ✓✓ read ▕"
    assert len(row) == 48


def test_a_colleague_is_named():
    """Who of us wrote stands before the time; nobody is named for what I wrote."""
    assert "Lina 09:03 ✓✓ read" in rows(pretend.ours("Hi", "lina", at=pretend.at(9, 3)))[0]
    assert "automatic 09:03" in rows(pretend.ours("Hi", "", at=pretend.at(9, 3)))[0]


def test_what_no_agent_said_is_marked():
    """The menu, the automatic reply and the team's automatic note say what made them."""
    asked = pretend.ours(
        "How can we help?",
        "",
        kind=Kind.MENU,
        content=Menu(
            body="How can we help?",
            choices=(Choice(id="a", title="My order"), Choice(id="b", title="A refund")),
            opens="Choose",
        ),
        auto="menu",
        at=pretend.at(9, 3),
    )
    shown = [row.strip(" ▕") for row in rows(asked)]
    assert shown == [
        "How can we help?",
        "◇ My order",
        "◇ A refund",
        "automatic, menu 09:03 ✓✓ read",
    ]
    reply = pretend.ours("We open at 9", "", auto="after_hours", at=pretend.at(22, 58))
    assert "automatic, after hours 22:58 ✓✓ read" in rows(reply, 60)[-1]
    note = pretend.entry("Taken by Lina", direction=Direction.NOTE, auto="on_call")
    assert "automatic, on call" in rows(note, 60)[0]


def test_long_words_wrap_within_the_bubble():
    """At 50 columns a bubble is 40 wide, its text 36."""
    shown = drawn(pretend.entry("word " * 30), 50, LOOK, TOLD, NONE)
    assert all(len(row) <= 2 + 2 + 36 for row in texts(shown))
    assert len(shown) == 5


@pytest.mark.parametrize(("width", "most"), [(50, 40), (80, 70), (100, 72), (190, 72)])
def test_bubbles_leave_their_side_visible(width: int, most: int):
    """A bubble is never wider than 72, and leaves ten cells free."""
    for strip in drawn(pretend.ours("word " * 90), width, LOOK, TOLD, NONE):
        shown = text(strip)
        start = len(shown) - len(shown.lstrip())
        assert width - 2 - (start - 2) <= most


def test_meta_takes_a_row_of_its_own_when_it_must():
    """Where the last row is full the time goes below, still inside."""
    shown = rows(pretend.entry("x" * 34, at=pretend.at(9, 2)))
    assert len(shown) == 2
    assert shown[1].endswith("09:02")


def test_arabic_runs_from_the_right_and_its_time_is_at_the_left():
    """The time is always on the free side of the last row."""
    entry = pretend.entry("السلام عليكم سارة كيف الحال اليوم عساك بخير", at=pretend.at(9, 2))
    first, last = rows(entry, look=LOGICAL)
    assert last.startswith("  ▏ 09:02")
    assert first[4:].lstrip().startswith("السلام")


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (Delivery.QUEUED, "◷ queued"),
        (Delivery.SENDING, "… sending"),
        (Delivery.ACCEPTED, "✓ accepted"),
        (Delivery.SENT, "✓ sent"),
        (Delivery.DELIVERED, "✓✓ delivered"),
        (Delivery.READ, "✓✓ read"),
        (Delivery.PLAYED, "✓✓ played"),
        (Delivery.WITHDRAWN, "taken back"),
        (Delivery.HELD, "◷ leaves in 2 s; u takes it back"),
        (Delivery.LEFT, "? unconfirmed – left as it is"),
        (Delivery.FAILED, "✗ failed: WhatsApp gave no reason"),
    ],
)
def test_every_delivery_state_has_its_words(delivery: Delivery, words: str):
    """No state of a message is a sign or a colour alone."""
    leaves = pretend.ago(seconds=-1.2) if delivery is Delivery.HELD else None
    entry = pretend.ours("Hi", delivery=delivery, leaves_at=leaves)
    said = " ".join(" ".join(rows(entry, 120)).replace("▕", "").split())
    assert words in said


def test_an_unconfirmed_send_says_what_may_be_done():
    """It may have arrived, and the three answers are named."""
    entry = pretend.ours("Hi", delivery=Delivery.UNCONFIRMED, at=pretend.at(9, 12))
    said = " ".join(" ".join(rows(entry)).replace("▕", "").split())
    assert "? unconfirmed 09:12 – it may have arrived." in said
    for answer in ("resend (may arrive twice)", "it arrived", "leave"):
        assert answer in said
    assert "? unconfirmed 09:12" in [
        words for strip in drawn(entry, 50, LOOK, TOLD, NONE) for words in bold(strip)
    ]


def test_a_failure_says_why_and_what_next():
    """The reason and the next step, whole."""
    failure = Failure(code=131026, reason="Cannot receive it", next_step="Check the number.")
    entry = pretend.ours("Hi", delivery=Delivery.FAILED, failure=failure)
    said = " ".join(" ".join(rows(entry)).replace("▕", "").split())
    assert "✗ failed: Cannot receive it – Check the number." in said


def test_what_went_wrong_twice_is_said():
    """Doubled and out of order are words in the bubble."""
    said = rows(pretend.ours("Hi", twice=True, order_unsure=True))
    assert any("delivered twice" in row for row in said)
    assert any("order not certain" in row for row in said)


def test_quote_stands_first_on_the_side_of_the_words():
    """What is answered stands above, with who said it."""
    quoted = Quote(id=1, author="Nadia", text="It leaves today\nand more")
    first = rows(pretend.entry("Thanks", quote=quoted))[0]
    assert first == "  ▏ ▏ Nadia: It leaves today"
    arabic = rows(pretend.entry("شكرا لكم على الرد", quote=quoted), look=LOGICAL)[0]
    assert arabic.endswith("▕")
    unknown = rows(pretend.entry("Thanks", quote=Quote()))[0]
    assert "a message that is not here" in unknown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (MediaState.READY, "v opens"),
        (MediaState.PENDING, "on its way"),
        (MediaState.REFUSED, "not fetched: too large"),
        (MediaState.GONE, "no longer kept"),
    ],
)
def test_a_file_is_a_row(state: MediaState, words: str):
    """Kind, name, size, and what can be done with it."""
    facts = MediaFacts(state=state, name="bon.pdf", size=2_500_000, reason="too large")
    content = Document(file=MediaFile(name="bon.pdf"), caption="Voilà")
    entry = pretend.entry("Voilà", kind=Kind.DOCUMENT, content=content, media=facts)
    shown = rows(entry, 90)
    assert shown[0] == f"  ▏ ▤ document  bon.pdf  2.4 MB  {words}"
    assert "Voilà" in shown[1]


def test_a_long_file_name_gives_way():
    """The size and the key stay."""
    shown = rows(pretend.photo().model_copy(update={"media": MediaFacts(
        state=MediaState.READY, name="x" * 90, size=1)}))  # fmt: skip
    assert "…" in shown[0]
    assert shown[0].endswith("1 B  v opens")


@pytest.mark.parametrize(
    ("kind", "content", "spoken", "shown"),
    [
        (Kind.LOCATION, Location(latitude=33.5, longitude=-7.6, name="Café", address="Rue 1"),
         "Café", ["▤ location", "Café", "Rue 1"]),
        (Kind.CONTACTS, Contacts(cards=(ContactCard(name="Ali", phones=("+2126",)),)), "Ali",
         ["▤ contact", "Ali  +2126"]),
        (Kind.ORDER, Order(text="For today", items=(
            OrderItem(product="zellige", quantity=2, price=625.25, currency="MAD"),)), "x",
         ["▤ order", "For today", "2 x zellige  625.25 MAD"]),
        (Kind.FLOW, Flow(name="Return", fields=(("size", "39"),)), "Return",
         ["▤ form", "Return", "size: 39"]),
        (Kind.ANSWER, Answer(id="1", title="Track", description="my parcel"), "Track",
         ["chose", "Track", "my parcel"]),
        (Kind.TEMPLATE, TemplateMessage(name="late_order", language="fr"), "Votre colis",
         ["template  late_order", "Votre colis"]),
        (Kind.MENU, Menu(body="How can we help?", choices=(Choice(id="a", title="My order"),)),
         "How can we help?", ["How can we help?", "◇ My order"]),
        (Kind.CALL, Call(event="terminate", seconds=75), "", ["♪ call  theirs  lasted 1:15"]),
        (Kind.UNSUPPORTED, Unsupported(type="poll", detail="Not shown"), "poll",
         ["? not shown here  poll  look on the phone", "Not shown"]),
    ],
)  # fmt: skip
def test_every_kind_can_be_read(kind: Kind, content, spoken: str, shown: list[str]):
    """Whatever WhatsApp brings is shown with its word."""
    entry = pretend.entry(spoken, kind=kind, content=content)
    lines = [row.removeprefix("  ▏ ") for row in rows(entry, 90)]
    for line, wanted in zip(lines, shown, strict=False):
        assert line.startswith(wanted)
    assert len(lines) >= len(shown)


def test_every_kind_without_content_can_be_read():
    """A content that did not come breaks nothing."""
    for kind in Kind:
        assert rows(pretend.entry("words", kind=kind, content=None))


def test_an_edit_keeps_what_was_written_before():
    """The new words, the mark, and the old words."""
    entry = pretend.entry("38 or 39?", edited_at=pretend.ago(minutes=1), original="38?")
    said = rows(entry)
    assert "38 or 39?" in said[0]
    assert "before: 38?" in said[1]
    assert "edited" in said[1]


def test_a_deleted_message_stays_with_its_mark():
    """What was deleted for the customer can still be read here."""
    said = rows(pretend.entry("my address", revoked_at=pretend.at(9, 6)))
    assert "my address" in said[0]
    assert "deleted 09:06" in " ".join(said)


def test_reactions_stand_below():
    """The emoji and who put it; one that was taken off is gone."""
    given = (Reaction(emoji="👍", by="nadia"), Reaction(emoji=""), Reaction(emoji="😂"))
    below = rows(pretend.entry("Hi", reactions=given))[1]
    assert "👍  you" in below
    assert "😂  customer" in below
    assert rows(pretend.entry("Hi", reactions=(Reaction(emoji=""),)))[1:] == []


def test_a_note_cannot_be_taken_for_something_sent():
    """Dashed, slanted, and it says who sees it."""
    strips = drawn(pretend.conversation()[0][5], 50, LOOK, TOLD, NONE)
    head, body = texts(strips)
    assert head == "  ┊ ✎ note  Nadia 09:03, only the team sees this"
    assert body == "  ┊ Courier confirmed, out for delivery."
    assert any(s.style and s.style.italic for s in strips[1])


def test_who_and_when_stay_inside_a_narrow_bubble():
    """Beside an open customer pane a bubble has sixteen cells: what does not fit in one row below
    the words takes two, and no cell is drawn outside of the bubble."""
    said = pretend.entry("Tout ce que vous écrivez", direction=Direction.OUT, author="",
                         auto="after_hours", delivery=Delivery.READ,
                         at=pretend.at(9, 2))  # fmt: skip
    shown = texts(drawn(said, 30, LOOK, TOLD, NONE))
    assert shown == [
        "          Tout ce que vous ▕",
        "          écrivez          ▕",
        "          automatic, after ▕",
        "               hours 09:02 ▕",
        "                   ✓✓ read ▕",
    ]


def test_an_event_says_its_sentence_whole():
    """What the desk did is quiet; where a sentence takes more than a row it goes on below its
    beginning, since its end says until when or by whom."""
    event = pretend.entry("next response missed, was due Sun 29 Nov 01:35 UTC, Nadia's",
                          direction=Direction.EVENT, kind=Kind.EVENT, content=None,
                          at=pretend.at(9, 2))  # fmt: skip
    assert rows(event) == [
        "  09:02  next response missed, was due Sun 29",
        "         Nov 01:35 UTC, Nadia's",
    ]
    brief = event.model_copy(update={"text": "given to Nadia"})
    assert rows(brief) == ["  09:02  given to Nadia"]


def test_in_a_group_everyone_is_named():
    """Each bubble says who wrote it."""
    entry = pretend.entry("Hi", author_name="Yassine", at=pretend.at(9, 2))
    told = Told(pretend.desk(), pretend.NOW, group=True)
    assert "Yassine 09:02" in rows(entry, told=told)[0]


def test_a_late_message_says_when_it_reached_us():
    """Sent and received are told apart."""
    entry = pretend.entry("Hi", at=pretend.at(8, 2), arrived_at=pretend.at(9, 6))
    assert "sent 08:02, reached us 09:06" in rows(entry)[0]


def test_the_hand_marks_a_bubble_on_every_row():
    """The cursor runs down the whole entry."""
    entry = pretend.entry("word " * 20)
    for row in rows(entry, hand=Hand(here=True, focused=True)):
        assert row.startswith("▌")


def test_letters_stand_for_signs():
    """Where there are no signs the whole thread is in letters."""
    look = Look(glyphs=ASCII, zone=pretend.ZONE)
    for entry in pretend.states():
        plain = entry.model_copy(update={"reactions": ()})
        for row in rows(plain, look=look):
            assert row.replace("–", "-").replace("'", "").isascii(), row


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (2048, "2 KB"), (184 * 1024, "184 KB"), (2**21, "2.0 MB")]
)
def test_sizes_in_words(size: int, words: str):
    """A size is read at a glance."""
    assert size_words(size) == words


def nasty_entries(nasty: str):
    failure = Failure(code=1, reason=nasty, next_step=nasty)
    facts = MediaFacts(state=MediaState.REFUSED, name=nasty, size=1, reason=nasty)
    yield pretend.entry(nasty, author_name=nasty, quote=Quote(author=nasty, text=nasty),
                        referral=nasty, original=nasty, edited_at=pretend.NOW,
                        reactions=(Reaction(emoji=nasty, name=nasty),))  # fmt: skip
    yield pretend.ours(nasty, delivery=Delivery.FAILED, failure=failure)
    yield pretend.entry(nasty, kind=Kind.DOCUMENT, media=facts,
                        content=Document(file=MediaFile(name=nasty), caption=nasty))  # fmt: skip
    yield pretend.entry(nasty, kind=Kind.FLOW, content=Flow(body=nasty, fields=((nasty, nasty),)))
    cards = (ContactCard(name=nasty, phones=(nasty,)),)
    yield pretend.entry(nasty, kind=Kind.CONTACTS, content=Contacts(cards=cards))
    yield pretend.entry(nasty, direction=Direction.NOTE, author_name=nasty)
    yield pretend.entry(nasty, direction=Direction.EVENT, kind=Kind.EVENT, content=None)


@pytest.mark.parametrize("nasty", STRINGS, ids=short)
def test_hostile_text_is_shown_and_never_obeyed(nasty: str):
    """In every field of an entry, rows keep their width and hold nothing that acts."""
    told = Told(pretend.desk(), pretend.NOW, group=True)
    for entry in nasty_entries(nasty):
        for width in (7, 50):
            for strip in drawn(entry, width, LOOK, told, NONE):
                check(strip, width)


@pytest.mark.parametrize("nasty", [*MARKUP, *ORDERS], ids=short)
def test_markup_is_shown_as_it_was_written(nasty: str):
    """Letter by letter: nothing of it is read as an order, and nothing is lost."""
    for entry in (pretend.entry(nasty), pretend.ours(nasty)):
        shown = " ".join(rows(entry, 120, LOGICAL, Told(pretend.desk(), pretend.NOW)))
        assert " ".join(nasty.split()) in " ".join(
            shown.replace("▏", " ").replace("▕", " ").split()
        )


@given(st.text(max_size=300), st.integers(1, 160), st.sampled_from(Mode))
def test_any_text_fills_exactly_the_pane(said: str, width: int, mode: Mode):
    """Whatever is written, in whichever order it is drawn, a row is as wide as its pane."""
    look = Look(zone=pretend.ZONE, mode=mode)
    for entry in (pretend.entry(said), pretend.ours(said)):
        for strip in drawn(entry, width, look, TOLD, NONE):
            check(strip, width)


@pytest.mark.parametrize(
    "said",
    [
        "Where is my order #10482? I called +212 6 12-34-56-78",
        "salam, fin wsel lcolis dyali 3afak?",
        "السلام عليكم، طلبي رقم #10482 لم يصل بعد",
        "المبلغ كان 1,250.50 MAD (شامل TVA) صحيح؟",
        "L'échange est parti, عبد الله",
    ],
)
@pytest.mark.parametrize("width", [20, 36, 50, 78, 103, 160])
def test_no_word_is_lost_at_any_width(said: str, width: int):
    """Every letter of a message stands in its bubble, whatever the width."""
    shown = "".join(rows(pretend.entry(said), width, LOGICAL))
    wanted = sorted(said.replace(" ", ""))
    for character in wanted:
        assert shown.count(character) >= wanted.count(character)
