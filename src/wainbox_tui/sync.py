"""Keeps the terminal in step with the relay: a first picture, then events, again after a break.

Everything that comes is handed to `hear`; nothing here touches a widget.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wainbox_relay.contract.problems import Code, Refusal
from wainbox_tui.client import Client, Insecure, Strange, Unreachable

if TYPE_CHECKING:
    from wainbox_relay.contract.events import Event
    from wainbox_relay.contract.views import Snapshot

FIRST_WAIT = 0.25
LONGEST_WAIT = 2.0
"""Seconds between two tries at most, half of it more or less: who is back is found within five."""


@dataclass(frozen=True, slots=True)
class Began:
    """A fresh picture; everything on the screen must be read again when `again`."""

    snapshot: "Snapshot"
    again: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """Events, in order."""

    events: "tuple[Event, ...]"


@dataclass(frozen=True, slots=True)
class Lost:
    """No relay; the sentence says why. Tried again by itself unless `final`."""

    sentence: str
    final: bool = False


News = Began | Heard | Lost


class Sync:
    """Runs until cancelled, or until it is clear that trying again is of no use."""

    def __init__(
        self,
        client: Client,
        hear: Callable[[News], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._hear = hear
        self._jitter = jitter
        self._seq: int | None = None
        self._wait = FIRST_WAIT

    async def run(self) -> None:
        while True:
            try:
                await self._begin()
                await self._follow()
                continue
            except Refusal as refusal:
                if refusal.problem.code is not Code.BUSY:
                    self._hear(Lost(refusal.problem.message, final=True))
                    return
                self._hear(Lost(refusal.problem.message))
            except (Insecure, Strange) as hopeless:
                self._hear(Lost(str(hopeless), final=True))
                return
            except Unreachable as unreachable:
                self._hear(Lost(str(unreachable)))
            await asyncio.sleep(self._wait * (0.5 + self._jitter()))
            self._wait = min(self._wait * 2, LONGEST_WAIT)

    async def _begin(self) -> None:
        """A first picture, or nothing when the stream can go on where it broke."""
        if self._seq is None:
            snapshot = await self._client.snapshot()
            self._hear(Began(snapshot, again=False))
            self._seq = snapshot.seq

    async def _follow(self) -> None:
        """Events until the relay asks to start over as at launch. Raises `Unreachable` when the
        stream ends; only what is heard on it shows that the line holds."""
        async for event in self._client.events(self._seq):
            self._wait = FIRST_WAIT
            if event.type == "reload":
                snapshot = await self._client.snapshot()
                self._seq = snapshot.seq
                self._hear(Began(snapshot, again=True))
                return
            seq = getattr(event, "seq", None)
            if event.type != "beat" and seq is not None:
                self._seq = seq
            self._hear(Heard((event,)))
        raise Unreachable("The relay ended the connection.")
