"""Calls the relay back: signs, delivers, tries again. Vendor's page: "Create a webhook endpoint".

Until it is told otherwise it delivers one at a time, in order and once. Real webhooks are late,
repeated, reordered and batched: so are these on request.
"""

import asyncio
import hashlib
import hmac
import json
import random
import secrets
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from wainbox_relay.sandbox.clock import Clock
from wainbox_relay.sandbox.crew import Spawn
from wainbox_relay.sandbox.shapes import Change, envelope

_GATHERING = 0.02
_REMEMBERED = 10_000


@dataclass(slots=True)
class Manner:
    """How webhooks come."""

    late: float = 0.0
    repeat: int = 1
    reorder: int = 1
    """So many are gathered and shuffled."""
    batch: int = 1
    """So many changes share a body."""
    tries: int = 8
    backoff: float = 1.0
    """Seconds before the second try; doubles."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST and its answer; status 0 where none came."""

    status: int
    changes: int
    attempt: int


def encode(body: Any) -> bytes:
    """JSON as Meta writes it: beyond ASCII escaped, slashes escaped, no spaces."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def sign(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Courier:
    """Brings changes to the callback URL until it answers 200, a bounded number of times."""

    def __init__(self, url: str, secret: str, clock: Clock, spawn: Spawn, at_once: int) -> None:
        self.url = url
        self.secret = secret
        self.manner = Manner()
        self.deliveries: deque[Delivery] = deque(maxlen=_REMEMBERED)
        self.given_up: list[Change] = []
        self.on_news: Callable[[], None] = lambda: None
        self.aside: Callable[[Change], None] | None = None
        """Takes changes in place of the callback URL."""
        self._clock = clock
        self._spawn = spawn
        self._waiting: asyncio.Queue[Change] = asyncio.Queue()
        self._hands = asyncio.Semaphore(at_once)
        self._open = 0
        # The relay is beside us and speaks plain HTTP: no authorities need to be read in.
        no_authorities = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http = httpx.AsyncClient(timeout=10, trust_env=False, verify=no_authorities)
        self._shuffle = random.Random(0).shuffle  # noqa: S311 - the same disorder every time

    @property
    def idle(self) -> bool:
        """Whether every change was delivered or given up."""
        return self._open == 0

    def post(self, change: Change) -> None:
        if self.aside is not None:
            self.aside(change)
            return
        for _ in range(self.manner.repeat):
            self._open += 1
            if self.manner.late:
                self._spawn(self._post_late(change, self._clock.due(self.manner.late)))
            else:
                self._waiting.put_nowait(change)

    async def _post_late(self, change: Change, due: float) -> None:
        await self._clock.until(due)
        self._waiting.put_nowait(change)

    async def run(self) -> None:
        """Delivers what is posted, for ever."""
        async with self._http:
            while True:
                gathered = await self._gather()
                for start in range(0, len(gathered), self.manner.batch):
                    await self._hands.acquire()
                    self._spawn(self._deliver(gathered[start : start + self.manner.batch]))

    async def _gather(self) -> list[Change]:
        gathered = [await self._waiting.get()]
        wanted = max(self.manner.reorder, self.manner.batch)
        if wanted > 1:
            await asyncio.sleep(_GATHERING)
        while len(gathered) < wanted and not self._waiting.empty():
            gathered.append(self._waiting.get_nowait())
        if self.manner.reorder > 1:
            self._shuffle(gathered)
        return gathered

    async def _deliver(self, changes: list[Change]) -> None:
        """Holds a hand while it speaks, and lets go of it while it waits to try again."""
        body = encode(envelope(changes))
        for attempt in range(1, self.manner.tries + 1):
            status = await self._try(body)
            self._hands.release()
            self.deliveries.append(Delivery(status, len(changes), attempt))
            self.on_news()
            if status == 200:
                break
            await self._clock.sleep(self.manner.backoff * 2 ** (attempt - 1))
            await self._hands.acquire()
        else:
            self._hands.release()
            self.given_up += changes
        self._open -= len(changes)
        self.on_news()

    async def _try(self, body: bytes) -> int:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": sign(self.secret, body),
        }
        try:
            return (await self._http.post(self.url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return 0

    async def handshake(self, verify_token: str) -> bool:
        """Asks the callback URL to prove itself, as the App Dashboard does on saving it."""
        challenge = str(secrets.randbelow(10**9))
        asked = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": verify_token,
        }
        answer = await self._http.get(self.url, params=asked)
        return answer.status_code == 200 and answer.text == challenge
