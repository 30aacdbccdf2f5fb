"""What holds of business time whatever the calendar, the zone and the moment."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wainbox_relay.contract.vocabulary import DAY, HOUR, SECOND, Moment
from wainbox_relay.domain.rules.calendar import Calendar, Slot, Special, Version
from wainbox_relay.sections.hours import zone

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
ZONES = [
    "Africa/Cairo",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Asia/Riyadh",
    "Asia/Gaza",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
]


def start_of(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY


def changes_of(name: str) -> list[int]:
    """The hours (UTC) of these years before which a zone's clocks change."""
    at = zone(name)

    def offset(moment: int) -> timedelta | None:
        return datetime.fromtimestamp(moment // SECOND, at).utcoffset()

    days = range(start_of(FIRST), start_of(LAST), DAY)
    changing = (day for day in days if offset(day) != offset(day + DAY))
    hours = (hour for day in changing for hour in range(day, day + DAY, HOUR))
    return [hour + HOUR for hour in hours if offset(hour) != offset(hour + HOUR)]


CHANGES = sorted({change for name in ZONES for change in changes_of(name)})

days = st.dates(FIRST, LAST)
minutes = st.one_of(st.integers(0, 1439), st.sampled_from([0, 30, 60, 120, 1380, 1410]))
slots = st.builds(lambda opens, lasts: Slot(opens, opens + lasts), minutes, st.integers(1, 1440))
hours = st.lists(slots, max_size=2).map(tuple)
weeks = st.lists(hours, min_size=1, max_size=3).map(
    lambda several: tuple(several[day % len(several)] for day in range(7))
)
versions = st.lists(st.builds(Version, days, weeks), max_size=1, unique_by=lambda each: each.since)
calendars = st.builds(
    lambda name, week, later, closed, special: Calendar(
        zone(name),
        (Version(date.min, week), *sorted(later, key=lambda each: each.since)),
        closed,
        special,
    ),
    st.sampled_from(ZONES),
    weeks,
    versions,
    st.frozensets(days, max_size=2),
    st.lists(
        st.builds(
            lambda first, lasts, week: Special(first, first + timedelta(days=lasts), week),
            days,
            st.integers(0, 40),
            weeks,
        ),
        max_size=1,
    ).map(tuple),
)
near_a_change = st.builds(
    lambda change, off: Moment(change + off),
    st.sampled_from(CHANGES),
    st.integers(-2 * DAY, 2 * DAY),
)
anywhen = st.integers(start_of(FIRST), start_of(LAST)).map(Moment)
to_the_second = st.one_of(near_a_change, anywhen).map(lambda at: Moment(at // SECOND * SECOND))
moments = st.one_of(near_a_change, anywhen, to_the_second)
lengths = st.one_of(st.integers(0, 3 * DAY), st.integers(0, 40 * DAY))


@given(calendars, moments, lengths, lengths)
def adds_up(calendar: Calendar, a: Moment, one: int, other: int) -> None:
    """Open time from a to b and from b to c is open time from a to c; never less than nothing,
    never more than the time that passes, and none backwards."""
    b, c = Moment(a + one), Moment(a + one + other)
    first, second = calendar.between(a, b), calendar.between(b, c)
    assert first + second == calendar.between(a, c)
    assert 0 <= first <= b - a
    assert calendar.between(b, a) == 0


@given(calendars, moments, lengths, lengths, lengths)
def never_runs_backwards(
    calendar: Calendar, start: Moment, wait: int, amount: int, more: int
) -> None:
    """Who starts later or has more to do is not done earlier."""
    done, with_more = calendar.add(start, amount), calendar.add(start, amount + more)
    started_later = calendar.add(Moment(start + wait), amount)
    if done is None:
        assert with_more is None
        return
    assert start <= done
    assert with_more is None or done <= with_more
    if amount:
        assert started_later is None or done <= started_later


@given(calendars, moments, lengths)
def measures_what_was_added(calendar: Calendar, start: Moment, amount: int) -> None:
    """The time between a start and the end that was found is what was added, and a microsecond
    before the end it is less."""
    end = calendar.add(start, amount)
    if end is not None:
        assert calendar.between(start, end) == amount
        if amount:
            assert calendar.between(start, Moment(end - 1)) == amount - 1


@given(calendars, moments, lengths)
def adds_what_was_measured(calendar: Calendar, start: Moment, passed: int) -> None:
    """Adding the open time up to an instant ends at it, or at the last open instant before."""
    end = Moment(start + passed)
    found = calendar.add(start, calendar.between(start, end))
    assert found is not None
    assert found <= end
    assert calendar.between(found, end) == 0


@given(calendars, moments)
def is_open_while_time_counts(calendar: Calendar, at: Moment) -> None:
    """An instant is open when the microsecond after it counts."""
    assert calendar.between(at, Moment(at + 1)) == calendar.is_open(at)


@given(calendars, moments)
def opens_and_closes_at_its_edges(calendar: Calendar, at: Moment) -> None:
    """Nothing is open before the opening, all is until the closing, and what is closed has been so
    since it last closed."""
    opens, closes = calendar.opens(at), calendar.closes(at)
    if opens is not None:
        assert calendar.is_open(opens)
        assert calendar.between(at, opens) == 0
    if closes is not None:
        assert opens is not None
        assert not calendar.is_open(closes)
        assert calendar.between(opens, closes) == closes - opens > 0
    since = calendar.closed_since(at)
    assert (since is None) == calendar.is_open(at)
    if since:
        assert calendar.is_open(Moment(since - 1))
        assert calendar.between(since, at) == 0


@given(calendars, moments)
def agrees_with_the_clock_on_the_wall(calendar: Calendar, at: Moment) -> None:
    """Open is when the wall clock stands within a slot of today or of yesterday's past midnight.
    Only where the clock shows a time twice may it be open at more."""
    wall = datetime.fromtimestamp(at // SECOND, calendar.zone)
    midnight = datetime.combine(wall.date(), datetime.min.time())
    minute = (wall.replace(tzinfo=None) - midnight).total_seconds() / 60
    on_the_wall = any(
        slot.opens <= minute + 1440 * back < slot.closes
        for back in (0, 1)
        for slot in calendar.slots_on(wall.date() - timedelta(days=back))
    )
    twice = wall.utcoffset() != wall.replace(fold=1 - wall.fold).utcoffset()
    assert calendar.is_open(at) == on_the_wall or (twice and calendar.is_open(at))


PROMISED = [adds_up, never_runs_backwards]
FURTHER = [
    measures_what_was_added,
    adds_what_was_measured,
    is_open_while_time_counts,
    opens_and_closes_at_its_edges,
    agrees_with_the_clock_on_the_wall,
]


@pytest.mark.parametrize("law", PROMISED, ids=lambda law: law.__name__)
def test_a_promised_law(law: Callable[[], None]) -> None:
    """T3: open time adds up, is never negative and never runs backwards, on 5,000 calendars."""
    settings(max_examples=5000)(law)()


@pytest.mark.parametrize("law", FURTHER, ids=lambda law: law.__name__)
@pytest.mark.parametrize(
    "examples", [300, pytest.param(5000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
def test_a_law(law: Callable[[], None], examples: int) -> None:
    """Each of the other laws above, on so many calendars."""
    settings(max_examples=examples)(law)()
