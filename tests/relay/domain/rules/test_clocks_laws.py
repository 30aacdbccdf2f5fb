"""What holds of the clocks whatever happens, and whenever."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.relay.domain.test_sla_clocks import Day

from wainbox_relay.contract.vocabulary import Status
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Clock, Target
from wainbox_relay.domain.outcome import Assigned, AtRisk, Marked, Opened, Overdue, Reopened, Undone
from wainbox_relay.domain.rules import clocks

SAID = ("says", "answers", "answers_openly", "is_lost", "phones", "notes", "nothing")
HANDED = ("claims", "to_returns", "to_leila", "is_urgent", "is_complex")
ENDED = ("resolves", "opens", "takes_back")
DEEDS = st.sampled_from((*SAID, *HANDED, *ENDED))
GAPS = st.one_of(st.integers(1, 300), st.sampled_from([3 * 60, 10 * 60, 14 * 60]))
"""Minutes: a moment, an afternoon, a night."""


def at(minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    return f"{days + 1}d {rest // 60:02}:{rest % 60:02}"


@given(st.lists(st.tuples(GAPS, DEEDS), max_size=14))
@settings(max_examples=300)
def test_clocks_keep_their_laws(deeds: list[tuple[int, str]]) -> None:
    """Through any day: nothing is negative or runs backwards, more is used than allowed only after
    a miss, the alarm is always set for what comes next, and everything is told once."""
    day = Day()
    minute = 8 * 60
    day.script(f"{at(minute)} says")
    seen: dict[tuple[Target, int], Clock] = {}
    turns: dict[tuple[object, ...], set[int]] = defaultdict(set)
    """What falls due at one moment may have begun at several: all of a night at the opening."""
    for gap, deed in deeds:
        minute += gap
        day.until(at(minute))
        with suppress(AssertionError, KeyError):
            # What the floor refuses changes nothing.
            day.script(f"{at(minute)} {deed}")
        if deed == "takes_back":
            seen.clear()
        _lawful(day, seen)
        for clock in day.book.conversation.clocks:
            turns[clock.target, clock.due].add(clock.started)
    for (_, *promise), times in Counter(_told(day)).items():
        assert times <= max(len(turns[tuple(promise)]), 1)


def _lawful(day: Day, seen: dict[tuple[Target, int], Clock]) -> None:
    day.until(at(0))
    case = day.book.conversation
    assert day._alarm == clocks.rings_at(case.clocks)
    for clock in case.clocks:
        before = seen.get((clock.target, clock.started), clock)
        longest = max(before.allowed, clock.allowed)
        assert 0 <= before.used <= clock.used
        nights = not clock.calendar
        assert clock.missed or nights or clock.used <= longest
        assert clock.missed >= before.missed
        seen[clock.target, clock.started] = replace(clock, allowed=longest)
        assert clock.risk is None or (clock.due is not None and clock.risk <= clock.due)
        assert (clock.since is None) <= (clock.due is None)
        assert not (case.status is Status.RESOLVED and clock.since is not None)
    responses = [c for c in case.clocks if c.target in (Target.FIRST, Target.NEXT)]
    ours = case.waiting_since is not None and clocks.in_queue(case)
    assert sum(clock.since is not None for clock in responses) == ours


def _told(day: Day) -> Iterator[tuple[object, ...]]:
    """What was told of each promise; a resolution is another one once the case is reopened or has
    other targets."""
    life = 0
    for line in day.book.history:
        life += isinstance(line, Opened | Reopened | Marked | Assigned | Undone)
        if isinstance(line, AtRisk | Overdue):
            whole = line.target == Target.RESOLUTION
            yield type(line), line.target, life if whole else line.due
