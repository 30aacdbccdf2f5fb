"""Arabic letters in the forms they take beside each other, for terminals that do not join them.

The forms come from Unicode's own decompositions. Of the ligatures only lam with alef is used: fonts
for terminals lack the others, and the name of God must stay letters. Unicode, chapter 9.2.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")
_ZWJ, _ZWNJ, _TATWEEL, _LAM = "\u200d", "\u200c", "\u0640", "\u0644"
_RANGES = (range(0xFB50, 0xFE00), range(0xFE70, 0xFF00))

Forms = dict[str, str]


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, Forms], dict[str, Forms]]:
    """Forms by letter, and forms of lam with an alef by that alef."""
    letters: dict[str, Forms] = {}
    lam_alef: dict[str, Forms] = {}
    for code in (code for codes in _RANGES for code in codes):
        kind, *parts = unicodedata.decomposition(chr(code)).split() or [""]
        source = [chr(int(part, 16)) for part in parts]
        if kind not in ("<isolated>", "<initial>", "<medial>", "<final>"):
            continue
        if len(source) == 1:
            letters.setdefault(source[0], {}).setdefault(kind[1:-1], chr(code))
        elif len(source) == 2 and source[0] == _LAM and source[1] in "اأإآ":
            lam_alef.setdefault(source[1], {}).setdefault(kind[1:-1], chr(code))
    return letters, lam_alef


def _joins_after(letter: str) -> bool:
    """Whether a letter reaches out to the one that follows."""
    if letter in (_TATWEEL, _ZWJ):
        return True
    return "initial" in _tables()[0].get(letter, {})


def _joins_before(letter: str) -> bool:
    """Whether a letter takes the hand of the one before."""
    if letter in (_TATWEEL, _ZWJ):
        return True
    return "final" in _tables()[0].get(letter, {})


def shape(texts: Sequence[str]) -> list[str]:
    """Clusters in their joined forms. A lam that an alef follows takes both, and the alef's cluster
    is empty."""
    letters, lam_alef = _tables()
    bases = [text[:1] for text in texts]
    shaped: list[str] = []
    swallowed = False
    for place, text in enumerate(texts):
        if swallowed:
            swallowed = False
            shaped.append("")
            continue
        base, marks = bases[place], text[1:].replace(_ZWJ, "").replace(_ZWNJ, "")
        after = bases[place + 1] if place + 1 < len(bases) else ""
        before = place > 0 and _joins_after(bases[place - 1]) and _ZWNJ not in texts[place - 1]
        if base == _LAM and after in lam_alef and _ZWNJ not in text:
            form = lam_alef[after]["final" if before else "isolated"]
            shaped.append(form + marks + texts[place + 1][1:])
            swallowed = True
            continue
        follows = bool(after) and _joins_before(after) and _ZWNJ not in text
        shaped.append(_form(letters.get(base, {}), base, before=before, after=follows) + marks)
    return shaped


def _form(forms: Forms, base: str, *, before: bool, after: bool) -> str:
    before, after = before and "final" in forms, after and "initial" in forms
    if before and after and "medial" in forms:
        return forms["medial"]
    if before:
        return forms["final"]
    return forms.get("initial" if after else "isolated", base)
