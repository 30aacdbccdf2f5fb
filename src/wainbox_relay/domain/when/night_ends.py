"""We open, and what was taken on call in the night goes back to day work (`docs/design.md`
section 10)."""

from wainbox_relay.contract.vocabulary import AgentId, Flag, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, Escalation, Scene
from wainbox_relay.domain.outcome import NOTHING, NoteWritten, Outcome
from wainbox_relay.domain.rules import eligibility, ownership, sentences
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.when.notes import note

NIGHT = "night"
"""The alarm of the opening time after an escalation was taken."""


def night_ends(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """Back to whoever had it before, or to the top of the queue, with a word about the night;
    unless the one who took it is at work now, or it has changed hands since."""
    escalation, owner = conversation.escalation, conversation.assignee
    if conversation.resolved or escalation is None or owner is None:
        return NOTHING
    if owner != escalation.acked_by or owner == escalation.owner:
        return NOTHING
    back = _at_work(escalation.owner, conversation, scene, now)
    if not back and _at_work(owner, conversation, scene, now):
        return NOTHING
    after = _returned(conversation, escalation, back=back)
    word = note(_summary(escalation, scene, now), conversation, scene, now, auto="on_call")
    changes = told(conversation, after, NoteWritten(entry=word.id), why="the night is over")
    return Outcome(changes=changes, entries=(word,))


def _at_work(who: AgentId | None, conversation: Conversation, scene: Scene, now: Moment) -> bool:
    agent = scene.desk.agents.get(who) if who is not None else None
    fits = ownership.fits(agent, conversation.team)
    return agent is not None and fits and eligibility.on_shift(agent, scene.desk, now)


def _returned(conversation: Conversation, escalation: Escalation, *, back: bool) -> Conversation:
    owner = escalation.owner if back else None
    after = replace(conversation, assignee=owner, last_owner=conversation.assignee)
    waits = owner is None and conversation.waiting_since is not None
    return flagged(after, add=(Flag.PENDING,)) if waits else after


def _summary(escalation: Escalation, scene: Scene, now: Moment) -> str:
    who = sentences.name(scene.desk, escalation.acked_by)
    began = sentences.ago(escalation.since, now)
    taken = sentences.ago(escalation.acked_at or now, now)
    return f"On call: escalated {began} ({escalation.reason}), taken by {who} {taken}."
