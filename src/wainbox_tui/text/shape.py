"""Arabic letters as they look beside their neighbours: isolated, final, initial, medial.

The forms come from Unicode's own table of compatibility forms. Of its ligatures only lam-alef is
used: the others, the word Allah among them, are missing from common terminal fonts.
"""

import re
from collections.abc import Sequence
from unicodedata import decomposition

from wainbox_tui.text.clusters import MOST_MARKS, ZWJ, ZWNJ, shown

_TATWEEL, _LAM = "\u0640", "\u0644"
_JOINERS = (ZWJ, ZWNJ)
_FORM = re.compile(r"<(isolated|final|initial|medial)> ([0-9A-F]{4})(?: ([0-9A-F]{4}))?")
_KINDS = ("isolated", "final", "initial", "medial")


def _tables() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    forms: dict[str, list[str]] = {}
    lam_alef: dict[str, list[str]] = {}
    for code in [*range(0xFB50, 0xFC00), *range(0xFE70, 0xFEFD)]:
        found = _FORM.fullmatch(decomposition(chr(code)))
        if found is None:
            continue
        kind, first, second = found.groups()
        letter, table = chr(int(first, 16)), forms
        if second is not None:
            if letter != _LAM:
                continue
            letter, table = chr(int(second, 16)), lam_alef
        table.setdefault(letter, [""] * 4)[_KINDS.index(kind)] = chr(code)
    return forms, lam_alef


_FORMS, _LAM_ALEF = _tables()
_TAKES = {letter for letter, forms in _FORMS.items() if forms[1]} | {_TATWEEL}
"""What can be joined to the letter before."""


def shape(letters: Sequence[str]) -> list[str]:
    """What is drawn for each letter. An alef that is drawn with the lam before it is empty."""
    drawn = list(map(shown, letters))
    offered = False  # whether the letter before reaches out to this one
    following = [*letters[1:], " "]
    for index, (letter, after) in enumerate(zip(letters, following, strict=False)):
        base, tail = letter[0], letter[-1]
        if not drawn[index]:
            offered = False
        elif base == _LAM and after[0] in _LAM_ALEF and tail not in _JOINERS:
            marks = drawn[index][1:] + drawn[index + 1][1:]
            drawn[index] = _LAM_ALEF[after[0]][offered] + marks[:MOST_MARKS]
            drawn[index + 1] = ""
        elif forms := _FORMS.get(base):
            joined = offered and forms[1] != ""
            joins = forms[2] != "" and _reaches(tail, after)
            drawn[index] = forms[joined + 2 * joins] + drawn[index][1:]
            offered = joins or tail == ZWJ
        else:
            offered = tail == ZWJ or (base == _TATWEEL and tail != ZWNJ)
    return drawn


def _reaches(tail: str, after: str) -> bool:
    return tail == ZWJ or (tail != ZWNJ and after[0] in _TAKES)
