"""What every section of the configuration is made of: kinds of values, and secrets from files."""

import ipaddress
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from wainbox_relay.domain.rules.wording import words

T = TypeVar("T")


def comma_separated(value: object) -> object:
    """Lists come from the environment as `a, b` or as JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError('a list such as a, b or ["a", "b"]') from error
    return [word for part in value.split(",") if (word := part.strip())]


def address(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError("host:port, such as 127.0.0.1:8080")
    return value


def base_url(value: str) -> str:
    """An address that tokens are sent to: in the clear to this machine alone."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("https", "http"):
        raise ValueError("an address that begins with https://")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("https://: the token must not travel in the clear to another machine")
    return value.rstrip("/")


def spoken(value: str) -> str:
    """What may stand in a message: signs alone never do. Raises `ValueError`."""
    if not words(value):
        raise ValueError("a word or more")
    return value


def readable(value: str) -> str:
    if value:
        contents(value)
    return value


def contents(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ValueError(f"a file that can be read ({reason})") from error


# -- at odds with other settings ---------------------------------------------------------------


Place = tuple[int | str, ...]
Named = tuple[Place, str]
"""A name and where it stands."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that does not go with another one: where it stands below its section, and what
    would."""

    place: Place
    found: object
    expected: str


def sound(section: T, faults: Iterable[Fault]) -> T:
    """The section itself. Raises all its faults at once, each told by its own key."""
    told = [
        InitErrorDetails(
            type=PydanticCustomError("at_odds", "{expected}", {"expected": fault.expected}),
            loc=fault.place,
            input=fault.found,
        )
        for fault in faults
    ]
    if told:
        raise ValidationError.from_exception_data("settings", told)
    return section


def strange(named: Iterable[Named], there: Iterable[str], what: str) -> Iterator[Fault]:
    """What is named and does not exist; an empty name names nothing."""
    known = list(there)
    expected = f"one of {what}: {', '.join(known)}" if known else f"one of {what}, which has none"
    yield from (Fault(place, name, expected) for place, name in named if name not in ("", *known))


def repeated(named: Iterable[Named], what: str) -> Iterator[Fault]:
    """What comes once more."""
    met: set[str] = set()
    for place, name in named:
        if name in met:
            yield Fault(place, name, f"each {what} once")
        met.add(name)


class Covering(Protocol):
    """Something of which the first that fits counts."""

    def covers(self, other: Any, /) -> bool: ...


def overtaken(place: Place, those: Sequence[tuple[str, Covering]], what: str) -> Iterator[Fault]:
    """Which of those (by name) never count, for the one before has all that fits them."""
    for n, (_, each) in enumerate(those):
        first = next((name for name, other in those[:n] if other.covers(each)), None)
        if first is not None:
            expected = (
                f"a {what} that can count: {what} {first}, which goes before, takes all of it"
            )
            yield Fault((*place, n), {}, expected)


# -- kinds of values ---------------------------------------------------------------------------

Address = Annotated[str, AfterValidator(address)]
BaseUrl = Annotated[str, AfterValidator(base_url)]
ReadableFile = Annotated[str, AfterValidator(readable)]
Words = Annotated[tuple[str, ...], BeforeValidator(comma_separated)]
Phrased = Annotated[
    tuple[Annotated[str, AfterValidator(spoken)], ...], BeforeValidator(comma_separated)
]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """A secret that is not given itself is read from the file that its `_file` key names."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True
    )

    @field_validator("*", mode="after")
    @classmethod
    def _from_file(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, SecretStr) or value.get_secret_value():
            return value
        file = info.data.get(f"{info.field_name}_file")
        return SecretStr(contents(file)) if file else value


def split_address(address: str) -> tuple[str, int]:
    """`127.0.0.1:8080` or `[::1]:8080` as host and port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
