"""The table of a conversation's life, row by row, by the numbers of the support floor."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.relay.domain.playbook import (
    BOSS,
    CARE,
    DESK,
    GROUP,
    KARIM,
    LEILA,
    RETURNS,
    RIYADH,
    Playbook,
    clock,
    sid,
)

from wainbox_relay.contract.commands import (
    Assign,
    Claim,
    MarkSpam,
    MergeCustomer,
    Release,
    Reopen,
    Resolve,
    SendTemplate,
    SetPriority,
    Snooze,
    Undo,
    Wait,
    WriteNote,
)
from wainbox_relay.contract.content import Call, Order, System, Text, Unsupported
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import (
    ConversationId,
    CustomerId,
    Delivery,
    Direction,
    Flag,
    Priority,
    Role,
    Status,
    ThreadId,
    Turn,
    Wamid,
)
from wainbox_relay.domain.decide import decide
from wainbox_relay.domain.evolve import evolve
from wainbox_relay.domain.facts import Begun, Commanded, Edited, Reacted, Revoked
from wainbox_relay.domain.model import Customer, Fresh, Scene
from wainbox_relay.domain.outcome import (
    Answered,
    AnswerLost,
    Reopened,
    Send,
    StatusChanged,
    Wake,
)
from wainbox_relay.domain.rules.service_window import is_open


def until(text: str) -> datetime:
    return datetime.fromtimestamp(clock(text) / 1_000_000, UTC)


def a_case() -> Playbook:
    """Sara wrote at ten; nobody has it."""
    day = Playbook()
    day.says("10:00")
    return day


def owned() -> Playbook:
    """Leila has it."""
    day = a_case()
    day.ask("10:01", LEILA, Claim())
    return day


def answered() -> Playbook:
    """Leila has answered: it is on the customer."""
    day = owned()
    day.sends("10:02", LEILA, "r1")
    return day


def snoozed() -> Playbook:
    day = answered()
    day.ask("10:03", LEILA, Snooze(until=until("12:00")))
    return day


def resolved() -> Playbook:
    day = answered()
    day.ask("10:10", LEILA, Resolve())
    return day


def test_row_1_a_first_message_opens_a_conversation_in_the_queue_of_the_numbers_team():
    """A first message opens an unowned conversation that waits for us since it arrived."""
    c = a_case().conversation
    assert (c.status, c.turn, c.assignee, c.team) == (Status.OPEN, Turn.OURS, None, CARE)
    assert (c.waiting_since, c.unread, c.last.text) == (clock("10:00"), 1, "Where is my order?")


@pytest.mark.parametrize(
    "content", [System(what="request_welcome"), Call(event="connect", inbound=False)]
)
def test_row_4_what_is_no_message_opens_nothing(content):
    """WhatsApp's own lines are kept, and nobody is asked to answer them."""
    day = Playbook()
    day.says("10:00", content=content)
    assert (day.conversation.status, day.conversation.turn) == (Status.RESOLVED, Turn.THEIRS)
    assert [e.content for e in day.entries.values()] == [content]
    day.says("10:01")
    assert day.conversation.status is Status.OPEN
    assert Flag.REOPENED not in day.conversation.flags


def test_row_4_a_system_line_in_a_running_conversation_changes_nobodys_turn():
    """A line of WhatsApp's joins the conversation silently."""
    day = answered()
    before = day.conversation
    day.says("10:05", content=System(what="user_changed_number"))
    after = day.conversation
    assert (after.status, after.unread, after.last) == (before.status, 0, before.last)


@pytest.mark.parametrize(
    "content", [Unsupported(type="poll"), Order(catalog="c"), Call(event="missed")]
)
def test_row_6_a_placeholder_is_a_message(content):
    """What we cannot show, an order and a missed call want an answer and open the window."""
    day = Playbook()
    day.says("10:00", content=content)
    assert day.conversation.turn is Turn.OURS
    assert is_open(day.conversation.last_in_at, clock("2d 09:59"))


