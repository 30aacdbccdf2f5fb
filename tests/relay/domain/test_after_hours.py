"""Nobody is here: rows 3, 14, 19, 34, 43, 44, 48, 49 and 57 of the floor, each by its number, and a
window that shuts before we open. 20:00 in a script is closing time, 8:00 opening time."""

from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from tests.relay.domain.playbook import LEILA, clock
from tests.relay.domain.shop import Shop, desk, shop

from wainbox_relay.contract.commands import Resolve
from wainbox_relay.contract.content import Menu, System, Text
from wainbox_relay.contract.vocabulary import DAY, HOUR, Delivery, Flag, Moment, Status, Wamid
from wainbox_relay.domain.facts import AttemptBegan, MessageArrived
from wainbox_relay.domain.outcome import Wake
from wainbox_relay.domain.rules.calendar import Calendar, Version
from wainbox_relay.domain.rules.closed import AfterHours
from wainbox_relay.domain.rules.ladder import OnCall
from wainbox_relay.domain.rules.rota import Rota
from wainbox_relay.sections.closed import TextsSection
from wainbox_relay.sections.hours import CalendarSection

BACK = {
    "en": "We're back: Saturday 9:00\nOpening hours: Saturday to Thursday 9:00-21:00",
    "fr": "Réouverture : samedi à 9 h\nNos horaires : du samedi au jeudi de 9 h à 21 h",
    "ar": "موعد عودتنا: السبت الساعة 9:00\nأوقات العمل: من السبت إلى الخميس من 9:00 إلى 21:00",
}


def late(at: str = "3d 20:30", text: str = "Where is my parcel?", **more: object) -> Shop:
    """A shop without a menu, and a first message on Thursday evening."""
    day = shop(**{"menu": [], **more})  # type: ignore[arg-type]
    day.says(at, text)
    return day


# -- the automatic reply -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "told"), [("en", "en"), ("fr", "fr"), ("ar", "ar"), ("ar-Latn", "ar"), ("", "ar")]
)
def test_row_3_the_first_message_of_a_closed_time_is_answered(language: str, told: str):
    """Open, after hours, and one reply in their language with hours, opening and reference."""
    day = late(language=language)
    case = day.conversation
    assert case.status is Status.OPEN
    assert Flag.PENDING in case.flags
    assert len(day.autos) == 1
    assert BACK[told] in day.said
    assert f"#W-{case.ref}" in day.said
    assert "{{" not in day.said


def test_row_14_what_metas_agent_passes_on_at_night():
    """As if the customer had written then: after hours, and one message with the reference."""
    day = shop(menu=[])
    day.says("3d 19:00", source="standby")
    assert day.autos == []
    day.says("3d 20:30", content=System(what="control_passed", owner="escalation"))
    assert Flag.PENDING in day.conversation.flags
    assert len(day.autos) == 1
    assert f"#W-{day.conversation.ref}" in day.said


def test_row_58_an_angry_reaction_at_night_is_seen_in_the_morning():
    """What it opens again is after hours as any other; a reaction gets no reply."""
    day = shop(menu=[])
    day.says("3d 12:00")
    day.sends("3d 12:05", LEILA, "r1")
    day.ask("3d 12:06", LEILA, Resolve())
    day.reacts("3d 20:30", "wa-r1", "😡")
    assert day.conversation.status is Status.OPEN
    assert Flag.PENDING in day.conversation.flags
    assert day.autos == []


def test_row_3_it_is_said_once_in_a_closed_time():
    """Message after message until Saturday, in this case and the next: not a word more; in the next
    closed time once again."""
    day = late()
    for hour in range(21, 24):
        day.says(f"3d {hour}:00", f"hello {hour}")
    day.says("4d 10:00", "Friday?")
    day.ask("4d 10:01", LEILA, Resolve(sure=True))
    day.says("4d 11:00", "and again")
    assert len(day.autos) == 1
    day.says("5d 21:00", "Saturday night")
    assert len(day.autos) == 2


def test_row_3_with_a_menu_it_is_one_message():
    """The reply is the body of the menu's list; what follows it in the night stays unanswered."""
    day = shop()
    day.says("3d 20:30", "Where is my parcel?")
    assert day.conversation.status is Status.BOT
    assert Flag.PENDING in day.conversation.flags
    assert len(day.autos) == 1
    question = day.autos[0].content
    assert isinstance(question, Menu)
    assert BACK["en"] in question.body
    assert question.body.endswith("How can we help?")
    assert len(question.choices) == 5
    day.says("3d 20:31", "the blue one")
    assert day.conversation.status is Status.OPEN
    assert Flag.PENDING in day.conversation.flags
    assert len(day.autos) == 1


