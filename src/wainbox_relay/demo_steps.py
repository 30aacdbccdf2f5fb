"""What a walk through the demo is made of: agents' hands on the public API, and steps with the time
they took."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, TypeVar

import httpx

from wainbox_relay.sandbox.crew import crew

STEP_WITHIN = 10.0
Say = Callable[[str], None]
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

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Self]:
        """As with a terminal open: the agent is online, and gets work."""
        async with self, crew() as spawn:
            spawn(self._listen())
            yield self

    async def _listen(self) -> None:
        asked = {"terminal": "true"}
        with suppress(httpx.TransportError):
            async with self._http.stream("GET", "/events", params=asked, timeout=None) as stream:
                async for _ in stream.aiter_bytes():
                    pass

    async def queue(self) -> list[Card]:
        return list((await self._get("/queue"))["cards"])

    async def card(self, name: str) -> Card:
        """The customer's row, empty until there is one."""
        return next((card for card in await self.queue() if card["customer"]["name"] == name), {})

    async def thread(self, ref: str) -> list[dict[str, Any]]:
        return list((await self._get(f"/conversations/{ref}/thread"))["entries"])

    async def topic(self, ref: str) -> str:
        return str((await self._get(f"/conversations/{ref}/customer"))["case"]["topic"])

    async def online(self) -> bool:
        return str((await self._get("/snapshot"))["me"]["presence"]) == "online"

    async def order(self, ref: str, **command: object) -> dict[str, Any]:
        body = {"command_id": secrets.token_hex(16), "command": command}
        answer = await self._http.post(f"/conversations/{ref}/commands", json=body)
        return dict(answer.raise_for_status().json())

    async def _get(self, path: str) -> dict[str, Any]:
        return dict((await self._http.get(path)).raise_for_status().json())


class StepFailed(Exception):
    """One step did not come about."""


@asynccontextmanager
async def step(title: str, say: Say) -> AsyncIterator[None]:
    """Says what was done and how long it took. Raises `StepFailed`."""
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
    say(f"{title:<28} {(time.perf_counter() - began) * 1000:8.1f} ms")


async def until(look: Callable[[], Awaitable[T]]) -> T:
    """Looks until there is something to see."""
    while not (seen := await look()):  # noqa: ASYNC110 - another process's doing
        await asyncio.sleep(0.005)
    return seen
