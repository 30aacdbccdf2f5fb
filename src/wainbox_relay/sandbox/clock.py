"""The pretend WhatsApp's own clock: it can be moved ahead, and its waits made shorter."""

import asyncio
import time
from contextlib import suppress


class Clock:
    """Seconds since 1970. `pace` multiplies every wait: 1 is life, 0 is at once."""

    def __init__(self, pace: float = 1.0) -> None:
        self.pace = pace
        self._ahead = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return time.time() + self._ahead  # noqa: TID251 - this is a clock

    def advance(self, seconds: float) -> None:
        """Moves ahead, and wakes whoever was waiting for a moment now past."""
        self._ahead += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    def go_to(self, moment: float) -> None:
        """Stands at any moment, also an earlier one, and goes on from there."""
        self.advance(moment - self.now())

    def come_back(self) -> None:
        """To the real time."""
        self.advance(-self._ahead)

    def due(self, seconds: float) -> float:
        """The moment so long from now, by the pace of now."""
        return self.now() + seconds * self.pace

    async def sleep(self, seconds: float) -> None:
        await self.until(self.due(seconds))

    async def until(self, due: float) -> None:
        while (left := due - self.now()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left)
