"""Webhook bodies, put together by hand for tests of the engine."""

import json
from typing import Any

NUMBER = "100200300"
AT = 1_795_000_000


def envelope(*values: dict[str, Any], field: str = "messages") -> bytes:
    """One body with a change for each value."""
    changes = [{"field": field, "value": value} for value in values]
    entry = [{"id": "900", "changes": changes}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def value(
    messages: list[dict[str, Any]] | None = None,
    statuses: list[dict[str, Any]] | None = None,
    phone: str = "212600000001",
    name: str = "Sara",
    number: str = NUMBER,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "212520000000", "phone_number_id": number},
    }
    if messages is not None:
        found["contacts"] = [{"profile": {"name": name}, "wa_id": phone}]
        found["messages"] = messages
    if statuses is not None:
        found["statuses"] = statuses
    return found


def text(
    wamid: str, body: str = "bonjour", at: int = AT, phone: str = "212600000001"
) -> dict[str, Any]:
    return {
        "from": phone,
        "id": wamid,
        "timestamp": str(at),
        "type": "text",
        "text": {"body": body},
    }


def message(wamid: str, body: str = "bonjour", at: int = AT, phone: str = "212600000001") -> bytes:
    """A body with one text."""
    return envelope(value([text(wamid, body, at, phone)], phone=phone))


def image(wamid: str, media_id: str = "77", at: int = AT) -> bytes:
    photo = {"id": media_id, "mime_type": "image/png", "sha256": ""}
    item = {"from": "212600000001", "id": wamid, "timestamp": str(at), "type": "image"}
    return envelope(value([{**item, "image": photo}]))


def status(wamid: str, state: str, opaque: str = "", at: int = AT, code: int = 0) -> bytes:
    """A body with one delivery report."""
    report: dict[str, Any] = {
        "id": wamid,
        "status": state,
        "timestamp": str(at),
        "recipient_id": "212600000001",
    }
    if opaque:
        report["biz_opaque_callback_data"] = opaque
    if code:
        report["errors"] = [{"code": code, "title": "Failed", "message": "Failed"}]
    return envelope(value(statuses=[report]))
