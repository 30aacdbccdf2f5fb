"""Business time by hand: what a person with a wall clock and pencil answers, to the second.

Zones are those of the `tzdata` package. Since its 2026f Morocco keeps one time from 20 September
2026 on; `expected` has the clock changes of Ramadan 2027 as they were expected until then.
"""

import io
import re
import struct
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from wainbox_relay.contract.vocabulary import HOUR, MINUTE, SECOND, Moment
from wainbox_relay.domain.rules.calendar import ALWAYS, Calendar, Slot, Special, Version, Week
from wainbox_relay.sections.hours import hours, zone

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
DAILY = (MON, TUE, WED, THU, FRI, SAT, SUN)
SAT_TO_THU = (SAT, SUN, MON, TUE, WED, THU)
SUN_TO_THU = (SUN, MON, TUE, WED, THU)
MON_TO_FRI = (MON, TUE, WED, THU, FRI)
MON_TO_SAT = (MON, TUE, WED, THU, FRI, SAT)


def week(days: tuple[int, ...], text: str) -> Week:
    monday, *others = (hours(text) if day in days else () for day in DAILY)
    return (monday, *others)


def calendar(place: str | ZoneInfo, days: tuple[int, ...], text: str, **more) -> Calendar:
    at = zone(place) if isinstance(place, str) else place
    return Calendar(at, (Version(date.min, week(days, text)),), **more)


def clocks(*changes: tuple[str, int], before: int) -> ZoneInfo:
    """A zone that changes its offset (in hours) at these instants: RFC 9636, version 1."""
    offsets = sorted({before, *(hour for _, hour in changes)}, key=lambda hour: hour != before)
    moments = [int(datetime.fromisoformat(at).timestamp()) for at, _ in changes]
    kinds = [offsets.index(hour) for _, hour in changes]
    head = struct.pack(">4s16x6l", b"TZif", 0, 0, 0, len(changes), len(offsets), 4)
    times = struct.pack(f">{len(changes)}l{len(changes)}B", *moments, *kinds)
    types = b"".join(struct.pack(">lBB", hour * 3600, 0, 0) for hour in offsets)
    return ZoneInfo.from_file(io.BytesIO(head + times + types + b"LMT\0"), key="Expected")


EXPECTED = clocks(("2027-02-07T02:00:00Z", 0), ("2027-03-14T02:00:00Z", 1), before=1)
SHOP = week(SAT_TO_THU, "9:00-21:00")
RAMADAN = Special(date(2027, 2, 8), date(2027, 3, 9), week(SAT_TO_THU, "10:00-16:00"))
EVENING = Special(date(2027, 2, 20), date(2027, 2, 20), week(DAILY, "20:00-23:00"))
EID = frozenset({date(2027, 3, 10), date(2027, 3, 11)})

