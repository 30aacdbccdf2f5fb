"""A moment that a conversation waited for has come (`docs/design.md` section 4)."""

from wainbox_relay.contract.vocabulary import Flag, Moment, Status
from wainbox_relay.domain.facts import AlarmRang
from wainbox_relay.domain.model import Conversation, Scene
from wainbox_relay.domain.outcome import NOTHING, Outcome
from wainbox_relay.domain.rules import attention, closing, ownership
from wainbox_relay.domain.rules.history import told


def alarm_rings(fact: AlarmRang, scene: Scene, now: Moment) -> Outcome:
    """An alarm proves nothing: whether the moment still matters is looked at again."""
    conversation = scene.conversation
    if fact.reason != "snooze" or conversation is None or not _is_over(conversation, now):
        return NOTHING
    awake = attention.flagged(closing.reopened(conversation), add=(Flag.WOKE,))
    after = ownership.keep_or_queue(awake, scene.desk)
    return Outcome(changes=told(conversation, after, why="woke"))


def _is_over(conversation: Conversation, now: Moment) -> bool:
    until = conversation.snoozed_until
    return conversation.status is Status.SNOOZED and until is not None and until <= now
