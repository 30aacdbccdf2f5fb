"""A customer wrote or called: whose turn is it, and in which conversation (`docs/design.md`
section 4)."""

from wainbox_relay.contract.content import MEDIA, Call, System, Unsupported
from wainbox_relay.contract.vocabulary import Direction, Flag, MediaState, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Echoed, MessageArrived
from wainbox_relay.domain.model import Conversation, Entry, Media, Scene
from wainbox_relay.domain.outcome import (
    CUSTOMER,
    NOTHING,
    WHATSAPP,
    FetchMedia,
    Outcome,
    Reopened,
    Wake,
    Wish,
)
from wainbox_relay.domain.rules import assigning, attention, closing, ownership
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.rules.routing import Rule
from wainbox_relay.domain.when import beginnings
from wainbox_relay.domain.when.customer_rates import commented, complained, rates


def message_arrives(fact: MessageArrived, scene: Scene, now: Moment) -> Outcome:
    """New, or known already and perhaps better now; for attention or only for the record."""
    if scene.entry is not None:
        return _known(fact, scene, scene.entry, now)
    entry = entry_of(fact, scene, _direction(fact))
    conversation = scene.conversation
    wishes = files(entry, now)
    if fact.source == "history" or entry.direction is Direction.EVENT:
        kept = _passed_to_us(fact, scene, entry) or beginnings.put_by(scene, entry)
        return replace(kept, wishes=wishes)
    policy = scene.desk.policy
    stops = closing.opts_out(fact.content, policy)
    harmless = stops or closing.harmless(fact.content, conversation, policy)
    if conversation is None:
        first = beginnings.put_by(scene, entry) if harmless else _opens(fact, scene, entry)
        return replace(first, wishes=wishes)
    if conversation.spam:
        after = attention.noted(conversation, entry)
        return Outcome(changes=told(conversation, after), entries=(entry,), wishes=wishes)
    if conversation.resolved:
        rated = rates(scene, conversation, entry, now, harmless=harmless)
        harmless = harmless and not complained(conversation, now)
        return replace(
            rated or _after_the_end(fact, scene, entry, now, harmless=harmless), wishes=wishes
        )
    if harmless and conversation.status is not Status.BOT and conversation.waiting_since is None:
        return _thanks(scene, conversation, entry, wishes, stops=stops)
    return _goes_on(fact, scene, conversation, entry, wishes)


def _direction(fact: MessageArrived) -> Direction:
    """WhatsApp's own lines and our calls are nothing a customer said."""
    match fact.content:
        case System() | Call(inbound=False):
            return Direction.EVENT
        case _:
            return Direction.IN


_METAS_AGENT = "ai_agent"
"""How WhatsApp calls it among those who may hold a chat."""


def _passed_to_us(fact: MessageArrived, scene: Scene, entry: Entry) -> Outcome | None:
    """Meta's agent gives the chat away: from now on the customer waits for people."""
    content, before = fact.content, scene.conversation
    if not isinstance(content, System) or content.owner in ("", _METAS_AGENT) or before is None:
        return None
    if before.status is not Status.BOT or Flag.STANDBY not in before.flags:
        return None
    free = attention.flagged(closing.reopened(before), drop=(Flag.STANDBY,))
    after = replace(free, waiting_since=entry.arrived_at)
    return Outcome(changes=told(before, after, actor=WHATSAPP, why="passed on"), entries=(entry,))


def _opens(fact: MessageArrived, scene: Scene, entry: Entry) -> Outcome:
    fresh = beginnings.conversation(scene, entry.arrived_at)
    if (rule := _begins_nothing(fact, scene, fresh)) is not None:
        return _tagged(beginnings.put_by(scene, entry), scene, rule)
    if fact.source == "standby":
        meta_has_it = attention.flagged(replace(fresh, status=Status.BOT), add=(Flag.STANDBY,))
        return beginnings.opened(scene, attention.noted(meta_has_it, entry), entry, CUSTOMER)
    return beginnings.opened(scene, attention.heard(fresh, entry), entry, CUSTOMER)


def _begins_nothing(fact: MessageArrived, scene: Scene, fresh: Conversation) -> Rule | None:
    """The operator's rule, if one says so, that the answer to a campaign is no case."""
    desk, routing = scene.desk, scene.desk.policy.routing
    if routing is None or scene.thread.group or scene.customer is None:
        return None
    words, advert = fact.content.preview(), bool(fact.referral)
    known = assigning.traits(fresh, scene.customer, desk, fact.arrived_at, words, advert=advert)
    rule = routing.rule(known, "")
    return rule if rule is not None and rule.no_case else None


def _tagged(outcome: Outcome, scene: Scene, rule: Rule) -> Outcome:
    customer = assigning.tagged(scene.customer, rule)
    if customer is None or customer is scene.customer:
        return outcome
    lines = assigning.told_of_tags(scene.customer, customer)
    return replace(outcome, changes=(*lines, *outcome.changes), customer=customer)


def _thanks(
    scene: Scene,
    conversation: Conversation,
    entry: Entry,
    wishes: tuple[Wish, ...],
    *,
    stops: bool,
) -> Outcome:
    """Open again, so that somebody can close it; nobody is waited for. A wish for no more
    advertising says nothing of the case."""
    if stops:
        noted = attention.noted(conversation, entry)
        changes = told(conversation, noted, actor=CUSTOMER)
        return Outcome(changes=changes, entries=(entry,), wishes=wishes)
    awake = closing.reopened(conversation)
    after = ownership.keep_or_queue(attention.thanked(awake, entry), scene.desk)
    if conversation.status is Status.SNOOZED:
        wishes = (*wishes, Wake("snooze", None))
    changes = told(conversation, after, actor=CUSTOMER, why="thanks")
    return Outcome(changes=changes, entries=(entry,), wishes=wishes)


