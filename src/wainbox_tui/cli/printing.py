"""How commands print: lines for people, objects for pipes. Everything foreign is cleaned again."""

import json
import sys
from datetime import datetime

from pydantic import BaseModel

from wainbox_relay.contract.bulk import BulkDone
from wainbox_relay.contract.commands import Done
from wainbox_relay.contract.oncall import OnCallBoard
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.shifts import ShiftBoard
from wainbox_relay.contract.staff import NewToken
from wainbox_relay.contract.views import AgentBadge, Card, Cost, Entry, Reason
from wainbox_relay.contract.vocabulary import MediaState
from wainbox_tui.actions import ACTIONS, GO, STATUS
from wainbox_tui.config import Config
from wainbox_tui.keymap import keymap


def line(value: BaseModel) -> None:
    print(value.model_dump_json(), flush=True)


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def card(of: Card, *, as_json: bool) -> None:
    if as_json:
        line(of)
        return
    who = of.customer.name or of.customer.phone or of.customer.username
    last = of.last_message.text if of.last_message else ""
    words = (
        of.ref,
        of.status if of.status != "waiting" else "on customer",
        of.assignee or "nobody",
        of.language or "-",
        str(of.unread),
        _one_line(who),
        _one_line(last),
    )
    print("\t".join(words))


def head(of: Card) -> None:
    print(f"#{of.ref}  {of.status}  {of.assignee or 'nobody'}  {_one_line(of.customer.name)}")


def entry(of: Entry, *, as_json: bool) -> None:
    if as_json:
        line(of)
        return
    who = {"in": "customer", "out": of.author or "wainbox", "note": f"note {of.author}"}
    state = f"  [{of.delivery}]" if of.delivery else ""
    author = f"{who[of.direction]}: " if of.direction in who else "-- "
    said = f"{author}{_file(of)}{_one_line(of.text)}".strip()
    print(f"{_clock(of.at)}  {said or of.kind}{state}")


def _file(of: Entry) -> str:
    """What kind of file came along, and how it is where it is not here."""
    if of.media is None:
        return "" if of.text else of.kind
    states = {MediaState.PENDING: "not here yet", MediaState.GONE: "gone"}
    refused = f"refused: {_one_line(of.media.reason)}"
    state = states.get(of.media.state, "" if of.media.state is MediaState.READY else refused)
    return f"({of.kind}, {state}) " if state else f"({of.kind}) "


def reason(of: Reason, *, as_json: bool) -> None:
    if as_json:
        line(of)
    else:
        print(f"{_clock(of.at)}  {_one_line(of.sentence)}")


def oncall(of: OnCallBoard, *, as_json: bool) -> None:
    if as_json:
        line(of)
    elif not of.shifts:
        print("Nobody is on call.")
    for shift in () if as_json else of.shifts:
        name = _one_line(shift.name)
        print(f"{_clock(shift.starts)} - {_clock(shift.ends)}  {name} (@{shift.holder})")


def agent(of: AgentBadge, *, as_json: bool) -> None:
    from wainbox_tui.staff import told

    if as_json:
        line(of)
    else:
        print(f"@{of.id}\t{of.presence}\t{_one_line(told(of))}")


def shifts(of: ShiftBoard, now: datetime, *, as_json: bool) -> None:
    from wainbox_tui.staff import shift_told

    for each in of.shifts:
        if as_json:
            line(each)
        else:
            print(f"{_one_line(each.whom)}\t{_one_line(shift_told(each, now))}")


def staff(done: str | NewToken | OnCallBoard, *, as_json: bool) -> None:
    """What came of a lead's order; a new token is told this once."""
    match done:
        case OnCallBoard():
            oncall(done, as_json=as_json)
        case NewToken():
            line(done) if as_json else print(done.token)
        case _:
            print(json.dumps({"said": done}, ensure_ascii=False) if as_json else _one_line(done))


def cost(of: Cost, *, as_json: bool) -> None:
    """One line for each number, agent and category; then what all of them come to."""
    for each in of.lines:
        if as_json:
            line(each)
        else:
            who = each.agent or "wainbox"
            print(f"{each.number}\t{who}\t{each.category}\t{each.billed}\t{each.free} free")
    if not as_json:
        print(f"{of.month}: {sum(each.billed for each in of.lines)} messages billed")


def bulk(of: BulkDone, *, as_json: bool) -> None:
    if as_json:
        line(of)
    else:
        print(f"{of.id}\t{of.said}")


def done(of: Done, *, as_json: bool) -> None:
    if as_json:
        line(of)
    elif of.said:
        print(of.said, file=sys.stderr)


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def keys(config: Config, *, as_markdown: bool) -> None:
    """Every action with its key, id and command line."""
    mine = keymap(config.keys, config.pair)
    after = {action: f"g {key}" for key, action in GO.items()}
    after |= {action: f"s {key}" for key, action in STATUS.items()}
    if as_markdown:
        print("| key | what it does | id | command line |\n| --- | --- | --- | --- |")
    row = "| {} | {} | `{}` | `:{}` |" if as_markdown else "{:10} {:24} {:16} :{}"
    for action in ACTIONS:
        key = mine.key(action.id) or after.get(action.id, "")
        shown = f"`{key}`" if key and as_markdown else key
        print(row.format(shown, action.title, action.id, action.line or action.id))
