"""A page of lines over the inbox: keys, reasons, facts. Any key that does not move, leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Drawn
from wainbox_tui.widgets.footer import Footer, Hint


@dataclass(frozen=True, slots=True)
class Row:
    """A line: a short head (a key, a time) and words."""

    head: str
    words: Safe
    strong: bool = False


class Lines(Drawn, can_focus=True):
    """The rows, wrapped and scrolled by whole lines."""

    DEFAULT_CSS = "Lines { height: 1fr; }"

    def __init__(self, title: str, rows: Sequence[Row]) -> None:
        super().__init__()
        self._title = title
        self._rows = rows
        self._top = 0

    def _laid(self) -> list[tuple[str, str, bool]]:
        head = max((len(row.head) for row in self._rows), default=0)
        laid: list[tuple[str, str, bool]] = [
            ("", "", False),
            (self._title, "", True),
            ("", "", False),
        ]
        for row in self._rows:
            lines = self.look.layout(row.words, self.size.width - head - 6).lines
            for n, line in enumerate(lines):
                laid.append((row.head if n == 0 else "", line.text, row.strong))
        return laid

    def render_line(self, y: int) -> Strip:
        band = self.band()
        laid = self._laid()
        if self._top + y < len(laid):
            head, words, strong = laid[self._top + y]
            width = max((len(row.head) for row in self._rows), default=0)
            band.put(1, head, Ink.STRONG)
            band.put(1 if not width else width + 3, words, Ink.STRONG if strong else Ink.TEXT)
        return band.strip()

    def scroll(self, by: int) -> None:
        last = max(0, len(self._laid()) - self.size.height)
        self._top = min(max(0, self._top + by), last)
        self.refresh()


class Sheet(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, title: str, rows: Sequence[Row]) -> None:
        super().__init__()
        self._lines = Lines(title, rows)

    def compose(self) -> ComposeResult:
        yield self._lines
        footer = Footer()
        footer.show([Hint("j k", "move")], Hint("esc", "back"))
        yield footer

    def on_key(self, event: events.Key) -> None:
        event.stop()
        match event.key:
            case "j" | "down":
                self._lines.scroll(1)
            case "k" | "up":
                self._lines.scroll(-1)
            case "pagedown" | "space":
                self._lines.scroll(self.size.height - 4)
            case "pageup":
                self._lines.scroll(4 - self.size.height)
            case _:
                self.app.call_later(self.app.pop_screen)
