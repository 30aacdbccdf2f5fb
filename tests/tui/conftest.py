"""A relay, a pretend WhatsApp, and an agent's app in the test's own process."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
from tests.proof.running import Forge, House, house
from tests.tui.seat import Seat, seated

Take = Callable[..., AbstractAsyncContextManager[Seat]]


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    made = Forge()
    yield made
    made.close()


@pytest.fixture
async def home(
    tmp_path: Path, forge: Forge, request: pytest.FixtureRequest
) -> AsyncIterator[House]:
    """A relay in service, with its agents hired. A message leaves at once, unless asked."""
    seconds = getattr(request, "param", 0)
    async with house(tmp_path, forge, compose={"undo_seconds": seconds}) as running:
        yield running


@pytest.fixture
def sits(home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Take:
    """Puts an agent before the open app, for as long as a block lasts."""
    return partial(seated, home, tmp_path, monkeypatch)


@pytest.fixture
async def nadia(sits: Take) -> AsyncIterator[Seat]:
    async with sits("nadia") as seat:
        yield seat
