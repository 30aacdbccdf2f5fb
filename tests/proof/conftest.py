"""A relay for each proof, from one forge."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.proof.running import Forge, House, house


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    made = Forge()
    yield made
    made.close()


@pytest.fixture
async def home(tmp_path: Path, forge: Forge) -> AsyncIterator[House]:
    """A relay in service, with its agents hired."""
    async with house(tmp_path, forge) as running:
        yield running
