"""Rows K3, L2, N1 and M1 to M4: what must be nowhere, where nothing may go, and what comes of the
files that customers send."""

import asyncio
import json
import re
import secrets
import struct
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.proof.running import SECRET, TOKEN, VERIFY, House, said, ticked, until

from wainbox_relay.sandbox.box import Sandbox

# -- K3, L2 ------------------------------------------------------------------------------------

WORDS = [f"{word}{n}" for n in range(70) for word in ("كلمة", "parole", "Zuckerwatte")]


async def full_day(home: House) -> list[str]:
    """A little of everything that may happen in a day; every text, name and phone of it."""
    *spoken, broken = WORDS
    texts, phones = iter(spoken[:18]), [f"2126543{n:05}" for n in range(12)]
    written = enumerate(spoken[18:])
    await home.hears(*(said(f"wamid.day.{n}", words, phones[n % 12]) for n, words in written))
    desk = home.desk()
    for card in (await desk.cards())[:6]:
        await desk.order(card["ref"], "claim")
        await desk.order(card["ref"], "note", body=next(texts))
        await desk.order(card["ref"], "tag", add=[next(texts)])
        await desk.replies(card["ref"], next(texts))
    await broken_things(home, broken)
    await home.quiet()
    said_by_somebody = home.files.one("SELECT count(DISTINCT content) FROM entries")
    assert said_by_somebody > len(spoken) - 6, "tags are no entries; all else is"
    return [*WORDS, *phones, "Sara"]


async def broken_things(home: House, words: str) -> None:
    """What goes wrong in a day."""
    desk = home.desk()
    await home.post(
        json.dumps({"object": words, "entry": [{"changes": [{"value": words}]}]}).encode()
    )
    await home.post(said("wamid.bad").replace(b"text", words.encode()))
    await home.hears(ticked("wamid.unknown", "failed", code=131026))
    home.box.graph.token = "gone"
    card = (await desk.cards())[-1]
    await desk.order(card["ref"], "claim")
    await desk.replies(card["ref"], words)
    await until(lambda: _paused(home))
    home.box.graph.token = TOKEN
    await desk.get("/search", q=words)
    for path in (f"/conversations/{words}", f"/conversations/W-1/{words}?{words}", f"/{words}"):
        await home.http.get(f"{home.url}/api/v1{path}", headers=desk.headers)
    await home.http.get(
        f"{home.url}/api/v1/queue", headers={"Authorization": f"Bearer {words}".encode()}
    )
    await home.kill()
    await home.start(cold=True)


async def _paused(home: House) -> bool:
    return any(n["paused"] for n in (await home.desk().get("/snapshot"))["numbers"])


async def test_a_days_log_tells_nobodys_words(home: House) -> None:
    """L2: after a day with two hundred texts and everything else in it, refusals and breakdowns
    included, the log holds no text, name, phone number, message id or token of it, and each record
    is one line of JSON."""
    texts = await full_day(home)
    log = home.log.read_text("utf-8")
    assert "relay_started" in log
    assert [text for text in texts if text in log] == []
    assert [token for token in home.tokens.values() if token in log or token[-20:] in log] == []
    assert "wamid." not in log
    for line in log.splitlines():
        assert line.isprintable()
        assert json.loads(line)["event"]


def places(home: House, backup: Path) -> Iterator[tuple[str, bytes]]:
    """Everywhere a secret might have come to lie."""
    for folder in (home.settings.relay.data_dir, backup):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()
    yield "log", home.log.read_bytes()
    yield "standard error", home.errors.read_bytes()
    yield "repr of the settings", repr(home.settings).encode()
    process = psutil.Process(home.pid)
    yield "arguments", " ".join(process.cmdline()).encode()
    yield "environment", json.dumps(process.environ()).encode()


async def test_no_secret_lies_about(home: House, tmp_path: Path) -> None:
    """K3: neither database, its log, a backup, the relay's log and errors, its arguments and
    environment nor what it shows of its settings hold the app secret, the verify token, the Graph
    token or any agent's token."""
    await full_day(home)
    backup = tmp_path / "backup"
    args = ("-m", "wainbox_relay.cli", "backup", str(backup), "-c", str(home.config))
    made = await asyncio.create_subprocess_exec(sys.executable, *args)
    assert await made.wait() == 0
    tokens = [part for token in home.tokens.values() for part in (token, token.rpartition("_")[2])]
    known = [SECRET, VERIFY, TOKEN, *tokens]
    seen = dict(places(home, backup))
    assert any(name.endswith("-wal") for name in seen)
    assert [(s, name) for name, held in seen.items() for s in known if s.encode() in held] == []


