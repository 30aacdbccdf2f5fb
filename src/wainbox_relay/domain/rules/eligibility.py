"""Who can take a piece of work, and why not the others (`docs/design.md` section 10). What is given
by automation is for whoever is online, on shift, of the team, skilled and below their capacity."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from wainbox_relay.contract.vocabulary import AgentId, Moment, Presence, Role, Status, TeamId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent, Conversation, Customer, Desk, Load
from wainbox_relay.domain.rules.calendar import ALWAYS
from wainbox_relay.domain.rules.ownership import fits
from wainbox_relay.domain.rules.roster import Hours, Layer, calendar_of
from wainbox_relay.domain.rules.routing import Routing

_assigned_at = attrgetter("assigned_at")
ARABIC, ARABIC_IN_LATIN = "ar", "ar-Latn"
NOBODY = Load()
NO_HOURS = Hours()


class Obstacle(StrEnum):
    """Why somebody was passed over."""

    GONE = "gone"
    TEAM = "team"
    OFFLINE = "offline"
    SHIFT = "shift"
    BUSY = "busy"
    BREAK = "break"
    AWAY = "away"
    FULL = "full"
    LANGUAGE = "language"
    TOPIC = "topic"
    VIP = "vip"
    GAVE_BACK = "gave_back"
    ENGAGED = "engaged"
    """They owe somebody an answer, where only the unoccupied are asked."""
    LEAVING = "leaving"
    """Their shift is about to end."""


@dataclass(frozen=True, slots=True)
class Passed:
    """An agent who did not get it. `what` is the skill they lack, or "6/6" when they are full."""

    agent: AgentId
    why: Obstacle
    what: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What a conversation asks of whoever takes it."""

    conversation: Conversation
    language: str
    exact: bool
    topic: str
    vip: bool


def need(
    conversation: Conversation,
    customer: Customer | None,
    *,
    exact: bool = False,
    vip: bool = False,
) -> Need:
    important = vip or (customer is not None and customer.vip)
    return Need(conversation, conversation.language, exact, conversation.topic, important)


# -- one agent ---------------------------------------------------------------------------------


def obstacle(agent: Agent, wanted: Need, desk: Desk, now: Moment) -> Passed | None:
    """Why automation may not give it to this agent; None when it may."""
    why = _absent(agent, wanted.conversation, desk, now) or _unable(agent, wanted, desk, now)
    if why is None and (full := fullness(agent, desk)):
        return Passed(agent.id, Obstacle.FULL, full)
    return Passed(agent.id, why, _lack(why, wanted)) if why is not None else None


def unable(
    agent: Agent, conversation: Conversation, customer: Customer | None, desk: Desk, now: Moment
) -> Obstacle | None:
    """Why it is not for them at all, whether they are free or not."""
    if not fits(agent, conversation.team):
        return Obstacle.TEAM
    return _unable(agent, need(conversation, customer), desk, now)


def is_given_work(agent: Agent, team: TeamId | None) -> bool:
    """Whether automation ever gives them work of this team. Leads get it only with a capacity of
    their own."""
    return fits(agent, team) and (agent.role is Role.AGENT or agent.capacity is not None)


def _absent(agent: Agent, conversation: Conversation, desk: Desk, now: Moment) -> Obstacle | None:
    if not is_given_work(agent, conversation.team):
        return Obstacle.GONE if agent.revoked_at is not None else Obstacle.TEAM
    if agent.presence is not Presence.ONLINE:
        return Obstacle(agent.presence.value)
    return None if on_shift(agent, desk, now) else Obstacle.SHIFT


