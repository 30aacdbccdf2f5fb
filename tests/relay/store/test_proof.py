"""The audit chain, backups, and what `verify` finds."""

import asyncio
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from tests.relay.store.making import NOW, person, says

from wainbox_relay.contract.vocabulary import MediaState
from wainbox_relay.domain.model import Media
from wainbox_relay.media import MediaFolder
from wainbox_relay.ports import AuditRow, Batch
from wainbox_relay.store import Stores, StoreTrouble, backup

SLIPPED_IN = (
    "INSERT INTO audit SELECT 5, at, actor, act, subject, data, hash, hash FROM audit WHERE id = 4"
)


async def acts(stores: Stores, *names: str) -> None:
    await stores.store.save(
        Batch(at=NOW, audit=[AuditRow(NOW, "@lina", name, "W-1", {"n": 1}) for name in names])
    )


def tamper(stores: Stores, *statements: str) -> None:
    with closing(sqlite3.connect(stores.folder / "main.sqlite3")) as db, db:
        for statement in statements:
            db.execute(statement)


async def test_a_whole_desk_verifies(stores: Stores):
    """A store that only Wainbox wrote to has nothing wrong with it."""
    batch = Batch(at=NOW)
    for n in range(20):
        person(batch, n, tags=frozenset({"vip"}))
    await stores.store.save(batch)
    await acts(stores, "claim", "resolve")
    await acts(stores, "export")
    assert await backup.verify(stores.folder) == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE audit SET actor = '@karim' WHERE id = 2", "Audit row 2 is not what was written."),
        ("UPDATE audit SET data = '{}' WHERE id = 3", "Audit row 3 is not what was written."),
        ("DELETE FROM audit WHERE id = 2", "Audit row 2 is missing; the next one is 3."),
        (SLIPPED_IN, "Audit row 5 is not what was written."),
        ("DELETE FROM audit WHERE id = 4", "Audit row 4 is missing, of 4 that were written."),
        ("DELETE FROM audit", "Audit row 1 is missing, of 4 that were written."),
        (
            "UPDATE counters SET value = 3 WHERE name = 'audit'",
            "Audit row 4 is not what was written.",
        ),
    ],
)
async def test_a_changed_audit_row_is_named(stores: Stores, statement: str, named: str):
    """Whoever edits, takes out or slips in a row is found out, at that row."""
    await acts(stores, "claim", "assign", "resolve", "export")
    tamper(stores, statement)
    assert await backup.verify(stores.folder) == [named]


async def test_broken_promises_are_named(stores: Stores):
    """Two unresolved conversations of a thread, orphans and counters left behind are all told."""
    batch = Batch(at=NOW)
    person(batch, 1)
    person(batch, 2)
    await stores.store.save(batch)
    tamper(
        stores,
        "DROP INDEX conversations_unresolved",
        "UPDATE conversations SET thread = 12",
        "UPDATE entries SET conversation = 999 WHERE id = 24",
        "UPDATE counters SET value = 1 WHERE name = 'ref'",
        "INSERT INTO conversation_tags VALUES ('vip', 13)",
    )
    wrong = await backup.verify(stores.folder)
    assert [sentence.split(":")[0] for sentence in wrong] == [
        "Threads with two unresolved conversations",
        "Entries without a conversation",
        "Tags of conversations that do not bear them",
        "References beyond their counter",
    ]


async def test_a_backup_under_load_holds_all_that_was_kept_before_it(stores: Stores, tmp_path):
    """Copied while messages pour in, it verifies, and nothing kept before it began is missing."""
    kept, stop, many = 0, False, asyncio.Event()

    async def pour() -> None:
        nonlocal kept
        while not stop:
            batch = Batch(at=NOW)
            person(batch, kept, says="x" * 2000)
            await stores.store.save(batch)
            await stores.journal.append([(NOW, b"y" * 2000)])
            kept += 1
            if kept == 50:
                many.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(pour())
        await many.wait()
        before = kept
        await backup.backup(stores.folder, tmp_path / "copy.tar")
        stop = True
    assert await backup.verify(tmp_path / "copy.tar") == []
    restored(tmp_path)
    with closing(sqlite3.connect(tmp_path / "copy" / "main.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM conversations").fetchone()[0] >= before
    with closing(sqlite3.connect(tmp_path / "copy" / "journal.sqlite3")) as db:
        assert db.execute("SELECT count(*) FROM bodies").fetchone()[0] >= before


async def test_a_backup_tells_of_media_and_copies_them_on_request(stores: Stores, tmp_path):
    """Its list names every file that a message speaks of; lost ones are told."""
    batch = Batch(at=NOW)
    case = person(batch, 1)
    for n, digest in enumerate(("aa" * 32, "bb" * 32)):
        says(batch, case, 300 + n, "", NOW, media=Media(MediaState.READY, digest))
    await stores.store.save(batch)
    file = MediaFolder(stores.media).path("aa" * 32)
    file.parent.mkdir()
    file.write_bytes(b"picture")
    manifest = await backup.backup(stores.folder, tmp_path / "copy.tar", with_media=True)
    restored(tmp_path)
    assert manifest == backup.Manifest(("aa" * 32, "bb" * 32), ("bb" * 32,))
    listed = (tmp_path / "copy" / "media.txt").read_text().splitlines()
    assert listed == ["aa" * 32, "bb" * 32]
    copied = MediaFolder(tmp_path / "copy" / "media").path("aa" * 32)
    assert copied.read_bytes() == b"picture"


@pytest.mark.parametrize("skip", [4096, 8 * 4096])
async def test_a_damaged_copy_is_told(stores: Stores, tmp_path, skip: int):
    """Whichever pages were overwritten, the answer is a line and no trace."""
    await acts(stores, "claim")
    await backup.backup(stores.folder, tmp_path / "copy.tar")
    restored(tmp_path)
    with (tmp_path / "copy" / "main.sqlite3").open("r+b") as file:
        file.seek(skip)
        file.write(b"\xa7" * 20_000)
    (damage,) = await backup.verify(tmp_path / "copy")
    assert damage.startswith("main.sqlite3 is damaged: ")
    assert "\n" not in damage


async def test_a_backup_replaces_nothing(stores: Stores, tmp_path):
    """A file that exists is refused and left alone, and so is a folder without a database."""
    (tmp_path / "copy.tar").write_text("mine")
    with pytest.raises(StoreTrouble, match="does not exist yet"):
        await backup.backup(stores.folder, tmp_path / "copy.tar")
    with pytest.raises(StoreTrouble, match="no Wainbox database"):
        await backup.backup(tmp_path / "elsewhere", tmp_path / "other.tar")
    with pytest.raises(StoreTrouble, match="cannot be written"):
        await backup.backup(stores.folder, tmp_path / "nowhere" / "other.tar")
    with pytest.raises(StoreTrouble, match="no whole backup"):
        await backup.verify(tmp_path / "copy.tar")
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == ["copy.tar"]


def restored(folder: Path) -> None:
    """As the operator's page says it: unpacked into a folder of its own."""
    (folder / "copy").mkdir()
    subprocess.run(["tar", "-xf", folder / "copy.tar", "-C", folder / "copy"], check=True)
    assert (folder / "copy.tar").stat().st_mode & 0o777 == 0o600
