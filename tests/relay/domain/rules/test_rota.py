from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.vocabulary import DAY, HOUR, MINUTE, SECOND, AgentId, Moment
from wainbox_relay.domain.rules.rota import Rota, Shift

NADIA, AMINE, LINA = AgentId("nadia"), AgentId("amine"), AgentId("lina")
CASABLANCA = ZoneInfo("Africa/Casablanca")
CAIRO = ZoneInfo("Africa/Cairo")


def at(text: str, zone: ZoneInfo = CASABLANCA) -> Moment:
    return Moment(int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * SECOND)


AGENTS = (NADIA, AMINE, LINA, AgentId("omar"))
FROM = at("2026-11-30T00:00")
MINUTES = st.integers(0, 730 * 24 * 60 - 1)


def rota(zone: ZoneInfo = CASABLANCA, weekday: int = 0, handover: time = time(9)) -> Rota:
    return Rota(zone, weekday, handover, (NADIA, AMINE, LINA), date(2026, 11, 30))


def test_a_week_is_held_from_hand_over_to_hand_over() -> None:
    """Monday 9:00 hands over; the rotation comes round and reaches back before it began."""
    assert rota().holder(at("2026-11-30T09:00")) == NADIA
    assert rota().holder(at("2026-12-07T08:59")) == NADIA
    assert rota().holder(at("2026-12-07T09:00")) == AMINE
    assert rota().holder(at("2026-12-21T09:00")) == NADIA
    assert rota().holder(at("2026-11-30T08:59")) == LINA


def test_the_first_week_begins_at_the_first_hand_over_from_the_first_day_on() -> None:
    """A rota that begins on a Monday and hands over on Thursdays gives Nadia the Thursday."""
    thursdays = rota(weekday=3)
    assert thursdays.holder(at("2026-12-03T08:59")) == LINA
    assert thursdays.holder(at("2026-12-03T09:00")) == NADIA


def test_an_override_stands_over_the_rotation_and_the_later_one_over_both() -> None:
    """Lina covers two days of Nadia's, Amine one hour of those."""
    lina = Shift(at("2026-12-01T20:00"), at("2026-12-03T20:00"), LINA)
    amine = Shift(at("2026-12-02T02:00"), at("2026-12-02T03:00"), AMINE)
    covered = rota().overridden(lina, amine)
    moments = ("2026-12-01T19:59", "2026-12-01T20:00", "2026-12-02T02:00", "2026-12-02T03:00")
    assert [covered.holder(at(m)) for m in moments] == [NADIA, LINA, AMINE, LINA]
    assert covered.holder(at("2026-12-03T20:00")) == NADIA
    assert covered.next_after(at("2026-12-01T10:00")) == LINA


def test_a_swap_gives_each_the_other_week() -> None:
    """Nadia and Amine change places, and Lina's week is as it was."""
    first, second, third = (at(f"2026-12-{day}T12:00") for day in ("01", "08", "15"))
    swapped = rota().overridden(*rota().swapped(first, second))
    assert [swapped.holder(m) for m in (first, second, third)] == [AMINE, NADIA, LINA]
    assert swapped.holder(at("2026-12-07T09:00")) == NADIA


@given(
    covers=st.lists(st.tuples(MINUTES, st.integers(0, 9 * 24 * 60), st.sampled_from(AGENTS))),
    swaps=st.lists(st.tuples(MINUTES, MINUTES)),
    looks=st.lists(MINUTES, min_size=1),
)
def test_covers_and_swaps_leave_one_holder_at_each_instant(covers, swaps, looks) -> None:
    """Whatever was put over the rotation, across clock changes: shifts without gap or overlap, and
    at every instant, also a moment before a hand-over, the shift's holder and nobody else."""
    changed = Rota(CAIRO, 3, time(0), AGENTS[:3], date(2026, 11, 30))
    for start, minutes, holder in covers:
        begins = Moment(FROM + start * MINUTE)
        changed = changed.overridden(Shift(begins, Moment(begins + minutes * MINUTE), holder))
    for one, other in swaps:
        changed = changed.overridden(
            *changed.swapped(Moment(FROM + one * MINUTE), Moment(FROM + other * MINUTE))
        )
    shifts = list(changed.shifts(FROM, Moment(FROM + 730 * DAY)))
    assert all(before.end == after.start for before, after in pairwise(shifts))
    edges = [moment for s in shifts[1:] for moment in (s.start - 1, s.start)]
    for moment in (*edges, *(FROM + minute * MINUTE for minute in looks)):
        held = [s.holder for s in shifts if s.start <= moment < s.end]
        assert held == [changed.holder(Moment(moment))]


