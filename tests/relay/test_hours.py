"""`[[calendars]]`: what an operator writes, and the hours that come of it."""

import subprocess
import sys
import tomllib
import zoneinfo
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from wainbox_relay.config import ConfigError, Settings, numbers, policy
from wainbox_relay.contract.vocabulary import SECOND, Moment, NumberId
from wainbox_relay.domain.rules.calendar import Calendar, Slot
from wainbox_relay.sections.hours import hours, zone

SECRETS = {"app_secret": "s3cret-app", "verify_token": "s3cret-verify"}
PAGE = Path(__file__).parents[2] / "docs/config.md"
HOURS = timedelta(hours=1)
WEEK = {"monday": "9:00-17:00"}


def settings(*calendars: dict, **more) -> Settings:
    return Settings.of({"webhook": SECRETS, "calendars": list(calendars), **more})


def made(**given) -> Calendar:
    calendar = {"name": "shop", "zone": "Africa/Casablanca", "week": WEEK, **given}
    return policy(settings(calendar)).calendars["shop"]


def at(text: str) -> Moment:
    return Moment(int(datetime.fromisoformat(text).timestamp()) * SECOND)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("9:00-13:00, 14:00-21:00", (Slot(540, 780), Slot(840, 1260))),
        ("14:00-21:00,09:00-13:00", (Slot(540, 780), Slot(840, 1260))),
        ("22:00-2:00", (Slot(1320, 1560),)),
        ("8:00-8:00", (Slot(480, 1920),)),
        ("18:00-24:00", (Slot(1080, 1440),)),
        ("0:00-24:00", (Slot(0, 1440),)),
        ("always", (Slot(0, 1440),)),
        ("closed", ()),
        ("", ()),
    ],
)
def test_hours_are_read(text: str, slots: tuple[Slot, ...]) -> None:
    """A day's hours as people write them."""
    assert hours(text) == slots


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9-17", "hours such as 9:00-13:00"),
        ("9:00-17:00,", "hours such as 9:00-13:00"),
        ("9:60-17:00", "hours such as 9:00-13:00"),
        ("٩:٠٠-١٧:٠٠", "hours such as 9:00-13:00"),
        ("24:00-25:00", "times from 0:00 to 23:59"),
        ("9:00-24:01", "times from 0:00 to 23:59"),
        ("9:00-13:00, 12:00-14:00", "slots that do not overlap"),
        ("22:00-2:00, 23:00-23:30", "slots that do not overlap"),
    ],
)
def test_hours_that_mean_nothing_are_refused(text: str, expected: str) -> None:
    """What cannot be a day's hours says how hours are written."""
    with pytest.raises(ValueError, match=expected):
        hours(text)


def test_the_shop_of_the_page_keeps_its_hours() -> None:
    """The worked example of `docs/config.md`: Saturday to Thursday 9 to 21 in Casablanca, Ramadan
    and its moon-sighted end, a holiday of the country."""
    page = PAGE.read_text().partition("A shop in Casablanca")[2].split("```")[1]
    shop = made(**tomllib.loads(page.removeprefix("toml"))["calendars"][0])
    assert shop.opens(at("2026-11-26T21:30:00+00:00")) == at("2026-11-28T09:00:00+00:00")
    assert shop.slots_on(date(2027, 2, 8)) == hours("10:00-16:00")
    assert shop.slots_on(date(2027, 2, 12)) == ()
    assert shop.slots_on(date(2027, 3, 9)) == hours("10:00-16:00")
    assert shop.closes(at("2027-03-09T12:00:00+00:00")) == at("2027-03-09T16:00:00+00:00")
    assert shop.opens(at("2027-03-09T16:00:00+00:00")) == at("2027-03-13T09:00:00+00:00")
    assert not shop.is_open(at("2026-11-18T12:00:00+00:00"))


def test_a_date_has_the_hours_that_go_first() -> None:
    """Closed before holiday before special before change before week; ranges have both ends."""
    all_week = dict.fromkeys(("thursday", "friday", "saturday", "sunday"), "9:00-17:00")
    shop = made(
        week=all_week,
        holidays="MA",
        closed=["2027-01-15 to 2027-01-16", date(2027, 1, 1)],
        open_on=["2027-01-01", "2027-01-14"],
        special=[
            {"from": "2027-01-14", "to": "2027-01-21", "week": {"thursday": "10:00-12:00"}},
            {"from": "2027-01-21", "to": "2027-01-21", "week": {"thursday": "always"}},
        ],
        changes=[
            {"since": "2027-03-01", "week": {"sunday": "8:00-9:00"}},
            {"since": "2027-02-01", "week": {"sunday": "7:00-8:00"}},
        ],
    )
    hours_of = {
        date(2027, 1, 1): "closed",  # a holiday let open, and closed all the same
        date(2027, 1, 11): "closed",  # a holiday
        date(2027, 1, 14): "10:00-12:00",  # a holiday let open, within the special time
        date(2027, 1, 15): "closed",
        date(2027, 1, 16): "closed",
        date(2027, 1, 17): "closed",  # left out of the special week
        date(2027, 1, 21): "always",
        date(2027, 1, 22): "9:00-17:00",
        date(2027, 1, 31): "9:00-17:00",
        date(2027, 2, 7): "7:00-8:00",
        date(2027, 2, 28): "7:00-8:00",
        date(2027, 3, 7): "8:00-9:00",
    }
    assert {day: shop.slots_on(day) for day in hours_of} == {
        day: hours(text) for day, text in hours_of.items()
    }


