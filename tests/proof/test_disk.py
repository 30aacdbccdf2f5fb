"""Rows C2, C3 and D1: what the disk has been told before anybody is answered, and what happens when
the process dies or the disk refuses at any write."""

import asyncio
import json
import re
import resource
import secrets
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.proof.running import Died, Forge, House, house, said, until

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")

# -- C2 ----------------------------------------------------------------------------------------

_LINE = re.compile(r"^(?P<pid>\d+) +(?:<\.\.\. )?(?P<call>\w+)(?P<rest>.*)$")
_DESCRIPTOR = re.compile(r"^\((\d+)<([^>]*)>")
_MARK = re.compile(r"wamid\.c2\.\d{4}\b")
TRACED = "read,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync"


@dataclass
class Trace:
    """What strace saw, in order: when each body was written, when the log was last known to be on
    the disk, and which body each answer was for."""

    written: dict[str, int] = field(default_factory=dict)
    synced: list[tuple[int, int]] = field(default_factory=list)
    answered: dict[str, int] = field(default_factory=dict)
    _asked: dict[str, str] = field(default_factory=dict)
    _begun: dict[str, tuple[int, str]] = field(default_factory=dict)

    def see(self, at: int, line: str) -> None:
        found = _LINE.match(line)
        if found is None:
            return
        pid, call, rest = found["pid"], found["call"], found["rest"]
        if rest.startswith(" resumed>"):
            began, head = self._begun.pop(pid, (at, ""))
            self._whole(began, at, call, head + rest)
        elif rest.endswith("<unfinished ...>"):
            self._begun[pid] = (at, rest)
        else:
            self._whole(at, at, call, rest)

    def _whole(self, began: int, ended: int, call: str, rest: str) -> None:
        """A call from its begin to its end. What is written counts from the end, what is answered
        from the begin."""
        descriptor = _DESCRIPTOR.match(rest)
        if descriptor is None:
            return
        number, path = descriptor.groups()
        if path.endswith("journal.sqlite3-wal"):
            if call == "pwrite64":
                for mark in _MARK.findall(rest):
                    self.written.setdefault(mark, ended)
            elif call in ("fsync", "fdatasync"):
                self.synced.append((began, ended))
        elif call in ("read", "recvfrom", "recvmsg"):
            for mark in _MARK.findall(rest):
                self._asked[number] = mark
        elif "HTTP/1.1 200" in rest and number in self._asked:
            self.answered[self._asked.pop(number)] = began

    def durable(self, mark: str) -> bool:
        """Whether a sync began after the body was written and ended before its answer began."""
        written, answered = self.written.get(mark), self.answered[mark]
        return written is not None and any(
            written < began and ended < answered for began, ended in self.synced
        )


@needs_strace
@pytest.mark.serial
async def test_no_webhook_is_answered_before_the_disk_has_it(tmp_path: Path, forge: Forge) -> None:
    """C2: for each of 500 answers of 200 a sync of the journal lies between the write that holds
    the body and the answer."""
    async with house(tmp_path, forge) as home:
        await home.kill()
        seen = tmp_path / "strace"
        wrapper = ("strace", "-f", "-y", "-qq", "-s", "6000", "--seccomp-bpf")
        await home.start(*wrapper, "-e", f"trace={TRACED}", "-o", str(seen))
        asked = iter(range(500))

        async def caller() -> None:
            for n in asked:
                assert await home.post(said(f"wamid.c2.{n:04}", phone=f"2126{n % 50:08}")) == 200

        async with asyncio.TaskGroup() as group:
            for _ in range(16):
                group.create_task(caller())
        await home.stop()
    trace = Trace()
    for at, line in enumerate(seen.read_text("latin-1").splitlines()):
        trace.see(at, line)
    assert len(trace.answered) == 500
    assert [mark for mark in trace.answered if not trace.durable(mark)] == []


