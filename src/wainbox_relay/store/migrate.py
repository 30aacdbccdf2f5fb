"""Brings a file to the newest schema: numbered SQL files, each in one transaction with its mark.

A migration that was cut off left nothing and runs again. One that was changed after it had run, or
that this version does not know, stops the start.
"""

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from wainbox_relay.store.connect import StoreTrouble, Writer, fetch

SQL = Path(__file__).parent / "sql"
MAIN = SQL / "migrations"
JOURNAL = SQL / "journal"


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known(folder: Path) -> list[Migration]:
    """The migrations of a folder in order; file names begin with their number."""
    return [
        Migration(int(path.name.split("_")[0]), path.stem, path.read_text("utf-8"))
        for path in sorted(folder.glob("[0-9]*.sql"))
    ]


async def migrate(writer: Writer, migrations: list[Migration]) -> None:
    """Runs what has not run yet. Raises `StoreTrouble`."""
    await writer.alone(lambda connection: _migrate(connection, migrations))


async def _migrate(connection: aiosqlite.Connection, migrations: list[Migration]) -> None:
    await connection.execute_fetchall(
        "CREATE TABLE IF NOT EXISTS schema_version"
        " (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
    )
    done: dict[int, str] = dict(
        await fetch(connection, "SELECT version, checksum FROM schema_version")
    )
    _refuse_strangers(done, migrations)
    for migration in migrations:
        if migration.version not in done:
            await _run(connection, migration)


def _refuse_strangers(done: dict[int, str], migrations: list[Migration]) -> None:
    newest = max((m.version for m in migrations), default=0)
    if (beyond := max(done, default=0)) > newest:
        raise StoreTrouble(
            f"The database is at version {beyond}, and this Wainbox knows only {newest}. "
            "Start the newer Wainbox that wrote it, or restore a backup."
        )
    for migration in migrations:
        if done.get(migration.version, migration.checksum) != migration.checksum:
            raise StoreTrouble(
                f"Migration {migration.name} is not the one this database was made with. "
                "Install Wainbox again from a release; never edit a migration that has run."
            )


async def _run(connection: aiosqlite.Connection, migration: Migration) -> None:
    mark = (
        f"INSERT INTO schema_version (version, name, checksum)"  # noqa: S608 - our own file's name
        f" VALUES ({migration.version}, '{migration.name}', '{migration.checksum}')"
    )
    try:
        await connection.executescript(f"BEGIN EXCLUSIVE;\n{migration.sql}\n{mark};\nCOMMIT;")
    except sqlite3.Error as error:
        if connection.in_transaction:
            await connection.execute_fetchall("ROLLBACK")
        raise StoreTrouble(
            f"Migration {migration.name} failed and was taken back: {error}. "
            "The database is as it was; free some space or report this."
        ) from error