# -- N1 ----------------------------------------------------------------------------------------


@dataclass
class Elsewhere:
    """Somewhere the relay has no business; it counts who comes and what they bring."""

    port: int = 0
    calls: list[bytes] = field(default_factory=list)

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls.append(await reader.read(4096))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        writer.close()


@asynccontextmanager
async def elsewhere() -> AsyncIterator[Elsewhere]:
    place = Elsewhere()
    server = await asyncio.start_server(place._call, "127.0.0.1", 0)
    place.port = server.sockets[0].getsockname()[1]
    async with server:
        yield place


TARGETS = (
    "http://127.0.0.1:{port}/file",
    "http://localhost:{port}/file",
    "http://[::1]:{port}/file",
    "http://0.0.0.0:{port}/file",
    "http://2130706433:{port}/file",
    "http://169.254.169.254/latest/meta-data",
    "http://lookaside.fbsbx.com/file",
    "https://lookaside.fbsbx.com@127.0.0.1:{port}/file",
    "file:///etc/passwd",
)


@pytest.mark.parametrize("how", ["told", "redirected"])
async def test_nothing_goes_where_it_has_no_business(home: House, how: str) -> None:
    """N1: whatever address a media lookup names, and wherever one redirects, the relay connects to
    no other host than WhatsApp's, and shows its token to none."""
    customer = home.box.newcomer("sender")
    async with elsewhere() as place:
        for target in TARGETS:
            _mislead(home.box, how, target.format(port=place.port))
            await customer.sends("image")
            await home.box.settled()
            await home.read()
        await _files_come(home, len(TARGETS))
        assert home.box.faults.planned == []
        assert place.calls == []


def _mislead(box: Sandbox, how: str, target: str) -> None:
    if how == "redirected":
        fault = box.fault("redirect", on="download", location=target)
    else:
        fault = box.fault("redirect", on="lookup", location=target)
    fault.times = 1


# -- M1 to M4 ----------------------------------------------------------------------------------

NAMES = (
    "../../../outside.jpg",
    "/etc/outside.jpg",
    "..\\..\\outside.jpg",
    "a\x00b.jpg",
    "n" * 4096 + ".jpg",
    "photo\u202egpj.exe",
    "CON",
    "-rf",
    "two\nlines.pdf",
)


async def _files_come(home: House, least: int) -> None:
    await home.box.settled()
    await home.read()

    async def settled() -> bool:
        pending = home.files.one("SELECT count(*) FROM outbox WHERE kind = 'media'")
        found = home.files.one("SELECT count(*) FROM entries WHERE media IS NOT NULL")
        return not pending and found >= least

    await until(settled)


