"""Who exists in the pretend WhatsApp: our numbers, the people who write to them, their groups.

Vendor's page: "Business-scoped user IDs". Everybody has a user id; who hides behind a username has
no phone.
"""

import hashlib
from dataclasses import dataclass

_COUNTRIES = {
    "20": "EG",
    "212": "MA",
    "213": "DZ",
    "216": "TN",
    "961": "LB",
    "962": "JO",
    "966": "SA",
    "971": "AE",
}


@dataclass(frozen=True, slots=True)
class Number:
    """One of the shop's numbers."""

    id: str
    phone: str
    name: str
    waba: str = "500000000000001"

    @property
    def digits(self) -> str:
        return digits(self.phone)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes. `wa_id` is the phone in digits, empty for who shows only a username."""

    key: str
    name: str
    wa_id: str
    user_id: str
    username: str = ""
    reads: bool = True
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """A group that one of our numbers is in. `members` are keys of people."""

    key: str
    name: str
    id: str
    members: tuple[str, ...]


Peer = Person | Group


def person(
    key: str,
    name: str,
    phone: str = "",
    username: str = "",
    *,
    country: str = "",
    reads: bool = True,
    reachable: bool = True,
) -> Person:
    """A person with the user id that the key and the country give."""
    wa_id = digits(phone)
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    user_id = f"{country or country_of(wa_id)}.{number}"
    return Person(key, name, wa_id, user_id, username, reads, reachable)


def country_of(wa_id: str) -> str:
    found = (name for code, name in _COUNTRIES.items() if wa_id.startswith(code))
    return next(found, "EG")


def digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign in "0123456789")


ATLAS = Number("100000000000001", "+212 5 00 00 00 01", "Atlas Maroc")
RIYADH = Number("100000000000002", "+966 11 000 0002", "Riyadh", "500000000000002")
NUIT = Number("100000000000003", "+212 5 00 00 00 03", "Atlas Nuit")
