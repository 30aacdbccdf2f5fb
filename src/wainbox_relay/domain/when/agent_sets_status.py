"""An agent says where the work stands: open, on the customer, asleep, done, spam; and takes it
back (`docs/design.md` section 4)."""

from typing import Any, cast

from wainbox_relay.contract.commands import Resolve, Snooze
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Delivery, Direction, Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded
from wainbox_relay.domain.model import Conversation, Scene, UndoStep
from wainbox_relay.domain.outcome import Change, Outcome, Reopened, Snoozed, Undone, Wake, Wish, by
from wainbox_relay.domain.rules import closing, ownership, permissions, sentences, service_window
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.history import told, undoable
from wainbox_relay.domain.rules.sentences import refused
from wainbox_relay.domain.when import agent_merges

_AWAKE = Wake("snooze", None)


def reopen(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """Open by hand, in the hands of whoever does it if nobody has it."""
    if conversation.status is Status.OPEN:
        return Outcome(said="It is open already.")
    if (refusal := _beside(scene, conversation)) is not None:
        return refusal
    agent = scene.desk.agents.get(fact.agent)
    after = flagged(closing.reopened(conversation), drop=(Flag.BLOCKED,))
    if after.assignee is None and agent is not None:
        after = ownership.taken(after, agent)
    lines = (Reopened(actor=by(fact.agent), why="by hand"),) if conversation.resolved else ()
    return _set(fact, conversation, after, now, "opened", *lines)


def _beside(scene: Scene, conversation: Conversation) -> Outcome | None:
    """Two unresolved ones for the same people would answer past each other."""
    if scene.beside is None or not conversation.resolved:
        return None
    other = sentences.ref(scene.beside)
    message = f"{other} is open with the same customer; go on there."
    return refused(Code.CONFLICT, message, ref=other)


def wait(fact: Commanded, conversation: Conversation, now: Moment) -> Outcome:
    if conversation.status is Status.WAITING:
        return Outcome(said="It is on the customer already.")
    if conversation.resolved:
        return _closed(conversation)
    if conversation.status is Status.BOT:
        return refused(Code.CONFLICT, "Nobody of ours has it yet; claim it first, with c.")
    if conversation.waiting_since is not None:
        message = "The customer waits for an answer; reply first, or snooze it."
        return refused(Code.CONFLICT, message)
    after = replace(conversation, status=Status.WAITING, snoozed_until=None)
    return _set(fact, conversation, after, now, "on customer")


def snooze(fact: Commanded, command: Snooze, conversation: Conversation, now: Moment) -> Outcome:
    """Asleep until a moment; while the customer waits for us it must be said twice."""
    if command.until.tzinfo is None:
        return refused(Code.INVALID, "The time lacks its zone; add one, such as Z.", "until")
    until = Moment(int(command.until.timestamp()) * 1_000_000)
    if until <= now:
        return refused(Code.INVALID, "That moment is over; name a later one.", "until")
    if conversation.resolved or conversation.status is Status.BOT:
        message = "Only open work can be snoozed; open it first, with s then o."
        return refused(Code.CONFLICT, message)
    if conversation.waiting_since is not None and not command.sure:
        message = "The customer waits for an answer; snooze again if it can wait."
        return refused(Code.CONFLICT, message, "sure")
    after = replace(conversation, status=Status.SNOOZED, snoozed_until=until)
    line = Snoozed(actor=by(fact.agent), until=until)
    outcome = _set(fact, conversation, after, now, "snoozed", line)
    return replace(outcome, wishes=(Wake("snooze", until),), said=_window_note(conversation, until))


def _window_note(conversation: Conversation, until: Moment) -> str:
    closes = service_window.closes_at(conversation.last_in_at)
    if closes is None or until < closes:
        return ""
    return "It wakes after the reply window has shut; then only a template goes through."


def resolve(
    fact: Commanded, command: Resolve, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """Done, once what is on its way has left. If the customer spoke last it must be said twice."""
    outcomes = scene.desk.policy.outcomes
    if conversation.resolved:
        return Outcome(said="It is resolved already.")
    if command.outcome and outcomes and command.outcome not in outcomes:
        message = f"Choose one of these outcomes: {', '.join(outcomes)}."
        return refused(Code.INVALID, message, "outcome")
    if conversation.waiting_since is not None and not command.sure:
        message = "The customer spoke last and has no answer; resolve again if none is needed."
        return refused(Code.CONFLICT, message, "sure")
    named = replace(conversation, outcome=command.outcome or conversation.outcome)
    if conversation.sending or conversation.unconfirmed:
        waits = replace(named, resolve_when_sent=True, resolver=fact.agent)
        outcome = _set(fact, conversation, waits, now, "resolves")
        return replace(outcome, said=_later(conversation))
    after = closing.resolved(named, fact.agent, now)
    return _set(fact, conversation, after, now, "resolved")


def _later(conversation: Conversation) -> str:
    if conversation.unconfirmed:
        return "It resolves once somebody has said what became of the unconfirmed message."
    return "It resolves once the message on its way has left."


def mark_spam(fact: Commanded, conversation: Conversation, now: Moment) -> Outcome:
    """Closed for good: later messages are kept with it and wake nobody."""
    if conversation.spam:
        return Outcome(said="It is spam already.")
    return _set(fact, conversation, closing.spam(conversation, fact.agent, now), now, "spam")


def _set(
    fact: Commanded,
    before: Conversation,
    after: Conversation,
    now: Moment,
    what: str,
    *also: Change,
) -> Outcome:
    after = undoable(before, after, fact.agent, now, what)
    changes = told(before, after, *also, actor=by(fact.agent), why=what)
    was_asleep = before.status is Status.SNOOZED and after.status is not Status.SNOOZED
    return Outcome(changes=changes, wishes=(_AWAKE,) if was_asleep else ())


def _closed(conversation: Conversation) -> Outcome:
    message = f"{sentences.ref(conversation)} is resolved; open it again first, with s then o."
    return refused(Code.CONFLICT, message)


# -- undo --------------------------------------------------------------------------------------


def undo(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """As it was before the last change, as if that had never been; only where nothing happened
    since, and only while it is fresh."""
    step = conversation.undo
    if step is None or step.version != conversation.version or (fact.job not in ("", step.job)):
        return _nothing_to_undo(fact, conversation)
    if now - step.at > scene.desk.policy.undo_window:
        return refused(Code.CONFLICT, "That was too long ago to undo; change it by hand.")
    if not permissions.may_act_for(fact.role, fact.agent, step.by):
        who = sentences.name(scene.desk, step.by)
        return refused(Code.NOT_ALLOWED, f"{who} did this last; only {who} or a lead can undo it.")
    # The step's fields are the conversation's own, by name, as they were.
    before = replace(conversation, undo=None, **cast("dict[str, Any]", step.fields))
    if not before.resolved and (refusal := _beside(scene, conversation)) is not None:
        return refusal
    if step.parts is not None:
        parted = agent_merges.part(fact, step.parts, scene, before)
        return replace(parted, wishes=_alarm(step))
    line = Undone(actor=by(fact.agent), what=step.what)
    changes = told(conversation, before, line, actor=by(fact.agent), why="undone")
    return Outcome(changes=changes, wishes=_alarm(step), said=f"Undone: {step.what}.")


def _alarm(step: UndoStep) -> tuple[Wish, ...]:
    if "snoozed_until" not in step.fields:
        return ()
    until = step.fields["snoozed_until"]
    return (Wake("snooze", Moment(until) if isinstance(until, int) else None),)


def _nothing_to_undo(fact: Commanded, conversation: Conversation) -> Outcome:
    last = conversation.last
    held = (Delivery.HELD, Delivery.QUEUED, Delivery.WITHDRAWN, Delivery.FAILED)
    ours = last is not None and last.direction is Direction.OUT and last.author == fact.agent
    if last is not None and ours and last.delivery not in held:
        message = "The message is already with WhatsApp, it cannot be unsent; r to correct."
    else:
        message = "There is nothing to undo: something else has happened since, or nothing yet."
    return refused(Code.CONFLICT, message)
