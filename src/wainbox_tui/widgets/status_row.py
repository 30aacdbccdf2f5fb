"""The row under the queue: what waits to be shown, what was just done, where the cursor is."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.geometry import Spacing
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import EMPTY, Band, Drawn
from wainbox_tui.widgets.footer import Hint, hint_at

MOST_ROWS = 4
SHOW_NEW = Hint("g n", "shows them")


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """`new` conversations wait for `show_new`; `filter` is in force; `said` answers the last key
    and gives way to nothing; the cursor is on row `place` of `total`."""

    new: int = 0
    show_new: Hint = SHOW_NEW
    filter: Safe = EMPTY
    said: Safe = EMPTY
    trouble: bool = False
    place: int = 0
    total: int = 0

    @property
    def silent(self) -> bool:
        return not (self.new or self.filter or self.said)


class StatusRow(Drawn):
    """One row, or as many as a sentence needs, since its end says what to do; `trouble` makes it
    bold. Blank rows above keep it off the queue."""

    DEFAULT_CSS = "StatusRow { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stands = QueueFacts()
        self._off = 0

    def show(self, stands: QueueFacts) -> None:
        if stands != self._stands:
            self._stands = stands
            self._fit()
            self.refresh(self.size.region.shrink(Spacing(top=self._off)))

    def stand_off(self, *, rows: int) -> None:
        """How many rows above stay blank."""
        self._off = rows
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        rows = self._off + (max(1, len(self._said())) if self.size.width else 1)
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows

    def _said(self) -> Sequence[str]:
        if not self._stands.said:
            return ()
        lines = self.look.layout(self._stands.said, self.size.width - 2).lines
        return [line.text for line in lines[:MOST_ROWS]]

    def render_line(self, y: int) -> Strip:
        band, now = self.band(), self._stands
        y -= self._off
        if y < 0:
            return band.strip()
        said = self._said()
        ink = Ink.WORD if now.trouble else Ink.TEXT
        if len(said) > 1:
            band.put(1, said[y] if y < len(said) else "", ink)
            return band.strip()
        if y:
            return band.strip()
        end = self.size.width - 1
        if now.total and not (said and self.size.width < 60):
            end = band.right(end, f"{now.place} of {now.total}", Ink.DIM) - 2
        x = 1
        if said:
            x = band.put(x, said[0], ink, end - x) + 2
        if now.new:
            x = self._new(band, x, end)
        if now.filter and x < end:
            x = band.put(x, "filter", Ink.DIM, end - x) + 1
            band.put(x, self.look.row(now.filter, end - x), Ink.TEXT)
        return band.strip()

    def _new(self, band: Band, x: int, end: int) -> int:
        words = f"+{self._stands.new} new"
        hint = self._stands.show_new
        if x + cell_len(words) > end:
            return x
        x = band.put(x, words, Ink.WORD) + 2
        if x + hint.size > end:
            return x
        return hint_at(band, x, hint) + 2
