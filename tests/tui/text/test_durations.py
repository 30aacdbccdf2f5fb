from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_tui.text.durations import ago, clock


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "now"),
        (59, "now"),
        (60, "1m"),
        (4 * 60 + 59, "4m"),
        (3_600, "1h"),
        (9.5 * 3_600, "9h"),
        (86_399, "23h"),
        (2 * 86_400, "2d"),
        (100 * 86_400, "14w"),
        (800 * 86_400, "2y"),
    ],
)
def test_ages_are_one_number_and_a_letter(seconds: float, said: str):
    """The largest whole unit, from whichever kind of duration."""
    assert ago(seconds) == ago(timedelta(seconds=seconds)) == said


@given(st.floats(0, 99 * 31_557_600))
def test_ages_fit_their_column(seconds: float):
    """Three cells, for a century."""
    assert len(ago(seconds)) <= 3


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0:00"),
        (48, "0:48"),
        (48.9, "0:48"),
        (750, "12:30"),
        (3_600, "1h 0m"),
        (23 * 3_600 + 46 * 60, "23h 46m"),
        (2 * 86_400 + 4 * 3_600, "2d 4h"),
    ],
)
def test_clocks_say_two_units(seconds: float, said: str):
    """Minutes and seconds, hours and minutes, days and hours."""
    assert clock(seconds) == clock(timedelta(seconds=seconds)) == said
