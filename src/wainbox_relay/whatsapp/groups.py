"""What happened to a group, and who holds a chat: WhatsApp's own lines in a conversation.

Vendor's pages: "Groups, webhooks" and "Webhooks reference: messaging_handovers". Neither carries an
id, so equal content is taken for the same event.
"""

from wainbox_relay.contract.content import System
from wainbox_relay.contract.vocabulary import Wamid
from wainbox_relay.domain.facts import Fact, Person
from wainbox_relay.whatsapp.kinds import error_detail
from wainbox_relay.whatsapp.messages import line
from wainbox_relay.whatsapp.payloads import (
    Object,
    Unreadable,
    child,
    children,
    fingerprint,
    first_text,
    moment,
    name_of,
    text,
)
from wainbox_relay.whatsapp.people import Surroundings, identify


def group_changed(event: Object, around: Surroundings) -> tuple[Fact, ...]:
    """Who came and went, a new subject, a suspension; a failed wish of ours says why."""
    group, what = name_of(event, "group_id"), text(event, "type")
    if not group or not what:
        raise Unreadable("The event does not say which group it is about, or what happened.")
    said = (text(event, "subject"), _members(event), _settings(event), _errors(event))
    return (_line(event, around, group, System(what=what, body="; ".join(filter(None, said)))),)


def _members(event: Object) -> str:
    lists = ("added_participants", "removed_participants", "failed_participants")
    people = [person for key in lists for person in children(event, key)]
    return ", ".join(filter(None, map(_called, [*people, event])))


def _called(person: Object) -> str:
    return first_text(person, "username", "wa_id", "user_id", "input")


def _settings(event: Object) -> str:
    changes = (child(event, "group_subject"), child(event, "group_description"))
    return "; ".join(_setting(change) for change in changes if change)


def _setting(change: Object) -> str:
    failed = change.get("update_successful") is False
    return (
        f"{text(change, 'text')} ({_errors(change) or 'refused'})"
        if failed
        else text(change, "text")
    )


def _errors(event: Object) -> str:
    return ", ".join(filter(None, map(error_detail, children(event, "errors"))))


def handed_over(value: Object, around: Surroundings) -> tuple[Fact, ...]:
    """A chat that changed hands between Meta's own agent and people, with what it says about it."""
    what = "control_passed" if "control_passed" in value else "control_taken"
    passed = child(value, what)
    sender = child(value, "sender")
    identities = identify(
        first_text(sender, "phone_number", "wa_id"), name_of(sender, "user_id"), "", around.scope
    )
    summary = text(child(child(passed, "conversation_context"), "summary"), "text")
    roles = (text(passed, "previous_owner_role"), text(passed, "new_owner_role"))
    said = (" → ".join(filter(None, roles)), text(passed, "metadata"), summary)
    content = System(what=what, body="; ".join(filter(None, said)), owner=roles[1])
    who = Person(identities) if identities else None
    key = Wamid(f"{what}:{fingerprint(value)}")
    at = moment(value, "timestamp", around.arrived_at)
    return (line(around, who, "", key, at, content),)


def _line(event: Object, around: Surroundings, group: str, content: System) -> Fact:
    key = Wamid(f"{content.what}:{fingerprint(event)}")
    return line(around, None, group, key, moment(event, "timestamp", around.arrived_at), content)
