"""Says in a sentence what is wrong with a setting: its key, what was found, what was expected.

Never shows what is or may be a secret.
"""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]

_KINDS = {
    bool: "yes or no",
    dict: "a table",
    list: "a list",
    tuple: "a list",
    str: "text",
    SecretStr: "text",
}
LONGEST_SHOWN = 24
"""A longer text may be a secret that slipped into the wrong key."""

_PLAIN = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a table",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "model_type": "a table",
    "path_type": "a path in quotes",
    "string_type": "text in quotes",
    "tuple_type": "a list",
}
"""What was expected, by kind of error, where the library's words are a programmer's."""

_DESCRIBED = ("missing", "string_pattern_mismatch")
"""Errors for which the setting's own description says best what was expected."""


def sentence(root: type[BaseModel], error: ErrorDetails) -> str:
    """One error of validating `root`."""
    place = error["loc"]
    where = ".".join(str(part) for part in place)
    if error["type"] == "extra_forbidden":
        return f"{where}: no such setting{_nearest(str(place[-1]), fields(root, place[:-1]))}"
    field = _field(root, place)
    return f"{where}: found {_found(error, field)}; expected {_expected(error, field)}"


def unknown_variables(root: type[BaseModel], prefix: str, env: Mapping[str, str]) -> Iterator[str]:
    """Variables that look like settings and are none."""
    short = [f"{section}__{key}".upper() for section, key in keys(root)]
    known = [f"{prefix}{name}" for name in short]
    sections = [f"{prefix}{section}".upper() for section in root.model_fields]
    for name in sorted(env):
        if name.upper().startswith(prefix) and name.upper() not in (*known, *sections):
            near = _nearest(name.upper().removeprefix(prefix), short, prefix)
            yield f"{name} (environment): no such setting{near}"


def misnamed(root: type[BaseModel], folder: Path) -> Iterator[str]:
    """Files of a secrets folder whose names nearly are settings. Others may be somebody else's."""
    known = [f"{section}__{key}" for section, key in keys(root)]
    for name in sorted(each.name for each in folder.iterdir()):
        close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.85)
        if close and name.lower() not in known:
            yield f"relay.secrets_dir: {name} is no setting; did you mean {close[0]}?"


def keys(root: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Every setting as (section, key), in order."""
    for section in root.model_fields:
        for key in fields(root, (section,)):
            yield section, key


def fields(root: type[BaseModel], place: Place) -> dict[str, FieldInfo]:
    """The settings of the section that a path leads to."""
    model = root
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = section_of(model.model_fields[part].annotation) or model
    return {field.alias or name: field for name, field in model.model_fields.items()}


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The section's class when an annotation is a section or a list of them."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def _field(root: type[BaseModel], place: Place) -> FieldInfo | None:
    """The setting that a place is, or is an element of."""
    names = [n for n, part in enumerate(place) if isinstance(part, str)]
    last = names[-1] if names else 0
    return fields(root, place[:last]).get(str(place[last]))


def _nearest(name: str, names: Iterable[str], prefix: str = "") -> str:
    close = difflib.get_close_matches(name, names := list(names), n=1, cutoff=0.5)
    if close:
        return f"; did you mean {prefix}{close[0]}?"
    return f"; there are {', '.join(names)}" if len(names) < 20 else ""


def _expected(error: ErrorDetails, field: FieldInfo | None) -> str:
    if error["type"] in _DESCRIBED and field is not None and field.description:
        return _within(field.description)
    if error["type"] == "tuple_type" and field is not None and section_of(field.annotation):
        return "a list of tables"
    if plain := _PLAIN.get(error["type"]):
        return plain.format(**error.get("ctx", {}))
    expected = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return expected.partition(", unable to")[0]


def _within(sentence: str) -> str:
    """A sentence as a part of another; a name at its beginning stays one."""
    word, space, rest = sentence.rstrip(".").partition(" ")
    return f"{word.lower() if word[1:].islower() else word}{space}{rest}"


def _found(error: ErrorDetails, field: FieldInfo | None) -> str:
    value = error["input"]
    if error["type"] == "missing" or value in ("", SecretStr("")):
        return "nothing"
    hidden = field is None or field.annotation is SecretStr or section_of(field.annotation)
    if isinstance(value, date):
        return value.isoformat()
    if hidden or not isinstance(value, str | int | float):
        return f"{_KINDS.get(type(value), 'a number')} (not shown)"
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return f"{len(value)} characters (not shown)"
    return json.dumps(value)
