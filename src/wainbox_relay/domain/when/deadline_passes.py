"""A promise to a customer gets tight or is missed (`docs/design.md` section 10). Both are told once
for each promise and turn: in history, by a flag, and by the place in the queue."""

from wainbox_relay.contract.vocabulary import Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Clock, Conversation, Scene, Target
from wainbox_relay.domain.outcome import AtRisk, Change, Escalated, Outcome, Overdue, Wake
from wainbox_relay.domain.rules import clocks, closing, ownership
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.when import on_call

SLA = "sla"
"""The alarm of whatever comes next."""


def deadline_passes(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """What has come by now; for what has not, the alarm stands again."""
    if conversation.resolved:
        return Outcome()
    after, lines = marked(conversation, conversation, now)
    if not lines:
        at = clocks.rings_at(conversation.clocks)
        return Outcome(wishes=() if at is None else (Wake(SLA, at),))
    woken = _awake(after, scene)
    if any(isinstance(line, Overdue) and line.target == Target.HUMAN for line in lines):
        woken = _escalated(woken, now)
        lines = (*lines, Escalated(why="no human"))
    slept = conversation.status is Status.SNOOZED and woken.status is not Status.SNOOZED
    changes = told(conversation, woken, *lines, why="woke" if slept else "")
    return Outcome(changes=changes, wishes=(Wake("snooze", None),) if slept else ())


def marked(
    before: Conversation, after: Conversation, now: Moment
) -> tuple[Conversation, tuple[Change, ...]]:
    """`after` with marks for what has come by now, and the lines that say so. Until now everything
    was as in `before`, so it is whoever had it then that missed it."""
    passed = [(clock, clocks.passed(clock, now)) for clock in after.clocks]
    if all(was is is_now for was, is_now in passed):
        return after, ()
    fresh = [is_now for was, is_now in passed if was is not is_now]
    signed = flagged(after, add={flag for clock in fresh if (flag := _flag(clock))})
    lines = tuple(_line(clock, before) for clock in fresh)
    return replace(signed, clocks=tuple(is_now for _, is_now in passed)), lines


def _flag(clock: Clock) -> Flag | None:
    if clock.target is Target.HUMAN:
        return None
    return Flag.SLA_MISSED if clock.missed else Flag.SLA_AT_RISK


def _line(clock: Clock, of: Conversation) -> Change:
    due = clock.due or of.opened_at
    team = of.team if of.assignee is None else None
    if not clock.missed:
        return AtRisk(target=clock.target, agent=of.assignee, team=team, due=due)
    ours = clock.late_by <= clocks.NOBODYS
    return Overdue(
        target=clock.target,
        agent=of.assignee if ours else None,
        team=team if ours else None,
        due=due,
        late_by=clock.late_by or None,
    )


def _awake(conversation: Conversation, scene: Scene) -> Conversation:
    """Asleep while a customer waits is asleep until it gets tight."""
    if conversation.status is not Status.SNOOZED or conversation.waiting_since is None:
        return conversation
    awake = flagged(closing.reopened(conversation), add=(Flag.WOKE,))
    return ownership.keep_or_queue(awake, scene.desk)


def _escalated(conversation: Conversation, now: Moment) -> Conversation:
    if on_call.stands(conversation) is not None:
        return conversation
    return on_call.raised(closing.reopened(conversation), "no human", now)
