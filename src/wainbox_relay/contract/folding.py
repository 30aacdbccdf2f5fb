"""Text as search compares it: without what people leave out, double or vary when they type.

Alef and hamza forms, alef maqsura, ta marbuta, tatweel, vowel marks, Latin accents, case and the
digits of all scripts fall together. The same for what is stored and for what is asked.
"""

from unicodedata import category, combining, decimal, normalize

_LETTERS = {
    **dict.fromkeys("أإآٱٲٳ", "ا"),
    **dict.fromkeys("ىیېے", "ي"),
    **dict.fromkeys("ةہھەۀۃ", "ه"),
    **dict.fromkeys("کڪ", "ك"),
    "ئ": "ي",
    "ؤ": "و",
    "ـ": "",
    "ء": "",
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ı": "i",
}


def fold(text: str) -> str:
    """The text as search compares it; folding twice changes nothing."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def fold_with_map(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it came from."""
    folded = list(map(_FOLDED.__getitem__, map(ord, text)))
    places = [place for place, piece in enumerate(folded) for _ in piece]
    return "".join(folded), places


class _Folded(dict[int, str]):
    """What each character becomes, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = _to_the_end(chr(code))
        if code <= 0xFFFF:  # the rest is rare, and so many that a stranger could fill memory
            self[code] = folded
        return folded


_FOLDED = _Folded()


def _to_the_end(text: str) -> str:
    while (folded := "".join(map(_step, normalize("NFKD", text.casefold())))) != text:
        text = folded
    return text


def _step(character: str) -> str:
    if combining(character) or category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    if (digit := decimal(character, None)) is not None:
        return str(digit)
    return _LETTERS.get(character, character)
