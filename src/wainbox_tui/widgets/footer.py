"""The last two rows: a rule, and the keys that matter where the hand is."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Band, Drawn


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does here."""

    key: str
    words: str

    @property
    def size(self) -> int:
        return cell_len(self.key) + 1 + cell_len(self.words)


class Footer(Drawn):
    """Hints leave from the right; `last`, the way out, stays."""

    DEFAULT_CSS = "Footer { height: 2; dock: bottom; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: tuple[Hint, ...] = ()
        self._last: Hint | None = None
        self._joints: tuple[int, ...] = ()

    def show(self, hints: Sequence[Hint], last: Hint, joints: Sequence[int] = ()) -> None:
        fresh = (tuple(hints), last, tuple(joints))
        if fresh != (self._hints, self._last, self._joints):
            self._hints, self._last, self._joints = fresh
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return self.rule(self.look.glyphs.tee_up, self._joints).strip()
        band = self.band()
        end = self.size.width - 1
        if self._last:
            end -= self._last.size
            hint_at(band, end, self._last)
        gap = 3 if self.size.width >= 100 else 2
        x = 1
        for hint in self._hints:
            if x + hint.size + 2 > end:
                break
            x = hint_at(band, x, hint) + gap
        return band.strip()


def hint_at(band: Band, x: int, hint: Hint) -> int:
    x = band.put(x, hint.key, Ink.STRONG)
    return band.put(x + 1, hint.words, Ink.DIM)
