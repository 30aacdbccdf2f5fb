"""Every way a request to WhatsApp can end, over real sockets, and what is said of it."""

import asyncio
import base64
import hashlib
import json
import socket
import ssl
from contextlib import ExitStack, asynccontextmanager, suppress

import httpx
import pytest

from wainbox_relay.contract.content import Text
from wainbox_relay.media import MediaFolder
from wainbox_relay.ports import Outgoing, Refused, TryLater, Unsure
from wainbox_relay.whatsapp.client import Client, Line
from wainbox_relay.whatsapp.cloud_api import CloudApi
from wainbox_relay.whatsapp.hosts import OffLimits, check, only_public
from wainbox_relay.whatsapp.signature import Signatures

TOKEN = "EAAG-secret-token"
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+966500000001", "wa_id": "966500000001"}],
    "messages": [{"id": "wamid.NEW"}],
}
OUTGOING = Outgoing("1002", "966500000001", "", "", Text(body="hi"), "s.1")
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00\x00\x00\x10" * 2 + b"x" * 5000


def answer(body, status=200, **headers):
    """A whole answer, as bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(raw)}\r\n{extra}\r\n".encode() + raw


def error(code, status=400, **more):
    said = {"message": f"(#{code}) x", "code": code, **more.pop("said", {})}
    return answer({"error": said}, status, **more)


class Server:
    """Answers each request with the next of its answers: bytes, or what to do instead."""

    def __init__(self):
        self.requests = []
        self.answers = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.open = {}

    async def serve(self, reader, writer):
        self.connections += 1
        self.open[asyncio.current_task()] = writer
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *lines = head.decode().split("\r\n")
                headers = dict(each.lower().split(": ", 1) for each in lines if each)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((line, headers, body))
                self.asked.set()
                instead = self.answers.pop(0)
                if callable(instead):
                    await instead(writer)
                    break
                writer.write(instead)
                await writer.drain()
        writer.close()

    async def end(self):
        for task, writer in self.open.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self.open, return_exceptions=True)


@asynccontextmanager
async def listening(**how):
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, **how)
    server.port = listener.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{server.port}"
    try:
        yield server
    finally:
        listener.close()
        await server.end()


@pytest.fixture
async def graph():
    async with listening() as server:
        yield server


def api(url, tmp_path, *, token=lambda: TOKEN, hosts=(), within=0.3, largest=1_000_000):
    line = Line(url, "v25.0", token, hosts, 0.3, within, 0.5)
    return CloudApi(Client(line), Signatures(["x"]), MediaFolder(tmp_path), None, largest)


@pytest.fixture
async def whatsapp(graph, tmp_path):
    made = api(graph.url, tmp_path)
    yield made
    await made.aclose()


# -- sends ---------------------------------------------------------------------------------------


async def test_an_accepted_message_has_an_id(graph, whatsapp):
    """The request is the vendor's, the token goes along, and the learnt WhatsApp id comes back."""
    graph.answers = [answer(ACCEPTED)]
    sent = await whatsapp.send(OUTGOING)
    assert (sent.wamid, sent.wa_id) == ("wamid.NEW", "966500000001")
    ((line, headers, body),) = graph.requests
    assert line == "POST /v25.0/1002/messages HTTP/1.1"
    assert headers["authorization"] == f"bearer {TOKEN}".lower()
    assert json.loads(body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+966500000001",
        "type": "text",
        "text": {"body": "hi"},
        "biz_opaque_callback_data": "s.1",
    }


async def test_each_message_has_a_connection_of_its_own(graph, whatsapp):
    """So a connection that died idle is never mistaken for one that died with a message."""
    graph.answers = [answer(ACCEPTED), answer(ACCEPTED)]
    await whatsapp.send(OUTGOING)
    await whatsapp.send(OUTGOING)
    assert graph.connections == 2


async def hang(writer):
    await asyncio.Event().wait()


async def reset(writer):
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    writer.transport.abort()


async def hang_up(writer):
    writer.close()


async def drip(writer):
    for byte in answer(ACCEPTED):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)


async def cut(writer):
    writer.write(answer(ACCEPTED)[:-10])
    writer.close()


async def flood(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b" " * 5_000_000)
    await hang(writer)


UNSURE = {
    "no answer": hang,
    "reset": reset,
    "hung up": hang_up,
    "byte by byte": drip,
    "cut off": cut,
    "endless": flood,
    "no JSON": answer(b'{"messages": [{"id"'),
    "empty": answer(b""),
    "a page": answer(b"<html>502 Bad Gateway</html>", 502),
    "a list": answer([]),
    "no id": answer({"messages": []}),
    "empty id": answer({"messages": [{"id": ""}]}),
    "no error object": answer({"oops": 1}, 500),
    "an error without code": answer({"error": {"message": "x"}}, 500),
    "429 without error object": answer(b"slow down", 429),
    "redirect": answer(b"", 307, Location="/v25.0/1002/elsewhere"),
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
}


