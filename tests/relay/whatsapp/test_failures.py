"""What WhatsApp's codes mean for a message and for the people who read it."""

import pytest

from wainbox_relay.domain.rules.retry import BACK_OFF
from wainbox_relay.ports import Refused, TryLater
from wainbox_relay.whatsapp.failures import CODES, meaning, reported, verdict

RETRIED = {1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004, 2494100}
PAUSING = {0, 3, 10, 190, 368, 131005, 131031, 131037, 131042, 131045, 133010}
DOCUMENTED = {
    *(0, 190, 3, 10, 131005, 1, 2, 131000, 131016, 133004, 4, 80007, 130429, 131056, 131048),
    *(131064, 133016, 131057, 2494100, 131047, 131026, 131021, 131030, 131031, 368, 130497),
    *(131037, 131045, 133010, 131042, 131049, 131050, 130472, 131051, 131052, 131053, 131008),
    *(131009, 100, 33, 135000, 131060, 131062, 132000, 132012, 132018, 132008, 132001, 132005),
    *(132007, 132015, 132016, 132068, 132069, 133000, 133005, 133006, 133008, 133009, 133015),
    139100,
}


def test_every_documented_code_has_its_words():
    assert set(CODES) == DOCUMENTED


@pytest.mark.parametrize("code", sorted(DOCUMENTED | {200, 299, 999999}))
def test_a_code_ends_in_one_of_three_ways(code):
    """Tried again, pausing the number, or over: and always with a reason and a next step."""
    found = verdict({"code": code, "message": "x"}, 400, None)
    assert isinstance(found, TryLater) == (code in RETRIED)
    if isinstance(found, Refused):
        assert bool(found.pause) == (code in PAUSING or code in (200, 299))
    assert found.failure.code == code
    assert found.failure.reason
    assert found.failure.next_step.endswith(".")


def test_every_code_that_is_retried_has_a_pace():
    """The rules know how long to wait for each code that may pass."""
    assert {code for code in CODES if meaning(code).verdict == "later"} == RETRIED
    assert set(BACK_OFF) >= RETRIED


@pytest.mark.parametrize("code", sorted(RETRIED | PAUSING))
def test_a_reported_failure_is_final_and_tells_what_to_do(code):
    """A status that says failed is no answer to a request: nothing is tried again by itself."""
    failure = reported([{"code": code, "title": "x"}])
    assert "by itself" not in failure.next_step
    assert failure.code == code


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"code": 131047, "title": "x"}, "More than 24 hours have passed since the customer wrote"),
        (
            {"code": 100, "error_data": {"details": "Param to is bad"}},
            "WhatsApp could not make sense of the request: Param to is bad",
        ),
        ({"code": "131026"}, None),
        ({"code": 7777, "details": "Odd."}, "WhatsApp refused the message: Odd."),
        ({"title": "No code"}, "WhatsApp refused the message: No code"),
        ({"code": 7777}, "WhatsApp refused the message"),
    ],
)
def test_unknown_troubles_quote_whatsapp_and_known_ones_speak_plainly(error, reason):
    found = reported([error]).reason
    assert found == reason if reason else found.startswith("WhatsApp cannot reach this customer")
