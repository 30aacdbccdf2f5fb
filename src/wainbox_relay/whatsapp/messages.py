"""One element of `messages` or `message_echoes` -> what happened.

Vendor's pages: "Webhooks reference": messages (system, edit, revoke, reaction among them),
smb_message_echoes, history, standby, and user_id_update.
"""

from collections.abc import Callable

from wainbox_relay.contract.content import Content
from wainbox_relay.contract.vocabulary import Moment, Wamid
from wainbox_relay.domain.facts import (
    Echoed,
    Edited,
    Fact,
    IdentityChanged,
    MessageArrived,
    Peer,
    Person,
    Reacted,
    Revoked,
)
from wainbox_relay.domain.model import Identity
from wainbox_relay.whatsapp.kinds import content_of, kind_of
from wainbox_relay.whatsapp.payloads import (
    Object,
    Unreadable,
    child,
    digits,
    fingerprint,
    first_text,
    moment,
    name_of,
    text,
)
from wainbox_relay.whatsapp.people import FROM, SELF, TO, Surroundings, identify, person

_NEW_NAMES = frozenset({"user_changed_number", "user_changed_user_id", "customer_changed_number"})


def arrived(message: Object, around: Surroundings) -> tuple[Fact, ...]:
    """What a customer did."""
    wamid, at = _key(message, around), moment(message, "timestamp", around.arrived_at)
    who = person(message, FROM, around)
    if kind_of(message) == "system":
        return (_system(message, around, wamid, at, who),)
    about = _about_another(message, around, wamid, at, who)
    return (about or _message(message, around, wamid, at, who),)


def echoed(message: Object, around: Surroundings) -> tuple[Fact, ...]:
    """What one of ours did elsewhere: on the phone, or Meta's agent in our place."""
    wamid, at = _key(message, around), moment(message, "timestamp", around.arrived_at)
    inner = child(message, "message")
    whole_message = {**message, **inner} if inner else message
    whom = person(whole_message, TO, around) or _recipient(whole_message, around)
    about = _about_another(whole_message, around, wamid, at, whom, by_phone=True)
    if about:
        return (about,)
    return (
        Echoed(
            peer=Peer(around.number, _known(whom, "to"), text(whole_message, "group_id")),
            wamid=wamid,
            at=at,
            arrived_at=around.arrived_at,
            content=content_of(whole_message),
            quote=_quote(whole_message),
            source="echo" if around.source == "messages" else around.source,
        ),
    )


def _key(message: Object, around: Surroundings) -> Wamid:
    name = name_of(message, "id")
    if not name:
        raise Unreadable("The message has no id.")
    return around.key(name)


def _known(who: Person | None, key: str) -> Person:
    if who is None:
        raise Unreadable(f"The message names nobody: neither {key} nor {key}_user_id.")
    return who


def _message(
    message: Object, around: Surroundings, wamid: Wamid, at: Moment, who: Person | None
) -> MessageArrived:
    return MessageArrived(
        peer=Peer(around.number, _known(who, "from"), text(message, "group_id")),
        wamid=wamid,
        at=at,
        arrived_at=around.arrived_at,
        content=content_of(message),
        quote=_quote(message),
        forwarded=_forwarded(message),
        referral=_referral(message),
        source=around.source,
    )


def _about_another(
    message: Object,
    around: Surroundings,
    wamid: Wamid,
    at: Moment,
    who: Person | None,
    *,
    by_phone: bool = False,
) -> Reacted | Edited | Revoked | None:
    """A reaction, an edit or a deletion, which name the message they are about; else None."""
    kind = kind_of(message)
    if kind not in ("reaction", "edit", "revoke"):
        return None
    about = child(message, kind)
    target = Wamid(name_of(about, "message_id" if kind == "reaction" else "original_message_id"))
    if not target:
        raise Unreadable(f"The {kind} does not say which message it is about.")
    if kind == "edit":
        return Edited(around.number, target, wamid, at, content_of(child(about, "message")))
    if kind == "revoke":
        return Revoked(around.number, target, wamid, at)
    peer = Peer(around.number, _known(who, "from"), text(message, "group_id"))
    return Reacted(peer, target, wamid, at, text(about, "emoji"), by_phone)