def _unable(agent: Agent, wanted: Need, desk: Desk, now: Moment) -> Obstacle | None:
    """Skills count where somebody has them: what nobody who works on it names, anybody may take."""
    language, topic, exact = wanted.language, wanted.topic, wanted.exact
    if not speaks(agent, language, exact=exact) and _anybody(
        desk, wanted, lambda a: bool(a.languages) and speaks(a, language, exact=exact)
    ):
        return Obstacle.LANGUAGE
    other = topic and agent.topics and topic not in agent.topics
    if other and _anybody(desk, wanted, lambda a: topic in a.topics):
        return Obstacle.TOPIC
    if wanted.vip and not agent.vip and _anybody(desk, wanted, lambda a: a.vip):
        return Obstacle.VIP
    kept = wanted.conversation
    if kept.kept_from == agent.id and kept.kept_until is not None and now < kept.kept_until:
        return Obstacle.GAVE_BACK
    return None


def _anybody(desk: Desk, wanted: Need, has: Callable[[Agent], bool]) -> bool:
    """A lead's skill, or another team's, would leave it waiting for nobody."""
    team = wanted.conversation.team
    return any(has(agent) and is_given_work(agent, team) for agent in desk.agents.values())


def _lack(why: Obstacle, wanted: Need) -> str:
    return {Obstacle.LANGUAGE: wanted.language, Obstacle.TOPIC: wanted.topic}.get(why, "")


def speaks(agent: Agent, language: str, *, exact: bool = False) -> bool:
    """Whoever names Arabic reads it in Latin letters too, unless `exact`."""
    if not language or not agent.languages or language in agent.languages:
        return True
    return not exact and language == ARABIC_IN_LATIN and ARABIC in agent.languages


def capacity(agent: Agent, routing: Routing | None) -> int | None:
    """The most they hold; None where nobody set any."""
    if agent.capacity is not None or routing is None:
        return agent.capacity
    return routing.capacity


def fullness(agent: Agent, desk: Desk, more: int = 0) -> str:
    """`6/6` once no more fits, else empty."""
    most, held = capacity(agent, desk.policy.routing), load(desk, agent.id).open + more
    return f"{held}/{most}" if most is not None and held >= most else ""


def load(desk: Desk, agent: AgentId) -> Load:
    return desk.load.get(agent, NOBODY)


def leads(agent: Agent) -> bool:
    """Whether they are told what concerns the whole floor."""
    return agent.role in (Role.LEAD, Role.ADMIN) and agent.revoked_at is None


def may_take(agent: Agent, desk: Desk) -> bool:
    """Whether there is any point in looking for work for them."""
    return agent.presence is Presence.ONLINE and not fullness(agent, desk)


def keeps(
    agent: Agent, conversation: Conversation, desk: Desk, routing: Routing, now: Moment
) -> bool:
    """Whether an owner is there to go on: of the team, at work, and not gone for longer than a line
    may be down. How much they hold does not matter."""
    if not fits(agent, conversation.team) or gone_for(agent, conversation, now) > routing.grace:
        return False
    off = off_since(agent, desk, now)
    return off is None or (agent.presence is not Presence.OFFLINE and now - off < routing.overrun)


# -- shifts and presence -----------------------------------------------------------------------


def hours(agent: Agent, desk: Desk) -> Hours:
    """The agent's own hours, else those of their teams, each with what was set for a while."""
    routing = desk.policy.routing
    agents = routing.shifts_of_agents if routing is not None else {}
    teams = routing.shifts_of_teams if routing is not None else {}
    if not (agents or teams or desk.duties):
        return NO_HOURS
    return Hours(
        _layer(desk, f"@{agent.id}", agents.get(agent.id)),
        [_layer(desk, team, teams.get(team)) for team in sorted(agent.teams)],
    )


def _layer(desk: Desk, whom: str, usual: str | None) -> Layer:
    calendars = desk.policy.calendars
    return Layer(
        calendars.get(usual, ALWAYS) if usual else None,
        tuple((each, calendar_of(each.hours, calendars)) for each in desk.duties.get(whom, ())),
    )


def on_shift(agent: Agent, desk: Desk, now: Moment) -> bool:
    """Within their hours, or at work until a moment they named."""
    return _overtime(agent, now) or hours(agent, desk).on(now)


def _overtime(agent: Agent, now: Moment) -> bool:
    at_work = agent.state in (Presence.ONLINE, Presence.BUSY)
    return at_work and agent.until is not None and now < agent.until


