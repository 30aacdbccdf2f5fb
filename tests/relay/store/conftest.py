"""Stores on real files, and hands to fill them with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wainbox_relay.store import Stores, open_stores


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    async with await open_stores(tmp_path / "data") as opened:
        yield opened