CALENDARS = {
    "always": ALWAYS,
    "never": calendar("Africa/Cairo", (), ""),
    # The clocks of Cairo go from 0:00 to 1:00 on 30 April 2027, from 24:00 to 23:00 on 28 October.
    "cairo day": calendar("Africa/Cairo", SUN_TO_THU, "9:00-17:00"),
    "cairo 22-2": calendar("Africa/Cairo", DAILY, "22:00-2:00"),
    "cairo 0:30-8": calendar("Africa/Cairo", DAILY, "0:30-8:00"),
    "cairo 0-0:45": calendar("Africa/Cairo", DAILY, "0:00-0:45"),
    "cairo 9-23:30": calendar("Africa/Cairo", DAILY, "9:00-23:30"),
    "cairo 9-23": calendar("Africa/Cairo", DAILY, "9:00-23:00"),
    "cairo 23:30-2": calendar("Africa/Cairo", DAILY, "23:30-2:00"),
    "cairo 24 h": calendar("Africa/Cairo", DAILY, "always"),
    "cairo guards": calendar("Africa/Cairo", DAILY, "8:00-8:00"),
    "cairo guard": calendar("Africa/Cairo", (THU,), "8:00-8:00"),
    # Those of Beirut from 0:00 to 1:00 on 28 March 2027, from 24:00 to 23:00 on 30 October.
    "beirut office": calendar("Asia/Beirut", MON_TO_FRI, "8:00-16:00"),
    "beirut 0-8": calendar("Asia/Beirut", DAILY, "0:00-8:00"),
    "beirut 20-0:30": calendar("Asia/Beirut", DAILY, "20:00-0:30"),
    "beirut 24 h": calendar("Asia/Beirut", DAILY, "always"),
    # Those of Casablanca went from 3:00 to 2:00 on 15 February 2026, from 2:00 to 3:00 on 22 March
    # and for good from 2:00 to 1:00 on 20 September.
    "shop": Calendar(zone("Africa/Casablanca"), (Version(date.min, SHOP),)),
    "casa 22-4": calendar("Africa/Casablanca", DAILY, "22:00-4:00"),
    "casa 24 h": calendar("Africa/Casablanca", DAILY, "always"),
    # Expected were from 3:00 to 2:00 on 7 February 2027 and from 2:00 to 3:00 on 14 March.
    "expected shop": calendar(EXPECTED, SAT_TO_THU, "9:00-21:00"),
    "expected 22-4": calendar(EXPECTED, DAILY, "22:00-4:00"),
    "expected 24 h": calendar(EXPECTED, DAILY, "always"),
    "eid": Calendar(zone("Africa/Casablanca"), (Version(date.min, SHOP),), EID, (RAMADAN, EVENING)),
    "summer": Calendar(
        zone("Africa/Casablanca"),
        (
            Version(date.min, SHOP),
            Version(date(2027, 6, 1), week(SAT_TO_THU, "9:00-13:00, 16:00-22:00")),
        ),
    ),
    "tunis": calendar("Africa/Tunis", MON_TO_SAT, "8:30-12:30, 14:00-18:00"),
    "tunis touching": calendar("Africa/Tunis", MON_TO_SAT, "9:00-13:00, 13:00-17:00"),
    # Those of Riyadh never change.
    "riyadh": calendar("Asia/Riyadh", SUN_TO_THU, "9:00-21:00"),
    "riyadh 24 h": calendar("Asia/Riyadh", DAILY, "always"),
    "riyadh guard": calendar("Asia/Riyadh", (SUN, WED), "8:00-8:00"),
    "riyadh nested": Calendar(
        zone("Asia/Riyadh"),
        (Version(date.min, (hours("1:00-2:00"), (), (), (), (), (), hours("22:00-10:00"))),),
    ),
    "honolulu guard": calendar("Pacific/Honolulu", (SUN,), "23:00-23:00"),
    "riyadh 22-2": calendar(
        "Asia/Riyadh", DAILY, "22:00-2:00", closed=frozenset({date(2027, 1, 1)})
    ),
}

