"""Folds changes into a conversation and ranks the result at once, so that a place in the queue can
never lag behind what put it there."""

from dataclasses import fields
from operator import attrgetter

from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.outcome import Change
from wainbox_relay.domain.rules.rank import sort_key

_FIELDS = tuple(field.name for field in fields(Conversation))
_values = attrgetter(*_FIELDS)


def evolve(conversation: Conversation, changes: tuple[Change, ...]) -> Conversation:
    """The conversation after the changes, one version on. What can be undone ends here, unless one
    of the changes says otherwise."""
    altered: dict[str, object] = {"undo": None, "version": conversation.version + 1}
    for change in changes:
        altered.update(change.alters)
    changed = _with(conversation, altered)
    return _with(changed, {"sort_key": sort_key(changed)})


def _with(conversation: Conversation, altered: dict[str, object]) -> Conversation:
    """What `dataclasses.replace` does, in a third of its time: every fact passes here."""
    values = dict(zip(_FIELDS, _values(conversation), strict=True))
    values.update(altered)
    return Conversation(**values)
