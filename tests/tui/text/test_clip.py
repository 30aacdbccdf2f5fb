import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcswidth

from wainbox_relay.contract.safe import Safe, clean
from wainbox_tui.text.clip import MOST_CHARACTERS, capped, clip, one_line
from wainbox_tui.text.clusters import cells, clusters, shown

FAMILY = "👨\u200d👩\u200d👧"
ODD = f"ab 中ب\u064e\u0301{FAMILY}🇲🇦👍🏽❤\ufe0f1\u20e3\xad"
ODD = f"ab 中ب\u064e\u0301{FAMILY}🇲🇦👍🏽❤\ufe0f1\u20e3\xad"
TEXT = st.text(st.one_of(st.sampled_from(ODD), st.characters()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("بَب", ["بَ", "ب"]),
        (f"a{FAMILY}b", ["a", FAMILY, "b"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("🇲🇦🇫🇷🇲", ["🇲🇦", "🇫🇷", "🇲"]),
        ("❤\ufe0f!", ["❤\ufe0f", "!"]),
        ("1\ufe0f\u20e3", ["1\ufe0f\u20e3"]),
        ("한글", ["한", "글"]),
        ("\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
        ("", []),
    ],
)
def test_letters_keep_what_belongs_to_them(text: str, expected: list[str]):
    """Marks, tones, selectors and joined pictures go with what they stand on."""
    assert clusters(text) == expected


@pytest.mark.parametrize(
    ("cluster", "drawn", "width"),
    [
        ("a", "a", 1),
        ("e\u0301", "e\u0301", 1),
        ("中", "中", 2),
        ("か\u3099", "か\u3099", 2),
        (FAMILY, "👨", 2),
        ("👍🏽", "👍", 2),
        ("❤\ufe0f", "❤", 1),
        ("🏳\ufe0f\u200d🌈", "🏳", 1),
        ("🇲🇦", "MA", 2),
        ("🇲", "M", 1),
        ("1\ufe0f\u20e3", "1", 1),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 4, 1),
        ("\u0301", "◌\u0301", 1),
        ("🏽", "◌", 1),
        ("\xad", "", 0),
    ],
)
def test_widths_are_sure(cluster: str, drawn: str, width: int):
    """What terminals would draw in different widths is drawn by its base; two measures agree."""
    assert shown(cluster) == drawn
    assert cells(cluster) == cell_len(drawn) == wcswidth(drawn) == width


@given(TEXT)
def test_the_letters_are_the_text(text: str):
    """Nothing is lost or doubled in taking text apart, and its width is what Rich will measure."""
    text = clean(text).replace("\n", " ")
    assert "".join(clusters(text)) == text
    assert cells(text) == cell_len("".join(map(shown, clusters(text))))


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("abc", -1, ""),
        ("", 0, ""),
        ("中中中", 4, "中…"),
        ("中", 1, "…"),
        ("السلام", 4, "الس…"),
        (f"{FAMILY}ab", 4, "👨ab"),
        ("a" + "\u0301" * 9, 1, "a" + "\u0301" * 4),
    ],
)
def test_text_is_cut_where_it_is_read_last(text: str, room: int, expected: str):
    """What does not fit goes from the logical end, and `…` says so."""
    assert clip(Safe(text), room) == expected


@given(TEXT, st.integers(-1, 12))
def test_what_is_clipped_fits(text: str, room: int):
    """Whatever the text, it is never wider than the room, and a second cut changes nothing."""
    once = clip(clean(text.replace("\n", " ")), room)
    assert cell_len(once) <= max(room, 0)
    assert clip(once, room) == once


def test_lines_become_one():
    """Line ends and runs of blanks are one blank in a list."""
    assert one_line(Safe(" a\n\n b   c\n")) == "a b c"


def test_endless_messages_end():
    """A message is drawn up to a limit, which shows."""
    drawn = capped(Safe("a" * 70_000))
    assert len(drawn) == MOST_CHARACTERS
    assert drawn.endswith("a…")
    assert capped(Safe("a" * MOST_CHARACTERS)) == "a" * MOST_CHARACTERS
