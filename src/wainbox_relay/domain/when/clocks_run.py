"""What was promised to the customer follows from every story: clocks start, stand still, go on and
end (`docs/design.md` section 10)."""

from operator import attrgetter

from wainbox_relay.contract.vocabulary import Flag, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Fact, MessageArrived
from wainbox_relay.domain.model import Clock, Conversation, Scene, Target
from wainbox_relay.domain.outcome import (
    PHONE,
    Answered,
    AnswerLost,
    Change,
    Marked,
    Undone,
    Wake,
    Wish,
)
from wainbox_relay.domain.rules import clocks
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.when.deadline_passes import SLA, marked
from wainbox_relay.domain.when.turned import Turned

_goes_by = attrgetter("status", "waiting_since", "team", "priority", "complex", "bot", "clocks")


def clocks_run(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    """Comes last: it looks at where everything else has left the conversation."""
    turned = _complex_by_topic(turned, scene)
    if _as_before(turned, scene, now):
        return turned
    answer, lost = turned.told(Answered), turned.told(AnswerLost)
    after, lines = _late(turned, now)
    if not after.answered and (answer or _begun_by_phone(turned)):
        after = replace(after, answered=True)
    running = after.clocks
    if (by := clocks.terms(after, turned.customer, scene.desk)) is not None:
        before = None if turned.told(Undone) else turned.before
        running = clocks.settled(before, after, by, now, _late_by(fact, after))
    answered = after.answered and not (lost and _first(running))
    if answered is not after.answered or running != after.clocks:
        after = replace(after, answered=answered, clocks=running)
    after = _signed(after, answered=answer)
    wishes = _wishes(turned.before, running)
    if after is turned.after and not wishes:
        return turned
    return turned.to(after, *lines, wishes=wishes)


def _complex_by_topic(turned: Turned, scene: Scene) -> Turned:
    """The moment it is known what it is about: what a person says of it later stays."""
    before, after, promises = turned.before, turned.after, scene.desk.policy.sla
    known = before is not None and before.topic == after.topic
    if known or promises is None or after.complex or after.topic not in promises.complex_topics:
        return turned
    return turned.to(replace(after, complex=True), Marked(what="complex", to="topic"))


def _as_before(turned: Turned, scene: Scene, now: Moment) -> bool:
    """Whether nothing has changed that a clock goes by, as is so for most facts. Whose it is
    matters only where something has been missed, for that is to somebody's credit."""
    before, after = turned.before, turned.after
    if before is None or _goes_by(before) != _goes_by(after):
        return False
    moved = before.assignee != after.assignee
    if moved and any(_overdue(clock, now) for clock in after.clocks):
        return False
    customer, known = turned.customer, scene.customer
    same = customer is known or (customer and customer.vip) == (known and known.vip)
    return same and not turned.told(Answered, AnswerLost)


def _late(turned: Turned, now: Moment) -> tuple[Conversation, tuple[Change, ...]]:
    """What fell due before this happened was missed, though the alarm had not rung yet."""
    before, after = turned.before, turned.after
    if before is None or not any(_overdue(clock, now) for clock in after.clocks):
        return after, ()
    return marked(before, after, now)


def _overdue(clock: Clock, now: Moment) -> bool:
    """That nobody came whom the customer asked for is the alarm's to tell, if it is still so."""
    late = clock.due is not None and clock.due <= now
    return late and not clock.missed and clock.target is not Target.HUMAN


def _begun_by_phone(turned: Turned) -> bool:
    return turned.before is None and turned.after.last_out_by == PHONE


def _late_by(fact: Fact, after: Conversation) -> int:
    if isinstance(fact, MessageArrived) and fact.arrived_at == after.waiting_since:
        return max(fact.arrived_at - fact.at, 0)
    return 0


def _first(running: tuple[Clock, ...]) -> bool:
    return any(clock.target is Target.FIRST and clock.since is not None for clock in running)


def _signed(after: Conversation, *, answered: bool) -> Conversation:
    """What is tight shows while it is our turn; an answer ends it, though the case goes on."""
    ours = after.waiting_since is not None and not after.resolved
    tight = clocks.is_tight(after.clocks)
    if tight and ours:
        return flagged(after, add=(Flag.SLA_AT_RISK,))
    return flagged(after, drop=(Flag.SLA_AT_RISK,)) if answered or not tight else after


def _wishes(before: Conversation | None, running: tuple[Clock, ...]) -> tuple[Wish, ...]:
    was = None if before is None else clocks.rings_at(before.clocks)
    at = clocks.rings_at(running)
    return () if at == was else (Wake(SLA, at),)
