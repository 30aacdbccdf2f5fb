"""One element of `calls` -> a call in the conversation. Vendor's page: "Calling API, webhooks".

A customer's call opens the service window as a message does. Wainbox places no calls: what is told
about other people's is only kept.
"""

from wainbox_relay.contract.content import Call
from wainbox_relay.domain.facts import Fact, MessageArrived, Peer
from wainbox_relay.whatsapp.payloads import Object, Unreadable, moment, name_of, text, whole
from wainbox_relay.whatsapp.people import FROM, Surroundings, person


def called(call: Object, around: Surroundings) -> tuple[Fact, ...]:
    """A customer's call, once: its beginning and its end carry the same id."""
    name = name_of(call, "id")
    if not name:
        raise Unreadable("The call has no id.")
    if text(call, "direction") == "BUSINESS_INITIATED":
        return ()
    who = person(call, FROM, around)
    if who is None:
        raise Unreadable("The call names nobody: neither from nor from_user_id.")
    return (
        MessageArrived(
            peer=Peer(around.number, who),
            wamid=around.key(name),
            at=moment(call, "timestamp", around.arrived_at),
            arrived_at=around.arrived_at,
            content=Call(event=text(call, "event"), inbound=True, seconds=whole(call, "duration")),
        ),
    )