async def test_no_name_leads_out_of_the_folder(home: House) -> None:
    """M1: whatever a file is called it lies in the media folder under the name of its content, and
    the name that people see is clean."""
    customer = home.box.newcomer("namer")
    for nth, name in enumerate(NAMES):
        await customer.sends("document", f"file {nth}".encode(), "text/plain", filename=name)
    await _files_come(home, len(NAMES))
    media = home.settings.relay.data_dir / "media"
    assert [path for path in media.parent.rglob("*") if "outside" in path.name] == []
    stored = [path for path in media.rglob("*") if path.is_file()]
    assert len(stored) == len(NAMES)
    assert all(re.fullmatch("[0-9a-f]{64}", "".join(p.relative_to(media).parts)) for p in stored)
    [card] = await home.desk().cards()
    shown = [e["media"]["name"] for e in await home.desk().thread(card["ref"]) if e.get("media")]
    assert len(shown) == len(NAMES)
    assert [name for name in shown if re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", name)] == []


LIES: dict[str, bytes] = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "elf": b"\x7fELF\x02\x01\x01" + b"\x00" * 64,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "zip": b"PK\x03\x04" + b"\x00" * 64,
    "polyglot": b"GIF89a/*" + b"\x00" * 32 + b"*/=1;alert(1)",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_file_is_what_its_bytes_are(home: House, lie: str) -> None:
    """M2: declared an image, a file that is none is told by its bytes, and never served as
    something that a browser would show or run."""
    customer = home.box.newcomer("liar")
    await customer.sends("image", LIES[lie], "image/jpeg")
    await _files_come(home, 1)
    [card] = await home.desk().cards()
    [entry] = [e for e in await home.desk().thread(card["ref"]) if e.get("media")]
    assert entry["media"]["type"] != "image/jpeg"
    answer = await home.http.get(
        f"{home.url}/api/v1/media/{entry['id']}", headers=home.desk().headers
    )
    if answer.is_success:
        assert answer.headers["x-content-type-options"] == "nosniff"
        shown = answer.headers["content-disposition"].startswith("inline")
        assert not shown or answer.headers["content-type"] in PICTURES


PICTURES = ("image/gif", "image/png", "image/jpeg", "image/webp")
"""What a browser may show: it runs nothing in them."""


def chunk(kind: bytes, data: bytes, size: int | None = None) -> bytes:
    """A piece of a PNG; its length told otherwise where one is given."""
    told = len(data) if size is None else size
    return struct.pack(">I", told) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(side: int, size: int | None = None) -> bytes:
    """A black square, two colours deep."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 2) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows, size)


FRAME = b"\x2c" + struct.pack("<4HB", 0, 0, 9000, 9000, 0) + b"\x02\x02\x4c\x01\x00"
SWELLING: dict[str, bytes] = {
    "177 megapixels": png(13_300),
    "ten thousand frames": b"GIF89a" + struct.pack("<2H3B", 9000, 9000, 0, 0, 0) + FRAME * 10_000,
    "cut off": png(4000)[:60],
    "wrong lengths": png(40, 0xFFFFFFF0),
}


async def test_no_picture_costs_more_than_its_bytes(home: House) -> None:
    """M3: pictures made to swell, cut off or lying about their length are kept as they are and
    shown as files; the relay grows by less than 150 MB over them, and spends less than 2 s."""
    assert max(map(len, SWELLING.values())) < 300_000
    customer, relay = home.box.newcomer("painter"), psutil.Process(home.pid)
    grown, spent = relay.memory_info().rss, sum(relay.cpu_times()[:2])
    for name, data in SWELLING.items():
        await customer.sends("image", data, "image/png", caption=name)
    await _files_come(home, len(SWELLING))
    [card] = await home.desk().cards()
    files = [e["media"] for e in await home.desk().thread(card["ref"]) if e.get("media")]
    assert [file["state"] for file in files] == ["ready"] * len(SWELLING)
    assert relay.memory_info().rss - grown < 150 * 1024 * 1024
    assert sum(relay.cpu_times()[:2]) - spent < 2


MISHAPS: dict[str, dict[str, Any]] = {
    "404": {"what": "status", "status": 404, "on": "download"},
    "410": {"what": "status", "status": 410, "on": "download"},
    "503": {"what": "status", "status": 503, "on": "download"},
    "lookup 503": {"what": "status", "status": 503, "on": "lookup"},
    "expired": {"what": "expired", "on": "lookup"},
    "damaged": {"what": "damaged", "on": "download"},
    "broken line": {"what": "reset_before", "on": "download"},
}


@pytest.mark.parametrize("mishap", MISHAPS)
async def test_a_message_never_waits_for_its_file(home: House, mishap: str) -> None:
    """M4: however the fetching fails the message is there at once with its state, the file is asked
    for again by a new address, and comes as it was sent."""
    customer = home.box.newcomer("photographer")
    given = dict(MISHAPS[mishap])
    home.box.fault(given.pop("what"), 2, **given)
    picture = png(40)
    await customer.sends("image", picture, "image/png", caption=f"photo {secrets.token_hex(4)}")
    await home.box.settled()
    await home.read()
    [card] = await home.desk().cards()
    assert card["last_message"]["text"]
    await _files_come(home, 1)
    [entry] = [e for e in await home.desk().thread(card["ref"]) if e.get("media")]
    assert entry["media"]["state"] == "ready"
    path = f"{home.url}/api/v1/media/{entry['id']}"
    assert (await home.http.get(path, headers=home.desk().headers)).content == picture
