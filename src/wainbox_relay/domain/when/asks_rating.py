"""The question how it was: when it is due, and why it is not asked (`docs/design.md` section 7)."""

from wainbox_relay.contract.content import Content
from wainbox_relay.contract.vocabulary import Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded, Fact
from wainbox_relay.domain.model import Conversation, Entry, Rating, Scene
from wainbox_relay.domain.outcome import (
    NOTHING,
    Answered,
    Outcome,
    RatingAsked,
    Send,
    StatusChanged,
    Touched,
    Wake,
)
from wainbox_relay.domain.rules import rating, sentences, service_window, templates
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.rules.rating import Asking
from wainbox_relay.domain.when import automatic
from wainbox_relay.domain.when.turned import Turned

_NEVER = (Flag.AUTO, Flag.GROUP, Flag.IMPORTED)


def remembers_to_ask(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    """Ten minutes after a person has resolved a case; not when it is open again by then."""
    asking = scene.desk.policy.rating
    was = turned.before is not None and turned.before.resolved
    resolved = turned.after.resolved
    if asking is not None and resolved and not was and _is_worth_asking(turned, fact):
        return turned.to(turned.after, wishes=(Wake("rating", Moment(now + asking.after)),))
    if was and not resolved:
        return turned.to(turned.after, wishes=(Wake("rating", None),))
    return turned


def _is_worth_asking(turned: Turned, fact: Fact) -> bool:
    """One case that a person answered and closed; not hundreds at once, and no spam."""
    closes = any(isinstance(c, StatusChanged) and c.to is Status.RESOLVED for c in turned.story)
    in_bulk = isinstance(fact, Commanded) and fact.job
    by_a_person = turned.after.resolver is not None and not in_bulk
    answered = turned.after.answered or turned.told(Answered)
    return closes and by_a_person and answered and not turned.after.spam


def asks_rating(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """Asked once a case, to the credit of who resolved it; or the reason why not is kept."""
    asking = scene.desk.policy.rating
    if asking is None or not conversation.resolved or conversation.rating is not None:
        return NOTHING
    if conversation.spam or not conversation.flags.isdisjoint(_NEVER):
        return NOTHING
    if skipped := _skipped(conversation, scene, asking, now):
        after = replace(conversation, rating=Rating(now, conversation.resolver, skipped=skipped))
        line = RatingAsked(agent=conversation.resolver, skipped=skipped)
        return Outcome(changes=told(conversation, after, line))
    return _asked(conversation, scene, asking, now)


def _skipped(conversation: Conversation, scene: Scene, asking: Asking, now: Moment) -> str:
    customer = scene.customer
    last = customer.rating_asked_at if customer else None
    if not conversation.answered:
        return "no person had answered"
    if customer is None or customer.opted_out:
        return "the customer wants no such questions"
    if last is not None and now - last < asking.every:
        return "the customer was asked not long ago"
    if not service_window.is_open(conversation.last_in_at, now) and not asking.template:
        return "the reply window had shut, and no template is configured"
    if _question(conversation, scene, asking, now) is None:
        return "the reply window had shut, and no approved template speaks the customer's language"
    return ""


def _asked(conversation: Conversation, scene: Scene, asking: Asking, now: Moment) -> Outcome:
    content = _question(conversation, scene, asking, now)
    if content is None:
        return NOTHING
    entry = automatic.entry(scene.fresh.entry, conversation, content, rating.AUTO, now)
    after = replace(conversation, rating=Rating(now, conversation.resolver, entry=entry.id))
    customer = replace(scene.customer, rating_asked_at=now) if scene.customer else None
    line = RatingAsked(agent=conversation.resolver)
    return Outcome(
        changes=told(conversation, after, line),
        entries=(entry,),
        wishes=(Send(automatic.sid(entry.id), now),),
        customer=customer,
    )


def unasked(stopped: Outcome, entry: Entry, scene: Scene) -> Outcome:
    """The question did not leave after all: it may be asked when the case is closed again."""
    conversation, customer = scene.conversation, scene.customer
    asked = conversation.rating if conversation is not None else None
    if asked is None or asked.entry != entry.id:
        return stopped
    known = replace(customer, rating_asked_at=None) if customer else None
    never = Touched(alters={"rating": None})
    return replace(stopped, changes=(*stopped.changes, never), customer=known)


def _question(
    conversation: Conversation, scene: Scene, asking: Asking, now: Moment
) -> Content | None:
    """None where the window is shut and no template does."""
    number = scene.desk.numbers.get(conversation.number)
    language = conversation.language or (number.language if number else "") or "en"
    ref = f"#{sentences.ref(conversation)}"
    if service_window.is_open(conversation.last_in_at, now):
        return asking.question(language).menu(ref)
    return templates.by_itself(scene.desk, conversation.number, asking.template, language, ref)
