"""The menu meets a customer first, and hands over to a person (`docs/design.md` section 10).

It never speaks after a person has, asks again at most once, and leaves what it does not understand
to people.
"""

import hashlib

from wainbox_relay.contract.content import Content, Menu, Text
from wainbox_relay.contract.vocabulary import HOUR, SECOND, Flag, Moment, Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import AlarmRang, Fact, MessageArrived
from wainbox_relay.domain.model import BotTalk, Conversation, Scene
from wainbox_relay.domain.outcome import (
    NOTHING,
    Change,
    Escalated,
    Marked,
    Outcome,
    StatusChanged,
    Wake,
)
from wainbox_relay.domain.rules import closing, menu, service_window
from wainbox_relay.domain.rules.attention import flagged
from wainbox_relay.domain.rules.history import told
from wainbox_relay.domain.rules.menu import Tree, Way
from wainbox_relay.domain.rules.texts import Texts
from wainbox_relay.domain.when import automatic
from wainbox_relay.domain.when.turned import Turned

ALARM = "bot"
AUTO = "menu"

CIRCLES, REPEATS = "went round in circles", "repeats itself"
"""Reasons after which nothing is said: the other side may be a machine."""

_QUIET = Wake(ALARM, None)


def talks(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    """Meets who writes first, goes on with who answers, and is silent from the moment a person has
    the work."""
    policy, before = scene.desk.policy, turned.before
    if policy.menu is None or policy.texts is None:
        return turned
    in_hand = turned.after.status is Status.BOT and turned.after.bot is not None
    if isinstance(fact, MessageArrived) and turned.heard and (before is None or in_hand):
        hearing = _Hearing(turned, fact, scene, policy.menu, policy.texts, now)
        return hearing.goes_on() if in_hand else hearing.begins()
    talk, was = turned.after.bot, before is not None and before.status is Status.BOT
    if was and before is not None and before.bot is not None and not in_hand:
        return turned.to(turned.after, wishes=(_QUIET,))
    if in_hand and talk is not None and before is not None and not was:
        # Taken back from a person: its silence is counted on as if it had never been left.
        return turned.to(turned.after, wishes=(Wake(ALARM, _ends(talk, policy.menu)),))
    return turned


class _Hearing:
    """One message of a customer, as the menu takes it."""

    def __init__(
        self,
        turned: Turned,
        fact: MessageArrived,
        scene: Scene,
        tree: Tree,
        texts: Texts,
        now: Moment,
    ) -> None:
        self.turned = turned
        self.fact = fact
        self.scene = scene
        self.tree = tree
        self.texts = texts
        self.now = now
        hours = automatic.calendar(scene)
        self.closed = None if hours is None else hours.closed_since(now)
        """When the closed time around now began; None while open."""

    # -- the first message -------------------------------------------------------------------

    def begins(self) -> Turned:
        return self._met() if self._may_meet() else self.turned

    def _may_meet(self) -> bool:
        """Whether this is for the menu: a person who writes first, and may be answered."""
        after, number = self.turned.after, self.scene.desk.numbers.get(self.turned.after.number)
        return (
            after.status is Status.OPEN
            and after.waiting_since is not None
            and after.assignee is None
            and number is not None
            and number.claimed
            and self.tree.speaks_on(number.id)
            and not self._for_people()
            and service_window.is_open(after.last_in_at, self.now)
        )

    def _for_people(self) -> bool:
        """Groups, VIPs, who has an account manager, and who comes by an advertisement."""
        customer = self.turned.customer
        if customer is None or self.scene.thread.group:
            return True
        known = customer.vip or customer.manager is not None
        return known or bool(self.fact.referral and self.tree.skips_ads)

    def _met(self) -> Turned:
        """A question to begin with, unless they ask for a person already."""
        if self.tree.understood(self.fact.content, "", self.texts.person) == menu.PERSON:
            talk = BotTalk("", self.now, human_at=self.fact.arrived_at)
            return self._handed(replace(self.turned.after, bot=talk), "asked for a person")
        content = self._has_content()
        talk = BotTalk(self.tree.start, self.now, content=content)
        if not self.turned.after.language and not content and self.closed is None:
            return self._asks_language(talk)
        return self._asks(self.turned.after, talk, self.tree.start)

    def _has_content(self) -> bool:
        """Whether there is something to read, and be it an angry face."""
        courtesies, content = self.scene.desk.policy.courtesies, self.fact.content
        kind = courtesies is None or all(map(courtesies.is_kind, content.preview()))
        return not kind or menu.has_content(content, self.texts.greetings)

    # -- the next ones -----------------------------------------------------------------------

    def goes_on(self) -> Turned:
        """What the message means, and what follows. While a person's words are on their way, it is
        theirs."""
        after, content, talk = self.turned.after, self.fact.content, self.turned.after.bot
        if talk is None or after.sending:
            return self.turned
        if talk.node == menu.LANGUAGE:
            return self._told_language(talk)
        wanted = self.tree.understood(content, talk.node, self.texts.person)
        if wanted == menu.PERSON:
            asked = talk.human_at or self.fact.arrived_at
            after = replace(after, bot=replace(talk, human_at=asked))
            return self._handed(after, "asked for a person")
        if isinstance(wanted, Way):
            return self._goes(wanted, talk)
        return self._puzzled(talk)

    def _goes(self, way: Way, talk: BotTalk) -> Turned:
        after = self._with_topic(way)
        if way.to:
            return self._asks(after, talk, way.to)
        if way.answers:
            return self._contained(after, way)
        return self._handed(after, "menu done")

    def _with_topic(self, way: Way) -> Conversation:
        if not way.topic or way.topic == self.turned.after.topic:
            return self.turned.after
        after = replace(self.turned.after, topic=way.topic)
        self.turned = self.turned.to(after, Marked(what="topic", to=way.topic))
        return after

    def _puzzled(self, talk: BotTalk) -> Turned:
        """It fits nothing. While closed, and to who sends more than words, nothing is said again:
        a person will read it."""
        after, heard = self.turned.after, _fingerprint(self.fact.content)
        says = talk.content or self._has_content()
        if self.fact.arrived_at - talk.asked_at < menu.SAME_BREATH * SECOND:
            still = replace(talk, content=says, heard=heard)
            ends = Wake(ALARM, _ends(still, self.tree))
            return self.turned.to(replace(after, bot=still), wishes=(ends,))
        known = replace(talk, content=says, misses=talk.misses + 1, heard=heard)
        after = replace(after, bot=known)
        words = isinstance(self.fact.content, Text)
        repeats = heard != "" and heard == talk.heard
        if talk.misses >= menu.PATIENCE or not words or repeats or self.closed is not None:
            return self._handed(after, REPEATS if repeats else "not understood")
        return self._asks(after, known, talk.node, again=True)

    # -- the language ------------------------------------------------------------------------

    def _asks_language(self, talk: BotTalk) -> Turned:
        question = Menu(
            body="🌐 اختر لغتك · Votre langue ? · Your language?", choices=menu.LANGUAGE_CHOICES
        )
        return self._puts(self.turned.after, replace(talk, node=menu.LANGUAGE), question)

    def _told_language(self, talk: BotTalk) -> Turned:
        """Chosen, or heard in what they wrote; never asked twice."""
        after, content = self.turned.after, self.fact.content
        if chosen := menu.tongue(content):
            after = replace(after, language=chosen, language_by="menu")
            self._remembers(after, chosen)
        elif self.tree.understood(content, "", self.texts.person) == menu.PERSON:
            asked = replace(after, bot=replace(talk, human_at=self.fact.arrived_at))
            return self._handed(asked, "asked for a person")
        else:
            talk = replace(talk, content=self._has_content())
        return self._asks(after, talk, self.tree.start)

    def _remembers(self, after: Conversation, chosen: str) -> None:
        """Of the customer too: their next case begins in it."""
        customer = self.turned.customer
        if customer is not None:
            customer = replace(customer, language=chosen)
        line = Marked(what="language", to=chosen)
        self.turned = self.turned.to(after, line, customer=customer)

    # -- what is said ------------------------------------------------------------------------

    def _asks(
        self, after: Conversation, talk: BotTalk, node: str, *, again: bool = False
    ) -> Turned:
        """The next question. While closed its body says so, once in a closed time."""
        language = automatic.language(after, self.scene)
        body = self._word("again", after) if again else ""
        greets = self.closed is not None and self._may_greet(after)
        if greets:
            body = self._word(automatic.closed_text(self.scene, self.now), after)
            after = replace(after, greeted=self.closed)
        question = self.tree.asked(self.tree.nodes[node], language, body)
        return self._puts(after, replace(talk, node=node), question)

    def _may_greet(self, after: Conversation) -> bool:
        policy = self.scene.desk.policy
        replies = policy.after_hours is not None and policy.after_hours.replies
        return replies and after.greeted != self.closed

    def _puts(self, after: Conversation, talk: BotTalk, question: Menu) -> Turned:
        said = tuple(at for at in talk.said if self.now - at < HOUR)
        if len(said) >= menu.MOST_IN_AN_HOUR:
            return self._handed(after, CIRCLES)
        asked = replace(talk, asked_at=self.now, said=(*said, self.now))
        after = replace(after, status=Status.BOT, bot=asked)
        turned = self.turned.to(after, wishes=(Wake(ALARM, _ends(asked, self.tree)),))
        return automatic.says(turned, self.scene, question, AUTO, self.now)

    def _contained(self, after: Conversation, way: Way) -> Turned:
        """The menu had the answer; whoever wants more is a tap away from a person."""
        language = automatic.language(after, self.scene)
        answer = self.tree.answered(way, language)
        turned = automatic.says(self.turned.to(after), self.scene, answer, AUTO, self.now)
        done = closing.resolved(after, None, self.now)
        line = StatusChanged(was=after.status, to=Status.RESOLVED, why="contained")
        return turned.to(done, line, wishes=(_QUIET,))

    def _handed(self, after: Conversation, why: str) -> Turned:
        """To a person. While closed the automatic reply says all there is to say."""
        turned = self.turned.to(*handed(after, why, closed=self.closed is not None))
        turned = turned.to(turned.after, wishes=(_QUIET,))
        if self.closed is not None or why in (CIRCLES, REPEATS):
            return turned
        return automatic.tells(turned, self.scene, "handed", AUTO, self.now)

    def _word(self, name: str, after: Conversation) -> str:
        customer = self.turned.customer
        return automatic.worded(self.texts, name, after, customer, self.scene, self.now)


def handed(
    after: Conversation, why: str, *, closed: bool
) -> tuple[Conversation, *tuple[Change, ...]]:
    """In the people's queue, with the line that says why."""
    lines: tuple[Change, ...] = ()
    if after.status is Status.BOT:
        lines = (StatusChanged(was=Status.BOT, to=Status.OPEN, why=why),)
    opened = replace(after, status=Status.OPEN)
    waits = closed and opened.waiting_since is not None
    return (flagged(opened, add=(Flag.PENDING,)) if waits else opened, *lines)


def apologises(turned: Turned, fact: Fact, scene: Scene, now: Moment) -> Turned:
    """The person they asked for did not come in time, which is told them once."""
    missed = (line for line in turned.story if isinstance(line, Escalated))
    if not isinstance(fact, AlarmRang) or not any(line.why == "no human" for line in missed):
        return turned
    return automatic.tells(turned, scene, "late", AUTO, now)


# -- silence -----------------------------------------------------------------------------------


def falls_quiet(conversation: Conversation, scene: Scene, now: Moment) -> Outcome:
    """No answer to the menu: to a person if there is something to read, else nothing was asked."""
    talk, tree = conversation.bot, scene.desk.policy.menu
    if conversation.status is not Status.BOT or talk is None:
        return NOTHING
    due = _ends(talk, tree) if tree is not None else now
    if now < due:
        return Outcome(wishes=(Wake(ALARM, due),))
    if talk.content or talk.human_at is not None or tree is None:
        hours = automatic.calendar(scene)
        closed = hours is not None and not hours.is_open(now)
        after, *_ = handed(conversation, "idle", closed=closed)
        return Outcome(changes=told(conversation, after, why="idle"))
    after = closing.resolved(conversation, None, now)
    return Outcome(changes=told(conversation, after, why="no question"))


def _ends(talk: BotTalk, tree: Tree) -> Moment:
    return Moment(talk.asked_at + (tree.idle if talk.content else tree.gives_up))


def _fingerprint(content: Content) -> str:
    if not isinstance(content, Text):
        return ""
    return hashlib.sha256(content.body.encode(errors="replace")).hexdigest()[:16]
