"""Counts by view, against counting them one by one."""

import random

from wainbox_relay.contract.filters import VIEWS, Facets, Viewer, matches, view
from wainbox_relay.contract.vocabulary import (
    AgentId,
    Flag,
    Moment,
    NumberId,
    Priority,
    Standing,
    Status,
    TeamId,
)
from wainbox_relay.engine.counts import CountBoard

VIEWERS = (
    Viewer(AgentId("amina"), frozenset({TeamId("sales"), TeamId("returns")})),
    Viewer(AgentId("omar"), frozenset({TeamId("orders")})),
    Viewer(AgentId("nobody's friend")),
)


def conversation(dice: random.Random) -> Facets:
    return Facets(
        number=dice.choice(("one", "two")),
        team=dice.choice(("sales", "returns", "orders", None)),
        assignee=dice.choice(("amina", "omar", "lina", None)),
        status=dice.choice(tuple(Status)),
        flags=frozenset(dice.sample((Flag.WINDOW_SHUTS, Flag.PENDING), dice.choice((0, 0, 1, 2)))),
        priority=dice.choice(tuple(Priority)),
        language=dice.choice(("ar", "fr")),
        tags=frozenset(),
        sort_key=dice.randrange(len(Standing)) << 60 | dice.randrange(1000),
        mentions=frozenset(dice.sample(("amina", "omar", "lina"), dice.choice((0, 0, 1, 2)))),
    )


def check(board: CountBoard, there: list[Facets]) -> None:
    for viewer in VIEWERS:
        counted = {each.view: each for each in board.counts(viewer, Moment(0)).views}
        for name in VIEWS:
            inside = [each for each in there if matches(view(name), each, viewer)]
            assert counted[name].total == len(inside)
            by_class = [sum(each.standing is s for each in inside) for s in Standing]
            assert list(counted[name].standings) == by_class


def test_counts_follow_every_move():
    """Whoever looks, and with a number hidden too, a view's count is what a count would find."""
    dice = random.Random(4)
    there = [conversation(dice) for _ in range(300)]
    board = CountBoard()
    board.fill((each, 1) for each in there)
    check(board, there)
    for _ in range(400):
        at, after = dice.randrange(len(there)), conversation(dice)
        board.move(there[at], after)
        there[at] = after
    board.move(None, VIEWED)
    check(board, [*there, VIEWED])
    board.hide([NumberId("two")])
    check(board, [each for each in [*there, VIEWED] if each.number == "one"])


VIEWED = conversation(random.Random(5))
