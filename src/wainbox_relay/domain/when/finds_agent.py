"""After every story: does its owner keep the work, which rule fits it, and who gets it when it is
nobody's (`docs/design.md` section 10). Automation takes nothing that a person holds."""

from wainbox_relay.contract.commands import Assign, Release
from wainbox_relay.contract.vocabulary import AgentId, Direction, Moment, Status, TeamId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import (
    AlarmRang,
    Commanded,
    DeliveryReported,
    Fact,
    MessageArrived,
    NotAccepted,
    Reacted,
    RouteDue,
)
from wainbox_relay.domain.model import Conversation, Custody, Desk, Scene
from wainbox_relay.domain.outcome import (
    NOTHING,
    PHONE,
    Answered,
    AnswerLost,
    Assigned,
    Change,
    Marked,
    Mentioned,
    Outcome,
    Queued,
    Touched,
)
from wainbox_relay.domain.rules import assigning, eligibility
from wainbox_relay.domain.rules.assigning import Routed
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.routing import Routing
from wainbox_relay.domain.when.turned import Turned

_CALLS = (MessageArrived, Reacted, AlarmRang)
_LOSSES = (NotAccepted, DeliveryReported)
"""Facts that ask for an owner."""


def finds_agent(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    desk, routing = scene.desk, scene.desk.policy.routing
    number = desk.numbers.get(turned.after.number)
    if routing is None or number is None or not number.claimed:
        return turned
    turned = _served(turned, now)
    turned = _given_back(turned, fact, routing, now)
    turned = _kept_or_queued(turned, fact, desk, routing, now)
    turned = _ruled(turned, fact, desk, routing, now)
    turned = _handed_out(turned, desk, routing, now)
    return _in_custody(turned, fact, desk, now)


def route_due(fact: RouteDue, scene: Scene, now: Moment) -> Outcome:
    """Somebody may be free: looked at again, as things stand now."""
    conversation, desk = scene.conversation, scene.desk
    routing = desk.policy.routing
    if conversation is None or routing is None or not assigning.waits(conversation, desk, now):
        return NOTHING
    if assigning.may_have(fact.agent, conversation, scene.customer, desk, now):
        found = fact.agent
        lines = _lines_of(found, conversation.team, fact.how, fact.passed, fact.missed)
    else:
        routed = assigning.choose(conversation, scene.customer, desk, routing, now)
        if routed.agent is None:
            return NOTHING
        found, lines = routed.agent, _lines(routed)
    after = _in_hands(conversation, found)
    moved = Touched(alters={"assignee": found, "flags": after.flags})
    return Outcome(changes=(*lines, moved))


# -- one step each -----------------------------------------------------------------------------


def _served(turned: Turned, now: Moment) -> Turned:
    """Who answered a customer last is remembered with the customer."""
    customer = turned.customer
    for change in turned.story:
        if isinstance(change, Answered) and customer is not None and change.agent != PHONE:
            served = replace(customer, served_by=AgentId(change.agent), served_at=now)
            return turned.to(turned.after, customer=served)
    return turned


def _given_back(turned: Turned, fact: Fact, routing: Routing, now: Moment) -> Turned:
    """It does not come straight back to whom it was taken off."""
    before, after = turned.before, turned.after
    asked = isinstance(fact, Commanded) and isinstance(fact.command, Release | Assign)
    if not asked or before is None or before.assignee is None or after.assignee is not None:
        return turned
    until = Moment(now + routing.apart)
    return turned.to(replace(after, kept_from=before.assignee, kept_until=until))


def _kept_or_queued(
    turned: Turned, fact: Fact, desk: Desk, routing: Routing, now: Moment
) -> Turned:
    """A customer wrote, it woke, or an answer was lost: its owner keeps it if they are there."""
    before, after = turned.before, turned.after
    owner, came = after.assignee, before is not None and before.assignee is None
    if owner is None or after.status is not Status.OPEN:
        return turned
    asks = (*_CALLS, *_LOSSES) if came else _CALLS
    if not isinstance(fact, asks) and not turned.told(AnswerLost):
        return turned
    fresh = came and isinstance(fact, _CALLS)
    if _stands(after, now) or _may_keep(owner, turned, desk, routing, now, fresh=fresh):
        return turned
    left = replace(after, assignee=None, last_owner=owner)
    agent = desk.agents.get(owner)
    here = agent is not None and eligibility.keeps(agent, after, desk, routing, now)
    why = "owner not free" if here else "owner not here"
    return turned.to(left, Assigned(was=owner, team=left.team, why=why))


def _stands(conversation: Conversation, now: Moment) -> bool:
    until = conversation.custody.stands_until
    return until is not None and now < until


def _may_keep(
    owner: AgentId, turned: Turned, desk: Desk, routing: Routing, now: Moment, *, fresh: bool
) -> bool:
    """Who had it keeps it even above capacity; what comes back after its end must fit again."""
    agent = desk.agents.get(owner)
    if agent is None or not fresh:
        return agent is not None and eligibility.keeps(agent, turned.after, desk, routing, now)
    exact = (rule := routing.named(turned.after.custody.rule)) is not None and rule.exact
    wanted = eligibility.need(turned.after, turned.customer, exact=exact)
    return eligibility.obstacle(agent, wanted, desk, now) is None


def _ruled(turned: Turned, fact: Fact, desk: Desk, routing: Routing, now: Moment) -> Turned:
    """The first rule that fits says whose queue it joins and how pressing it is, until another one
    fits."""
    after = turned.after
    if not routing.rules or not _may_be_ruled(turned):
        return turned
    last, came = after.last, isinstance(fact, MessageArrived)
    words = last.text if last is not None and last.direction is Direction.IN else None
    advert = isinstance(fact, MessageArrived) and bool(fact.referral)
    traits = assigning.traits(
        after, turned.customer, desk, now, words if came else None, advert=advert
    )
    rule = routing.rule(traits, after.custody.rule)
    if (rule.name if rule else "") == after.custody.rule:
        return turned
    ruled, customer = assigning.ruled(after, rule), assigning.tagged(turned.customer, rule)
    lines = *_told_of_the_rule(after, ruled), *assigning.told_of_tags(turned.customer, customer)
    return turned.to(ruled, *lines, customer=customer)


def _may_be_ruled(turned: Turned) -> bool:
    """When it begins, comes back, leaves the menu, or what it is about has changed."""
    before, after = turned.before, turned.after
    if after.assignee is not None or after.status not in (Status.OPEN, Status.BOT):
        return False
    if before is None or before.status is not after.status:
        return True
    was = before.topic, before.language, before.tags
    return was != (after.topic, after.language, after.tags)


def _told_of_the_rule(before: Conversation, after: Conversation) -> tuple[Change, ...]:
    why = f"rule {after.custody.rule}"
    lines: list[Change] = []
    if after.team != before.team:
        lines.append(Assigned(team=after.team, why=why))
    if after.priority is not before.priority:
        lines.append(Marked(what="priority", to=after.priority.value))
    return tuple(lines)


def _handed_out(turned: Turned, desk: Desk, routing: Routing, now: Moment) -> Turned:
    """The one who can take it gets it; else it waits, and why is kept once."""
    before, after = turned.before, turned.after
    if after.assignee is not None:
        had_none = before is None or before.assignee is None
        return turned.to(_calm(after)) if had_none and after.flags & assigning.CAME_BACK else turned
    if not assigning.waits(after, desk, now):
        return turned
    found = assigning.choose(after, turned.customer, desk, routing, now)
    if found.agent is not None:
        return turned.to(_in_hands(after, found.agent), *_lines(found))
    waited = before is not None and assigning.waits(before, desk, now)
    return turned if waited else turned.to(after, *_lines(found))


def _in_custody(turned: Turned, fact: Fact, desk: Desk, now: Moment) -> Turned:
    """Since when the owner has been silent on it, and until when somebody's choice stands."""
    before, after = turned.before, turned.after
    custody = after.custody
    if after.assignee is None:
        fresh = Custody(custody.rule)
    elif before is None or before.assignee != after.assignee:
        fresh = Custody(custody.rule, now, _stands_until(fact, after.assignee, desk, now))
    elif _acts(fact, after.assignee):
        fresh = replace(custody, since=now)
    else:
        return turned
    return turned if fresh == custody else turned.to(replace(after, custody=fresh))


def _acts(fact: Fact, owner: AgentId) -> bool:
    return isinstance(fact, Commanded) and fact.agent == owner


def _stands_until(fact: Fact, owner: AgentId, desk: Desk, now: Moment) -> Moment | None:
    agent = desk.agents.get(owner)
    chosen = isinstance(fact, Commanded) and isinstance(fact.command, Assign)
    if not chosen or agent is None or eligibility.on_shift(agent, desk, now):
        return None
    return eligibility.next_shift(agent, desk, now)


# -- what is said of it ------------------------------------------------------------------------


def _in_hands(conversation: Conversation, agent: AgentId) -> Conversation:
    return replace(_calm(conversation), assignee=agent)


def _calm(conversation: Conversation) -> Conversation:
    return flagged(conversation, drop=assigning.CAME_BACK)


def _lines(found: Routed) -> tuple[Change, ...]:
    if found.agent is not None:
        return _lines_of(found.agent, found.team, found.how, found.told, found.missed)
    return (Queued(why=found.how, passed=found.told), *_missed(found.missed))


def _lines_of(
    agent: AgentId,
    team: TeamId | None,
    how: str,
    passed: tuple[tuple[str, str, str], ...],
    missed: AgentId | None,
) -> tuple[Change, ...]:
    return (Assigned(agent=agent, team=team, why=how, passed=passed), *_missed(missed))


def _missed(manager: AgentId | None) -> tuple[Change, ...]:
    return () if manager is None else (Mentioned(agent=manager, why="account manager"),)
