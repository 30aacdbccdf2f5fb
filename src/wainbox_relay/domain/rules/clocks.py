"""What is promised to a customer, and when it falls due (`docs/design.md` section 10).

Clocks follow from where the conversation stands, not from how it got there: so an answer that turns
out undelivered brings its clock back from the original start, and whatever restarts no clock need
not be named. A clock that stands still remains as a record of what it has told already.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import DAY, HOUR, MINUTE, Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Clock, Conversation, Customer, Desk, Target
from wainbox_relay.domain.rules.calendar import ALWAYS, Calendar
from wainbox_relay.domain.rules.targets import Targets

LATE = MINUTE
"""A message that took longer than this to reach us is late."""

NOBODYS = DAY
"""A miss is to nobody's credit where the message took longer than this."""

MOST_RECORDS = 4

_NO_FIRST = frozenset({Flag.OUTBOUND, Flag.REOPENED})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a conversation's clocks go by. `calendar` is the name of `hours`, empty for every
    hour."""

    targets: Targets
    risk: float
    calendar: str = ""
    hours: Calendar = ALWAYS


@dataclass(frozen=True, slots=True)
class Length:
    """How much time there is, and in which calendar (empty: every hour counts)."""

    allowed: int
    calendar: str


def terms(conversation: Conversation, customer: Customer | None, desk: Desk) -> Terms | None:
    """None where nothing is promised: to whom writes to a number that nobody configured."""
    number, promises = desk.numbers.get(conversation.number), desk.policy.sla
    if promises is None or number is None or not number.claimed:
        return None
    vip = customer is not None and conversation.customer is not None and customer.vip
    targets = promises.of(conversation.number, conversation.team, conversation.priority, vip=vip)
    hours = desk.policy.calendars.get(number.calendar)
    if hours is None:
        return Terms(targets, promises.risk)
    return Terms(targets, promises.risk, number.calendar, hours)


# -- which clocks run --------------------------------------------------------------------------


def settled(
    before: Conversation | None, after: Conversation, by: Terms, now: Moment, late_by: int = 0
) -> tuple[Clock, ...]:
    """The clocks of `after`. `before` is None where it begins, or where a change is taken back;
    `late_by` is how long the message took to reach us that the customer waits with from now on."""
    responses, whole, human = _known(() if _anew(before, after) else after.clocks)
    whole = _resolution(before, after, whole, by, now)
    responses = _responses(after, responses, whole, by, now, late_by)
    human = _human(after, human, by, now)
    return (*responses, *(clock for clock in (whole, human) if clock is not None))


def _known(
    clocks: Iterable[Clock],
) -> tuple[tuple[Clock, ...], Clock | None, Clock | None]:
    """Those of responses, of the case as a whole, and of a person behind the menu."""
    responses: tuple[Clock, ...] = ()
    whole: Clock | None = None
    human: Clock | None = None
    for clock in clocks:
        if clock.target is Target.RESOLUTION:
            whole = clock
        elif clock.target is Target.HUMAN:
            human = clock
        else:
            responses = (*responses, clock)
    return responses, whole, human


def _anew(before: Conversation | None, after: Conversation) -> bool:
    """Whether work begins again after the end. An answer to a resolved case that turns out lost
    takes the old work up."""
    if before is None or before.resolved_at is None or after.resolved:
        return False
    return after.waiting_since is None or after.waiting_since >= before.resolved_at


def in_queue(conversation: Conversation) -> bool:
    """Whether it is people's work, rather than the menu's or nobody's any more."""
    return conversation.status not in (Status.BOT, Status.RESOLVED)


def _resolution(
    before: Conversation | None, after: Conversation, known: Clock | None, by: Terms, now: Moment
) -> Clock | None:
    """Runs from the moment the case is people's work, but while it is on the customer."""
    ours = after.waiting_since is not None
    if not in_queue(after) or not (ours or after.status is Status.OPEN):
        return None if known is None else _paused(known, by, now)
    since = now
    if known is None:
        from_bot = before is not None and before.status is Status.BOT
        since = now if from_bot or after.waiting_since is None else after.waiting_since
        known = Clock(Target.RESOLUTION, "", 0, since)
    if after.complex:
        return _going(known, Length(by.targets.complex, ""), since, by, now)
    return _going(known, Length(by.targets.resolution, by.calendar), since, by, now)


def _responses(
    after: Conversation,
    known: tuple[Clock, ...],
    whole: Clock | None,
    by: Terms,
    now: Moment,
    late_by: int,
) -> tuple[Clock, ...]:
    """One runs exactly while a customer waits for people, since they began to."""
    waiting = after.waiting_since
    if waiting is None or whole is None or not in_queue(after):
        return _records(known) if known else ()
    started = max(waiting, whole.started)
    same = next((clock for clock in known if clock.started == started), None)
    clock = same or _begun(after, started, by, late_by)
    rest = _records(each for each in known if each is not same)
    return (*rest, _going(clock, _promised(clock, by), started, by, now))


def _begun(after: Conversation, started: Moment, by: Terms, late_by: int) -> Clock:
    spoken = after.answered or bool(after.flags & _NO_FIRST)
    target = Target.NEXT if spoken else Target.FIRST
    return Clock(target, by.calendar, 0, started, late_by=late_by if late_by > LATE else 0)


