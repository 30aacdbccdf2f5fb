"""Templates: what WhatsApp says of them, and how their places are filled when one is sent.

Vendor's pages: "Templates", "Components", "Send message templates".
"""

from typing import Any

from wainbox_relay.contract.content import TemplateMessage
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.safe import outgoing as typed
from wainbox_relay.contract.variables import names
from wainbox_relay.contract.views import Template, TemplateButton
from wainbox_relay.whatsapp.payloads import Object, child, children, text

Body = dict[str, Any]

_FITTING = {"HEADER", "BODY", "FOOTER", "BUTTONS"}
_HEADERS = {"TEXT", "IMAGE", "VIDEO", "DOCUMENT"}
_FILES = ("image", "video", "document")


def template(found: Object) -> Template:
    """One element of an account's list."""
    parts = {text(c, "type").upper(): c for c in children(found, "components")}
    header, body = parts.get("HEADER", {}), text(parts.get("BODY", {}), "text")
    places = names(body)
    return Template(
        name=clean(text(found, "name")),
        language=clean(text(found, "language")),
        category=clean(text(found, "category")),
        status=clean(text(found, "status")),
        body=clean(body),
        variables=len(places),
        names=() if all(place.isdecimal() for place in places) else tuple(map(clean, places)),
        header=clean(text(header, "text")),
        header_kind=_header_kind(header),
        footer=clean(text(parts.get("FOOTER", {}), "text")),
        buttons=tuple(map(_button, children(parts.get("BUTTONS", {}), "buttons"))),
        unfit=_unfit(found, set(parts), text(header, "format").upper()),
    )


def _header_kind(header: Object) -> Any:
    """Empty also for what Wainbox cannot fill; `unfit` then says so."""
    kind = text(header, "format").upper() or ("TEXT" if header else "")
    return kind.lower() if kind in _HEADERS else ""


def _button(found: Object) -> TemplateButton:
    kind, url = text(found, "type").lower(), text(found, "url")
    return TemplateButton(
        kind=clean(kind),
        text=clean(text(found, "text")),
        url=clean(url),
        wants=kind == "copy_code" or bool(names(url)),
    )


def _unfit(found: Object, parts: set[str], header: str) -> str:
    if text(found, "category").upper() == "AUTHENTICATION":
        return "it is for one-time passwords"
    if strange := sorted(parts - _FITTING):
        return clean(f"it has a part that Wainbox cannot fill ({strange[0].lower()})")
    if header and header not in _HEADERS:
        return clean(f"its header is a {header.lower()}")
    return ""


def components(content: TemplateMessage) -> list[Body]:
    """Everything that is filled in, as a send names it: header, body, then buttons by place."""
    built: list[Body] = []
    if content.header is not None:
        kind, value, name = content.header.kind, content.header.value, content.header.name
        filled = {"id": value} if kind in _FILES else typed(value)
        built.append(_component("header", _parameter(kind, filled, name)))
    given = [("", value) for value in content.variables] or list(content.named)
    if given:
        built.append(_component("body", *(_parameter("text", typed(v), n) for n, v in given)))
    for button in content.buttons:
        parameter = (
            {"type": "coupon_code", "coupon_code": typed(button.value)}
            if button.kind == "copy_code"
            else {"type": "text", "text": typed(button.value)}
        )
        place = {"sub_type": button.kind, "index": str(button.index)}
        built.append({**_component("button", parameter), **place})
    return built


def values(content: TemplateMessage) -> list[str]:
    """The words that WhatsApp will judge."""
    given = [*content.variables, *(value for _, value in content.named)]
    if content.header is not None and content.header.kind == "text":
        given.append(content.header.value)
    return [*given, *(button.value for button in content.buttons)]


def filled(found: Object) -> TemplateMessage:
    """A template that others of ours sent, as the send request spells it."""
    bodies = [c for c in children(found, "components") if text(c, "type").lower() == "body"]
    given = [parameter for body in bodies for parameter in children(body, "parameters")]
    called = [text(parameter, "parameter_name") for parameter in given]
    said = [text(parameter, "text") for parameter in given]
    by_name = bool(called) and all(called)
    return TemplateMessage(
        name=text(found, "name"),
        language=text(child(found, "language"), "code"),
        variables=() if by_name else tuple(said),
        named=tuple(zip(called, said, strict=True)) if by_name else (),
    )


def _component(kind: str, *parameters: Body) -> Body:
    return {"type": kind, "parameters": list(parameters)}


def _parameter(kind: str, value: object, name: str) -> Body:
    return {"type": kind, **({"parameter_name": name} if name else {}), kind: value}
