"""Which rows of a view this terminal holds, in true order; pure.

A window is one unbroken stretch of the view: rows `start` to `start + len(keys)` of `total`. Events
move cards in, out and about; whatever happens outside the stretch only moves its numbers. So a
window with events applied equals the same stretch fetched afresh.
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
    """`wanted` is the view's filter; one with free text is a snapshot and takes no events."""

    wanted: Filter
    viewer: Viewer
    start: int = 0
    total: int = 0
    keys: list[Key] = field(default_factory=list)
    place_of: dict[int, Key] = field(default_factory=dict)

    def load(self, cards: "Iterable[Card]", start: int, total: int) -> None:
        """Begins anew with a page that starts at row `start`."""
        self.keys = sorted((card.sort_key, card.id) for card in cards)
        self.place_of = {key[1]: key for key in self.keys}
        self.start = start
        self.total = max(total, start + len(self.keys))

    def extend(self, cards: "Iterable[Card]") -> None:
        """Adds the page that follows the last row."""
        for card in cards:
            if card.id not in self.place_of:
                self._insert((card.sort_key, card.id))
        self.total = max(self.total, self.start + len(self.keys))

    def prepend(self, cards: "Iterable[Card]") -> None:
        """Adds the page that ends before the first row."""
        for card in cards:
            if card.id not in self.place_of:
                self._insert((card.sort_key, card.id))
                self.start = max(0, self.start - 1)

    def apply(self, identity: int, before: Facets | None, after: Facets) -> bool:
        """One conversation changed. True when it belongs to the view now and did not before."""
        if self.wanted.text:
            return False
        was = before is not None and matches(self.wanted, before, self.viewer)
        is_in = matches(self.wanted, after, self.viewer)
        if was and before is not None:
            self._leave((before.sort_key, identity))
        if is_in:
            self._enter((after.sort_key, identity))
        return is_in and not was

    def _leave(self, key: Key) -> None:
        first = self.keys[0] if self.keys else None
        held = self.place_of.pop(key[1], None)
        if held is not None:
            del self.keys[bisect_left(self.keys, held)]
        elif first is not None and key < first:
            self.start -= 1
        self.total -= 1

    def _enter(self, key: Key) -> None:
        if not self.keys:
            self._enter_emptiness(key)
            return
        touches_top = self.start == 0
        touches_end = self.start + len(self.keys) >= self.total
        self.total += 1
        above, below = key < self.keys[0], key > self.keys[-1]
        if (above and not touches_top) or (below and not touches_end):
            self.start += above
        else:
            self._insert(key)

    def _enter_emptiness(self, key: Key) -> None:
        """Without a row of our own only an empty view tells where a new one stands."""
        if self.total == 0:
            self.start = 0
            self._insert(key)
        self.total += 1

    def _insert(self, key: Key) -> None:
        insort(self.keys, key)
        self.place_of[key[1]] = key