def test_an_answer_before_the_disk_has_it_would_be_seen() -> None:
    """The judge of the row above knows an answer without a sync, or during one, as too early."""
    write = '7 pwrite64(9</d/journal.sqlite3-wal>, "wamid.c2.0001", 4096, 0) = 4096'
    sync = "7 fdatasync(9</d/journal.sqlite3-wal>) = 0"
    begins = "7 fdatasync(9</d/journal.sqlite3-wal> <unfinished ...>"
    ends = "7 <... fdatasync resumed>) = 0"
    ask = '8 read(12<socket:[1]>, "POST wamid.c2.0001", 65536) = 900'
    answer = '8 write(12<socket:[1]>, "HTTP/1.1 200 OK", 15) = 15'

    def durable(*lines: str) -> bool:
        trace = Trace()
        for at, line in enumerate(lines):
            trace.see(at, line)
        return trace.durable("wamid.c2.0001")

    assert durable(ask, write, sync, answer)
    assert durable(ask, write, begins, ends, answer)
    assert not durable(ask, write, answer, sync)
    assert not durable(ask, write, begins, answer, ends)
    assert not durable(ask, sync, write, answer)


# -- C3 ----------------------------------------------------------------------------------------


@dataclass
class Script:
    """A customer writes, an agent claims and answers; whatever of it comes about."""

    home: House
    acknowledged: set[str] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)
    promised: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Until the relay dies."""
        for n in range(1000):
            if not await self.step(f"2127{secrets.randbelow(10**8):08}", n):
                return

    async def step(self, phone: str, n: int) -> bool:
        wamid = f"wamid.{secrets.token_hex(8)}"
        if await self.home.post(said(wamid, f"step {n}", phone)) != 200:
            return False
        self.acknowledged.add(wamid)
        customer = self.home.box.newcomer(phone, phone=f"+{phone}")
        self.home.box.world.heard(customer.number.id, phone, wamid, "text", time.time())
        return await self.answer(phone)

    async def answer(self, phone: str) -> bool:
        try:
            await until(lambda: self.take(phone), 5)
        except (httpx.HTTPError, TimeoutError):
            return False
        return True

    async def take(self, phone: str) -> bool:
        """Claims and answers, once the conversation is in the queue."""
        desk, sid = self.home.desk(), secrets.token_hex(16)
        cards = await desk.cards("unassigned")
        ref = next((c["ref"] for c in cards if c["customer"]["phone"] == f"+{phone}"), None)
        if ref is None:
            return False
        if (await desk.order(ref, "claim")).is_success:
            self.claimed.add(ref)
        content = {"kind": "text", "body": "oui"}
        if (await desk.order(ref, "reply", id_=sid, content=content, anyway=True)).is_success:
            self.promised.add(sid)
        return True


async def holds(script: Script) -> None:
    """Everything that was promised by any answer is there, and nothing went out twice."""
    home = script.home
    files = home.files
    assert files.lost(script.acknowledged) == set()
    assert files.faults() == []
    held = dict(files.main("SELECT 'W-' || ref, assignee FROM conversations"))
    assert {ref for ref in script.claimed if held.get(ref) != "nadia"} == set()
    assert script.promised - files.sends().keys() == set()
    assert {sid: n for sid, n in home.box.accepts.items() if n > 1} == {}


async def killed_at(home: House, script: Script, call: str, nth: int) -> None:
    """Runs the script with the relay dying in its n-th such call, then brings the relay back."""
    print(call, nth, flush=True)
    die = f"inject={call}:signal=KILL:when={nth}"
    wrapper = ("strace", "-f", "-qq", "-e", f"trace={call}", "-e", die)
    try:
        await home.start(*wrapper, "-o", "/dev/null")
    except Died:
        pass
    else:
        async with asyncio.timeout(20):
            await script.run()
        await home.gone()
    await home.start()
    await home.read()
    await home.quiet()
    await holds(script)
    await home.kill()


async def killed_at_each(home: House, places: Iterator[tuple[str, int]]) -> None:
    home.box.delays.sent = None
    await home.kill()
    script = Script(home)
    for call, nth in places:
        await killed_at(home, script, call, nth)
    print(f"{len(script.acknowledged)} acknowledged, {len(script.claimed)} claimed")
    print(f"{len(script.promised)} promised, {Counter(home.files.sends().values())}")
    assert script.claimed
    assert script.promised


@pytest.mark.timeout(300)
@needs_strace
@pytest.mark.serial
async def test_killed_in_any_write_every_answer_still_holds(home: House) -> None:
    """C3: killed in its n-th write or sync, n from 1 to 120 in steps, the relay comes back with
    everything it answered for, and no message went to WhatsApp twice."""
    writes = (("pwrite64", n) for n in (2, 20, 45, 80, 120))
    syncs = (("fdatasync", n) for n in (4, 9, 20))
    await killed_at_each(home, (place for places in (writes, syncs) for place in places))


@needs_strace
@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_the_same_at_each_of_the_first_120(home: House) -> None:
    """C3, the long version: every single one."""
    calls = ("pwrite64", "fdatasync")
    await killed_at_each(home, ((call, n) for n in range(1, 121) for call in calls))


# -- D1 ----------------------------------------------------------------------------------------


@dataclass
class Ear:
    """What a terminal's stream says, event by event."""

    heard: list[dict[str, Any]] = field(default_factory=list)

    async def listen(self, home: House) -> None:
        async with home.http.stream(
            "GET", f"{home.url}/api/v1/events", headers=home.desk().headers
        ) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self.heard.append(json.loads(line.removeprefix("data: ")))

    def notice(self) -> str | None:
        """The newest sentence about the disk; None where nothing was ever said."""
        found = [e["sentence"] for e in self.heard if e.get("code") == "disk_full"]
        return found[-1] if found else None


