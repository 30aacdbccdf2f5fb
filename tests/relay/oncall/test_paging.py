"""From an escalation to a phone that rings, and back to an owner."""

import json
from pathlib import Path

import pytest
import structlog
from tests.bodies import AT, NUMBER, envelope, text, value
from tests.fakes import FakeWhatsApp, HandClock
from tests.relay.oncall.conftest import NADIAS_PHONE, Mailbox, NightShift, Receiver, night

from wainbox_relay.contract.commands import Acknowledge
from wainbox_relay.contract.content import TemplateMessage, Text
from wainbox_relay.contract.vocabulary import Flag, NumberId

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
"""apprise still asks for it."""

UNUSED = "http://127.0.0.1:9/nobody-listens"
PAGE = {
    "ref": "W-1",
    "topic": "",
    "waiting_seconds": 0,
    "text": "W-1 · waiting 0 min",
}


async def test_a_page_goes_out_by_every_channel_and_tells_no_more_than_it_may(
    tmp_path: Path, mailbox: Mailbox, receiver: Receiver
) -> None:
    """Nadia gets a mail and a post with reference and waiting time, and not one word or name of
    the customer's."""
    async with night(tmp_path, {"nadia": f"{mailbox.url} {receiver.url}"}) as shift:
        await shift.escalated()
        await shift.told(lambda: len(mailbox.mails) + len(receiver.bodies) == 2)
        assert await shift.pages() == [
            (0, "nadia", "mailto", "sent"),
            (0, "nadia", "webhook", "sent"),
        ]
    assert receiver.bodies == [PAGE]
    mail = mailbox.mails[0]
    assert mail["Subject"] == "Wainbox: W-1 needs you"
    body = mail.get_body(("plain",))
    assert body is not None
    said = body.get_content()
    assert "W-1 · waiting 0 min" in said
    assert "wainbox ack W-1" in said
    assert not {"parcel", "lost", "Sara", "2126"} & set(str(mail).replace(":", " ").split())


async def test_details_are_told_where_the_settings_allow_it(
    tmp_path: Path, receiver: Receiver
) -> None:
    """With oncall.details, name and last words are in the page, on one line."""
    async with night(tmp_path, {"nadia": receiver.url}, details=True) as shift:
        await shift.escalated()
        await shift.told(lambda: bool(receiver.bodies))
    assert receiver.bodies[0]["text"] == "W-1 · waiting 0 min · Sara: my parcel is lost"


async def test_nobody_answers_and_the_ladder_climbs(tmp_path: Path, receiver: Receiver) -> None:
    """Nadia, Nadia again, then Samir within fifteen minutes, then the lead; the waiting time is the
    customer's."""
    everybody = dict.fromkeys(("nadia", "samir", "lina"), receiver.url)
    async with night(tmp_path, everybody) as shift:
        await shift.escalated()
        for count in range(1, 5):
            await shift.told(lambda count=count: len(receiver.bodies) == count)
            await shift.minutes(5)
        await shift.told(lambda: len(receiver.bodies) == 5)
        paged = [agent for _, agent, _, _ in await shift.pages()]
    assert paged == ["nadia", "nadia", "samir", "samir", "lina"]
    assert [body["waiting_seconds"] for body in receiver.bodies] == [0, 300, 600, 900, 1200]


async def test_acknowledging_stops_it(tmp_path: Path, receiver: Receiver) -> None:
    """Nadia has it: the owner is she, the view of the on-call is empty, no further page leaves."""
    async with night(tmp_path, {"nadia": receiver.url}) as shift:
        ref = await shift.escalated()
        await shift.told(lambda: len(receiver.bodies) == 1)
        assert [card.ref for card in await shift.cards("oncall")] == [ref]
        await shift.order("nadia", ref, Acknowledge())
        await shift.minutes(5)
        await shift.settles()
        card = await shift.card()
        assert (card.assignee, Flag.ACKED in card.flags) == ("nadia", True)
        assert await shift.cards("oncall") == ()
    assert len(receiver.bodies) == 1


