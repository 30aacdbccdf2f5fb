"""What becomes of a message: sent, delivered, read, or failed. Vendor's page: "Status"."""

from dataclasses import dataclass

from wainbox_relay.sandbox.clock import Clock
from wainbox_relay.sandbox.errors import GraphError
from wainbox_relay.sandbox.people import Group, Person
from wainbox_relay.sandbox.shapes import Object, receipt, receipts, status_of
from wainbox_relay.sandbox.webhooks import Courier
from wainbox_relay.sandbox.world import Accepted, World


@dataclass(slots=True)
class Delays:
    """Seconds from one state to the next; None: it never comes to that."""

    sent: float | None = 0.3
    delivered: float | None = 0.7
    read: float | None = 4.0
    played: float | None = 2.0
    """A voice note, after it was read."""


class Receipts:
    """Reports by webhook, one state after the other."""

    def __init__(self, world: World, courier: Courier, clock: Clock, delays: Delays) -> None:
        self.delays = delays
        self._world = world
        self._courier = courier
        self._clock = clock

    async def follow(self, message: Accepted) -> None:
        """Reports on one message, as far as its reader lets it come."""
        if message.dropped:
            return
        for word, delay in self._states(message):
            if delay is None:
                return
            await self._clock.sleep(delay)
            self._report(message, word)

    def _states(self, message: Accepted) -> list[tuple[str, float | None]]:
        delays, peer = self.delays, self._world.peer(message.peer)
        if message.failure:
            return [("failed", delays.sent)]
        if message.kind == "reaction":
            return [("sent", delays.sent)]
        states = [("sent", delays.sent), ("delivered", delays.delivered)]
        if not isinstance(peer, Group) and (peer is None or not peer.reads):
            return states
        states.append(("read", delays.read))
        voice = message.kind == "audio" and message.body["audio"].get("voice") is True
        return [*states, ("played", delays.played)] if voice else states

    def _report(self, message: Accepted, word: str) -> None:
        number, peer = self._world.numbers[message.number], self._world.peer(message.peer)
        now = self._clock.now()
        status = status_of(peer, message.to, message.wamid, word, now, message.opaque)
        if word == "failed":
            status["errors"] = [GraphError(message.failure).in_status()]
        elif word in ("sent", "delivered"):
            status["pricing"] = _price(self._category(message))
        if isinstance(peer, Group) and word != "sent":
            self._courier.post(receipts(number, self._each(peer, status)))
        else:
            shown = peer if isinstance(peer, Person) and word != "failed" else None
            self._courier.post(receipt(number, status, shown))

    def _category(self, message: Accepted) -> str:
        """What a message is billed as: a template by its own category."""
        if message.kind != "template":
            return "service"
        name = message.body["template"]["name"]
        own = (t.category.lower() for t in self._world.templates if t.name == name)
        return next(own, "utility")

    def _each(self, group: Group, status: Object) -> list[Object]:
        members = (self._world.people[key] for key in group.members)
        return [
            status
            | {"recipient_participant_user_id": member.user_id}
            | ({"recipient_participant_id": member.wa_id} if member.wa_id else {})
            for member in members
        ]


def _price(category: str) -> Object:
    billed = category != "service"
    return {
        "billable": billed,
        "pricing_model": "PMP",
        "type": "regular" if billed else "free_customer_service",
        "category": category,
    }
