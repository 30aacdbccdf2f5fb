"""A message of ours goes to WhatsApp, and what came of it (`docs/design.md` section 5)."""

from wainbox_relay.contract.vocabulary import Delivery, IdentityKind, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Accepted, Ambiguous, NotAccepted
from wainbox_relay.domain.model import Entry, Identity, Scene
from wainbox_relay.domain.outcome import NOTHING, Outcome, Send, SendDecided
from wainbox_relay.domain.rules import guard
from wainbox_relay.domain.rules.identity import variants
from wainbox_relay.domain.when import sends_end
from wainbox_relay.domain.when.asks_rating import unasked


def attempt_begins(scene: Scene, now: Moment) -> Outcome:
    """Looks once more, then notes the attempt: a crash leaves a doubt and not a second try."""
    entry, conversation = scene.entry, scene.conversation
    if entry is None or entry.delivery not in (Delivery.HELD, Delivery.QUEUED):
        return NOTHING
    number = scene.desk.numbers.get(scene.thread.number)
    if conversation is None or (number is not None and number.paused):
        return NOTHING
    if (stop := guard.stopped_at_release(conversation, scene.desk, entry, now)) is not None:
        state, failure = stop
        if state is Delivery.FAILED:
            return sends_end.fails(scene, entry, failure, now, now)
        return unasked(_stopped(scene, replace(entry, failure=failure), now), entry, scene)
    leaving = replace(
        entry,
        delivery=Delivery.SENDING,
        delivery_at=now,
        attempt=entry.attempt + 1,
        failure=None,
        leaves_at=None,
        order_unsure=conversation.unconfirmed > 0,
    )
    return sends_end.moved(scene, entry, leaving)


def _stopped(scene: Scene, entry: Entry, now: Moment) -> Outcome:
    held_back = replace(entry, delivery=Delivery.WITHDRAWN, delivery_at=now, leaves_at=None)
    return sends_end.moved(scene, entry, held_back, SendDecided(entry=entry.id, what="stopped"))


def accepted(fact: Accepted, scene: Scene, now: Moment) -> Outcome:
    """WhatsApp took it. Its own report may have told us already."""
    entry = scene.entry
    if entry is None:
        return NOTHING
    report = sends_end.Report(fact.wamid, Delivery.ACCEPTED, now, fact.attempt)
    outcome = sends_end.reported(scene, entry, report, now)
    return replace(outcome, links=_learned(fact.wa_id, scene))


def _learned(wa_id: str, scene: Scene) -> tuple[Identity, ...]:
    """WhatsApp's own spelling of the number we wrote to, where countries have two."""
    if scene.customer is None or not wa_id or wa_id == scene.customer.phone:
        return ()
    spelled = Identity(IdentityKind.PHONE, wa_id)
    known = Identity(IdentityKind.PHONE, scene.customer.phone)
    return (spelled,) if spelled in variants(known) else ()


def not_accepted(fact: NotAccepted, scene: Scene, now: Moment) -> Outcome:
    """Known not to have been sent: again later, or failed; with a pause it waits and the number
    stands still."""
    entry = scene.entry
    if entry is None or not _is_under_way(entry, fact.attempt):
        return NOTHING
    if fact.pause:
        waits = replace(entry, delivery=Delivery.QUEUED, delivery_at=now, failure=fact.failure)
        return replace(sends_end.moved(scene, entry, waits), pause=fact.pause)
    if fact.retry_at is None:
        return sends_end.fails(scene, entry, fact.failure, now, now)
    again = replace(entry, delivery=Delivery.QUEUED, delivery_at=now, failure=fact.failure)
    wish = Send(fact.sid, fact.retry_at)
    return replace(sends_end.moved(scene, entry, again), wishes=(wish,))


def ambiguous(fact: Ambiguous, scene: Scene, now: Moment) -> Outcome:
    """The line went dead, or we did, after the request had left."""
    entry = scene.entry
    if entry is None or not _is_under_way(entry, fact.attempt):
        return NOTHING
    return sends_end.in_doubt(scene, entry, now)


def _is_under_way(entry: Entry, attempt: int) -> bool:
    return entry.delivery is Delivery.SENDING and entry.attempt == attempt
