"""Every recorded webhook body: kept, and all that is in it stored, each on a database of its own;
and all of them through one relay. Bodies share numbers and ids, so messages are counted by what
makes them one: number and id."""

import asyncio
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeWhatsApp
from tests.proof.running import Files, House, until

from wainbox_relay.config import Settings
from wainbox_relay.relay import assembled

FOLDER = Path(__file__).parents[3] / "shared" / "whatsapp" / "payloads"
RECORDED = sorted(path for path in FOLDER.rglob("*") if path.is_file())
MALFORMED = [path for path in RECORDED if path.parent.name == "malformed_body"]
recorded = pytest.mark.skipif(not RECORDED, reason="the recorded bodies are not here")

CHANGES = frozenset({"reaction", "edit", "revoke"})
"""Kinds that change another message instead of being one."""


def elements(found: Any, *keys: str) -> Iterator[dict[str, Any]]:
    """What a body holds in lists of these names, at any depth."""
    for each in found.values() if isinstance(found, dict) else found:
        if isinstance(each, dict | list):
            yield from elements(each, *keys)
    if isinstance(found, dict):
        for key in keys:
            listed = found.get(key)
            yield from (e for e in listed or () if isinstance(e, dict) and isinstance(listed, list))


def ids(body: bytes, *keys: str, changes: bool | None = None) -> set[str]:
    """The ids of a body's elements; of messages only those that are changes, or that are none."""
    try:
        root = json.loads(body)
    except ValueError:
        return set()
    return {
        str(each["id"])
        for each in elements(root, *keys)
        if each.get("id") and (changes is None or (each.get("type") in CHANGES) is changes)
    }


MESSAGES = ("messages", "message_echoes")


async def taken_in(folder: Path, body: bytes) -> Files:
    """What one body comes to in a relay of its own."""
    raw = {"webhook": {"app_secret": "s", "verify_token": "v"}, "relay": {"data_dir": str(folder)}}
    async with (
        assembled(Settings.of(raw, {}), lambda _: FakeWhatsApp()) as relay,
        asyncio.TaskGroup() as group,
    ):
        loops = [
            group.create_task(relay.inbox.run(relay.unread)),
            group.create_task(relay.intake.run()),
        ]
        await relay.intake.keep(body)
        await until(partial(asyncio.to_thread, Files(folder).all_read))
        for loop in loops:
            loop.cancel()
    return Files(folder)


def messages(files: Files) -> set[str]:
    """The ids of messages, without the rows that tell of groups, calls and accounts."""
    found = files.main("SELECT wamid FROM entries WHERE wamid IS NOT NULL")
    return {wamid.removeprefix("standby:") for (wamid,) in found if not TOLD.fullmatch(wamid)}


TOLD = re.compile(r"wacid\..+|(?!standby:)[A-Za-z_]+:.+")


def done_or_waiting(files: Files) -> str:
    """What was done to messages, and what waits for messages we do not have, as stored."""
    done = files.main("SELECT wamid, reactions, edit_wamid, original FROM entries")
    return str(done + files.main("SELECT wamid, fact FROM parked"))


def receipts(body: bytes) -> set[str]:
    """The ids that statuses speak of, without those of calls that we would have to place first."""
    try:
        root = json.loads(body)
    except ValueError:
        return set()
    return {str(s["id"]) for s in elements(root, "statuses") if s.get("type") != "call"}


@recorded
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.name}")
async def test_everything_a_body_holds_is_stored(tmp_path: Path, path: Path) -> None:
    """Its messages are entries, its statuses and changes applied or waiting, the body itself is in
    the journal byte for byte; what cannot be read is in quarantine with a reason."""
    body = path.read_bytes()  # noqa: ASYNC240 - nothing else runs
    files = await taken_in(tmp_path, body)
    assert files.journal("SELECT raw FROM bodies") == [(body,)]
    refused = files.main("SELECT reason FROM quarantine")
    assert all(reason for (reason,) in refused)
    if path in MALFORMED:
        assert refused
    there = done_or_waiting(files)
    assert messages(files) == ids(body, *MESSAGES, changes=False)
    assert {i for i in ids(body, *MESSAGES, changes=True) if i not in there} == set()
    assert {i for i in receipts(body) if i not in there} == set()
    assert files.faults() == []


@recorded
async def test_one_relay_takes_all_of_them(home: House) -> None:
    """Signed and posted one after the other to a relay that serves: 200 each, all bodies in the
    journal, each message once, nothing set aside by an exception."""
    bodies = [path.read_bytes() for path in RECORDED]
    assert {await home.post(body) for body in bodies} == {200}
    await home.read()
    files = home.files
    assert [row[0] for row in files.journal("SELECT raw FROM bodies ORDER BY row")] == bodies
    said = set().union(*(ids(body, *MESSAGES, changes=False) for body in bodies))
    print(f"{len(bodies)} bodies, {len(said)} messages, {len(messages(files))} kept")
    assert messages(files) == said
    assert "set_aside" not in home.log.read_text("utf-8")
    assert files.main("SELECT reason FROM quarantine WHERE reason LIKE 'could not be kept%'") == []
    assert files.faults() == []
