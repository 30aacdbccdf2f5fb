"""A configuration file as people read it: every setting with what it means, those at their default
as comments. `config.example.toml` is this with no answers."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from wainbox_relay.config import NumberSection, Settings
from wainbox_relay.config_problems import fields

WIDTH = 96
HEAD = (
    "Wainbox's relay reads this file at start, and again when told to reload (SIGHUP). "
    "A line such as #key = value shows a default; take the # away to change it.\n"
    "Secrets may stand here, in files named by the _file keys, in a folder (relay.secrets_dir) or "
    "in the environment, which wins: WAINBOX_RELAY_GRAPH__TOKEN is graph.token. "
    "Where this file holds secrets, keep it to yourself: chmod 600."
)

Answers = Mapping[str, Mapping[str, object]]


def written(answers: Answers, numbers: Sequence[Mapping[str, object]] = ()) -> str:
    """The file's text, with answers in place of some defaults."""
    lines = [*_comment(HEAD)]
    for name, field in Settings.model_fields.items():
        if name != "numbers":
            lines += ["", *_comment(_about(field)), f"[{name}]"]
            lines += _keys(fields(Settings, (name,)), answers.get(name, {}))
    return "\n".join([*lines, *_numbers(numbers), ""])


def _numbers(numbers: Sequence[Mapping[str, object]]) -> Iterator[str]:
    yield from ("", *_comment(f"{NumberSection.__doc__} Repeat the whole block for each."))
    for number in numbers or ({},):
        yield "[[numbers]]" if number else "#[[numbers]]"
        yield from _keys(NumberSection.model_fields, number)


def _keys(settings: Mapping[str, FieldInfo], answers: Mapping[str, object]) -> Iterator[str]:
    for key, field in settings.items():
        yield from _comment(field.description or "")
        given = key in answers
        yield f"{key} = {_toml(answers[key])}" if given else f"#{key} = {default(field)}"


def default(field: FieldInfo) -> str:
    """A setting's default as the file writes it; an example where it has none."""
    return _toml((field.examples or [""])[0] if field.is_required() else field.default)


def _about(field: FieldInfo) -> str:
    section: Any = field.annotation
    return str(section.__doc__)


def _toml(value: object) -> str:
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return json.dumps(str(value))


def _comment(text: str) -> list[str]:
    return [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(
            paragraph, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
        )
    ]
