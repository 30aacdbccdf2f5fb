"""How a conversation comes to its end: thanks, silence, and complaints that must not drown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.relay.domain.playbook import DESK, KARIM, LEILA, Playbook, clock

from wainbox_relay.contract.commands import Claim, Reopen, Resolve, Snooze, Undo
from wainbox_relay.contract.content import Image, MediaFile
from wainbox_relay.contract.vocabulary import DAY, MINUTE, Delivery, Flag, Standing, Status
from wainbox_relay.domain.outcome import StatusChanged, Wake
from wainbox_relay.domain.rules.rank import standing
from wainbox_relay.sections.closing import RatingSection, asking, courtesies

ASKING = asking(RatingSection(ask=True), 10 * MINUTE)
POLICY = replace(DESK.policy, courtesies=courtesies(), silence=3 * DAY, rating=ASKING)
CURRENT = replace(DESK, policy=POLICY)


def a_case() -> Playbook:
    day = Playbook(desk=CURRENT)
    day.says("10:00")
    day.ask("10:01", LEILA, Claim())
    return day


def answered(text: str = "On its way", **more: object) -> Playbook:
    day = a_case()
    day.sends("10:02", LEILA, "r1", text, **more)
    return day


def resolved(last_words: str = "On its way") -> Playbook:
    day = answered(last_words)
    day.ask("10:03", LEILA, Resolve())
    return day


def test_row_4_a_lone_thanks_opens_nothing():
    """It is kept with the thread's last case."""
    day = Playbook(desk=CURRENT)
    day.says("10:00", "شكرا 🙏")
    assert day.conversation.resolved
    assert day.conversation.waiting_since is None


@pytest.mark.parametrize("text", ["STOP", "me désabonner", "إلغاء الاشتراك"])
def test_row_5_who_wants_no_more_advertising_needs_no_case(text: str):
    """It is remembered with the customer; a running case goes on."""
    day = Playbook(desk=CURRENT)
    day.says("10:00", text)
    assert (day.conversation.resolved, day.customer.opted_out) == (True, True)
    running = a_case()
    running.says("10:05", text)
    assert (running.conversation.waiting_since, running.customer.opted_out) == (
        clock("10:00"),
        True,
    )


def test_row_5_it_leaves_a_case_on_the_customer_where_it_is():
    day = answered()
    day.says("10:05", "STOP")
    assert (day.conversation.status, day.conversation.waiting_since) == (Status.WAITING, None)
    assert day.customer.opted_out


def test_row_20_thanks_on_open_work_ask_for_nothing():
    """Nobody is waited for, and the case stands behind all that waits."""
    day = answered(then="open")
    day.says("10:05", "merci beaucoup")
    case = day.conversation
    assert (case.status, case.assignee, case.waiting_since) == (Status.OPEN, LEILA, None)
    assert Flag.THANKS in case.flags
    assert standing(case) is Standing.THEIRS


def test_row_20_thanks_while_the_customer_waits_are_one_message_more():
    day = a_case()
    day.says("10:05", "thanks")
    assert day.conversation.waiting_since == clock("10:00")
    assert Flag.THANKS not in day.conversation.flags


@pytest.mark.parametrize("asleep", [False, True])
def test_row_50_thanks_bring_it_back_to_be_closed(asleep: bool):  # noqa: FBT001 - a case
    """From the customer or from sleep: open, owned, and nobody's turn."""
    day = answered()
    if asleep:
        day.ask("10:04", LEILA, Snooze(until="2026-12-05T09:00:00Z"))
    day.says("10:05", "الله يعطيك العافية")
    case = day.conversation
    assert (case.status, case.assignee, case.waiting_since) == (Status.OPEN, LEILA, None)
    assert Flag.THANKS in case.flags
    assert (Wake("snooze", None) in day.wishes) is asleep


@pytest.mark.parametrize("text", ["ok", "oui", "نعم", "ok merci", "تمام شكرا"])
def test_row_50_a_yes_may_be_the_answer(text: str):
    """It is heard as row 49 has it."""
    day = answered()
    day.says("10:05", text)
    assert day.conversation.waiting_since == clock("10:05")


def test_thanks_are_forgotten_when_the_customer_goes_on():
    day = answered()
    day.says("10:05", "merci")
    day.says("10:06", "mais le colis est ouvert")
    assert Flag.THANKS not in day.conversation.flags
    assert day.conversation.waiting_since == clock("10:06")


def test_row_58_thanks_leave_a_resolved_case_alone():
    day = resolved()
    day.says("10:10", "👍🏽")
    assert day.conversation.resolved
    assert day.conversation.last.text == "👍🏽"


@pytest.mark.parametrize("text", ["😡", "merci mais rien reçu", "thanks?", "شكرا وين طلبي 1042"])
def test_row_58_anything_else_opens_it_again(text: str):
    day = resolved()
    day.says("10:10", text)
    assert (day.conversation.status, day.conversation.waiting_since) == (
        Status.OPEN,
        clock("10:10"),
    )


