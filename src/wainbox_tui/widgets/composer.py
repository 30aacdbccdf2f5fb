"""Where a reply is written. It is bound to one conversation and says which; Enter sends, and
nothing else does: not a held key, not the Enter that opened it, not a paste.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from rich.cells import cell_len
from textual import events
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_tui.messages import DraftChanged, HurryWanted, Sent, TemplateWanted
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.buffer import Buffer
from wainbox_tui.widgets.caret import Line, above_or_below, beside, lines_of, put_line, row_of_caret
from wainbox_tui.widgets.draw import EMPTY, Band, Drawn
from wainbox_tui.widgets.row import SHORT, window_clock

MARGIN = 2
MOST_ROWS = 6
AWAY = frozenset({"escape", "ctrl+s", "ctrl+g", "ctrl+o", "ctrl+p", "ctrl+t"})
"""Keys with which the hand leaves the reply."""
SHUT = Safe("Free text is over until the customer writes; enter finds a template.")
LONGEST = 4096
"""WhatsApp takes no longer text; nor does a note."""

JOINERS = {"\u200c": Safe("\u200c"), "\u200d": Safe("\u200d")}
"""Typed one by one, these are meant; `clean` only keeps them between letters."""


class Mode(StrEnum):
    REPLY = "reply"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Bound:
    """The conversation a composer belongs to. `reading` names colleagues who look at it, where
    there is no other row to say so."""

    id: int
    ref: str
    name: Safe = EMPTY
    number: Safe = EMPTY
    reading: Safe = EMPTY


NOBODY = Bound(0, "")
"""What a composer is bound to that may not be written in."""


class EnterGuard:
    """Which Enter is meant. Times are seconds of any steady clock."""

    AFTER_FOCUS = 0.4
    AFTER_ENTER = 0.7
    REPEAT = 0.2
    MACHINE = 0.03
    """Keys closer than this after a paste are the paste's, whatever it held."""

    def __init__(self) -> None:
        self._deaf_until = 0.0
        self._last_enter = -1.0
        self._burst = -1.0

    def focused(self, at: float) -> None:
        self._deaf_until = max(self._deaf_until, at + self.AFTER_FOCUS)

    def pasted(self, at: float) -> None:
        self._burst = at
        self._deaf_until = max(self._deaf_until, at + self.AFTER_FOCUS)

    def key(self, at: float) -> None:
        if at - self._burst < self.MACHINE:
            self.pasted(at)

    def enter(self, at: float) -> bool:
        """Whether this Enter counts."""
        self.key(at)
        meant = at >= self._deaf_until and at - self._last_enter >= self.REPEAT
        self._last_enter = at
        if meant:
            self._deaf_until = at + self.AFTER_ENTER
        return meant