def test_who_is_next_is_somebody_else_or_nobody() -> None:
    """The next holder is another person; a rota of one has none."""
    assert rota().next_after(at("2026-12-01T10:00")) == AMINE
    alone = Rota(CASABLANCA, 0, time(9), (NADIA,), date(2026, 11, 30))
    assert alone.next_after(at("2026-12-01T10:00")) is None
    twice = Rota(CASABLANCA, 0, time(9), (NADIA, NADIA, LINA), date(2026, 11, 30))
    assert twice.next_after(at("2026-12-01T10:00")) == LINA


CLOCK_CHANGES = [(CASABLANCA, 6, time(2, 30)), (CAIRO, 4, time(0)), (CAIRO, 3, time(23, 30))]
"""Hand-overs at hours that the clocks there skip and repeat."""
TWO_YEARS = range(at("2026-11-30T00:00"), at("2028-12-01T00:00"), HOUR)


@pytest.mark.parametrize(("zone", "weekday", "handover"), CLOCK_CHANGES)
def test_one_holder_at_each_instant_of_two_years(
    zone: ZoneInfo, weekday: int, handover: time
) -> None:
    """Shifts follow each other without gap or overlap, the holders in turn, and every clock time
    around a hand-over or a clock change is the minute's own shift."""
    week = rota(zone, weekday, handover)
    shifts = list(week.shifts(Moment(TWO_YEARS.start), Moment(TWO_YEARS.stop)))
    for before, after in pairwise(shifts):
        assert before.end == after.start
        assert before.holder == week.holders[week.holders.index(after.holder) - 1]
    assert {s.end - s.start for s in shifts} == {7 * DAY, 7 * DAY - HOUR, 7 * DAY + HOUR}
    for shift in shifts:
        assert _clock(shift.start, zone) in _spelled(shift, zone, handover)
        near = [*range(-90, 90), *range(90, 3000, 97)]
        minutes = [Moment(shift.start + m * MINUTE) for m in near]
        assert [week.holder(m) for m in minutes] == [_held(shifts, week, m) for m in minutes]
    assert all(week.holder(Moment(m)) == _held(shifts, week, Moment(m)) for m in TWO_YEARS)


def _held(shifts: list[Shift], week: Rota, moment: Moment) -> AgentId:
    found = [s.holder for s in shifts if s.start <= moment < s.end]
    assert len(found) == 1 or moment < shifts[0].start or moment >= shifts[-1].end
    return found[0] if found else week.holder(moment)


def _clock(moment: Moment, zone: ZoneInfo) -> time:
    return datetime.fromtimestamp(moment // SECOND, zone).time()


def _spelled(shift: Shift, zone: ZoneInfo, handover: time) -> set[time]:
    """The hand-over's time, or what the clocks show at it when they skip it."""
    day = datetime.fromtimestamp(shift.start // SECOND, zone).date()
    wall = datetime.combine(day, handover, zone)
    return {handover, wall.astimezone(UTC).astimezone(zone).time()}


@pytest.mark.soak
@pytest.mark.parametrize(("zone", "weekday", "handover"), CLOCK_CHANGES)
def test_every_minute_of_two_years_has_one_holder(
    zone: ZoneInfo, weekday: int, handover: time
) -> None:
    """The same, minute by minute."""
    week = rota(zone, weekday, handover)
    shifts = iter(week.shifts(Moment(TWO_YEARS.start), Moment(TWO_YEARS.stop)))
    shift = next(shifts)
    for moment in range(TWO_YEARS.start, TWO_YEARS.stop, MINUTE):
        if moment >= shift.end:
            shift = next(shifts)
        assert shift.start <= moment < shift.end
        assert week.holder(Moment(moment)) == shift.holder
