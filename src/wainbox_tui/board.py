"""The queue as this terminal holds it: a view, its true window, the order on the screen; pure.

What events mean for rows is decided here, so that it can be tested without a screen. A page and the
stream tell of different moments: every page says at which `seq` it was read, and what the one knows
already is not taken from the other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wainbox_relay.contract.filters import STANDING_SHIFT, Filter, Viewer, parse, view
from wainbox_tui.shown import Shown
from wainbox_tui.state import Move
from wainbox_tui.window import Key, Window

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Card, Counts

NEAR = 50
"""Rows from an edge of what is loaded at which more is fetched."""


@dataclass(frozen=True, slots=True)
class Read:
    """Rows as the relay read them at `seq`. `more` says whether the view goes on, in the direction
    that was asked; `since` are the moves heard of while the page was under way."""

    cards: "Sequence[Card]"
    seq: int = 0
    more: bool = False
    since: Sequence[Move] = ()

    def replay(self, window: Window) -> None:
        """Brings the rows of this page to what has been heard of."""
        for move in self.since:
            if move.seq > self.seq:
                window.apply(move.conversation, move.before, move.after)


@dataclass(slots=True)
class Board:
    """`name` is a standing view, or "search" and "drafts", which are snapshots."""

    name: str = "all"
    narrowed: str = ""
    window: Window = field(default_factory=lambda: Window(Filter(), Viewer(agent="")))  # type: ignore[arg-type]  # nobody yet
    shown: Shown = field(default_factory=Shown)
    frozen: bool = False
    """A snapshot: events change its rows and never its order."""
    at: int = 0
    """How far the stream has come."""
    seq: int | None = None
    """The moment the window stands at: that of its page, where that is ahead of the stream. None
    until the first page."""
    _ahead: list[tuple[int, Window]] = field(default_factory=list)
    """Pages of a moment that the stream has not come to."""

    def choose(self, name: str, narrowed: str, viewer: Viewer) -> None:
        """Another view, or another filter. Raises `FilterError`."""
        wanted = view(name, parse(narrowed))
        self.name, self.narrowed, self.frozen = name, narrowed, bool(wanted.text)
        self._begin(Window(wanted, viewer))

    def snapshot(self, name: str, viewer: Viewer) -> None:
        """A list whose order nobody else knows: search results, drafts."""
        self.name, self.narrowed, self.frozen = name, "", True
        self._begin(Window(Filter(), viewer))

    def _begin(self, window: Window) -> None:
        self.window, self.shown, self.seq = window, Shown(), None
        self._ahead.clear()

    # -- pages -------------------------------------------------------------------------------

    def load(
        self, read: Read, start: int = 0, total: int = 0, standings: Sequence[int] = ()
    ) -> None:
        """A page that begins at row `start`. `total` and `standings` are the view's counts."""
        self._begin(self._piece(None, None))
        if self.frozen:
            self.shown.append([card.id for card in read.cards])
            return
        self.window.load(read.cards, start, total, more=read.more)
        read.replay(self.window)
        self.seq = max(read.seq, self.at)
        self.show_new(standings)

    def extend(self, read: Read, after: Key) -> bool:
        """The page below the last row. False while the stream has not come as far."""
        last = read.cards[-1] if read.more else None
        hi = (last.sort_key, last.id) if last else None
        return self._take(read, self._piece(after, hi))

    def prepend(self, read: Read, before: Key) -> bool:
        """The page above the first row, likewise."""
        first = read.cards[0] if read.more else None
        lo = (first.sort_key, first.id) if first else None
        return self._take(read, self._piece(lo, before))

    def _piece(self, lo: Key | None, hi: Key | None) -> Window:
        return Window(self.window.wanted, self.window.viewer, lo=lo, hi=hi)

    def _take(self, read: Read, piece: Window) -> bool:
        piece.hold(read.cards)
        read.replay(piece)
        if self.seq is None or read.seq > self.seq:
            self._ahead.append((read.seq, piece))
            return False
        self._join(piece)
        return True

    def _join(self, piece: Window) -> None:
        """A piece that touches neither edge was asked for twice."""
        window, shown = self.window, self.shown
        if piece.lo is not None and piece.lo == window.hi:
            shown.append(window.extend(piece), end=window.hi is None)
        elif piece.hi is not None and piece.hi == window.lo:
            shown.prepend(window.prepend(piece), top=window.lo is None)

    def _caught_up(self, seq: int) -> bool:
        """Joins the pages that the stream has come to."""
        due = [piece for at, piece in self._ahead if at <= seq]
        self._ahead = [(at, piece) for at, piece in self._ahead if at > seq]
        for piece in due:
            self._join(piece)
        return bool(due)

    # -- events ------------------------------------------------------------------------------

    def heard(self, seq: int, moves: Iterable[Move] = ()) -> bool:
        """The stream has come to `seq`. True when other rows stand on the screen now."""
        self.at = max(self.at, seq)
        if self.frozen or self.seq is None or seq <= self.seq:
            return False
        came = self._caught_up(seq - 1)
        for move in moves:
            self._moved(move)
        self.seq = seq
        came |= self._caught_up(seq)
        if self.shown.ids or not self.window.keys:
            return came
        self.show_new(())
        return True

    def _moved(self, move: Move) -> None:
        was, is_in = self.window.apply(move.conversation, move.before, move.after)
        if not is_in:
            self.shown.left(move.conversation)
        elif not was:
            self.shown.arrived(move.conversation)

    def show_new(self, standings: Sequence[int]) -> None:
        """Shows the true order. Under an empty list nothing can slip from under the cursor, so it
        is shown at once."""
        if not self.frozen:
            self.shown.freeze(self.window, _headed(self.window, standings))

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


def _headed(window: Window, counted: Sequence[int]) -> tuple[int, ...]:
    """The view's rows by class: our own rows as far as they go from the top, then as counted."""
    own = Counter(key >> STANDING_SHIFT for key, _ in window.keys)
    if window.lo is None and window.hi is None:
        return tuple(own[n] for n in range(max(own, default=-1) + 1))
    if window.lo is not None or window.hi is None or not counted:
        return tuple(counted)
    last = window.hi[0] >> STANDING_SHIFT
    return tuple(own[n] if n < last else max(own[n], some) for n, some in enumerate(counted))


def standings_of(counts: "Counts | None", name: str, narrowed: str) -> tuple[int, ...]:
    """The view's rows by class; nothing is known of a narrowed one."""
    if counts is None or narrowed:
        return ()
    return next((tuple(v.standings) for v in counts.views if v.view == name), ())


def total_of(counts: "Counts | None", name: str) -> int:
    if counts is None:
        return 0
    return next((v.total for v in counts.views if v.view == name), 0)
