"""An agent asked for something: one line a command; the stories are beside, by subject."""

from typing import assert_never

from wainbox_relay.contract import commands as ask
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.facts import Commanded
from wainbox_relay.domain.model import Conversation, Scene
from wainbox_relay.domain.outcome import Outcome
from wainbox_relay.domain.rules import permissions, sentences
from wainbox_relay.domain.rules.sentences import refused
from wainbox_relay.domain.when import (
    agent_blocks,
    agent_hands_over,
    agent_marks,
    agent_merges,
    agent_sends,
    agent_sets_status,
    calls_colleagues,
    on_call,
)


def commanded(fact: Commanded, scene: Scene, now: Moment) -> Outcome:
    """Carried out, or refused with a sentence. What was ordered for a state that is gone is not
    carried out for another."""
    conversation = scene.conversation
    if conversation is None:
        return refused(Code.NOT_FOUND, "There is no such conversation; look at the queue again.")
    refusal = _refuses(fact, scene, conversation)
    return refusal or _carried_out(fact, scene, conversation, now)


def _refuses(fact: Commanded, scene: Scene, conversation: Conversation) -> Outcome | None:
    if not permissions.may_work(fact.role):
        return refused(Code.NOT_ALLOWED, "Your role only looks; ask an agent to do it.")
    if conversation.merged_into is not None:
        where = sentences.ref(scene.beside) if scene.beside else "the customer's other one"
        message = f"{sentences.ref(conversation)} was merged away; go on in {where}."
        return refused(Code.CONFLICT, message)
    if fact.as_of is not None and fact.as_of != conversation.version:
        message = f"{sentences.ref(conversation)} has changed since you saw it; look at it again."
        return refused(Code.STALE, message, "version", version=conversation.version)
    return None


def _carried_out(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    match fact.command:
        case ask.Claim() as command:
            return agent_hands_over.claim(fact, command, scene, conversation, now)
        case ask.Next():
            return agent_hands_over.take_next(fact, scene, conversation, now)
        case ask.SetManager() as command:
            return agent_marks.set_manager(fact, command, scene, conversation)
        case ask.Release():
            return agent_hands_over.release(fact, scene, conversation, now)
        case ask.Assign() as command:
            return agent_hands_over.assign(fact, command, scene, conversation, now)
        case ask.Reply() as command:
            return agent_sends.reply(fact, command, scene, conversation, now)
        case ask.SendTemplate() as command:
            return agent_sends.send_template(fact, command, scene, conversation, now)
        case ask.React() as command:
            return agent_sends.react(fact, command, scene, conversation, now)
        case ask.SendNow() as command:
            return agent_sends.send_now(fact, command, scene, now)
        case ask.Withdraw():
            return agent_sends.withdraw(fact, scene, conversation, now)
        case ask.Resend() as command:
            return agent_sends.resend(fact, command, scene, conversation, now)
        case ask.MarkArrived():
            return agent_sends.mark_arrived(fact, scene, now)
        case ask.Leave():
            return agent_sends.leave(fact, scene, now)
        case ask.WriteNote() as command:
            return agent_marks.write_note(fact, command, scene, conversation, now)
        case ask.SetTags() as command:
            return agent_marks.set_tags(fact, command, scene, conversation, now)
        case ask.SetPriority() as command:
            return agent_marks.set_priority(fact, command, conversation, now)
        case ask.SetLanguage() as command:
            return agent_marks.set_language(fact, command, conversation, now)
        case ask.SetVip() as command:
            return agent_marks.set_vip(fact, command, scene, conversation)
        case ask.SetComplex() as command:
            return agent_marks.set_complex(fact, command, scene, conversation, now)
        case ask.MarkRead():
            return agent_marks.mark_read(fact, scene, conversation, now)
        case ask.Seen():
            return calls_colleagues.seen(fact, conversation)
        case ask.Reopen():
            return agent_sets_status.reopen(fact, scene, conversation, now)
        case ask.Wait():
            return agent_sets_status.wait(fact, conversation, now)
        case ask.Snooze() as command:
            return agent_sets_status.snooze(fact, command, conversation, now)
        case ask.Resolve() as command:
            return agent_sets_status.resolve(fact, command, scene, conversation, now)
        case ask.MarkSpam():
            return agent_sets_status.mark_spam(fact, conversation, now)
        case ask.Block() as command:
            return agent_blocks.block(fact, command, scene, conversation, now)
        case ask.Unblock():
            return agent_blocks.unblock(fact, conversation, now)
        case ask.Escalate() as command:
            return on_call.escalate(fact, command, scene, conversation, now)
        case ask.Acknowledge():
            return on_call.acknowledge(fact, scene, conversation, now)
        case ask.Undo():
            return agent_sets_status.undo(fact, scene, conversation, now)
        case ask.MergeCustomer():
            return agent_merges.merge(fact, scene, conversation, now)
        case _:
            assert_never(fact.command)
