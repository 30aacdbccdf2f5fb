"""A relay of a few lines that checks the signature by itself and keeps what it is told."""

import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from wainbox_relay.sandbox.box import Sandbox
from wainbox_relay.sandbox.server import serving

SECRET = "the app's secret"
TOKEN = "EAAtoken"
ATLAS = "100000000000001"


@dataclass
class Listener:
    """Answers webhooks from `answers` first, then with 200."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    forged: int = 0

    async def called(self, request: Request) -> Response:
        if request.method == "GET":
            return self._prove(request)
        raw = await request.body()
        wanted = "sha256=" + hmac.digest(SECRET.encode(), raw, "sha256").hex()
        if request.headers.get("x-hub-signature-256") != wanted:
            self.forged += 1
            return Response(status_code=401)
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.raw.append(raw)
            self.bodies.append(json.loads(raw))
        return Response(status_code=status)

    def _prove(self, request: Request) -> Response:
        if request.query_params["hub.verify_token"] != "verify":
            return Response(status_code=403)
        return PlainTextResponse(request.query_params["hub.challenge"])

    @property
    def values(self) -> list[dict[str, Any]]:
        return [
            change["value"]
            for body in self.bodies
            for entry in body["entry"]
            for change in entry["changes"]
        ]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.values for message in value.get("messages", [])]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        return [status for value in self.values for status in value.get("statuses", [])]


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listening = Listener()
    route = Route("/webhooks/whatsapp", listening.called, methods=["GET", "POST"])
    async with serving(Starlette(routes=[route])) as url:
        listening.url = f"{url}/webhooks/whatsapp"
        yield listening


@pytest.fixture
async def box(listener: Listener) -> AsyncIterator[Sandbox]:
    async with Sandbox.start(
        callback_url=listener.url, app_secret=SECRET, token=TOKEN, verify_token="verify"
    ) as box:
        yield box


class Client:
    """A sender with the right token, and what it says most."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def post(self, body: object, number: str = ATLAS) -> httpx.Response:
        return await self.http.post(f"/v25.0/{number}/messages", json=body)

    async def text(self, to: str, words: str = "bonjour", **more: object) -> httpx.Response:
        content = {"type": "text", "text": {"body": words}}
        return await self.post({"messaging_product": "whatsapp", "to": to} | content | more)

    async def asks(self, to: str, question: dict[str, object]) -> httpx.Response:
        return await self.post({"messaging_product": "whatsapp", "to": to} | question)


@pytest.fixture
async def client(box: Sandbox) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        base_url=box.url, headers=headers, timeout=5, verify=False
    ) as http:
        yield Client(http)
