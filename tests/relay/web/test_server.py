"""Row W8 and what else is looked after below ASGI: slow senders, crowds, addresses, stopping."""

import asyncio
import contextlib
import inspect
import socket
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tests.relay.web.running import message, serving, signed
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from wainbox_relay.limits import Crowd
from wainbox_relay.web.server import Bounds, CannotListen, Config, Listener


async def _ok(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def listening(
    app: Any = _ok, crowd: Crowd | None = None, **bounds: Any
) -> AsyncIterator[Listener]:
    config = Config(app, Bounds(**bounds), crowd or Crowd(1000, 1000), timeout_graceful_shutdown=1)
    listener = Listener(config, "127.0.0.1", 0, "api.listen")
    listener.open()
    async with asyncio.TaskGroup() as group:
        group.create_task(listener.run())
        try:
            yield listener
        finally:
            listener.stop()


class Caller:
    """A connection that writes as slowly as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.began = time.monotonic()

    async def drip(self, first: bytes, every: float) -> float:
        """Writes byte by byte until cut; says after how many seconds that was."""
        self.writer.write(first)
        while not await self.gone(every):
            self.writer.write(b"a")
        return time.monotonic() - self.began

    async def ask(self, path: str = "/") -> bytes:
        self.writer.write(f"GET {path} HTTP/1.1\r\nhost: relay\r\n\r\n".encode())
        return await self.reader.readuntil(b"ok")

    async def gone(self, within: float = 3) -> bool:
        """Whether the other side ends the connection in time."""
        try:
            async with asyncio.timeout(within):
                await self.reader.read()
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


Call = Callable[[tuple[str, int]], Awaitable[Caller]]


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """Opens connections, and closes them in the end."""
    callers: list[Caller] = []

    async def call(address: tuple[str, int]) -> Caller:
        callers.append(Caller(*await asyncio.open_connection(*address)))
        return callers[-1]

    yield call
    for caller in callers:
        await caller.close()


@pytest.mark.serial
async def test_slow_senders_are_cut_and_hold_nobody_up(tmp_path: Path, call: Call) -> None:
    """With 300 callers dripping half of it in the header, half in the body, webhooks are answered
    quickly (p99 within 500 ms), and every dripper is cut in its time."""
    timing = {"header": 1.0, "body": 2.0}
    limits = {"address_connections": 1000}
    async with serving(tmp_path, timing=timing, limits=limits) as running:
        address = running.web.webhook.address
        callers = [await call(address) for _ in range(300)]
        header = b"POST /webhooks/whatsapp HTTP/1.1\r\nhost: relay\r\nx-a: "
        body = b"POST /webhooks/whatsapp HTTP/1.1\r\nhost: relay\r\ncontent-length: 9999\r\n\r\n"
        async with asyncio.TaskGroup() as group:
            drips = [
                group.create_task(caller.drip(header if n % 2 else body, 0.1))
                for n, caller in enumerate(callers)
            ]
            took = await _answer_times(running.hook, 100)
        for n, drip in enumerate(drips):
            longest = timing["header"] * 1.5 if n % 2 else timing["body"] * 1.5
            assert drip.result() <= longest
        assert statistics.quantiles(took, n=100)[98] <= 0.5


async def _answer_times(hook: str, count: int) -> list[float]:
    took = []
    async with httpx.AsyncClient() as client:
        for _ in range(count):
            body = message()
            began = time.monotonic()
            assert (await client.post(hook, content=body, headers=signed(body))).status_code == 200
            took.append(time.monotonic() - began)
    return took


async def test_a_caller_who_says_nothing_is_cut(call: Call) -> None:
    """A connection without a byte ends after the time for a header."""
    async with listening(header=0.1) as listener:
        assert await (await call(listener.address)).gone()


async def test_a_second_request_must_not_drip_either(call: Call) -> None:
    """The time for a header counts for each request of a connection, blank lines included."""
    async with listening(header=0.15) as listener:
        for first in (b"G", b"\r\n"):
            caller = await call(listener.address)
            await caller.ask()
            await asyncio.sleep(0.3)
            await caller.ask()
            began = time.monotonic()
            await caller.drip(first, 0.03)
            assert time.monotonic() - began < 1


async def test_an_outsized_header_is_cut(call: Call) -> None:
    """A header of more than 64 KiB ends the connection before it is whole."""
    async with listening() as listener:
        caller = await call(listener.address)
        caller.writer.write(b"GET / HTTP/1.1\r\nx-a: " + b"a" * 300_000)
        assert await caller.gone()


async def test_slow_paths_have_longer(call: Call) -> None:
    """Uploads are given more time than webhooks."""
    async with listening(body=0.1, slow_body=5, slow_paths=(b"/up",)) as listener:
        slow, quick = await call(listener.address), await call(listener.address)
        for caller, path in ((slow, b"/up"), (quick, b"/hook")):
            caller.writer.write(b"POST " + path + b" HTTP/1.1\r\ncontent-length: 3\r\n\r\nab")
        assert await quick.gone()
        slow.writer.write(b"c")
        assert b"200 OK" in await slow.reader.readuntil(b"ok")


async def test_an_early_answer_leaves_no_connection_behind(call: Call) -> None:
    """A caller answered before its body was whole gets no longer to say the rest than others."""

    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    async with listening(refuse, header=0.1, body=5) as listener:
        caller = await call(listener.address)
        caller.writer.write(b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\na")
        await caller.reader.readuntil(b"ok")
        caller.writer.write(b"bc")
        assert await caller.gone()


async def test_a_reader_who_stops_reading_is_cut(call: Call) -> None:
    """An answer nobody takes does not hold its connection."""
    cut = asyncio.Event()

    async def pour(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        async with asyncio.TaskGroup() as group:
            flow = group.create_task(_pour(send))
            while (await receive())["type"] != "http.disconnect":
                pass
            flow.cancel()
        cut.set()

    async with listening(pour, stall=0.2) as listener:
        caller = await call(listener.address)
        caller.writer.transport.pause_reading()  # type: ignore[attr-defined]
        caller.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(5):
            await cut.wait()


async def _pour(send: Any) -> None:
    while True:
        await send({"type": "http.response.body", "body": b"a" * 65536, "more_body": True})


async def test_a_full_house_turns_out_who_waits_longest(call: Call) -> None:
    """At the limit a newcomer takes the place of the one who has kept us waiting longest; where
    all are being served it is asked to come back."""
    inside, release = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/stay":
            inside.set()
            await release.wait()
        await _ok(scope, receive, send)

    crowd = Crowd(2, 1000)
    async with listening(app, crowd) as listener:
        staying = await call(listener.address)
        staying.writer.write(b"GET /stay HTTP/1.1\r\n\r\n")
        await inside.wait()
        silent = await call(listener.address)
        third = await call(listener.address)
        assert await third.ask()
        assert await silent.gone()
        assert crowd.size == 2
        inside.clear()
        third.writer.write(b"GET /stay HTTP/1.1\r\n\r\n")
        await inside.wait()
        fourth = await call(listener.address)
        assert (await fourth.reader.read()).startswith(b"HTTP/1.1 503")
        release.set()
        assert b"200 OK" in await staying.reader.readuntil(b"ok")


async def test_one_address_cannot_take_the_whole_house(call: Call) -> None:
    """Beyond its share an address pushes out its own; a trusted proxy has no share."""
    own = Crowd(1000, 1)
    async with listening(crowd=own) as listener:
        first = await call(listener.address)
        second = await call(listener.address)
        assert await second.ask()
        assert await first.gone()
    proxied = Crowd(1000, 1, ["127.0.0.1"])
    async with listening(crowd=proxied) as listener:
        callers = [await call(listener.address) for _ in range(5)]
        for caller in callers:
            await caller.ask()
        assert proxied.size == 5


async def test_connections_are_forgotten_when_they_end(call: Call) -> None:
    """The count of a listener follows its connections."""
    crowd = Crowd(1000, 1000)
    async with listening(crowd=crowd) as listener:
        callers = [await call(listener.address) for _ in range(5)]
        for caller in callers:
            await caller.ask()
        assert crowd.size == 5
        for caller in callers:
            await caller.close()
        async with asyncio.timeout(3):
            while crowd.size:  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(0.01)


async def test_a_taken_port_is_a_sentence() -> None:
    """Who cannot listen says where, why and what to do."""
    async with listening() as listener:
        host, port = listener.address
        config = Config(_ok, Bounds(), Crowd(1, 1))
        with pytest.raises(CannotListen, match=r"is in use by another program.*another port"):
            Listener(config, host, port, "api.listen").open()
        with pytest.raises(CannotListen, match=r"webhook\.listen\) is no address of this machine"):
            Listener(config, "192.0.2.1", 0, "webhook.listen").open()


async def test_port_zero_says_which_port_was_chosen(call: Call) -> None:
    """Listening on port 0 takes any free port and tells it."""
    async with listening() as listener:
        host, port = listener.address
        assert host == "127.0.0.1"
        assert port > 0
        assert await (await call((host, port))).ask()


async def test_callers_may_queue_before_the_server_runs() -> None:
    """An open listener loses nobody who comes before it serves."""
    listener = Listener(Config(_ok, Bounds(), Crowd(9, 9)), "127.0.0.1", 0, "api.listen")
    listener.open()
    with socket.create_connection(listener.address) as early:
        early.sendall(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.TaskGroup() as group:
            group.create_task(listener.run())
            reply = await asyncio.to_thread(early.recv, 1000)
            listener.stop()
    assert reply.startswith(b"HTTP/1.1 200")


async def test_stopping_ends_open_streams_in_time(tmp_path: Path, call: Call) -> None:
    """With streams open, one of them unread, the relay stops within its five seconds."""
    async with serving(tmp_path) as running, running.client() as client:  # noqa: SIM117 - length
        async with client.stream("GET", "/events") as stream:
            assert stream.status_code == 200
            chunks = stream.aiter_raw()
            assert b"retry: " in await anext(chunks)
            other = await call(running.web.api.address)
            other.writer.write(
                b"GET /api/v1/events HTTP/1.1\r\nauthorization: Bearer "
                + client.headers["authorization"].split()[1].encode()
                + b"\r\n\r\n"
            )
            await other.reader.readuntil(b"retry: ")
            began = time.monotonic()
            running.web.stop()
            assert [chunk async for chunk in chunks] == []
            await running.served
            assert time.monotonic() - began < 5


def test_what_we_touch_in_uvicorn() -> None:
    """The parts of uvicorn we lean on are there, in the shape we know. A new minor version that
    fails here needs `web/server.py` read against it."""
    assert uvicorn.__version__.startswith("0.54.")
    overridden = {
        "__init__": ["self", "config", "server_state", "app_state", "_loop"],
        "connection_made": ["self", "transport"],
        "connection_lost": ["self", "exc"],
        "data_received": ["self", "data"],
        "on_header": ["self", "name", "value"],
        "on_headers_complete": ["self"],
        "on_message_complete": ["self"],
        "on_response_complete": ["self"],
        "pause_writing": ["self"],
        "resume_writing": ["self"],
        "timeout_keep_alive_handler": ["self"],
    }
    for name, parameters in overridden.items():
        found = inspect.signature(getattr(HttpToolsProtocol, name))
        assert list(found.parameters) == parameters, name
    source = inspect.getsource(HttpToolsProtocol)
    for attribute in ("self.transport", "self.client", "self.cycle", "self.loop", "self.url"):
        assert attribute in source
    assert "response_complete" in inspect.getsource(RequestResponseCycle)
    server = uvicorn.Server(uvicorn.Config(_ok, log_config=None))
    assert server.should_exit is False
    assert server.server_state.connections == set()
    assert list(inspect.signature(server.serve).parameters) == ["sockets"]
    assert "with self.capture_signals()" in inspect.getsource(uvicorn.Server.serve)
    assert "self.servers" in inspect.getsource(uvicorn.Server.startup)
