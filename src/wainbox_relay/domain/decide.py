"""The table of contents: which story a fact begins."""

from typing import assert_never

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.facts import (
    Accepted,
    AlarmRang,
    Ambiguous,
    AttemptBegan,
    Begun,
    BlockFailed,
    Commanded,
    DeliveryReported,
    Echoed,
    Edited,
    Fact,
    IdentityChanged,
    LetGo,
    MediaFetched,
    MessageArrived,
    NotAccepted,
    PageLost,
    Reacted,
    Revoked,
    RouteDue,
)
from wainbox_relay.domain.model import Scene
from wainbox_relay.domain.outcome import Outcome
from wainbox_relay.domain.when import agent_blocks, on_call
from wainbox_relay.domain.when.afterwards import afterwards
from wainbox_relay.domain.when.agent_commands import commanded
from wainbox_relay.domain.when.agent_sends import begins
from wainbox_relay.domain.when.alarm_rings import alarm_rings
from wainbox_relay.domain.when.delivery_reported import delivery_reported
from wainbox_relay.domain.when.finds_agent import route_due
from wainbox_relay.domain.when.identity_changes import identity_changes
from wainbox_relay.domain.when.media_fetched import media_fetched
from wainbox_relay.domain.when.message_arrives import message_arrives
from wainbox_relay.domain.when.message_changes import edited, reacted, revoked
from wainbox_relay.domain.when.owner_lets_go import owner_lets_go
from wainbox_relay.domain.when.phone_answers import phone_answers
from wainbox_relay.domain.when.send_goes_out import (
    accepted,
    ambiguous,
    attempt_begins,
    not_accepted,
)


def decide(fact: Fact, scene: Scene, now: Moment) -> Outcome:
    """What the fact comes to, with all that follows from it by the rules of the floor. Never raises
    for what a fact or a scene may hold."""
    return afterwards(_story(fact, scene, now), fact, scene, now)


def _story(fact: Fact, scene: Scene, now: Moment) -> Outcome:
    match fact:
        case MessageArrived():
            return message_arrives(fact, scene, now)
        case Echoed():
            return phone_answers(fact, scene, now)
        case Edited():
            return edited(fact, scene)
        case Revoked():
            return revoked(fact, scene)
        case Reacted():
            return reacted(fact, scene, now)
        case IdentityChanged():
            return identity_changes(fact, scene)
        case DeliveryReported():
            return delivery_reported(fact, scene, now)
        case AttemptBegan():
            return attempt_begins(scene, now)
        case Accepted():
            return accepted(fact, scene, now)
        case NotAccepted():
            return not_accepted(fact, scene, now)
        case Ambiguous():
            return ambiguous(fact, scene, now)
        case Commanded():
            return commanded(fact, scene, now)
        case Begun():
            return begins(fact, scene, now)
        case AlarmRang():
            return alarm_rings(fact, scene, now)
        case PageLost():
            return on_call.page_lost(fact, scene, now)
        case RouteDue():
            return route_due(fact, scene, now)
        case LetGo():
            return owner_lets_go(fact, scene, now)
        case BlockFailed():
            return agent_blocks.failed(fact, scene)
        case MediaFetched():
            return media_fetched(fact, scene)
        case _:
            assert_never(fact)
