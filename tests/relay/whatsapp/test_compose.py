"""What a request to WhatsApp looks like, and what is refused before it leaves."""

from dataclasses import replace

import pytest

from wainbox_relay.contract.content import (
    Answer,
    Audio,
    Document,
    Image,
    MediaFile,
    Note,
    Sticker,
    TemplateFill,
    TemplateHeader,
    TemplateMessage,
    Text,
    Video,
    Voice,
)
from wainbox_relay.ports import Outgoing, Refused
from wainbox_relay.whatsapp import compose

FILE = MediaFile(media_id="4004", name="فاتورة 7.pdf")
TO_PHONE = Outgoing("1002", "966500000001", "", "", Text(body="hi"), "s.1")


def body(content, **changed):
    return compose.message(replace(TO_PHONE, content=content, **changed))


def refused(content, **changed):
    with pytest.raises(Refused) as raised:
        body(content, **changed)
    failure = raised.value.failure
    assert (failure.code, bool(failure.reason), bool(failure.next_step)) == (0, True, True)
    assert not raised.value.pause
    return failure.reason


@pytest.mark.parametrize(
    ("content", "kind", "holds"),
    [
        (Text(body="مرحبا\nبك"), "text", {"body": "مرحبا\nبك"}),
        (Text(body="a\x1b[2Jb\r\nc\x00\x9b"), "text", {"body": "a[2Jb\nc"}),
        (Image(file=FILE), "image", {"id": "4004"}),
        (Image(file=FILE, caption="هنا"), "image", {"id": "4004", "caption": "هنا"}),
        (Video(file=FILE, caption="x"), "video", {"id": "4004", "caption": "x"}),
        (Audio(file=FILE), "audio", {"id": "4004"}),
        (Voice(file=FILE), "audio", {"id": "4004", "voice": True}),
        (Sticker(file=FILE), "sticker", {"id": "4004"}),
        (
            Document(file=FILE, caption="x"),
            "document",
            {"id": "4004", "caption": "x", "filename": "فاتورة 7.pdf"},
        ),
        (Document(file=MediaFile(media_id="4004")), "document", {"id": "4004"}),
        (
            TemplateMessage(name="hello", language="ar"),
            "template",
            {"name": "hello", "language": {"code": "ar"}},
        ),
        (
            TemplateMessage(name="hello", language="fr", variables=("Léa", "1042")),
            "template",
            {
                "name": "hello",
                "language": {"code": "fr"},
                "components": [
                    {
                        "type": "body",
                        "parameters": [
                            {"type": "text", "text": "Léa"},
                            {"type": "text", "text": "1042"},
                        ],
                    }
                ],
            },
        ),
        (
            TemplateMessage(name="hello", language="en", named=(("who", "Lea"),)),
            "template",
            {
                "name": "hello",
                "language": {"code": "en"},
                "components": [
                    {
                        "type": "body",
                        "parameters": [{"type": "text", "parameter_name": "who", "text": "Lea"}],
                    }
                ],
            },
        ),
        (
            TemplateMessage(
                name="hello",
                language="fr",
                header=TemplateHeader(value="W-7", name="ref"),
                buttons=(
                    TemplateFill(index=0, value="10483"),
                    TemplateFill(index=2, kind="copy_code", value="SAVE10"),
                ),
            ),
            "template",
            {
                "name": "hello",
                "language": {"code": "fr"},
                "components": [
                    {
                        "type": "header",
                        "parameters": [{"type": "text", "parameter_name": "ref", "text": "W-7"}],
                    },
                    {
                        "type": "button",
                        "parameters": [{"type": "text", "text": "10483"}],
                        "sub_type": "url",
                        "index": "0",
                    },
                    {
                        "type": "button",
                        "parameters": [{"type": "coupon_code", "coupon_code": "SAVE10"}],
                        "sub_type": "copy_code",
                        "index": "2",
                    },
                ],
            },
        ),
        (
            TemplateMessage(
                name="hello", language="fr", header=TemplateHeader(kind="image", value="4004")
            ),
            "template",
            {
                "name": "hello",
                "language": {"code": "fr"},
                "components": [
                    {"type": "header", "parameters": [{"type": "image", "image": {"id": "4004"}}]}
                ],
            },
        ),
    ],
)
def test_a_message_is_written_as_whatsapp_wants_it(content, kind, holds):
    assert body(content) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+966500000001",
        "type": kind,
        kind: holds,
        "biz_opaque_callback_data": "s.1",
    }


