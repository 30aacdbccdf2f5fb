"""Copies of a desk that can be trusted, and the proof that its files hold together.

Each file is copied whole from one state of it, through a connection that cannot write, so a relay
may run meanwhile. The journal is copied last: it then holds everything that the main database's
cursor speaks of, and every webhook answered before the copying began.
"""

import asyncio
import os
import shutil
import sqlite3
import tarfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiosqlite

from wainbox_relay.store import audit
from wainbox_relay.store.connect import StoreTrouble, fetch, open_reader
from wainbox_relay.store.files import JOURNAL_FILE, MAIN_FILE, MEDIA_FOLDER, MEDIA_LIST
from wainbox_relay.store.queries import SQL

SHOWN = 5
_INVARIANTS: tuple[tuple[str, str], ...] = (
    (SQL.two_unresolved, "Threads with two unresolved conversations"),
    (SQL.lost_conversations, "Conversations without a thread"),
    (SQL.lost_entries, "Entries without a conversation"),
    (SQL.lost_tags, "Tags of conversations that do not bear them"),
    (SQL.ref_behind, "References beyond their counter"),
    (SQL.seq_behind, "Events beyond their counter"),
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The media files a backup speaks of, by digest, and those that were not to be found."""

    digests: tuple[str, ...]
    missing: tuple[str, ...]


async def backup(folder: Path, file: Path, *, with_media: bool = False) -> Manifest:
    """Copies the files of a data folder into one new file, a tar. Raises `StoreTrouble`."""
    _refuse_unfit(folder, file)
    try:
        with TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as room:
            return await _made(folder, file, Path(room), with_media=with_media)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise StoreTrouble(f"The backup cannot be written to {file}: {why}.") from error


def _refuse_unfit(folder: Path, file: Path) -> None:
    if not (folder / MAIN_FILE).exists():
        raise StoreTrouble(f"{folder} holds no Wainbox database. Name the relay's data folder.")
    if file.exists():
        raise StoreTrouble(f"{file} was left alone. Name a file that does not exist yet.")


async def _made(folder: Path, file: Path, room: Path, *, with_media: bool) -> Manifest:
    """Gathers and packs in a room of its own; the file appears when it is whole."""
    for name in (MAIN_FILE, JOURNAL_FILE):
        (room / name).touch(mode=0o600)
        await _copy(folder / name, room / name)
    async with _reading(room / MAIN_FILE) as connection:
        digests = tuple(row[0] for row in await fetch(connection, SQL.media_manifest))
    (room / MEDIA_LIST).write_text("".join(f"{digest}\n" for digest in digests), "ascii")
    found = _media_files(folder / MEDIA_FOLDER)
    parts = {name: room / name for name in (MAIN_FILE, JOURNAL_FILE, MEDIA_LIST)}
    if with_media:
        paths = (found[digest] for digest in digests if digest in found)
        parts |= {str(path.relative_to(folder)): path for path in paths}
    await asyncio.to_thread(_pack, parts, room / "packed")
    (room / "packed").rename(file)
    return Manifest(digests, tuple(digest for digest in digests if digest not in found))


async def _copy(source: Path, target: Path) -> None:
    async with _reading(source) as connection:
        with closing(sqlite3.connect(target, check_same_thread=False)) as copy:
            await connection.backup(copy, pages=-1)


def _media_files(folder: Path) -> dict[str, Path]:
    """Files by digest, whose first characters are the name of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {"".join(path.relative_to(folder).parts): path for path in files}


def _pack(parts: Mapping[str, Path], file: Path) -> None:
    file.touch(mode=0o600)
    with file.open("wb") as disk:
        with tarfile.open(fileobj=disk, mode="w") as tar:
            for name, path in parts.items():
                tar.add(path, name)
        disk.flush()
        os.fsync(disk.fileno())


def _laid_out(path: Path, room: Path) -> Path:
    """The folder itself, or the two databases of a backup in the room. Raises `StoreTrouble`."""
    if path.is_dir():
        return path
    try:
        with tarfile.open(path) as tar:
            for name in (MAIN_FILE, JOURNAL_FILE):
                _unpack(tar, name, room / name)
    except (OSError, tarfile.TarError, KeyError) as error:
        raise StoreTrouble(f"{path} is no whole backup of Wainbox's.") from error
    return room


def _unpack(tar: tarfile.TarFile, name: str, to: Path) -> None:
    """One regular file, whatever else the archive says of it; the `filter` that would see to that
    is younger than Debian 12's Python."""
    packed = tar.extractfile(name)
    if packed is None:
        raise tarfile.TarError(f"{name} is no file")
    with packed, to.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)


async def verify(path: Path) -> list[str]:
    """What is wrong with a data folder or a backup, a sentence each; nothing when all holds
    together. A backup is unpacked for it where temporary files go."""
    with TemporaryDirectory(prefix="wainbox-verify-") as room:
        return await _verify(await asyncio.to_thread(_laid_out, path, Path(room)))


async def _verify(folder: Path) -> list[str]:
    wrong: list[str] = []
    for name in (MAIN_FILE, JOURNAL_FILE):
        async with _reading(folder / name) as connection:
            if damage := await _damage(connection):
                wrong.append(f"{name} is damaged: {damage}.")
            elif name == MAIN_FILE:
                wrong += await _inconsistencies(connection)
    return wrong


async def _damage(connection: aiosqlite.Connection) -> str:
    """What SQLite finds wrong with its pages; empty when nothing."""
    try:
        found = [row[0] for row in await fetch(connection, "PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == ["ok"] else "; ".join(" ".join(f.split()) for f in found[:SHOWN])


async def _inconsistencies(connection: aiosqlite.Connection) -> list[str]:
    wrong = []
    for sql, what in _INVARIANTS:
        if found := await fetch(connection, sql):
            shown = ", ".join(str(row[0]) for row in found[:SHOWN])
            wrong.append(f"{what}: {len(found)}, such as {shown}.")
    if broken := await audit.verify(connection):
        wrong.append(broken)
    return wrong


@asynccontextmanager
async def _reading(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    try:
        connection = await open_reader(path)
    except sqlite3.Error as error:
        raise StoreTrouble(f"{path} cannot be read: {error}.") from error
    try:
        yield connection
    finally:
        await connection.close()
