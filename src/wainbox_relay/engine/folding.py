"""What a batch of facts may touch, held in memory while the rules decide one fact after the other.

The next fact of a batch sees what the one before came to; all of it is kept in one transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.problems import Code, Problem, Refusal, refuse
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    CustomerId,
    Delivery,
    EntryId,
    Moment,
    NumberId,
    Presence,
    Sid,
    ThreadId,
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
    Begun,
    Commanded,
    DeliveryReported,
    Echoed,
    Edited,
    Fact,
    IdentityChanged,
    MediaFetched,
    MessageArrived,
    NotAccepted,
    Peer,
    Person,
    Reacted,
    Revoked,
)
from wainbox_relay.domain.model import (
    Agent,
    Conversation,
    Customer,
    Desk,
    Entry,
    Fresh,
    Identity,
    Number,
    Scene,
    Thread,
)
from wainbox_relay.domain.outcome import (
    NOTHING,
    FetchMedia,
    Outcome,
    Send,
    TellReaction,
    TellRead,
    Wake,
    Wish,
)
from wainbox_relay.domain.rules import delivery as ticks
from wainbox_relay.domain.rules.identity import identify, named, variants
from wainbox_relay.engine.ids import Ids
from wainbox_relay.engine.present import Around, ref
from wainbox_relay.ports import Attempt, Batch, HistoryRow, Loaded, Mark, Owed, Result, Wanted

UNSENT = (Delivery.HELD, Delivery.QUEUED, Delivery.SENDING)
LANE_FACTS = (AttemptBegan, Accepted, NotAccepted, Ambiguous)


@dataclass(frozen=True, slots=True)
class Missing(Exception):
    """The fact needs more than was loaded: load this and apply it again."""

    wanted: Wanted


@dataclass(slots=True)
class Moved:
    """One tick that moved without its conversation."""

    mark: Mark
    report: DeliveryReported


def wanted_by(facts: Iterable[Fact]) -> Wanted:
    """The keys of everything these facts may touch."""
    wanted = Wanted()
    for fact in facts:
        _want(wanted, fact)
    return wanted


def _want(wanted: Wanted, fact: Fact) -> None:
    match fact:
        case (
            MessageArrived(peer=peer, wamid=wamid, quote=quote)
            | Echoed(peer=peer, wamid=wamid, quote=quote)
        ):
            wanted.peers.append(_every_spelling(peer))
            wanted.wamids.add((peer.number, wamid))
            if quote:
                wanted.wamids.add((peer.number, quote))
        case Edited(number=number, target=target) | Revoked(number=number, target=target):
            wanted.wamids.add((number, target))
        case Reacted(peer=peer, target=target):
            wanted.peers.append(_every_spelling(peer))
            wanted.wamids.add((peer.number, target))
        case IdentityChanged(previous=previous, current=current, number=number, wamid=wamid):
            wanted.identities.update(previous, current)
            wanted.wamids.add((number, wamid))
            wanted.peers.append(Peer(number, Person(current or previous)))
            wanted.peers.append(Peer(number, Person(previous or current)))
        case DeliveryReported(number=number, wamid=wamid):
            wanted.marks.add((number, wamid))
        case AttemptBegan(sid=sid) | NotAccepted(sid=sid) | Ambiguous(sid=sid):
            wanted.sids.add(sid)
        case Accepted(sid=sid, wamid=wamid, number=number):
            wanted.sids.add(sid)
            if number is not None:
                wanted.wamids.add((number, wamid))
        case Commanded(conversation=conversation, command=command):
            wanted.conversations.add(conversation)
            wanted.entries.update(
                entry
                for entry in (getattr(command, "quote", None), getattr(command, "entry", None))
                if entry is not None
            )
            if (named_sid := getattr(command, "sid", None)) is not None:
                wanted.sids.add(named_sid)
            if (other := getattr(command, "other", None)) is not None and _ref(other):
                wanted.refs.add(_ref(other))
        case Begun(peer=peer):
            wanted.peers.append(_every_spelling(peer))
        case AlarmRang(conversation=conversation):
            wanted.conversations.add(conversation)
        case MediaFetched(entry=entry):
            wanted.entries.add(entry)


def _every_spelling(peer: Peer) -> Peer:
    """The peer with the phone in each way WhatsApp may spell it."""
    if peer.person is None:
        return peer
    spelled = tuple(v for identity in peer.person.identities for v in variants(identity))
    return replace(peer, person=replace(peer.person, identities=spelled))


def _ref(text: str) -> int:
    digits = text.upper().lstrip("#").removeprefix("W-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0


class Slice:
    """The part of the world a batch works on. `apply` facts in order, then take the `batch`."""

    def __init__(
        self, loaded: Loaded, desk: Desk, ids: Ids, last_ref: int, boot: str, now: Moment
    ) -> None:
        self._loaded = loaded
        self.desk = desk
        self._ids = ids
        self._ref = last_ref
        self._boot = boot
        self._before: dict[ConversationId, Facets | None] = {}
        self._entries_of: dict[ConversationId, dict[EntryId, Entry]] = {}
        self._opened: set[ConversationId] = set()
        self._asked = Wanted()
        self.contradictions = 0
        """Reports that a message arrived which WhatsApp had refused, as we understood it."""
        self.notices: list[tuple[str, str]] = []
        """(code, sentence) that the team must hear."""
        self.moved: dict[EntryId, Moved] = {}
        self.out = Batch(at=now)

    def more(self, loaded: Loaded) -> None:
        """Adds what was loaded later; what the slice already holds is newer and stays."""
        for name in Loaded.__slots__:
            mine: dict[object, object] = getattr(self._loaded, name)
            for key, value in getattr(loaded, name).items():
                mine.setdefault(key, value)

    # -- one fact ----------------------------------------------------------------------------

    def apply(self, fact: Fact, now: Moment) -> Outcome:
        """Decides the fact and folds what comes of it. Raises `Missing` when more must be loaded
        first (nothing is folded then) and `Refusal` when the fact names what does not exist."""
        if isinstance(fact, DeliveryReported):
            if fact.category:
                self.out.prices.append(fact)
            if not self._needs_scene(fact):
                return NOTHING
        scene = self._scene(fact, now)
        if scene is None:
            self._park(fact, now)
            return NOTHING
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

    # -- the scene ---------------------------------------------------------------------------

    def _scene(self, fact: Fact, now: Moment) -> Scene | None:
        match fact:
            case MessageArrived(peer=peer) | Echoed(peer=peer):
                entry = self._entry_by_wamid(peer.number, fact.wamid)
                if entry is not None:
                    return self._about(entry, now)
                quoted = self._entry_by_wamid(peer.number, fact.quote) if fact.quote else None
                return replace(self._with(peer, now), quoted=quoted)
            case Reacted(peer=peer, target=target):
                return self._reaction_scene(peer, target, now)
            case Edited(number=number, target=target) | Revoked(number=number, target=target):
                entry = self._entry_by_wamid(number, target)
                return self._about(entry, now) if entry else None
            case DeliveryReported():
                return self._status_scene(fact, now)
            case IdentityChanged(number=number):
                return self._identity_scene(fact, now)
            case Commanded():
                return self._command_scene(fact, now)
            case Begun(peer=peer):
                return self._with(peer, now)
            case AttemptBegan() | Accepted() | NotAccepted() | Ambiguous():
                entry = self._entry_by_sid(fact.sid)
                return self._about(entry, now) if entry else None
            case AlarmRang(conversation=conversation):
                return self._around(self._conversation(conversation), now)
            case MediaFetched(entry=entry_id):
                entry = self._entry(entry_id)
                return self._about(entry, now) if entry else None

    def _fresh(self, now: Moment) -> Fresh:
        return Fresh(
            conversation=ConversationId(self._ids.next(now)),
            entry=EntryId(self._ids.next(now)),
            ref=self._ref + 1,
        )

    def _with(self, peer: Peer, now: Moment) -> Scene:
        """The scene of a peer, who is made known if new."""
        customer = self._customer(peer.person, now) if peer.person else None
        thread = self._thread(peer, customer, now)
        current = self._loaded.current.get(thread.id)
        conversation = self._loaded.conversations.get(current) if current else None
        return Scene(
            desk=self._desk_with(peer.number),
            thread=thread,
            fresh=self._fresh(now),
            conversation=conversation,
            customer=customer,
        )

    def _around(self, conversation: Conversation, now: Moment) -> Scene:
        thread = self._loaded.threads[conversation.thread]
        current = self._loaded.current.get(thread.id)
        beside = self._loaded.conversations.get(current) if current else None
        if beside is not None and (beside.id == conversation.id or beside.resolved):
            beside = None
        return Scene(
            desk=self._desk_with(conversation.number),
            thread=thread,
            fresh=self._fresh(now),
            conversation=conversation,
            customer=self._loaded.customers.get(thread.customer) if thread.customer else None,
            beside=beside,
        )

    def _about(self, entry: Entry, now: Moment) -> Scene:
        return replace(self._around(self._conversation(entry.conversation), now), entry=entry)

    def _reaction_scene(self, peer: Peer, target: Wamid, now: Moment) -> Scene | None:
        entry = self._entry_by_wamid(peer.number, target)
        if entry is None:
            return None
        scene = self._about(entry, now)
        if peer.person is None:
            return scene
        return replace(scene, customer=self._customer(peer.person, now))

    def _status_scene(self, fact: DeliveryReported, now: Moment) -> Scene | None:
        entry = self._entry_by_wamid(fact.number, fact.wamid)
        if entry is None and fact.opaque:
            entry = self._entry_by_sid(Sid(fact.opaque.partition(".")[0]))
        if entry is None and (mark := self._loaded.marks.get((fact.number, fact.wamid))):
            entry = self._entry(mark.entry)
        return self._about(entry, now) if entry else None

    def _identity_scene(self, fact: IdentityChanged, now: Moment) -> Scene | None:
        holder = next(
            (
                self._loaded.identities[identity]
                for identity in (*fact.previous, *fact.current)
                if identity in self._loaded.identities
            ),
            None,
        )
        if holder is None:
            return self._with(Peer(fact.number, Person(fact.current or fact.previous)), now)
        customer = self._loaded.customers[holder]
        thread = self._thread(Peer(fact.number, None), customer, now)
        current = self._loaded.current.get(thread.id)
        return Scene(
            desk=self._desk_with(fact.number),
            thread=thread,
            fresh=self._fresh(now),
            conversation=self._loaded.conversations.get(current) if current else None,
            customer=customer,
            entry=self._entry_by_wamid(fact.number, fact.wamid),
            other_customer=self._other_holder(fact, customer),
        )

    def _other_holder(self, fact: IdentityChanged, customer: Customer) -> Customer | None:
        for identity in fact.current:
            holder = self._loaded.identities.get(identity)
            if holder is not None and holder != customer.id:
                return self._loaded.customers[holder]
        return None

    def _command_scene(self, fact: Commanded, now: Moment) -> Scene:
        conversation = self._conversation(fact.conversation)
        if conversation.number in self.desk.unclaimed:
            raise refuse(Code.NOT_FOUND, "There is no such conversation.")
        scene = self._around(conversation, now)
        command = fact.command
        quoted = self._own_entry(scene, getattr(command, "quote", None), "quote")
        entry = self._own_entry(scene, getattr(command, "entry", None), "entry")
        if (sid := getattr(command, "sid", None)) is not None:
            entry = self._entry_by_sid(sid)
            if entry is None or entry.thread != conversation.thread:
                raise refuse(
                    Code.NOT_FOUND, "There is no such message in this conversation.", "sid"
                )
        if (text := getattr(command, "other", None)) is not None:
            scene = self._with_other(scene, text)
        return replace(scene, quoted=quoted, entry=entry)

    def _own_entry(self, scene: Scene, entry_id: EntryId | None, field: str) -> Entry | None:
        if entry_id is None:
            return None
        entry = self._entry(entry_id)
        if entry is None or entry.thread != scene.thread.id:
            raise refuse(Code.NOT_FOUND, "There is no such message in this conversation.", field)
        return entry

    def _with_other(self, scene: Scene, text: str) -> Scene:
        other_id = self._loaded.refs.get(_ref(text))
        if other_id is None:
            raise refuse(Code.NOT_FOUND, "There is no conversation with that reference.", "other")
        other = self._under_way(self._conversation(other_id))
        customer = self._loaded.customers.get(other.customer) if other.customer else None
        return replace(scene, other=other, other_customer=customer)

    def _under_way(self, conversation: Conversation) -> Conversation:
        """The unresolved conversation of the same thread, if there is one; else this one."""
        current = self._loaded.current.get(conversation.thread)
        found = self._loaded.conversations.get(current) if current else None
        return conversation if found is None or found.resolved else found

    def _desk_with(self, number: NumberId) -> Desk:
        """The desk, which learns of a number nobody configured: kept, but hidden."""
        if number not in self.desk.numbers:
            unclaimed = Number(number, claimed=False)
            self.out.numbers[number] = unclaimed
            self.desk = replace(self.desk, numbers={**self.desk.numbers, number: unclaimed})
        return self.desk

    # -- people and threads ------------------------------------------------------------------

    def _customer(self, person: Person, now: Moment) -> Customer:
        found = identify(person, self._loaded.identities)
        if found.customer is None:
            customer = Customer(CustomerId(self._ids.next(now)), created_at=now)
        else:
            customer = self._loaded.customers[found.customer]
        changed = replace(
            named(customer, person),
            same_as=found.same_as or customer.same_as,
            number_reused=found.number_reused or customer.number_reused,
        )
        self._link(changed.id, found.links, found.superseded)
        if changed is not customer and changed != self._loaded.customers.get(changed.id):
            self._loaded.customers[changed.id] = changed
            self.out.customers[changed.id] = changed
        return changed

    def _link(
        self, customer: CustomerId, links: Iterable[Identity], superseded: Iterable[Identity]
    ) -> None:
        for identity in superseded:
            loser = self._loaded.identities.pop(identity, None)
            self.out.superseded.append(identity)
            if loser is not None:
                # What they are sent must not reach the number's new owner.
                self._keep_customer(replace(self._loaded.customers[loser], phone=""))
        for identity in links:
            self._loaded.identities[identity] = customer
            self.out.identities.append((identity, customer))

    def _thread(self, peer: Peer, customer: Customer | None, now: Moment) -> Thread:
        if not peer.group and customer is None:
            raise Refusal(Problem(code=Code.INVALID, message="The message names nobody."))
        key = peer.group or (customer.id if customer else "")
        found = self._loaded.thread_of.get((peer.number, key))
        if found is not None:
            return self._loaded.threads[found]
        thread = Thread(
            id=ThreadId(self._ids.next(now)),
            number=peer.number,
            customer=None if peer.group or customer is None else customer.id,
            group=peer.group,
        )
        self._loaded.threads[thread.id] = thread
        self._loaded.thread_of[(peer.number, key)] = thread.id
        self.out.threads.append(thread)
        return thread

    # -- look-ups that may need another load -------------------------------------------------

    def _conversation(self, wanted: ConversationId) -> Conversation:
        try:
            return self._loaded.conversations[wanted]
        except KeyError:
            raise refuse(Code.NOT_FOUND, "There is no such conversation.") from None

    def _entry(self, wanted: EntryId) -> Entry | None:
        if wanted not in self._loaded.entries and wanted not in self._asked.entries:
            self._asked.entries.add(wanted)
            raise Missing(Wanted(entries={wanted}))
        return self._loaded.entries.get(wanted)

    def _entry_by_wamid(self, number: NumberId, wamid: Wamid) -> Entry | None:
        found = self._loaded.wamids.get((number, wamid))
        return self._loaded.entries.get(found) if found is not None else None

    def _entry_by_sid(self, sid: Sid) -> Entry | None:
        if sid not in self._loaded.sids and sid not in self._asked.sids:
            self._asked.sids.add(sid)
            raise Missing(Wanted(sids={sid}))
        found = self._loaded.sids.get(sid)
        return self._loaded.entries.get(found) if found is not None else None

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
        self._before.setdefault(conversation.id, conversation.facets)
        conversation = evolve(conversation, outcome.changes)
        self._keep_conversation(conversation)
        for change in outcome.changes:
            if change.kind:
                row = HistoryRow(conversation.id, now, change.actor, change.kind, change.data())
                self.out.history.append(row)
        return conversation

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
        self._keep_conversation(outcome.other)
        if outcome.move_thread:
            self.out.moved_threads.append((scene.other.thread, scene.thread.id))
        self.out.history.append(
            HistoryRow(outcome.other.id, now, "wainbox", "merged", {"other": scene.thread.id})
        )

    def _keep_customer(self, customer: Customer) -> None:
        self._loaded.customers[customer.id] = customer
        self.out.customers[customer.id] = customer

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
        """Stops a number, or with an empty reason lets it go on."""
        changed = replace(self._desk_with(number).numbers[number], paused=reason)
        self.out.numbers[number] = changed
        self.desk = replace(self.desk, numbers={**self.desk.numbers, number: changed})

    def keep_agent(self, agent: Agent) -> None:
        self.out.agents[agent.id] = agent
        agents: dict[AgentId, Agent] = {**self.desk.agents, agent.id: agent}
        self.desk = replace(self.desk, agents=agents)

    def set_presence(self, presence: Mapping[AgentId, Presence]) -> None:
        for agent, now in presence.items():
            self.keep_agent(replace(self.desk.agents[agent], presence=now))

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
            before = self._before.get(conversation, after.facets)
            yield after, before, self._entries_of.get(conversation, {}).values()

    def conversation(self, wanted: ConversationId) -> Conversation:
        return self._loaded.conversations[wanted]

    def customer_of(self, conversation: Conversation) -> Customer | None:
        return self._loaded.customers.get(conversation.customer) if conversation.customer else None

    def around(self, conversation: Conversation) -> Around:
        """The names that entries of this conversation are shown with."""
        return Around(
            ref=ref(conversation.ref),
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


def _contradicts(report: DeliveryReported, entry: Entry | None) -> bool:
    """Whether WhatsApp reports as sent what it had answered with an error."""
    refused = entry is not None and entry.delivery in (Delivery.QUEUED, Delivery.FAILED)
    unnamed = entry is not None and entry.wamid is None and entry.attempt > 0
    return refused and unnamed and bool(report.opaque) and report.delivery in ticks.OUT
