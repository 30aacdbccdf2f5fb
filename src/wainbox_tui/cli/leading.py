"""Commands with which leads look after agents, teams, hours and the rota."""

from typing import Annotated

from cyclopts import Parameter

from wainbox_relay.contract.problems import Code, refuse
from wainbox_tui.cli import DONE, printing
from wainbox_tui.cli.base import LEAD, Json, app, ask, moment_here


@app.command(group=LEAD)
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
    for badge in ask(lambda client: client.snapshot()).agents:
        printing.agent(badge, as_json=json)
    return DONE


@app.command(group=LEAD)
def team(
    *words: Annotated[str, Parameter(help="Such as add vip, or remove vip.")], json: Json = False
) -> int:
    """Open or close a team."""
    return _staff("team", words, as_json=json)


@app.command(group=LEAD)
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
    printing.shifts(ask(lambda client: client.shifts()), moment_here(), as_json=json)
    return DONE


@app.command(group=LEAD)
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
        order = read(verb, " ".join(words), moment_here())
    except ValueError as error:
        raise refuse(Code.INVALID, str(error)) from None
    done = ask(lambda client: carry_out(client, order, moment_here()))
    printing.staff(done, as_json=as_json)
    return DONE
