"""Row D2: a relay that may open hardly any files, and a crowd at its door."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.relay.web.running import HOOK, NUMBER, SECRET, message, signed

from wainbox_relay.limits import room

RELAY = Path(sys.executable).with_name("wainbox-relay")
CONFIG = """
relay = {{ data_dir = "{folder}/var", log_format = "json" }}
webhook = {{ listen = "127.0.0.1:0", app_secret = "{secret}", verify_token = "v" }}
api = {{ listen = "localhost:0" }}
numbers = [ {{ id = "{number}" }} ]
"""


@asynccontextmanager
async def with_few_files(folder: Path) -> AsyncIterator[tuple[str, int]]:
    """A relay of its own that may open 64 files; gives the webhook's address."""
    config = folder / "wainbox.toml"
    config.write_text(CONFIG.format(folder=folder, secret=SECRET, number=NUMBER))
    command = f"ulimit -n 64; exec {RELAY} serve --config {config}"
    relay = await asyncio.create_subprocess_shell(command, stderr=asyncio.subprocess.PIPE)
    assert relay.stderr is not None
    try:
        while "webhook" not in (said := json.loads(await relay.stderr.readline())):
            pass
        host, _, port = said["webhook"].rpartition(":")
        yield host, int(port)
        assert relay.returncode is None
    finally:
        relay.terminate()
        await relay.communicate()
    assert relay.returncode == 0


@pytest.mark.serial
async def test_a_crowd_at_the_door_stops_no_webhook(tmp_path: Path) -> None:
    """With 64 files and 500 silent connections webhooks are answered within five seconds, and the
    relay lives."""
    room(1000)
    async with with_few_files(tmp_path) as (host, port):
        crowd = await asyncio.gather(*[asyncio.open_connection(host, port) for _ in range(500)])
        for _ in range(20):
            crowd.append(await asyncio.open_connection(host, port))
            body = message()
            began = time.monotonic()
            async with httpx.AsyncClient(timeout=10) as client:
                url = f"http://{host}:{port}{HOOK}"
                answer = await client.post(url, content=body, headers=signed(body))
            assert answer.status_code == 200
            assert time.monotonic() - began < 5
        for _, writer in crowd:
            writer.close()
