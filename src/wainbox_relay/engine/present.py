"""From what is to what screens read: the one place where cards and entries are rendered, as plain
dictionaries ready for JSON. Text that somebody wrote passes `clean()` here.

The shapes are those of `contract.views`; a test holds the two to each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from wainbox_relay.contract.content import MEDIA, Content
from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.vocabulary import (
    SECOND,
    AgentId,
    CustomerId,
    EntryId,
    Status,
)
from wainbox_relay.domain.model import (
    Clock,
    Conversation,
    Customer,
    Entry,
    Failure,
    LastMessage,
    Media,
    Reaction,
    Target,
    Thread,
)
from wainbox_relay.domain.rules.service_window import closes_at
from wainbox_relay.domain.when.on_call import stands
from wainbox_relay.engine import refs

PREVIEW = 200
"""Characters of a message that a list may need; the terminal cuts further."""


@dataclass(frozen=True, slots=True)
class Around:
    """Names that entries are shown with: the case's reference, agents, customers, quotes."""

    ref: str
    agents: Mapping[AgentId, str] = field(default_factory=dict)
    people: Mapping[CustomerId, str] = field(default_factory=dict)
    quoted: Mapping[EntryId, Entry] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def instant(moment: int) -> str:
    """RFC 3339 in UTC; fractions only where there are any."""
    whole, micros = divmod(moment, SECOND)
    # Instants are most of a card's cost: `strftime` takes seven times as long.
    text = datetime.fromtimestamp(whole, UTC).isoformat()[:19]
    return f"{text}.{micros:06d}Z" if micros else f"{text}Z"


def _when(moment: int | None) -> str | None:
    return None if moment is None else instant(moment)


def facets(of: Facets) -> dict[str, Any]:
    return {
        "number": of.number,
        "team": of.team,
        "assignee": of.assignee,
        "status": of.status,
        "flags": sorted(of.flags),
        "priority": of.priority,
        "language": of.language,
        "tags": [clean(tag) for tag in sorted(of.tags)],
        "sort_key": of.sort_key,
        "mentions": sorted(of.mentions),
    }


def card(conversation: Conversation, customer: Customer | None, thread: Thread) -> dict[str, Any]:
    c = conversation
    return {
        "id": c.id,
        "ref": refs.shown(c.ref),
        "version": c.version,
        "sort_key": c.sort_key,
        "number": c.number,
        "thread": c.thread,
        "customer": customer_name(customer, thread),
        "status": c.status,
        "turn": c.turn,
        "flags": sorted(c.flags),
        "priority": c.priority,
        "language": c.language,
        "team": c.team,
        "assignee": c.assignee,
        "resolver": c.resolver,
        "tags": [clean(tag) for tag in sorted(c.tags)],
        "mentions": sorted(c.mentions),
        "unread": c.unread,
        "last_message": None if c.last is None else last_message(c.last),
        "waiting_since": _when(c.waiting_since),
        "opened_at": instant(c.opened_at),
        "snoozed_until": _when(c.snoozed_until),
        "resolved_at": _when(c.resolved_at),
        "window_closes_at": _when(closes_at(c.last_in_at)),
        "clock": _clock(c),
    }


def _clock(of: Conversation) -> dict[str, Any] | None:
    """Of what is promised, what falls due next; else that the case as a whole stands still."""
    shown: Clock | None = None
    for clock in of.clocks if of.status is not Status.RESOLVED else ():
        if clock.target is Target.HUMAN or not clock.allowed:
            continue
        if clock.due is None:
            shown = shown or (clock if clock.target is Target.RESOLUTION else None)
        elif shown is None or shown.due is None or clock.due < shown.due:
            shown = clock
    return None if shown is None else _face(shown)


def _face(of: Clock) -> dict[str, Any]:
    return {
        "target": of.target,
        "due": _when(of.due),
        "at_risk": of.at_risk,
        "missed": of.missed,
        "paused": of.since is None,
    }


