"""Who gets a piece of work, and who was passed over for what (`docs/design.md` section 10)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from wainbox_relay.contract.vocabulary import AgentId, Flag, Moment, Priority, Status, TeamId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent, Conversation, Customer, Desk, Number
from wainbox_relay.domain.outcome import Marked
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.domain.rules.calendar import ALWAYS
from wainbox_relay.domain.rules.eligibility import Need, Obstacle, Passed
from wainbox_relay.domain.rules.routing import Model, Routing, Rule, Traits

MOST_TOLD = 12
"""Of those passed over, so many are remembered."""

CAME_BACK = frozenset({Flag.DROPPED, Flag.HANDED_OVER, Flag.RETURNED})
"""Why it is nobody's again; over once somebody has it."""

_NOT_HERE = frozenset({Obstacle.GONE, Obstacle.TEAM, Obstacle.OFFLINE, Obstacle.SHIFT})
"""Worth telling only where nobody was found."""


@dataclass(frozen=True, slots=True)
class Routed:
    """What was chosen: `agent` None leaves it in the queue. `how` is the model or what came before
    it, `missed` the account manager who should have had it."""

    agent: AgentId | None
    team: TeamId | None
    priority: Priority
    how: str
    passed: tuple[Passed, ...] = ()
    missed: AgentId | None = None

    @property
    def told(self) -> tuple[tuple[str, str, str], ...]:
        """Who was passed over, as it is kept."""
        return tuple((each.agent, each.why.value, each.what) for each in self.passed)

    def reason(self, name: Callable[[AgentId], str]) -> str:
        """`round robin: Karim; passed over Amina 6/6, Lina no Arabic`."""
        return reason(self.how, self.agent, self.passed, name)


# -- the rules of the operator -----------------------------------------------------------------


def is_open(number: Number | None, desk: Desk, now: Moment) -> bool:
    """Whether the number's hours are on."""
    name = number.calendar if number is not None else ""
    return desk.policy.calendars.get(name, ALWAYS).is_open(now)


def traits(
    conversation: Conversation,
    customer: Customer | None,
    desk: Desk,
    now: Moment,
    words: str | None = None,
    *,
    advert: bool = False,
) -> Traits:
    return Traits(
        number=conversation.number,
        topic=conversation.topic,
        language=conversation.language,
        tags=conversation.tags | (customer.tags if customer else frozenset()),
        vip=customer is not None and customer.vip,
        open=is_open(desk.numbers.get(conversation.number), desk, now),
        words=words,
        advert=advert,
    )


def ruled(conversation: Conversation, rule: Rule | None) -> Conversation:
    """The conversation as the rule that fits from now on wants it."""
    custody = replace(conversation.custody, rule=rule.name if rule else "")
    if rule is None:
        return replace(conversation, custody=custody)
    return replace(
        conversation,
        custody=custody,
        team=rule.team or conversation.team,
        priority=rule.priority or conversation.priority,
    )


def tagged(customer: Customer | None, rule: Rule | None) -> Customer | None:
    """The customer with the tags that the rule gives; the same where there are none to give."""
    if customer is None or rule is None or rule.gives <= customer.tags:
        return customer
    return replace(customer, tags=customer.tags | rule.gives)


def told_of_tags(before: Customer | None, after: Customer | None) -> tuple[Marked, ...]:
    """The line for history."""
    if before is None or after is None or (new := after.tags - before.tags) == frozenset():
        return ()
    return (Marked(what="customer tags", to=",".join(f"+{tag}" for tag in sorted(new))),)


# -- the choice --------------------------------------------------------------------------------


def waits(conversation: Conversation, desk: Desk, now: Moment) -> bool:
    """Whether automation looks for somebody: open, nobody's, our turn, of a number that is ours and
    open, and not a matter for leads or whoever is on call."""
    number = desk.numbers.get(conversation.number)
    return (
        desk.policy.routing is not None
        and conversation.status is Status.OPEN
        and conversation.assignee is None
        and (conversation.waiting_since is not None or Flag.WOKE in conversation.flags)
        and (Flag.ESCALATED not in conversation.flags or Flag.ACKED in conversation.flags)
        and number is not None
        and number.claimed
        and is_open(number, desk, now)
    )


