"""Who wrote: a person is known by phone number, by business-scoped id, or by both.

Vendor's page: "Business-scoped user IDs". Two known people are never made one by us; a phone number
that comes back with somebody else's id belongs to a new customer (`docs/design.md` section 7).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import CustomerId, IdentityKind
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Person
from wainbox_relay.domain.model import Customer, Identity


@dataclass(frozen=True, slots=True)
class Identified:
    """`customer` is None for somebody new. `links` are identities this person has from now on,
    `superseded` those that whoever has them loses first. `same_as` is a second known customer whom
    the same payload named."""

    customer: CustomerId | None
    links: tuple[Identity, ...] = ()
    superseded: tuple[Identity, ...] = ()
    same_as: CustomerId | None = None
    number_reused: bool = False


def identify(person: Person, known: Mapping[Identity, CustomerId]) -> Identified:
    """Finds the person among the known. `known` needs the identities asked for with their country
    variants (`variants`), and where only the phone is known, the ids of whoever has it."""
    by_id = _holder(_ids(person), known)
    phone = _phone(person)
    by_phone = _holder(variants(phone), known) if phone else None
    links = tuple(identity for identity in person.identities if identity not in known)
    if by_id is not None and by_phone not in (None, by_id):
        return Identified(by_id, links, same_as=by_phone)
    if by_id is not None:
        return Identified(by_id, links)
    if by_phone is None:
        return Identified(None, links)
    if _is_somebody_else(person, by_phone, known):
        lost = tuple(v for v in variants(phone) if known.get(v) == by_phone) if phone else ()
        return Identified(None, person.identities, lost, number_reused=True)
    return Identified(by_phone, links)


def named(customer: Customer, person: Person) -> Customer:
    """The customer under the names the payload gives; what it does not give stays."""
    phone = _phone(person)
    user_id = next((i.value for i in person.identities if i.kind is IdentityKind.BSUID), "")
    return replace(
        customer,
        name=person.name or customer.name,
        username=person.username or customer.username,
        phone=phone.value if phone else customer.phone,
        user_id=user_id or customer.user_id,
    )


def _is_somebody_else(
    person: Person, holder: CustomerId, known: Mapping[Identity, CustomerId]
) -> bool:
    """Whether the phone's customer has another id of the same portfolio. An id of a portfolio we
    have not seen them in says nothing."""
    mine = next((i for i in person.identities if i.kind is IdentityKind.BSUID), None)
    if mine is None:
        return False
    theirs = (i for i, c in known.items() if c == holder and i.kind is IdentityKind.BSUID)
    return any(i.scope == mine.scope for i in theirs)


def _ids(person: Person) -> tuple[Identity, ...]:
    order = (IdentityKind.BSUID, IdentityKind.PARENT_BSUID)
    return tuple(i for kind in order for i in person.identities if i.kind is kind)


def _phone(person: Person) -> Identity | None:
    return next((i for i in person.identities if i.kind is IdentityKind.PHONE), None)


def _holder(
    identities: tuple[Identity, ...], known: Mapping[Identity, CustomerId]
) -> CustomerId | None:
    return next((known[i] for i in identities if i in known), None)


def variants(identity: Identity) -> tuple[Identity, ...]:
    """The spellings WhatsApp may use for one phone, the given one first: Brazil with or without the
    ninth digit, Mexico with or without 1, Argentina with or without 9 after the country code."""
    if identity.kind is not IdentityKind.PHONE:
        return (identity,)
    other = _other_spelling(identity.value)
    return (identity, replace(identity, value=other)) if other else (identity,)


_EXTRA = {"55": (4, "9"), "52": (2, "1"), "54": (2, "9")}
"""By country code: where the digit stands that WhatsApp may add or leave out, and which it is."""
_SHORT, _LONG = 12, 13
"""Digits of such a phone without and with it; the same in the three countries."""


def _other_spelling(phone: str) -> str:
    place, extra = _EXTRA.get(phone[:2], (0, ""))
    if extra and len(phone) == _LONG and phone[place] == extra:
        return phone[:place] + phone[place + 1 :]
    if extra and len(phone) == _SHORT:
        return phone[:place] + extra + phone[place:]
    return ""