def test_row_7_a_group_has_its_own_conversation():
    """A group's message opens a conversation of the group, with the member as its author."""
    day = Playbook(group=GROUP)
    day.says("10:00")
    c = day.conversation
    assert (c.customer, c.flags) == (None, {Flag.GROUP})
    assert [e.customer for e in day.entries.values()] == [CustomerId(1)]


def begun(day: Playbook, at: str = "10:00"):
    fact = Begun(
        LEILA,
        Role.AGENT,
        sid("first"),
        day.peer,
        SendTemplate(name="hello", language="ar"),
    )
    return day.play(at, fact)


def test_row_8_an_agent_writes_first_by_template():
    """It begins on the customer, in the sender's hands; the answer makes it our turn."""
    day = Playbook()
    begun(day)
    c = day.conversation
    assert (c.status, c.assignee, c.flags) == (Status.WAITING, LEILA, {Flag.OUTBOUND})
    day.leaves("10:00:01", "first")
    day.accepts("10:00:02", "first", "wa-first")
    assert (day.conversation.status, day.conversation.turn) == (Status.WAITING, Turn.THEIRS)
    day.says("10:30")
    assert (day.conversation.status, day.conversation.assignee) == (Status.OPEN, LEILA)


def test_row_8_writing_first_to_somebody_with_an_open_conversation_uses_it():
    """There is never a second open conversation with the same customer."""
    day = a_case()
    begun(day, "10:05")
    assert len(day.conversations) == 1
    assert day.entry("first").conversation == day.conversation.id


def test_row_9_an_answer_from_the_phone_opens_a_conversation_on_the_customer():
    """Nothing runs and nobody is asked when the shop itself writes from the phone."""
    day = Playbook()
    day.phones("10:00", "Hello, it is ready")
    c = day.conversation
    assert (c.status, c.assignee, c.turn) == (Status.WAITING, None, Turn.THEIRS)
    assert c.flags == {Flag.PHONE}


def test_row_10_what_metas_agent_answers_waits_for_nobody_of_ours():
    """A standby message stays with Meta's agent until a message comes to us."""
    day = Playbook()
    day.says("10:00", source="standby")
    held = day.conversation
    assert (held.status, held.turn, held.flags) == (Status.BOT, Turn.THEIRS, {Flag.STANDBY})
    day.says("10:01")
    passed = day.conversation
    assert (passed.status, passed.turn, passed.flags) == (Status.OPEN, Turn.OURS, frozenset())


PASSED = System(what="control_passed", body="ai_agent → escalation", owner="escalation")


def test_row_10_what_metas_agent_passes_on_waits_for_us():
    """As row 13 has it: open, nobody's, our turn from the moment it was passed on."""
    day = Playbook()
    day.says("10:00", source="standby")
    day.says("10:05", content=PASSED)
    c = day.conversation
    assert (c.status, c.assignee, c.flags) == (Status.OPEN, None, frozenset())
    assert (c.turn, c.waiting_since) == (Turn.OURS, clock("10:05"))
    assert [(h.was, h.to, h.why) for h in day.history if isinstance(h, StatusChanged)] == [
        (Status.BOT, Status.OPEN, "passed on")
    ]


def test_row_10_what_it_keeps_or_what_is_ours_already_changes_nothing():
    """A line that gives the chat to Meta's agent, or to us who have it, is only kept."""
    kept = Playbook()
    kept.says("10:00", source="standby")
    kept.says("10:05", content=System(what="control_taken", owner="ai_agent"))
    ours = answered()
    ours.says("10:05", content=PASSED)
    assert (kept.conversation.status, kept.conversation.turn) == (Status.BOT, Turn.THEIRS)
    assert (ours.conversation.status, ours.conversation.turn) == (Status.WAITING, Turn.THEIRS)


def test_row_18_a_reply_takes_the_chat_over_from_metas_agent():
    """That is said first; sent all the same, the chat is ours."""
    day = Playbook()
    day.says("10:00", source="standby")
    asks = day.replies("10:01", LEILA, "r1").problem
    assert (asks.code, asks.field) == (Code.NEWER_MESSAGE, "anyway")
    assert asks.message.startswith("Meta's agent has this chat and your reply takes it over")
    day.sends("10:02", LEILA, "r2", anyway=True)
    c = day.conversation
    assert (c.status, c.assignee, c.flags) == (Status.WAITING, LEILA, frozenset())


