"""What an agent may ask. Each class is one order; the API takes their union, the rules match it.

Who may ask what: `docs/design.md` section 6. Text fields travel as typed.
"""

from datetime import datetime
from typing import Annotated, Literal

from wainbox_relay.contract.content import (
    Audio,
    Document,
    Image,
    TemplateFill,
    TemplateHeader,
    Text,
    Video,
    Voice,
)
from wainbox_relay.contract.models import BaseModel, ConfigDict, Field, StrictBool, TypeAdapter
from wainbox_relay.contract.vocabulary import AgentId, EntryId, Priority, Sid, TeamId

HexId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^\S+$")]

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Claim(_Command):
    """Take the conversation. Taking one that a colleague holds needs `take_over`."""

    do: Literal["claim"] = "claim"
    take_over: StrictBool = False


class Release(_Command):
    do: Literal["release"] = "release"


class Next(_Command):
    """Take it as the next one: refused above one's capacity, and where it asks for other skills."""

    do: Literal["next"] = "next"


class SetManager(_Command):
    """Give the customer an account manager of their own and a backup, or none."""

    do: Literal["manager"] = "manager"
    agent: AgentId | None = None
    backup: AgentId | None = None


class Assign(_Command):
    """Give to an agent, to a team (whose queue it joins), or to an agent within a team."""

    do: Literal["assign"] = "assign"
    agent: AgentId | None = None
    team: TeamId | None = None


Sendable = Annotated[Text | Image | Video | Audio | Voice | Document, Field(discriminator="kind")]


class Reply(_Command):
    """Send something to the customer. The command's id is the message's `sid`.

    `seen` is the newest entry the agent had on screen: if a colleague or the customer wrote after
    it, the send is refused with `newer_message` unless `anyway`; a text surely not in the
    customer's language with `other_language` unless `any_language`. `hold_ms` keeps the message
    back for taking back (at most 60,000). Files are named by an upload's `media_id`.
    """

    do: Literal["reply"] = "reply"
    content: Sendable
    quote: EntryId | None = None
    seen: EntryId | None = None
    anyway: StrictBool = False
    any_language: StrictBool = False
    hold_ms: int = Field(0, ge=0, le=60_000)
    then: Literal["waiting", "open", "resolved"] = "waiting"