@pytest.mark.parametrize("how", UNSURE.values(), ids=UNSURE.keys())
async def test_what_may_have_been_taken_is_never_repeated(graph, whatsapp, how):
    """One request left, no answer of WhatsApp's came: nobody knows, and nothing is sent again."""
    graph.answers = [how]
    with pytest.raises(Unsure):
        await whatsapp.send(OUTGOING)
    await asyncio.sleep(0)
    assert len(graph.requests) == 1


async def test_without_a_connection_nothing_was_sent(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    whatsapp = api(url, tmp_path)
    with pytest.raises(TryLater) as later:
        await whatsapp.send(OUTGOING)
    assert later.value.failure.code == 0
    await whatsapp.aclose()


async def test_without_a_name_nothing_was_sent(tmp_path):
    whatsapp = api("http://nobody.invalid", tmp_path, within=5)
    with pytest.raises(TryLater):
        await whatsapp.send(OUTGOING)
    await whatsapp.aclose()


async def test_a_connection_that_never_comes_about_sent_nothing(tmp_path):
    """A listener that takes no more connections leaves ours waiting until its time is over."""
    with ExitStack() as sockets:
        full = sockets.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(full.getsockname())
        whatsapp = api(f"http://127.0.0.1:{full.getsockname()[1]}", tmp_path, within=0.2)
        with pytest.raises(TryLater):
            await whatsapp.send(OUTGOING)
        await whatsapp.aclose()


async def test_a_server_that_cannot_prove_who_it_is_gets_nothing(tmp_path):
    """TLS against a server without a certificate fails before the token leaves."""
    heard = bytearray()

    async def serve(reader, writer):
        heard.extend(await reader.read(4096))
        writer.write(answer(ACCEPTED))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        whatsapp = api(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}", tmp_path)
        with pytest.raises(TryLater):
            await whatsapp.send(OUTGOING)
        await whatsapp.aclose()
    assert heard
    assert TOKEN.encode() not in heard


async def test_no_free_connection_means_nothing_was_sent(graph, tmp_path):
    line = Line(graph.url, "v25.0", lambda: TOKEN, (), 0.1, 1, 1, connections=1)
    whatsapp = CloudApi(Client(line), Signatures(["x"]), MediaFolder(tmp_path))
    graph.answers = [hang]
    async with asyncio.TaskGroup() as group:
        first = group.create_task(whatsapp.send(OUTGOING), name="first")
        await graph.asked.wait()
        with pytest.raises(TryLater):
            await whatsapp.send(OUTGOING)
        first.cancel()
    assert len(graph.requests) == 1
    await whatsapp.aclose()


@pytest.mark.parametrize("token", ["", "  ", "bad\ntoken", "tökén"])
async def test_without_a_usable_token_the_number_pauses(graph, tmp_path, token):
    """Nothing is asked, and nothing fails: the number waits for an admin."""
    whatsapp = api(graph.url, tmp_path, token=lambda: token)
    with pytest.raises(Refused) as refused:
        await whatsapp.send(OUTGOING)
    assert refused.value.pause
    assert graph.connections == 0
    await whatsapp.aclose()


async def test_a_renewed_token_counts_at_once(graph, tmp_path):
    tokens = ["first", "second"]
    whatsapp = api(graph.url, tmp_path, token=lambda: tokens[0])
    graph.answers = [answer(ACCEPTED), answer(ACCEPTED)]
    await whatsapp.send(OUTGOING)
    tokens.pop(0)
    await whatsapp.send(OUTGOING)
    assert [r[1]["authorization"] for r in graph.requests] == ["bearer first", "bearer second"]
    await whatsapp.aclose()


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500, 503])
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (131047, "refused"),
        (131026, "refused"),
        (100, "refused"),
        (131051, "refused"),
        (190, "pause"),
        (10, "pause"),
        (299, "pause"),
        (368, "pause"),
        (131031, "pause"),
        (131042, "pause"),
        (4, "later"),
        (80007, "later"),
        (130429, "later"),
        (131056, "later"),
        (131000, "later"),
        (131016, "later"),
    ],
)
async def test_an_error_object_says_by_its_code(graph, whatsapp, code, status, expected):
    """Whatever the HTTP status: rate limits come as 400, trouble as 500, and the code decides."""
    graph.answers = [error(code, status)]
    with pytest.raises((Refused, TryLater)) as raised:
        await whatsapp.send(OUTGOING)
    found = raised.value
    pause = getattr(found, "pause", "")
    assert expected == ("later" if isinstance(found, TryLater) else "pause" if pause else "refused")
    assert found.failure.code == code
    assert found.failure.reason
    assert found.failure.next_step


