"""What a terminal remembers, kept by events alone."""

import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.proof.running import House

from wainbox_relay.contract.events import EVENT
from wainbox_relay.contract.filters import parse, view
from wainbox_relay.contract.views import Card, Page, Snapshot
from wainbox_tui.state import DeskState
from wainbox_tui.window import Window


@dataclass
class Screen:
    """A terminal's memory: a window of the queue and the cards in it, kept by events."""

    home: House
    narrowed: str = ""
    """A filter, where the queue is not wanted whole."""
    state: DeskState = field(default_factory=DeskState)
    window: Window | None = None
    cuts: int = 0
    twice: int = 0
    _read_at: int = 0
    _held: bytes = b""

    @classmethod
    async def opened(cls, home: House, narrowed: str = "") -> "Screen":
        """As a terminal begins."""
        screen = cls(home, narrowed)
        await screen.open()
        return screen

    async def open(self) -> None:
        desk = self.home.desk()
        self.state.begin(Snapshot.model_validate(await desk.get("/snapshot")))
        asked = {"view": "all", "filter": self.narrowed, "limit": 500}
        page = Page.model_validate(await desk.get("/queue", **asked))
        self.window = Window(view("all", parse(self.narrowed)), self.state.viewer)
        self.window.load(page.cards, 0, len(page.cards), more=page.more)
        self._read_at = page.seq
        for card in page.cards:
            self.state.keep(card)

    async def listen(self, dice: random.Random) -> None:
        """Hears the stream until it breaks, somewhere."""
        left = dice.randrange(1, 12_000)
        async for chunk in self._stream():
            self._take(chunk[:left])
            left -= len(chunk)
            if left <= 0:
                self.cuts += 1
                return

    async def catch_up(self) -> None:
        """Hears everything that was stored so far."""
        last = self.home.files.one("SELECT value FROM counters WHERE name = 'seq'")
        async for chunk in self._stream():
            self._take(chunk)
            if self.state.seq >= last:
                return

    async def _stream(self) -> AsyncIterator[bytes]:
        home, self._held = self.home, b""
        headers = {**home.desk().headers, "Last-Event-ID": str(self.state.seq)}
        async with home.http.stream("GET", f"{home.url}/api/v1/events", headers=headers) as answer:
            async for chunk in answer.aiter_raw():
                yield chunk

    def _take(self, chunk: bytes) -> None:
        *whole, self._held = (self._held + chunk).split(b"\n\n")
        for block in whole:
            self.hear(block)

    def hear(self, block: bytes) -> None:
        data = [line[6:] for line in block.split(b"\n") if line.startswith(b"data: ")]
        if not data:
            return
        event = EVENT.validate_python(json.loads(data[0]), strict=False)
        assert event.type != "reload"
        seq = getattr(event, "seq", None)
        if event.type not in ("beat", "notice") and seq is not None:
            self.twice += seq <= self.state.seq
            assert seq <= self.state.seq + 1, "an event was skipped"
        assert self.window is not None
        for move in self.state.apply(event).moves:
            if move.seq > self._read_at:
                self.window.apply(move.conversation, move.before, move.after)

    def shows(self) -> list[Card]:
        assert self.window is not None
        return [self.state.cards[identity] for _, identity in self.window.keys]
