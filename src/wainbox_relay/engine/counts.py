"""How many conversations each view holds, kept up to date in memory.

Conversations are counted where they stand in each view, beneath the agent or team whose own a view
shows; a count is then a few sums, whoever looks and however many do.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from wainbox_relay.contract.filters import VIEWS, Facets, Field, Filter, Viewer, matches, view
from wainbox_relay.contract.views import Counts, ViewCount
from wainbox_relay.contract.vocabulary import (
    SECOND,
    AgentId,
    Flag,
    Moment,
    NumberId,
    Priority,
    Standing,
    Status,
    TeamId,
)

_OWN = frozenset({"me", "mine"})
_NOBODY = Viewer(AgentId(""))


class Group(NamedTuple):
    """The facets that views ask for."""

    number: str
    team: str | None
    assignee: str | None
    status: Status
    standing: Standing
    mentions: frozenset[str]
    flags: frozenset[Flag]


_ASKED = frozenset({Flag.WINDOW_SHUTS})
"""The flags that views ask for."""


def group_of(facets: Facets) -> Group:
    f = facets
    asked = f.flags & _ASKED
    return Group(f.number, f.team, f.assignee, f.status, f.standing, f.mentions, asked)


@dataclass(frozen=True, slots=True)
class _View:
    """A view in two parts: `fixed` holds whoever looks; what `own` names must be the viewer's."""

    name: str
    fixed: Filter
    own: Field | None

    def whose(self, group: Group) -> Iterable[str]:
        """Whose the group is in this view."""
        match self.own:
            case "assignee":
                return (group.assignee or "",)
            case "team":
                return (group.team or "",)
            case "mention":
                return group.mentions
            case _:
                return ("",)

    def keys(self, viewer: Viewer) -> Iterable[str]:
        match self.own:
            case "assignee" | "mention":
                return (viewer.agent,)
            case "team":
                return viewer.teams
            case _:
                return ("",)


def _split(name: str) -> _View:
    terms = view(name).terms
    own = next((term for term in terms if term.values <= _OWN), None)
    fixed = Filter(tuple(term for term in terms if term is not own))
    return _View(name, fixed, own.field if own else None)


_VIEWS = tuple(_split(name) for name in VIEWS)


@lru_cache(maxsize=1 << 15)
def _places(group: Group) -> tuple[tuple[str, str], ...]:
    """The views the group is in, each with whose it is there."""
    number, team, assignee, status, standing, mentions, flags = group
    facets = Facets(
        number=number,
        team=team,
        assignee=assignee,
        status=status,
        flags=flags,
        priority=Priority.NORMAL,
        language="",
        tags=frozenset(),
        sort_key=int(standing) << 60,
        mentions=mentions,
    )
    inside = (v for v in _VIEWS if matches(v.fixed, facets, _NOBODY))
    return tuple((v.name, whose) for v in inside for whose in v.whose(group))


class CountBoard:
    def __init__(self) -> None:
        self._groups: Counter[Group] = Counter()
        self._hidden: frozenset[str] = frozenset()
        self._tallies: dict[tuple[str, str], list[int]] = {}
        """By view and by whose it is: how many there are of each standing."""
        self.changed = False

    def fill(self, groups: Iterable[tuple[Facets, int]]) -> None:
        """Begins with what the store counted."""
        for facets, count in groups:
            self._add(group_of(facets), count)

    def hide(self, numbers: Iterable[NumberId]) -> None:
        """Conversations of these numbers are in no view: nobody configured them."""
        hidden: frozenset[str] = frozenset(numbers)
        if hidden != self._hidden:
            self._hidden = hidden
            self._tallies.clear()
            for group, count in self._groups.items():
                self._tally(group, count)
            self.changed = True

    def move(self, before: Facets | None, after: Facets) -> None:
        """One conversation went from one group to another (None: it is new)."""
        if before is not None:
            self._add(group_of(before), -1)
        self._add(group_of(after), 1)
        self.changed = True

    def _add(self, group: Group, count: int) -> None:
        self._groups[group] += count
        if not self._groups[group]:
            del self._groups[group]
        self._tally(group, count)

    def _tally(self, group: Group, count: int) -> None:
        if group.number not in self._hidden:
            for place in _places(group):
                tally = self._tallies.setdefault(place, [0] * len(Standing))
                tally[group.standing] += count

    def counts(self, viewer: Viewer, now: Moment) -> Counts:
        return Counts(
            as_of=datetime.fromtimestamp(now / SECOND, UTC),
            views=tuple(self._count(each, viewer) for each in _VIEWS),
        )

    def _count(self, of: _View, viewer: Viewer) -> ViewCount:
        found = [self._tallies.get((of.name, key)) for key in of.keys(viewer)]
        none = [0] * len(Standing)
        standings = tuple(map(sum, zip(none, *filter(None, found), strict=True)))
        return ViewCount(view=of.name, total=sum(standings), standings=standings)

    def of_team(self, team: TeamId) -> int:
        """Unresolved conversations of a team, on any number."""
        return sum(
            count
            for group, count in self._groups.items()
            if group.team == team and group.status is not Status.RESOLVED
        )

    def kept(self, number: NumberId) -> int:
        """All conversations of a number, shown or not."""
        return sum(count for group, count in self._groups.items() if group.number == number)
