"""The menu at the first response: rows 1, 2, 12 to 18 and 46 of the floor, each by its number."""

from dataclasses import replace

import pytest
from tests.relay.domain.playbook import BOSS, LEILA, RETURNS, clock
from tests.relay.domain.shop import Shop, desk, shop

from wainbox_relay.contract.commands import Assign, Claim, Resend, Resolve, SetComplex, Undo, Wait
from wainbox_relay.contract.content import Answer, Menu, Text, Unsupported, Voice
from wainbox_relay.contract.content import MediaFile as File
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, Delivery, Flag, Status, Turn
from wainbox_relay.domain.facts import (
    Ambiguous,
    AttemptBegan,
    NotAccepted,
)
from wainbox_relay.domain.model import Clock, Failure, Target
from wainbox_relay.domain.outcome import Marked
from wainbox_relay.domain.rules.menu import MOST_IN_AN_HOUR

VOICE = Voice(file=File(media_id="1"))


def begun(text: str = "Where is my parcel?", at: str = "10:00", **more: object) -> Shop:
    day = shop(**more)  # type: ignore[arg-type]
    day.says(at, text)
    return day


# -- the beginning -----------------------------------------------------------------------------


def test_row_2_a_first_message_meets_the_menu():
    """With a menu the case begins with the bot, waits, and the question has a person in it."""
    day = begun()
    case = day.conversation
    assert (case.status, case.turn, case.assignee) == (Status.BOT, Turn.OURS, None)
    question = day.autos[0].content
    assert isinstance(question, Menu)
    titles = ["My order", "Return or exchange", "Payment", "Something else", "Talk to a person"]
    assert [choice.title for choice in question.choices] == titles
    assert question.opens == "Choose"
    assert day.due("bot") == clock("10:03")
    assert case.clocks == () or all(c.target != "first" for c in case.clocks)


@pytest.mark.parametrize(
    ("case", "more"),
    [
        ("vip", {}),
        ("manager", {}),
        ("group", {}),
        ("ad", {}),
        ("another number", {"bot": {"numbers": ["99"]}}),
        ("no menu", {"menu": []}),
    ],
)
def test_row_1_some_go_to_people_at_once(case: str, more: dict):
    """VIPs, who has an account manager, groups, ads, other numbers, or no menu: open, no word."""
    day = shop(**more)
    assert day.customer is not None
    if case == "vip":
        day.customer = replace(day.customer, vip=True)
    if case == "manager":
        day.customer = replace(day.customer, manager=LEILA)
    if case == "group":
        day = replace(day, group="g1")
    day.says("10:00", referral="ad 7" if case == "ad" else "")
    assert day.conversation.status is Status.OPEN
    assert day.autos == []


def test_an_ad_may_meet_the_menu():
    """`bot.skip_ads` off: who comes by an advertisement is asked like all others."""
    day = shop(bot={"skip_ads": False})
    day.says("10:00", referral="ad 7")
    assert day.conversation.status is Status.BOT


def test_a_case_that_comes_back_never_meets_it_again():
    """Row 57: a reopened case is for people; after the reopen time a new one begins at the menu."""
    day = begun()
    day.ask("10:01", LEILA, Claim())
    day.sends("10:02", LEILA, "a")
    day.ask("10:03", LEILA, Resolve(sure=True))
    day.says("11:00", "and the other one?")
    assert day.conversation.status is Status.OPEN
    assert len(day.autos) == 1
    day.ask("11:01", LEILA, Resolve(sure=True))
    day.says("6d 11:00", "Hello again, a new thing")
    assert day.conversation.status is Status.BOT
    assert len(day.autos) == 2


def test_what_comes_a_day_late_is_for_people():
    """A message more than 24 hours old: nothing may be said any more, so no bot."""
    day = shop()
    day.says("2d 10:00", sent="9:00")
    assert (day.conversation.status, day.autos) == (Status.OPEN, [])


# -- answers -----------------------------------------------------------------------------------