def test_row_11_history_from_the_phone_is_an_archive():
    """What was synchronised is kept resolved; it wakes nobody, sends nothing, is no reopening."""
    day = Playbook()
    day.says("10:00", sent="08:00", source="history")
    day.phones("10:00", "Answered long ago", source="history")
    c = day.conversation
    assert (c.status, c.flags, c.unread) == (Status.RESOLVED, {Flag.IMPORTED}, 0)
    assert day.wishes == []
    day.says("10:05")
    assert len(day.conversations) == 2
    assert day.conversation.flags == frozenset()


def test_row_17_claiming_from_metas_agent_opens():
    """A human who takes it has it."""
    day = Playbook()
    day.says("10:00", source="standby")
    day.ask("10:01", LEILA, Claim())
    assert (day.conversation.status, day.conversation.assignee) == (Status.OPEN, LEILA)


def test_row_19_a_further_message_keeps_the_wait_and_the_owner():
    """The wait began with the first unanswered message and later ones do not move it."""
    day = owned()
    day.says("10:05", "Hello??")
    c = day.conversation
    assert (c.waiting_since, c.unread, c.assignee) == (clock("10:00"), 2, LEILA)


def test_row_19_work_of_somebody_who_left_returns_to_the_queue():
    """An owner who was revoked loses the work with the customer's next message."""
    day = owned()
    gone = replace(day.desk.agents[LEILA], revoked_at=clock("10:02"))
    day.desk = replace(day.desk, agents={**day.desk.agents, LEILA: gone})
    day.says("10:05")
    assert (day.conversation.assignee, day.conversation.last_owner) == (None, LEILA)


def test_row_21_reactions_edits_and_deletions_change_nobodys_turn():
    """They are marked on the message; nothing opens and the window is not renewed."""
    day = resolved()
    before = day.conversation
    target = next(e.wamid for e in day.entries.values() if e.direction is Direction.IN)
    at = clock("11:00")
    day.play("11:00", Reacted(day.peer, target, Wamid("x1"), at, "❤"))
    day.play("11:01", Edited(RIYADH, target, Wamid("x2"), at, Text(body="Where are my shoes?")))
    day.play("11:02", Revoked(RIYADH, target, Wamid("x3"), at))
    entry = day.entry(target)
    assert [r.emoji for r in entry.reactions] == ["❤"]
    assert (entry.content.body, entry.original) == ("Where are my shoes?", "Where is my order?")
    assert entry.revoked_at == at
    after = day.conversation
    assert (after.status, after.unread, after.last_in_at) == (
        before.status,
        before.unread,
        before.last_in_at,
    )


def test_row_22_the_second_to_claim_reads_who_was_first():
    """Of two claims one wins; the other is told by whom, when, and what to do."""
    day = a_case()
    day.ask("10:01:00", LEILA, Claim())
    lost = day.ask("10:01:02", KARIM, Claim())
    assert lost.problem.code is Code.TAKEN
    assert lost.problem.message == "Leila took it 2 s ago; press c again to take it over."
    assert day.conversation.assignee == LEILA


def test_row_23_taking_over_moves_it_to_the_taker():
    """Whoever takes over has it, and who had it stays known."""
    day = owned()
    day.ask("10:05", KARIM, Claim(take_over=True))
    assert (day.conversation.assignee, day.conversation.last_owner) == (KARIM, LEILA)


def test_row_23_only_leads_take_over_where_the_policy_says_so():
    """With take-over left to leads, an agent is told whom to ask."""
    day = owned()
    strict = replace(day.desk.policy, takeover_by_agents=False)
    day.desk = replace(day.desk, policy=strict)
    refused = day.ask("10:05", KARIM, Claim(take_over=True)).problem
    assert refused.message == "Leila has it; ask Leila or a lead to hand it over."
    day.ask("10:06", BOSS, Claim(take_over=True))
    assert day.conversation.assignee == BOSS


