"""An agent labels a conversation or its customer, writes a note, or lets the customer know that
their messages were read (`docs/design.md` section 4)."""

import re

from wainbox_relay.contract.commands import (
    SetComplex,
    SetLanguage,
    SetManager,
    SetPriority,
    SetTags,
    SetVip,
    WriteNote,
)
from wainbox_relay.contract.content import Note
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import AgentId, Direction, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded
from wainbox_relay.domain.model import Conversation, Customer, Desk, Entry, Scene
from wainbox_relay.domain.outcome import Marked, NoteWritten, Outcome, TellRead, Wake, by
from wainbox_relay.domain.rules import closing, permissions
from wainbox_relay.domain.rules.history import told, undoable
from wainbox_relay.domain.rules.sentences import refused
from wainbox_relay.domain.when.calls_colleagues import called

_SAME = Outcome(said="It is so already.")
_MENTION = re.compile(r"@([\w.-]*\w)")
MOST_TAGS = 50


def set_tags(
    fact: Commanded, command: SetTags, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    customer = scene.customer if scene.thread.customer else None
    if command.customer and customer is None:
        return refused(Code.INVALID, "A group has no customer to tag; tag the conversation.")
    before = customer.tags if command.customer and customer else conversation.tags
    tags = (before | frozenset(command.add)) - frozenset(command.remove)
    if tags == before:
        return _SAME
    if len(tags) > MOST_TAGS:
        return refused(Code.INVALID, f"{MOST_TAGS} tags are the most; remove one first.", "add")
    signs = [f"+{tag}" for tag in sorted(tags - before)]
    signs += [f"-{tag}" for tag in sorted(before - tags)]
    if command.customer and customer:
        changed = replace(customer, tags=tags)
        return _of_customer(fact, conversation, changed, "customer tags", ",".join(signs))
    after = replace(conversation, tags=tags)
    return _marked(fact, conversation, after, now, "tags", ",".join(signs))


def set_priority(
    fact: Commanded, command: SetPriority, conversation: Conversation, now: Moment
) -> Outcome:
    after = replace(conversation, priority=command.priority)
    return _marked(fact, conversation, after, now, "priority", command.priority)


def set_language(
    fact: Commanded, command: SetLanguage, conversation: Conversation, now: Moment
) -> Outcome:
    named = replace(conversation, language=command.language, language_by="hand")
    after = replace(named, language_hint="")
    return _marked(fact, conversation, after, now, "language", command.language)


def set_vip(fact: Commanded, command: SetVip, scene: Scene, conversation: Conversation) -> Outcome:
    customer = scene.customer if scene.thread.customer else None
    if customer is None:
        return refused(Code.INVALID, "A group cannot be a VIP; set the conversation's priority.")
    if customer.vip == command.vip:
        return _SAME
    changed = replace(customer, vip=command.vip)
    return _of_customer(fact, conversation, changed, "vip", "yes" if command.vip else "no")


def set_manager(
    fact: Commanded, command: SetManager, scene: Scene, conversation: Conversation
) -> Outcome:
    """Who comes before every way of handing out this customer's work."""
    customer = scene.customer if scene.thread.customer else None
    if not permissions.in_charge(fact.role):
        return refused(Code.NOT_ALLOWED, "Leads say who a customer's account manager is; ask one.")
    if customer is None:
        return refused(Code.INVALID, "A group has no account manager; assign the conversation.")
    for field, agent in (("agent", command.agent), ("backup", command.backup)):
        known = scene.desk.agents.get(agent) if agent is not None else None
        if agent is not None and (known is None or known.revoked_at is not None):
            return refused(Code.NOT_FOUND, f"There is no agent {agent}.", field)
    changed = replace(customer, manager=command.agent, manager_backup=command.backup)
    if changed == customer:
        return _SAME
    return _of_customer(fact, conversation, changed, "account manager", command.agent or "none")


def set_complex(
    fact: Commanded, command: SetComplex, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """More time for the whole, or the usual time again. Why is for people, so it is a note."""
    if command.complex and not command.reason.strip():
        return refused(Code.INVALID, "Say in some words what makes it complex.", "reason")
    after = replace(conversation, complex=command.complex)
    marked = _marked(fact, conversation, after, now, "complex", "yes" if command.complex else "no")
    if marked is _SAME or not command.reason.strip():
        return marked
    note = _note(fact, Note(body=command.reason), scene, conversation, now)
    line = NoteWritten(actor=by(fact.agent), entry=note.id)
    return replace(marked, changes=(line, *marked.changes), entries=(note,))


def _marked(
    fact: Commanded,
    before: Conversation,
    after: Conversation,
    now: Moment,
    what: str,
    to: str,
) -> Outcome:
    if after == before:
        return _SAME
    after = undoable(before, after, fact.agent, now, what)
    line = Marked(actor=by(fact.agent), what=what, to=to)
    return Outcome(changes=told(before, after, line, actor=by(fact.agent)))


def _of_customer(
    fact: Commanded, conversation: Conversation, customer: Customer, what: str, to: str
) -> Outcome:
    line = Marked(actor=by(fact.agent), what=what, to=to)
    changes = told(conversation, conversation, line, actor=by(fact.agent))
    return Outcome(changes=changes, customer=customer)


def write_note(
    fact: Commanded, command: WriteNote, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """For the team only; it answers nobody. Naming the owner of snoozed work wakes it."""
    if not command.body.strip():
        return refused(Code.INVALID, "The note is empty; write something first.", "body")
    mentions = _mentions(command.body, scene.desk)
    note = Note(body=command.body, mentions=mentions)
    entry = _note(fact, note, scene, conversation, now)
    line = NoteWritten(actor=by(fact.agent), entry=entry.id)
    owner = conversation.assignee
    wakes = conversation.status is Status.SNOOZED and owner != fact.agent and owner in mentions
    after = closing.reopened(conversation) if wakes else conversation
    after = replace(after, mentions=after.mentions | called(mentions, scene.desk))
    changes = told(conversation, after, line, actor=by(fact.agent), why="mentioned")
    return Outcome(
        changes=changes, entries=(entry,), wishes=(Wake("snooze", None),) if wakes else ()
    )


def _note(
    fact: Commanded, note: Note, scene: Scene, conversation: Conversation, now: Moment
) -> Entry:
    newest = conversation.last.at + 1 if conversation.last else now
    return Entry(
        id=scene.fresh.entry,
        thread=scene.thread.id,
        conversation=conversation.id,
        number=scene.thread.number,
        direction=Direction.NOTE,
        content=note,
        at=Moment(max(now, newest)),
        arrived_at=now,
        author=fact.agent,
    )


def _mentions(body: str, desk: Desk) -> tuple[str, ...]:
    """The colleagues named with an @, each once."""
    names = (name.lower() for name in _MENTION.findall(body))
    return tuple(dict.fromkeys(name for name in names if AgentId(name) in desk.agents))


def mark_read(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """Blue ticks are the owner's word; who only looks gives none."""
    newest = conversation.last_in_wamid
    number = scene.desk.numbers.get(conversation.number)
    tells = scene.desk.policy.mark_read and not scene.thread.group
    sends = number is not None and number.claimed
    if not tells or not sends or newest is None or conversation.assignee != fact.agent:
        return Outcome()
    return Outcome(wishes=(TellRead(conversation.number, newest, now),))
