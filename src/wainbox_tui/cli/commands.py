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

from cyclopts import App, Group, Parameter
from cyclopts.validators import Number
from pydantic import ValidationError

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
from wainbox_relay.contract.filters import VIEWS, parse
from wainbox_relay.contract.oncall import ShiftChange
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import AgentId, EntryId, TeamId
from wainbox_tui.bulk import read as read_bulk
from wainbox_tui.bulk import sentence as bulk_sentence
from wainbox_tui.cli import CONFLICT, DONE, printing
from wainbox_tui.client import Client, Unreachable
from wainbox_tui.config import Config, load
from wainbox_tui.credentials import find
from wainbox_tui.moments import MomentError, echo, over_there
from wainbox_tui.moments import parse as parse_moment

T = TypeVar("T")
Ref = Annotated[str, Parameter(help="The conversation, such as W-1042.")]
Json = Annotated[bool, Parameter(name="--json", help="One JSON object a line.")]
Sure = Annotated[bool, Parameter(name="--sure", help="Do it, although the relay would ask first.")]
Limit = Annotated[int, Parameter(help="How many at most; 0 for all.", validator=Number(gte=0))]
Filter = Annotated[str, Parameter(help='Such as "lang:ar tag:vip -assignee:nobody".')]
Id = Annotated[
    str, Parameter(name="--id", help="32 hex digits of yours; the same id again does no more.")
]
PAGE = 200
MOST_FOUND = 500
_NAMED = re.compile(r"[a-z][a-z0-9_]*=")

_STATUSES: dict[str, Command] = {
    "open": Reopen(),
    "waiting": Wait(),
    "on-customer": Wait(),
    "resolved": Resolve(),
}

_READ = Group.create_ordered("Looking")
_DO = Group.create_ordered("Doing")
_CALL = Group.create_ordered("On call")
_LEAD = Group.create_ordered("The floor, for leads")
_HERE = Group.create_ordered("This terminal")


def _version() -> str:
    from importlib.metadata import version

    return version("wainbox")


app = App(
    name="wainbox",
    help="A shared WhatsApp inbox for the terminal. Without a command the app opens; "
    "wainbox COMMAND --help says more about one.",
    help_format="markdown",
    help_epilogue="Exit codes: 0 done, 1 failed, 2 usage, 3 not allowed, 4 not found, 5 conflict, "
    "6 rate, 8 no relay. WAINBOX_URL and WAINBOX_TOKEN say which relay and who.",
    version=_version,
    default_parameter=Parameter(negative=(), show_default=lambda value: value or None),
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
            try:
                return await work(client)
            except ValidationError as error:
                raise Unreachable(
                    "The relay's answer cannot be understood; is it another version than this?"
                ) from error

    return asyncio.run(run())


def _command_id(given: str) -> str:
    if given and (len(given) != 32 or set(given) - set("0123456789abcdef")):
        raise refuse(Code.INVALID, f"'{given}' is no id: 32 hex digits are needed.", "id")
    return given or secrets.token_hex(16)


def _order(ref: str, command: Command, id_: str = "", *, json: bool = False) -> int:
    done: Done = _run(lambda client: client.order(ref, command, _command_id(id_)))
    printing.done(done, as_json=json)
    return DONE


def _words(given: tuple[str, ...], what: str) -> str:
    """Words from the command line, else from standard input."""
    if not given and sys.stdin.isatty():
        print(f"Write {what}; Ctrl-D on a line of its own ends it.", file=sys.stderr)
    words = " ".join(given) if given else sys.stdin.read().strip()
    if not words.strip():
        raise refuse(Code.INVALID, f"There are no words for {what}; write some.", "text")
    return words


# -- looking ------------------------------------------------------------------------------------


@app.command(group=_READ)
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

    _run(work)
    return DONE


@app.command(group=_READ)
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

    _run(work)
    return DONE


@app.command(group=_READ)
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

    _run(work)
    return DONE


@app.command(group=_READ)
def why(ref: Ref, /, *, json: Json = False) -> int:
    """Say why a conversation is where it is."""

    async def work(client: Client) -> None:
        for reason in await client.why(ref):
            printing.reason(reason, as_json=json)

    _run(work)
    return DONE


@app.command(group=_READ)
def cost(*, month: str = "", json: Json = False) -> int:
    """Say what WhatsApp bills for a month's messages, by number, agent and category; for leads.

    Parameters
    ----------
    month
        Such as 2026-11; left out, the present one. Months are counted in UTC.
    """
    if month and not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month, re.ASCII):
        raise refuse(Code.INVALID, f"'{month}' is no month such as 2026-11.", "month")
    found = _run(lambda client: client.cost(month or f"{_now().astimezone(UTC):%Y-%m}"))
    printing.cost(found, as_json=json)
    return DONE


