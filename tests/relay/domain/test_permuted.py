"""A day's webhooks in any order, repeated and in any batches, end in the same picture."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.relay.domain.playbook import RIYADH, Playbook, clock, sid

from wainbox_relay.contract.commands import Reply
from wainbox_relay.contract.content import Text, Unsupported
from wainbox_relay.contract.vocabulary import SECOND, Delivery, Moment, Wamid
from wainbox_relay.domain.facts import (
    DeliveryReported,
    Echoed,
    Edited,
    Fact,
    MessageArrived,
    Reacted,
    Revoked,
)

START = clock("10:00")
PEER = Playbook().peer
NAMES = st.sampled_from(["a", "b", "c", "d"])
SECONDS = st.integers(0, 30).map(lambda s: Moment(START + s * SECOND))


def moment_of(name: str) -> Moment:
    """A message has one timestamp, however often it comes."""
    return Moment(START + "abcd".index(name) // 2 * SECOND)


def message(name: str) -> Fact:
    at = moment_of(name)
    return MessageArrived(PEER, Wamid(name), at, at, Text(body=f"said {name}"))


def placeholder(name: str) -> Fact:
    at = moment_of(name)
    return MessageArrived(PEER, Wamid(name), at, at, Unsupported(type="unknown"))


def echo(name: str) -> Fact:
    at = moment_of(name)
    return Echoed(PEER, Wamid(f"phone {name}"), at, at, Text(body=f"answered {name}"))


def edit(name: str, at: Moment) -> Fact:
    return Edited(RIYADH, Wamid(name), Wamid(f"edit {name} {at}"), at, Text(body=f"{name} {at}"))


def revoke(name: str, at: Moment) -> Fact:
    return Revoked(RIYADH, Wamid(name), Wamid(f"revoke {name} {at}"), at)


def reaction(name: str, at: Moment, emoji: str) -> Fact:
    return Reacted(PEER, Wamid(name), Wamid(f"react {name} {at} {emoji}"), at, emoji)


def status(state: Delivery, at: Moment) -> Fact:
    failure = None
    return DeliveryReported(RIYADH, Wamid("ours"), state, at, f"{sid('ours')}.1", "", failure)


STATES = st.sampled_from(
    [Delivery.SENT, Delivery.DELIVERED, Delivery.READ, Delivery.PLAYED, Delivery.FAILED]
)
FACTS = st.one_of(
    st.builds(message, NAMES),
    st.builds(echo, NAMES),
    st.builds(edit, NAMES, SECONDS),
    st.builds(revoke, NAMES, SECONDS),
    st.builds(reaction, NAMES, SECONDS, st.sampled_from(["", "❤", "👍"])),
)


def played(facts: list[Fact], day: Playbook | None = None) -> Playbook:
    day = day or Playbook()
    for fact in facts:
        assert day.play(clock("11:00"), fact).problem is None
    return day


def picture(day: Playbook) -> object:
    """What must not depend on order: messages with all that was done to them, the newest, the
    window, whose turn it is, how many conversations are open."""
    entries = sorted(
        (
            str(e.wamid),
            e.content,
            e.original,
            e.edited_at,
            e.revoked_at,
            tuple(r for r in e.reactions if r.emoji),
            e.delivery,
        )
        for e in day.entries.values()
    )
    if not day.conversations:
        return entries
    c = day.conversation
    last = replace(c.last, id=0) if c.last else None
    return entries, last, c.last_in_at, c.last_in_wamid, c.turn, c.status, len(day.conversations)


@given(st.lists(FACTS, max_size=12), st.randoms(use_true_random=False), st.data())
@settings(max_examples=300)
def test_permuted_and_repeated_days_end_the_same(facts, random, data):
    """Shuffled, and with some of it delivered twice."""
    once = [fact for n, fact in enumerate(facts) if fact not in facts[:n]]
    again = [
        *once,
        *data.draw(st.lists(st.sampled_from(once), max_size=4) if once else st.just([])),
    ]
    random.shuffle(again)
    assert picture(played(once)) == picture(played(again))


@given(st.lists(st.one_of(st.builds(message, NAMES), st.builds(placeholder, NAMES)), max_size=8))
def test_a_placeholder_never_wins(facts):
    """Whatever comes first, the readable message stays."""
    readable = {f.wamid for f in facts if isinstance(f.content, Text)}
    day = played(facts)
    shown = {e.wamid for e in day.entries.values() if isinstance(e.content, Text)}
    assert shown == readable
    assert picture(day) == picture(played(facts[::-1]))


@given(st.lists(st.builds(message, NAMES), max_size=8), st.randoms(use_true_random=False))
def test_the_wait_began_with_the_first(facts, random):
    """The wait starts when the first unanswered message reached us, in whatever order they are
    read."""
    shuffled = random.sample(facts, len(facts))
    day = played(shuffled)
    if facts:
        assert day.conversation.waiting_since == min(f.arrived_at for f in facts)
        assert day.conversation.unread == len({f.wamid for f in facts})


@given(st.permutations(range(4)), st.lists(STATES, min_size=1, max_size=4), st.booleans())
def test_statuses_in_any_order_end_in_the_same_state(order, states, doubtful):
    """Also when they come before WhatsApp's own answer, or settle a doubt."""

    def end(reports: list[Delivery]) -> object:
        day = Playbook()
        day.says("09:59")
        day.ask("10:00", "leila", Reply(content=Text(body="ours")), "ours")
        day.leaves("10:00", "ours")
        if doubtful:
            day.doubts("10:00", "ours")
        for state in reports:
            day.play(clock("10:01"), status(state, START))
        if not doubtful:
            day.accepts("10:02", "ours", "ours")
        c = day.conversation
        return day.entry("ours").delivery, c.turn, c.status, c.flags, c.sending, c.unconfirmed

    shuffled = [states[n] for n in order if n < len(states)]
    assert end(states) == end(shuffled)
