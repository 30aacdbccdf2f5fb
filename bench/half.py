"""What callers wait at half of the rate that the relay can keep up."""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

import uvloop

from bench.house import CONNECTIONS, House
from wainbox_relay.sandbox import load

COMMANDS = 20.0
"""Commands a second: some fifty busy agents."""
HANDS = 8


@dataclass(frozen=True, slots=True)
class Half:
    rate: float
    webhooks: load.Report
    commands: load.Report
    cpu: float
    """Microseconds of the relay's processor time for each webhook."""


def at_half(house: House, sustained: float, seconds: float) -> Half:
    """Webhooks at half the sustained rate, and agents at work meanwhile."""
    return uvloop.run(_run(house, sustained / 2, seconds))


async def _run(house: House, rate: float, seconds: float) -> Half:
    webhooks = house.webhooks(ready=int(rate * seconds))
    commands = _commands(house)
    before = house.relay.cpu()
    acknowledged, answered = await asyncio.gather(
        load.run(webhooks, house.hook, connections=CONNECTIONS, rate=rate, seconds=seconds),
        load.run(commands, house.api, connections=HANDS, rate=COMMANDS, seconds=seconds),
    )
    await house.drained()
    used = house.relay.cpu() - before
    if answered.refused:
        raise SystemExit("Not every command was taken:\n" + "\n".join(answered.lines()))
    return Half(rate, acknowledged, answered, used / max(acknowledged.acknowledged, 1) * 1e6)


def _commands(house: House) -> Iterator[bytes]:
    """What agents do all day, each time with another conversation."""
    refs = cycle(house.answerable())
    text = {"kind": "text", "body": "On its way."}
    acts = cycle(
        (
            {"do": "claim", "take_over": True},
            {"do": "tag", "add": ["bench"]},
            {"do": "reply", "content": text, "anyway": True, "hold_ms": 60_000},
            {"do": "note", "body": "Asked the depot."},
            {"do": "priority", "priority": "high"},
        )
    )
    while True:
        order = {"command_id": secrets.token_hex(16), "command": next(acts)}
        yield house.post(f"/conversations/{next(refs)}/commands", order)
