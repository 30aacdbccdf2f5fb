"""The commands for pipes. Each prints lines for people, or with `--json` one object a line."""

import asyncio
import os
import re
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cyclopts import App, Parameter

from wainbox_relay.contract.bulk import Bulk, Shown
from wainbox_relay.contract.commands import (
    Acknowledge,
    Assign,
    Claim,
    Command,
    Done,
    Escalate,
    Release,
    Reopen,
    Reply,
    Resolve,
    SendTemplate,
    SetManager,
    SetTags,
    Snooze,
    Undo,
    Wait,
    WriteNote,
)
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.events import PresencePost
from wainbox_relay.contract.filters import parse
from wainbox_relay.contract.oncall import ShiftChange
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import AgentId, TeamId
from wainbox_tui.bulk import read as read_bulk
from wainbox_tui.bulk import sentence as bulk_sentence
from wainbox_tui.cli import CONFLICT, DONE, printing
from wainbox_tui.client import Client
from wainbox_tui.config import Config, load
from wainbox_tui.credentials import find
from wainbox_tui.moments import MomentError, echo
from wainbox_tui.moments import parse as parse_moment

T = TypeVar("T")
Json = Annotated[bool, Parameter(name="--json", negative="")]
Sure = Annotated[bool, Parameter(name="--sure", negative="")]
Id = Annotated[str, Parameter(name="--id")]
LAST_PAGE = 200
_NAMED = re.compile(r"[a-z][a-z0-9_]*=")


def _version() -> str:
    from importlib.metadata import version

    return version("wainbox")


app = App(
    name="wainbox",
    help="A shared WhatsApp inbox for the terminal. Without a command the app opens.",
    version=_version,
)


@asynccontextmanager
async def _client() -> AsyncIterator[Client]:
    config = load()
    client = Client(config.url, find(config).text, config.ca_file)
    try:
        yield client
    finally:
        await client.close()