def test_row_12_an_answer_leads_on():
    """The topic is known, the next question is asked, the idle time begins again."""
    day = begun()
    day.taps("10:01", "Return or exchange")
    case = day.conversation
    assert (case.status, case.topic) == (Status.BOT, "return")
    assert day.said.startswith("What would you like?")
    assert day.due("bot") == clock("10:04")


@pytest.mark.parametrize("answer", ["Payment", "payment!", "الدفع", "paiement", "3", "٣", " 3. "])
def test_row_13_an_answer_may_be_typed(answer: str):
    """A title in any language, or its place: menu done, to the people, and they are told so."""
    day = begun()
    day.says("10:01", answer)
    case = day.conversation
    assert (case.status, case.topic, case.turn) == (Status.OPEN, "payment", Turn.OURS)
    assert "menu done" in day.whys()
    assert day.said == (
        f"Thank you. One of our team will answer you shortly. Your reference: #W-{case.ref}"
    )
    assert day.due("bot") is None


def test_row_37_some_topics_make_a_case_complex():
    """By `sla.complex_topics`, as soon as it is known; a person may say otherwise."""
    day = begun(sla={"complex_topics": ["payment"]})
    day.taps("10:01", "Payment")
    resolution = {c.target: c.allowed for c in day.conversation.clocks}[Target.RESOLUTION]
    assert (day.conversation.complex, resolution) == (True, 24 * HOUR)
    assert [line for line in day.history if line == Marked(what="complex", to="topic")]

    day.ask("10:02", LEILA, SetComplex(complex=False))
    day.says("10:03", "it is urgent")
    resolution = {c.target: c.allowed for c in day.conversation.clocks}[Target.RESOLUTION]
    assert (day.conversation.complex, resolution) == (False, 2 * HOUR)


def test_other_topics_leave_it_as_it_is():
    day = begun(sla={"complex_topics": ["payment"]})
    day.taps("10:01", "Something else")
    assert not day.conversation.complex


@pytest.mark.parametrize(
    "words",
    [
        "agent please",
        "I want to talk to a HUMAN",
        "je veux parler à un conseiller",
        "quelqu’un svp ??",
        "أريد التحدث مع موظف",
        "ممكن اكلم حد من عندكم",
        "بغيت نهضر مع شي بنادم",
        "3ayez mowazaf",
        "bghit nhder m3a chi wa7ed",
        "n7eb nahki m3a bnadem",
        "not a bot please",
        "vous pouvez me rappeler ?",
        "ممكن حد يكلمني",
        "مش عايز روبوت",
        "momken 7ad yekalemny",
        "Talk to a person",
        "5",
    ],
)
def test_row_13_who_asks_for_a_person_gets_one(words: str):
    """In Arabic, French, English and Arabizi; the moment of the first ask is kept."""
    day = begun()
    day.says("10:01", words)
    case = day.conversation
    assert case.status is Status.OPEN
    assert case.bot is not None
    assert case.bot.human_at == clock("10:01")
    assert "asked for a person" in day.whys()


def test_who_asks_for_a_person_first_meets_no_menu():
    """The very first message asks for one: no question, the ask is remembered."""
    day = begun("conseiller svp", language="fr")
    assert day.conversation.status is Status.OPEN
    assert day.conversation.bot is not None
    assert day.conversation.bot.human_at == clock("10:00")
    assert day.said.startswith("Merci. Un conseiller")


@pytest.mark.parametrize(
    "words",
    ["Where is my parcel W-7?", "أين طلبي؟", "wach t9ed t3awni f la commande", "robot de cuisine"],
)
def test_other_words_ask_for_nobody(words: str):
    """What customers write about their things is no call for a person."""
    assert begun(words).conversation.status is Status.BOT


def test_row_13_what_fits_nothing_is_asked_again_once():
    """First the menu again with a word of excuse, then a person; everything is there to read."""
    day = begun()
    day.says("10:01", "the blue one")
    assert day.conversation.status is Status.BOT
    assert day.said.startswith("Sorry, I didn't quite get that.")
    day.says("10:02", "size 39")
    assert day.conversation.status is Status.OPEN
    assert "not understood" in day.whys()
    assert len(day.autos) == 3


