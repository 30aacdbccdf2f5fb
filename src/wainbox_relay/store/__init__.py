"""What Wainbox keeps: the main database, the journal of webhooks beside it, and the folder of
media (`docs/design.md` section 3)."""

import secrets
import sqlite3
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiosqlite

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.store import migrate
from wainbox_relay.store.connect import Readers, StoreTrouble, Writer, fetch
from wainbox_relay.store.files import JOURNAL_FILE, MAIN_FILE, MEDIA_FOLDER
from wainbox_relay.store.journal import SqliteJournal
from wainbox_relay.store.network import MOUNTS, shared_file_system
from wainbox_relay.store.reads import Reads
from wainbox_relay.store.sqlite import SqliteStore

__all__ = ["SQLITE", "StoreTrouble", "Stores", "open_stores"]

SQLITE = sqlite3.sqlite_version


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything open. `installation_key` keys the hashes by which erased people are known."""

    folder: Path
    store: SqliteStore
    journal: SqliteJournal
    reads: Reads
    installation_key: bytes
    main_writer: Writer
    journal_writer: Writer
    readers: Readers
    opened: AsyncExitStack

    @property
    def media(self) -> Path:
        return self.folder / MEDIA_FOLDER

    async def sweep(
        self, *, journal_before: Moment, events_before: Moment, results_before: Moment
    ) -> None:
        """Lets go of what retention no longer keeps, a slice at a time."""
        await self.journal.forget_before(journal_before)
        first = (await self.journal.size()).first
        await self.store.sweep(events_before, results_before, journal_before, first)

    async def close(self) -> None:
        await self.opened.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def open_stores(folder: Path, *, quick_check: bool = False) -> Stores:
    """Opens the files of a folder, making and upgrading them as needed. Raises `StoreTrouble`."""
    refuse_unfit(folder)
    async with AsyncExitStack() as opened:
        main = await _open(folder / MAIN_FILE, migrate.MAIN, quick_check=quick_check)
        opened.push_async_callback(main.close)
        journal = await _open(folder / JOURNAL_FILE, migrate.JOURNAL, quick_check=quick_check)
        opened.push_async_callback(journal.close)
        readers = await Readers.open(folder / MAIN_FILE)
        opened.push_async_callback(readers.close)
        return Stores(
            folder=folder,
            store=SqliteStore(main),
            journal=await SqliteJournal.open(journal),
            reads=Reads(readers),
            installation_key=await main.transaction(_installation_key),
            main_writer=main,
            journal_writer=journal,
            readers=readers,
            opened=opened.pop_all(),
        )


def refuse_unfit(folder: Path, mounts: Path = MOUNTS) -> None:
    """Makes the folder, for our eyes only, and refuses one that cannot hold a database."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / MEDIA_FOLDER).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreTrouble(
            f"The data folder {folder} cannot be used: {error.strerror}. "
            "Give relay.data_dir a folder that this user may write to."
        ) from error
    if kind := shared_file_system(folder, mounts):
        raise StoreTrouble(
            f"The data folder {folder} lies on a network file system ({kind}), where SQLite "
            f"{SQLITE} can damage the database. Give relay.data_dir a folder on a local disk."
        )


async def _open(path: Path, migrations: Path, *, quick_check: bool) -> Writer:
    try:
        _make_ours(path)
        writer = await Writer.open(path)
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise StoreTrouble(
            f"{path} cannot be opened: {why}. Check who owns it and that it is a database."
        ) from error
    try:
        if quick_check:
            await _quick_check(path, writer)
        await migrate.migrate(writer, migrate.known(migrations))
    except BaseException:
        await writer.close()
        raise
    return writer


def _make_ours(path: Path) -> None:
    """A new file is for our eyes only; SQLite gives its companions the same rights."""
    path.touch(mode=0o600, exist_ok=True)


async def _quick_check(path: Path, writer: Writer) -> None:
    try:
        found = [" ".join(row[0].split()) for row in await writer.rows("PRAGMA quick_check(1)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise StoreTrouble(
            f"{path} is damaged ({found[0]}; SQLite {SQLITE}). Restore the latest backup; "
            "the journal replays what came since."
        )


async def _installation_key(connection: aiosqlite.Connection) -> bytes:
    """Made once, at the first start."""
    add = "INSERT INTO meta (name, value) VALUES ('installation_key', :key) ON CONFLICT DO NOTHING"
    await connection.execute_fetchall(add, {"key": secrets.token_bytes(32)})
    found = "SELECT value FROM meta WHERE name = 'installation_key'"
    key: bytes = (await fetch(connection, found))[0][0]
    return key
