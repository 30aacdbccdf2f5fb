"""Whether a relay could run as configured: `wainbox-relay check` looks and changes nothing.

One question a number shows whether token, number and account are well.
"""

import asyncio
import os
import shlex
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

from wainbox_relay.clock import SystemClock
from wainbox_relay.config import Settings, read_toml
from wainbox_relay.contract.problems import Refusal
from wainbox_relay.contract.safe import clean
from wainbox_relay.control import NotRunning, ask
from wainbox_relay.in_force import InForce
from wainbox_relay.outlook import Finding, outlook
from wainbox_relay.ports import Refused, TryLater
from wainbox_relay.sections.base import split_address
from wainbox_relay.sections.desk import NumberSection
from wainbox_relay.store import SQLITE
from wainbox_relay.store.files import JOURNAL_FILE, MAIN_FILE, MEDIA_FOLDER
from wainbox_relay.store.network import shared_file_system
from wainbox_relay.whatsapp.cloud_api import CloudApi

PATIENCE = 10.0
"""Seconds that one question to the Cloud API may take."""

ENOUGH_SPACE = 256 * 1024 * 1024


async def findings(settings: Settings, config: Path) -> list[Finding]:
    """Everything looked at, in the order people mend things."""
    here = await asyncio.to_thread(lambda: list(_on_this_machine(settings, config)))
    return here + [finding async for finding in _at_whatsapp(settings)]


# -- on this machine ---------------------------------------------------------------------------


def _on_this_machine(settings: Settings, config: Path) -> Iterator[Finding]:
    yield _privacy(settings, config)
    yield _folder("data folder", settings.relay.data_dir)
    yield _folder("media folder", settings.relay.data_dir / MEDIA_FOLDER)
    yield _database(settings.relay.data_dir / MAIN_FILE)
    running = _running(settings)
    for key, address in {
        "webhook.listen": settings.webhook.listen,
        "api.listen": settings.api.listen,
    }.items():
        yield Finding(key, True, "the relay is running here") if running else _port(key, address)
    if settings.oncall.rota:
        yield _on_call(settings)
    if (topics := _topics(settings)) is not None:
        yield topics
    yield from _outlook(settings)


def _outlook(settings: Settings) -> Iterator[Finding]:
    try:
        yield from outlook(settings, SystemClock().now())
    except sqlite3.Error:
        return  # the database has a finding of its own


def _on_call(settings: Settings) -> Finding:
    """Whoever cannot be paged is noticed by day."""
    section = settings.oncall
    reached = {
        each.agent
        for each in settings.oncall_agents
        if each.addresses or (each.phone and section.template)
    }
    people = dict.fromkeys((*section.rota, *section.leads))
    if missing := [who for who in people if who not in reached]:
        names = ", ".join(missing)
        sentence = f"nothing pages {names}; give urls, or a phone and oncall.template"
        return Finding("on call", False, f"{sentence}, in [[oncall_agents]]")
    if strange := [who for who in people if who not in _hired(settings)]:
        return Finding("on call", False, f"there is no agent {', '.join(strange)}; mind the handle")
    if not any(number.calendar for number in settings.numbers):
        sentence = "no number has a calendar, so none is ever closed and nobody is paged"
        return Finding("on call", False, sentence)
    return Finding("on call", True, f"{', '.join(people)} can be paged")


def _topics(settings: Settings) -> Finding | None:
    """Rules that wait for a topic which no choice of the menu gives; None when none names any."""
    rules = {f"assignment.rules {each.name}": each.topics for each in settings.assignment.rules}
    wanted = {"urgency.topics": settings.urgency.topics, **rules}
    asked = [(where, topic) for where, topics in wanted.items() for topic in topics]
    if missing := [f"{topic} ({where})" for where, topic in asked if topic not in settings.topics]:
        return Finding("topics", False, f"no choice of the menu gives {', '.join(missing)}")
    return Finding("topics", True, "the menu gives all that rules name") if asked else None


def _hired(settings: Settings) -> frozenset[str]:
    """The handles of all agents; everybody's while there is no database, nobody's in a damaged
    one."""
    path = settings.relay.data_dir / MAIN_FILE
    if not path.exists():
        return frozenset((*settings.oncall.rota, *settings.oncall.leads))
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT id FROM agents WHERE revoked_at IS NULL")
            return frozenset(row[0] for row in rows)
    except sqlite3.Error:
        return frozenset()