def test_lines_of_one_breath_are_no_answer():
    """Six short lines in ten seconds: one menu, nothing asked again, the idle time runs."""
    day = begun("Hello")
    for second in range(1, 7):
        day.says(f"10:00:{second:02}", f"line {second}")
    assert len(day.autos) == 1
    assert day.conversation.status is Status.BOT
    assert day.due("bot") == clock("10:03")


def test_a_voice_note_first_is_content():
    """Voice first: the menu once, and after three minutes a person; voice later: a person."""
    day = shop()
    day.says("10:00", content=VOICE)
    assert day.conversation.status is Status.BOT
    day.rings("10:03", "bot")
    assert day.conversation.status is Status.OPEN
    day = begun()
    day.says("10:01", content=VOICE)
    assert day.conversation.status is Status.OPEN


def test_row_13_silence_after_real_words_is_three_minutes():
    """Not a second before; then the case is a person's, and nothing more is said."""
    day = begun()
    day.rings("10:02:59", "bot")
    assert day.conversation.status is Status.BOT
    day.rings("10:03", "bot")
    assert day.conversation.status is Status.OPEN
    assert "idle" in day.whys()
    assert len(day.autos) == 1


@pytest.mark.parametrize("hello", ["salam", "السلام عليكم ورحمة الله", "Bonjour !", "heyyy", "👋"])
def test_row_16_only_a_greeting_then_silence(hello: str):
    """A day of silence after a greeting: resolved, no question was asked."""
    day = begun(hello)
    assert day.due("bot") == clock("2d 10:00")
    day.rings("10:03", "bot")
    assert day.conversation.status is Status.BOT
    day.rings("2d 10:00", "bot")
    case = day.conversation
    assert (case.status, case.resolver, case.turn) == (Status.RESOLVED, None, Turn.THEIRS)
    assert "no question" in day.whys()


@pytest.mark.parametrize("first", ["?", "😡😡", "hello?", "allo ؟"])
def test_an_angry_face_or_a_question_mark_is_no_greeting(first: str):
    """Somebody waits for something: after three minutes a person looks."""
    assert begun(first).due("bot") == clock("10:03")


def test_row_15_the_menu_may_have_the_answer():
    """Self-service: the answer goes out, the case is contained; one tap reopens it for a person."""
    day = begun()
    day.taps("10:01", "Return or exchange")
    day.taps("10:02", "How does it work?")
    case = day.conversation
    assert (case.status, case.resolver, case.turn) == (Status.RESOLVED, None, Turn.THEIRS)
    assert "contained" in day.whys()
    assert day.said.startswith("You have 14 days.")
    day.taps("10:03", "Talk to a person")
    assert (day.conversation.id, day.conversation.status) == (case.id, Status.OPEN)


def test_a_tap_on_an_older_menu_counts():
    """The customer scrolls up and taps there: what it says is done."""
    day = begun()
    day.taps("10:01", "Return or exchange")
    day.says("10:02", content=Answer(id="menu:start:payment", title="Payment"))
    assert (day.conversation.topic, day.conversation.status) == ("payment", Status.OPEN)


def test_the_same_message_better_known_is_no_answer():
    """A placeholder whose real message follows is one message: nothing is asked again."""
    day = shop()
    day.says("10:00", wamid="m1", content=Unsupported(type="poll"))
    day.says("10:01", wamid="m1", content=Text(body="Where is it?"))
    day.says("10:01", wamid="m1", content=Text(body="Where is it?"))
    assert len(day.autos) == 1
    assert day.conversation.bot is not None
    assert day.conversation.bot.misses == 0