def _records(clocks: Iterable[Clock]) -> tuple[Clock, ...]:
    """What is over, as far as it must be known again should its answer turn out undelivered: which
    one was the first, and what has been told."""
    kept = (clock for clock in clocks if clock.at_risk or clock.target is Target.FIRST)
    return tuple(map(_stopped, kept))[-MOST_RECORDS:]


def _promised(clock: Clock, by: Terms) -> Length:
    if clock.target is Target.NEXT:
        return Length(by.targets.next, by.calendar)
    here = by.hours.is_open(clock.started)
    return Length(by.targets.first if here else by.targets.after_hours, by.calendar)


def _human(after: Conversation, known: Clock | None, by: Terms, now: Moment) -> Clock | None:
    """Runs from the first wish for a person until a person has answered it."""
    asked = after.bot.human_at if after.bot is not None else None
    asked = known.started if asked is None and known is not None else asked
    if asked is None:
        return None
    if known is None or known.started != asked:
        known = Clock(Target.HUMAN, by.calendar, 0, asked)
    waiting = after.waiting_since
    if waiting is None or waiting > asked or after.resolved:
        return _stopped(known)
    return _going(known, Length(by.targets.human, by.calendar), asked, by, now)


# -- one clock ---------------------------------------------------------------------------------


def _going(clock: Clock, length: Length, since: Moment, by: Terms, now: Moment) -> Clock:
    """As it goes on, or goes from `since` on if it stood still."""
    if clock.since is None:
        return _timed(clock, length, since, by)
    if clock.allowed == length.allowed and clock.calendar == length.calendar:
        return clock
    return _changed(clock, clock.since, length, by, now)


def _paused(clock: Clock, by: Terms, now: Moment) -> Clock:
    if clock.since is None:
        return clock
    hours = by.hours if clock.calendar else ALWAYS
    passed = hours.between(clock.since, now) if now > clock.since else 0
    return _stopped(replace(clock, used=clock.used + passed))


def _stopped(clock: Clock) -> Clock:
    if clock.since is None:
        return clock
    return replace(clock, since=None, risk=None, due=None)


def _changed(clock: Clock, since: Moment, length: Length, by: Terms, now: Moment) -> Clock:
    """Another promise, from the original start; but nobody is late at a stroke. What was missed
    was missed."""
    if clock.missed:
        return replace(clock, allowed=length.allowed, calendar=length.calendar)
    timed = _timed(clock, length, since, by)
    if timed.due is None:
        return replace(timed, at_risk=False)
    due = Moment(max(timed.due, now + MINUTE))
    risk = None if timed.risk is None else min(timed.risk, due)
    tight = clock.at_risk and risk is not None and risk <= now
    return replace(timed, due=due, risk=risk, at_risk=tight)


def _timed(clock: Clock, length: Length, since: Moment, by: Terms) -> Clock:
    """Going from `since` on, with the moments that follow."""
    risk, due = _moments(clock, length, since, by) if length.allowed else (None, None)
    return replace(
        clock,
        allowed=length.allowed,
        calendar=length.calendar,
        since=since,
        risk=risk if risk is None or due is None else min(risk, due),
        due=due,
    )


def _moments(
    clock: Clock, length: Length, since: Moment, by: Terms
) -> tuple[Moment | None, Moment | None]:
    hours = by.hours if length.calendar else ALWAYS
    due = _after(hours, since, length.allowed - clock.used)
    if due is None or clock.target is Target.HUMAN:
        return None, due
    risk = _after(hours, since, int(length.allowed * by.risk) - clock.used)
    if clock.target is Target.RESOLUTION and hours is not by.hours:
        return _when_open(by.hours, risk, 0), _when_open(by.hours, due, HOUR)
    return risk, due


def _after(hours: Calendar, since: Moment, left: int) -> Moment | None:
    """Time that was overdrawn before counts as such."""
    if hours is ALWAYS or left <= 0:
        return Moment(since + left)
    return hours.add(since, left)


def _when_open(hours: Calendar, at: Moment | None, more: int) -> Moment | None:
    """What falls into closed time is due so long after the opening."""
    if at is None or hours.is_open(at):
        return at
    opens = hours.opens(at)
    return None if opens is None else Moment(opens + more)


# -- what falls due ----------------------------------------------------------------------------


def rings_at(clocks: Iterable[Clock]) -> Moment | None:
    """When a clock next has something to tell."""
    first: Moment | None = None
    for clock in clocks:
        at = _next(clock)
        if at is not None and (first is None or at < first):
            first = at
    return first


def _next(clock: Clock) -> Moment | None:
    if clock.missed:
        return None
    return clock.due if clock.at_risk or clock.risk is None else clock.risk


def passed(clock: Clock, now: Moment) -> Clock:
    """The clock with a mark for what has come by now; itself when nothing has."""
    at = _next(clock)
    if at is None or at > now or clock.due is None:
        return clock
    if clock.due <= now:
        return replace(clock, at_risk=True, missed=True)
    return replace(clock, at_risk=True)


def is_tight(clocks: Iterable[Clock]) -> bool:
    """Whether one of them is at risk and may still be kept."""
    return any(clock.at_risk and not clock.missed and clock.due is not None for clock in clocks)
