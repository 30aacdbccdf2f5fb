"""Everything an agent can do here: one registry, from which keys, palette, command line, help and
`docs/keys.md` are made. An action either builds a command for the relay or names something the
screen does by itself (`local`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from wainbox_relay.contract.vocabulary import (
    AgentId,
    Delivery,
    Direction,
    Flag,
    Role,
    Status,
    TeamId,
)
from wainbox_tui.people import unacknowledged

if TYPE_CHECKING:
    from wainbox_relay.contract.commands import Command
    from wainbox_relay.contract.views import Card, Entry
    from wainbox_tui.state import DeskState


class Where(StrEnum):
    QUEUE = "queue"
    THREAD = "thread"
    ANYWHERE = "anywhere"


class Asks(StrEnum):
    """What an action still needs to be told, and so which picker or line comes up."""

    WHOM = "whom"
    TAG = "tag"
    PRIORITY = "priority"
    LANGUAGE = "language"
    MOMENT = "moment"
    FILTER = "filter"
    SEARCH = "search"
    REF = "ref"
    EMOJI = "emoji"
    FILE = "file"
    TEMPLATE = "template"
    CANNED = "canned"
    REPLY_NAME = "reply_name"
    REASON = "reason"
    PRESENCE = "presence"
    NOTE = "note"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Context:
    """What an action is done to: the conversation under the hand, the message under the hand if
    one is, and what the terminal knows. `moment` is what a typed time was read as."""

    state: "DeskState"
    card: "Card | None" = None
    entry: "Entry | None" = None
    moment: datetime | None = None
    sure: bool = False


Build = Callable[[Context, str], "Command"]
Able = Callable[[Context], str]


@dataclass(frozen=True, slots=True)
class Action:
    """`key` is the default; `also` are aliases that need shift or punctuation. `line` is its name
    on the command line, the id when empty. `able` says why it cannot be done, or nothing."""

    id: str
    title: str
    key: str = ""
    also: tuple[str, ...] = ()
    where: Where = Where.ANYWHERE
    asks: Asks | None = None
    build: Build | None = None
    able: Able | None = None
    role: Role = Role.AGENT
    line: str = ""
    group: str = "act"
    then: str = ""
    """An action to go on with once the conversation is open."""

    @property
    def local(self) -> bool:
        return self.build is None

    def refused(self, context: Context) -> str:
        """Why it cannot be done now, as a sentence; empty when it can."""
        me = context.state.me
        if me is not None and _RANK[me.role] < _RANK[self.role]:
            return f"Only a {self.role} can do that."
        if self.build is not None and context.card is None:
            return "Choose a conversation first."
        return self.able(context) if self.able else ""


_RANK = {Role.VIEWER: 0, Role.AGENT: 1, Role.LEAD: 2, Role.ADMIN: 3}


# -- what commands are built from ---------------------------------------------------------------


def _claim(context: Context, _: str) -> "Command":
    from wainbox_relay.contract.commands import Acknowledge, Claim

    card = context.card
    if unacknowledged(card):
        return Acknowledge()
    held = card is not None and card.assignee is not None
    return Claim(take_over=held and context.sure)


def _release(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import Release

    return Release()


def _escalate(context: Context, reason: str) -> "Command":
    from wainbox_relay.contract.commands import Escalate

    return Escalate(reason=reason, sure=context.sure)


def _ack(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import Acknowledge

    return Acknowledge()


def _assign(context: Context, whom: str) -> "Command":
    from wainbox_relay.contract.commands import Assign

    name = whom.lstrip("@").lower()
    if name in context.state.agents:
        return Assign(agent=AgentId(name))
    return Assign(team=TeamId(whom.lstrip("@")))


def _tag(_: Context, words: str) -> "Command":
    from wainbox_relay.contract.commands import SetTags

    tags = words.replace(",", " ").split()
    return SetTags(
        add=tuple(tag for tag in tags if not tag.startswith("-")),
        remove=tuple(tag[1:] for tag in tags if tag.startswith("-")),
    )


def _customer_tag(context: Context, words: str) -> "Command":
    command = _tag(context, words)
    return command.model_copy(update={"customer": True})


def _priority(_: Context, word: str) -> "Command":
    from wainbox_relay.contract.commands import SetPriority
    from wainbox_relay.contract.vocabulary import Priority

    return SetPriority(priority=Priority(word))


def _language(_: Context, word: str) -> "Command":
    from wainbox_relay.contract.commands import SetLanguage

    return SetLanguage(language=word)


def _manager(context: Context, whom: str) -> "Command":
    from wainbox_relay.contract.commands import SetManager

    name = whom.lstrip("@").lower()
    if name not in context.state.agents:
        raise ValueError(f"There is no agent called {name}.")
    return SetManager(agent=AgentId(name))


def _vip(context: Context, _: str) -> "Command":
    from wainbox_relay.contract.commands import SetVip

    return SetVip(vip=not (context.card is not None and context.card.customer.vip))


def _complex(_: Context, reason: str) -> "Command":
    from wainbox_relay.contract.commands import SetComplex

    return SetComplex(reason=reason)


def _standard(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import SetComplex

    return SetComplex(complex=False)


def _open(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import Reopen

    return Reopen()


def _wait(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import Wait

    return Wait()


def _snooze(context: Context, _: str) -> "Command":
    from wainbox_relay.contract.commands import Snooze

    if context.moment is None:
        raise ValueError("Say until when, for example 2h, tomorrow 9 or sunday.")
    return Snooze(until=context.moment, sure=context.sure)


def _resolve(context: Context, outcome: str) -> "Command":
    from wainbox_relay.contract.commands import Resolve

    return Resolve(sure=context.sure, outcome=outcome)


def _undo(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import Undo

    return Undo()


def _spam(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import MarkSpam

    return MarkSpam()


def _unblock(_: Context, __: str) -> "Command":
    from wainbox_relay.contract.commands import Unblock

    return Unblock()


def _merge(_: Context, ref: str) -> "Command":
    from wainbox_relay.contract.commands import MergeCustomer

    return MergeCustomer(other=ref)


def _note(_: Context, body: str) -> "Command":
    from wainbox_relay.contract.commands import WriteNote

    return WriteNote(body=body)


def _react(context: Context, emoji: str) -> "Command":
    from wainbox_relay.contract.commands import React

    if context.entry is None:
        raise ValueError("Choose one of the customer's messages first.")
    return React(entry=context.entry.id, emoji=emoji)


# -- what must hold -----------------------------------------------------------------------------


def _their_message(context: Context) -> str:
    entry = context.entry
    if entry is not None and entry.direction is Direction.IN:
        return ""
    return "Choose one of the customer's messages first (k moves up)."


def _media(context: Context) -> str:
    if context.entry is not None and context.entry.media is not None:
        return ""
    return "Choose a message with a file first (k moves up)."


def _unresolved(context: Context) -> str:
    card = context.card
    return "It is resolved already." if card and card.status is Status.RESOLVED else ""


def _may_write(context: Context) -> str:
    if context.card is None:
        return "Choose a conversation first."
    return "They are blocked already." if Flag.BLOCKED in context.card.flags else ""


def _blocked(context: Context) -> str:
    return "" if _may_write(context) else "They are not blocked."


def _doubtful(context: Context) -> str:
    entry = context.entry
    if entry is not None and entry.delivery in {Delivery.UNCONFIRMED, Delivery.FAILED}:
        return "" if entry.author else "Wainbox said this by itself, and says it only once."
    return "That is for a message that is unconfirmed or failed."


ACTIONS: tuple[Action, ...] = (
    Action("down", "move down", "j", ("down",), group="move"),
    Action("up", "move up", "k", ("up",), group="move"),
    Action("open", "open", "enter", ("l", "right"), where=Where.QUEUE, group="move"),
    Action("back", "back", "q", ("h", "left", "escape"), group="move"),
    Action("page_down", "page down", "pagedown", ("ctrl+d",), group="move"),
    Action("page_up", "page up", "pageup", ("ctrl+u",), group="move"),
    Action("next", "next that needs me", "n", group="move"),
    Action("last_view", "the view before", "-", group="move"),
    Action("reply", "reply", "r", then="reply"),
    Action("note", "note for the team", "m", asks=Asks.NOTE, build=_note, then="note"),
    Action("claim", "claim", "c", ("C",), build=_claim),
    Action("assign", "assign", "a", ("A",), asks=Asks.WHOM, build=_assign),
    Action("release", "release", build=_release),
    Action("pull", "pull the most pressing one"),
    Action("presence", "online, busy, on break or away", asks=Asks.PRESENCE),
    Action("escalate", "escalate", "e", build=_escalate, able=_unresolved),
    Action("ack", "take an escalation", build=_ack),
    Action("status", "status", "s", group="act"),
    Action("reopen", "open again", build=_open, line="open"),
    Action("wait", "on customer", build=_wait, line="on-customer", able=_unresolved),
    Action("snooze", "snooze", "z", asks=Asks.MOMENT, build=_snooze, able=_unresolved),
    Action("resolve", "resolve", build=_resolve, able=_unresolved),
    Action("undo", "undo", "u", build=_undo),
    Action("tag", "tag", "t", asks=Asks.TAG, build=_tag),
    Action("tag_customer", "tag the customer", asks=Asks.TAG, build=_customer_tag),
    Action("priority", "priority", asks=Asks.PRIORITY, build=_priority),
    Action("language", "language", asks=Asks.LANGUAGE, build=_language),
    Action("vip", "vip on or off", build=_vip),
    Action("manager", "account manager", asks=Asks.WHOM, build=_manager, role=Role.LEAD),
    Action("complex", "complex: give it more time", asks=Asks.REASON, build=_complex),
    Action("standard", "not complex after all", build=_standard),
    Action(
        "react", "react", asks=Asks.EMOJI, build=_react, able=_their_message, where=Where.THREAD
    ),
    Action("doubt", "decide about a send", where=Where.THREAD, asks=Asks.DOUBT, able=_doubtful),
    Action("media", "open or save the file", "v", where=Where.THREAD, able=_media),
    Action("attach", "send a file", asks=Asks.FILE, where=Where.THREAD),
    Action("canned", "canned replies and templates", asks=Asks.CANNED),
    Action("template", "send a template", asks=Asks.TEMPLATE),
    Action("new_reply", "new canned reply from this text", asks=Asks.REPLY_NAME, role=Role.LEAD),
    Action("edit_reply", "edit a canned reply", role=Role.LEAD),
    Action("send_menu", "other ways to send", where=Where.THREAD),
    Action("editor", "write in your editor", where=Where.THREAD),
    Action("info", "customer", "i"),
    Action("why", "why it is where it is", "w"),
    Action("rota", "who is on call"),
    Action("swap", "give or exchange a shift on call"),
    Action("agent", "an agent's role, teams, skills and access", role=Role.LEAD),
    Action("team", "open or close a team", role=Role.LEAD),
    Action("shift", "who works when", role=Role.LEAD),
    Action("copy", "copy", "y"),
    Action("link", "show the link", "o", where=Where.THREAD),
    Action("merge", "same person as", asks=Asks.REF, build=_merge),
    Action("spam", "mark as spam", build=_spam),
    Action("block", "block this customer", asks=Asks.REASON, able=_may_write),
    Action("unblock", "unblock this customer", build=_unblock, able=_blocked),
    Action("bulk", "change all shown", role=Role.LEAD),
    Action("bulk_undo", "take the last order for all back", role=Role.LEAD),
    Action("filter", "filter", "f", ("/",), asks=Asks.FILTER, group="find"),
    Action("search", "search all messages", asks=Asks.SEARCH, group="find"),
    Action("goto", "open by reference", asks=Asks.REF, group="find"),
    Action("palette", "palette", "p", (":", "ctrl+p"), group="find"),
    Action("help", "keys", "?", ("f1",), group="find"),
    Action("go", "go to", "g", group="find"),
    Action("theme", "next theme", group="screen"),
    Action("bidi", "how Arabic is drawn", group="screen"),
    Action("redraw", "draw again", "ctrl+l", group="screen"),
    Action("quit", "leave", "ctrl+q", group="screen", role=Role.VIEWER),
    Action("view_mine", "mine", group="go"),
    Action("view_unassigned", "unassigned", group="go"),
    Action("view_team", "my team", group="go"),
    Action("view_after_hours", "after hours", group="go"),
    Action("view_at_risk", "late or at risk", group="go"),
    Action("view_closing", "closing tonight", group="go"),
    Action("view_customer", "on customer", group="go"),
    Action("view_snoozed", "snoozed", group="go"),
    Action("view_resolved", "resolved", group="go"),
    Action("view_spam", "spam", group="go"),
    Action("view_oncall", "on call", group="go"),
    Action("view_mentions", "mentions", group="go"),
    Action("view_all", "all", group="go"),
    Action("view_drafts", "drafts", group="go"),
    Action("lead", "the team and the pool", group="go"),
    Action("top", "top", "home", group="go"),
    Action("end", "end", "end", group="go"),
    Action("show_new", "show new", group="go"),
)
BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}

LOOKING = frozenset(
    action.id for action in ACTIONS if action.group in {"move", "find", "go", "screen"}
) | {"info", "why", "rota"}
"""What a viewer may do too."""

GO: dict[str, str] = {
    "m": "view_mine",
    "u": "view_unassigned",
    "t": "view_team",
    "p": "view_after_hours",
    "r": "view_at_risk",
    "c": "view_closing",
    "w": "view_customer",
    "z": "view_snoozed",
    "d": "view_resolved",
    "o": "view_oncall",
    "i": "view_mentions",
    "a": "view_all",
    "f": "view_drafts",
    "l": "lead",
    "g": "top",
    "e": "end",
    "n": "show_new",
}
"""What follows `g`."""

STATUS: dict[str, str] = {"o": "reopen", "w": "wait", "z": "snooze", "d": "resolve"}
"""What follows `s`."""


def by_line(word: str) -> Action | None:
    """The action a command line begins with."""
    for action in ACTIONS:
        if word in {action.line or action.id, action.id}:
            return action
    return None
