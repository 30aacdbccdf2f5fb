import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_tui.text.bidi import MIRRORED, class_of, direction, levels, reordered

HEBREW = {chr(ord("A") + n): chr(0x05D0 + n) for n in range(13)}
ARABIC = {chr(ord("N") + n): chr(0x062C + n) for n in range(13)}
LETTERS = HEBREW | ARABIC
SPELT = {letter: capital for capital, letter in LETTERS.items()}

L, R = 0, 1
CASES = [
    # Words alone and beside each other.
    (L, "", ""),
    (L, "abc", "abc"),
    (L, "ABC", "CBA"),
    (R, "ABC", "CBA"),
    (R, "abc", "abc"),
    (L, "abc ABC", "abc CBA"),
    (L, "ABC abc", "CBA abc"),
    (R, "ABC abc", "abc CBA"),
    (R, "abc ABC", "CBA abc"),
    (L, "abc ABC def", "abc CBA def"),
    (L, "abc ABC DEF ghi", "abc FED CBA ghi"),
    (R, "ABC abc def GHI", "IHG abc def CBA"),
    (R, "ABC abc DEF", "FED abc CBA"),
    (L, "aBc", "aBc"),
    (R, "AbC", "CbA"),
    # Signs go with both sides, or with the paragraph.
    (L, "abc ABC, DEF ghi", "abc FED ,CBA ghi"),
    (L, "abc ABC!", "abc CBA!"),
    (R, "ABC!", "!CBA"),
    (R, "ABC abc!", "!abc CBA"),
    (R, "ABC abc! def GHI", "IHG abc! def CBA"),
    (R, "abc, DEF", "FED ,abc"),
    (L, "N.a", "N.a"),
    (L, "a<B", "a<B"),
    (L, "A<B", "B>A"),
    (R, "ABC «def» GHI", "IHG «def» CBA"),
    (L, "abc «DEF» ghi", "abc «FED» ghi"),
    (R, ":)", "(:"),
    (L, ":)", ":)"),
    # Blanks at the ends stand where the paragraph ends.
    (L, "ABC  ", "CBA  "),
    (R, "abc  ", "  abc"),
    # Numbers after words of the left, of Hebrew, of Arabic.
    (L, "abc 123", "abc 123"),
    (L, "ABC 123", "123 CBA"),
    (L, "123 ABC", "123 CBA"),
    (L, "NOP 123", "123 PON"),
    (R, "123", "123"),
    (L, "abc ABC 123 def", "abc 123 CBA def"),
    (R, "ABC 123 DEF", "FED 123 CBA"),
    (R, "NOP 123 QRS", "SRQ 123 PON"),
    (L, "1 2 3", "1 2 3"),
    (R, "1 2 3", "3 2 1"),
    (L, "a1 B2", "a1 2B"),
    (R, "NOP abc 123", "abc 123 PON"),
    # What joins and what surrounds numbers.
    (L, "AB 1,5", "1,5 BA"),
    (L, "ab 1,5 AB", "ab 1,5 BA"),
    (L, "AB 1,,5", "5,,1 BA"),
    (R, "ABC 1-2", "1-2 CBA"),
    (R, "NOP 1-2", "2-1 PON"),
    (R, "NOP 1,2", "1,2 PON"),
    (R, "NOP 1.250,50", "1.250,50 PON"),
    (R, "NOP 10:30", "10:30 PON"),
    (R, "NOP +1", "1+ PON"),
    (R, "ABC +1", "1+ CBA"),
    (L, "A-1", "1-A"),
    (L, "AB $5", "$5 BA"),
    (L, "AB 5%", "5% BA"),
    (R, "AB 5%", "5% BA"),
    (L, "NO 5%", "5 ON%"),
    (R, "NO 5%", "%5 ON"),
    # Arabic digits.
    (R, "٣٤ abc", "abc ٣٤"),
    (L, "abc ٣٤", "abc ٣٤"),
    (L, "AB ٣٤", "٣٤ BA"),
    (L, "NO ٣٤/٥٦", "٣٤/٥٦ ON"),
    (R, "NO ٣٤-٥٦", "٥٦-٣٤ ON"),
    # Brackets hold together.
    (L, "abc (ABC) def", "abc (CBA) def"),
    (L, "ABC (DEF) ghi", "(FED) CBA ghi"),
    (L, "ABC (def) GHI", "CBA (def) IHG"),
    (L, "ABC (def GHI) jkl", "CBA (def IHG) jkl"),
    (L, "abc [ABC (DEF)] ghi", "abc [(FED) CBA] ghi"),
    (R, "NOP (123)", "(123) PON"),
    (R, "NOP (abc) QRS", "SRQ (abc) PON"),
    (R, "abc (NOP) def", "def (PON) abc"),
    (R, "abc (def) NOP", "PON abc (def)"),
    (R, "A (b) [C] {d}", "{d} [C] (b) A"),
    (R, "ABC (abc", "abc) CBA"),
    (R, "ABC (abc]", "[abc) CBA"),
    (L, "ABC \u2329def\u3009 GHI", "CBA \u2329def\u3009 IHG"),
    (R, "()", "()"),
]


