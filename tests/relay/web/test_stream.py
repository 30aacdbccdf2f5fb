"""Rows E3, E4 and K2, and what else a stream promises: order, resumption, beats, few writes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.relay.web.running import Running, message, serving

from wainbox_relay.contract.events import EVENT
from wainbox_relay.contract.vocabulary import AgentId, Moment, Role
from wainbox_relay.engine.staff import AgentChange
from wainbox_relay.engine.stream import MOST_BEHIND, Stream
from wainbox_relay.ports import StoredEvent


@dataclass
class Heard:
    kind: str
    id: str | None
    data: dict[str, Any]


class Ear:
    """Reads one stream, event by event; `chunks` counts the pieces that came."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._chunks = answer.aiter_raw()
        self._held = b""
        self.chunks = 0

    async def next(self, kind: str = "") -> Heard:
        """The next event, of that kind if one is given. Raises `StopAsyncIteration` at the end."""
        while True:
            while b"\n\n" not in self._held:
                self._held += await anext(self._chunks)
                self.chunks += 1
            block, _, self._held = self._held.partition(b"\n\n")
            lines = dict(line.split(": ", 1) for line in block.decode().split("\n"))
            if "event" in lines and kind in ("", lines["event"]):
                return Heard(lines["event"], lines.get("id"), json.loads(lines["data"]))

    async def rest(self) -> list[Heard]:
        heard = []
        while True:
            try:
                heard.append(await self.next())
            except StopAsyncIteration:
                return heard


