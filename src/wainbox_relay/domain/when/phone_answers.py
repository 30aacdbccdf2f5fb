"""Somebody of ours answered outside Wainbox: in the WhatsApp Business app, or Meta's own agent
(`docs/design.md` section 4)."""

import hashlib

from wainbox_relay.contract.content import Text
from wainbox_relay.contract.vocabulary import (
    SECOND,
    Delivery,
    Direction,
    Flag,
    Moment,
    Status,
)
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Echoed
from wainbox_relay.domain.model import Conversation, Entry, Scene
from wainbox_relay.domain.outcome import NOTHING, PHONE, WHATSAPP, Answered, Outcome, Wake
from wainbox_relay.domain.rules import attention
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.when import beginnings
from wainbox_relay.domain.when.message_arrives import entry_of, files

_BY_ITSELF = 5 * SECOND
"""Sooner than this after a message, a text already used is the app's greeting or away message."""


def phone_answers(fact: Echoed, scene: Scene, now: Moment) -> Outcome:
    """A message of ours that we did not send. By a human on the phone it is an answer."""
    if scene.entry is not None:
        return NOTHING
    entry = replace(
        entry_of(fact, scene, Direction.OUT),
        author="" if fact.source == "standby" else PHONE,
        delivery=Delivery.SENT,
        delivery_at=fact.at,
    )
    outcome = _kept(fact, scene, entry)
    return replace(outcome, wishes=(*outcome.wishes, *files(entry, now)))


def _kept(fact: Echoed, scene: Scene, entry: Entry) -> Outcome:
    before = scene.conversation
    if fact.source == "history":
        return beginnings.put_by(scene, entry)
    if before is None or (before.resolved and Flag.IMPORTED in before.flags):
        return _begins(fact, scene, entry)
    if before.resolved or fact.source == "standby":
        human = before.spoken_at if fact.source == "standby" else entry.arrived_at
        after = replace(attention.with_last(before, entry), spoken_at=human)
        return Outcome(changes=told(before, after, actor=PHONE), entries=(entry,))
    if _by_itself(before, entry):
        after = attention.with_last(before, entry)
        return Outcome(changes=told(before, after, actor=WHATSAPP), entries=(entry,))
    return _answers(before, entry)


def _begins(fact: Echoed, scene: Scene, entry: Entry) -> Outcome:
    fresh = beginnings.conversation(scene, entry.arrived_at)
    if fact.source == "standby":
        held = attention.flagged(replace(fresh, status=Status.BOT), add=(Flag.STANDBY,))
        return beginnings.opened(scene, attention.with_last(held, entry), entry, WHATSAPP)
    begun = _spoken(replace(fresh, status=Status.WAITING), entry)
    return beginnings.opened(scene, begun, entry, PHONE)


def _answers(before: Conversation, entry: Entry) -> Outcome:
    spoken = _spoken(before, entry)
    if attention.wrote_since(before, entry):
        return Outcome(changes=told(before, spoken, actor=PHONE), entries=(entry,))
    entry = replace(entry, cleared=before.waiting_since)
    after = replace(
        attention.answered(attention.flagged(spoken, drop=(Flag.STANDBY,)), entry),
        status=Status.WAITING,
        snoozed_until=None,
    )
    line = Answered(actor=PHONE, entry=entry.id, agent=PHONE, since=before.waiting_since)
    wishes = (Wake("snooze", None),) if before.status is Status.SNOOZED else ()
    changes = told(before, after, line, actor=PHONE, why="answered")
    return Outcome(changes=changes, entries=(entry,), wishes=wishes)


def _spoken(conversation: Conversation, entry: Entry) -> Conversation:
    said = attention.flagged(attention.with_last(conversation, entry), add=(Flag.PHONE,))
    return replace(
        said,
        last_out=entry.id,
        last_out_by=PHONE,
        phone_said=_fingerprint(entry),
        spoken_at=entry.arrived_at,
    )


def _by_itself(conversation: Conversation, entry: Entry) -> bool:
    last_in = conversation.last_in_at
    soon = last_in is not None and last_in <= entry.at < last_in + _BY_ITSELF
    said = _fingerprint(entry)
    return soon and said != "" and said == conversation.phone_said


def _fingerprint(entry: Entry) -> str:
    if not isinstance(entry.content, Text):
        return ""
    return hashlib.sha256(entry.content.body.encode(errors="replace")).hexdigest()[:16]
