"""The order on the screen stands still until the agent asks; the true one is always the relay's."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tui.test_window import (
    VIEWER,
    WANTED,
    FakeCard,
    facets,
    in_order,
    is_true,
    states,
    worlds,
)

from wainbox_relay.contract.filters import STANDING_SHIFT, Facets, FilterError
from wainbox_relay.contract.vocabulary import Standing
from wainbox_tui.board import Board, Read
from wainbox_tui.state import Move
from wainbox_tui.window import Window

OURS = Standing.OURS << STANDING_SHIFT


def board(*cards: tuple[int, int], more: bool = False) -> Board:
    made = Board()
    made.choose("all", "", VIEWER)
    made.load(Read([FakeCard(i, key) for i, key in cards], more=more), 0, len(cards))
    return made


def test_new_conversations_wait_to_be_shown():
    """An arrival is counted and not inserted; then it takes its true place."""
    made = board((1, 10), (2, 20))
    made.heard(1, [Move(1, 3, None, facets(5, inside=True))])

    assert made.shown.ids == [1, 2]
    assert made.shown.new == {3}

    made.show_new(())

    assert made.shown.ids == [3, 1, 2]
    assert made.shown.new == set()


def test_rows_that_move_keep_their_place():
    """A row whose rank changed stays under the cursor until asked."""
    made = board((1, 10), (2, 20))
    made.heard(1, [Move(1, 2, facets(20, inside=True), facets(1, inside=True))])

    assert made.shown.ids == [1, 2]
    made.show_new(())
    assert made.shown.ids == [2, 1]


def test_an_empty_list_shows_what_arrives():
    """Where there is nothing under the cursor, nothing can slip from under it; its heading comes
    with it."""
    made = board()

    assert made.heard(1, [Move(1, 4, None, facets(OURS + 5, inside=True))])
    assert made.shown.ids == [4]
    assert list(made.shown.standings)[Standing.OURS] == 1


def test_what_arrived_while_a_page_was_under_way_is_shown_with_it():
    """A page of before is brought to now, and one of now hears nothing twice."""
    made, arrival = Board(), Move(7, 4, None, facets(5, inside=True))
    made.choose("all", "", VIEWER)
    made.heard(7, [arrival])
    made.load(Read([], seq=6, since=[arrival]))
    assert made.shown.ids == [4]

    made.load(Read([FakeCard(4, 5)], seq=9))
    made.heard(8, [Move(8, 4, facets(5, inside=True), facets(6, inside=True))])
    assert (made.window.keys, made.window.total) == ([(5, 4)], 1)


def test_headings_count_the_rows_that_are_there():
    """Down to the last row that is loaded our own rows count, below it the relay's counts."""
    cards = [(1, 5), (2, OURS + 1), (3, OURS + 2)]
    made = Board()
    made.choose("all", "", VIEWER)
    counted = [3, 0, 0, 0, 1, 0, 9, 0]
    made.load(Read([FakeCard(i, k) for i, k in cards], more=True), 0, 13, counted)

    assert list(made.shown.standings) == [1, 0, 0, 0, 2, 0, 9, 0]


def test_pages_join_without_doubles():
    """A page that overlaps what is shown adds only what is new."""
    made = board((1, 10), (2, 20), more=True)
    made.shown.new.add(3)
    made.extend(Read([FakeCard(2, 20), FakeCard(3, 30)]), (20, 2))

    assert made.shown.ids == [1, 2, 3]
    assert made.shown.index(3) == 2
    assert (made.shown.total, made.shown.new) == (3, set())


@pytest.mark.parametrize(
    ("first", "last", "where"),
    [(0, 1, ""), (1, 3, "below"), (40, 60, "below"), (500, 520, "there")],
)
def test_which_page_missing_rows_need(first, last, where):
    """Near the edge the next page by key, far away a page by row."""
    assert board((1, 10), (2, 20)).wants(first, last) == where


def test_a_wrong_filter_names_the_word():
    """What was typed wrong is said, and the list stays."""
    made = board((1, 10))
    with pytest.raises(FilterError, match="'colour:red'"):
        made.choose("all", "colour:red", VIEWER)
    assert made.shown.ids == [1]


