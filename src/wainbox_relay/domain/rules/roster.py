"""Whose hours are when: a calendar, and over it what was set for a while (`docs/design.md`
section 10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.rules.calendar import ALWAYS, Calendar

ON, OFF, USUAL = "on", "off", "usual"
"""What a duty may say in place of a calendar's name. `usual` ends what was set before."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Other hours for an agent (`@lina`) or a team, from `start` until just before `end`, or until
    further notice."""

    whom: str
    start: Moment
    end: Moment | None
    hours: str

    def holds(self, at: Moment) -> bool:
        return self.start <= at and (self.end is None or at < self.end)


Duties = tuple[Duty, ...]
"""Of one agent or team, in order and apart."""


def joined(duties: Duties, new: Duty) -> Duties:
    """The duties once `new` was set, which takes the place of whatever was there; `usual` leaves
    nothing in it."""
    pieces = [piece for each in duties for piece in _without(each, new)]
    if new.hours != USUAL:
        pieces.append(new)
    told: list[Duty] = []
    for each in sorted(pieces, key=lambda duty: duty.start):
        if told and (told[-1].end, told[-1].hours) == (each.start, each.hours):
            each = replace(told.pop(), end=each.end)  # noqa: PLW2901 - the two are one
        told.append(each)
    return tuple(told)


def by_whom(duties: Iterable[Duty]) -> dict[str, Duties]:
    """All of them, the oldest first, by whose they are."""
    found: dict[str, Duties] = {}
    for duty in duties:
        found[duty.whom] = joined(found.get(duty.whom, ()), duty)
    return found


def _without(old: Duty, cut: Duty) -> Iterable[Duty]:
    """What stands of a duty before and after a stretch that is taken out."""
    if (cut.end is not None and cut.end <= old.start) or (
        old.end is not None and old.end <= cut.start
    ):
        yield old
        return
    if old.start < cut.start:
        yield replace(old, end=cut.start)
    if cut.end is not None and (old.end is None or cut.end < old.end):
        yield replace(old, start=cut.end)


def calendar_of(hours: str, calendars: Mapping[str, Calendar]) -> Calendar | None:
    """What a duty's word stands for; None for `off`. A calendar that is configured no more is open,
    as it is for numbers."""
    return None if hours == OFF else calendars.get(hours, ALWAYS)


@dataclass(frozen=True, slots=True)
class Layer:
    """The hours of an agent or a team, with what lies over them; `usual` is None where none are
    set."""

    usual: Calendar | None = None
    duties: tuple[tuple[Duty, Calendar | None], ...] = ()
    """Each with its calendar; None for `off`."""

    def at(self, at: Moment) -> tuple[bool, Calendar | None]:
        """Whether any hours are set here, and which; None for none of them."""
        for duty, calendar in self.duties:
            if duty.holds(at):
                return True, calendar
        return self.usual is not None, self.usual


@dataclass(frozen=True, slots=True)
class Hours:
    """Somebody's hours: their own, else those of any of their teams. Who has none is always on
    shift."""

    own: Layer = Layer()
    teams: Sequence[Layer] = ()

    def on(self, at: Moment) -> bool:
        return any(calendar.is_open(at) for calendar in self._at(at))

    def ends(self, now: Moment) -> Moment | None:
        """When the shift that runs now ends; None when none runs, or it never ends."""
        at, edges = now, self._edges()
        while open_ := [each for each in self._at(at) if each.is_open(at)]:
            closing = [each.closes(at) for each in open_]
            shut = None if None in closing else max(each for each in closing if each is not None)
            edge = min((each for each in edges if each > at), default=None)
            if edge is None or (shut is not None and shut < edge):
                return shut
            at = edge
        return at if at > now else None

    def off_since(self, now: Moment) -> Moment | None:
        """When the last shift ended; 0 when there was none, None while one runs."""
        at, edges = now, self._edges()
        while not self.on(at):
            edge = max((each for each in edges if each <= at), default=None)
            shut = max((each.closed_since(at) or 0 for each in self._at(at)), default=0)
            if edge is None or shut > edge:
                return Moment(shut)
            at = Moment(edge - 1)
        return None if at == now else Moment(at + 1)

    def begins(self, now: Moment) -> Moment | None:
        """When a shift runs: `now` itself, or the next beginning; None when there is none."""
        at, edges = now, self._edges()
        while True:
            opening = [each.opens(at) for each in self._at(at)]
            first = min((each for each in opening if each is not None), default=None)
            edge = min((each for each in edges if each > at), default=None)
            if edge is None or (first is not None and first < edge):
                return first
            at = edge

    def _at(self, at: Moment) -> Sequence[Calendar]:
        found = [self.own.at(at)]
        if not found[0][0]:
            found = [layer.at(at) for layer in self.teams]
        if not any(set_ for set_, _ in found):
            return (ALWAYS,)
        return [calendar for _, calendar in found if calendar is not None]

    def _edges(self) -> list[Moment]:
        """Where other hours begin or end."""
        duties = [duty for layer in (self.own, *self.teams) for duty, _ in layer.duties]
        ends = [duty.end for duty in duties if duty.end is not None]
        return [*(duty.start for duty in duties), *ends]
