"""The whole way in true terminals: a customer writes, colleagues see it, one answers, it ends."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.journeys.terminal import PATIENCE, Terminal, opened
from tests.proof.running import House

from wainbox_relay.sandbox.box import Sandbox

NAME = "سارة العلي"
ASKED = "متى يصل الطلب؟"
ANSWER = "وعليكم السلام سارة"


@pytest.mark.journey
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
async def test_a_message_is_answered_in_front_of_a_colleague(
    home: House, tmp_path: Path, size: tuple[int, int]
):
    """Two terminals, one relay: a message comes, both see it, one claims and the other is told,
    replies in Arabic and French go out, ticks come back, and it ends resolved, and undone. All of
    that is done without pydantic, which no terminal needs to load."""
    box = home.box
    box.delays.sent, box.delays.delivered, box.delays.read = 700, 700, 700
    sara = box.newcomer("sara-a", NAME, "+212 612345678")
    async with (
        opened(home.url, home.tokens["nadia"], tmp_path / "nadia", size) as nadia,
        opened(home.url, home.tokens["samir"], tmp_path / "samir", size) as samir,
    ):
        await asyncio.gather(nadia.until("live"), samir.until("live"))
        asked = await sara.writes(ASKED)
        await asyncio.gather(nadia.until(NAME), samir.until(NAME))
        await _one_claims_and_the_other_is_told(nadia, samir)

        await nadia.press("r")
        await _sends(nadia, ANSWER)
        for tick in ("✓ sent", "✓✓ delivered", "✓✓ read"):
            await nadia.until(tick)
        assert sara.received[-1].text == ANSWER
        await samir.until(ANSWER)

        await nadia.press("esc", "k", "k", "r")
        await _sends(nadia, "Le livreur arrive demain.")
        await _reaches(lambda: len(sara.received) == 2, box, nadia)
        assert sara.received[-1].body["context"] == {"message_id": asked}

        await nadia.press("esc", "k", "k", "k", "p")
        await nadia.until("palette")
        nadia.types("react\r")
        await nadia.until("👍")
        await nadia.press("enter")
        await _reaches(lambda: sara.received[-1].kind == "reaction", box, nadia)

        await nadia.press("m")
        await nadia.until("only the team sees this")
        await _sends(nadia, "Courier confirmed.")
        await samir.until("Courier confirmed.")
        assert len(sara.received) == 3

        await nadia.press("esc", "s")
        await nadia.until("d resolved")
        await nadia.press("d")
        await samir.until("resolved by Nadia")
        await nadia.press("u")
        await samir.until("taken back by Nadia")
        for libraries in (nadia.libraries, samir.libraries):
            assert "_ssl" in libraries
            assert "pydantic" not in libraries


async def _one_claims_and_the_other_is_told(nadia: Terminal, samir: Terminal) -> None:
    await samir.press("enter")
    await samir.until("Reply")
    await nadia.press("enter")
    await nadia.until("Samir is reading")
    await nadia.press("c")
    await asyncio.gather(nadia.until("taken by Nadia"), samir.until("taken by Nadia"))
    await samir.press("c")
    await samir.until(lambda: "press c again" in " ".join(samir.screen.split()))


async def _reaches(holds: Callable[[], object], box: Sandbox, sender: Terminal) -> None:
    """Waits until WhatsApp has it; else what the sender saw says why not."""
    try:
        await box.until(holds, PATIENCE)
    except TimeoutError:
        raise AssertionError(f"it never reached WhatsApp\n{sender.screen}") from None


async def _sends(terminal: Terminal, words: str) -> None:
    """Types at leisure: Enter counts only some time after the composer got the keys."""
    await terminal.until("esc back")
    terminal.types(words)
    await terminal.until(words)
    await asyncio.sleep(0.45)
    await terminal.press("enter")
