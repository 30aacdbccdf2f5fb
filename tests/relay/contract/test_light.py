"""The light form of the contract, in a process of its own, held to pydantic's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

ROOMS = ("bulk", "commands", "content", "events", "oncall", "problems", "views")
UNIONS = ("commands.COMMAND", "content.CONTENT", "events.EVENT")
FORMS = 20
"""Enough to meet each class of each union."""
WRITTEN = {
    "^[0-9a-f]{32}$": "0a" * 16,
    "^[0-9a-f]{8,32}$": "0a" * 16,
    "^[a-z]{2,3}(-[A-Z][a-z]{3})?$": "ar-Latn",
    r"^\+[0-9]{6,15}$": "+212612345678",
    r"^\S+$": "vip",
}
READER = """
import json, sys
from importlib import import_module
from wainbox_relay.contract import light
light.choose()

def read(name, text):
    room, _, kind = name.partition(".")
    found = getattr(import_module("wainbox_relay.contract." + room), kind)
    try:
        if isinstance(found, light.TypeAdapter):
            return found.validate_json(text).model_dump_json()
        value = found.model_validate_json(text)
        assert found.model_validate_json(value.model_dump_json()) == value
        assert value.model_copy(update={}) == value
        return value.model_dump_json()
    except light.ValidationError:
        return None

print(json.dumps([read(*each) for each in json.load(sys.stdin)]))
assert "pydantic" not in sys.modules
"""


def read_lightly(asked: list[tuple[str, str]]) -> list[str | None]:
    """JSON again of what a process without pydantic read; None where it refused."""
    run = [sys.executable, "-c", READER]
    given = json.dumps(asked)
    said = subprocess.run(run, input=given, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(said.stdout)


def models() -> dict[str, type[BaseModel]]:
    return {
        f"{room}.{name}": kind
        for room in ROOMS
        for name, kind in vars(import_module(f"wainbox_relay.contract.{room}")).items()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__.endswith(room)
    }


def adapters() -> dict[str, TypeAdapter[Any]]:
    """Every class and every union of the contract that a terminal reads or writes."""
    named = {name: TypeAdapter(kind) for name, kind in models().items() if "._" not in name}
    for union in UNIONS:
        room, _, name = union.partition(".")
        named[union] = getattr(import_module(f"wainbox_relay.contract.{room}"), name)
    return named


def example(schema: dict[str, Any], named: dict[str, Any], nth: int) -> Any:
    """A value that a schema allows; other numbers give others of its choices."""
    match schema:
        case {"$ref": name}:
            return example(named[name.rpartition("/")[2]], named, nth)
        case {"const": only}:
            return only
        case {"enum": several}:
            return several[nth % len(several)]
        case {"anyOf": several} | {"oneOf": several}:
            return example(several[nth % len(several)], named, nth // len(several) + nth)
        case {"type": "array", "prefixItems": several}:
            return [example(each, named, nth) for each in several]
        case {"type": "array", "items": each}:
            return [example(each, named, nth + more) for more in range(min(nth, 2))]
        case {"type": "object", "properties": several}:
            return {name: example(each, named, nth) for name, each in several.items()}
        case {"type": "object"}:
            return {"entry": nth}
        case {"type": "string", "format": "date-time"}:
            return f"2026-11-22T10:{nth:02}:07.25Z"
        case {"type": "string", "pattern": pattern}:
            return WRITTEN[pattern]
    return {"string": "سارة", "integer": nth + 1, "number": 1.5, "boolean": True, "null": None}[
        schema["type"]
    ]


def examples() -> Iterator[tuple[str, TypeAdapter[Any], Any]]:
    for name, adapter in adapters().items():
        schema = adapter.json_schema()
        for nth in range(FORMS):
            yield name, adapter, example(schema, schema.get("$defs", {}), nth)


def test_the_light_form_reads_and_writes_what_pydantic_does():
    """Whatever the relay may say, the terminal reads the same and would write the same."""
    asked = [(name, a.dump_json(a.validate_python(v)).decode()) for name, a, v in examples()]
    assert len(asked) > 60 * FORMS
    for (name, text), read in zip(asked, read_lightly(asked), strict=True):
        assert read is not None, (name, text)
        assert json.loads(read) == json.loads(text), name


def test_what_is_left_out_is_as_its_default():
    """Reading the least that a class needs fills in the same defaults."""
    asked, meant = [], []
    for name, adapter, value in examples():
        least = adapter.dump_json(adapter.validate_python(value), exclude_defaults=True)
        try:
            meant.append(adapter.dump_json(adapter.validate_json(least)))
        except ValidationError:  # what tells a union's classes apart is a default too
            continue
        asked.append((name, least.decode()))
    assert len(asked) > 50 * FORMS
    for (name, text), read, wanted in zip(asked, read_lightly(asked), meant, strict=True):
        assert read is not None, (name, text)
        assert json.loads(read) == json.loads(wanted), name


def test_what_a_terminal_is_too_old_to_know_is_left_out():
    """A relay may say more than this terminal knows; the rest is read as ever."""
    problem = {"code": "busy", "message": "Later."}
    (read,) = read_lightly([("problems.Problem", json.dumps({**problem, "newer": [1]}))])
    assert json.loads(read or "") == {**problem, "field": "", "details": {}}


@pytest.mark.parametrize("wrong", [{"no": "such"}, 7.5, "no such", None], ids=repr)
def test_a_value_of_another_type_is_refused_by_both(wrong: object):
    """A field of the wrong type, or one that is missing, does not reach the screen."""
    asked = []
    for name, adapter, value in examples():
        for field in value:
            spoilt = {**value, field: wrong}
            if wrong is None:
                del spoilt[field]
            try:
                adapter.validate_json(json.dumps(spoilt))
            except ValidationError as error:
                if {each["type"] for each in error.errors()} <= TYPES:
                    asked.append((name, json.dumps(spoilt)))
    assert len(asked) > 100
    for (name, text), read in zip(asked, read_lightly(asked), strict=True):
        assert read is None, (name, text)


TYPES = {
    *("missing", "string_type", "int_type", "float_type", "bool_type", "enum", "literal_error"),
    *("datetime_from_date_parsing", "datetime_parsing", "datetime_type", "tuple_type"),
    *("model_attributes_type", "model_type", "union_tag_invalid", "union_tag_not_found"),
}
"""Of pydantic's refusals, those for what a value is; how long or large it is the relay judges."""
