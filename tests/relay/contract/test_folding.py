import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.folding import fold, fold_with_map

TEXT = st.text(st.one_of(st.sampled_from("أإآٱىئؤةهـَّكکیيلاﻻﷲ١۲éÉœß𝐀ǅﬁ½ "), st.characters()))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("احمد", "أحمد"),
        ("امال", "آمال"),
        ("مدرسه", "مدرسة"),
        ("علي", "على"),
        ("شكرا", "شُكْراً"),
        ("شكرا", "شكـــرا"),
        ("مسوول", "مسؤول"),
        ("كتاب", "کتاب"),
        ("سلام", "ﺳﻼﻡ"),
        ("الله", "ﷲ"),
        ("میخواهم", "می\u200cخواهم"),
        ("10482", "١٠٤٨٢"),
        ("10482", "۱۰۴۸۲"),
        ("10482", "１０４８２"),
        ("deja vu", "Déjà VU"),
        ("deja", "de\u0301ja\u0300"),
        ("coeur", "cœur"),
        ("strasse", "STRAẞE"),
        ("a", "𝐀"),
        ("❤", "❤\ufe0f"),
    ],
)
def test_variants_meet(typed: str, stored: str):
    """What people leave out, double or vary is found however it was written."""
    assert fold(typed) == fold(stored)


@pytest.mark.parametrize(("one", "other"), [("حال", "خال"), ("كتب", "كتاب"), ("10482", "10483")])
def test_different_words_stay_different(one: str, other: str):
    """Folding does not make other words of words."""
    assert fold(one) != fold(other)


@given(TEXT)
def test_folding_again_changes_nothing(text: str):
    """The stored and the asked meet, even when one of them was folded before."""
    assert fold(fold(text)) == fold(text)


@given(TEXT)
def test_the_map_leads_back(text: str):
    """Each folded character knows its place, in order, and comes from there."""
    folded, places = fold_with_map(text)
    assert folded == fold(text)
    assert places == sorted(places)
    assert len(places) == len(folded)
    assert all(letter in fold(text[place]) for letter, place in zip(folded, places, strict=True))


def test_a_find_can_be_highlighted():
    """A word found in folded text is marked in the text as it was written."""
    text = "قالت: شُكْراً ﻻ"
    folded, places = fold_with_map(text)
    at = folded.index(fold("شكرا"))
    assert text[places[at] : places[at + 3] + 1] == "شُكْرا"
    assert places[-2:] == [len(text) - 1] * 2
