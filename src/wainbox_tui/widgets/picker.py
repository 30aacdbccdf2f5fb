"""A list to choose from by typing: the palette, colleagues, tags, templates."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.strip import Strip

from wainbox_relay.contract.folding import fold
from wainbox_relay.contract.safe import Safe
from wainbox_tui.messages import Answered, Cancelled, Chosen
from wainbox_tui.theme import Ink, Paper
from wainbox_tui.widgets.draw import EMPTY, Drawn
from wainbox_tui.widgets.footer import Hint, hint_at
from wainbox_tui.widgets.going import titled
from wainbox_tui.widgets.prompt import LineEditor

MOST_ROWS = 10
COLUMN = 20
"""Details stand one below the other; a longer label pushes its own to the right."""


@dataclass(frozen=True, slots=True)
class Item:
    """`detail` is dim beside the label; `key` stands at the right; `refused` says why it cannot
    be chosen now; by what is `also` in it it can be found, too."""

    id: str
    label: Safe
    detail: Safe = EMPTY
    key: str = ""
    refused: Safe = EMPTY
    also: Safe = EMPTY


def score(query: str, label: str) -> int | None:
    """How well folded letters fit, less is better; None when they do not. Whole words first, then
    beginnings of words, then letters in order."""
    if not query:
        return 0
    at = label.find(query)
    if at >= 0:
        begins = at == 0 or not label[at - 1].isalnum()
        return (0 if at == 0 else 1 if begins else 2) * 100 + len(label)
    place = -1
    gaps = 0
    for letter in query:
        found = label.find(letter, place + 1)
        if found < 0:
            return None
        gaps += found - place - 1
        place = found
    return 300 + gaps * 10 + len(label)


def matching(items: Sequence[Item], query: str) -> list[Item]:
    """Items that fit, best first; in their own order where nothing is typed. What is called just
    that comes before all."""
    wanted = fold(query.strip())
    scored = [
        (0 if fold(item.also) == wanted else found, n, item)
        for n, item in enumerate(items)
        if (found := score(wanted, fold(f"{item.label} {item.detail} {item.also}"))) is not None
    ]
    return [item for _, _, item in sorted(scored, key=lambda s: (s[0], s[1]))]


class Picker(Drawn, can_focus=True):
    """Hidden until `ask`ed. Posts `Chosen` with the item's id; where `free`, what was typed and
    fits nothing is `Answered`."""

    DEFAULT_CSS = """
    Picker { dock: bottom; layer: over; margin: 0 0 2 0; height: 3; display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._purpose = ""
        self._title = EMPTY
        self._items: tuple[Item, ...] = ()
        self._found: list[Item] = []
        self._free = False
        self._at = 0
        self._first = 0
        self._column = 0
        self._line = LineEditor()

    def ask(
        self,
        purpose: str,
        title: Safe,
        items: Sequence[Item],
        *,
        free: bool = False,
        text: str = "",
    ) -> None:
        self._purpose, self._title, self._free = purpose, title, free
        self._items = tuple(items)
        self._line = LineEditor(text)
        self.display = True
        self._search()
        self.focus()

    def refill(self, purpose: str, items: Sequence[Item]) -> None:
        """What there is to choose from came, or came anew; what was typed stays."""
        if self.display and self._purpose == purpose and tuple(items) != self._items:
            self._items = tuple(items)
            self._search()

    def close(self) -> None:
        self.display = False

    @property
    def _shown(self) -> int:
        room = max(1, self.app.size.height - 8)
        return max(1, min(MOST_ROWS, len(self._items), room))

    def _search(self) -> None:
        self._found = matching(self._items, self._line.text)
        labels = (cell_len(item.label) for item in self._items if item.detail)
        self._column = max((width for width in labels if width <= COLUMN), default=0)
        self._at = self._first = 0
        wanted = 2 + self._shown
        if self.styles.height is None or self.styles.height.value != wanted:
            self.styles.height = wanted
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return titled(self, self._title).strip()
        if y == 1:
            return self._typed_row()
        n = self._first + y - 2
        if n < len(self._found) and y - 2 < self._shown:
            return self._item(self._found[n], here=n == self._at)
        return self.band().strip()

    def _typed_row(self) -> Strip:
        band = self.band()
        if self._free and self._line.text and not self._found:
            words = Hint("enter", "takes it as typed")
        elif not self._found:
            words = Hint("", "nothing fits")
        else:
            words = Hint("enter", f"takes it, {self._at + 1} of {len(self._found)}")
        end = band.width - 1 - words.size
        if end > 20:
            hint_at(band, end, words)
        self._line.put(band, 1, max(2, end - 3))
        return band.strip()

    def _item(self, item: Item, *, here: bool) -> Strip:
        band = self.band(Paper.SELECT if here else Paper.BASE)
        if here:
            band.put(0, self.look.glyphs.cursor, Ink.ACCENT)
        end = band.width - 1
        if item.key:
            end = band.right(end, item.key, Ink.STRONG) - 2
        ink = Ink.DIM if item.refused else Ink.TEXT
        label = self.look.row(item.label, end - 3)
        x = band.put(3, label, ink)
        more = item.refused or item.detail
        x = max(x, 3 + self._column) + 2
        if more and x < end:
            band.put(x, self.look.row(more, end - x), Ink.DIM)
        return band.strip()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._line.insert(event.text)
        self._search()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        match event.key:
            case "escape":
                self.close()
                self.post_message(Cancelled(self._purpose))
            case "enter":
                self._choose()
            case "down" | "ctrl+n" | "tab":
                self._move(1)
            case "up" | "ctrl+p" | "shift+tab":
                self._move(-1)
            case "pagedown" | "pageup":
                self._move(self._shown if event.key == "pagedown" else -self._shown)
            case _:
                if self._line.key(event):
                    self._search()

    def _move(self, by: int) -> None:
        self._at = max(0, min(self._at + by, len(self._found) - 1))
        self._first = max(self._at - self._shown + 1, min(self._first, self._at))
        self.refresh()

    def _choose(self) -> None:
        """A typed line that fits nothing stays, unless it may be taken as it is."""
        text = self._line.text.strip()
        if self._found and not self._found[self._at].refused:
            self.close()
            self.post_message(Chosen(self._purpose, self._found[self._at].id))
        elif self._free and text and not self._found:
            self.close()
            self.post_message(Answered(self._purpose, text))
