"""What Wainbox says by itself (`docs/design.md` section 5).

No human answer: it ends nobody's wait, gives nobody the work, and asks nobody when it fails or its
fate is unknown. It is tried once and never repeated after a doubt.
"""

from wainbox_relay.contract.content import Content
from wainbox_relay.contract.vocabulary import Delivery, Direction, EntryId, Moment, Sid
from wainbox_relay.domain.model import Conversation, Entry, Scene
from wainbox_relay.domain.outcome import Send
from wainbox_relay.domain.when.turned import Turned


def entry(
    new: EntryId, conversation: Conversation, content: Content, auto: str, now: Moment
) -> Entry:
    """The message, placed behind everything the thread shows. `auto` names what made it."""
    newest = conversation.last.at + 1 if conversation.last else now
    return Entry(
        id=new,
        thread=conversation.thread,
        conversation=conversation.id,
        number=conversation.number,
        direction=Direction.OUT,
        content=content,
        at=Moment(max(now, newest)),
        arrived_at=now,
        sid=sid(new),
        delivery=Delivery.QUEUED,
        delivery_at=now,
        auto=auto,
    )


def sid(new: EntryId) -> Sid:
    """Nobody asked for the send, so its id is made of the entry's."""
    return Sid(f"{new:032x}")


def says(turned: Turned, scene: Scene, content: Content, auto: str, now: Moment) -> Turned:
    """The message is on its way. One fact makes no more of them than ids were set aside for."""
    if len(turned.entries) == len(scene.fresh.replies):
        return turned
    new = scene.fresh.replies[len(turned.entries)]
    message = entry(new, turned.after, content, auto, now)
    return turned.to(turned.after, entries=(message,), wishes=(Send(sid(new), now),))
