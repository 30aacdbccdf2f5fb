"""A pretend WhatsApp, and a pretend shop to look at."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from wainbox_relay.cli.base import CONFIG, DONE, Config, app, finish, sandbox, settings_of
from wainbox_relay.contract.problems import Code, refuse

if TYPE_CHECKING:
    from wainbox_relay.config import Settings
    from wainbox_relay.sandbox.people import Number


@sandbox.default
def sandbox_serve(
    *,
    pace: float = 1.0,
    opening: Annotated[bool, Parameter(negative="--no-opening")] = True,
    config: Config = CONFIG,
) -> None:
    """Be WhatsApp for the configured relay: a strict Cloud API, and customers who write and answer.

    They write to the configured numbers. It takes the place that graph.url names, which must be on
    this machine.

    Parameters
    ----------
    pace
        How long waits last: 1 as in life, 0.1 ten times as fast.
    opening
        Begin with a busy morning.
    """
    from wainbox_relay.sandbox.cli import serve

    settings = settings_of(config)
    serve(
        f"http://{settings.webhook.listen}/webhooks/whatsapp",
        settings.webhook.app_secret.get_secret_value(),
        settings.graph.token.get_secret_value(),
        verify_token=settings.webhook.verify_token.get_secret_value(),
        numbers=_numbers(settings),
        port=_sandbox_port(settings),
        pace=pace,
        opening=opening,
    )


@sandbox.command(name="load")
def sandbox_load(
    *,
    rate: float | None = 1000,
    duration: Annotated[str, Parameter(name="--for")] = "60s",
    connections: int = 64,
    batch: int = 1,
    count: int | None = None,
    config: Config = CONFIG,
) -> int:
    """Send the configured relay signed webhooks, and say how it bore them.

    They are messages to its first number and reports about messages nobody knows.

    Parameters
    ----------
    rate
        Webhooks a second; 0 for as many as are answered.
    duration
        For how long: 60s, 2m.
    connections
        How many at a time.
    batch
        Messages and statuses in one webhook.
    count
        Stop after so many.
    """
    from wainbox_relay.sandbox.cli import load, seconds
    from wainbox_relay.sections.base import is_loopback, split_address

    settings = settings_of(config)
    try:
        seconds(duration)
    except ValueError as error:
        raise refuse(Code.INVALID, str(error), "for") from None
    host, _ = split_address(settings.webhook.listen)
    if not is_loopback(host):
        raise refuse(
            Code.INVALID, "Load goes to this machine only: set webhook.listen to 127.0.0.1."
        )
    load(
        f"http://{settings.webhook.listen}/webhooks/whatsapp",
        settings.webhook.app_secret.get_secret_value(),
        rate=rate or None,
        duration=duration,
        connections=connections,
        batch=batch,
        count=count,
        number=_numbers(settings)[0],
    )
    return DONE


def _numbers(settings: "Settings") -> "list[Number]":
    """The configured numbers as the sandbox knows them; its own where none is configured."""
    from wainbox_relay.sandbox.people import ATLAS, RIYADH, Number

    given = [
        Number(each.id, each.phone or ATLAS.phone, each.name, each.waba or ATLAS.waba)
        for each in settings.numbers
    ]
    return given or [ATLAS, RIYADH]


def _sandbox_port(settings: "Settings") -> int:
    from urllib.parse import urlsplit

    from wainbox_relay.sections.base import is_loopback

    place = urlsplit(settings.graph.url)
    if not (place.port and is_loopback(place.hostname or "")):
        raise refuse(
            Code.INVALID,
            "The sandbox stands where graph.url points, and that is not on this machine: "
            'set graph.url = "http://127.0.0.1:8090" and any graph.token.',
            "graph.url",
        )
    return place.port


@app.command
def demo(*, data: Path | None = None) -> int:
    """Open the terminal on a pretend shop's busy morning; no account needed.

    Where the output is no terminal, walk through one conversation instead and say how long each
    step took.

    Parameters
    ----------
    data
        Folder to keep everything in. Left out, nothing is kept.
    """
    from wainbox_relay.demo import demo as show

    return int(finish(show(data, watched=sys.stdout.isatty(), say=print)))