@pytest.mark.parametrize(
    ("code", "status", "said", "again"),
    [
        (999999, 400, {}, False),
        (999999, 500, {}, True),
        (999999, 429, {}, True),
        (999999, 400, {"is_transient": True}, True),
        (131047, 500, {"is_transient": True}, False),
    ],
)
async def test_an_unknown_code_is_repeated_only_if_whatsapp_calls_it_passing(
    graph, whatsapp, code, status, said, again
):
    graph.answers = [error(code, status, said=said)]
    with pytest.raises(TryLater if again else Refused):
        await whatsapp.send(OUTGOING)


@pytest.mark.parametrize(
    ("said", "microseconds"),
    [("7", 7_000_000), ("0", 0), ("soon", None), ("-1", None), ("999999999", 86_400_000_000)],
)
async def test_what_whatsapp_asks_us_to_wait_is_handed_on(graph, whatsapp, said, microseconds):
    graph.answers = [error(130429, 429, Retry_After=said)]
    with pytest.raises(TryLater) as later:
        await whatsapp.send(OUTGOING)
    assert later.value.after == microseconds


async def test_reading_marks_and_reactions_may_be_repeated(graph, whatsapp):
    """Nobody need be unsure about what does no harm twice."""
    graph.answers = [hang_up, hang_up, answer({"success": True}), answer(ACCEPTED)]
    with pytest.raises(TryLater):
        await whatsapp.tell_read("1002", "wamid.S1")
    with pytest.raises(TryLater):
        await whatsapp.react(OUTGOING, "wamid.S1", "👍")
    await whatsapp.tell_read("1002", "wamid.S1", typing=True)
    await whatsapp.react(OUTGOING, "wamid.S1", "")
    bodies = [json.loads(body) for *_, body in graph.requests[2:]]
    assert bodies[0]["typing_indicator"] == {"type": "text"}
    assert bodies[1]["reaction"] == {"message_id": "wamid.S1", "emoji": ""}


# -- uploads -------------------------------------------------------------------------------------


async def test_an_upload_gives_the_id_to_send_by(graph, whatsapp):
    graph.answers = [answer({"id": "4004"})]
    name = 'a"b\r\nX: y.png'
    assert await whatsapp.upload("1002", name, "image/png", PICTURE) == "4004"
    ((line, headers, body),) = graph.requests
    assert line.startswith("POST /v25.0/1002/media ")
    assert "x" not in headers
    assert PICTURE in body
    assert b'name="messaging_product"\r\n\r\nwhatsapp' in body
    assert b"\r\nX: y.png" not in body


@pytest.mark.parametrize(
    ("mime", "size"),
    [
        ("image/png", 5 * 1024 * 1024 + 1),
        ("image/webp", 600 * 1024),
        ("audio/ogg; codecs=opus", 17 * 1024 * 1024),
        ("text/plain\r\nX: y", 1),
        ("", 1),
    ],
)
async def test_an_upload_whatsapp_would_not_take_does_not_leave(graph, whatsapp, mime, size):
    with pytest.raises(Refused):
        await whatsapp.upload("1002", "x", mime, b"\0" * size)
    assert graph.connections == 0


async def test_an_upload_without_an_answer_is_tried_again(graph, whatsapp):
    graph.answers = [hang_up, answer({})]
    for _ in range(2):
        with pytest.raises(TryLater):
            await whatsapp.upload("1002", "x.png", "image/png", PICTURE)


# -- files from customers ------------------------------------------------------------------------

SHA = hashlib.sha256(PICTURE)


def place(graph, **more):
    return answer({"url": f"{graph.url}/files/1", "mime_type": "image/png", **more})


