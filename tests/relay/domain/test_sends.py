"""The life of an outbound message, from Enter to the last tick, told as stories."""

import pytest
from tests.relay.domain.playbook import BOSS, KARIM, LEILA, RIYADH, Playbook, clock, refusal, sid

from wainbox_relay.contract.commands import (
    Claim,
    Leave,
    MarkArrived,
    MarkRead,
    React,
    Resend,
    SendNow,
    SendTemplate,
    Withdraw,
)
from wainbox_relay.contract.content import Image, MediaFile, Text
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import (
    Delivery,
    Flag,
    IdentityKind,
    MediaState,
    Status,
    Turn,
    Wamid,
)
from wainbox_relay.domain.facts import Accepted, MediaFetched, NotAccepted
from wainbox_relay.domain.model import Identity
from wainbox_relay.domain.outcome import FetchMedia, Send, SendDecided, TellReaction, TellRead


def a_case() -> Playbook:
    day = Playbook()
    day.says("10:00", wamid="hello")
    day.ask("10:01", LEILA, Claim())
    return day


def doubtful() -> Playbook:
    """Leila's reply left and nobody knows whether it arrived."""
    day = a_case()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    day.doubts("10:02:30", "r1")
    return day


def test_a_reply_goes_from_queued_to_read():
    """Each state is WhatsApp's word, in its order."""
    day = a_case()
    seen = []
    day.replies("10:02", LEILA, "r1")
    seen.append(day.entry("r1").delivery)
    day.leaves("10:02", "r1")
    seen.append(day.entry("r1").delivery)
    day.accepts("10:02:01", "r1", "wa1")
    seen.append(day.entry("r1").delivery)
    for state in (Delivery.SENT, Delivery.DELIVERED, Delivery.READ):
        day.reports("10:03", "wa1", state, "r1.1")
        seen.append(day.entry("r1").delivery)
    assert seen == ["queued", "sending", "accepted", "sent", "delivered", "read"]
    assert day.conversation.sending == 0


def test_a_tick_changes_no_conversation():
    """Delivered is the message's matter alone."""
    day = a_case()
    day.sends("10:02", LEILA, "r1")
    version = day.conversation.version
    outcome = day.reports("10:03", "wa-r1", Delivery.DELIVERED, "r1.1")
    assert (len(outcome.entries), outcome.changes) == (1, ())
    assert day.conversation.version == version


def test_a_held_message_can_be_taken_back():
    """During the hold it is withdrawn and was never sent."""
    day = a_case()
    day.replies("10:02:00", LEILA, "r1", hold_ms=3000)
    assert (day.entry("r1").delivery, day.entry("r1").leaves_at) == (
        Delivery.HELD,
        clock("10:02:03"),
    )
    day.ask("10:02:01", LEILA, Withdraw(sid=sid("r1")))
    assert day.entry("r1").delivery is Delivery.WITHDRAWN
    assert day.conversation.sending == 0
    assert day.conversation.last.text == "Where is my order?"
    day.leaves("10:02:03", "r1")
    assert day.entry("r1").delivery is Delivery.WITHDRAWN


def test_a_second_enter_sends_at_once():
    """The hold ends when its author says so."""
    day = a_case()
    day.replies("10:02:00", LEILA, "r1", hold_ms=3000)
    said = day.ask("10:02:01", LEILA, SendNow(sid=sid("r1")))
    assert said.wishes == (Send(sid("r1"), clock("10:02:01")),)


def test_only_the_author_or_a_lead_takes_a_message_back():
    """A colleague's held message is not mine to stop."""
    day = a_case()
    day.replies("10:02:00", LEILA, "r1", hold_ms=3000)
    refused = day.ask("10:02:01", KARIM, Withdraw(sid=sid("r1"))).problem
    assert refused.code is Code.NOT_ALLOWED
    assert day.ask("10:02:02", BOSS, Withdraw(sid=sid("r1"))).problem is None


def test_nothing_is_taken_back_from_whatsapp():
    """Too late is said, never pretended away."""
    day = a_case()
    day.sends("10:02", LEILA, "r1")
    refused = day.ask("10:03", LEILA, Withdraw(sid=sid("r1"))).problem
    assert "cannot be unsent" in refused.message


