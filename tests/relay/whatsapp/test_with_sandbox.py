"""The adapter against the pretend WhatsApp, which was written apart from it and is as strict."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from wainbox_relay.contract.content import Document, MediaFile, Text, Voice
from wainbox_relay.domain.facts import DeliveryReported, Echoed, MessageArrived, Reacted
from wainbox_relay.media import MediaFolder
from wainbox_relay.ports import Outgoing, Refused, TryLater, Unsure
from wainbox_relay.sandbox.box import Sandbox
from wainbox_relay.whatsapp.client import Client, Line
from wainbox_relay.whatsapp.cloud_api import CloudApi
from wainbox_relay.whatsapp.signature import Signatures

SECRET, TOKEN = "app-secret", "EAAG-token"
ARRIVED = 1_790_000_000_000_000


class Callback:
    """Takes webhooks as the relay would: bodies with their signatures."""

    def __init__(self):
        self.heard = []

    async def serve(self, reader, writer):
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                named = dict(x.lower().split(": ", 1) for x in head.split("\r\n")[1:] if x)
                body = await reader.readexactly(int(named["content-length"]))
                self.heard.append((body, named.get("x-hub-signature-256")))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()


@asynccontextmanager
async def calling_back():
    callback = Callback()
    async with await asyncio.start_server(callback.serve, "127.0.0.1", 0) as listener:
        callback.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/webhooks/whatsapp"
        yield callback


class World:
    """The sandbox, the adapter, and what came back by webhook."""

    def __init__(self, box, whatsapp, callback):
        self.box, self.whatsapp, self.callback = box, whatsapp, callback
        self.number = next(iter(box.world.numbers.values()))

    def to(self, customer, content=None, **changed):
        who = customer.person
        address = {"phone": who.wa_id, "user_id": "" if who.wa_id else who.user_id}
        fields = {"group": "", "content": content or Text(body="أهلا"), "opaque": "sid.1"}
        return Outgoing(number=self.number.id, **{**address, **fields, **changed})

    async def facts(self):
        """Every fact of every webhook so far; each had a good signature."""
        await self.box.settled()
        for body, signature in self.callback.heard:
            assert self.whatsapp.accepts(body, signature)
            assert not self.whatsapp.accepts(body + b" ", signature)
        items = [i for body, _ in self.callback.heard for i in self.whatsapp.read(body, ARRIVED)]
        assert not [item.refused for item in items if item.refused]
        return [fact for item in items for fact in item.facts]


@pytest.fixture
async def world(tmp_path):
    async with (
        calling_back() as callback,
        Sandbox.start(callback_url=callback.url, app_secret=SECRET, token=TOKEN) as box,
    ):
        line = Line(box.url, "v25.0", lambda: TOKEN, (), 1, 0.5, 1)
        whatsapp = CloudApi(Client(line), Signatures([SECRET]), MediaFolder(tmp_path))
        yield World(box, whatsapp, callback)
        await whatsapp.aclose()


async def test_a_message_goes_and_its_receipts_come(world):
    """The opaque mark comes back with every receipt, and the id is the one we were given."""
    sara = world.box.newcomer("sara-2", phone="+966 59 999 0001")
    wamid = await sara.writes("وين طلبي؟")
    sent = await world.whatsapp.send(world.to(sara, quote=wamid))
    await world.box.until(lambda: any(b'"read"' in body for body, _ in world.callback.heard))
    facts = await world.facts()
    (arrived,) = [fact for fact in facts if isinstance(fact, MessageArrived)]
    assert (arrived.wamid, arrived.content) == (wamid, Text(body="وين طلبي؟"))
    receipts = [fact for fact in facts if isinstance(fact, DeliveryReported)]
    assert {(r.wamid, r.opaque) for r in receipts} == {(sent.wamid, "sid.1")}
    assert {r.delivery for r in receipts} == {"sent", "delivered", "read"}


async def test_a_customer_without_phone_gets_the_answer(world):
    """In `recipient`, not in `to`, where it would be taken and dropped."""
    omar = world.box.newcomer("omar-2", username="omar.k")
    await omar.writes("مرحبا")
    (fact,) = await world.facts()
    (identity, *_) = fact.peer.person.identities
    assert (identity.kind, identity.value) == ("bsuid", omar.person.user_id)
    await world.whatsapp.send(world.to(omar))
    (accepted,) = omar.received
    assert "to" not in accepted.body
    assert not accepted.dropped


async def test_who_is_blocked_comes_through_no_more(world):
    """By phone or by id, on that number alone, until they are unblocked; only who wrote today."""
    sara = world.box.newcomer("sara-3", phone="+966 59 999 0003")
    omar = world.box.newcomer("omar-3", username="omar.b")
    block, number = world.whatsapp.block, world.number.id
    for customer, user in ((sara, "+966599990003"), (omar, omar.person.user_id)):
        with pytest.raises(Refused) as refused:
            await block(number, user, blocked=True)
        assert refused.value.failure.code == 139100
        first = await customer.writes("one")
        await block(number, user, blocked=True)
        await block(number, user, blocked=True)
        await customer.writes("two")
        with pytest.raises(Refused):
            await world.whatsapp.send(world.to(customer))
        await block(number, user, blocked=False)
        last = await customer.writes("three")
        heard = [f.wamid for f in await world.facts() if isinstance(f, MessageArrived)]
        assert heard[-2:] == [first, last]


FAULTS = {
    "reset_before": (Unsure, 0),
    "reset_after": (Unsure, 1),
    "hang": (Unsure, 1),
    "bad_json": (Unsure, 1),
    "no_id": (Unsure, 1),
    "html502": (Unsure, 0),
    "status": (Unsure, 0),
    "error": (TryLater, 0),
}


@pytest.mark.parametrize(("fault", "expected"), FAULTS.items())
async def test_a_fault_is_told_for_what_it_is(world, fault, expected):
    """And never leads to a second request."""
    raised, accepts = expected
    lea = world.box.newcomer("lea-2")
    await lea.writes("Bonjour")
    world.box.fault(fault)
    with pytest.raises(raised):
        await world.whatsapp.send(world.to(lea))
    assert len(world.box.accepted) == accepts
    assert not world.box.faults.planned


@pytest.mark.parametrize("code", [130429, 131056, 131016, 80007])
async def test_throttling_is_no_failure(world, code):
    lea = world.box.newcomer("lea-2")
    await lea.writes("Bonjour")
    world.box.fault("error", code=code, status=429, retry_after=3)
    with pytest.raises(TryLater) as later:
        await world.whatsapp.send(world.to(lea))
    assert (later.value.failure.code, later.value.after) == (code, 3_000_000)


async def test_outside_the_window_only_a_template_helps(world):
    silent = world.box.newcomer("silent-2")
    with pytest.raises(Refused) as refused:
        await world.whatsapp.send(world.to(silent))
    assert refused.value.failure.code == 131047
    assert "template" in refused.value.failure.next_step


async def test_an_expired_token_pauses_the_number(world):
    lea = world.box.newcomer("lea-2")
    await lea.writes("Bonjour")
    world.box.graph.token = "renewed"
    with pytest.raises(Refused) as refused:
        await world.whatsapp.send(world.to(lea))
    assert (refused.value.failure.code, bool(refused.value.pause)) == (190, True)


async def test_files_go_both_ways(world, tmp_path):
    """Uploaded, sent by id; received, fetched, checked and kept under their digest."""
    lea = world.box.newcomer("lea-2")
    await lea.sends("image", caption="voilà")
    await lea.sends("audio")
    await lea.sends("document", filename="../../facture.pdf")
    picture, voice, document = [fact.content for fact in await world.facts()]
    assert (picture.caption, type(voice), type(document)) == ("voilà", Voice, Document)
    for content, type_ in ((picture, "image/jpeg"), (voice, "audio/ogg"), (document, None)):
        got = await world.whatsapp.fetch(
            world.number.id, content.file.media_id, content.file.sha256
        )
        assert got.type == (type_ or "application/pdf")
        assert (tmp_path / got.digest[:2] / got.digest[2:]).stat().st_size == got.size
    data = (tmp_path / got.digest[:2] / got.digest[2:]).read_bytes()
    media_id = await world.whatsapp.upload(world.number.id, "réponse.pdf", "application/pdf", data)
    await world.whatsapp.send(
        world.to(lea, Document(file=MediaFile(media_id=media_id, name="réponse.pdf")))
    )
    assert lea.received[0].body["document"] == {"id": media_id, "filename": "réponse.pdf"}


@pytest.mark.parametrize(
    "fault",
    [
        {"what": "expired", "on": "lookup", "times": 2},
        {"what": "wrong_sha256", "on": "lookup"},
        {"what": "redirect", "on": "lookup", "location": "http://169.254.169.254/x"},
        {"what": "error", "on": "lookup", "code": 131000},
        {"what": "status", "on": "download", "status": 503},
        {"what": "redirect", "on": "download", "location": "http://169.254.169.254/x"},
        {"what": "reset_before", "on": "download"},
        {"what": "hang", "on": "download"},
    ],
    ids=lambda fault: f"{fault['what']} {fault['on']}",
)
async def test_a_file_that_fails_once_comes_the_next_time(world, fault):
    """Only the fetch is late; a second one asks for a new address and succeeds."""
    lea = world.box.newcomer("lea-2")
    await lea.sends("image")
    (fact,) = await world.facts()
    file = fact.content.file
    world.box.fault(**fault)
    with pytest.raises(TryLater):
        # The digest of the lookup counts here: the webhook's own would hide a wrong one.
        await world.whatsapp.fetch(world.number.id, file.media_id, "")
    assert (await world.whatsapp.fetch(world.number.id, file.media_id, file.sha256)).size


async def test_an_address_that_expired_is_asked_for_again_at_once(world):
    lea = world.box.newcomer("lea-2")
    await lea.sends("image")
    (fact,) = await world.facts()
    world.box.fault("expired", on="lookup")
    assert (await world.whatsapp.fetch(world.number.id, fact.content.file.media_id, "")).size


async def test_reactions_and_reading_marks_arrive(world):
    lea = world.box.newcomer("lea-2")
    wamid = await lea.writes("Merci !")
    await world.whatsapp.tell_read(world.number.id, wamid, typing=True)
    await world.whatsapp.react(world.to(lea), wamid, "👍")
    sent = await world.whatsapp.send(world.to(lea))
    await lea.reacts(sent.wamid, "❤️")
    await lea.hears_from_phone("de mon téléphone")
    facts = await world.facts()
    assert [(read.wamid, read.typing) for read in world.box.reads] == [(wamid, True)]
    assert [f.emoji for f in facts if isinstance(f, Reacted)] == ["❤️"]
    assert [f.content.body for f in facts if isinstance(f, Echoed)] == ["de mon téléphone"]


async def test_a_number_tells_whether_it_can_send(world):
    world.box.graph.health = "BLOCKED"
    facts = await world.whatsapp.phone_number_facts(world.number.id)
    assert (facts.name, facts.can_send) == (world.number.name, "BLOCKED")
