"""What screens read. All text in here has passed `clean()`; instants are RFC 3339 in UTC.

The relay renders cards and entries by hand on its hot path (`engine/present.py`); a test holds the
two to each other.
"""

from datetime import datetime
from typing import Literal

from wainbox_relay.contract.content import Content
from wainbox_relay.contract.models import BaseModel, ConfigDict
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    CustomerId,
    Delivery,
    Direction,
    EntryId,
    Flag,
    Kind,
    MediaState,
    NumberId,
    Presence,
    Priority,
    Role,
    Sid,
    Status,
    TeamId,
    ThreadId,
    Turn,
    Wamid,
)


class _View(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class CustomerName(_View):
    """Who a conversation is with. `phone` (with plus) and `user_id` may each be empty, not both;
    for a group both are and `name` is the group's subject or its id."""

    id: CustomerId
    name: str = ""
    phone: str = ""
    user_id: str = ""
    username: str = ""
    vip: bool = False


class LastMessage(_View):
    """The newest message as a list shows it; a customer's words stay it when only an automatic one
    followed. `author` is the agent's handle for our own messages, empty for the customer's and for
    automatic ones."""

    id: EntryId
    text: str
    at: datetime
    direction: Direction
    kind: Kind
    author: str = ""
    delivery: Delivery | None = None


class ClockFace(_View):
    """What is promised to the customer: the first or next response, or the resolution. `due` is
    None while it stands still."""

    target: Literal["first", "next", "resolution"]
    due: datetime | None = None
    at_risk: bool = False
    missed: bool = False
    paused: bool = False


class Card(_View):
    """One row of the queue, the same for every viewer."""

    id: ConversationId
    ref: str
    version: int
    sort_key: int
    number: NumberId
    thread: ThreadId
    customer: CustomerName
    status: Status
    turn: Turn
    flags: tuple[Flag, ...] = ()
    priority: Priority = Priority.NORMAL
    language: str = ""
    team: TeamId | None = None
    assignee: AgentId | None = None
    resolver: AgentId | None = None
    tags: tuple[str, ...] = ()
    mentions: tuple[AgentId, ...] = ()
    """Whom a note named who has not looked since."""
    unread: int = 0
    last_message: LastMessage | None = None
    waiting_since: datetime | None = None
    opened_at: datetime
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    window_closes_at: datetime | None = None
    """When free text ends; None when the customer never wrote on this number."""
    clock: ClockFace | None = None
    """What falls due next; None when nothing is promised."""


class Quote(_View):
    """What a message answers. `id` and `text` are empty when we do not have the quoted message."""

    id: EntryId | None = None
    author: str = ""
    text: str = ""


class Reaction(_View):
    """`by` is an agent's handle, or empty for the customer (`name` then says who, in groups)."""

    emoji: str
    by: str = ""
    name: str = ""


class Failure(_View):
    """Why WhatsApp did not deliver: its `code` (0 for our own), its words, and what to do next."""

    code: int
    reason: str
    next_step: str


class MediaFacts(_View):
    """The file of a media entry. `type` is what the bytes are, once they are here and known."""

    state: MediaState
    name: str = ""
    size: int | None = None
    type: str = ""
    reason: str = ""


class Entry(_View):
    """One item of a thread: a message in or out, a note, or an event line.

    `text` is the one-line-or-more reading of `content`; `case` the reference of the conversation it
    belongs to. `attempt` counts tries of an outbound message. `auto` names the rule that said it
    (`menu`, `after_hours`, `rating`...), and is empty for what a person said.
    """

    id: EntryId
    thread: ThreadId
    case: str
    direction: Direction
    kind: Kind
    text: str
    content: Content | None = None
    at: datetime
    arrived_at: datetime
    author: str = ""
    author_name: str = ""
    wamid: Wamid | None = None
    sid: Sid | None = None
    delivery: Delivery | None = None
    delivery_at: datetime | None = None
    leaves_at: datetime | None = None
    attempt: int = 0
    failure: Failure | None = None
    twice: bool = False
    order_unsure: bool = False
    quote: Quote | None = None
    forwarded: bool = False
    reactions: tuple[Reaction, ...] = ()
    edited_at: datetime | None = None
    original: str = ""
    revoked_at: datetime | None = None
    media: MediaFacts | None = None
    referral: str = ""
    auto: str = ""


class Case(_View):
    """One conversation of a thread, for boundaries and the customer's history."""

    ref: str
    number: NumberId
    status: Status
    opened_at: datetime
    resolved_at: datetime | None = None
    resolver: AgentId | None = None
    assignee: AgentId | None = None
    outcome: str = ""


class Thread(_View):
    """A page of a thread, oldest first, ending at `before` or at the newest entry; `more` says
    whether older entries exist. `seq` is the stream position the page was read at."""

    seq: int
    card: Card
    entries: tuple[Entry, ...]
    cases: tuple[Case, ...]
    more: bool


class Billed(_View):
    """Messages of one category that WhatsApp delivered: how many it bills, how many were free."""

    category: str
    billed: int = 0
    free: int = 0


class PageFace(_View):
    """Somebody on call who was paged, or will be when nobody takes it before `at`; `page` counts
    from 0."""

    agent: AgentId
    at: datetime
    page: int
    again: bool = False


class CaseFacts(_View):
    """What the rules know of a conversation. `language_by` is how its language came to be known
    ("hand", "menu", or the detection's reason); `clocks` are those that run, are paused or were
    missed; `given` says who has it and why. `stars` are None until the customer rated; `unasked`
    is why they never were. `pages` are the last and the coming ones while nobody has it."""

    topic: str = ""
    complex: bool = False
    language_by: str = ""
    clocks: tuple[ClockFace, ...] = ()
    given: str = ""
    stars: int | None = None
    comment: str = ""
    unasked: str = ""
    pages: tuple[PageFace, ...] = ()


class CustomerPanel(_View):
    """The customer beside the conversation. `manager` and `manager_backup` are their own account
    managers; `elsewhere` are their unresolved conversations on our other numbers; `notes` are
    entries of the thread written by the team, newest first."""

    customer: CustomerName
    language: str = ""
    country: str = ""
    time_zone: str = ""
    first_seen: datetime
    case: CaseFacts
    tags: tuple[str, ...] = ()
    manager: AgentId | None = None
    manager_backup: AgentId | None = None
    opted_out: bool = False
    """Wants no advertising."""
    cases: tuple[Case, ...] = ()
    elsewhere: tuple[Case, ...] = ()
    notes: tuple[Entry, ...] = ()
    billed: tuple[Billed, ...] = ()
    """What the conversation cost so far, by category."""


class Page(_View):
    """Rows of the queue in order. `seq` is the stream position they were read at."""

    seq: int
    cards: tuple[Card, ...]
    more: bool


class ViewCount(_View):
    """How many conversations a view holds, by class of standing (`standings[4]` is "our turn")."""

    view: str
    total: int
    standings: tuple[int, ...]


class Counts(_View):
    as_of: datetime
    views: tuple[ViewCount, ...]


class AgentBadge(_View):
    id: AgentId
    name: str
    role: Role
    teams: tuple[TeamId, ...] = ()
    presence: Presence = Presence.OFFLINE
    until: datetime | None = None
    """When what they said of themselves ends: a break, or overtime."""
    load: int = 0
    """Open conversations this agent holds."""
    capacity: int | None = None
    """The most that automation lets them hold; None where nobody set any."""
    on_shift: bool = True
    shift_until: datetime | None = None
    """When they go, where they are on shift, else when they come; None when neither is known."""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    vip: bool = False
    """What they can take; naming nothing is everything."""


class NumberBadge(_View):
    """`paused` is empty, or why nothing leaves from this number; `zone` is that of its business
    hours, where it has any."""

    id: NumberId
    name: str
    phone: str = ""
    paused: str = ""
    zone: str = ""


class Snapshot(_View):
    """What a terminal needs to begin: who it is, who else there is, and where the stream stands."""

    seq: int
    me: AgentBadge
    agents: tuple[AgentBadge, ...]
    teams: tuple[TeamId, ...]
    numbers: tuple[NumberBadge, ...]
    counts: Counts
    now: datetime
    undo_seconds: int
    version: str


class TemplateButton(_View):
    """A button under a template. Where `wants` is set, sending fills it in: the end of a link's
    address, or the code to copy."""

    kind: str
    text: str
    url: str = ""
    wants: bool = False


class Template(_View):
    """A template as WhatsApp has it. `variables` is how many values the body wants, `names` what
    they are called when the template names them; `header_kind` is text or the kind of file the
    header wants. `unfit` says why Wainbox cannot send it, and is empty when it can."""

    name: str
    language: str
    category: str = ""
    status: str = "APPROVED"
    body: str = ""
    variables: int = 0
    names: tuple[str, ...] = ()
    header: str = ""
    header_kind: Literal["", "text", "image", "video", "document"] = ""
    footer: str = ""
    buttons: tuple[TemplateButton, ...] = ()
    unfit: str = ""


class CostLine(Billed):
    """`agent` is empty for what Wainbox sent by itself, or somebody on the phone."""

    number: NumberId
    agent: str = ""


class Cost(_View):
    """What WhatsApp bills for one month, counted in UTC."""

    month: str
    lines: tuple[CostLine, ...]


class Reason(_View):
    """One sentence of `why`, with the moment it speaks of."""

    at: datetime
    actor: str
    what: str
    sentence: str


class Upload(_View):
    """A file given to WhatsApp, ready to be named by a reply's `media_id`."""

    media_id: str
    kind: Kind
    type: str
    size: int
    name: str
