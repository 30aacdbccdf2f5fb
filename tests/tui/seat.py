"""An agent before the open app: presses keys, reads the screen. The relay is another process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.proof.running import House
from textual.events import Key, Paste
from textual.pilot import Pilot

from wainbox_relay.sandbox.customers import Customer
from wainbox_tui.app import WainboxApp
from wainbox_tui.config import Config
from wainbox_tui.text.line import Mode

PATIENCE = 10.0
DEAF = 0.45
"""Seconds after which an Enter counts in a composer that has just got the keys."""


class Seat:
    def __init__(self, home: House, app: WainboxApp, pilot: Pilot[Any]) -> None:
        self.home = home
        self.app = app
        self._pilot = pilot

    # -- hands

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def bursts(self, *keys: str) -> None:
        """Keys that arrive in one piece, as a slow line brings them."""
        names = {"/": "slash", " ": "space"}
        for key in keys:
            character = "\r" if key == "enter" else key if len(key) == 1 else None
            self.app.post_message(Key(names.get(key, key), character))
        await self._pilot.pause()

    async def types(self, text: str) -> None:
        await self.press(*text)

    async def pastes(self, text: str) -> None:
        focused = self.app.screen.focused
        assert focused is not None
        focused.post_message(Paste(text))
        await self._pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        await self._pilot.resize_terminal(width, height)

    async def writes(self, text: str) -> None:
        """Types at leisure into the composer and sends."""
        await self.until("esc back")
        await self.types(text)
        await asyncio.sleep(DEAF)
        await self.press("enter")

    async def after_enter(self) -> None:
        """The composer is deaf to a second Enter for a moment."""
        await asyncio.sleep(0.75)

    async def command(self, line: str) -> None:
        """`:claim`, as one would type it."""
        await self.press("colon")
        await self.until("palette")
        await self.types(line)
        await self.press("enter")

    # -- eyes

    @property
    def screen(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def shows(self, text: str) -> bool:
        """Also where a line was broken."""
        return text in self.screen or " ".join(text.split()) in " ".join(self.screen.split())

    async def until(self, wanted: str | Callable[[], Any], within: float = PATIENCE) -> None:
        holds = (lambda: self.shows(wanted)) if isinstance(wanted, str) else wanted
        try:
            async with asyncio.timeout(within):
                while not holds():  # noqa: ASYNC110 - painting rings no bell
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"never came: {wanted!r}\n{self.screen}") from None

    async def without(self, text: str, within: float = PATIENCE) -> None:
        await self.until(lambda: not self.shows(text), within)

    # -- the world around

    async def customer(self, name: str, *said: str) -> Customer:
        """Somebody new, who has written."""
        who = self.home.box.newcomer(name.lower(), name)
        for words in said:
            await who.writes(words)
        await self.home.box.settled()
        await self.home.read()
        return who

    async def reads(self, name: str, *said: str) -> Customer:
        """Somebody new has written, and their conversation is open here."""
        who = await self.customer(name, *(said or (f"hello from {name}",)))
        await self.until(name)
        await self.command(f"goto {self.home.files.one('SELECT max(ref) FROM conversations')}")
        await self.until("Reply")
        return who


@asynccontextmanager
async def seated(
    home: House,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str = "nadia",
    size: tuple[int, int] = (120, 40),
    **config: Any,
) -> AsyncIterator[Seat]:
    """The app, live; left afterwards. Arabic stays in the order it is read, unless asked."""
    monkeypatch.setenv("WAINBOX_TOKEN", home.tokens[name])
    wanted = Config(**({"url": home.url, "bidi": Mode.TERMINAL} | config))
    app = WainboxApp(wanted, folder / name)
    async with app.run_test(size=size) as pilot:
        seat = Seat(home, app, pilot)
        await seat.until(lambda: app.live)
        yield seat
