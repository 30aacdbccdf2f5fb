"""How conversations begin, and where is kept what begins none (`docs/design.md` section 4)."""

from wainbox_relay.contract.vocabulary import Direction, Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, Entry, Scene
from wainbox_relay.domain.outcome import WHATSAPP, Opened, Outcome
from wainbox_relay.domain.rules import attention
from wainbox_relay.domain.rules.history import told


def outbound(scene: Scene, now: Moment) -> Conversation:
    """One that we begin: it is the customer's turn from the start."""
    fresh = replace(conversation(scene, now), status=Status.WAITING)
    return attention.flagged(fresh, add=(Flag.OUTBOUND,), drop=(Flag.FOLLOW_UP,))


def conversation(scene: Scene, at: Moment) -> Conversation:
    """A new, unowned one, in the queue of the number's team. It follows the thread's last one."""
    before = _followed(scene)
    number = scene.desk.numbers.get(scene.thread.number)
    flags = doubts(scene)
    if scene.thread.group:
        flags |= {Flag.GROUP}
    if before is not None:
        flags |= {Flag.FOLLOW_UP}
    carried = scene.conversation
    return Conversation(
        id=scene.fresh.conversation,
        ref=scene.fresh.ref,
        number=scene.thread.number,
        thread=scene.thread.id,
        customer=scene.thread.customer,
        opened_at=at,
        flags=flags,
        language=scene.customer.language if scene.customer and scene.thread.customer else "",
        team=number.team if number else None,
        last_owner=before.last_owner if before else None,
        last_in_at=carried.last_in_at if carried else None,
        last_in=carried.last_in if carried else None,
        last_in_wamid=carried.last_in_wamid if carried else None,
        phone_said=carried.phone_said if carried else "",
        spoken_at=carried.spoken_at if carried else None,
        greeted=carried.greeted if carried else None,
    )


def doubts(scene: Scene) -> frozenset[Flag]:
    """What agents must know of the customer before they answer."""
    customer = scene.customer if scene.thread.customer else None
    return attention.about_customer(customer) if customer else frozenset()


def _followed(scene: Scene) -> Conversation | None:
    """What was only imported, or merged away, is nothing to come back from."""
    before = scene.conversation
    if before is None or Flag.IMPORTED in before.flags or before.merged_into is not None:
        return None
    return before


def opened(scene: Scene, fresh: Conversation, entry: Entry, actor: str) -> Outcome:
    """The outcome that begins `fresh` with `entry` in it."""
    before = _followed(scene)
    return Outcome(
        opened=fresh,
        changes=(Opened(actor=actor, follows=before.id if before else None),),
        entries=(replace(entry, conversation=fresh.id),),
    )


def put_by(scene: Scene, entry: Entry) -> Outcome:
    """Kept without asking for anybody: in the thread's last conversation, else in a resolved one
    that no message brings back."""
    before = scene.conversation
    if before is None:
        fresh = replace(conversation(scene, entry.at), status=Status.RESOLVED)
        archive = attention.flagged(replace(fresh, resolved_at=entry.at), add=(Flag.IMPORTED,))
        return opened(scene, _remembers(archive, entry), entry, WHATSAPP)
    return Outcome(
        changes=told(before, _remembers(before, entry), actor=WHATSAPP), entries=(entry,)
    )


def _remembers(archive: Conversation, entry: Entry) -> Conversation:
    if entry.direction is Direction.IN:
        return attention.noted(archive, entry)
    return attention.with_last(archive, entry)
