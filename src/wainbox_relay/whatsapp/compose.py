"""What we send -> the body of a request. What WhatsApp would refuse is refused before it leaves.

Vendor's pages: "Send messages" and its kinds, "Templates, components", "Mark messages as read",
"Typing indicators", and for people without a phone number "Business-scoped user IDs".
"""

import re
from typing import Any

from wainbox_relay.contract.commands import LONGEST_CAPTION, LONGEST_TEXT
from wainbox_relay.contract.content import (
    Audio,
    Choice,
    Content,
    Document,
    Image,
    MediaFile,
    Menu,
    Sticker,
    TemplateMessage,
    Text,
    Video,
    Voice,
)
from wainbox_relay.contract.safe import outgoing as typed
from wainbox_relay.contract.vocabulary import Wamid
from wainbox_relay.domain.model import Failure
from wainbox_relay.domain.rules import menu as menus
from wainbox_relay.ports import Outgoing, Refused
from wainbox_relay.whatsapp import templates
from wainbox_relay.whatsapp.people import STANDBY

Body = dict[str, Any]

_LONGEST_OPAQUE = 512
_LONGEST_VARIABLE = 1024
_NOT_IN_VARIABLES = re.compile(r"[\n\t]| {5,}")


def message(outgoing: Outgoing) -> Body:
    """The request that sends it. Raises `Refused`."""
    if len(outgoing.opaque) > _LONGEST_OPAQUE:
        raise _refuse("The mark we send along is too long", "Show this to an admin.")
    body = {**_addressed(outgoing), **_content(outgoing.content)}
    body["biz_opaque_callback_data"] = outgoing.opaque
    if outgoing.quote:
        body["context"] = {"message_id": _real(outgoing.quote)}
    return body


def reaction(outgoing: Outgoing, target: Wamid, emoji: str) -> Body:
    """Puts an emoji on a message; an empty one takes it off."""
    told = {"message_id": _real(target), "emoji": emoji}
    return {**_addressed(outgoing), "type": "reaction", "reaction": told}


def read_mark(wamid: Wamid, *, typing: bool) -> Body:
    """Blue ticks for this message and all before it; and, if wished, “typing…” for 25 seconds."""
    body: Body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": _real(wamid),
    }
    return {**body, "typing_indicator": {"type": "text"}} if typing else body


def _addressed(outgoing: Outgoing) -> Body:
    """By phone where it is known. A phone needs its plus, or WhatsApp takes it for a local number;
    a business-scoped id in `to` is accepted and dropped in silence."""
    address: Body = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if outgoing.group:
        return {**address, "recipient_type": "group", "to": outgoing.group}
    if outgoing.phone:
        return {**address, "to": f"+{outgoing.phone.removeprefix('+')}"}
    if outgoing.user_id:
        return {**address, "recipient": outgoing.user_id}
    raise _refuse("Nobody to send to: neither phone number nor user id", "Ask for their number.")


def _real(wamid: Wamid) -> str:
    """The id as WhatsApp knows it."""
    return wamid.removeprefix(STANDBY)


def _content(content: Content) -> Body:
    match content:
        case Text():
            return _text(content)
        case Image(file=file, caption=caption):
            return {"type": "image", "image": _captioned(file, caption)}
        case Video(file=file, caption=caption):
            return {"type": "video", "video": _captioned(file, caption)}
        case Document(file=file, caption=caption):
            named = {"filename": typed(file.name)} if file.name else {}
            return {"type": "document", "document": {**_captioned(file, caption), **named}}
        case Audio(file=file, caption=caption):
            return {"type": "audio", "audio": _bare(file, caption)}
        case Voice(file=file, caption=caption):
            return {"type": "audio", "audio": {**_bare(file, caption), "voice": True}}
        case Sticker(file=file, caption=caption):
            return {"type": "sticker", "sticker": _bare(file, caption)}
        case Menu():
            return {"type": "interactive", "interactive": _menu(content)}
        case TemplateMessage():
            return {"type": "template", "template": _template(content)}
        case _:
            raise _refuse(f"A message of kind “{content.kind}” cannot be sent", "Write it as text.")


def _text(content: Text) -> Body:
    if not content.body.strip():
        raise _refuse("An empty text cannot be sent", "Write something.")
    if len(content.body) > LONGEST_TEXT:
        raise _refuse(
            f"The text has {len(content.body):,} characters; WhatsApp takes {LONGEST_TEXT:,}",
            "Send it in parts.",
        )
    return {"type": "text", "text": {"body": typed(content.body)}}


def _menu(content: Menu) -> Body:
    if fault := next(menus.faults(content), None):
        raise _refuse(
            f"The menu cannot be sent: {fault}", "Shorten the menu's texts in the configuration."
        )
    body: Body = {"text": typed(content.body)}
    if not content.opens:
        buttons = [
            {"type": "reply", "reply": {"id": choice.id, "title": typed(choice.title)}}
            for choice in content.choices
        ]
        return {"type": "button", "body": body, "action": {"buttons": buttons}}
    rows = [_row(choice) for choice in content.choices]
    action = {"button": typed(content.opens), "sections": [{"rows": rows}]}
    return {"type": "list", "body": body, "action": action}


def _row(choice: Choice) -> Body:
    described = {"description": typed(choice.description)} if choice.description else {}
    return {"id": choice.id, "title": typed(choice.title), **described}


def _bare(file: MediaFile, caption: str = "") -> Body:
    if not file.media_id:
        raise _refuse("The file was not handed to WhatsApp", "Attach it again.")
    if caption:
        raise _refuse("WhatsApp shows no caption here", "Send the words as a message of their own.")
    return {"id": file.media_id}


def _captioned(file: MediaFile, caption: str) -> Body:
    if len(caption) > LONGEST_CAPTION:
        raise _refuse(
            f"The caption has {len(caption):,} characters; WhatsApp takes {LONGEST_CAPTION:,}",
            "Shorten it, or send the words as a message of their own.",
        )
    return {**_bare(file), **({"caption": typed(caption)} if caption else {})}


def _template(content: TemplateMessage) -> Body:
    if content.variables and content.named:
        raise _refuse("A template's values go by place or by name, not both", "Choose one.")
    for value in templates.values(content):
        _check_value(value)
    template: Body = {"name": content.name, "language": {"code": content.language}}
    filled = templates.components(content)
    return {**template, "components": filled} if filled else template


def _check_value(value: str) -> None:
    if not value.strip() or len(value) > _LONGEST_VARIABLE or _NOT_IN_VARIABLES.search(value):
        raise _refuse(
            "A value of the template is empty, too long, or has line breaks, tabs or wide gaps",
            "Put short plain words into each value.",
        )


def _refuse(reason: str, next_step: str) -> Refused:
    return Refused(Failure(0, reason, next_step))
