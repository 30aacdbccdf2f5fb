"""How a message of ours ends: it counts as an answer, or it failed and the wait is back
(`docs/design.md` section 5). Shared by WhatsApp's answers and reports and an agent's word."""

from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import DAY, AgentId, Delivery, Moment, Status, Wamid
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, Entry, Failure, Scene
from wainbox_relay.domain.outcome import (
    NOTHING,
    WHATSAPP,
    Answered,
    AnswerLost,
    Change,
    Outcome,
    by,
)
from wainbox_relay.domain.rules import attention, closing, delivery, ownership
from wainbox_relay.domain.rules.history import told


def goes_through(
    scene: Scene,
    entry: Entry,
    state: Delivery,
    at: Moment,
    now: Moment,
    *also: Change,
) -> Outcome:
    """The message is WhatsApp's now: a human's answer, once. The conversation becomes what its
    author said it should, unless the customer has spoken again."""
    conversation = scene.conversation
    gone = replace(
        entry,
        delivery=state,
        delivery_at=at,
        failure=None,
        leaves_at=None,
        cleared=None if conversation is None or entry.auto else _cleared(entry, conversation),
    )
    if conversation is None or entry.auto:
        return moved(scene, entry, gone, *also)
    counted = attention.counted(conversation, entry.delivery, state)
    after = attention.with_last(attention.answered(counted, gone), gone)
    after = _what_then(_owned(after, scene, gone), gone, now)
    after = replace(after, spoken_at=now)
    line = Answered(
        actor=by(AgentId(gone.author)) if gone.author else WHATSAPP,
        entry=gone.id,
        agent=gone.author,
        since=conversation.waiting_since,
    )
    changes = told(conversation, after, *also, line, actor=line.actor, why="answered")
    return Outcome(changes=changes, entries=(gone,))


def _cleared(entry: Entry, conversation: Conversation) -> Moment | None:
    waits = [w for w in (entry.cleared, conversation.waiting_since) if w is not None]
    return min(waits, default=None)


def _owned(conversation: Conversation, scene: Scene, entry: Entry) -> Conversation:
    """Who answers what nobody holds, holds it."""
    author = scene.desk.agents.get(AgentId(entry.author))
    if conversation.assignee is not None or author is None or author.revoked_at is not None:
        return conversation
    return conversation if conversation.resolved else ownership.taken(conversation, author)


def _what_then(conversation: Conversation, entry: Entry, now: Moment) -> Conversation:
    if conversation.resolved or conversation.waiting_since is not None:
        return conversation
    pending = conversation.sending or conversation.unconfirmed
    if conversation.resolve_when_sent:
        resolver = conversation.resolver
        return conversation if pending else closing.resolved(conversation, resolver, now)
    if conversation.status is Status.SNOOZED:
        own = conversation.assignee == entry.author
        return conversation if own else closing.reopened(conversation)
    if entry.then is not Status.RESOLVED:
        return replace(conversation, status=entry.then or Status.WAITING)
    author = AgentId(entry.author)
    if pending:
        waits = replace(conversation, status=Status.WAITING, resolver=author)
        return replace(waits, resolve_when_sent=True)
    return closing.resolved(conversation, author, now)


def fails(
    scene: Scene, entry: Entry, failure: Failure, at: Moment, now: Moment, *also: Change
) -> Outcome:
    """The message did not arrive: somebody must look again, and if it had counted as an answer the
    wait is back where it began."""
    conversation = scene.conversation
    failed = replace(
        entry, delivery=Delivery.FAILED, delivery_at=at, failure=failure, leaves_at=None
    )
    if conversation is None or entry.auto:
        return moved(scene, entry, failed, *also)
    counted = attention.counted(conversation, entry.delivery, Delivery.FAILED)
    after = replace(attention.with_last(counted, failed), resolve_when_sent=False)
    if _returns(conversation, scene, now):
        after = attention.answer_lost(closing.reopened(after), failed)
        after = ownership.give_back(after, scene.desk, AgentId(entry.author))
    lost = (AnswerLost(actor=WHATSAPP, entry=failed.id, code=failure.code),)
    lines = lost if failed.cleared is not None else ()
    changes = told(conversation, after, *also, *lines, actor=WHATSAPP, why="undelivered")
    return Outcome(changes=changes, entries=(failed,))


def _returns(conversation: Conversation, scene: Scene, now: Moment) -> bool:
    """Whether the failure is still this conversation's business."""
    if conversation.resolved_at is None:
        return True
    gone = conversation.spam or conversation.merged_into is not None
    return not gone and scene.beside is None and now - conversation.resolved_at < DAY


def in_doubt(scene: Scene, entry: Entry, now: Moment) -> Outcome:
    """Nobody knows whether it left. A person decides; until then the wait goes on. Nobody is asked
    about what Wainbox said by itself."""
    doubtful = replace(entry, delivery=Delivery.UNCONFIRMED, delivery_at=now, leaves_at=None)
    return moved(scene, entry, doubtful)


def moved(
    scene: Scene, before: Entry, after: Entry, *also: Change, actor: str = WHATSAPP
) -> Outcome:
    """The message is in another state, which changes nobody's turn."""
    conversation = scene.conversation
    if conversation is None:
        return Outcome(entries=(after,))
    counted = conversation
    if not after.auto:
        counted = attention.counted(conversation, before.delivery, after.delivery)
    is_last = counted.last is not None and counted.last.id == after.id
    if is_last or after.delivery is not Delivery.WITHDRAWN:
        counted = attention.with_last(counted, after)
    return Outcome(changes=told(conversation, counted, *also, actor=actor), entries=(after,))


@dataclass(frozen=True, slots=True)
class Report:
    """What WhatsApp says of one attempt. `attempt` is None when only the wamid tells which."""

    wamid: Wamid
    delivery: Delivery
    at: Moment
    attempt: int | None = None
    failure: Failure | None = None


def reported(scene: Scene, entry: Entry, report: Report, now: Moment) -> Outcome:
    """WhatsApp speaks of a message of ours: the first word of it settles any doubt, a second id
    means that it went out twice."""
    current = entry.delivery or Delivery.ACCEPTED
    if report.delivery is Delivery.FAILED and not _is_last_word(entry, report):
        return NOTHING
    second = entry.wamid not in (None, report.wamid) and not entry.twice
    named = replace(
        entry, wamid=entry.wamid if entry.twice else report.wamid, twice=entry.twice or second
    )
    step = delivery.advance(current, report.delivery)
    if step is None:
        return Outcome(entries=(named,)) if named != entry else NOTHING
    if step is Delivery.FAILED:
        return fails(scene, named, report.failure or _UNEXPLAINED, report.at, now)
    if current in delivery.OUT:
        ticked = replace(named, delivery=step, delivery_at=report.at)
        return Outcome(entries=(ticked,))
    return goes_through(scene, named, step, report.at, now)


def _is_last_word(entry: Entry, report: Report) -> bool:
    """A failed attempt decides nothing while another one may still arrive, or has."""
    if entry.delivery in (Delivery.HELD, Delivery.QUEUED):
        return False
    if entry.wamid is not None:
        return entry.wamid == report.wamid and not entry.twice
    return report.attempt in (None, entry.attempt)


_UNEXPLAINED = Failure(0, "WhatsApp did not say why", "Send it again, or by a template.")
