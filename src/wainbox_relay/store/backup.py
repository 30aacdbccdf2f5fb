"""Copies of a desk that can be trusted, and the proof that its files hold together.

Each file is copied whole from one state of it, through a connection that cannot write, so a relay
may run meanwhile. The journal is copied last: it then holds everything that the main database's
cursor speaks of, and every webhook answered before the copying began.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

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


async def backup(folder: Path, target: Path, *, with_media: bool = False) -> Manifest:
    """Copies the files of a data folder into a new folder. Raises `StoreTrouble`."""
    _begin(folder, target)
    for name in (MAIN_FILE, JOURNAL_FILE):
        (target / name).touch(mode=0o600)
        await _copy(folder / name, target / name)
    async with _reading(target / MAIN_FILE) as connection:
        digests = tuple(row[0] for row in await fetch(connection, SQL.media_manifest))
    (target / MEDIA_LIST).write_text("".join(f"{digest}\n" for digest in digests), "ascii")
    found = _media_files(folder / MEDIA_FOLDER)
    if with_media:
        _copy_media(
            {digest: found[digest] for digest in digests if digest in found}, folder, target
        )
    return Manifest(digests, tuple(digest for digest in digests if digest not in found))


def _begin(folder: Path, target: Path) -> None:
    if not (folder / MAIN_FILE).exists():
        raise StoreTrouble(f"{folder} holds no Wainbox database. Name the relay's data folder.")
    try:
        target.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise StoreTrouble(
            f"The backup cannot be written to {target}: {error.strerror}. "
            "Name a folder that does not exist yet."
        ) from error


async def _copy(source: Path, target: Path) -> None:
    async with _reading(source) as connection:
        with closing(sqlite3.connect(target, check_same_thread=False)) as copy:
            await connection.backup(copy, pages=-1)


def _media_files(folder: Path) -> dict[str, Path]:
    """Files by digest, whose first characters are the name of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {"".join(path.relative_to(folder).parts): path for path in files}


def _copy_media(files: dict[str, Path], folder: Path, target: Path) -> None:
    for path in files.values():
        to = target / path.relative_to(folder)
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, to)


async def verify(folder: Path) -> list[str]:
    """What is wrong with the files of a data folder or a backup, a sentence each; nothing when all
    holds together."""
    wrong: list[str] = []
    for name in (MAIN_FILE, JOURNAL_FILE):
        async with _reading(folder / name) as connection:
            found = [row[0] for row in await fetch(connection, "PRAGMA integrity_check")]
            if found != ["ok"]:
                wrong.append(f"{name} is damaged: {'; '.join(found[:SHOWN])}.")
            elif name == MAIN_FILE:
                wrong += await _inconsistencies(connection)
    return wrong


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
