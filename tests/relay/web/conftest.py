from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from tests.relay.web.running import Running, serving, signed

Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """A relay that serves."""
    async with serving(tmp_path) as running:
        yield running


@pytest.fixture
async def post(running: Running) -> AsyncIterator[Post]:
    """Posts a webhook body, signed unless headers say otherwise."""
    async with httpx.AsyncClient(timeout=10) as client:

        async def post(body: bytes, **headers: str) -> httpx.Response:
            sent = {**signed(body), **headers}
            return await client.post(running.hook, content=body, headers=sent)

        yield post