@asynccontextmanager
async def hearing(
    running: Running, role: Role = Role.AGENT, last: str = "", **query: Any
) -> AsyncIterator[Ear]:
    async with running.client(role) as client:
        headers = {"Last-Event-ID": last} if last else {}
        async with client.stream("GET", "/events", params=query, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            ear = Ear(answer)
            assert (await ear.next()).kind == "beat"
            yield ear


async def test_what_happens_is_heard_in_the_contracts_words(running: Running, post) -> None:
    """A message becomes one card event that the contract knows, with its number as id."""
    async with hearing(running) as ear:
        await post(message("hello"))
        heard = await ear.next("card")
    event = EVENT.validate_python(heard.data)
    assert heard.id == str(heard.data["seq"])
    assert event.type == "card"
    assert event.before is None
    assert [entry.text for entry in event.entries] == ["hello"]


async def test_a_reader_resumes_after_what_it_has(running: Running, post) -> None:
    """By header or by query, a reader gets every later event once, in order, then the new ones."""
    start = running.relay.stream.seq
    for n in range(5):
        await post(message(str(n)))
    await running.settled()
    seen = str(start + 2)
    for how in ({"last": seen}, {"after": seen}):
        async with hearing(running, **how) as ear:
            await post(message("more"))
            await running.settled()
            newest = running.relay.stream.seq
            ids = [int(seen)]
            while ids[-1] < newest:
                heard = await ear.next()
                if heard.id is not None:
                    ids.append(int(heard.id))
        assert ids == list(range(int(seen), newest + 1))


@pytest.mark.parametrize("last", ["999999999", "garbage", "-1", "9" * 30, "1.5", "٣"])
async def test_an_event_we_cannot_resume_after_is_answered(running: Running, last: str) -> None:
    """From the future or from nowhere: the reader is told to start over, and that is all."""
    async with running.client() as client:
        answer = await client.get("/events", params={"after": last}, timeout=5)
    events = [line for line in answer.text.split("\n") if line.startswith("event: ")]
    assert events[-1] == "event: reload"


async def test_an_event_no_longer_kept_is_answered(running: Running, post) -> None:
    """From before retention: told to start over, not silence."""
    for n in range(3):
        await post(message(str(n)))
    await running.settled()
    far = Moment(running.relay.clock.now() + 1)
    await running.relay.stores.sweep(journal_before=far, events_before=far, results_before=far)
    async with hearing(running, after="1") as ear:
        [end] = await ear.rest()
    assert end.kind == "reload"
    assert end.id is None


async def test_events_of_one_slice_are_one_write(
    tmp_path: Path,
) -> None:
    """What happens within some tens of milliseconds goes out together."""
    async with serving(tmp_path, timing={"slice": 0.2}) as running, hearing(running) as ear:
        before = ear.chunks
        seq = running.relay.stream.seq
        for n in range(1, 101):
            running.relay.stream.publish([_event(seq + n)])
        for _ in range(100):
            await ear.next("notice")
        assert ear.chunks - before <= 3


async def test_a_quiet_stream_beats(tmp_path: Path) -> None:
    """With nothing to say the stream shows that it lives, without an id."""
    async with serving(tmp_path, timing={"beat": 0.05}) as running, hearing(running) as ear:
        for _ in range(3):
            heard = await ear.next("beat")
            assert heard.id is None
            assert heard.data["seq"] == running.relay.stream.seq


@pytest.mark.serial
async def test_a_reader_who_stops_reading_hurts_nobody(tmp_path: Path) -> None:
    """With one reader asleep the other hears everything; the sleeper is cut, and the relay's
    memory stays."""
    async with serving(tmp_path, timing={"beat": 0.25, "slice": 0.02}) as running:
        sleeper, sleep = await _asleep(running)
        async with hearing(running, Role.LEAD) as ear:
            first = running.relay.stream.seq
            before = psutil.Process().memory_info().rss
            async with asyncio.timeout(20):
                for start in range(first + 1, first + 1001, 20):
                    seqs = range(start, start + 20)
                    running.relay.stream.publish([_event(n, b"x" * 20_000) for n in seqs])
                    assert [(await ear.next("notice")).id for _ in seqs] == list(map(str, seqs))
                while running.relay.stream.readers > 1:
                    await ear.next()
            assert psutil.Process().memory_info().rss - before < 20 * 1024 * 1024
        sleep.resume_reading()
        sleeper.close()


@pytest.mark.parametrize(("behind", "kind"), [(MOST_BEHIND, "notice"), (MOST_BEHIND + 1, "reload")])
async def test_a_reader_too_far_behind_starts_over(behind: int, kind: str) -> None:
    """E3: so many events wait for a reader and no more; then it is told to reload, and nothing is
    kept for it."""

    async def nothing(*_: int) -> list[StoredEvent]:
        return []

    async def oldest() -> int:
        return 1

    stream = Stream(nothing, oldest, slice_seconds=0)
    with stream.subscribe(None, AgentId("agent"), terminal=False) as reader:
        for seq in range(1, behind + 1):
            stream.publish([_event(seq)])
        first = await anext(aiter(reader))
    assert {event.kind for event in first} == {kind}
    assert len(first) == (behind if kind == "notice" else 1)


async def _asleep(running: Running) -> tuple[asyncio.StreamWriter, asyncio.Transport]:
    """A reader that takes the first bytes of its stream and no more."""
    reader, writer = await asyncio.open_connection(*running.web.api.address)
    token = running.tokens[Role.AGENT]
    asked = f"GET /api/v1/events HTTP/1.1\r\nauthorization: Bearer {token}\r\n\r\n"
    writer.write(asked.encode())
    await reader.readuntil(b"retry: ")
    transport: Any = writer.transport
    transport.pause_reading()
    return writer, transport


async def test_revoking_ends_open_streams(running: Running) -> None:
    """Within five seconds of a revocation the agent's streams are over and the token is dead."""
    async with hearing(running) as ear, hearing(running, Role.LEAD) as other:
        await running.relay.staff.revoke("test", AgentId("agent"))
        async with asyncio.timeout(5):
            ends = await ear.rest()
        assert ends[-1].kind == "reload"
        assert (await other.next("agent")).data["gone"] is True
    async with running.client() as client:
        assert (await client.get("/counts")).status_code == 401
        assert (await client.get("/events")).status_code == 401


async def test_a_new_role_starts_the_screen_over(running: Running) -> None:
    """Whoever's rights changed reads everything anew."""
    async with hearing(running) as ear:
        await running.relay.staff.change("test", AgentId("agent"), AgentChange(Role.VIEWER))
        async with asyncio.timeout(5):
            assert (await ear.rest())[-1].kind == "reload"


async def test_viewers_hear_of_cards_without_words(running: Running, post) -> None:
    """A viewer's stream bears neither text nor phone; the same event has both for an agent."""
    async with hearing(running, Role.VIEWER) as viewer, hearing(running) as agent:
        await post(message("my secret words", sender="966511122233"))
        seen, told = await viewer.next("card"), await agent.next("card")
    assert seen.id == told.id
    assert "966511122233" in json.dumps(told.data)
    assert "my secret words" in json.dumps(told.data)
    assert "966511122233" not in json.dumps(seen.data)
    assert "secret" not in json.dumps(seen.data)
    EVENT.validate_python(seen.data)


async def test_leaving_is_noticed(running: Running) -> None:
    """A reader who goes away is not fed any longer."""
    async with hearing(running):
        assert running.relay.stream.readers == 1
    async with asyncio.timeout(3):
        while running.relay.stream.readers:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


def _event(seq: int, filling: bytes = b"") -> StoredEvent:
    body = b'{"type": "notice", "seq": %d, "code": "%s"}' % (seq, filling)
    return StoredEvent(seq, Moment(0), "notice", None, body)
