"""One conversation from the customer's first word to the end, through the public API alone; each
step with the time it took."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Self, TypeVar

import httpx

from wainbox_relay.sandbox.box import Sandbox

STEP_WITHIN = 10.0
CUSTOMER = "wafa"
Card = dict[str, Any]
T = TypeVar("T")


class Desk:
    """An agent's hands on the API, without a screen."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers=headers, timeout=STEP_WITHIN, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def queue(self) -> list[Card]:
        answer = await self._http.get("/queue")
        return list(answer.raise_for_status().json()["cards"])

    async def thread(self, ref: str) -> list[dict[str, Any]]:
        answer = await self._http.get(f"/conversations/{ref}/thread")
        return list(answer.raise_for_status().json()["entries"])

    async def order(self, ref: str, **command: object) -> dict[str, Any]:
        body = {"command_id": secrets.token_hex(16), "command": command}
        answer = await self._http.post(f"/conversations/{ref}/commands", json=body)
        return dict(answer.raise_for_status().json())


class StepFailed(Exception):
    """One step did not come about."""


async def walk(box: Sandbox, desk: Desk, say: Callable[[str], None]) -> int:
    """Walks through, saying each step. 0 when all came about, else 1, the failed step named."""
    try:
        async with desk:
            await _steps(box, desk, say)
    except StepFailed as failed:
        say(f"failed: {failed}")
        return 1
    say("The main job works: in, answered, delivered, read, done.")
    return 0


async def _steps(box: Sandbox, desk: Desk, say: Callable[[str], None]) -> None:
    customer = box.newcomer(CUSTOMER, "Wafa Idrissi")
    async with _step("signed webhook in", say):
        await customer.writes("السلام عليكم، وين وصل طلبي؟")
        await box.settled(STEP_WITHIN)
    async with _step("card in the queue", say):
        card = await _until(partial(_card, desk, customer.person.name))
    ref = str(card["ref"])
    async with _step("claim", say):
        await desk.order(ref, do="claim")
    async with _step("reply", say):
        content = {"kind": "text", "body": "وعليكم السلام وفاء، طلبك في الطريق ويصلك اليوم."}
        done = await desk.order(ref, do="reply", content=content)
    for word in ("sent", "delivered", "read"):
        async with _step(word, say):
            await _until(partial(_reached, desk, ref, done["entry"], word))
    async with _step("resolve", say):
        await desk.order(ref, do="resolve")


@asynccontextmanager
async def _step(title: str, say: Callable[[str], None]) -> AsyncIterator[None]:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(STEP_WITHIN):
            yield
    except TimeoutError:
        raise StepFailed(f"{title} (nothing within {STEP_WITHIN:g} s)") from None
    except httpx.HTTPStatusError as error:
        raise StepFailed(f"{title} ({error.response.status_code})") from error
    except httpx.TransportError as error:
        raise StepFailed(f"{title} (the relay does not answer)") from error
    say(f"{title:<20} {(time.perf_counter() - began) * 1000:8.1f} ms")


async def _until(look: Callable[[], Awaitable[T]]) -> T:
    """Looks until there is something to see."""
    while not (seen := await look()):  # noqa: ASYNC110 - another process's doing
        await asyncio.sleep(0.005)
    return seen


async def _card(desk: Desk, name: str) -> Card:
    """The customer's row, empty until there is one."""
    return next((card for card in await desk.queue() if card["customer"]["name"] == name), {})


_ORDER = ("sent", "delivered", "read")


async def _reached(desk: Desk, ref: str, entry: int, word: str) -> bool:
    found = next((each for each in await desk.thread(ref) if each["id"] == entry), None)
    return found is not None and found["delivery"] in _ORDER[_ORDER.index(word) :]
