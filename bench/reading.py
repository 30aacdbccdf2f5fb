"""What screens read over HTTP: pages of the queue, threads, search."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat

import uvloop

from bench.house import House
from bench.report import median
from wainbox_relay.sandbox import load

PAGE = 50
HISTORY = "a thread's page"
FILTERED = "queue page, one filter"
TAGGED = "queue page, a tag"
_TEAM = "filter=team:returns"
ASKED: Mapping[str, str] = {
    HISTORY: f"/conversations/W-1001/thread?limit={PAGE}",
    "a long thread's page": f"/conversations/W-1000/thread?limit={PAGE}",
    "queue page, everything": f"/queue?limit={PAGE}",
    FILTERED: f"/queue?limit={PAGE}&{_TEAM}",
    "queue page, three filters": f"/queue?limit={PAGE}&{_TEAM}+lang:fr+status:open",
    TAGGED: f"/queue?limit={PAGE}&filter=tag:tag3",
    "queue page, a rare tag": f"/queue?limit={PAGE}&filter=tag:rare",
    "queue page, from the end": f"/queue?limit={PAGE}&end=true",
    "queue page, in the middle": f"/queue?limit={PAGE}&offset=MIDDLE",
    "search, a common word": f"/search?limit={PAGE}&q=commande",
    "search, two words": f"/search?limit={PAGE}&q=refund+order",
    "search, Arabic": f"/search?limit={PAGE}&q=%D8%A7%D9%84%D8%B7%D9%84%D8%A8",
    "counts": "/counts",
    "a card": "/conversations/W-1001",
}


@dataclass(frozen=True, slots=True)
class Read:
    p50: float
    p99: float
    cpu: float
    """Microseconds of the relay's processor time."""


def reads(house: House, rounds: int, seconds: float) -> dict[str, Read]:
    """Each request for a moment in every round, one at a time."""
    asked = {
        name: house.get(path.replace("MIDDLE", str(house.size.conversations // 2)))
        for name, path in ASKED.items()
    }
    found: dict[str, list[Read]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, request in asked.items():
            found[name].append(_read(house, request, seconds / 8))
    return {name: _middle(several) for name, several in found.items()}


def _read(house: House, request: bytes, seconds: float) -> Read:
    before = house.relay.cpu()
    report = uvloop.run(load.run(repeat(request), house.api, connections=1, seconds=seconds))
    used = house.relay.cpu() - before
    if report.refused or not report.acknowledged:
        raise SystemExit(f"Not answered: {request!r}\n" + "\n".join(report.lines()))
    return Read(
        report.milliseconds(0.5), report.milliseconds(0.99), used / report.acknowledged * 1e6
    )


def _middle(several: list[Read]) -> Read:
    return Read(
        median(each.p50 for each in several),
        median(each.p99 for each in several),
        median(each.cpu for each in several),
    )
