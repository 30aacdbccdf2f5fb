"""U1 and U2: what was typed survives a kill and a relay that comes and goes; the screen says so."""

import asyncio
import os
import random
import signal
from pathlib import Path
from time import monotonic

import pytest
from tests.journeys.terminal import Terminal, opened
from tests.proof.running import House

from wainbox_tui.drafts import Drafts

pytestmark = pytest.mark.journey
TEXT = "Bonjour Sara, votre commande est partie ce matin, le livreur arrive demain."


async def _customers(home: House, *names: str) -> None:
    for name in names:
        await home.box.newcomer(name.lower(), name).writes(f"hello from {name}")
    await home.box.settled()
    await home.read()


async def _writes_in(terminal: Terminal, place: int) -> None:
    """Opens the n-th conversation of the queue and its reply."""
    await terminal.press("home", *"j" * place, "enter", "r")
    await terminal.until("esc back")


async def _typed_until_killed(terminal: Terminal, seconds: float) -> tuple[str, str]:
    """Types at 25 keys a second; what was typed, and what was typed a second before the kill."""
    began, times = monotonic(), []
    for letter in TEXT:
        if monotonic() - began > seconds:
            break
        terminal.types(letter)
        times.append(monotonic())
        await asyncio.sleep(0.04)
    died = monotonic()
    await terminal.end(signal.SIGKILL)
    safe = sum(1 for at in times if at < died - 1)
    return TEXT[: len(times)], TEXT[:safe]


@pytest.mark.parametrize(
    "kills", [5, pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
async def test_at_most_the_last_second_is_lost(home: House, tmp_path: Path, kills: int):
    """U1: killed while typing, the draft on the disk lacks at most what was typed within the last
    second; the next start shows it, and the first Enter does not send it."""
    await _customers(home, "Sara")
    folder = tmp_path / "nadia"
    for _ in range(kills):
        async with opened(home.url, home.tokens["nadia"], folder) as terminal:
            await terminal.until("hello from")
            await _writes_in(terminal, 0)
            await terminal.press("ctrl+e", "ctrl+u")
            typed, safe = await _typed_until_killed(terminal, random.uniform(0.3, 2.2))
        kept = Drafts(folder / "state", home.url).get("W-1")
        text = kept.text if kept else ""
        assert typed.startswith(text)
        assert text.startswith(safe)
    async with opened(home.url, home.tokens["nadia"], folder) as terminal:
        await terminal.until("✎ draft")
        await _writes_in(terminal, 0)
        await asyncio.sleep(0.45)
        await terminal.press("enter")
        await terminal.until("enter again sends this draft")
    assert not home.box.accepted


@pytest.mark.serial
@pytest.mark.parametrize(
    "times", [5, pytest.param(20, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
async def test_drafts_outlive_the_relay(home: House, tmp_path: Path, times: int):
    """U2: the relay goes so many times and comes back; the banner is there within 3 s, the way back
    within 5 s, and all drafts are as they were."""
    await _customers(home, "Sara", "Omar", "Lina")
    async with opened(home.url, home.tokens["nadia"], tmp_path / "nadia") as terminal:
        await terminal.until("hello from Lina")
        for place in range(3):
            await _writes_in(terminal, place)
            terminal.types(f"draft number {place}")
            await terminal.until(f"draft number {place}")
            await terminal.press("esc", "esc")
        before = dict(Drafts(tmp_path / "nadia" / "state", home.url).all())
        assert len(before) == 3
        for turn in range(times):
            await (home.kill() if turn % 2 else home.stop())
            await terminal.until("offline", within=3)
            await home.start()
            await terminal.without("offline", within=5)
            await terminal.until("live", within=1)
        await _writes_in(terminal, 1)
        await terminal.until("draft number 1")
        terminal.types(" goes on")
        await terminal.until("goes on")
        await terminal.end(signal.SIGTERM)
    after = Drafts(tmp_path / "nadia" / "state", home.url).all()
    assert {ref: draft.text for ref, draft in after.items()} == {
        ref: draft.text + " goes on" * draft.text.endswith("1") for ref, draft in before.items()
    }


@pytest.mark.serial
async def test_a_silent_relay_is_noticed(home: House, tmp_path: Path):
    """A connection that stays open and says nothing is told as dead within 15 seconds."""
    async with opened(home.url, home.tokens["nadia"], tmp_path / "nadia") as terminal:
        await terminal.until("live")
        os.kill(home.pid, signal.SIGSTOP)
        await terminal.until("offline", within=15)
        os.kill(home.pid, signal.SIGCONT)
        await terminal.until("live")
