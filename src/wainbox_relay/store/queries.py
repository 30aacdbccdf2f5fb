"""The SQL of the store, by name. Files hold the dialect that SQLite and PostgreSQL share where they
can; statements are run by our own two calls (`fetch`, `put`), so only their text is taken here.
"""

from pathlib import Path
from typing import Any

import aiosql


class Sql:
    """`SQL.find_wamids` is the text of the query named so in `sql/queries.sql`."""

    def __init__(self, path: Path) -> None:
        # Parameters are checked by the driver; naming them twice would be one place too many.
        self._queries: Any = aiosql.from_path(path, "aiosqlite", mandatory_parameters=False)

    def __getattr__(self, name: str) -> str:
        text: str = getattr(self._queries, name).sql
        setattr(self, name, text)
        return text


SQL = Sql(Path(__file__).parent / "sql" / "queries.sql")
