"""Folds changes into a conversation and ranks the result at once, so that a place in the queue can
never lag behind what put it there."""

from typing import Any

from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.outcome import Change
from wainbox_relay.domain.rules.rank import sort_key


def evolve(conversation: Conversation, changes: tuple[Change, ...]) -> Conversation:
    """The conversation after the changes, one version on. What can be undone ends here, unless one
    of the changes says otherwise."""
    altered: dict[str, Any] = {"undo": None, "version": conversation.version + 1}
    for change in changes:
        altered.update(change.alters)
    changed = replace(conversation, **altered)
    return replace(changed, sort_key=sort_key(changed))
