"""The queue's order, by what presses most."""

from itertools import pairwise

from wainbox_relay.contract.filters import STANDING_SHIFT
from wainbox_relay.contract.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    Moment,
    Priority,
    Standing,
    Status,
)
from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.rules.rank import sort_key

T = Moment(1_796_083_200_000_000)


def case(**fields) -> Conversation:
    return Conversation(id=1, ref=1, number="n", thread=1, customer=1, opened_at=T, **fields)


def test_from_the_most_pressing_to_the_one_asleep():
    """Ours by priority, then by how long they wait; with Meta's agent; theirs; then asleep by when
    they wake, and the resolved, newest first."""
    asleep = {"status": Status.SNOOZED}
    done = {"status": Status.RESOLVED}
    order = [
        case(waiting_since=T + HOUR, priority=Priority.URGENT),
        case(waiting_since=T + HOUR, priority=Priority.HIGH),
        case(waiting_since=T),
        case(waiting_since=T + MINUTE),
        case(waiting_since=T, priority=Priority.LOW),
        case(status=Status.BOT),
        case(status=Status.WAITING),
        case(snoozed_until=T + HOUR, **asleep),
        case(snoozed_until=T + DAY, waiting_since=T, **asleep),
        case(resolved_at=T + DAY, **done),
        case(resolved_at=T, **done),
    ]
    keys = [sort_key(c) for c in order]
    assert all(before < after for before, after in pairwise(keys))


def test_the_class_stands_in_the_top_bits():
    """A filter reads it without knowing the rest; the key fits 63 bits."""
    assert sort_key(case(waiting_since=T)) >> STANDING_SHIFT == Standing.OURS
    asleep = case(status=Status.SNOOZED, snoozed_until=None)
    assert sort_key(asleep) >> STANDING_SHIFT == Standing.ASLEEP
    assert 0 <= sort_key(asleep) < 1 << 63