def _run(work: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _client() as client:
            return await work(client)

    return asyncio.run(run())


def _command_id(given: str) -> str:
    if given and (len(given) != 32 or set(given) - set("0123456789abcdef")):
        raise refuse(Code.INVALID, "--id takes 32 hex digits.", "id")
    return given or secrets.token_hex(16)


def _order(ref: str, command: Command, id_: str = "", *, json: bool = False) -> int:
    done: Done = _run(lambda client: client.order(ref, command, _command_id(id_)))
    printing.done(done, as_json=json)
    return DONE


# -- reading ------------------------------------------------------------------------------------


@app.command
def queue(
    view: str = "all", *, filter: str = "", limit: int = LAST_PAGE, json: Json = False
) -> int:
    """List a view of the queue, most pressing first.

    Parameters
    ----------
    view: mine, unassigned, team, after_hours, at_risk, customer, snoozed, resolved, oncall or all.
    filter: such as "lang:ar tag:vip".
    limit: how many at most; 0 for all.
    json: one object a line.
    """
    parse(filter)

    async def work(client: Client) -> None:
        after: tuple[int, int] | None = None
        left = limit or sys.maxsize
        while left > 0:
            page = await client.queue(view, filter, after=after, limit=min(left, LAST_PAGE))
            for card in page.cards:
                printing.card(card, as_json=json)
            left -= len(page.cards)
            if not page.more or not page.cards:
                return
            after = (page.cards[-1].sort_key, page.cards[-1].id)

    _run(work)
    return DONE


@app.command
def search(*words: str, limit: int = 50, json: Json = False) -> int:
    """Find conversations by words in their messages, newest first."""

    async def work(client: Client) -> None:
        for card in (await client.search(" ".join(words), limit)).cards:
            printing.card(card, as_json=json)

    _run(work)
    return DONE


@app.command
def show(ref: str, *, limit: int = 50, json: Json = False) -> int:
    """Show a conversation's messages, oldest first."""

    async def work(client: Client) -> None:
        page = await client.thread(ref, limit=limit)
        if not json:
            printing.head(page.card)
        for entry in page.entries:
            printing.entry(entry, as_json=json)

    _run(work)
    return DONE


@app.command
def why(ref: str, *, json: Json = False) -> int:
    """Say why a conversation is where it is."""

    async def work(client: Client) -> None:
        for reason in await client.why(ref):
            printing.reason(reason, as_json=json)

    _run(work)
    return DONE


@app.command
def cost(*, month: str = "", json: Json = False) -> int:
    """Say what WhatsApp bills for a month's messages, by number, agent and category.

    Parameters
    ----------
    month: such as 2026-11; left out, the present one. Months are counted in UTC.
    """
    found = _run(lambda client: client.cost(month or f"{_now().astimezone(UTC):%Y-%m}"))
    printing.cost(found, as_json=json)
    return DONE


# -- doing --------------------------------------------------------------------------------------


@app.command
def claim(
    ref: str, *, take_over: Annotated[bool, Parameter(negative="")] = False, json: Json = False
) -> int:
    """Take a conversation."""
    return _order(ref, Claim(take_over=take_over), json=json)


@app.command
def release(ref: str, *, json: Json = False) -> int:
    """Give a conversation back to the queue."""
    return _order(ref, Release(), json=json)


@app.command
def assign(ref: str, whom: str, *, json: Json = False) -> int:
    """Give a conversation to an agent (@lina) or to a team."""
    command = (
        Assign(agent=AgentId(whom[1:].lower()))
        if whom.startswith("@")
        else Assign(team=TeamId(whom))
    )
    return _order(ref, command, json=json)


@app.command(name="next")
def take_next(*, id: Id = "", json: Json = False) -> int:
    """Take the most pressing conversation that you can.

    Parameters
    ----------
    id: 32 hex digits; the same id again takes no other.
    """
    done = _run(lambda client: client.take(_command_id(id)))
    printing.done(done, as_json=json)
    if not (json or done.said):
        print(f"{done.ref} is yours.")
    return DONE


@app.command
def manager(ref: str, agent: str = "", backup: str = "", *, json: Json = False) -> int:
    """Give a customer an account manager and a backup (@lina @omar), or none; for leads."""
    return _order(ref, SetManager(agent=_handle(agent), backup=_handle(backup)), json=json)


def _handle(text: str) -> AgentId | None:
    return AgentId(text.removeprefix("@").lower()) if text else None


@app.command
def presence(state: Literal["online", "busy", "break", "away"], *, until: str = "") -> int:
    """Say how you are there, on all your terminals: busy, on break and away bring no new work.

    Parameters
    ----------
    until: 30m, 14:30, tomorrow 9. A break then ends by itself; online until a time is overtime.
    """
    moment = parse_moment(until, _now()) if until else None
    _run(lambda client: client.present(PresencePost(state=state, until=moment)))
    print(f"{state} until {echo(moment)}" if moment else state)
    return DONE


@app.command
def reply(
    ref: str,
    *text: str,
    then: str = "waiting",
    anyway: Annotated[bool, Parameter(negative="")] = False,
    any_language: Annotated[bool, Parameter(negative="")] = False,
    template: str = "",
    lang: str = "",
    var: tuple[str, ...] = (),
    id: Id = "",
    wait: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> int:
    """Answer the customer; the words may come on standard input.

    Parameters
    ----------
    then: waiting, open or resolved.
    anyway: send although somebody wrote meanwhile.
    any_language: send although the customer writes another language.
    template: an approved template's name instead of text, with --lang and --var; a template that
        names its places takes --var name=value.
    id: 32 hex digits; the same id again sends nothing twice.
    wait: until WhatsApp has accepted it.
    """
    command: Command
    if template:
        command = SendTemplate(name=template, language=lang, **_values(var), then=then)  # type: ignore[arg-type]  # checked by the model
    else:
        body = " ".join(text) if text else sys.stdin.read().strip()
        command = Reply(
            content=Text(body=body),
            anyway=anyway,
            any_language=any_language,
            then=then,  # type: ignore[arg-type]  # checked by the model
        )
    sid = _command_id(id)

    async def work(client: Client) -> int:
        done = await client.order(ref, command, sid)
        printing.done(done, as_json=json)
        if not wait or done.entry is None:
            return DONE
        from wainbox_tui.cli.following import until_accepted

        return DONE if await until_accepted(client, ref, done.entry, as_json=json) else CONFLICT

    return _run(work)


@app.command
def note(ref: str, *text: str, json: Json = False) -> int:
    """Write a note that only the team sees."""
    return _order(ref, WriteNote(body=" ".join(text) or sys.stdin.read().strip()), json=json)


@app.command
def tag(
    ref: str,
    *tags: str,
    customer: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> int:
    """Add tags; a leading + is allowed, a leading ^ takes one off."""
    command = SetTags(
        add=tuple(t.lstrip("+") for t in tags if not t.startswith("^")),
        remove=tuple(t[1:] for t in tags if t.startswith("^")),
        customer=customer,
    )
    return _order(ref, command, json=json)


@app.command
def status(ref: str, to: str, *, sure: Sure = False, json: Json = False) -> int:
    """Set the status: open, waiting (on the customer) or resolved."""
    commands: dict[str, Command] = {
        "open": Reopen(),
        "waiting": Wait(),
        "on-customer": Wait(),
        "resolved": Resolve(sure=sure),
    }
    if to not in commands:
        raise refuse(Code.INVALID, f"'{to}' is not one of {', '.join(commands)}.", "status")
    return _order(ref, commands[to], json=json)


@app.command
def snooze(ref: str, *until: str, sure: Sure = False, json: Json = False) -> int:
    """Put aside until a time: 2h, tomorrow 9, sunday, 27/11 14:30."""
    moment = parse_moment(" ".join(until), _now())
    print(f"until {echo(moment)}", file=sys.stderr)
    return _order(ref, Snooze(until=moment, sure=sure), json=json)


@app.command
def resolve(ref: str, *, outcome: str = "", sure: Sure = False, json: Json = False) -> int:
    """Close a conversation."""
    return _order(ref, Resolve(sure=sure, outcome=outcome), json=json)


@app.command
def undo(ref: str, *, json: Json = False) -> int:
    """Take back the last change."""
    return _order(ref, Undo(), json=json)


@app.command
def bulk(
    *order: str,
    view: str = "all",
    filter: str = "",
    yes: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> int:
    """Change everything that a filter shows: counted first, done with --yes.

    Parameters
    ----------
    order: such as resolve, assign @lina, tag vip, ^old, snooze tomorrow 9; or undo and an id.
    view: narrowed by the filter.
    filter: such as "lang:ar tag:vip".
    yes: do it; without it only the number is told.
    """
    if order[:1] == ("undo",):
        job = order[1] if len(order) > 1 else ""
        printing.bulk(_run(lambda client: client.bulk_undo(_command_id(job))), as_json=json)
        return DONE
    wanted = read_bulk(" ".join(order), _now())
    parse(filter)

    async def work(client: Client) -> None:
        count = await client.bulk_count(Shown(view=view, filter=filter))
        print(
            f"{bulk_sentence(count, wanted.done)}{'' if yes else '; --yes does it'}.",
            file=sys.stderr,
        )
        if yes and count:
            given = Bulk(
                view=view,
                filter=filter,
                command_id=secrets.token_hex(16),
                command=wanted.command,
                expect=count,
            )
            printing.bulk(await client.bulk(given), as_json=json)

    _run(work)
    return DONE


# -- on call ------------------------------------------------------------------------------------


@app.command
def escalate(ref: str, *reason: str, sure: Sure = False, json: Json = False) -> int:
    """Ask for help that cannot wait; while closed, --sure pages whoever is on call."""
    return _order(ref, Escalate(reason=" ".join(reason), sure=sure), json=json)


@app.command
def ack(ref: str, *, json: Json = False) -> int:
    """Take an escalation: paging stops, and the conversation is yours."""
    return _order(ref, Acknowledge(), json=json)


@app.command
def oncall(*, json: Json = False) -> int:
    """Say who is on call, now and in the coming weeks."""
    printing.oncall(_run(lambda client: client.oncall()), as_json=json)
    return DONE


@app.command
def swap(when: str, whom: str, *, until: str = "", json: Json = False) -> int:
    """Give a shift on call to somebody, or exchange it for another.

    Parameters
    ----------
    when: a moment of the shift, such as now, 7/12 or "7/12 14:00".
    whom: @lina, or a moment of the shift it is exchanged for.
    until: for @lina, when it ends; otherwise the whole shift is hers.
    """
    now = _now()
    at = now if when == "now" else parse_moment(when, now)
    end = parse_moment(until, now) if until else None
    if (other := _other_shift(whom, now)) is None:
        change = ShiftChange(at=at, holder=AgentId(whom.removeprefix("@").lower()), until=end)
    elif end is not None:
        raise ValueError("Whole shifts are exchanged; --until goes with an agent, such as @lina.")
    else:
        change = ShiftChange(at=at, other=other)
    printing.oncall(_run(lambda client: client.change_shift(change)), as_json=json)
    return DONE


def _other_shift(whom: str, now: datetime) -> datetime | None:
    """The moment that was typed; None where an agent was, with or without the @."""
    try:
        return None if whom.startswith("@") else parse_moment(whom, now)
    except MomentError:
        if whom.isidentifier():
            return None
        raise


@app.command
def follow(*, cursor: Path | None = None, view: str = "", filter: str = "") -> int:
    """Print events as JSON lines as they happen; with a cursor file, from where it stopped."""
    from wainbox_tui.cli.following import follow as go_on

    parse(filter)
    return _run(lambda client: go_on(client, cursor, view, filter))


# -- the token ----------------------------------------------------------------------------------


@app.command
def login(url: str = "", *, token_store: str = "") -> int:
    """Keep this terminal's token, in the keyring or in a file only you can read."""
    from wainbox_tui.cli.login import login as ask

    return ask(_with(load(), url, token_store))


@app.command
def logout() -> int:
    """Forget this terminal's token."""
    from wainbox_tui.credentials import forget

    forget(load())
    return DONE


@app.command
def doctor() -> int:
    """Look at this terminal, its token and the way to the relay."""
    from wainbox_tui.cli.doctor import examine

    return examine(load(), os.environ)


@app.command
def keys(*, markdown: Annotated[bool, Parameter(negative="")] = False) -> int:
    """List every action with its key."""
    printing.keys(load(), as_markdown=markdown)
    return DONE


def _values(given: tuple[str, ...]) -> dict[str, tuple[object, ...]]:
    """A template's values: by name where every one has a name, else by place."""
    named = tuple(tuple(value.split("=", 1)) for value in given if _NAMED.match(value))
    return {"named": named} if len(named) == len(given) else {"variables": given}


def _with(config: Config, url: str, token_store: str) -> Config:
    from dataclasses import replace

    changed = replace(config, url=url or config.url)
    return replace(changed, token_store=token_store or config.token_store)


def _now() -> datetime:
    return datetime.now().astimezone()  # noqa: TID251 - the command line is where "now" begins