def test_row_24_assigning_to_a_person_and_to_a_team():
    """A person gets it; a team gets it into its queue, where nobody has it."""
    day = owned()
    day.ask("10:05", LEILA, Assign(agent=KARIM))
    assert (day.conversation.assignee, day.conversation.team) == (KARIM, CARE)
    day.ask("10:06", KARIM, Assign(team=RETURNS))
    c = day.conversation
    assert (c.assignee, c.team, c.last_owner) == (None, RETURNS, KARIM)


def test_row_24_work_goes_to_the_team_of_whoever_does_it():
    """Help from another team is not taken away again by the customer's next message."""
    day = a_case()
    day.ask("10:01", KARIM, Assign(team=RETURNS))
    day.ask("10:02", LEILA, Claim())
    assert (day.conversation.assignee, day.conversation.team) == (LEILA, CARE)
    day.says("10:03")
    assert day.conversation.assignee == LEILA


def test_row_25_release_returns_it_to_the_queue():
    """Released work is nobody's, and whose it was stays known."""
    day = owned()
    day.ask("10:05", LEILA, Release())
    c = day.conversation
    assert (c.assignee, c.last_owner, c.status) == (None, LEILA, Status.OPEN)


def test_row_26_the_answer_counts_when_whatsapp_accepts_it():
    """Queued and sending change nobody's turn; accepted ends the wait and gives the sender the
    conversation."""
    day = a_case()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02:01", "r1")
    assert (day.conversation.status, day.conversation.turn) == (Status.OPEN, Turn.OURS)
    day.accepts("10:02:02", "r1", "wa1")
    c = day.conversation
    assert (c.status, c.turn, c.assignee, c.unread) == (Status.WAITING, Turn.THEIRS, LEILA, 0)
    assert [(h.agent, h.since) for h in day.history if isinstance(h, Answered)] == [
        (LEILA, clock("10:00"))
    ]


def test_row_26_a_colleagues_answer_leaves_the_owner():
    """Karim's answer is Karim's credit; the conversation stays Leila's."""
    day = owned()
    day.sends("10:05", KARIM, "r1")
    assert day.conversation.assignee == LEILA
    assert [h.agent for h in day.history if isinstance(h, Answered)] == [KARIM]


def test_row_27_keep_open():
    """Answered, but we owe more: open, and the customer's turn."""
    day = owned()
    day.sends("10:02", LEILA, "r1", then="open")
    assert (day.conversation.status, day.conversation.turn) == (Status.OPEN, Turn.THEIRS)


def test_row_28_an_unconfirmed_answer_answers_nothing_yet():
    """While nobody knows whether it arrived, the customer still waits."""
    day = owned()
    day.replies("10:02", LEILA, "r1")
    day.leaves("10:02", "r1")
    day.doubts("10:02:30", "r1")
    c = day.conversation
    assert (c.status, c.turn, c.flags) == (Status.OPEN, Turn.OURS, {Flag.UNCONFIRMED})


def test_row_29_an_answer_that_failed_later_gives_the_wait_back():
    """Failed after accepting: open again, and the wait is back at its original start."""
    day = answered()
    day.reports("10:30", "wa-r1", Delivery.FAILED)
    c = day.conversation
    assert (c.status, c.waiting_since, c.assignee) == (Status.OPEN, clock("10:00"), LEILA)
    assert c.flags == {Flag.DELIVERY_TROUBLE}
    assert any(isinstance(h, AnswerLost) for h in day.history)


@pytest.mark.parametrize(
    ("at", "status"), [("2d 10:09", Status.OPEN), ("2d 10:11", Status.RESOLVED)]
)
def test_row_29_a_failure_opens_what_was_resolved_within_a_day(at, status):
    """Not a reopening by the customer; after a day it is only marked on the message."""
    day = resolved()
    day.reports(at, "wa-r1", Delivery.FAILED)
    assert day.conversation.status is status
    assert day.entry("r1").delivery is Delivery.FAILED
    assert not any(isinstance(h, Reopened) for h in day.history)