# -- people go first ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", [Claim(), Assign(agent=LEILA)])
def test_row_17_a_person_takes_it(command):
    """Claimed or assigned: open, theirs, and the bot is silent whatever comes."""
    day = begun()
    day.ask("10:01", LEILA if isinstance(command, Claim) else BOSS, command)
    assert (day.conversation.status, day.conversation.assignee) == (Status.OPEN, LEILA)
    day.taps("10:02", "Payment")
    day.rings("10:03", "bot")
    assert len(day.autos) == 1
    assert day.conversation.assignee == LEILA


def test_row_67_taken_back_the_menu_has_it_again():
    """With the time it had left: what was claimed by mistake does not wait for nobody."""
    day = begun("Where is my parcel? I wait since Monday")
    ends = day.due("bot")
    day.ask("10:01", LEILA, Claim())
    assert day.due("bot") is None
    day.ask("10:02", LEILA, Undo())
    assert (day.conversation.status, day.conversation.assignee) == (Status.BOT, None)
    assert day.due("bot") == ends == clock("10:03")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (Wait(), "Nobody of ours has it yet; claim it first, with c."),
        (Assign(team=RETURNS), "Nobody of ours has it yet; claim it first, or name an agent too."),
    ],
)
def test_what_the_menu_has_is_nobodys_to_put_aside(command, sentence):
    """Neither on the customer nor into a team's queue: somebody has to take it."""
    day = begun()
    assert day.ask("10:01", BOSS, command).problem.message == sentence


def test_row_18_a_persons_words_silence_it_at_once():
    """From the moment an agent has written, sent or not, the bot says nothing."""
    day = begun()
    day.replies("10:01", LEILA, "a")
    day.says("10:01:30", "the blue one")
    assert len(day.autos) == 1
    day.leaves("10:02", "a")
    day.accepts("10:02", "a", "wa-a")
    assert day.conversation.assignee == LEILA
    assert len(day.autos) == 1


def test_row_18_the_phone_silences_it_too():
    """Somebody answers on the phone: on customer, nobody's, and no menu after it."""
    day = begun()
    day.phones("10:01", "I am on it")
    assert (day.conversation.status, day.conversation.assignee) == (Status.WAITING, None)
    day.says("10:02", "thank you, and when?")
    assert day.conversation.status is Status.OPEN
    assert len(day.autos) == 1


def test_a_menu_that_has_not_left_gives_way():
    """An agent was faster than the queue of sends: the menu is withdrawn."""
    day = begun()
    day.replies("10:00:01", LEILA, "a")
    day.play("10:00:02", AttemptBegan(day.autos[0].sid))
    assert day.autos[0].delivery is Delivery.WITHDRAWN


def test_row_46_the_customer_is_told_once_that_nobody_came():
    """Thirty minutes after the ask for a person: escalated, and one sentence."""
    day = begun("agent")
    due = clock("10:30")
    late = Clock(Target.HUMAN, "shop", 30 * MINUTE, clock("10:00"), 0, clock("10:00"), due, due)
    day.change(clocks=(late,))
    said = len(day.autos)
    day.rings("10:30", "sla")
    assert Flag.ESCALATED in day.conversation.flags
    assert len(day.autos) == said + 1
    assert day.said.startswith("We're sorry to keep you waiting.")
    day.rings("10:31", "sla")
    assert len(day.autos) == said + 1


# -- the language ------------------------------------------------------------------------------


def test_the_language_is_asked_where_nothing_tells_it():
    """Undetermined, a greeting, in hours: three buttons; the answer is kept, then the menu."""
    day = begun("👋", language="")
    question = day.autos[0].content
    assert isinstance(question, Menu)
    assert [c.title for c in question.choices] == ["العربية", "Français", "English"]
    day.taps("10:01", "Français")
    assert (day.conversation.language, day.conversation.language_by) == ("fr", "menu")
    assert day.said.startswith("Comment vous aider ?")
    assert day.customer is not None
    assert day.customer.language == "fr"


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("francais", "fr"),
        ("en français svp", "fr"),
        ("بالعربي", "ar"),
        ("arabic please", "ar"),
        ("English, please!", "en"),
        ("3", "en"),
        ("arabe ou français", ""),
        ("en", "en"),
        ("size 3", ""),
        ("👍", ""),
    ],
)
def test_the_language_is_never_asked_twice(typed: str, language: str):
    """A typed name is an answer; anything else leads to the menu all the same."""
    day = begun("👋", language="")
    day.says("10:01", typed)
    assert day.conversation.language == language
    assert len(day.autos) == 2
    assert day.conversation.bot is not None
    assert day.conversation.bot.node == "start"


