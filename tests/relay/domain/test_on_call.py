"""Floor rows 3, 45 to 47: help that cannot wait."""

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from tests.relay.domain.playbook import BOSS, DESK, KARIM, LEILA, RIYADH, Playbook, clock

from wainbox_relay.contract.commands import Acknowledge, Assign, Claim, Escalate, Resolve, Undo
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Direction, Flag, Moment, Standing, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import AlarmRang, PageLost
from wainbox_relay.domain.model import Desk, Policy
from wainbox_relay.domain.outcome import Escalated, Page, Paged, PageFailed, Wake, by
from wainbox_relay.domain.rules.calendar import Calendar, Slot, Version
from wainbox_relay.domain.rules.ladder import OnCall
from wainbox_relay.domain.rules.rota import Rota
from wainbox_relay.domain.rules.routing import Routing

UTC = ZoneInfo("UTC")
DAYTIME = Calendar(UTC, (Version(date.min, ((Slot(9 * 60, 21 * 60),),) * 7),))
ROTA = Rota(UTC, 0, time(9), (LEILA, KARIM), date(2026, 11, 30))
"""Leila's week, and Karim's after hers."""


ONCALL = OnCall(ROTA, (BOSS,))
ALONE = OnCall(Rota(UTC, 0, time(9), (LEILA,), date(2026, 11, 30)))


def desk(oncall: OnCall | None = ONCALL) -> Desk:
    policy = Policy(calendars={"shop": DAYTIME}, oncall=oncall)
    number = replace(DESK.numbers[RIYADH], calendar="shop")
    return replace(DESK, policy=policy, numbers={RIYADH: number})


@pytest.fixture
def night() -> Playbook:
    """Sara wrote at 22:00, an hour after closing time; Karim has it."""
    book = Playbook(desk())
    book.says("22:00")
    book.ask("22:01", KARIM, Claim())
    return book


def pages(book: Playbook) -> list[tuple[str, int]]:
    return [(wish.agent, wish.page) for wish in book.wishes if isinstance(wish, Page)]


def next_alarm(book: Playbook) -> Moment | None:
    return [w.at for w in book.wishes if isinstance(w, Wake) and w.reason == "page"][-1]


def rings(book: Playbook, at: str) -> None:
    book.play(at, AlarmRang(book.conversation.id, "page", clock(at)))


def test_row_45_while_closed_it_says_whom_it_pages_before_it_does(night: Playbook) -> None:
    """The first try only names Leila; the second pages her, and the owner gives the work away."""
    asked = night.ask("22:05", KARIM, Escalate(reason="parcel lost"))
    assert asked.problem is not None
    assert (asked.problem.code, asked.problem.field) == (Code.CONFLICT, "sure")
    assert "pages Leila" in asked.problem.message
    assert pages(night) == []

    told = night.ask("22:05", KARIM, Escalate(reason="parcel lost", sure=True))
    assert "Leila" in told.said
    conversation = night.conversation
    assert pages(night) == [(LEILA, 0)]
    reason = list(night.entries.values())[-1]
    assert (reason.direction, reason.author) == (Direction.NOTE, KARIM)
    assert reason.content.preview() == "parcel lost"
    assert (conversation.assignee, conversation.last_owner) == (None, KARIM)
    assert conversation.escalation is not None
    assert conversation.escalation.owner == KARIM
    assert conversation.facets.standing is Standing.ESCALATED


def test_row_45_in_business_hours_the_leads_see_it_first_and_nobody_is_paged() -> None:
    """An escalation at ten in the morning goes to the top of the queue, and no phone rings."""
    book = Playbook(desk())
    book.says("10:00")
    told = book.ask("10:05", KARIM, Escalate())
    assert "leads" in told.said
    assert pages(book) == []
    assert book.conversation.facets.standing is Standing.ESCALATED


def test_row_45_without_a_rota_nobody_is_paged() -> None:
    """A shop that has no one on call escalates to its leads at any hour."""
    book = Playbook(desk(None))
    book.says("22:00")
    assert "leads" in book.ask("22:05", KARIM, Escalate()).said
    assert pages(book) == []


