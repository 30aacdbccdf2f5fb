"""WhatsApp's error codes: what each means for a message, in plain words, and what a person can do.

Vendor's page: "Error codes". The code alone decides; HTTP statuses are not dependable. A code that
is not listed is tried again only when WhatsApp itself calls the trouble passing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wainbox_relay.domain.model import Failure
from wainbox_relay.ports import Refused, TryLater
from wainbox_relay.whatsapp.kinds import error_detail
from wainbox_relay.whatsapp.payloads import Object, text, whole

Verdict = Literal["refused", "later", "pause"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """Whether to give up, to try again (how soon is the rules' business) or to stop the number."""

    verdict: Verdict
    reason: str
    next_step: str


_LEAD = "Tell a lead: nothing leaves this number until an admin has seen to it."
_AGAIN = "It is tried again by itself."
_TEMPLATE = "Send an approved template instead."
_PICK = "Choose another template."
_FAULT = "Show this to an admin: the request itself was wrong."
_ATTACH = "Attach the file again, in a format WhatsApp takes."


def _refused(reason: str, next_step: str) -> Meaning:
    return Meaning("refused", reason, next_step)


def _later(reason: str) -> Meaning:
    return Meaning("later", reason, _AGAIN)


def _pause(reason: str, next_step: str = _LEAD) -> Meaning:
    return Meaning("pause", reason, next_step)


_TOKEN = _pause("WhatsApp no longer accepts our token", "Tell a lead: an admin must renew it.")
_PERMISSION = _pause("The access token lacks a permission")
_LOCKED = _pause("WhatsApp has locked the account")
_UNREGISTERED = _pause("The number is not ready for sending: registration or name not approved")
_META = _later("WhatsApp has trouble of its own")
_CALLS = _later("WhatsApp's limit of requests is reached")
_UPGRADE = _later("WhatsApp is working on the number")
_WRONG = _refused("WhatsApp could not make sense of the request", _FAULT)
_VARIABLES = _refused("The template's values do not fit it", "Check the values and send again.")
_TEMPLATE_OFF = _refused("WhatsApp has switched this template off", _PICK)
_SETUP = _refused("The number's registration is incomplete", "Tell an admin.")

CODES: dict[int, Meaning] = {
    0: _TOKEN,
    1: _META,
    2: _META,
    3: _PERMISSION,
    4: _CALLS,
    10: _PERMISSION,
    33: _WRONG,
    100: _WRONG,
    190: _TOKEN,
    368: _pause("WhatsApp has blocked the account for breaking its rules"),
    80007: _CALLS,
    130429: _later("The number is sending faster than WhatsApp allows"),
    130472: _refused("WhatsApp keeps marketing from this customer", "Answer when they write."),
    130497: _refused("WhatsApp does not let this account write to that country", "Call instead."),
    131000: _META,
    131005: _PERMISSION,
    131008: _WRONG,
    131009: _WRONG,
    131016: _META,
    131021: _refused("The recipient is this very number", "Check the customer's number."),
    131026: _refused(
        "WhatsApp cannot reach this customer: not on WhatsApp, an old app, or blocked",
        "Reach them another way.",
    ),
    131030: _refused(
        "A test number writes only to numbers on its list", "Ask an admin to add this one."
    ),
    131031: _LOCKED,
    131037: _UNREGISTERED,
    131042: _pause("A payment to WhatsApp is missing", "Tell a lead: an admin must settle it."),
    131045: _UNREGISTERED,
    131047: _refused("More than 24 hours have passed since the customer wrote", _TEMPLATE),
    131048: _later("WhatsApp holds this number back: many messages were reported as spam"),
    131049: _refused(
        "WhatsApp limits how much marketing this customer gets", "Try no sooner than in 24 hours."
    ),
    131050: _refused("The customer wants no marketing", "Answer when they write."),
    131051: _refused("WhatsApp does not take this kind of message", "Send it another way."),
    131052: _refused("WhatsApp could not fetch the file", _ATTACH),
    131053: _refused("WhatsApp could not take the file", _ATTACH),
    131056: _later("Too many messages to this one customer in a short time"),
    131057: _UPGRADE,
    131060: _refused("WhatsApp no longer has this message", "Ask the customer to send it again."),
    131062: _refused("This message needs the customer's phone number", "Ask for the number."),
    131064: _refused("The number has reached its limit of customers for today", "Try tomorrow."),
    132000: _VARIABLES,
    132001: _refused("There is no approved template of this name and language", _PICK),
    132005: _refused("The template with its values is too long", "Shorten the values."),
    132007: _refused("The template breaks WhatsApp's rules", _PICK),
    132008: _VARIABLES,
    132012: _VARIABLES,
    132015: _TEMPLATE_OFF,
    132016: _TEMPLATE_OFF,
    132018: _VARIABLES,
    132068: _refused("The form is blocked", _PICK),
    132069: _refused("The form is throttled", "Try again later."),
    133000: _SETUP,
    133004: _META,
    133005: _SETUP,
    133006: _SETUP,
    133008: _SETUP,
    133009: _SETUP,
    133010: _UNREGISTERED,
    133015: _SETUP,
    133016: _SETUP,
    135000: _WRONG,
    139100: _refused("WhatsApp did not block the customer", "It takes who wrote within 24 hours."),
    2494100: _UPGRADE,
}
_GRAPH_PERMISSIONS = range(200, 300)
_UNKNOWN = _refused("WhatsApp refused the message", "Show this to an admin.")
_PASSING = _later("WhatsApp could not take the message just now")


def meaning(code: int | None, *, passing: bool = False) -> Meaning:
    """What a code comes to; `passing` says that WhatsApp itself calls the trouble temporary."""
    unlisted = _PASSING if passing else _UNKNOWN
    if code is None:
        return unlisted
    return _PERMISSION if code in _GRAPH_PERMISSIONS else CODES.get(code, unlisted)


def verdict(error: Object, status: int, retry_after: int | None) -> Refused | TryLater:
    """What an error object in an answer means. It says for certain that nothing was accepted."""
    code = whole(error, "code")
    passing = error.get("is_transient") is True or status == 429 or status >= 500
    found = meaning(code, passing=passing)
    failure = Failure(code or 0, _reason(found, error), found.next_step)
    if found.verdict == "later":
        return TryLater(failure, retry_after)
    return Refused(failure, pause=found.reason if found.verdict == "pause" else "")


def reported(errors: Sequence[Object]) -> Failure:
    """Why a message failed, as a status tells it; a failure is final whatever its code."""
    error = next(iter(errors), {})
    if not error:
        return Failure(0, "WhatsApp could not deliver it and does not say why", "Send it again.")
    code = whole(error, "code")
    found = meaning(code)
    next_step = "Send it again later." if found.verdict == "later" else found.next_step
    return Failure(code or 0, _reason(found, error), next_step)


def _reason(found: Meaning, error: Object) -> str:
    """Our words; for codes we do not know and faults of ours, WhatsApp's explanation after them."""
    said = error_detail(error) or text(error, "error_user_msg")
    explain = found in (_UNKNOWN, _WRONG, _VARIABLES) and said
    return f"{found.reason}: {said}" if explain else found.reason


def unreachable(about: str = "") -> TryLater:
    """No connection was made, so nothing was sent."""
    return TryLater(Failure(0, f"WhatsApp could not be reached{about}", _AGAIN))
