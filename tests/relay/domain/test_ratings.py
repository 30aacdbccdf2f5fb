"""How customers are asked how it was, and what their answers do."""

from dataclasses import replace

import pytest
from tests.relay.domain.playbook import DESK, GROUP, LEILA, Playbook, clock

from wainbox_relay.contract.commands import Claim, MarkSpam, Reopen, Resolve
from wainbox_relay.contract.content import Answer, Menu, TemplateMessage
from wainbox_relay.contract.vocabulary import MINUTE, Delivery, Flag, Status, Wamid
from wainbox_relay.domain.facts import Accepted, AttemptBegan
from wainbox_relay.domain.outcome import Rated, RatingAsked, Wake
from wainbox_relay.sections.closing import RatingSection, asking, courtesies


def desk(**more: object):
    ask = asking(RatingSection(ask=True, **more), 10 * MINUTE)  # type: ignore[arg-type]
    return replace(DESK, policy=replace(DESK.policy, courtesies=courtesies(), rating=ask))


def resolved(**more: object) -> Playbook:
    day = Playbook(desk=desk(**more))
    day.says("10:00")
    day.ask("10:01", LEILA, Claim())
    day.sends("10:02", LEILA, "r1")
    day.change(answered=True)
    day.ask("10:03", LEILA, Resolve())
    return day


def asked() -> Playbook:
    day = resolved()
    day.rings("10:13", "rating")
    return day


def question(day: Playbook) -> Menu | TemplateMessage:
    return day.entries[day.conversation.rating.entry].content


def stars(day: Playbook) -> int | None:
    return day.conversation.rating.stars


def test_ten_minutes_after_a_resolve_the_customer_is_asked_in_their_language():
    """A list of five, to the credit of who resolved it; no answer of a human."""
    day = resolved()
    assert day.wishes[-1] == Wake("rating", clock("10:13"))
    day.change(language="fr")
    day.rings("10:13", "rating")
    assert question(day).body.startswith("Votre demande #W-1000")
    assert [choice.id for choice in question(day).choices] == [
        f"rating:{n}" for n in (5, 4, 3, 2, 1)
    ]
    assert day.conversation.rating.agent == LEILA
    assert day.conversation.resolved
    assert day.customer.rating_asked_at == clock("10:13")


def test_arabic_in_latin_letters_is_asked_in_arabic():
    day = resolved()
    day.change(language="ar-Latn")
    day.rings("10:13", "rating")
    assert "W-1000" in question(day).body
    assert question(day).opens == "قيّمنا"


def test_opening_it_again_forgets_the_question():
    day = resolved()
    day.ask("10:05", LEILA, Reopen())
    assert day.wishes[-1] == Wake("rating", None)
    day.rings("10:13", "rating")
    assert day.conversation.rating is None


def test_row_34_only_what_a_person_answered_is_asked_about():
    """Neither what nobody answered nor spam sets the timer; an answer that resolves does."""
    unanswered, spam, at_once = (Playbook(desk=desk()) for _ in range(3))
    for day in (unanswered, spam, at_once):
        day.says("10:00")
    unanswered.ask("10:03", LEILA, Resolve(sure=True))
    spam.sends("10:02", LEILA, "r1")
    spam.change(answered=True)
    spam.ask("10:03", LEILA, MarkSpam())
    at_once.sends("10:03", LEILA, "r1", then="resolved")
    assert [timers(day) for day in (unanswered, spam)] == [[], []]
    assert timers(at_once) == [clock("10:13")]


def timers(day: Playbook) -> list[int | None]:
    return [w.at for w in day.wishes if isinstance(w, Wake) and w.reason == "rating"]


def test_row_57_a_message_before_the_question_cancels_it():
    day = resolved()
    day.says("10:05", "wait, one more thing")
    assert Wake("rating", None) in day.wishes