def test_a_message_written_during_the_hold_stops_the_held_one():
    """The guard looks again when the hold ends: the text goes back to its author."""
    day = a_case()
    day.replies("10:02:00", LEILA, "r1", hold_ms=3000)
    day.says("10:02:02", "Not the red one!")
    day.leaves("10:02:03", "r1")
    entry = day.entry("r1")
    assert entry.delivery is Delivery.WITHDRAWN
    assert entry.failure.reason == "The customer wrote while this was held"


def test_who_sends_anyway_is_not_stopped_again():
    """Having seen what came, the agent decided; the hold still lets them take it back."""
    day = a_case()
    day.replies("10:02:00", LEILA, "r1", hold_ms=3000, anyway=True)
    day.says("10:02:02", "Not the red one!")
    day.leaves("10:02:03", "r1")
    assert day.entry("r1").delivery is Delivery.SENDING


def test_the_window_is_checked_again_when_a_message_leaves():
    """What waited past the window is not sent to be refused."""
    day = a_case()
    day.replies("2d 09:59:59", LEILA, "r1")
    day.leaves("2d 10:00:01", "r1")
    assert day.entry("r1").delivery is Delivery.FAILED
    assert day.entry("r1").failure.next_step == "Send an approved template instead."
    assert day.conversation.flags == {Flag.DELIVERY_TROUBLE}


def test_a_template_goes_through_a_shut_window():
    """It is the only thing that does."""
    day = a_case()
    day.ask("3d 10:00", LEILA, SendTemplate(name="hello", language="ar"), "t1")
    day.leaves("3d 10:00:01", "t1")
    assert day.entry("t1").delivery is Delivery.SENDING


def test_a_try_that_was_not_made_is_made_again():
    """Known not to have been sent: queued for another moment, its attempts counted."""
    day = a_case()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    later = clock("10:02:08")
    outcome = day.play("10:02:01", NotAccepted(sid("r1"), 1, refusal(131016), retry_at=later))
    assert outcome.wishes == (Send(sid("r1"), later),)
    assert day.entry("r1").delivery is Delivery.QUEUED
    day.leaves("10:02:08", "r1")
    assert (day.entry("r1").attempt, day.entry("r1").failure) == (2, None)


def test_a_refused_message_fails_and_somebody_must_look():
    """Failed at once: the wait never ended, and the trouble shows."""
    day = a_case()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    day.refuses("10:02:01", "r1")
    c = day.conversation
    assert (c.turn, c.flags, c.sending) == (Turn.OURS, {Flag.DELIVERY_TROUBLE}, 0)


def test_a_failure_on_waiting_work_returns_to_a_human():
    """Answered once, then a second message failed: it does not stay out of sight."""
    day = a_case()
    day.sends("10:02", LEILA, "r1")
    day.replies("10:03", LEILA, "r2")
    day.leaves("10:03", "r2")
    day.refuses("10:03:01", "r2")
    assert (day.conversation.status, day.conversation.turn) == (Status.OPEN, Turn.THEIRS)


def test_a_pausing_refusal_fails_nothing():
    """The token is no longer good: the number stands still and the message waits."""
    day = a_case()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    day.play("10:02:01", NotAccepted(sid("r1"), 1, refusal(190), pause="token refused"))
    assert (day.entry("r1").delivery, day.paused) == (Delivery.QUEUED, "")
    assert day.desk.numbers[RIYADH].paused == "token refused"
    day.leaves("10:03", "r1")
    assert day.entry("r1").delivery is Delivery.QUEUED
    assert "paused" in day.replies("10:04", LEILA, "r2").said


def test_the_next_message_after_a_doubtful_one_says_that_the_order_is_unsure():
    """It goes, with a mark."""
    day = doubtful()
    day.replies("10:03", LEILA, "r2")
    day.leaves("10:03", "r2")
    assert day.entry("r2").order_unsure