@dataclass
class Pressure:
    """Webhooks that do not stop coming, and how they were answered."""

    home: House
    stored: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    over: bool = False

    async def write(self) -> None:
        while not self.over:
            wamid = f"wamid.{secrets.token_hex(8)}"
            phone = f"2126{secrets.randbelow(500):08}"
            status = await self.home.post(said(wamid, "x" * 500, phone))
            self.answers[status] += 1
            if status == 200:
                self.stored.add(wamid)
            else:
                await asyncio.sleep(0.02)


@contextmanager
def a_limit(home: House) -> Iterator[None]:
    """No file of the relay's may grow any more."""
    largest = max(path.stat().st_size for path in home.files.folder.glob("*.sqlite3*"))
    _, hard = resource.prlimit(home.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(home.pid, resource.RLIMIT_FSIZE, (largest + 65536, hard))
    yield
    resource.prlimit(home.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def a_full_disk(home: House) -> Iterator[None]:
    """Somebody else has taken all the space there was."""
    filler = home.files.folder / "somebody-elses"
    with filler.open("wb") as file, suppress(OSError):
        while True:
            file.write(b"a" * 65536)
            file.flush()
    yield
    filler.unlink()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of sixteen megabytes for a data folder."""
    folder.mkdir()
    size = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(size, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def outlasts(home: House, trouble: Callable[[House], AbstractContextManager[None]]) -> None:
    pid, ear, pressure = home.pid, Ear(), Pressure(home)
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(ear.listen(home))
        writers = [group.create_task(pressure.write()) for _ in range(8)]
        await until(_so(lambda: len(pressure.stored) > 100))
        with trouble(home):
            await until(_so(lambda: pressure.answers[503]))
            await until(_so(ear.notice), 5)
            assert not await home.well()
            later = Ear()
            late = group.create_task(later.listen(home))
            await until(_so(later.notice), 5)
            late.cancel()
        began = len(pressure.stored)
        await until(home.well, 10)
        await until(_so(lambda: len(pressure.stored) > began + 20), 10)
        await until(_so(lambda: ear.notice() == ""), 5)
        pressure.over = True
        await asyncio.gather(*writers)
        listening.cancel()
    await home.read()
    print(pressure.answers)
    assert set(pressure.answers) == {200, 503}
    assert home.pid == pid
    assert home.files.lost(pressure.stored) == set()
    assert home.files.faults() == []


def _so(holds: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    async def held() -> object:
        return holds()

    return held


async def test_a_file_that_may_not_grow_costs_nothing_but_time(home: House) -> None:
    """D1: under load each webhook is stored or told 503 while files may not grow; readiness and
    every terminal say so, those that come later too; and without a restart all is well again."""
    await outlasts(home, a_limit)


async def test_a_full_disk_costs_nothing_but_time(tmp_path: Path, forge: Forge) -> None:
    """D1: the same on a disk of sixteen megabytes that somebody else has filled."""
    with small_disk(tmp_path / "data"):
        async with house(tmp_path, forge) as home:
            await outlasts(home, a_full_disk)
