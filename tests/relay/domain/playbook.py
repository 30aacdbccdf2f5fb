"""A day on one thread, played fact by fact: each outcome is folded into what the next one sees."""

from dataclasses import dataclass, field, replace
from itertools import count

from wainbox_relay.contract.commands import Command, Reply
from wainbox_relay.contract.content import Content, Text
from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    CustomerId,
    Delivery,
    EntryId,
    IdentityKind,
    Moment,
    NumberId,
    Presence,
    Role,
    Sid,
    TeamId,
    ThreadId,
    Wamid,
)
from wainbox_relay.domain.decide import decide
from wainbox_relay.domain.evolve import evolve
from wainbox_relay.domain.facts import (
    Accepted,
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
    Failure,
    Fresh,
    Identity,
    Number,
    Policy,
    Scene,
    Thread,
)
from wainbox_relay.domain.outcome import Change, Outcome, Wish

RIYADH = NumberId("riyadh")
MIDNIGHT = Moment(1_796_083_200_000_000)
"""1 December 2026, 00:00 UTC."""

SARA = Person((Identity(IdentityKind.PHONE, "966500000001"),), "Sara")
GROUP = "120363000000000001"

LEILA, KARIM, BOSS, WALL = (AgentId(a) for a in ("leila", "karim", "boss", "wall"))
CARE, RETURNS = TeamId("care"), TeamId("returns")


def agent(name: AgentId, role: Role = Role.AGENT, *teams: TeamId, here: bool = True) -> Agent:
    presence = Presence.ONLINE if here else Presence.OFFLINE
    return Agent(name, name.title(), role, frozenset(teams), presence)


DESK = Desk(
    agents={
        LEILA: agent(LEILA, Role.AGENT, CARE),
        KARIM: agent(KARIM, Role.AGENT, CARE, RETURNS),
        BOSS: agent(BOSS, Role.LEAD),
        WALL: agent(WALL, Role.VIEWER),
    },
    teams=frozenset({CARE, RETURNS}),
    numbers={RIYADH: Number(RIYADH, "Riyadh", team=CARE)},
    policy=Policy(outcomes=("solved", "refunded")),
)


def clock(text: str) -> Moment:
    """`10:02`, `10:02:30` or, on a later day, `2d 10:02`."""
    day, _, hour = text.rpartition(" ")
    hours, minutes, seconds = (*(int(part) for part in hour.split(":")), 0)[:3]
    days = int(day.removesuffix("d") or 1) - 1
    return Moment(MIDNIGHT + (days * 86_400 + hours * 3600 + minutes * 60 + seconds) * 1_000_000)


def sid(word: str) -> Sid:
    return Sid(word.encode().hex().ljust(32, "0")[:32])


def refusal(code: int = 131026) -> Failure:
    return Failure(code, "No.", "Do something else.")


