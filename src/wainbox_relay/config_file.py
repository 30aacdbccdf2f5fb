"""A configuration file as people read it: every setting with what it means, those at their default
as comments. `config.example.toml` is this with no answers."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from wainbox_relay.config import Settings
from wainbox_relay.config_problems import fields, section_of

WIDTH = 96
HEAD = (
    "Wainbox's relay reads this file at start, and again when told to reload (SIGHUP). "
    "A line such as #key = value shows a default or an example; take the # away to change it. "
    "Blocks in double brackets show a shop in Casablanca that is open from Saturday to Thursday, "
    "9 to 21: take every # away before a key or a bracket, and this file runs it.\n"
    "Secrets may stand here, in files named by the _file keys, in a folder (relay.secrets_dir) or "
    "in the environment, which wins: WAINBOX_RELAY_GRAPH__TOKEN is graph.token. "
    "Where this file holds secrets, keep it to yourself: chmod 600."
)

Answers = Mapping[str, Any]
"""By key; those of a section within a section likewise, of repeated ones in a row."""


def written(answers: Answers, numbers: Sequence[Answers] = ()) -> str:
    """The file's text, with answers in place of some defaults."""
    lines = [*_comment(HEAD)]
    for name, field in Settings.model_fields.items():
        lines += _part(name, field, numbers if name == "numbers" else answers.get(name))
    return "\n".join([*lines, ""])


def _part(
    path: str,
    field: FieldInfo,
    given: Any,
    mark: str = "",
    worked: Sequence[Answers] = (),
    *,
    explained: bool = True,
) -> Iterator[str]:
    """A section, or a block for each that is given; example blocks where none is, of which the
    first explains its keys."""
    model: Any = section_of(field.annotation)
    many = get_origin(field.annotation) is tuple
    if explained:
        about = str(model.__doc__) if many or not field.description else field.description
        about = " ".join(about.split())
        yield from ("", *_comment(f"{about} Repeat the whole block for each." if many else about))
    examples = worked or field.examples or [{}]
    blocks = [(block, examples[0]) for block in (given if many else [given or {}]) or ()]
    for place, (block, example) in enumerate(blocks or [({}, each) for each in examples]):
        shown = mark or ("" if block or not many else "#")
        first = explained and (bool(block) or not place)
        yield f"{shown}[[{path}]]" if many else f"{shown}[{path}]"
        yield from _keys(model, block, example, explained=first)
        for key, inner in _parts(model):
            nested = example.get(key, ())
            yield from _part(f"{path}.{key}", inner, block.get(key), shown, nested, explained=first)


def _keys(
    model: type[BaseModel], answers: Answers, example: Answers, *, explained: bool
) -> Iterator[str]:
    for key, field in fields(model, ()).items():
        if section_of(field.annotation) is not None or not (explained or key in example):
            continue
        yield from _comment((field.description or "") if explained else "")
        shown = _toml(example[key]) if key in example else _shown(field)
        yield f"{key} = {_toml(answers[key])}" if key in answers else f"#{key} = {shown}"


def _parts(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for key, field in fields(model, ()).items():
        if section_of(field.annotation):
            yield key, field


def default(field: FieldInfo) -> str:
    """A setting's default as the file writes it."""
    return _toml(field.default)


def _shown(field: FieldInfo) -> str:
    """What stands in a line that does not count: an example if there is one."""
    return _toml(field.examples[0]) if field.examples else default(field)


def _toml(value: object) -> str:
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key} = {_toml(each)}' for key, each in value.items())}}}"
    return str(value) if isinstance(value, date) else json.dumps(str(value), ensure_ascii=False)


def _comment(text: str) -> list[str]:
    return [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(
            paragraph, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
        )
    ]
