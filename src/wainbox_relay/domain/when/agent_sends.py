"""An agent writes to the customer, or decides about a message that has not ended
(`docs/design.md` section 5)."""

from wainbox_relay.contract.commands import (
    React,
    Reply,
    Resend,
    SendNow,
    SendTemplate,
)
from wainbox_relay.contract.content import Content, TemplateMessage
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Delivery, Direction, Moment, Sid, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Begun, Commanded
from wainbox_relay.domain.model import Conversation, Entry, Reaction, Scene
from wainbox_relay.domain.outcome import (
    Outcome,
    Reopened,
    Send,
    SendDecided,
    TellReaction,
    Wish,
    by,
)
from wainbox_relay.domain.rules import (
    attention,
    closing,
    guard,
    ownership,
    permissions,
    sentences,
    templates,
)
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.rules.sentences import refused
from wainbox_relay.domain.when import beginnings, sends_end
from wainbox_relay.domain.when.message_changes import with_reaction

_MILLISECOND = 1000


def reply(
    fact: Commanded, command: Reply, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """Queued once nothing stands against it; a hold gives time to take it back."""
    refusal = (
        guard.content_refuses(command.content)
        or _cannot_write(scene, conversation)
        or guard.window_refuses(conversation, now)
    )
    if refusal is None and not command.anyway:
        refusal = guard.metas_agent_has_it(conversation) or guard.others_wrote(
            conversation, scene.desk, fact.agent, command.seen
        )
    if refusal is None and not command.any_language and scene.heard is not None:
        refusal = guard.language_refuses(conversation, scene.heard)
    if refusal is not None:
        return refusal
    entry = _outbound(fact, command.content, scene, conversation, now)
    entry = replace(
        entry,
        then=Status(command.then),
        quote=command.quote,
        quote_wamid=scene.quoted.wamid if scene.quoted else None,
    )
    # Who sends anyway has decided: nothing that is written during the hold stops it.
    return _queue(
        fact, scene, conversation, entry, now, command.hold_ms, guarded=not command.anyway
    )


def send_template(
    fact: Commanded, command: SendTemplate, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    refusal = _cannot_write(scene, conversation) or _no_such_template(scene, command)
    if refusal is not None:
        return refusal
    entry = _outbound(fact, _template(command, scene), scene, conversation, now)
    entry = replace(entry, then=Status(command.then))
    return _queue(fact, scene, conversation, entry, now, command.hold_ms)


def _no_such_template(scene: Scene, command: SendTemplate) -> Outcome | None:
    return templates.refuses(scene.desk, scene.thread.number, command)


def _template(command: SendTemplate, scene: Scene) -> TemplateMessage:
    return TemplateMessage(
        name=command.name,
        language=command.language,
        variables=command.variables,
        named=command.named,
        header=command.header,
        buttons=command.buttons,
        text=templates.read(scene.desk, scene.thread.number, command),
    )


def begins(fact: Begun, scene: Scene, now: Moment) -> Outcome:
    """We write first, by template: in the conversation that is under way, else in a new one."""
    command = fact.command
    if not permissions.may_work(fact.role) or not isinstance(command, SendTemplate):
        return refused(Code.NOT_ALLOWED, "Your role only looks; ask an agent to write.")
    number = scene.desk.numbers.get(scene.thread.number)
    refusal = guard.block_refuses(scene.conversation) or guard.number_refuses(number)
    if (refusal := refusal or _no_such_template(scene, command)) is not None:
        return refusal
    current = scene.conversation
    if current is not None and not current.resolved:
        own = Commanded(fact.agent, fact.role, fact.command_id, current.id, command, as_of=None)
        return send_template(own, command, scene, current, now)
    return _begun(fact, command, scene, now)


def _begun(fact: Begun, command: SendTemplate, scene: Scene, now: Moment) -> Outcome:
    own = Commanded(fact.agent, fact.role, fact.command_id, scene.fresh.conversation, command)
    shell = beginnings.outbound(scene, now)
    entry = replace(
        _outbound(own, _template(command, scene), scene, shell, now), then=Status(command.then)
    )
    entry = _timed(entry, now, command.hold_ms)
    agent = scene.desk.agents.get(fact.agent)
    fresh = _written(ownership.taken(shell, agent) if agent else shell, entry)
    opened = beginnings.opened(scene, fresh, entry, by(fact.agent))
    return replace(opened, wishes=(_send(entry, now),), said=_paused(scene))


def _cannot_write(scene: Scene, conversation: Conversation) -> Outcome | None:
    if conversation.resolved and scene.beside is not None:
        other = sentences.ref(scene.beside)
        message = f"{other} is open with the same customer; write there."
        return refused(Code.CONFLICT, message, ref=other)
    number = scene.desk.numbers.get(scene.thread.number)
    return guard.block_refuses(conversation) or guard.number_refuses(number)


def _outbound(
    fact: Commanded, content: Content, scene: Scene, conversation: Conversation, now: Moment
) -> Entry:
    """Our message, placed behind everything the thread shows."""
    newest = conversation.last.at + 1 if conversation.last else now
    return Entry(
        id=scene.fresh.entry,
        thread=scene.thread.id,
        conversation=conversation.id,
        number=scene.thread.number,
        direction=Direction.OUT,
        content=content,
        at=Moment(max(now, newest)),
        arrived_at=now,
        sid=Sid(fact.command_id),
        author=fact.agent,
    )


def _queue(
    fact: Commanded,
    scene: Scene,
    conversation: Conversation,
    entry: Entry,
    now: Moment,
    hold_ms: int,
    *,
    guarded: bool = True,
) -> Outcome:
    entry = _timed(entry, now, hold_ms, guarded=guarded)
    written = _written(conversation, entry)
    if not conversation.resolved:
        changes = told(conversation, written, actor=by(fact.agent))
    else:
        line = Reopened(actor=by(fact.agent), why="by hand")
        again = _back_at_work(written, scene, fact)
        changes = told(conversation, again, line, actor=by(fact.agent), why="wrote")
    return Outcome(
        changes=changes, entries=(entry,), wishes=(_send(entry, now),), said=_paused(scene)
    )


def _timed(entry: Entry, now: Moment, hold_ms: int, *, guarded: bool = True) -> Entry:
    """Held for a while, watched by the guard; or on its way, at once or after the same while."""
    held = hold_ms > 0 and guarded
    return replace(
        entry,
        delivery=Delivery.HELD if held else Delivery.QUEUED,
        delivery_at=now,
        leaves_at=Moment(now + hold_ms * _MILLISECOND) if hold_ms else None,
    )


def _send(entry: Entry, now: Moment) -> Wish:
    return Send(entry.sid or Sid(""), entry.leaves_at or now)


def _written(conversation: Conversation, entry: Entry) -> Conversation:
    counted = attention.counted(conversation, None, entry.delivery)
    return replace(counted, last_out=entry.id, last_out_by=entry.author)


def _back_at_work(conversation: Conversation, scene: Scene, fact: Commanded) -> Conversation:
    """Whoever writes in a resolved conversation takes it up again."""
    agent = scene.desk.agents.get(fact.agent)
    again = closing.reopened(conversation)
    return ownership.taken(again, agent) if agent else again


def _paused(scene: Scene) -> str:
    number = scene.desk.numbers.get(scene.thread.number)
    if number is None or not number.paused:
        return ""
    return f"{number.name or 'This number'} is paused; the message waits until it works again."


# -- what has not ended ------------------------------------------------------------------------


def send_now(fact: Commanded, command: SendNow, scene: Scene, now: Moment) -> Outcome:
    entry = scene.entry
    if entry is None:
        return _no_such()
    if (refusal := _not_yours(fact, scene, entry)) is not None:
        return refusal
    if entry.leaves_at is None or entry.delivery not in (Delivery.HELD, Delivery.QUEUED):
        return refused(Code.CONFLICT, "This message is not held; there is nothing to hurry.")
    leaving = replace(entry, leaves_at=None)
    what = SendDecided(actor=by(fact.agent), entry=entry.id, what="sent now")
    outcome = sends_end.moved(scene, entry, leaving, what, actor=by(fact.agent))
    return replace(outcome, wishes=(Send(command.sid, now),))


def withdraw(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """Taken back before WhatsApp had it; it was never sent."""
    entry = scene.entry
    if entry is None:
        return _no_such()
    if (refusal := _not_yours(fact, scene, entry)) is not None:
        return refusal
    if entry.delivery not in (Delivery.HELD, Delivery.QUEUED):
        return refused(Code.CONFLICT, _TOO_LATE)
    back = replace(entry, delivery=Delivery.WITHDRAWN, delivery_at=now, leaves_at=None)
    what = SendDecided(actor=by(fact.agent), entry=entry.id, what="withdrawn")
    unwritten = conversation
    if conversation.last_out == entry.id:
        unwritten = replace(conversation, last_out=None, last_out_by="")
    outcome = sends_end.moved(replace(scene, conversation=unwritten), entry, back, what)
    forgotten = told(conversation, unwritten, actor=by(fact.agent))
    return replace(outcome, changes=(*outcome.changes, *forgotten))


_TOO_LATE = "The message is already with WhatsApp, it cannot be unsent; r to correct."


def resend(
    fact: Commanded, command: Resend, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """Once more, knowing that it may arrive twice. Only the attempt the agent saw counts."""
    entry = scene.entry
    if entry is None:
        return _no_such()
    if entry.attempt != command.after:
        message = "This message was tried again meanwhile; look at it before you decide."
        return refused(Code.STALE, message, "after", attempt=entry.attempt)
    if entry.auto:
        message = "Wainbox said this by itself and says it only once; write your own instead."
        return refused(Code.CONFLICT, message, "sid")
    if entry.delivery not in (Delivery.UNCONFIRMED, Delivery.FAILED):
        return _settled(entry)
    refusal = _cannot_write(scene, conversation)
    if refusal is None and not isinstance(entry.content, TemplateMessage):
        refusal = guard.window_refuses(conversation, now)
    if refusal is not None:
        return refusal
    again = replace(
        # A failed attempt's id is let go: the next one's must not look like a second delivery.
        entry,
        delivery=Delivery.QUEUED,
        delivery_at=now,
        failure=None,
        wamid=None,
    )
    what = SendDecided(actor=by(fact.agent), entry=entry.id, what="resent")
    open_again = conversation
    if conversation.resolved:
        open_again = _back_at_work(conversation, scene, fact)
    shown = replace(scene, conversation=open_again)
    outcome = sends_end.moved(shown, entry, again, what, actor=by(fact.agent))
    reopened = told(conversation, open_again, actor=by(fact.agent), why="resent")
    changes = (*reopened, *outcome.changes)
    return replace(outcome, changes=changes, wishes=(Send(command.sid, now),))


def mark_arrived(fact: Commanded, scene: Scene, now: Moment) -> Outcome:
    """A person knows that it arrived. It counts as an answer; WhatsApp may still correct them."""
    entry = scene.entry
    if entry is None:
        return _no_such()
    if entry.delivery is not Delivery.UNCONFIRMED:
        return _settled(entry)
    what = SendDecided(actor=by(fact.agent), entry=entry.id, what="arrived")
    return sends_end.goes_through(scene, entry, Delivery.ACCEPTED, now, now, what)


def leave(fact: Commanded, scene: Scene, now: Moment) -> Outcome:
    """Let be: nobody asks any more, and the customer still waits for an answer."""
    entry = scene.entry
    if entry is None:
        return _no_such()
    if entry.delivery is not Delivery.UNCONFIRMED:
        return _settled(entry)
    left = replace(entry, delivery=Delivery.LEFT, delivery_at=now)
    what = SendDecided(actor=by(fact.agent), entry=entry.id, what="left")
    return sends_end.moved(scene, entry, left, what, actor=by(fact.agent))


def _no_such() -> Outcome:
    return refused(Code.NOT_FOUND, "There is no such message in this conversation.", "sid")


def _settled(entry: Entry) -> Outcome:
    state = entry.delivery.value if entry.delivery else "not ours"
    message = f"Nothing is open about this message: it is {state}. Write a new one instead."
    return refused(Code.CONFLICT, message, "sid", delivery=state)


def _not_yours(fact: Commanded, scene: Scene, entry: Entry) -> Outcome | None:
    if permissions.may_act_for(fact.role, fact.agent, entry.author):
        return None
    who = sentences.name(scene.desk, entry.author)
    return refused(Code.NOT_ALLOWED, f"{who} wrote this; only {who} or a lead can take it back.")


# -- reactions ---------------------------------------------------------------------------------


def react(
    fact: Commanded, command: React, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """An emoji answers nothing; it is one for all of us, as the customer sees it."""
    entry = scene.entry
    if entry is None or entry.direction is not Direction.IN or entry.wamid is None:
        message = "React to a message of the customer; this is none."
        return refused(Code.INVALID, message, "entry")
    refusal = guard.number_refuses(scene.desk.numbers.get(scene.thread.number))
    refusal = refusal or guard.window_refuses(conversation, now)
    if refusal is not None:
        return refusal
    reaction = Reaction(command.emoji, fact.agent, None, now)
    shown = replace(entry, reactions=with_reaction(entry, reaction))
    wish = TellReaction(entry.id, command.emoji, now)
    return Outcome(entries=(shown,), wishes=(wish,))
