"""A relay in service: its lock, stores, loops, listeners, control socket and signals; up in that
order, and down again the other way round."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from wainbox_relay.administration import Administration
from wainbox_relay.config import ConfigError, Settings
from wainbox_relay.control import Answer, ControlServer, Handler, hold
from wainbox_relay.domain.model import Desk, Number
from wainbox_relay.domain.outcome import OPERATOR
from wainbox_relay.engine.folding import Slice
from wainbox_relay.in_force import InForce
from wainbox_relay.media import MediaFolder
from wainbox_relay.ports import AuditRow, StoreFull
from wainbox_relay.relay import Relay, accounts, assembled, desk_of
from wainbox_relay.store import SQLITE
from wainbox_relay.store.files import MEDIA_FOLDER
from wainbox_relay.web.front import Web
from wainbox_relay.web_side import WebSide

log = structlog.get_logger()

SWITCH = 0.0005
"""Seconds a thread may keep the interpreter while another wants it. SQLite's threads let go of it
at every row, and at Python's own 5 ms get it back too late when the event loop is busy."""

YOUNG = 20_000
"""Objects made before Python looks for cycles among them. A batch makes many thousands and leaves
none; at Python's own 700 the looking is a tenth of all the work."""

LIVE = frozenset(
    {
        "desk",
        "numbers",
        "closing",
        "rating",
        "sla",
        "sla_policies",
        "assignment",
        "shifts",
        "menu",
        "bot",
        "texts",
        "after_hours",
        "urgency",
        "oncall",
        "oncall_agents",
        "oncall_overrides",
        "graph.token",
        "webhook.app_secret",
        "webhook.app_secret_previous",
    }
    | {"webhook.verify_token", "compose.mark_read", "calendars"}
)
"""What a reload changes at once; everything else waits for a restart."""


async def serve(settings: Settings, config: Path) -> None:
    """Serves until told to stop. Raises `AlreadyRunning`, `StoreTrouble` and `CannotListen`."""
    sys.setswitchinterval(SWITCH)
    settings.relay.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    in_force = InForce(settings)
    with hold(settings.lock_file):
        MediaFolder(settings.relay.data_dir / MEDIA_FOLDER).clear()
        whatsapp = in_force.whatsapp()
        try:
            async with assembled(settings, lambda _: whatsapp) as relay:
                web = Web(WebSide(relay, in_force, whatsapp).services())
                _collect_less()
                await Service(relay, web, in_force, config).run()
        finally:
            await whatsapp.aclose()


