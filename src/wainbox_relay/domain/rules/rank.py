"""A conversation's place in the queue, packed into one integer (`docs/design.md` section 4).

63 bits, smaller is more pressing: class 3 | priority 2 | due 29 | since 29. Times count units of
two seconds from 2026-01-01, which last until 2060. All parts are absolute: only facts move a row.
"""

from wainbox_relay.contract.vocabulary import (
    SECOND,
    Flag,
    Moment,
    Priority,
    Standing,
    Status,
)
from wainbox_relay.domain.model import Conversation

EPOCH = 1_767_225_600 * SECOND
UNIT = 2 * SECOND
LATEST = (1 << 29) - 1
"""Stands for "no due time" and for anything beyond the scale."""

_PRIORITY = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}
_SNOOZED, _RESOLVED = 0, 1


def standing(conversation: Conversation) -> Standing:
    """The class: what cannot wait, whose turn, or asleep."""
    if conversation.status in (Status.SNOOZED, Status.RESOLVED):
        return Standing.ASLEEP
    flags = conversation.flags
    if Flag.ESCALATED in flags and Flag.ACKED not in flags:
        return Standing.ESCALATED
    if conversation.status is Status.BOT:
        return Standing.BOT
    if conversation.waiting_since is None:
        return Standing.THEIRS
    if Flag.PENDING in flags:
        return Standing.AFTER_HOURS
    if Flag.SLA_MISSED in flags and _is_late(conversation):
        return Standing.MISSED
    return Standing.AT_RISK if Flag.SLA_AT_RISK in flags else Standing.OURS


def _is_late(conversation: Conversation) -> bool:
    """Whether a promise that still runs was missed. The flag stays for good, as a record; an
    earlier turn's miss presses nobody any more."""
    return any(clock.missed and clock.since is not None for clock in conversation.clocks)


def sort_key(conversation: Conversation) -> int:
    """The packed key of a conversation as it stands."""
    group = standing(conversation)
    if group is Standing.ASLEEP:
        return _asleep(conversation)
    newest = conversation.last.at if conversation.last else conversation.opened_at
    since = conversation.waiting_since or newest
    due = LATEST if group is Standing.THEIRS else _units(conversation.due)
    if group is Standing.THEIRS and Flag.THANKS in conversation.flags:
        # Nothing is owed here but the word "resolved": behind all that waits on customers.
        return _pack(group, _PRIORITY[Priority.LOW], LATEST, _units(since))
    return _pack(group, _PRIORITY[conversation.priority], due, _units(since))


def _asleep(conversation: Conversation) -> int:
    if conversation.status is Status.SNOOZED:
        return _pack(Standing.ASLEEP, _SNOOZED, _units(conversation.snoozed_until), 0)
    return _pack(Standing.ASLEEP, _RESOLVED, LATEST - _units(conversation.resolved_at), 0)


def _units(moment: Moment | None) -> int:
    if moment is None:
        return LATEST
    return min(max((moment - EPOCH) // UNIT, 0), LATEST)


def _pack(group: int, priority: int, due: int, since: int) -> int:
    return group << 60 | priority << 58 | due << 29 | since
