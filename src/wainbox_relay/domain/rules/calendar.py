"""When a team is at work, and time counted in its hours (`docs/config.md`, `[[calendars]]`).

Hours are wall time in one zone, and clocks change. Whatever the clocks skip is not worked: an edge
that falls into the skipped time stands for the instant right after it. What they repeat is worked
twice: a slot opens at the first pass of its opening time, and closes after the last pass of the
last moment in it. So 9:00-23:30 on a night that repeats 23:00 to 24:00 lasts an hour longer, and
9:00-23:00, in which nothing is repeated, does not.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wainbox_relay.contract.vocabulary import DAY, SECOND, Moment

HORIZON = 2 * 366
"""Days: what does not happen within two years is taken never to happen."""

_MOST_REMEMBERED = 4096
_EPOCH_DAY = date(1970, 1, 1).toordinal()

Stretches = tuple[tuple[Moment, Moment], ...]
"""Open from the first instant until just before the second, in order and apart."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Open hours that begin on one date, in minutes since its midnight. An end past 24:00 lies in
    the next day; the slot belongs to the date on which it began."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens < 1440 or not 0 < self.closes - self.opens <= 1440:
            raise ValueError("a slot begins within its day and lasts up to 24 hours")


Hours = tuple[Slot, ...]
"""Of one date; none is closed."""

Week = tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
"""From Monday to Sunday."""

ROUND_THE_CLOCK: Hours = (Slot(0, 1440),)
_ALL_WEEK: Week = (ROUND_THE_CLOCK,) * 7


@dataclass(frozen=True, slots=True)
class Version:
    """The usual week, from a date on."""

    since: date
    week: Week


@dataclass(frozen=True, slots=True)
class Special:
    """Another week in place of the usual one, from the first date to the last."""

    first: date
    last: date
    week: Week


@dataclass(frozen=True, slots=True)
class Calendar:
    """A closed date has no hours at all. On others the last special week that has the date counts,
    and where there is none the newest version; the first version holds for all time before it."""

    zone: ZoneInfo
    versions: tuple[Version, ...]
    closed: frozenset[date] = frozenset()
    special: tuple[Special, ...] = ()
    _known: dict[int, Stretches] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def is_open(self, at: Moment) -> bool:
        return any(opens <= at < closes for opens, closes in self._on(at // DAY))

    def opens(self, at: Moment) -> Moment | None:
        """`at` itself while open, else the next opening."""
        return next((opens for opens, _ in self._ahead(at)), None)

    def closes(self, at: Moment) -> Moment | None:
        """When the open time around `at` ends, or else the next one. None when it never does, or
        never begins."""
        if self._never_closes():
            return None
        end: Moment | None = None
        for opens, closes in self._ahead(at):
            if end is not None and opens > end:
                return end
            end = closes
        return None if end == (at // DAY + HORIZON) * DAY else end

    def closed_since(self, at: Moment) -> Moment | None:
        """When the closed time around `at` began; 0 when it was never open, None while it is."""
        if self.is_open(at):
            return None
        for day in range(at // DAY, at // DAY - HORIZON, -1):
            for _, closes in reversed(self._on(day)):
                if closes <= at:
                    return closes
        return Moment(0)

    def add(self, start: Moment, amount: int) -> Moment | None:
        """The first instant by which `amount` microseconds of open time have passed: at closing
        time rather than at the next opening. None when that is beyond two years."""
        if amount <= 0:
            return start
        for opens, closes in self._ahead(start):
            if amount <= closes - opens:
                return Moment(opens + amount)
            amount -= closes - opens
        return None

    def between(self, start: Moment, end: Moment) -> int:
        """The open time from one instant to another, in microseconds."""
        return sum(
            max(0, min(closes, end) - max(opens, start))
            for day in range(start // DAY, -(-end // DAY))
            for opens, closes in self._on(day)
        )

    def slots_on(self, day: date) -> Hours:
        """The hours that begin on this local date."""
        if day in self.closed:
            return ()
        weeks = (each.week for each in reversed(self.special) if each.first <= day <= each.last)
        return (next(weeks, None) or self._usual(day))[day.weekday()]

    def _never_closes(self) -> bool:
        """Whether this can be told at sight; most calendars of this kind are `ALWAYS`."""
        plain = not self.closed and not self.special
        return plain and all(each.week == _ALL_WEEK for each in self.versions)

    def _usual(self, day: date) -> Week:
        weeks = (each.week for each in reversed(self.versions) if each.since <= day)
        return next(weeks, self.versions[0].week)

    def _ahead(self, at: Moment) -> Iterator[tuple[Moment, Moment]]:
        """What is open from `at` on, cut at UTC's midnights."""
        for day in range(at // DAY, at // DAY + HORIZON):
            for opens, closes in self._on(day):
                if closes > at:
                    yield max(opens, at), closes

    def _on(self, day: int) -> Stretches:
        """What is open on a UTC day, counted from 1970."""
        known = self._known.get(day)
        if known is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            known = self._known[day] = self._worked_out(day)
        return known

    def _worked_out(self, day: int) -> Stretches:
        """Slots of the dates around reach into a UTC day: zones lie up to 14 hours off."""
        first, last = day * DAY, (day + 1) * DAY
        dates = (date.fromordinal(_EPOCH_DAY + day + shift) for shift in range(-2, 2))
        stretches = (self._stretch(each, slot) for each in dates for slot in self.slots_on(each))
        cut = ((max(opens, first), min(closes, last)) for opens, closes in stretches)
        return _joined((opens, closes) for opens, closes in cut if opens < closes)

    def _stretch(self, day: date, slot: Slot) -> tuple[int, int]:
        midnight = datetime.combine(day, time())
        opening = midnight + timedelta(minutes=slot.opens)
        final = midnight + timedelta(minutes=slot.closes, seconds=-1)
        return self._instant(opening, 0, 0), self._instant(final, 1, SECOND)

    def _instant(self, wall: datetime, fold: int, after: int) -> int:
        """The pass of a wall time, the first (0) or the last (1), and so much after it; the end of
        the gap for a time that is skipped."""
        passes = [wall.replace(tzinfo=self.zone, fold=each) for each in (0, 1)]
        seconds = [int(each.timestamp()) for each in passes]
        if seconds[1] < seconds[0]:
            return self._end_of_gap(*reversed(seconds)) * SECOND
        return seconds[fold] * SECOND + after

    def _end_of_gap(self, before: int, after: int) -> int:
        """The second at which the clocks jump, between two instants on its sides."""
        old = datetime.fromtimestamp(before, self.zone).utcoffset()
        seconds = range(before, after + 1)
        moved = bisect_left(
            seconds,
            True,
            key=lambda second: datetime.fromtimestamp(second, self.zone).utcoffset() != old,
        )
        return seconds[moved]


def _joined(stretches: Iterator[tuple[int, int]]) -> Stretches:
    """In order, and those that touch or overlap made one."""
    joined: list[tuple[Moment, Moment]] = []
    for opens, closes in sorted(stretches):
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], Moment(max(closes, joined[-1][1]))
        else:
            joined.append((Moment(opens), Moment(closes)))
    return tuple(joined)


ALWAYS = Calendar(ZoneInfo("UTC"), (Version(date.min, _ALL_WEEK),))
"""Open at every instant."""