def _collect_less() -> None:
    """What is here now (modules, every conversation's place in the counts) stays until the end, and
    need not be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


class Service:
    """One relay between start and stop."""

    def __init__(self, relay: Relay, web: Web, in_force: InForce, config: Path) -> None:
        self._relay = relay
        self._web = web
        self._in_force = in_force
        self._config = config
        self._stopping = asyncio.Event()
        self._reloading = asyncio.Event()

    async def run(self) -> None:
        """Raises `CannotListen` before anything is done."""
        self._web.open()
        try:
            await self._run()
        except ExceptionGroup:
            log.exception("relay_failed", next="start it again; nothing that was kept is lost")
            raise

    async def _run(self) -> None:
        control = ControlServer(self._in_force.settings.control_socket, self._handlers())
        async with asyncio.TaskGroup() as group:
            writer, *loops = await self._relay.loops(group)
            await self._configure("started")
            loops.append(group.create_task(self._reload_when_asked()))
            web = group.create_task(self._web.run())
            async with control.listening():
                self._heed_signals()
                self._tell()
                await self._stopping.wait()
            log.info("relay_stopping")
            await self._go_down(web, loops, writer)
        log.info("relay_stopped")

    def _tell(self) -> None:
        webhook, api = (f"{h}:{p}" for h, p in (self._web.webhook.address, self._web.api.address))
        log.info("relay_started", pid=os.getpid(), sqlite=SQLITE, webhook=webhook, api=api)

    async def _go_down(
        self, web: asyncio.Task[None], loops: list[asyncio.Task[None]], writer: asyncio.Task[None]
    ) -> None:
        """First nobody asks any more, then nothing leaves, then what was asked is finished."""
        self._web.stop()
        self._relay.stream.close_all("the relay is stopping")
        await asyncio.wait({web}, timeout=self._in_force.settings.timing.stop)
        self._web.close()
        await _ended([web, *loops])
        await _ended([writer])
        await self._relay.inbox.drain(self._relay.unread)

    # -- stopping and reloading --------------------------------------------------------------

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stopping.set)
        loop.add_signal_handler(signal.SIGINT, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reloading.set)

    async def _reload_when_asked(self) -> None:
        while True:
            await self._reloading.wait()
            self._reloading.clear()
            try:
                await self.reload()
            except StoreFull:
                log.warning("reload_not_kept", next="free some space, then reload again")

    def _handlers(self) -> dict[str, Handler]:
        return {**Administration(self._relay).handlers(), "reload": self.reload, "stop": self.stop}

    async def stop(self) -> Answer:
        self._stopping.set()
        return {}

    async def reload(self) -> Answer:
        """Reads the settings again; those in force stay where the new ones have faults."""
        try:
            fresh = await asyncio.to_thread(Settings.load, self._config)
        except ConfigError as error:
            log.warning("settings_kept", faults=len(error.problems), next="wainbox-relay check")
            return {"sentences": ["The settings in force stay. " + str(error)]}
        waiting = sorted(_changed(self._in_force.settings, fresh) - LIVE)
        self._in_force.renew(fresh)
        await self._configure("reloaded")
        log.info("settings_reloaded", after_restart=waiting)
        later = [f"After a restart: {', '.join(waiting)}."] if waiting else []
        return {"sentences": ["The settings were read again.", *later]}

    async def _configure(self, act: str) -> None:
        """Puts the configured desk in place, in one transaction with a line in the audit log."""
        desk = desk_of(self._in_force.settings)
        row = AuditRow(self._relay.clock.now(), OPERATOR, act, "", {})
        settings = self._in_force.settings
        self._relay.pager.renew(settings.oncall, settings.oncall_agents)
        hidden = self._relay.inbox.desk.unclaimed
        await self._relay.inbox.amend(lambda slice_: _set_up(slice_, desk), (row,))
        self._relay.templates.serve(accounts(self._in_force.settings))
        if hidden != self._relay.inbox.desk.unclaimed:
            self._relay.stream.close_all("other numbers are shown now")


def _set_up(slice_: Slice, desk: Desk) -> None:
    """Numbers that were paused try again: whoever starts or reloads has seen to the reason."""
    numbers = {**{n.id: n for n in _left_out(slice_.desk, desk)}, **desk.numbers}
    slice_.out.numbers.update(numbers)
    merged = {**slice_.desk.numbers, **numbers}
    opened = slice_.desk.opened - desk.teams
    slice_.desk = replace(
        slice_.desk,
        teams=desk.teams | opened,
        opened=opened,
        policy=desk.policy,
        numbers=merged,
    )


def _left_out(before: Desk, desk: Desk) -> Iterator[Number]:
    """Numbers of before that are configured no longer."""
    for number in before.numbers.values():
        if number.id not in desk.numbers:
            yield replace(number, claimed=False)


def _changed(before: Settings, after: Settings) -> set[str]:
    """Settings that differ, as section.key; all of the numbers are one."""
    return set(_differences(before.model_dump(), after.model_dump()))


def _differences(was: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    for section, new in now.items():
        old = was[section]
        if section in LIVE or not (isinstance(new, dict) and isinstance(old, dict)):
            continue
        for key in new:
            if new[key] != old[key]:
                yield f"{section}.{key.removesuffix('_file')}"


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