@pytest.mark.parametrize(
    "sha256",
    [base64.b64encode(SHA.digest()).decode(), SHA.hexdigest(), "", "a1b2c3", "é"],
)
async def test_a_file_is_fetched_checked_and_named_by_its_content(
    graph, whatsapp, tmp_path, sha256
):
    """The digest may come in base64 or hex; one that is neither cannot be checked."""
    graph.answers = [place(graph), answer(PICTURE)]
    got = await whatsapp.fetch("1002", "3001", sha256)
    assert (got.digest, got.type, got.size) == (SHA.hexdigest(), "image/png", len(PICTURE))
    assert (tmp_path / got.digest[:2] / got.digest[2:]).read_bytes() == PICTURE
    assert graph.requests[0][0] == "GET /v25.0/3001?phone_number_id=1002 HTTP/1.1"
    assert graph.requests[1][1]["authorization"] == f"bearer {TOKEN}".lower()
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_an_address_that_is_gone_is_asked_for_again(graph, whatsapp):
    graph.answers = [place(graph), answer(b"", 404), place(graph), answer(PICTURE)]
    assert (await whatsapp.fetch("1002", "3001", "")).size == len(PICTURE)


@pytest.mark.parametrize(
    "answers",
    [
        [answer(b"", 404)],
        [error(100, 400)],
        [error(190, 401)],
        [hang_up],
        [hang],
        ["place", answer(b"", 503)],
        ["place", answer(b"", 401)],
        ["place", answer(b"", 302, Location="https://evil.example/")],
        ["place", answer(b"", 410), "place", answer(b"", 404)],
        ["place", answer(PICTURE)[:-100]],
        ["place", reset],
        ["place", hang],
        ["place", answer(PICTURE + b"!")],
    ],
)
async def test_a_file_that_does_not_come_is_fetched_later(graph, whatsapp, tmp_path, answers):
    """Whatever goes wrong on the way is no reason to give the file up, and leaves nothing half."""
    graph.answers = [place(graph) if each == "place" else each for each in answers]
    with pytest.raises(TryLater):
        await whatsapp.fetch("1002", "3001", SHA.hexdigest())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def drip_file(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.02)


async def test_a_file_that_drips_is_cut_off(graph, whatsapp):
    graph.answers = [place(graph), drip_file]
    with pytest.raises(TryLater):
        await whatsapp.fetch("1002", "3001", "")


async def endless(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()


@pytest.mark.parametrize("size", [{}, {"file_size": 2_000_000}, {"file_size": "2000000"}])
async def test_a_file_too_large_is_refused(graph, whatsapp, tmp_path, size):
    """By what WhatsApp says, and by what comes."""
    graph.answers = [place(graph, **size), endless]
    with pytest.raises(Refused, match="larger"):
        await whatsapp.fetch("1002", "3001", "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_message_without_a_file_asks_nothing(graph, whatsapp):
    with pytest.raises(Refused):
        await whatsapp.fetch("1002", "", "")
    assert graph.connections == 0


@pytest.mark.parametrize("media_id", ["../../1002", "https://evil.example/x", "//evil/x", "a?b=c"])
async def test_a_hostile_media_id_stays_one_part_of_the_path(graph, whatsapp, media_id):
    graph.answers = [answer(b"", 404)]
    with pytest.raises(TryLater):
        await whatsapp.fetch("1002", media_id, "")
    ((line, *_),) = graph.requests
    assert line.startswith("GET /v25.0/")
    assert line.count("/") == 3


# -- where the token may go ----------------------------------------------------------------------


HOSTS = ("localhost", "files.example", ".cdn.example")
OFF_LIMITS = [
    "http://127.0.0.1:{other}/x",
    "https://127.0.0.1:{other}/x",
    "http://localhost:{other}/x",
    "https://localhost:{other}/x",
    "http://169.254.169.254/latest/meta-data",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://files.example.evil.example/x",
    "https://evilfiles.example/x",
    "https://evilcdn.example/x",
    "https://cdn.example/x",
    "https://user:pass@files.example/x",
    "https://files.example@evil.example/x",
    "http://files.example/x",
    "https://files.example:8443/x",
    "http://127.0.0.1:{graph}@evil.example/x",
    "https://127.0.0.1:{graph}/x",
    "file:///etc/passwd",
    "//evil.example/x",
    "/etc/passwd",
    "not an address",
    "",
]


@pytest.mark.parametrize("url", OFF_LIMITS)
def test_only_listed_hosts_by_https_and_the_api_itself_may_be_asked(url):
    asked = httpx.URL(url.format(graph=1, other=2))
    with pytest.raises(OffLimits):
        check(asked, httpx.URL("http://127.0.0.1:1"), HOSTS)


async def test_the_token_goes_to_no_other_place(graph, tmp_path):
    """Lookups that point elsewhere end without a connection, however the address is dressed up:
    also where a listed name stands for an address that is not public."""
    async with listening() as other:
        whatsapp = api(graph.url, tmp_path, hosts=HOSTS)
        for url in [*OFF_LIMITS, "https://localhost/x"]:
            asked = url.format(graph=graph.port, other=other.port)
            graph.answers = [answer({"url": asked})]
            with pytest.raises(TryLater, match="The file was not fetched"):
                await whatsapp.fetch("1002", "3001", "")
        assert other.connections == 0
        assert all(line.startswith("GET /v25.0/3001?") for line, *_ in graph.requests)
        await whatsapp.aclose()


async def test_an_address_that_is_none_is_no_file(graph, whatsapp):
    graph.answers = [answer({"url": "http://[broken"})]
    with pytest.raises(TryLater):
        await whatsapp.fetch("1002", "3001", "")


async def test_a_redirect_is_not_followed(graph, tmp_path):
    async with listening() as other:
        whatsapp = api(graph.url, tmp_path)
        graph.answers = [place(graph), answer(b"", 302, Location=f"{other.url}/x")]
        with pytest.raises(TryLater):
            await whatsapp.fetch("1002", "3001", "")
        assert other.connections == 0
        await whatsapp.aclose()


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "ff02::1"),
    ],
)
def test_addresses_that_are_not_public_are_off_limits(address):
    """One of them among the addresses of a name is enough."""
    with pytest.raises(OffLimits):
        only_public([address])
    with pytest.raises(OffLimits):
        only_public(["157.240.0.1", address])