def test_a_status_settles_the_doubt():
    """The status names our own id: it did arrive, once."""
    day = doubtful()
    day.reports("10:04", "wa1", Delivery.DELIVERED, "r1.1")
    entry, c = day.entry("r1"), day.conversation
    assert (entry.wamid, entry.delivery, entry.twice) == ("wa1", Delivery.DELIVERED, False)
    assert (c.status, c.turn, c.unconfirmed, c.flags) == (
        Status.WAITING,
        Turn.THEIRS,
        0,
        frozenset(),
    )


def test_a_failed_status_settles_the_doubt_too():
    """It did not arrive: failed, and the customer still waits."""
    day = doubtful()
    day.reports("10:04", "wa1", Delivery.FAILED, "r1.1")
    assert day.entry("r1").delivery is Delivery.FAILED
    assert (day.conversation.turn, day.conversation.flags) == (
        Turn.OURS,
        {Flag.DELIVERY_TROUBLE},
    )


def test_the_status_may_come_before_the_answer():
    """WhatsApp reports while its own answer is still on the way: counted once."""
    day = a_case()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    day.reports("10:02:01", "wa1", Delivery.SENT, "r1.1")
    day.accepts("10:02:02", "r1", "wa1")
    assert (day.entry("r1").delivery, day.conversation.sending) == (Delivery.SENT, 0)
    assert not day.entry("r1").twice


def test_a_status_of_a_message_nobody_knows_waits():
    """Parked, never an error."""
    day = a_case()
    assert day.reports("10:02", "wa-unknown", Delivery.SENT).parked


def test_resend_is_for_the_attempt_the_agent_saw():
    """Two agents press resend: one try, the second is told to look again."""
    day = doubtful()
    day.ask("10:05", LEILA, Resend(sid=sid("r1"), after=1))
    day.leaves("10:05:01", "r1")
    day.doubts("10:05:30", "r1", attempt=2)
    refused = day.ask("10:06", KARIM, Resend(sid=sid("r1"), after=1)).problem
    assert (refused.code, refused.details) == (Code.STALE, {"attempt": 2})


def test_both_tries_arrived():
    """Resent, and then the first turns out to have arrived: one message, delivered twice."""
    day = doubtful()
    day.ask("10:05", LEILA, Resend(sid=sid("r1"), after=1))
    day.leaves("10:05:01", "r1")
    day.accepts("10:05:02", "r1", "wa2", attempt=2)
    day.reports("10:06", "wa1", Delivery.DELIVERED, "r1.1")
    assert day.entry("r1").twice
    assert day.entry("r1").delivery is Delivery.DELIVERED


def test_the_first_try_failing_says_nothing_about_the_second():
    """Attempt one failed after all; attempt two is under way and decides."""
    day = doubtful()
    day.ask("10:05", LEILA, Resend(sid=sid("r1"), after=1))
    day.leaves("10:05:01", "r1")
    day.reports("10:05:02", "wa1", Delivery.FAILED, "r1.1")
    assert day.entry("r1").delivery is Delivery.SENDING
    day.accepts("10:05:03", "r1", "wa2", attempt=2)
    assert (day.entry("r1").delivery, day.entry("r1").twice) == (Delivery.ACCEPTED, False)


def test_a_failed_message_is_sent_again():
    """Its trouble ends when the next try is accepted, and it is no second delivery."""
    day = a_case()
    day.sends("10:02", LEILA, "r1")
    day.reports("10:03", "wa-r1", Delivery.FAILED, "r1.1")
    day.ask("10:05", LEILA, Resend(sid=sid("r1"), after=1))
    day.leaves("10:05:01", "r1")
    day.accepts("10:05:02", "r1", "wa2", attempt=2)
    c = day.conversation
    assert (c.flags, c.turn, c.status) == (frozenset(), Turn.THEIRS, Status.WAITING)
    assert not day.entry("r1").twice


def test_an_agent_knows_that_it_arrived():
    """Their word is an answer, and the history says whose word it was."""
    day = doubtful()
    day.ask("10:05", LEILA, MarkArrived(sid=sid("r1")))
    assert (day.conversation.turn, day.conversation.unconfirmed) == (Turn.THEIRS, 0)
    decided = [h for h in day.history if isinstance(h, SendDecided)]
    assert [(h.actor, h.what) for h in decided] == [("@leila", "arrived")]