async def test_a_dead_channel_is_told_and_the_next_person_is_paged_at_once(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Nadia's receiver is gone and Samir has no channel: the team reads both, the log too, and the
    lead is paged without a minute passing."""
    urls = {"nadia": UNUSED, "lina": receiver.url}
    with structlog.testing.capture_logs() as logs:
        async with night(tmp_path, urls) as shift:
            await shift.escalated()
            await shift.told(lambda: len(receiver.bodies) == 1)
            assert await shift.pages() == [
                (0, "nadia", "webhook", "dead"),
                (4, "lina", "webhook", "sent"),
            ]
            heard = await _notices(shift)
    assert heard == [
        "Paging Nadia by webhook failed; the log says why.",
        "Samir cannot be paged; wainbox-relay check says why.",
    ]
    lost = [line for line in logs if line["event"] == "page_lost"]
    assert [(line["agent"], line["channel"]) for line in lost] == [
        ("nadia", "webhook"),
        ("samir", ""),
    ]


async def _notices(shift: NightShift) -> list[str]:
    """What every terminal was told."""
    rows = await shift.relay.stores.main_writer.rows(
        "SELECT body FROM events WHERE kind = 'notice' ORDER BY seq"
    )
    return [json.loads(row[0])["sentence"] for row in rows]


async def test_who_does_not_work_here_any_more_is_not_paged(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Nadia has left and stands in the rota still: the page goes to Samir at once."""
    async with night(tmp_path, dict.fromkeys(("nadia", "samir"), receiver.url)) as shift:
        await shift.relay.staff.revoke("operator", shift.agents["nadia"].id)
        await shift.escalated()
        await shift.told(lambda: len(receiver.bodies) == 1)
        assert await shift.pages() == [(2, "samir", "webhook", "sent")]


async def test_a_number_that_stands_still_pages_all_the_same(
    tmp_path: Path, receiver: Receiver
) -> None:
    """With the token refused nothing leaves for customers, and Nadia hears of the escalation."""
    async with night(tmp_path, {"nadia": receiver.url}) as shift:
        await shift.relay.inbox.amend(lambda slice_: slice_.pause(NumberId(NUMBER), "token"))
        await shift.escalated()
        await shift.told(lambda: len(receiver.bodies) == 1)


async def test_an_error_answer_is_a_dead_channel(tmp_path: Path, receiver: Receiver) -> None:
    """A receiver that answers 500 has not taken the page."""
    receiver.status = 500
    async with night(tmp_path, {"nadia": receiver.url}) as shift:
        await shift.escalated()
        await shift.told(lambda: len(receiver.bodies) == 1)
        assert (0, "nadia", "webhook", "dead") in await shift.pages()


async def test_a_restart_in_the_middle_pages_once_for_each_step(
    tmp_path: Path, receiver: Receiver
) -> None:
    """The relay dies while a page is under way; after the start that page is not sent again, and
    the next step comes at its time, once."""
    clock = HandClock()
    receiver.gate.clear()
    async with night(tmp_path, {"nadia": receiver.url}, clock=clock) as shift:
        await shift.escalated()
        await shift.until(lambda: _true(len(receiver.bodies) == 1))
    receiver.gate.set()
    for _ in range(2):
        async with night(tmp_path, {"nadia": receiver.url}, clock=clock) as shift:
            await shift.told(lambda: True)
            assert await shift.pages() == [(0, "nadia", "webhook", "sending")]
    assert len(receiver.bodies) == 1
    async with night(tmp_path, {"nadia": receiver.url}, clock=clock) as shift:
        await shift.minutes(5)
        await shift.minutes(0)
        await shift.told(lambda: len(receiver.bodies) == 2)
    async with night(tmp_path, {"nadia": receiver.url}, clock=clock) as shift:
        await shift.told(lambda: True)
    assert len(receiver.bodies) == 2


async def _true(holds: bool) -> bool:  # noqa: FBT001 - a predicate's value
    return holds


def answer(wamid: str, body: str, quote: str = "", phone: str = NADIAS_PHONE) -> bytes:
    said = text(wamid, body, AT, phone)
    if quote:
        said["context"] = {"from": "212520000000", "id": quote}
    return envelope(value([said], phone=phone, name="Nadia"))


@pytest.mark.parametrize(
    ("body", "quote"),
    [("I have it", ""), ("je prends W-1", ""), ("تمام", "wamid.out.page")],
    ids=["in a word", "with the reference", "in answer to the page"],
)
async def test_an_agents_own_phone_acknowledges_and_is_never_a_case(
    tmp_path: Path, body: str, quote: str
) -> None:
    """Nadia is paged by template on her own WhatsApp; what she writes back takes the case, and she
    is told so, once."""
    whatsapp = FakeWhatsApp()
    template = {"template": "page", "template_language": "fr", "template_number": "100200300"}
    async with night(tmp_path, {"nadia": ""}, whatsapp, **template) as shift:
        await shift.escalated()
        await shift.told(lambda: len(whatsapp.sent) == 1)
        sent = whatsapp.sent[0]
        assert (sent.phone, sent.number) == (NADIAS_PHONE, "100200300")
        assert isinstance(sent.content, TemplateMessage)
        assert sent.content.variables == ("W-1 · waiting 0 min",)

        await shift.comes(answer("n1", "who is this?"))
        assert (await shift.card()).assignee is None
        await shift.comes(answer("n2", body, quote))
        card = await shift.card()
        assert (card.assignee, Flag.ACKED in card.flags) == ("nadia", True)
        await shift.told(lambda: len(whatsapp.sent) == 2)
        said = whatsapp.sent[1]
        assert (said.phone, said.number) == (NADIAS_PHONE, "100200300")
        assert said.content == Text(body="W-1 is yours; paging has stopped.")
        await shift.comes(answer("n2", body, quote), answer("n3", "and good night"))
        assert (await shift.card()).version == card.version
        acts = await shift.relay.stores.main_writer.rows(
            "SELECT actor, subject FROM audit WHERE act = 'ack'"
        )
        assert [tuple(row) for row in acts] == [("@nadia", "W-1")]
        assert len(whatsapp.sent) == 2
