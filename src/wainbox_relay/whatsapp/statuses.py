"""One element of `statuses` -> how far a message got. Calls have statuses of their own.

Vendor's pages: "Webhooks reference, messages: status" and "Groups, webhooks".
"""

from wainbox_relay.contract.vocabulary import Delivery, Wamid
from wainbox_relay.domain.facts import DeliveryReported, Fact, Revoked
from wainbox_relay.whatsapp.failures import reported
from wainbox_relay.whatsapp.payloads import (
    Object,
    Unreadable,
    child,
    children,
    first_text,
    moment,
    name_of,
    text,
)
from wainbox_relay.whatsapp.people import Surroundings

_DELIVERIES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.PLAYED,
    "failed": Delivery.FAILED,
}
_MEMBER = ("recipient_participant_user_id", "recipient_participant_id", "participant_recipient_id")


def status(report: Object, around: Surroundings) -> tuple[Fact, ...]:
    """A delivery, or a deletion as older stacks tell it. Words we do not know say nothing."""
    name, word = name_of(report, "id"), text(report, "status")
    if not name or not word:
        raise Unreadable("The status lacks the message's id or says nothing about it.")
    if text(report, "type") == "call":
        return ()
    wamid = around.key(name)
    at = moment(report, "timestamp", around.arrived_at)
    if word == "deleted":
        return (Revoked(around.number, wamid, Wamid(f"deleted:{wamid}"), at),)
    delivery = _DELIVERIES.get(word)
    if delivery is None:
        return ()
    pricing = child(report, "pricing") or child(child(report, "conversation"), "pricing")
    return (
        DeliveryReported(
            number=around.number,
            wamid=wamid,
            delivery=delivery,
            at=at,
            opaque=text(report, "biz_opaque_callback_data"),
            participant=first_text(report, *_MEMBER),
            failure=reported(children(report, "errors")) if delivery is Delivery.FAILED else None,
            category=text(pricing, "category"),
            billing=text(pricing, "type"),
        ),
    )
