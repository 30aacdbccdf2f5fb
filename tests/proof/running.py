"""A relay as a process, beside a pretend WhatsApp: started, killed and started again; its agents'
hands; and what its files say afterwards."""

import asyncio
import hashlib
import hmac
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tests import bodies
from tests.ports import free_ports

from wainbox_relay.config import Settings
from wainbox_relay.config_file import written
from wainbox_relay.control import ask
from wainbox_relay.sandbox.box import Sandbox
from wainbox_relay.sandbox.people import ATLAS, RIYADH
from wainbox_relay.store.files import JOURNAL_FILE, MAIN_FILE

T = TypeVar("T")
SECRET, VERIFY, TOKEN = "the app's own secret", "the word of the dashboard", "EAAthegraphtoken"
AGENTS = {"Nadia": "agent", "Samir": "agent", "Lina": "lead", "Omar": "admin"}
TEAMS = ("sales", "support")
PATIENCE = 20.0
QUICK: dict[str, object] = {
    "slice": 0.01,
    "counts": 0.1,
    "graph": 0.5,
    "media": 2,
    "unconfirmed": 0.2,
    "retry_scale": 0.02,
    "stop": 3,
}
"""Every delay that a proof need not live through."""
Section = Any
"""A section of the configuration by its keys, or its blocks in a row."""


class Died(Exception):
    """The relay ended before it was ready; its last words."""


# -- processes ---------------------------------------------------------------------------------


