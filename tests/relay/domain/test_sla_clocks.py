"""Floor rows on what is promised: when each clock starts, stands still, is due, and what it tells.

A day is a script of moments and deeds; between them every alarm rings that is due. Business hours
are 9 to 21, UTC. What stands afterwards is written `first 10:05`: `~` is at risk, `!` missed, and a
resolution on the customer is `paused` with the time it has used.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from tests.relay.domain.playbook import (
    BOSS,
    DESK,
    KARIM,
    LEILA,
    MIDNIGHT,
    RETURNS,
    RIYADH,
    Playbook,
    clock,
)

from wainbox_relay.contract import commands as ask
from wainbox_relay.contract.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    ConversationId,
    CustomerId,
    Delivery,
    EntryId,
    Flag,
    Moment,
    Priority,
    Standing,
    Status,
)
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.decide import decide
from wainbox_relay.domain.evolve import evolve
from wainbox_relay.domain.facts import AlarmRang
from wainbox_relay.domain.model import BotTalk, Clock, Customer, Desk, Fresh, Policy, Scene, Target
from wainbox_relay.domain.outcome import AtRisk, Escalated, Overdue, Wake
from wainbox_relay.domain.rules.calendar import Calendar, Slot, Version
from wainbox_relay.domain.rules.rank import standing
from wainbox_relay.domain.rules.targets import Promises, Row, Targets

HOURS = Calendar(ZoneInfo("UTC"), (Version(date.min, ((Slot(9 * 60, 21 * 60),),) * 7),))
ROWS = (
    Row(Targets(first=2 * MINUTE), vip=True),
    Row(Targets(first=1 * MINUTE, resolution=HOUR), priorities=frozenset({Priority.URGENT})),
    Row(Targets(resolution=12 * HOUR), teams=frozenset({RETURNS})),
)


PROMISES = Promises(rows=ROWS)


def desk(promises: Promises = PROMISES, calendar: str = "shop") -> Desk:
    policy = Policy(calendars={"shop": HOURS}, sla=promises)
    number = replace(DESK.numbers[RIYADH], calendar=calendar)
    return replace(DESK, policy=policy, numbers={RIYADH: number})


@dataclass
class Day:
    """A playbook whose alarms ring by themselves, a second late at most."""

    book: Playbook = field(default_factory=lambda: Playbook(desk()))
    rung: list[Moment] = field(default_factory=list)
    _alarm: Moment | None = None
    _seen: int = 0

    def __post_init__(self) -> None:
        self._names = (f"r{n}" for n in count())
        self._last = ""

    # -- deeds -------------------------------------------------------------------------------

    def says(self, at: str, **more: object) -> None:
        self.book.says(at, **more)

    def answers(self, at: str, **more: object) -> None:
        self._last = next(self._names)
        self.book.sends(at, LEILA, self._last, anyway=True, **more)

    def answers_openly(self, at: str) -> None:
        self.answers(at, then="open")

    def is_lost(self, at: str) -> None:
        self.book.reports(at, f"wa-{self._last}", Delivery.FAILED)

    def asks(self, at: str, command: ask.Command) -> None:
        outcome = self.book.ask(at, BOSS, command)
        assert outcome.problem is None, outcome.problem

    def claims(self, at: str) -> None:
        self.book.ask(at, KARIM, ask.Claim())

    def to_returns(self, at: str) -> None:
        self.asks(at, ask.Assign(team=RETURNS))

    def to_leila(self, at: str) -> None:
        self.asks(at, ask.Assign(agent=LEILA))

    def notes(self, at: str) -> None:
        self.asks(at, ask.WriteNote(body="hm"))

    def sleeps(self, at: str) -> None:
        """Until the evening."""
        self.asks(at, ask.Snooze(until=datetime(2026, 12, 1, 18, tzinfo=UTC), sure=True))

    def resolves(self, at: str) -> None:
        self.asks(at, ask.Resolve(sure=True))

    def opens(self, at: str) -> None:
        self.asks(at, ask.Reopen())

    def takes_back(self, at: str) -> None:
        self.asks(at, ask.Undo())

    def is_vip(self, at: str) -> None:
        self.asks(at, ask.SetVip(vip=True))

    def is_urgent(self, at: str) -> None:
        self.asks(at, ask.SetPriority(priority=Priority.URGENT))

    def is_complex(self, at: str) -> None:
        self.asks(at, ask.SetComplex(reason="three parcels"))

    def phones(self, at: str) -> None:
        self.book.phones(at, f"from the phone at {at}")

    def nothing(self, at: str) -> None:
        """Time passes."""

    # -- time --------------------------------------------------------------------------------

    def script(self, *lines: str) -> "Day":
        for line in lines:
            at, _, deed = line.rpartition(" ")
            self.until(at)
            getattr(self, deed)(at)
            self._hear()
        return self

    def until(self, at: str) -> None:
        self._hear()
        while self._alarm is not None and self._alarm <= clock(at):
            due, self._alarm = self._alarm, None
            self.rung.append(due)
            self.book.play(due, AlarmRang(self.book.conversation.id, "sla", due))
            self._hear()
            assert self._alarm is None or self._alarm > due, "an alarm rings for ever"

    def _hear(self) -> None:
        for wish in self.book.wishes[self._seen :]:
            if isinstance(wish, Wake) and wish.reason == "sla":
                self._alarm = wish.at
        self._seen = len(self.book.wishes)

    # -- what stands -------------------------------------------------------------------------

    @property
    def stands(self) -> str:
        shown = (_shown(each) for each in self.book.conversation.clocks)
        return ", ".join(each for each in shown if each)

    @property
    def flags(self) -> set[Flag]:
        mine = {Flag.SLA_AT_RISK, Flag.SLA_MISSED, Flag.PENDING, Flag.ESCALATED, Flag.WOKE}
        return set(self.book.conversation.flags & mine)

    def told(self, *kinds: type) -> list[str]:
        lines = [line for line in self.book.history if isinstance(line, kinds)]
        return [f"{line.target} {line.agent or line.team or 'nobody'}" for line in lines]

    def clock(self, target: Target) -> Clock:
        return next(c for c in self.book.conversation.clocks if c.target is target)


def _shown(clock: Clock) -> str:
    marks = "!" if clock.missed else "~" if clock.at_risk else ""
    if clock.due is not None:
        return f"{clock.target} {_time(clock.due)}{marks}"
    paused = clock.target is Target.RESOLUTION and clock.since is None
    return f"{clock.target} paused {clock.used / MINUTE:g}m{marks}" if paused else ""


def _time(at: Moment) -> str:
    days, rest = divmod(at - MIDNIGHT, DAY)
    hours, minutes = divmod(rest, HOUR)
    seconds = minutes % MINUTE // SECOND
    text = f"{hours:02}:{minutes // MINUTE:02}" + (f":{seconds:02}" if seconds else "")
    return f"{days + 1}d {text}" if days else text


@pytest.fixture
def day() -> Day:
    return Day()


# -- the table ---------------------------------------------------------------------------------

TABLE = {
    "1 a message in hours starts the first response and the resolution": (
        ["10:00 says"],
        "first 10:05, resolution 12:00",
        set(),
    ),
    "19 another message moves neither": (
        ["10:00 says", "10:02 says", "10:03 says"],
        "first 10:05, resolution 12:00",
        set(),
    ),
    "3 after hours they start at the opening, with a target of their own": (
        ["22:00 says"],
        "first 2d 09:30, resolution 2d 11:00",
        {Flag.PENDING},
    ),
    "3 before the opening of the same day too": (
        ["08:59:59 says"],
        "first 09:30, resolution 11:00",
        {Flag.PENDING},
    ),
    "1 at the very opening it is in hours": (
        ["09:00 says"],
        "first 09:05, resolution 11:00",
        set(),
    ),
    "G4 what is begun before closing goes on at the opening": (
        ["20:58 says"],
        "first 2d 09:03, resolution 2d 10:58",
        set(),
    ),
    "22 a claim restarts none": (
        ["10:00 says", "10:03 claims"],
        "first 10:05, resolution 12:00",
        set(),
    ),
    "24 nor does handing over": (
        ["10:00 says", "10:01 claims", "10:02 to_leila"],
        "first 10:05, resolution 12:00",
        set(),
    ),
    "24 another team has its own resolution, from the same start": (
        ["10:00 says", "11:00 to_returns"],
        "first 10:05!, resolution 2d 10:00",
        {Flag.SLA_MISSED},
    ),
    "28 nor a note": (["10:00 says", "10:03 notes"], "first 10:05, resolution 12:00", set()),
    "26 an answer meets the response and stops the resolution": (
        ["10:00 says", "10:03 answers"],
        "resolution paused 3m",
        set(),
    ),
    "26 by the phone too": (["10:00 says", "10:03 phones"], "resolution paused 3m", set()),
    "27 kept open, the resolution runs on": (
        ["10:00 says", "10:03 answers_openly"],
        "resolution 12:00",
        set(),
    ),
    "51 while it waits nothing moves": (
        ["10:00 says", "10:03 answers", "17:00 answers"],
        "resolution paused 3m",
        set(),
    ),
    "49 what comes next is a next response, and the resolution has its pause credited": (
        ["10:00 says", "10:03 answers", "11:00 says"],
        "next 11:15, resolution 12:57",
        set(),
    ),
    "49 at night both wait for the opening": (
        ["10:00 says", "10:03 answers", "22:00 says"],
        "next 2d 09:15, resolution 2d 10:57",
        {Flag.PENDING},
    ),
    "G2 an answer that was lost restores the first response": (
        ["10:00 says", "10:02 answers", "10:03 is_lost"],
        "first 10:05, resolution 12:01",
        set(),
    ),
    "29 however late it is lost": (
        ["10:00 says", "10:02 answers", "10:40 is_lost", "10:41 nothing"],
        "first 10:05!, resolution 12:38",
        {Flag.SLA_MISSED},
    ),
    "29 and after the resolve": (
        ["10:00 says", "10:02 answers", "10:03 resolves", "10:04 is_lost", "10:04:01 nothing"],
        "first 10:05~, resolution 12:02",
        {Flag.SLA_AT_RISK},
    ),
    "29 though the customer has written since": (
        ["10:00 says", "10:02 answers", "10:03 says", "10:04 is_lost", "10:04:01 nothing"],
        "first 10:05~, resolution 12:01",
        {Flag.SLA_AT_RISK},
    ),
    "35 at three quarters it is at risk": (
        ["10:00 says", "10:03:45 nothing"],
        "first 10:05~, resolution 12:00",
        {Flag.SLA_AT_RISK},
    ),
    "35 an answer takes that off": (
        ["10:00 says", "10:04 answers"],
        "resolution paused 4m",
        set(),
    ),
    "35 also of a resolution that runs on": (
        ["10:00 says", "10:01 answers_openly", "11:31 nothing", "11:32 answers_openly"],
        "resolution 12:00~",
        set(),
    ),
    "35 which shows again when it is our turn": (
        ["10:00 says", "10:01 answers_openly", "11:31 nothing", "11:32 answers", "11:40 says"],
        "next 11:55, resolution 12:08~",
        {Flag.SLA_AT_RISK},
    ),
    "36 then it is missed, for good": (
        ["10:00 says", "10:06 nothing", "10:10 answers"],
        "resolution paused 10m",
        {Flag.SLA_MISSED},
    ),
    "36 a resolution that was missed shows so ever after": (
        ["10:00 says", "10:01 answers_openly", "12:30 answers", "13:00 says"],
        "next 13:15, resolution 12:30!",
        {Flag.SLA_MISSED},
    ),
    "37 a VIP's target counts from the original start": (
        ["10:00 says", "10:00:10 is_vip"],
        "first 10:02, resolution 12:00",
        set(),
    ),
    "37 but is due in a minute at the earliest": (
        ["10:00 says", "10:03 is_vip", "10:03:01 nothing"],
        "first 10:04~, resolution 12:00",
        {Flag.SLA_AT_RISK},
    ),
    "37 what was missed stays missed": (
        ["10:00 says", "10:06 is_complex"],
        "first 10:05!, resolution 2d 10:00",
        {Flag.SLA_MISSED},
    ),
    "37 a complex case has a day by the calendar": (
        ["10:00 says", "10:01 is_complex"],
        "first 10:05, resolution 2d 10:00",
        set(),
    ),
    "37 that falls due while closed: an hour after the opening": (
        ["22:00 says", "22:01 is_complex"],
        "first 2d 09:30, resolution 3d 10:00",
        {Flag.PENDING},
    ),
    "37 priority, then both": (
        ["10:00 says", "10:00:30 is_urgent"],
        "first 10:01:30, resolution 11:00",
        set(),
    ),
    "32 a snooze on the customer pauses": (
        ["10:00 says", "10:01 answers_openly", "10:30 sleeps", "12:30 nothing"],
        "resolution paused 30m",
        set(),
    ),
    "33 a snooze of ours does not, and ends when it gets tight": (
        ["10:00 says", "10:01 sleeps", "10:03:45 nothing"],
        "first 10:05~, resolution 12:00",
        {Flag.SLA_AT_RISK, Flag.WOKE},
    ),
    "34 a resolve ends everything but what was missed": (
        ["10:00 says", "10:06 resolves"],
        "resolution paused 6m",
        {Flag.SLA_MISSED},
    ),
    "57 who comes back gets a next response and a new resolution": (
        ["10:00 says", "10:03 answers", "10:04 resolves", "14:00 says"],
        "next 14:15, resolution 16:00",
        set(),
    ),
    "57 even if no person had answered": (
        ["10:00 says", "10:03 resolves", "14:00 says"],
        "next 14:15, resolution 16:00",
        set(),
    ),
    "63 opened by hand the resolution begins again": (
        ["10:00 says", "10:03 answers", "10:04 resolves", "14:00 opens"],
        "resolution 16:00",
        set(),
    ),
    "67 a resolve taken back is as if it had never been": (
        ["10:00 says", "10:03 resolves", "10:04 takes_back"],
        "first 10:05, resolution 12:00",
        set(),
    ),
    "67 so is a snooze": (
        ["10:00 says", "10:01 answers_openly", "10:30 sleeps", "10:35 takes_back"],
        "resolution 12:00",
        set(),
    ),
    "67 and urgency": (
        ["10:00 says", "10:00:30 is_urgent", "10:00:40 takes_back"],
        "first 10:05, resolution 12:00",
        set(),
    ),
    "9 what the phone began runs no clock": (["10:00 phones"], "", set()),
    "9 and the reply to it is no first response": (
        ["10:00 phones", "10:30 says"],
        "next 10:45, resolution 12:30",
        set(),
    ),
}


@pytest.mark.parametrize(("script", "stands", "flags"), TABLE.values(), ids=TABLE)
def test_a_row(day: Day, script: list[str], stands: str, flags: set[Flag]) -> None:
    """The clocks and flags that a script ends with."""
    day.script(*script)
    assert (day.stands, day.flags) == (stands, flags)


# -- told once ---------------------------------------------------------------------------------


def test_rows_35_36_each_is_told_once_for_each_promise_and_turn(day: Day) -> None:
    """First and next response and the resolution, each at risk once and missed once."""
    day.script("10:00 says", "10:30 answers", "11:00 says", "14:00 notes", "15:00 answers")
    assert day.told(AtRisk, Overdue) == [
        *("first care", "first care"),
        *("next leila", "next leila"),
        *("resolution leila", "resolution leila"),
    ]


def test_row_29_a_miss_is_not_told_again_when_its_answer_is_lost(day: Day) -> None:
    """The clock comes back with what it has told already."""
    day.script("10:00 says", "10:10 answers", "10:20 is_lost", "11:00 nothing")
    assert day.told(Overdue) == ["first care"]
    assert day.book.conversation.answered is False


def test_row_36_a_miss_is_whose_it_was_when_it_fell_due(day: Day) -> None:
    """Karim had it; he gave it to Leila the moment after, before the alarm had rung."""
    day.script("10:00 says", "10:01 claims", "10:04 nothing")
    day.to_leila("10:05:00")
    assert day.told(Overdue) == ["first karim"]
    assert Flag.SLA_MISSED in day.book.conversation.flags


def test_row_36_an_answer_after_the_moment_was_too_late(day: Day) -> None:
    """Though no alarm had rung in between."""
    day.script("10:00 says", "10:04 nothing")
    day.answers("10:06")
    assert day.told(Overdue) == ["first care"]
    assert day.stands == "resolution paused 6m"


def test_a_late_message_is_nobodys_miss(day: Day) -> None:
    """What took more than a day to reach us is missed to nobody's credit, and says by how much."""
    day.says("2d 10:00", sent="09:00")
    day.script("2d 10:06 nothing")
    (miss,) = (line for line in day.book.history if isinstance(line, Overdue))
    assert (miss.agent, miss.team, miss.late_by) == (None, None, 25 * HOUR)