TABLE = """
cairo 22-2      2027-04-29 23:59:59+02:00  open?   yes
cairo 22-2      2027-04-29 22:30:00+02:00  closes  2027-04-30 02:00:00+03:00
cairo 22-2      2027-04-29 22:00:00+02:00  until 2027-04-30 02:00:00+03:00  3:00:00
cairo 22-2      2027-04-29 22:00:00+02:00  plus 1:59:59  2027-04-29 23:59:59+02:00
cairo 22-2      2027-04-29 22:00:00+02:00  plus 2:00:00  2027-04-30 01:00:00+03:00
cairo 22-2      2027-04-29 22:00:00+02:00  plus 2:30:00  2027-04-30 01:30:00+03:00
cairo 22-2      2027-04-29 22:00:00+02:00  plus 3:00:00  2027-04-30 02:00:00+03:00
cairo 22-2      2027-04-29 22:00:00+02:00  plus 3:00:01  2027-04-30 22:00:01+03:00
cairo 22-2      2027-04-30 02:00:00+03:00  opens   2027-04-30 22:00:00+03:00
cairo 22-2      2027-04-30 03:00:00+03:00  closed since  2027-04-30 02:00:00+03:00
cairo 22-2      2027-10-28 22:30:00+03:00  closes  2027-10-29 02:00:00+02:00
cairo 22-2      2027-10-28 22:00:00+03:00  until 2027-10-29 02:00:00+02:00  5:00:00
cairo 22-2      2027-10-28 22:00:00+03:00  plus 1:30:00  2027-10-28 23:30:00+03:00
cairo 22-2      2027-10-28 22:00:00+03:00  plus 2:30:00  2027-10-28 23:30:00+02:00
cairo 22-2      2027-10-28 23:30:00+02:00  open?   yes
cairo 0:30-8    2027-04-29 20:00:00+02:00  opens   2027-04-30 01:00:00+03:00
cairo 0:30-8    2027-04-29 20:00:00+02:00  until 2027-04-30 08:00:00+03:00  7:00:00
cairo 0:30-8    2027-05-01 20:00:00+03:00  opens   2027-05-02 00:30:00+03:00
cairo 0-0:45    2027-04-29 12:00:00+02:00  opens   2027-05-01 00:00:00+03:00
cairo 0-0:45    2027-04-30 12:00:00+03:00  closed since  2027-04-29 00:45:00+02:00
cairo 9-23:30   2027-10-28 12:00:00+03:00  closes  2027-10-28 23:30:00+02:00
cairo 9-23:30   2027-10-28 00:00:00+03:00  until 2027-10-29 00:00:00+02:00  15:30:00
cairo 9-23:30   2027-10-28 23:45:00+03:00  open?   yes
cairo 9-23:30   2027-10-29 12:00:00+02:00  closes  2027-10-29 23:30:00+02:00
cairo 9-23      2027-10-28 12:00:00+03:00  closes  2027-10-28 23:00:00+03:00
cairo 9-23      2027-10-28 23:00:00+02:00  open?   no
cairo 9-23      2027-10-28 00:00:00+03:00  until 2027-10-29 00:00:00+02:00  14:00:00
cairo 23:30-2   2027-10-28 12:00:00+03:00  opens   2027-10-28 23:30:00+03:00
cairo 23:30-2   2027-10-28 12:00:00+03:00  until 2027-10-29 12:00:00+02:00  3:30:00
cairo 24 h      2027-04-29 00:00:00+02:00  until 2027-05-01 00:00:00+03:00  47:00:00
cairo 24 h      2027-10-28 00:00:00+03:00  until 2027-10-29 00:00:00+02:00  25:00:00
cairo 24 h      2027-04-29 23:59:59+02:00  closes  never
cairo guards    2027-04-29 23:59:59+02:00  closes  never
cairo guard     2027-04-29 08:00:00+02:00  until 2027-04-30 08:00:00+03:00  23:00:00
cairo guard     2027-10-28 08:00:00+03:00  until 2027-10-29 08:00:00+02:00  25:00:00
cairo guard     2027-10-28 08:00:00+03:00  closes  2027-10-29 08:00:00+02:00
cairo day       2027-04-29 16:50:00+02:00  plus 0:05:00  2027-04-29 16:55:00+02:00
cairo day       2027-04-29 16:50:00+02:00  plus 0:20:00  2027-05-02 09:10:00+03:00
cairo day       2027-04-29 16:00:00+02:00  until 2027-05-02 10:00:00+03:00  2:00:00
cairo day       2027-04-29 17:00:00+02:00  opens   2027-05-02 09:00:00+03:00
cairo day       2027-05-01 12:00:00+03:00  closed since  2027-04-29 17:00:00+02:00
cairo day       2027-10-28 16:30:00+03:00  plus 1:00:00  2027-10-31 09:30:00+02:00

beirut 0-8      2027-03-27 12:00:00+02:00  opens   2027-03-28 01:00:00+03:00
beirut 0-8      2027-03-27 12:00:00+02:00  until 2027-03-28 12:00:00+03:00  7:00:00
beirut 0-8      2027-03-27 12:00:00+02:00  plus 1:00:00  2027-03-28 02:00:00+03:00
beirut 0-8      2027-03-27 23:59:59+02:00  open?   no
beirut 20-0:30  2027-03-27 21:00:00+02:00  closes  2027-03-28 01:00:00+03:00
beirut 20-0:30  2027-03-27 20:00:00+02:00  until 2027-03-28 06:00:00+03:00  4:00:00
beirut 20-0:30  2027-03-27 20:00:00+02:00  plus 4:00:01  2027-03-28 20:00:01+03:00
beirut 20-0:30  2027-03-28 21:00:00+03:00  closes  2027-03-29 00:30:00+03:00
beirut 20-0:30  2027-10-30 21:00:00+03:00  closes  2027-10-31 00:30:00+02:00
beirut 20-0:30  2027-10-30 20:00:00+03:00  until 2027-10-31 06:00:00+02:00  5:30:00
beirut 24 h     2027-03-28 01:00:00+03:00  until 2027-03-29 00:00:00+03:00  23:00:00
beirut 24 h     2027-03-27 23:00:00+02:00  plus 2:00:00  2027-03-28 02:00:00+03:00
beirut office   2027-03-26 15:45:00+02:00  plus 0:30:00  2027-03-29 08:15:00+03:00
beirut office   2027-03-26 15:00:00+02:00  until 2027-03-29 09:00:00+03:00  2:00:00

casa 22-4       2026-02-14 22:00:00+01:00  until 2026-02-15 04:00:00+00:00  7:00:00
casa 22-4       2026-02-14 22:00:00+01:00  plus 4:30:00  2026-02-15 02:30:00+01:00
casa 22-4       2026-02-14 22:00:00+01:00  plus 5:30:00  2026-02-15 02:30:00+00:00
casa 22-4       2026-03-21 22:00:00+00:00  until 2026-03-22 04:00:00+01:00  5:00:00
casa 22-4       2026-03-21 22:00:00+00:00  plus 4:30:00  2026-03-22 03:30:00+01:00
casa 22-4       2026-09-19 22:00:00+01:00  until 2026-09-20 04:00:00+00:00  7:00:00
casa 22-4       2027-02-06 22:00:00+00:00  until 2027-02-07 04:00:00+00:00  6:00:00
casa 22-4       2027-03-13 22:00:00+00:00  until 2027-03-14 04:00:00+00:00  6:00:00
casa 24 h       2027-02-07 00:00:00+00:00  until 2027-02-08 00:00:00+00:00  24:00:00
casa 24 h       2027-03-14 00:00:00+00:00  until 2027-03-15 00:00:00+00:00  24:00:00
shop            2026-02-14 20:00:00+01:00  plus 2:00:00  2026-02-15 10:00:00+00:00
shop            2027-02-06 20:00:00+00:00  plus 2:00:00  2027-02-07 10:00:00+00:00
shop            2027-03-13 21:00:00+00:00  opens   2027-03-14 09:00:00+00:00
shop            2026-11-26 21:30:00+00:00  opens   2026-11-28 09:00:00+00:00
shop            2026-11-27 12:00:00+00:00  closed since  2026-11-26 21:00:00+00:00
shop            2026-11-26 20:59:59+00:00  open?   yes
shop            2026-11-26 21:00:00+00:00  open?   no
shop            2026-11-26 21:00:00+00:00  closed since  2026-11-26 21:00:00+00:00
shop            2026-11-28 08:59:59+00:00  open?   no
shop            2026-11-28 09:00:00+00:00  open?   yes
shop            2026-11-28 09:00:00+00:00  closed since  open
shop            2026-11-26 20:55:00+00:00  plus 0:05:00  2026-11-26 21:00:00+00:00
shop            2026-11-26 20:55:00+00:00  plus 0:05:01  2026-11-28 09:00:01+00:00
shop            2026-11-26 21:30:00+00:00  plus 0:00:00  2026-11-26 21:30:00+00:00
shop            2026-11-26 21:30:00+00:00  closes  2026-11-28 21:00:00+00:00
shop            2026-11-28 12:00:00+00:00  until 2026-11-26 12:00:00+00:00  0:00:00
shop            2026-11-26 12:00:00+00:00  until 2026-11-28 12:00:00+00:00  12:00:00

expected 22-4   2027-02-06 22:00:00+01:00  until 2027-02-07 04:00:00+00:00  7:00:00
expected 22-4   2027-02-06 22:00:00+01:00  plus 5:30:00  2027-02-07 02:30:00+00:00
expected 22-4   2027-03-13 22:00:00+00:00  until 2027-03-14 04:00:00+01:00  5:00:00
expected 22-4   2027-03-13 22:00:00+00:00  plus 4:30:00  2027-03-14 03:30:00+01:00
expected 24 h   2027-02-07 00:00:00+01:00  until 2027-02-08 00:00:00+00:00  25:00:00
expected 24 h   2027-03-14 00:00:00+00:00  until 2027-03-15 00:00:00+01:00  23:00:00
expected shop   2027-02-06 20:00:00+01:00  plus 2:00:00  2027-02-07 10:00:00+00:00
expected shop   2027-03-13 20:00:00+00:00  plus 2:00:00  2027-03-14 10:00:00+01:00

eid             2027-02-07 20:30:00+00:00  plus 1:00:00  2027-02-08 10:30:00+00:00
eid             2027-02-08 00:00:00+00:00  until 2027-02-15 00:00:00+00:00  36:00:00
eid             2027-02-20 09:00:00+00:00  opens   2027-02-20 20:00:00+00:00
eid             2027-03-08 15:50:00+00:00  plus 0:20:00  2027-03-09 10:10:00+00:00
eid             2027-03-09 16:00:00+00:00  opens   2027-03-13 09:00:00+00:00
eid             2027-03-12 12:00:00+00:00  closed since  2027-03-09 16:00:00+00:00
eid             2027-03-10 12:00:00+00:00  open?   no
summer          2027-05-31 20:50:00+00:00  plus 0:20:00  2027-06-01 09:10:00+00:00
summer          2027-06-01 12:50:00+00:00  plus 0:20:00  2027-06-01 16:10:00+00:00
summer          2027-05-31 00:00:00+00:00  until 2027-06-01 00:00:00+00:00  12:00:00
summer          2027-06-01 00:00:00+00:00  until 2027-06-02 00:00:00+00:00  10:00:00

tunis           2026-11-28 12:00:00+01:00  plus 1:00:00  2026-11-28 14:30:00+01:00
tunis           2026-11-28 12:30:00+01:00  opens   2026-11-28 14:00:00+01:00
tunis           2026-11-28 13:00:00+01:00  closed since  2026-11-28 12:30:00+01:00
tunis           2026-11-28 17:45:00+01:00  plus 0:30:00  2026-11-30 08:45:00+01:00
tunis           2026-11-29 12:00:00+01:00  open?   no
tunis touching  2026-11-28 09:00:00+01:00  closes  2026-11-28 17:00:00+01:00
tunis touching  2026-11-28 13:00:00+01:00  open?   yes

riyadh          2027-03-28 00:00:00+03:00  until 2027-03-29 00:00:00+03:00  12:00:00
riyadh          2027-04-29 20:50:00+03:00  plus 0:20:00  2027-05-02 09:10:00+03:00
riyadh          2027-10-28 21:00:00+03:00  opens   2027-10-31 09:00:00+03:00
riyadh          2027-02-07 20:00:00+03:00  plus 2:00:00  2027-02-08 10:00:00+03:00
riyadh 24 h     2027-04-30 00:00:00+03:00  until 2027-05-01 00:00:00+03:00  24:00:00
riyadh 24 h     2027-10-28 00:00:00+03:00  until 2027-10-29 00:00:00+03:00  24:00:00
riyadh 22-2     2026-12-31 23:00:00+03:00  closes  2027-01-01 02:00:00+03:00
riyadh 22-2     2027-01-01 02:00:00+03:00  opens   2027-01-02 22:00:00+03:00
riyadh 22-2     2026-12-31 22:00:00+03:00  plus 4:30:00  2027-01-02 22:30:00+03:00
riyadh nested   2027-03-28 22:00:00+03:00  until 2027-03-29 12:00:00+03:00  12:00:00
riyadh nested   2027-03-29 03:00:00+03:00  closes  2027-03-29 10:00:00+03:00
riyadh guard    2027-03-28 08:00:00+03:00  closes  2027-03-29 08:00:00+03:00
riyadh guard    2027-03-29 08:00:00+03:00  opens   2027-03-31 08:00:00+03:00
riyadh guard    2027-03-28 20:00:00+03:00  plus 13:00:00  2027-03-31 09:00:00+03:00
honolulu guard  2027-03-29 22:59:59-10:00  open?   yes
honolulu guard  2027-03-28 12:00:00-10:00  until 2027-03-30 12:00:00-10:00  24:00:00

always          2027-03-28 00:00:00+00:00  closes  never
always          2027-03-28 00:00:00+00:00  plus 24:00:00  2027-03-29 00:00:00+00:00
always          2027-03-28 00:00:00+00:00  closed since  open
never           2027-04-29 12:00:00+02:00  opens   never
never           2027-04-29 12:00:00+02:00  closes  never
never           2027-04-29 12:00:00+02:00  plus 0:00:01  never
never           2027-04-29 12:00:00+02:00  closed since  1970-01-01 02:00:00+02:00
never           2027-04-29 12:00:00+02:00  until 2028-04-29 12:00:00+03:00  0:00:00
"""

