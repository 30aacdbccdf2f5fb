"""The customer says how it was, and perhaps why (`docs/design.md` section 7)."""

from wainbox_relay.contract.vocabulary import DAY, Flag, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, Entry, Rating, Scene
from wainbox_relay.domain.outcome import CUSTOMER, Outcome, Rated
from wainbox_relay.domain.rules import attention, rating
from wainbox_relay.domain.rules.history import told


def rates(
    scene: Scene, conversation: Conversation, entry: Entry, now: Moment, *, harmless: bool
) -> Outcome | None:
    """A rating, or the reason for one; None when the message is something else. Neither opens a
    case again, but a complaint after the stars does."""
    asked, asking = conversation.rating, scene.desk.policy.rating
    if asked is None or asking is None or asked.skipped:
        return None
    if now - asked.asked_at > asking.valid or entry.arrived_at - entry.at > DAY:
        return None
    stars = rating.chosen(entry.content)
    if stars is None and _speaks_of_it(conversation, asked, now):
        stars = rating.typed(entry.content)
    if stars is not None:
        return _rated(conversation, asked, entry, stars, now)
    if not (harmless and (asked.stars or 0) >= rating.GOOD):
        return None
    after = commented(attention.noted(conversation, entry), entry, now)
    return Outcome(changes=told(conversation, after, actor=CUSTOMER), entries=(entry,))


def commented(conversation: Conversation, entry: Entry, now: Moment) -> Conversation:
    """Words soon after the stars say why they were given, also where they open the case again: a
    customer who gives one star and asks for the refund wants the refund."""
    asked = conversation.rating
    if asked is None or not _may_comment(asked, now):
        return conversation
    return replace(conversation, rating=replace(asked, comment=entry.id))


def complained(conversation: Conversation, now: Moment) -> bool:
    """Whether poor stars were given just now: whatever is said after them, somebody looks."""
    asked = conversation.rating
    poor = asked is not None and asked.stars is not None and asked.stars < rating.GOOD
    return asked is not None and poor and _may_comment(asked, now)


def _speaks_of_it(conversation: Conversation, asked: Rating, now: Moment) -> bool:
    """A bare number is a rating only where the question is what it follows."""
    if asked.stars is not None:
        return _may_comment(asked, now)
    return conversation.last_in is None or asked.entry is None or conversation.last_in < asked.entry


def _may_comment(asked: Rating, now: Moment) -> bool:
    return asked.rated_at is not None and now - asked.rated_at <= rating.SECOND_THOUGHTS


def _rated(
    conversation: Conversation, asked: Rating, entry: Entry, stars: int, now: Moment
) -> Outcome:
    """The last answer within ten minutes counts."""
    first = asked.rated_at if asked.rated_at is not None else now
    kept = replace(asked, stars=stars, rated_at=first)
    if asked.stars is not None and not _may_comment(asked, now):
        kept = asked
    noted = attention.flagged(attention.noted(conversation, entry), add=(Flag.RATED,))
    after = replace(noted, rating=kept)
    lines = (Rated(actor=CUSTOMER, stars=stars, agent=kept.agent),) if kept is not asked else ()
    return Outcome(changes=told(conversation, after, *lines, actor=CUSTOMER), entries=(entry,))
