"""Who is on call: one person at each instant, a week at a time (`docs/design.md` section 10).

Shifts begin at a wall-clock time of one zone, so a week with a clock change is an hour longer or
shorter, and never empty or held twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wainbox_relay.contract.vocabulary import SECOND, AgentId, Moment


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's time on call: from `start` until just before `end`."""

    start: Moment
    end: Moment
    holder: AgentId


@dataclass(frozen=True, slots=True)
class Turns:
    """An order of holders that was set by command; the first has the week that `begins` is in."""

    holders: tuple[AgentId, ...]
    begins: date


@dataclass(frozen=True, slots=True)
class Rota:
    """A weekly rotation. `begins` is the first holder's first day; before it the rotation is
    thought backwards. Where `overrides` overlap, the later one in the row counts."""

    zone: ZoneInfo
    weekday: int
    """Of the hand-over; Monday is 0."""
    handover: time
    holders: tuple[AgentId, ...]
    begins: date
    overrides: tuple[Shift, ...] = ()

    def overridden(self, *overrides: Shift) -> "Rota":
        return replace(self, overrides=(*self.overrides, *overrides))

    def turned(self, turns: Turns) -> "Rota":
        return replace(self, holders=turns.holders, begins=turns.begins)

    def turns(self, holders: tuple[AgentId, ...], now: Moment) -> Turns:
        """The order that gives the present week to the first of these."""
        begin = self._begin(self._week(now)) // SECOND
        return Turns(holders, datetime.fromtimestamp(begin, self.zone).date())

    def holder(self, at: Moment) -> AgentId:
        """Who holds at this instant."""
        override = self._override(at)
        return override.holder if override else self._in_turn(self._week(at))

    def next_after(self, at: Moment) -> AgentId | None:
        """Who is on call after whoever is now; None when nobody else ever is."""
        now, turns = self.holder(at), len(self.holders) + 1
        latest = max((o.end for o in self.overrides), default=at)
        until = max(self._begin(self._week(at) + turns), latest)
        others = (shift.holder for shift in self.shifts(at, until) if shift.holder != now)
        return next(others, None)

    def shifts(self, start: Moment, end: Moment) -> Iterator[Shift]:
        """Who holds when between two instants, in order and without gaps; the first and the last
        shift are whole, though they may begin before or end after."""
        at = start
        while at < end:
            shift = self.shift(at)
            yield shift
            at = shift.end

    def shift(self, at: Moment) -> Shift:
        """The stretch around this instant in which nothing changes hands."""
        week = self._week(at)
        edges = [self._begin(week), self._begin(week + 1)]
        edges += [edge for o in self.overrides for edge in (o.start, o.end)]
        start = max(edge for edge in edges if edge <= at)
        return Shift(start, min(edge for edge in edges if edge > at), self.holder(at))

    def swapped(self, one: Moment, other: Moment) -> tuple[Shift, Shift]:
        """What to put over the rota so that the two shifts change hands."""
        mine, theirs = self.shift(one), self.shift(other)
        return replace(mine, holder=theirs.holder), replace(theirs, holder=mine.holder)

    def _override(self, at: Moment) -> Shift | None:
        return next((o for o in reversed(self.overrides) if o.start <= at < o.end), None)

    def _in_turn(self, week: int) -> AgentId:
        return self.holders[week % len(self.holders)]

    def _week(self, at: Moment) -> int:
        """The number of the rotation's week; the first one is 0."""
        day = datetime.fromtimestamp(at // SECOND, self.zone).date()
        week = (day - self._first()).days // 7
        return week - 1 if self._begin(week) > at else week

    def _first(self) -> date:
        """The day of the first hand-over."""
        return self.begins + timedelta(days=(self.weekday - self.begins.weekday()) % 7)

    def _begin(self, week: int) -> Moment:
        """When a week begins. A time that the clocks skip counts from before the jump, one that
        they repeat is its first; so later weeks begin later."""
        day = self._first() + timedelta(weeks=week)
        local = datetime.combine(day, self.handover, self.zone)
        return Moment(int(local.astimezone(UTC).timestamp()) * SECOND)
