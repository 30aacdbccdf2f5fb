"""Whose work it is. What a person holds stays theirs while they can do it; automation only ever
returns it to the queue (`docs/design.md` section 4)."""

from wainbox_relay.contract.vocabulary import AgentId, Presence, Role, TeamId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent, Conversation, Desk


def fits(agent: Agent | None, team: TeamId | None) -> bool:
    """Whether the agent still works here and this is their team's. Leads, admins and agents without
    teams belong to all of them."""
    if agent is None or agent.revoked_at is not None or agent.role is Role.VIEWER:
        return False
    everywhere = not agent.teams or agent.role in (Role.LEAD, Role.ADMIN)
    return team is None or everywhere or team in agent.teams


def keep_or_queue(conversation: Conversation, desk: Desk) -> Conversation:
    """The owner keeps it, or it is nobody's again if they are gone from here or from the team."""
    owner = conversation.assignee
    if owner is None or fits(desk.agents.get(owner), conversation.team):
        return conversation
    return replace(conversation, assignee=None, last_owner=owner)


def give_back(conversation: Conversation, desk: Desk, to: AgentId | None) -> Conversation:
    """Unowned work returns to the one who had it, if they are there to do it."""
    agent = desk.agents.get(to) if to is not None else None
    if conversation.assignee is not None or agent is None:
        return conversation
    if agent.presence is not Presence.ONLINE or not fits(agent, conversation.team):
        return conversation
    return replace(conversation, assignee=agent.id)


def taken(conversation: Conversation, agent: Agent) -> Conversation:
    """In the hands of `agent`. Work goes to the team of whoever does it, so that another team's
    rules do not take it away again."""
    team = conversation.team if fits(agent, conversation.team) else min(agent.teams, default=None)
    previous = conversation.assignee or conversation.last_owner
    return replace(conversation, assignee=agent.id, last_owner=previous, team=team)