ROWS = [re.split(r" {2,}", line) for line in TABLE.splitlines() if line]


def moment(text: str, at: ZoneInfo) -> Moment:
    """The instant of a row, which has the offset that the zone has then."""
    told = datetime.fromisoformat(text)
    assert str(told.astimezone(at)) == text
    return Moment(int(told.timestamp()) * SECOND)


def length(text: str) -> int:
    hour, minute, second = map(int, text.split(":"))
    return hour * HOUR + minute * MINUTE + second * SECOND


def answer(asked: Calendar, at: Moment, question: str) -> object:
    what, _, more = question.partition(" ")
    match what:
        case "open?":
            return "yes" if asked.is_open(at) else "no"
        case "plus":
            return asked.add(at, length(more))
        case "until":
            return asked.between(at, moment(more, asked.zone))
        case "closed":
            since = asked.closed_since(at)
            return "open" if since is None else since
        case _:
            return getattr(asked, what)(at)


@pytest.mark.parametrize(("name", "at", "question", "expected"), ROWS)
def test_the_table(name: str, at: str, question: str, expected: str) -> None:
    """Each row, exact to the second."""
    asked = CALENDARS[name]
    found = answer(asked, moment(at, asked.zone), question)
    if question.startswith("until"):
        assert found == length(expected)
    elif expected == "never":
        assert found is None
    elif isinstance(found, int):
        assert found == moment(expected, asked.zone)
    else:
        assert found == expected


