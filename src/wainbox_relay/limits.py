"""How much one address may ask of the relay: connections at a time, wrong tokens in a minute
(`docs/design.md` section 8)."""

import ipaddress
import resource
from collections import Counter, deque
from collections.abc import Iterable
from typing import Protocol

from wainbox_relay.contract.vocabulary import MINUTE, Moment

FILES_OF_OUR_OWN = 40
"""Open files the relay keeps beside its connections: databases, log, sockets, libraries."""

MOST_ADDRESSES = 10_000


def block(address: str) -> str:
    """Whom an address stands for: itself, or the /64 of an IPv6 one, which one caller has whole."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ipaddress.AddressValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))


class Caller(Protocol):
    """A connection."""

    address: str

    def cut(self) -> None:
        """Ends it at once; it leaves the crowd itself."""
        ...


class Crowd:
    """The open connections of a listener. Where there is no room, the one that has kept us waiting
    longest for a request makes it; with nobody waiting the newcomer is turned away."""

    def __init__(self, most: int, most_of_one: int, trusted: Iterable[str] = ()) -> None:
        self.most = most
        self._most_of_one = most_of_one
        self._trusted = frozenset(trusted)
        self._of: Counter[str] = Counter()
        self._waiting: dict[Caller, None] = {}
        self.size = 0

    def enter(self, caller: Caller) -> bool:
        """Lets a connection in, and counts it as waiting; False when there is no room."""
        address = caller.address
        alone = self._of[address] >= self._most_of_one and address not in self._trusted
        if (alone or self.size >= self.most) and not self._make_room(address if alone else None):
            return False
        self._of[address] += 1
        self.size += 1
        self._waiting[caller] = None
        return True

    def leave(self, caller: Caller) -> None:
        self._waiting.pop(caller, None)
        self.size -= 1
        self._of[caller.address] -= 1
        if not self._of[caller.address]:
            del self._of[caller.address]

    def busy(self, caller: Caller) -> None:
        """The connection's request has come in whole."""
        self._waiting.pop(caller, None)

    def idle(self, caller: Caller) -> None:
        """The connection was answered and may ask again."""
        self._waiting[caller] = None

    def _make_room(self, address: str | None) -> bool:
        """Cuts the longest waiting connection, of that address if one is given."""
        for caller in self._waiting:
            if address is None or caller.address == address:
                caller.cut()
                return True
        return False


class Tries:
    """Wrong tokens by address. After `most` of them in a minute an address must wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._wrong: dict[str, deque[Moment]] = {}

    def wait(self, address: str, now: Moment) -> int:
        """Whole seconds until the address may try again; 0 when it may now."""
        times = self._recent(address, now)
        if len(times) < self._most:
            return 0
        return (times[0] + MINUTE - now) // 1_000_000 + 1

    def wrong(self, address: str, now: Moment) -> None:
        if len(self._wrong) >= MOST_ADDRESSES:
            self._forget(now)
        self._wrong.setdefault(address, deque(maxlen=self._most)).append(now)

    def _recent(self, address: str, now: Moment) -> deque[Moment]:
        times = self._wrong.get(address)
        if times is None:
            return deque()
        while times and not 0 <= now - times[0] < MINUTE:
            times.popleft()
        return times

    def _forget(self, now: Moment) -> None:
        """Drops addresses that need not wait; should that not do, the oldest half."""
        for address in list(self._wrong):
            if not self._recent(address, now):
                del self._wrong[address]
        for address in list(self._wrong)[: max(0, len(self._wrong) - MOST_ADDRESSES // 2)]:
            del self._wrong[address]


def room(*wanted: int) -> list[int]:
    """How many connections each listener may hold: what is wanted, or its share of the files this
    process may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sum(wanted) + FILES_OF_OUR_OWN
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    spare = max(soft - FILES_OF_OUR_OWN, 4 * len(wanted))
    return [min(each, max(4, spare * each // sum(wanted))) for each in wanted]