def test_a_snapshot_takes_no_events():
    """Search results stand still: an event cannot tell whether words still match."""
    made = Board()
    made.choose("all", "refund", VIEWER)
    made.load(Read([FakeCard(1, 5)]))

    assert not made.heard(1, [Move(1, 2, None, facets(3, inside=True))])
    assert (made.shown.ids, made.shown.new, made.shown.total) == ([1], set(), 1)


# -- pages and events in any order ------------------------------------------------------------


@dataclass
class Relay:
    """A queue with a stream that may lag, and a page that may be under way."""

    worlds: list[dict[int, Facets]]
    board: Board = field(default_factory=Board)
    stream: list[Move] = field(default_factory=list)
    heard: int = 0
    asked: str = ""
    edge: tuple[int, int] | None = None
    since: list[Move] = field(default_factory=list)
    read: Read | None = None
    counted: int = 0

    def moves(self, identity: int, after: Facets) -> None:
        world = self.worlds[-1]
        seq = len(self.worlds)
        self.stream.append(Move(seq, identity, world.get(identity), after))
        self.worlds.append({**world, identity: after})

    def tells(self) -> None:
        """The next event reaches the terminal."""
        if self.heard < len(self.stream):
            move = self.stream[self.heard]
            self.heard += 1
            self.since.append(move)
            self.board.heard(move.seq, [move])

    def asks(self, where: str) -> None:
        window = self.board.window
        edge = {"below": window.hi, "above": window.lo}.get(where)
        if not self.asked and (edge or where.isdigit()):
            self.asked, self.edge, self.since, self.read = where, edge, [], None

    def reads(self, size: int) -> None:
        """The relay reads the page that was asked for, as its queue is at this moment."""
        if not self.asked or self.read is not None:
            return
        order = in_order(self.worlds[-1])
        match self.asked:
            case "below":
                rest = [key for key in order if key > self.edge]
                page = rest[:size]
            case "above":
                rest = [key for key in order if key < self.edge]
                page = rest[-size:]
            case start:
                rest = order[int(start) :]
                page = rest[:size]
        cards = [FakeCard(i, key) for key, i in page]
        self.counted = len(order)
        self.read = Read(cards, len(self.worlds) - 1, more=len(rest) > size)

    def answers(self) -> None:
        if self.read is None:
            return
        read = Read(self.read.cards, self.read.seq, more=self.read.more, since=self.since)
        if self.asked == "below":
            self.board.extend(read, self.edge)
        elif self.asked == "above":
            self.board.prepend(read, self.edge)
        elif read.cards or self.asked == "0":
            self.board.load(read, int(self.asked), self.counted)
        self.asked, self.read, self.since = "", None, []

    def holds(self) -> None:
        """Whether the board is true at its own moment, and what stands on the screen adds up."""
        if self.board.seq is None:
            return
        shown = self.board.shown
        is_true(self.board.window, in_order(self.worlds[self.board.seq]))
        assert shown.ids or not self.board.window.keys
        assert shown.total >= shown.start + len(shown.ids)


some_moves = st.lists(st.tuples(st.integers(1, 40), states), max_size=8)
few = st.integers(0, 6)
wheres = st.sampled_from(["below", "above", "below", "above", "0", "3", "6"])
rounds = st.lists(st.tuples(wheres, st.integers(1, 9), *[some_moves, few] * 3), max_size=8)


@settings(max_examples=200)
@given(world=worlds, rounds=rounds)
def test_in_whatever_order_pages_and_events_come_the_window_is_the_true_one(world, rounds):
    """Pages of before or after the events beside them come to the same as a page fetched afresh;
    so does the list, once the agent asks, and it never shows nothing while there are rows."""
    relay = Relay([world])
    relay.board._begin(Window(WANTED, VIEWER))
    for where, size, *between in [("3", 4, [], 0, [], 0, [], 0), *rounds]:
        steps = (lambda w=where: relay.asks(w), lambda n=size: relay.reads(n), relay.answers)
        for step, moved, told in zip(steps, between[::2], between[1::2], strict=True):
            step()
            for identity, after in moved:
                relay.moves(identity, after)
            for _ in range(told):
                relay.tells()
            relay.holds()
    while relay.heard < len(relay.stream):
        relay.tells()
    relay.holds()
    assert not relay.board._ahead
    relay.board.show_new(())
    assert relay.board.shown.ids == [i for _, i in relay.board.window.keys]
