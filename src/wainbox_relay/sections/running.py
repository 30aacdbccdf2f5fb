"""Where the relay keeps its files, where it listens, and how it reaches WhatsApp."""

import re
import ssl
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from wainbox_relay.sections.base import (
    Address,
    BaseUrl,
    ReadableFile,
    Section,
    Words,
    is_loopback,
    split_address,
)


class RelaySection(Section):
    """Where the relay keeps its files and what it writes to its log."""

    data_dir: Path = Field(
        Path("var"),
        description="Folder of the database, the journal, the media and the control socket. "
        "Made with mode 0700 when missing. Relative paths start at this file's folder.",
    )
    secrets_dir: str = Field(
        "",
        description="Folder with one file a secret, named like graph__token. "
        "Empty: the folder systemd gives (CREDENTIALS_DIRECTORY), if any.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="debug, info, warning or error. Below info, error texts of libraries are "
        "logged too, and those may quote what customers wrote.",
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="json, console, or auto: console when a person is watching."
    )
    log_file: str = Field("", description="File to log to. Empty: standard error.")
    trusted_proxies: Words = Field(
        (),
        description="Addresses of reverse proxies whose X-Forwarded-For is believed. "
        "Limits by address count the forwarded one.",
    )


class WebhookSection(Section):
    """Where WhatsApp calls. The app secret and the verify token are needed to start."""

    listen: Address = Field("127.0.0.1:8080", description="Address for WhatsApp's webhooks.")
    verify_token_file: ReadableFile = Field("", description="File that holds verify_token.")
    verify_token: SecretStr = Field(
        SecretStr(""),
        description="The word you enter beside the callback URL in Meta's App Dashboard.",
    )
    app_secret_file: ReadableFile = Field("", description="File that holds app_secret.")
    app_secret: SecretStr = Field(
        SecretStr(""), description="The app secret from Meta's App Dashboard, Basic settings."
    )
    app_secret_previous_file: ReadableFile = Field(
        "", description="File that holds app_secret_previous."
    )
    app_secret_previous: SecretStr = Field(
        SecretStr(""),
        description="The secret before, accepted as well while you change it in Meta's dashboard.",
    )

    @field_validator("verify_token", "app_secret", mode="after")
    @classmethod
    def _needed(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        unreadable = f"{info.field_name}_file" not in info.data
        if not value.get_secret_value() and not unreadable:
            raise ValueError("a value: without it nothing proves that a call is WhatsApp's")
        return value

    @property
    def secrets(self) -> tuple[str, ...]:
        """The app secrets that a signature may be made with, the present one first."""
        both = (self.app_secret, self.app_secret_previous)
        return tuple(value for secret in both if (value := secret.get_secret_value()))


class ApiSection(Section):
    """Where terminals connect, and where health and metrics are."""

    listen: Address = Field(
        "127.0.0.1:8081",
        description="Address for terminals, /healthz, /readyz and /metrics. "
        "May equal webhook.listen. Terminals on other machines insist on TLS: give a certificate "
        "here, or put a reverse proxy before it.",
    )
    tls_certificate_file: ReadableFile = Field(
        "", description="Certificate chain (PEM) for api.listen. Empty: plain HTTP."
    )
    tls_key_file: ReadableFile = Field("", description="The certificate's private key (PEM).")
    behind_tls_proxy: bool = Field(
        False, description="A reverse proxy before api.listen speaks TLS to the outside."
    )
    public_url: str = Field(
        "",
        description="Where terminals reach the API, for links. Empty: as they addressed it.",
    )

    @field_validator("public_url", mode="after")
    @classmethod
    def _origin(cls, value: str) -> str:
        if not re.fullmatch(r"(https?://[^/\s]+)?", value):
            raise ValueError("an address without a path, such as https://inbox.example.org")
        return value

    @field_validator("tls_key_file", mode="after")
    @classmethod
    def _both_or_none(cls, value: str, info: ValidationInfo) -> str:
        if bool(value) != bool(info.data.get("tls_certificate_file", value)):
            raise ValueError("a certificate and its key together, or neither")
        if value and (certificate := info.data.get("tls_certificate_file")):
            _belong(certificate, value)
        return value

    @field_validator("behind_tls_proxy", mode="after")
    @classmethod
    def _no_token_in_the_clear(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - a setting
        host, _ = split_address(info.data.get("listen", "127.0.0.1:0"))
        if not (value or info.data.get("tls_certificate_file") or is_loopback(host)):
            raise ValueError(
                "true, or a tls_certificate_file: other machines reach api.listen, and tokens "
                "must not travel in the clear. Or listen on 127.0.0.1"
            )
        return value


def _belong(certificate: str, key: str) -> None:
    try:
        # A key with a passphrase would have somebody asked for it at every start.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        raise ValueError(
            "the private key of tls_certificate_file, in PEM and without a passphrase"
        ) from error


class GraphSection(Section):
    """WhatsApp's Cloud API, which the relay calls."""

    url: BaseUrl = Field("https://graph.facebook.com", description="Where the Cloud API is.")
    version: str = Field("v25.0", pattern=r"^v\d+\.\d+$", description="Its version, such as v25.0.")
    token_file: ReadableFile = Field("", description="File that holds token.")
    token: SecretStr = Field(
        SecretStr(""),
        description="A system user's access token. Without one, messages are received and "
        "none can be sent.",
    )
    media_hosts: Words = Field(
        ("lookaside.fbsbx.com",),
        description="The only hosts, beside the Cloud API's own, that files are fetched from "
        "and the token is shown to. A name with a dot in front stands for all hosts below it.",
    )
