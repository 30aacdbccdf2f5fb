"""What Wainbox says by itself (`docs/design.md` section 5).

No human answer: it ends nobody's wait, gives nobody the work, and asks nobody when it fails or its
fate is unknown. It is tried once and never repeated after a doubt.
"""

from collections.abc import Mapping

from wainbox_relay.contract.content import Content, Text
from wainbox_relay.contract.vocabulary import Delivery, Direction, EntryId, Moment, Sid
from wainbox_relay.domain.model import Conversation, Customer, Entry, Scene
from wainbox_relay.domain.outcome import Send
from wainbox_relay.domain.rules import closed, variables
from wainbox_relay.domain.rules.calendar import Calendar
from wainbox_relay.domain.rules.language import spoken
from wainbox_relay.domain.rules.texts import Texts
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


def tells(turned: Turned, scene: Scene, name: str, auto: str, now: Moment) -> Turned:
    """Says one of our texts."""
    texts = scene.desk.policy.texts
    if texts is None:
        return turned
    body = worded(texts, name, turned.after, turned.customer, scene, now)
    return says(turned, scene, Text(body=body), auto, now)


def worded(
    texts: Texts,
    name: str,
    conversation: Conversation,
    customer: Customer | None,
    scene: Scene,
    now: Moment,
) -> str:
    """One of our texts in the customer's language."""
    tongue = language(conversation, scene)
    number = scene.desk.numbers.get(conversation.number)
    known: Mapping[str, str] = variables.values(conversation, customer, number)
    if (hours := calendar(scene)) is not None:
        known = {**known, **closed.values(hours, texts.dates_in(tongue), now)}
    return texts.say(name, tongue, known)


def language(conversation: Conversation, scene: Scene) -> str:
    """The language we speak by ourselves: the customer's as far as we can tell, else the
    number's."""
    number = scene.desk.numbers.get(conversation.number)
    phone = scene.customer.phone if scene.customer else ""
    return spoken(conversation, phone, number.language if number else "")


def calendar(scene: Scene) -> Calendar | None:
    """The hours of the scene's number; None is open round the clock."""
    number = scene.desk.numbers.get(scene.thread.number)
    return scene.desk.policy.calendars.get(number.calendar) if number else None


def closed_text(scene: Scene, now: Moment) -> str:
    """Which text says that we are closed: one names the opening, the other does where there is
    none in sight."""
    hours = calendar(scene)
    return "closed" if hours is not None and hours.opens(now) is not None else "closed_for_long"