def test_a_doubtful_message_can_be_left():
    """Nobody asks any more, but it answered nobody; a late status may still settle it."""
    day = doubtful()
    day.ask("10:05", LEILA, Leave(sid=sid("r1")))
    assert (day.conversation.turn, day.conversation.flags) == (Turn.OURS, frozenset())
    day.reports("11:00", "wa1", Delivery.READ, "r1.1")
    assert (day.entry("r1").delivery, day.conversation.turn) == (Delivery.READ, Turn.THEIRS)


@pytest.mark.parametrize("command", [MarkArrived, Leave])
def test_a_settled_message_asks_nothing(command):
    """Only doubt can be decided."""
    day = a_case()
    day.sends("10:02", LEILA, "r1")
    assert day.ask("10:03", LEILA, command(sid=sid("r1"))).problem.code is Code.CONFLICT


def test_delivered_after_failed_wins_the_answer_back():
    """WhatsApp took its failure back: answered, as if it had never failed."""
    day = a_case()
    day.sends("10:02", LEILA, "r1")
    day.reports("10:03", "wa-r1", Delivery.FAILED, "r1.1")
    day.reports("10:04", "wa-r1", Delivery.DELIVERED, "r1.1")
    c = day.conversation
    assert (c.status, c.turn, c.flags) == (Status.WAITING, Turn.THEIRS, frozenset())


def test_a_late_sent_does_not_clear_a_failure():
    """Sent proves nothing against failed."""
    day = a_case()
    day.sends("10:02", LEILA, "r1")
    day.reports("10:03", "wa-r1", Delivery.FAILED, "r1.1")
    day.reports("10:04", "wa-r1", Delivery.SENT, "r1.1")
    assert day.entry("r1").delivery is Delivery.FAILED


def test_one_members_receipt_does_not_move_a_groups_message():
    """It only settles that the message left."""
    day = doubtful()
    day.reports("10:04", "wa1", Delivery.READ, "r1.1", participant="966500000009")
    assert day.entry("r1").delivery is Delivery.SENT
    day.reports("10:05", "wa1", Delivery.READ, "r1.1", participant="966500000008")
    assert day.entry("r1").delivery is Delivery.SENT


def test_whatsapp_spells_the_number_in_its_own_way():
    """The other spelling of a Brazilian number is learnt from the answer."""
    day = a_case()
    day.customer = type(day.customer)(
        day.customer.id, day.customer.created_at, phone="5511912345678"
    )
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    outcome = day.play("10:02:01", Accepted(sid("r1"), 1, Wamid("wa1"), "551112345678"))
    assert outcome.links == (Identity(IdentityKind.PHONE, "551112345678"),)


def test_a_colleagues_newer_message_stops_a_send():
    """Leila answered while Karim typed; he reads it first."""
    day = a_case()
    seen = day.entry("hello").id
    day.sends("10:02", LEILA, "r1")
    refused = day.replies("10:02:05", KARIM, "r2", seen=seen).problem
    assert (refused.code, refused.details) == (
        Code.NEWER_MESSAGE,
        {"entry": day.entry("r1").id},
    )
    assert refused.message.startswith("Leila has written meanwhile")
    assert day.replies("10:02:09", KARIM, "r2", seen=seen, anyway=True).problem is None


def test_ones_own_earlier_message_stops_nothing():
    """Two lines in a row are no collision."""
    day = a_case()
    seen = day.entry("hello").id
    day.sends("10:02", LEILA, "r1")
    assert day.replies("10:02:05", LEILA, "r2", seen=seen).problem is None


def test_the_customers_message_stops_only_if_it_was_not_seen():
    """What was on the screen has been read."""
    day = a_case()
    first = day.entry("hello").id
    day.says("10:02", "Quick please", wamid="quick")
    assert day.replies("10:03", LEILA, "r1", seen=first).problem.code is Code.NEWER_MESSAGE
    assert day.replies("10:03", LEILA, "r1", seen=day.entry("quick").id).problem is None