def test_row_58_a_picture_is_no_thanks():
    day = resolved()
    day.says("10:10", content=Image(file=MediaFile(media_id="1", mime="image/jpeg")))
    assert day.conversation.status is Status.OPEN


@pytest.mark.parametrize(
    "line",
    ["Shall we send another one?", "On le renvoie ? 😊", "هل نرسل غيره؟ شكرا", "Dear Sara, " * 40],
)
def test_row_58_after_a_question_of_ours_thanks_may_be_the_answer(line: str):
    """So may a heart on it. Of a line too long to be remembered whole nobody can tell."""
    said, reacted = resolved(line), resolved(line)
    said.says("10:10", "merci")
    reacted.reacts("10:10", "wa-r1", "👍")
    for day in (said, reacted):
        case = day.conversation
        assert (case.status, case.waiting_since) == (Status.OPEN, clock("10:10"))
        assert Flag.REOPENED in case.flags


def test_row_58_agreed_with_thanks_leaves_a_resolved_case_alone():
    day = resolved()
    day.says("10:10", "ok merci")
    assert day.conversation.resolved


def test_row_34_nothing_asks_for_attention_any_more():
    """All signs but what was missed and what the case is."""
    signs = {Flag.RETURNED, Flag.DROPPED, Flag.HANDED_OVER, Flag.WOKE, Flag.PENDING, Flag.URGENT}
    signs |= {Flag.ESCALATED, Flag.SLA_AT_RISK, Flag.WINDOW_SHUT, Flag.WINDOW_SHUTS, Flag.LATE}
    stay = {Flag.SLA_MISSED, Flag.OUTBOUND, Flag.FOLLOW_UP}
    day = answered(then="open")
    day.says("10:05", "merci beaucoup")
    day.change(flags=day.conversation.flags | signs | stay)
    day.ask("10:06", LEILA, Resolve())
    assert day.conversation.flags == stay


def test_row_58_an_angry_reaction_opens_it_again():
    """Within the time a message would; a kind one is only shown."""
    for emoji, status in (("❤️", Status.RESOLVED), ("👎", Status.OPEN)):
        day = resolved()
        day.reacts("10:10", "wa-r1", emoji)
        assert day.conversation.status is status, emoji


def test_row_53_silence_after_our_answer_closes_the_case():
    """To nobody's credit, and marked as having ended by itself."""
    day = answered()
    assert day.wishes[-1] == Wake("silence", clock("4d 10:02"))
    day.rings("4d 10:02", "silence")
    case = day.conversation
    assert (case.status, case.resolver) == (Status.RESOLVED, None)
    assert (case.assignee, case.last_owner) == (None, LEILA)
    assert Flag.AUTO in case.flags
    assert [(h.to, h.why) for h in day.history if isinstance(h, StatusChanged)][-1] == (
        Status.RESOLVED,
        "no reply",
    )
    assert [w for w in day.wishes if isinstance(w, Wake) and w.reason == "rating"] == []


def test_row_53_what_comes_back_has_not_ended_by_itself():
    day = answered()
    day.rings("4d 10:02", "silence")
    day.says("4d 11:00", "I am back")
    assert day.conversation.status is Status.OPEN
    assert Flag.AUTO not in day.conversation.flags


def test_row_53_a_further_answer_starts_the_silence_anew():
    day = answered()
    day.sends("11:00", LEILA, "r2")
    assert day.wishes[-1] == Wake("silence", clock("4d 11:00"))


def test_row_53_a_message_ends_the_silence():
    day = answered()
    day.says("11:00")
    assert day.wishes[-1] == Wake("silence", None)
    day.rings("4d 10:02", "silence")
    assert day.conversation.status is Status.OPEN


def test_row_53_what_did_not_arrive_is_no_silence():
    day = answered()
    day.change(undelivered=1)
    day.rings("4d 10:02", "silence")
    assert day.conversation.status is Status.WAITING
    assert day.entry("r1").delivery is Delivery.ACCEPTED


def test_no_alarm_outlives_its_snooze():
    """A colleague's answer, a claim that undoes it, an escalation: whatever ends a snooze takes its
    alarm along, and whatever brings it back sets it again."""
    day = Playbook()
    day.says("09:00")
    day.ask("09:01", LEILA, Claim())
    day.ask("09:02", LEILA, Snooze(until=datetime(2026, 12, 1, 15, tzinfo=UTC), sure=True))
    day.sends("09:03", KARIM, "r1")
    assert day.conversation.status is not Status.SNOOZED
    assert _snooze_alarm(day) is None
    day.ask("09:04", LEILA, Snooze(until=datetime(2026, 12, 1, 16, tzinfo=UTC), sure=True))
    day.ask("09:05", LEILA, Reopen())
    assert _snooze_alarm(day) is None
    day.ask("09:06", LEILA, Undo())
    assert day.conversation.status is Status.SNOOZED
    assert _snooze_alarm(day) == clock("16:00")


def _snooze_alarm(day: Playbook) -> int | None:
    return [w.at for w in day.wishes if isinstance(w, Wake) and w.reason == "snooze"][-1]
