"""A terminal whose line does not hold."""

import asyncio
import json
from contextlib import suppress

import pytest
from tests.proof.running import House

from wainbox_tui.client import Client, Strange
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


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"<html>a shop</html>", b""),
        (b'{"seq": "many"}', b""),
        (None, b'data: {"type": "new"}\n\n'),
    ],
    ids=["another site", "another relay", "an event of tomorrow's"],
)
async def test_who_speaks_another_language_is_told_apart_from_silence(
    home: House, first: bytes | None, then: bytes
):
    """An address of something else, or of a relay of another version: said once, with what to do,
    and not tried for ever as if the line were down."""
    snapshot = first or json.dumps(await home.desk().get("/snapshot")).encode()
    heard = list[News]()

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while asked := await reader.readuntil(b"\r\n\r\n"):
                kind, body = (
                    (b"text/event-stream", then)
                    if b"/events" in asked
                    else (b"application/json", snapshot)
                )
                writer.write(ANSWER % (kind, len(body), body))
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as door:
        port = door.sockets[0].getsockname()[1]
        client = Client(f"http://127.0.0.1:{port}", "token")
        async with asyncio.timeout(5):
            await Sync(client, heard.append).run()
        await client.close()
    assert heard[-1] == Lost(str(Strange()), final=True)
    assert len(heard) == 1 + (first is None)