def test_a_public_address_may_be_used():
    assert only_public(["157.240.0.1", "2a03:2880::1"]) == "157.240.0.1"
    with pytest.raises(OffLimits):
        only_public([])


@pytest.mark.parametrize(
    "url", ["https://files.example/x", "https://files.example:443/x", "https://a.cdn.example/x"]
)
def test_listed_hosts_may_be_asked(url):
    check(httpx.URL(url), httpx.URL("https://graph.example"), ("files.example", ".cdn.example"))


async def test_a_file_on_a_listed_host_is_asked_at_the_address_that_was_checked(tmp_path):
    """By name in TLS and in the request, by address on the wire: a name that changes its meaning
    after the check leads nowhere else."""
    client = Client(Line("https://graph.example", "v25.0", lambda: TOKEN, ("localhost.example",)))
    request = client.pinned(httpx.URL("https://localhost.example/x?y=1"), "157.240.0.1")
    assert str(request.url) == "https://157.240.0.1/x?y=1"
    assert request.headers["Host"] == "localhost.example"
    assert request.extensions["sni_hostname"] == "localhost.example"
    await client.aclose()


# -- what an operator asks -----------------------------------------------------------------------


async def test_a_number_says_how_it_is(graph, whatsapp):
    graph.answers = [
        answer(
            {
                "display_phone_number": "+966 11 000 0000",
                "verified_name": "Shop",
                "status": "CONNECTED",
                "quality_rating": "GREEN",
                "throughput": {"level": "STANDARD"},
                "health_status": {
                    "can_send_message": "BLOCKED",
                    "entities": [
                        {
                            "entity_type": "WABA",
                            "errors": [{"error_code": 141006, "error_description": "No payment."}],
                        }
                    ],
                },
            }
        )
    ]
    facts = await whatsapp.phone_number_facts("1002")
    assert (facts.name, facts.can_send, facts.trouble) == ("Shop", "BLOCKED", ("No payment.",))


async def test_templates_come_page_by_page_from_our_own_address(graph, whatsapp):
    """The next page's address is built here: a foreign one in the answer is not believed."""
    made = {"name": "order_ready", "language": "ar", "status": "APPROVED", "category": "UTILITY"}
    body = {"type": "BODY", "text": "جاهز {{1}}"}
    first = {"data": [{**made, "components": [body]}], "paging": {"cursors": {"after": "Q"}}}
    first["paging"]["next"] = "https://evil.example/next"
    graph.answers = [answer(first), answer({"data": [{**made, "name": "b"}], "paging": {}})]
    found = await whatsapp.templates("2003")
    assert [(t.name, t.body) for t in found] == [("order_ready", "جاهز {{1}}"), ("b", "")]
    assert graph.requests[1][0] == "GET /v25.0/2003/message_templates?limit=100&after=Q HTTP/1.1"


@pytest.mark.parametrize(
    ("data", "well"), [([], False), ([{"whatsapp_business_api_data": {}}], True)]
)
async def test_an_account_without_app_is_noticed(graph, whatsapp, data, well):
    graph.answers = [answer({"data": data})]
    assert await whatsapp.subscribed("2003") is well


def test_certificates_are_checked():
    """Nothing in the client switches verification off."""
    client = Client(Line("https://graph.example", "v25.0", lambda: TOKEN))
    context = client._http._transport._pool._ssl_context
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
