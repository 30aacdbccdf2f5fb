"""Text as search compares it: without what people leave out, double or vary when they type.

Alef and hamza forms, alef maqsura, ta marbuta, tatweel, vowel marks, Latin accents, case and the
three sets of digits fall together. The same for what is stored and for what is asked.
"""

import unicodedata

_LETTERS = {
    **dict.fromkeys("أإآٱٲٳ", "ا"),
    "ى": "ي",
    "ی": "ي",
    "ئ": "ي",
    "ؤ": "و",
    "ة": "ه",
    "ک": "ك",
    "ـ": "",
    "ء": "",
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "ø": "o",
    "ł": "l",
}
_MARKS = [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06EE)]
_TABLE: dict[int, str] = {
    **{ord(letter): folded for letter, folded in _LETTERS.items()},
    **dict.fromkeys(_MARKS, ""),
    **{base + n: str(n) for base in (0x660, 0x6F0) for n in range(10)},
}


def fold(text: str) -> str:
    """The text as search compares it; folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    return fold_with_map(text)[0]


def fold_with_map(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` that it came from."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for piece in _folded(character):
            folded.append(piece)
            places.append(place)
    return "".join(folded), places


_known: dict[str, str] = {}


def _folded(character: str) -> str:
    known = _known.get(character)
    if known is None:
        known = _known[character] = _fold_one(character)
    return known


def _fold_one(character: str) -> str:
    pieces = unicodedata.normalize("NFKD", character.casefold())
    letters = (c.translate(_TABLE) for c in pieces.translate(_TABLE))
    return "".join(c for c in "".join(letters) if not unicodedata.combining(c))
