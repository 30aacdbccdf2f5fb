"""Where the token is: the environment, a file that it names, systemd's credentials, a command, the
keyring, or a file of our own (mode 0600), in this order.

The keyring is tried by writing, reading and deleting before anybody is asked for a token, and in a
thread with a time limit, since a locked one may wait for a person who is not there.
"""

import os
import shlex
import stat
import subprocess
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from wainbox_tui.config import Config

T = TypeVar("T")
SERVICE = "wainbox"
FILE = "credentials.toml"
CREDENTIAL = "wainbox-token"
PATIENCE = 2.0
"""Seconds a keyring may take."""


class NoToken(Exception):
    """No token was found, or it may not be used; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Token:
    """`origin` says where it came from, in words."""

    text: str
    origin: str


def find(config: Config, env: Mapping[str, str] = os.environ) -> Token:
    """The token for the configured relay. Raises `NoToken`."""
    token = _look(config, env)
    check(token)
    return token


def check(token: Token) -> None:
    """Refuses what cannot travel in a header. Raises `NoToken`."""
    if not (token.text.isascii() and token.text.isprintable() and " " not in token.text):
        raise NoToken(f"What came from {token.origin} is no token; one looks like wbx_1a2b_3c4d.")


def _look(config: Config, env: Mapping[str, str]) -> Token:
    for look in (_environment, _named_file, _systemd):
        if token := look(env):
            return token
    if config.token_command:
        return _command(config.token_command)
    if config.token_store in ("auto", "keyring") and (text := _from_keyring(config)):
        return Token(text, "the keyring")
    if config.token_store in ("auto", "file") and (text := _from_file(config)):
        return Token(text, str(config.folder / FILE))
    raise NoToken(f"There is no token for {config.url} yet; `wainbox login` asks for one.")


def _environment(env: Mapping[str, str]) -> Token | None:
    text = env.get("WAINBOX_TOKEN", "").strip()
    return Token(text, "WAINBOX_TOKEN") if text else None


def _named_file(env: Mapping[str, str]) -> Token | None:
    named = env.get("WAINBOX_TOKEN_FILE")
    return Token(_private(Path(named)), named) if named else None


def _systemd(env: Mapping[str, str]) -> Token | None:
    folder = env.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / CREDENTIAL if folder else None
    if path is None or not path.exists():
        return None
    return Token(path.read_text().strip(), "systemd's credentials")


def _command(line: str) -> Token:
    try:
        done = subprocess.run(  # noqa: S603 - the person's own command, without a shell
            shlex.split(line), capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NoToken(f"token_command failed: {error}") from error
    return Token(done.stdout.strip(), "token_command")


def _private(path: Path) -> str:
    """A secret file's content. Refuses one that others can read."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NoToken(f"The token file {path} cannot be read: {error}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise NoToken(f"Others can read {path}; run: chmod 600 {shlex.quote(str(path))}")
    return text


# -- our own file -------------------------------------------------------------------------------


def _from_file(config: Config) -> str:
    path = config.folder / FILE
    if not path.exists():
        return ""
    try:
        tokens = tomllib.loads(_private(path)).get("tokens", {})
    except tomllib.TOMLDecodeError as error:
        raise NoToken(f"{path} cannot be used: {error}") from error
    return str(tokens.get(config.url, ""))


def _to_file(config: Config, token: str) -> None:
    path = config.folder / FILE
    tokens = {**_tokens(path), config.url: token}
    config.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(fresh, flags, 0o600), "w", encoding="utf-8") as file:
        file.write("[tokens]\n")
        file.writelines(f'"{url}" = "{text}"\n' for url, text in tokens.items() if text)
    fresh.replace(path)


def _tokens(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    found: dict[str, str] = tomllib.loads(_private(path)).get("tokens", {})
    return found


# -- the keyring --------------------------------------------------------------------------------


def _in_time(work: Callable[[], T]) -> T | None:
    """What the work returns, or None when it fails or takes too long."""
    found: list[T] = []

    def run() -> None:
        from keyring.errors import KeyringError

        try:
            found.append(work())
        except (KeyringError, RuntimeError, OSError):
            return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return found[0] if found else None


def keyring_works() -> bool:
    """Whether a secret written to the keyring comes back."""

    def probe() -> bool:
        import keyring

        keyring.set_password(SERVICE, "probe", "probe")
        works = keyring.get_password(SERVICE, "probe") == "probe"
        keyring.delete_password(SERVICE, "probe")
        return works

    return _in_time(probe) is True


def _from_keyring(config: Config) -> str:
    def read() -> str:
        import keyring

        return keyring.get_password(SERVICE, config.url) or ""

    return _in_time(read) or ""


def _to_keyring(config: Config, token: str) -> bool:
    def write() -> bool:
        import keyring

        keyring.set_password(SERVICE, config.url, token)
        return keyring.get_password(SERVICE, config.url) == token

    return _in_time(write) is True


def store(config: Config, token: str, *, in_keyring: bool) -> str:
    """Keeps a token in one place and says in which. The one before stays until the new one is safe,
    and then is nowhere: it might be found first."""
    if in_keyring and _to_keyring(config, token):
        _drop_from_file(config)
        return "the keyring"
    _to_file(config, token)
    _drop_from_keyring(config)
    return str(config.folder / FILE)


def forget(config: Config) -> None:
    """Removes the token from the keyring and from our file."""
    _drop_from_keyring(config)
    _drop_from_file(config)


def _drop_from_keyring(config: Config) -> None:
    def delete() -> None:
        import keyring

        keyring.delete_password(SERVICE, config.url)

    _in_time(delete)


def _drop_from_file(config: Config) -> None:
    if (config.folder / FILE).exists():
        _to_file(config, "")
