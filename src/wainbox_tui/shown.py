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
        """Shows the window as it truly stands."""
        self.start, self.total = window.start, window.total
        self.ids = [identity for _, identity in window.keys]
        self.standings = tuple(standings)
        self.new.clear()
        self._reindex()

    def append(self, ids: Iterable[int]) -> None:
        """Adds rows below the last, leaving out those that stand above already."""
        for identity in ids:
            if identity not in self._index:
                self._index[identity] = self.start + len(self.ids)
                self.ids.append(identity)
        self.total = max(self.total, self.start + len(self.ids))

    def prepend(self, ids: Sequence[int]) -> None:
        """Adds rows above the first."""
        fresh = [identity for identity in ids if identity not in self._index]
        self.ids[:0] = fresh
        self.start = max(0, self.start - len(fresh))
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
