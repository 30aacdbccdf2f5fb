"""One line to be typed: a tag, a time, a filter, a search. Below it, how it is read."""

from textual import events
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_tui.messages import Answered, Cancelled, Typed
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.buffer import Buffer
from wainbox_tui.widgets.caret import beside, lines_of, put_line
from wainbox_tui.widgets.draw import EMPTY, Band, Drawn, Look
from wainbox_tui.widgets.footer import Hint, hint_at
from wainbox_tui.widgets.going import titled


class LineEditor:
    """A line under a caret: which keys it takes, and how it is drawn."""

    def __init__(self, text: str = "") -> None:
        self._buffer = Buffer()
        self.insert(text)

    @property
    def text(self) -> str:
        return self._buffer.text

    def insert(self, text: str) -> None:
        self._buffer.insert(Safe(" ".join(clean(text).split("\n"))))

    def key(self, event: events.Key) -> bool:
        """Whether the key was one of the line's own."""
        b = self._buffer
        match event.key:
            case "backspace" | "ctrl+h":
                b.backspace()
            case "delete":
                b.delete()
            case "ctrl+w" | "alt+backspace" | "ctrl+backspace":
                b.delete_word()
            case "ctrl+u":
                b.delete_to_start()
            case "ctrl+z":
                b.undo()
            case "home" | "ctrl+a":
                b.go(0)
            case "end" | "ctrl+e":
                b.go(len(b.text))
            case "left" | "right":
                line = lines_of(b.text, len(b.text) * 2 + 2, Look())
                b.go(beside(line, b.caret, 1 if event.key == "right" else -1))
            case _ if event.is_printable and event.character:
                self.insert(event.character)
            case _:
                return False
        return True

    def put(self, band: Band, x: int, width: int) -> None:
        """Draws the rows that hold the caret, as much as one row shows."""
        lines = lines_of(self._buffer.text, max(1, width - 1), band.look)
        caret = self._buffer.caret
        line = next((line for line in reversed(lines) if line.start <= caret), lines[0])
        put_line(band, x + line.rtl, width - 1, line, caret)


class Prompt(Drawn, can_focus=True):
    """Hidden until `ask`ed. Posts `Typed` as the line changes, then `Answered` or `Cancelled`."""

    DEFAULT_CSS = """
    Prompt { dock: bottom; layer: over; margin: 0 0 2 0; height: 3; display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._purpose = ""
        self._title = EMPTY
        self._echo = EMPTY
        self._trouble = False
        self._line = LineEditor()

    def ask(self, purpose: str, title: Safe, text: str = "", echo: Safe = EMPTY) -> None:
        """`text` stands in the line already; `echo` says what may be typed."""
        self._purpose, self._title = purpose, title
        self._line = LineEditor(text)
        self.display = True
        self.focus()
        self.echo(echo)

    def echo(self, sentence: Safe, *, trouble: bool = False) -> None:
        """How the line is read, or what is wrong with it."""
        self._echo, self._trouble = sentence, trouble
        self.refresh()

    @property
    def text(self) -> str:
        return self._line.text

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return titled(self, self._title).strip()
        band = self.band()
        if y == 1:
            self._line.put(band, 1, max(2, band.width - 2))
        elif y == 2:
            end = hint_at(band, 1, Hint("enter", "takes it")) + 3
            ink = Ink.WORD if self._trouble else Ink.DIM
            band.put(end, self.look.row(self._echo, band.width - end - 1), ink)
        return band.strip()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._line.insert(event.text)
        self._typed()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self.post_message(Answered(self._purpose, self._line.text.strip()))
        elif event.key == "escape":
            self.close()
            self.post_message(Cancelled(self._purpose))
        elif self._line.key(event):
            self._typed()

    def close(self) -> None:
        """Whoever asked has its answer; until then the line stays, so that it can be mended."""
        self.display = False

    def _typed(self) -> None:
        self.post_message(Typed(self._purpose, self._line.text))
        self.refresh()