def test_row_36_what_was_missed_comes_before_what_is_at_risk(day: Day) -> None:
    """The place in the queue follows the clock."""
    seen = [
        standing(day.script(line).book.conversation) for line in ("10:00 says", "10:04 nothing")
    ]
    seen.append(standing(day.script("10:05 nothing").book.conversation))
    assert seen == [Standing.OURS, Standing.AT_RISK, Standing.MISSED]


def test_an_alarm_that_rings_early_stands_again(day: Day) -> None:
    """The clock of the machine went back: nothing is told, and nothing forgotten."""
    day.script("10:00 says")
    early = day.book.play("10:01", AlarmRang(day.book.conversation.id, "sla", clock("10:03:45")))
    assert (early.changes, early.wishes) == ((), (Wake("sla", clock("10:03:45")),))


def test_an_alarm_of_a_resolved_case_tells_nothing(day: Day) -> None:
    """It may have been set before; it proves nothing."""
    day.script("10:00 says", "10:01 resolves")
    late = day.book.play("11:00", AlarmRang(day.book.conversation.id, "sla", clock("10:03:45")))
    assert (late.changes, late.wishes) == ((), ())


def test_row_8_who_answers_a_template_gets_a_next_response(day: Day) -> None:
    """What we began has no first response; the resolution starts with the answer to it."""
    day.says("10:00")
    day.book.change(
        status=Status.WAITING, waiting_since=None, clocks=(), flags=frozenset({Flag.OUTBOUND})
    )
    day.script("10:30 says")
    assert day.stands == "next 10:45, resolution 12:30"


