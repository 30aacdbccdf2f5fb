"""Rows W7, W10 and W11: what WhatsApp's door takes, and what it turns away."""

import hashlib
import hmac
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
from tests.relay.web.running import HOOK, SECRET, VERIFY, Running, message, serving, signed

from wainbox_relay.engine.intake import Overloaded
from wainbox_relay.gauges import Gauges
from wainbox_relay.ports import StoreFull
from wainbox_relay.web.webhook import Webhook

MB = 1024 * 1024
ODD = {
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "lone surrogate": b'{"object": "\\ud800"}',
    "nul": b'{"object": "a\\u0000b\x00"}',
    "no utf-8": b'{"object": "\xff\xfe"}',
    "utf-16": '{"object": "x"}'.encode("utf-16"),
    "nan": b'{"object": NaN, "entry": [Infinity]}',
    "long number": b'{"object": ' + b"9" * 5000 + b"}",
    "keys twice": b'{"entry": [], "entry": [1]}',
    "list": b"[]",
    "null": b"null",
    "nothing": b"",
    "no json": b"hello",
}


@pytest.fixture
def dump(running: Running):
    """Everything both files hold, as one digest."""

    def dump() -> str:
        folder = running.settings_folder
        held = hashlib.sha256()
        for name in ("main.sqlite3", "journal.sqlite3"):
            with sqlite3.connect(f"file:{folder / name}?mode=ro", uri=True) as file:
                for line in file.iterdump():
                    held.update(line.encode())
        return held.hexdigest()

    return dump


async def test_what_is_signed_is_kept_before_it_is_answered(running: Running, post) -> None:
    """A signed body is in the journal by the time of the 200, byte for byte."""
    body = message("first")
    answer = await post(body)
    assert (answer.status_code, answer.content) == (200, b"")
    [kept] = await running.relay.stores.journal.after(0, 10)
    assert kept.raw == body
    assert running.relay.intake.last_at == kept.arrived_at


async def test_a_signed_body_that_makes_no_sense_is_kept(running: Running, post) -> None:
    """Whatever is signed is kept and answered 200, and the message after it is read."""
    for name, body in ODD.items():
        answer = await post(body)
        assert answer.status_code == 200, name
    kept = await running.relay.stores.journal.after(0, 100)
    assert [each.raw for each in kept] == list(ODD.values())
    assert (await post(message("after"))).status_code == 200
    await running.settled()
    async with running.client() as client:
        assert len((await client.get("/queue")).json()["cards"]) == 1


async def test_three_megabytes_are_taken(running: Running, post) -> None:
    """WhatsApp's largest bodies fit."""
    assert (await post(b'{"x": "' + b"a" * 3 * MB + b'"}')).status_code == 200
    [kept] = await running.relay.stores.journal.after(0, 10)
    assert len(kept.raw) > 3 * MB


async def test_five_megabytes_are_refused(running: Running, post) -> None:
    """A body announced as too large is refused unread."""
    assert (await post(b"a" * 5 * MB)).status_code == 413
    assert await running.relay.stores.journal.last() == 0


@pytest.mark.serial
async def test_an_endless_body_costs_no_memory(running: Running) -> None:
    """Fifty megabytes in pieces of unknown number are refused, and nothing of them is held."""
    process = psutil.Process()
    before = process.memory_info().rss

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(800):
            yield b"a" * 65536

    async with httpx.AsyncClient(timeout=5) as client:
        answer = await client.post(running.hook, content=pieces(), headers=signed(b""))
    assert answer.status_code == 413
    assert process.memory_info().rss - before < 50 * MB


async def test_a_packed_body_is_refused(post) -> None:
    """Bodies come as they are: we never unpack what a stranger packed."""
    assert (await post(message(), **{"Content-Encoding": "gzip"})).status_code == 415
    assert (await post(message(), **{"Content-Encoding": "identity"})).status_code == 200


