"""Commands that look: lines for people, or with `--json` one object a line."""

import re
import sys
from datetime import UTC
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from wainbox_relay.contract.filters import VIEWS, parse
from wainbox_relay.contract.problems import Code, refuse
from wainbox_tui.cli import DONE, printing
from wainbox_tui.cli.base import PAGE, READ, Filter, Json, Limit, Ref, app, ask, moment_here
from wainbox_tui.client import Client

MOST_FOUND = 500


@app.command(group=READ)
def queue(
    view: Annotated[str, Parameter(help="Which view.", choices=tuple(VIEWS))] = "all",
    /,
    *,
    filter: Filter = "",
    limit: Limit = PAGE,
    json: Json = False,
) -> int:
    """List a view of the queue, most pressing first."""
    parse(filter)

    async def work(client: Client) -> None:
        after: tuple[int, int] | None = None
        left = limit or sys.maxsize
        while left > 0:
            page = await client.queue(view, filter, after=after, limit=min(left, PAGE))
            for card in page.cards:
                printing.card(card, as_json=json)
            left -= len(page.cards)
            if not page.more or not page.cards:
                return
            after = (page.cards[-1].sort_key, page.cards[-1].id)

    ask(work)
    return DONE


@app.command(group=READ)
def search(
    *words: Annotated[str, Parameter(help="All of them must occur.", required=True)],
    limit: Annotated[
        int, Parameter(help="How many at most.", validator=Number(gte=1, lte=MOST_FOUND))
    ] = 50,
    json: Json = False,
) -> int:
    """Find conversations by words in their messages, newest first."""

    async def work(client: Client) -> None:
        for card in (await client.search(" ".join(words), limit)).cards:
            printing.card(card, as_json=json)

    ask(work)
    return DONE


@app.command(group=READ)
def show(
    ref: Ref,
    /,
    *,
    limit: Annotated[
        int,
        Parameter(
            help="How many messages and notes at most; 0 for all. What happened between them comes "
            "along.",
            validator=Number(gte=0),
        ),
    ] = 50,
    json: Json = False,
) -> int:
    """Show what was said, earlier cases included, the newest last."""

    async def work(client: Client) -> None:
        left = limit or sys.maxsize
        page = await client.thread(ref, limit=min(left, PAGE))
        entries, more = page.entries, page.more
        while more and (left := left - PAGE) > 0:
            first = next(entry.id for entry in entries if entry.direction != "event")
            older = await client.thread(ref, before=first, limit=min(left, PAGE))
            entries, more = older.entries + entries, older.more
        if not json:
            printing.head(page.card)
        for entry in entries:
            printing.entry(entry, as_json=json)

    ask(work)
    return DONE


@app.command(group=READ)
def why(ref: Ref, /, *, json: Json = False) -> int:
    """Say why a conversation is where it is."""

    async def work(client: Client) -> None:
        for reason in await client.why(ref):
            printing.reason(reason, as_json=json)

    ask(work)
    return DONE


@app.command(group=READ)
def cost(*, month: str = "", json: Json = False) -> int:
    """Say what WhatsApp bills for a month's messages, by number, agent and category; for leads.

    Parameters
    ----------
    month
        Such as 2026-11; left out, the present one. Months are counted in UTC.
    """
    if month and not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month, re.ASCII):
        raise refuse(Code.INVALID, f"'{month}' is no month such as 2026-11.", "month")
    found = ask(lambda client: client.cost(month or f"{moment_here().astimezone(UTC):%Y-%m}"))
    printing.cost(found, as_json=json)
    return DONE


@app.command(group=READ)
def follow(
    *,
    cursor: Path | None = None,
    view: Annotated[str, Parameter(help="Only this view.", choices=tuple(VIEWS))] = "",
    filter: Filter = "",
) -> int:
    """Print events as JSON lines as they happen, from now on.

    It ends, with exit code 8, when the relay does; started again with the same cursor file it goes
    on where it stopped. A line of type "reload" means that events were missed: ask the queue anew.

    Parameters
    ----------
    cursor
        File that holds the last event printed; made when missing.
    """
    from wainbox_tui.cli.following import follow as go_on

    parse(filter)
    return ask(lambda client: go_on(client, cursor, view, filter))
