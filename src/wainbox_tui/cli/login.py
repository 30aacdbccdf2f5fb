"""`wainbox login`: finds out where a token can be kept before asking for it."""

import asyncio
import sys
from getpass import getpass

from wainbox_relay.contract.views import Snapshot
from wainbox_tui.cli import DONE
from wainbox_tui.client import Client, check_address
from wainbox_tui.config import Config
from wainbox_tui.credentials import FILE, NoToken, Token, check, keyring_works, store


def login(config: Config) -> int:
    check_address(config.url)
    in_keyring = config.token_store != "file" and keyring_works()  # noqa: S105 - a place
    if config.token_store == "keyring" and not in_keyring:  # noqa: S105 - a place
        raise NoToken("No keyring answers here; use --token-store=file.")
    place = "the keyring" if in_keyring else str(config.folder / FILE)
    print(f"The token for {config.url} will be kept in {place}.", file=sys.stderr)
    if not (token := _given().strip()):
        raise NoToken("No token was given; nothing changed.")
    check(Token(token, "here"))
    me = asyncio.run(_who(config, token)).me
    print(f"{me.name} ({me.role}); kept in {store(config, token, in_keyring=in_keyring)}.")
    return DONE


def _given() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return getpass("Token: ")
    except EOFError:
        return ""


async def _who(config: Config, token: str) -> Snapshot:
    """Asks the relay before anything is kept."""
    client = Client(config.url, token, config.ca_file)
    try:
        return await client.snapshot()
    finally:
        await client.close()
