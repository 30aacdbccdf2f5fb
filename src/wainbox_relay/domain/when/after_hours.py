"""Nobody is here: what is marked, what is said, once in a closed time, and what changes when people
come and go (`docs/design.md` section 10).

When a message came decides whether anybody was here to see it; whether we speak is decided by the
present.
"""

from wainbox_relay.contract.content import Choice, Menu
from wainbox_relay.contract.vocabulary import HOUR, Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import AlarmRang, Fact, MessageArrived
from wainbox_relay.domain.model import Conversation, Scene
from wainbox_relay.domain.outcome import (
    NOTHING,
    Answered,
    AnswerLost,
    Escalated,
    Marked,
    Outcome,
    Reopened,
    Send,
    Touched,
    Wake,
)
from wainbox_relay.domain.rules import service_window
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.calendar import Calendar
from wainbox_relay.domain.rules.closed import (
    QUIET,
    AfterHours,
    next_change,
    shuts_before_opening,
)
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.when import automatic, on_call
from wainbox_relay.domain.when.turned import Turned

HOURS = "hours"
"""The alarm for the next moment at which we open or close."""
NUDGE = "nudge"
AUTO = "after_hours"
KEEP = "keep"
"""The button that keeps a request open. Its tap is a message, which is all it takes."""

_OURS = (Status.OPEN, Status.BOT)
_RINGS = (HOURS, "bot")


# -- what follows from every story -------------------------------------------------------------