def test_row_14_a_menu_that_ends_closed_says_hours_and_reference():
    """Begun at five to nine, answered at five past: one message, and never "connecting you"."""
    day = shop()
    day.says("3d 19:55", "Where is my parcel?")
    day.taps("3d 20:05", "Payment")
    case = day.conversation
    assert (case.status, case.topic) == (Status.OPEN, "payment")
    assert Flag.PENDING in case.flags
    assert len(day.autos) == 2
    assert BACK["en"] in day.said
    assert "shortly" not in day.said


def test_row_14_idle_at_closing_time():
    """Asked at 20:58, idle at 21:01: to people, after hours, told once."""
    day = shop()
    day.says("3d 19:58", "Where is my parcel?")
    day.rings("3d 20:01", "bot")
    assert day.conversation.status is Status.OPEN
    assert Flag.PENDING in day.conversation.flags
    assert BACK["en"] in day.said
    assert len(day.autos) == 2


def test_within_five_minutes_of_a_person_nothing_is_said():
    """An agent answered at 20:58: 21:02 is their talk; at 21:04 nobody is there any more."""
    day = late("3d 19:50")
    day.sends("3d 19:58", LEILA, "a")
    day.says("3d 20:02", "and the other one?")
    assert day.autos == []
    assert Flag.PENDING in day.conversation.flags
    day.says("3d 20:04", "hello?")
    assert len(day.autos) == 1


def test_a_phone_counts_as_a_person():
    """The same when the answer came from the Business app."""
    day = late("3d 19:50")
    day.phones("3d 19:58", "tomorrow")
    day.says("3d 20:02", "ok and when?")
    assert day.autos == []
    day.ask("3d 20:03", LEILA, Resolve(sure=True))
    day.phones("3d 20:08", "done")
    day.says("3d 20:12", "and the other one?")
    assert day.autos == []


def test_nothing_is_said_that_nobody_could_read():
    """A message 25 hours old, a group, a reply that is switched off, a number without hours."""
    day = shop(menu=[])
    day.says("4d 20:30", sent="3d 19:00")
    assert day.autos == []
    day = replace(shop(menu=[]), group="g1")
    day.says("3d 20:30")
    assert day.autos == []
    assert Flag.PENDING in day.conversation.flags
    assert late(after_hours={"reply": False}).autos == []
    day = late(hours=False)
    assert (day.autos, day.conversation.flags) == ([], frozenset())
    assert [wish for wish in day.wishes if getattr(wish, "reason", "") == "hours"] == []


def test_what_waited_in_the_journal_is_marked_and_not_greeted():
    """It came at night and is read in the morning: after hours, and no "we are closed"."""
    day = shop(menu=[])
    night = clock("2d 22:00")
    fact = MessageArrived(day.peer, Wamid("n1"), night, night, Text(body="Hello?"))
    day.play("3d 9:00", fact)
    assert Flag.PENDING in day.conversation.flags
    assert day.autos == []


def test_a_persons_words_come_before_it():
    """It was queued while the number was paused, and somebody answered meanwhile: withdrawn."""
    day = late()
    day.replies("3d 20:31", LEILA, "a")
    day.play("3d 20:32", AttemptBegan(day.autos[0].sid))
    assert day.autos[0].delivery is Delivery.WITHDRAWN


# -- marked until a person answers -------------------------------------------------------------


def test_row_26_an_answer_clears_it_and_a_lost_one_brings_it_back():
    """A person's accepted answer ends "after hours"; if it failed after all, it is back."""
    day = late()
    day.goes("3d 20:31", day.autos[0])
    assert Flag.PENDING in day.conversation.flags
    day.sends("3d 21:00", LEILA, "a")
    assert Flag.PENDING not in day.conversation.flags
    day.reports("3d 21:01", "wa-a", Delivery.FAILED)
    assert Flag.PENDING in day.conversation.flags
    assert day.conversation.waiting_since == clock("3d 20:30")


def test_row_34_a_resolve_clears_it():
    """Resolved in the night: nothing of the night remains."""
    day = late(urgency={"words": ["parcel"]})
    day.ask("3d 21:00", LEILA, Resolve(sure=True))
    night = {Flag.PENDING, Flag.URGENT, Flag.WINDOW_SHUTS, Flag.WINDOW_SHUT}
    assert not day.conversation.flags & night


