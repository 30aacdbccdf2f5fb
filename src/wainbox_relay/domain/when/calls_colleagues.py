"""Somebody is named in a note or should know of a case; it stays in their mentions until they do
something there or have read it (`docs/design.md` section 10)."""

from wainbox_relay.contract.commands import Seen
from wainbox_relay.contract.vocabulary import AgentId, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded, Fact
from wainbox_relay.domain.model import Conversation, Desk, Scene
from wainbox_relay.domain.outcome import Mentioned, Outcome, Touched, by
from wainbox_relay.domain.rules import permissions
from wainbox_relay.domain.when.turned import Turned


def calls_colleagues(turned: Turned, fact: Fact, _scene: Scene, _now: Moment) -> Turned:
    """Who is told of it is called; who acts has come."""
    after = turned.after
    told = {c.agent for c in (*turned.story, *turned.lines) if isinstance(c, Mentioned)}
    came = {fact.agent} if isinstance(fact, Commanded) else set()
    mentions = (after.mentions | told) - came
    return turned if mentions == after.mentions else turned.to(replace(after, mentions=mentions))


def called(named: tuple[str, ...], desk: Desk) -> frozenset[AgentId]:
    """Of those whom a note names, who can come."""
    agents = (desk.agents[AgentId(name)] for name in named)
    able = (a for a in agents if a.revoked_at is None and permissions.may_work(a.role))
    return frozenset(agent.id for agent in able)


def seen(fact: Commanded, conversation: Conversation) -> Outcome:
    """Read. That is no deed: what a colleague did last can still be undone."""
    if fact.agent not in conversation.mentions:
        return Outcome()
    altered: dict[str, object] = {"mentions": conversation.mentions - {fact.agent}}
    if (step := conversation.undo) is not None and step.version == conversation.version:
        altered["undo"] = replace(step, version=conversation.version + 1)
    return Outcome(changes=(Touched(actor=by(fact.agent), alters=altered),))


def only_looks(fact: Fact) -> bool:
    """Nothing follows from somebody having read a case."""
    return isinstance(fact, Commanded) and isinstance(fact.command, Seen)
