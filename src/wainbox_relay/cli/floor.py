"""Teams, shifts and the rota, as they are changed without touching the configuration."""

from datetime import datetime
from typing import Annotated, Any

from cyclopts import Parameter

from wainbox_relay.cli.base import CONFIG, Config, Json, print_json, request, rota, shift, team

Team = Annotated[str, Parameter(help="Its name, as agents and rules have it.")]
When = Annotated[datetime | None, Parameter(negative=())]


@team.command(name="list")
def team_list(*, json: Json = False, config: Config = CONFIG) -> None:
    """List the teams, who is on them and how much waits there."""
    for each in request(config, "team list")["teams"]:
        if json:
            print_json(each)
            continue
        people = " ".join(each["agents"]) or "nobody"
        where = "" if each["configured"] else "  (opened by command)"
        print(f"{each['team']:<20} {each['conversations']:>6} open  {people}{where}")


@team.command(name="add")
def team_add(name: Team, /, *, config: Config = CONFIG) -> None:
    """Open a team beside those of desk.teams; agents join it by `agent change --team`."""
    request(config, "team add", team=name)
    print(f"There is a team {name} now.")


@team.command(name="remove")
def team_remove(name: Team, /, *, config: Config = CONFIG) -> None:
    """Close a team that was opened by command, once nobody and nothing is on it."""
    request(config, "team remove", team=name)
    print(f"There is no team {name} any more.")


@shift.command(name="list")
def shift_list(*, json: Json = False, config: Config = CONFIG) -> None:
    """Say who works when, and what was set for a while."""
    _shifts(request(config, "shift list"), json=json)


@shift.command(name="set")
def shift_set(
    whom: str,
    hours: str,
    /,
    *,
    starts: When = None,
    ends: When = None,
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Give an agent (@lina) or a team other hours, for a time or until further notice.

    Parameters
    ----------
    whom
        Such as @lina, or the name of a team.
    hours
        off, on, or the name of a calendar; usual takes back what was set for that time.
    starts
        Such as 2026-11-27T18:00, by this machine's clock unless it has a zone; else now.
    ends
        The same; left out, until further notice.
    """
    change = {"whom": whom, "hours": hours, "starts": _instant(starts), "ends": _instant(ends)}
    board = request(config, "shift set", **change)
    board["shifts"] = [each for each in board["shifts"] if each["whom"] == whom]
    _shifts(board, json=json)


@rota.command(name="show")
def rota_show(*, json: Json = False, config: Config = CONFIG) -> None:
    """Say who is on call, now and in the coming weeks."""
    _rota(request(config, "rota show"), json=json)


@rota.command(name="order")
def rota_order(
    *holders: Annotated[
        str, Parameter(help="Such as @samir @lina; nobody for the configured order.")
    ],
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Set whose week follows whose; the first has the present one."""
    names = [each.removeprefix("@").lower() for each in holders]
    _rota(request(config, "rota order", holders=names), json=json)


@rota.command(name="swap")
def rota_swap(
    at: datetime,
    /,
    *,
    to: str = "",
    until: When = None,
    other: When = None,
    json: Json = False,
    config: Config = CONFIG,
) -> None:
    """Give a shift on call to somebody else, or exchange it for another.

    Parameters
    ----------
    at
        A moment of the shift, such as 2026-12-07T12:00, by this machine's clock.
    to
        The agent who takes it.
    until
        When that ends; left out, the whole shift is theirs.
    other
        A moment of the shift it is exchanged for.
    """
    change = {"at": _instant(at), "until": _instant(until), "other": _instant(other)}
    change["holder"] = to.removeprefix("@").lower() or None
    _rota(request(config, "rota swap", **change), json=json)


def _instant(moment: datetime | None) -> str | None:
    """With a zone: this machine's, unless one was written."""
    return None if moment is None else moment.astimezone().isoformat()


def _shifts(board: dict[str, Any], *, json: bool) -> None:
    for each in board["shifts"]:
        if json:
            print_json(each)
            continue
        print(f"{each['whom']:<20} {_usually(each):<16} {_now(each)}".rstrip())
        for other in each["others"]:
            until = f" until {_clock(other['ends'])}" if other["ends"] else ""
            print(f"{'':<20} {other['hours']:<16} from {_clock(other['starts'])}{until}")


def _usually(shift: dict[str, Any]) -> str:
    own = "" if shift["on_shift"] is None else "as the teams"
    return shift["usual"] or own or "always"


def _now(shift: dict[str, Any]) -> str:
    if shift["on_shift"] is None:
        return ""
    until = f" until {_clock(shift['until'])}" if shift["until"] else ""
    return f"{'on' if shift['on_shift'] else 'off'} shift{until}"


def _rota(board: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(board)
    elif not board["shifts"]:
        print("Nobody is on call.")
    for each in () if json else board["shifts"]:
        print(f"{_clock(each['starts'])} - {_clock(each['ends'])}  {each['name']}")


def _clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone():%a %d %b %Y %H:%M %Z}"