class Composer(Drawn, can_focus=True):
    """Posts `Sent`, `DraftChanged`, `TemplateWanted` and `HurryWanted`. Keys it has no use for go
    on to the screen."""

    DEFAULT_CSS = "Composer { height: 3; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.bound = NOBODY
        self.mode = Mode.REPLY
        self._buffer = Buffer()
        self._guard = EnterGuard()
        self._window: timedelta | None = timedelta(days=1)
        self._restored = False
        self._said = EMPTY
        self._left = False
        self._lines: list[Line] = []
        self._top = 0

    # -- what the screen tells it

    def bind(self, bound: Bound, text: str = "", mode: Mode = Mode.REPLY) -> None:
        """Belongs to a conversation from now on. `text` is its draft, which then wants an edit or
        a second Enter before it is sent."""
        self.bound, self.mode = bound, mode
        self._buffer = Buffer()
        self._buffer.insert(clean(text))
        self._restored = bool(text)
        self._said = EMPTY
        self._redraw()

    def unbind(self) -> None:
        self.bound = NOBODY
        self._buffer = Buffer()
        self._redraw()

    def describe(self, bound: Bound) -> None:
        """The same conversation's name, number or readers changed."""
        if bound.id == self.bound.id and bound != self.bound:
            self.bound = bound
            self.refresh()

    def write(self, mode: Mode) -> None:
        """Changes between reply and note; what is typed stays."""
        if mode is not self.mode:
            self.mode = mode
            self._redraw()
            self._changed()

    def set_window(self, left: timedelta | None) -> None:
        """How long free text may still be sent; None when the customer never wrote."""
        before = self._window_words()
        self._window = left
        if self._window_words() != before:
            self._redraw()

    def say(self, sentence: Safe) -> None:
        """A word about the draft, until the next key."""
        self._said = sentence
        self.refresh()

    def insert(self, text: str) -> None:
        """Puts text at the caret, as if it had been pasted."""
        self._buffer.insert(clean(text))
        self._edited(typed=False)

    def put_back(self, text: str) -> None:
        """A message that was taken back or refused returns, before what was typed since."""
        since = self._buffer.text
        self._buffer.replace(clean(f"{text}\n{since}" if since else text))
        self._edited(typed=False)

    def edited_outside(self, text: str) -> None:
        """What an editor made of it."""
        self._buffer.replace(clean(text))
        self._edited(typed=False)

    def listen(self) -> None:
        """A key that would have led elsewhere led nowhere."""
        self._left = False

    @property
    def text(self) -> str:
        return self._buffer.text

    @property
    def shut(self) -> bool:
        """Whether only a template gets through."""
        over = self._window is None or self._window <= timedelta(0)
        return over and self.mode is Mode.REPLY

    # -- keys

    def on_focus(self, event: events.Focus) -> None:
        self._guard.focused(event.time)
        self.listen()
        self.refresh()

    def on_blur(self) -> None:
        self.listen()
        self.refresh()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._guard.pasted(event.time)
        if self.bound.id and not self.shut:
            self._buffer.insert(clean(event.text))
            self._edited()

    def on_key(self, event: events.Key) -> None:
        """A slow line brings several keys at once: those behind one that leads away are for
        whatever gets the keys next, and go on to the screen."""
        if not self.bound.id or self._left:
            return
        if event.key in AWAY or self._finds(event):
            self._left = True
            return
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._enter(self._guard.enter(event.time))
            return
        self._guard.key(event.time)
        if self._acts(event):
            event.stop()
            event.prevent_default()

    def _finds(self, event: events.Key) -> bool:
        """`/` finds canned replies at the start of a reply; with the window shut templates."""
        return event.character == "/" and (
            self.shut or (self.mode is Mode.REPLY and not self._buffer.text)
        )

    def _acts(self, event: events.Key) -> bool:
        if self.shut:
            return event.is_printable
        if event.is_printable and event.character:
            self._buffer.insert(JOINERS.get(event.character) or clean(event.character))
            self._edited()
            return True
        return self._edits(event.key) or self._moves(event.key)

    def _edits(self, key: str) -> bool:
        b = self._buffer
        before = b.text
        match key:
            case "ctrl+j" | "shift+enter" | "alt+enter":
                b.insert(Safe("\n"))
            case "backspace" | "ctrl+h":
                b.backspace()
            case "delete":
                b.delete()
            case "ctrl+w" | "alt+backspace" | "ctrl+backspace":
                b.delete_word()
            case "ctrl+u":
                b.delete_to_start()
            case "ctrl+k":
                b.delete_to_end()
            case "ctrl+z" | "ctrl+underscore":
                b.undo()
            case "ctrl+y":
                b.redo()
            case _:
                return False
        if b.text != before:
            self._edited()
        return True

    def _moves(self, key: str) -> bool:
        b = self._buffer
        match key:
            case "left":
                b.go(beside(self._lines, b.caret, -1))
            case "right":
                b.go(beside(self._lines, b.caret, 1))
            case "ctrl+left" | "ctrl+right":
                self._word(1 if key == "ctrl+right" else -1)
            case "up" | "down":
                step = 1 if key == "down" else -1
                b.go(above_or_below(self._lines, b.caret, step, self._room))
            case "home" | "ctrl+a":
                b.go(b.line_start)
            case "end" | "ctrl+e":
                b.go(b.line_end)
            case _:
                return False
        self._redraw()
        return True

    def _word(self, step: int) -> None:
        """By a word to the side that was pressed."""
        line = self._lines[row_of_caret(self._lines, self._buffer.caret)]
        if (step > 0) != line.rtl:
            self._buffer.word_forward()
        else:
            self._buffer.word_back()

    def _enter(self, meant: bool) -> None:  # noqa: FBT001 - the guard's verdict
        if not meant:
            return
        text = self._buffer.text.strip()
        if self.shut:
            self.post_message(TemplateWanted(self.bound.id))
        elif not text:
            self.post_message(HurryWanted(self.bound.id))
        elif len(text) > LONGEST:
            self.say(Safe(f"{len(text):,} of {LONGEST:,} characters: too long"))
        elif self._restored:
            self._restored = False
            self.say(Safe("enter again sends this draft"))
        else:
            self._buffer, self._said = Buffer(), EMPTY
            self._redraw()
            self.post_message(Sent(self.bound.id, self.mode, text))

    def _edited(self, *, typed: bool = True) -> None:
        self._restored = False
        self._said = EMPTY
        self._redraw()
        self._changed(typed=typed)

    def _changed(self, *, typed: bool = False) -> None:
        if self.bound.id:
            text = self._buffer.text
            self.post_message(DraftChanged(self.bound.id, self.mode, text, typed=typed))

    # -- drawing

    @property
    def _room(self) -> int:
        """Cells of a row, with one kept for the caret."""
        return max(1, self.size.width - 2 * MARGIN - 5)

    def _redraw(self) -> None:
        """Lays the text out, takes the rows it needs, and keeps the caret in sight."""
        self._lines = lines_of(self._buffer.text, self._room, self.look)
        many = len(self._shut_rows()) if self.shut else len(self._lines)
        rows = max(1, min(MOST_ROWS, many))
        at = row_of_caret(self._lines, self._buffer.caret)
        self._top = max(0, min(max(self._top, at - rows + 1), at, len(self._lines) - rows))
        if self.styles.height is None or self.styles.height.value != rows + 2:
            self.styles.height = rows + 2
        self.refresh()

    def on_resize(self) -> None:
        self._redraw()

    def render_line(self, y: int) -> Strip:
        if not self.bound.id or self.size.width < 12:
            return self.band().strip()
        last = self.size.height - 1
        if y == 0:
            return self._top_edge()
        if y == last:
            return self._bottom_edge()
        return self._text_row(y - 1 if self.shut else self._top + y - 1)

    def _shut_rows(self) -> list[str]:
        return [line.text for line in self.look.layout(SHUT, self._room).lines]

    def _text_row(self, n: int) -> Strip:
        band = self.band()
        g, edge = self.look.glyphs, self._edge
        band.put(MARGIN, g.wall, edge)
        band.put(self.size.width - MARGIN - 1, g.wall, edge)
        x = MARGIN + 2
        if self.shut:
            rows = self._shut_rows()
            band.put(x, rows[n] if n < len(rows) else "", Ink.TEXT)
        elif n < len(self._lines):
            here = self.has_focus and n == row_of_caret(self._lines, self._buffer.caret)
            line = self._lines[n]
            left = x + 1 if line.rtl else x
            put_line(band, left, self._room, line, self._buffer.caret if here else None)
        return band.strip()

    @property
    def _edge(self) -> Ink:
        return Ink.ACCENT if self.has_focus else Ink.FILL

    def _frame(self, left: str, right: str) -> Band:
        """An edge of the box: corners at the margins and a line between."""
        band = self.band()
        width = self.size.width
        band.put(MARGIN, left, self._edge)
        band.put(width - MARGIN - 1, right, self._edge)
        return band

    def _line(self, band: Band, start: int, end: int) -> Strip:
        """Fills what words left free with the line of the box."""
        if end > start:
            band.put(start, self.look.glyphs.rule * (end - start), self._edge)
        return band.strip()

    def _top_edge(self) -> Strip:
        g = self.look.glyphs
        band = self._frame(g.top_left, g.top_right)
        end = self.size.width - MARGIN - 2
        words, ink = self._window_words()
        start = band.right(end, words, ink) if words else end + 1
        title = "Note" if self.mode is Mode.NOTE else "Template" if self.shut else "Reply"
        x = band.put(MARGIN + 2, title, Ink.STRONG if self.has_focus else Ink.DIM)
        room = min(20, start - 2 - (x + 2))
        if room >= 3 and self.bound.name:
            x = band.put(x + 2, self.look.row(self.bound.name, room), Ink.TEXT)
        if self._rtl:
            x = self._fits(band, x, start + 2, f"ar {g.mirror}", Ink.HAND)
        if self.bound.reading:
            x = self._fits(band, x, start, self._number(), Ink.DIM)
        return self._line(band, x + 1, start - 1)

    def _fits(self, band: Band, x: int, end: int, words: str, ink: Ink) -> int:
        """Two blanks and the words, if they leave four cells, for a piece of line."""
        if not words or x + 2 + cell_len(words) > end - 4:
            return x
        return band.put(x + 2, words, ink)

    @property
    def _rtl(self) -> bool:
        if self.shut or not self._lines:
            return False
        return self._lines[row_of_caret(self._lines, self._buffer.caret)].rtl

    def _number(self) -> str:
        if self.mode is Mode.NOTE or not self.bound.number:
            return ""
        return f"from {self.look.row(self.bound.number, 16)}"

    def _window_words(self) -> tuple[str, Ink]:
        if self.mode is Mode.NOTE:
            return "only the team sees this", Ink.WORD
        left = self._window
        if left is None or left <= timedelta(0):
            return "window shut", Ink.WORD
        if left < SHORT:
            return f"{self.look.glyphs.clock} window {window_clock(left)}", Ink.WORD
        return f"window {window_clock(left)}", Ink.DIM

    def _bottom_edge(self) -> Strip:
        g = self.look.glyphs
        band = self._frame(g.bottom_left, g.bottom_right)
        end = self.size.width - MARGIN - 2
        left, right = self._number(), self._draft_words()
        if self.bound.reading:  # the number is in the upper edge then
            readers = self.look.row(self.bound.reading, 30)
            left, right = ("", right) if self._said else (right, readers)
        ink = Ink.WORD if self._said and right == self._said else Ink.DIM
        start = band.right(end, right, ink) if right else end + 1
        room = start - 3 - (MARGIN + 2)
        x = MARGIN + 1
        if left and cell_len(left) <= room:
            x = band.put(MARGIN + 2, left, Ink.DIM)
        return self._line(band, x + 1 if x > MARGIN + 1 else x, start - 1)

    def _draft_words(self) -> str:
        if self._said:
            return self.look.row(self._said, max(1, self.size.width - 2 * MARGIN - 6))
        size = len(self._buffer.text)
        if size > LONGEST - 200:
            return f"{size:,} of {LONGEST:,}"
        if not self._buffer.text:
            return ""
        return "draft restored" if self._restored else "draft kept"
