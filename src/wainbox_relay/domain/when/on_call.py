"""Help that cannot wait: somebody escalates, the one on call is paged until somebody has it
(`docs/design.md` section 10)."""

from wainbox_relay.contract.commands import Escalate
from wainbox_relay.contract.problems import Code
from wainbox_relay.contract.vocabulary import AgentId, Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import Commanded, Fact, PageLost
from wainbox_relay.domain.model import Conversation, Desk, Entry, Escalation, Scene
from wainbox_relay.domain.outcome import (
    NOTHING,
    WAINBOX,
    Acknowledged,
    Answered,
    Assigned,
    Change,
    Escalated,
    Outcome,
    Page,
    Paged,
    PageFailed,
    Wake,
    Wish,
    by,
)
from wainbox_relay.domain.rules import closing, ownership, sentences
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.history import told, undoable
from wainbox_relay.domain.rules.ladder import OnCall
from wainbox_relay.domain.rules.sentences import refused
from wainbox_relay.domain.when import automatic
from wainbox_relay.domain.when.night_ends import NIGHT
from wainbox_relay.domain.when.notes import note
from wainbox_relay.domain.when.turned import Turned

PAGE = "page"
"""The alarm that climbs."""

_QUIET = Wake(PAGE, None)


def stands(conversation: Conversation) -> Escalation | None:
    """The escalation that nobody has taken yet."""
    flags = conversation.flags
    waits = Flag.ESCALATED in flags and Flag.ACKED not in flags and not conversation.resolved
    return conversation.escalation if waits else None


def raised(conversation: Conversation, reason: str, now: Moment) -> Conversation:
    """Escalated from now on. Whoever is on call is paged if nobody is here: see `follows`."""
    escalation = Escalation(now, reason, owner=conversation.assignee)
    flags = flagged(conversation, add=(Flag.ESCALATED,), drop=(Flag.ACKED,))
    return replace(flags, escalation=escalation)


# -- what agents ask ---------------------------------------------------------------------------


def escalate(
    fact: Commanded, command: Escalate, scene: Scene, conversation: Conversation, now: Moment
) -> Outcome:
    """To the leads' pool, or to whoever is on call while closed; then it must be said twice. Where
    nobody has it yet, the next one is paged."""
    if conversation.resolved:
        message = f"{sentences.ref(conversation)} is resolved; open it again first, with s then o."
        return refused(Code.CONFLICT, message)
    if (standing := stands(conversation)) is not None:
        return _page_next(fact, command, scene, conversation, standing, now)
    paged = _whom(scene, now)
    if paged is not None and not command.sure:
        who = sentences.name(scene.desk, paged)
        message = f"We are closed, and this pages {who}; escalate again to do so."
        return refused(Code.CONFLICT, message, "sure", agent=paged)
    reason = " ".join(command.reason.split())
    after = raised(closing.reopened(conversation), reason or "asked for", now)
    owner = conversation.assignee or conversation.last_owner
    after = replace(after, assignee=None, last_owner=owner)
    after = undoable(conversation, after, fact.agent, now, "escalated")
    line = Escalated(actor=by(fact.agent), why="person")
    awake = (Wake("snooze", None),) if conversation.status is Status.SNOOZED else ()
    return Outcome(
        changes=told(conversation, after, line, actor=by(fact.agent), why="escalated"),
        entries=_reasoned(reason, fact, conversation, scene, now),
        wishes=awake,
        said=_said(scene.desk, paged),
    )


def _page_next(
    fact: Commanded,
    command: Escalate,
    scene: Scene,
    conversation: Conversation,
    escalation: Escalation,
    now: Moment,
) -> Outcome:
    """Nobody waits for the ladder who knows that the one who was paged will not come."""
    desk, oncall, paged_at = scene.desk, scene.desk.oncall, escalation.paged_at
    if oncall is None or paged_at is None or not _closed(scene, now):
        return Outcome(said=f"It was escalated {sentences.ago(escalation.since, now)}.")
    page = oncall.next_rung(escalation.step)
    following, ago = oncall.whom(page, now), sentences.ago(paged_at, now)
    who, after = (sentences.name(desk, agent) for agent in (escalation.holder, following))
    if following == escalation.holder:
        return Outcome(said=f"{who} was paged {ago}; nobody else is on call.")
    if not command.sure:
        message = f"{who} was paged {ago}; escalate again to page {after} now."
        return refused(Code.CONFLICT, message, "sure", agent=following)
    actor = by(fact.agent)
    climbed, line, wishes = _paged(conversation, escalation, oncall, page, now, actor)
    changes = told(conversation, climbed, line, actor=actor)
    return Outcome(changes=changes, wishes=wishes, said=f"{after} is paged.")


