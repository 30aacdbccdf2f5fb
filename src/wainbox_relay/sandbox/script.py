"""Reads who the pretend customers are and what they do: `scripts/*.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from wainbox_relay.sandbox.people import Group, Peer, person
from wainbox_relay.sandbox.templates import Template

FOLDER = Path(__file__).parent / "scripts"
ACTS = ("says", "taps", "photo", "voice", "file", "place", "reacts", "sticker", "shop")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SPAN = re.compile(r"(\d+)([dhms])")
_TRAITS = ("phone", "username", "country", "reads", "reachable")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing somebody does: `seconds` ago, or after what came before."""

    seconds: float
    act: str
    what: str
    by: str = ""
    """Who of the group."""


@dataclass(frozen=True, slots=True)
class Script:
    """One customer or group, and how their day goes: what they wrote before it and write during it,
    their answers to our messages, to questions with choices, and to the question how it was."""

    peer: Peer
    number: int
    language: str
    past: tuple[Line, ...]
    later: tuple[Line, ...]
    answers: tuple[Line, ...]
    menu: tuple[Line, ...]
    rating: tuple[Line, ...]


@cache
def scripts() -> tuple[Script, ...]:
    """Every script, customers before groups."""
    files = [_read(path) for path in sorted(FOLDER.glob("*.toml"))]
    people = [_script(entry) for file in files for entry in file.get("customer", [])]
    groups = [_script(entry) for file in files for entry in file.get("group", [])]
    return (*people, *groups)


def templates(wabas: list[str]) -> list[Template]:
    """The same templates for every account."""
    found = [Template(**entry) for entry in _read(FOLDER / "templates.toml")["template"]]
    return [replace(template, waba=waba) for waba in wabas for template in found]


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _script(entry: Mapping[str, Any]) -> Script:
    return Script(
        peer=_peer(entry),
        number=entry.get("number", 1),
        language=entry.get("language", ""),
        past=tuple(_lines(entry, "past", "ago")),
        later=tuple(_lines(entry, "later", "after")),
        answers=tuple(_lines(entry, "answers", "after")),
        menu=tuple(_lines(entry, "menu", "after")),
        rating=tuple(_lines(entry, "rating", "after")),
    )


def _peer(entry: Mapping[str, Any]) -> Peer:
    if "members" in entry:
        return Group(entry["key"], entry["name"], entry["id"], tuple(entry["members"]))
    traits = {trait: entry[trait] for trait in _TRAITS if trait in entry}
    return person(entry["key"], entry["name"], **traits)


def _lines(entry: Mapping[str, Any], part: str, when: str) -> Iterator[Line]:
    for line in entry.get(part, []):
        act = next(act for act in ACTS if act in line)
        yield Line(_span(line[when]), act, str(line[act]), line.get("by", ""))


def _span(text: str | float) -> float:
    if not isinstance(text, str):
        return float(text)
    return sum(int(count) * _SECONDS[unit] for count, unit in _SPAN.findall(text))
