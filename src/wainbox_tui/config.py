"""What this terminal's person set: `~/.config/wainbox/config.toml`, then the environment.

Read with the standard library only, because nothing else may stand between the key and the first
picture.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path

FILE = "config.toml"
DEFAULT_URL = "http://127.0.0.1:8081"

CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("dark", "light", "contrast"),
    "bidi": ("auto", "app", "word", "terminal"),
    "guard": ("auto", "none", "explicit", "lro"),
    "enter": ("waiting", "open"),
    "pair": ("qwerty", "azerty"),
    "token_store": ("auto", "keyring", "file", "none"),
}


class ConfigError(Exception):
    """The file cannot be used; `problems` names every fault with its key."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n  ".join([f"{path} cannot be used:", *problems]))


@dataclass(frozen=True, slots=True)
class Config:
    """`url` is the relay's address; `keys` maps ids of actions to keys of one's own. `plain` is for
    who hears the screen: letters only, no colour, one pane at a time, and Arabic in the order it is
    read unless `bidi` says otherwise. `player` and `viewer` are commands that open a media file.
    `token_command` prints the token."""

    url: str = DEFAULT_URL
    ca_file: str = ""
    theme: str = "dark"
    bidi: str = "auto"
    guard: str = "auto"
    enter: str = "waiting"
    pair: str = "qwerty"
    advance: bool = False
    plain: bool = False
    token_store: str = "auto"  # noqa: S105 - where the token is, not the token
    token_command: str = ""
    open_media: str = ""
    folder: Path = field(default_factory=Path)
    keys: Mapping[str, str] = field(default_factory=dict)


def folder(env: Mapping[str, str] = os.environ) -> Path:
    """Where this terminal keeps its configuration."""
    if chosen := env.get("WAINBOX_CONFIG_DIR"):
        return Path(chosen)
    home = env.get("XDG_CONFIG_HOME") or str(Path(env.get("HOME", "~")).expanduser() / ".config")
    return Path(home) / "wainbox"


def state_folder(env: Mapping[str, str] = os.environ) -> Path:
    """Where drafts and cursors are kept."""
    if chosen := env.get("WAINBOX_STATE_DIR"):
        return Path(chosen)
    home = env.get("XDG_STATE_HOME")
    return Path(home or Path(env.get("HOME", "~")).expanduser() / ".local" / "state") / "wainbox"


def load(env: Mapping[str, str] = os.environ) -> Config:
    """Reads the file, if there is one, and the environment. Raises `ConfigError`."""
    path = folder(env) / FILE
    raw = _read(path)
    problems = _problems(raw)
    if problems:
        raise ConfigError(path, problems)
    raw.update(_from_environment(env))
    return replace(Config(folder=path.parent), **raw)  # type: ignore[arg-type]  # checked above


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, [str(error)]) from error


def _problems(raw: Mapping[str, object]) -> list[str]:
    known = {f.name: f for f in fields(Config) if f.name != "folder"}
    problems: list[str] = []
    for key, value in raw.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(f"{key}: there is no such setting{hint}")
        elif key in CHOICES and value not in CHOICES[key]:
            problems.append(f"{key}: expected one of {', '.join(CHOICES[key])}")
        elif not isinstance(value, _kind(key)):
            problems.append(f"{key}: expected {_EXPECTED[_kind(key)]}")
    return problems


_EXPECTED: dict[type, str] = {str: "text in quotes", bool: "true or false", dict: "a table"}


def _kind(key: str) -> type:
    if key == "keys":
        return dict
    return bool if key in {"advance", "plain"} else str


def _from_environment(env: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    if url := env.get("WAINBOX_URL"):
        found["url"] = url
    if mode := env.get("LC_WAINBOX_BIDI", ""):
        found.update({"bidi": mode} if mode in CHOICES["bidi"] else {})
    return found