def test_row_47_unacknowledged_it_climbs(night: Playbook) -> None:
    """Leila twice, then Karim, so that within fifteen minutes the next holder is paged; the lead
    last, and then around again. History says "again" of whom it had before."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    again = []
    for at in ("22:10", "22:15", "22:20", "22:25", "22:30", "22:35"):
        assert next_alarm(night) == clock(at)
        rung = night.rings(at, "page")
        again += [line.again for line in rung.changes if isinstance(line, Paged)]
    assert again == [True, False, True, False, True, True]
    climbed = [(LEILA, 0), (LEILA, 1), (KARIM, 2), (KARIM, 3), (BOSS, 4), (BOSS, 5), (LEILA, 6)]
    assert pages(night) == climbed


def test_whoever_knows_better_pages_the_next_one(night: Playbook) -> None:
    """Escalated once more while nobody has it, it names whom it pages before it does, and goes on
    up the ladder from there."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    asked = night.ask("22:07", BOSS, Escalate())
    assert asked.problem is not None
    assert asked.problem.message == "Leila was paged 2 min ago; escalate again to page Karim now."
    assert pages(night) == [(LEILA, 0)]
    assert night.ask("22:07", BOSS, Escalate(sure=True)).said == "Karim is paged."
    assert pages(night) == [(LEILA, 0), (KARIM, 2)]
    line = next(each for each in reversed(night.history) if isinstance(each, Paged))
    assert (line.actor, line.again) == (by(BOSS), False)
    rings(night, "22:12")
    rings(night, "22:17")
    assert pages(night)[2:] == [(KARIM, 3), (BOSS, 4)]


def test_where_nobody_else_is_on_call_nobody_else_is_paged() -> None:
    """A rota of one, and no lead: it says so and wakes nobody twice."""
    book = Playbook(desk(ALONE))
    book.says("22:00")
    book.ask("22:05", KARIM, Escalate(sure=True))
    told = book.ask("22:07", KARIM, Escalate(sure=True))
    assert told.said == "Leila was paged 2 min ago; nobody else is on call."
    assert pages(book) == [(LEILA, 0)]


def test_row_47_whoever_acknowledges_owns_it_and_paging_stops(night: Playbook) -> None:
    """Leila takes it over any limit; an alarm that rings all the same pages nobody; the case ranks
    as any other again; a colleague who comes later hears who has it."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    told = night.ask("22:07", LEILA, Acknowledge())
    assert told.problem is None
    conversation = night.conversation
    assert conversation.assignee == LEILA
    assert Flag.ACKED in conversation.flags
    assert conversation.escalation is not None
    assert (conversation.escalation.acked_by, conversation.escalation.owner) == (LEILA, KARIM)
    assert conversation.facets.standing is not Standing.ESCALATED
    rings(night, "22:10")
    assert pages(night) == [(LEILA, 0)]
    assert night.ask("22:11", LEILA, Acknowledge()).said == "You have it already."
    late = night.ask("22:11", BOSS, Acknowledge()).problem
    assert late is not None
    assert (late.code, late.message) == (Code.TAKEN, "Leila took it 4 min ago.")


def test_row_47_no_answer_in_fifteen_minutes_pages_the_next_holder(night: Playbook) -> None:
    """Leila has it and falls asleep over it: Karim is paged, and the lead after him; it stays in
    her hands until somebody takes it, and who does has fifteen minutes again."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    night.ask("22:07", LEILA, Acknowledge())
    assert next_alarm(night) == clock("22:22")
    rings(night, "22:22")
    case = night.conversation
    assert (case.assignee, case.facets.standing) == (LEILA, Standing.ESCALATED)
    assert pages(night) == [(LEILA, 0), (KARIM, 2)]
    assert [h.why for h in night.history if isinstance(h, Escalated)] == ["person", "no answer"]
    for at in ("22:27", "22:32"):
        rings(night, at)
    assert pages(night)[2:] == [(KARIM, 3), (BOSS, 4)]
    night.ask("22:33", BOSS, Acknowledge())
    assert night.conversation.assignee == BOSS
    assert next_alarm(night) == clock("22:48")


def test_row_47_who_answers_is_left_alone(night: Playbook) -> None:
    """An answer, or that the customer waits for nothing more, ends it."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    night.ask("22:07", LEILA, Acknowledge())
    night.sends("22:15", LEILA, "a")
    assert next_alarm(night) is None
    rings(night, "22:22")
    assert pages(night) == [(LEILA, 0)]


def test_row_47_what_is_not_escalated_cannot_be_acknowledged(night: Playbook) -> None:
    """The refusal says what to do instead."""
    problem = night.ask("22:05", LEILA, Acknowledge()).problem
    assert problem is not None
    assert problem.code is Code.CONFLICT
    assert "claim it" in problem.message


@pytest.mark.parametrize(
    ("who", "command", "acker"),
    [(LEILA, Claim(), LEILA), (BOSS, Assign(agent=LEILA), BOSS)],
    ids=["claimed", "assigned by a lead"],
)
def test_row_47_whoever_takes_or_places_the_work_has_acknowledged(
    night: Playbook, who, command, acker
) -> None:
    """Claiming an escalation, or giving it to somebody, stops the paging too."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    night.ask("22:06", who, command)
    assert night.conversation.escalation is not None
    assert night.conversation.escalation.acked_by == acker
    rings(night, "22:10")
    assert pages(night) == [(LEILA, 0)]


