import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_tui.text.wrap import wrap


def wrapped(text: str, width: int) -> list[str]:
    words = (found.span() for found in re.finditer("[^ ]+", text))
    return [text[start:end] for start, end in wrap(words, range(len(text) + 1), width)]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("   ", 5, [""]),
        ("one", 5, ["one"]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("one  two", 8, ["one  two"]),
        ("one     two", 6, ["one", "two"]),
        ("  one", 6, ["  one"]),
        ("     one", 6, ["one"]),
        ("one ", 3, ["one"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("a bcdefg h", 3, ["a", "bcd", "efg", "h"]),
        ("ab", 1, ["a", "b"]),
    ],
)
def test_lines_break_between_words(text: str, width: int, lines: list[str]):
    """Blanks vanish at a break; a word longer than a line begins one and is cut."""
    assert wrapped(text, width) == lines


@given(st.text("ab ", max_size=60), st.integers(1, 12))
def test_no_line_is_too_wide_and_no_word_is_lost(text: str, width: int):
    """Every word is there once, in order, in lines that fit."""
    lines = wrapped(text, width)
    assert all(len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
