"""What a send must look like. Vendor's pages: "Messages API" and one page a kind of message.

Meta's own words for its refusals differ from page to page; the codes are what counts.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from wainbox_relay.sandbox.errors import GraphError

Object = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
OPAQUE_LIMIT = 512
_COMMON = {
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
}
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_PHONE = re.compile(r"\+?[0-9 ()\-]{6,24}")
_IN_GROUPS = {"text", "image", "video", "audio", "document", "sticker", "template"}


def is_user_id(text: str) -> bool:
    return _USER_ID.fullmatch(text) is not None


def check(body: Any) -> str:
    """The message's type, if the body is one that WhatsApp would take."""
    if not isinstance(body, dict):
        raise GraphError(100, "The request's body is not a JSON object.")
    _product(body)
    kind = _kind(body)
    _only(body, _COMMON | {kind}, "the message")
    _recipient(body, kind)
    _opaque(body)
    _context(body, kind)
    _KINDS[kind](_object(body, kind, "the message"))
    return kind


def check_reading(body: Object) -> str:
    """The id of the message that is marked as read, if the body is well-formed."""
    _product(body)
    _only(body, {"messaging_product", "status", "message_id", "typing_indicator"}, "the request")
    if body.get("status") != "read":
        raise GraphError(131009, "status must be read.")
    typing = body.get("typing_indicator")
    if typing is not None and typing != {"type": "text"}:
        raise GraphError(131009, "typing_indicator must have the type text.")
    return _text(body, "message_id", "the request", 512)


def _product(body: Object) -> None:
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required.")


def _kind(body: Object) -> str:
    kind = body.get("type", "text")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise GraphError(100, f"Param type must be one of {{{', '.join(_KINDS).upper()}}}.")
    return kind


def _recipient(body: Object, kind: str) -> None:
    to, recipient = body.get("to"), body.get("recipient")
    if to is None and recipient is None:
        raise GraphError(131008, "The parameter to is required.")
    whom = body.get("recipient_type", "individual")
    if whom not in ("individual", "group"):
        raise GraphError(100, "Param recipient_type must be one of {individual, group}.")
    if whom == "group":
        if kind not in _IN_GROUPS:
            raise GraphError(131009, f"A group takes no {kind}.")
        _text(body, "to", "the message", 64)
        return
    if to is None and not (isinstance(recipient, str) and is_user_id(recipient)):
        raise GraphError(131009, "recipient is not a business-scoped user id.")
    if to is not None and not (isinstance(to, str) and (_PHONE.fullmatch(to) or is_user_id(to))):
        raise GraphError(131009, "to is not a phone number.")


def _opaque(body: Object) -> None:
    if "biz_opaque_callback_data" in body:
        _text(body, "biz_opaque_callback_data", "the message", OPAQUE_LIMIT)


def _context(body: Object, kind: str) -> None:
    if "context" not in body:
        return
    if kind == "reaction":
        raise GraphError(131009, "A reaction cannot be a contextual reply.")
    context = _object(body, "context", "the message")
    _only(context, {"message_id"}, "context")
    _text(context, "message_id", "context", 512)


def _text_body(content: Object) -> None:
    _only(content, {"body", "preview_url"}, "text")
    _text(content, "body", "text", TEXT_LIMIT)
    if not isinstance(content.get("preview_url", False), bool):
        raise GraphError(100, "Param text['preview_url'] must be a boolean.")


def _media(*extras: str) -> Callable[[Object], None]:
    def check_media(content: Object) -> None:
        _only(content, {"id", "link", *extras}, "the media object")
        if ("id" in content) == ("link" in content):
            raise GraphError(100, "A media object has either an id or a link.")
        if "link" in content:
            raise GraphError(131053, "The file at the link could not be fetched. Upload it.")
        _text(content, "id", "the media object", 512)
        if "caption" in content:
            _text(content, "caption", "the media object", CAPTION_LIMIT)
        if "filename" in content:
            _text(content, "filename", "the media object", 240)

    return check_media


def _location(content: Object) -> None:
    _only(content, {"latitude", "longitude", "name", "address"}, "location")
    for key, most in (("latitude", 90), ("longitude", 180)):
        try:
            value = float(content[key])
        except (KeyError, TypeError, ValueError):
            raise GraphError(131008, f"location needs a {key}.") from None
        if not -most <= value <= most:
            raise GraphError(131009, f"The {key} is out of range.")


