"""What WhatsApp says about accounts, numbers and templates; the sentence a team must read, if any.

Vendor's pages: "Webhooks reference": account_update, account_alerts, account_review_update,
security, message_template_*, phone_number_*.
"""

from collections.abc import Callable
from dataclasses import dataclass

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.facts import AccountTold
from wainbox_relay.whatsapp.kinds import error_detail
from wainbox_relay.whatsapp.payloads import Object, child, children, first_text, text

_WORDS = ("event", "decision", "status", "new_quality_score", "value", "type", "event_name")

_ACCOUNT_EVENTS = {
    "DISABLED_UPDATE": "WhatsApp is switching the account off",
    "ACCOUNT_RESTRICTION": "WhatsApp has restricted the account",
    "ACCOUNT_VIOLATION": "WhatsApp says the account broke its rules",
    "ACCOUNT_DELETED": "The account was deleted at WhatsApp",
    "PARTNER_REMOVED": "The account no longer belongs to this app",
    "ACCOUNT_OFFBOARDED": "The account was taken off the Cloud API",
    "ACCOUNT_RECONNECTED": "The account is connected again",
}
_TEMPLATE_EVENTS = {
    "REJECTED": "was rejected",
    "PAUSED": "is paused for low quality",
    "DISABLED": "was switched off",
    "FLAGGED": "is about to be switched off",
    "PENDING_DELETION": "is being deleted",
    "REINSTATED": "may be used again",
}
_NUMBER_EVENTS = {
    "FLAGGED": "is rated low: it may lose part of its limit",
    "DOWNGRADE": "was given a lower limit",
    "UNFLAGGED": "is rated well again",
}
_SCORES = {"RED": "is rated low by customers", "YELLOW": "is rated middling by customers"}


@dataclass(frozen=True, slots=True)
class _News:
    """A change about an account: WhatsApp's word for it, all it says, and whom it is about."""

    word: str
    value: Object
    account: str

    def says(self, key: str) -> str:
        return text(self.value, key)


def told(field: str, value: Object, at: Moment, account: str) -> AccountTold:
    """One change about an account, in its own word, with a notice where people must know."""
    news = _News(first_text(value, *_WORDS), value, account)
    find = _template if "message_template_name" in value else _NOTICES.get(field)
    return AccountTold(field, news.word, at, find(news) if find else "")


def error_told(field: str, error: Object, at: Moment) -> AccountTold:
    """An error that belongs to no message."""
    code = text(error, "code")
    notice = f"WhatsApp reports trouble (code {code}): {error_detail(error)}"
    return AccountTold(field, f"error {code}", at, notice)


def kept(field: str, part: Object, at: Moment) -> AccountTold:
    """Something to keep that nobody need read at once."""
    return AccountTold(field, first_text(part, *_WORDS, "action"), at)


def _template(news: _News) -> str:
    scored = "new_quality_score" in news.value
    happened = (_SCORES if scored else _TEMPLATE_EVENTS).get(news.word)
    because = "" if news.says("reason") in ("", "NONE") else f" ({news.says('reason')})"
    which = f"{news.says('message_template_name')} ({news.says('message_template_language')})"
    return f"Template {which} {happened}{because}." if happened else ""


def _account_update(news: _News) -> str:
    happened = _ACCOUNT_EVENTS.get(news.word)
    waba = text(child(news.value, "waba_info"), "waba_id")
    about = ": ".join(filter(None, (news.says("phone_number") or waba or news.account, _why(news))))
    return f"{happened} ({about})." if happened else ""


def _why(news: _News) -> str:
    ban = child(news.value, "ban_info")
    details = [
        *(text(part, "restriction_type") for part in children(news.value, "restriction_info")),
        text(child(news.value, "violation_info"), "violation_type"),
        text(ban, "waba_ban_state"),
        text(ban, "waba_ban_date"),
        text(child(news.value, "disconnection_info"), "reason"),
    ]
    return ", ".join(filter(None, details))


def _number_quality(news: _News) -> str:
    happened = _NUMBER_EVENTS.get(news.word)
    limit = news.says("current_limit")
    tail = f" (limit {limit})" if limit else ""
    number = news.says("display_phone_number") or news.account
    return f"The number {number} {happened}{tail}." if happened else ""


def _number_name(news: _News) -> str:
    if news.word not in ("REJECTED", "DECLINED"):
        return ""
    name, number = news.says("requested_verified_name"), news.says("display_phone_number")
    return f"WhatsApp did not approve the name {name} for {number}."


def _review(news: _News) -> str:
    passed = news.word in ("", "APPROVED")
    return "" if passed else f"WhatsApp's review of account {news.account}: {news.word}."


def _alert(news: _News) -> str:
    alert = child(news.value, "alert_info") or news.value
    urgent = text(alert, "alert_severity") in ("CRITICAL", "WARNING")
    active = text(alert, "alert_status") in ("", "ACTIVE")
    says = first_text(alert, "alert_description", "alert_type")
    return f"WhatsApp warns: {says}" if urgent and active and says else ""


def _security(news: _News) -> str:
    number = news.says("display_phone_number") or news.account
    return f"The PIN of {number} is being changed at WhatsApp: {news.word}." if news.word else ""


_NOTICES: dict[str, Callable[[_News], str]] = {
    "account_update": _account_update,
    "account_alerts": _alert,
    "account_review_update": _review,
    "phone_number_quality_update": _number_quality,
    "phone_number_name_update": _number_name,
    "security": _security,
}
