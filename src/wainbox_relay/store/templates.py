"""WhatsApp's templates in the database, by account: picked from without asking WhatsApp."""

import sqlite3
from collections.abc import Mapping, Sequence

import aiosqlite

from wainbox_relay.contract.views import Template
from wainbox_relay.store.connect import fetch, put
from wainbox_relay.store.queries import SQL


def save(connection: sqlite3.Connection, templates: Mapping[str, Sequence[Template]]) -> None:
    put(connection, SQL.forget_templates, [{"account": account} for account in templates])
    put(
        connection,
        SQL.add_template,
        [
            {
                "account": account,
                "name": t.name,
                "language": t.language,
                "body": t.model_dump_json(),
            }
            for account, several in templates.items()
            for t in several
        ],
    )


async def read(connection: aiosqlite.Connection) -> Mapping[str, Sequence[Template]]:
    found: dict[str, list[Template]] = {}
    for account, body in await fetch(connection, SQL.templates):
        found.setdefault(account, []).append(Template.model_validate_json(body))
    return found