def _interactive(content: Object) -> None:
    _only(content, {"type", "header", "body", "footer", "action"}, "interactive")
    checker = _INTERACTIVE.get(str(content.get("type")))
    if checker is None:
        raise GraphError(131009, f"interactive.type must be one of {', '.join(_INTERACTIVE)}.")
    most = TEXT_LIMIT if content["type"] == "list" else 1024
    _text(_object(content, "body", "interactive"), "text", "interactive.body", most, 131009)
    if "footer" in content:
        _text(_object(content, "footer", "interactive"), "text", "footer", 60, 131009)
    if "header" in content:
        header = _object(content, "header", "interactive")
        if header.get("type") == "text":
            _text(header, "text", "header", 60, 131009)
    checker(_object(content, "action", "interactive"))


def _buttons(action: Object) -> None:
    buttons = _list(action, "buttons", "action", 3)
    replies = [_object(button, "reply", "a button") for button in buttons]
    if any(button.get("type") != "reply" for button in buttons):
        raise GraphError(131009, "A button's type must be reply.")
    for reply in replies:
        _text(reply, "title", "a button", 20, 131009)
        _text(reply, "id", "a button", 256, 131009)
    _unique((reply["id"] for reply in replies), "button ids")
    _unique((reply["title"] for reply in replies), "button titles")


def _rows(action: Object) -> None:
    _text(action, "button", "action", 20, 131009)
    sections = _list(action, "sections", "action", 10)
    rows = [row for section in sections for row in _list(section, "rows", "a section", 10)]
    if len(rows) > 10:
        raise GraphError(131009, "Total row count exceeds the allowed count of 10.")
    if len(sections) > 1:
        for section in sections:
            _text(section, "title", "a section", 24, 131009)
    for row in rows:
        _text(row, "id", "a row", 200, 131009)
        _text(row, "title", "a row", 24, 131009)
        if "description" in row:
            _text(row, "description", "a row", 72, 131009)
    _unique((row["id"] for row in rows), "row ids")


def _reaction(content: Object) -> None:
    _only(content, {"message_id", "emoji"}, "reaction")
    _text(content, "message_id", "reaction", 512)
    emoji = content.get("emoji")
    if not isinstance(emoji, str) or len(emoji) > 16 or any(sign.isascii() for sign in emoji[:1]):
        raise GraphError(131009, "emoji must be one emoji, or empty to take the reaction back.")


def _template(content: Object) -> None:
    _only(content, {"name", "language", "components", "namespace"}, "template")
    _text(content, "name", "template", 512)
    _text(_object(content, "language", "template"), "code", "template.language", 16)
    components = content.get("components", [])
    if not isinstance(components, list):
        raise GraphError(131009, "components must be a list.")
    for component in components:
        parameters = component.get("parameters", []) if isinstance(component, dict) else None
        if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
            raise GraphError(131009, "A template's component is an object with parameters.")


_INTERACTIVE: dict[str, Callable[[Object], None]] = {"button": _buttons, "list": _rows}

_KINDS: dict[str, Callable[[Any], None]] = {
    "text": _text_body,
    "image": _media("caption"),
    "video": _media("caption"),
    "document": _media("caption", "filename"),
    "audio": _media("voice"),
    "sticker": _media(),
    "location": _location,
    "interactive": _interactive,
    "reaction": _reaction,
    "template": _template,
}


def _only(of: Object, keys: set[str], where: str) -> None:
    if unexpected := sorted(set(of) - keys):
        raise GraphError(100, f'Unexpected key "{unexpected[0]}" on {where}.')


def _object(of: Any, key: str, where: str) -> Object:
    value = of.get(key) if isinstance(of, dict) else None
    if value is None:
        raise GraphError(131008, f"{where} needs {key}.")
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {key} must be a JSON object.")
    return value


def _list(of: Any, key: str, where: str, most: int) -> list[Any]:
    value = of.get(key) if isinstance(of, dict) else None
    if not isinstance(value, list) or not value:
        raise GraphError(131008, f"{where} needs {key}.")
    if len(value) > most:
        raise GraphError(131009, f"{where} has more than {most} {key}.")
    return value


def _text(of: Object, key: str, where: str, most: int, code: int = 100) -> str:
    value = of.get(key)
    if value is None or value == "":
        raise GraphError(131008, f"{where} needs {key}.")
    if not isinstance(value, str):
        raise GraphError(100, f"Param {key} of {where} must be a string.")
    if len(value) > most:
        raise GraphError(code, f"Param {key} of {where} must be at most {most} characters long.")
    return value


def _unique(values: Iterable[str], what: str) -> None:
    found = list(values)
    if len(set(found)) < len(found):
        raise GraphError(131009, f"The {what} are not unique.")
