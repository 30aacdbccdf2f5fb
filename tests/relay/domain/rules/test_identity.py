"""Who wrote: phone number, business-scoped id, or both."""

import pytest

from wainbox_relay.contract.vocabulary import CustomerId, IdentityKind, Moment
from wainbox_relay.domain.facts import Person
from wainbox_relay.domain.model import Customer, Identity
from wainbox_relay.domain.rules.identity import Identified, identify, named, variants

SARA, OMAR = CustomerId(1), CustomerId(2)


def phone(value: str = "966500000001") -> Identity:
    return Identity(IdentityKind.PHONE, value)


def user(value: str = "SA.1", scope: str = "brand") -> Identity:
    return Identity(IdentityKind.BSUID, value, scope)


def parent(value: str = "SA.ENT.1") -> Identity:
    return Identity(IdentityKind.PARENT_BSUID, value)


@pytest.mark.parametrize(
    ("given", "known", "found"),
    [
        ((phone(),), {}, Identified(None, (phone(),))),
        ((user(),), {}, Identified(None, (user(),))),
        ((phone(), user()), {}, Identified(None, (phone(), user()))),
        ((phone(),), {phone(): SARA}, Identified(SARA)),
        ((user(),), {user(): SARA}, Identified(SARA)),
        ((phone(), user()), {phone(): SARA}, Identified(SARA, (user(),))),
        ((phone(), user()), {user(): SARA}, Identified(SARA, (phone(),))),
        ((phone(), user()), {phone(): SARA, user(): SARA}, Identified(SARA)),
        ((phone(), user()), {phone(): OMAR, user(): SARA}, Identified(SARA, same_as=OMAR)),
        ((parent(), user()), {parent(): SARA}, Identified(SARA, (user(),))),
        ((parent(), user()), {parent(): OMAR, user(): SARA}, Identified(SARA)),
    ],
)
def test_known_and_unknown_ids(given, known, found):
    """A known and an unknown id link; two known people stay two, found by the id, flagged."""
    assert identify(Person(given), known) == found


def test_a_number_that_comes_back_with_another_id_is_another_person():
    """Prepaid numbers are given out again: the old history stays with the old id."""
    known = {phone(): SARA, user("SA.1"): SARA}
    found = identify(Person((phone(), user("SA.2"))), known)
    assert found == Identified(
        None, (phone(), user("SA.2")), superseded=(phone(),), number_reused=True
    )


def test_the_same_person_on_another_portfolio_is_no_stranger():
    """Each portfolio has its own id for one person; only two of the same differ."""
    known = {phone(): SARA, user("SA.1", "brand"): SARA}
    person = Person((phone(), user("SA.9", "outlet")))
    assert identify(person, known).customer == SARA


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5511912345678", "551112345678"),
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
    ],
)
def test_two_spellings_of_one_number(one, other):
    """Brazil, Mexico and Argentina: with and without the extra digit, it is one phone."""
    assert phone(other) in variants(phone(one))
    assert phone(one) in variants(phone(other))
    assert identify(Person((phone(one),)), {phone(other): SARA}).customer == SARA


@pytest.mark.parametrize("number", ["966500000001", "212612345678", "5511812345678", "55119"])
def test_other_numbers_have_one_spelling(number):
    """No digit is added where WhatsApp adds none."""
    assert [v.value for v in variants(phone(number))][:1] == [number]
    if not number.startswith("55"):
        assert variants(phone(number)) == (phone(number),)


def test_what_a_payload_leaves_out_stays_known():
    """A message without phone or name takes neither away."""
    before = Customer(SARA, Moment(0), "Sara", "sara.k", "966500000001", "SA.1")
    assert named(before, Person((user(),))) == before
    renamed = named(before, Person((phone("966500000002"),), "Sara K.", "sk"))
    assert (renamed.name, renamed.username, renamed.phone, renamed.user_id) == (
        "Sara K.",
        "sk",
        "966500000002",
        "SA.1",
    )
