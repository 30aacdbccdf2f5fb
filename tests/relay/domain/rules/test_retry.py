"""When a message that was not taken is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, Moment
from wainbox_relay.domain.rules.retry import BACK_OFF, LONGEST, MOST_TRIES, after_failure

NOW = Moment(1_796_083_200_000_000)


@pytest.mark.parametrize(
    ("code", "tries", "wait"),
    [
        (131056, 1, 4 * SECOND),
        (131056, 2, 16 * SECOND),
        (131056, 3, 64 * SECOND),
        (130429, 1, 1 * SECOND),
        (130429, 2, 3 * SECOND),
        (80007, 1, 1 * MINUTE),
        (131016, 1, 2 * SECOND),
        (131016, 5, 512 * SECOND),
        (131048, 5, 15 * MINUTE),
        (999999, 1, 2 * SECOND),
    ],
)
def test_the_wait_grows_with_each_try(code, tries, wait):
    """Each code has its own pace, and none waits longer than a quarter of an hour."""
    assert after_failure(code, tries, NOW, 0.5) == NOW + wait


def test_after_six_tries_it_is_given_up():
    """A person takes over then."""
    assert after_failure(131016, MOST_TRIES, NOW, 0.5) is None
    assert after_failure(131016, MOST_TRIES - 1, NOW, 0.5) is not None


def test_what_whatsapp_asks_for_is_honoured():
    """Retry-After is never cut short, not even by our longest wait."""
    assert after_failure(130429, 1, NOW, 0.0, after=HOUR) == NOW + HOUR
    assert after_failure(130429, 1, NOW, 0.5, after=0) == NOW + SECOND


@given(
    st.sampled_from(sorted(BACK_OFF)),
    st.integers(1, MOST_TRIES - 1),
    st.floats(0, 1),
)
def test_chance_spreads_the_waits_by_a_quarter(code, tries, seed):
    """Failures of one moment do not come back in one."""
    middle = after_failure(code, tries, NOW, 0.5) - NOW
    wait = after_failure(code, tries, NOW, seed) - NOW
    assert 0.74 * middle <= wait <= min(1.26 * middle, 1.25 * LONGEST)
