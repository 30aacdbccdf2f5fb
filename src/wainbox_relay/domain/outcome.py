"""What a decision comes to: changes to the conversation (which are its history), entries, wishes.

A change says which fields it alters; `evolve` folds all of them at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

from wainbox_relay.contract.problems import Problem
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    EntryId,
    Moment,
    NumberId,
    Sid,
    Status,
    TeamId,
    ThreadId,
    Wamid,
)
from wainbox_relay.domain.model import Conversation, Customer, Entry, Identity

WAINBOX = "wainbox"
CUSTOMER = "customer"
WHATSAPP = "whatsapp"
PHONE = "phone"
"""Actors other than agents. An agent's actor is the handle with `@` in front."""


OPERATOR = "operator"
"""The actor that stands for somebody with a shell on the relay's machine."""


def by(agent: AgentId) -> str:
    """The actor that stands for an agent in history."""
    return f"@{agent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happened to a conversation.

    `kind` names it in history; changes without a kind only alter fields. `data()` is what history
    keeps: ids, enums and numbers, never text that somebody wrote.
    """

    kind: ClassVar[str] = ""
    actor: str = WAINBOX
    alters: Mapping[str, object] = field(default_factory=dict)

    def data(self) -> dict[str, object]:
        own = (f.name for f in fields(self) if f.name not in ("actor", "alters"))
        return {name: value for name in own if (value := getattr(self, name)) is not None}


class Touched(Change):
    """Fields moved without a line in history: last message, unread, window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Change):
    """A new conversation begins; the outcome's `opened` holds it whole."""

    kind = "opened"
    follows: ConversationId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged(Change):
    kind = "status"
    was: Status
    to: Status
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Change):
    kind = "reopened"
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Change):
    """`agent` and `team` as they are now; None is nobody's. `why` is a word from the rules, and
    `passed` who could not take it: [agent, obstacle, what]."""

    kind = "assigned"
    was: AgentId | None = None
    agent: AgentId | None = None
    team: TeamId | None = None
    why: str = ""
    passed: tuple[tuple[str, str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued(Change):
    """Nobody could take it when it came; `passed` as for `Assigned`."""

    kind = "queued"
    why: str = ""
    passed: tuple[tuple[str, str, str], ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned(Change):
    """Somebody should know of this: its customer's account manager, who was not there."""

    kind = "mentioned"
    agent: AgentId
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Change):
    """A human's message was accepted: the wait since `since` is over, to `agent`'s credit."""

    kind = "answered"
    entry: EntryId
    agent: str
    since: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLost(Change):
    """An accepted answer turned out undelivered: the wait is back at its original start."""

    kind = "answer_lost"
    entry: EntryId
    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDecided(Change):
    """A person decided about an outbound message: resent, arrived, left, withdrawn, sent now."""

    kind = "send_decided"
    entry: EntryId
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed(Change):
    kind = "snoozed"
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Change):
    """Priority, language, tags or VIP changed: `what` names it, `to` its new value."""

    kind = "marked"
    what: str
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageHeard(Change):
    """The conversation's language follows what the customer writes. `why` is what told it,
    `percent` how certain that is."""

    kind = "language"
    language: str
    why: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten(Change):
    kind = "note"
    entry: EntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Change):
    """Help is asked for: `why` is a word from the rules."""

    kind = "escalated"
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged(Change):
    """`agent` is paged, with the `page`th page from 0; `again` when they were paged before."""

    kind = "paged"
    agent: AgentId
    page: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailed(Change):
    """No way to `agent` is known to have worked."""

    kind = "page_failed"
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Change):
    kind = "acked"
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Change):
    kind = "merged"
    other: ConversationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone(Change):
    kind = "undone"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk(Change):
    """A promise gets tight, in the hands of `agent`, or of `team` where nobody has it."""

    kind = "at_risk"
    target: str
    agent: AgentId | None = None
    team: TeamId | None = None
    due: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue(Change):
    """A promise was missed at `due`, to the credit of `agent`, or of `team` where nobody had it;
    to nobody's where the message itself came very late. `late_by` is how late it came. The `target`
    "human" is the wait for a person whom the customer asked the menu for."""

    kind = "overdue"
    target: str
    agent: AgentId | None = None
    team: TeamId | None = None
    due: Moment
    late_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRefused(Change):
    """WhatsApp did not block the customer, or did not let them through again."""

    kind = "block_refused"
    blocked: bool
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMoved(Change):
    kind = "identity"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Change):
    """The customer gave stars, to the credit of whom the question named."""

    kind = "rated"
    stars: int
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingAsked(Change):
    """The customer was asked how it was; with a `skipped` reason they were not."""

    kind = "rating_asked"
    agent: AgentId | None = None
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Hand this entry to WhatsApp once `due`; one at a time for each thread."""

    sid: Sid
    due: Moment


@dataclass(frozen=True, slots=True)
class FetchMedia:
    entry: EntryId
    due: Moment


@dataclass(frozen=True, slots=True)
class TellRead:
    """Blue ticks up to this message."""

    number: NumberId
    wamid: Wamid
    due: Moment


@dataclass(frozen=True, slots=True)
class TellReaction:
    """Put (or, with an empty emoji, take off) our reaction."""

    entry: EntryId
    emoji: str
    due: Moment


@dataclass(frozen=True, slots=True)
class TellBlock:
    """Let nothing of the thread's customer through, or everything again."""

    blocked: bool
    due: Moment


@dataclass(frozen=True, slots=True)
class Wake:
    """Ring for this conversation at a moment; None forgets an alarm of the same reason."""

    reason: str
    at: Moment | None


@dataclass(frozen=True, slots=True)
class Page:
    """Call an agent who is on call to an escalation, which began at `since`."""

    agent: AgentId
    since: Moment
    page: int
    due: Moment


Wish = Page | Send | FetchMedia | TellRead | TellReaction | TellBlock | Wake


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one fact comes to.

    `opened` is a conversation that begins now; `changes` alter it, or the scene's one. `entries`
    are new or changed rows, whole. `customer` is the customer as it is from now on. `other` is the
    scene's other conversation, changed. With a `problem` nothing else counts.
    """

    opened: Conversation | None = None
    changes: tuple[Change, ...] = ()
    entries: tuple[Entry, ...] = ()
    wishes: tuple[Wish, ...] = ()
    customer: Customer | None = None
    links: tuple[Identity, ...] = ()
    """Identities that belong to the scene's customer from now on."""
    other: Conversation | None = None
    other_wishes: tuple[Wish, ...] = ()
    other_lines: tuple[Change, ...] = ()
    """What history tells of the other conversation besides."""
    other_customer: Customer | None = None
    move_thread: bool = False
    """The other conversation's entries move to the scene's thread (a merge)."""
    part_thread: ThreadId | None = None
    """What moved then goes back to this thread, which is the other customer's again."""
    pause: str = ""
    """Stop the thread's number, for this reason."""
    parked: bool = False
    """The fact speaks of something not known yet; keep it until it is."""
    problem: Problem | None = None
    said: str = ""


NOTHING = Outcome()