def _after_the_end(
    fact: MessageArrived, scene: Scene, entry: Entry, now: Moment, *, harmless: bool
) -> Outcome:
    conversation, policy = scene.conversation, scene.desk.policy
    if conversation is None:
        return _opens(fact, scene, entry)
    if harmless:
        noted = attention.noted(conversation, entry)
        return Outcome(changes=told(conversation, noted, actor=CUSTOMER), entries=(entry,))
    back = closing.returns(conversation, fact.content, fact.at, fact.arrived_at, policy)
    if back is None:
        return _opens(fact, scene, entry)
    entry = replace(entry, conversation=conversation.id)
    flag = Flag.LATE if back == "late" else Flag.REOPENED
    after = attention.flagged(closing.reopened(conversation), add=(flag,))
    after = commented(after, entry, now)
    after = _heard_as(fact, after, entry)
    after = ownership.give_back(after, scene.desk, conversation.last_owner)
    line = Reopened(actor=CUSTOMER, why=back)
    changes = told(conversation, after, line, actor=CUSTOMER, why=back)
    return Outcome(changes=changes, entries=(entry,))


def _goes_on(
    fact: MessageArrived,
    scene: Scene,
    conversation: Conversation,
    entry: Entry,
    wishes: tuple[Wish, ...],
) -> Outcome:
    marked = attention.flagged(conversation, add=beginnings.doubts(scene))
    if attention.seen_on_phone(conversation, entry):
        after = attention.noted(marked, entry)
    elif fact.source == "standby":
        after = _heard_as(fact, marked, entry)
    else:
        woken = attention.flagged(_woken(marked), drop=(Flag.STANDBY,))
        after = ownership.keep_or_queue(attention.heard(woken, entry), scene.desk)
    if conversation.status is Status.SNOOZED and after.status is not Status.SNOOZED:
        wishes = (*wishes, Wake("snooze", None))
    changes = told(conversation, after, actor=CUSTOMER, why="message")
    return Outcome(changes=changes, entries=(entry,), wishes=wishes)


def _woken(conversation: Conversation) -> Conversation:
    """Open, but for what our own menu has in hand."""
    in_hand = conversation.status is Status.BOT and conversation.bot is not None
    return conversation if in_hand else closing.reopened(conversation)


def _heard_as(fact: MessageArrived, conversation: Conversation, entry: Entry) -> Conversation:
    """While Meta's agent holds the chat nobody of ours is waited for."""
    if fact.source != "standby":
        return attention.heard(conversation, entry)
    held = attention.flagged(attention.noted(conversation, entry), add=(Flag.STANDBY,))
    return replace(held, status=Status.BOT) if held.waiting_since is None else held


def _known(fact: MessageArrived, scene: Scene, entry: Entry, now: Moment) -> Outcome:
    """The same message once more changes nothing, unless it brings what we could not show before
    or is a later step of a call."""
    if not _says_more(fact, entry):
        return NOTHING
    better = replace(
        entry_of(fact, scene, entry.direction),
        id=entry.id,
        conversation=entry.conversation,
        arrived_at=entry.arrived_at,
        customer=entry.customer,
        reactions=entry.reactions,
        revoked_at=entry.revoked_at,
    )
    kept = beginnings.put_by(scene, better)
    return replace(kept, wishes=files(better, now))


def _says_more(fact: MessageArrived, entry: Entry) -> bool:
    match fact.content, entry.content:
        case Unsupported(), _:
            return False
        case _, Unsupported():
            return entry.edited_at is None
        case Call() as later, Call() as before:
            return (fact.at, later.seconds or 0) > (entry.at, before.seconds or 0)
        case _:
            return False


def entry_of(fact: MessageArrived | Echoed, scene: Scene, direction: Direction) -> Entry:
    """The row for what came, in the scene's conversation if there is one."""
    own = scene.conversation.id if scene.conversation else scene.fresh.conversation
    entry = Entry(
        id=scene.fresh.entry,
        thread=scene.thread.id,
        conversation=own,
        number=scene.thread.number,
        direction=direction,
        content=fact.content,
        at=fact.at,
        arrived_at=fact.arrived_at,
        wamid=fact.wamid,
        customer=scene.customer.id if scene.customer and direction is Direction.IN else None,
        quote=scene.quoted.id if scene.quoted else None,
        quote_wamid=fact.quote,
        forwarded=isinstance(fact, MessageArrived) and fact.forwarded,
        referral=fact.referral if isinstance(fact, MessageArrived) else "",
    )
    return _with_file(entry, scene)


def _with_file(entry: Entry, scene: Scene) -> Entry:
    if not isinstance(entry.content, MEDIA):
        return entry
    number = scene.desk.numbers.get(scene.thread.number)
    if number is None or not number.claimed:
        media = Media(MediaState.GONE, reason="this number is not in the configuration")
    elif not entry.content.file.media_id:
        media = Media(MediaState.GONE, reason="WhatsApp sent no file")
    else:
        media = Media(MediaState.PENDING)
    return replace(entry, media=media)


def files(entry: Entry, now: Moment) -> tuple[Wish, ...]:
    """What must be downloaded."""
    waits = entry.media is not None and entry.media.state is MediaState.PENDING
    return (FetchMedia(entry.id, now),) if waits else ()
