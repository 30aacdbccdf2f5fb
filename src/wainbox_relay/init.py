"""`wainbox-relay init`: writes a first configuration from a few answers, and never over another."""

import os
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wainbox_relay.config import Settings
from wainbox_relay.config_file import written
from wainbox_relay.contract.problems import Code, refuse

VERIFY_TOKEN_BYTES = 24
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@dataclass(frozen=True, slots=True)
class Answers:
    """What a first configuration needs. Secrets come as themselves or as the file they are in."""

    app_secret: str = ""
    app_secret_file: str = ""
    graph_token: str = ""
    graph_token_file: str = ""
    number: str = ""
    name: str = ""
    data_dir: str = ""


def asked(given: Answers, ask: Callable[[str], str], ask_secret: Callable[[str], str]) -> Answers:
    """The answers with what is missing asked for; an empty reply leaves most things for later."""
    app_secret = "" if given.app_secret_file else _app_secret(ask_secret)
    graph_token = (
        ""
        if given.graph_token_file
        else ask_secret("Access token of a system user (empty: receive only, for now): ").strip()
    )
    number = given.number or _number(ask)
    name = given.name or (ask("What agents should call this number: ").strip() if number else "")
    folder = given.data_dir or ask("Folder for the data (empty: var, beside the file): ").strip()
    return Answers(
        app_secret, given.app_secret_file, graph_token, given.graph_token_file, number, name, folder
    )


def _app_secret(ask_secret: Callable[[str], str]) -> str:
    secret = ask_secret("App secret (Meta's App Dashboard, Basic settings): ").strip()
    while not secret:
        secret = ask_secret("The relay does not start without it. App secret: ").strip()
    return secret


def _number(ask: Callable[[str], str]) -> str:
    number = ask("Phone number id, all digits (empty: add numbers later): ").strip()
    while number and not (number.isascii() and number.isdigit()):
        number = ask("It has digits only and is not the phone number; its id: ").strip()
    return number


def new(path: Path) -> None:
    """Raises `Refusal` when there is a file already."""
    if path.exists():
        raise refuse(
            Code.CONFLICT, f"{path} exists and was left alone; choose another name (--config)."
        )


def write(path: Path, answers: Answers) -> None:
    """Writes the file for its owner alone. Raises `Refusal` when there is one, or no secret, and
    `ConfigError` when no relay could start with it."""
    if not (answers.app_secret or answers.app_secret_file):
        raise refuse(
            Code.INVALID,
            "The relay does not start without the app secret: name a file that holds it with "
            "--app-secret-file, or run init in a terminal and be asked.",
            "app_secret",
        )
    new(path)
    number = {"id": answers.number, "name": answers.name} if answers.number else None
    text = written(_sections(answers), [number] if number else [])
    Settings.of(tomllib.loads(text), source="What was given")
    with os.fdopen(os.open(path, _CREATE, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _sections(answers: Answers) -> dict[str, dict[str, object]]:
    relay = {"data_dir": answers.data_dir}
    webhook = {
        "verify_token": secrets.token_urlsafe(VERIFY_TOKEN_BYTES),
        "app_secret_file": _absolute(answers.app_secret_file),
        "app_secret": answers.app_secret,
    }
    graph = {"token_file": _absolute(answers.graph_token_file), "token": answers.graph_token}
    sections = {"relay": relay, "webhook": webhook, "graph": graph}
    return {
        name: {key: value for key, value in section.items() if value}
        for name, section in sections.items()
    }


def _absolute(path: str) -> str:
    """As seen from wherever init was run, whatever folder the configuration is in."""
    return str(Path(path).expanduser().resolve()) if path else ""
