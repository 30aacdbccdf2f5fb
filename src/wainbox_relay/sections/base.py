"""What every section of the configuration is made of: kinds of values, and secrets from files."""

import ipaddress
import json
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)


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


Address = Annotated[str, AfterValidator(address)]
BaseUrl = Annotated[str, AfterValidator(base_url)]
ReadableFile = Annotated[str, AfterValidator(readable)]
Words = Annotated[tuple[str, ...], BeforeValidator(comma_separated)]
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