def may_next(conversation: Conversation, desk: Desk) -> bool:
    """Whether agents may help themselves to what waits, by asking for the next one."""
    routing = desk.policy.routing
    if routing is None:
        return False
    rule = routing.named(conversation.custody.rule)
    model = routing.model_for(rule, conversation.number, conversation.team)
    return routing.next_by_hand or model is not Model.MANUAL


def choose(
    conversation: Conversation, customer: Customer | None, desk: Desk, routing: Routing, now: Moment
) -> Routed:
    """The one who gets it: the customer's account manager, then whoever had it and is back, the
    rule's agent, the previous owner; then by the model."""
    rule = routing.named(conversation.custody.rule)
    manager = customer.manager if customer else None
    exact = rule is not None and rule.exact
    wanted = eligibility.need(conversation, customer, exact=exact, vip=manager is not None)
    passed: list[Passed] = []
    model = routing.model_for(rule, conversation.number, conversation.team)
    preferred = _preferred(conversation, customer, rule, routing, model, now)
    for how, agent in chain(preferred, _in_order(model, wanted, desk)):
        known = desk.agents.get(agent)
        asked = replace(wanted, vip=False) if how == _MANAGER else wanted
        against = _against(how, known, asked, desk, routing, now) if known else None
        if known is not None and against is None:
            return _routed(conversation, agent, how, passed, manager)
        if against is not None and against not in passed:
            passed.append(against)
    return _routed(conversation, None, model.value, passed, manager)


_MANAGER, _BACK, _PREVIOUS = "account manager", "back in time", "previous owner"


def _preferred(
    conversation: Conversation,
    customer: Customer | None,
    rule: Rule | None,
    routing: Routing,
    model: Model,
    now: Moment,
) -> Iterator[tuple[str, AgentId]]:
    """Who is asked before the model, and as what."""
    if customer is not None:
        for manager in (customer.manager, customer.manager_backup):
            if manager is not None:
                yield _MANAGER, manager
    last = conversation.last_owner
    if last is not None and Flag.DROPPED in conversation.flags:
        yield _BACK, last
    if rule is not None and rule.agent is not None:
        yield f"rule {rule.name}", rule.agent
    previous = _previous(conversation, customer, routing, now)
    if previous is not None and model is not Model.MANUAL:
        yield _PREVIOUS, previous


def _previous(
    conversation: Conversation, customer: Customer | None, routing: Routing, now: Moment
) -> AgentId | None:
    served_at = customer.served_at if customer is not None else None
    if customer is not None and served_at is not None and now - served_at <= routing.sticky:
        return customer.served_by
    if Flag.FOLLOW_UP in conversation.flags and not conversation.answered:
        return conversation.last_owner
    return None


def _in_order(model: Model, wanted: Need, desk: Desk) -> Iterator[tuple[str, AgentId]]:
    how = model.value.replace("_", " ")
    for agent in _ranked(model, wanted, desk):
        yield how, agent.id


def _ranked(model: Model, wanted: Need, desk: Desk) -> list[Agent]:
    """Everybody, in the order in which the model asks them."""
    agents = list(desk.agents.values())
    match model:
        case Model.MANUAL:
            return []
        case Model.ROUND_ROBIN:
            return sorted(agents, key=_by_idleness)
        case Model.SKILL_BASED:
            return sorted(agents, key=lambda a: (-_named(a, wanted), *_longest_idle(a)))
        case Model.LEAST_LOADED:
            return sorted(agents, key=lambda a: (_share(a, desk), *_longest_idle(a)))
        case Model.FIRST_AVAILABLE:
            return sorted(agents, key=lambda a: _unoccupied(a, desk))


_by_idleness = attrgetter("assigned_at", "id")


def _longest_idle(agent: Agent) -> tuple[Moment, AgentId]:
    return agent.assigned_at, agent.id


def _named(agent: Agent, wanted: Need) -> int:
    """How many of the skills in question the agent names, rather than taking everything."""
    language, topic = wanted.language in agent.languages, wanted.topic in agent.topics
    return language + topic + (wanted.vip and agent.vip)


def _share(agent: Agent, desk: Desk) -> float:
    """How much of their capacity is taken."""
    most = eligibility.capacity(agent, desk.policy.routing)
    return eligibility.load(desk, agent.id).open / most if most else 1.0


def _unoccupied(agent: Agent, desk: Desk) -> tuple[float, Moment, AgentId]:
    """Who owes no answer first, the others by their load."""
    free = eligibility.load(desk, agent.id).ours == 0
    return (-1.0 if free else _share(agent, desk), *_longest_idle(agent))


