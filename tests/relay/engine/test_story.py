"""History in sentences."""

import pytest

from wainbox_relay.contract.vocabulary import ConversationId, Moment
from wainbox_relay.engine.story import Line, Names, event, sentence


@pytest.mark.parametrize(
    ("what", "to", "told"),
    [
        ("tags", "+delivery,+gift", "tagged delivery, gift by Nadia"),
        ("tags", "-gift", "took off gift by Nadia"),
        ("tags", "+late,-gift", "tagged late and took off gift by Nadia"),
        ("customer tags", "+loyal", "tagged loyal (customer) by Nadia"),
        ("priority", "high", "priority set to high by Nadia"),
    ],
)
def test_what_was_marked_is_told_in_words(what, to, told):
    """Tags are put on and taken off; everything else is set."""
    line = Line(1, ConversationId(1), Moment(0), "@nadia", "marked", {"what": what, "to": to})
    assert sentence(line, Names(agents={"nadia": "Nadia"})) == told


@pytest.mark.parametrize(
    ("why", "told"),
    [("resolved", "resolved by Nadia"), ("came_back", "resolved by Nadia (came back)")],
)
def test_a_reason_is_given_when_it_says_more(why, told):
    """A line that is its own reason does not say so twice."""
    data = {"was": "open", "to": "resolved", "why": why}
    line = Line(1, ConversationId(1), Moment(0), "@nadia", "status", data)
    assert sentence(line, Names(agents={"nadia": "Nadia"})) == told


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("paged", {"page": 2}, "Nadia paged"),
        ("paged", {"page": 3, "again": True}, "Nadia paged, again"),
        ("page_failed", {}, "no page reached Nadia"),
    ],
)
def test_pages_are_told_with_what_came_of_them(kind, data, told):
    """Who was paged, who again, and whom nothing reached."""
    line = Line(1, ConversationId(1), Moment(0), "wainbox", kind, {"agent": "nadia", **data})
    assert sentence(line, Names(agents={"nadia": "Nadia"})) == told


@pytest.mark.parametrize(
    ("actor", "told"),
    [
        ("@nadia", "taken by Nadia (came back)"),
        ("@samir", "given to Nadia by Samir (came back)"),
        ("customer", "back with Nadia (came back)"),
    ],
)
def test_customers_give_work_to_nobody(actor, told):
    """By writing again they bring it back to whoever had it."""
    data = {"was": None, "agent": "nadia", "team": None, "why": "came back"}
    line = Line(1, ConversationId(1), Moment(0), actor, "assigned", data)
    assert sentence(line, Names(agents={"nadia": "Nadia", "samir": "Samir"})) == told


def test_lines_of_one_moment_stand_in_the_order_of_history() -> None:
    """Readers sort a thread by moment and id: what happened first has the smaller one."""
    lines = [
        event(
            Line(nth, ConversationId(1), Moment(5), "wainbox", "escalated", {}), 1, "W-1", Names()
        )
        for nth in (41, 42)
    ]
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
    assert all(line["id"] < 0 for line in lines)