def seen(text: str, base: int) -> str:
    found = levels([class_of(c) for c in text], list(text), base)
    return "".join(
        MIRRORED.get(text[place], text[place]) if found[place] % 2 else text[place]
        for place in reordered(found)
    )


@pytest.mark.parametrize(("base", "logical", "visual"), CASES)
def test_text_is_seen_as_the_standard_says(base: int, logical: str, visual: str):
    """Capitals run from the right: A to M are Hebrew letters, N to Z Arabic ones."""
    written = "".join(LETTERS.get(c, c) for c in logical)
    assert "".join(SPELT.get(c, c) for c in seen(written, base)) == visual


def test_marks_go_with_their_letter():
    """A vowel mark, and one on a bracket, has the level of what it stands on."""
    text = "a \u05d0\u05b0(b\u0301)\u0301"
    found = levels([class_of(c) for c in text], list(text), L)
    assert found == [0, 0, 1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12 ... abc", 0), ("12 ... ب", 1), ("א abc", 1), ("12 ...", None), ("", None)],
)
def test_first_strong_letter_says_the_direction(text: str, expected: int | None):
    """Digits and signs say nothing."""
    assert direction(map(class_of, text)) == expected


def unicode_folder() -> Path:
    return Path(os.environ.get("WAINBOX_TEST_UNICODE", "/usr/share/unicode"))


def unicode_file(name: str) -> Path:
    path = unicode_folder() / name
    if not path.exists():
        pytest.skip(
            f"no {name} in {unicode_folder()}: install Debian's unicode-data, "
            "or name its folder in WAINBOX_TEST_UNICODE"
        )
    return path


def rows_of(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if stated := line.partition("#")[0].strip():
                yield [part.strip() for part in stated.split(";")]


EXPLICIT = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
EVERY = 7
"""One case in so many; the file's patterns repeat by powers of two."""


def test_unicodes_own_cases_come_out():
    """Levels and order of Unicode's test file, for the cases without explicit controls."""
    tried = 0
    for row in list(rows_of(unicode_file("BidiCharacterTest.txt")))[::EVERY]:
        text = "".join(chr(int(code, 16)) for code in row[0].split())
        classes = [class_of(c) for c in text]
        if not EXPLICIT.isdisjoint(classes):
            continue
        tried += 1
        base = int(row[2])
        if row[1] == "2":
            assert (direction(classes) or 0) == base, row
        found = levels(classes, list(text), base)
        kept = [place for place, level in enumerate(row[3].split()) if level != "x"]
        assert [found[place] for place in kept] == [int(n) for n in row[3].split() if n != "x"], row
        order = [kept[place] for place in reordered([found[place] for place in kept])]
        assert order == [int(n) for n in row[4].split()], row
    assert tried > 10_000


def test_brackets_and_mirrors_are_unicodes():
    """Every bracket pair of Unicode is known, and every mirror we have is one of Unicode's."""
    rows = rows_of(unicode_file("BidiMirroring.txt"))
    mirrors = {chr(int(one, 16)): chr(int(other, 16)) for one, other in rows}
    assert all(mirrors[one] == other for one, other in MIRRORED.items())
    for row in rows_of(unicode_file("BidiBrackets.txt")):
        assert MIRRORED[chr(int(row[0], 16))] == chr(int(row[1], 16))


@given(st.text(), st.sampled_from([L, R]))
def test_any_text_gets_levels_and_an_order(text: str, base: int):
    """Even explicit controls and half characters crash nothing; the order loses nobody."""
    found = levels([class_of(c) for c in text], list(text), base)
    assert sorted(reordered(found)) == list(range(len(text)))
    assert all(base <= level <= base + 2 for level in found)


@given(st.text(st.sampled_from("ab אב بج 12 ٣ ()[],.-+$%")), st.sampled_from([L, R]))
def test_order_within_a_level_is_kept(text: str, base: int):
    """Words of the left read from left to right, those of the right from right to left."""
    found = levels([class_of(c) for c in text], list(text), base)
    for one, other in pairwise(reordered(found)):
        if found[one] == found[other] and abs(one - other) == 1:
            assert other - one == (-1 if found[one] % 2 else 1)
