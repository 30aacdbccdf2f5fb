"""Commands that do something to conversations."""

import re
import secrets
import sys
from datetime import datetime
from typing import Annotated, Literal

from cyclopts import Parameter

from wainbox_relay.contract.bulk import Bulk, Shown
from wainbox_relay.contract.commands import (
    Assign,
    Claim,
    Command,
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
from wainbox_relay.contract.filters import VIEWS, parse
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import AgentId, EntryId, TeamId
from wainbox_tui.bulk import read as read_bulk
from wainbox_tui.bulk import sentence as bulk_sentence
from wainbox_tui.cli import CONFLICT, DONE, printing
from wainbox_tui.cli.base import (
    DO,
    Filter,
    Id,
    Json,
    Ref,
    Sure,
    app,
    ask,
    command_id,
    handle_of,
    moment_here,
    order,
    text_of,
)
from wainbox_tui.client import Client
from wainbox_tui.moments import echo, over_all, over_there
from wainbox_tui.moments import parse as parse_moment

_NAMED = re.compile(r"[a-z][a-z0-9_]*=")

_STATUSES: dict[str, Command] = {
    "open": Reopen(),
    "waiting": Wait(),
    "on-customer": Wait(),
    "resolved": Resolve(),
}


@app.command(group=DO)
def claim(
    ref: Ref,
    /,
    *,
    take_over: Annotated[bool, Parameter(help="Although a colleague has it.")] = False,
    json: Json = False,
) -> int:
    """Take a conversation."""
    return order(ref, Claim(take_over=take_over), json=json)


@app.command(name="next", group=DO)
def take_next(*, id: Id = "", json: Json = False) -> int:
    """Take the most pressing conversation that you can."""
    done = ask(lambda client: client.take(command_id(id)))
    printing.done(done, as_json=json)
    if not (json or done.said):
        print(f"{done.ref} is yours.")
    return DONE


@app.command(group=DO)
def release(ref: Ref, /, *, json: Json = False) -> int:
    """Give a conversation back to the queue."""
    return order(ref, Release(), json=json)


@app.command(group=DO)
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
    return order(ref, command, json=json)


@app.command(group=DO)
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
            content=Text(body=text_of(text, "the message")),
            seen=None if seen is None else EntryId(seen),
            any_language=any_language,
            then=then,
        )
    sid = command_id(id)

    async def work(client: Client) -> int:
        done = await client.order(ref, command, sid)
        printing.done(done, as_json=json)
        if not wait or done.entry is None:
            return DONE
        from wainbox_tui.cli.following import until_accepted

        return DONE if await until_accepted(client, ref, done.entry, as_json=json) else CONFLICT

    return ask(work)


@app.command(group=DO)
def note(ref: Ref, /, *text: str, json: Json = False) -> int:
    """Write a note that only the team sees.

    Parameters
    ----------
    text
        What it says, @lina for whom it concerns; else standard input is read.
    """
    return order(ref, WriteNote(body=text_of(text, "the note")), json=json)


@app.command(group=DO)
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
    return order(ref, command, json=json)


@app.command(group=DO)
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
    return order(ref, command, json=json)


@app.command(group=DO)
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
    moment = parse_moment(" ".join(until), ask(lambda client: _there(client, ref)))
    code = order(ref, Snooze(until=moment, sure=sure), json=json)
    print(f"until {echo(moment)}", file=sys.stderr)
    return code


async def _for_all(client: Client) -> datetime:
    """What time it is for all numbers, where they are in one zone."""
    snapshot = await client.snapshot()
    return over_all(moment_here(), (number.zone for number in snapshot.numbers))


async def _there(client: Client, ref: str) -> datetime:
    """The time where a conversation's number keeps its business hours."""
    card, snapshot = await client.card(ref), await client.snapshot()
    zone = next((n.zone for n in snapshot.numbers if n.id == card.number), "")
    return over_there(moment_here(), zone)


@app.command(group=DO)
def resolve(
    ref: Ref,
    /,
    *,
    outcome: Annotated[str, Parameter(help="What came of it, in a word.")] = "",
    sure: Sure = False,
    json: Json = False,
) -> int:
    """Close a conversation."""
    return order(ref, Resolve(sure=sure, outcome=outcome), json=json)


@app.command(group=DO)
def undo(ref: Ref, /, *, json: Json = False) -> int:
    """Take back the last change."""
    return order(ref, Undo(), json=json)


@app.command(group=DO)
def manager(
    ref: Ref,
    agent: Annotated[str, Parameter(help="Such as @lina; left out, nobody any more.")] = "",
    backup: Annotated[str, Parameter(help="Who stands in, such as @omar.")] = "",
    /,
    *,
    json: Json = False,
) -> int:
    """Give a customer an account manager and a backup, or none; for leads."""
    return order(ref, SetManager(agent=handle_of(agent), backup=handle_of(backup)), json=json)


@app.command(group=DO)
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
        job = command_id(order[1])
        printing.bulk(ask(lambda client: client.bulk_undo(job)), as_json=json)
        return DONE
    wanted = read_bulk(" ".join(order), ask(_for_all))
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

    ask(work)
    return DONE


def _values(given: tuple[str, ...]) -> dict[str, tuple[object, ...]]:
    """A template's values: by name where every one has a name, else by place."""
    named = tuple(tuple(value.split("=", 1)) for value in given if _NAMED.match(value))
    return {"named": named} if len(named) == len(given) else {"variables": given}