def test_row_30_the_phone_answers_for_us():
    """An answer from the phone ends the wait and leaves the owner."""
    day = owned()
    day.phones("10:05", "It left today")
    c = day.conversation
    assert (c.status, c.turn, c.assignee) == (Status.WAITING, Turn.THEIRS, LEILA)


def test_row_30_the_apps_own_repeated_greeting_is_no_answer():
    """A text the app has sent before, within five seconds of the customer's, is no human's."""
    day = a_case()
    day.phones("10:00:02", "We are closed")
    day.says("10:10:00", "Anybody?")
    day.phones("10:10:03", "We are closed")
    assert (day.conversation.turn, day.conversation.status) == (Turn.OURS, Status.OPEN)


def test_row_30_on_resolved_the_phone_is_only_recorded():
    """What the phone writes into a resolved conversation does not open it."""
    day = resolved()
    day.phones("11:00", "And thanks")
    assert day.conversation.status is Status.RESOLVED
    assert len(day.conversations) == 1


def test_row_31_marking_as_on_the_customer_is_refused_while_they_wait_for_us():
    """On the customer is said only when our word was last."""
    day = owned()
    assert day.ask("10:02", LEILA, Wait()).problem.code is Code.CONFLICT
    day.sends("10:03", LEILA, "r1", then="open")
    assert day.ask("10:04", LEILA, Wait()).problem is None
    assert day.conversation.status is Status.WAITING


def test_row_32_snoozing_asks_to_be_woken():
    """Asleep until then, with an alarm; warned when the window will be shut by then."""
    day = answered()
    said = day.ask("10:03", LEILA, Snooze(until=until("3d 09:00")))
    assert day.conversation.status is Status.SNOOZED
    assert Wake("snooze", clock("3d 09:00")) in said.wishes
    assert "window" in said.said


def test_row_33_snoozing_on_our_turn_asks_once():
    """The customer waits for us: it must be said twice, and the wait runs on."""
    day = owned()
    assert day.ask("10:02", LEILA, Snooze(until=until("12:00"))).problem.field == "sure"
    assert day.ask("10:02", LEILA, Snooze(until=until("12:00"), sure=True)).problem is None
    assert (day.conversation.status, day.conversation.waiting_since) == (
        Status.SNOOZED,
        clock("10:00"),
    )


def test_row_34_resolving_lets_go_of_the_owner_and_keeps_the_resolver():
    """Resolved work is nobody's load; who resolved it, and how, stays."""
    day = answered()
    day.ask("10:10", LEILA, Resolve(outcome="solved"))
    c = day.conversation
    assert (c.status, c.assignee, c.resolver, c.outcome) == (
        Status.RESOLVED,
        None,
        LEILA,
        "solved",
    )


def test_row_34_resolving_when_the_customer_spoke_last_asks_once():
    """Unanswered work is resolved only on purpose."""
    day = owned()
    assert day.ask("10:02", LEILA, Resolve()).problem.field == "sure"
    assert day.ask("10:02", LEILA, Resolve(sure=True)).problem is None


def test_row_34_resolving_waits_for_what_is_on_its_way():
    """It resolves when the queued message is accepted, not before."""
    day = owned()
    day.replies("10:02", LEILA, "r1")
    assert day.ask("10:02:01", LEILA, Resolve(sure=True)).said
    assert day.conversation.status is Status.OPEN
    day.leaves("10:02:02", "r1")
    day.accepts("10:02:03", "r1", "wa1")
    assert (day.conversation.status, day.conversation.resolver) == (Status.RESOLVED, LEILA)


def test_row_34_a_message_cancels_a_resolve_that_waits():
    """The customer spoke again before it left: nothing resolves by itself."""
    day = owned()
    day.replies("10:02", LEILA, "r1")
    day.ask("10:02:01", LEILA, Resolve(sure=True))
    day.says("10:02:02", "One more thing")
    day.leaves("10:02:03", "r1")
    day.accepts("10:02:04", "r1", "wa1")
    assert (day.conversation.status, day.conversation.turn) == (Status.OPEN, Turn.OURS)