class Forge:
    """Where relays come from. Close it."""

    def __init__(self) -> None:
        path = Path(__file__).with_name("forge.py")
        self._process = subprocess.Popen(
            [sys.executable, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=quiet(),
            text=True,
            bufsize=1,
        )

    def make(self, config: Path, errors: Path) -> int:
        """A new relay's process id; it leads a group of its own."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{config}\t{errors}\n")
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=5)


def quiet() -> dict[str, str]:
    """Our environment without anything that Wainbox would read."""
    return {k: v for k, v in os.environ.items() if not k.startswith("WAINBOX")}


def command(config: Path) -> list[str]:
    """The relay as anybody would start it."""
    return [sys.executable, "-m", "wainbox_relay.cli", "serve", "--config", str(config)]


@dataclass
class Process:
    """A process of ours, which leads a group of its own."""

    pid: int
    child: subprocess.Popen[bytes] | None = None
    _handle: int = -1

    def __post_init__(self) -> None:
        self._handle = os.pidfd_open(self.pid)

    @classmethod
    def of(cls, args: Sequence[str], errors: Path) -> "Process":
        with errors.open("ab") as file:
            child = subprocess.Popen(
                args, env=quiet(), stdin=subprocess.DEVNULL, stderr=file, start_new_session=True
            )
        return cls(child.pid, child)

    @property
    def alive(self) -> bool:
        try:
            signal.pidfd_send_signal(self._handle, 0)
        except ProcessLookupError:
            return False
        return self.child is None or self.child.poll() is None

    async def end(self, how: signal.Signals, within: float = PATIENCE) -> None:
        """Tells the whole group to end, and waits until it has."""
        if self.alive:
            os.killpg(self.pid, how)
        await self.gone(within)

    async def gone(self, within: float = PATIENCE) -> None:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._handle, over.set)
        try:
            async with asyncio.timeout(within):
                await over.wait()
        finally:
            loop.remove_reader(self._handle)
        if self.child is not None:
            self.child.wait()

    def close(self) -> None:
        os.close(self._handle)


# -- the house ---------------------------------------------------------------------------------


@dataclass
class House:
    """One data folder with its relay, while there is one, and the WhatsApp it speaks with."""

    folder: Path
    config: Path
    settings: Settings
    box: Sandbox
    forge: Forge
    tokens: dict[str, str] = field(default_factory=dict)
    process: Process | None = None
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(**HOW))

    @property
    def url(self) -> str:
        return f"http://{self.settings.api.listen}"

    @property
    def hook(self) -> str:
        return f"http://{self.settings.webhook.listen}/webhooks/whatsapp"

    @property
    def errors(self) -> Path:
        return self.folder / "relay.err"

    @property
    def log(self) -> Path:
        return self.folder / "relay.log"

    @property
    def files(self) -> "Files":
        return Files(self.settings.relay.data_dir)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def start(self, *wrapper: str, cold: bool = False) -> float:
        """Starts the relay, inside another program if one is named. Seconds until it was ready.
        Raises `Died`."""
        began = time.perf_counter()
        if wrapper or cold:
            self.process = Process.of([*wrapper, *command(self.config)], self.errors)
        else:
            self.process = Process(self.forge.make(self.config, self.errors))
        await self._ready(self.process)
        return time.perf_counter() - began

    async def _ready(self, process: Process) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await self.well():
                if not process.alive:
                    await self._buried()
                    raise Died(self.errors.read_text("utf-8")[-2000:])
                await asyncio.sleep(0.01)

    async def well(self) -> bool:
        try:
            return (await self.http.get(f"{self.url}/readyz")).is_success
        except httpx.TransportError:
            return False

    async def kill(self) -> None:
        """As a power cut or the kernel would: no last wish."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            await self.process.end(how)
            await self._buried()

    async def _buried(self) -> None:
        if self.process is not None:
            self.process.close()
            self.process = None

    async def gone(self) -> None:
        """Waits until the relay has ended by itself."""
        if self.process is not None:
            await self.process.gone()
            await self._buried()

    def hire(self) -> None:
        """Gives every agent a token; once in a folder's life."""
        for name, role in AGENTS.items():
            asked = {"name": name, "role": role, "teams": list(TEAMS)}
            made = ask(self.settings.control_socket, "agent add", **asked)
            self.tokens[name.lower()] = str(made["token"])

    def desk(self, name: str = "nadia") -> "Desk":
        return Desk(self.http, self.url, self.tokens[name])

    async def post(self, body: bytes) -> int:
        """WhatsApp's call; the status, 0 where no answer came."""
        try:
            return (await self.http.post(self.hook, content=body, headers=signed(body))).status_code
        except httpx.TransportError:
            return 0

    async def hears(self, *said: bytes) -> None:
        """Webhooks come, are kept and are read."""
        for body in said:
            assert await self.post(body) == 200
        await self.read()

    async def read(self) -> None:
        """Until nothing that was kept waits to be read."""
        await until(lambda: asyncio.to_thread(self.files.all_read))

    async def quiet(self) -> None:
        """Until every send has come to an end of some kind."""
        going = "SELECT 1 FROM entries WHERE delivery IN ('held', 'queued', 'sending') LIMIT 1"

        async def none_going() -> bool:
            return not self.files.main(going)

        await until(none_going)


HOW: dict[str, Any] = {"timeout": 15, "trust_env": False, "verify": False}


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


async def until(holds: Callable[[], Awaitable[object]], within: float = PATIENCE) -> None:
    """Waits until something of another process holds."""
    async with asyncio.timeout(within):
        while not await holds():  # noqa: ASYNC110 - another process has no bell for us
            await asyncio.sleep(0.01)


@asynccontextmanager
async def house(folder: Path, forge: Forge, **sections: Section) -> AsyncIterator[House]:
    """A relay in service with its agents hired; over afterwards, whatever state it is in. The
    section `number` is what each of the numbers has beside its name."""
    hook, api = free_ports(2)
    callback = f"http://127.0.0.1:{hook}/webhooks/whatsapp"
    async with Sandbox.start(
        callback_url=callback, app_secret=SECRET, token=TOKEN, verify_token=VERIFY, pace=0.001
    ) as box:
        config = configure(folder, box.url, hook, api, **sections)
        home = House(folder, config, Settings.load(config, {}), box, forge)
        try:
            await home.start()
            home.hire()
            yield home
        finally:
            await home.kill()
            await home.http.aclose()


def configure(folder: Path, graph: str, hook: int, api: int, **sections: Section) -> Path:
    given: dict[str, dict[str, object]] = {
        "relay": {"data_dir": folder / "data", "log_file": folder / "relay.log"},
        "webhook": {
            "listen": f"127.0.0.1:{hook}",
            "app_secret": SECRET,
            "verify_token": VERIFY,
        },
        "api": {"listen": f"127.0.0.1:{api}"},
        "graph": {"url": graph, "token": TOKEN},
        "desk": {"teams": TEAMS},
        "compose": {"undo_seconds": 0},
        "limits": {"pair_seconds": 0, "address_connections": 1000},
        "timing": QUICK,
    }
    own = {name: section for name, section in sections.items() if name != "number"}
    answers = {**given, **own}
    answers |= {name: {**section, **dict(own.get(name, ()))} for name, section in given.items()}
    numbers = [asdict(number) | dict(sections.get("number", ())) for number in (ATLAS, RIYADH)]
    config = folder / "wainbox.toml"
    config.touch(mode=0o600)
    config.write_text(written(answers, numbers), "utf-8")
    return config


# -- a loop of its own --------------------------------------------------------------------------


class Backstage:
    """An event loop in a thread of its own, where relay and WhatsApp live on between two steps."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextmanager
def backstage() -> Iterator[Backstage]:
    stage = Backstage()
    try:
        yield stage
    finally:
        stage.close()


# -- what customers write ----------------------------------------------------------------------


def said(
    wamid: str, words: str = "bonjour", phone: str = "212600000001", at: float | None = None
) -> bytes:
    """One customer's text, written just now."""
    text = bodies.text(wamid, words, int(time.time() if at is None else at), phone)
    return bodies.envelope(bodies.value([text], phone=phone, number=ATLAS.id))


def ticked(wamid: str, state: str, opaque: str = "", code: int = 0) -> bytes:
    """One delivery report."""
    report: dict[str, Any] = {"id": wamid, "status": state, "timestamp": str(int(time.time()))}
    report["recipient_id"] = "212600000001"
    report |= {"biz_opaque_callback_data": opaque} if opaque else {}
    report |= {"errors": [{"code": code, "title": "Failed", "message": "Failed"}]} if code else {}
    return bodies.envelope(bodies.value(statuses=[report], number=ATLAS.id))


# -- what agents do ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Desk:
    """An agent's hands on the API."""

    http: httpx.AsyncClient
    url: str
    token: str

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(f"{self.url}/api/v1{path}", params=query, headers=self.headers)
        return answer.raise_for_status().json()

    async def cards(self, view: str = "all") -> list[dict[str, Any]]:
        return list((await self.get("/queue", view=view, limit=500))["cards"])

    async def thread(self, ref: str) -> list[dict[str, Any]]:
        return list((await self.get(f"/conversations/{ref}/thread", limit=500))["entries"])

    async def order(self, ref: str, do: str, *, id_: str = "", **command: Any) -> httpx.Response:
        """One command; whatever the answer."""
        body = {"command_id": id_ or secrets.token_hex(16), "command": {"do": do, **command}}
        path = f"{self.url}/api/v1/conversations/{ref}/commands"
        return await self.http.post(path, json=body, headers=self.headers)

    async def does(self, ref: str, do: str, **command: Any) -> dict[str, Any]:
        """One command that must succeed."""
        answer = await self.order(ref, do, **command)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def replies(self, ref: str, words: str = "voila", *, id_: str = "") -> str:
        """Writes to the customer. The message's sid."""
        sid = id_ or secrets.token_hex(16)
        content = {"kind": "text", "body": words}
        await self.does(ref, "reply", id_=sid, content=content, anyway=True)
        return sid

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Seats:
    """Who sits in front of an open terminal, and what they say of themselves."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.says: dict[str, str] = {}
        self._open: dict[str, AsyncExitStack] = {}

    async def sit(self, *names: str) -> None:
        for name in names:
            self._open[name] = AsyncExitStack()
            url = f"{self.home.url}/api/v1/events?terminal=true"
            stream = self.home.http.stream("GET", url, headers=self.home.desk(name).headers)
            await self._open[name].enter_async_context(stream)
        for name in names:
            await self._seen(name)

    async def leave(self, name: str) -> None:
        await self._open.pop(name).aclose()
        await self._seen(name)

    async def say(self, name: str, state: str) -> None:
        desk = self.home.desk(name)
        answer = await self.home.http.post(
            f"{self.home.url}/api/v1/presence", json={"state": state}, headers=desk.headers
        )
        assert answer.is_success, answer.text
        self.says[name] = state
        await self._seen(name)

    async def again(self) -> None:
        """After a restart: every terminal comes back."""
        seated = self.names
        for name in seated:
            await self._open.pop(name).aclose()
        await self.sit(*seated)

    def sits(self, name: str) -> bool:
        return name in self._open

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._open)

    def can_work(self) -> set[str]:
        return {name for name in self._open if self.says.get(name, "online") == "online"}

    async def _seen(self, name: str) -> None:
        expected = self.says.get(name, "online") if self.sits(name) else "offline"
        asked = "SELECT presence FROM agents WHERE id = ?"

        async def seen() -> bool:
            return bool(self.home.files.one(asked, name) == expected)

        await until(seen)


# -- what the files say ------------------------------------------------------------------------

Row = tuple[Any, ...]

FAULTS = {
    "threads with two open conversations": """SELECT thread FROM conversations
        WHERE status <> 'resolved' GROUP BY thread HAVING count(*) > 1""",
    "messages without a conversation": """SELECT id FROM entries
        WHERE conversation NOT IN (SELECT id FROM conversations)""",
    "messages in another thread than their conversation": """SELECT e.id FROM entries e
        JOIN conversations c ON c.id = e.conversation WHERE c.thread <> e.thread""",
    "conversations without a thread": """SELECT id FROM conversations
        WHERE thread NOT IN (SELECT id FROM threads)""",
    "conversations without a message": """SELECT id FROM conversations
        WHERE id NOT IN (SELECT conversation FROM entries)""",
    "messages kept twice": """SELECT wamid FROM entries WHERE wamid IS NOT NULL
        GROUP BY number, wamid HAVING count(*) > 1""",
    "sends kept twice": """SELECT sid FROM entries WHERE sid IS NOT NULL
        GROUP BY sid HAVING count(*) > 1""",
    "people with two threads on a number": """SELECT customer FROM threads
        WHERE customer IS NOT NULL GROUP BY number, customer HAVING count(*) > 1""",
    "identities of two people": """SELECT value FROM identities WHERE superseded_at IS NULL
        GROUP BY kind, value, scope HAVING count(*) > 1""",
    "events out of step with their counter": """SELECT max(seq) FROM events
        HAVING max(seq) <> (SELECT value FROM counters WHERE name = 'seq')""",
    "sends on their way that nobody owes": """SELECT sid FROM entries WHERE delivery = 'queued'
        AND sid NOT IN (SELECT key FROM outbox WHERE kind = 'send')""",
}


@dataclass(frozen=True)
class Files:
    """A data folder, only to look at."""

    folder: Path

    def main(self, sql: str, *params: object, **named: object) -> list[Row]:
        return self._rows(MAIN_FILE, sql, named or params)

    def journal(self, sql: str, *params: object) -> list[Row]:
        return self._rows(JOURNAL_FILE, sql, params)

    def one(self, sql: str, *params: object) -> Any:
        return self.main(sql, *params)[0][0]

    def _rows(
        self, name: str, sql: str, params: Sequence[object] | Mapping[str, object]
    ) -> list[Row]:
        where = (self.folder / name).resolve().as_uri()
        with closing(sqlite3.connect(f"{where}?mode=ro", uri=True, timeout=10)) as file:
            return file.execute(sql, params).fetchall()

    def all_read(self) -> bool:
        """Whether the engine's transactions have come to the end of the journal."""
        last = self.journal("SELECT coalesce(max(row), 0) FROM bodies")[0][0]
        cursor = self.main("SELECT value FROM counters WHERE name = 'journal_row'")
        return last == 0 or (bool(cursor) and cursor[0][0] > last)

    def faults(self) -> list[str]:
        """Everything that must never be, and is."""
        found = [
            f"{name}: {rows}"
            for name in (MAIN_FILE, JOURNAL_FILE)
            if (rows := self._rows(name, "PRAGMA integrity_check", ())) != [("ok",)]
        ]
        return found + [
            f"{what}: {rows[:5]}" for what, sql in FAULTS.items() if (rows := self.main(sql))
        ]

    def lost(self, wamids: set[str]) -> set[str]:
        """Of these messages, those that are in no conversation."""
        return wamids - {row[0] for row in self.main("SELECT wamid FROM entries")}

    def sends(self) -> dict[str, str]:
        """Where each of our messages stands, by sid."""
        return dict(self.main("SELECT sid, delivery FROM entries WHERE sid IS NOT NULL"))
