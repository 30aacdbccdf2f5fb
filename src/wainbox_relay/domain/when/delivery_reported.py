"""WhatsApp's status webhooks, where more moves than a tick (`docs/design.md` section 5)."""

from wainbox_relay.contract.vocabulary import Delivery, Direction, Moment
from wainbox_relay.domain.facts import DeliveryReported
from wainbox_relay.domain.model import Entry, Scene
from wainbox_relay.domain.outcome import NOTHING, Outcome
from wainbox_relay.domain.rules import delivery
from wainbox_relay.domain.when.sends_end import Report, reported


def delivery_reported(fact: DeliveryReported, scene: Scene, now: Moment) -> Outcome:
    """A status of a message we do not know yet waits until we do."""
    entry = scene.entry
    if entry is None:
        return Outcome(parked=True)
    state = _state(fact, entry)
    if entry.direction is not Direction.OUT or state is None:
        return NOTHING
    report = Report(fact.wamid, state, fact.at, _attempt(fact.opaque), fact.failure)
    return reported(scene, entry, report, now)


def _state(fact: DeliveryReported, entry: Entry) -> Delivery | None:
    """One member's receipt says of a group's message only that it was sent."""
    if not fact.participant:
        return fact.delivery
    unsure = entry.delivery in delivery.PENDING or entry.delivery in delivery.UNKNOWN
    return Delivery.SENT if unsure and fact.delivery is not Delivery.FAILED else None


def _attempt(opaque: str) -> int | None:
    _, _, attempt = opaque.partition(".")
    return int(attempt) if attempt.isascii() and attempt.isdigit() else None
