"""States of an outbound message only move forward."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.vocabulary import Delivery
from wainbox_relay.domain.rules.delivery import OUT, PENDING, UNKNOWN, advance, needs_conversation

A, S, D, R, P, F = (
    Delivery.ACCEPTED,
    Delivery.SENT,
    Delivery.DELIVERED,
    Delivery.READ,
    Delivery.PLAYED,
    Delivery.FAILED,
)
REPORTS = (S, D, R, P, F)


@pytest.mark.parametrize(
    ("current", "reported", "becomes"),
    [
        (A, S, S),
        (S, D, D),
        (S, R, R),  # read without delivered: the chat was open
        (R, P, P),
        (D, S, None),
        (R, D, None),
        (S, S, None),
        (A, F, F),
        (S, F, F),
        (D, F, None),
        (R, F, None),
        (F, S, None),  # a late sent proves nothing
        (F, D, D),
        (F, R, R),
        (F, F, None),
        (Delivery.UNCONFIRMED, S, S),
        (Delivery.UNCONFIRMED, F, F),
        (Delivery.LEFT, D, D),
        (Delivery.SENDING, S, S),
        (Delivery.QUEUED, S, S),
        (Delivery.WITHDRAWN, D, None),
        (S, Delivery.QUEUED, None),
        (S, Delivery.HELD, None),
    ],
)
def test_where_a_report_moves_a_message(current, reported, becomes):
    """The lattice, cell by cell."""
    assert advance(current, reported) is becomes


def last(first: Delivery, reports) -> Delivery:
    state = first
    for reported in reports:
        state = advance(state, reported) or state
    return state


@given(st.lists(st.sampled_from(REPORTS), max_size=5))
def test_the_order_of_reports_does_not_matter(reports):
    """Whatever order webhooks come in, the message ends in the same state."""
    assert len({last(A, order) for order in permutations(reports)}) == 1


@given(st.sampled_from(sorted(OUT)), st.lists(st.sampled_from(REPORTS)))
def test_a_report_again_changes_nothing(first, reports):
    """Said twice is said once."""
    end = last(first, reports)
    assert last(end, reports) is end


def test_only_what_concerns_a_turn_needs_the_conversation():
    """Ticks alone are ticks; a doubt that ends, or an answer lost or won back, is more."""
    ticks = [
        (current, reported)
        for current, reported in product(Delivery, REPORTS)
        if advance(current, reported) and not needs_conversation(current, reported)
    ]
    assert ticks
    assert all(c in OUT and r is not F for c, r in ticks)
    assert all(needs_conversation(c, S) for c in PENDING | UNKNOWN)
    assert needs_conversation(S, F)
    assert needs_conversation(F, D)