def test_a_withdrawn_message_stops_nobody():
    """What was taken back was never written."""
    day = a_case()
    seen = day.entry("hello").id
    day.replies("10:02", LEILA, "r1", hold_ms=3000)
    day.ask("10:02:01", LEILA, Withdraw(sid=sid("r1")))
    assert day.replies("10:02:05", KARIM, "r2", seen=seen).problem is None


def test_our_message_stands_behind_all_that_the_thread_shows():
    """Even when the customer's clock is ahead of ours."""
    day = a_case()
    day.says("10:02", sent="10:05", wamid="ahead")
    day.replies("10:03", LEILA, "r1")
    assert day.entry("r1").at > day.entry("ahead").at


def test_a_reaction_is_told_and_answers_nobody():
    """One of ours at a time, on a customer's message; taking it off is an empty one."""
    day = a_case()
    hello = day.entry("hello").id
    told = day.ask("10:02", LEILA, React(entry=hello, emoji="👍"))
    assert told.wishes == (TellReaction(hello, "👍", clock("10:02")),)
    day.ask("10:03", KARIM, React(entry=hello, emoji="🙏"))
    assert [(r.emoji, r.by) for r in day.entry("hello").reactions] == [("🙏", KARIM)]
    assert day.conversation.turn is Turn.OURS


def test_only_the_owners_reading_is_told():
    """Who only looks in gives no blue ticks."""
    day = a_case()
    assert day.ask("10:02", KARIM, MarkRead()).wishes == ()
    told = day.ask("10:02", LEILA, MarkRead()).wishes
    assert told == (TellRead(RIYADH, Wamid("hello"), clock("10:02")),)


def test_a_file_is_fetched_once_and_kept():
    """The message shows at once; the file follows, and a second answer does not lose it."""
    day = Playbook()
    picture = Image(file=MediaFile(media_id="m1", mime="image/png"))
    asked = day.says("10:00", wamid="pic", content=picture)
    entry = day.entry("pic")
    assert asked.wishes == (FetchMedia(entry.id, clock("10:00")),)
    assert entry.media.state is MediaState.PENDING
    day.play("10:01", MediaFetched(entry.id, MediaState.READY, "d1", "image/png", 10))
    day.play("10:02", MediaFetched(entry.id, MediaState.GONE, reason="too late"))
    assert (day.entry("pic").media.state, day.entry("pic").media.digest) == (
        MediaState.READY,
        "d1",
    )


def test_a_file_whatsapp_does_not_name_is_gone():
    """Nothing to fetch is said, not waited for."""
    day = Playbook()
    asked = day.says("10:00", wamid="pic", content=Image(file=MediaFile()))
    assert asked.wishes == ()
    assert day.entry("pic").media.state is MediaState.GONE


def test_a_quote_goes_out_by_whatsapps_id():
    """An answer to one message names it."""
    day = a_case()
    day.replies("10:02", LEILA, "r1", quote=day.entry("hello").id)
    assert day.entry("r1").quote_wamid == "hello"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Text(body="  "), Code.INVALID),
        (Text(body="x" * 4097), Code.TOO_LARGE),
        (Image(file=MediaFile(media_id="m"), caption="x" * 1025), Code.TOO_LARGE),
        (Image(file=MediaFile()), Code.INVALID),
    ],
)
def test_what_whatsapp_would_refuse_is_refused_here(content, code):
    """Lengths and missing files are said before anything is queued."""
    from wainbox_relay.contract.commands import Reply

    day = a_case()
    assert day.ask("10:02", LEILA, Reply(content=content), "r1").problem.code is code


def test_nothing_is_sent_from_a_number_nobody_configured():
    """What comes in on it is kept; sending is refused."""
    day = a_case()
    unclaimed = type(day.desk.numbers[RIYADH])(RIYADH, claimed=False)
    day.desk = type(day.desk)(day.desk.agents, day.desk.teams, {RIYADH: unclaimed})
    assert day.replies("10:02", LEILA, "r1").problem.code is Code.CONFLICT
