"""Work goes back to the queue when its owner cannot do it: their terminal is gone, their shift is
over, they stayed silent, or they left the team (`docs/design.md` section 10). Looked at again here,
where it counts; only what waits for us is taken off anybody who still works here."""

from wainbox_relay.contract.vocabulary import Flag, Moment, Presence, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import LetGo
from wainbox_relay.domain.model import Agent, Conversation, Desk, Scene
from wainbox_relay.domain.outcome import NOTHING, Assigned, Outcome, Touched
from wainbox_relay.domain.rules import eligibility, ownership
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.calendar import ALWAYS
from wainbox_relay.domain.rules.history import difference
from wainbox_relay.domain.rules.routing import Routing

_FLAGS = {
    "dropped": Flag.DROPPED,
    "shift over": Flag.HANDED_OVER,
    "silent": Flag.RETURNED,
}


def owner_lets_go(fact: LetGo, scene: Scene, now: Moment) -> Outcome:
    """Nobody's again, if it is still so."""
    conversation, routing = scene.conversation, scene.desk.policy.routing
    agent = scene.desk.agents.get(fact.agent)
    if conversation is None or agent is None or routing is None:
        return NOTHING
    if conversation.assignee != fact.agent or not lets_go(
        fact.why, conversation, agent, scene.desk, routing, now
    ):
        return NOTHING
    after = _free(conversation, fact, routing, now)
    line = Assigned(was=fact.agent, team=after.team, why=fact.why)
    return Outcome(changes=(line, Touched(alters=difference(conversation, after))))


def lets_go(
    why: str, conversation: Conversation, agent: Agent, desk: Desk, routing: Routing, now: Moment
) -> bool:
    """Whether this reason holds now."""
    if conversation.resolved:
        return False
    if why == "left":
        return not ownership.fits(agent, conversation.team)
    stands = conversation.custody.stands_until
    if conversation.status is not Status.OPEN or conversation.waiting_since is None:
        return False
    if stands is not None and now < stands:
        return False
    match why:
        case "dropped":
            return eligibility.gone_for(agent, conversation, now) >= routing.grace
        case "shift over":
            return is_over(agent, desk, routing, now)
        case _:
            return _silent(conversation, agent, desk, routing, now)


def is_over(agent: Agent, desk: Desk, routing: Routing, now: Moment) -> bool:
    """Their shift has ended, and they have gone or had a while to finish."""
    ended = eligibility.off_since(agent, desk, now)
    if ended is None:
        return False
    return agent.presence is Presence.OFFLINE or now - ended >= routing.overrun


def _silent(
    conversation: Conversation, agent: Agent, desk: Desk, routing: Routing, now: Moment
) -> bool:
    """For too long, in the number's hours; who is off shift is no silent owner."""
    since, number = conversation.custody.since, desk.numbers.get(conversation.number)
    if not routing.return_after or since is None or not eligibility.on_shift(agent, desk, now):
        return False
    # The wait and what the customer adds to it begin the time anew.
    since = max(since, conversation.waiting_since or since, conversation.last_in_at or since)
    calendar = desk.policy.calendars.get(number.calendar if number else "", ALWAYS)
    return calendar.between(since, now) >= routing.return_after


def _free(conversation: Conversation, fact: LetGo, routing: Routing, now: Moment) -> Conversation:
    flag = _FLAGS.get(fact.why)
    after = flagged(
        replace(conversation, assignee=None, last_owner=fact.agent), add=(flag,) if flag else ()
    )
    if fact.why != "silent":
        return after
    return replace(after, kept_from=fact.agent, kept_until=Moment(now + routing.apart))