@pytest.mark.parametrize("before", ["waiting", "resolved"])
def test_rows_49_and_57_what_comes_back_at_night_is_marked(before: str):
    """Answered or resolved by day, written to at night: open, after hours, and one reply."""
    day = late("3d 10:00")
    day.sends("3d 10:05", LEILA, "a", then="waiting" if before == "waiting" else "resolved")
    day.says("3d 22:00", "it still has not come")
    assert day.conversation.status is Status.OPEN
    assert Flag.PENDING in day.conversation.flags
    assert len(day.autos) == 1


def test_row_43_what_is_left_at_closing_time():
    """Open and ours at nine: left over, told so once; on customer at nine: nothing."""
    day = late("3d 17:00")
    assert day.due("hours") == clock("3d 18:00")
    day.rings("3d 18:00", "hours")
    assert Flag.PENDING not in day.conversation.flags
    assert day.due("hours") == clock("3d 20:00")
    day.rings("3d 20:00", "hours")
    assert Flag.PENDING in day.conversation.flags
    assert len(day.autos) == 1
    day.rings("3d 20:00", "hours")
    day.says("3d 20:10", "anybody?")
    assert len(day.autos) == 1
    day = late("3d 19:00")
    day.sends("3d 19:30", LEILA, "a")
    day.rings("3d 20:00", "hours")
    assert Flag.PENDING not in day.conversation.flags
    assert day.autos == []


def test_row_43_not_in_the_middle_of_a_talk():
    """A person spoke at 20:57: left over, and nothing said at nine."""
    day = late("3d 19:00")
    day.sends("3d 19:57", LEILA, "a")
    day.says("3d 19:59", "and when?")
    day.rings("3d 20:00", "hours")
    assert Flag.PENDING in day.conversation.flags
    assert day.autos == []


def test_row_44_opening_time():
    """On Saturday at nine it is still after hours; after 35 hours the window is shut, and says so;
    row 19: the customer's next words open it."""
    day = late()
    assert day.due("hours") == clock("5d 8:00")
    day.rings("5d 8:00", "hours")
    flags = day.conversation.flags
    assert {Flag.PENDING, Flag.WINDOW_SHUT} <= flags
    assert Flag.WINDOW_SHUTS not in flags
    assert day.due("hours") == clock("5d 18:00")
    day.says("5d 8:30", "hello?")
    assert Flag.WINDOW_SHUT not in day.conversation.flags


def test_row_43_when_the_relay_slept_through_closing_time():
    """The alarm of nine in the evening rings in the morning: left over all the same, and nobody is
    told that we are closed; one that waits since the morning is not."""
    day = late("2d 19:00")
    day.rings("3d 8:30", "hours")
    assert Flag.PENDING in day.conversation.flags
    assert day.autos == []
    day = late("3d 8:10")
    day.rings("3d 8:30", "hours")
    assert Flag.PENDING not in day.conversation.flags


# -- the window that shuts before we open ------------------------------------------------------


def test_a_window_that_shuts_before_we_open_is_told_apart():
    """Thursday night to Saturday is too long for it; Wednesday night to Thursday is not."""
    assert Flag.WINDOW_SHUTS in late().conversation.flags
    assert Flag.WINDOW_SHUTS not in late("2d 20:30").conversation.flags


@pytest.mark.parametrize(
    ("written", "asked", "shuts"),
    [
        ("3d 15:00", "3d 18:00", True),
        ("2d 15:00", "2d 18:00", False),
        ("2d 7:30", "2d 18:00", True),
    ],
)
def test_the_closing_shift_sees_what_will_be_too_late(written: str, asked: str, shuts: bool):  # noqa: FBT001 - a table
    """Two hours before closing time, what still waits and only a template will reach by the time
    we open: on Thursdays all of it, on other days what came before we opened."""
    day = late(written)
    day.rings("2d 8:00" if written == "2d 7:30" else written, "hours")
    assert Flag.WINDOW_SHUTS not in day.conversation.flags
    day.rings(asked, "hours")
    assert (Flag.WINDOW_SHUTS in day.conversation.flags) is shuts
    day.sends(asked, LEILA, "a")
    assert Flag.WINDOW_SHUTS not in day.conversation.flags


