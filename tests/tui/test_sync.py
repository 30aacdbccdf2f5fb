"""A terminal whose line does not hold."""

import asyncio
import json
from contextlib import suppress

import pytest
from tests.proof.running import House

from wainbox_tui.client import Client
from wainbox_tui.sync import Began, Lost, News, Sync

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s"
NO_LINE = {"ends": ANSWER % (b"text/event-stream", 0, b""), "breaks": b""}


@pytest.mark.parametrize("how", NO_LINE)
async def test_a_line_that_never_holds_is_tried_less_and_less_often(home: House, how: str):
    """U2: whether each stream ends at once or breaks, the waits between tries double, and the
    trouble is told."""
    snapshot = json.dumps(await home.desk().get("/snapshot")).encode()
    tries, heard = 0, list[News]()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        with suppress(asyncio.IncompleteReadError):
            while asked := await reader.readuntil(b"\r\n\r\n"):
                if b"/events" in asked:
                    tries += 1
                    writer.write(NO_LINE[how])
                    break
                writer.write(ANSWER % (b"application/json", len(snapshot), snapshot))
        writer.close()

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as door:
        port = door.sockets[0].getsockname()[1]
        client = Client(f"http://127.0.0.1:{port}", "token")
        sync = asyncio.ensure_future(Sync(client, heard.append, jitter=lambda: 0.5).run())
        await asyncio.sleep(1.6)
        sync.cancel()
        await asyncio.gather(sync, return_exceptions=True)
        await client.close()
    assert 2 <= tries <= 4
    assert [type(news) for news in heard] == [Began, *[Lost] * tries]
