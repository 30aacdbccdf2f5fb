"""The things the rules speak about. Frozen: a change makes a new one.

Instants are `Moment`s (whole microseconds, UTC). None means the world lacks it, never "not loaded".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

from wainbox_relay.contract.content import Content
from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.vocabulary import (
    DAY,
    AgentId,
    ConversationId,
    CustomerId,
    Delivery,
    Direction,
    EntryId,
    Flag,
    IdentityKind,
    Kind,
    MediaState,
    Moment,
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

if TYPE_CHECKING:
    from wainbox_relay.domain.rules.calendar import Calendar
    from wainbox_relay.domain.rules.closed import AfterHours
    from wainbox_relay.domain.rules.courtesy import Courtesies
    from wainbox_relay.domain.rules.ladder import OnCall
    from wainbox_relay.domain.rules.language import Detected
    from wainbox_relay.domain.rules.menu import Tree
    from wainbox_relay.domain.rules.rating import Asking
    from wainbox_relay.domain.rules.roster import Duties
    from wainbox_relay.domain.rules.rota import Shift, Turns
    from wainbox_relay.domain.rules.routing import Routing
    from wainbox_relay.domain.rules.targets import Promises
    from wainbox_relay.domain.rules.texts import Texts
    from wainbox_relay.domain.rules.urgency import Urgency

_NEVER = Moment(0)


@dataclass(frozen=True, slots=True)
class Identity:
    """One name WhatsApp has for a person. `scope` is empty for phones; for business-scoped ids it
    is the portfolio, as far as we can tell from the configuration."""

    kind: IdentityKind
    value: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """`phone` (digits, no plus) and `user_id` repeat the current identities for display."""

    id: CustomerId
    created_at: Moment
    name: str = ""
    username: str = ""
    phone: str = ""
    user_id: str = ""
    language: str = ""
    vip: bool = False
    tags: frozenset[str] = frozenset()
    merged_into: CustomerId | None = None
    same_as: CustomerId | None = None
    """Somebody this may be too: one message named ids of both. One key merges them."""
    number_reused: bool = False
    """The phone number belonged to another customer before; their history stays theirs."""
    manager: AgentId | None = None
    manager_backup: AgentId | None = None
    """Their own account manager, who comes before every way of handing out work."""
    opted_out: bool = False
    rating_asked_at: Moment | None = None
    served_by: AgentId | None = None
    """Who answered them last, on whichever number, and (`served_at`) when."""
    served_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """All that one number and one peer said to each other. `group` is empty unless the peer is a
    group, and then `customer` is None."""

    id: ThreadId
    number: NumberId
    customer: CustomerId | None
    group: str = ""


@dataclass(frozen=True, slots=True)
class LastMessage:
    id: EntryId
    at: Moment
    direction: Direction
    kind: Kind
    text: str
    author: str = ""
    delivery: Delivery | None = None
    wamid: str = ""
    """Breaks ties between messages of one second, so that order does not depend on arrival."""


class Target(StrEnum):
    """What a clock measures: first and next response, resolution, from the bot to a human."""

    FIRST = "first"
    NEXT = "next"
    RESOLUTION = "resolution"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Clock:
    """One running or paused promise. `allowed` is its whole length and `used` what was credited up
    to `since`, both in microseconds of the calendar's business time; a paused one has no `since`
    and no moments. `risk` and `due` are when it gets tight and when it is missed."""

    target: Target
    calendar: str
    allowed: int
    started: Moment
    used: int = 0
    since: Moment | None = None
    risk: Moment | None = None
    due: Moment | None = None
    at_risk: bool = False
    missed: bool = False
    late_by: int = 0
    """How long the message took to reach us with which it began, where that was late."""


@dataclass(frozen=True, slots=True)
class BotTalk:
    """Where the menu stands with this customer. `node` is the question asked last, `misses` how
    often the answer fitted nothing, `human_at` when they first asked for a person."""

    node: str
    asked_at: Moment
    misses: int = 0
    content: bool = False
    """The customer has said something that a person should read."""
    human_at: Moment | None = None
    said: tuple[Moment, ...] = ()
    """When the menu spoke, of the last hour."""
    heard: str = ""
    """Fingerprint of what fitted nothing: machines repeat themselves."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """`holder` was paged last, at `paged_at`, on `step` of the ladder; `owner` had it before."""

    since: Moment
    reason: str
    step: int = 0
    holder: AgentId | None = None
    paged_at: Moment | None = None
    acked_by: AgentId | None = None
    acked_at: Moment | None = None
    owner: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Custody:
    """How the case came to where it is: the routing rule that fitted, since when its owner has been
    silent on it, and until when it stays with an owner whom a person chose although off shift."""

    rule: str = ""
    since: Moment | None = None
    stands_until: Moment | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """A question for satisfaction. `agent` has the credit, fixed when it was asked; `stars` is None
    until answered; `comment` the entry that says why."""

    asked_at: Moment
    agent: AgentId | None
    stars: int | None = None
    rated_at: Moment | None = None
    comment: EntryId | None = None
    skipped: str = ""
    """Why it was never asked."""
    entry: EntryId | None = None
    """The message that asked."""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """How to take the last change back: the fields as they were, at which version it was made."""

    by: AgentId
    at: Moment
    version: int
    what: str
    fields: Mapping[str, object]
    job: str = ""
    """The order for many that it was part of."""
    parts: "Parts | None" = None
    """What a merge put together."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One piece of work. `waiting_since` is set exactly while it is our turn to speak."""

    id: ConversationId
    ref: int
    number: NumberId
    thread: ThreadId
    customer: CustomerId | None
    opened_at: Moment
    status: Status = Status.OPEN
    flags: frozenset[Flag] = frozenset()
    priority: Priority = Priority.NORMAL
    language: str = ""
    team: TeamId | None = None
    assignee: AgentId | None = None
    last_owner: AgentId | None = None
    resolver: AgentId | None = None
    tags: frozenset[str] = frozenset()
    outcome: str = ""
    waiting_since: Moment | None = None
    last_in_at: Moment | None = None
    """Timestamp of the customer's newest message on this number: the service window starts here."""
    last_in: EntryId | None = None
    """The customer's message that reached us last; `last_in_wamid` is the newest by timestamp."""
    last_in_wamid: Wamid | None = None
    last_out: EntryId | None = None
    """The message that somebody of ours wrote last, sent or not, and (`last_out_by`) who."""
    last_out_by: str = ""
    last: LastMessage | None = None
    unread: int = 0
    unconfirmed: int = 0
    undelivered: int = 0
    sending: int = 0
    """Messages to the customer that have not ended yet: held, queued or on their way."""
    resolve_when_sent: bool = False
    snoozed_until: Moment | None = None
    resolved_at: Moment | None = None
    merged_into: ConversationId | None = None
    spam: bool = False
    undo: UndoStep | None = None
    version: int = 0
    sort_key: int = 0
    phone_said: str = ""
    """Fingerprint of the Business app's last text: its own greetings repeat themselves."""
    topic: str = ""
    complex: bool = False
    language_by: str = ""
    """How the language came to be known: "hand", "menu", or the detection's reason."""
    language_hint: str = ""
    """Another language, heard once."""
    answered: bool = False
    """A human has answered this case: what comes next is no first response."""
    spoken_at: Moment | None = None
    """When a human of ours last spoke in this thread."""
    greeted: Moment | None = None
    """The beginning of the closed period whose automatic reply was sent in this thread."""
    kept_from: AgentId | None = None
    kept_until: Moment | None = None
    """Not routed back to whom gave it back, for a while."""
    clocks: tuple[Clock, ...] = ()
    bot: BotTalk | None = None
    escalation: Escalation | None = None
    rating: Rating | None = None
    custody: Custody = Custody()
    mentions: frozenset[AgentId] = frozenset()
    """Whom a note named, or who should know of this, and has not looked since."""

    @property
    def turn(self) -> Turn:
        return Turn.THEIRS if self.waiting_since is None else Turn.OURS

    @property
    def resolved(self) -> bool:
        return self.status is Status.RESOLVED

    @property
    def due(self) -> Moment | None:
        """When the next promise to this customer falls due. How long the menu takes is between it
        and us, and moves nobody in the queue."""
        clocks = (clock for clock in self.clocks if clock.target is not Target.HUMAN)
        return min((clock.due for clock in clocks if clock.due is not None), default=None)

    @property
    def facets(self) -> Facets:
        return Facets(
            number=self.number,
            team=self.team,
            assignee=self.assignee,
            status=self.status,
            flags=self.flags,
            priority=self.priority,
            language=self.language,
            tags=self.tags,
            sort_key=self.sort_key,
            mentions=self.mentions,
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """Of two customers that were made one: `other` is the case beside the one that can be undone,
    as it was; `root` and `gone` are both people, as they were; `thread` was `gone`'s. Whatever was
    said since has an id above `mark`."""

    other: Conversation
    root: Customer
    gone: Customer
    thread: ThreadId
    mark: EntryId


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal by WhatsApp (its code) or by ourselves (code 0), and what a person can do."""

    code: int
    reason: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """`by` is an agent's handle or empty; `customer` is set instead when a customer reacted. Newer
    ones win by (`at`, `wamid`); one with an empty emoji was taken off and stays as a mark, so that
    an older one that comes late does not return."""

    emoji: str
    by: str
    customer: CustomerId | None
    at: Moment
    wamid: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """What became of an entry's file. `digest` (SHA-256, hex) names it in the media folder."""

    state: MediaState
    digest: str = ""
    type: str = ""
    size: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message in or out, or a note. `at` is WhatsApp's timestamp, `arrived_at` ours."""

    id: EntryId
    thread: ThreadId
    conversation: ConversationId
    number: NumberId
    direction: Direction
    content: Content
    at: Moment
    arrived_at: Moment
    wamid: Wamid | None = None
    sid: Sid | None = None
    customer: CustomerId | None = None
    """Who wrote it, for messages in (in a group, any member)."""
    author: str = ""
    """The agent's handle for notes and our messages; `phone` for the Business app; else empty."""
    delivery: Delivery | None = None
    delivery_at: Moment | None = None
    attempt: int = 0
    failure: Failure | None = None
    then: Status | None = None
    """What the conversation becomes once this is accepted."""
    cleared: Moment | None = None
    """The `waiting_since` that this answer ended; comes back if the answer turns out failed."""
    leaves_at: Moment | None = None
    twice: bool = False
    order_unsure: bool = False
    quote: EntryId | None = None
    quote_wamid: Wamid | None = None
    forwarded: bool = False
    referral: str = ""
    reactions: tuple[Reaction, ...] = ()
    edited_at: Moment | None = None
    edit_wamid: str = ""
    original: str = ""
    revoked_at: Moment | None = None
    media: Media | None = None
    auto: str = ""
    """What made it when no person did: menu, after_hours, rating..."""


@dataclass(frozen=True, slots=True)
class Agent:
    id: AgentId
    name: str
    role: Role
    teams: frozenset[TeamId] = frozenset()
    presence: Presence = Presence.OFFLINE
    """Offline without a terminal, else `state`."""
    revoked_at: Moment | None = None
    state: Presence = Presence.ONLINE
    """What they say of themselves; `until` when it ends by itself."""
    until: Moment | None = None
    presence_since: Moment = _NEVER
    assigned_at: Moment = _NEVER
    """When work was last put into their hands."""
    capacity: int | None = None
    """Open conversations they hold at most; None is the desk's usual number."""
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    """What they can take. Who names nothing takes everything."""
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """Open conversations somebody holds, and how many of them wait for us."""

    open: int = 0
    ours: int = 0


@dataclass(frozen=True, slots=True)
class Number:
    """A business number. `claimed` ones are in the configuration; the others are only stored.
    `paused` is empty or the reason why nothing leaves."""

    id: NumberId
    name: str = ""
    phone: str = ""
    team: TeamId | None = None
    claimed: bool = True
    paused: str = ""
    calendar: str = ""
    language: str = ""
    """What we speak by ourselves to somebody whose language we cannot tell."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings the rules obey; the defaults are the product's."""

    reopen_window: int = 3 * DAY
    undo_window: int = 600 * 1_000_000
    takeover_by_agents: bool = True
    mark_read: bool = True
    unconfirmed_blocks_for: int = 20 * 1_000_000
    outcomes: tuple[str, ...] = ()
    calendars: "Mapping[str, Calendar]" = field(default_factory=dict)
    """By name; a number without a calendar is open round the clock."""
    sla: "Promises | None" = None
    """None: nothing is promised, and no clock runs."""
    courtesies: "Courtesies | None" = None
    silence: int = 0
    """How long a customer is silent before the case closes by itself; 0 for never."""
    rating: "Asking | None" = None
    oncall: "OnCall | None" = None
    """None where nobody is on call."""
    menu: "Tree | None" = None
    after_hours: "AfterHours | None" = None
    urgency: "Urgency | None" = None
    texts: "Texts | None" = None
    """What we say by ourselves; None says nothing."""
    routing: "Routing | None" = None
    """None: nothing is handed out by itself, and nothing taken back."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works here and under which policy, as one value."""

    agents: Mapping[AgentId, Agent] = field(default_factory=dict)
    teams: frozenset[TeamId] = frozenset()
    numbers: Mapping[NumberId, Number] = field(default_factory=dict)
    policy: Policy = Policy()
    load: Mapping[AgentId, Load] = field(default_factory=dict)
    """Of everybody who holds open work."""
    templates: Mapping[NumberId, Mapping[tuple[str, str], str]] = field(default_factory=dict)
    """The bodies of a number's approved templates by name and language, once they are known."""
    covers: "tuple[Shift, ...]" = ()
    """Shifts on call that changed hands by command, the oldest first."""
    turns: "Turns | None" = None
    """Another order of the rota, by command."""
    duties: "Mapping[str, Duties]" = field(default_factory=dict)
    """Other hours by command, by `@agent` or team."""
    opened: frozenset[TeamId] = frozenset()
    """Teams by command, beside the configured ones; `teams` has them all."""

    @property
    def oncall(self) -> "OnCall | None":
        """Who is on call, in whose order, with every change of hands."""
        oncall = self.policy.oncall
        if oncall is not None and self.turns is not None:
            oncall = oncall.turned(self.turns)
        return oncall.overridden(self.covers) if oncall and self.covers else oncall

    def zone_of(self, number: NumberId) -> tzinfo:
        """That of the number's business hours; UTC where it has none."""
        known = self.numbers.get(number)
        calendar = self.policy.calendars.get(known.calendar) if known is not None else None
        return calendar.zone if calendar is not None else UTC

    @property
    def unclaimed(self) -> frozenset[NumberId]:
        """Numbers that nobody configured: what comes to them is kept, and shown to nobody."""
        return frozenset(number.id for number in self.numbers.values() if not number.claimed)


@dataclass(frozen=True, slots=True)
class Fresh:
    """Ids the shell set aside for what this fact may create."""

    conversation: ConversationId
    entry: EntryId
    ref: int
    replies: tuple[EntryId, ...] = ()
    """For what we answer by ourselves."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one fact may look at.

    `conversation` is the thread's unresolved one, else its newest; `entry` the message the fact is
    about, `quoted` the one it answers; `beside` an unresolved conversation of the thread other than
    `conversation`; `other` and its customer the second party of a merge.
    """

    desk: Desk
    thread: Thread
    fresh: Fresh
    conversation: Conversation | None = None
    customer: Customer | None = None
    entry: Entry | None = None
    quoted: Entry | None = None
    beside: Conversation | None = None
    other: Conversation | None = None
    other_customer: Customer | None = None
    newest: EntryId | None = None
    """The newest entry of the customer's on any number, where a merge is taken back."""
    heard: "Detected | None" = None
    """The language of the words that the fact brings."""
