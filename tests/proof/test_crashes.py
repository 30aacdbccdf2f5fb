"""Row C1: whatever is killed and whenever, what was answered 200 is there, once."""

from __future__ import annotations

import asyncio
import random
import secrets
import signal
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
from tests.ports import free_ports
from tests.proof.running import Forge, House, Process, Row, house, said

PHONES = [f"2126{n:08}" for n in range(40)]


@dataclass
class Storm:
    """Eight writers who call as WhatsApp does: again, until they are answered; sometimes although
    they were."""

    home: House | Toy
    dice: random.Random
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    unanswered: list[tuple[str, bytes]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    up: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    async def write(self) -> None:
        while not self.over:
            await self.up.wait()
            await self.call(*self.next())

    def next(self) -> tuple[str, bytes]:
        if self.unanswered and self.dice.random() < 0.5:
            return self.unanswered.pop()
        if self.acknowledged and self.dice.random() < 0.05:
            return self.dice.choice(list(self.acknowledged.items()))
        wamid = f"wamid.{secrets.token_hex(8)}"
        return wamid, said(wamid, f"words of {wamid}", self.dice.choice(PHONES))

    async def call(self, wamid: str, body: bytes) -> None:
        began = time.perf_counter()
        if await self.home.post(body) == 200:
            self.took.append(time.perf_counter() - began)
            self.acknowledged[wamid] = body
        else:
            self.unanswered.append((wamid, body))
            await asyncio.sleep(0.01)


async def weathered(home: House | Toy, kills: int, seed: int) -> tuple[Storm, list[float]]:
    """Kills the relay so many times while eight write to it; the seconds each restart took."""
    storm, restarts = Storm(home, random.Random(seed)), []
    async with asyncio.TaskGroup() as group:
        writers = [group.create_task(storm.write()) for _ in range(8)]
        for _ in range(kills):
            storm.up.set()
            await asyncio.sleep(storm.dice.uniform(0.05, 0.8))
            await home.kill()
            storm.up.clear()
            restarts.append(await home.start())
            journal = b"\n".join(row[0] for row in home.files.journal("SELECT raw FROM bodies"))
            missing = [w for w in storm.acknowledged if w.encode() not in journal]
            assert not missing, f"seed {seed}: answered and not kept: {missing[:5]}"
        storm.over = True
        storm.up.set()
        await asyncio.gather(*writers)
    await home.read()
    return storm, restarts


async def survives(home: House, kills: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    storm, restarts = await weathered(home, kills, seed)
    took = statistics.quantiles(storm.took, n=100)[98]
    print(
        f"{kills} kills, {len(storm.acknowledged)} acknowledged, "
        f"restart at most {max(restarts):.2f} s, acknowledgement p99 {took * 1000:.0f} ms"
    )
    files = home.files
    assert len(storm.acknowledged) > 5 * kills, "killed before there was anything to lose"
    assert files.lost(set(storm.acknowledged)) == set()
    assert files.faults() == []
    heard = files.main("SELECT DISTINCT wamid FROM entries WHERE direction = 'in'")
    assert files.one("SELECT count(*) FROM entries WHERE direction = 'in'") == len(heard)
    assert files.one("SELECT count(*) FROM customers") <= len(PHONES)
    assert files.one("SELECT count(*) FROM conversations") == files.one(
        "SELECT count(*) FROM customers"
    )
    assert max(restarts) <= 2.0
    assert took <= 0.25


@pytest.mark.timeout(300)
@pytest.mark.serial
async def test_killed_at_any_moment_nothing_answered_is_lost_or_doubled(home: House) -> None:
    """C1: with eight writers and 30 kills at random moments, every message answered 200 is in one
    conversation once, the files are whole, and the relay is back within two seconds."""
    await survives(home, 30)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_the_same_with_three_hundred_kills(home: House) -> None:
    """C1, the long version."""
    await survives(home, 300)


@pytest.mark.serial
async def test_a_relay_is_back_within_two_seconds(tmp_path: Path, forge: Forge) -> None:
    """From the command to the first answer a relay spends at most two seconds of the machine."""
    async with house(tmp_path, forge) as home:
        await home.kill()
        await home.start(cold=True)
        spent = psutil.Process(home.pid).cpu_times()
        assert spent.user + spent.system <= 2.0


# -- can it tell? ------------------------------------------------------------------------------

TOY = """
import asyncio, sqlite3, sys
port, path, first = int(sys.argv[1]), sys.argv[2], sys.argv[3] == "first"
file = sqlite3.connect(path, isolation_level=None)
file.execute("PRAGMA journal_mode = WAL")
file.execute("CREATE TABLE IF NOT EXISTS bodies (raw BLOB)")

async def call(reader, writer):
    head = (await reader.readuntil(b"\\r\\n\\r\\n")).lower()
    size = head.partition(b"content-length: ")[2].partition(b"\\r")[0]
    body = await reader.readexactly(int(size))
    if first:
        file.execute("INSERT INTO bodies VALUES (?)", (body,))
    writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\nconnection: close\\r\\n\\r\\n")
    await writer.drain()
    writer.close()
    if not first:
        await asyncio.sleep(0.02)
        file.execute("INSERT INTO bodies VALUES (?)", (body,))

async def main():
    async with await asyncio.start_server(call, "127.0.0.1", port) as server:
        await server.serve_forever()

asyncio.run(main())
"""


class ToyFiles:
    def __init__(self, path: Path) -> None:
        self._path = path

    def journal(self, sql: str) -> list[Row]:
        with closing(sqlite3.connect(self._path)) as file:
            return file.execute(sql).fetchall()


class Toy:
    """A relay of a few lines that keeps bodies, before it answers or after."""

    def __init__(self, folder: Path, when: str) -> None:
        [port] = free_ports(1)
        self.files = ToyFiles(folder / "toy")
        self._args = [sys.executable, "-c", TOY, str(port), str(folder / "toy"), when]
        self._errors, self._url = folder / "errors", f"http://127.0.0.1:{port}/"
        self._http = httpx.AsyncClient(trust_env=False)
        self._process: Process | None = None

    async def start(self) -> float:
        self._process = Process.of(self._args, self._errors)
        while not await self.post(b"are you there?"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
        return 0.0

    async def kill(self) -> None:
        assert self._process is not None
        await self._process.end(signal.SIGKILL)
        self._process.close()

    async def post(self, body: bytes) -> int:
        try:
            return (await self._http.post(self._url, content=body)).status_code
        except httpx.TransportError:
            return 0

    async def read(self) -> None:
        await self.kill()
        await self._http.aclose()


@pytest.mark.soak
async def test_answering_first_would_be_seen(tmp_path: Path) -> None:
    """C1 tells a relay that keeps before it answers from one that answers first."""
    careful = Toy(tmp_path, "first")
    await careful.start()
    await weathered(careful, 10, 1)
    hasty = Toy(tmp_path, "after")
    await hasty.start()
    with pytest.raises(ExceptionGroup) as failed:
        await weathered(hasty, 10, 1)
    await hasty.read()
    assert "answered and not kept" in str(failed.value.exceptions[0])
