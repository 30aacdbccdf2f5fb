"""Reading the journal again: everything, a span, or what could not be read before.

What is known already changes nothing, and nothing is sent: facts keep the moment they came with.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.ports import Item, Journal

Read = Callable[[bytes, Moment], Iterable[Item]]
Place = tuple[int, str]
"""A journal row, and where in its body."""


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
    rows: tuple[int, int],
    wanted: Callable[[int, Item], bool] = lambda _row, _item: True,
    set_aside: Collection[Place] = (),
) -> Replayed:
    """Reads rows, first to last, again; `wanted(row, item)` picks items. What stands in `set_aside`
    leaves the quarantine once it is read."""
    done = Replayed()
    async for body in journal.span(*rows):
        done.bodies += 1
        for item in read(body.raw, body.arrived_at):
            if wanted(body.row, item):
                place = (body.row, item.path)
                await _again(inbox, item, done, place if place in set_aside else None)
    return done


async def _again(inbox: Inbox, item: Item, done: Replayed, release: Place | None) -> None:
    if item.refused:
        done.unreadable += 1
        return
    try:
        for fact in item.facts:
            await inbox.submit([fact])
    except Exception:  # noqa: BLE001 - the writer has logged it; the item stays where it is
        done.unreadable += 1
        return
    done.facts += len(item.facts)
    if release is not None:
        await inbox.amend(lambda slice_: slice_.out.released.append(release))
