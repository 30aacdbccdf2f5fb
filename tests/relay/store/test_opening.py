"""Opening the files: schemas, damage, and folders that cannot hold a database."""

import os
import sqlite3
from pathlib import Path

import pytest

from wainbox_relay.store import Stores, StoreTrouble, migrate, open_stores, refuse_unfit
from wainbox_relay.store.connect import Writer
from wainbox_relay.store.migrate import Migration
from wainbox_relay.store.network import kind_of

ONE = Migration(1, "0001_one", "CREATE TABLE a (x INTEGER);")
TWO = Migration(2, "0002_two", "INSERT INTO a VALUES (1); CREATE TABLE b (y INTEGER);")


async def test_files_are_for_our_eyes_only(stores: Stores):
    """Nobody else on the machine may read what customers wrote."""
    await stores.journal.append([(1, b"x")])
    for path in (*stores.folder.iterdir(), stores.folder):
        assert path.stat().st_mode & 0o077 == 0, path


async def test_the_writer_asks_for_durability_and_readers_cannot_write(stores: Stores):
    """A commit waits for the disk; a reader's attempt to write is an error."""
    for writer in (stores.main_writer, stores.journal_writer):
        assert await writer.rows("PRAGMA synchronous") == [(2,)]
        assert await writer.rows("PRAGMA journal_mode") == [("wal",)]
        assert await writer.rows("PRAGMA secure_delete") == [(1,)]
    async with stores.readers.snapshot() as connection:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await connection.execute_fetchall("DELETE FROM events")


async def test_migrations_run_once_and_in_order(tmp_path: Path):
    """A file that is behind is brought up; one that is up to date is left alone."""
    writer = await Writer.open(tmp_path / "x.sqlite3")
    await migrate.migrate(writer, [ONE])
    await migrate.migrate(writer, [ONE, TWO])
    await migrate.migrate(writer, [ONE, TWO])
    assert await writer.rows("SELECT x FROM a") == [(1,)]
    await writer.close()


async def test_a_changed_or_unknown_migration_stops_the_start(tmp_path: Path):
    """History is not rewritten, and an older Wainbox does not touch a newer file."""
    writer = await Writer.open(tmp_path / "x.sqlite3")
    await migrate.migrate(writer, [ONE, TWO])
    with pytest.raises(StoreTrouble, match="version 2, and this Wainbox knows only 1"):
        await migrate.migrate(writer, [ONE])
    with pytest.raises(StoreTrouble, match="0001_one is not the one"):
        await migrate.migrate(writer, [Migration(1, "0001_one", "SELECT 1;"), TWO])
    await writer.close()


async def test_a_migration_that_fails_leaves_nothing_and_runs_again(tmp_path: Path):
    """Half of a migration never stays."""
    writer = await Writer.open(tmp_path / "x.sqlite3")
    broken = Migration(2, "0002_two", "INSERT INTO a VALUES (1); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(StoreTrouble, match="0002_two failed and was taken back"):
        await migrate.migrate(writer, [ONE, broken])
    assert await writer.rows("SELECT x FROM a") == []
    await migrate.migrate(writer, [ONE, TWO])
    assert await writer.rows("SELECT x FROM a") == [(1,)]
    await writer.close()


async def test_a_file_that_is_no_database_is_named(tmp_path: Path):
    """Whoever starts the relay reads which file is wrong."""
    (tmp_path / "main.sqlite3").write_bytes(b"not a database, but long enough to look at" * 30)
    with pytest.raises(StoreTrouble, match=r"main\.sqlite3"):
        await open_stores(tmp_path)


async def test_damage_is_found_before_anything_is_written(stores: Stores):
    """The check at the start notices a page that was overwritten."""
    await stores.journal.append([(1, b"x" * 50_000)])
    await stores.close()
    path = stores.folder / "journal.sqlite3"
    raw = bytearray(path.read_bytes())
    raw[4096:8192] = b"\xff" * 4096
    path.write_bytes(raw)
    with pytest.raises(StoreTrouble, match="damaged"):
        await open_stores(stores.folder, quick_check=True)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    """A file in the way of the folder is told in a sentence."""
    (tmp_path / "data").write_text("x")
    with pytest.raises(StoreTrouble, match=r"relay\.data_dir"):
        await open_stores(tmp_path / "data")


def test_network_file_systems_are_recognised():
    """By the mount that holds the folder, the latest one over the same device."""
    lines = [
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
        "90 22 0:53 / /mnt/a\\040b rw shared:9 master:1 - nfs4 host:/x rw,vers=4.2",
        "91 22 0:54 / /mnt/y rw - fuse.sshfs host:/y rw",
        "broken line",
    ]
    assert kind_of("0:53", lines) == "nfs4"
    assert kind_of("0:54", lines) == "fuse.sshfs"
    assert kind_of("8:1", lines) == "ext4"
    assert kind_of("9:9", lines) is None


def test_a_network_file_system_is_refused(tmp_path: Path):
    """The sentence names the folder, the kind of file system, SQLite's version and the setting."""
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 1 {os.major(device)}:{os.minor(device)} / / rw - cifs //host/x rw\n")
    with pytest.raises(StoreTrouble, match=r"cifs.*SQLite 3\..*relay\.data_dir"):
        refuse_unfit(tmp_path / "data", mounts)
    refuse_unfit(tmp_path / "data", tmp_path / "no mountinfo on this system")
    refuse_unfit(tmp_path / "data")
