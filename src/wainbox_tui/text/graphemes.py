"""What a reader takes for one character, and how many cells a terminal gives it.

Terminals disagree about emoji made of several: they are shown by their first part, whose width is
sure. Piles of combining marks are cut to four.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

MOST_MARKS = 4
_ZWJ, _ZWNJ = "\u200d", "\u200c"
_TONES = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class Cluster:
    """`text` is what is drawn, `start` where it began, `cells` its width."""

    text: str
    start: int
    cells: int


def clusters(text: str) -> Iterator[Cluster]:
    """The text in characters as readers count them."""
    at, end = 0, len(text)
    while at < end:
        start, base = at, text[at]
        at += 1
        marks: list[str] = []
        flag = ord(base) in _FLAGS and at < end and ord(text[at]) in _FLAGS
        if flag:
            at += 1
        while at < end and (joined := _joined(text, at)):
            if joined == 1 and _is_mark(text[at]) and len(marks) < MOST_MARKS:
                marks.append(text[at])
            at += joined
        shown = _flag(text[start : start + 2]) if flag else base + "".join(marks)
        yield Cluster(shown, start, width(shown))


def _joined(text: str, at: int) -> int:
    """How many characters at a place belong to the one before."""
    character = text[at]
    if character == _ZWJ and at + 1 < len(text) and _is_emoji(text[at + 1]):
        return 2
    code = ord(character)
    if character in (_ZWJ, _ZWNJ) or code in _SELECTORS or code in _TONES:
        return 1
    return 1 if _is_mark(character) else 0


def _is_mark(character: str) -> bool:
    return character > "\u02ff" and unicodedata.category(character) in ("Mn", "Me", "Mc")


def _is_emoji(character: str) -> bool:
    return ord(character) >= 0x2190 and unicodedata.category(character) in ("So", "Sk", "Cn")


def _flag(pair: str) -> str:
    """A flag as its two letters, which every terminal can draw."""
    return "".join(chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in pair)


@lru_cache(maxsize=4096)
def width(text: str) -> int:
    return cell_len(text)
