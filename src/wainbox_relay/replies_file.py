"""Canned replies as a TOML file: what `wainbox-relay replies import` reads and `export` writes.

One `[[reply]]` block for each, with the keys of `contract/replies.py`; `file` names an attachment
beside the TOML file, which is copied into the media folder.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.media import MediaFolder

HEAD = """\
# Canned replies. `wainbox-relay replies import` takes them in by name; others stay as they are.
# `any` among the texts is for customers of every other language.
"""


def read(path: Path, media: MediaFolder) -> list[CannedReply]:
    """Raises `Refusal`, with every fault at once."""
    found: list[CannedReply] = []
    faults: list[str] = []
    for place, block in enumerate(_blocks(path), 1):
        try:
            found.append(_reply(block, path.parent, media))
        except ValidationError as error:
            faults += [_fault(block.get("name") or place, each) for each in error.errors()]
        except OSError as error:
            faults.append(f"{block.get('name') or place}: file: {error.strerror}")
    names = [reply.name for reply in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [f"{name}: it comes twice" for name in twice]
    if faults:
        raise refuse(Code.INVALID, "Nothing was taken in.\n" + "\n".join(faults))
    return found


def _blocks(path: Path) -> list[dict[str, Any]]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(path, error.strerror or "unknown") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(path, f"it is not TOML: {error}") from None
    blocks = raw.pop("reply", [])
    if raw or not isinstance(blocks, list) or not all(isinstance(b, dict) for b in blocks):
        raise _unreadable(path, "it holds something else than [[reply]] blocks")
    return blocks


def _unreadable(path: Path, why: str) -> Refusal:
    return refuse(Code.INVALID, f"{path} cannot be read: {why}.")


def _reply(block: dict[str, Any], folder: Path, media: MediaFolder) -> CannedReply:
    if "file" not in block:
        return CannedReply.model_validate(block)
    path = folder / str(block["file"])
    kept = media.keep(path.read_bytes())
    attachment = {"digest": kept.digest, "name": path.name, "type": kept.type, "size": kept.size}
    rest = {key: value for key, value in block.items() if key != "file"}
    return CannedReply.model_validate({**rest, "attachment": attachment})


def _fault(name: object, error: Mapping[str, Any]) -> str:
    where = ".".join(map(str, error["loc"]))
    return f"{name}: {where + ': ' if where else ''}{error['msg'].removeprefix('Value error, ')}"


def written(replies: Iterable[CannedReply]) -> str:
    return "\n".join([HEAD, *(line for reply in replies for line in _lines(reply))])


def _lines(reply: CannedReply) -> Iterator[str]:
    told = reply.model_dump(mode="json", exclude_defaults=True)
    tables = {key: told.pop(key) for key in ("texts", "deeds", "attachment") if key in told}
    yield "[[reply]]"
    yield f"name = {_toml(told.pop('name'))}"
    yield from (f"{key} = {_toml(value)}" for key, value in told.items())
    for key, table in tables.items():
        yield f"[reply.{key}]"
        yield from (f"{inner} = {_toml(value)}" for inner, value in table.items())
    yield ""


def _toml(value: object) -> str:
    """JSON is TOML here, but for a character that TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
