"""`wainbox-relay demo`: a pretend shop's busy morning, with a relay and a pretend WhatsApp.

The relay and the terminal are processes of their own, started as anybody would start them; the
pretend WhatsApp lives here. Everything ends when the terminal does.
"""

import asyncio
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx

from wainbox_relay import logs
from wainbox_relay.clock import SystemClock
from wainbox_relay.config import Settings
from wainbox_relay.config_file import Answers, written
from wainbox_relay.contract.problems import Code, Refusal
from wainbox_relay.contract.vocabulary import Role
from wainbox_relay.control import ask
from wainbox_relay.demo_pager import Pager, pager
from wainbox_relay.demo_past import live_through
from wainbox_relay.demo_shop import AGENTS, NUMBERS, REPLIES, TEAMS, numbers, rules
from wainbox_relay.demo_steps import Desk
from wainbox_relay.demo_walk import walk
from wainbox_relay.sandbox.box import Sandbox

PATIENCE = 30.0
LOG = "relay.log"
LAST_WORDS = """
That was the demo: a relay, a pretend WhatsApp and its customers, all on this machine.
  Your own number:  wainbox-relay init, then docs/operating.md
  What keys do:     docs/keys.md, or ? in the terminal
  Without a screen: wainbox queue --json, wainbox follow, wainbox reply ..."""


class DemoFailed(Exception):
    """The demo cannot be shown; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything that runs. `tokens` are the agents', by name."""

    folder: Path
    settings: Settings
    box: Sandbox
    pager: Pager
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://{self.settings.api.listen}"

    def desk(self, agent: str) -> Desk:
        return Desk(self.url, self.tokens[agent])


async def demo(data: Path | None, *, watched: bool, say: Callable[[str], None]) -> int:
    """Shows the demo in the terminal when somebody is watching, else walks through it by itself.
    The exit code. Raises `DemoFailed`."""
    if watched and find_spec("textual") is None:
        raise DemoFailed("The terminal is not installed: pip install 'wainbox[tui]'.")
    _end_on_signals()
    with _folder(data) as folder:
        if watched:
            # What the days before would say belongs with the relay's log, not on this screen.
            logs.configure(file=str(folder / LOG))
        async with _open_shop(folder, pace=1.0 if watched else 0.01) as shop:
            if not watched:
                desks = {name: shop.desk(name) for name in AGENTS}
                return await walk(shop.box, desks, shop.pager, say)
            code = await _busy_morning(shop)
    say(LAST_WORDS)
    if data is not None:
        say(f"  Its files:        {data}")
    return code