def _system(
    message: Object, around: Surroundings, wamid: Wamid, at: Moment, who: Person | None
) -> IdentityChanged | MessageArrived:
    """A person with new names, if WhatsApp says so and names both; else a line to read."""
    system = child(message, "system")
    what = text(system, "type")
    previous, current = _renamed(system, who, around.scope)
    if what in _NEW_NAMES and previous and current:
        return IdentityChanged(
            around.number,
            wamid,
            at,
            around.arrived_at,
            previous,
            current,
            what,
            text(system, "body"),
        )
    named = who or person(system, SELF, around)
    return line(around, named, text(message, "group_id"), wamid, at, content_of(message))


def _renamed(
    system: Object, who: Person | None, scope: str
) -> tuple[tuple[Identity, ...], tuple[Identity, ...]]:
    """The names before and after. The sender is the person under the old number."""
    current = identify(
        name_of(system, "wa_id") or name_of(system, "new_wa_id"),
        name_of(system, "user_id"),
        name_of(system, "parent_user_id"),
        scope,
    )
    said = identify(
        "" if who else name_of(system, "customer"),
        name_of(system, "previous_user_id"),
        name_of(system, "previous_parent_user_id"),
        scope,
    )
    before = (*(who.identities if who else ()), *said)
    return tuple(dict.fromkeys(i for i in before if i not in current)), current


def user_id_updated(update: Object, around: Surroundings) -> tuple[Fact, ...]:
    """The short-lived field that told new business-scoped ids before system messages did."""
    ids, parents = child(update, "user_id"), child(update, "parent_user_id")
    previous = identify("", name_of(ids, "previous"), name_of(parents, "previous"), around.scope)
    current = identify(
        name_of(update, "wa_id"),
        name_of(ids, "current"),
        name_of(parents, "current"),
        around.scope,
    )
    if not previous or not current:
        raise Unreadable(
            "The new user id does not say whose it is: previous and current are needed."
        )
    return (
        IdentityChanged(
            around.number,
            Wamid(f"user_id_update:{fingerprint(update)}"),
            moment(update, "timestamp", around.arrived_at),
            around.arrived_at,
            previous,
            current,
            "user_changed_user_id",
            text(update, "detail"),
        ),
    )


def remembered(owner: str) -> Callable[[Object, Surroundings], tuple[Fact, ...]]:
    """How to read `owner`'s thread as the phone remembers it: who wrote decides whose it is."""
    suffix = "_user_id" if "." in owner else ""

    def read(message: Object, around: Surroundings) -> tuple[Fact, ...]:
        sender = text(message, "from")
        ours = digits(sender) == around.display_phone if around.display_phone else sender != owner
        key = f"{'to' if sender and ours else 'from'}{suffix}"
        named = message if text(message, key) else {**message, key: owner}
        return (echoed if key.startswith("to") else arrived)(named, around)

    return read


def line(
    around: Surroundings,
    who: Person | None,
    group: str,
    wamid: Wamid,
    at: Moment,
    content: Content,
) -> MessageArrived:
    """WhatsApp's own line in a conversation."""
    if who is None and not group:
        raise Unreadable("The system message names nobody.")
    return MessageArrived(
        peer=Peer(around.number, who, group),
        wamid=wamid,
        at=at,
        arrived_at=around.arrived_at,
        content=content,
        source=around.source,
    )


def _recipient(message: Object, around: Surroundings) -> Person | None:
    """Whom a send request addresses by business-scoped id."""
    identities = identify("", name_of(message, "recipient"), "", around.scope)
    return Person(identities) if identities else None


def _quote(message: Object) -> Wamid | None:
    context = message.get("context")
    if not isinstance(context, dict):
        return None
    return Wamid(name_of(context, "id") or name_of(context, "message_id")) or None


def _forwarded(message: Object) -> bool:
    context = message.get("context")
    if not isinstance(context, dict):
        return False
    return context.get("forwarded") is True or context.get("frequently_forwarded") is True


def _referral(message: Object) -> str:
    """Where the customer came from: an ad or post, a product they asked about; in one line."""
    if "referral" not in message and "context" not in message:
        return ""
    advert = child(message, "referral")
    product = child(child(message, "context"), "referred_product")
    parts = (
        text(advert, "source_type"),
        first_text(advert, "headline", "body"),
        text(advert, "source_url"),
        _product(product),
    )
    return " · ".join(filter(None, parts))


def _product(product: Object) -> str:
    name = text(product, "product_retailer_id")
    return f"product {name}" if name else ""
