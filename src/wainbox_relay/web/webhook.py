"""Where WhatsApp calls: read at most so many bytes, prove whose they are, keep them, answer.

Nothing else happens in the request. Bare ASGI, since every other layer costs more than the work
itself. Vendor's page: "Create a webhook endpoint".
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from wainbox_relay.engine.intake import Overloaded
from wainbox_relay.gauges import Gauges
from wainbox_relay.ports import StoreFull

PATH = "/webhooks/whatsapp"
RETRY_AFTER = b"5"
"""Seconds; WhatsApp keeps trying for days by its own schedule."""

Handshake = Callable[[Mapping[str, Sequence[str]]], str | None]
"""The challenge to answer a subscription with, or None when it is not ours."""

_PLAIN = (b"content-type", b"text/plain; charset=utf-8")
_NO_GUESSING = (b"x-content-type-options", b"nosniff")
_EXTRA = {405: [(b"allow", b"GET, POST")], 503: [(b"retry-after", RETRY_AFTER)]}


class Accepts(Protocol):
    def __call__(self, body: bytes, signature: str | None) -> bool: ...


class Webhook:
    """`accepts` judges a signature, `keep` returns once the body is safely on the disk."""

    def __init__(
        self,
        accepts: Accepts,
        handshake: Handshake,
        keep: Callable[[bytes], Awaitable[None]],
        gauges: Gauges,
        most_bytes: int,
    ) -> None:
        self._accepts = accepts
        self._handshake = handshake
        self._keep = keep
        self._gauges = gauges
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["method"]:
            case "POST":
                status = await self._post(scope["headers"], receive)
                await answer(send, status)
                self._gauges.webhook(status)
            case "GET":
                challenge = self._handshake(_query(scope["query_string"]))
                await answer(send, 403 if challenge is None else 200, (challenge or "").encode())
            case _:
                await answer(send, 405)

    async def _post(self, headers: Sequence[tuple[bytes, bytes]], receive: Receive) -> int:
        signature, encoding, length = _needed(headers)
        if length > self._most_bytes:
            return 413
        body = await self._body(receive)
        if isinstance(body, int):
            return body
        if not self._accepts(body, signature):
            return 401
        if encoding not in ("", "identity"):
            return 415
        began = time.perf_counter()
        try:
            await self._keep(body)
        except (Overloaded, StoreFull):
            return 503
        self._gauges.acknowledged.observe(time.perf_counter() - began)
        return 200

    async def _body(self, receive: Receive) -> bytes | int:
        """All of it, or the status to answer: it is too long, or the caller went away."""
        pieces: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return 400
            pieces.append(message["body"])
            size += len(pieces[-1])
            if size > self._most_bytes:
                return 413
            if not message["more_body"]:
                return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _needed(headers: Sequence[tuple[bytes, bytes]]) -> tuple[str | None, str, int]:
    """The signature (None unless there is exactly one), the encoding and the announced length."""
    signatures: list[bytes] = []
    encoding = ""
    length = 0
    for name, value in headers:
        if name == b"x-hub-signature-256":
            signatures.append(value)
        elif name == b"content-length":
            length = int(value)
        elif name == b"content-encoding":
            encoding = value.decode("latin-1").strip().lower()
    return signatures[0].decode("latin-1") if len(signatures) == 1 else None, encoding, length


def _query(raw: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(raw.decode("latin-1"), keep_blank_values=True, max_num_fields=16)
    except ValueError:
        return {}


async def answer(send: Send, status: int, body: bytes = b"") -> None:
    """A plain answer with nothing in it to guess a type from."""
    headers = [(b"content-length", b"%d" % len(body)), *_EXTRA.get(status, ())]
    if body:
        headers += (_PLAIN, _NO_GUESSING)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
