"""Commands about this terminal, and about who sits before it."""

import os
from typing import Annotated, Literal

from cyclopts import Parameter

from wainbox_relay.contract.events import PresencePost
from wainbox_tui.cli import DONE, printing
from wainbox_tui.cli.base import HERE, app, ask, moment_here
from wainbox_tui.config import Config, load
from wainbox_tui.moments import echo
from wainbox_tui.moments import parse as parse_moment


@app.command(group=HERE)
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


@app.command(group=HERE)
def logout() -> int:
    """Forget this terminal's token."""
    from wainbox_tui.credentials import forget

    forget(load())
    return DONE


@app.command(group=HERE)
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
    moment = parse_moment(until, moment_here()) if until else None
    ask(lambda client: client.present(PresencePost(state=state, until=moment)))
    print(f"{state} until {echo(moment)}" if moment else state)
    return DONE


@app.command(group=HERE)
def doctor() -> int:
    """Look at this terminal, its token and the way to the relay."""
    from wainbox_tui.cli.doctor import examine

    return examine(load(), os.environ)


@app.command(group=HERE)
def keys(*, markdown: Annotated[bool, Parameter(help="As a table for a page.")] = False) -> int:
    """List every action with its key."""
    printing.keys(load(), as_markdown=markdown)
    return DONE


def _with(config: Config, url: str, token_store: str) -> Config:
    from dataclasses import replace

    changed = replace(config, url=url or config.url)
    return replace(changed, token_store=token_store or config.token_store)
