"""The scene of each fact: what the rules may look at, from what was loaded for the batch.

People and threads that are met for the first time are made known here, since a scene cannot do
without them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from wainbox_relay.contract.commands import Undo
from wainbox_relay.contract.problems import Code, Problem, Refusal, refuse
from wainbox_relay.contract.vocabulary import (
    ConversationId,
    CustomerId,
    EntryId,
    Moment,
    NumberId,
    Sid,
    ThreadId,
    Wamid,
)
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.facts import (
    Accepted,
    AlarmRang,
    Ambiguous,
    AttemptBegan,
    Begun,
    BlockFailed,
    Commanded,
    DeliveryReported,
    Echoed,
    Edited,
    Fact,
    IdentityChanged,
    LetGo,
    MediaFetched,
    MessageArrived,
    NotAccepted,
    PageLost,
    Peer,
    Person,
    Reacted,
    Revoked,
    RouteDue,
)
from wainbox_relay.domain.model import (
    Conversation,
    Customer,
    Desk,
    Entry,
    Fresh,
    Identity,
    Number,
    Parts,
    Scene,
    Thread,
)
from wainbox_relay.domain.rules import closing
from wainbox_relay.domain.rules.identity import identify, named
from wainbox_relay.engine import refs
from wainbox_relay.engine.ids import Ids
from wainbox_relay.ports import Batch, Loaded, Wanted


@dataclass(frozen=True, slots=True)
class Missing(Exception):
    """The fact needs more than was loaded: load this and apply it again."""

    wanted: Wanted


class Scenes:
    """What a batch may touch, held in memory. `out` collects what must be kept."""

    def __init__(self, loaded: Loaded, desk: Desk, ids: Ids, last_ref: int, now: Moment) -> None:
        self._loaded = loaded
        self.desk = desk
        self._ids = ids
        self._ref = last_ref
        self._asked = Wanted()
        self.out = Batch(at=now)

    def more(self, loaded: Loaded) -> None:
        """Adds what was loaded later; what is held already is newer and stays."""
        for name in Loaded.__slots__:
            mine: dict[object, object] = getattr(self._loaded, name)
            for key, value in getattr(loaded, name).items():
                mine.setdefault(key, value)

    # -- the scene ---------------------------------------------------------------------------

    def _scene(self, fact: Fact, now: Moment) -> Scene | None:
        match fact:
            case MessageArrived(peer=peer) | Echoed(peer=peer):
                entry = self._entry_by_wamid(peer.number, fact.wamid)
                if entry is not None:
                    return self._about(entry, now)
                quoted = self._entry_by_wamid(peer.number, fact.quote) if fact.quote else None
                return replace(self._named(fact, self._with(peer, now)), quoted=quoted)
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
            case (
                AlarmRang(conversation=conversation)
                | PageLost(conversation=conversation)
                | RouteDue(conversation=conversation)
                | LetGo(conversation=conversation)
                | BlockFailed(conversation=conversation)
            ):
                return self._around(self._conversation(conversation), now)
            case MediaFetched(entry=entry_id):
                entry = self._entry(entry_id)
                return self._about(entry, now) if entry else None

    def _fresh(self, now: Moment) -> Fresh:
        return Fresh(
            conversation=ConversationId(self._ids.next(now)),
            entry=EntryId(self._ids.next(now)),
            ref=self._ref + 1,
            replies=(EntryId(self._ids.next(now)), EntryId(self._ids.next(now))),
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

    def _named(self, fact: MessageArrived | Echoed, scene: Scene) -> Scene:
        """While nothing is under way, a case of the thread whose reference the customer names comes
        before the newest."""
        newest = scene.conversation
        if newest is None or not newest.resolved or not isinstance(fact, MessageArrived):
            return scene
        for ref in closing.named(fact.content):
            named = self._loaded.conversations.get(self._loaded.refs.get(ref, newest.id), newest)
            if named.thread == scene.thread.id and not named.spam and self._takes(fact, named):
                return replace(scene, conversation=named)
        return scene

    def _takes(self, fact: MessageArrived, case: Conversation) -> bool:
        policy = self.desk.policy
        back = closing.returns(case, fact.content, fact.at, fact.arrived_at, policy)
        return back == "came back"

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
        step = conversation.undo
        if isinstance(command, Undo) and step is not None and step.parts is not None:
            scene = self._with_parts(scene, step.parts)
        return replace(scene, quoted=quoted, entry=entry)

    def _own_entry(self, scene: Scene, entry_id: EntryId | None, field: str) -> Entry | None:
        if entry_id is None:
            return None
        entry = self._entry(entry_id)
        if entry is None or entry.thread != scene.thread.id:
            raise refuse(Code.NOT_FOUND, "There is no such message in this conversation.", field)
        return entry

    def _with_other(self, scene: Scene, text: str) -> Scene:
        other_id = self._loaded.refs.get(refs.found_in(text) or 0)
        if other_id is None:
            raise refuse(Code.NOT_FOUND, "There is no conversation with that reference.", "other")
        other = self._under_way(self._conversation(other_id))
        customer = self._loaded.customers.get(other.customer) if other.customer else None
        return replace(scene, other=other, other_customer=customer)

    def _with_parts(self, scene: Scene, parts: Parts) -> Scene:
        """What a merge put together, as it stands now."""
        other = self._loaded.conversations.get(parts.other.id)
        newest = self._loaded.newest.get(parts.root.id)
        if other is None or newest is None:
            asked = Wanted(conversations={parts.other.id}, newest={parts.root.id})
            raise Missing(asked)
        said = (self._loaded.entries[entry] for entry in self.out.new_entries)
        theirs = (
            each.id for each in said if self._loaded.threads[each.thread].customer == parts.root.id
        )
        return replace(scene, other=other, newest=max((newest, *theirs)))

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

    def _keep_customer(self, customer: Customer) -> None:
        self._loaded.customers[customer.id] = customer
        self.out.customers[customer.id] = customer

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