def _reasoned(
    reason: str, fact: Commanded, conversation: Conversation, scene: Scene, now: Moment
) -> tuple[Entry, ...]:
    """Why, for whoever takes it to read."""
    return (note(reason, conversation, scene, now, author=fact.agent),) if reason else ()


def _said(desk: Desk, paged: AgentId | None) -> str:
    if paged is None:
        return "The leads see it first now."
    return f"{sentences.name(desk, paged)} is on call and is paged."


def acknowledge(fact: Commanded, scene: Scene, conversation: Conversation, now: Moment) -> Outcome:
    """It is the acker's, whatever their team and however much they hold; paging stops."""
    agent, escalation = scene.desk.agents.get(fact.agent), conversation.escalation
    ref = sentences.ref(conversation)
    if escalation is None or agent is None or Flag.ESCALATED not in conversation.flags:
        return refused(Code.CONFLICT, f"{ref} is not escalated; claim it with c instead.")
    if escalation.acked_by == fact.agent:
        return Outcome(said="You have it already.")
    if escalation.acked_by is not None and escalation.acked_at is not None:
        who = sentences.name(scene.desk, escalation.acked_by)
        message = f"{who} took it {sentences.ago(escalation.acked_at, now)}."
        return refused(Code.TAKEN, message, agent=escalation.acked_by)
    after = _acked(ownership.taken(closing.reopened(conversation), agent), fact.agent, now)
    after = undoable(conversation, after, fact.agent, now, "acknowledged")
    line = Acknowledged(actor=by(fact.agent), agent=fact.agent)
    changes = told(conversation, after, line, actor=by(fact.agent), why="acknowledged")
    said = f"{ref} is yours; paging has stopped."
    return Outcome(changes=changes, wishes=_held(scene, now), said=said)


def _held(scene: Scene, now: Moment) -> tuple[Wish, ...]:
    """No more pages, but that an answer is looked for while we are closed; and what was taken then
    is looked at when we open."""
    calendar, oncall = automatic.calendar(scene), scene.desk.oncall
    if calendar is None or calendar.is_open(now):
        return _QUIET, Wake(NIGHT, None)
    looks = _QUIET if oncall is None else Wake(PAGE, Moment(now + oncall.answer))
    return looks, Wake(NIGHT, calendar.opens(now))


def _acked(conversation: Conversation, agent: AgentId, now: Moment) -> Conversation:
    escalation = conversation.escalation
    if escalation is None:
        return conversation
    taken = replace(escalation, acked_by=agent, acked_at=now)
    return replace(flagged(conversation, add=(Flag.ACKED,)), escalation=taken)


# -- what follows from every story -------------------------------------------------------------


def follows(turned: Turned, _: Fact, scene: Scene, now: Moment) -> Turned:
    """An answer or a resolve ends an escalation; whoever takes the work has it; and one that is new
    pages whoever is on call, if nobody is here."""
    after = turned.after
    if Flag.ESCALATED not in after.flags:
        return turned
    if after.resolved or turned.told(Answered):
        return turned.to(_over(after), wishes=(_QUIET,))
    if (escalation := stands(after)) is None:
        return turned
    if (taker := _taker(turned)) is not None:
        taken = Acknowledged(actor=by(taker), agent=taker)
        return turned.to(_acked(after, taker, now), taken, wishes=_held(scene, now))
    before, oncall = turned.before, scene.desk.oncall
    old = stands(before) if before is not None else None
    known = old is not None and old.since == escalation.since
    if known or oncall is None or not _closed(scene, now):
        return turned
    page, _due = _coming(escalation, oncall)
    paged, line, wishes = _paged(after, escalation, oncall, page, now)
    return turned.to(paged, line, wishes=wishes)


def _over(conversation: Conversation) -> Conversation:
    passing = {Flag.ESCALATED, Flag.ACKED}
    return flagged(conversation, drop=passing | {Flag.URGENT} if conversation.resolved else passing)