def test_row_57_a_question_that_has_not_left_is_taken_back():
    """The number stood still when it was due, and the customer wrote: nobody is asked how it was in
    the middle of a complaint. They are once it is resolved again."""
    day = asked()
    ask = day.entries[day.conversation.rating.entry]
    day.says("10:14", "It is the wrong size")
    day.play("10:15", AttemptBegan(ask.sid))
    assert day.entries[ask.id].delivery is Delivery.WITHDRAWN
    assert (day.conversation.rating, day.customer.rating_asked_at) == (None, None)
    day.sends("10:16", LEILA, "r2")
    day.ask("10:17", LEILA, Resolve())
    day.rings("10:27", "rating")
    assert day.conversation.rating.entry not in (None, ask.id)


def test_row_58_thanks_do_not_cancel_it():
    day = resolved()
    day.says("10:05", "merci")
    day.rings("10:13", "rating")
    assert day.conversation.rating.entry is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answered": False}, "no person had answered"),
        ({"last_in_at": clock("10:00") - 25 * 60 * MINUTE}, "the reply window had shut"),
    ],
)
def test_row_64_why_nobody_was_asked_is_kept(change: dict, reason: str):
    day = resolved()
    day.change(**change)
    day.rings("10:13", "rating")
    assert day.conversation.rating.skipped.startswith(reason)
    assert isinstance(day.history[-1], RatingAsked)


def test_row_64_outside_the_window_a_template_asks():
    day = resolved(template="how_was_it")
    day.change(last_in_at=clock("10:00") - 25 * 60 * MINUTE, language="fr")
    day.rings("10:13", "rating")
    assert question(day) == TemplateMessage(name="how_was_it", language="fr")


@pytest.mark.parametrize(
    ("approved", "content"),
    [
        (
            {("how_was_it", "fr"): "Votre demande {{1}} ?"},
            TemplateMessage(
                name="how_was_it",
                language="fr",
                variables=("#W-1000",),
                text="Votre demande #W-1000 ?",
            ),
        ),
        (
            {("how_was_it", "fr_FR"): "Et {{ref}} ?"},
            TemplateMessage(
                name="how_was_it",
                language="fr_FR",
                named=(("ref", "#W-1000"),),
                text="Et #W-1000 ?",
            ),
        ),
        ({("how_was_it", "ar"): "كيف كانت خدمتنا؟"}, None),
        ({("how_was_it", "fr"): "{{1}} et {{2}} ?"}, None),
    ],
)
def test_row_64_the_template_is_approved_in_their_language_or_nobody_is_asked(approved, content):
    """Its one place takes the reference; where it does not fit, the reason is kept."""
    shop = desk(template="how_was_it")
    day = resolved(template="how_was_it")
    day.desk = replace(shop, templates={day.conversation.number: approved})
    day.change(last_in_at=clock("10:00") - 25 * 60 * MINUTE, language="fr")
    day.rings("10:13", "rating")
    if content is None:
        assert "no approved template" in day.conversation.rating.skipped
    else:
        assert question(day) == content


def test_once_in_seven_days():
    day = resolved()
    day.customer = replace(day.customer, rating_asked_at=clock("10:00") - 6 * 24 * 60 * MINUTE)
    day.rings("10:13", "rating")
    assert day.conversation.rating.skipped == "the customer was asked not long ago"


def test_neither_spam_nor_groups_are_asked():
    day = Playbook(desk=desk())
    day.says("10:00")
    day.ask("10:03", LEILA, MarkSpam())
    day.rings("10:13", "rating")
    assert day.conversation.rating is None
    group = Playbook(desk=desk(), group=GROUP)
    group.says("10:00")
    group.change(answered=True)
    group.ask("10:03", LEILA, Resolve(sure=True))
    group.rings("10:13", "rating")
    assert group.conversation.rating is None


