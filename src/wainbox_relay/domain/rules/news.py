"""Who hears of what happened to a case, wherever they are in the terminal: whoever lost it or was
given it, its owner when a promise gets tight, the leads when one is missed (`docs/design.md`
section 10)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from wainbox_relay.contract.vocabulary import AgentId, Moment, Presence, TeamId
from wainbox_relay.domain.model import Conversation, Desk, Target
from wainbox_relay.domain.outcome import Assigned, AtRisk, Change, Escalated, Overdue, Rated
from wainbox_relay.domain.rules import eligibility, rating, sentences
from wainbox_relay.domain.rules.ownership import fits

Tidings = Assigned | AtRisk | Overdue | Escalated | Rated


@dataclass(frozen=True, slots=True)
class News:
    """`one` is said of a single case, `many` (after their number) where several come at once."""

    to: frozenset[AgentId]
    one: str
    many: str


def news(change: Change, of: Conversation, desk: Desk, now: Moment) -> Iterator[News]:
    """What there is to say of a change, to somebody. Nobody is told of their own doing."""
    if not isinstance(change, Tidings):
        return
    doer = AgentId(change.actor.removeprefix("@"))
    for each in _news(change, of, desk, now):
        if hear := each.to - {doer}:
            yield News(hear, each.one, each.many)


def _news(change: Tidings, of: Conversation, desk: Desk, now: Moment) -> Iterator[News]:
    ref = sentences.ref(of)
    match change:
        case Assigned():
            if change.actor.startswith("@"):
                yield from _handed(change, ref, desk, now)
        case AtRisk():
            to = _team(desk, change.team) if change.agent is None else [change.agent]
            what = f"{ref}: {_promise(change.target)} is at risk."
            yield _to(to, what, "promises are at risk; g r shows them.")
        case Overdue():
            what = f"{ref}: {_promise(change.target)} was missed{_whose(change.agent, desk)}."
            yield _to(_leads(desk), what, "promises were missed; g r shows them.")
        case Escalated():
            why = f"by {_doer(change, desk)}" if change.actor.startswith("@") else change.why
            yield _to(_leads(desk), f"{ref} was escalated ({why}).", "cases were escalated.")
        case Rated():
            if change.stars <= rating.POOR:
                what = f"{ref} was rated {change.stars} of 5{_whose(change.agent, desk)}."
                yield _to(_leads(desk), what, "cases were rated 1 or 2 of 5.")
        case _:
            assert_never(change)


def _handed(change: Assigned, ref: str, desk: Desk, now: Moment) -> Iterator[News]:
    """A person moved it: from somebody, to somebody, perhaps to who is not at work."""
    by, agent = _doer(change, desk), change.agent
    owner = desk.agents.get(agent) if agent is not None else None
    if change.was is not None and change.was != agent:
        takes = agent is not None and change.actor == f"@{agent}"
        where = f"to {owner.name}" if owner is not None else "back to the queue"
        what = f"{by} took over {ref}." if takes else f"{ref} went {where}, by {by}."
        yield _to([change.was], what, f"cases of yours were moved by {by}.")
    if owner is None or agent == change.was:
        return
    yield _to([owner.id], f"{ref} is yours now, from {by}.", f"cases are yours now, from {by}.")
    if not eligibility.on_shift(owner, desk, now):
        what = f"{ref} was given to {owner.name}, who is off shift until later."
        many = f"cases were given to {owner.name}, who is off shift until later."
        yield _to(_leads(desk), what, many)


def _to(agents: Iterable[AgentId], one: str, many: str) -> News:
    return News(frozenset(agents), one, many)


def _leads(desk: Desk) -> list[AgentId]:
    return [agent.id for agent in desk.agents.values() if eligibility.leads(agent)]


def _team(desk: Desk, team: TeamId | None) -> list[AgentId]:
    """Who is here of a team; the leads have theirs when it is missed."""
    here = (a for a in desk.agents.values() if a.presence is Presence.ONLINE and fits(a, team))
    return [agent.id for agent in here if not eligibility.leads(agent)]


_PROMISES = {Target.HUMAN: "the wait for a person", Target.RESOLUTION: "the resolution"}


def _promise(target: str) -> str:
    return _PROMISES.get(Target(target), f"the {target} response")


def _whose(agent: AgentId | None, desk: Desk) -> str:
    return f" ({sentences.name(desk, agent)}'s)" if agent is not None else ""


def _doer(change: Change, desk: Desk) -> str:
    return sentences.name(desk, change.actor.removeprefix("@"))
