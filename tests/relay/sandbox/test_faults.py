"""Each fault does what it says, to the requests it is meant for, so often and no more."""

import hashlib
import json

import httpx
import pytest

from wainbox_relay.sandbox import specimens

SARA = "+212600000001"


@pytest.fixture(autouse=True)
async def window(box):
    await box.customer("sara").writes("salam")
    await box.settled()


async def fetch(client, media: str) -> httpx.Response:
    found = (await client.http.get(f"/v25.0/{media}")).json()
    return await client.http.get(found["url"])


@pytest.mark.parametrize(("what", "taken"), [("reset_before", 0), ("reset_after", 1)])
async def test_a_connection_breaks_before_or_after_the_message_was_taken(box, client, what, taken):
    """The sender sees the same; only WhatsApp knows whether it took the message."""
    box.fault(what)
    with pytest.raises(httpx.ReadError):
        await client.text(SARA)
    assert len(box.accepted) == taken
    assert (await client.text(SARA)).status_code == 200


async def test_a_message_taken_without_an_answer_gets_its_statuses(box, listener, client):
    """The opaque string is how its sender learns that it arrived."""
    box.fault("reset_after")
    with pytest.raises(httpx.ReadError):
        await client.text(SARA, biz_opaque_callback_data="abc.1")
    await box.until(lambda: len(listener.statuses) == 3)
    assert {status["biz_opaque_callback_data"] for status in listener.statuses} == {"abc.1"}


@pytest.mark.parametrize("accept", [True, False])
async def test_a_request_hangs_for_ever(box, client, accept):
    """No answer comes; whether the message was taken can be chosen."""
    box.fault("hang", accept=accept)
    client.http.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        await client.text(SARA)
    assert len(box.accepted) == accept


async def test_an_answer_drips(box, client):
    """Byte by byte, slower than anybody reads, and whole in the end."""
    box.clock.pace = 0.001
    box.fault("drip")
    async with client.http.stream("POST", "/v25.0/100000000000001/messages", json=body()) as got:
        pieces = [piece async for piece in got.aiter_raw()]
    assert len(pieces) > 20
    assert json.loads(b"".join(pieces))["messages"][0]["id"] == box.accepted[0].wamid


async def test_answers_that_say_nothing(box, client):
    """Broken JSON, an acceptance without id, and a proxy's page."""
    for what in ("bad_json", "no_id", "html502"):
        box.fault(what)
    broken, without, page = [await client.text(SARA) for _ in range(3)]
    assert broken.status_code == 200
    with pytest.raises(ValueError):
        broken.json()
    assert "messages" not in without.json()
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (502, "text/html")
    assert len(box.accepted) == 2


async def test_a_message_taken_with_an_id_can_fail_later(box, listener, client):
    """The answer is as usual; the failure comes by webhook, with the code that was asked for."""
    box.fault("fails_late", code=131049)
    wamid = (await client.text(SARA)).json()["messages"][0]["id"]
    await box.until(lambda: listener.statuses)
    [status] = listener.statuses
    assert (status["id"], status["status"]) == (wamid, "failed")
    assert status["errors"][0]["code"] == 131049


async def test_an_error_comes_so_often_and_only_to_one_recipient(box, client):
    """Others are answered as usual meanwhile, and afterwards everybody is."""
    await box.customer("hamza").writes("salam")
    box.fault("error", times=2, to="sara", code=131016, retry_after=7)
    refused = [await client.text(SARA) for _ in range(2)]
    assert [answer.status_code for answer in refused] == [503, 503]
    assert [answer.json()["error"]["code"] for answer in refused] == [131016, 131016]
    assert refused[0].headers["retry-after"] == "7"
    box.fault("error", to="+212 600 000 001", code=4, status=429)
    assert (await client.text("+212600000011")).status_code == 200
    assert (await client.text(SARA)).status_code == 429
    assert (await client.text(SARA)).status_code == 200


async def test_a_token_can_expire_and_come_back(box, client):
    """190 until the right token is known again."""
    box.graph.token = "new"
    assert (await client.text(SARA)).json()["error"]["code"] == 190
    client.http.headers["Authorization"] = "Bearer new"
    assert (await client.text(SARA)).status_code == 200


@pytest.mark.parametrize("status", [404, 410, 503])
@pytest.mark.parametrize("on", ["lookup", "download"])
async def test_a_file_cannot_be_had_for_a_while(box, listener, client, status, on):
    """The step that is faulty answers with that status once, then all is well."""
    await box.customer("sara").sends("image")
    await box.settled()
    media = listener.messages[-1]["image"]["id"]
    url = (await client.http.get(f"/v25.0/{media}")).json()["url"]
    box.fault("status", on=on, status=status)
    path = f"/v25.0/{media}" if on == "lookup" else url
    assert (await client.http.get(path)).status_code == status
    assert (await fetch(client, media)).status_code == 200


async def test_a_lookup_can_lie(box, listener, client):
    """About digest and type, with an address that has expired, or one elsewhere."""
    await box.customer("sara").sends("image")
    await box.settled()
    media = listener.messages[-1]["image"]["id"]
    digest = hashlib.sha256(specimens.jpeg("sara")).hexdigest()
    assert (await client.http.get(f"/v25.0/{media}")).json()["sha256"] == digest
    box.fault("wrong_sha256", on="lookup")
    assert (await client.http.get(f"/v25.0/{media}")).json()["sha256"] == "0" * 64
    box.fault("wrong_type", on="lookup")
    wrong = (await client.http.get(f"/v25.0/{media}")).json()
    assert wrong["mime_type"] == "application/x-msdownload"
    box.fault("expired", on="lookup")
    assert (await fetch(client, media)).status_code == 404
    box.fault("redirect", on="lookup", location="http://169.254.169.254/latest")
    found = (await client.http.get(f"/v25.0/{media}")).json()
    assert found["url"] == "http://169.254.169.254/latest"
    box.fault("damaged", on="download")
    assert hashlib.sha256((await fetch(client, media)).content).hexdigest() != digest
    assert hashlib.sha256((await fetch(client, media)).content).hexdigest() == digest
    box.fault("redirect", on="download", location="http://127.0.0.1:1/elsewhere")
    moved = await fetch(client, media)
    assert (moved.status_code, moved.headers["location"]) == (302, "http://127.0.0.1:1/elsewhere")


async def test_an_upload_can_fail(box, client):
    """It is refused once; the next goes through."""
    box.fault("status", on="upload", status=503)
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    files = {"file": ("a.png", specimens.png("a"), "image/png")}
    path = "/v25.0/100000000000001/media"
    assert (await client.http.post(path, data=form, files=files)).status_code == 503
    assert (await client.http.post(path, data=form, files=files)).status_code == 200


def body() -> dict[str, object]:
    return {"messaging_product": "whatsapp", "to": SARA, "type": "text", "text": {"body": "x"}}