@pytest.mark.parametrize("first", [VOICE, Text(body="1042 XL 39")])
def test_the_language_is_not_asked_of_who_has_said_something(first):
    """Content first: the menu at once, in the language of the number."""
    day = shop(language="")
    day.says("10:00", content=first)
    assert day.said.startswith("كيف نساعدك؟")


# -- machines ----------------------------------------------------------------------------------


def test_another_machine_is_not_talked_to():
    """The same text again is a machine's: to a person, and not a word back."""
    day = begun("Hello")
    away = "We are away. We will answer soon."
    day.says("10:00:05", away)
    day.says("10:00:20", away)
    assert day.conversation.status is Status.OPEN
    assert len(day.autos) == 1


def test_nobody_is_led_round_in_circles():
    """A menu whose ways lead back ends after so many questions an hour, in silence."""
    on = {"name": "on", "title": "On", "to": "two"}
    back = {"name": "back", "title": "Back", "to": "start"}
    day = shop()
    day.desk = desk(
        menu=[
            {"name": "start", "text": "One?", "choices": [on]},
            {"name": "two", "text": "Two?", "choices": [back]},
        ]
    )
    day.says("10:00", "Where is it?")
    for n in range(20):
        title = "On" if n % 2 == 0 else "Back"
        day.says(f"10:{n + 1:02}", title)
    assert len(day.autos) == MOST_IN_AN_HOUR
    assert day.conversation.status is Status.OPEN


# -- what it sends is nobody's answer ----------------------------------------------------------


def test_what_it_says_answers_nobody():
    """Accepted: the wait goes on, nobody owns, nothing is counted, and rows go on showing what the
    customer wrote."""
    day = begun()
    before = day.conversation
    assert before.sending == 0
    day.goes("10:00:01", day.autos[0])
    after = day.conversation
    assert (after.status, after.waiting_since) == (before.status, before.waiting_since)
    assert (after.assignee, after.unread, after.answered) == (None, 1, before.answered)
    assert after.last is not None
    assert after.last.text == "Where is my parcel?"
    assert "answered" not in [change.kind for change in day.history]


def test_a_doubt_about_it_asks_nobody_and_sends_nothing():
    """Unconfirmed or failed it is shown as that; no flag, no counter, no second try."""
    day = begun()
    sid = day.autos[0].sid
    day.play("10:00:01", AttemptBegan(sid))
    day.play("10:00:02", Ambiguous(sid, 1))
    assert day.autos[0].delivery is Delivery.UNCONFIRMED
    assert day.conversation.unconfirmed == 0
    assert not day.conversation.flags & {Flag.UNCONFIRMED, Flag.DELIVERY_TROUBLE}
    refused = day.ask("10:01", LEILA, Resend(sid=sid, after=1))
    assert refused.problem is not None
    assert "only once" in refused.problem.message
    day = begun()
    day.play("10:00:01", AttemptBegan(day.autos[0].sid))
    day.play("10:00:02", NotAccepted(day.autos[0].sid, 1, Failure(131047, "No.", "Do.")))
    assert day.autos[0].delivery is Delivery.FAILED
    assert (day.conversation.status, day.conversation.undelivered) == (Status.BOT, 0)


def test_it_does_not_leave_through_a_shut_window():
    """Kept back for a day by a paused number: it fails, and the case stands as it stood."""
    day = begun()
    day.play("2d 10:01", AttemptBegan(day.autos[0].sid))
    assert day.autos[0].delivery is Delivery.FAILED
    assert day.conversation.status is Status.BOT
