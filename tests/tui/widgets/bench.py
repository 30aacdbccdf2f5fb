"""An app around one widget, for tests."""

from typing import Any

from tests.tui import pretend
from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from wainbox_tui import messages
from wainbox_tui.widgets.draw import Look


class Bench(App[None]):
    """Shows widgets and remembers what they post."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *widgets: Widget, look: Look | None = None) -> None:
        super().__init__()
        self.look = look or Look(zone=pretend.ZONE)
        self._shown = widgets
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield from self._shown

    async def on_event(self, event: Any) -> None:
        await super().on_event(event)

    async def _on_message(self, message: Message) -> None:
        if type(message).__module__ == messages.__name__:
            self.heard.append(message)
        await super()._on_message(message)

    def of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.heard if isinstance(message, kind)]


def lines(widget: Widget) -> list[str]:
    """What the widget shows now, row by row."""
    rows = [widget.render_line(y) for y in range(widget.size.height)]
    return ["".join(segment.text for segment in row).rstrip() for row in rows]
