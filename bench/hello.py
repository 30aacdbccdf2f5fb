"""The least that a Textual app can be: one text, which changes with every key."""

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("Hello, World!")

    def on_key(self, event: events.Key) -> None:
        self.query_one(Static).update(f"Hello, {event.key}! {self._next()}")

    def _next(self) -> int:
        self.pressed = getattr(self, "pressed", 0) + 1
        return self.pressed


if __name__ == "__main__":
    Hello().run()
