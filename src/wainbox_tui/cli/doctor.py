"""`wainbox doctor`: what this terminal can do, where the token is, whether the relay answers."""

import asyncio
import shutil
from collections.abc import Mapping

from wainbox_relay.contract.problems import Refusal
from wainbox_tui.cli import DONE, NETWORK, NOT_ALLOWED
from wainbox_tui.client import BadAddress, Client, Unreachable
from wainbox_tui.config import FILE, Config, state_folder
from wainbox_tui.credentials import NoToken, find
from wainbox_tui.terminal import arabic


def examine(config: Config, env: Mapping[str, str]) -> int:
    """Prints what it finds, and exits as the relay's answer deserves."""
    size = shutil.get_terminal_size()
    _say("terminal", f"{env.get('TERM', 'unknown')}, {size.columns}x{size.lines}")
    _say("colours", env.get("COLORTERM") or "not said (256 or fewer)")
    _say("over ssh", "yes" if "SSH_CONNECTION" in env else "no")
    mode, guard = arabic(config, env)
    chosen = "asked" if config.bidi == "auto" else "configured"
    _say("arabic", f"drawn in mode {mode}, guard {guard} ({chosen})")
    _say("config", str(config.folder / FILE))
    _say("drafts", str(state_folder(env)))
    try:
        token = find(config, env)
    except NoToken as missing:
        _say("token", str(missing))
        return NOT_ALLOWED
    _say("token", f"from {token.origin}")
    return asyncio.run(_relay(config, token.text))


async def _relay(config: Config, token: str) -> int:
    try:
        client = Client(config.url, token, config.ca_file)
    except BadAddress as bad:
        _say("relay", str(bad))
        return NOT_ALLOWED
    try:
        snapshot = await client.snapshot()
    except Refusal as refusal:
        _say("relay", f"{config.url}: {refusal}")
        return NOT_ALLOWED
    except Unreachable as error:
        _say("relay", str(error))
        return NETWORK
    finally:
        await client.close()
    _say("relay", f"{config.url}, version {snapshot.version}")
    _say("you", f"{snapshot.me.name}, {snapshot.me.role}")
    return DONE


def _say(what: str, found: str) -> None:
    print(f"{what:10} {found}")
