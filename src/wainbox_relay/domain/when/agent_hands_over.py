"""Who holds a conversation: claim, release, assign (`docs/design.md` section 4)."""

from wainbox_relay.contract.commands import Assign, Claim
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import Moment, Role, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded
from wainbox_relay.domain.model import Agent, Conversation, Desk, Scene
from wainbox_relay.domain.outcome import Outcome, by
from wainbox_relay.domain.rules import (
    assigning,
    closing,
    eligibility,
    ownership,
    permissions,
    sentences,
)
from wainbox_relay.domain.rules.history import told, undoable
from wainbox_relay.domain.rules.sentences import refused


def claim(
    fact: Commanded, command: Claim, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """One winner: the others read who was first."""
    owner, me = conversation.assignee, scene.desk.agents.get(fact.agent)
    if conversation.resolved or me is None:
        return _closed(conversation)
    if owner == fact.agent:
        return Outcome(said="You have it already.")
    if owner is not None and not command.take_over:
        return _taken(fact, scene, conversation, now)
    if owner is not None and not permissions.may_take_over(fact.role, scene.desk.policy):
        who = sentences.name(scene.desk, owner)
        message = f"{who} has it; ask {who} or a lead to hand it over."
        return refused(Code.NOT_ALLOWED, message, agent=owner)
    why = "claimed" if owner is None else "taken over"
    outcome = _given(fact, conversation, _human(ownership.taken(conversation, me)), now, why)
    return replace(outcome, said=_above("You hold", me, conversation, scene.desk))


def take_next(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """Like a claim, for somebody who has room and the skills. It is looked at here, where nobody
    else can have taken it meanwhile."""
    desk, me = scene.desk, scene.desk.agents.get(fact.agent)
    if me is None or conversation.resolved:
        return _closed(conversation)
    if conversation.assignee is not None:
        return _taken(fact, scene, conversation, now)
    if conversation.status is not Status.OPEN:
        message = f"{sentences.ref(conversation)} is in nobody's queue; claim it with c instead."
        return refused(Code.TAKEN, message)
    if (refusal := _no_next(me, conversation, desk)) is not None:
        return refusal
    if eligibility.unable(me, conversation, scene.customer, desk, now) is not None:
        message = f"{sentences.ref(conversation)} asks for skills or a team you are not down for."
        return refused(Code.CONFLICT, message)
    return _given(fact, conversation, ownership.taken(conversation, me), now, "next")


def _no_next(me: Agent, conversation: Conversation, desk: Desk) -> Outcome | None:
    if not assigning.may_next(conversation, desk):
        message = "Work is handed out by hand here; claim one yourself, or ask a lead."
        return refused(Code.NOT_ALLOWED, message)
    if not (full := eligibility.fullness(me, desk)):
        return None
    held, _, most = full.partition("/")
    message = f"You hold {held} of {most}; finish one first, or claim another by hand."
    return refused(Code.CONFLICT, message)


def _taken(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    who = sentences.name(scene.desk, conversation.assignee)
    undo = conversation.undo
    fresh = undo is not None and undo.what == "claimed" and undo.by == conversation.assignee
    took = f"{who} took it {sentences.ago(undo.at, now)}" if undo and fresh else f"{who} has it"
    if permissions.may_take_over(fact.role, scene.desk.policy):
        message = f"{took}; press c again to take it over."
        return refused(Code.TAKEN, message, "take_over", agent=conversation.assignee)
    message = f"{took}; ask {who} or a lead to hand it over."
    return refused(Code.TAKEN, message, agent=conversation.assignee)


def release(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """Back to the queue of its team."""
    owner = conversation.assignee
    if conversation.resolved:
        return _closed(conversation)
    if owner is None:
        return Outcome(said="Nobody has it.")
    if not permissions.may_act_for(fact.role, fact.agent, owner):
        who = sentences.name(scene.desk, owner)
        message = f"{who} has it; take it over first, or ask {who} or a lead to release it."
        return refused(Code.NOT_ALLOWED, message, agent=owner)
    after = replace(conversation, assignee=None, last_owner=owner)
    return _given(fact, conversation, after, now, "released")


def assign(
    fact: Commanded, command: Assign, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """To a colleague, to a team's queue, or to a colleague within a team."""
    if conversation.resolved:
        return _closed(conversation)
    if command.team is not None and command.team not in scene.desk.teams:
        message = f"There is no team {command.team}; choose one of the configured teams."
        return refused(Code.NOT_FOUND, message, "team")
    if command.agent is None:
        return _to_team(fact, command, conversation, now)
    agent = scene.desk.agents.get(command.agent)
    if agent is None or agent.revoked_at is not None or agent.role is Role.VIEWER:
        message = f"Nobody called {command.agent} can take work here; choose another agent."
        return refused(Code.NOT_FOUND, message, "agent")
    return _to_agent(fact, command, agent, scene.desk, conversation, now)


def _to_team(fact: Commanded, command: Assign, conversation: Conversation, now: Moment) -> Outcome:
    if command.team is None:
        return refused(Code.INVALID, "Say to whom: an agent, a team, or both.")
    if conversation.status is Status.BOT:
        message = "Nobody of ours has it yet; claim it first, or name an agent too."
        return refused(Code.CONFLICT, message)
    previous = conversation.assignee or conversation.last_owner
    after = replace(conversation, assignee=None, last_owner=previous, team=command.team)
    return _given(fact, conversation, after, now, "assigned")


def _to_agent(
    fact: Commanded,
    command: Assign,
    agent: Agent,
    desk: Desk,
    conversation: Conversation,
    now: Moment,
) -> Outcome:
    if command.team is not None and not ownership.fits(agent, command.team):
        message = f"{agent.name} is not on team {command.team}; choose another agent or team."
        return refused(Code.CONFLICT, message, "team")
    if command.agent == conversation.assignee and command.team in (None, conversation.team):
        return Outcome(said=f"{agent.name} has it already.")
    full = eligibility.fullness(agent, desk)
    if full and agent.id != fact.agent and not permissions.in_charge(fact.role):
        held, _, most = full.partition("/")
        message = f"{agent.name} holds {held} of {most}; choose another, or ask a lead."
        return refused(Code.CONFLICT, message, "agent")
    placed = replace(conversation, team=command.team or conversation.team)
    after = _human(ownership.taken(placed, agent))
    outcome = _given(fact, conversation, after, now, "assigned")
    above = _above(f"{agent.name}: now", agent, conversation, desk)
    return replace(outcome, said=" ".join(filter(None, (above, _waits(agent, desk, now)))))


def _above(begin: str, agent: Agent, conversation: Conversation, desk: Desk) -> str:
    """Said of whoever holds more than they should from now on."""
    if conversation.assignee == agent.id:
        return ""
    held, _, most = eligibility.fullness(agent, desk).partition("/")
    return f"{begin} {int(held) + 1} of {most}." if held else ""


def _waits(agent: Agent, desk: Desk, now: Moment) -> str:
    if desk.policy.routing is None or eligibility.on_shift(agent, desk, now):
        return ""
    return f"{agent.name} is off shift; it stays theirs until their next shift begins."


def _human(conversation: Conversation) -> Conversation:
    """Work in a person's hands is no automaton's."""
    if conversation.status is not Status.BOT:
        return conversation
    return closing.reopened(conversation)


def _given(
    fact: Commanded, before: Conversation, after: Conversation, now: Moment, why: str
) -> Outcome:
    if after == before:
        return Outcome(said="It is so already.")
    after = undoable(before, after, fact.agent, now, why)
    return Outcome(changes=told(before, after, actor=by(fact.agent), why=why))


def _closed(conversation: Conversation) -> Outcome:
    message = f"{sentences.ref(conversation)} is resolved; open it again first, with s then o."
    return refused(Code.CONFLICT, message)
