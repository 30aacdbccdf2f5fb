"""Folds changes into a conversation and ranks the result at once, so that a place in the queue can
never lag behind what put it there."""

from dataclasses import replace

from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.outcome import Change
from wainbox_relay.domain.rules.rank import sort_key


def evolve(conversation: Conversation, changes: tuple[Change, ...]) -> Conversation:
    """The conversation after the changes, one version on. What can be undone ends here, unless one
    of the changes says otherwise."""
    altered: dict[str, object] = {"undo": None}
    for change in changes:
        altered.update(change.alters)
    changed = replace(conversation, version=conversation.version + 1, **altered)  # type: ignore[arg-type]  # fields by name
    return replace(changed, sort_key=sort_key(changed))
