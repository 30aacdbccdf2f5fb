"""The doors to the outside, in the words of the engine.

The store works on batches: `load` brings all that a batch of facts may touch, `save` keeps all that
came of it in one transaction. Both are whole steps; nobody else writes.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wainbox_relay.contract.content import Content
from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.contract.views import Template
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    CustomerId,
    Delivery,
    EntryId,
    Moment,
    NumberId,
    Role,
    Sid,
    TeamId,
    ThreadId,
    Wamid,
)
from wainbox_relay.domain.facts import AccountTold, DeliveryReported, Fact, Peer
from wainbox_relay.domain.model import (
    Agent,
    Conversation,
    Customer,
    Entry,
    Failure,
    Identity,
    Number,
    Thread,
)
from wainbox_relay.domain.rules.language import Detected
from wainbox_relay.domain.rules.news import News
from wainbox_relay.domain.rules.roster import Duty
from wainbox_relay.domain.rules.rota import Shift, Turns


class Refused(Exception):
    """The other side said no for good. `failure` says why and what a person can do; `pause` is a
    reason to stop the whole number (then nothing has failed yet)."""

    def __init__(self, failure: Failure, pause: str = "") -> None:
        super().__init__(failure.reason)
        self.failure = failure
        self.pause = pause


class TryLater(Exception):
    """Known not to be done; worth another try, after `after` microseconds when the other side said
    so (else None: the caller's own schedule)."""

    def __init__(self, failure: Failure, after: int | None = None) -> None:
        super().__init__(failure.reason)
        self.failure = failure
        self.after = after


class Unsure(Exception):
    """It may have been done and may not: the line went dead after the request had left."""


class Unreached(Exception):
    """A page did not come to its agent; says why, without addresses."""


@dataclass(slots=True)
class Wanted:
    """What a batch of facts may touch, by key."""

    peers: list[Peer] = field(default_factory=list)
    identities: set[Identity] = field(default_factory=set)
    wamids: set[tuple[NumberId, Wamid]] = field(default_factory=set)
    """Whole entries with their conversations."""
    marks: set[tuple[NumberId, Wamid]] = field(default_factory=set)
    """Only where their delivery stands."""
    sids: set[Sid] = field(default_factory=set)
    entries: set[EntryId] = field(default_factory=set)
    conversations: set[ConversationId] = field(default_factory=set)
    refs: set[int] = field(default_factory=set)
    """Conversations by public reference."""
    commands: set[str] = field(default_factory=set)
    """Commands that may have been answered before."""
    paged: set[AgentId] = field(default_factory=set)
    """Whose latest pages, with their conversations."""
    newest: set[CustomerId] = field(default_factory=set)
    """Whose newest entry on any number."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where an outbound message stands, for ticks."""

    entry: EntryId
    conversation: ConversationId
    sid: Sid | None
    delivery: Delivery
    delivery_at: Moment


@dataclass(frozen=True, slots=True)
class Result:
    """A command's answer, kept a day so that repeats are harmless."""

    command_id: str
    digest: str
    agent: AgentId
    body: bytes
    at: Moment


@dataclass(slots=True)
class Loaded:
    """What the store found. `conversations` holds every conversation named or reached; `current`
    the one of each thread that a new message would meet (the unresolved one, else the newest)."""

    identities: dict[Identity, CustomerId] = field(default_factory=dict)
    customers: dict[CustomerId, Customer] = field(default_factory=dict)
    """Merged ones are resolved to their root before they come here, under both ids."""
    threads: dict[ThreadId, Thread] = field(default_factory=dict)
    thread_of: dict[tuple[NumberId, CustomerId | str], ThreadId] = field(default_factory=dict)
    """By (number, customer) or (number, group)."""
    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    current: dict[ThreadId, ConversationId] = field(default_factory=dict)
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    wamids: dict[tuple[NumberId, Wamid], EntryId] = field(default_factory=dict)
    sids: dict[Sid, EntryId] = field(default_factory=dict)
    marks: dict[tuple[NumberId, Wamid], Mark] = field(default_factory=dict)
    parked: dict[tuple[NumberId, Wamid], list[Fact]] = field(default_factory=dict)
    """Facts that waited for one of the asked wamids, oldest first."""
    refs: dict[int, ConversationId] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    pages: dict[AgentId, list["PageRow"]] = field(default_factory=dict)
    """Newest first."""
    newest: dict[CustomerId, EntryId] = field(default_factory=dict)
    """0 where nothing was ever said."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    conversation: ConversationId
    at: Moment
    actor: str
    kind: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send. `state` is a word of `Delivery` or "retry" (known not accepted)."""

    sid: Sid
    n: int
    state: str
    boot: str
    at: Moment
    wamid: Wamid | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Owed:
    """A wish in the outbox. `kind` is send, media, read, reaction, block, page or answer (to an
    agent's own phone); `key` names what the wish is for (a sid, an entry) and, with the kind,
    replaces an earlier one; `lane` is the thread whose sends go one at a time, None for everything
    else. `tries` counts failed ones."""

    kind: str
    key: str
    due: Moment
    number: NumberId
    lane: ThreadId | None = None
    body: Mapping[str, object] = field(default_factory=dict)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page of the escalation that began at `since`, through one channel. `state` is sending, sent
    or dead; `wamid` is what WhatsApp calls it, where it went there."""

    conversation: ConversationId
    since: Moment
    page: int
    channel: str
    agent: AgentId
    state: str
    at: Moment
    wamid: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """A shift that changed hands by an agent's command."""

    shift: Shift
    by: AgentId


@dataclass(frozen=True, slots=True)
class StoredEvent:
    seq: int
    at: Moment
    kind: str
    conversation: ConversationId | None
    body: bytes
    """The event as JSON, as it goes over the wire."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    at: Moment
    actor: str
    act: str
    subject: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BulkRow:
    """An order for many conversations: `place` of them are done with, `changed` were changed.
    `command` is JSON; `undoing` ones take an earlier order back."""

    id: str
    agent: AgentId
    role: Role
    at: Moment
    command: str
    conversations: tuple[ConversationId, ...]
    place: int = 0
    changed: int = 0
    why: str = ""
    undoing: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An agent's token: `id` is its public part, `digest` the SHA-256 (hex) of its secret."""

    id: str
    agent: AgentId
    digest: str
    created_at: Moment
    revoked_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An item we could not read; `path` says where (`entry[0].changes[2].messages[1]`)."""

    journal: int
    path: str
    reason: str
    at: Moment


@dataclass(slots=True)
class Batch:
    """All that came of a batch of facts, to be kept in one transaction."""

    at: Moment
    customers: dict[CustomerId, Customer] = field(default_factory=dict)
    identities: list[tuple[Identity, CustomerId]] = field(default_factory=list)
    superseded: list[Identity] = field(default_factory=list)
    """Identities whose present holder loses them before `identities` are linked."""
    threads: list[Thread] = field(default_factory=list)
    opened: list[Conversation] = field(default_factory=list)
    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    new_entries: set[EntryId] = field(default_factory=set)
    also_wamids: list[tuple[NumberId, Wamid, EntryId]] = field(default_factory=list)
    """Further wamids that name an entry (a message delivered twice has two)."""
    deliveries: dict[EntryId, tuple[Delivery, Moment]] = field(default_factory=dict)
    """Ticks that moved without the whole entry being loaded."""
    prices: list[DeliveryReported] = field(default_factory=list)
    moved_threads: list[tuple[ThreadId, ThreadId]] = field(default_factory=list)
    parted: list[tuple[CustomerId, ThreadId, ThreadId]] = field(default_factory=list)
    """Merged customers who are themselves again: their thread, and the one they shared."""
    history: list[HistoryRow] = field(default_factory=list)
    news: list[News] = field(default_factory=list)
    """What somebody hears of it; kept nowhere."""
    attempts: list[Attempt] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    paid: list[tuple[str, str]] = field(default_factory=list)
    """Outbox rows (kind, key) that are done with."""
    wakes: list[tuple[ConversationId, str, Moment | None]] = field(default_factory=list)
    rang: list[tuple[ConversationId, str, Moment]] = field(default_factory=list)
    parked: list[tuple[NumberId, Wamid, Fact, Moment]] = field(default_factory=list)
    unparked: list[tuple[NumberId, Wamid]] = field(default_factory=list)
    events: list[StoredEvent] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    audit: list[AuditRow] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    released: list[tuple[int, str]] = field(default_factory=list)
    """Quarantined items (journal row, path) that were read after all."""
    subjects: list[tuple[int, str]] = field(default_factory=list)
    """(journal row, hash of an identity): what erasure will look for."""
    told: list[AccountTold] = field(default_factory=list)
    """What WhatsApp said of accounts, numbers and templates; the journal keeps it."""
    numbers: dict[NumberId, Number] = field(default_factory=dict)
    agents: dict[AgentId, Agent] = field(default_factory=dict)
    tokens: list[TokenRow] = field(default_factory=list)
    """New and changed tokens, whole."""
    bulks: list[BulkRow] = field(default_factory=list)
    replies: dict[str, CannedReply | None] = field(default_factory=dict)
    """Canned replies by name; None takes one away."""
    templates: dict[str, Sequence[Template]] = field(default_factory=dict)
    """All templates of an account, in place of what was known of it."""
    pages: list[PageRow] = field(default_factory=list)
    """New and changed pages, whole."""
    covers: list[Cover] = field(default_factory=list)
    duties: list[tuple[Duty, str]] = field(default_factory=list)
    """Other hours, and who set them."""
    turns: list[tuple[Turns | None, str]] = field(default_factory=list)
    """An order of the rota, or None for the configured one, and who set it."""
    teams: dict[TeamId, bool] = field(default_factory=dict)
    """Teams that were opened, or (False) closed again."""
    refs: int | None = None
    """The last public reference given out, when one was."""
    cursor: tuple[int, int] | None = None
    """Journal (row, item) up to which everything is done."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the engine needs to know of the database when it starts."""

    cursor: tuple[int, int]
    seq: int
    ref: int
    last_id: int
    """The largest id ever given to a customer, thread, conversation or entry."""
    agents: Sequence[Agent]
    numbers: Sequence[Number]
    tokens: Sequence[TokenRow]
    covers: Sequence[Shift] = ()
    duties: Sequence[Duty] = ()
    """Other hours, in the order in which they were set."""
    turns: Turns | None = None
    teams: Sequence[TeamId] = ()
    loads: Sequence[tuple[AgentId, NumberId, int, int]] = ()
    """Open conversations by owner and number, and how many of them wait for us."""


class Store(Protocol):
    """The main database as the one writer sees it."""

    async def start(self) -> Start: ...
    async def load(self, wanted: Wanted) -> Loaded: ...
    async def save(self, batch: Batch) -> None:
        """All or nothing. Raises `StoreFull` when the disk refuses."""
        ...

    async def find_room(self) -> None:
        """Writes a little and takes it back. Raises `StoreFull` while the disk refuses."""
        ...

    async def rest(self) -> None:
        """Housekeeping for a moment in which nobody waits."""
        ...

    async def due_alarms(
        self, now: Moment, limit: int
    ) -> Sequence[tuple[ConversationId, str, Moment]]: ...
    async def held(self, agents: Iterable[AgentId]) -> Sequence[tuple[ConversationId, AgentId]]:
        """All unresolved work of these agents."""
        ...

    async def owed(self, now: Moment, limit: int) -> Sequence[Owed]:
        """Due wishes, oldest first; of each lane only the first send."""
        ...

    async def pages(self, page: PageRow) -> Sequence[PageRow]:
        """What is written down of this page, through whatever channel."""
        ...

    async def unfinished_attempts(self, boot: str) -> Sequence[Attempt]:
        """Attempts still `sending` that another run of the relay began."""
        ...


class StoreFull(Exception):
    """The disk is full or failing: nothing was kept, and nothing is lost that others still hold."""


@dataclass(frozen=True, slots=True)
class Body:
    """A webhook body as it came."""

    row: int
    arrived_at: Moment
    raw: bytes


class Journal(Protocol):
    """Every signed webhook body, in order of arrival, in a file of its own."""

    async def append(self, bodies: Sequence[tuple[Moment, bytes]]) -> int:
        """Keeps all of them on the disk, returns the last row's number. Raises `StoreFull`."""
        ...

    async def after(self, row: int, limit: int) -> Sequence[Body]: ...
    def span(self, first: int, last: int) -> AsyncIterator[Body]: ...
    async def last(self) -> int: ...
    async def forget_before(self, moment: Moment) -> int: ...
    async def find_room(self) -> None:
        """Like `Store.find_room`, in the journal's own file."""
        ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to go. Exactly one of `phone`, `user_id` and `group` is set."""

    number: NumberId
    phone: str
    user_id: str
    group: str
    content: Content
    opaque: str
    quote: Wamid | None = None


@dataclass(frozen=True, slots=True)
class SentAs:
    wamid: Wamid
    wa_id: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A file fetched to a place of its own, with what the bytes themselves say."""

    digest: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Item:
    """One element of a webhook body: the facts it holds, or why it could not be read."""

    path: str
    facts: tuple[Fact, ...] = ()
    told: tuple[object, ...] = ()
    """`AccountTold` values: about accounts, numbers and templates."""
    refused: str = ""


class Detector(Protocol):
    """Tells languages apart. Called for every message, so it answers at once."""

    def detect(self, text: str, memory: str = "") -> Detected:
        """`memory` is the conversation's language so far, for words that tell nothing."""
        ...


class WhatsApp(Protocol):
    """WhatsApp's side: reading what came, sending what is owed. Failures: `Refused` (do not
    repeat), `TryLater` (known not done), `Unsure` (sends only)."""

    def accepts(self, body: bytes, signature: str | None) -> bool: ...
    def read(self, body: bytes, arrived_at: Moment) -> Iterable[Item]:
        """Every element of the body on its own. Never raises for what the body holds."""
        ...

    async def send(self, outgoing: Outgoing) -> SentAs: ...
    async def react(self, outgoing: Outgoing, target: Wamid, emoji: str) -> None: ...
    async def tell_read(self, number: NumberId, wamid: Wamid, *, typing: bool = False) -> None: ...
    async def block(self, number: NumberId, user: str, *, blocked: bool) -> None:
        """Lets nothing of theirs through to the number, or everything again."""
        ...

    async def fetch(self, number: NumberId, media_id: str, sha256: str) -> Download: ...
    async def upload(self, number: NumberId, name: str, mime: str, data: bytes) -> str: ...
    async def templates(self, account: str) -> Sequence[Template]:
        """All templates of a WhatsApp Business account, whatever became of them."""
        ...


@dataclass(frozen=True, slots=True)
class Summons:
    """What a page says. `waiting` counts seconds; `detail` is empty unless settings allow it."""

    ref: str
    topic: str
    waiting: int
    detail: str = ""

    @property
    def title(self) -> str:
        return f"Wainbox: {self.ref} needs you"

    @property
    def text(self) -> str:
        """One line."""
        parts = (self.ref, self.topic, f"waiting {self.waiting // 60} min", self.detail)
        return " · ".join(" ".join(part.split()) for part in parts if part)

    @property
    def message(self) -> str:
        """With the way to acknowledge."""
        return f"{self.text}\nTake it: wainbox ack {self.ref}"


class Pager(Protocol):
    """The ways to call agents who are on call."""

    def channels(self, agent: AgentId) -> Sequence[str]:
        """By name; none when nobody has said how to reach them."""
        ...

    async def page(self, agent: AgentId, channel: str, summons: Summons) -> str:
        """Calls, and gives the page's wamid where it has one. Raises `Unreached`."""
        ...

    async def answer(self, agent: AgentId, number: NumberId, text: str) -> None:
        """Writes from our number to the agent's own phone, which has just written to it. Raises
        `Unreached`."""
        ...
