"""What WhatsApp bills, from the prices it told with its delivery reports.

Vendor's page: "Pricing on the WhatsApp Business Platform", `pricing.type` and `pricing.category`.
Whether a message was billed is in the type: `regular`, or one of several that begin with `free`.
"""

from collections.abc import Iterable, Sequence

import aiosqlite

from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.views import Billed, CostLine
from wainbox_relay.contract.vocabulary import Moment, NumberId
from wainbox_relay.store.connect import Row, fetch
from wainbox_relay.store.queries import SQL

_FREE = "free"


async def of_conversation(
    connection: aiosqlite.Connection, thread: int, conversation: int
) -> Sequence[Billed]:
    asked = {"thread": thread, "conversation": conversation}
    counted = _counted(await fetch(connection, SQL.cost_of_conversation, asked))
    return [Billed(category=category, billed=b, free=f) for (category,), (b, f) in counted]


async def between(
    connection: aiosqlite.Connection, since: Moment, until: Moment
) -> Sequence[CostLine]:
    """By number, agent and category."""
    counted = _counted(await fetch(connection, SQL.cost_between, {"since": since, "until": until}))
    return [
        CostLine(number=NumberId(number), agent=agent, category=category, billed=b, free=f)
        for (number, agent, category), (b, f) in counted
    ]


def _counted(found: Iterable[Row]) -> list[tuple[tuple[str, ...], tuple[int, int]]]:
    """Rows that end in category, billing and count, as (what comes before and the category,
    (billed, free))."""
    sums: dict[tuple[str, ...], tuple[int, int]] = {}
    for *before, category, billing, count in found:
        key = (*before, clean(category))
        billed, free = sums.get(key, (0, 0))
        is_free = (billing or "").startswith(_FREE)
        sums[key] = (billed, free + count) if is_free else (billed + count, free)
    return sorted(sums.items())
