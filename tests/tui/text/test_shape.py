import unicodedata

import pytest

from wainbox_tui.text.clusters import clusters
from wainbox_tui.text.shape import shape

FORMS = {"isolated": "i", "final": "f", "initial": "b", "medial": "m"}


def forms(text: str) -> str:
    """What form each letter takes: isolated, final, beginning, medial; `-` for one that is drawn
    with the letter before, `.` for what has no forms."""
    said = ""
    for drawn in shape(clusters(text)):
        name = unicodedata.decomposition(drawn[0]).partition(">")[0].strip("<") if drawn else ""
        said += FORMS.get(name, ".") if drawn else "-"
    return said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ب", "i"),
        ("بب", "bf"),
        ("ببب", "bmf"),
        ("باب", "bfi"),
        ("دار", "iii"),
        ("ب ب", "i.i"),
        ("ب،ب", "i.i"),
        ("سلام", "bf-i"),
        ("لا", "i-"),
        ("بلا", "bf-"),
        ("ألأ", "ii-"),
        ("ﻻب", "ii"),
        ("الله", "ibmf"),
        ("عبد الله", "bmf.ibmf"),
        ("شيء", "bfi"),
        ("هـ", "b."),
        ("ـه", ".f"),
        ("بـب", "b.f"),
        ("سَلَّمَ", "bmf"),
        ("بَ", "i"),
        ("می\u200cخواهم", "bfbfibf"),
        ("ه\u200d", "b"),
        ("د\u200dب", "if"),
        ("ل\u200cا", "ii"),
        ("پچژگک", "bmfbf"),
        ("ڤيديو", "bmfbf"),
        ("گفتگو", "bmmmf"),
        ("ڭاع", "bfi"),
        ("على", "bmf"),
        ("مؤمن", "bfbf"),
        ("abب1", "..i."),
        ("طے", "bf"),
    ],
)
def test_letters_look_as_their_neighbours_ask(text: str, expected: str):
    """Forms follow the letters on both sides; marks, joiners and tatweel do their part."""
    assert forms(text) == expected


@pytest.mark.parametrize("alef", "اأإآ")
def test_lam_and_alef_are_one(alef: str):
    """Each alef has its ligature, alone and joined, and it means the same two letters."""
    for text, drawn in (("ل" + alef, 0), ("بل" + alef, 1)):
        assert unicodedata.normalize("NFKD", shape(clusters(text))[drawn]) == unicodedata.normalize(
            "NFKD", "ل" + alef
        )


def test_marks_of_lam_and_alef_stay_on_the_ligature():
    """Vowels of both letters are drawn on the one glyph, and no more than it can carry."""
    assert shape(clusters("لَاً")) == ["ﻻ\u064e\u064b", ""]
    assert shape(clusters("ل" + "\u064e" * 9 + "ا"))[0] == "ﻻ" + "\u064e" * 4


def test_the_word_that_fonts_lack_is_never_used():
    """`الله` stays letters, because the ligature is missing from common terminal fonts."""
    assert "\ufdf2" not in "".join(shape(clusters("عبد الله لله والله")))


def test_letters_without_forms_stay_as_they_are():
    """A letter Unicode has no forms for is drawn as it is, and nothing joins it."""
    assert shape(clusters("بڨب")) == ["ﺏ", "ڨ", "ﺏ"]
