"""The whole way in true terminals: a customer writes, colleagues see it, one answers, it ends."""

import asyncio
from pathlib import Path

import pytest
from tests.journeys.terminal import Terminal, opened
from tests.proof.running import House

NAME = "سارة العلي"
ASKED = "متى يصل الطلب؟"
ANSWER = "وعليكم السلام سارة"


@pytest.mark.journey
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
async def test_a_message_is_answered_in_front_of_a_colleague(
    home: House, tmp_path: Path, size: tuple[int, int]
):
    """Two terminals, one relay: a message comes, both see it, one claims and the other is told,
    replies in Arabic and French go out, ticks come back, and it ends resolved, and undone."""
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
        await _replies(nadia, ANSWER)
        await _ticks_come_back(nadia)
        assert sara.received[-1].content == {"body": ANSWER}
        await _quotes(nadia, "Le livreur arrive demain.")
        await box.until(lambda: len(sara.received) == 2)
        assert sara.received[-1].context == asked
        await _reacts(nadia)
        await box.until(lambda: sara.received[-1].kind == "reaction")
        await _notes(nadia, samir, "Courier confirmed.")
        await _resolves_and_thinks_again(nadia, samir)


async def _one_claims_and_the_other_is_told(nadia: Terminal, samir: Terminal) -> None:
    await samir.press("enter")
    await samir.until("Reply")
    await nadia.press("enter")
    await nadia.until("Samir is reading")
    await nadia.press("c")
    await nadia.until("taken by Nadia")
    await samir.until("taken by Nadia")
    await samir.press("c")
    await samir.until("Nadia has it")


async def _replies(nadia: Terminal, words: str) -> None:
    await nadia.press("r")
    await nadia.until("ctrl+s")
    nadia.types(words)
    await nadia.until(words)
    await asyncio.sleep(0.45)
    await nadia.press("enter")


async def _ticks_come_back(nadia: Terminal) -> None:
    await nadia.until("✓ sent")
    await nadia.until("✓✓ delivered")
    await nadia.until("✓✓ read")


async def _quotes(nadia: Terminal, words: str) -> None:
    """`k` goes up to the customer's message; a reply from there quotes it."""


async def _reacts(nadia: Terminal) -> None: ...


async def _notes(nadia: Terminal, samir: Terminal, words: str) -> None: ...


async def _resolves_and_thinks_again(nadia: Terminal, samir: Terminal) -> None: ...
