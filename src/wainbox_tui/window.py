"""Which rows of a view this terminal holds, in true order; pure.

A window is one unbroken stretch of the view, from key `lo` to key `hi`. Events move cards in, out
and about; whatever happens outside the stretch only moves the counts of rows `start` above it and
`beyond` it. So a window with events applied equals the same stretch fetched afresh.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wainbox_relay.contract.filters import Facets, Filter, Viewer, matches

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Card

Key = tuple[int, int]
"""`(sort_key, id)`: the place of a row."""


@dataclass(slots=True)
class Window:
    """`wanted` is the view's filter. Without `lo` the stretch begins at the view's top, without
    `hi` it goes to the end."""

    wanted: Filter
    viewer: Viewer
    start: int = 0
    beyond: int = 0
    lo: Key | None = None
    hi: Key | None = None
    keys: list[Key] = field(default_factory=list)
    place_of: dict[int, Key] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.start + len(self.keys) + self.beyond

    def hold(self, cards: "Iterable[Card]") -> None:
        """Takes the rows of this stretch as they were read."""
        for card in cards:
            self._insert((card.sort_key, card.id))

    def load(self, cards: "Iterable[Card]", start: int, total: int, *, more: bool) -> None:
        """Begins with a page whose first row is row `start`; `more` says whether rows follow, of
        `total` as far as anybody has counted."""
        self.hold(cards)
        self.start = start
        self.lo = self.keys[0] if start and self.keys else None
        self.hi = self.keys[-1] if more and self.keys else None
        self.beyond = max(1, total - start - len(self.keys)) if more else 0

    def extend(self, piece: "Window") -> list[int]:
        """Joins the stretch that begins where this one ends; the conversations it adds."""
        fresh = [key for key in piece.keys if self._side(key) > 0]
        self._join(fresh)
        self.hi = piece.hi
        self.beyond = 0 if self.hi is None else max(0, self.beyond - len(fresh))
        return [identity for _, identity in fresh]

    def prepend(self, piece: "Window") -> list[int]:
        """Joins the stretch that ends where this one begins; the conversations it adds."""
        fresh = [key for key in piece.keys if self._side(key) < 0]
        self._join(fresh)
        self.lo = piece.lo
        self.start = 0 if self.lo is None else max(0, self.start - len(fresh))
        return [identity for _, identity in fresh]

    def apply(self, identity: int, before: Facets | None, after: Facets) -> tuple[bool, bool]:
        """One conversation changed: whether it belonged to the view before, and does now."""
        was = before is not None and matches(self.wanted, before, self.viewer)
        is_in = matches(self.wanted, after, self.viewer)
        held = self.place_of.pop(identity, None)
        if held is not None:
            del self.keys[bisect_left(self.keys, held)]
        if was and before is not None:
            self._count((before.sort_key, identity), -1)
        if is_in:
            self._enter((after.sort_key, identity))
        return was, is_in

    def _enter(self, key: Key) -> None:
        if self._side(key) == 0:
            self._insert(key)
        self._count(key, 1)

    def _count(self, key: Key, by: int) -> None:
        side = self._side(key)
        if side < 0:
            self.start = max(0, self.start + by)
        elif side > 0:
            self.beyond = max(0, self.beyond + by)

    def _side(self, key: Key) -> int:
        """Above the stretch (-1), in it (0) or beyond it (1)."""
        if self.lo is not None and key < self.lo:
            return -1
        return int(self.hi is not None and key > self.hi)

    def _join(self, keys: list[Key]) -> None:
        for key in keys:
            self._insert(key)

    def _insert(self, key: Key) -> None:
        insort(self.keys, key)
        self.place_of[key[1]] = key
