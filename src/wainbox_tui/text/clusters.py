"""What a reader takes for one letter, and how many cells it fills.

Terminals disagree about sequences: what some draw as one sign of two cells others draw as three.
So a sequence is shown by the sign it begins with, a flag by its letters, and every mark that
changes a width is left out. What is left is as wide everywhere as `rich.cells` says.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from rich.cells import cell_len, get_character_cell_size

MOST_MARKS = 4
"""Marks kept on one letter; more would pile up over the rows around it."""
NO_LETTER = "\u25cc"
"""Carries marks that came without a letter: a terminal would set them on whatever stands left."""
ZWNJ, ZWJ = "\u200c", "\u200d"

_PLAIN = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u2013\u2014\u2018-\u201e\u2026\u20ac"
    "\u060c\u061b\u061f\u0621-\u064a\u0660-\u066d\u0671-\u06d4\u06f0-\u06f9]*"
)
_PICTURE = re.compile(
    "[\xa9\xae\u203c\u2049\u2100-\u25cb\u25cd-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_UNDRAWN = re.compile(
    "[\u200c\u200d\u20e3\u3164\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_SOFT_HYPHEN = "\xad"


def is_plain(text: str) -> bool:
    """Whether every character is a letter of its own and fills one cell."""
    return (text.isascii() and text.isprintable()) or _PLAIN.fullmatch(text) is not None


def clusters(text: str) -> list[str]:
    """The letters of a line, each with all that belongs to it; joined, they are the line."""
    if is_plain(text):
        return list(text)
    return [text[start:end] for start, end in pairwise([*_starts(text), len(text)])]


def _starts(text: str) -> Iterator[int]:
    joined = half_flag = False
    for index, character in enumerate(text):
        flag = _FLAG.match(character) is not None
        goes_on = (
            _extends(character)
            or (joined and _PICTURE.match(character) is not None)
            or (flag and half_flag)
        )
        if index == 0 or not goes_on:
            yield index
        half_flag = flag and not half_flag
        joined = character == ZWJ


@lru_cache(4096)
def _extends(character: str) -> bool:
    """Marks, joiners, selectors, skin tones: what fills no cell of its own."""
    return character > "\u02ff" and get_character_cell_size(character) == 0


@lru_cache(8192)
def shown(cluster: str) -> str:
    """What is drawn for a cluster; empty for what has no picture of its own."""
    base, rest = cluster[0], cluster[1:]
    if _FLAG.match(base):
        return "".join(chr(ord(half) - 0x1F1E6 + ord("A")) for half in _FLAG.findall(cluster))
    if _extends(base):
        base, rest = NO_LETTER, cluster
    elif _PICTURE.match(base):
        return base
    elif base == _SOFT_HYPHEN:
        return ""
    return base + _UNDRAWN.sub("", rest)[:MOST_MARKS] if rest else base


@lru_cache(8192)
def width(drawn: str) -> int:
    """The cells of one letter as it is drawn."""
    return cell_len(drawn)


def cells(text: str) -> int:
    """How many cells a line fills once it is drawn."""
    if is_plain(text):
        return len(text)
    return sum(width(shown(cluster)) for cluster in clusters(text))
