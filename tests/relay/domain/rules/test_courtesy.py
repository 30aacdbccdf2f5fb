"""What needs no answer, and what must never be taken for it."""

import pytest

from wainbox_relay.sections.closing import courtesies

KIND = courtesies()

ENGLISH = """
thanks · Thank you so much! · thx 🙏 · ty! · tysm · many thanks · thanks a million · thanks bro
thank you sir · Thanks again · great, thanks · perfect, thank you · much appreciated
I really appreciate it · you're the best · God bless you · thanks for your help
thank you for your quick reply · thanks for everything · thank you, have a nice day · thanks :)
thank you <3 · thx ^^ · great 👍
"""
FRENCH = """
Merci beaucoup · merciii · Mrc bcp ❤️ · merci bien · merci à vous · un grand merci · mille mercis
merci infiniment · merci pour tout · merci pour votre aide · merci pour votre réponse rapide
C'est très gentil, merci · je vous remercie · parfait merci · Super, merci ! · très bien merci
merci bonne journée · merci et bonne soirée · merci mon frère · merci ^^ · merci :D
merci à toute l'équipe · bonne journée 🌹
"""
ARABIC = """
شكرا · شُكراً جزيلاً · شكراااا · شكرا لكم · ألف شكر · كل الشكر لكم · جزيل الشكر · مشكورين · مشكور اخوي
تسلم ايديك 🌹 · تسلم يا غالي · الله يسلمك · يسلمو ايديك · الله يعطيك العافية · يعطيكم الصحة
الله يعطيكم ألف عافية · جزاك الله خيرا · جزاكم الله كل خير · بارك الله فيك · ربي يبارك فيك
الله يحفظك · الله يرحم والديك · كثر الله خيرك · ما قصرتوا والله · بيض الله وجهك · متشكرة اوي
ممنون لك · يعيشك خويا · صحيت خويا · ميرسي كتير · شكرا على سرعة الرد · شكرا لحسن تعاملكم
شكرا على كل شي · ممتاز شكرا · شكرا بزاف · حبيبي ❤️
"""
ARABIZI = """
chokran bzaf · shukran kteer · shokran gazilan · chokran jazilan · merci bezzef · mrc khoya
3aychek khouya · ya3aychek · ya3tik essa7a · lah y3tik sa7a · ye3tik el 3afye · yeslamo habibi
yeslamo eidek · teslam ya basha · baraka allahu fik · barakallah fik · lah ybarek fik
jazak allah khair · lah yjazik bikhir · allah yr7am waldik · lah yrhem waldik · lah y7afdek
ma gasart · mashkoreen · metshaker awi · alf shokr · sa7it · sahitou · tanmirt
"""
SIGNS = "👍 · 👍🏽 · ❤️❤️❤️ · ❤️‍🔥 · 🙏🙏 · 🌹 · 👏👏 · 🫡 · 🩷 · ☺️"


def each(*lists: str) -> list[str]:
    return [
        text.strip()
        for list_ in lists
        for text in list_.replace("\n", "·").split("·")
        if text.strip()
    ]


@pytest.mark.parametrize("text", each(ENGLISH, FRENCH, ARABIC, ARABIZI, SIGNS))
def test_thanks_alone_need_no_answer(text: str):
    assert KIND.needs_no_answer(text)


@pytest.mark.parametrize(
    "text",
    each("""
    ok merci · ok thanks · Okay, thank you · got it, thanks · d'accord merci · c'est bon merci
    تمام شكرا · طيب شكرا · اوكي شكرا جزيلا · wakha chokran · safi merci · oki choukran · saha merci
    ok 👍 · تمام 👍
    """),
)
def test_agreed_with_thanks_is_a_courtesy_once_the_case_is_over(text: str):
    """Before, the "ok" may be what we were waiting for."""
    assert KIND.needs_no_answer(text, over=True)
    assert not KIND.needs_no_answer(text)


MAY_BE_AN_ANSWER = """
ok · okay · oui · yes · نعم · ايوه · تمام · aywa · wakha · safi · saha · d'accord · parfait · great
oui merci · yes thanks · نعم شكرا · no thanks · لا شكرا · non merci · la choukran
"""
ASKS = """
thanks? · merci ⁉️ · thanks in advance · merci d'avance · شكرا مقدما · merci de votre réponse
merci de me répondre · quick reply appreciated · I'd appreciate a quick reply · الله يخليك
thanks, where is my refund · شكرا وين طلبي · merci 1042 · 5
"""
REPROACHES = """
thanks for nothing · merci pour rien · شكرا على لا شيء · merci pour votre retard · pas bien merci
merci mais rien reçu · chokran walakin mazal · baraka · baraka 3likom · حسبي الله ونعم الوكيل
الله ياخذك · الله يسامحكم · منك لله · الله لا يعطيك العافية · lah ya5od fik l7a9
merci :( · thanks :-( · 👎 · 😡 · 💔 · 😭 · 😂 · 🤔 · thanks 😡 · 👍👎 · ok 😢 · ⭐⭐ bad
"""
NO_THANKS = """
you · a lot · bonne journée · have a nice day · good evening 🙂 · 👋 · الله · حبيبي · ... · !!
thank you so very much again for all
"""


@pytest.mark.parametrize("text", ["", *each(MAY_BE_AN_ANSWER, ASKS, REPROACHES, NO_THANKS)])
def test_whatever_may_want_an_answer_is_heard(text: str):
    """Also on a case that is over."""
    assert not KIND.needs_no_answer(text)
    assert not KIND.needs_no_answer(text, over=True)


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("Shall we send another one?", True),
        ("On vous renvoie le colis ? Merci", True),
        ("هل نرسل غيره؟ 🙏", True),
        ("Une question ? Nous sommes là jusqu'à 21 h.", False),
        ("It is here: https://shop.example/track?id=7", False),
        ("It left today", False),
    ],
)
def test_a_question_is_one_at_the_end_of_a_line(line: str, asks: bool):  # noqa: FBT001 - a table
    """A sign or a kind word may follow it."""
    assert KIND.ends_in_question(line) is asks


def test_an_angry_or_doubtful_reaction_is_no_courtesy():
    """Skin and shape make no difference."""
    assert all(KIND.is_kind(emoji) for emoji in ("👍🏿", "❤️", "❤", "😂"))
    assert not any(KIND.is_kind(emoji) for emoji in ("😡", "👎🏼", "💔", "☹️", "❓", "⏳"))