def test_what_comes_in_the_last_hours_is_seen_at_once():
    """Half past seven on a Thursday; their next words, on Wednesday, would wait for the morning."""
    assert Flag.WINDOW_SHUTS in late("3d 18:30").conversation.flags
    assert Flag.WINDOW_SHUTS not in late("3d 17:30").conversation.flags
    assert Flag.WINDOW_SHUTS not in late("2d 18:30").conversation.flags


def test_nobody_is_nudged_while_people_are_here_or_at_night():
    """Marked at seven for a window that shuts at half past ten: between closing time and its end
    there is no hour of the day. One that rings late, at night or in hours, says nothing."""
    day = late("1d 21:30", after_hours={"nudge": True})
    day.rings("2d 8:00", "hours")
    day.rings("2d 18:00", "hours")
    assert Flag.WINDOW_SHUTS in day.conversation.flags
    assert not [wish for wish in day.wishes if isinstance(wish, Wake) and wish.reason == "nudge"]
    day.rings("2d 18:30", "nudge")
    day.rings("2d 20:15", "nudge")
    assert len(day.autos) == 1


def test_one_tap_keeps_a_request_open():
    """Nudged once, by day, two to four hours before the end; the tap renews the window past
    opening time."""
    day = late(after_hours={"nudge": True})
    assert day.due("nudge") == clock("4d 17:30")
    day.rings("4d 17:30", "nudge")
    assert len(day.autos) == 2
    assert day.said.startswith(f"We haven't forgotten your request #W-{day.conversation.ref}.")
    day.rings("4d 17:31", "snooze")
    day.taps("4d 18:00", "Keep it open")
    assert Flag.WINDOW_SHUTS not in day.conversation.flags
    assert Flag.PENDING in day.conversation.flags
    assert len(day.autos) == 2
    day.rings("5d 8:00", "hours")
    assert Flag.WINDOW_SHUT not in day.conversation.flags


@pytest.mark.parametrize(
    ("written", "nudged"),
    [
        ("3d 20:30", "4d 17:30"),
        ("3d 23:30", "4d 19:45"),
        ("4d 3:00", None),
        ("4d 10:00", "5d 8:00"),
    ],
)
def test_nobody_is_nudged_at_night(written: str, nudged: str | None):
    """Three hours before, else the nearest hour of the day from two to four; else not at all."""
    shuts = Moment(clock(written) + DAY)
    hours, zone = AfterHours(nudges=True), ZoneInfo("Africa/Algiers")
    at = clock(nudged) if nudged else None
    assert hours.nudge_at(zone, shuts, clock(written)) == at
    assert hours.nudge_at(zone, shuts, Moment(shuts - HOUR)) is None


@pytest.mark.parametrize("meanwhile", ["answered", "resolved", "off"])
def test_a_nudge_is_looked_at_again(meanwhile: str):
    """Answered or resolved meanwhile, or switched off: no nudge."""
    day = late(after_hours={"nudge": True})
    if meanwhile == "answered":
        day.sends("4d 9:00", LEILA, "a")
    if meanwhile == "resolved":
        day.ask("4d 9:00", LEILA, Resolve(sure=True))
    if meanwhile == "off":
        day.desk = desk(menu=[])
        day.change(flags=frozenset())
    day.rings("4d 17:30", "nudge")
    assert len(day.autos) == 1


def test_a_nudge_moves_with_the_window():
    """They wrote again at midnight: the nudge waits for the later end."""
    day = late(after_hours={"nudge": True})
    day.says("3d 23:00", "hello?")
    day.rings("4d 17:30", "nudge")
    assert len(day.autos) == 1
    assert day.due("nudge") == clock("4d 19:45")
    day.rings("4d 19:45", "nudge")
    assert len(day.autos) == 2


# -- what cannot wait --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "text", "vip", "why"),
    [
        ({"words": ["charged twice"]}, "You charged twice!!", False, "words"),
        ({"words": ["احتيال"]}, "هذا إحتيال", False, "words"),
        ({"words": ["fraude"]}, "C'est une FRAUDE", False, "words"),
        ({"words": ["fraud"]}, "defrauded", False, ""),
        ({"vip": True}, "hello", True, "vip"),
        ({"vip": True}, "hello", False, ""),
        ({"topics": ["payment"]}, "hello", False, ""),
    ],
)
def test_words_and_people_that_cannot_wait(rule: dict, text: str, vip: bool, why: str):  # noqa: FBT001 - a table
    """Marked urgent with its reason, in hours too, until it is resolved."""
    day = shop(menu=[], urgency=rule)
    assert day.customer is not None
    day.customer = replace(day.customer, vip=vip)
    day.says("10:00", text)
    assert (Flag.URGENT in day.conversation.flags) is bool(why)
    assert Flag.ESCALATED not in day.conversation.flags
    if why:
        line = next(c for c in day.history if getattr(c, "what", "") == "urgent")
        assert getattr(line, "to", "") == why


