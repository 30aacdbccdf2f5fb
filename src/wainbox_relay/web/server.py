"""The listeners: uvicorn on our loop, with what it lacks below ASGI (`docs/design.md` section 8).

uvicorn waits for ever for a slow sender and for a slow reader. `Patient` cuts both, and counts
connections by address and in all. It leans on uvicorn's insides, so uvicorn is pinned to one minor
version and a contract test names all that is touched.
"""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from wainbox_relay.limits import Crowd, block

LONGEST_HEADER = 64 * 1024
BACKLOG = 1024
LAST_WORDS = 1.0
"""Seconds that a request may still take to arrive once we are stopping."""
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n"
    b"content-length: 0\r\n\r\n"
)


class CannotListen(Exception):
    """The address cannot be had; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection may take, in seconds and bytes. Requests for `slow_paths` are given
    `slow_body` and `most_slow_bytes` in place of `body` and `most_bytes`."""

    header: float = 10
    body: float = 20
    slow_body: float = 300
    slow_paths: tuple[bytes, ...] = ()
    stall: float = 10
    """A reader that takes nothing for so long is cut."""
    most_bytes: int = 64 * 1024 * 1024
    """Of one request as it comes. Its route takes less and says so; a caller who goes on all the
    same is heard out so far, since a connection cut in the middle loses the answer."""
    most_slow_bytes: int = 128 * 1024 * 1024


class Phase(Enum):
    """What a connection owes us."""

    NOTHING = auto()
    HEADER = auto()
    BODY = auto()


class _Nowhere(list[tuple[bytes, bytes]]):
    """Where headers go that come after a body: nobody reads them, and they would fill memory."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        pass


class Config(uvicorn.Config):
    """uvicorn's settings with ours beside them."""

    def __init__(self, app: ASGIApp, bounds: Bounds, crowd: Crowd, **more: Any) -> None:
        super().__init__(
            app,
            http=Patient,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_keep_alive=65,
            **more,
        )
        self.bounds = bounds
        self.crowd = crowd


class Patient(HttpToolsProtocol):
    """One connection. Patient, within bounds."""

    config: Config

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.bounds = config.bounds
        self.crowd = config.crowd
        self.address = ""
        self._inside = False
        self._phase = self._timed = Phase.HEADER
        self._received = 0
        self._most = LONGEST_HEADER
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        super().connection_made(transport)
        self.address = block(self.client[0]) if self.client else ""
        self._inside = self.crowd.enter(self)
        if self._inside:
            self._timer = self.loop.call_later(self.bounds.header, self.cut)
        else:
            transport.write(_FULL)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        for timer in (self._timer, self._stall):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._inside:
            return
        if self._phase is Phase.NOTHING and self._answered:
            self._expect_header()
        self._received += len(data)
        super().data_received(data)
        if self._received > self._most:
            self.cut()
        elif self._phase is not self._timed:
            self._time()

    def on_headers_complete(self) -> None:
        self._phase = Phase.BODY
        self._most = self.bounds.most_slow_bytes if self._slow else self.bounds.most_bytes
        super().on_headers_complete()
        self.headers = _Nowhere()

    def on_message_complete(self) -> None:
        if self._answered:
            # Answered before it was whole: uvicorn has no timer left for what comes next.
            self._expect_header()
        else:
            self._phase = Phase.NOTHING
            self.crowd.busy(self)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self.transport.is_closing():
            self._stall = self.loop.call_later(self.bounds.stall, self.cut)
        elif self._inside and self._phase is Phase.NOTHING:
            self.crowd.idle(self)
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._stall = self.loop.call_later(self.bounds.stall, self.cut)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._stall = self.loop.call_later(self.bounds.stall, self.cut)

    def cut(self) -> None:
        """Ends the connection at once, whatever is under way."""
        self._leave()
        self.transport.abort()

    @property
    def unfinished(self) -> bool:
        """Whether the caller still owes us a part of the request."""
        return self._phase is not Phase.NOTHING

    @property
    def _answered(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _leave(self) -> None:
        if self._inside:
            self._inside = False
            self.crowd.leave(self)

    def _expect_header(self) -> None:
        self._phase = Phase.HEADER
        self._received = 0
        self._most = LONGEST_HEADER

    def _time(self) -> None:
        """Starts the time for what is owed now."""
        self._timed = self._phase
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        match self._phase:
            case Phase.HEADER:
                self._timer = self.loop.call_later(self.bounds.header, self.cut)
            case Phase.BODY:
                seconds = self.bounds.slow_body if self._slow else self.bounds.body
                self._timer = self.loop.call_later(seconds, self.cut)
            case Phase.NOTHING:
                pass

    @property
    def _slow(self) -> bool:
        return bool(self.bounds.slow_paths) and self.url.startswith(self.bounds.slow_paths)


class _Server(uvicorn.Server):
    """uvicorn without its hands on the process's signals: stopping is the relay's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class Listener:
    """One address. `open` it, `run` it in a task, `stop` it."""

    def __init__(self, config: Config, host: str, port: int, key: str) -> None:
        self._config = config
        self._server = _Server(config)
        self._wanted = (host, port)
        self._key = key
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Takes the address; callers may queue from now on. Raises `CannotListen`."""
        host, port = self._wanted
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(address)
            self._socket.listen(BACKLOG)
        except OSError as error:
            self.close()
            raise CannotListen(_why(error, host, port, self._key)) from error

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, with the port that was chosen for port 0."""
        if self._socket is None:
            return self._wanted
        name: Sequence[Any] = self._socket.getsockname()
        return str(name[0]), int(name[1])

    async def run(self) -> None:
        """Serves until `stop`, then finishes what is under way."""
        if self._socket is None:
            self.open()
        try:
            await self._server.serve(sockets=[self._socket] if self._socket else None)
        finally:
            self.close()

    def stop(self) -> None:
        """Takes nobody new. Who has begun a request may end it in a moment; what is whole is
        answered."""
        self._server.should_exit = True
        asyncio.get_running_loop().call_later(LAST_WORDS, self._cut_unfinished)

    def _cut_unfinished(self) -> None:
        for connection in list(self._server.server_state.connections):
            if isinstance(connection, Patient) and connection.unfinished:
                connection.cut()

    def close(self) -> None:
        """Lets go of the address and of every connection, at once."""
        for server in getattr(self._server, "servers", ()):
            server.close()
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        if self._socket is not None:
            self._socket.close()


def _why(error: OSError, host: str, port: int, key: str) -> str:
    where = f"{host}:{port} ({key})"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is in use by another program, perhaps another relay. "
            f"Stop that one, or give {key} another port."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"{where} is not ours to take: ports below 1024 need rights. Give {key} a higher one."
        )
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{where} is no address of this machine. Give {key} one that is, or 127.0.0.1."
    return f"{where} cannot be listened on: {error.strerror}."
