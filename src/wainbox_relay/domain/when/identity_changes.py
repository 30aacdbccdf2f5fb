"""WhatsApp says that a person has another phone number or id now (`docs/design.md` section 7)."""

from wainbox_relay.contract.content import System
from wainbox_relay.contract.vocabulary import Direction, Flag
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import IdentityChanged, Person
from wainbox_relay.domain.model import Entry, Scene
from wainbox_relay.domain.outcome import NOTHING, WHATSAPP, IdentityMoved, Outcome
from wainbox_relay.domain.rules import attention, identity
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.when import beginnings


def identity_changes(fact: IdentityChanged, scene: Scene) -> Outcome:
    """All names are the customer's from now on, and a line says so. If the new ones are another
    customer's already, both stay and are flagged: a person decides."""
    customer = scene.customer
    if scene.entry is not None or customer is None:
        return NOTHING
    other = scene.other_customer
    if other is None:
        customer = identity.named(customer, Person(fact.current))
        links = (*fact.previous, *fact.current)
    else:
        customer = replace(customer, same_as=other.id)
        links = fact.previous
    line = beginnings.put_by(scene, _line(fact, scene))
    flagged = _flagged(line, scene, doubtful=other is not None, what=fact.what)
    return replace(flagged, customer=customer, links=links)


def _flagged(line: Outcome, scene: Scene, *, doubtful: bool, what: str) -> Outcome:
    moved = IdentityMoved(actor=WHATSAPP, what=what)
    before = scene.conversation
    if before is None or line.opened is not None:
        return replace(line, changes=(*line.changes, moved))
    after = attention.flagged(before, add=(Flag.SAME_PERSON,)) if doubtful else before
    return replace(line, changes=told(before, after, moved, actor=WHATSAPP))


def _line(fact: IdentityChanged, scene: Scene) -> Entry:
    own = scene.conversation.id if scene.conversation else scene.fresh.conversation
    return Entry(
        id=scene.fresh.entry,
        thread=scene.thread.id,
        conversation=own,
        number=scene.thread.number,
        direction=Direction.EVENT,
        content=System(what=fact.what, body=fact.body),
        at=fact.at,
        arrived_at=fact.arrived_at,
        wamid=fact.wamid,
    )
