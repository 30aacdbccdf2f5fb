"""Where lines break: between words, in the order of reading; a word too long is cut."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def wrap(words: Iterable[Span], at: Sequence[int], width: int) -> list[Span]:
    """The lines of a paragraph as spans of items. `at[i]` is how many cells stand before item i;
    blanks between words belong to no word and vanish where a line breaks."""
    lines: list[Span] = []
    start = end = -1
    for word, word_end in words:
        if start < 0:
            start = 0 if at[word] * 2 <= width else word
        elif at[word_end] - at[start] > width:
            lines.append((start, end))
            start = word
        while at[word_end] - at[start] > width:
            cut = max(start + 1, bisect_right(at, at[start] + width) - 1)
            lines.append((start, cut))
            start = cut
        end = word_end
    if start >= 0:
        lines.append((start, end))
    return lines or [(0, 0)]
