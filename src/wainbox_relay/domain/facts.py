"""Everything that happens, as values. A fact about WhatsApp carries the vendor's timestamp (`at`);
`arrived_at` is when it reached us."""

from dataclasses import dataclass
from typing import Literal

from wainbox_relay.contract.commands import Command
from wainbox_relay.contract.content import Content
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    Delivery,
    EntryId,
    MediaState,
    Moment,
    NumberId,
    Role,
    Sid,
    Wamid,
)
from wainbox_relay.domain.model import Failure, Identity

Source = Literal["messages", "echo", "standby", "history"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as one payload names them; at least one identity."""

    identities: tuple[Identity, ...]
    name: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of a thread: a person, or a group (then `person` is who wrote)."""

    number: NumberId
    person: Person | None
    group: str = ""


@dataclass(frozen=True, slots=True)
class MessageArrived:
    """A customer wrote or called. `source` is "standby" while Meta's own agent holds the chat and
    "history" for what was synchronised from the phone."""

    peer: Peer
    wamid: Wamid
    at: Moment
    arrived_at: Moment
    content: Content
    quote: Wamid | None = None
    forwarded: bool = False
    referral: str = ""
    source: Source = "messages"


@dataclass(frozen=True, slots=True)
class Echoed:
    """Somebody of ours answered in the WhatsApp Business app (or, in history, once did)."""

    peer: Peer
    wamid: Wamid
    at: Moment
    arrived_at: Moment
    content: Content
    quote: Wamid | None = None
    source: Source = "echo"


@dataclass(frozen=True, slots=True)
class Edited:
    number: NumberId
    target: Wamid
    wamid: Wamid
    at: Moment
    content: Content


@dataclass(frozen=True, slots=True)
class Revoked:
    number: NumberId
    target: Wamid
    wamid: Wamid
    at: Moment


@dataclass(frozen=True, slots=True)
class Reacted:
    """An empty emoji takes the reaction off."""

    peer: Peer
    target: Wamid
    wamid: Wamid
    at: Moment
    emoji: str
    by_phone: bool = False


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """WhatsApp says that `previous` and `current` name one person."""

    number: NumberId
    wamid: Wamid
    at: Moment
    arrived_at: Moment
    previous: tuple[Identity, ...]
    current: tuple[Identity, ...]
    what: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReported:
    """A status webhook. `opaque` is what we sent along with the message (`sid.attempt`), or empty;
    `participant` names a group's member, whose receipt alone does not move the message."""

    number: NumberId
    wamid: Wamid
    delivery: Delivery
    at: Moment
    opaque: str = ""
    participant: str = ""
    failure: Failure | None = None
    category: str = ""
    billing: str = ""


@dataclass(frozen=True, slots=True)
class AttemptBegan:
    """The outbox is about to hand a message to WhatsApp; kept before the first byte leaves."""

    sid: Sid


@dataclass(frozen=True, slots=True)
class Accepted:
    sid: Sid
    attempt: int
    wamid: Wamid
    wa_id: str = ""
    """The recipient's WhatsApp id as the answer spelled it; empty when not given."""
    number: NumberId | None = None
    """The number it was sent from: reports under the new wamid may wait there."""


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Known not to have been sent. With `retry_at` it is tried again; without, it failed. `pause`
    is a reason to stop the whole number, and then nothing fails."""

    sid: Sid
    attempt: int
    failure: Failure
    retry_at: Moment | None = None
    pause: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Nobody knows whether it was sent."""

    sid: Sid
    attempt: int


@dataclass(frozen=True, slots=True)
class Commanded:
    """An agent asked for something. `as_of` is the version they saw, if they named one."""

    agent: AgentId
    role: Role
    command_id: str
    conversation: ConversationId
    command: Command
    as_of: int | None = None
    job: str = ""
    """The order for many that this is part of."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An agent writes first, by template, to a person who may be unknown so far."""

    agent: AgentId
    role: Role
    command_id: str
    peer: Peer
    command: Command


@dataclass(frozen=True, slots=True)
class AlarmRang:
    conversation: ConversationId
    reason: str
    due: Moment


@dataclass(frozen=True, slots=True)
class PageLost:
    """A page of the escalation that began at `since` reached nobody: every channel is dead."""

    conversation: ConversationId
    since: Moment
    page: int


@dataclass(frozen=True, slots=True)
class RouteDue:
    """Somebody may be free for this conversation now: `agent`, who was found as `how` says, after
    those in `passed` (as in `outcome.Assigned`)."""

    conversation: ConversationId
    agent: AgentId
    how: str
    passed: tuple[tuple[str, str, str], ...] = ()
    missed: AgentId | None = None


Letting = Literal["dropped", "shift over", "silent", "left"]


@dataclass(frozen=True, slots=True)
class BlockFailed:
    """WhatsApp refused to block this conversation's customer, or to let them through again."""

    conversation: ConversationId
    blocked: bool
    code: int


@dataclass(frozen=True, slots=True)
class LetGo:
    """`agent` seems to hold work they cannot do: their terminal is gone, their shift over, they
    have been silent for too long, or they left the team."""

    conversation: ConversationId
    agent: AgentId
    why: Letting


@dataclass(frozen=True, slots=True)
class MediaFetched:
    """A download ended well or for good."""

    entry: EntryId
    state: MediaState
    digest: str = ""
    type: str = ""
    size: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AccountTold:
    """WhatsApp said something about an account, number or template. `notice` is the sentence for
    the team, empty when it is only kept."""

    field: str
    event: str
    at: Moment
    notice: str = ""


Fact = (
    MessageArrived
    | Echoed
    | Edited
    | Revoked
    | Reacted
    | IdentityChanged
    | DeliveryReported
    | AttemptBegan
    | Accepted
    | NotAccepted
    | Ambiguous
    | Commanded
    | Begun
    | AlarmRang
    | PageLost
    | RouteDue
    | LetGo
    | BlockFailed
    | MediaFetched
)
"""What `decide` takes: every fact that may touch a conversation."""
