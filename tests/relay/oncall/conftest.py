"""A whole engine on a Wednesday, closed until Sunday, with a real mail server and a real HTTP
receiver on loopback to page by."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.bodies import NUMBER, message
from tests.fakes import FakeWhatsApp, HandClock
from tests.relay.engine.conftest import Bench

from wainbox_relay.config import Settings
from wainbox_relay.contract.commands import Escalate
from wainbox_relay.contract.vocabulary import Role
from wainbox_relay.relay import assembled

NADIAS_PHONE = "212611111111"


@dataclass
class Receiver:
    """Takes posts, remembers their bodies, and answers with `status` once `gate` is open."""

    bodies: list[dict[str, object]] = field(default_factory=list)
    status: int = 200
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    paged: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split()[0])
        self.bodies.append(json.loads(await reader.readexactly(length)))
        self.paged.set()
        await self.gate.wait()
        writer.write(f"HTTP/1.1 {self.status} x\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()


@dataclass
class Mailbox:
    """What a mail server was handed."""

    mails: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    found.gate.set()
    async with await asyncio.start_server(found.handle, "127.0.0.1", 0) as server:
        found.url = f"http://127.0.0.1:{_port(server)}/page"
        yield found


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    found, loop = Mailbox(), asyncio.get_running_loop()
    async with await loop.create_server(lambda: SMTP(found, loop=loop), "127.0.0.1", 0) as server:
        query = "from=relay@example.com&to=nadia@example.com&smtp=127.0.0.1"
        found.url = f"mailto://127.0.0.1:{_port(server)}?{query}"
        yield found


def settings(folder: Path, urls: dict[str, str], **oncall: object) -> Settings:
    agents = [{"agent": name, "urls": url} for name, url in urls.items()]
    phones = {"nadia": f"+{NADIAS_PHONE}"}
    agents = [{**agent, "phone": phones.get(agent["agent"], "")} for agent in agents]
    begins = {"begins": "2026-11-16", "handover": "monday 09:00"}
    raw: dict[str, object] = {
        "relay": {"data_dir": str(folder)},
        "webhook": {"app_secret": "s", "verify_token": "v"},
        "numbers": [{"id": NUMBER, "name": "Atlas", "calendar": "sundays"}],
        "calendars": [{"name": "sundays", "zone": "UTC", "week": {"sunday": "9:00-12:00"}}],
        "after_hours": {"reply": False},
        "oncall": {"rota": ["nadia", "samir"], "leads": ["lina"], **begins, **oncall},
        "oncall_agents": agents,
        "timing": {"counts": 0.05, "slice": 0.005},
    }
    return Settings.of(raw, {})


class NightShift(Bench):
    """The engine at night: Nadia holds the rota, Samir is next, Lina is the lead."""

    async def escalated(self) -> str:
        """A customer wrote, and Samir pages whoever is on call."""
        await self.comes(message("m1", "my parcel is lost"))
        await self.order("samir", "W-1", Escalate(sure=True))
        return "W-1"

    async def minutes(self, passed: int) -> None:
        """Time passes, and alarms ring."""
        self.clock.pass_seconds(60 * passed)
        await self.relay.alarms.ring()

    async def told(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds, and nothing is left to page."""

        async def both() -> bool:
            return holds() and not self.relay.outbox.waiting

        await self.until(both)

    async def pages(self) -> list[tuple[int, str, str, str]]:
        """What is written down: page, agent, channel, state."""
        rows = await self.relay.stores.main_writer.rows(
            "SELECT page, agent, channel, state FROM pages ORDER BY page, channel"
        )
        return [tuple(row) for row in rows]


@asynccontextmanager
async def night(
    folder: Path,
    urls: dict[str, str],
    whatsapp: FakeWhatsApp | None = None,
    clock: HandClock | None = None,
    **oncall: object,
) -> AsyncIterator[NightShift]:
    whatsapp, clock = whatsapp or FakeWhatsApp(), clock or HandClock()
    configured = settings(folder, urls, **oncall)
    async with (
        assembled(configured, lambda _: whatsapp, clock) as relay,
        asyncio.TaskGroup() as group,
    ):
        loops = await relay.loops(group)
        for name, role in (("Nadia", Role.AGENT), ("Samir", Role.AGENT), ("Lina", Role.LEAD)):
            if name.lower() not in relay.inbox.desk.agents:
                await relay.staff.add("operator", name, role, frozenset())
        agents = {str(a.id): a for a in relay.inbox.desk.agents.values()}
        yield NightShift(relay, whatsapp, clock, agents)
        for loop in loops:
            loop.cancel()