def test_row_48_the_window_is_counted_from_the_messages_own_time():
    """A message that reached us three hours late leaves twenty-one hours."""
    day = Playbook()
    day.says("13:00", sent="10:00")
    c = day.conversation
    assert (c.waiting_since, c.last_in_at) == (clock("13:00"), clock("10:00"))
    assert day.replies("2d 09:59", LEILA, "r1").problem is None
    assert day.replies("2d 10:00", LEILA, "r2").problem.code is Code.WINDOW_SHUT


def test_row_49_a_message_on_waiting_opens():
    """It was the customer's turn; now it is ours, with the owner who had it."""
    day = answered()
    day.says("10:30")
    c = day.conversation
    assert (c.status, c.waiting_since, c.assignee) == (Status.OPEN, clock("10:30"), LEILA)


def test_row_51_a_further_answer_on_waiting_stays_on_the_customer():
    """We may always add a word."""
    day = answered()
    day.sends("10:05", LEILA, "r2")
    assert day.conversation.status is Status.WAITING


def test_row_52_reopening_waiting_by_hand_takes_it():
    """Open, still their turn, in the hands of whoever opened it if nobody had it."""
    day = answered()
    day.ask("10:05", LEILA, Release())
    day.ask("10:06", KARIM, Reopen())
    c = day.conversation
    assert (c.status, c.turn, c.assignee) == (Status.OPEN, Turn.THEIRS, KARIM)


def test_row_54_a_snooze_ends_when_due():
    """It wakes open and marked; an alarm that rings early or for nothing wakes nobody."""
    day = snoozed()
    day.rings("11:59")
    assert day.conversation.status is Status.SNOOZED
    day.rings("12:00")
    c = day.conversation
    assert (c.status, c.turn, c.flags, c.assignee) == (
        Status.OPEN,
        Turn.THEIRS,
        {Flag.WOKE},
        LEILA,
    )


def test_row_55_a_message_wakes_and_forgets_the_alarm():
    """The customer is sooner than the alarm."""
    day = snoozed()
    said = day.says("11:00")
    assert (day.conversation.status, day.conversation.snoozed_until) == (Status.OPEN, None)
    assert Wake("snooze", None) in said.wishes


def test_row_56_ones_own_reply_keeps_the_snooze_and_anothers_ends_it():
    """Leila may write on while it sleeps; Karim's word, or a note that names her, wakes it."""
    day = snoozed()
    day.sends("10:30", LEILA, "r2")
    assert day.conversation.status is Status.SNOOZED
    day.sends("10:31", KARIM, "r3")
    assert day.conversation.status is Status.OPEN
    noted = snoozed()
    noted.ask("10:30", KARIM, WriteNote(body="for later"))
    assert noted.conversation.status is Status.SNOOZED
    noted.ask("10:31", KARIM, WriteNote(body="@leila the parcel is back"))
    assert noted.conversation.status is Status.OPEN


def test_row_57_a_message_within_the_window_reopens_and_returns_to_who_had_it():
    """The same conversation, our turn, back with Leila, who is here."""
    day = resolved()
    day.says("3d 10:00")
    c = day.conversation
    assert len(day.conversations) == 1
    assert (c.status, c.flags, c.assignee) == (Status.OPEN, {Flag.REOPENED}, LEILA)
    assert c.waiting_since == clock("3d 10:00")


def test_row_57_work_of_somebody_who_is_not_here_goes_to_the_queue():
    """Reopened work does not wait in the hands of somebody absent; whose it was stays known."""
    day = resolved()
    day.desk = replace(
        day.desk, agents={**DESK.agents, LEILA: replace(DESK.agents[LEILA], presence="offline")}
    )
    day.says("2d 10:00")
    assert (day.conversation.assignee, day.conversation.last_owner) == (None, LEILA)


def test_row_57_naming_the_reference_brings_it_back_for_thirty_days():
    """After the reopening window, the reference still leads to the conversation."""
    day = resolved()
    ref = day.conversation.ref
    day.says("20d 10:00", f"about #W-{ref} again")
    assert len(day.conversations) == 1
    assert day.conversation.status is Status.OPEN