def test_the_table_is_long_enough() -> None:
    """Every row is a question of its own and every calendar is asked."""
    assert len({tuple(row[:3]) for row in ROWS}) == len(ROWS) >= 60
    assert {row[0] for row in ROWS} == CALENDARS.keys()


def test_the_hours_of_a_date_can_be_shown() -> None:
    """The slots that begin on a date: usual, in Ramadan, on a closed date, before a change,
    before the first version."""
    assert CALENDARS["tunis"].slots_on(date(2026, 11, 28)) == (Slot(510, 750), Slot(840, 1080))
    assert CALENDARS["eid"].slots_on(date(2027, 2, 8)) == (Slot(600, 960),)
    assert CALENDARS["eid"].slots_on(date(2027, 3, 10)) == ()
    assert CALENDARS["summer"].slots_on(date(2027, 5, 31)) == (Slot(540, 1260),)
    versions = Version(date(2027, 1, 1), SHOP), Version(date(2027, 6, 1), week((), ""))
    later = Calendar(zone("Asia/Riyadh"), versions)
    assert later.slots_on(date(2026, 6, 1)) == (Slot(540, 1260),)


def test_past_figures_stay_when_hours_change() -> None:
    """A year that was measured by the old hours measures the same after a change in June."""
    start, end = (
        Moment(int(datetime(2026, 6, day, tzinfo=UTC).timestamp()) * SECOND) for day in (1, 30)
    )
    assert CALENDARS["summer"].between(start, end) == CALENDARS["shop"].between(start, end)


def test_what_is_remembered_is_bounded() -> None:
    """Questions about very many days neither grow the memory nor change the answer."""
    asked = calendar("Africa/Cairo", SUN_TO_THU, "9:00-17:00")
    start = moment("2027-04-29 16:50:00+02:00", asked.zone)
    before = asked.add(start, HOUR)
    for day in range(5000):
        asked.is_open(Moment(start + day * 24 * HOUR))
    assert len(asked._known) <= 4096
    assert asked.add(start, HOUR) == before


@pytest.mark.parametrize(("opens", "closes"), [(1440, 1500), (-1, 60), (600, 600), (600, 2041)])
def test_a_slot_is_within_reason(opens: int, closes: int) -> None:
    """A slot that begins on another day, is empty, or lasts longer than 24 hours cannot be made."""
    with pytest.raises(ValueError, match="begins within its day"):
        Slot(opens, closes)
