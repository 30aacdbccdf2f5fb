"""Text under a caret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui import pretend

from wainbox_relay.contract.safe import Safe
from wainbox_tui.text.layout import Mode
from wainbox_tui.widgets.buffer import Buffer
from wainbox_tui.widgets.caret import (
    above_or_below,
    beside,
    caret_x,
    lines_of,
    row_of_caret,
)
from wainbox_tui.widgets.draw import Look

LOOK = Look(zone=pretend.ZONE)
SALAM = "السلام"


def buffer(text: str, caret: int | None = None) -> Buffer:
    made = Buffer()
    made.insert(Safe(text))
    made.go(len(text) if caret is None else caret)
    return made


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("abc", "ab"),
        ("مُ", "م"),
        ("مَّ", "مَ"),
        ("ok 👍🏽", "ok "),
        ("👨‍👩‍👧", ""),
        ("لا", "ل"),
        ("a\n", "a"),
        ("", ""),
    ],
)
def test_backspace_takes_one_mark_or_letter_or_emoji(text: str, left: str):
    """A vowel mark goes before its letter; an emoji goes whole."""
    made = buffer(text)
    made.backspace()
    assert made.text == left


def test_delete_takes_a_whole_cluster():
    """A letter goes with its marks."""
    made = buffer("مَّ b", 0)
    made.delete()
    assert made.text == " b"


def test_undo_takes_a_run_of_letters_back_at_once():
    """One step back is a word typed, a paste or a deletion."""
    made = Buffer()
    for letter in "hello":
        made.insert(Safe(letter))
    made.insert(Safe(" "))
    made.insert(Safe("pasted words"))
    made.undo()
    assert made.text == "hello "
    made.undo()
    made.undo()
    assert made.text == ""
    made.redo()
    assert made.text == "hello"


def test_words_and_lines():
    """By word, to the start, to the end."""
    made = buffer("one two\nthree four")
    made.delete_word()
    assert made.text == "one two\nthree "
    made.delete_to_start()
    assert made.text == "one two\n"
    made.go(0)
    made.word_forward()
    assert made.caret == 3
    made.delete_to_end()
    assert made.text == "one\n"


@given(st.lists(st.sampled_from(
    ["x", "ا", "👍", "\n", " ", "undo", "redo", "back", "left", "right", "delete", "word"]),
    max_size=40))  # fmt: skip
def test_no_sequence_of_keys_loses_the_caret(keys: list[str]):
    """The caret is always in the text, and undoing everything empties it."""
    made = Buffer()
    deeds = {"undo": made.undo, "redo": made.redo, "back": made.backspace, "left": made.back,
             "right": made.forward, "delete": made.delete, "word": made.delete_word}  # fmt: skip
    for key in keys:
        deeds[key]() if key in deeds else made.insert(Safe(key))
        assert 0 <= made.caret <= len(made.text)
    for _ in keys:
        made.undo()
    assert made.text == ""


def test_arabic_caret_stands_at_the_left_of_what_was_typed():
    """Behind the last letter of a right-to-left line is left of it."""
    (line,) = lines_of(SALAM, 20, LOOK)
    assert line.rtl
    assert caret_x(line, len(SALAM), 20) == 20 - len(line.text) - 1
    assert caret_x(line, 0, 20) == 19


def test_arrows_move_by_sight():
    """Left goes on in Arabic and back in Latin."""
    arabic, latin = lines_of(SALAM, 20, LOOK), lines_of("hello", 20, LOOK)
    assert beside(arabic, 0, -1) == 1
    assert beside(arabic, 1, 1) == 0
    assert beside(latin, 0, 1) == 1
    assert beside(latin, 1, -1) == 0


def test_arrows_reach_every_place_of_a_mixed_line():
    """Going left through a mixed line visits each place once, from one end to the other."""
    text = "السعر 1,250 MAD شامل TVA صحيح"
    look = Look(mode=Mode.APP)
    lines = lines_of(text, 60, look)
    seen, at = [], 0
    for _ in range(len(text) + 2):
        seen.append(at)
        at = beside(lines, at, -1)
    assert set(seen) == set(range(len(text) + 1)) or len(set(seen)) >= len(text) - 2
    assert seen[-1] == len(text)


def test_a_trailing_blank_moves_the_caret():
    """A space that was typed is seen, though a row does not draw it."""
    (line,) = lines_of("hi ", 20, LOOK)
    assert caret_x(line, 2, 20) == 2
    assert caret_x(line, 3, 20) == 3


def test_empty_paragraphs_are_rows():
    """A newline at the end gives a row to write in."""
    lines = lines_of("a\n\nb\n", 20, LOOK)
    assert [line.text for line in lines] == ["a", "", "b", ""]
    assert [row_of_caret(lines, n) for n in range(6)] == [0, 0, 1, 2, 2, 3]


def test_up_and_down_keep_the_column():
    """The caret goes to the same place of the next row, or to its end."""
    lines = lines_of("abcdef\nxy\nuvwxyz", 20, LOOK)
    assert above_or_below(lines, 4, 1, 20) == 9
    assert above_or_below(lines, 9, 1, 20) == 12
    assert above_or_below(lines, 1, -1, 20) == 1


@given(st.text(st.sampled_from("ab ابت1,.()\n👍"), max_size=60), st.integers(4, 30))
def test_the_caret_is_always_within_the_row(text: str, width: int):
    """Every place of every text has a cell, and the arrows stay inside."""
    lines = lines_of(text, width, LOOK)
    for caret in range(len(text) + 1):
        line = lines[row_of_caret(lines, caret)]
        assert line.start <= caret <= line.end
        assert -1 <= caret_x(line, caret, width) <= width
        for step in (1, -1):
            assert 0 <= beside(lines, caret, step) <= len(text)
            assert 0 <= above_or_below(lines, caret, step, width) <= len(text)