def test_row_3_what_is_urgent_at_night_is_escalated():
    """A payment at night: the topic comes from the menu, and whoever is on call is paged, once."""
    day = shop(urgency={"topics": ["payment"]})
    rota = Rota(ZoneInfo("UTC"), 0, time(9), (LEILA,), date(2026, 11, 2))
    day.desk = replace(day.desk, policy=replace(day.desk.policy, oncall=OnCall(rota)))
    day.says("3d 20:30", "Where is my parcel?")
    assert Flag.ESCALATED not in day.conversation.flags
    day.taps("3d 20:31", "Payment")
    case = day.conversation
    assert {Flag.PENDING, Flag.URGENT, Flag.ESCALATED} <= case.flags
    assert case.escalation is not None
    assert case.escalation.holder == LEILA
    day.says("3d 20:32", "please!")
    assert [change.kind for change in day.history].count("escalated") == 1


# -- the words ---------------------------------------------------------------------------------


def test_an_operators_text_stands_in_and_names_go_in_literally():
    """A text of one's own, for all languages; braces in a name are text like any other."""
    day = shop(menu=[], texts={"closed": "Hi {{customer.first_name}}, back {{opens_at}}"})
    assert day.customer is not None
    day.customer = replace(day.customer, name="{{hours}}")
    day.says("3d 20:30")
    assert day.said == "Hi {{hours}}, back Saturday 9:00"


def test_where_a_name_is_missing_wainboxs_own_words_are_said():
    """Nobody is greeted as "Hi {{customer.first_name}}"."""
    day = shop(menu=[], texts={"closed": "Hi {{customer.first_name}}"})
    assert day.customer is not None
    day.customer = replace(day.customer, name="👋")
    day.says("3d 20:30")
    assert BACK["en"] in day.said


WEEKS = [
    ({"monday": "9:00-13:00, 14:00-21:00"}, "Monday 9:00-13:00, 14:00-21:00"),
    (
        dict.fromkeys(("monday", "tuesday"), "9:00-17:30") | {"friday": "always"},
        "Friday round the clock, Monday to Tuesday 9:00-17:30",
    ),
    (
        dict.fromkeys(
            ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
            "22:00-2:00",
        ),
        "every day 22:00-2:00",
    ),
    ({"sunday": "9:00-24:00"}, "Sunday 9:00-24:00"),
]


@pytest.mark.parametrize(("week", "told"), WEEKS)
def test_a_week_is_told_in_words(week: dict, told: str):
    """Days alike together, several slots a day, past midnight, round the clock."""
    calendar = CalendarSection.model_validate(
        {"name": "x", "zone": "Africa/Algiers", "week": week}
    ).rules()
    dates = TextsSection().rules().dates["en"]
    assert dates.week(calendar, clock("10:00")) == told


@pytest.mark.parametrize(
    ("language", "day", "told"),
    [
        ("en", 8, "Tuesday 8 December 9:30"),
        ("fr", 8, "mardi 8 décembre à 9 h 30"),
        ("fr", 32, "vendredi 1er janvier à 9 h 30"),
        ("ar", 8, "الثلاثاء 8 ديسمبر الساعة 9:30"),
    ],
)
def test_a_far_opening_has_its_date(language: str, day: int, told: str):
    """A week away and more, the day of the week alone would mislead."""
    dates = TextsSection().rules().dates[language]
    at, now = clock(f"{day}d 8:30"), clock("1d 10:00")
    assert dates.moment(at, now, ZoneInfo("Africa/Algiers")) == told


def test_closed_for_good_promises_no_opening():
    """No opening within two years: the words that name none."""
    day = shop(menu=[])
    never = Calendar(ZoneInfo("UTC"), (Version(date.min, ((),) * 7),))
    day.desk = replace(day.desk, policy=replace(day.desk.policy, calendars={"shop": never}))
    day.says("10:00")
    assert "we'll answer as soon as we're back" in day.said
    day.says("2d 10:00", "still there?")
    assert len(day.autos) == 1
