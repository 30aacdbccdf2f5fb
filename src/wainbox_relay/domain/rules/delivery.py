"""How far an outbound message has come: states only ever move forward (`docs/design.md` section 5).

accepted < sent < delivered < read < played. A failure is final unless a receipt shows that the
message did arrive; a late "sent" proves nothing against it.
"""

from wainbox_relay.contract.vocabulary import Delivery

_STEPS = {
    Delivery.ACCEPTED: 1,
    Delivery.SENT: 2,
    Delivery.DELIVERED: 3,
    Delivery.READ: 4,
    Delivery.PLAYED: 5,
}
ARRIVED = frozenset({Delivery.DELIVERED, Delivery.READ, Delivery.PLAYED})
"""The customer's device has it. Read and played say so too, even if no "delivered" ever came."""

OUT = frozenset(_STEPS)
"""WhatsApp took it."""

PENDING = frozenset({Delivery.HELD, Delivery.QUEUED, Delivery.SENDING})
"""Not ended yet: counted in `Conversation.sending`."""

UNKNOWN = frozenset({Delivery.UNCONFIRMED, Delivery.LEFT})
"""Nobody knows whether it was sent."""


def advance(current: Delivery, reported: Delivery) -> Delivery | None:
    """Where a report moves a message, or None when it says nothing new. A message that we thought
    unsent takes over whatever WhatsApp reports of it."""
    if reported not in OUT and reported is not Delivery.FAILED:
        return None
    if current in PENDING or current in UNKNOWN:
        return reported
    if current is Delivery.WITHDRAWN or current is reported:
        return None
    if current is Delivery.FAILED:
        return reported if reported in ARRIVED else None
    if reported is Delivery.FAILED:
        return None if current in ARRIVED else reported
    return reported if _STEPS[reported] > _STEPS[current] else None


def needs_conversation(current: Delivery, reported: Delivery) -> bool:
    """Whether more moves than a tick: an answer lost or won back, a doubt that ends."""
    moved = advance(current, reported)
    return moved is not None and (current not in OUT or moved is Delivery.FAILED)
