"""Which messages count as seen when Enter is pressed."""

from tests.tui.pretend import entry, ours

from wainbox_tui.sight import Sight


def opened():
    """A conversation of two messages, open since second 0."""
    there = [entry("first"), ours("second")]
    sight = Sight()
    sight.open(1, there)
    return sight, there


def test_what_was_there_is_seen():
    """Whoever opens a conversation has seen it."""
    sight, there = opened()
    assert sight.newest(there, "nadia", 0.0) == there[-1].id


def test_a_customers_line_is_seen_after_a_second():
    """Sooner than that nobody has read it."""
    sight, there = opened()
    there.append(entry("third"))
    sight.painted(there, 10.0)
    assert sight.newest(there, "nadia", 10.5) == there[1].id
    assert sight.newest(there, "nadia", 11.0) == there[2].id


def test_a_line_below_the_screen_is_not_seen():
    """What was never painted was never seen."""
    sight, there = opened()
    there.append(entry("third"))
    assert sight.newest(there, "nadia", 99.0) == there[1].id


def test_a_colleagues_message_stops_a_reply_that_was_begun_before_it():
    """However long it has been on the screen; one begun afterwards goes."""
    sight, there = opened()
    sight.writes(5.0, empty=False)
    there.append(ours("mine too", "samir"))
    sight.painted(there, 10.0)
    assert sight.newest(there, "nadia", 60.0) == there[1].id
    sight.writes(61.0, empty=True)
    sight.writes(62.0, empty=False)
    assert sight.newest(there, "nadia", 63.0) == there[2].id


def test_ones_own_message_is_seen():
    """Two replies one after the other stop nothing."""
    sight, there = opened()
    sight.writes(5.0, empty=False)
    there.append(ours("again"))
    sight.painted(there, 10.0)
    assert sight.newest(there, "nadia", 10.1) == there[2].id