def test_a_customer_without_phone_is_addressed_as_recipient():
    """A user id in `to` would be accepted and silently dropped."""
    sent = body(Text(body="hi"), phone="", user_id="EG.111")
    assert sent["recipient"] == "EG.111"
    assert "to" not in sent


def test_the_phone_is_preferred_where_both_are_known():
    sent = body(Text(body="hi"), user_id="EG.111")
    assert sent["to"] == "+966500000001"
    assert "recipient" not in sent


def test_a_phone_has_exactly_one_plus():
    assert body(Text(body="hi"), phone="+966500000001")["to"] == "+966500000001"


def test_a_group_is_addressed_as_a_group():
    sent = body(Text(body="hi"), phone="", group="120363@g.us")
    assert (sent["recipient_type"], sent["to"]) == ("group", "120363@g.us")


def test_a_quote_names_the_message_it_answers():
    assert body(Text(body="hi"), quote="wamid.S1")["context"] == {"message_id": "wamid.S1"}


def test_what_meta_s_agent_heard_is_named_by_its_real_id():
    """We keep such messages under an id of our own; WhatsApp knows only its own."""
    assert body(Text(body="hi"), quote="standby:wamid.S1")["context"] == {"message_id": "wamid.S1"}
    assert compose.read_mark("standby:wamid.S1", typing=False)["message_id"] == "wamid.S1"


def test_a_reaction_names_its_message_and_an_empty_one_takes_it_off():
    sent = compose.reaction(TO_PHONE, "wamid.S1", "")
    assert sent["reaction"] == {"message_id": "wamid.S1", "emoji": ""}
    assert (sent["type"], sent["to"]) == ("reaction", "+966500000001")
    assert "biz_opaque_callback_data" not in sent


@pytest.mark.parametrize("typing", [True, False])
def test_reading_marks_show_typing_only_when_asked(typing):
    sent = compose.read_mark("wamid.S1", typing=typing)
    assert sent.pop("typing_indicator", None) == ({"type": "text"} if typing else None)
    assert sent == {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.S1"}


def test_limits_are_whatsapp_s_to_the_character():
    assert body(Text(body="x" * 4096))
    assert "4,096" in refused(Text(body="x" * 4097))
    assert body(Image(file=FILE, caption="x" * 1024))
    assert "1,024" in refused(Image(file=FILE, caption="x" * 1025))
    assert body(Text(body="x"), opaque="o" * 512)
    assert refused(Text(body="x"), opaque="o" * 513)


@pytest.mark.parametrize(
    "content",
    [
        Text(body=""),
        Text(body=" \n "),
        Image(file=MediaFile()),
        Audio(file=FILE, caption="words"),
        Sticker(file=FILE, caption="words"),
        Answer(title="x"),
        Note(body="for us only"),
        TemplateMessage(name="a", language="ar", variables=("",)),
        TemplateMessage(name="a", language="ar", variables=("x\ny",)),
        TemplateMessage(name="a", language="ar", variables=("x     y",)),
        TemplateMessage(name="a", language="ar", variables=("x" * 1025,)),
        TemplateMessage(name="a", language="ar", named=(("n", "x\ty"),)),
        TemplateMessage(name="a", language="ar", variables=("x",), named=(("n", "x"),)),
    ],
)
def test_what_whatsapp_would_refuse_does_not_leave(content):
    refused(content)


def test_nobody_is_no_address():
    assert "Nobody" in refused(Text(body="hi"), phone="")
