"""A window with events applied is the same stretch of the view fetched afresh."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.filters import Facets, Viewer, matches, parse
from wainbox_relay.contract.vocabulary import AgentId, Priority, Status
from wainbox_tui.window import Window

VIEWER = Viewer(AgentId("nadia"))
WANTED = parse("assignee:me status:open")


@dataclass(frozen=True)
class FakeCard:
    id: int
    sort_key: int


def facets(sort_key: int, *, inside: bool) -> Facets:
    return Facets(
        number="1",
        team=None,
        assignee="nadia" if inside else None,
        status=Status.OPEN,
        flags=frozenset(),
        priority=Priority.NORMAL,
        language="",
        tags=frozenset(),
        sort_key=sort_key,
    )


def in_order(world: dict[int, Facets]) -> list[tuple[int, int]]:
    return sorted((f.sort_key, i) for i, f in world.items() if matches(WANTED, f, VIEWER))


states = st.builds(facets, st.integers(0, 40), inside=st.booleans())
worlds = st.dictionaries(st.integers(1, 30), states, max_size=30)
moves = st.lists(st.tuples(st.integers(1, 40), states), max_size=60)


@given(world=worlds, moves=moves, start=st.integers(0, 20), size=st.integers(0, 20))
def test_window_and_events_are_the_window_fetched_afresh(world, moves, start, size):
    """Whatever moves in, out or about, the stretch that is held is the true one."""
    order = in_order(world)
    start = min(start, len(order))
    page = order[start : start + size]
    window = Window(WANTED, VIEWER)
    window.load([FakeCard(i, key) for key, i in page], start, len(order))
    for identity, after in moves:
        window.apply(identity, world.get(identity), after)
        world[identity] = after
    true = in_order(world)

    assert window.total == len(true)
    if window.keys:
        first = true.index(window.keys[0])
        assert true[first : first + len(window.keys)] == window.keys
        assert window.start == first


def test_a_snapshot_takes_no_events():
    """Search results stand still: an event cannot tell whether words still match."""
    window = Window(parse("refund"), VIEWER)
    window.load([FakeCard(1, 5)], 0, 1)

    assert not window.apply(2, None, facets(3, inside=True))
    assert window.keys == [(5, 1)]
