"""The bar that lists what the next key does: `g` goes somewhere, `s` sets a status, and questions
with a few answers, each of them a key.
"""

from collections.abc import Callable, Sequence

from textual import events
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe
from wainbox_tui.keymap import latin
from wainbox_tui.messages import Cancelled, Chosen
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import EMPTY, Band, Drawn
from wainbox_tui.widgets.footer import Hint, hint_at

GAP = 3
FEW = 6
MOST_SAID = 8


class GoingBar(Drawn, can_focus=True):
    """Hidden until `ask`ed; takes one key, posts `Chosen` or `Cancelled`, and hides again. `read`
    finds the Latin key at the place of another layout's."""

    DEFAULT_CSS = """
    GoingBar { dock: bottom; layer: over; margin: 0 0 2 0; height: 2; display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.read: Callable[[str], str] = latin
        self._purpose = ""
        self._title = EMPTY
        self._sentence = EMPTY
        self._hints: tuple[Hint, ...] = ()

    def ask(self, purpose: str, title: str, hints: Sequence[Hint], sentence: Safe = EMPTY) -> None:
        """Shows the keys. A `sentence` above them says what is being decided."""
        self._purpose, self._title, self._sentence = purpose, Safe(title), sentence
        self._hints = tuple(hints)
        self.display = True
        self._fit()
        self.focus()
        self.refresh()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        wanted = 1 + len(self._said()) + len(self._rows())
        if self.styles.height is None or self.styles.height.value != wanted:
            self.styles.height = wanted

    @property
    def _width(self) -> int:
        return self.size.width or self.app.size.width

    def _said(self) -> Sequence[str]:
        if not self._sentence:
            return ()
        lines = self.look.layout(self._sentence, max(1, self._width - 2)).lines
        return [line.text for line in lines[:MOST_SAID]]

    def _rows(self) -> list[list[tuple[int, Hint]]]:
        """Each row's hints and where they stand: many in columns, a few one after the other."""
        widest = max((hint.size for hint in self._hints), default=1)
        rows: list[list[tuple[int, Hint]]] = [[]]
        x = 1
        for hint in self._hints:
            if x > 1 and x + hint.size > self._width - 1:
                rows.append([])
                x = 1
            rows[-1].append((x, hint))
            x += GAP + (widest if len(self._hints) > FEW else hint.size)
        return rows

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return titled(self, self._title).strip()
        band = self.band()
        said = self._said()
        if y <= len(said):
            band.put(1, said[y - 1], Ink.TEXT)
            return band.strip()
        rows = self._rows()
        if y - 1 - len(said) < len(rows):
            for x, hint in rows[y - 1 - len(said)]:
                hint_at(band, x, hint)
        return band.strip()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        pressed = self.read(event.character or event.key)
        keys = {hint.key for hint in self._hints}
        answer = next((key for key in (event.key, pressed) if key in keys), None)
        if answer is not None:
            self.display = False
            self.post_message(Chosen(self._purpose, answer))
        elif event.key in ("escape", "q") or event.is_printable:
            self.display = False
            self.post_message(Cancelled(self._purpose))


def titled(widget: Drawn, title: Safe) -> Band:
    """A rule that begins with words."""
    band = widget.rule()
    band.put(1, f" {widget.look.row(title, max(1, band.width - 6))} ", Ink.STRONG)
    return band