class SendTemplate(_Command):
    """Send an approved template; the only thing WhatsApp lets through once the window is shut."""

    do: Literal["send_template"] = "send_template"
    name: str = Field(min_length=1, max_length=512)
    language: str = Field(min_length=2, max_length=15)
    variables: tuple[Annotated[str, Field(max_length=1024)], ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    header: TemplateHeader | None = None
    buttons: tuple[TemplateFill, ...] = Field((), max_length=10)
    hold_ms: int = Field(0, ge=0, le=60_000)
    then: Literal["waiting", "open", "resolved"] = "waiting"


class React(_Command):
    """Put an emoji on one of the customer's messages; empty takes ours off again."""

    do: Literal["react"] = "react"
    entry: EntryId
    emoji: str = Field("", max_length=32)


class SendNow(_Command):
    """Let a held message leave at once."""

    do: Literal["send_now"] = "send_now"
    sid: Sid


class Withdraw(_Command):
    """Take back a message that has not been handed to WhatsApp yet."""

    do: Literal["withdraw"] = "withdraw"
    sid: Sid


class Resend(_Command):
    """Try an unconfirmed or failed message again, knowing it may arrive twice. `after` is the
    number of the attempt the agent saw; a newer attempt refuses."""

    do: Literal["resend"] = "resend"
    sid: Sid
    after: int = Field(ge=1)


class MarkArrived(_Command):
    """Say that an unconfirmed message did arrive."""

    do: Literal["mark_arrived"] = "mark_arrived"
    sid: Sid


class Leave(_Command):
    """Leave an unconfirmed message as it is and stop asking."""

    do: Literal["leave"] = "leave"
    sid: Sid


class WriteNote(_Command):
    do: Literal["note"] = "note"
    body: str = Field(min_length=1, max_length=LONGEST_TEXT)


class SetTags(_Command):
    """Add and remove tags of the conversation, or of the customer when `customer`."""

    do: Literal["tag"] = "tag"
    add: tuple[Tag, ...] = ()
    remove: tuple[Tag, ...] = ()
    customer: StrictBool = False


class SetPriority(_Command):
    do: Literal["priority"] = "priority"
    priority: Priority


class SetLanguage(_Command):
    """Set the conversation's language by hand (`ar`, `ar-Latn`, `fr`, `en`...)."""

    do: Literal["language"] = "language"
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")


class SetVip(_Command):
    do: Literal["vip"] = "vip"
    vip: StrictBool


class SetComplex(_Command):
    """Give the case the time of a complex one, for a reason that is kept as a note; or the usual
    time again."""

    do: Literal["complex"] = "complex"
    complex: StrictBool = True
    reason: str = Field("", max_length=500)


class Reopen(_Command):
    do: Literal["open"] = "open"


class Wait(_Command):
    """Mark as on the customer; refused while the customer waits for us."""

    do: Literal["wait"] = "wait"


class Snooze(_Command):
    """Put aside until a moment. While it is our turn this must be said twice (`sure`)."""

    do: Literal["snooze"] = "snooze"
    until: datetime
    sure: StrictBool = False


class Resolve(_Command):
    """Close. While the customer spoke last this must be said twice (`sure`)."""

    do: Literal["resolve"] = "resolve"
    sure: StrictBool = False
    outcome: str = Field("", max_length=60)


class Escalate(_Command):
    """Ask for help that cannot wait: the leads see it first; while closed, whoever is on call is
    paged, and once more while nobody has it, the next one. Paging must be said twice (`sure`),
    since the first answer names whom it wakes."""

    do: Literal["escalate"] = "escalate"
    reason: str = Field("", max_length=200)
    sure: StrictBool = False


class Acknowledge(_Command):
    """Take an escalation: paging stops, and the conversation is the agent's."""

    do: Literal["ack"] = "ack"


class Undo(_Command):
    """Take back the last change of owner, status, tags or priority, or a merge in the case that
    goes on; within ten minutes and only where nothing happened since."""

    do: Literal["undo"] = "undo"


class MarkSpam(_Command):
    do: Literal["spam"] = "spam"


class Block(_Command):
    """Spam, and WhatsApp lets nothing of theirs through to this number any more. It takes only who
    wrote within 24 hours. The reason is kept as a note."""

    do: Literal["block"] = "block"
    reason: str = Field(min_length=1, max_length=500)


class Unblock(_Command):
    """They may write again."""

    do: Literal["unblock"] = "unblock"


class MergeCustomer(_Command):
    """Say that this customer and the one of another conversation are the same person."""

    do: Literal["merge"] = "merge"
    other: str = Field(description="The other conversation's reference, such as W-1042.")


class MarkRead(_Command):
    """Tell WhatsApp that the customer's messages were read (blue ticks)."""

    do: Literal["mark_read"] = "mark_read"


class Seen(_Command):
    """Read: the agent's own mention here is done with. Anything else they do here ends it too."""

    do: Literal["seen"] = "seen"


Command = Annotated[
    Claim
    | Next
    | SetManager
    | Release
    | Assign
    | Reply
    | SendTemplate
    | React
    | SendNow
    | Withdraw
    | Resend
    | MarkArrived
    | Leave
    | WriteNote
    | SetTags
    | SetPriority
    | SetLanguage
    | SetVip
    | SetComplex
    | Reopen
    | Wait
    | Snooze
    | Resolve
    | Escalate
    | Acknowledge
    | Undo
    | MarkSpam
    | Block
    | Unblock
    | MergeCustomer
    | MarkRead
    | Seen,
    Field(discriminator="do"),
]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


class Order(BaseModel):
    """One command for one conversation, as posted to `/api/v1/conversations/{ref}/commands`.

    `command_id` is made by the client and makes repeats harmless: the same id and body gives the
    same answer for 24 hours, the same id with another body is refused. With `version` the command
    only counts if the conversation is still at that version.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    command_id: HexId
    command: Command
    version: int | None = None


class Done(BaseModel):
    """The answer to an order, given after it is safely stored.

    `seq` is the event that shows the change; `entry` the message or note it made, if any; `said`
    a sentence worth telling the agent (for example "now 9 of 8"), else empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    ref: str
    seq: int
    version: int
    entry: EntryId | None = None
    said: str = ""


class TakeNext(BaseModel):
    """Take the most pressing conversation one can: `POST /api/v1/next`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    command_id: HexId


class NewConversation(BaseModel):
    """Write first to somebody, by template: `POST /api/v1/conversations`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    command_id: HexId
    number: str
    phone: str = Field(pattern=r"^\+[0-9]{6,15}$")
    template: SendTemplate
