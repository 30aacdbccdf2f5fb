"""What all verbs share: exit codes, common options, the running relay, sentences."""

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter, validators

from wainbox_relay.contract.problems import Code

if TYPE_CHECKING:
    from wainbox_relay.config import Settings

DONE, FAILED, USAGE, NOT_ALLOWED, NOT_FOUND, CONFLICT, RATE, UNREACHABLE = 0, 1, 2, 3, 4, 5, 6, 8
EXITS = {
    Code.INVALID: USAGE,
    Code.TOO_LARGE: USAGE,
    Code.UNAUTHENTICATED: NOT_ALLOWED,
    Code.NOT_ALLOWED: NOT_ALLOWED,
    Code.NOT_FOUND: NOT_FOUND,
    Code.RATE: RATE,
    Code.BUSY: UNREACHABLE,
}
"""Exit codes of refusals; the others are conflicts."""

Config = Annotated[
    Path,
    Parameter(
        name=["--config", "-c"],
        env_var="WAINBOX_RELAY_CONFIG",
        help="The configuration file.",
    ),
]
Json = Annotated[bool, Parameter(name="--json", help="One JSON object a line.")]
Limit = Annotated[
    int, Parameter(help="How many at most, the newest.", validator=validators.Number(gte=1))
]
Teams = Annotated[list[str] | None, Parameter(name="--team", help="A team; repeat for more.")]
Skills = Annotated[list[str] | None, Parameter(consume_multiple=False)]
CONFIG = Path("wainbox.toml")


def _version() -> str:
    from importlib.metadata import version

    return version("wainbox")


app = App(
    name="wainbox-relay",
    help="The relay: receives WhatsApp's messages, keeps them, and sends what agents write.",
    help_format="markdown",
    help_epilogue="Exit codes: 0 done, 1 failed, 2 usage or a faulty configuration, 3 not allowed, "
    "4 not found, 5 conflict, 8 unreachable.",
    version=_version,
    default_parameter=Parameter(negative=(), show_default=lambda value: value or None),
    result_action="return_value",
    exit_on_error=False,
    print_error=False,
)
agent = App(name="agent", help="Agents and their tokens.")
team = App(name="team", help="The teams whose queues conversations join.")
shift = App(name="shift", help="Who works when.")
rota = App(name="rota", help="Who is on call.")
audit = App(name="audit", help="The record of what agents and operators did.")
quarantine = App(name="quarantine", help="Webhook items that could not be read.")
replies = App(name="replies", help="Canned replies and macros, as a TOML file.")
sandbox = App(name="sandbox", help="A pretend WhatsApp with pretend customers.")
for part in (agent, team, shift, rota, audit, quarantine, replies, sandbox):
    app.command(part)


def settings_of(config: Path) -> "Settings":
    from wainbox_relay.config import Settings

    return Settings.load(config)


def request(config: Path, do: str, **args: object) -> dict[str, Any]:
    """Has the running relay do it, or does it here when none runs."""
    from wainbox_relay.control import NotRunning, ask

    settings = settings_of(config)
    try:
        return ask(settings.control_socket, do, **args)
    except NotRunning:
        from wainbox_relay.administration import do_here

        done: dict[str, Any] = finish(do_here(settings, do, **args))
        return done


def ask_running(config: Path, do: str) -> dict[str, Any]:
    from wainbox_relay.control import ask

    return ask(settings_of(config).control_socket, do)


def finish(work: Any, *, quickly: bool = False) -> Any:
    """Runs a coroutine; `quickly` is worth the start of a faster loop."""
    import asyncio

    run: Callable[..., Any] = asyncio.run
    if quickly and find_spec("uvloop"):
        import uvloop

        run = uvloop.run
    try:
        return run(work)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


def say(code: int, sentence: str) -> int:
    print(f"wainbox-relay: {sentence}", file=sys.stderr)
    return code
