"""What a message holds: one function for each `type` of WhatsApp's, in `KINDS`.

Vendor's pages: "Webhooks reference, messages" and, for what others of ours sent, "Send messages".
A type that is not listed, or lacks its own object, becomes `Unsupported`, never an error.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from wainbox_relay.contract.content import (
    Answer,
    Audio,
    ContactCard,
    Contacts,
    Content,
    Document,
    Flow,
    Image,
    Location,
    MediaFile,
    Order,
    OrderItem,
    Sticker,
    System,
    Text,
    Unsupported,
    Video,
    Voice,
)
from wainbox_relay.whatsapp import templates
from wainbox_relay.whatsapp.payloads import (
    Object,
    Unreadable,
    child,
    children,
    decode,
    first_text,
    number,
    text,
    whole,
)

_DEEPEST_FORM = 6
_TELEPHONE = re.compile(r"^TEL[^:\n]*:(.+)$", re.MULTILINE | re.IGNORECASE)
_NOBODYS_TYPES = ("", "unsupported", "unknown")


def kind_of(message: Object) -> str:
    """The message's type; where it is left out, the first known object that is there."""
    return text(message, "type") or next((key for key in message if key in _TYPES), "")


def content_of(message: Object) -> Content:
    kind = kind_of(message)
    if kind == "request_welcome":
        return System(what=kind)
    reader = KINDS.get(kind)
    return reader(message) if reader and message.get(kind) else unsupported(message, kind)


def unsupported(message: Object, kind: str) -> Unsupported:
    """A placeholder with WhatsApp's own name for the type and its explanation, if it gave one."""
    about = child(message, "unsupported")
    error = next(iter(children(message, "errors")), {})
    named = "" if kind in _NOBODYS_TYPES else kind
    return Unsupported(
        type=first_text(about, "type", "raw_type") or named,
        detail=error_detail(error),
        code=whole(error, "code"),
    )


def error_detail(error: Object) -> str:
    """The explanation, wherever this version of the API puts it."""
    return text(child(error, "error_data"), "details") or first_text(
        error, "details", "message", "title"
    )


def _text(message: Object) -> Content:
    return Text(body=text(child(message, "text"), "body"))


def _file(message: Object, kind: str) -> MediaFile:
    media = child(message, kind)
    return MediaFile(
        media_id=text(media, "id"),
        mime=text(media, "mime_type"),
        sha256=text(media, "sha256"),
        name=text(media, "filename"),
        size=whole(media, "file_size"),
        url=first_text(media, "url", "link"),
    )


def _caption(message: Object, kind: str) -> str:
    return text(child(message, kind), "caption")


def _image(message: Object) -> Content:
    return Image(file=_file(message, "image"), caption=_caption(message, "image"))


def _video(message: Object) -> Content:
    return Video(file=_file(message, "video"), caption=_caption(message, "video"))


def _audio(message: Object) -> Content:
    spoken = child(message, "audio").get("voice") is True
    file = _file(message, "audio")
    return Voice(file=file) if spoken else Audio(file=file)


def _voice(message: Object) -> Content:
    return Voice(file=_file(message, "voice"))


def _document(message: Object) -> Content:
    return Document(file=_file(message, "document"), caption=_caption(message, "document"))


def _sticker(message: Object) -> Content:
    animated = child(message, "sticker").get("animated") is True
    return Sticker(file=_file(message, "sticker"), animated=animated)


def _location(message: Object) -> Content:
    place = child(message, "location")
    latitude, longitude = number(place, "latitude"), number(place, "longitude")
    name, address = text(place, "name"), text(place, "address")
    if latitude is None or longitude is None:
        return Unsupported(type="location", detail=name or address)
    return Location(latitude=latitude, longitude=longitude, name=name, address=address)


def _contacts(message: Object) -> Content:
    return Contacts(cards=tuple(_card(contact) for contact in children(message, "contacts")))


def _card(contact: Object) -> ContactCard:
    name = child(contact, "name")
    parts = (text(name, part) for part in ("first_name", "middle_name", "last_name"))
    phones = [first_text(phone, "phone", "wa_id") for phone in children(contact, "phones")]
    emails = [text(email, "email") for email in children(contact, "emails")]
    return ContactCard(
        name=text(name, "formatted_name") or " ".join(filter(None, parts)),
        phones=tuple(filter(None, phones)) or tuple(_TELEPHONE.findall(text(contact, "vcard"))),
        emails=tuple(filter(None, emails)),
    )


def _button(message: Object) -> Content:
    button = child(message, "button")
    return Answer(id=text(button, "payload"), title=text(button, "text"))


def _interactive(message: Object) -> Content:
    """A tap, a form, or (in what others of ours sent) the question that was asked."""
    asked = child(message, "interactive")
    kind = text(asked, "type")
    given = child(asked, kind)
    if kind in ("button_reply", "list_reply"):
        return Answer(
            id=text(given, "id"),
            title=text(given, "title"),
            description=text(given, "description"),
        )
    if kind == "nfm_reply":
        return _form(given)
    if kind == "call_permission_reply":
        return _call_permission(given)
    if given:
        return Flow(name=kind, fields=tuple(_flat(given)))
    question = text(child(asked, "body"), "text")
    return Text(body=question) if question else unsupported(message, f"interactive {kind}".strip())


def _call_permission(given: Object) -> Content:
    answer = text(given, "response")
    granted = {"accept": "May be called", "reject": "May not be called"}
    return Answer(id=answer, title=granted.get(answer, answer))


def _form(given: Object) -> Content:
    """A completed form; its `response_json` is text that may not be JSON at all."""
    raw = text(given, "response_json")
    try:
        answers = decode(raw)
    except Unreadable:
        answers = None
    readable = isinstance(answers, dict)
    return Flow(
        name=text(given, "name"),
        body=text(given, "body"),
        fields=tuple(_flat(answers)) if readable else (),
        raw="" if readable else raw,
    )


def _flat(answers: Object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Name and value pairs, inner names joined by dots. Our own token of the form says nothing."""
    for key, value in answers.items():
        name = prefix + key
        if name == "flow_token":
            continue
        if isinstance(value, dict) and depth < _DEEPEST_FORM:
            yield from _flat(value, f"{name}.", depth + 1)
        else:
            yield name, _spelled(value)


def _spelled(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_spelled(part) if not isinstance(part, list) else "…" for part in value)
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if isinstance(part, str | int))
    return "" if value is None else str(value)


def _order(message: Object) -> Content:
    order = child(message, "order")
    return Order(
        catalog=text(order, "catalog_id"),
        text=text(order, "text"),
        items=tuple(_order_item(item) for item in children(order, "product_items")),
    )


def _order_item(item: Object) -> OrderItem:
    return OrderItem(
        product=text(item, "product_retailer_id"),
        quantity=number(item, "quantity") or 0,
        price=number(item, "item_price") or 0,
        currency=text(item, "currency"),
    )


def _system(message: Object) -> Content:
    system = child(message, "system")
    return System(what=text(system, "type"), body=text(system, "body"))


def _template(message: Object) -> Content:
    return templates.filled(child(message, "template"))


KINDS: dict[str, Callable[[Object], Content]] = {
    "text": _text,
    "image": _image,
    "video": _video,
    "audio": _audio,
    "voice": _voice,
    "document": _document,
    "sticker": _sticker,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "system": _system,
    "template": _template,
}
"""How to read each type that has an object of its own name."""

_TYPES = {*KINDS, "reaction", "edit", "revoke"}
