"""The help page: the keys of one pane in two columns, all of them with `tab`, fewer by typing."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.strip import Strip

from wainbox_relay.contract.folding import fold
from wainbox_relay.contract.safe import Safe
from wainbox_tui.helping import Help
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Band, Drawn
from wainbox_tui.widgets.footer import Footer, Hint
from wainbox_tui.widgets.prompt import LineEditor

TOP, BOTTOM = 3, 2
"""Rows over and under the keys."""
GAP = 3
OWN = Safe("Keys of your own: config.toml, table [keys]; wainbox keys lists the ids.")


class Keys(Drawn, can_focus=True):
    """Rows of keys, down one column and then the next."""

    DEFAULT_CSS = "Keys { height: 1fr; }"

    def __init__(self, pane: str, here: Sequence[Help], everything: Sequence[Help]) -> None:
        super().__init__()
        self._pane = pane
        self._here, self._everything = tuple(here), tuple(everything)
        self.all = False
        self._line = LineEditor()
        self._top = 0

    @property
    def _found(self) -> list[Help]:
        """Typing looks through all of them."""
        words = fold(self._line.text.strip())
        if words:
            return [h for h in self._everything if words in fold(f"{h.key} {h.title}")]
        return list(self._everything if self.all else self._here)

    def _columns(self, found: Sequence[Help]) -> tuple[int, int]:
        """How many cells the keys take, and how many columns of keys and words there is room
        for."""
        keys = max((cell_len(h.key) for h in found), default=0)
        widest = keys + 2 + max((cell_len(h.title) for h in found), default=0)
        return keys, 2 if 2 * widest + GAP + 2 <= self.size.width else 1

    @property
    def _room(self) -> int:
        return max(1, self.size.height - TOP - BOTTOM)

    def render_line(self, y: int) -> Strip:
        band = self.band()
        if y == 1:
            x = band.put(1, "Keys", Ink.STRONG) + 2
            if self._line.text:
                self._line.put(band, x, max(2, band.width - x - 1))
            else:
                band.put(x, "everywhere" if self.all else f"in the {self._pane}", Ink.DIM)
        elif y == self.size.height - 1:
            band.put(1, self.look.row(OWN, band.width - 2), Ink.DIM)
        elif TOP <= y < self.size.height - BOTTOM:
            self._row(band, y - TOP)
        return band.strip()

    def _row(self, band: Band, y: int) -> None:
        found = self._found
        if not found and y == 0:
            band.put(1, "Nothing is called so.", Ink.TEXT)
        keys, columns = self._columns(found)
        deep = -(-len(found) // columns)
        for column in range(columns):
            n = column * deep + self._top + y
            if self._top + y < deep and n < len(found):
                x = 1 + column * (band.width // columns)
                band.put(x, found[n].key, Ink.STRONG)
                band.put(x + keys + 2, found[n].title, Ink.TEXT)

    def on_key(self, event: events.Key) -> None:
        """Letters search; only what neither moves nor is text goes on to the screen."""
        match event.key:
            case "tab":
                self.all = not self.all
                self._top = 0
            case "down" | "up":
                self._scroll(1 if event.key == "down" else -1)
            case "pagedown" | "pageup":
                self._scroll(self._room if event.key == "pagedown" else -self._room)
            case _ if self._line.key(event):
                self._top = 0
            case _:
                return
        event.stop()
        event.prevent_default()
        self.refresh()

    def _scroll(self, by: int) -> None:
        found = self._found
        deep = -(-len(found) // self._columns(found)[1])
        self._top = min(max(0, self._top + by), max(0, deep - self._room))


class KeysScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, pane: str, here: Sequence[Help], everything: Sequence[Help]) -> None:
        super().__init__()
        self._keys = Keys(pane, here, everything)
        self._footer = Footer()

    def compose(self) -> ComposeResult:
        yield self._keys
        yield self._footer

    def on_mount(self) -> None:
        self._keys.focus()
        hints = [Hint("tab", "all keys"), Hint("up down", "move"), Hint("type", "to search")]
        self._footer.show(hints, Hint("esc", "back"))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key in ("escape", "enter", "f1"):
            self.app.call_later(self.app.pop_screen)
