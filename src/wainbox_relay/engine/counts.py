"""How many conversations each view holds, kept up to date in memory.

Conversations are counted by the few facets that the standing views ask for; a count is then a sum
over some hundreds of such groups, whoever looks.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from wainbox_relay.contract.filters import VIEWS, Facets, Viewer, matches, view
from wainbox_relay.contract.views import Counts, ViewCount
from wainbox_relay.contract.vocabulary import (
    SECOND,
    AgentId,
    Moment,
    NumberId,
    Priority,
    Standing,
    Status,
)

_FILTERS = {name: view(name) for name in VIEWS}


def group_of(facets: Facets) -> Facets:
    """The facets that views ask for; the rest levelled."""
    return replace(
        facets,
        flags=frozenset(),
        priority=Priority.NORMAL,
        language="",
        tags=frozenset(),
        sort_key=int(facets.standing) << 60,
    )


class CountBoard:
    def __init__(self) -> None:
        self._groups: Counter[Facets] = Counter()
        self._hidden: frozenset[str] = frozenset()
        self.changed = False

    def fill(self, groups: Iterable[tuple[Facets, int]]) -> None:
        """Begins with what the store counted."""
        for facets, count in groups:
            self._groups[group_of(facets)] += count

    def hide(self, numbers: Iterable[NumberId]) -> None:
        """Conversations of these numbers are in no view: nobody configured them."""
        self._hidden = frozenset(numbers)
        self.changed = True

    def move(self, before: Facets | None, after: Facets) -> None:
        """One conversation went from one group to another (None: it is new)."""
        if before is not None:
            was = group_of(before)
            self._groups[was] -= 1
            if not self._groups[was]:
                del self._groups[was]
        self._groups[group_of(after)] += 1
        self.changed = True

    def counts(self, viewer: Viewer, now: Moment) -> Counts:
        return Counts(
            as_of=datetime.fromtimestamp(now / SECOND, UTC),
            views=tuple(self._count(name, viewer) for name in _FILTERS),
        )

    def _count(self, name: str, viewer: Viewer) -> ViewCount:
        standings = [0] * len(Standing)
        for facets, count in self._shown():
            if matches(_FILTERS[name], facets, viewer):
                standings[facets.standing] += count
        return ViewCount(view=name, total=sum(standings), standings=tuple(standings))

    def load(self, agent: AgentId) -> int:
        """Open conversations the agent holds."""
        return sum(
            count
            for facets, count in self._shown()
            if facets.assignee == agent and facets.status is Status.OPEN
        )

    def kept(self, number: NumberId) -> int:
        """All conversations of a number, shown or not."""
        return sum(count for facets, count in self._groups.items() if facets.number == number)

    def _shown(self) -> Iterable[tuple[Facets, int]]:
        return (each for each in self._groups.items() if each[0].number not in self._hidden)