def off_since(agent: Agent, desk: Desk, now: Moment) -> Moment | None:
    """When their shift ended; None while it lasts."""
    return None if _overtime(agent, now) else hours(agent, desk).off_since(now)


def stays(agent: Agent, desk: Desk, now: Moment, long: int) -> bool:
    """Whether their shift goes on for so long."""
    end = ends(agent, desk, now)
    return end is None or end - now > long


def ends(agent: Agent, desk: Desk, now: Moment) -> Moment | None:
    """When the shift they are on ends; None when they are on none, or it never does."""
    shift = hours(agent, desk)
    end = shift.ends(now)
    if agent.until is None or not _overtime(agent, now) or (end is None and shift.on(now)):
        return end
    return agent.until if end is None else max(end, agent.until)


def next_shift(agent: Agent, desk: Desk, now: Moment) -> Moment | None:
    """When they are on shift again."""
    return hours(agent, desk).begins(now)


def shift_moves(agent: Agent, desk: Desk, now: Moment) -> Moment | None:
    """When they go, or come; None when neither will happen."""
    on = on_shift(agent, desk, now)
    return ends(agent, desk, now) if on else next_shift(agent, desk, now)


def presence(agent: Agent, now: Moment, *, here: bool) -> Presence:
    """What others see: what they said of themselves, for as long as it holds."""
    if not here:
        return Presence.OFFLINE
    return Presence.ONLINE if _said_is_over(agent, now) else agent.state


def refreshed(agent: Agent, now: Moment, *, here: bool) -> Agent:
    """The agent as of now; the same one when nothing changed."""
    if _said_is_over(agent, now):
        agent = replace(agent, state=Presence.ONLINE, until=None)
    seen = presence(agent, now, here=here)
    return agent if agent.presence is seen else replace(agent, presence=seen, presence_since=now)


def _said_is_over(agent: Agent, now: Moment) -> bool:
    return agent.until is not None and agent.until <= now


def away_for(agent: Agent, now: Moment) -> int:
    """How long no terminal of theirs has been open."""
    return now - agent.presence_since if agent.presence is Presence.OFFLINE else 0


def gone_for(agent: Agent, conversation: Conversation, now: Moment) -> int:
    """The same for one case: whoever took it, or did something on it, without any terminal was
    there then."""
    since = conversation.custody.since
    return min(away_for(agent, now), now - since) if since is not None else away_for(agent, now)


# -- what they hold ----------------------------------------------------------------------------


def _held(conversation: Conversation | None) -> tuple[AgentId | None, bool]:
    if conversation is None or conversation.status is not Status.OPEN:
        return None, False
    return conversation.assignee, conversation.waiting_since is not None


def weighed(desk: Desk, before: Conversation | None, after: Conversation, now: Moment) -> Desk:
    """The desk once a conversation has moved: who holds how much, and who was given work last. The
    same desk when nobody's load changed."""
    was, now_held = _held(before), _held(after)
    number = desk.numbers.get(after.number)
    if was == now_held or number is None or not number.claimed:
        return desk
    loads = dict(desk.load)
    for (agent, ours), sign in ((was, -1), (now_held, 1)):
        if agent is not None:
            held = loads.get(agent, NOBODY)
            loads[agent] = Load(held.open + sign, held.ours + sign * ours)
    given = before is None or before.assignee != after.assignee
    agents = _after_giving(desk, after.assignee, now) if given else desk.agents
    return replace(desk, load=loads, agents=agents)


def _after_giving(desk: Desk, to: AgentId | None, now: Moment) -> Mapping[AgentId, Agent]:
    agent = desk.agents.get(to) if to is not None else None
    if agent is None or desk.policy.routing is None:
        return desk.agents
    # Two in one instant still come one after the other: the rotation goes by it.
    newest = max(map(_assigned_at, desk.agents.values()))
    last = replace(agent, assigned_at=Moment(max(now, newest + 1)))
    return {**desk.agents, agent.id: last}
