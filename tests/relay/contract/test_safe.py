import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wainbox_relay.contract.safe import clean, outgoing, scrub

ACTING = {*range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F)}
ACTING |= {*range(0x2066, 0x206A), 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)}
ACTING |= set(range(0xD800, 0xE000))
ACTING.remove(ord("\n"))

ODD = st.text(
    st.one_of(
        st.sampled_from("ab é\n\r\t\x0b\x1b\x9b\u2028\u202e\u2066\ufeff\ud800\U000e0041"),
        st.sampled_from("بلـَ\u200c\u200d\ufe0f\ufe0e\U000e0100❤👨👧🏽1\u20e3🇲🇦"),
        st.characters(),
    )
)


@pytest.mark.parametrize(
    ("given_", "cleaned"),
    [
        ("plain", "plain"),
        ("السلام عليكم", "السلام عليكم"),
        ("a\tb", "a    b"),
        ("a\r\nb\rc\x85d\u2028e\u2029f\x0bg\x0ch", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a\x1b[2Jb", "a[2Jb"),
        ("a\x1b]52;c;aGk=\x07b", "a]52;c;aGk=b"),
        ("a\x9b31mb\x7f", "a31mb"),
        ("a\x00b", "ab"),
        ("Ali \u202egnp.exe\u202c", "Ali gnp.exe"),
        ("\u2066x\u2069\u061c\u200e\u200f", "x"),
        ("\ufeffx\u200b\ufffa", "x"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴"),
        ("half \ud83d", "half "),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ه\u200dـ", "ه\u200dـ"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"),
        ("👩🏽\u200d⚕\ufe0f", "👩🏽\u200d⚕\ufe0f"),
        ("🙂\u200d↔\ufe0f", "🙂\u200d↔\ufe0f"),
        ("क्\u200dष", "क्\u200dष"),
        ("pay\u200dpal", "paypal"),
        ("\u200cب \u200d ب\u200d", "ب  ب"),
        ("ب\u200d\u200d\u200dب", "ب\u200dب"),
        ("❤\ufe0f 1\ufe0f\u20e3", "❤\ufe0f 1\ufe0f\u20e3"),
        ("❤" + "\ufe0f" * 50, "❤\ufe0f"),
        ("\ufe0f x \ufe0f", " x "),
        ("a" + "".join(chr(0xE0100 + n) for n in b"secret"), "a\U000e0173"),
    ],
)
def test_what_acts_is_dropped_and_words_stay(given_: str, cleaned: str):
    """Only what acts, hides or rides along unseen goes; line ends become newlines."""
    assert clean(given_) == cleaned


@given(ODD)
@example("ب\u200d\ufe0f ")
@example("\r\x00\n")
def test_cleaning_again_changes_nothing(text: str):
    """`clean` is the same at every door."""
    assert clean(clean(text)) == clean(text)


@given(ODD)
def test_no_acting_character_passes(text: str):
    """Whatever came in, no character that acts on a terminal comes out."""
    assert not ACTING & set(map(ord, clean(text)))


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_words_pass_whole(text: str):
    """Letters, marks, numbers, signs and blanks of every script stay, but for stray selectors."""
    unseen = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
    assert clean(text).translate(dict.fromkeys(unseen)) == text.translate(dict.fromkeys(unseen))


@given(ODD)
def test_what_is_sent_is_as_typed_without_controls(text: str):
    """Outgoing text loses control characters alone; joiners and directions stay."""
    sent = outgoing(text)
    assert all(c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") for c in sent)
    typed = [c for c in text if unicodedata.category(c) not in ("Cc", "Cs")]
    assert [c for c in sent if c not in "\n "] == [c for c in typed if c != " "]


def test_line_ends_and_tabs_are_sent_as_such():
    """However lines were ended, WhatsApp gets newlines, and blanks for a tab."""
    assert outgoing("a\r\nb\rc\n\td\u200e") == "a\nb\nc\n    d\u200e"


def test_only_what_cannot_be_stored_is_scrubbed():
    """Storage keeps everything but NUL and halves of characters."""
    assert scrub("a\x00b\ud800c\x1b\u202e") == "abc\x1b\u202e"
