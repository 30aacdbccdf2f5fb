"""What a strip shows, in one place for all tests of widgets."""

import re
from collections.abc import Iterable

from rich.cells import cell_len
from textual.strip import Strip

FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def text(strip: Strip) -> str:
    return "".join(segment.text for segment in strip)


def texts(strips: Iterable[Strip]) -> list[str]:
    return [text(strip).rstrip() for strip in strips]


def check(strip: Strip, width: int) -> None:
    """A row is exactly as wide as its pane, and holds nothing that acts."""
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert strip.cell_length == width
    for segment in strip:
        assert segment.control is None
        assert not FORBIDDEN.search(segment.text), repr(segment.text)


def bold(strip: Strip) -> list[str]:
    return [s.text.strip() for s in strip if s.style and s.style.bold and s.text.strip()]
