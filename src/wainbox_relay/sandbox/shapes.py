"""The bodies of WhatsApp's webhooks, put together by hand. Vendor's page: "Webhooks reference"."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wainbox_relay.sandbox.people import Group, Number, Peer, Person
from wainbox_relay.sandbox.templates import Template

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one account, as it stands in an envelope's entry."""

    waba: str
    field: str
    value: Object


def envelope(changes: Iterable[Change]) -> Object:
    """A whole body: one entry an account, the changes in their order."""
    entries: dict[str, list[Object]] = {}
    for change in changes:
        entries.setdefault(change.waba, []).append({"value": change.value, "field": change.field})
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": waba, "changes": changes} for waba, changes in entries.items()],
    }


def inbound(number: Number, sender: Person, group: Group | None, message: Object) -> Change:
    """A message that somebody wrote; `message` has its id, timestamp, type and content."""
    who: Object = {"from_user_id": sender.user_id}
    if sender.wa_id:
        who["from"] = sender.wa_id
    if group:
        who["group_id"] = group.id
    value = _of(number) | {"contacts": [contact(sender)], "messages": [who | message]}
    return Change(number.waba, "messages", value)


def echo(number: Number, to: Person, message: Object) -> Change:
    """A message that the shop wrote on its own phone."""
    who = {"from": number.digits, "to_user_id": to.user_id}
    if to.wa_id:
        who["to"] = to.wa_id
    value = _of(number) | {"message_echoes": [who | message]}
    return Change(number.waba, "smb_message_echoes", value)


def receipt(number: Number, status: Object, about: Person | None) -> Change:
    """What became of a message we sent; `about` only where WhatsApp says whom it reached."""
    value = _of(number) | {"statuses": [status]}
    if about:
        value["contacts"] = [contact(about)]
    return Change(number.waba, "messages", value)


def receipts(number: Number, statuses: list[Object]) -> Change:
    """What became of a message in a group: one status a participant."""
    return Change(number.waba, "messages", _of(number) | {"statuses": statuses})


def status_of(
    peer: Peer | None, to: str, wamid: str, word: str, at: float, opaque: str | None
) -> Object:
    """A status without its price."""
    status: Object = {"id": wamid, "status": word, "timestamp": str(int(at))}
    match peer:
        case Person(wa_id=wa_id, user_id=user_id):
            status |= {"recipient_id": wa_id} if wa_id else {}
            status["recipient_user_id"] = user_id
        case Group(id=group_id):
            status |= {"recipient_id": group_id, "recipient_type": "group"}
        case None:
            status["recipient_id"] = to
    if opaque is not None:
        status["biz_opaque_callback_data"] = opaque
    return status


def template_status(template: Template) -> Object:
    """What is told when a template is approved, paused or rejected."""
    return {
        "event": template.status,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "reason": "NONE" if template.status == "APPROVED" else "OTHER",
    }


def contact(who: Person) -> Object:
    profile = {"name": who.name} | ({"username": who.username} if who.username else {})
    known = {"wa_id": who.wa_id} if who.wa_id else {}
    return {"profile": profile, "user_id": who.user_id} | known


def _of(number: Number) -> Object:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.digits, "phone_number_id": number.id},
    }
