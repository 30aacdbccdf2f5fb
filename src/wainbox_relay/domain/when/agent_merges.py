"""An agent says that two customers are one person, and may take that back for ten minutes
(`docs/design.md` section 7)."""

from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Flag, Moment, Priority, Status, ThreadId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.evolve import evolve
from wainbox_relay.domain.facts import Commanded
from wainbox_relay.domain.model import Conversation, Customer, Parts, Scene
from wainbox_relay.domain.outcome import Merged, Outcome, Undone, Wake, by
from wainbox_relay.domain.rules import attention, closing, sentences
from wainbox_relay.domain.rules.history import told, undoable
from wainbox_relay.domain.rules.sentences import refused

_PRESSING = (Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.URGENT)


def merge(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """One customer and one thread from now on. Of two conversations under way the older goes on and
    takes over what the younger one owes."""
    other, root, gone = scene.other, scene.customer, scene.other_customer
    if other is None or root is None or gone is None or scene.thread.customer is None:
        return refused(Code.INVALID, "Only two customers can be merged; a group is none.", "other")
    if (refusal := _refuses(scene, conversation, other, root, gone)) is not None:
        return refusal
    mine, theirs = _united(conversation, other, now)
    theirs = replace(theirs, thread=scene.thread.id, customer=root.id)
    if mine.merged_into is None:
        parts = _parts(scene, other, root, gone, other.thread)
        mine = _partable(conversation, mine, parts, fact, now)
    else:
        parts = _parts(scene, conversation, root, gone, other.thread)
        theirs = _partable(other, theirs, parts, fact, now)
    line = Merged(actor=by(fact.agent), other=other.id)
    return Outcome(
        changes=told(conversation, _certain(mine), line, actor=by(fact.agent), why="merged"),
        other=evolve(other, told(other, _certain(theirs), why="merged")),
        customer=_root(root, gone),
        other_customer=replace(gone, merged_into=root.id, same_as=None),
        move_thread=True,
    )


def _parts(
    scene: Scene, beside: Conversation, root: Customer, gone: Customer, thread: ThreadId
) -> Parts:
    mark = max((scene.fresh.entry, *scene.fresh.replies))
    return Parts(replace(beside, undo=None), root, gone, thread, mark)


def _partable(
    before: Conversation, after: Conversation, parts: Parts, fact: Commanded, now: Moment
) -> Conversation:
    after = undoable(before, after, fact.agent, now, "merge")
    step = after.undo
    return replace(after, undo=replace(step, parts=parts)) if step else after


def part(fact: Commanded, parts: Parts, scene: Scene, before: Conversation) -> Outcome:
    """Two people again, each with what was theirs; only where nobody has said anything since and
    nothing of either has changed. `before` is the scene's conversation as it was."""
    conversation, other = scene.conversation, scene.other
    if conversation is None or other is None or not _untouched(parts, scene, other):
        message = "Something has happened since the merge; it cannot be taken back any more."
        return refused(Code.CONFLICT, message)
    line = Undone(actor=by(fact.agent), what="merge")
    theirs = replace(parts.other, last=other.last)
    asleep = theirs.snoozed_until
    return Outcome(
        changes=told(conversation, before, line, actor=by(fact.agent), why="undone"),
        other=evolve(other, told(other, theirs, why="undone")),
        other_wishes=() if asleep is None else (Wake("snooze", asleep),),
        customer=parts.root,
        other_customer=parts.gone,
        part_thread=parts.thread,
        said="Undone: merge.",
    )


def _untouched(parts: Parts, scene: Scene, other: Conversation) -> bool:
    same = other.id == parts.other.id and other.version == parts.other.version + 1
    person = scene.customer == _root(parts.root, parts.gone)
    return same and person and (scene.newest or 0) < parts.mark


def _refuses(
    scene: Scene, conversation: Conversation, other: Conversation, root: Customer, gone: Customer
) -> Outcome | None:
    if root.id == gone.id:
        return refused(Code.CONFLICT, "They are the same customer already.", "other")
    if other.number != conversation.number:
        message = "They wrote to different numbers of ours; merge two of the same number."
        return refused(Code.CONFLICT, message, "other")
    if scene.beside is not None and not other.resolved:
        ref = sentences.ref(scene.beside)
        message = f"{ref} is open with the same customer; merge from there."
        return refused(Code.CONFLICT, message, "other", ref=ref)
    if any(c.sending or c.unconfirmed for c in (conversation, other)):
        message = "A message is still on its way to this customer; merge once it has ended."
        return refused(Code.CONFLICT, message, "other")
    return None


def _united(
    mine: Conversation, theirs: Conversation, now: Moment
) -> tuple[Conversation, Conversation]:
    """Both as they stand afterwards; with two under way only the older still is."""
    if mine.resolved or theirs.resolved:
        return mine, theirs
    if (mine.opened_at, mine.id) <= (theirs.opened_at, theirs.id):
        return _with_all(mine, theirs), _ended(theirs, mine, now)
    return _ended(mine, theirs, now), _with_all(theirs, mine)


def _ended(younger: Conversation, older: Conversation, now: Moment) -> Conversation:
    ended = closing.resolved(younger, None, now)
    return replace(ended, merged_into=older.id, mentions=frozenset())


def _with_all(older: Conversation, younger: Conversation) -> Conversation:
    newest_in = max((older, younger), key=lambda c: (c.last_in_at or 0, c.last_in_wamid or ""))
    newest_out = max((older, younger), key=lambda c: c.last_out or 0)
    lasts = [c.last for c in (older, younger) if c.last is not None]
    waits = [c.waiting_since for c in (older, younger) if c.waiting_since is not None]
    ours = bool(waits) or Status.OPEN in (older.status, younger.status)
    return replace(
        older,
        status=Status.OPEN if ours else older.status,
        snoozed_until=None if ours else older.snoozed_until,
        flags=older.flags | younger.flags,
        tags=older.tags | younger.tags,
        mentions=older.mentions | younger.mentions,
        priority=max(older.priority, younger.priority, key=_PRESSING.index),
        assignee=newest_out.assignee or older.assignee or younger.assignee,
        waiting_since=min(waits, default=None),
        last=max(lasts, key=lambda last: (last.at, last.wamid), default=None),
        last_in_at=newest_in.last_in_at,
        last_in_wamid=newest_in.last_in_wamid,
        last_in=max((older.last_in, younger.last_in), key=lambda entry: entry or 0),
        last_out=newest_out.last_out,
        last_out_by=newest_out.last_out_by,
        unread=older.unread + younger.unread,
        undelivered=older.undelivered + younger.undelivered,
    )


def _certain(conversation: Conversation) -> Conversation:
    return attention.flagged(conversation, drop=(Flag.SAME_PERSON, Flag.NUMBER_REUSED))


def _root(root: Customer, gone: Customer) -> Customer:
    """The one who stays, with whatever only the other one had: what they asked of us above all."""
    served = max((root, gone), key=lambda each: each.served_at or 0)
    asked = [at for at in (root.rating_asked_at, gone.rating_asked_at) if at is not None]
    return replace(
        root,
        name=root.name or gone.name,
        username=root.username or gone.username,
        phone=root.phone or gone.phone,
        user_id=root.user_id or gone.user_id,
        language=root.language or gone.language,
        vip=root.vip or gone.vip,
        tags=root.tags | gone.tags,
        manager=root.manager or gone.manager,
        manager_backup=root.manager_backup or gone.manager_backup,
        opted_out=root.opted_out or gone.opted_out,
        rating_asked_at=max(asked, default=None),
        served_by=served.served_by,
        served_at=served.served_at,
        same_as=None if root.same_as == gone.id else root.same_as,
        number_reused=False,
    )
