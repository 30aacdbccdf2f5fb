"""From a signed webhook to the cell on a real terminal that shows it."""

import asyncio
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import uvloop

from bench.floors import PATH
from bench.house import SECRET, House
from bench.screens import FIRST_ROW, wainbox
from bench.streams import listen, quit_all
from bench.terminals import Terminal
from wainbox_relay.sandbox import load
from wainbox_relay.sandbox.people import ATLAS
from wainbox_relay.sandbox.workload import requests

RATE = 50.0
STREAMS = 10
ROWS = 12
"""Conversations at the top of the queue, which the terminal has on its screen."""
NEVER = float("inf")
_MARK = re.compile(rb"n(\d{5})")
# Of two messages of one second the last is the one whose id is greater, so ids are as long as each
# other.
_BODY = (
    '{{"object":"whatsapp_business_account","entry":[{{"id":"{waba}","changes":[{{"field":'
    '"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":'
    '"{digits}","phone_number_id":"{number}"}},"contacts":[{{"profile":{{"name":"{name}"}},'
    '"wa_id":"{phone}"}}],"messages":[{{"from":"{phone}","id":"wamid.{run}.{nth:05}","timestamp":'
    '"{at}","type":"text","text":{{"body":"n{nth:05} bonjour"}}}}]}}}}]}}]}}'
)


@dataclass(frozen=True, slots=True)
class Painted:
    """Waits in seconds, of every message sent: one that was never seen waits for ever. How many
    those are; and how many did not show by themselves, but at most through a later one."""

    waits: list[float]
    unseen: int
    together: int


def painted(house: House, seconds: float) -> Painted:
    """Customers on the screen write, and the terminal's bytes are watched for their words."""
    with wainbox(house) as app:
        app.until(FIRST_ROW)
        app.rest()
        watch = _Watch(app)
        watch.start()
        sent = uvloop.run(_send(house, seconds))
        watch.stop()
    shown = {nth: _shown(nth, watch.seen) for nth in sent}
    waits = [NEVER if at is None else at - sent[nth] for nth, at in shown.items()]
    return Painted(waits, waits.count(NEVER), len(sent.keys() - watch.seen.keys()))


def _shown(nth: int, seen: dict[int, float]) -> float | None:
    """When the row said so much or more: two messages of one person within one picture are painted
    as the second."""
    return next((seen[n] for n in (nth, nth + ROWS, nth + 2 * ROWS) if n in seen), None)


class _Watch(threading.Thread):
    """Notes when each message's word first leaves the terminal."""

    def __init__(self, app: Terminal) -> None:
        super().__init__()
        self.seen: dict[int, float] = {}
        self._app = app
        self._over = threading.Event()

    def run(self) -> None:
        tail = b""
        while not self._over.is_set():
            data = self._app.read(0.2)
            now = time.perf_counter()
            for found in _MARK.finditer(tail + data):
                self.seen.setdefault(int(found[1]), now)
            tail = (tail + data)[-5:]

    def stop(self) -> None:
        self._over.set()
        self.join()


async def _send(house: House, seconds: float) -> dict[int, float]:
    """Sends at the fixed rate with other streams open; when each was due."""
    people = [
        (card["customer"]["name"], card["customer"]["phone"].removeprefix("+"))
        for card in house.fetch(f"/queue?limit={ROWS}&filter=number:{ATLAS.id}")["cards"]
    ]
    listeners = [asyncio.ensure_future(listen(house)) for _ in range(STREAMS)]
    await asyncio.sleep(0.5)
    began = time.perf_counter()
    made = requests(_bodies(people), SECRET, PATH, house.hook.host)
    report = await load.run(made, house.hook, connections=8, rate=RATE, seconds=seconds)
    await asyncio.sleep(1)
    await quit_all(listeners)
    return {nth: began + nth / RATE for nth in range(report.acknowledged)}


def _bodies(people: list[tuple[str, str]]) -> Iterator[bytes]:
    run, nth = secrets.token_hex(4), 0
    while True:
        name, phone = people[nth % len(people)]
        yield _BODY.format(
            waba=ATLAS.waba,
            digits=ATLAS.digits,
            number=ATLAS.id,
            name=name,
            phone=phone,
            run=run,
            nth=nth,
            at=int(time.time()),
        ).encode()
        nth += 1
