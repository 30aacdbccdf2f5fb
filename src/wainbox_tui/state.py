"""What this terminal knows, and how an event changes it: by assignment. No Textual, no network."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wainbox_relay.contract.filters import Facets, Viewer
from wainbox_relay.contract.vocabulary import Status

if TYPE_CHECKING:
    from datetime import datetime

    from wainbox_relay.contract.events import (
        AgentChanged,
        CardChanged,
        DeliveriesMoved,
        DeliveryMoved,
        Event,
        Notice,
        Viewing,
        WireFacets,
    )
    from wainbox_relay.contract.oncall import OnCallShift
    from wainbox_relay.contract.views import (
        AgentBadge,
        Card,
        Case,
        Counts,
        CustomerPanel,
        Entry,
        NumberBadge,
        Snapshot,
        Thread,
    )

MOST_CARDS = 20_000
"""Cards kept beyond those on the screen; the oldest go first."""


@dataclass(slots=True)
class OpenThread:
    """The conversation in the middle pane. `entries` are in order; `more` says whether older ones
    can be fetched; `panel` is the customer beside it, once it came. Pages and events tell of
    different moments, so `seq` keeps that of the newest page and `told` that of each entry."""

    conversation: int
    thread: int
    entries: "dict[int, Entry]" = field(default_factory=dict)
    cases: "tuple[Case, ...]" = ()
    more: bool = False
    panel: "CustomerPanel | None" = None
    seq: int = 0
    told: dict[int, int] = field(default_factory=dict)

    def put(self, entry: "Entry", seq: int) -> bool:
        """Takes an entry as it was at `seq`, unless something newer is known of it."""
        if self.told.get(entry.id, -1) > seq:
            return False
        self.entries[entry.id] = entry
        self.told[entry.id] = seq
        return True

    def in_order(self) -> "list[Entry]":
        return sorted(self.entries.values(), key=lambda entry: (entry.at, entry.id))


@dataclass(frozen=True, slots=True)
class Move:
    """Where a conversation stood, and where it stands from `seq` on."""

    seq: int
    conversation: int
    before: Facets | None
    after: Facets


@dataclass(slots=True)
class Moved:
    """What an event moved, for whoever draws it."""

    cards: set[int] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)
    counts: bool = False
    people: bool = False
    notices: bool = False
    reload: str = ""


@dataclass(slots=True)
class DeskState:
    """Everything the relay told us. `me` is None until the first snapshot."""

    me: "AgentBadge | None" = None
    agents: "dict[str, AgentBadge]" = field(default_factory=dict)
    numbers: "dict[str, NumberBadge]" = field(default_factory=dict)
    teams: tuple[str, ...] = ()
    counts: "Counts | None" = None
    shifts: "tuple[OnCallShift, ...]" = ()
    """On call, from the present shift on, as it was read last."""
    cards: "OrderedDict[int, Card]" = field(default_factory=OrderedDict)
    open: OpenThread | None = None
    viewing: "dict[int, Viewing]" = field(default_factory=dict)
    notices: "dict[str, Notice]" = field(default_factory=dict)
    undo_seconds: int = 3
    seq: int = 0
    beat_at: "datetime | None" = None
    _listening: "list[list[Event]]" = field(default_factory=list)

    @property
    def viewer(self) -> Viewer:
        if self.me is None:
            return Viewer(agent="")  # type: ignore[arg-type]  # nobody has looked yet
        return Viewer(self.me.id, frozenset(self.me.teams))

    def on_call(self, now: "datetime") -> "OnCallShift | None":
        """Whose shift it is."""
        return next((s for s in self.shifts if s.starts <= now < s.ends), None)

    def begin(self, snapshot: "Snapshot") -> None:
        """Takes the first picture; what was known before is forgotten, but for the open thread."""
        self.me = snapshot.me
        self.agents = {agent.id: agent for agent in snapshot.agents}
        self.numbers = {number.id: number for number in snapshot.numbers}
        self.teams = tuple(snapshot.teams)
        self.counts = snapshot.counts
        self.undo_seconds = snapshot.undo_seconds
        self.seq = snapshot.seq
        self.viewing.clear()
        self.notices.clear()

    def keep(self, card: "Card") -> bool:
        """A card was read or heard of; only a newer one counts."""
        known = self.cards.get(card.id)
        if known is not None and known.version >= card.version:
            return False
        self.cards[card.id] = card
        self.cards.move_to_end(card.id)
        while len(self.cards) > MOST_CARDS:
            self.cards.popitem(last=False)
        return True

    @contextmanager
    def hearing(self) -> "Iterator[list[Event]]":
        """Gathers the events that come while a page is under way, for it may be older than they."""
        heard: list[Event] = []
        self._listening.append(heard)
        try:
            yield heard
        finally:
            self._listening = [each for each in self._listening if each is not heard]

    def show_thread(self, page: "Thread", since: "Sequence[Event]" = ()) -> None:
        """A page of a thread came: the newest one opens it, older ones join it. `since` was heard
        while it was under way."""
        if self.open is None or self.open.thread != page.card.thread:
            self.open = OpenThread(page.card.id, page.card.thread)
        self.open.conversation = page.card.id
        for entry in page.entries:
            self.open.put(entry, page.seq)
        if page.seq >= self.open.seq:
            self.open.seq, self.open.cases = page.seq, page.cases
        self.open.more = page.more
        self.keep(page.card)
        for event in since:
            self._into_thread(event)

    def apply(self, event: "Event") -> Moved:
        """An event came; says what it moved."""
        moved = Moved()
        for heard in self._listening:
            heard.append(event)
        match event.type:
            case "card":
                self._card(event, moved)
            case "deliveries":
                self._deliveries(event, moved)
            case "agent":
                self._agent(event)
                moved.people = True
            case "number":
                self.numbers[event.number.id] = event.number
                moved.people = True
            case "notice":
                self._notice(event)
                moved.notices = True
            case "viewing":
                self.viewing[event.conversation] = event
                moved.cards.add(event.conversation)
            case "counts":
                self.counts = event.counts
                moved.counts = True
            case "beat":
                self.beat_at = event.at
            case "reload":
                moved.reload = event.reason
        if event.type != "beat":
            # A beat tells how far the relay is, not what has come here.
            self.seq = max(self.seq, getattr(event, "seq", 0) or 0)
        return moved

    def _agent(self, event: "AgentChanged") -> None:
        self.agents[event.agent.id] = event.agent
        if self.me is not None and event.agent.id == self.me.id:
            self.me = event.agent
        if event.gone:
            del self.agents[event.agent.id]

    def _card(self, event: "CardChanged", moved: Moved) -> None:
        moved.moves.append(move_of(event))
        self._weigh(event.before, -1)
        self._weigh(event.after, 1)
        if self.keep(event.card):
            moved.cards.add(event.conversation)
        moved.entries |= self._into_thread(event)

    def _weigh(self, stood: "WireFacets | None", by: int) -> None:
        """How much each colleague has follows from where conversations stand: loads change with
        every message and come with a badge only now and then."""
        if stood is None or stood.assignee is None or stood.status is not Status.OPEN:
            return
        badge = self.agents.get(stood.assignee)
        if badge is not None:
            load = max(0, badge.load + by)
            self.agents[badge.id] = badge.model_copy(update={"load": load})

    def _deliveries(self, event: "DeliveriesMoved", moved: Moved) -> None:
        for tick in event.moved:
            self._tick_row(tick, moved)
        moved.entries |= self._into_thread(event)

    def _into_thread(self, event: "Event") -> set[int]:
        """Which entries of the open thread an event changed."""
        thread = self.open
        if thread is None:
            return set()
        match event.type:
            case "card" if thread.thread == event.card.thread:
                return {entry.id for entry in event.entries if thread.put(entry, event.seq)}
            case "deliveries":
                known = ((tick, thread.entries.get(tick.entry)) for tick in event.moved)
                ticked = [_ticked(entry, tick) for tick, entry in known if entry is not None]
                return {entry.id for entry in ticked if thread.put(entry, event.seq)}
            case _:
                return set()

    def _tick_row(self, tick: "DeliveryMoved", moved: Moved) -> None:
        """A tick is no new version of its card, so the card follows here."""
        card = self.cards.get(tick.conversation)
        last = card.last_message if card is not None else None
        if card is None or last is None or last.id != tick.entry:
            return
        last = last.model_copy(update={"delivery": tick.delivery})
        self.cards[card.id] = card.model_copy(update={"last_message": last})
        moved.cards.add(card.id)

    def _notice(self, notice: "Notice") -> None:
        if notice.sentence:
            self.notices[notice.code] = notice
        else:
            self.notices.pop(notice.code, None)


def _ticked(entry: "Entry", tick: "DeliveryMoved") -> "Entry":
    changed: dict[str, object] = {"delivery": tick.delivery, "delivery_at": tick.at}
    if tick.failure is not None:
        changed["failure"] = tick.failure
    return entry.model_copy(update=changed)


def moves_of(events: "Iterable[Event]") -> list[Move]:
    return [move_of(event) for event in events if event.type == "card"]


def move_of(event: "CardChanged") -> Move:
    before = None if event.before is None else facets(event.before)
    return Move(event.seq, event.conversation, before, facets(event.after))


def facets(wire: "WireFacets") -> Facets:
    return Facets(
        number=wire.number,
        team=wire.team,
        assignee=wire.assignee,
        status=wire.status,
        flags=frozenset(wire.flags),
        priority=wire.priority,
        language=wire.language,
        tags=frozenset(wire.tags),
        sort_key=wire.sort_key,
        mentions=frozenset(wire.mentions),
    )
