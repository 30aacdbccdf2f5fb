"""Which line of the queue shows what, and what stands between entries of a thread."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tui import pretend

from wainbox_relay.contract.vocabulary import Direction, Kind, Standing
from wainbox_tui.widgets.draw import Look
from wainbox_tui.widgets.queue import Place, QueueLayout
from wainbox_tui.widgets.thread import before

COUNTS = st.lists(st.integers(0, 40), min_size=8, max_size=8)
LOOK = Look(zone=pretend.ZONE)


def test_headings_stand_over_their_groups():
    """A heading, its rows, one blank; the next heading."""
    layout = QueueLayout(3, (0, 1, 0, 0, 2, 0, 0, 0), 2)
    assert [layout.at(line) for line in range(layout.height)] == [
        Place(heading=Standing.AFTER_HOURS),
        Place(0, 0),
        Place(0, 1),
        Place(),
        Place(heading=Standing.OURS),
        Place(1, 0),
        Place(1, 1),
        Place(2, 0),
        Place(2, 1),
    ]


def test_one_line_rows_have_no_headings():
    """Where the word stands in every row, nothing else says it."""
    layout = QueueLayout(3, (0, 1, 0, 0, 2, 0, 0, 0), 1)
    assert [layout.at(line).index for line in range(layout.height)] == [0, 1, 2]


def test_no_counts_no_headings():
    """A list that is not in the order of classes has none."""
    assert QueueLayout(5, (), 2).height == 10


def test_an_empty_queue_has_no_lines():
    """Nothing is no line."""
    assert QueueLayout(0, (0,) * 8, 2).height == 0


@given(COUNTS, st.integers(-5, 50), st.integers(1, 2))
def test_rows_and_lines_find_each_other(counts: list[int], more: int, height: int):
    """Every row has its lines, in order, even when the counts are out of date."""
    total = max(0, sum(counts) + more)
    layout = QueueLayout(total, counts, height)
    lines = [layout.line(index) for index in range(total)]
    assert lines == sorted(set(lines))
    for index, line in enumerate(lines):
        assert [layout.at(line + part) for part in range(height)] == [
            Place(index, part) for part in range(height)
        ]
    seen = [layout.at(line).index for line in range(layout.height)]
    assert len([index for index in seen if index is not None]) == total * height


def test_a_hundred_thousand_rows_cost_nothing():
    """Lines are found by arithmetic on eight groups, not by walking the rows."""
    layout = QueueLayout(100_000, (0, 10, 5, 5, 40_000, 0, 50_000, 9_980), 2)
    assert layout.at(layout.line(99_999)).index == 99_999
    assert len(layout.groups) == 6


CASES = {case.ref: case for case in pretend.conversation()[1]}
EVENT = {"direction": Direction.EVENT, "kind": Kind.EVENT, "content": None}


@pytest.mark.parametrize(
    ("above", "entry", "day", "case", "blank", "tight"),
    [
        (None, {}, True, False, False, False),
        ({}, {}, False, False, True, False),
        ({"at": pretend.at(9, 0, 3)}, {}, True, False, True, False),
        ({"case": "W-0911"}, {}, False, True, True, False),
        ({"case": "W-0911", "at": pretend.at(9, 0, 3)}, {}, True, True, True, False),
        ({"case": "W-7"}, {}, False, False, True, False),
        (EVENT, EVENT, False, False, False, True),
        ({}, EVENT, False, False, True, True),
        (EVENT, {}, False, False, True, False),
    ],
)  # fmt: skip
def test_what_stands_between(above, entry, day, case, blank, tight):
    """Days, ended cases and blank rows stand where a reader needs them."""
    gap = before(
        pretend.entry(**entry),
        None if above is None else pretend.entry(**above),
        CASES,
        LOOK,
    )
    assert (gap.day is not None, gap.case is not None) == (day, case)
    assert (gap.blank, gap.tight) == (blank, tight)


def test_midnight_is_the_readers_own():
    """A day begins where the agent is, not in UTC."""
    late = pretend.entry(at=pretend.at(23, 59, 21))
    early = pretend.entry(at=pretend.at(23, 59, 21) + timedelta(minutes=2))
    assert before(early, late, {}, LOOK).day is not None
