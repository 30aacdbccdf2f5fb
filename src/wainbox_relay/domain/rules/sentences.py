"""What refusals say: who or what is in the way, and what to do next. Agents' names appear in them,
words or names of customers never."""

from wainbox_relay.contract.problems import Code, Problem
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, AgentId, Moment
from wainbox_relay.domain.model import Conversation, Desk
from wainbox_relay.domain.outcome import Outcome


def refused(code: Code, message: str, field: str = "", **details: object) -> Outcome:
    """An outcome that is only a refusal."""
    return Outcome(problem=Problem(code=code, message=message, field=field, details=details))


def name(desk: Desk, agent: str | None) -> str:
    """What colleagues call an agent."""
    known = desk.agents.get(AgentId(agent or ""))
    return (known.name if known else agent) or "Somebody"


def ref(conversation: Conversation) -> str:
    return f"W-{conversation.ref}"


def ago(since: Moment, now: Moment) -> str:
    """How long ago, in one number and unit."""
    passed = max(now - since, 0)
    if passed < MINUTE:
        return f"{passed // SECOND} s ago"
    return f"{passed // MINUTE} min ago" if passed < HOUR else f"{passed // HOUR} h ago"
