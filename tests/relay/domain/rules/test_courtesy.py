"""What needs no answer, and what must never be taken for it."""

import pytest

from wainbox_relay.sections.closing import courtesies

KIND = courtesies()


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "Thank you so much!",
        "thx 🙏",
        "Merci beaucoup",
        "merciii",
        "Mrc bcp ❤️",
        "شكرا",
        "شُكراً جزيلاً",
        "الله يعطيك العافية",
        "تسلم ايديك 🌹",
        "بارك الله فيك",
        "مشكورين",
        "chokran bzaf",
        "3aychek khouya",
        "ya3tik essa7a",
        "baraka allahu fik",
        "yeslamo habibi",
        "👍",
        "👍🏽",
        "❤️❤️❤️",
        "🙏🙏",
    ],
)
def test_thanks_alone_need_no_answer(text: str):
    assert KIND.needs_no_answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "oui",
        "نعم",
        "تمام",
        "no thanks",
        "لا شكرا",
        "non merci",
        "thanks, where is my refund",
        "merci mais rien reçu",
        "شكرا وين طلبي",
        "chokran walakin mazal",
        "thanks?",
        "merci 1042",
        "👎",
        "😡",
        "💔",
        "thanks 😡",
        "👍👎",
        "you",
        "a lot",
        "",
        "...",
        "thank you so very much again for all",
        "5",
        "⭐⭐ bad",
    ],
)
def test_whatever_may_want_an_answer_is_heard(text: str):
    assert not KIND.needs_no_answer(text)


def test_an_angry_reaction_is_no_courtesy():
    """Skin and shape make no difference."""
    assert all(KIND.is_kind(emoji) for emoji in ("👍🏿", "❤️", "❤"))
    assert not any(KIND.is_kind(emoji) for emoji in ("😡", "👎🏼", "💔"))
