"""uvicorn on loopback, in the loop of whoever asks, with a way to break a connection in mid-air."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

_TRANSPORT = "wainbox.transport"
_LINGER_NOT = struct.pack("ii", 1, 0)


class _Wire(HttpToolsProtocol):
    """A connection whose requests can reach their own transport."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        wider: dict[str, Any] = self.scope  # type: ignore[assignment]  # ASGI lets servers add keys
        wider[_TRANSPORT] = self.transport


def reset(scope: Scope) -> None:
    """Breaks the request's connection: the other side reads "connection reset by peer"."""
    transport: asyncio.Transport = scope[_TRANSPORT]
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


@asynccontextmanager
async def serving(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serves until the block ends, then breaks off what is left. Gives the address."""
    config = Config(app, lifespan="off", access_log=False, log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Wire(config=config, server_state=state, app_state={}), host, port
    )
    try:
        yield f"http://{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for connection in list(state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for task in state.tasks:
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