def test_a_number_that_nobody_configured_promises_nothing() -> None:
    """What comes to it is kept, and no clock runs."""
    book = Playbook(desk())
    strange = replace(book.desk.numbers[RIYADH], claimed=False)
    book.desk = replace(book.desk, numbers={RIYADH: strange})
    book.says("10:00")
    assert book.conversation.clocks == ()
    assert not any(isinstance(wish, Wake) and wish.reason == "sla" for wish in book.wishes)


def test_a_number_without_hours_is_always_open() -> None:
    """Five minutes are five minutes at night too."""
    day = Day(Playbook(desk(calendar="")))
    assert day.script("03:00 says").stands == "first 03:05, resolution 05:00"


def test_nothing_is_promised_where_a_target_is_0() -> None:
    """Without a first response and a resolution there is nothing to be late for."""
    day = Day(Playbook(desk(Promises(Targets(first=0, resolution=0)))))
    assert day.script("10:00 says", "13:00 nothing").stands == ""
    assert day.script("13:01 answers", "13:02 says").stands == "next 13:17"


def test_row_37_why_it_is_complex_is_kept_as_a_note(day: Day) -> None:
    """It needs a reason, which people read; taken back, the usual time counts again."""
    day.script("10:00 says")
    refused = day.book.ask("10:01", LEILA, ask.SetComplex(reason=" "))
    assert refused.problem is not None
    assert refused.problem.field == "reason"
    day.script("10:02 is_complex")
    assert [e.content.preview() for e in day.book.entries.values() if e.author == BOSS] == [
        "three parcels"
    ]
    day.asks("10:03", ask.SetComplex(complex=False))
    assert day.stands == "first 10:05, resolution 12:00"


