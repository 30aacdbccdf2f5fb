"""What a viewer's board shows of a conversation: everything but what was written and how to reach
the customer. Works on bodies as they go over the wire."""

from typing import Any

import msgspec

Json = dict[str, Any]
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def card(shown: Json) -> Json:
    """A card without message text, phone number, WhatsApp id and user name."""
    last = shown["last_message"]
    return {
        **shown,
        "customer": {**shown["customer"], "phone": "", "user_id": "", "username": ""},
        "last_message": None if last is None else {**last, "text": ""},
    }


def card_body(body: bytes) -> bytes:
    return _encode(card(_decode(body)))


def page_body(body: bytes) -> bytes:
    page = _decode(body)
    return _encode({**page, "cards": [card(each) for each in page["cards"]]})


def event_body(kind: str, body: bytes) -> bytes:
    """An event of the stream. Only cards and ticks bear what a viewer may not see."""
    match kind:
        case "card":
            event = _decode(body)
            return _encode({**event, "card": card(event["card"]), "entries": []})
        case "deliveries":
            event = _decode(body)
            return _encode({**event, "moved": [{**m, "failure": None} for m in event["moved"]]})
        case _:
            return body