def _privacy(settings: Settings, config: Path) -> Finding:
    raw = read_toml(config)
    held = [
        f"{section}.{key}"
        for section, key in (
            ("webhook", "app_secret"),
            ("webhook", "app_secret_previous"),
            ("webhook", "verify_token"),
            ("graph", "token"),
        )
        if raw.get(section, {}).get(key)
    ]
    if any(each.get("urls") for each in raw.get("oncall_agents", ())):
        held.append("oncall_agents.urls")
    if held and _open_to_others(config):
        return Finding(
            "configuration",
            False,
            f"others on this machine can read {held[0]} in it; run chmod 600 {config}",
        )
    if shared := [each for each in _secret_files(settings) if _open_to_others(each)]:
        names = " ".join(shlex.quote(str(each)) for each in shared)
        return Finding(
            "configuration",
            False,
            f"others on this machine can read {shared[0]}; run chmod 600 {names}",
        )
    return Finding("configuration", True, "no faults, and its secrets are kept to this user")


def _open_to_others(path: Path) -> bool:
    """Where the file is not this user's own, its group may be how this user comes to it."""
    facts = path.stat()
    return bool(facts.st_mode & (0o077 if facts.st_uid == os.geteuid() else 0o007))


def _secret_files(settings: Settings) -> Iterator[Path]:
    """Files that hold one secret each. Those that systemd hands out are its own business."""
    webhook, api, graph = settings.webhook, settings.api, settings.graph
    named = [
        webhook.verify_token_file,
        webhook.app_secret_file,
        webhook.app_secret_previous_file,
        api.tls_key_file,
        graph.token_file,
        *(each.urls_file for each in settings.oncall_agents),
    ]
    yield from (Path(each) for each in named if each)
    if settings.relay.secrets_dir:
        folder = Path(settings.relay.secrets_dir)
        yield from (each for each in sorted(folder.iterdir()) if each.is_file())


def _folder(subject: str, folder: Path) -> Finding:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        return Finding(subject, False, f"{there} cannot be written by this user")
    if kind := shared_file_system(there):
        return Finding(subject, False, f"{there} is on a network file system ({kind})")
    free = shutil.disk_usage(there).free
    if free < ENOUGH_SPACE:
        return Finding(subject, False, f"{there} has only {free // 2**20} MiB left")
    made = "" if there == folder else ", made at the first start"
    return Finding(subject, True, f"{folder}{made}, {free // 2**30} GiB free")


def _database(path: Path) -> Finding:
    if not path.exists():
        return Finding("database", True, f"none yet; SQLite {SQLITE} makes it at the first start")
    for each in (path, path.with_name(JOURNAL_FILE)):
        if each.exists() and not os.access(each, os.R_OK | os.W_OK):
            return Finding("database", False, f"{each} cannot be written by this user")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return Finding("database", False, f"{path} cannot be read: {error}")
    if found != "ok":
        what = " ".join(found.split())
        return Finding("database", False, f"{path} is damaged ({what}); restore a backup")
    return Finding("database", True, f"{path} is sound (SQLite {SQLITE})")


def _running(settings: Settings) -> bool:
    try:
        ask(settings.control_socket, "status")
    except NotRunning:
        return False
    except Refusal:
        # Another user's, who is told of by what else is wrong.
        return True
    return True


def _port(key: str, address: str) -> Finding:
    host, port = split_address(address)
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(place)
    except OSError as error:
        return Finding(key, False, f"{address} cannot be used: {error.strerror}")
    return Finding(key, True, f"{address} is free")


# -- at WhatsApp -------------------------------------------------------------------------------


async def _at_whatsapp(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.graph.token.get_secret_value():
        yield Finding("token", True, "none: messages are received, and none can be sent")
        return
    if not settings.numbers:
        yield Finding("token", True, "not tried, for want of a number to try it with")
        return
    whatsapp = InForce(settings).whatsapp()
    try:
        for number in settings.numbers:
            yield await _health(whatsapp, number, settings.graph.url)
    finally:
        await whatsapp.aclose()


async def _health(whatsapp: CloudApi, number: NumberSection, url: str) -> Finding:
    subject = f"number {number.name or number.id}"
    try:
        async with asyncio.timeout(PATIENCE):
            facts = await whatsapp.phone_number_facts(number.id)
    except TimeoutError:
        return Finding(subject, False, f"WhatsApp did not answer within {PATIENCE:g} seconds")
    except TryLater as error:
        return Finding(subject, False, clean(f"{error.failure.reason} at {url}"))
    except Refused as error:
        return Finding(subject, False, clean(f"{error.failure.reason}. {error.failure.next_step}"))
    if facts.can_send == "AVAILABLE":
        return Finding(subject, True, f"the token works, and {clean(facts.phone)} can send")
    reasons = " ".join(facts.trouble) or "WhatsApp does not say why."
    return Finding(subject, False, clean(f"sending is {facts.can_send or 'in doubt'}. {reasons}"))
