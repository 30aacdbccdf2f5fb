"""A relay with its web side, in the test's own event loop on a port of its own; WhatsApp is a small
fake that remembers."""

import asyncio
import hmac
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from tests.fakes import FakeWhatsApp

from wainbox_relay.config import Settings
from wainbox_relay.contract.vocabulary import NumberId, Role, TeamId
from wainbox_relay.engine.rota_board import RotaBoard
from wainbox_relay.engine.shifts import Shifts
from wainbox_relay.gauges import Readings
from wainbox_relay.media import MediaFolder
from wainbox_relay.relay import Relay, assembled
from wainbox_relay.web.front import Web
from wainbox_relay.web.services import Services
from wainbox_relay.whatsapp.signature import Signatures, handshake

SECRET = "app-secret"
VERIFY = "verify-me"
NUMBER = "106540352242922"
ROOT = "/api/v1"
HOOK = "/webhooks/whatsapp"


class SignedWhatsApp(FakeWhatsApp):
    """Checks signatures as the true one does, and remembers uploads."""

    def __init__(self) -> None:
        super().__init__()
        self.signatures = Signatures([SECRET])
        self.uploaded: list[tuple[str, str, str, int]] = []

    def accepts(self, body: bytes, signature: str | None) -> bool:
        return self.signatures.accepts(body, signature)

    async def upload(self, number: NumberId, name: str, mime: str, data: bytes) -> str:
        self.uploaded.append((number, name, mime, len(data)))
        return f"media-{len(self.uploaded)}"


@dataclass
class Running:
    """A relay that serves, and one token of each role."""

    relay: Relay
    web: Web
    services: Services
    whatsapp: SignedWhatsApp
    media: MediaFolder
    tokens: dict[Role, str] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    served: asyncio.Task[None] | None = None

    @property
    def settings_folder(self) -> Path:
        return self.relay.settings.relay.data_dir

    @property
    def api(self) -> str:
        return "http://{}:{}".format(*self.web.api.address)

    @property
    def hook(self) -> str:
        return "http://{}:{}".format(*self.web.webhook.address) + HOOK

    def client(self, role: Role | None = Role.AGENT, **how: Any) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role else {}
        return httpx.AsyncClient(base_url=self.api + ROOT, headers=headers, timeout=10, **how)

    async def settled(self) -> None:
        """Everything that was kept has been read, decided and told."""
        while self.relay.unread.ready() or self.relay.unread.depth:  # noqa: ASYNC110 - polled
            await asyncio.sleep(0.005)
        await self.relay.inbox.amend(lambda _: None)


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


def message(text: str = "hello", sender: str = "966500000001", wamid: str = "") -> bytes:
    """One customer's text as WhatsApp posts it."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "966500000000", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Ali [/]"}, "wa_id": sender}],
        "messages": [
            {
                "from": sender,
                "id": wamid or f"wamid.{secrets.token_hex(12)}",
                "timestamp": "1795000000",
                "type": "text",
                "text": {"body": text},
            }
        ],
    }
    change = {"field": "messages", "value": value}
    entry = {"id": "102290129340398", "changes": [change]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def settings_for(folder: Path, **sections: dict[str, Any]) -> Settings:
    raw: dict[str, Any] = {
        "relay": {"data_dir": str(folder)},
        "webhook": {"listen": "127.0.0.1:0", "app_secret": SECRET, "verify_token": VERIFY},
        "api": {"listen": "localhost:0"},
        "desk": {"teams": ["sales", "returns"]},
        "numbers": [{"id": NUMBER, "name": "Shop", "team": "sales"}],
    }
    for name, section in sections.items():
        raw[name] = {**raw.get(name, {}), **section}
    return Settings.of(raw)


def services_of(relay: Relay, whatsapp: SignedWhatsApp, media: MediaFolder, trouble: list[str]):
    async def readings() -> Readings:
        return Readings(journal_depth=relay.unread.depth, streams=relay.stream.readers)

    async def troubles() -> list[str]:
        return trouble

    async def no_templates(_: NumberId) -> list[Any]:
        return []

    async def typing(*_: object) -> None: ...

    return Services(
        settings=relay.settings,
        clock=relay.clock,
        inbox=relay.inbox,
        intake=relay.intake,
        door=relay.door,
        stream=relay.stream,
        presence=relay.presence,
        counts=relay.counts,
        tokens=relay.tokens,
        staff=relay.staff,
        rota=RotaBoard(relay.inbox, relay.clock),
        shifts=Shifts(relay.inbox, relay.clock),
        replies=relay.replies,
        bulks=relay.bulks,
        reads=relay.stores.reads,
        whatsapp=whatsapp,
        handshake=partial(handshake, verify_token=VERIFY),
        templates=no_templates,
        typing=typing,
        media=media.path,
        readings=readings,
        trouble=troubles,
    )


@asynccontextmanager
async def serving(folder: Path, **sections: dict[str, Any]) -> AsyncIterator[Running]:
    """A relay in service; down again afterwards."""
    whatsapp = SignedWhatsApp()
    media = MediaFolder(folder / "media")
    async with assembled(settings_for(folder, **sections), lambda _: whatsapp) as relay:
        trouble: list[str] = []
        services = services_of(relay, whatsapp, media, trouble)
        web = Web(services)
        web.open()
        running = Running(relay, web, services, whatsapp, media, trouble=trouble)
        async with asyncio.TaskGroup() as group:
            loops = await relay.loops(group)
            running.served = group.create_task(web.run())
            for role in Role:
                minted = await relay.staff.add(
                    "test", role.value, role, frozenset({TeamId("sales")})
                )
                running.tokens[role] = minted.text
            try:
                yield running
            finally:
                web.stop()
                await running.served
                for loop in loops:
                    loop.cancel()