def test_row_66_whichever_goes_on_has_its_promises() -> None:
    """Two are merged from within the younger one: the older is ours again, and its clocks run."""
    older, younger = Day().script("10:00 says", "10:02 answers"), Day().script("10:30 says")
    other = replace(older.book.conversation, id=ConversationId(800), ref=1800)
    scene = Scene(
        desk=desk(),
        thread=younger.book.thread,
        fresh=Fresh(ConversationId(900), EntryId(901), 1),
        conversation=younger.book.conversation,
        customer=younger.book.customer,
        other=other,
        other_customer=Customer(CustomerId(2), clock("09:00"), user_id="MA.1"),
    )
    fact = younger.book.asks(BOSS, ask.MergeCustomer(other="W-1800"))
    outcome = decide(fact, scene, clock("10:31"))
    assert outcome.other is not None
    shown = [each for each in map(_shown, outcome.other.clocks) if each]
    assert shown == ["next 10:45", "resolution 12:29"]
    assert outcome.other_wishes == (Wake("sla", clock("10:41:15")),)
    assert Wake("sla", None) in outcome.wishes

    merged, gone = outcome.other, evolve(younger.book.conversation, outcome.changes)
    undo = replace(fact, conversation=merged.id, command=ask.Undo())
    again = replace(scene, conversation=merged, other=gone, customer=outcome.customer)
    parted = decide(undo, again, clock("10:32"))
    assert parted.other is not None
    assert evolve(merged, parted.changes).clocks == older.book.conversation.clocks
    assert parted.other.clocks == younger.book.conversation.clocks
    assert Wake("sla", younger.book.conversation.clocks[0].risk) in parted.other_wishes
    late = decide(undo, again, clock("10:36"))
    assert [line.kind for line in late.other_lines] == ["overdue"]