def _against(
    how: str, agent: Agent, wanted: Need, desk: Desk, routing: Routing, now: Moment
) -> Passed | None:
    found = eligibility.obstacle(agent, wanted, desk, now)
    if found is not None:
        return found
    if how == _PREVIOUS and not eligibility.stays(agent, desk, now, routing.overrun):
        return Passed(agent.id, Obstacle.LEAVING)
    only_free = how == "first available" and routing.strict
    if only_free and eligibility.load(desk, agent.id).ours:
        return Passed(agent.id, Obstacle.ENGAGED)
    return None


def _routed(
    conversation: Conversation,
    agent: AgentId | None,
    how: str,
    passed: list[Passed],
    manager: AgentId | None,
) -> Routed:
    told = [each for each in passed if agent is None or each.why not in _NOT_HERE]
    told = [each for each in told if each.why not in (Obstacle.GONE, Obstacle.TEAM)]
    return Routed(
        agent,
        conversation.team,
        conversation.priority,
        how.replace("_", " "),
        tuple(told[:MOST_TOLD]),
        None if how == _MANAGER and agent == manager else _untold(manager, conversation),
    )


def _untold(manager: AgentId | None, conversation: Conversation) -> AgentId | None:
    """The account manager, unless they have heard of it already: it waits in their mentions, or has
    come back from whoever had it since."""
    told = manager in conversation.mentions or bool(conversation.flags & CAME_BACK)
    return None if told else manager


def may_have(
    agent: AgentId, conversation: Conversation, customer: Customer | None, desk: Desk, now: Moment
) -> bool:
    """Whether somebody who was found a moment ago can still take it."""
    known, routing = desk.agents.get(agent), desk.policy.routing
    if known is None or routing is None:
        return False
    rule = routing.named(conversation.custody.rule)
    exact = rule is not None and rule.exact
    wanted = eligibility.need(conversation, customer, exact=exact)
    return eligibility.obstacle(known, wanted, desk, now) is None


def hand_out(
    work: Iterable[tuple[Conversation, Customer | None]], desk: Desk, now: Moment
) -> tuple[list[tuple[Conversation, Routed]], Desk]:
    """Which of these, most pressing first, find somebody; each sees what the ones before it have
    filled."""
    moved: list[tuple[Conversation, Routed]] = []
    for conversation, customer in work:
        routing = desk.policy.routing
        if routing is None or not waits(conversation, desk, now):
            continue
        found = choose(conversation, customer, desk, routing, now)
        if found.agent is not None:
            taken = replace(conversation, assignee=found.agent)
            desk = eligibility.weighed(desk, conversation, taken, now)
            moved.append((conversation, found))
    return moved, desk


# -- in words ----------------------------------------------------------------------------------


def reason(
    how: str,
    agent: AgentId | None,
    passed: Iterable[Passed],
    name: Callable[[AgentId], str],
) -> str:
    """How somebody was found, or that nobody was, and who could not take it for what."""
    who = name(agent) if agent is not None else "nobody"
    others = ", ".join(f"{name(each.agent)} {lacking(each)}" for each in passed)
    return f"{how}: {who}; passed over {others}" if others else f"{how}: {who}"


_LACKING = {
    Obstacle.GONE: "no longer here",
    Obstacle.TEAM: "not of the team",
    Obstacle.OFFLINE: "offline",
    Obstacle.SHIFT: "off shift",
    Obstacle.BUSY: "busy",
    Obstacle.BREAK: "on break",
    Obstacle.AWAY: "away",
    Obstacle.VIP: "not for VIPs",
    Obstacle.GAVE_BACK: "gave it back",
    Obstacle.ENGAGED: "owes an answer",
    Obstacle.LEAVING: "about to leave",
}
_LANGUAGES = {
    "ar": "Arabic",
    "ar-Latn": "Arabic in Latin letters",
    "fr": "French",
    "en": "English",
}


def lacking(passed: Passed) -> str:
    """`6/6`, `no Arabic`, `on break`."""
    match passed.why:
        case Obstacle.FULL:
            return passed.what
        case Obstacle.LANGUAGE:
            return f"no {_LANGUAGES.get(passed.what, passed.what)}"
        case Obstacle.TOPIC:
            return f"no {passed.what}"
        case _:
            return _LACKING[passed.why]
