"""A customer edits, deletes or reacts: marked on the message, and nobody's turn changes, unless a
reaction says what words would have, and opens a case again (`docs/design.md` section 4). What
speaks of a message not known yet waits for it."""

from wainbox_relay.contract.content import MEDIA, Content
from wainbox_relay.contract.vocabulary import CustomerId, Flag, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Edited, Reacted, Revoked
from wainbox_relay.domain.model import Conversation, Entry, Policy, Reaction, Scene
from wainbox_relay.domain.outcome import CUSTOMER, NOTHING, PHONE, Change, Outcome, Reopened
from wainbox_relay.domain.rules import attention, closing, ownership
from wainbox_relay.domain.rules.history import told


def edited(fact: Edited, scene: Scene) -> Outcome:
    """The newest wording shows, the first one is kept."""
    entry = scene.entry
    if entry is None:
        return Outcome(parked=True)
    if entry.edited_at is not None and (fact.at, fact.wamid) <= (entry.edited_at, entry.edit_wamid):
        return NOTHING
    changed = replace(
        entry,
        content=_with_file_of(entry.content, fact.content),
        original=entry.original if entry.edited_at is not None else entry.content.preview(),
        edited_at=fact.at,
        edit_wamid=fact.wamid,
    )
    return _shown(scene, changed)


def _with_file_of(before: Content, after: Content) -> Content:
    """An edited caption comes without its file."""
    if not isinstance(before, MEDIA) or not isinstance(after, MEDIA) or after.file.media_id:
        return after
    return after.model_copy(update={"file": before.file})


def revoked(fact: Revoked, scene: Scene) -> Outcome:
    """Deleted for the customer; we keep what was said."""
    entry = scene.entry
    if entry is None:
        return Outcome(parked=True)
    if entry.revoked_at is not None and entry.revoked_at <= fact.at:
        return NOTHING
    return _shown(scene, replace(entry, revoked_at=fact.at))


def _shown(scene: Scene, entry: Entry) -> Outcome:
    conversation = scene.conversation
    if conversation is None or conversation.last is None or conversation.last.id != entry.id:
        return Outcome(entries=(entry,))
    after = attention.with_last(conversation, entry)
    return Outcome(changes=told(conversation, after, actor=CUSTOMER), entries=(entry,))


def reacted(fact: Reacted, scene: Scene, now: Moment) -> Outcome:
    """Shown on its message. An angry one on a resolved case brings it back, as words would; so does
    any that answers our question."""
    entry = scene.entry
    if entry is None:
        return Outcome(parked=True)
    who = scene.customer.id if scene.customer and not fact.by_phone else None
    by = PHONE if fact.by_phone else ""
    reactions = with_reaction(entry, Reaction(fact.emoji, by, who, fact.at, fact.wamid))
    if reactions == entry.reactions:
        return NOTHING
    return Outcome(
        changes=_reopens(fact, scene, entry, now), entries=(replace(entry, reactions=reactions),)
    )


def _reopens(fact: Reacted, scene: Scene, entry: Entry, now: Moment) -> tuple[Change, ...]:
    conversation = scene.conversation
    if fact.by_phone or conversation is None or scene.beside is not None:
        return ()
    why = _means(fact.emoji, entry, conversation, scene.desk.policy)
    ended = conversation.resolved_at
    gone = conversation.spam or conversation.merged_into is not None
    if not why or gone or ended is None or now - ended > scene.desk.policy.reopen_window:
        return ()
    again = attention.flagged(closing.reopened(conversation), add=(Flag.REOPENED,))
    waits = replace(again, waiting_since=now)
    after = ownership.give_back(waits, scene.desk, conversation.last_owner)
    line = Reopened(actor=CUSTOMER, why=why)
    return told(conversation, after, line, actor=CUSTOMER, why=why)


def _means(emoji: str, entry: Entry, conversation: Conversation, policy: Policy) -> str:
    """Why a reaction is more than a courtesy; empty when it is none."""
    last, courtesies = conversation.last, policy.courtesies
    if courtesies is None or not emoji:
        return ""
    if not courtesies.is_kind(emoji):
        return "angry reaction"
    ours = last is not None and last.id == entry.id
    return "answer by a reaction" if ours and closing.asks(last, courtesies) else ""


def with_reaction(entry: Entry, new: Reaction) -> tuple[Reaction, ...]:
    """One reaction a person, and one for all of us; the newest counts."""
    others = tuple(r for r in entry.reactions if r.customer != new.customer)
    mine: list[Reaction] = [r for r in entry.reactions if r.customer == new.customer]
    newest = max((*mine, new), key=lambda r: (r.at, r.wamid))
    return tuple(sorted((*others, newest), key=_order))


def _order(reaction: Reaction) -> tuple[Moment, str, CustomerId]:
    return reaction.at, reaction.wamid, reaction.customer or CustomerId(0)