@app.command(group=_READ)
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
    return _run(lambda client: go_on(client, cursor, view, filter))


# -- doing --------------------------------------------------------------------------------------


@app.command(group=_DO)
def claim(
    ref: Ref,
    /,
    *,
    take_over: Annotated[bool, Parameter(help="Although a colleague has it.")] = False,
    json: Json = False,
) -> int:
    """Take a conversation."""
    return _order(ref, Claim(take_over=take_over), json=json)


@app.command(name="next", group=_DO)
def take_next(*, id: Id = "", json: Json = False) -> int:
    """Take the most pressing conversation that you can."""
    done = _run(lambda client: client.take(_command_id(id)))
    printing.done(done, as_json=json)
    if not (json or done.said):
        print(f"{done.ref} is yours.")
    return DONE


@app.command(group=_DO)
def release(ref: Ref, /, *, json: Json = False) -> int:
    """Give a conversation back to the queue."""
    return _order(ref, Release(), json=json)


@app.command(group=_DO)
def assign(
    ref: Ref,
    whom: Annotated[str, Parameter(help="An agent, such as @lina, or a team's name.")],
    /,
    *,
    json: Json = False,
) -> int:
    """Give a conversation to an agent or to a team."""
    command = (
        Assign(agent=AgentId(whom[1:].lower()))
        if whom.startswith("@")
        else Assign(team=TeamId(whom))
    )
    return _order(ref, command, json=json)


