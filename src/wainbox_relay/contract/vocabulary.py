"""The words of the support floor: closed sets and typed ids, shared by relay and terminal.

The spelling here is the wire's and is frozen: `docs/design.md` section 2 lists every word.
"""

from enum import IntEnum, StrEnum
from typing import NewType

NumberId = NewType("NumberId", str)
"""A WhatsApp business number, by its `phone_number_id`."""

AgentId = NewType("AgentId", str)
"""An agent's handle, such as `nadia`: lower case, unique, never given to a second person."""

TeamId = NewType("TeamId", str)
CustomerId = NewType("CustomerId", int)
ThreadId = NewType("ThreadId", int)
ConversationId = NewType("ConversationId", int)
EntryId = NewType("EntryId", int)
Wamid = NewType("Wamid", str)
"""WhatsApp's id of a message: opaque text, compared exactly."""

Sid = NewType("Sid", str)
"""Our id of an outbound message: 32 hex digits, made by whoever asked for the send."""

Moment = NewType("Moment", int)
"""An instant: whole microseconds since 1970, UTC."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Status(StrEnum):
    """Who holds the work. Whose turn it is to speak is `Turn`, which is derived."""

    BOT = "bot"
    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Turn(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"


class Standing(IntEnum):
    """The class of a conversation in the queue, most pressing first (top bits of `sort_key`)."""

    ESCALATED = 0
    AFTER_HOURS = 1
    MISSED = 2
    AT_RISK = 3
    OURS = 4
    BOT = 5
    THEIRS = 6
    ASLEEP = 7


class Flag(StrEnum):
    DELIVERY_TROUBLE = "delivery_trouble"
    UNCONFIRMED = "unconfirmed"
    GROUP = "group"
    PHONE = "phone"
    STANDBY = "standby"
    REOPENED = "reopened"
    FOLLOW_UP = "follow_up"
    LATE = "late"
    WOKE = "woke"
    OUTBOUND = "outbound"
    IMPORTED = "imported"
    SAME_PERSON = "same_person"
    NUMBER_REUSED = "number_reused"
    PENDING = "pending"
    """Nobody was here when it came, and no human has answered yet; shown as "after hours"."""
    URGENT = "urgent"
    ESCALATED = "escalated"
    ACKED = "acked"
    """An escalation that somebody has taken."""
    SLA_AT_RISK = "sla_at_risk"
    SLA_MISSED = "sla_missed"
    WINDOW_SHUT = "window_shut"
    WINDOW_SHUTS = "window_shuts"
    """The reply window will have shut when we open."""
    THANKS = "thanks"
    RETURNED = "returned"
    DROPPED = "dropped"
    HANDED_OVER = "handed_over"
    RATED = "rated"
    AUTO = "auto"
    """Closed by itself, after silence."""
    SPAM = "spam"
    """Closed for good: what still comes is kept with it."""
    BLOCKED = "blocked"
    """WhatsApp lets nothing of theirs through to this number, or was asked not to."""


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Role(StrEnum):
    VIEWER = "viewer"
    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class Presence(StrEnum):
    """Offline is a fact of the line; the others an agent says of themselves."""

    ONLINE = "online"
    BUSY = "busy"
    BREAK = "break"
    AWAY = "away"
    OFFLINE = "offline"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    NOTE = "note"
    EVENT = "event"


class Delivery(StrEnum):
    """Where an outbound message stands. `LEFT` is an unconfirmed send that a person let be."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    LEFT = "left"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"


class MediaState(StrEnum):
    PENDING = "pending"
    READY = "ready"
    REFUSED = "refused"
    GONE = "gone"


class Kind(StrEnum):
    """What an entry holds; the wire's `kind` and the tag of every class in `content`."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    ANSWER = "answer"
    FLOW = "flow"
    ORDER = "order"
    CALL = "call"
    TEMPLATE = "template"
    MENU = "menu"
    SYSTEM = "system"
    NOTE = "note"
    EVENT = "event"
    UNSUPPORTED = "unsupported"


class IdentityKind(StrEnum):
    PHONE = "phone"
    BSUID = "bsuid"
    PARENT_BSUID = "parent_bsuid"
