"""What a batch of facts may touch, held in memory while the rules decide one fact after the other.

The next fact of a batch sees what the one before came to; all of it is kept in one transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wainbox_relay.contract.commands import Acknowledge, Reply
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    Delivery,
    EntryId,
    Moment,
    NumberId,
    Sid,
    TeamId,
    Wamid,
)
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.decide import decide
from wainbox_relay.domain.evolve import evolve
from wainbox_relay.domain.facts import (
    Accepted,
    AccountTold,
    AlarmRang,
    Ambiguous,
    AttemptBegan,
    Commanded,
    DeliveryReported,
    Echoed,
    Edited,
    Fact,
    MediaFetched,
    MessageArrived,
    NotAccepted,
    Reacted,
    Revoked,
)
from wainbox_relay.domain.model import (
    Agent,
    Conversation,
    Customer,
    Desk,
    Entry,
    Scene,
    Thread,
)
from wainbox_relay.domain.outcome import (
    NOTHING,
    Change,
    FetchMedia,
    Outcome,
    Page,
    Send,
    TellBlock,
    TellReaction,
    TellRead,
    Wake,
    Wish,
    by,
)
from wainbox_relay.domain.rules import delivery as ticks
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.domain.rules.ladder import says_yes
from wainbox_relay.domain.rules.news import news
from wainbox_relay.domain.rules.roster import Duty, joined
from wainbox_relay.domain.rules.rota import Turns
from wainbox_relay.engine import own_phones, refs
from wainbox_relay.engine.ids import Ids
from wainbox_relay.engine.present import Around
from wainbox_relay.engine.scenes import Missing, Scenes
from wainbox_relay.ports import (
    Attempt,
    AuditRow,
    Batch,
    Cover,
    Detector,
    HistoryRow,
    Loaded,
    Mark,
    Owed,
    Result,
    Wanted,
)

UNSENT = (Delivery.HELD, Delivery.QUEUED, Delivery.SENDING)
LANE_FACTS = (AttemptBegan, Accepted, NotAccepted, Ambiguous)


@dataclass(slots=True)
class Moved:
    """One tick that moved without its conversation."""

    mark: Mark
    report: DeliveryReported


class Slice(Scenes):
    """The part of the world a batch works on. `apply` facts in order, then take the `batch`."""

    def __init__(
        self,
        loaded: Loaded,
        desk: Desk,
        ids: Ids,
        last_ref: int,
        boot: str,
        now: Moment,
        detector: Detector | None = None,
    ) -> None:
        super().__init__(loaded, desk, ids, last_ref, now)
        self._boot = boot
        self._detector = detector
        self._before: dict[ConversationId, Facets | None] = {}
        self._entries_of: dict[ConversationId, dict[EntryId, Entry]] = {}
        self._opened: set[ConversationId] = set()
        self.contradictions = 0
        """Reports that a message arrived which WhatsApp had refused, as we understood it."""
        self.notices: list[tuple[str, str]] = []
        """(code, sentence) that the team must hear."""
        self.moved: dict[EntryId, Moved] = {}

    # -- one fact ----------------------------------------------------------------------------

    def apply(self, fact: Fact, now: Moment) -> Outcome:
        """Decides the fact and folds what comes of it. Raises `Missing` when more must be loaded
        first (nothing is folded then) and `Refusal` when the fact names what does not exist."""
        if isinstance(fact, DeliveryReported):
            if fact.category:
                self.out.prices.append(fact)
            if not self._needs_scene(fact):
                return NOTHING
        if isinstance(fact, MessageArrived):
            agent = own_phones.agent_of(fact, self.desk.oncall)
            if agent is not None:
                return self._hear(agent, fact, now)
        scene = self._scene(fact, now)
        if scene is None:
            self._park(fact, now)
            return NOTHING
        if self._detector is not None and (words := _words(fact, scene)):
            known = scene.conversation.language if scene.conversation else ""
            scene = replace(scene, heard=self._detector.detect(words, known))
        outcome = decide(fact, scene, now)
        if outcome.problem is not None:
            return outcome
        if outcome.parked:
            self._park(fact, now)
            return NOTHING
        self._fold(fact, scene, outcome, now)
        return outcome

    def _needs_scene(self, fact: DeliveryReported) -> bool:
        """Moves a tick by itself where that is all there is to it."""
        entry = self._entry_by_wamid(fact.number, fact.wamid)
        if entry is not None:
            return True
        mark = self._loaded.marks.get((fact.number, fact.wamid))
        if mark is None or ticks.needs_conversation(mark.delivery, fact.delivery):
            return True
        if fact.participant:
            return False
        moved = ticks.advance(mark.delivery, fact.delivery)
        if moved is not None:
            mark = replace(mark, delivery=moved, delivery_at=fact.at)
            self._loaded.marks[(fact.number, fact.wamid)] = mark
            self.out.deliveries[mark.entry] = (moved, fact.at)
            self.moved[mark.entry] = Moved(mark, fact)
            self._show_tick(mark.conversation, mark.entry, moved)
        return False

    def _show_tick(
        self, conversation: ConversationId, entry: EntryId, delivery: Delivery | None
    ) -> None:
        """The conversation's newest message shows its tick, which is no change of its own."""
        found = self._loaded.conversations.get(conversation)
        if found is None or found.last is None or found.last.id != entry:
            return
        shown = replace(found, last=replace(found.last, delivery=delivery))
        self._loaded.conversations[conversation] = shown
        if conversation in self.out.conversations:
            self.out.conversations[conversation] = shown

    def _park(self, fact: Fact, now: Moment) -> None:
        match fact:
            case Edited(number=number, target=target) | Revoked(number=number, target=target):
                self.out.parked.append((number, target, fact, now))
            case Reacted(peer=peer, target=target):
                self.out.parked.append((peer.number, target, fact, now))
            case DeliveryReported(number=number, wamid=wamid):
                self.out.parked.append((number, wamid, fact, now))
            case _:
                pass

    def _hear(self, agent: AgentId, fact: MessageArrived, now: Moment) -> Outcome:
        """An agent's own phone: the one thing it may say is "I have it", which is answered."""
        known = self.desk.agents.get(agent)
        if known is None or fact.source != "messages" or not says_yes(fact.content.preview()):
            return NOTHING
        if agent not in self._loaded.pages:
            raise Missing(Wanted(paged={agent}))
        wanted = own_phones.meant(fact, self._loaded.pages[agent], self._loaded.conversations)
        if wanted is None:
            return NOTHING
        outcome = self.apply(Commanded(agent, known.role, fact.wamid, wanted, Acknowledge()), now)
        if not outcome.changes:
            return NOTHING
        ref = refs.shown(self.conversation(wanted).ref)
        self.out.audit.append(AuditRow(now, by(agent), "ack", ref, {"from": "own phone"}))
        body: dict[str, object] = {"agent": agent, "text": outcome.said}
        self.out.owed.append(Owed("answer", fact.wamid, now, fact.peer.number, body=body))
        return outcome

    # -- folding -----------------------------------------------------------------------------

    def _fold(self, fact: Fact, scene: Scene, outcome: Outcome, now: Moment) -> None:
        conversation = self._fold_conversation(scene, outcome, now)
        if outcome.customer is not None:
            self._keep_customer(outcome.customer)
            self._link(outcome.customer.id, outcome.links, ())
        elif outcome.links and scene.customer is not None:
            self._link(scene.customer.id, outcome.links, ())
        if outcome.other_customer is not None:
            self._keep_customer(outcome.other_customer)
        self._part(scene, outcome)
        self._fold_other(scene, outcome, now)
        for entry in outcome.entries:
            self._keep_entry(entry)
        for wish in outcome.wishes:
            self._owe(wish, scene.thread, conversation)
        if outcome.pause:
            self.pause(scene.thread.number, outcome.pause)
        if isinstance(fact, AlarmRang):
            self.out.rang.append((fact.conversation, fact.reason, fact.due))
        if isinstance(fact, DeliveryReported) and _contradicts(fact, scene.entry):
            self.contradictions += 1
        if isinstance(fact, LANE_FACTS):
            self._keep_attempt(fact, scene, now)
        if isinstance(fact, Accepted):
            self._unpark(scene.thread.number, fact.wamid, now)
        elif isinstance(fact, MessageArrived | Echoed):
            self._unpark(fact.peer.number, fact.wamid, now)

    def _fold_conversation(
        self, scene: Scene, outcome: Outcome, now: Moment
    ) -> Conversation | None:
        conversation = scene.conversation
        if outcome.opened is not None:
            conversation = outcome.opened
            self._opened.add(conversation.id)
            self._before[conversation.id] = None
            self._loaded.current[conversation.thread] = conversation.id
            self._loaded.refs[conversation.ref] = conversation.id
            self._ref = self.out.refs = max(self._ref, conversation.ref)
        if conversation is None or not (outcome.changes or outcome.opened):
            return conversation
        if conversation.id not in self._before:
            self._before[conversation.id] = conversation.facets
        held = None if outcome.opened is not None else conversation
        conversation = evolve(conversation, outcome.changes)
        self._weigh(held, conversation, now)
        self._keep_conversation(conversation)
        self._tell(conversation, outcome.changes, now)
        return conversation

    def _tell(self, conversation: Conversation, changes: Iterable[Change], now: Moment) -> None:
        """The lines for history, and who hears of them."""
        for change in changes:
            if change.kind:
                row = HistoryRow(conversation.id, now, change.actor, change.kind, change.data())
                self.out.history.append(row)
                self.out.news.extend(news(change, conversation, self.desk, now))

    def _keep_conversation(self, conversation: Conversation) -> None:
        self._loaded.conversations[conversation.id] = conversation
        self.out.conversations[conversation.id] = conversation
        current = self._loaded.current.get(conversation.thread)
        if current != conversation.id and not conversation.resolved:
            self._loaded.current[conversation.thread] = conversation.id

    def _fold_other(self, scene: Scene, outcome: Outcome, now: Moment) -> None:
        if outcome.other is None or scene.other is None:
            return
        self._before.setdefault(scene.other.id, scene.other.facets)
        self._weigh(scene.other, outcome.other, now)
        self._keep_conversation(outcome.other)
        for wish in outcome.other_wishes:
            self._owe(wish, scene.thread, outcome.other)
        if outcome.move_thread:
            self.out.moved_threads.append((scene.other.thread, scene.thread.id))
            beside = scene.conversation.id if scene.conversation else outcome.other.merged_into
            told = HistoryRow(outcome.other.id, now, "wainbox", "merged", {"other": beside})
        else:
            told = HistoryRow(outcome.other.id, now, "wainbox", "undone", {"what": "merge"})
        self.out.history.append(told)
        self._tell(outcome.other, outcome.other_lines, now)

    def _part(self, scene: Scene, outcome: Outcome) -> None:
        """A merge is taken back: who was gone has a thread of their own again."""
        gone, thread = outcome.other_customer, outcome.part_thread
        if gone is None or thread is None:
            return
        known = Thread(thread, scene.thread.number, gone.id)
        self._loaded.threads[thread] = known
        self._loaded.thread_of[known.number, gone.id] = thread
        self.out.parted.append((gone.id, thread, scene.thread.id))

    def _keep_entry(self, entry: Entry) -> None:
        if entry.id not in self._loaded.entries:
            self.out.new_entries.add(entry.id)
        known = self._loaded.entries.get(entry.id)
        if known and known.wamid and entry.wamid and known.wamid != entry.wamid:
            self.out.also_wamids.append((entry.number, known.wamid, entry.id))
        self._loaded.entries[entry.id] = entry
        self.out.entries[entry.id] = entry
        self.out.deliveries.pop(entry.id, None)
        self._entries_of.setdefault(entry.conversation, {})[entry.id] = entry
        self._show_tick(entry.conversation, entry.id, entry.delivery)
        if entry.wamid:
            self._loaded.wamids[(entry.number, entry.wamid)] = entry.id
        if entry.sid:
            self._loaded.sids[entry.sid] = entry.id
            if entry.delivery not in UNSENT:
                self.out.paid.append(("send", entry.sid))

    def _keep_attempt(
        self, fact: AttemptBegan | Accepted | NotAccepted | Ambiguous, scene: Scene, now: Moment
    ) -> None:
        entry = self._loaded.entries[self._loaded.sids[fact.sid]]
        match fact:
            case AttemptBegan():
                if entry.delivery is Delivery.SENDING:
                    self._attempt(fact.sid, entry.attempt, "sending", now)
            case Accepted():
                self._attempt(fact.sid, fact.attempt, "accepted", now, wamid=fact.wamid)
            case NotAccepted():
                again = fact.retry_at is not None or fact.pause
                state, code = ("retry" if again else "failed"), str(fact.failure.code)
                self._attempt(fact.sid, fact.attempt, state, now, error=code)
            case Ambiguous():
                self._attempt(fact.sid, fact.attempt, "unconfirmed", now)

    def _attempt(
        self,
        sid: Sid,
        n: int,
        state: str,
        now: Moment,
        *,
        wamid: Wamid | None = None,
        error: str = "",
    ) -> None:
        self.out.attempts.append(Attempt(sid, n, state, self._boot, now, wamid, error))

    def _owe(self, wish: Wish, thread: Thread, conversation: Conversation | None) -> None:
        number = thread.number
        match wish:
            case Send(sid=sid, due=due):
                self.out.paid = [paid for paid in self.out.paid if paid != ("send", sid)]
                self.out.owed.append(Owed("send", sid, due, number, lane=thread.id))
            case FetchMedia(entry=entry, due=due):
                self.out.owed.append(Owed("media", str(entry), due, number))
            case TellRead(wamid=wamid, due=due):
                body: dict[str, object] = {"wamid": wamid}
                self.out.owed.append(Owed("read", str(thread.id), due, number, body=body))
            case TellReaction(entry=entry, emoji=emoji, due=due):
                body = {"emoji": emoji}
                self.out.owed.append(Owed("reaction", str(entry), due, number, body=body))
            case TellBlock(blocked=blocked, due=due):
                if conversation is not None:
                    body = {"blocked": blocked, "conversation": conversation.id}
                    self.out.owed.append(Owed("block", str(thread.id), due, number, body=body))
            case Page(agent=agent, since=since, page=page, due=due):
                if conversation is not None:
                    key = f"{conversation.id}.{since}.{page}"
                    # No number's trouble may keep a page back.
                    calls = Owed("page", key, due, NumberId(""), body={"agent": agent})
                    self.out.owed.append(calls)
            case Wake(reason=reason, at=at):
                if conversation is not None:
                    self.out.wakes.append((conversation.id, reason, at))

    def _unpark(self, number: NumberId, wamid: Wamid, now: Moment) -> None:
        """Applies what waited for this message."""
        waiting = self._loaded.parked.pop((number, wamid), [])
        here = [row for row in self.out.parked if row[:2] == (number, wamid)]
        if not waiting and not here:
            return
        self.out.parked = [row for row in self.out.parked if row[:2] != (number, wamid)]
        if waiting:
            self.out.unparked.append((number, wamid))
        for fact in (*waiting, *(row[2] for row in here)):
            self.apply(fact, now)

    # -- facts about the desk ----------------------------------------------------------------

    def told(self, told: AccountTold) -> None:
        """WhatsApp said something about an account or number."""
        self.out.told.append(told)
        if told.notice:
            self.notices.append((told.event or told.field, told.notice))

    def pause(self, number: NumberId, reason: str) -> None:
        """Stops a number, or with an empty reason lets it go on. Who stands still is told once."""
        desk = self._desk_with(number)
        if desk.numbers[number].paused == reason:
            return
        changed = replace(desk.numbers[number], paused=reason)
        self.out.numbers[number] = changed
        self.desk = replace(self.desk, numbers={**self.desk.numbers, number: changed})

    def cover(self, cover: Cover) -> None:
        """A shift on call changes hands."""
        self.out.covers.append(cover)
        self.desk = replace(self.desk, covers=(*self.desk.covers, cover.shift))

    def duty(self, duty: Duty, who: str) -> None:
        """Somebody has other hours for a while. Their badges say whether they are on shift."""
        self.out.duties.append((duty, who))
        duties = joined(self.desk.duties.get(duty.whom, ()), duty)
        self.desk = replace(self.desk, duties={**self.desk.duties, duty.whom: duties})
        for agent in list(self.desk.agents.values()):
            if duty.whom == f"@{agent.id}" or duty.whom in agent.teams:
                self.keep_agent(agent)

    def turn(self, turns: Turns | None, who: str) -> None:
        """The rota has another order."""
        self.out.turns.append((turns, who))
        self.desk = replace(self.desk, turns=turns)

    def open_team(self, team: TeamId, *, there: bool = True) -> None:
        """A team by command, or one less."""
        self.out.teams[team] = there
        opened, teams = self.desk.opened | {team}, self.desk.teams | {team}
        if not there:
            opened, teams = opened - {team}, teams - {team}
        self.desk = replace(self.desk, opened=opened, teams=teams)

    def _weigh(self, before: Conversation | None, after: Conversation, now: Moment) -> None:
        """The next fact of the batch sees who holds how much, and whose turn in the rotation it
        was."""
        known = self.desk.agents
        self.desk = eligibility.weighed(self.desk, before, after, now)
        if self.desk.agents is not known and after.assignee is not None:
            self.out.agents[after.assignee] = self.desk.agents[after.assignee]

    def keep_agent(self, agent: Agent) -> None:
        self.out.agents[agent.id] = agent
        agents: dict[AgentId, Agent] = {**self.desk.agents, agent.id: agent}
        self.desk = replace(self.desk, agents=agents)

    def change_agent(self, agent: AgentId, change: Callable[[Agent], Agent]) -> None:
        """Changes the agent as they are now, which may not be what was seen before."""
        known = self.desk.agents[agent]
        if (changed := change(known)) is not known:
            self.keep_agent(changed)

    @property
    def results(self) -> dict[str, Result]:
        return self._loaded.results

    def keep_result(self, result: Result) -> None:
        self._loaded.results[result.command_id] = result
        self.out.results.append(result)

    # -- the end -----------------------------------------------------------------------------

    @property
    def last_ref(self) -> int:
        return self._ref

    def touched(self) -> Iterable[tuple[Conversation, Facets | None, Iterable[Entry]]]:
        """Every conversation that changed, where it stood before, and its changed entries."""
        for conversation in dict.fromkeys((*self._before, *self._entries_of)):
            after = self._loaded.conversations[conversation]
            known = conversation in self._before
            before = self._before[conversation] if known else after.facets
            yield after, before, self._entries_of.get(conversation, {}).values()

    def conversation(self, wanted: ConversationId) -> Conversation:
        return self._loaded.conversations[wanted]

    def customer_of(self, conversation: Conversation) -> Customer | None:
        return self._loaded.customers.get(conversation.customer) if conversation.customer else None

    def names(self) -> Around:
        """The names that entries are shown with, of no case in particular yet."""
        return Around(
            ref="",
            agents={agent.id: agent.name for agent in self.desk.agents.values()},
            people={customer.id: customer.name for customer in self._loaded.customers.values()},
            quoted=self._loaded.entries,
        )

    def only_ticked(self, entry: EntryId) -> bool:
        """Whether nothing about this entry changed but its delivery."""
        return entry not in self.out.entries

    def thread_of(self, conversation: Conversation) -> Thread:
        return self._loaded.threads[conversation.thread]

    def entry_about(self, fact: Fact) -> Entry | None:
        """The message a send's step or a download is about, as it stands now."""
        found: EntryId | None = None
        if isinstance(fact, LANE_FACTS):
            found = self._loaded.sids.get(fact.sid)
        elif isinstance(fact, MediaFetched):
            found = fact.entry
        return self._loaded.entries.get(found) if found is not None else None

    def batch(self) -> Batch:
        """Everything to keep."""
        self.out.opened = [self._loaded.conversations[c] for c in self._opened]
        for conversation in self._opened:
            self.out.conversations.pop(conversation, None)
        return self.out


def _words(fact: Fact, scene: Scene) -> str:
    """What a new message of the customer's or a reply of ours says, in words."""
    match fact:
        case MessageArrived(content=Text(body=body)) if scene.entry is None:
            return body
        case Commanded(command=Reply(content=Text(body=body))):
            return body
        case _:
            return ""


def _contradicts(report: DeliveryReported, entry: Entry | None) -> bool:
    """Whether WhatsApp reports as sent what it had answered with an error."""
    refused = entry is not None and entry.delivery in (Delivery.QUEUED, Delivery.FAILED)
    unnamed = entry is not None and entry.wamid is None and entry.attempt > 0
    return refused and unnamed and bool(report.opaque) and report.delivery in ticks.OUT
