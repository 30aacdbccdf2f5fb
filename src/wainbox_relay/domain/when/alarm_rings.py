"""A moment that a conversation waited for has come (`docs/design.md` section 4).

An alarm proves nothing: each story looks again whether the moment still matters.
"""

from collections.abc import Callable

from wainbox_relay.contract.vocabulary import Flag, Moment, Presence, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import AlarmRang
from wainbox_relay.domain.model import Conversation, Scene
from wainbox_relay.domain.outcome import NOTHING, Outcome, Snoozed
from wainbox_relay.domain.rules import attention, closing, eligibility, ownership
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.when import automatic
from wainbox_relay.domain.when.after_hours import hours_change, nudges
from wainbox_relay.domain.when.asks_rating import asks_rating
from wainbox_relay.domain.when.bot_talks import falls_quiet
from wainbox_relay.domain.when.deadline_passes import deadline_passes
from wainbox_relay.domain.when.falls_silent import falls_silent
from wainbox_relay.domain.when.night_ends import NIGHT, night_ends
from wainbox_relay.domain.when.on_call import page_rings

Story = Callable[[Conversation, Scene, Moment], Outcome]


def alarm_rings(fact: AlarmRang, scene: Scene, now: Moment) -> Outcome:
    story = STORIES.get(fact.reason)
    if scene.conversation is None or story is None:
        return NOTHING
    return story(scene.conversation, scene, now)


def wakes(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """A snooze is over; at opening time where nobody is here before."""
    until = conversation.snoozed_until
    if conversation.status is not Status.SNOOZED or until is None or until > now:
        return NOTHING
    if (opens := _opens(conversation, scene, now)) is not None:
        longer = replace(conversation, snoozed_until=opens)
        return Outcome(changes=told(conversation, longer, Snoozed(until=opens)))
    awake = attention.flagged(closing.reopened(conversation), add=(Flag.WOKE,))
    after = ownership.keep_or_queue(awake, scene.desk)
    return Outcome(changes=told(conversation, after, why="woke"))


def _opens(conversation: Conversation, scene: Scene, now: Moment) -> Moment | None:
    """When we open, while we are closed and its owner is not at work."""
    hours, owner = automatic.calendar(scene), conversation.assignee
    if hours is None or hours.is_open(now):
        return None
    agent = scene.desk.agents.get(owner) if owner is not None else None
    away = agent is None or agent.presence is Presence.OFFLINE
    if away or agent is None or not eligibility.on_shift(agent, scene.desk, now):
        return hours.opens(now)
    return None


STORIES: dict[str, Story] = {
    "bot": falls_quiet,
    "hours": hours_change,
    NIGHT: night_ends,
    "nudge": nudges,
    "page": page_rings,
    "rating": asks_rating,
    "silence": falls_silent,
    "sla": deadline_passes,
    "snooze": wakes,
}
"""By the reason an alarm was set for."""
