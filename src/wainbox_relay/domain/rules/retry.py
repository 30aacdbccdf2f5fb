"""When a message that WhatsApp is known not to have taken is tried again.

Vendor's page: "Error codes" of the Cloud API. Times are microseconds; `seed` is a random share from
0 to 1 that the caller draws, so that equal failures do not come back together.
"""

from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import MINUTE, SECOND, Moment

MOST_TRIES = 6
LONGEST = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class BackOff:
    """The wait after the first failed try, and what each further one multiplies it by."""

    first: int
    factor: int


_TROUBLE = BackOff(2 * SECOND, 4)
_CALLS = BackOff(MINUTE, 2)
_THROUGHPUT = BackOff(SECOND, 3)
_PAIR = BackOff(4 * SECOND, 4)
_SPAM = BackOff(5 * MINUTE, 2)

BACK_OFF: dict[int, BackOff] = {
    0: _TROUBLE,  # no answer from WhatsApp at all: no connection was made
    1: _TROUBLE,
    2: _TROUBLE,
    131000: _TROUBLE,
    131016: _TROUBLE,
    133004: _TROUBLE,
    4: _CALLS,
    429: _THROUGHPUT,
    80007: _CALLS,
    130429: _THROUGHPUT,
    131056: _PAIR,
    131048: _SPAM,
    131057: _CALLS,
    2494100: _CALLS,
}


def after_failure(
    code: int, tries: int, now: Moment, seed: float, after: int | None = None
) -> Moment | None:
    """When to try again after `tries` tries; None to give up. `after` is what WhatsApp asked for
    and is never cut short."""
    if tries >= MOST_TRIES:
        return None
    plan = BACK_OFF.get(code, _TROUBLE)
    wait = min(plan.first * plan.factor ** max(tries - 1, 0), LONGEST)
    spread = int(wait * (0.75 + 0.5 * min(max(seed, 0.0), 1.0)))
    return Moment(now + max(spread, after or 0))
