"""A customer who says nothing more after our answer (`docs/design.md` section 7)."""

from wainbox_relay.contract.vocabulary import Flag, Moment, Status
from wainbox_relay.domain.facts import Fact
from wainbox_relay.domain.model import Conversation, Scene
from wainbox_relay.domain.outcome import NOTHING, Answered, Outcome, Undone, Wake
from wainbox_relay.domain.rules import attention, closing
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.when.turned import Turned


def listens_for_silence(turned: Turned, _: Fact, scene: Scene, now: Moment) -> Turned:
    """Counts from our newest answer, for as long as the case is on the customer; what is taken back
    gives no more time."""
    length = scene.desk.policy.silence
    was = turned.before is not None and turned.before.status is Status.WAITING
    waits = turned.after.status is Status.WAITING
    if length and waits and (not was or turned.told(Answered)):
        spoken = turned.after.spoken_at if turned.told(Undone) else None
        return turned.to(turned.after, wishes=(Wake("silence", Moment((spoken or now) + length)),))
    if was and not waits:
        return turned.to(turned.after, wishes=(Wake("silence", None),))
    return turned


def falls_silent(conversation: Conversation, _: Scene, now: Moment) -> Outcome:
    """Nothing more to ask: closed, and to nobody's credit. Where something of ours has not arrived
    for certain, silence means nothing."""
    doubtful = conversation.unconfirmed or conversation.undelivered or conversation.sending
    if conversation.status is not Status.WAITING or doubtful:
        return NOTHING
    ended = closing.resolved(conversation, None, now)
    after = attention.flagged(ended, add=(Flag.AUTO,))
    return Outcome(changes=told(conversation, after, why="no reply"))