def _end_on_signals() -> None:
    """However we are told to go, everything we started goes first."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    for sign in (signal.SIGTERM, signal.SIGHUP):
        if task is not None:
            loop.add_signal_handler(sign, task.cancel)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is None:
        with tempfile.TemporaryDirectory(prefix="wainbox-demo-") as made:
            yield Path(made)
        return
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DemoFailed(f"{data} cannot be made: {error.strerror}. Choose another.") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise DemoFailed(f"This user may not write to {data}. Choose another folder.")
    yield data


# -- opening the shop --------------------------------------------------------------------------


@asynccontextmanager
async def _open_shop(folder: Path, pace: float) -> AsyncIterator[Shop]:
    app_secret, verify, token = (secrets.token_hex(16) for _ in range(3))
    listen = f"127.0.0.1:{_free_port()}"
    callback = f"http://{listen}/webhooks/whatsapp"
    async with (
        pager() as lying,
        Sandbox.start(
            callback_url=callback,
            app_secret=app_secret,
            token=token,
            verify_token=verify,
            numbers=NUMBERS,
            pace=pace,
        ) as box,
    ):
        webhook = {"listen": listen, "app_secret": app_secret, "verify_token": verify}
        config = _configure(folder, webhook, {"url": box.url, "token": token}, lying)
        if pace == 1.0:
            await _days_before(box, Settings.load(config, {}))
        async with _relay(folder, config) as settings:
            box.answering = True
            yield Shop(folder, settings, box, lying, _hire(settings, folder))


def _configure(folder: Path, webhook: dict[str, str], graph: dict[str, str], lying: Pager) -> Path:
    answers: Answers = {
        **rules(SystemClock().now(), lying.url),
        "relay": {"data_dir": folder / "data", "log_file": folder / LOG},
        "webhook": webhook,
        "api": {"listen": webhook["listen"]},
        "graph": graph,
    }
    config = folder / "wainbox.toml"
    _private(config, written(answers, numbers()))
    return config


def _private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@asynccontextmanager
async def _relay(folder: Path, config: Path) -> AsyncIterator[Settings]:
    """A relay as a process of its own, from ready to gone."""
    settings = Settings.load(config, {})
    errors = folder / "relay.err"
    with errors.open("w") as file:
        relay = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wainbox_relay.cli", "serve", "--config", str(config)),
            env={k: v for k, v in os.environ.items() if not k.startswith("WAINBOX")},
            stdin=asyncio.subprocess.DEVNULL,
            stderr=file,
            start_new_session=True,
        )
    try:
        await _ready(relay, settings, errors)
        yield settings
    finally:
        await _ended(relay)


async def _ready(relay: asyncio.subprocess.Process, settings: Settings, errors: Path) -> None:
    url = f"http://{settings.api.listen}/readyz"
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(PATIENCE):
        while not await _well(client, url):
            if relay.returncode is not None:
                raise DemoFailed(_last_words(errors))
            await asyncio.sleep(0.05)


async def _well(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


def _last_words(errors: Path) -> str:
    return errors.read_text("utf-8").strip().removeprefix("wainbox-relay: ")


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Asks a process of ours to end, and ends it when it does not."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(8):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _hire(settings: Settings, folder: Path) -> dict[str, str]:
    """Agents with their tokens, and the words they share."""
    tokens = {name: _token(settings, name) for name in AGENTS}
    ask(settings.control_socket, "replies import", replies=REPLIES)
    for name, token in tokens.items():
        _private(folder / f"{name.lower()}.token", f"{token}\n")
    return tokens


def _token(settings: Settings, name: str) -> str:
    """A token for an agent, who may be there from an earlier demo in the same folder."""
    socket_, skills = settings.control_socket, AGENTS[name]
    try:
        made = ask(socket_, "agent add", name=name, role=skills["role"], teams=[*TEAMS])
    except Refusal as refusal:
        if refusal.problem.code is not Code.CONFLICT:
            raise
        made = ask(socket_, "agent rotate", agent=name.lower())
    ask(socket_, "agent change", agent=name.lower(), **skills)
    return str(made["token"])


# -- the morning -------------------------------------------------------------------------------


async def _days_before(box: Sandbox, settings: Settings) -> None:
    """What was written before we came, as a relay that was there would have it. The menu is new
    this morning: it meets who comes now."""
    agents = [(name, Role(skills["role"])) for name, skills in AGENTS.items()]
    before = settings.model_copy(update={"menu": ()})
    await live_through(box, before, SystemClock().now(), agents)


async def _busy_morning(shop: Shop) -> int:
    """What was written before we came, all of it in the queue; colleagues at work; people who come
    now; and a terminal to answer them with."""
    async with asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(_backlog, shop.settings):  # noqa: ASYNC110 - another process's
            await asyncio.sleep(0.05)
    async with shop.desk("Samir").at_work(), shop.desk("Lina").at_work() as lina:
        for card in (await lina.queue())[3::7]:
            await lina.order(card["ref"], do="tag", add=["vip"])
        shop.box.day.begin()
        return await _terminal(shop)


def _backlog(settings: Settings) -> int:
    """Webhooks that the relay has kept and not read yet."""
    return int(ask(settings.control_socket, "status")["backlog"])


async def _terminal(shop: Shop) -> int:
    """Nadia's terminal, until she leaves it."""
    env = os.environ | {
        "WAINBOX_URL": shop.url,
        "WAINBOX_TOKEN_FILE": str(shop.folder / "nadia.token"),
        "WAINBOX_STATE_DIR": str(shop.folder / "terminal"),
    }
    env.pop("WAINBOX_TOKEN", None)
    terminal = await asyncio.create_subprocess_exec(sys.executable, "-m", "wainbox_tui", env=env)
    try:
        return await terminal.wait()
    finally:
        await _ended(terminal)
