"""How a conversation ends, and whether a new message wakes it or begins another
(`docs/design.md` section 4)."""

import re
from typing import Literal

from wainbox_relay.contract.content import Answer, Content, Text
from wainbox_relay.contract.vocabulary import DAY, AgentId, Direction, Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, LastMessage, Policy
from wainbox_relay.domain.rules import rating
from wainbox_relay.domain.rules.attention import PREVIEW, flagged
from wainbox_relay.domain.rules.courtesy import Courtesies

NAMED_WITHIN = 30 * DAY
"""How long naming its own reference brings a conversation back."""

MOST_NAMED = 3

_PASSING = (
    Flag.DELIVERY_TROUBLE,
    Flag.UNCONFIRMED,
    Flag.STANDBY,
    Flag.PHONE,
    Flag.REOPENED,
    Flag.LATE,
    Flag.WOKE,
    Flag.THANKS,
    Flag.RETURNED,
    Flag.DROPPED,
    Flag.HANDED_OVER,
    Flag.PENDING,
    Flag.URGENT,
    Flag.SLA_AT_RISK,
    Flag.WINDOW_SHUT,
    Flag.WINDOW_SHUTS,
)
"""Flags that ask for attention. The others say what the conversation is, and stay."""

_REF = re.compile(r"\bW-(\d{1,15})\b", re.IGNORECASE)

Return = Literal["late", "came back"]


def resolved(conversation: Conversation, resolver: AgentId | None, now: Moment) -> Conversation:
    """Closed: nobody's load any more, but it is remembered whose it was."""
    return replace(
        flagged(conversation, drop=_PASSING),
        status=Status.RESOLVED,
        resolver=resolver,
        resolved_at=now,
        assignee=None,
        last_owner=conversation.assignee or resolver or conversation.last_owner,
        waiting_since=None,
        unread=0,
        undelivered=0,
        snoozed_until=None,
        resolve_when_sent=False,
    )


def spam(conversation: Conversation, agent: AgentId, now: Moment, *flags: Flag) -> Conversation:
    """Closed for good."""
    closed = conversation if conversation.resolved else resolved(conversation, agent, now)
    return replace(flagged(closed, add=(Flag.SPAM, *flags)), spam=True)


def reopened(conversation: Conversation) -> Conversation:
    """Open, whatever it was; what had ended by itself has not ended any more."""
    if conversation.status is Status.OPEN and not conversation.resolve_when_sent:
        return conversation
    return replace(
        flagged(conversation, drop=(Flag.AUTO, Flag.SPAM)),
        status=Status.OPEN,
        resolved_at=None,
        snoozed_until=None,
        resolve_when_sent=False,
        spam=False,
    )


def harmless(content: Content, conversation: Conversation | None, policy: Policy) -> bool:
    """Whether a message is nothing but thanks or stars, and no answer to a question of ours."""
    if rating.chosen(content) is not None:
        return True
    if policy.courtesies is None or not isinstance(content, Text):
        return False
    if conversation is not None and asks(conversation.last, policy.courtesies):
        return False
    over = conversation is None or conversation.resolved
    return policy.courtesies.needs_no_answer(content.body, over=over)


def asks(last: LastMessage | None, courtesies: Courtesies) -> bool:
    """Whether the last line is a person's question of ours, so that a kind word may answer it. Of a
    message too long to be remembered whole nobody can tell."""
    if last is None or last.direction is not Direction.OUT or not last.author:
        return False
    return len(last.text) >= PREVIEW or courtesies.ends_in_question(last.text)


def opts_out(content: Content, policy: Policy) -> bool:
    """Whether the customer wants no more advertising, by a word or a campaign's button."""
    if policy.courtesies is None or not isinstance(content, Text | Answer):
        return False
    return policy.courtesies.wants_no_more(content.preview())


def returns(
    conversation: Conversation, content: Content, at: Moment, arrived_at: Moment, policy: Policy
) -> Return | None:
    """Whether a customer's message belongs to this resolved conversation: it was under way when we
    resolved, comes soon after, or names the reference. None: it begins a new one."""
    ended = conversation.resolved_at
    imported = Flag.IMPORTED in conversation.flags
    if ended is None or imported or conversation.merged_into is not None:
        return None
    if at < ended:
        return "late"
    since = arrived_at - ended
    if since <= policy.reopen_window:
        return "came back"
    return "came back" if since <= NAMED_WITHIN and conversation.ref in named(content) else None


def named(content: Content) -> tuple[int, ...]:
    """The references that a message names, the first few of them."""
    text = content.preview()
    found = _REF.findall(text) if "-" in text else ()
    return tuple(map(int, found[:MOST_NAMED]))
