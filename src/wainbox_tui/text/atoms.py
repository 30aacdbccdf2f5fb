"""What stays in one piece, left to right, wherever it stands: addresses, numbers with what belongs
to them, codes. The algorithm alone would show `+212 6 12-34` in Arabic text as `34-12 6 212+`.
"""

import re

from wainbox_tui.text.wrap import Span

_DIGIT = "0-9٠-٩۰-۹"
_D = f"[{_DIGIT}]"
_NUMBER = f"{_D}(?:[{_DIGIT}.,٫٬]{{0,24}}{_D})?(?:[ ]{_D}{{3}}){{0,4}}(?:[.,]{_D}{{1,3}})?"
_MONEY = "[A-Z]{3}|DHS?|D[hH]s?|dhs?|LE|SR|QR|[$€£¥]"

_ATOM = re.compile(
    rf"""(?<![A-Za-z{_DIGIT}])(?:
      (?:https?://|www\.)[!-~]{{0,2048}}[\w/=&\#~-]
    | [0-9A-Za-z_.+-]{{1,64}}@[0-9A-Za-z-]{{1,63}}(?:\.[0-9A-Za-z-]{{1,63}}){{1,8}}
    | [@\#][0-9A-Za-z_]+(?:[-_.][0-9A-Za-z_]+)*
    | {_NUMBER}[ ]?(?:{_MONEY})(?![A-Za-z])
    | (?:[A-Z]{{3}}|[$€£¥])[ ]?{_NUMBER}
    | {_D}{{1,4}}([-/.]){_D}{{1,2}}\1{_D}{{1,4}}(?!{_D}|[-/.]{_D})
    | (?:\+|(?=[0٠۰])){_D}(?:[ ().-]{{0,2}}{_D}){{6,16}}
    | {_D}{{1,2}}:{_D}{{2}}(?::{_D}{{2}})?
    | [A-Za-z]+[0-9][0-9A-Za-z]*(?:[-_/.][0-9A-Za-z]+)*
    | [A-Za-z]+(?:[-_/][0-9A-Za-z]+)+
    | [0-9]+[A-Za-z][0-9A-Za-z]*(?:[-_/.][0-9A-Za-z]+)*
    )""",
    re.VERBOSE | re.ASCII,
)
_TAG = re.compile(r"[@#]\w+")
_LATIN = re.compile("[A-Za-z]")


def atoms(text: str) -> list[Span]:
    """Where they stand, from the start of the text to its end."""
    return [found.span() for found in _ATOM.finditer(text)]


def class_of_atom(text: str) -> str:
    """How the algorithm sees one: as a word of the left if it has letters, else as a number."""
    return "L" if _LATIN.search(text) else "EN"


def without(tokens: list[Span], text: str) -> str:
    """The words of a text, which say in which direction it runs; links, codes and tags do not."""
    edges = [0, *(edge for token in tokens for edge in token), len(text)]
    words = (text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2))
    return _TAG.sub(" ", " ".join(words))
