"""Sends signed webhooks at a steady rate, or as fast as they are answered, and measures.

A request's time counts from the moment it was due, so that a relay which stalls cannot hide it.
Loopback only: this is a tool to measure one's own relay, not to flood another's.
"""

import asyncio
import ipaddress
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

PATIENCE = 10.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class NotLoopback(Exception):
    """The target is on another machine; the message says so."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go."""

    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> "Target":
        parts = urlsplit(url)
        if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
            raise NotLoopback(
                f"{url} is not on this machine. The load generator speaks only to"
                " http://127.0.0.1, so that nobody floods another's relay."
            )
        return cls(parts.hostname or "", parts.port or 80, parts.path or "/")


@dataclass(slots=True)
class Report:
    """What was seen. `status` counts answers; 0 stands for a connection that broke."""

    asked: int = 0
    unsent: int = 0
    """Due within the time, and not sent because every connection was waiting."""
    seconds: float = 0.0
    status: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return self.status[200]

    @property
    def rate(self) -> float:
        return self.acknowledged / self.seconds if self.seconds else 0.0

    @property
    def refused(self) -> int:
        return self.asked - self.acknowledged

    def milliseconds(self, share: float) -> float:
        """The time within which so large a share was acknowledged."""
        if not self.times:
            return 0.0
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    def lines(self) -> list[str]:
        shares = [f"p{share} {self.milliseconds(share / 100):.1f} ms" for share in (50, 95, 99)]
        took = f"{self.acknowledged} of {self.asked} in {self.seconds:.1f} s"
        return [
            f"acknowledged {took}: {self.rate:.0f} a second",
            f"{', '.join(shares)}, worst {self.milliseconds(1):.1f} ms",
            f"not 200: {self.refused} ({self._others() or 'none'}); not sent: {self.unsent}",
        ]

    def _others(self) -> str:
        others = sorted(self.status.items())
        return ", ".join(f"{code or 'lost'}: {n}" for code, n in others if code != 200)


async def run(
    requests: Iterator[bytes],
    target: Target,
    *,
    connections: int = 64,
    rate: float | None = None,
    seconds: float = 60.0,
    count: int | None = None,
) -> Report:
    """Sends until the time is over or `count` were sent. No rate: each connection flat out."""
    load = _Load(requests, target, rate, seconds, count)
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(load.work())
    return load.finished()


class _Load:
    """Connections that take turns; the turn says when its request is due."""

    def __init__(
        self,
        requests: Iterator[bytes],
        target: Target,
        rate: float | None,
        seconds: float,
        count: int | None,
    ) -> None:
        self._requests = requests
        self._target = target
        self._rate = rate
        self._now = time.perf_counter
        self._start = self._now()
        self._end = self._start + seconds
        self._most = int(rate * seconds) if rate else None
        if count is not None:
            self._most = min(count, self._most or count)
        self._report = Report()

    async def work(self) -> None:
        connection: _Connection | None = None
        while (due := await self._turn()) is not None:
            if connection is None or connection.closed:
                connection = await self._connect()
            status = await connection.ask(next(self._requests)) if connection else 0
            self._report.status[status] += 1
            if status == 200:
                self._report.times.append(self._now() - due)
        if connection:
            connection.close()

    async def _turn(self) -> float | None:
        """When the next request is due, once it is; None when it is over."""
        number = self._report.asked
        if number == self._most or self._now() >= self._end:
            return None
        self._report.asked += 1
        if self._rate is None:
            return self._now()
        due = self._start + number / self._rate
        if (left := due - self._now()) > 0:
            await asyncio.sleep(left)
        return due

    async def _connect(self) -> "_Connection | None":
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(
                _Connection, self._target.host, self._target.port
            )
        except OSError:
            await asyncio.sleep(0.05)
            return None
        return connection

    def finished(self) -> Report:
        self._report.seconds = self._now() - self._start
        if self._rate and self._most is not None:
            self._report.unsent = self._most - self._report.asked
        return self._report


class _Connection(asyncio.Protocol):
    """One request at a time on a connection that is kept."""

    def __init__(self) -> None:
        self.closed = False
        self._heard = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    async def ask(self, request: bytes) -> int:
        """The answer's status; 0 where none came."""
        if self._transport is None:
            return 0
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        late = loop.call_later(PATIENCE, self.close)
        self._transport.write(request)
        status = await self._answer
        late.cancel()
        return status

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if found and len(body) >= (int(length[1]) if length else 0):
            self._heard = b""
            self._settle(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._settle(0)

    def close(self) -> None:
        self.closed = True
        if self._transport:
            self._transport.abort()

    def _settle(self, status: int) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(status)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