@dataclass
class Playbook:
    """`conversation` is the one a new message would meet."""

    desk: Desk = DESK
    customer: Customer | None = field(
        default_factory=lambda: Customer(CustomerId(1), MIDNIGHT, "Sara", phone="966500000001")
    )
    group: str = ""
    conversations: dict[ConversationId, Conversation] = field(default_factory=dict)
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    parked: list[tuple[Wamid, Fact]] = field(default_factory=list)
    paused: str = ""

    def __post_init__(self) -> None:
        self._ids = count(100)
        self._wamids = count(1)
        owner = None if self.group or self.customer is None else self.customer.id
        self.thread = Thread(ThreadId(7), RIYADH, owner, self.group)
        self.peer = Peer(RIYADH, SARA, self.group)

    # -- what stands -------------------------------------------------------------------------

    @property
    def conversation(self) -> Conversation:
        found = self._current()
        assert found is not None, "there is no conversation"
        return found

    def _current(self) -> Conversation | None:
        unresolved = [c for c in self.conversations.values() if not c.resolved]
        assert len(unresolved) < 2, "two unresolved conversations of one thread"
        return (unresolved or sorted(self.conversations.values(), key=lambda c: c.id) or [None])[-1]

    def entry(self, name: str) -> Entry:
        """A message by its wamid or by the word its sid was made of."""
        found = [e for e in self.entries.values() if name == e.wamid or e.sid == sid(name)]
        assert len(found) == 1, f"{len(found)} messages called {name}"
        return found[0]

    # -- what happens ------------------------------------------------------------------------

    def play(self, at: str | Moment, fact: Fact) -> Outcome:
        now = clock(at) if isinstance(at, str) else at
        scene = self._scene(fact)
        outcome = decide(fact, scene, now)
        if outcome.problem is None:
            self._fold(fact, scene, outcome, now)
        return outcome

    def script(self, *lines: tuple[str, Fact]) -> Conversation:
        for at, fact in lines:
            outcome = self.play(at, fact)
            assert outcome.problem is None, outcome.problem
        return self.conversation

    def ask(
        self,
        at: str,
        who: AgentId,
        command: Command,
        name: str = "",
        *,
        of: Conversation | None = None,
        as_of: int | None = None,
    ) -> Outcome:
        return self.play(at, self.asks(who, command, name, of=of, as_of=as_of))

    def asks(
        self,
        who: AgentId,
        command: Command,
        name: str = "",
        *,
        of: Conversation | None = None,
        as_of: int | None = None,
    ) -> Commanded:
        target = (of or self.conversation).id
        known = self.desk.agents.get(who)
        role = known.role if known else Role.AGENT
        return Commanded(who, role, sid(name or f"c{next(self._ids)}"), target, command, as_of)

    def says(
        self,
        at: str,
        text: str = "Where is my order?",
        wamid: str = "",
        *,
        sent: str = "",
        content: Content | None = None,
        **more: object,
    ) -> Outcome:
        """The customer writes; `sent` when WhatsApp's timestamp is older than the arrival."""
        fact = MessageArrived(
            peer=self.peer,
            wamid=Wamid(wamid or f"in{next(self._wamids)}"),
            at=clock(sent or at),
            arrived_at=clock(at),
            content=content or Text(body=text),
            **more,  # type: ignore[arg-type]
        )
        return self.play(at, fact)

    def phones(self, at: str, text: str, wamid: str = "", **more: object) -> Outcome:
        """Somebody answers in the Business app."""
        fact = Echoed(
            peer=self.peer,
            wamid=Wamid(wamid or f"echo{next(self._wamids)}"),
            at=clock(at),
            arrived_at=clock(at),
            content=Text(body=text),
            **more,  # type: ignore[arg-type]
        )
        return self.play(at, fact)

    def reacts(self, at: str, wamid: str, emoji: str) -> Outcome:
        """The customer puts an emoji on one of the messages."""
        reaction = Wamid(f"react{next(self._wamids)}")
        return self.play(at, Reacted(self.peer, Wamid(wamid), reaction, clock(at), emoji))

    def replies(self, at: str, who: AgentId, name: str, text: str = "On its way", **more: object):
        return self.ask(at, who, Reply(content=Text(body=text), **more), name)  # type: ignore[arg-type]

    def leaves(self, at: str, name: str) -> Outcome:
        return self.play(at, AttemptBegan(sid(name)))

    def accepts(self, at: str, name: str, wamid: str, attempt: int = 1) -> Outcome:
        return self.play(at, Accepted(sid(name), attempt, Wamid(wamid)))

    def sends(self, at: str, who: AgentId, name: str, text: str = "On its way", **more: object):
        """A reply all the way to WhatsApp, which calls it `wa-<name>`."""
        asked = self.replies(at, who, name, text, **more)
        assert asked.problem is None, asked.problem
        self.leaves(at, name)
        return self.accepts(at, name, f"wa-{name}")

    def doubts(self, at: str, name: str, attempt: int = 1) -> Outcome:
        return self.play(at, Ambiguous(sid(name), attempt))

    def refuses(self, at: str, name: str, attempt: int = 1, code: int = 131026) -> Outcome:
        return self.play(at, NotAccepted(sid(name), attempt, refusal(code)))

    def reports(
        self, at: str, wamid: str, state: Delivery, opaque: str = "", participant: str = ""
    ) -> Outcome:
        named = f"{sid(opaque.partition('.')[0])}.{opaque.partition('.')[2]}" if opaque else ""
        failed = refusal(131026) if state is Delivery.FAILED else None
        return self.play(
            at,
            DeliveryReported(RIYADH, Wamid(wamid), state, clock(at), named, participant, failed),
        )

    def rings(self, at: str, reason: str = "snooze") -> Outcome:
        return self.play(at, AlarmRang(self.conversation.id, reason, clock(at)))

    # -- scenes and folding ------------------------------------------------------------------

    def _scene(self, fact: Fact) -> Scene:
        entry, conversation = self._about(fact), self._current()
        if isinstance(fact, Commanded):
            conversation = self.conversations[fact.conversation]
        elif entry is not None:
            conversation = self.conversations[entry.conversation]
        beside = self._current()
        if beside is None or beside.resolved or beside is conversation:
            beside = None
        return Scene(
            desk=self.desk,
            thread=self.thread,
            fresh=Fresh(
                ConversationId(next(self._ids)),
                EntryId(next(self._ids)),
                1000 + len(self.conversations),
                replies=(EntryId(next(self._ids)), EntryId(next(self._ids))),
            ),
            conversation=conversation,
            customer=self.customer,
            entry=entry,
            quoted=self.entries.get(getattr(getattr(fact, "command", None), "quote", None)),
            beside=beside,
        )

    def _about(self, fact: Fact) -> Entry | None:
        match fact:
            case MessageArrived(wamid=wamid) | Echoed(wamid=wamid):
                return self._by_wamid(wamid)
            case Edited(target=wamid) | Revoked(target=wamid) | Reacted(target=wamid):
                return self._by_wamid(wamid)
            case DeliveryReported(wamid=wamid, opaque=opaque):
                return self._by_wamid(wamid) or self._by_sid(Sid(opaque.partition(".")[0]))
            case AttemptBegan() | Accepted() | NotAccepted() | Ambiguous():
                return self._by_sid(fact.sid)
            case MediaFetched(entry=entry):
                return self.entries.get(entry)
            case Commanded(command=command):
                named = self._by_sid(getattr(command, "sid", None))
                return named or self.entries.get(getattr(command, "entry", None))
            case _:
                return None

    def _by_wamid(self, wamid: Wamid) -> Entry | None:
        return next((e for e in self.entries.values() if e.wamid == wamid), None)

    def _by_sid(self, wanted: Sid | None) -> Entry | None:
        found = (e for e in self.entries.values() if e.sid == wanted)
        return next(found, None) if wanted else None

    def _fold(self, fact: Fact, scene: Scene, outcome: Outcome, now: Moment) -> None:
        if outcome.parked:
            self.parked.append((getattr(fact, "target", None) or fact.wamid, fact))
            return
        base = outcome.opened or scene.conversation
        if base is not None and (outcome.changes or outcome.opened):
            self.conversations[base.id] = evolve(base, outcome.changes)
        self.entries.update({entry.id: entry for entry in outcome.entries})
        self.history.extend(change for change in outcome.changes if change.kind)
        self.wishes.extend(outcome.wishes)
        self.customer = outcome.customer or self.customer
        if outcome.pause:
            self.pause(outcome.pause)
        self._unpark(getattr(fact, "wamid", None), now)

    def _unpark(self, wamid: Wamid | None, now: Moment) -> None:
        waiting = [fact for target, fact in self.parked if target == wamid]
        self.parked = [row for row in self.parked if row[0] != wamid]
        for fact in waiting:
            self.play(now, fact)

    def pause(self, reason: str) -> None:
        number = replace(self.desk.numbers[RIYADH], paused=reason)
        self.desk = replace(self.desk, numbers={RIYADH: number})

    def change(self, **fields: object) -> None:
        """Puts the conversation into a state by hand, for tables."""
        changed = replace(self.conversation, **fields)  # type: ignore[arg-type]
        self.conversations[changed.id] = changed
