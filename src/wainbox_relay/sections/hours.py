"""`[[calendars]]`: business hours as an operator writes them, made into the rules' calendars.

Zones come from the `tzdata` package and never from the machine, whose tables may be years old: the
same configuration means the same hours everywhere.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from wainbox_relay.domain.rules.calendar import (
    ROUND_THE_CLOCK,
    Calendar,
    Hours,
    Slot,
    Special,
    Version,
    Week,
)
from wainbox_relay.sections.base import Section, comma_separated, repeated, sound

YEARS = range(2020, 2051)
"""Those that public holidays are looked up for."""

_SLOT = re.compile(r"(\d\d?):([0-5]\d)-(\d\d?):([0-5]\d)", re.ASCII)


# -- kinds of values ---------------------------------------------------------------------------


def hours(text: str) -> Hours:
    """`9:00-13:00, 14:00-21:00` as slots; an end that is not after its beginning is tomorrow's.
    Raises `ValueError`."""
    if text in ("", "closed"):
        return ()
    if text == "always":
        return ROUND_THE_CLOCK
    slots = sorted((_slot(part.strip()) for part in text.split(",")), key=lambda slot: slot.opens)
    if any(second.opens < first.closes for first, second in pairwise(slots)):
        raise ValueError("slots that do not overlap")
    return tuple(slots)


def _slot(text: str) -> Slot:
    found = _SLOT.fullmatch(text)
    if found is None:
        raise ValueError("hours such as 9:00-13:00, 14:00-21:00, or always, or closed")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    opens, closes = hour * 60 + minute, last_hour * 60 + last_minute
    if hour > 23 or closes > 1440:
        raise ValueError("times from 0:00 to 23:59, and 24:00 for the end of the day")
    return Slot(opens, closes if closes > opens else closes + 1440)


def span(text: str) -> tuple[date, date]:
    """`2027-07-01` or `2027-07-01 to 2027-07-15` as its first and last date. Raises
    `ValueError`."""
    begins, _, ends = text.partition(" to ")
    try:
        first, last = (date.fromisoformat(each) for each in (begins, ends or begins))
    except ValueError:
        raise ValueError("a date such as 2027-07-01, or 2027-07-01 to 2027-07-15") from None
    if last < first:
        raise ValueError("a first date and a last one, in this order")
    return first, last


@cache
def zone(name: str) -> ZoneInfo:
    """Raises `ValueError`."""
    package = resources.files("tzdata")
    if name not in package.joinpath("zones").read_text("utf-8").splitlines():
        raise ValueError("a time zone such as Africa/Casablanca")
    with package.joinpath("zoneinfo", *name.split("/")).open("rb") as table:
        return ZoneInfo.from_file(table, key=name)


@cache
def holidays_of(country: str) -> frozenset[date]:
    """The public holidays of a country, in its two letters. Raises `ValueError`."""
    import holidays

    try:
        if len(country) == 2 and country.isupper():
            return frozenset(holidays.country_holidays(country, years=YEARS))
    except NotImplementedError:
        pass
    raise ValueError("a country in two letters, such as MA")


def _iso(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _day(value: str) -> str:
    hours(value)
    return value


def _span(value: str) -> str:
    span(value)
    return value


def _zone(value: str) -> str:
    zone(value)
    return value


def _country(value: str) -> str:
    if value:
        holidays_of(value)
    return value


Day = Annotated[str, AfterValidator(_day)]
Dates = Annotated[
    tuple[Annotated[str, BeforeValidator(_iso), AfterValidator(_span)], ...],
    BeforeValidator(comma_separated),
]


_SHOP_DAYS = ("monday", "tuesday", "wednesday", "thursday", "saturday", "sunday")
_RAMADAN = dict.fromkeys(_SHOP_DAYS, "10:00-16:00")
_SUMMER = dict.fromkeys(_SHOP_DAYS, "9:00-13:00, 16:00-22:00")


# -- the sections ------------------------------------------------------------------------------


class WeekSection(Section):
    """Hours by day."""

    monday: Day = Field("closed", examples=["9:00-21:00"])
    tuesday: Day = Field("closed", examples=["9:00-21:00"])
    wednesday: Day = Field("closed", examples=["9:00-21:00"])
    thursday: Day = Field("closed", examples=["9:00-21:00"])
    friday: Day = Field("closed", examples=["closed"])
    saturday: Day = Field("closed", examples=["9:00-21:00"])
    sunday: Day = Field("closed", examples=["9:00-21:00"])

    def rules(self) -> Week:
        return (
            hours(self.monday),
            hours(self.tuesday),
            hours(self.wednesday),
            hours(self.thursday),
            hours(self.friday),
            hours(self.saturday),
            hours(self.sunday),
        )


class SpecialSection(Section):
    """Other hours for a time, such as Ramadan. Where two have a date, the later block counts."""

    first: date = Field(alias="from", description="The first date.", examples=[date(2027, 2, 8)])
    last: date = Field(alias="to", description="The last date.", examples=[date(2027, 3, 9)])
    week: WeekSection = Field(description="The hours of that time.", examples=[_RAMADAN])

    @field_validator("last", mode="after")
    @classmethod
    def _in_order(cls, last: date, info: ValidationInfo) -> date:
        if last < info.data.get("first", last):
            raise ValueError("a date that is not before from")
        return last

    def rules(self) -> Special:
        return Special(self.first, self.last, self.week.rules())


class ChangeSection(Section):
    """New hours from a date on; what was before it stays as it was, and so do past figures."""

    since: date = Field(description="The first date.", examples=[date(2027, 6, 1)])
    week: WeekSection = Field(description="The usual hours from then on.", examples=[_SUMMER])

    def rules(self) -> Version:
        return Version(self.since, self.week.rules())


class CalendarSection(Section):
    """Business hours, in the wall time of one zone."""

    name: str = Field(
        description="The name that other settings use.", min_length=1, examples=["shop"]
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        description="The time zone, such as Africa/Casablanca.", examples=["Africa/Casablanca"]
    )
    holidays: Annotated[str, AfterValidator(_country)] = Field(
        "",
        description="A country whose public holidays are closed, in two letters. Dates that hang "
        "on the sight of the moon are estimates: correct them with open_on and closed.",
        examples=["MA"],
    )
    closed: Dates = Field(
        (),
        description="More closed dates, such as 2027-03-11 or 2027-07-01 to 2027-07-15. They go "
        "before all other hours.",
    )
    open_on: Dates = Field(
        (), description="Dates on which a public holiday does not close; written like closed."
    )
    week: WeekSection = Field(
        description="The usual hours, by day: slots such as 9:00-13:00, 14:00-21:00; always; or "
        "closed, as is a day left out. 22:00-2:00 ends on the next day, 8:00-8:00 lasts 24 hours."
    )
    special: tuple[SpecialSection, ...] = Field((), description="Other hours for a time.")
    changes: tuple[ChangeSection, ...] = Field((), description="New hours from a date on.")

    @field_validator("week", mode="after")
    @classmethod
    def _opens(cls, week: WeekSection) -> WeekSection:
        if not any(week.rules()):
            raise ValueError("hours on at least one day")
        return week

    @field_validator("changes", mode="after")
    @classmethod
    def _once_a_day(cls, changes: tuple[ChangeSection, ...]) -> tuple[ChangeSection, ...]:
        if len({each.since for each in changes}) < len(changes):
            raise ValueError("each since once")
        return changes

    def rules(self) -> Calendar:
        first = Version(date.min, self.week.rules())
        later = sorted((each.rules() for each in self.changes), key=lambda version: version.since)
        public = holidays_of(self.holidays) if self.holidays else frozenset()
        return Calendar(
            zone(self.zone),
            versions=(first, *later),
            closed=(public - _dates(self.open_on)) | _dates(self.closed),
            special=tuple(each.rules() for each in self.special),
        )


def _named_once(sections: tuple[CalendarSection, ...]) -> tuple[CalendarSection, ...]:
    return sound(
        sections, repeated((((n, "name"), c.name) for n, c in enumerate(sections)), "name")
    )


Calendars = Annotated[
    tuple[CalendarSection, ...], BeforeValidator(comma_separated), AfterValidator(_named_once)
]


def calendars(sections: Iterable[CalendarSection]) -> Mapping[str, Calendar]:
    """By name."""
    return {each.name: each.rules() for each in sections}


def _dates(spans: Iterable[str]) -> frozenset[date]:
    return frozenset(day for each in spans for day in _days(*span(each)))


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