def test_every_fault_is_told_by_its_key() -> None:
    """All that is wrong in calendars comes at once, each with its place and what was expected."""
    with pytest.raises(ConfigError) as caught:
        settings(
            {
                "name": "shop",
                "zone": "Africa/Casablanka",
                "week": {"monday": "9-25", "mondy": "9:00-17:00"},
                "holidays": "Morocco",
                "closed": ["2027-03-11", "2027-02-30"],
                "open_on": ["2027-03-11 to 2027-03-09"],
                "special": [
                    {"from": "2027-03-09", "to": "2027-02-08", "week": {"friday": "noon"}},
                    {"from": "2027-03-09", "two": 1},
                ],
                "changes": [{"since": "soon", "week": WEEK}],
            },
            {"name": "other", "zone": "Africa/Cairo"},
        )
    told = "\n".join(caught.value.problems)
    for line in (
        'calendars.0.zone: found "Africa/Casablanka"; expected a time zone such as',
        'calendars.0.week.monday: found "9-25"; expected hours such as 9:00-13:00',
        "calendars.0.week.mondy: no such setting; did you mean monday?",
        'calendars.0.holidays: found "Morocco"; expected a country in two letters, such as MA',
        'calendars.0.closed.1: found "2027-02-30"; expected a date such as 2027-07-01',
        'calendars.0.open_on.0: found "2027-03-11 to 2027-03-09"; expected a first date and a last',
        'calendars.0.special.0.to: found "2027-02-08"; expected a date that is not before from',
        'calendars.0.special.0.week.friday: found "noon"; expected hours such as',
        "calendars.0.special.1.to: found nothing",
        "calendars.0.special.1.two: no such setting; did you mean to?",
        'calendars.0.changes.0.since: found "soon"; expected a valid date',
        "calendars.1.week: found nothing",
    ):
        assert line in told


@pytest.mark.parametrize(
    ("calendars", "more", "expected"),
    [
        ([{}, {}], {}, "each name once"),
        ([{"changes": [{"since": "2027-01-01", "week": WEEK}] * 2}], {}, "each since once"),
        ([{"week": {}}], {}, "hours on at least one day"),
        ([{}], {"numbers": [{"id": "1", "calendar": "shp"}]}, 'calendar: found "shp"; expected'),
        ([{"holidays": "XX"}], {}, "a country in two letters"),
        ([{"zone": "../../etc/passwd"}], {}, "a time zone such as"),
    ],
)
def test_parts_that_do_not_fit_are_told(calendars: list, more: dict, expected: str) -> None:
    """Names and dates that come twice, a week without hours, a number's calendar that is none."""
    whole = ({"name": "shop", "zone": "Africa/Cairo", "week": WEEK, **each} for each in calendars)
    with pytest.raises(ConfigError) as caught:
        settings(*whole, **more)
    assert expected in "\n".join(caught.value.problems)


def test_a_number_works_by_its_calendar() -> None:
    """A number names its calendar; from the environment both come as JSON."""
    env = {
        "WAINBOX_RELAY_CALENDARS": '[{"name": "shop", "zone": "Asia/Riyadh", "closed": '
        '"2027-01-04", "week": {"monday": "9:00-17:00"}, "changes": '
        '[{"since": "2027-02-01", "week": {"monday": "always"}}]}]',
        "WAINBOX_RELAY_NUMBERS": '[{"id": "1", "calendar": "shop"}]',
    }
    read = Settings.of({"webhook": SECRETS}, env)
    shop = policy(read).calendars[numbers(read)[NumberId("1")].calendar]
    assert shop.opens(at("2027-01-03T12:00:00+03:00")) == at("2027-01-11T09:00:00+03:00")


def test_the_machines_own_zone_tables_are_not_asked(tmp_path: Path) -> None:
    """A zone is what the `tzdata` package says, though Python would take the machine's word."""
    riyadh = resources.files("tzdata").joinpath("zoneinfo", "Asia", "Riyadh").read_bytes()
    (tmp_path / "Africa").mkdir()
    (tmp_path / "Africa/Casablanca").write_bytes(riyadh)
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    try:
        found = (
            zoneinfo.ZoneInfo.no_cache("Africa/Casablanca"),
            zone.__wrapped__("Africa/Casablanca"),
        )
    finally:
        zoneinfo.reset_tzpath()
    assert [datetime(2026, 12, 1, tzinfo=each).utcoffset() for each in found] == [
        3 * HOURS,
        0 * HOURS,
    ]


def test_holidays_cost_only_those_who_use_them() -> None:
    """Neither the terminal nor a relay without public holidays loads the tables of the world."""
    program = (
        "import sys, wainbox_tui.__main__, wainbox_tui.app, wainbox_relay.config as config\n"
        f"config.policy(config.Settings.of({{'webhook': {SECRETS}}}))\n"
        "assert 'holidays' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
