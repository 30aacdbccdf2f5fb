"""Tells the language of one message: by its script, by digits and words of Arabic in Latin letters,
by short words, and between French and English by lingua.

Lingua knows no Arabic in Latin letters and calls it French or English, so it is asked last. Other
languages are not told apart: whatever is left becomes French, English or undetermined.
"""

import re
from unicodedata import normalize

from lingua import Language, LanguageDetectorBuilder

from wainbox_relay.contract.safe import scrub
from wainbox_relay.domain.rules.language import MEMORY, SURE, Detected
from wainbox_relay.language import words

LONGEST = 500
"""Characters that are looked at: enough to tell, and a long text holds up everybody."""
_FEW_WORDS = 3
_CLEAR = 2
_LEAST = 0.60

_ARABIC = re.compile(
    "[\u0621-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c7]"
)
_LATIN = re.compile("[A-Za-zÀ-ÖØ-öø-ɏ]")
_WORD = re.compile("[0-9a-zß-ɏ]+")
_NO_WORDS = re.compile(
    r"""
      (?i:https?://|www\.)\S+
    | (?<!\S)[^\s@]++@\S+
    | (?i:(?<![\w-])[\w-]++\.(?:com|net|org|ma|dz|tn|eg|sa|ae|fr|shop|store)\b)\S*
    | (?:\#|(?i:\bn[°º]))\s?\w+
    | \b(?=[A-Z-]*\d[A-Z-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*\b      # an order's code
    | \b\d+\s?[x×]\s?\d+\w*                                   # 2x3m
    | (?i:\bwi-?fi\b)
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(r'"[^"]{1,80}"|“[^”]{1,80}”|«[^»]{1,80}»')
"""Names of products, mostly."""
_NAME = re.compile(r"(?<=[\w,;:&/()-] )[A-Z][a-z]+")
"""A capital within a sentence. Arabic names stand in addresses of every language."""
_FRENCH = re.compile("[çèéêœ]", re.IGNORECASE)


class LocalDetector:
    """All models are loaded when it is made; it asks nobody outside."""

    def __init__(self) -> None:
        self._words = words.load()
        self._lingua = (
            LanguageDetectorBuilder.from_languages(Language.FRENCH, Language.ENGLISH)
            .with_low_accuracy_mode()
            .with_preloaded_language_models()
            .build()
        )

    def detect(self, text: str, memory: str = "") -> Detected:
        """`memory` is the conversation's language, for words that tell none."""
        said = _said(text)
        count = sum(1 for piece in said.split() if _has_letters(piece))
        arabic, latin = len(_ARABIC.findall(said)), len(_LATIN.findall(said))
        if arabic and 2 * arabic >= latin:
            return Detected("ar", arabic / (arabic + latin), "script", count)
        found = self._in_latin(said, count)
        if found.confidence >= _LEAST:
            return found
        return Detected(memory, _LEAST, MEMORY, count) if memory else Detected(words=count)

    def _in_latin(self, said: str, count: int) -> Detected:
        heard = _words(said)
        if all(map(self._words.says_nothing, heard)):
            return Detected()
        french = sum(word in self._words.french for word in heard) + bool(_FRENCH.search(said))
        english = sum(word in self._words.english for word in heard)
        arabic, others = self._arabic_and_others(heard, set(_words(" ".join(_NAME.findall(said)))))
        if (arabic > 1 and arabic >= others) or (arabic and not (french or english)):
            sure = max(_LEAST, _ahead(arabic, others))
            return Detected("ar-Latn", sure, "arabizi", count)
        if self._is_clear(french, english, count):
            language = "fr" if french > english else "en"
            sure = _ahead(max(french, english), min(french, english))
            return Detected(language, sure, "lexicon", count)
        if count <= _FEW_WORDS and french == english:
            return Detected()
        return self._guessed(said, count)

    def _arabic_and_others(self, heard: list[str], names: set[str]) -> tuple[int, int]:
        """How much speaks for Arabic in Latin letters, and for the nearer of French and English.
        What they share speaks for none, and a name only against."""
        heard = [word for word in heard if word not in self._words.shared]
        french = sum(word in self._words.french for word in heard)
        english = sum(word in self._words.english for word in heard)
        arabic = sum(self._words.arabic(word) for word in heard if word not in names)
        return arabic, max(french, english)

    def _is_clear(self, french: int, english: int, count: int) -> bool:
        return french != english and (
            count <= _FEW_WORDS or not (french and english) or abs(french - english) >= _CLEAR
        )

    def _guessed(self, said: str, count: int) -> Detected:
        """Never sure: it is a guess among two, whatever the language is."""
        french = self._lingua.compute_language_confidence(said, Language.FRENCH)
        language, sure = ("fr", french) if french >= 0.5 else ("en", 1 - french)
        return Detected(language, min(sure, SURE), "lingua", count)


def _said(text: str) -> str:
    """The words somebody chose: without addresses, codes, and names in quotation marks."""
    text = normalize("NFKC", scrub(text[:LONGEST]))[:LONGEST]
    text = _NO_WORDS.sub(" ", text)
    unquoted = _QUOTED.sub(" ", text)
    return unquoted if _has_letters(unquoted) else text


def _words(said: str) -> list[str]:
    heard = _WORD.findall(words.plain(said))
    return [words.short(word) for word in heard if not word.isdigit()]


def _has_letters(text: str) -> bool:
    return bool(_ARABIC.search(text) or _LATIN.search(text))


def _ahead(found: int, other: int) -> float:
    """How sure a count of words is over the next best: one alone is four fifths."""
    return found / (found + other + 0.25)
