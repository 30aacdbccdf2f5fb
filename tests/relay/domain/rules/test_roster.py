"""Hours with others over them, in the wall time of one zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.vocabulary import HOUR, SECOND, Moment
from wainbox_relay.domain.rules.calendar import ALWAYS, Calendar, Slot, Version
from wainbox_relay.domain.rules.roster import Duties, Duty, Hours, Layer, calendar_of, joined

CASABLANCA = ZoneInfo("Africa/Casablanca")
DAY = Calendar(CASABLANCA, (Version(date.min, ((Slot(9 * 60, 17 * 60),),) * 7),))
EVENING = Calendar(CASABLANCA, (Version(date.min, ((Slot(17 * 60, 23 * 60),),) * 7),))
CALENDARS = {"day": DAY, "evening": EVENING}


def at(text: str) -> Moment:
    """A moment of November 2026, such as 26 14:00."""
    wall = datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=CASABLANCA)
    return Moment(int(wall.timestamp()) * SECOND)


def duty(hours: str, start: str, end: str | None = None) -> Duty:
    return Duty("@lina", at(start), None if end is None else at(end), hours)


def lina(*duties: Duty, usual: Calendar | None = DAY, team: Layer | None = None) -> Hours:
    set_: Duties = ()
    for each in duties:
        set_ = joined(set_, each)
    own = Layer(usual, tuple((each, calendar_of(each.hours, CALENDARS)) for each in set_))
    return Hours(own, [] if team is None else [team])


@pytest.mark.parametrize(
    ("hours", "moment", "on"),
    [
        (lina(), "26 10:00", True),
        (lina(), "26 18:00", False),
        (lina(duty("off", "26 09:00", "27 09:00")), "26 10:00", False),
        (lina(duty("off", "26 09:00", "27 09:00")), "27 09:00", True),
        (lina(duty("on", "26 17:00", "26 20:00")), "26 19:59", True),
        (lina(duty("on", "26 17:00", "26 20:00")), "26 20:00", False),
        (lina(duty("evening", "26 00:00")), "26 10:00", False),
        (lina(duty("evening", "26 00:00")), "28 22:00", True),
        (lina(duty("off", "26 09:00"), duty("usual", "26 12:00")), "26 11:00", False),
        (lina(duty("off", "26 09:00"), duty("usual", "26 12:00")), "26 12:00", True),
        (lina(duty("off", "26 09:00"), duty("on", "26 10:00", "26 11:00")), "26 10:30", True),
        (lina(duty("off", "26 09:00"), duty("on", "26 10:00", "26 11:00")), "26 11:30", False),
        (lina(usual=None), "26 03:00", True),
        (lina(usual=None, team=Layer(DAY)), "26 03:00", False),
        (lina(duty("on", "26 02:00"), usual=None, team=Layer(DAY)), "26 03:00", True),
        (lina(usual=None, team=Layer(None, ((duty("off", "26 01:00"), None),))), "26 3:00", False),
    ],
)
def test_the_later_and_the_closer_hours_count(hours: Hours, moment: str, *, on: bool) -> None:
    """What was set last lies on top; one's own goes before the team's; nothing at all is always."""
    assert hours.on(at(moment)) is on


@pytest.mark.parametrize(
    ("hours", "now", "ends"),
    [
        (lina(), "26 10:00", "26 17:00"),
        (lina(), "26 18:00", None),
        (lina(duty("off", "26 15:00", "27 09:00")), "26 10:00", "26 15:00"),
        (lina(duty("on", "26 16:00", "26 20:00")), "26 10:00", "26 20:00"),
        (lina(duty("evening", "26 12:00")), "26 10:00", "26 12:00"),
        (lina(duty("on", "26 09:00")), "26 10:00", None),
        (lina(usual=None), "26 10:00", None),
    ],
)
def test_a_shift_ends_where_its_hours_or_its_duty_do(
    hours: Hours, now: str, ends: str | None
) -> None:
    """Whichever comes first, and through whatever follows without a gap."""
    assert hours.ends(at(now)) == (None if ends is None else at(ends))


@pytest.mark.parametrize(
    ("hours", "now", "since"),
    [
        (lina(), "26 18:00", "26 17:00"),
        (lina(), "26 10:00", None),
        (lina(duty("off", "26 12:00", "28 09:00")), "27 10:00", "26 12:00"),
        (lina(duty("off", "26 20:00", "28 09:00")), "27 10:00", "26 17:00"),
        (lina(duty("on", "26 17:00", "26 20:00")), "26 21:00", "26 20:00"),
    ],
)
def test_since_when_a_shift_is_over(hours: Hours, now: str, since: str | None) -> None:
    """The last moment of work counts, whether its hours or a duty ended it."""
    assert hours.off_since(at(now)) == (None if since is None else at(since))


@pytest.mark.parametrize(
    ("hours", "now", "begins"),
    [
        (lina(), "26 18:00", "27 09:00"),
        (lina(), "26 10:00", "26 10:00"),
        (lina(duty("off", "26 12:00", "28 11:00")), "26 13:00", "28 11:00"),
        (lina(duty("off", "26 12:00", "28 20:00")), "26 13:00", "29 09:00"),
        (lina(duty("on", "26 21:00", "26 22:00")), "26 18:00", "26 21:00"),
        (lina(duty("off", "26 12:00")), "26 13:00", None),
    ],
)
def test_when_the_next_shift_begins(hours: Hours, now: str, begins: str | None) -> None:
    """The usual opening, unless something was set before it or over it."""
    assert hours.begins(at(now)) == (None if begins is None else at(begins))


def test_what_a_later_one_covers_is_forgotten() -> None:
    """However often hours are set, no more is kept than still counts."""
    duties: Duties = ()
    for _ in range(100):
        duties = joined(duties, duty("off", "26 12:00"))
    assert duties == (duty("off", "26 12:00"),)
    assert joined(duties, duty("usual", "26 12:00")) == ()


_HOURS = st.integers(0, 96)
_SET = st.tuples(st.sampled_from(["on", "off", "day", "evening", "usual"]), _HOURS, _HOURS)


@given(set_=st.lists(_SET, max_size=6), teams=st.booleans())
def test_edges_and_hours_agree(*, set_: list[tuple[str, int, int]], teams: bool) -> None:
    """Hour by hour over six days: on until `ends`, off since `off_since`, on again at `begins`."""
    base = at("20 00:00")
    duties = [
        Duty("@lina", Moment(base + min(a, b) * HOUR), Moment(base + max(a, b) * HOUR), hours)
        for hours, a, b in set_
        if a != b
    ]
    shifts = lina(*duties, usual=None if teams else DAY, team=Layer(DAY))
    for hour in range(-24, 120):
        now = Moment(base + hour * HOUR)
        if shifts.on(now):
            end = shifts.ends(now)
            assert end is not None
            assert not shifts.on(end)
            assert all(shifts.on(Moment(t)) for t in range(now, end, HOUR))
        else:
            since, begins = shifts.off_since(now), shifts.begins(now)
            assert since is not None
            assert begins is not None
            assert not shifts.on(since)
            assert shifts.on(Moment(since - 1))
            assert shifts.on(begins)
            assert not any(shifts.on(Moment(t)) for t in range(since, begins, HOUR))


def test_a_calendar_that_is_gone_is_open() -> None:
    """A duty whose calendar was taken out of the configuration keeps nobody from work."""
    assert calendar_of("night", CALENDARS) is ALWAYS
