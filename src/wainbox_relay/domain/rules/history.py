"""What history says of a change, read off the conversation before and after it."""

from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter

from wainbox_relay.contract.vocabulary import AgentId, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, UndoStep
from wainbox_relay.domain.outcome import WAINBOX, Assigned, Change, StatusChanged, Touched

_FOLDED = frozenset({"version", "sort_key"})
"""What `evolve` sets itself."""
_FIELDS = tuple(f.name for f in fields(Conversation) if f.name not in _FOLDED)
_values = attrgetter(*_FIELDS)


def difference(before: Conversation, after: Conversation) -> dict[str, object]:
    """The fields that differ, as they are after."""
    if before is after:
        return {}
    both = zip(_FIELDS, _values(before), _values(after), strict=True)
    return {name: new for name, old, new in both if new != old}


def told(
    before: Conversation, after: Conversation, *also: Change, actor: str = WAINBOX, why: str = ""
) -> tuple[Change, ...]:
    """All changes from `before` to `after`: the lines for history, `also` first, then the fields.
    Nothing when nothing changed."""
    altered = difference(before, after)
    if not altered and not also:
        return ()
    return (*also, *_lines(before, after, actor, why), Touched(actor=actor, alters=altered))


def _lines(before: Conversation, after: Conversation, actor: str, why: str) -> Iterator[Change]:
    if after.status is not before.status:
        yield StatusChanged(actor=actor, was=before.status, to=after.status, why=why)
    if (after.assignee, after.team) != (before.assignee, before.team):
        yield Assigned(
            actor=actor, was=before.assignee, agent=after.assignee, team=after.team, why=why
        )


def undoable(
    before: Conversation, after: Conversation, agent: AgentId, now: Moment, what: str
) -> Conversation:
    """`after`, with the way back to `before` for as long as nothing else happens."""
    back = way_back(before, after)
    return replace(after, undo=UndoStep(agent, now, before.version + 1, what, back))


def way_back(before: Conversation, after: Conversation) -> dict[str, object]:
    """The fields that an undo puts back. Who has looked at a case cannot be undone."""
    kept = difference(before, after).keys() - {"undo", "mentions"}
    return {name: getattr(before, name) for name in sorted(kept)}
