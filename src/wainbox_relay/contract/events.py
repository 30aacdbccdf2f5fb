"""What terminals hear over the event stream.

Stored events carry `seq`, which is the stream's id: a reader resumes after the last one it has.
Passing events have no id, are never stored and may be dropped. An event brings the new state of
what it names, so applying one is an assignment.
"""

from datetime import datetime
from typing import Annotated, Literal

from wainbox_relay.contract.models import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    TypeAdapter,
)
from wainbox_relay.contract.views import AgentBadge, Card, Counts, Entry, Failure, NumberBadge
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    Delivery,
    EntryId,
    Flag,
    Priority,
    Status,
)


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class WireFacets(_Event):
    """`filters.Facets` on the wire."""

    number: str
    team: str | None = None
    assignee: str | None = None
    status: Status
    flags: tuple[Flag, ...] = ()
    priority: Priority
    language: str = ""
    tags: tuple[str, ...] = ()
    sort_key: int
    mentions: tuple[str, ...] = ()


class CardChanged(_Event):
    """A conversation changed: where it stood (`before`, None when new), where it stands (`after`),
    its whole new card, and the entries of its thread that are new or changed."""

    type: Literal["card"] = "card"
    seq: int
    conversation: ConversationId
    version: int
    before: WireFacets | None
    after: WireFacets
    card: Card
    entries: tuple[Entry, ...] = ()


class DeliveryMoved(_Event):
    conversation: ConversationId
    entry: EntryId
    delivery: Delivery
    at: datetime
    failure: Failure | None = None


class DeliveriesMoved(_Event):
    """Ticks: delivery states that moved, without any change to their conversations' cards."""

    type: Literal["deliveries"] = "deliveries"
    seq: int
    moved: tuple[DeliveryMoved, ...]


class AgentChanged(_Event):
    type: Literal["agent"] = "agent"
    seq: int
    agent: AgentBadge
    gone: bool = False


class NumberChanged(_Event):
    """A number was paused or works again."""

    type: Literal["number"] = "number"
    seq: int
    number: NumberBadge


class Notice(_Event):
    """Something the team must know (`code` for machines): token refused, disk full, account
    restricted, template paused. `until_cleared` notices stand until one with the same code and an
    empty sentence comes. What cannot be stored, such as a full disk, passes without `seq`."""

    type: Literal["notice"] = "notice"
    seq: int | None = None
    code: str
    sentence: str
    at: datetime
    until_cleared: bool = False


class Reload(_Event):
    """The reader is too far behind, or what it may see changed: start over as at launch."""

    type: Literal["reload"] = "reload"
    reason: str


class Viewing(_Event):
    """Who has a conversation open, and who of them is writing."""

    type: Literal["viewing"] = "viewing"
    conversation: ConversationId
    agents: tuple[AgentId, ...]
    composing: tuple[AgentId, ...] = ()


class CountsMoved(_Event):
    type: Literal["counts"] = "counts"
    counts: Counts


class Beat(_Event):
    """Every five seconds; `webhook_at` is when WhatsApp last called, None if never."""

    type: Literal["beat"] = "beat"
    at: datetime
    seq: int
    webhook_at: datetime | None = None


Event = Annotated[
    CardChanged
    | DeliveriesMoved
    | AgentChanged
    | NumberChanged
    | Notice
    | Reload
    | Viewing
    | CountsMoved
    | Beat,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def written(value: object) -> object:
    """A moment comes as RFC 3339 text; a bare number would be taken for seconds since 1970."""
    if isinstance(value, int | float):
        raise ValueError("a moment such as 2026-11-27T22:10:00Z")  # noqa: TRY004 - pydantic wants it
    return value


class PresencePost(_Event):
    """What a terminal says of itself every 20 seconds: `POST /api/v1/presence`. `state` is what its
    agent says of themselves, for all their terminals: it stays until they say otherwise, or until
    a moment. To be online or busy until a moment is overtime, after the end of one's shift."""

    terminal: str | None = Field(None, pattern=r"^[0-9a-f]{8,32}$")
    conversation: Annotated[ConversationId, Field(strict=True)] | None = None
    composing: StrictBool = False
    state: Literal["online", "busy", "break", "away"] | None = None
    until: Annotated[AwareDatetime, BeforeValidator(written)] | None = None
