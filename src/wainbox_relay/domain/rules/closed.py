"""How Wainbox tells when people are here: opening hours and moments, as each language writes them
(`docs/design.md` section 10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wainbox_relay.contract.variables import fill
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, Moment
from wainbox_relay.domain.rules.calendar import ROUND_THE_CLOCK, Calendar, Hours

QUIET = 5 * MINUTE
"""So soon after a person of ours has spoken, Wainbox does not speak by itself."""

WEEK = 7

LAST_HOURS = 2 * HOUR
"""So long before closing time, whoever is here sees what cannot wait until we open again."""


@dataclass(frozen=True, slots=True)
class AfterHours:
    """Whether the automatic reply is sent; and, where the window shuts before we open, the button
    that keeps a request open. By day is from `wakes` to `sleeps`, in hours of the calendar's
    zone."""

    replies: bool = True
    nudges: bool = False
    wakes: int = 9
    sleeps: int = 21

    def nudge_at(self, zone: ZoneInfo, shuts: Moment, earliest: Moment) -> Moment | None:
        """Two to four hours before the window shuts, by day; None when that is all night, or
        before `earliest`."""
        for quarters in (12, 11, 13, 10, 14, 9, 15, 8, 16):
            at = Moment(shuts - quarters * HOUR // 4)
            if at >= earliest and self.by_day(zone, at):
                return at
        return None

    def by_day(self, zone: ZoneInfo, at: Moment) -> bool:
        return self.wakes <= _local(at, zone).hour < self.sleeps


@dataclass(frozen=True, slots=True)
class Dates:
    """How a language writes days and hours: days from Monday, months from January, and patterns."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    at: str
    """A day and an hour."""
    on: str
    """A day that is more than a week away."""
    first: str
    """The number of a month's first day."""
    span: str
    """From a day to a day."""
    always: str
    """Every day."""
    hours: str
    """From an hour to an hour."""
    round_the_clock: str
    clock: str
    full: str
    """An hour without minutes."""
    comma: str

    def moment(self, at: Moment, now: Moment, zone: ZoneInfo) -> str:
        """`Saturday 9:00`; with its date when that is not this week's."""
        local = _local(at, zone)
        day = self.days[local.weekday()]
        if (local.date() - _local(now, zone).date()).days >= WEEK:
            month = self.months[local.month - 1]
            number = self.first if local.day == 1 else str(local.day)
            day = fill(self.on, {"day": day, "date": number, "month": month})
        return fill(self.at, {"day": day, "hour": self._hour(local.hour * 60 + local.minute)})

    def week(self, calendar: Calendar, now: Moment) -> str:
        """The hours of the coming seven days, days alike together; empty when all are closed."""
        today = _local(now, calendar.zone).date()
        return self.comma.join(
            f"{self._days(first, last)} {self._slots(hours)}"
            for first, last, hours in _runs(calendar, today)
        )

    def _days(self, first: date, last: date) -> str:
        if (last - first).days == WEEK - 1:
            return self.always
        names = {"first": self.days[first.weekday()], "last": self.days[last.weekday()]}
        return names["first"] if first == last else fill(self.span, names)

    def _slots(self, hours: Hours) -> str:
        if hours == ROUND_THE_CLOCK:
            return self.round_the_clock
        return self.comma.join(
            fill(self.hours, {"opens": self._hour(slot.opens), "closes": self._hour(slot.closes)})
            for slot in hours
        )

    def _hour(self, minutes: int) -> str:
        """Midnight at the end of a day is 24:00; what is past it belongs to the next day."""
        minutes = minutes if minutes <= 1440 else minutes - 1440
        hour, rest = divmod(minutes, 60)
        return fill(self.clock if rest else self.full, {"h": str(hour), "mm": f"{rest:02}"})


def _runs(calendar: Calendar, today: date) -> Iterator[tuple[date, date, Hours]]:
    """Days in a row with the same hours, the week turned so that no run is cut at its ends."""
    days = [today + timedelta(days=ahead) for ahead in range(WEEK)]
    hours = [calendar.slots_on(day) for day in days]
    turn = next((n for n in range(WEEK) if hours[n] != hours[n - 1]), 0)
    first = turn
    for n in range(turn, turn + WEEK):
        if n + 1 == turn + WEEK or hours[(n + 1) % WEEK] != hours[n % WEEK]:
            if hours[n % WEEK]:
                begins = today + timedelta(days=first)
                yield begins, begins + timedelta(days=n - first), hours[n % WEEK]
            first = n + 1


def _local(at: Moment, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at // SECOND, zone)


def values(calendar: Calendar, told: Dates, now: Moment) -> dict[str, str]:
    """What a text may say of the hours; what does not exist (no opening within two years) is left
    out."""
    opens = calendar.opens(now)
    found = {"hours": told.week(calendar, now)}
    if opens is not None:
        found["opens_at"] = told.moment(opens, now, calendar.zone)
    return {name: value for name, value in found.items() if value}


def shuts_before_opening(calendar: Calendar, window_shuts: Moment | None, now: Moment) -> bool:
    """Whether nobody will be here before only a template goes through. By day that is asked in the
    last hours only: until then there is time for everything."""
    if window_shuts is None:
        return False
    closed_at = now
    if calendar.is_open(now):
        # Cheaper than to look for the end of the day, and true for most of it.
        if calendar.is_open(Moment(now + LAST_HOURS)):
            return False
        closes = calendar.closes(now)
        if closes is None or now < closes - LAST_HOURS:
            return False
        closed_at = closes
    opens = calendar.opens(closed_at)
    return opens is None or opens >= window_shuts


def next_change(calendar: Calendar, now: Moment) -> Moment | None:
    """When we open, when the last hours begin, or when we close: whatever comes next."""
    if not calendar.is_open(now):
        return calendar.opens(now)
    closes = calendar.closes(now)
    if closes is None:
        return None
    last = Moment(closes - LAST_HOURS)
    return last if now < last else closes