def _digest(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


BODY = message("forged", wamid="wamid.forged")
RIGHT = _digest(BODY)
SAID_AGAIN = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
FORGED: dict[str, list[tuple[bytes, bytes]]] = {
    "none": [],
    "empty": [(b"X-Hub-Signature-256", b"")],
    "sha1": [(b"X-Hub-Signature-256", b"sha1=" + RIGHT.encode())],
    "bare": [(b"X-Hub-Signature-256", RIGHT.encode())],
    "truncated": [(b"X-Hub-Signature-256", f"sha256={RIGHT[:-1]}".encode())],
    "wrong secret": [(b"X-Hub-Signature-256", f"sha256={_digest(BODY, 'other')}".encode())],
    "said again": [
        (
            b"X-Hub-Signature-256",
            f"sha256={_digest(SAID_AGAIN)}".encode(),
        )
    ],
    "space": [(b"X-Hub-Signature-256", f"sha256= {RIGHT}".encode())],
    "two": [(b"X-Hub-Signature-256", f"sha256={RIGHT}".encode())] * 2,
    "not ascii": [(b"X-Hub-Signature-256", b"sha256=\xc3\xa9" + RIGHT[2:].encode())],
    "old header": [(b"X-Hub-Signature", f"sha256={RIGHT}".encode())],
}


async def test_a_forged_webhook_changes_no_row(running: Running, dump) -> None:
    """Eleven wrong signatures: eleven times 401, and both files hold what they held."""
    before = dump()
    async with httpx.AsyncClient() as client:
        for name, headers in FORGED.items():
            answer = await client.post(running.hook, content=BODY, headers=headers)
            assert answer.status_code == 401, name
    assert dump() == before


async def test_two_secrets_hold_while_one_replaces_the_other(running: Running) -> None:
    """During a rotation bodies signed with either secret are taken."""
    running.whatsapp.signatures.renew(["new", SECRET])
    async with httpx.AsyncClient() as client:
        for secret, status in (("new", 200), (SECRET, 200), ("older", 401)):
            answer = await client.post(running.hook, content=BODY, headers=signed(BODY, secret))
            assert answer.status_code == status, secret


def _subscribe(**over: str) -> str:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    return str(httpx.QueryParams({**asked, **over}))


NOT_OURS = [
    "",
    _subscribe(**{"hub.verify_token": "wrong"}),
    _subscribe(**{"hub.verify_token": "é"}),
    _subscribe(**{"hub.mode": "unsubscribe"}),
    _subscribe(**{"hub.challenge": "x" * 10_240}),
    _subscribe() + "&hub.verify_token=verify-me",
    _subscribe() + "".join(f"&a{n}=1" for n in range(40)),
    _subscribe().replace("hub.challenge", "hub.challenge[]"),
    "hub.mode=subscribe&hub.challenge=1&hub.verify_token=%ff%00",
]


async def test_a_handshake_that_is_not_ours_is_refused(running: Running) -> None:
    """Wrong, missing, doubled or outsized parameters: 403 and nothing echoed."""
    async with httpx.AsyncClient() as client:
        for query in NOT_OURS:
            answer = await client.get(f"{running.hook}?{query}")
            assert (answer.status_code, answer.content) == (403, b""), query


async def test_the_handshake_echoes_plain_text(running: Running) -> None:
    """The challenge comes back as text that no browser takes for a page."""
    async with httpx.AsyncClient() as client:
        for challenge in ("1158201444", "<script>alert(1)</script>"):
            query = _subscribe(**{"hub.challenge": challenge})
            answer = await client.get(f"{running.hook}?{query}")
            assert (answer.status_code, answer.text) == (200, challenge)
            assert answer.headers["content-type"].startswith("text/plain")
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_other_methods_and_addresses(running: Running) -> None:
    """The webhook's listener knows one address and two methods; the API is not there."""
    async with httpx.AsyncClient() as client:
        for method in ("PUT", "DELETE", "HEAD", "OPTIONS"):
            answer = await client.request(method, running.hook)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
        base = running.hook.removesuffix(HOOK)
        for path in ("/", "/metrics", "/healthz", "/api/v1/snapshot", f"{HOOK}/"):
            assert (await client.get(base + path)).status_code == 404
        assert (await client.post(running.api + HOOK, content=b"")).status_code == 404


async def test_one_address_may_serve_both(tmp_path: Path) -> None:
    """With equal addresses one listener takes webhooks and terminals."""
    same = {"listen": "127.0.0.1:0"}
    async with serving(tmp_path, webhook=same, api=same) as running:
        assert running.web.webhook is running.web.api
        async with httpx.AsyncClient() as client:
            sent = await client.post(running.hook, content=BODY, headers=signed(BODY))
            assert sent.status_code == 200
        async with running.client() as client:
            assert (await client.get("/snapshot")).status_code == 200


@pytest.mark.parametrize("trouble", [Overloaded(), StoreFull("disk")])
async def test_what_cannot_be_kept_stays_whatsapps(trouble: Exception) -> None:
    """A full queue and a full disk are 503 with a time to come back, never 200, and counted."""

    async def keep(_: bytes) -> None:
        raise trouble

    gauges = Gauges()
    hook = Webhook(lambda *_: True, lambda _: None, keep, gauges, MB)
    transport = httpx.ASGITransport(hook)
    async with httpx.AsyncClient(transport=transport, base_url="http://relay") as client:
        answer = await client.post("/", content=b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert gauges.registry.get_sample_value("wainbox_webhooks_total", {"status": "503"}) == 1
    busy = gauges.registry.get_sample_value("wainbox_unavailable_total", {"listener": "webhook"})
    assert busy == 1
