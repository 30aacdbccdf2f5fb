"""What every command for pipes stands on: the app with its groups, the words that several of them
take, and the way to the relay."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, TypeVar

from cyclopts import App, Group, Parameter
from cyclopts.validators import Number
from pydantic import ValidationError

from wainbox_relay.contract.commands import (
    Command,
    Done,
)
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import AgentId
from wainbox_tui.cli import DONE, printing
from wainbox_tui.client import Client, Unreachable
from wainbox_tui.config import load
from wainbox_tui.credentials import find

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

READ = Group.create_ordered("Looking")
DO = Group.create_ordered("Doing")
CALL = Group.create_ordered("On call")
LEAD = Group.create_ordered("The floor, for leads")
HERE = Group.create_ordered("This terminal")


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


def ask(work: Callable[[Client], Awaitable[T]]) -> T:
    """What comes of some work with the relay."""

    async def run() -> T:
        async with _client() as client:
            try:
                return await work(client)
            except ValidationError as error:
                raise Unreachable(
                    "The relay's answer cannot be understood; is it another version than this?"
                ) from error

    return asyncio.run(run())


def command_id(given: str) -> str:
    if given and (len(given) != 32 or set(given) - set("0123456789abcdef")):
        raise refuse(Code.INVALID, f"'{given}' is no id: 32 hex digits are needed.", "id")
    return given or secrets.token_hex(16)


def order(ref: str, command: Command, id_: str = "", *, json: bool = False) -> int:
    """Has the relay do it, and says what was done."""
    done: Done = ask(lambda client: client.order(ref, command, command_id(id_)))
    printing.done(done, as_json=json)
    return DONE


def text_of(given: tuple[str, ...], what: str) -> str:
    """Words from the command line, else from standard input."""
    if not given and sys.stdin.isatty():
        print(f"Write {what}; Ctrl-D on a line of its own ends it.", file=sys.stderr)
    words = " ".join(given) if given else sys.stdin.read().strip()
    if not words.strip():
        raise refuse(Code.INVALID, f"There are no words for {what}; write some.", "text")
    return words


def handle_of(text: str) -> AgentId | None:
    return AgentId(text.removeprefix("@").lower()) if text else None


def moment_here() -> datetime:
    return datetime.now().astimezone()  # noqa: TID251 - the command line is where "now" begins