def _taker(turned: Turned) -> AgentId | None:
    """The agent whose own deed put the work into somebody's hands."""
    for change in turned.story:
        if isinstance(change, Assigned) and change.agent and change.actor.startswith("@"):
            return AgentId(change.actor.removeprefix("@"))
    return None


# -- the ladder --------------------------------------------------------------------------------


def page_rings(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """Nobody has it yet, or whoever has it answers nothing: the next page."""
    oncall, escalation = scene.desk.oncall, stands(conversation)
    if oncall is None:
        return NOTHING
    if escalation is None:
        return _still_unanswered(conversation, oncall, scene, now)
    page, due = _coming(escalation, oncall)
    return _climbed(conversation, escalation, oncall, page, now) if due <= now else NOTHING


def _still_unanswered(
    conversation: Conversation, oncall: OnCall, scene: Scene, now: Moment
) -> Outcome:
    """Acknowledged, and the customer waits all the same: the next holder is paged, as if nobody had
    taken it. It stays in the hands of whoever did until somebody else takes it."""
    escalation, waits = conversation.escalation, conversation.waiting_since is not None
    if escalation is None or Flag.ACKED not in conversation.flags or not _closed(scene, now):
        return NOTHING
    acker, acked_at = escalation.acked_by, escalation.acked_at
    if acker is None or acked_at is None or not waits or now - acked_at < oncall.answer:
        return NOTHING
    passed = oncall.after_silent(escalation.step, acker, now) - 1
    anew = replace(escalation, step=passed, acked_by=None, acked_at=None)
    after = replace(flagged(conversation, drop=(Flag.ACKED,)), escalation=anew)
    return Outcome(changes=told(conversation, after, Escalated(why="no answer")))


def page_lost(fact: PageLost, scene: Scene, now: Moment) -> Outcome:
    """All of this agent's channels are dead: the next rung, at once unless the round is over."""
    conversation, oncall = scene.conversation, scene.desk.oncall
    escalation = stands(conversation) if conversation is not None else None
    if conversation is None or oncall is None or escalation is None:
        return NOTHING
    if (escalation.since, escalation.step) != (fact.since, fact.page):
        return NOTHING
    failed = PageFailed(agent=escalation.holder) if escalation.holder else None
    lines = (failed,) if failed else ()
    page, due = oncall.after_dead(fact.page, now)
    if due <= now:
        return _climbed(conversation, escalation, oncall, page, now, lines)
    waits = replace(escalation, step=page - 1, paged_at=now)
    changes = told(conversation, replace(conversation, escalation=waits), *lines)
    return Outcome(changes=changes, wishes=(Wake(PAGE, due),))


def _climbed(
    conversation: Conversation,
    escalation: Escalation,
    oncall: OnCall,
    page: int,
    now: Moment,
    before: tuple[Change, ...] = (),
) -> Outcome:
    after, line, wishes = _paged(conversation, escalation, oncall, page, now)
    return Outcome(changes=told(conversation, after, *before, line), wishes=wishes)


def _coming(escalation: Escalation, oncall: OnCall) -> tuple[int, Moment]:
    """The number of the next page, and when it is due."""
    if escalation.paged_at is None:
        return 0, escalation.since
    return oncall.after(escalation.step, escalation.paged_at)


def _paged(
    conversation: Conversation,
    escalation: Escalation,
    oncall: OnCall,
    page: int,
    now: Moment,
    actor: str = WAINBOX,
) -> tuple[Conversation, Paged, tuple[Wish, ...]]:
    agent = oncall.whom(page, now)
    paged = replace(escalation, step=page, holder=agent, paged_at=now)
    wishes = (Page(agent, escalation.since, page, now), Wake(PAGE, oncall.after(page, now)[1]))
    line = Paged(actor=actor, agent=agent, page=page, again=oncall.repeats(page, now))
    return replace(conversation, escalation=paged), line, wishes


def _whom(scene: Scene, now: Moment) -> AgentId | None:
    """Who would be paged now: nobody while there are people here."""
    oncall = scene.desk.oncall
    return oncall.whom(0, now) if oncall is not None and _closed(scene, now) else None


def _closed(scene: Scene, now: Moment) -> bool:
    calendar = automatic.calendar(scene)
    return calendar is not None and not calendar.is_open(now)
