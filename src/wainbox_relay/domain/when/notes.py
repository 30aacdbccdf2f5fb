"""A note for the team, behind everything the thread shows (`docs/design.md` section 4)."""

from wainbox_relay.contract.content import Note
from wainbox_relay.contract.vocabulary import Direction, Moment
from wainbox_relay.domain.model import Conversation, Entry, Scene


def note(
    body: str,
    conversation: Conversation,
    scene: Scene,
    now: Moment,
    *,
    author: str = "",
    auto: str = "",
) -> Entry:
    """Written by an agent, or (`auto`) by ourselves."""
    newest = conversation.last.at + 1 if conversation.last else now
    return Entry(
        id=scene.fresh.entry,
        thread=scene.thread.id,
        conversation=conversation.id,
        number=conversation.number,
        direction=Direction.NOTE,
        content=Note(body=body),
        at=Moment(max(now, newest)),
        arrived_at=now,
        author=author,
        auto=auto,
    )
