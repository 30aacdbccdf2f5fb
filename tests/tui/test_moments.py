"""Times as people type them."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_tui.moments import MomentError, echo, over_all, over_there, parse

CASABLANCA = timezone(timedelta(hours=1), "+01")
NOW = datetime(2026, 11, 22, 18, 0, tzinfo=CASABLANCA)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("30m", "Sun 22 Nov 18:30 +01"),
        ("2h", "Sun 22 Nov 20:00 +01"),
        ("٢h", "Sun 22 Nov 20:00 +01"),
        ("1w", "Sun 29 Nov 18:00 +01"),
        ("tomorrow 9", "Mon 23 Nov 09:00 +01"),
        ("demain 14h30", "Mon 23 Nov 14:30 +01"),
        ("غدا 9", "Mon 23 Nov 09:00 +01"),
        ("tonight", "Sun 22 Nov 20:00 +01"),
        ("sunday", "Sun 29 Nov 09:00 +01"),
        ("mon 14:30", "Mon 23 Nov 14:30 +01"),
        ("9", "Mon 23 Nov 09:00 +01"),
        ("19", "Sun 22 Nov 19:00 +01"),
        ("7pm", "Sun 22 Nov 19:00 +01"),
        ("27/11 9", "Fri 27 Nov 09:00 +01"),
        ("2027-01-05 8:15", "Tue 5 Jan 08:15 +01"),
        ("1/2", "Mon 1 Feb 09:00 +01"),
    ],
)
def test_times_are_read_as_meant(typed, read):
    """Spans, days, dates and clocks, in three languages and two sets of digits."""
    assert echo(parse(typed, NOW)) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2h", "Sun 25 Oct 03:30 Paris"),
        ("1d", "Mon 26 Oct 02:30 Paris"),
        ("tomorrow 9", "Mon 26 Oct 09:00 Paris"),
        ("14:00", "Sun 25 Oct 14:00 Paris"),
    ],
)
def test_a_time_is_read_where_the_work_is(typed, read):
    """In the zone of the conversation's number, which the echo names; over the night in which the
    clocks go back hours stay hours and days stay days."""
    utc = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert echo(parse(typed, over_there(utc, "Europe/Paris"))) == read


def test_a_time_for_many_is_that_of_their_zone():
    """Where their numbers are in several, it is the terminal's own."""
    assert echo(over_all(NOW, ["Europe/Paris", "Europe/Paris"])).endswith("Paris")
    assert over_all(NOW, ["Europe/Paris", "Africa/Cairo"]) == NOW
    assert echo(over_all(NOW, ["Europe/Paris", ""])).endswith("+01")
    assert echo(over_all(NOW, [])).endswith("+01")


def test_an_unknown_zone_is_the_terminals_own():
    """A newer relay's zone that this machine has not heard of changes nothing."""
    assert over_there(NOW, "Mars/Olympus") == NOW
    assert echo(over_there(NOW, "Mars/Olympus")).endswith("+01")
    assert echo(over_there(NOW, "")).endswith("+01")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Try"),
        ("soon", "'soon' is no time. Try"),
        ("tomorrow noonish", "'tomorrow noonish' is no time"),
        ("25:00", "no such time"),
        ("31/2", "no such day"),
        ("today 9", "has passed"),
        ("0m", "has passed"),
    ],
)
def test_what_cannot_be_read_is_said(typed, why):
    """A sentence instead of a guess."""
    with pytest.raises(MomentError, match=why):
        parse(typed, NOW)


def test_the_zone_is_the_callers():
    """Nine o'clock is nine where the agent is, also after the clocks changed."""
    cairo = ZoneInfo("Africa/Cairo")
    moment = parse("tomorrow 9", datetime(2027, 4, 29, 20, 0, tzinfo=cairo))

    assert (moment.hour, moment.utcoffset()) == (9, timedelta(hours=3))


@given(st.text(max_size=20))
def test_nothing_typed_makes_it_fall_over(text):
    """Any line is a time to come, or a sentence."""
    try:
        moment = parse(text, NOW)
    except MomentError:
        return
    assert moment > NOW.astimezone(UTC)
