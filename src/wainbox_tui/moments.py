"""Times as people type them: `2h`, `30m`, `tomorrow 9`, `sunday`, `mon 14:30`, `27/11 9`.

Read in the zone of whose time is meant and echoed with it, so that nobody wonders which nine
o'clock it is: `tomorrow 9` puts a conversation aside until the shop opens, wherever the terminal
runs.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

MORNING = time(9)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)")
_TRY = "Try 30m, 2h, tomorrow 9, sunday or 27/11 14:30."
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CLOCK = re.compile(r"(\d{1,2})(?:[:h.](\d{2})?)?\s*(am|pm)?")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?|(\d{4})-(\d{2})-(\d{2})")
_DIGITS = {ord(chr(base + n)): str(n) for base in (0x660, 0x6F0) for n in range(10)}
_WORDS = {
    "today": 0,
    "tonight": 0,
    "aujourd'hui": 0,
    "اليوم": 0,
    "tomorrow": 1,
    "demain": 1,
    "غدا": 1,
    "بكرة": 1,
}


class MomentError(ValueError):
    """Said to the person who typed."""


def parse(text: str, now: datetime) -> datetime:
    """Reads a time to come; `now` carries the zone. Raises `MomentError`."""
    words = text.strip().lower().translate(_DIGITS)
    if not words:
        raise MomentError(_TRY)
    if span := _SPAN.fullmatch(words):
        moment = _later(now, timedelta(**{_UNITS[span[2]]: int(span[1])}))
    elif (found := _on_a_day(words, now)) is not None:
        moment = found
    else:
        raise MomentError(f"'{text.strip()}' is no time. {_TRY}")
    if moment <= now:
        raise MomentError(f"'{text.strip()}' has passed already.")
    return moment.replace(microsecond=0)


def _later(now: datetime, span: timedelta) -> datetime:
    """Hours are hours though the clocks change among them; a day later it is the same time."""
    if span % timedelta(days=1):
        return (now.astimezone(UTC) + span).astimezone(now.tzinfo)
    return now + span


def _on_a_day(words: str, now: datetime) -> datetime | None:
    first, _, rest = words.partition(" ")
    day = _day(first, now.date())
    if day is None:
        day, rest = now.date(), words
    clock = _clock(rest) if rest else (time(20) if first == "tonight" else MORNING)
    if clock is None:
        return None
    moment = datetime.combine(day, clock, now.tzinfo)
    if moment <= now and day == now.date() and rest == words:
        moment += timedelta(days=1)
    return moment


def _day(word: str, today: date) -> date | None:
    if word in _WORDS:
        return today + timedelta(days=_WORDS[word])
    for index, name in enumerate(_DAYS):
        if len(word) >= 3 and name.startswith(word):
            return today + timedelta(days=(index - today.weekday() - 1) % 7 + 1)
    return _date(word, today)


def _date(word: str, today: date) -> date | None:
    found = _DATE.fullmatch(word)
    if found is None:
        return None
    try:
        if found[4]:
            return date(int(found[4]), int(found[5]), int(found[6]))
        day = date(int(found[3] or today.year), int(found[2]), int(found[1]))
        return day.replace(year=day.year + 1) if not found[3] and day < today else day
    except ValueError as error:
        raise MomentError(f"There is no such day as {word}.") from error


def _clock(words: str) -> time | None:
    found = _CLOCK.fullmatch(words.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise MomentError(f"There is no such time as {words.strip()}.")
    return time(hour, minute)


def over_there(now: datetime, zone: str) -> datetime:
    """The same instant in a zone, or as it is where there is no such zone."""
    # Reads files of its own, which the first picture does not wait for.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return now.astimezone(ZoneInfo(zone)) if zone else now
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return now


def over_all(now: datetime, zones: Iterable[str]) -> datetime:
    """The same instant in the zone that all of these are, or as it is where they differ."""
    shared = set(zones)
    return over_there(now, shared.pop() if len(shared) == 1 else "")


def echo(moment: datetime) -> str:
    """`Sun 29 Nov 09:00 Casablanca`, or with the zone's letters where it has no place."""
    place = getattr(moment.tzinfo, "key", "").rpartition("/")[2].replace("_", " ")
    return f"{moment:%a} {moment.day} {moment:%b %H:%M} {place or moment.tzname() or ''}".rstrip()
