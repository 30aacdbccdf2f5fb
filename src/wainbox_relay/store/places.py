"""Where a phone number is from: its country, and the country's time zone where it has only one.

Vendor's pages: libphonenumber (regions), IANA tz database (`zone.tab`).
"""

from functools import cache
from importlib import resources

import phonenumbers


@cache
def _zones() -> dict[str, str]:
    """Time zones by country, for countries that have exactly one."""
    text = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    zones: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, []).append(zone)
    return {country: several[0] for country, several in zones.items() if len(several) == 1}


def country_of(phone: str) -> str:
    """The country (two letters) of a number in digits; empty when it is none of this world."""
    try:
        parsed = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""


def time_zone_of(country: str) -> str:
    return _zones().get(country, "")
