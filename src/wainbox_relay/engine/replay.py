"""Reading the journal again: everything, a span, or what could not be read before.

What is known already changes nothing, and nothing is sent: facts keep the moment they came with.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wainbox_relay.contract.problems import Refusal
from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.ports import Item, Journal

Read = Callable[[bytes, Moment], Iterable[Item]]


@dataclass(slots=True)
class Replayed:
    """What a replay came to."""

    bodies: int = 0
    facts: int = 0
    unreadable: int = 0


async def replay(
    inbox: Inbox,
    journal: Journal,
    read: Read,
    first: int,
    last: int,
    wanted: Callable[[int, Item], bool] = lambda _row, _item: True,
) -> Replayed:
    """Reads rows `first` to `last` again; `wanted(row, item)` picks items."""
    done = Replayed()
    async for body in journal.span(first, last):
        done.bodies += 1
        for item in read(body.raw, body.arrived_at):
            if not wanted(body.row, item):
                continue
            if item.refused:
                done.unreadable += 1
                continue
            for fact in item.facts:
                try:
                    await inbox.submit([fact])
                except Refusal:
                    done.unreadable += 1
                else:
                    done.facts += 1
    return done
