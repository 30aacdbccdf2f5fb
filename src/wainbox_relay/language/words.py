"""The word lists, written by hand, and what gives Arabic in Latin letters away where no list has
the word: digits that stand for letters, and clusters that neither French nor English begins with.
"""

import re
from dataclasses import dataclass
from importlib import resources

DIALECTS = ("egyptian", "levantine", "gulf", "moroccan", "algerian_tunisian")

_PLAIN = str.maketrans("àâäáãçéèêëîïíìôöóòõûüùúÿñ", "aaaaaceeeeiiiiooooouuuuyn")
_LONG = re.compile(r"([a-z])\1{2,}")
_DOUBLE = re.compile(r"([a-z])\1")
_SPELLINGS = (
    ("sh", "ch"),
    ("kh", "x"),
    ("ou", "o"),
    ("w", "o"),
    ("u", "o"),
    ("y", "i"),
    ("e", "a"),
    ("7", "h"),
    ("5", "x"),
    ("6", "t"),
    ("3", "a"),
)
_LEAST_ALIKE = 5
"""Shorter words must be spelt as in the list: too many others would look like them."""

_DIGIT = re.compile(r"(?<!\d)[2356789](?!\d)")
_WITH_DIGITS = re.compile(r"(?:[a-z]*[2356789](?!\d))+[a-z]*")
_SIZE = re.compile(r"\d*(?:x*[sl]|m|cm|mm|kg|g|ml)\d*")
_SHAPES = re.compile(
    r"""
      [a-z]*kh[a-z]+                          # khlast, mkhalles
    | l[bcdfgjkmnpqrstvwxz][a-z]{2,}          # the article before a word: lcommande, lflous
    | (?:                                     # what a verb begins with: nbdel, twsel, yjib, mchat
        b[dgjkmntwz] | d[bfgjklmnt] | f[bdghjkmnqtwz] | g[bdfjkmtz] | h[bdfgjklmnqrstwz]
      | k[bdfgjkmtz] | m[bdfgjklqrtwz] | n[bdfjkqrstwz] | q[bdflrst] | r[bdfgjklmnqstwz]
      | s[bdfgjrz] | t[bdfgjklmnqt] | w[bdfgjklmnqstz] | y[bdfgjkmnqrstwz] | z[bdfgjklmnrtwz]
      )[a-z]*[aeiou][a-z]*
    | [a-z]*q[aeilort][a-z]+                  # maqas
    | ma[a-z]{4,}(?:ch|sh)                    # mawselch, mabyrodosh
    | [a-z]{3,}(?:nich|lich|ouch|kom|koum)    # wselnich, andkom
    """,
    re.VERBOSE,
)
_LEAST_SHAPED = 5


def plain(text: str) -> str:
    """Lower case, without accents."""
    return text.lower().replace("œ", "oe").replace("æ", "ae").translate(_PLAIN)


def alike(word: str) -> str:
    """One spelling for the many that people use for the same Arabic word."""
    for written, one in _SPELLINGS:
        word = word.replace(written, one)
    return _DOUBLE.sub(r"\1", word)


@dataclass(frozen=True, slots=True)
class Words:
    """`shared` are Arabic in Latin letters and French or English as well, such as `ma` and `law`;
    they are not in `arabizi`. `alike` has those of `arabizi` in one spelling. What is `neutral` is
    in none of the others."""

    arabizi: frozenset[str]
    alike: frozenset[str]
    with_digits: frozenset[str]
    shared: frozenset[str]
    french: frozenset[str]
    english: frozenset[str]
    neutral: frozenset[str]
    units: frozenset[str]

    def known(self, word: str) -> bool:
        return word in self.french or word in self.english or word in self.neutral

    def says_nothing(self, word: str) -> bool:
        return word in self.neutral or _SIZE.fullmatch(word) is not None

    def arabic(self, word: str) -> int:
        """How much a word says that it is Arabic: 2, 1 or 0."""
        if any(map(str.isdigit, word)):
            return 2 if self._has_letters_in_digits(word) else 0
        if word in self.arabizi:
            return 1
        return int(not self.known(word) and (self._listed_alike(word) or _shaped(word)))

    def _listed_alike(self, word: str) -> bool:
        return len(word) >= _LEAST_ALIKE and alike(word) in self.alike

    def _has_letters_in_digits(self, word: str) -> bool:
        if word in self.with_digits:
            return True
        if not _WITH_DIGITS.fullmatch(word) or self.known(word):
            return False
        letters = _DIGIT.sub("", word)
        if len(letters) < len(word) - 1:
            return len(letters) > 1
        if word[-1].isdigit():
            ends = word[-1] in "379" or letters in self.arabizi
            return ends and len(letters) > 2 and not self.known(letters)
        if word[0].isdigit():
            counted = letters in self.units or (len(letters) > 4 and self.known(letters))
            return len(letters) > 1 and not counted
        return True


def _shaped(word: str) -> bool:
    return len(word) >= _LEAST_SHAPED and _SHAPES.fullmatch(word) is not None


def short(word: str) -> str:
    """`merciii` and `merci` are one word."""
    return _LONG.sub(r"\1", word)


def load() -> Words:
    neutral = _read("neutral")
    french, english = _read("french") - neutral, _read("english") - neutral
    listed = frozenset[str]().union(*map(_read, DIALECTS))
    shared = (listed & (french | english)) | _read("homographs")
    arabizi = listed - shared - neutral
    return Words(
        arabizi=arabizi,
        alike=frozenset(alike(word) for word in arabizi if len(word) >= _LEAST_ALIKE),
        with_digits=_read("with_digits"),
        shared=shared,
        french=french,
        english=english,
        neutral=neutral,
        units=_read("units"),
    )


def _read(name: str) -> frozenset[str]:
    text = resources.files(__package__).joinpath("lexicons", f"{name}.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(plain(word) for line in lines for word in line.split())
