"""Ids made in memory by the one writer: ordered by time, unique, exact in every JSON reader.

53 bits: milliseconds since 2026-01-01 (41) and a counter within the millisecond (12).
"""

from wainbox_relay.contract.vocabulary import Moment

EPOCH_MS = 1_767_225_600_000
COUNTER_BITS = 12


class Ids:
    """Hands out ever larger ids, starting above `last`; a clock that steps back is not followed."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def next(self, now: Moment) -> int:
        first = (now // 1000 - EPOCH_MS) << COUNTER_BITS
        self._last = max(self._last + 1, first)
        return self._last
