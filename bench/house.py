"""The relay under measurement: `wainbox-relay serve` on a seeded folder, and ways to ask it."""

import asyncio
import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import httpx

from bench.desk import Size, desk
from bench.floors import PATH
from bench.processes import Process, free_port, process
from bench.seed import ON_FIRST, TEAMS, sent
from wainbox_relay.config_file import written
from wainbox_relay.control import ask
from wainbox_relay.sandbox import load
from wainbox_relay.sandbox.people import ATLAS, RIYADH
from wainbox_relay.sandbox.workload import Workload, requests
from wainbox_relay.store.files import JOURNAL_FILE, MAIN_FILE

SECRET = "the bench's secret"
CONNECTIONS = 64
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class House:
    """One running relay and its files."""

    size: Size
    data: Path
    hook: load.Target
    api: load.Target
    token: str
    relay: Process

    @property
    def url(self) -> str:
        return f"http://{self.api.host}:{self.api.port}"

    def webhooks(self, batch: int = 1, ready: int = 0) -> Iterator[bytes]:
        """The load generator's day as signed requests, so many of them made beforehand."""
        day = Workload(
            at=int(time.time()),
            known=min(self.size.conversations, ON_FIRST),
            sent=sent(self.size.conversations, self.size.messages),
            run=secrets.token_hex(4),
        )
        made = requests(day.bodies(batch), SECRET, PATH, self.hook.host)
        return chain(list(islice(made, ready)), made)

    def get(self, path: str) -> bytes:
        """A request for the API on a connection that stays."""
        return self._request(f"GET /api/v1{path} HTTP/1.1\r\n", b"")

    def post(self, path: str, body: object) -> bytes:
        return self._request(f"POST /api/v1{path} HTTP/1.1\r\n", json.dumps(body).encode())

    def _request(self, line: str, body: bytes) -> bytes:
        head = (
            f"{line}Host: {self.api.host}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def fetch(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.get(f"{self.url}/api/v1{path}", headers=headers, trust_env=False, timeout=60)
        return answer.raise_for_status().json()

    def answerable(self) -> list[str]:
        """Conversations whose customer wrote within the last hours."""
        recent = (time.time() - 3600) * 1_000_000
        sql = f"SELECT ref FROM conversations WHERE last_in_at > {recent} LIMIT 2000"
        return [f"W-{ref}" for (ref,) in self._rows(MAIN_FILE, sql)]

    async def drained(self) -> float:
        """Waits until all that was acknowledged is decided and stored; when that was seen."""
        over = time.perf_counter() + PATIENCE
        while not await asyncio.to_thread(self._all_read):
            if time.perf_counter() > over:
                raise SystemExit("The relay does not come to the end of its journal.")
            await asyncio.sleep(0.02)
        return time.perf_counter()

    def _all_read(self) -> bool:
        last = self._rows(JOURNAL_FILE, "SELECT coalesce(max(row), 0) FROM bodies")[0][0]
        cursor = self._rows(MAIN_FILE, "SELECT value FROM counters WHERE name = 'journal_row'")
        return last == 0 or (bool(cursor) and cursor[0][0] > last)

    def _rows(self, name: str, sql: str) -> list[Any]:
        uri = f"{(self.data / name).as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as db:
            return db.execute(sql).fetchall()


@contextmanager
def house(size: Size) -> Iterator[House]:
    """A relay in service on its own copy of a seeded folder; gone afterwards."""
    with desk(size) as folder:
        hook, api = free_port(), free_port()
        config = _config(folder, hook, api)
        url = f"http://127.0.0.1:{api}"
        args = ("-m", "wainbox_relay.cli", "serve", "--config", str(config))
        with process(*args, errors=folder / "errors", ready=lambda: _well(url)) as relay:
            asked = {"name": "Bench", "role": "lead", "teams": list(TEAMS)}
            made = ask(folder / "data" / "control", "agent add", **asked)
            yield House(
                size,
                folder / "data",
                load.Target("127.0.0.1", hook, PATH),
                load.Target("127.0.0.1", api, "/"),
                str(made["token"]),
                relay,
            )


def _config(folder: Path, hook: int, api: int) -> Path:
    """As shipped, but that nothing is sent: there is nobody to send to."""
    answers: dict[str, dict[str, object]] = {
        "relay": {"data_dir": folder / "data", "log_file": folder / "relay.log"},
        "webhook": {"listen": f"127.0.0.1:{hook}", "app_secret": SECRET, "verify_token": "bench"},
        "api": {"listen": f"127.0.0.1:{api}"},
        "graph": {"url": "http://127.0.0.1:9", "token": "none"},
        "compose": {"undo_seconds": 60, "mark_read": False},
        "desk": {"teams": TEAMS},
    }
    path = folder / "wainbox.toml"
    path.touch(mode=0o600)
    path.write_text(written(answers, [asdict(number) for number in (ATLAS, RIYADH)]), "utf-8")
    return path


def _well(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False
