"""A window with events applied is the same stretch of the view fetched afresh."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.filters import Facets, Filter, Viewer, matches, parse
from wainbox_relay.contract.vocabulary import AgentId, Priority, Status
from wainbox_tui.window import Window

VIEWER = Viewer(AgentId("nadia"))
WANTED = parse("assignee:me status:open")
NAMED = parse("mention:me")


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
        mentions=frozenset({"karim", "nadia"}) if inside else frozenset({"karim"}),
    )


def in_order(world: dict[int, Facets], wanted: Filter = WANTED) -> list[tuple[int, int]]:
    return sorted((f.sort_key, i) for i, f in world.items() if matches(wanted, f, VIEWER))


def is_true(window: Window, order: list[tuple[int, int]]) -> None:
    """Whether a window is what the view truly holds from its `lo` to its `hi`."""
    above = [key for key in order if window.lo is not None and key < window.lo]
    beyond = [key for key in order if window.hi is not None and key > window.hi]
    assert window.keys == order[len(above) : len(order) - len(beyond)]
    assert (window.start, window.beyond) == (len(above), len(beyond))
    assert window.total == len(order)


states = st.builds(facets, st.integers(0, 40), inside=st.booleans())
worlds = st.dictionaries(st.integers(1, 30), states, max_size=30)
moves = st.lists(st.tuples(st.integers(1, 40), states), max_size=60)


@pytest.mark.parametrize("wanted", [WANTED, NAMED], ids=["mine", "mentions"])
@given(world=worlds, moves=moves, start=st.integers(0, 20), size=st.integers(1, 20))
def test_window_and_events_are_the_window_fetched_afresh(wanted, world, moves, start, size):
    """Whatever moves in, out or about, the stretch that is held is the true one."""
    order = in_order(world, wanted)
    start = max(0, min(start, len(order) - 1))
    page = order[start : start + size]
    window = Window(wanted, VIEWER)
    more = start + size < len(order)
    window.load([FakeCard(i, key) for key, i in page], start, len(order), more=more)
    is_true(window, order)
    for identity, after in moves:
        window.apply(identity, world.get(identity), after)
        world[identity] = after
        is_true(window, in_order(world, wanted))
