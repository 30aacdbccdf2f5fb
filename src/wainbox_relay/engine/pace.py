"""How fast messages may leave: a bucket that holds `burst` and refills steadily."""

from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import SECOND, Moment

PAIR_SECONDS = 6.0
PAIR_BURST = 45
"""WhatsApp lets one number send one person 1 message per 6 s, in bursts of up to 45 on credit
(Cloud API, "pair rate limits")."""


@dataclass(slots=True)
class Bucket:
    """`seconds` until one more drop fits, `burst` drops when full; begins full."""

    seconds: float
    burst: int
    _full_at: int = 0

    def free_at(self, now: Moment) -> Moment:
        """When the next drop may be taken; `now` if at once."""
        room = self._full_at - int((self.burst - 1) * self.seconds * SECOND)
        return Moment(max(now, room))

    def full(self, now: Moment) -> bool:
        return self._full_at <= now

    def take(self, now: Moment) -> None:
        self._full_at = max(now, self._full_at) + int(self.seconds * SECOND)

    def block(self, until: Moment) -> None:
        """The other side says no until then."""
        room = int((self.burst - 1) * self.seconds * SECOND)
        self._full_at = max(self._full_at, until + room)