@app.command(group=_DO)
def reply(
    ref: Ref,
    /,
    *text: str,
    then: Literal["waiting", "open", "resolved"] = "waiting",
    seen: int | None = None,
    any_language: bool = False,
    template: str = "",
    lang: str = "",
    var: tuple[str, ...] = (),
    id: Id = "",
    wait: bool = False,
    json: Json = False,
) -> int:
    """Answer the customer. It is done once the relay has the message; --wait waits for WhatsApp.

    Parameters
    ----------
    text
        What to say, else standard input is read. Put -- before words that begin with a hyphen.
    then
        The status after it.
    seen
        The newest entry you have read (its id in `show --json`): nothing is sent where somebody
        has written since.
    any_language
        Although the customer writes another language.
    template
        An approved template's name, instead of text.
    lang
        The template's language, such as fr.
    var
        A value for the template's next place, or name=value where its places have names. Repeat for
        more.
    wait
        Until WhatsApp has accepted it; exit code 5 when it does not.
    """
    command: Command
    if template:
        if not lang:
            raise refuse(Code.INVALID, "A template needs --lang, such as --lang fr.", "lang")
        command = SendTemplate(name=template, language=lang, **_values(var), then=then)  # type: ignore[arg-type]  # checked by the model
    else:
        command = Reply(
            content=Text(body=_words(text, "the message")),
            seen=None if seen is None else EntryId(seen),
            any_language=any_language,
            then=then,
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


@app.command(group=_DO)
def note(ref: Ref, /, *text: str, json: Json = False) -> int:
    """Write a note that only the team sees.

    Parameters
    ----------
    text
        What it says, @lina for whom it concerns; else standard input is read.
    """
    return _order(ref, WriteNote(body=_words(text, "the note")), json=json)


@app.command(group=_DO)
def tag(
    ref: Ref,
    /,
    *tags: Annotated[
        str, Parameter(help="Such as vip or gift; ^gift takes one off.", required=True)
    ],
    customer: Annotated[bool, Parameter(help="The customer, not the conversation.")] = False,
    json: Json = False,
) -> int:
    """Add tags, and take tags off."""
    if not all(each.strip("+^ ") for each in tags):
        raise refuse(Code.INVALID, "A tag needs a name.", "tags")
    command = SetTags(
        add=tuple(t.lstrip("+") for t in tags if not t.startswith("^")),
        remove=tuple(t[1:] for t in tags if t.startswith("^")),
        customer=customer,
    )
    return _order(ref, command, json=json)


@app.command(group=_DO)
def status(
    ref: Ref,
    to: Annotated[str, Parameter(help="waiting is on the customer.", choices=tuple(_STATUSES))],
    /,
    *,
    sure: Sure = False,
    json: Json = False,
) -> int:
    """Set the status."""
    command = Resolve(sure=sure) if to == "resolved" else _STATUSES[to]
    return _order(ref, command, json=json)


@app.command(group=_DO)
def snooze(
    ref: Ref,
    /,
    *until: Annotated[
        str, Parameter(help="Such as 2h, tomorrow 9, sunday or 27/11 14:30.", required=True)
    ],
    sure: Sure = False,
    json: Json = False,
) -> int:
    """Put a conversation aside until a time."""
    moment = parse_moment(" ".join(until), _run(lambda client: _there(client, ref)))
    code = _order(ref, Snooze(until=moment, sure=sure), json=json)
    print(f"until {echo(moment)}", file=sys.stderr)
    return code


async def _there(client: Client, ref: str) -> datetime:
    """The time where a conversation's number keeps its business hours."""
    card, snapshot = await client.card(ref), await client.snapshot()
    zone = next((n.zone for n in snapshot.numbers if n.id == card.number), "")
    return over_there(_now(), zone)


@app.command(group=_DO)
def resolve(
    ref: Ref,
    /,
    *,
    outcome: Annotated[str, Parameter(help="What came of it, in a word.")] = "",
    sure: Sure = False,
    json: Json = False,
) -> int:
    """Close a conversation."""
    return _order(ref, Resolve(sure=sure, outcome=outcome), json=json)


@app.command(group=_DO)
def undo(ref: Ref, /, *, json: Json = False) -> int:
    """Take back the last change."""
    return _order(ref, Undo(), json=json)


@app.command(group=_DO)
def manager(
    ref: Ref,
    agent: Annotated[str, Parameter(help="Such as @lina; left out, nobody any more.")] = "",
    backup: Annotated[str, Parameter(help="Who stands in, such as @omar.")] = "",
    /,
    *,
    json: Json = False,
) -> int:
    """Give a customer an account manager and a backup, or none; for leads."""
    return _order(ref, SetManager(agent=_handle(agent), backup=_handle(backup)), json=json)


def _handle(text: str) -> AgentId | None:
    return AgentId(text.removeprefix("@").lower()) if text else None


@app.command(group=_DO)
def bulk(
    *order: Annotated[str, Parameter(required=True)],
    view: Annotated[str, Parameter(help="Which view.", choices=tuple(VIEWS))] = "all",
    filter: Filter = "",
    yes: bool = False,
    json: Json = False,
) -> int:
    """Change everything that a filter shows, for leads: told how many, done with --yes.

    Parameters
    ----------
    order
        Such as resolve, assign @lina, tag vip ^old, snooze tomorrow 9; or undo and the id that the
        order printed.
    yes
        Do it; without it only the number is told.
    """
    if order[:1] == ("undo",):
        if not order[1:]:
            raise refuse(Code.INVALID, "Name the order to undo by the id that it printed.", "id")
        job = _command_id(order[1])
        printing.bulk(_run(lambda client: client.bulk_undo(job)), as_json=json)
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


@app.command(group=_CALL)
def escalate(
    ref: Ref,
    /,
    *reason: Annotated[str, Parameter(help="Kept as a note for whoever takes it.")],
    sure: Annotated[bool, Parameter(name="--sure", help="Page whoever is on call.")] = False,
    json: Json = False,
) -> int:
    """Ask for help that cannot wait; while closed, --sure pages whoever is on call."""
    return _order(ref, Escalate(reason=" ".join(reason), sure=sure), json=json)


@app.command(group=_CALL)
def ack(ref: Ref, /, *, json: Json = False) -> int:
    """Take an escalation: paging stops, and the conversation is yours."""
    return _order(ref, Acknowledge(), json=json)


@app.command(group=_CALL)
def oncall(*, json: Json = False) -> int:
    """Say who is on call, now and in the coming weeks."""
    printing.oncall(_run(lambda client: client.oncall()), as_json=json)
    return DONE


@app.command(group=_CALL)
def swap(when: str, whom: str, /, *, until: str = "", json: Json = False) -> int:
    """Give a shift on call to somebody, or exchange it for another.

    Parameters
    ----------
    when
        A moment of the shift, such as now, 7/12 or "7/12 14:00".
    whom
        Such as @lina, or a moment of the shift it is exchanged for.
    until
        For @lina, when it ends; otherwise the whole shift is hers.
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


# -- the floor, for leads -----------------------------------------------------------------------


@app.command(group=_LEAD)
def agent(
    *words: Annotated[
        str,
        Parameter(
            help="Such as lina capacity 8, lina languages ar fr, lina hours off until 18:00, "
            "lina token, lina revoke; or add Nadia agent sales."
        ),
    ],
    json: Json = False,
) -> int:
    """Set an agent's role, teams, skills, hours or access; without words, list everybody."""
    if words:
        return _staff("agent", words, as_json=json)
    for badge in _run(lambda client: client.snapshot()).agents:
        printing.agent(badge, as_json=json)
    return DONE


@app.command(group=_LEAD)
def team(
    *words: Annotated[str, Parameter(help="Such as add vip, or remove vip.")], json: Json = False
) -> int:
    """Open or close a team."""
    return _staff("team", words, as_json=json)


@app.command(group=_LEAD)
def shift(
    *words: Annotated[
        str,
        Parameter(
            help="Such as @lina off until tomorrow 9, sales on from 18:00 until 20:00, @lina usual."
        ),
    ],
    json: Json = False,
) -> int:
    """Give an agent or a team other hours for a time; without words, say who works when."""
    if words:
        return _staff("shift", words, as_json=json)
    printing.shifts(_run(lambda client: client.shifts()), _now(), as_json=json)
    return DONE


@app.command(group=_LEAD)
def rota(
    *holders: Annotated[
        str, Parameter(help="Such as @samir @lina; usual for the configured order.")
    ],
    json: Json = False,
) -> int:
    """Set whose week on call follows whose."""
    return _staff("rota", holders, as_json=json)


def _staff(verb: str, words: tuple[str, ...], *, as_json: bool) -> int:
    from wainbox_tui.staff import carry_out, read

    try:
        order = read(verb, " ".join(words), _now())
    except ValueError as error:
        raise refuse(Code.INVALID, str(error)) from None
    done = _run(lambda client: carry_out(client, order, _now()))
    printing.staff(done, as_json=as_json)
    return DONE


# -- this terminal ------------------------------------------------------------------------------


@app.command(group=_HERE)
def login(
    url: Annotated[str, Parameter(help="The relay's address; else as configured.")] = "",
    /,
    *,
    token_store: Annotated[
        Literal["", "keyring", "file"], Parameter(help="Where to keep it; else where it can be.")
    ] = "",
) -> int:
    """Keep this terminal's token, in the keyring or in a file only you can read."""
    from wainbox_tui.cli.login import login as ask

    return ask(_with(load(), url, token_store))


@app.command(group=_HERE)
def logout() -> int:
    """Forget this terminal's token."""
    from wainbox_tui.credentials import forget

    forget(load())
    return DONE


@app.command(group=_HERE)
def presence(
    state: Annotated[Literal["online", "busy", "break", "away"], Parameter(help="How you are.")],
    /,
    *,
    until: str = "",
) -> int:
    """Say how you are there, on all your terminals: busy, on break and away bring no new work.

    Parameters
    ----------
    until
        Such as 30m, 14:30 or tomorrow 9. A break then ends by itself; online until a time is
        overtime.
    """
    moment = parse_moment(until, _now()) if until else None
    _run(lambda client: client.present(PresencePost(state=state, until=moment)))
    print(f"{state} until {echo(moment)}" if moment else state)
    return DONE


@app.command(group=_HERE)
def doctor() -> int:
    """Look at this terminal, its token and the way to the relay."""
    from wainbox_tui.cli.doctor import examine

    return examine(load(), os.environ)


@app.command(group=_HERE)
def keys(*, markdown: Annotated[bool, Parameter(help="As a table for a page.")] = False) -> int:
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