def marks(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    """What came while nobody was here is marked until a person has answered."""
    calendar = automatic.calendar(scene)
    if calendar is None:
        return turned
    after = turned.after
    if turned.told(Answered):
        after = flagged(after, drop=(Flag.PENDING, Flag.WINDOW_SHUTS))
    elif _came_closed(turned, fact, calendar):
        after = _window(flagged(after, add=(Flag.PENDING,)), calendar, now)
    elif isinstance(fact, MessageArrived) and turned.heard and _waits(after):
        after = _window(after, calendar, now)
    after_all = turned if after is turned.after else turned.to(after)
    after_all = _nudged_later(after_all, calendar, scene, now)
    return _watched(after_all, calendar, now)


def _came_closed(turned: Turned, fact: Fact, calendar: Calendar) -> bool:
    """Whether a wait of now, or one that is back, began while we were closed."""
    since = turned.after.waiting_since
    if since is None or turned.after.status not in _OURS:
        return False
    if isinstance(fact, MessageArrived):
        return _unseen(turned, fact, calendar)
    return turned.told(AnswerLost, Reopened) and not calendar.is_open(since)


def _unseen(turned: Turned, fact: MessageArrived, calendar: Calendar) -> bool:
    """Whether a customer wrote, or was passed on to us, while nobody was here."""
    passed = turned.before is not None and turned.before.waiting_since is None
    came = turned.heard or passed
    return came and fact.source == "messages" and not calendar.is_open(fact.arrived_at)


def _window(conversation: Conversation, calendar: Calendar, now: Moment) -> Conversation:
    shuts = service_window.closes_at(conversation.last_in_at)
    if shuts_before_opening(calendar, shuts, now):
        return flagged(conversation, add=(Flag.WINDOW_SHUTS,))
    return flagged(conversation, drop=(Flag.WINDOW_SHUTS,))


def _nudged_later(turned: Turned, calendar: Calendar, scene: Scene, now: Moment) -> Turned:
    """Asked once in a closed time whether to keep the request open, before the window shuts."""
    policy, before = scene.desk.policy.after_hours, turned.before
    new = before is None or Flag.WINDOW_SHUTS not in before.flags
    if policy is None or not policy.nudges or not new:
        return turned
    if Flag.WINDOW_SHUTS not in turned.after.flags:
        return turned
    at = _nudge_at(turned.after, policy, calendar, now)
    return turned if at is None else turned.to(turned.after, wishes=(Wake(NUDGE, at),))


def _nudge_at(
    conversation: Conversation, policy: AfterHours, calendar: Calendar, now: Moment
) -> Moment | None:
    """Never while people are here."""
    shuts = service_window.closes_at(conversation.last_in_at)
    closed_at = calendar.closes(now) if calendar.is_open(now) else now
    if shuts is None or closed_at is None:
        return None
    return policy.nudge_at(calendar.zone, shuts, closed_at)


def _watched(turned: Turned, calendar: Calendar, now: Moment) -> Turned:
    """Work that begins to wait for us hears when we close and open."""
    if not _waits(turned.after) or (turned.before is not None and _waits(turned.before)):
        return turned
    if (at := next_change(calendar, now)) is None:
        return turned
    return turned.to(turned.after, wishes=(Wake(HOURS, at),))


def _waits(conversation: Conversation) -> bool:
    return conversation.status in _OURS and conversation.waiting_since is not None


def greets(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    """The automatic reply: once in a closed time of a thread, whatever else happens in it."""
    calendar, policy = automatic.calendar(scene), scene.desk.policy.after_hours
    if calendar is None or policy is None or not policy.replies:
        return turned
    if scene.thread.group or turned.customer is None or not _occasion(turned, fact, calendar):
        return turned
    since = calendar.closed_since(now)
    if since is None or not _speaks(turned.after, since, now):
        return turned
    greeted = turned.to(replace(turned.after, greeted=since))
    return automatic.tells(greeted, scene, automatic.closed_text(scene, now), AUTO, now)


def _occasion(turned: Turned, fact: Fact, calendar: Calendar) -> bool:
    """A customer wrote, we close, or the menu has given up."""
    if isinstance(fact, MessageArrived):
        return _unseen(turned, fact, calendar)
    return isinstance(fact, AlarmRang) and fact.reason in _RINGS


def _speaks(conversation: Conversation, since: Moment, now: Moment) -> bool:
    spoken = conversation.spoken_at
    return (
        conversation.status is Status.OPEN
        and conversation.waiting_since is not None
        and conversation.greeted != since
        and (spoken is None or now - spoken >= QUIET)
        and not conversation.sending
        and service_window.is_open(conversation.last_in_at, now)
    )


def presses(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    """What cannot wait is marked, and while we are closed escalated to whoever is on call."""
    rules, after = scene.desk.policy.urgency, turned.after
    if rules is None or not isinstance(fact, MessageArrived) or fact.source != "messages":
        return turned
    if not _waits(after) or Flag.URGENT in after.flags:
        return turned
    vip = turned.customer is not None and turned.customer.vip
    why = rules.why(after.topic, fact.content.preview(), vip=vip)
    if not why:
        return turned
    pressing = flagged(after, add=(Flag.URGENT,))
    marked = turned.to(pressing, Marked(what="urgent", to=why))
    calendar = automatic.calendar(scene)
    if scene.desk.oncall is None or calendar is None or calendar.is_open(now):
        return marked
    return marked.to(on_call.raised(pressing, why, now), Escalated(why="urgent"))


# -- alarms ------------------------------------------------------------------------------------


def hours_change(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """We open, close or are about to, with this still waiting for us. What is left over at closing
    time counts as if it had come then; at opening it is handed out."""
    calendar, since = automatic.calendar(scene), conversation.waiting_since
    if calendar is None or since is None or not _waits(conversation):
        return NOTHING
    after = conversation
    if calendar.is_open(now):
        over_night = calendar.between(since, now) < now - since
        after = _window(_opens(conversation, now, over_night=over_night), calendar, now)
    elif conversation.status is Status.OPEN:
        after = _window(flagged(conversation, add=(Flag.PENDING,)), calendar, now)
    new = Flag.PENDING in after.flags and Flag.PENDING not in conversation.flags
    line = (Marked(what="after hours", to="left over"),) if new else ()
    at = next_change(calendar, now)
    wishes = (Wake(HOURS, at),) if at is not None else ()
    changes = told(conversation, after, *line) or (Touched(),)
    return Outcome(changes=changes, wishes=wishes)


def _opens(conversation: Conversation, now: Moment, *, over_night: bool) -> Conversation:
    """Marked also where nobody rang at closing time, because we were not running."""
    known = flagged(conversation, drop=(Flag.WINDOW_SHUTS,))
    if not service_window.is_open(conversation.last_in_at, now):
        known = flagged(known, add=(Flag.WINDOW_SHUT,))
    left = over_night and conversation.status is Status.OPEN
    return flagged(known, add=(Flag.PENDING,)) if left else known


def nudges(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """The window shuts before we open: one tap keeps the request open."""
    policy, calendar = scene.desk.policy, automatic.calendar(scene)
    hours, texts = policy.after_hours, policy.texts
    if hours is None or texts is None or calendar is None or not _still(conversation, now):
        return NOTHING
    shuts = service_window.closes_at(conversation.last_in_at)
    if shuts is not None and shuts - now > 4 * HOUR:
        later = _nudge_at(conversation, hours, calendar, now)
        return Outcome(wishes=(Wake(NUDGE, later),)) if later else NOTHING
    if calendar.is_open(now) or not hours.by_day(calendar.zone, now):
        return NOTHING
    tongue = automatic.language(conversation, scene)
    body = automatic.worded(texts, "still", conversation, scene.customer, scene, now)
    choice = Choice(id=KEEP, title=texts.say("keep", tongue))
    question = Menu(body=body, choices=(choice,))
    entry = automatic.entry(scene.fresh.replies[-1], conversation, question, NUDGE, now)
    return Outcome(
        changes=(Touched(),), entries=(entry,), wishes=(Send(automatic.sid(entry.id), now),)
    )


def _still(conversation: Conversation, now: Moment) -> bool:
    spoken = conversation.spoken_at
    return (
        Flag.WINDOW_SHUTS in conversation.flags
        and _waits(conversation)
        and (spoken is None or now - spoken >= QUIET)
        and service_window.is_open(conversation.last_in_at, now)
    )
