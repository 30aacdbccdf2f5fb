"""Commands for whoever is on call, and for who calls them."""

from datetime import datetime
from typing import Annotated

from cyclopts import Parameter

from wainbox_relay.contract.commands import (
    Acknowledge,
    Escalate,
)
from wainbox_relay.contract.oncall import ShiftChange
from wainbox_relay.contract.vocabulary import AgentId
from wainbox_tui.cli import DONE, printing
from wainbox_tui.cli.base import CALL, Json, Ref, app, ask, moment_here, order
from wainbox_tui.moments import MomentError
from wainbox_tui.moments import parse as parse_moment


@app.command(group=CALL)
def escalate(
    ref: Ref,
    /,
    *reason: Annotated[str, Parameter(help="Kept as a note for whoever takes it.")],
    sure: Annotated[bool, Parameter(name="--sure", help="Page whoever is on call.")] = False,
    json: Json = False,
) -> int:
    """Ask for help that cannot wait; while closed, --sure pages whoever is on call."""
    return order(ref, Escalate(reason=" ".join(reason), sure=sure), json=json)


@app.command(group=CALL)
def ack(ref: Ref, /, *, json: Json = False) -> int:
    """Take an escalation: paging stops, and the conversation is yours."""
    return order(ref, Acknowledge(), json=json)


@app.command(group=CALL)
def oncall(*, json: Json = False) -> int:
    """Say who is on call, now and in the coming weeks."""
    printing.oncall(ask(lambda client: client.oncall()), as_json=json)
    return DONE


@app.command(group=CALL)
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
    now = moment_here()
    at = now if when == "now" else parse_moment(when, now)
    end = parse_moment(until, now) if until else None
    if (other := _other_shift(whom, now)) is None:
        change = ShiftChange(at=at, holder=AgentId(whom.removeprefix("@").lower()), until=end)
    elif end is not None:
        raise ValueError("Whole shifts are exchanged; --until goes with an agent, such as @lina.")
    else:
        change = ShiftChange(at=at, other=other)
    printing.oncall(ask(lambda client: client.change_shift(change)), as_json=json)
    return DONE


def _other_shift(whom: str, now: datetime) -> datetime | None:
    """The moment that was typed; None where an agent was, with or without the @."""
    try:
        return None if whom.startswith("@") else parse_moment(whom, now)
    except MomentError:
        if whom.isidentifier():
            return None
        raise
