"""The order on the screen, which stands still while the true order moves; pure.

Rows change in place and new ones wait until the agent asks for them, changes the view or jumps: so
the row under the cursor is always the conversation the agent thinks it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wainbox_tui.window import Window


@dataclass(slots=True)
class Shown:
    """Rows `start` to `start + len(ids)` of `total`, frozen. `standings` counts the view's rows by
    class at the moment of freezing, which places the group headings."""

    start: int = 0
    total: int = 0
    ids: list[int] = field(default_factory=list)
    standings: Sequence[int] = ()
    new: set[int] = field(default_factory=set)
    _index: dict[int, int] = field(default_factory=dict)

    def freeze(self, window: Window, standings: Sequence[int]) -> None:
        """Shows the window as it truly stands. What is not known to be the view's edge has a row to
        ask for."""
        self.start = 0 if window.lo is None else max(1, window.start)
        beyond = 0 if window.hi is None else max(1, window.beyond)
        self.total = self.start + len(window.keys) + beyond
        self.ids = [identity for _, identity in window.keys]
        self.standings = tuple(standings)
        self.new.clear()
        self._reindex()

    def append(self, ids: Iterable[int], *, end: bool = True) -> None:
        """Adds rows below the last, leaving out those that stand above already. Unless this is the
        `end` at least one more follows."""
        for identity in ids:
            if identity not in self._index:
                self._index[identity] = self.start + len(self.ids)
                self.ids.append(identity)
            self.new.discard(identity)
        last = self.start + len(self.ids)
        self.total = last if end else max(self.total, last + 1)

    def prepend(self, ids: Sequence[int], *, top: bool) -> None:
        """Adds rows above the first. Unless this is the `top` at least one more stands above."""
        fresh = [identity for identity in ids if identity not in self._index]
        self.ids[:0] = fresh
        self.new.difference_update(ids)
        before = self.start - len(fresh)
        self.start = 0 if top else max(1, before)
        self.total += self.start - before
        self._reindex()

    def arrived(self, identity: int) -> None:
        """A conversation joined the view; it waits unless it is on the screen already."""
        if identity not in self._index:
            self.new.add(identity)

    def left(self, identity: int) -> None:
        """A conversation left the view before it was ever shown."""
        self.new.discard(identity)

    def at(self, index: int) -> int | None:
        """The conversation in a row; None where the row is not loaded."""
        place = index - self.start
        return self.ids[place] if 0 <= place < len(self.ids) else None

    def index(self, identity: int) -> int | None:
        return self._index.get(identity)

    def _reindex(self) -> None:
        self._index = {identity: self.start + n for n, identity in enumerate(self.ids)}
