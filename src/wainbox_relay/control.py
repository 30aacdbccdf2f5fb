"""One process at a time writes a data folder; everybody else asks it, over a socket in that folder.

A request is one line of JSON, `{"do": "agent add", "name": "Nadia"}`, and so is its answer. The
socket belongs to the relay's own user, and the kernel says who is calling.
"""

import asyncio
import fcntl
import inspect
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog

from wainbox_relay.contract.problems import Code, Problem, Refusal, refuse

log = structlog.get_logger()

LONGEST_REQUEST = 1024 * 1024
PEER = struct.Struct("3i")
"""Linux's answer to SO_PEERCRED: process, user, group."""

Answer = dict[str, Any]
Handler = Callable[..., Awaitable[Answer]]


class AlreadyRunning(Exception):
    """Another process writes this data folder."""


class NotRunning(Exception):
    """No relay listens in this data folder."""


class Unfinished(Exception):
    """The relay could not do it; its log says why."""


@contextmanager
def hold(lock: Path) -> Iterator[None]:
    """Makes this process the data folder's one writer. Raises `AlreadyRunning`."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(descriptor, 20).decode("ascii", "replace").strip()
            raise AlreadyRunning(
                f"Another relay (process {pid or 'unknown'}) already uses {lock.parent}. "
                "Stop it first, or give this one a folder of its own (relay.data_dir)."
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


class ControlServer:
    """Answers administrative requests. Open it (`async with`) while holding the lock."""

    def __init__(self, path: Path, handlers: Mapping[str, Handler]) -> None:
        self._path = path
        self._handlers = handlers

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Takes requests for as long as the context lasts."""
        self._path.unlink(missing_ok=True)
        with _address(self._path) as address:
            door = _private_socket(address)
        server = await asyncio.start_unix_server(self._serve, sock=door, limit=LONGEST_REQUEST)
        try:
            yield
        finally:
            server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _caller(writer) in (os.geteuid(), 0):
                answer = await self._answer(await reader.readline())
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            # The caller went away, or wrote more than a request holds.
            log.info("control_caller_lost", error=type(error).__name__)
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Answer:
        try:
            return {"done": await self._do(line)}
        except Refusal as refusal:
            return {"problem": refusal.problem.model_dump(mode="json")}
        except Exception as error:  # the caller is told, and the relay lives on
            log.exception("control_failed")
            return {"unfinished": type(error).__name__}

    async def _do(self, line: bytes) -> Answer:
        try:
            args: dict[str, Any] = json.loads(line)
            do = args.pop("do")
        except (ValueError, TypeError, AttributeError, KeyError):
            raise refuse(Code.INVALID, "A request is one line of JSON, with `do`.") from None
        handler = self._handlers.get(str(do))
        if handler is None:
            raise refuse(Code.INVALID, f"A request can be: {', '.join(sorted(self._handlers))}.")
        try:
            inspect.signature(handler).bind(**args)
        except TypeError as error:
            raise refuse(Code.INVALID, f"The request does not fit: {error}.") from None
        return await handler(**args)


def ask(path: Path, do: str, /, **args: object) -> Answer:
    """Has the running relay do something, and waits. Raises `NotRunning`, `Refusal` or
    `Unfinished`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            with _address(path) as address:
                line.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NotRunning(f"No relay is running in {path.parent}.") from None
        except PermissionError:
            raise refuse(
                Code.NOT_ALLOWED,
                f"The relay in {path.parent} is another user's; run this as that user, or as root.",
            ) from None
        with line.makefile("rwb") as stream:
            stream.write(json.dumps({"do": do, **args}).encode() + b"\n")
            stream.flush()
            return _read(stream.readline())


def _read(line: bytes) -> Answer:
    answer: Answer = json.loads(line) if line else {"unfinished": "it stopped"}
    if "problem" in answer:
        raise Refusal(Problem.model_validate(answer["problem"]))
    if "unfinished" in answer:
        raise Unfinished(f"The relay could not finish this ({answer['unfinished']}); see its log.")
    done: Answer = answer["done"]
    return done


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """A short name for the socket: the kernel takes at most 107 bytes, a folder may have more."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _private_socket(address: str) -> socket.socket:
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        door.bind(address)
    finally:
        os.umask(before)
    return door


def _caller(writer: asyncio.StreamWriter) -> int:
    """The user id of whoever is calling."""
    line: socket.socket = writer.get_extra_info("socket")
    _, user, _ = PEER.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))
    return int(user)
