"""The bench runs: each section in its smallest form gives its tables. What it measures proves
nothing here."""

import pytest
from bench import desk, sections
from bench.report import Report, at_least, at_most, share

TINY = sections.Scale(desk.TINY, rounds=1, seconds=0.3, keys=10)


@pytest.mark.serial
@pytest.mark.parametrize("name", ["commands", "reads", "terminal", "screen", "language", "rules"])
def test_a_section_gives_its_tables(name: str, capfd: pytest.CaptureFixture[str]):
    """A relay is started, asked and ended, and the goals are judged."""
    report = Report()
    sections.SECTIONS[name](TINY, report)
    printed = capfd.readouterr().out
    assert report.measured > 1
    assert f"## {name}" in printed
    assert "| goal |" in printed


def test_a_goal_says_on_which_side_it_stands():
    """At least or at most, and what misses is remembered."""
    report = Report()
    goals = [("fast", 0.3, at_least(0.4)), ("slow", 100.0, at_most(150)), ("big", 2.0, at_most(1))]
    report.goals(goals)
    assert report.missed == ["fast", "big"]


def test_a_share_is_a_value_that_was_seen():
    """Of a hundred, 95 lie below the one it names."""
    assert share(range(100), 0.95) == 95
    assert share([], 0.95) == 0
