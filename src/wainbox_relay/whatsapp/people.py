"""Who is meant: the identities a payload gives a person, whether a phone number comes or not.

Vendor's page: "Business-scoped user IDs". Usernames are shown, never used to tell people apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wainbox_relay.contract.vocabulary import IdentityKind, Moment, NumberId, Wamid
from wainbox_relay.domain.facts import Person, Source
from wainbox_relay.domain.model import Identity
from wainbox_relay.whatsapp.payloads import Object, child, children, digits, name_of, text

FROM = ("from", "from_user_id", "from_parent_user_id")
TO = ("to", "to_user_id", "to_parent_user_id")
SELF = ("wa_id", "user_id", "parent_user_id")

STANDBY = "standby:"
"""Stands before the id of whatever came while Meta's own agent held the chat, since the same
message may come once more when the chat is ours again."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an element of a body does not say itself: the number, who is named, how it came.

    `scope` is the portfolio whose business-scoped ids these are, empty when unknown; `contacts` are
    the people named beside the messages, by each of their ids.
    """

    number: NumberId
    display_phone: str
    scope: str
    arrived_at: Moment
    contacts: Mapping[str, Object] = field(default_factory=dict)
    source: Source = "messages"

    def key(self, name: str) -> Wamid:
        """The id under which a message is kept."""
        return Wamid(STANDBY + name if self.source == "standby" else name)


def contacts(value: Object) -> dict[str, Object]:
    """Everybody the value names, by WhatsApp id and by business-scoped id."""
    return {
        name: contact
        for contact in children(value, "contacts")
        for name in (text(contact, "wa_id"), text(contact, "user_id"))
        if name
    }


def person(of: Object, keys: tuple[str, str, str], around: Surroundings) -> Person | None:
    """The person under these keys, together with what is said beside about the same one."""
    phone, user_id, parent = name_of(of, keys[0]), name_of(of, keys[1]), name_of(of, keys[2])
    contact = around.contacts.get(user_id) or around.contacts.get(phone) or {}
    identities = identify(
        phone or name_of(contact, "wa_id"),
        user_id or name_of(contact, "user_id"),
        parent or name_of(contact, "parent_user_id"),
        around.scope,
    )
    if not identities:
        return None
    profile = child(contact, "profile")
    username = text(profile, "username").removeprefix("@")
    return Person(identities, text(profile, "name"), username)


def identify(phone: str, user_id: str, parent: str, scope: str) -> tuple[Identity, ...]:
    """The identities that are given. An empty one is none."""
    found = []
    if phone:
        found.append(Identity(IdentityKind.PHONE, digits(phone)))
    if user_id:
        found.append(Identity(IdentityKind.BSUID, user_id, scope))
    if parent:
        found.append(Identity(IdentityKind.PARENT_BSUID, parent))
    return tuple(found)
