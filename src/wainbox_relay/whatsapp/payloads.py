"""From raw bytes to plain values, and ways to look into them that never fail.

Everything a decoded body holds is free of NUL and lone surrogates. Whatever is missing, null or of
another type than expected reads as empty: the vendor leaves keys out and adds others unannounced.
"""

import json
import math
import re
import unicodedata
from hashlib import sha256
from typing import Any, NoReturn

import msgspec

from wainbox_relay.contract.safe import scrub
from wainbox_relay.contract.vocabulary import SECOND, Moment

Object = dict[str, Any]

LONGEST_ID = 512
_FIRST_SECOND = 1_230_768_000
_LAST_SECOND = 4_102_444_800
"""2009 and 2100: WhatsApp's timestamps lie between, and what does not is no timestamp."""

_LARGEST_EXACT = 2**53

_UNCLEAN_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_FAULTS = (msgspec.MsgspecError, ValueError, RecursionError)


class Unreadable(Exception):
    """Something could not be read; the message is the reason, for the people who look after it."""


def decode(body: bytes | str) -> Any:
    """The JSON value, scrubbed. Raises `Unreadable`."""
    try:
        return msgspec.json.decode(body) if _is_clean(body) else _scrubbed(_lenient(body))
    except _FAULTS as fault:
        raise Unreadable(f"This is not JSON in UTF-8 that can be read: {_why(fault)}.") from None


def _is_clean(body: bytes | str) -> bool:
    return isinstance(body, bytes) and not _UNCLEAN_ESCAPE.search(body)


def _lenient(body: bytes | str) -> Any:
    """As the standard library reads it, which lets half of a surrogate pair pass."""
    text = body if isinstance(body, str) else body.decode()
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _why(fault: Exception) -> str:
    if isinstance(fault, RecursionError):
        return "it is nested too deeply"
    return str(scrub(str(fault)))[:200]


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, list):
        return [_scrubbed(part) for part in value]
    if isinstance(value, dict):
        return {scrub(key): _scrubbed(part) for key, part in value.items()}
    return value


def text(of: Object, key: str) -> str:
    """A string; ids that came as numbers are spelled out."""
    value = of.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def name_of(of: Object, key: str) -> str:
    """An id fit to be a key; empty when it is missing or longer than any id."""
    value = text(of, key)
    return value if len(value) <= LONGEST_ID else ""


def first_text(of: Object, *keys: str) -> str:
    """The first of the keys that holds something."""
    return next((value for key in keys if (value := text(of, key))), "")


def child(of: Object, key: str) -> Object:
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def children(of: Object, key: str) -> list[Object]:
    """The objects of a list; whatever else lies between them is left out."""
    value = of.get(key)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def number(of: Object, key: str) -> float | None:
    """A finite number, also one spelled as text; else None."""
    value = of.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(of: Object, key: str) -> int | None:
    """The same as a whole number, as far as one is exact."""
    found = number(of, key)
    return None if found is None or abs(found) >= _LARGEST_EXACT else int(found)


def moment(of: Object, key: str, otherwise: Moment) -> Moment:
    """WhatsApp's Unix seconds, text or number; `otherwise` when there is no sensible one."""
    value = of.get(key)
    if value is None:
        return otherwise
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        seconds = int(value)
    else:
        seconds = whole(of, key) or 0
    return Moment(seconds * SECOND) if _FIRST_SECOND <= seconds < _LAST_SECOND else otherwise


def digits(phone: str) -> str:
    """A phone number's digits; what holds none is WhatsApp's own id and stays as it is."""
    if phone.isascii() and phone.isdigit():
        return phone
    found = "".join(str(unicodedata.decimal(sign)) for sign in phone if sign.isdecimal())
    return found or phone


def fingerprint(of: Object) -> str:
    """A stable id for what has none: equal content, equal id."""
    return sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:32]
