"""Files: uploading, looking up, fetching, and how long an address lives."""

import base64
import hashlib
from io import BytesIO

import httpx
import pytest
from PIL import Image

from wainbox_relay.sandbox import specimens

ATLAS = "100000000000001"
DATA = specimens.png("test")


async def upload(client, data: bytes = DATA, mime: str = "image/png", **more: str):
    form = {"messaging_product": "whatsapp", "type": mime} | more
    files = {"file": ("photo.png", data, mime)}
    return await client.http.post(f"/v25.0/{ATLAS}/media", data=form, files=files)


async def test_an_uploaded_file_can_be_looked_up_fetched_sent_and_deleted(client, box):
    """Its bytes, type, size and digest come back; after deletion it is gone."""
    media = (await upload(client)).json()["id"]
    found = (await client.http.get(f"/v25.0/{media}?phone_number_id={ATLAS}")).json()
    assert found["file_size"] == str(len(DATA))
    assert found["sha256"] == hashlib.sha256(DATA).hexdigest()
    fetched = await client.http.get(found["url"])
    assert (fetched.content, fetched.headers["content-type"]) == (DATA, "image/png")
    await box.customer("sara").writes("salam")
    image = {"type": "image", "image": {"id": media, "caption": "voilà"}}
    body = {"messaging_product": "whatsapp", "to": "+212600000001"}
    assert (await client.post(body | image)).status_code == 200
    assert (await client.http.delete(f"/v25.0/{media}")).json() == {"success": True}
    assert (await client.http.get(f"/v25.0/{media}")).json()["error"]["code"] == 100


async def test_a_file_is_sent_only_as_what_it_is(client, box):
    """A picture does not go as a voice note."""
    await box.customer("sara").writes("salam")
    media = (await upload(client)).json()["id"]
    body = {"messaging_product": "whatsapp", "to": "+212600000001"}
    voice = await client.post(body | {"type": "audio", "audio": {"id": media, "voice": True}})
    assert voice.json()["error"]["code"] == 131053


async def test_an_address_needs_the_token_and_lives_five_minutes(client, box):
    """Without the token 401; after five minutes 404; a new address works."""
    media = (await upload(client)).json()["id"]
    url = (await client.http.get(f"/v25.0/{media}")).json()["url"]
    assert httpx.URL(url).port == httpx.URL(box.url).port
    async with httpx.AsyncClient() as stranger:
        assert (await stranger.get(url)).status_code == 401
    box.clock.advance(301)
    assert (await client.http.get(url)).status_code == 404
    fresh = (await client.http.get(f"/v25.0/{media}")).json()["url"]
    assert (await client.http.get(fresh)).content == DATA


@pytest.mark.parametrize(
    ("data", "mime", "code"),
    [
        (b"MZ", "application/x-msdownload", 100),
        (b"", "image/png", 131053),
        (b"x" * (5 * 1024 * 1024 + 1), "image/jpeg", 131053),
        (b"x" * (600 * 1024), "image/webp", 131053),
    ],
)
async def test_uploads_have_types_and_sizes(client, data, mime, code):
    """What WhatsApp does not store is refused."""
    assert (await upload(client, data, mime)).json()["error"]["code"] == code


async def test_an_upload_names_its_type(client):
    """What the part itself says does not count."""
    form, files = {"messaging_product": "whatsapp"}, {"file": ("photo.png", DATA, "image/png")}
    answer = await client.http.post(f"/v25.0/{ATLAS}/media", data=form, files=files)
    assert answer.json()["error"]["code"] == 100


async def test_an_upload_says_for_which_product(client):
    """The form needs messaging_product and a file."""
    assert (await upload(client, messaging_product="")).json()["error"]["code"] == 100
    bare = {"messaging_product": (None, "whatsapp")}
    answer = await client.http.post(f"/v25.0/{ATLAS}/media", files=bare)
    assert answer.json()["error"]["code"] == 100


async def test_a_customers_file_can_be_fetched_by_id_and_by_its_address(client, box, listener):
    """The webhook carries id, type, digest in base64 and an address that needs the token."""
    await box.customer("youssef").sends("image", caption="regardez")
    await box.settled()
    image = listener.messages[0]["image"]
    found = (await client.http.get(f"/v25.0/{image['id']}?phone_number_id={ATLAS}")).json()
    data = (await client.http.get(found["url"])).content
    assert (await client.http.get(image["url"])).content == data
    assert base64.b64decode(image["sha256"]) == hashlib.sha256(data).digest()
    assert image["caption"] == "regardez"


def test_pictures_are_true_pictures():
    """PNG and JPEG decode to the end, and other seeds give other pictures."""
    for make in (specimens.png, specimens.jpeg):
        pictures = [Image.open(BytesIO(make(seed))) for seed in ("a", "b")]
        for picture in pictures:
            picture.load()
            assert picture.size == (96, 96)
        assert pictures[0].tobytes() != pictures[1].tobytes()
    grey = Image.open(BytesIO(specimens.jpeg("a"))).convert("L")
    colour = Image.open(BytesIO(specimens.png("a"))).convert("L")
    for place in ((4, 4), (20, 60), (92, 4)):
        assert abs(grey.getpixel(place) - colour.getpixel(place)) <= 2
    assert Image.open(BytesIO(specimens.of("sticker", 0, "")[1])).size == (1, 1)


def test_a_voice_note_lasts_as_long_as_it_says():
    """The last Ogg page carries the position: seconds times 48,000."""
    data = specimens.opus(7)
    last = data[data.rindex(b"OggS") :]
    assert last[5] == 4
    assert int.from_bytes(last[6:14], "little") == 7 * 48_000


def test_a_pdf_points_at_its_own_objects():
    """Each entry of the cross-reference table leads to the object of that number."""
    data = specimens.pdf("Invoice (48160)")
    table = data[data.rindex(b"0 6\n") :].splitlines()[2:7]
    for number, entry in enumerate(table, 1):
        assert data[int(entry[:10]) :].startswith(b"%d 0 obj" % number)