def test_row_61_a_later_message_begins_a_new_conversation():
    """After the window a new one begins, linked to the last."""
    day = resolved()
    day.says("4d 10:11")
    c = day.conversation
    assert len(day.conversations) == 2
    assert (c.status, c.flags, c.last_owner) == (Status.OPEN, {Flag.FOLLOW_UP}, LEILA)


def test_row_62_a_message_that_was_under_way_when_we_resolved_opens_but_is_no_reopening():
    """It was not seen before resolving; it counts as late."""
    day = resolved()
    day.says("10:20", sent="10:09")
    c = day.conversation
    assert (c.status, c.flags, c.turn) == (Status.OPEN, {Flag.LATE}, Turn.OURS)


def test_row_63_writing_in_a_resolved_conversation_takes_it_up_again():
    """The writer has it; accepted, it is on the customer."""
    day = resolved()
    day.replies("10:20", KARIM, "r2")
    assert (day.conversation.status, day.conversation.assignee) == (Status.OPEN, KARIM)
    day.leaves("10:20:01", "r2")
    day.accepts("10:20:02", "r2", "wa2")
    assert day.conversation.status is Status.WAITING


def test_row_63_an_old_conversation_is_not_opened_beside_a_newer_open_one():
    """Reopening, writing and undoing name the one that is open."""
    day = resolved()
    old = day.conversation
    day.says("4d 10:11")
    open_ref = f"W-{day.conversation.ref}"
    for command in (Reopen(), SendTemplate(name="hi", language="ar")):
        refused = day.ask("4d 10:12", LEILA, command, of=old).problem
        assert (refused.code, refused.details) == (Code.CONFLICT, {"ref": open_ref})
        assert open_ref in refused.message


def test_row_65_spam_wakes_nobody_again():
    """Later messages are kept with it, whenever they come."""
    day = a_case()
    day.ask("10:01", LEILA, MarkSpam())
    day.says("10:05")
    day.says("9d 10:05")
    c = day.conversation
    assert (len(day.conversations), c.status, c.unread) == (1, Status.RESOLVED, 0)
    assert len(day.entries) == 3


def merged(mine: Playbook, theirs: Playbook, gone: Customer | None = None):
    """Leila says in `mine` that the customer of `theirs` is the same."""
    other = replace(theirs.conversation, thread=ThreadId(8), customer=CustomerId(2))
    scene = Scene(
        desk=DESK,
        thread=mine.thread,
        fresh=Fresh(ConversationId(900), 901, 1),
        conversation=mine.conversation,
        customer=mine.customer,
        other=replace(other, id=ConversationId(800), ref=1800),
        other_customer=gone or Customer(CustomerId(2), clock("09:00"), user_id="MA.1"),
    )
    fact = Commanded(LEILA, Role.AGENT, "m", mine.conversation.id, MergeCustomer(other="W-1800"))
    outcome = decide(fact, scene, clock("11:00"))
    return outcome, evolve(mine.conversation, outcome.changes)


def test_row_66_merging_two_customers_leaves_one_open_conversation():
    """The older lives on with what the younger owes; the younger closes and points to it."""
    older, younger = a_case(), Playbook()
    younger.says("10:30", "And my refund?")
    outcome, survivor = merged(older, younger)
    assert (survivor.status, survivor.unread, survivor.waiting_since) == (
        Status.OPEN,
        2,
        clock("10:00"),
    )
    assert survivor.last.text == "And my refund?"
    assert (outcome.other.merged_into, outcome.other.status) == (survivor.id, Status.RESOLVED)
    assert outcome.move_thread
    assert outcome.other_customer.merged_into == outcome.customer.id == CustomerId(1)
    assert outcome.customer.user_id == "MA.1"


def test_row_66_what_either_asked_of_us_holds_for_both():
    """No advertising, their own account manager, and one question how it was in a week."""
    older, younger = a_case(), Playbook()
    younger.says("10:30", "And my refund?")
    gone = Customer(
        CustomerId(2),
        clock("09:00"),
        user_id="MA.1",
        vip=True,
        tags=frozenset({"wholesale"}),
        manager=KARIM,
        opted_out=True,
        rating_asked_at=clock("08:00"),
        served_by=LEILA,
        served_at=clock("08:30"),
    )
    outcome, _ = merged(older, younger, gone)
    both = outcome.customer
    assert (both.opted_out, both.manager, both.vip, both.tags) == (True, KARIM, True, {"wholesale"})
    assert (both.rating_asked_at, both.served_by) == (clock("08:00"), LEILA)


