"""Whose turn it is and what has not been answered (`docs/design.md` section 4).

Attention counts from arrival: a message that WhatsApp brought late was not seen before it came.
What is newest, and the window, count by WhatsApp's timestamp with the message id as tie-break, so
that they come out the same in whatever order messages arrive.
"""

from collections.abc import Iterable

from wainbox_relay.contract.vocabulary import Delivery, Direction, Flag, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, Customer, Entry, LastMessage
from wainbox_relay.domain.outcome import PHONE
from wainbox_relay.domain.rules.delivery import PENDING

PREVIEW = 300
"""Characters of the last message that a conversation remembers."""


def flagged(
    conversation: Conversation, add: Iterable[Flag] = (), drop: Iterable[Flag] = ()
) -> Conversation:
    flags = conversation.flags.difference(drop).union(add)
    return conversation if flags == conversation.flags else replace(conversation, flags=flags)


def about_customer(customer: Customer) -> frozenset[Flag]:
    """Doubts about who the person is."""
    doubts = {
        Flag.SAME_PERSON: customer.same_as is not None,
        Flag.NUMBER_REUSED: customer.number_reused,
    }
    return frozenset(flag for flag, holds in doubts.items() if holds)


def with_last(conversation: Conversation, entry: Entry) -> Conversation:
    """The newest message is this one, unless there is a newer one. A customer's words stay it when
    only Wainbox has answered them: they are what people look for."""
    newest = _newest(conversation, entry)
    return conversation if newest == conversation.last else replace(conversation, last=newest)


def _newest(conversation: Conversation, entry: Entry) -> LastMessage | None:
    last = conversation.last
    if entry.direction not in (Direction.IN, Direction.OUT):
        return last
    if last is not None and last.id != entry.id:
        unanswered = entry.auto and last.direction is Direction.IN
        if unanswered or _place(entry) < (last.at, last.wamid):
            return last
    return LastMessage(
        id=entry.id,
        at=entry.at,
        direction=entry.direction,
        kind=entry.content.kind,
        text=entry.content.preview()[:PREVIEW],
        author=entry.author,
        delivery=entry.delivery,
        wamid=entry.wamid or "",
    )


def noted(conversation: Conversation, entry: Entry) -> Conversation:
    """A customer's message is here: the newest message, the window. Nobody's turn changes."""
    newer = _place(entry) > (conversation.last_in_at or 0, conversation.last_in_wamid or "")
    return replace(
        conversation,
        last=_newest(conversation, entry),
        last_in_at=entry.at if newer else conversation.last_in_at,
        last_in_wamid=entry.wamid if newer else conversation.last_in_wamid,
    )


_ANSWERABLE = (Flag.DELIVERY_TROUBLE, Flag.WOKE, Flag.THANKS, Flag.WINDOW_SHUT)
"""What no longer holds once the customer speaks."""


def thanked(conversation: Conversation, entry: Entry) -> Conversation:
    """Nothing but thanks came: nobody's turn, and behind all that waits."""
    return flagged(noted(conversation, entry), add=(Flag.THANKS,), drop=(Flag.WINDOW_SHUT,))


def heard(conversation: Conversation, entry: Entry) -> Conversation:
    """A customer's message that wants an answer: our turn, since it or an earlier one came."""
    since = conversation.waiting_since
    quieter = flagged(noted(conversation, entry), drop=_ANSWERABLE)
    return replace(
        quieter,
        waiting_since=entry.arrived_at if since is None else min(since, entry.arrived_at),
        unread=conversation.unread + 1,
        last_in=entry.id,
        undelivered=0,
        resolve_when_sent=False,
    )


def seen_on_phone(conversation: Conversation, entry: Entry) -> bool:
    """Whether our newer answer from the phone already stands: it was written with this in view."""
    last = conversation.last
    return last is not None and last.author == PHONE and _place(entry) < (last.at, last.wamid)


def wrote_since(conversation: Conversation, entry: Entry) -> bool:
    """Whether the customer has spoken after we wrote this, so that it answers only what was before.
    The phone shows everything in time; what we send from here answers what had arrived."""
    if entry.author == PHONE:
        newest = (conversation.last_in_at or 0, conversation.last_in_wamid or "")
        return _place(entry) < newest
    return conversation.last_in is not None and conversation.last_in > entry.id


def answered(conversation: Conversation, entry: Entry) -> Conversation:
    """A human's message counts as sent: the wait is over, or begins again where the customer spoke
    after it was written."""
    calmer = flagged(conversation, drop=(Flag.LATE, Flag.WOKE, Flag.THANKS, Flag.STANDBY))
    if not wrote_since(conversation, entry):
        return replace(calmer, waiting_since=None, unread=0)
    since = conversation.waiting_since
    if since is None or entry.author == PHONE:
        return calmer
    return replace(calmer, waiting_since=max(since, entry.arrived_at), unread=1)


def answer_lost(conversation: Conversation, entry: Entry) -> Conversation:
    """The answer did not arrive after all: the wait is back where it began."""
    since = conversation.waiting_since
    if entry.cleared is None:
        return conversation
    began = entry.cleared if since is None else min(since, entry.cleared)
    return replace(conversation, waiting_since=began, unread=max(conversation.unread, 1))


def counted(
    conversation: Conversation, was: Delivery | None, is_now: Delivery | None
) -> Conversation:
    """The counters of unsent, doubtful and failed messages after one has moved on."""
    sending = conversation.sending - (was in PENDING) + (is_now in PENDING)
    doubtful = _step(conversation.unconfirmed, was, is_now, Delivery.UNCONFIRMED)
    failed = _step(conversation.undelivered, was, is_now, Delivery.FAILED)
    signs = {Flag.UNCONFIRMED: doubtful, Flag.DELIVERY_TROUBLE: failed}
    up = [flag for flag, count in signs.items() if count]
    down = [flag for flag, count in signs.items() if not count]
    return replace(
        flagged(conversation, up, down),
        sending=max(sending, 0),
        unconfirmed=doubtful,
        undelivered=failed,
    )


def _step(count: int, was: Delivery | None, is_now: Delivery | None, state: Delivery) -> int:
    return max(count - (was is state) + (is_now is state), 0)


def _place(entry: Entry) -> tuple[Moment, str]:
    return entry.at, entry.wamid or ""
