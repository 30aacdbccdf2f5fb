"""Rows and what they mean: the model's values to columns and back.

Columns stand in the order of the model's fields, so that reading is unpacking. Sets of words are
kept as words between spaces, so that SQL can look for one of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, get_type_hints

import msgspec
from pydantic import TypeAdapter

from wainbox_relay.contract.content import CONTENT, MEDIA, Content, Flow, Text
from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.vocabulary import (
    Delivery,
    Direction,
    Flag,
    Kind,
    Moment,
    Presence,
    Priority,
    Role,
    Status,
)
from wainbox_relay.domain.facts import DeliveryReported, Edited, Fact, Reacted, Revoked
from wainbox_relay.domain.model import (
    Agent,
    BotTalk,
    Clock,
    Conversation,
    Custody,
    Customer,
    Entry,
    Escalation,
    Failure,
    LastMessage,
    Media,
    Number,
    Parts,
    Rating,
    Reaction,
    Thread,
    UndoStep,
)
from wainbox_relay.domain.rules.roster import Duty
from wainbox_relay.domain.rules.rota import Turns
from wainbox_relay.ports import (
    Attempt,
    AuditRow,
    Cover,
    HistoryRow,
    Owed,
    PageRow,
    Quarantined,
    Result,
    StoredEvent,
    TokenRow,
)
from wainbox_relay.store.connect import Row

json = msgspec.json.Encoder(order="sorted")
# The checker cannot count what a slice of a row unpacks to.
_conversation: Callable[..., Conversation] = Conversation
_customer: Callable[..., Customer] = Customer
_entry: Callable[..., Entry] = Entry
_agent: Callable[..., Agent] = Agent
# Looking a word up is five times as fast as asking its class.
_STATUS = {each.value: each for each in Status}
_PRIORITY = {each.value: each for each in Priority}
_DIRECTION = {each.value: each for each in Direction}
_KIND = {each.value: each for each in Kind}
_DELIVERY = {each.value: each for each in Delivery}
_FAILURE = msgspec.json.Decoder(Failure)
_REACTIONS = msgspec.json.Decoder(tuple[Reaction, ...])
_MEDIA = msgspec.json.Decoder(Media)
_CLOCKS = msgspec.json.Decoder(tuple[Clock, ...])
_BOT = msgspec.json.Decoder(BotTalk)
_ESCALATION = msgspec.json.Decoder(Escalation)
_RATING = msgspec.json.Decoder(Rating)
_CUSTODY = msgspec.json.Decoder(Custody)
_NO_CUSTODY = Custody()


def encode(value: object) -> str:
    """JSON with sorted keys: the same value gives the same text."""
    return json.encode(value).decode()


decode = msgspec.json.decode


def words(several: Iterable[str]) -> str:
    """A set of words as one column: empty, or each between spaces."""
    return f" {' '.join(sorted(several))} " if several else ""


# -- customers and threads ---------------------------------------------------------------------

CUSTOMER = (
    "id, created_at, name, username, phone, user_id, language, vip, tags, merged_into, same_as,"
    " number_reused, manager, manager_backup, opted_out, rating_asked_at, served_by, served_at"
)


def customer_row(customer: Customer) -> dict[str, object]:
    return {
        "id": customer.id,
        "created_at": customer.created_at,
        "name": customer.name,
        "username": customer.username,
        "phone": customer.phone,
        "user_id": customer.user_id,
        "language": customer.language,
        "vip": customer.vip,
        "tags": words(customer.tags),
        "merged_into": customer.merged_into,
        "same_as": customer.same_as,
        "number_reused": customer.number_reused,
        "manager": customer.manager,
        "manager_backup": customer.manager_backup,
        "opted_out": customer.opted_out,
        "rating_asked_at": customer.rating_asked_at,
        "served_by": customer.served_by,
        "served_at": customer.served_at,
    }


def customer(row: Sequence[Any]) -> Customer:
    return _customer(
        *row[:7],
        bool(row[7]),
        frozenset(row[8].split()),
        row[9],
        row[10],
        bool(row[11]),
        row[12],
        row[13],
        bool(row[14]),
        *row[15:18],
    )


def thread_row(thread: Thread) -> dict[str, object]:
    return {
        "id": thread.id,
        "number": thread.number,
        "customer": thread.customer,
        "peer_group": thread.group,
    }


# -- conversations -----------------------------------------------------------------------------

CONVERSATION_COLUMNS = (
    "id",
    "ref",
    "number",
    "thread",
    "customer",
    "opened_at",
    "status",
    "flags",
    "priority",
    "language",
    "team",
    "assignee",
    "last_owner",
    "resolver",
    "tags",
    "outcome",
    "waiting_since",
    "last_in_at",
    "last_in",
    "last_in_wamid",
    "last_out",
    "last_out_by",
    "last_id",
    "last_at",
    "last_direction",
    "last_kind",
    "last_text",
    "last_author",
    "last_delivery",
    "last_wamid",
    "unread",
    "unconfirmed",
    "undelivered",
    "sending",
    "resolve_when_sent",
    "snoozed_until",
    "resolved_at",
    "merged_into",
    "spam",
    "undo",
    "version",
    "sort_key",
    "phone_said",
    "topic",
    "complex",
    "language_by",
    "language_hint",
    "answered",
    "spoken_at",
    "greeted",
    "kept_from",
    "kept_until",
    "clocks",
    "bot",
    "escalation",
    "rating",
    "custody",
    "mentions",
)
CONVERSATION_WIDTH = len(CONVERSATION_COLUMNS)


def columns(names: Iterable[str], table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


def conversation_row(c: Conversation) -> dict[str, object]:
    last = c.last
    return {
        "id": c.id,
        "ref": c.ref,
        "number": c.number,
        "thread": c.thread,
        "customer": c.customer,
        "opened_at": c.opened_at,
        "status": c.status.value,
        "flags": words(c.flags),
        "priority": c.priority.value,
        "language": c.language,
        "team": c.team,
        "assignee": c.assignee,
        "last_owner": c.last_owner,
        "resolver": c.resolver,
        "tags": words(c.tags),
        "outcome": c.outcome,
        "waiting_since": c.waiting_since,
        "last_in_at": c.last_in_at,
        "last_in": c.last_in,
        "last_in_wamid": c.last_in_wamid,
        "last_out": c.last_out,
        "last_out_by": c.last_out_by,
        "last_id": last.id if last else None,
        "last_at": last.at if last else None,
        "last_direction": last.direction.value if last else None,
        "last_kind": last.kind.value if last else None,
        "last_text": last.text if last else None,
        "last_author": last.author if last else None,
        "last_delivery": last.delivery.value if last and last.delivery else None,
        "last_wamid": last.wamid if last else None,
        "unread": c.unread,
        "unconfirmed": c.unconfirmed,
        "undelivered": c.undelivered,
        "sending": c.sending,
        "resolve_when_sent": c.resolve_when_sent,
        "snoozed_until": c.snoozed_until,
        "resolved_at": c.resolved_at,
        "merged_into": c.merged_into,
        "spam": c.spam,
        "undo": encode(c.undo) if c.undo else None,
        "version": c.version,
        "sort_key": c.sort_key,
        "phone_said": c.phone_said,
        "topic": c.topic,
        "complex": c.complex,
        "language_by": c.language_by,
        "language_hint": c.language_hint,
        "answered": c.answered,
        "spoken_at": c.spoken_at,
        "greeted": c.greeted,
        "kept_from": c.kept_from,
        "kept_until": c.kept_until,
        "clocks": encode(c.clocks) if c.clocks else None,
        "bot": encode(c.bot) if c.bot else None,
        "escalation": encode(c.escalation) if c.escalation else None,
        "rating": encode(c.rating) if c.rating else None,
        "custody": encode(c.custody) if c.custody != _NO_CUSTODY else None,
        "mentions": words(c.mentions),
    }


def clocks(kept: str | None) -> tuple[Clock, ...]:
    return () if kept is None else _CLOCKS.decode(kept)


def conversation(row: Row) -> Conversation:
    return _conversation(
        *row[:6],
        _STATUS[row[6]],
        _flags(row[7]),
        _PRIORITY[row[8]],
        *row[9:14],
        frozenset(row[14].split()),
        *row[15:22],
        None if row[22] is None else _last(row[22:30]),
        *row[30:34],
        bool(row[34]),
        *row[35:38],
        bool(row[38]),
        None if row[39] is None else _undo(row[39]),
        *row[40:44],
        bool(row[44]),
        *row[45:47],
        bool(row[47]),
        *row[48:52],
        clocks(row[52]),
        None if row[53] is None else _BOT.decode(row[53]),
        None if row[54] is None else _ESCALATION.decode(row[54]),
        None if row[55] is None else _RATING.decode(row[55]),
        _NO_CUSTODY if row[56] is None else _CUSTODY.decode(row[56]),
        frozenset(row[57].split()),
    )


def _last(row: Row) -> LastMessage:
    id_, at, direction, kind, text, author, delivery, wamid = row
    return LastMessage(
        id_,
        at,
        _DIRECTION[direction],
        _KIND[kind],
        text,
        author,
        None if delivery is None else _DELIVERY[delivery],
        wamid,
    )


@cache
def _flags(text: str) -> frozenset[Flag]:
    return frozenset(Flag(word) for word in text.split())


@cache
def _field_types() -> dict[str, Any]:
    return get_type_hints(Conversation)


def _undo(text: str) -> UndoStep:
    raw = decode(text)
    raw["fields"] = {
        name: msgspec.convert(value, _field_types()[name]) for name, value in raw["fields"].items()
    }
    if raw.get("parts") is not None:
        raw["parts"] = msgspec.convert(raw["parts"], Parts)
    return UndoStep(**raw)


def facets(row: Row) -> Facets:
    """A conversation's facets from its columns number, team, assignee, status, flags, priority,
    language, tags, sort_key and mentions."""
    number, team, assignee, status, flags, priority, language, tags, sort_key, mentions = row
    return Facets(
        number,
        team,
        assignee,
        _STATUS[status],
        _flags(flags),
        _PRIORITY[priority],
        language,
        frozenset(tags.split()),
        sort_key,
        frozenset(mentions.split()),
    )


# -- entries -----------------------------------------------------------------------------------

ENTRY_COLUMNS = (
    "id",
    "thread",
    "conversation",
    "number",
    "direction",
    "content",
    "at",
    "arrived_at",
    "wamid",
    "sid",
    "customer",
    "author",
    "delivery",
    "delivery_at",
    "attempt",
    "failure",
    "then_status",
    "cleared",
    "leaves_at",
    "twice",
    "order_unsure",
    "quote",
    "quote_wamid",
    "forwarded",
    "referral",
    "reactions",
    "edited_at",
    "edit_wamid",
    "original",
    "revoked_at",
    "media",
    "auto",
)


def entry_row(e: Entry) -> dict[str, object]:
    return {
        "id": e.id,
        "thread": e.thread,
        "conversation": e.conversation,
        "number": e.number,
        "direction": e.direction.value,
        "content": e.content.model_dump_json(),
        "at": e.at,
        "arrived_at": e.arrived_at,
        "wamid": e.wamid,
        "sid": e.sid,
        "customer": e.customer,
        "author": e.author,
        "delivery": e.delivery.value if e.delivery else None,
        "delivery_at": e.delivery_at,
        "attempt": e.attempt,
        "failure": encode(e.failure) if e.failure else None,
        "then_status": e.then.value if e.then else None,
        "cleared": e.cleared,
        "leaves_at": e.leaves_at,
        "twice": e.twice,
        "order_unsure": e.order_unsure,
        "quote": e.quote,
        "quote_wamid": e.quote_wamid,
        "forwarded": e.forwarded,
        "referral": e.referral,
        "reactions": encode(e.reactions) if e.reactions else None,
        "edited_at": e.edited_at,
        "edit_wamid": e.edit_wamid,
        "original": e.original,
        "revoked_at": e.revoked_at,
        "media": encode(e.media) if e.media else None,
        "auto": e.auto,
        "media_digest": (e.media.digest or None) if e.media else None,
    }


def entry(row: Row) -> Entry:
    return _entry(
        *row[:4],
        _DIRECTION[row[4]],
        CONTENT.validate_json(row[5]),
        *row[6:12],
        None if row[12] is None else _DELIVERY[row[12]],
        row[13],
        row[14],
        None if row[15] is None else _FAILURE.decode(row[15]),
        None if row[16] is None else _STATUS[row[16]],
        row[17],
        row[18],
        bool(row[19]),
        bool(row[20]),
        row[21],
        row[22],
        bool(row[23]),
        row[24],
        () if row[25] is None else _REACTIONS.decode(row[25]),
        *row[26:30],
        None if row[30] is None else _MEDIA.decode(row[30]),
        row[31],
    )


def searchable(content: Content) -> str:
    """The words one may look for."""
    match content:
        case Text(body=body):
            return body
        case Flow(fields=fields):
            return " ".join((content.preview(), *(value for _, value in fields)))
        case _ if isinstance(content, MEDIA):
            return " ".join(filter(None, (content.caption, content.file.name)))
        case _:
            return content.preview()


# -- the rest ----------------------------------------------------------------------------------


def number_row(number: Number) -> dict[str, object]:
    return {
        "id": number.id,
        "name": number.name,
        "phone": number.phone,
        "team": number.team,
        "claimed": number.claimed,
        "paused": number.paused,
    }


def number(row: Row) -> Number:
    id_, name, phone, team, claimed, paused = row
    return Number(id_, name, phone, team, bool(claimed), paused)


def agent_row(agent: Agent) -> dict[str, object]:
    return {
        "id": agent.id,
        "name": agent.name,
        "role": agent.role.value,
        "teams": encode(sorted(agent.teams)),
        "presence": agent.presence.value,
        "revoked_at": agent.revoked_at,
        "state": agent.state.value,
        "until": agent.until,
        "presence_since": agent.presence_since,
        "assigned_at": agent.assigned_at,
        "capacity": agent.capacity,
        "topics": encode(sorted(agent.topics)),
        "languages": encode(sorted(agent.languages)),
        "vip": agent.vip,
    }


def agent(row: Row) -> Agent:
    id_, name, role, teams, presence, revoked, state, *rest, topics, languages, vip = row
    return _agent(
        id_,
        name,
        Role(role),
        frozenset(decode(teams)),
        Presence(presence),
        revoked,
        Presence(state),
        *rest,
        frozenset(decode(topics)),
        frozenset(decode(languages)),
        bool(vip),
    )


def attempt_row(attempt: Attempt) -> dict[str, object]:
    return {
        "sid": attempt.sid,
        "n": attempt.n,
        "state": attempt.state,
        "boot": attempt.boot,
        "at": attempt.at,
        "wamid": attempt.wamid,
        "error": attempt.error,
    }


def owed_row(owed: Owed) -> dict[str, object]:
    return {
        "kind": owed.kind,
        "key": owed.key,
        "due": owed.due,
        "number": owed.number,
        "lane": owed.lane,
        "body": encode(owed.body),
        "tries": owed.tries,
    }


def owed(row: Row) -> Owed:
    kind, key, due, number_, lane, body, tries = row
    return Owed(kind, key, due, number_, lane, decode(body), tries)


def page_row(page: PageRow) -> dict[str, object]:
    return {
        "conversation": page.conversation,
        "since": page.since,
        "page": page.page,
        "channel": page.channel,
        "agent": page.agent,
        "state": page.state,
        "at": page.at,
        "wamid": page.wamid,
    }


def cover_row(cover: Cover, at: Moment) -> dict[str, object]:
    return {
        "at": at,
        "by_agent": cover.by,
        "starts": cover.shift.start,
        "ends": cover.shift.end,
        "holder": cover.shift.holder,
    }


def duty_row(duty: Duty, who: str, at: Moment) -> dict[str, object]:
    return {
        "at": at,
        "by_actor": who,
        "whom": duty.whom,
        "starts": duty.start,
        "ends": duty.end,
        "hours": duty.hours,
    }


def turns_row(turns: Turns | None, who: str, at: Moment) -> dict[str, object]:
    return {
        "at": at,
        "by_actor": who,
        "holders": encode(turns.holders if turns is not None else ()),
        "begins": turns.begins.isoformat() if turns is not None else "",
    }


def turns(newest: Sequence[Row]) -> Turns | None:
    for holders, begins in newest:
        names = tuple(decode(holders))
        return Turns(names, date.fromisoformat(begins)) if names else None
    return None


def history_row(row: HistoryRow) -> dict[str, object]:
    return {
        "conversation": row.conversation,
        "at": row.at,
        "actor": row.actor,
        "kind": row.kind,
        "data": encode(row.data),
    }


def event_row(event: StoredEvent) -> dict[str, object]:
    return {
        "seq": event.seq,
        "at": event.at,
        "kind": event.kind,
        "conversation": event.conversation,
        "body": event.body,
    }


def result_row(result: Result) -> dict[str, object]:
    return {
        "command_id": result.command_id,
        "digest": result.digest,
        "agent": result.agent,
        "body": result.body,
        "at": result.at,
    }


def quarantined_row(item: Quarantined) -> dict[str, object]:
    return {"journal": item.journal, "path": item.path, "reason": item.reason, "at": item.at}


def token_row(token: TokenRow) -> dict[str, object]:
    return {
        "id": token.id,
        "agent": token.agent,
        "digest": token.digest,
        "created_at": token.created_at,
        "revoked_at": token.revoked_at,
    }


def audit_body(row: AuditRow) -> dict[str, object]:
    return {
        "at": row.at,
        "actor": row.actor,
        "act": row.act,
        "subject": row.subject,
        "data": encode(row.data),
    }


# -- facts that wait ---------------------------------------------------------------------------

_PARKABLE: Mapping[str, type] = {
    kind.__name__: kind for kind in (DeliveryReported, Edited, Reacted, Revoked)
}


@cache
def _adapter(kind: str) -> TypeAdapter[Fact]:
    return TypeAdapter(_PARKABLE[kind])


def fact_text(fact: Fact) -> str:
    """A parked fact as text: its class's name, then its JSON."""
    name = type(fact).__name__
    return f"{name} {_adapter(name).dump_json(fact).decode()}"


def fact(text: str) -> Fact:
    name, _, body = text.partition(" ")
    return _adapter(name).validate_json(body)
