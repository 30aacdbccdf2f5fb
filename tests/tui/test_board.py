"""The order on the screen stands still until the agent asks."""

import pytest
from tests.tui.test_window import VIEWER, FakeCard, facets

from wainbox_relay.contract.filters import FilterError
from wainbox_tui.board import Board


def board(*cards: tuple[int, int]) -> Board:
    made = Board()
    made.choose("all", "", VIEWER)
    made.load([FakeCard(i, key) for i, key in cards], 0, len(cards), ())
    return made


def test_new_conversations_wait_to_be_shown():
    """An arrival is counted and not inserted; then it takes its true place."""
    made = board((1, 10), (2, 20))
    made.changed(3, None, facets(5, inside=True))

    assert made.shown.ids == [1, 2]
    assert made.shown.new == {3}

    made.show_new(())

    assert made.shown.ids == [3, 1, 2]
    assert made.shown.new == set()


def test_rows_that_move_keep_their_place():
    """A row whose rank changed stays under the cursor until asked."""
    made = board((1, 10), (2, 20))
    made.changed(2, facets(20, inside=True), facets(1, inside=True))

    assert made.shown.ids == [1, 2]
    made.show_new(())
    assert made.shown.ids == [2, 1]


def test_an_empty_list_shows_what_arrives():
    """Where there is nothing under the cursor, nothing can slip from under it."""
    assert board().changed(1, None, facets(5, inside=True))


def test_pages_join_without_doubles():
    """A page that overlaps what is shown adds only what is new."""
    made = board((1, 10), (2, 20))
    made.extend([FakeCard(2, 20), FakeCard(3, 30)])

    assert made.shown.ids == [1, 2, 3]
    assert made.shown.index(3) == 2


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
