"""The queue as this terminal holds it: a view, its true window, the order on the screen; pure.

What events mean for rows is decided here, so that it can be tested without a screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wainbox_relay.contract.filters import Facets, Filter, Viewer, parse, view
from wainbox_tui.shown import Shown
from wainbox_tui.window import Window

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Card, Counts

NEAR = 50
"""Rows from an edge of what is loaded at which more is fetched."""


@dataclass(slots=True)
class Board:
    """`name` is a standing view, or "search" and "drafts", which are snapshots."""

    name: str = "all"
    narrowed: str = ""
    window: Window = field(default_factory=lambda: Window(Filter(), Viewer(agent="")))  # type: ignore[arg-type]  # nobody yet
    shown: Shown = field(default_factory=Shown)
    frozen: bool = False
    """A snapshot: events change its rows and never its order."""

    def choose(self, name: str, narrowed: str, viewer: Viewer) -> None:
        """Another view, or another filter. Raises `FilterError`."""
        extra = parse(narrowed)
        wanted = view(name, extra)
        self.name, self.narrowed = name, narrowed
        self.window = Window(wanted, viewer)
        self.shown = Shown()
        self.frozen = bool(wanted.text)

    def snapshot(self, name: str, viewer: Viewer) -> None:
        """A list whose order nobody else knows: search results, drafts."""
        self.name, self.narrowed, self.frozen = name, "", True
        self.window = Window(Filter(), viewer)
        self.shown = Shown()

    def load(
        self, cards: "Sequence[Card]", start: int, total: int, standings: Sequence[int]
    ) -> None:
        """The first page of a view."""
        if self.frozen:
            self.shown = Shown(start=0, total=len(cards))
            self.shown.append([card.id for card in cards])
            return
        self.window.load(cards, start, total)
        self.shown.freeze(self.window, standings)

    def extend(self, cards: "Sequence[Card]") -> None:
        """The page below the last row."""
        self.window.extend(cards)
        self.shown.append([card.id for card in cards])

    def prepend(self, cards: "Sequence[Card]") -> None:
        """The page above the first row."""
        self.window.prepend(cards)
        self.shown.prepend([card.id for card in cards])

    def show_new(self, standings: Sequence[int]) -> None:
        """Shows the true order."""
        if not self.frozen:
            self.shown.freeze(self.window, standings)

    def changed(self, identity: int, before: Facets | None, after: Facets) -> bool:
        """A conversation moved. True when an empty list should now show it."""
        if self.frozen:
            return False
        joined = self.window.apply(identity, before, after)
        if joined:
            self.shown.arrived(identity)
        elif identity not in self.window.place_of:
            self.shown.left(identity)
        return joined and self.shown.total == 0

    def wants(self, first: int, last: int) -> str:
        """Which page rows `first` to `last` need: "below", "above", "there" or nothing."""
        start, end = self.shown.start, self.shown.start + len(self.shown.ids)
        if self.frozen or (first >= start and last < end):
            return ""
        if start <= first <= end + NEAR:
            return "below"
        if start - NEAR <= last < end:
            return "above"
        return "there"


def standings_of(counts: "Counts | None", name: str, narrowed: str) -> tuple[int, ...]:
    """The view's rows by class; nothing is known of a narrowed one."""
    if counts is None or narrowed:
        return ()
    return next((tuple(v.standings) for v in counts.views if v.view == name), ())


def total_of(counts: "Counts | None", name: str) -> int:
    if counts is None:
        return 0
    return next((v.total for v in counts.views if v.view == name), 0)