# -- the bot -----------------------------------------------------------------------------------


@pytest.fixture
def bot(day: Day) -> Day:
    """Sara wrote at 10:00 and met the menu; at 10:02 she asked for a person."""
    day.says("10:00")
    talk = BotTalk("start", clock("10:00"), human_at=clock("10:02"))
    day.book.change(status=Status.BOT, clocks=(), bot=talk)
    return day


def test_rows_13_17_the_response_starts_when_people_have_it(bot: Day) -> None:
    """Not while the menu asks; but what they asked for runs from their first wish."""
    bot.script("10:03 is_urgent")
    assert bot.stands == "human 10:32"
    bot.script("10:04 claims")
    assert bot.stands == "first 10:05, resolution 11:04, human 10:32"


def test_row_46_nobody_came_whom_they_asked_for(bot: Day) -> None:
    """After half an hour it is escalated, once, and that is no miss of the response."""
    bot.script("10:03 claims", "10:32 nothing", "10:40 notes")
    told = [line for line in bot.book.history if isinstance(line, Escalated)]
    assert [line.why for line in told] == ["no human"]
    assert bot.told(Overdue) == ["first karim", "human karim"]
    assert bot.book.conversation.assignee == KARIM
    assert standing(bot.book.conversation) is Standing.ESCALATED


def test_row_18_an_answer_in_time_meets_it(bot: Day) -> None:
    """And what the customer asks later is another matter."""
    bot.script("10:03 claims", "10:04 answers", "11:00 says", "11:01 notes")
    assert bot.stands == "next 11:15, resolution 12:59"


def test_row_46_an_answer_that_was_lost_brings_it_back(bot: Day) -> None:
    """From their first wish."""
    bot.script("10:03 claims", "10:04 answers", "10:05 is_lost")
    assert "human 10:32" in bot.stands


def test_row_46_it_moves_nobody_in_the_queue(bot: Day) -> None:
    """The place is that of the response."""
    bot.script("10:03 claims")
    assert bot.book.conversation.due == clock("10:08")


def test_row_36_what_was_missed_once_presses_nobody_later(day: Day) -> None:
    """The flag stays as a record; a later turn that is in time stands among ours."""
    day.script("10:00 says", "10:06 nothing")
    assert standing(day.book.conversation) is Standing.MISSED
    day.script("10:06 answers", "10:30 says")
    assert Flag.SLA_MISSED in day.book.conversation.flags
    assert standing(day.book.conversation) is Standing.OURS
