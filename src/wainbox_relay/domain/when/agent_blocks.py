"""An agent blocks a customer: the case is spam, and WhatsApp lets nothing of theirs through to that
number (Cloud API, "Block users")."""

from wainbox_relay.contract.commands import Block
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Flag, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import BlockFailed, Commanded, Fact
from wainbox_relay.domain.model import Conversation, Scene
from wainbox_relay.domain.outcome import (
    NOTHING,
    BlockRefused,
    Marked,
    NoteWritten,
    Outcome,
    TellBlock,
    Wake,
    by,
)
from wainbox_relay.domain.rules import closing, service_window
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.history import told, undoable
from wainbox_relay.domain.rules.sentences import refused
from wainbox_relay.domain.when.notes import note
from wainbox_relay.domain.when.turned import Turned


def block(
    fact: Commanded, command: Block, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    if (refusal := _refuses(command, scene, conversation, now)) is not None:
        return refusal
    after = closing.spam(conversation, fact.agent, now, Flag.BLOCKED)
    why = note(command.reason, conversation, scene, now, author=fact.agent)
    wrote = NoteWritten(actor=by(fact.agent), entry=why.id)
    line = Marked(actor=by(fact.agent), what="blocked")
    after = undoable(conversation, after, fact.agent, now, "block")
    return Outcome(
        changes=told(conversation, after, wrote, line, actor=by(fact.agent), why="blocked"),
        entries=(why,),
        wishes=(Wake("snooze", None),) if conversation.snoozed_until is not None else (),
    )


def _refuses(
    command: Block, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome | None:
    if scene.thread.customer is None:
        return refused(Code.INVALID, "A group cannot be blocked; mark it as spam.")
    if not command.reason.strip():
        return refused(Code.INVALID, "Say in some words why.", "reason")
    if Flag.BLOCKED in conversation.flags:
        return Outcome(said="They are blocked already.")
    if not service_window.is_open(conversation.last_in_at, now):
        message = "WhatsApp blocks only who wrote within 24 hours; mark it as spam."
        return refused(Code.CONFLICT, message)
    return None


def unblock(fact: Commanded, conversation: Conversation, now: Moment) -> Outcome:
    """What they write from now on is work again."""
    if Flag.BLOCKED not in conversation.flags:
        return Outcome(said="They are not blocked.")
    after = replace(flagged(conversation, drop=(Flag.BLOCKED, Flag.SPAM)), spam=False)
    after = undoable(conversation, after, fact.agent, now, "unblock")
    line = Marked(actor=by(fact.agent), what="unblocked")
    return Outcome(changes=told(conversation, after, line, actor=by(fact.agent)))


def failed(fact: BlockFailed, scene: Scene) -> Outcome:
    """WhatsApp refused: it stays as it was with WhatsApp, and history says so. Spam stays spam."""
    conversation = scene.conversation
    if conversation is None or (Flag.BLOCKED in conversation.flags) is not fact.blocked:
        return NOTHING
    back = (Flag.BLOCKED,)
    stands = flagged(conversation, drop=back) if fact.blocked else flagged(conversation, add=back)
    line = BlockRefused(blocked=fact.blocked, code=fact.code)
    return Outcome(changes=told(conversation, stands, line))


def tells_whatsapp(turned: Turned, fact: Fact, _: Scene, now: Moment) -> Turned:
    """However a customer came to be blocked or not, WhatsApp hears of it."""
    if turned.before is None or isinstance(fact, BlockFailed):
        return turned
    is_now = Flag.BLOCKED in turned.after.flags
    if is_now is (Flag.BLOCKED in turned.before.flags):
        return turned
    return turned.to(turned.after, wishes=(TellBlock(is_now, now),))
