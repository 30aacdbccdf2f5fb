"""Terminals that only listen, and what the relay weighs with them."""

import asyncio
from contextlib import suppress

import uvloop

from bench.house import CONNECTIONS, House
from wainbox_relay.sandbox import load

STREAMS = 50
RATE = 100.0


def memory(house: House, seconds: float) -> float:
    """The relay's memory in MiB at the end of a while with open streams and some traffic."""

    async def run() -> float:
        listeners = [asyncio.ensure_future(listen(house)) for _ in range(STREAMS)]
        webhooks = house.webhooks()
        await load.run(webhooks, house.hook, connections=CONNECTIONS, rate=RATE, seconds=seconds)
        await house.drained()
        weight = house.relay.rss()
        await quit_all(listeners)
        return weight

    return uvloop.run(run())


async def listen(house: House) -> None:
    """One open stream, whose events nobody reads."""
    reader, writer = await asyncio.open_connection(house.api.host, house.api.port)
    writer.write(house.get("/events"))
    try:
        while await reader.read(1 << 20):
            pass
    finally:
        writer.close()


async def quit_all(listeners: list[asyncio.Future[None]]) -> None:
    for listener in listeners:
        listener.cancel()
    for listener in listeners:
        with suppress(asyncio.CancelledError):
            await listener
