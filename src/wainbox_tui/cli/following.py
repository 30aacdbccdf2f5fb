"""Events as lines, and waiting for one message to be accepted."""

import sys
from pathlib import Path

from wainbox_relay.contract.events import Event
from wainbox_relay.contract.filters import Filter, Viewer, matches, parse
from wainbox_relay.contract.filters import view as view_of
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import Delivery
from wainbox_tui.cli.printing import line
from wainbox_tui.client import Client, Unreachable
from wainbox_tui.state import facets

TAKEN = {
    Delivery.ACCEPTED,
    Delivery.SENT,
    Delivery.DELIVERED,
    Delivery.READ,
    Delivery.PLAYED,
}
AROUND = 20
"""Entries to ask for so that the one meant is among them."""
ENDED = {Delivery.FAILED, Delivery.WITHDRAWN, Delivery.UNCONFIRMED, Delivery.LEFT}


async def follow(client: Client, cursor: Path | None, view: str, wanted: str) -> int:
    """Prints events until the connection ends; a reload says so and starts at the present."""
    chosen = _chosen(view, wanted)
    snapshot = await client.snapshot()
    viewer = Viewer(snapshot.me.id, frozenset(snapshot.me.teams))
    after = _read(cursor) if cursor else None
    if after is None:
        after = snapshot.seq
        _write(cursor, after)
    while True:
        async for event in client.events(after, terminal=False):
            if event.type == "reload":
                print(f"wainbox: events were missed ({event.reason})", file=sys.stderr)
                line(event)
                after = (await client.snapshot()).seq
                _write(cursor, after)
                break
            if _wanted(event, chosen, viewer):
                line(event)
            seq = getattr(event, "seq", None)
            if event.type != "beat" and seq is not None:
                after = seq
                _write(cursor, seq)
        else:
            raise Unreachable("The relay ended the stream.")


def _chosen(view: str, wanted: str) -> Filter:
    extra = parse(wanted)
    if not view:
        return extra
    return view_of(view, extra)


def _wanted(event: Event, chosen: Filter, viewer: Viewer) -> bool:
    if event.type == "beat":
        return False
    if event.type != "card":
        return not chosen.terms
    before = event.before is not None and matches(chosen, facets(event.before), viewer)
    return before or matches(chosen, facets(event.after), viewer)


def _read(cursor: Path) -> int | None:
    """The last event printed; None where there was none yet. Raises `Refusal` for anything else,
    since going on from the present would pass over what came meanwhile."""
    try:
        text = cursor.read_text().strip()
        return int(text) if text else None
    except FileNotFoundError:
        return None
    except ValueError:
        message = f"{cursor} holds no event's number; remove it to begin at the present."
        raise refuse(Code.INVALID, message, "cursor") from None


def _write(cursor: Path | None, seq: int) -> None:
    if cursor is None:
        return
    fresh = cursor.with_name(cursor.name + ".new")
    fresh.write_text(f"{seq}\n")
    fresh.replace(cursor)


async def until_accepted(client: Client, ref: str, entry: int, *, as_json: bool) -> bool:
    """Whether WhatsApp took the message; says what became of it."""
    snapshot = await client.snapshot()
    after = snapshot.seq
    while True:
        page = await client.thread(ref, around=entry, limit=AROUND)
        found = next((e for e in page.entries if e.id == entry), None)
        if found is not None and found.delivery in TAKEN | ENDED:
            if as_json:
                line(found)
            else:
                print(found.failure.reason if found.failure else found.delivery)
            return found.delivery in TAKEN
        async for event in client.events(after, terminal=False):
            if event.type == "reload":
                after = (await client.snapshot()).seq
                break
            if event.type in {"card", "deliveries"}:
                after = event.seq
                break