@pytest.mark.parametrize("how", ["answered", "resolved"])
def test_rows_26_34_an_answer_or_a_resolve_ends_it(night: Playbook, how: str) -> None:
    """Nothing of the escalation is left to page for."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    if how == "answered":
        night.sends("22:06", LEILA, "a")
    else:
        night.ask("22:06", LEILA, Resolve(sure=True))
    assert not night.conversation.flags & {Flag.ESCALATED, Flag.ACKED}
    assert next_alarm(night) is None
    rings(night, "22:10")
    assert pages(night) == [(LEILA, 0)]


def test_a_page_that_reached_nobody_goes_to_the_next_at_once(night: Playbook) -> None:
    """Leila's channels are dead, and Karim's, and the lead's: each is tried at once, which history
    tells, and a new round only after five minutes. A page of before that is lost late changes
    nothing."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    escalation = night.conversation.escalation
    assert escalation is not None
    lines = []
    for page in (0, 2, 4):
        lost = night.play("22:05", PageLost(night.conversation.id, escalation.since, page))
        lines += [line for line in lost.changes if isinstance(line, Paged | PageFailed)]
    assert lines == [
        PageFailed(agent=LEILA),
        Paged(agent=KARIM, page=2),
        PageFailed(agent=KARIM),
        Paged(agent=BOSS, page=4),
        PageFailed(agent=BOSS),
    ]
    assert pages(night) == [(LEILA, 0), (KARIM, 2), (BOSS, 4)]
    night.play("22:06", PageLost(night.conversation.id, escalation.since, 2))
    assert next_alarm(night) == clock("22:10")
    rings(night, "22:10")
    assert pages(night)[-1] == (LEILA, 6)


def test_an_escalation_can_be_taken_back_and_an_acknowledgement_too(night: Playbook) -> None:
    """Undone, the case is Karim's again and nobody is paged; an acknowledgement that is undone
    pages on."""
    night.ask("22:05", KARIM, Escalate(sure=True))
    night.ask("22:06", KARIM, Undo())
    assert night.conversation.assignee == KARIM
    assert Flag.ESCALATED not in night.conversation.flags
    rings(night, "22:10")
    assert pages(night) == [(LEILA, 0)]

    night.ask("22:11", KARIM, Escalate(sure=True))
    night.ask("22:12", LEILA, Acknowledge())
    night.ask("22:13", LEILA, Undo())
    assert Flag.ACKED not in night.conversation.flags
    assert pages(night)[1:] == [(LEILA, 0), (LEILA, 1)]


NIGHTS = Calendar(UTC, (Version(date.min, ((Slot(21 * 60, 33 * 60),),) * 7),))
NEVER = Calendar(UTC, (Version(date.min, ((),) * 7),))


@pytest.mark.parametrize(
    ("karim", "leila", "owner"),
    [("shop", "nights", KARIM), ("never", "nights", None), ("never", "shop", LEILA)],
    ids=["back to whom it was", "to the top of the queue", "who is at work by day too keeps it"],
)
def test_in_the_morning_it_goes_back_to_day_work(
    night: Playbook, karim: str, leila: str, owner: str | None
) -> None:
    """What Leila took in the night is Karim's again at nine, if he is at work; else it waits at the
    top of the queue, unless she is at work herself. A note tells of the night."""
    routing = Routing(shifts_of_agents={KARIM: karim, LEILA: leila, BOSS: "never"})
    calendars = {"shop": DAYTIME, "nights": NIGHTS, "never": NEVER}
    policy = replace(night.desk.policy, calendars=calendars, routing=routing)
    night.desk = replace(night.desk, policy=policy)
    night.ask("22:05", KARIM, Escalate(reason="parcel lost", sure=True))
    night.ask("22:07", LEILA, Acknowledge())
    assert Wake("night", clock("2d 9:00")) in night.wishes
    night.change(flags=night.conversation.flags - {Flag.PENDING})
    night.play("2d 9:00", AlarmRang(night.conversation.id, "night", clock("2d 9:00")))
    assert night.conversation.assignee == owner
    told = [e.content.preview() for e in night.entries.values() if e.auto == "on_call"]
    if owner == LEILA:
        assert told == []
        return
    assert told == ["On call: escalated 10 h ago (parcel lost), taken by Leila 10 h ago."]
    assert (Flag.PENDING in night.conversation.flags) == (owner is None)


def test_snoozed_work_wakes_to_be_escalated(night: Playbook) -> None:
    """Escalated work is open, whatever it was."""
    night.change(status=Status.SNOOZED, snoozed_until=clock("2d 9:00"))
    night.ask("22:05", KARIM, Escalate(sure=True))
    assert night.conversation.status is Status.OPEN
    assert Wake("snooze", None) in night.wishes