def case_facts(of: Conversation, given: str, comment: str) -> dict[str, Any]:
    """What the rules know of a case: every clock that runs, stands still or was missed, who has it
    and why, and how it was rated."""
    clocks = [c for c in of.clocks if c.target is not Target.HUMAN and c.allowed]
    paused = Target.RESOLUTION if not of.resolved else None
    rating = of.rating
    return {
        "topic": of.topic,
        "complex": of.complex,
        "language_by": of.language_by,
        "clocks": [_face(c) for c in clocks if c.due or c.missed or c.target is paused],
        "given": given,
        "stars": rating.stars if rating else None,
        "comment": clean(comment),
        "unasked": clean(rating.skipped) if rating else "",
        "pages": [] if (last := _last_page(of)) is None else [last],
    }


def _last_page(of: Conversation) -> dict[str, Any] | None:
    """Who was paged last, while nobody has it."""
    escalation = stands(of)
    if escalation is None or escalation.holder is None or escalation.paged_at is None:
        return None
    at = instant(escalation.paged_at)
    return {"agent": escalation.holder, "at": at, "page": escalation.step}


def customer_name(customer: Customer | None, thread: Thread) -> dict[str, Any]:
    if customer is None:
        return {"id": 0, "name": f"group {clean(thread.group[-6:])}"}
    return {
        "id": customer.id,
        "name": clean(customer.name),
        "phone": f"+{customer.phone}" if customer.phone else "",
        "user_id": clean(customer.user_id),
        "username": clean(customer.username),
        "vip": customer.vip,
    }


def last_message(last: LastMessage) -> dict[str, Any]:
    return {
        "id": last.id,
        "text": clean(last.text[:PREVIEW]),
        "at": instant(last.at),
        "direction": last.direction,
        "kind": last.kind,
        "author": last.author,
        "delivery": last.delivery,
    }


def entry(of: Entry, around: Around) -> dict[str, Any]:
    e = of
    return {
        "id": e.id,
        "thread": e.thread,
        "case": around.ref,
        "direction": e.direction,
        "kind": e.content.kind,
        "text": clean(e.content.preview()),
        "content": content(e.content),
        "at": instant(e.at),
        "arrived_at": instant(e.arrived_at),
        "author": e.author,
        "author_name": clean(_author_name(e, around)),
        "wamid": clean(e.wamid) if e.wamid else None,
        "sid": e.sid,
        "delivery": e.delivery,
        "delivery_at": _when(e.delivery_at),
        "leaves_at": _when(e.leaves_at),
        "attempt": e.attempt,
        "failure": None if e.failure is None else failure(e.failure),
        "twice": e.twice,
        "order_unsure": e.order_unsure,
        "quote": _quote(e, around),
        "forwarded": e.forwarded,
        "reactions": [_reaction(each, around) for each in e.reactions if each.emoji],
        "edited_at": _when(e.edited_at),
        "original": clean(e.original),
        "revoked_at": _when(e.revoked_at),
        "media": None if e.media is None else _media(e.media, e.content),
        "referral": clean(e.referral),
        "auto": e.auto,
    }


def _author_name(of: Entry, around: Around) -> str:
    if of.author:
        return around.agents.get(AgentId(of.author), of.author)
    return around.people.get(of.customer, "") if of.customer else ""


def _quote(of: Entry, around: Around) -> dict[str, Any] | None:
    if of.quote is None and of.quote_wamid is None:
        return None
    quoted = around.quoted.get(of.quote) if of.quote else None
    if quoted is None:
        return {"id": of.quote, "author": "", "text": ""}
    text = clean(quoted.content.preview()[:PREVIEW])
    return {"id": quoted.id, "author": clean(_author_name(quoted, around)), "text": text}


def _reaction(reaction: Reaction, around: Around) -> dict[str, Any]:
    name = around.people.get(reaction.customer, "") if reaction.customer else ""
    return {"emoji": clean(reaction.emoji), "by": reaction.by, "name": clean(name)}


def _media(media: Media, of: Content) -> dict[str, Any]:
    name = of.file.name if isinstance(of, MEDIA) else ""
    return {
        "state": media.state,
        "name": clean(name),
        "size": media.size,
        "type": clean(media.type),
        "reason": clean(media.reason),
    }


def failure(of: Failure) -> dict[str, Any]:
    return {"code": of.code, "reason": clean(of.reason), "next_step": of.next_step}


def content(of: Content) -> Any:
    """The content with every text in it cleaned."""
    return _cleaned(of.model_dump(mode="json"))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value