def test_row_66_said_in_the_younger_one_the_older_still_lives_on():
    """It does not matter from which side two customers are merged."""
    older, younger = a_case(), Playbook()
    younger.says("10:30", "And my refund?")
    outcome, mine = merged(younger, older)
    assert (mine.status, mine.merged_into) == (Status.RESOLVED, outcome.other.id)
    assert (outcome.other.unread, outcome.other.customer) == (2, CustomerId(1))


def test_row_67_undo_puts_back_what_was_before():
    """The last change is taken back whole, as if it had never been."""
    day = snoozed()
    before = day.conversation
    day.ask("10:05", LEILA, Resolve())
    done = day.ask("10:06", LEILA, Undo())
    after = day.conversation
    assert replace(after, version=0, undo=None) == replace(before, version=0, undo=None)
    assert Wake("snooze", clock("12:00")) in done.wishes


@pytest.mark.parametrize(
    ("at", "who", "sentence"),
    [
        ("10:13", LEILA, "That was too long ago to undo; change it by hand."),
        ("10:03", KARIM, "Leila did this last; only Leila or a lead can undo it."),
    ],
)
def test_row_67_undo_has_limits(at, who, sentence):
    """Ten minutes, and one's own doing."""
    day = owned()
    day.ask("10:02", LEILA, SetPriority(priority=Priority.HIGH))
    assert day.ask(at, who, Undo()).problem.message == sentence


def test_row_67_undo_does_not_reach_past_what_happened_since():
    """A message since then leaves everything as it is."""
    day = owned()
    day.ask("10:02", LEILA, Release())
    day.says("10:03")
    assert day.ask("10:04", LEILA, Undo()).problem.code is Code.CONFLICT


def test_row_67_a_sent_message_cannot_be_unsent():
    """Undo never pretends."""
    refused = answered().ask("10:03", LEILA, Undo()).problem
    assert (
        refused.message
        == "The message is already with WhatsApp, it cannot be unsent; r to correct."
    )


def test_a_message_written_over_the_answer_keeps_the_conversation_ours():
    """What the customer says between our Enter and WhatsApp's yes is not answered by it."""
    day = owned()
    day.replies("10:02:00", LEILA, "r1")
    day.leaves("10:02:01", "r1")
    day.says("10:02:02", "Not the red one!")
    day.accepts("10:02:03", "r1", "wa1")
    c = day.conversation
    assert (c.status, c.turn, c.unread) == (Status.OPEN, Turn.OURS, 1)


def test_the_same_message_again_changes_nothing():
    """A webhook repeated is a webhook ignored."""
    day = a_case()
    before = day.conversation
    wamid = before.last_in_wamid
    again = day.says("10:05", wamid=wamid)
    assert (again.changes, again.entries) == ((), ())
    assert day.conversation == before


def test_the_real_message_replaces_its_placeholder_and_never_the_reverse():
    """One id, first unreadable and then whole: the whole one stays."""
    day = Playbook()
    day.says("10:00", wamid="w", content=Unsupported(type="unknown"))
    day.says("10:01", "Hello", wamid="w", sent="10:00")
    day.says("10:02", wamid="w", sent="10:00", content=Unsupported(type="unknown"))
    assert day.entry("w").content == Text(body="Hello")
    assert (day.conversation.last.text, day.conversation.unread) == ("Hello", 1)


def test_a_send_asks_the_outbox():
    """A reply is a wish for its moment: at once, or when the hold is over."""
    day = owned()
    now = day.replies("10:02", LEILA, "r1").wishes
    held = day.replies("10:03", LEILA, "r2", hold_ms=3000).wishes
    assert now == (Send(sid("r1"), clock("10:02")),)
    assert held == (Send(sid("r2"), clock("10:03:03")),)
