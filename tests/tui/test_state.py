"""What the terminal knows follows the relay's events."""

from tests.tui import pretend

from wainbox_relay.contract.events import (
    CardChanged,
    DeliveriesMoved,
    DeliveryMoved,
    WireFacets,
)
from wainbox_relay.contract.views import Failure, Thread
from wainbox_relay.contract.vocabulary import Delivery, Status
from wainbox_tui.state import DeskState, OpenThread

REFUSED = Failure(code=131026, reason="This phone takes no messages", next_step="Call them.")


def told(desk: DeskState, entry: int, delivery: Delivery, failure: Failure | None = None):
    tick = DeliveryMoved(
        conversation=4, entry=entry, delivery=delivery, at=pretend.NOW, failure=failure
    )
    return desk.apply(DeliveriesMoved(seq=9, moved=(tick,)))


def test_a_tick_reaches_the_row_and_the_thread():
    """Neither has a new version, both change; an older message's tick leaves the row alone."""
    desk, sent = pretend.desk(), pretend.ours("On its way", delivery=Delivery.SENT)
    card = pretend.card(4, said_by="nadia")
    last = card.last_message.model_copy(update={"id": sent.id, "delivery": Delivery.SENT})
    desk.keep(card.model_copy(update={"last_message": last}))
    desk.open = OpenThread(4, 4, entries={sent.id: sent})

    moved = told(desk, sent.id, Delivery.READ)
    assert (moved.cards, moved.entries) == ({4}, {sent.id})
    assert desk.cards[4].last_message.delivery is Delivery.READ
    assert desk.open.entries[sent.id].delivery is Delivery.READ
    assert told(desk, sent.id + 1, Delivery.FAILED).cards == set()


def test_a_failure_comes_with_its_reason():
    """The agent reads why at once, not after opening the conversation again."""
    desk, sent = pretend.desk(), pretend.ours("On its way", delivery=Delivery.SENT)
    desk.open = OpenThread(4, 4, entries={sent.id: sent})
    told(desk, sent.id, Delivery.FAILED, REFUSED)
    assert desk.open.entries[sent.id].failure == REFUSED


def test_loads_follow_the_conversations():
    """Who has how much moves with every conversation that comes to them, goes on customer or
    leaves; what is on customer counts for nobody."""
    desk, seq = pretend.desk(), iter(range(1, 9))

    def moves(was: str | None, now: str | None, status: Status = Status.OPEN):
        card = pretend.card(4, assignee=now, status=status)
        before, after = (
            WireFacets(number="1", assignee=who, status=how, priority="normal", sort_key=0)
            for who, how in ((was, Status.OPEN), (now, status))
        )
        n = next(seq)
        desk.apply(CardChanged(
            seq=n, conversation=4, version=n, before=before, after=after, card=card
        ))  # fmt: skip
        return [desk.agents[name].load for name in ("lina", "samir")]

    assert moves(None, "lina") == [1, 0]
    assert moves("lina", "samir") == [0, 1]
    assert moves("samir", "samir") == [0, 1]
    assert moves("samir", "samir", Status.WAITING) == [0, 0]


def test_a_page_puts_nothing_old_over_what_is_known():
    """A page of before the tick keeps it, wherever the tick came; one of after is not put back."""
    sent = pretend.ours("On its way", delivery=Delivery.SENT)
    read = sent.model_copy(update={"delivery": Delivery.READ})

    def page(seq: int, entry) -> Thread:
        return Thread(seq=seq, card=pretend.card(4), entries=(entry,), cases=(), more=False)

    desk = pretend.desk()
    with desk.hearing() as heard:
        told(desk, sent.id, Delivery.DELIVERED)
    desk.show_thread(page(8, sent), heard)
    assert desk.open.entries[sent.id].delivery is Delivery.DELIVERED

    desk.show_thread(page(8, sent))
    assert desk.open.entries[sent.id].delivery is Delivery.DELIVERED

    desk.show_thread(page(10, read))
    assert told(desk, sent.id, Delivery.DELIVERED).entries == set()
    assert desk.open.entries[sent.id].delivery is Delivery.READ