def test_row_59_a_chosen_row_is_a_rating():
    """It stays resolved, and the credit stays where it was when we asked."""
    day = asked()
    day.says("10:20", content=Answer(id="rating:4", title="★★★★ Good"))
    assert (day.conversation.status, stars(day)) == (Status.RESOLVED, 4)
    assert Flag.RATED in day.conversation.flags
    assert day.history[-1] == Rated(actor="customer", stars=4, agent=LEILA)


@pytest.mark.parametrize(("text", "given"), [("5", 5), ("٣", 3), ("۲", 2), ("⭐⭐⭐⭐", 4)])
def test_row_59_a_bare_number_after_the_question_is_a_rating(text: str, given: int):
    day = asked()
    day.says("10:20", text)
    assert (day.conversation.status, stars(day)) == (Status.RESOLVED, given)


def test_row_59_the_last_answer_within_ten_minutes_counts():
    day = asked()
    day.says("10:20", "2")
    day.says("10:25", content=Answer(id="rating:5", title="★★★★★"))
    day.says("10:50", content=Answer(id="rating:1", title="★"))
    assert stars(day) == 5


def test_row_59_after_three_days_a_number_is_a_message():
    day = asked()
    day.says("4d 10:20", "5")
    assert all(not case.rating or case.rating.stars is None for case in day.conversations.values())
    assert not day.conversation.resolved


def test_row_59_stars_that_took_a_day_to_reach_us_are_not_read():
    """They were kept, and nobody's figure moves."""
    day = asked()
    day.says("2d 11:00", sent="10:20", content=Answer(id="rating:1", title="★"))
    assert (stars(day), day.conversation.status) == (None, Status.RESOLVED)


def test_row_58_thanks_after_the_question_are_no_answer_to_it():
    """It is asked by no person, so a kind word answers it as little as anything else."""
    approved = {("how_was_it", "ar"): "كيف كانت خدمتنا؟"}
    day = resolved(template="how_was_it")
    day.desk = replace(desk(template="how_was_it"), templates={day.conversation.number: approved})
    day.change(last_in_at=clock("10:00") - 25 * 60 * MINUTE, language="ar")
    day.rings("10:13", "rating")
    ask = day.entries[day.conversation.rating.entry]
    day.play("10:13:01", AttemptBegan(ask.sid))
    day.play("10:13:02", Accepted(ask.sid, 1, Wamid("wa-ask")))
    assert day.conversation.last.text.endswith("؟")
    day.says("10:20", "شكرا")
    day.reacts("10:21", "wa-ask", "👍")
    assert (day.conversation.status, stars(day)) == (Status.RESOLVED, None)


def test_row_60_kind_words_after_good_stars_stay_with_them():
    day = asked()
    day.says("10:20", "5")
    day.says("10:22", "merci beaucoup", wamid="why")
    assert day.conversation.resolved
    assert day.conversation.rating.comment == day.entry("why").id


@pytest.mark.parametrize(
    ("given", "words"), [("1", "where is my refund"), ("5", "but no invoice"), ("2", "merci")]
)
def test_row_60_a_complaint_after_the_stars_opens_the_case(given: str, words: str):
    """The words are the comment all the same."""
    day = asked()
    day.says("10:20", given)
    day.says("10:22", words, wamid="why")
    case = day.conversation
    assert (case.status, case.waiting_since) == (Status.OPEN, clock("10:22"))
    assert case.rating.comment == day.entry("why").id


def test_words_before_any_stars_open_the_case():
    day = asked()
    day.says("10:20", "it is broken")
    assert day.conversation.status is Status.OPEN
    day.says("10:21", "5")
    assert stars(day) is None


def test_stars_for_an_earlier_case_wake_nobody():
    """A row of the old question, tapped when a newer case is on the customer."""
    day = asked()
    day.says("10:20", "it is broken")
    day.sends("10:21", LEILA, "r2")
    day.says("10:22", content=Answer(id="rating:4", title="★★★★ Good"))
    assert day.conversation.waiting_since is None
