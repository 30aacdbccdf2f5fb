"""Where a token is looked for, and where it is kept."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from wainbox_tui import credentials
from wainbox_tui.config import Config
from wainbox_tui.credentials import NoToken, find, forget, keyring_works, store


class Remembering(KeyringBackend):
    """A keyring in memory. A `locked` one waits for somebody who is not there."""

    priority = 1  # type: ignore[assignment]  # the base has a property

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            time.sleep(30)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            time.sleep(30)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def ring() -> Iterator[Remembering]:
    before = keyring.get_keyring()
    made = Remembering()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(folder=tmp_path / "wainbox")


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(f"{text}\n")
    path.chmod(mode)
    return path


def test_the_nearest_place_counts(ring: Remembering, config: Config, tmp_path: Path):
    """The environment, a named file, systemd, a command, the keyring, our file: in this order."""
    secret(tmp_path / "wainbox-token", "systemd")
    store(config, "file", in_keyring=False)
    ring.kept[credentials.SERVICE, config.url] = "keyring"
    env = {
        "WAINBOX_TOKEN": "variable",
        "WAINBOX_TOKEN_FILE": str(secret(tmp_path / "named", "named")),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
    }
    for name, found in zip(env.copy(), ("variable", "named", "systemd"), strict=True):
        assert find(config, env).text == found
        del env[name]
    assert find(replace(config, token_command="echo command"), env).text == "command"
    assert find(config, env).text == "keyring"
    assert find(replace(config, token_store="file"), env).text == "file"
    ring.kept.clear()
    assert find(config, env).text == "file"
    with pytest.raises(NoToken, match="wainbox login"):
        find(replace(config, url="https://other.example.org"), env)


def test_a_file_that_others_can_read_is_refused(config: Config, tmp_path: Path):
    """The sentence says what to do; so it does of our own file."""
    named = secret(tmp_path / "named", "token", 0o640)
    with pytest.raises(NoToken, match=f"chmod 600 {named}"):
        find(config, {"WAINBOX_TOKEN_FILE": str(named)})
    store(config, "token", in_keyring=False)
    (config.folder / credentials.FILE).chmod(0o644)
    with pytest.raises(NoToken, match="Others can read"):
        find(config, {})


def test_our_file_is_ones_own(config: Config):
    """Mode 0600 in a folder of mode 0700, a token for each relay."""
    other = replace(config, url="https://other.example.org")
    store(config, "one", in_keyring=False)
    store(other, "two", in_keyring=False)
    assert (find(config, {}).text, find(other, {}).text) == ("one", "two")
    assert config.folder.stat().st_mode & 0o777 == 0o700
    assert (config.folder / credentials.FILE).stat().st_mode & 0o777 == 0o600


def test_the_newest_token_is_the_one_that_is_found(ring: Remembering, config: Config):
    """Kept elsewhere than the one before, it is not hidden by it; forgotten, it is nowhere."""
    for token, in_keyring in (("one", True), ("two", False), ("three", True)):
        store(config, token, in_keyring=in_keyring)
        assert find(config, {}).text == token
        elsewhere = replace(config, token_store="file" if in_keyring else "keyring")
        with pytest.raises(NoToken):
            find(elsewhere, {})
    forget(config)
    with pytest.raises(NoToken):
        find(config, {})


def test_a_locked_keyring_holds_nobody_up(ring: Remembering, config: Config):
    """It is given a moment, and the token goes to the file."""
    assert keyring_works()
    ring.locked = True
    began = time.monotonic()
    assert store(config, "token", in_keyring=True) == str(config.folder / credentials.FILE)
    assert time.monotonic() - began < 10
    assert find(replace(config, token_store="file"), {}).text == "token"
