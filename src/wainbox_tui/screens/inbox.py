"""Queue, conversation, customer: how many panes there are, what each shows, where the keys go.

The screen draws what the app knows and moves its own cursors; whatever needs the relay it leaves to
the app (`WainboxApp.do`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from wainbox_relay.contract.filters import VIEWS
from wainbox_relay.contract.safe import clean
from wainbox_tui.actions import GO, STATUS, Context
from wainbox_tui.helping import Pane
from wainbox_tui.screens.edges import TITLES, Edges
from wainbox_tui.sight import Sight
from wainbox_tui.widgets.bubble import Told
from wainbox_tui.widgets.composer import Bound, Composer
from wainbox_tui.widgets.customer import About, CustomerPane
from wainbox_tui.widgets.draw import EMPTY, Wall
from wainbox_tui.widgets.footer import Footer, Hint
from wainbox_tui.widgets.going import GoingBar
from wainbox_tui.widgets.head import ConversationHead, HeadFacts
from wainbox_tui.widgets.header import Header
from wainbox_tui.widgets.picker import Picker
from wainbox_tui.widgets.prompt import Prompt
from wainbox_tui.widgets.queue import QueueList
from wainbox_tui.widgets.row import Marks, Row, row_of
from wainbox_tui.widgets.status_row import QueueFacts, StatusRow
from wainbox_tui.widgets.thread import ThreadView

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Card, Entry
    from wainbox_tui.app import WainboxApp

HAS: dict[str, "Callable[[Entry], bool]"] = {
    "media": lambda entry: entry.media is not None,
    "link": lambda entry: "http://" in entry.text or "https://" in entry.text,
}
"""What keys need of a message."""

BESIDE = 76
"""From this width on the customer, asked for, stands beside the conversation, else before it."""

EDGES = 12
"""What the frame of the composer takes of a sentence in its edge."""

ROOMY_ROWS = 20
"""From this height on there are a footer, and a blank row under the queue."""


@dataclass(frozen=True, slots=True)
class Panes:
    """Widths of the panes; None where a pane is not shown beside the others."""

    queue: int | None
    customer: int | None

    @property
    def single(self) -> bool:
        return self.queue is None


def panes_for(width: int, *, plain: bool = False) -> Panes:
    if plain or width < 100:
        return Panes(None, None)
    if width < 120:
        return Panes(36, None)
    return Panes(40, 28) if width < 160 else Panes(56, 36)


class Rows:
    """The board's rows as the queue draws them."""

    def __init__(self, app: "WainboxApp") -> None:
        self._app = app

    @property
    def total(self) -> int:
        return self._app.board.shown.total

    @property
    def standings(self) -> Sequence[int]:
        return self._app.board.shown.standings

    def at(self, index: int) -> Row | None:
        identity = self._app.board.shown.at(index)
        card = self._app.desk_state.cards.get(identity) if identity is not None else None
        if card is None:
            return None
        app = self._app
        marks = Marks(marked=app.marked, drafts=app.drafts.all())
        return row_of(card, app.desk_state, app.now(), app.look, marks)

    def index(self, identity: int) -> int | None:
        return self._app.board.shown.index(identity)


class InboxScreen(Screen[None]):
    """`reading` is whether the conversation has the keys (and, where there is one pane, the
    screen)."""

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    InboxScreen { layers: base over; overflow: hidden; }
    InboxScreen Horizontal { height: 1fr; }
    InboxScreen Vertical { height: 1fr; }
    InboxScreen QueueList, InboxScreen ThreadView { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.reading = False
        self.peeking = False
        self.said = EMPTY
        self.trouble = False
        self.echo: StatusRow | None = None
        """The status row of a screen that stands over this one."""
        self._tick_from = 0.0
        self.sight = Sight()
        self._mention = ""
        self._hand: Widget | None = None
        """What has the keys, or had them before a question."""
        self._leaving = False
        """The reply has the keys still, but `esc` was pressed in it."""
        self._ahead: list[events.Key] | None = None
        """What was typed for a reply that was asked for and has not got the keys yet."""

    @property
    def wainbox(self) -> "WainboxApp":
        return cast("WainboxApp", self.app)

    def compose(self) -> ComposeResult:
        self.edges = Edges(self.wainbox)
        self.header = Header()
        self.queue = QueueList(id="queue")
        self.status = StatusRow()
        self.head = ConversationHead()
        self.thread = ThreadView(id="thread")
        self.answer = StatusRow()
        self.composer = Composer(id="composer")
        self.customer = CustomerPane()
        self.walls = (Wall(), Wall())
        self.going, self.prompt, self.picker = GoingBar(), Prompt(), Picker()
        self.going.read = self.wainbox.keys.latin
        self.footer = Footer()
        self.left = Vertical(self.queue, self.status, id="left")
        self.middle = Vertical(self.head, self.thread, self.answer, self.composer, id="middle")
        yield self.header
        yield Horizontal(self.left, self.walls[0], self.middle, self.walls[1], self.customer)
        yield self.picker
        yield self.prompt
        yield self.going
        yield self.footer

    def on_mount(self) -> None:
        self.rows = Rows(self.wainbox)
        self.queue.focus()
        self.lay_out()
        self.set_interval(1, self.tick)

    # -- panes -------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self.lay_out()

    def on_descendant_focus(self) -> None:
        self._leaving = False
        if self.focused not in (self.going, self.prompt, self.picker):
            self._hand = self.focused
        if self.composer.has_focus:
            self._type_ahead()
        self._tick_thread()
        self.draw_footer()

    def lay_out(self) -> None:
        """Gives every pane its place for this width, and draws all of them."""
        height = self.app.size.height
        panes = self.panes
        thread_open = self.wainbox.desk_state.open is not None
        show_thread = not panes.single or (self.reading and thread_open)
        self.left.display = not panes.single or not (self.reading and thread_open)
        self.left.styles.width = panes.queue or "1fr"
        self.middle.display = show_thread
        self.middle.styles.width = "1fr"
        self.walls[0].display = not panes.single
        customer = panes.customer is not None or (self.peeking and thread_open)
        alone = self.before
        self.left.display = self.left.display and not alone
        self.middle.display = show_thread and not alone
        self.customer.display = customer
        self.customer.styles.width = panes.customer or ("1fr" if alone else 36)
        self.walls[1].display = customer and not alone
        self.footer.display = height >= ROOMY_ROWS
        self.header.styles.height = 2 if height >= 12 else 1
        self.status.display = height >= 8
        self.status.stand_off(rows=int(height >= ROOMY_ROWS))
        self.composer.display = thread_open and height >= 8
        self._answer_beside()
        self.draw()

    @property
    def panes(self) -> Panes:
        return panes_for(self.app.size.width, plain=self.wainbox.config.plain)

    def joints(self) -> list[int]:
        panes = self.panes
        if panes.single:
            return []
        first = panes.queue or 0
        walls = [first]
        if panes.customer is not None:
            walls.append(self.app.size.width - panes.customer - 1)
        return walls

    # -- drawing -----------------------------------------------------------------------------

    def draw(self) -> None:
        """Everything but the rows of queue and thread, which draw themselves when they change."""
        self.draw_header()
        self.draw_status()
        self.draw_head()
        self.draw_customer()
        self.draw_footer()

    def draw_header(self) -> None:
        card = self.wainbox.open_card()
        if self.panes.single and self.reading and card is not None:
            self.header.show(self.edges.case(card))
        else:
            self.header.show(self.edges.views(), self.joints())

    def draw_head(self) -> None:
        card = self.wainbox.open_card()
        if card is None:
            self.head.show(HeadFacts(), brief=self.panes.single)
            return
        self.head.show(self.edges.head(card), brief=self.panes.single)
        self.composer.describe(self.bound_to(card))
        self.composer.set_window(self.edges.window_left(card))

    def bound_to(self, card: "Card") -> Bound:
        return self.edges.bound(card, alone=self.panes.single)

    def draw_customer(self) -> None:
        app = self.wainbox
        thread = app.desk_state.open
        if thread is None or thread.panel is None:
            self.customer.clear()
            return
        self.customer.show(About(thread.panel, app.desk_state, app.now(), app.open_card()))

    def draw_status(self) -> None:
        board = self.wainbox.board
        total = board.shown.total
        self.status.show(
            QueueFacts(
                new=len(board.shown.new),
                filter=clean(board.narrowed),
                said=self.said,
                trouble=self.trouble,
                place=min(self.queue.cursor + 1, total),
                total=total,
            )
        )

    def draw_footer(self) -> None:
        key, back = self.wainbox.keys.key, Hint("esc", "back")
        if self._asking() is not None:  # whatever asks says itself what it takes
            self.footer.show([], back, self.joints())
        elif self.composer.has_focus:
            note, shut = self.composer.mode == "note", self.composer.shut
            hints = self.edges.writing(note=note, shut=shut, alone=self.panes.single)
            self.footer.show(hints, back, self.joints())
        else:
            hints = self.edges.acting(self.context().card, reading=self.reading)
            last = Hint(key("back"), "back") if self.reading else Hint(key("palette"), "palette")
            self.footer.show(hints, last, self.joints())

    def say(self, sentence: str, *, trouble: bool = False) -> None:
        """Answers the last key, where the eye is; the next key takes it away."""
        self.said, self.trouble = clean(sentence), trouble
        self.draw_status()
        if self.echo is not None:
            self.echo.show(QueueFacts(said=self.said, trouble=trouble))
        self._answer_beside()

    def _answer_beside(self) -> None:
        """Where the conversation is alone it has no row under the queue: what is said stands in the
        composer's edge, or over it where it is longer, since its end says what to do."""
        alone = self.reading and self.panes.single
        fits = cell_len(self.said) <= self.app.size.width - EDGES
        self.composer.say(self.said if alone and fits else EMPTY)
        self.answer.display = alone and bool(self.said) and not fits
        self.answer.show(QueueFacts(said=self.said, trouble=self.trouble))

    def hush(self) -> None:
        """What was said is old."""
        if self.said:
            self.say("")

    def tick(self) -> None:
        """Once a second: clocks, countdowns and ages; only what changed is drawn."""
        app = self.wainbox
        self._tick_thread()
        self._look()
        self._read_mention()
        self.draw_header()
        self.draw_head()
        self.draw_footer()
        self.queue.tick()
        if app.now().second % 30 == 0:
            self.draw_customer()
        app.second_passed()

    # -- queue and thread --------------------------------------------------------------------

    def show_rows(self) -> None:
        """The board has a new order."""
        self.queue.show(self.rows)
        self.draw_status()
        self.draw_header()

    def rows_came(self) -> None:
        self.queue.loaded()
        self.draw_status()

    def _tick_thread(self) -> None:
        self.thread.tick(self.wainbox.now(), writing=self.composer.has_focus)

    def told(self) -> Told:
        app = self.wainbox
        return Told(app.desk_state, app.now(), writing=self.composer.has_focus)

    def show_thread(self) -> None:
        thread = self.wainbox.desk_state.open
        if thread is None:
            self.thread.clear()
            self.composer.unbind()
        else:
            self.thread.show(
                thread.thread,
                thread.in_order(),
                thread.cases,
                more=thread.more,
                told=self.told(),
            )
            self._look()
        self.lay_out()

    def entries_moved(self, entries: "Sequence[Entry]") -> None:
        self.thread.put(entries, self.told())
        self._look()

    def _look(self) -> None:
        """Remembers since when each message is in sight."""
        thread = self.wainbox.desk_state.open
        if thread is None:
            return
        if thread.conversation != self.sight.conversation:
            self.sight.open(thread.conversation, thread.entries.values())
        elif self.middle.display and not self.thread.below:
            self.sight.painted(thread.entries.values(), monotonic())

    def _read_mention(self) -> None:
        """A mention of oneself is done with once its case was under the eyes for a second."""
        card, me = self.wainbox.open_card(), self.wainbox.desk_state.me
        named = self.reading and card is not None and me is not None and me.id in card.mentions
        ref = card.ref if named and card is not None else ""
        read = bool(ref) and ref == self._mention
        if read:
            self.wainbox.mention_read(ref)
        self._mention = "" if read else ref

    def selected_entry(self) -> "Entry | None":
        thread = self.wainbox.desk_state.open
        if thread is None or self.thread.selected is None:
            return None
        return thread.entries.get(self.thread.selected)

    def meant_entry(self, action: str) -> "Entry | None":
        """The chosen message; where none is chosen, the newest that has what the key is for."""
        thread, chosen, has = self.wainbox.desk_state.open, self.selected_entry(), HAS.get(action)
        if chosen is not None or has is None or thread is None:
            return chosen
        return next((entry for entry in reversed(thread.in_order()) if has(entry)), None)

    def newest_seen(self) -> int | None:
        """The newest message that was seen, for the collision check."""
        thread, me = self.wainbox.desk_state.open, self.wainbox.desk_state.me
        if thread is None or me is None:
            return None
        return self.sight.newest(thread.entries.values(), me.id, monotonic())

    # -- keys --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if (asking := self._asking()) is not None:
            # The next key of `g m` may be here before the bar has the focus.
            if not asking.has_focus:
                asking.on_key(event)
            return
        event.stop()
        if self._ahead is not None:
            self._keep_ahead(event, self._ahead)
            return
        if self.composer.has_focus and not self._leaving:
            self._from_composer(event)
            return
        action = self.wainbox.keys.action(event.key, event.character)
        if action is None:
            return
        event.prevent_default()
        self.hush()
        self.wainbox.do(action.id)

    def expect_reply(self) -> list[events.Key]:
        """A reply was asked for. Until it has the keys, letters are for it and act on nothing."""
        self._ahead = []
        return self._ahead

    @property
    def expects_reply(self) -> bool:
        return self._ahead is not None

    def call_off(self, ahead: list[events.Key]) -> None:
        """That reply does not come."""
        if self._ahead is ahead:
            self._ahead = None

    def _keep_ahead(self, event: events.Key, ahead: list[events.Key]) -> None:
        """`esc` calls the reply off; an Enter before there was anything to see is not meant."""
        if event.key == "escape":
            self.call_off(ahead)
        elif event.key != "enter":
            ahead.append(event)

    def _type_ahead(self) -> None:
        typed, self._ahead = self._ahead or [], None
        for key in typed:
            self.composer.post_message(events.Key(key.key, key.character))

    def _asking(self) -> GoingBar | Prompt | Picker | None:
        """Whatever waits for an answer."""
        asked = (self.going, self.prompt, self.picker)
        return next((question for question in asked if question.display), None)

    def _from_composer(self, event: events.Key) -> None:
        """Keys that the composer leaves to us."""
        match event.key:
            case "escape":
                self._leaving = True
                self.thread.focus()
                self.draw_footer()
            case "ctrl+s":
                self.wainbox.do("send_menu")
            case "ctrl+g":
                self.wainbox.do("attach")
            case "ctrl+t" | "slash":
                self.wainbox.do("canned")
            case "ctrl+o":
                self.wainbox.do("editor")
            case "ctrl+p":
                self.wainbox.do("palette")
            case "ctrl+q":
                self.wainbox.do("quit")
            case "ctrl+l":
                self.wainbox.do("redraw")
            case "f1":
                self.wainbox.do("help")
            case "tab":
                self.wainbox.do("note" if self.composer.mode != "note" else "reply")
            case _:
                pass
        if not self._leaving and self._asking() is None:
            self.composer.listen()

    def context(self, action: str = "") -> Context:
        """What the hand is on: the open conversation while reading, else the row."""
        app = self.wainbox
        card = app.open_card() if self.reading else app.card_under_cursor(self.queue.cursor_id)
        return Context(app.desk_state, card, self.meant_entry(action) if self.reading else None)

    def local(self, action: str) -> bool:
        """Moves of the screen's own; False when it knows none of that name."""
        moves: dict[str, Callable[[], object]] = {
            "down": lambda: self._move(1),
            "up": lambda: self._move(-1),
            "page_down": lambda: self._pane().page(1),
            "page_up": lambda: self._pane().page(-1),
            "top": self._top,
            "end": lambda: self._pane().end(),
            "open": self._enter,
            "back": self.back,
            "redraw": self._redraw,
        }
        move = moves.get(action)
        if move is not None:
            move()
            self.draw_status()
        return move is not None

    def _redraw(self) -> None:
        self.refresh(repaint=True)

    @property
    def pane(self) -> Pane:
        """Where the hand is."""
        if self.composer.has_focus:
            return Pane.REPLY
        return Pane.THREAD if self.reading else Pane.QUEUE

    def _pane(self) -> QueueList | ThreadView:
        return self.thread if self.reading else self.queue

    def _move(self, by: int) -> None:
        pane = self.customer if self.before else self._pane()
        pane.move(by)

    def _top(self) -> None:
        if self.reading:
            self.thread.top()
        else:
            self.queue.go(0)

    def _enter(self) -> None:
        if self.reading:
            self.thread.choose()
        else:
            self.queue.choose()

    def back(self) -> None:
        if self.peeking and self.panes.customer is None:
            self.peek()
        elif self.reading and self.thread.selected is not None:
            self.thread.leave()
        elif self.reading:
            self.leave_thread()
        self.lay_out()

    @property
    def before(self) -> bool:
        """Whether the customer stands before the conversation."""
        alone = self.wainbox.config.plain or self.app.size.width < BESIDE
        return self.peeking and alone

    def peek(self) -> None:
        """The customer, where there is room for one pane; beside the others the rest of them."""
        hidden = self.panes.single and not self.reading
        if self.wainbox.desk_state.open is None or hidden:
            self.say("Open the conversation first.", trouble=True)
        elif self.panes.customer is not None:
            self.customer.turn()
        else:
            self.peeking = not self.peeking
            self.lay_out()
            self.focus_back()

    def leave_thread(self) -> None:
        self.reading = self.peeking = False
        self.lay_out()
        self.queue.focus()
        self.wainbox.stands_elsewhere()

    def read(self) -> None:
        """The conversation takes the keys."""
        self.reading = True
        self.lay_out()
        self.thread.focus()

    def write(self, mode: str) -> None:
        from wainbox_tui.widgets.composer import Mode

        if self.before:
            self.peek()
        if not self.composer.display:
            self._ahead = None
            self.say("There is no room to write; make the window taller.", trouble=True)
            return
        if not self.composer.has_focus and self._ahead is None:
            self.expect_reply()
        self.composer.write(Mode(mode))
        self.composer.focus()
        self.draw_footer()

    # -- questions ---------------------------------------------------------------------------

    def ask_going(self) -> None:
        titles = {f"view_{name}": TITLES[name].lower() for name in (*VIEWS, "drafts")}
        words = {**titles, "lead": "team", "top": "top", "end": "end", "show_new": "new rows"}
        self.going.ask("go", "go to", [Hint(k, words[a]) for k, a in GO.items() if a in words])

    def ask_status(self) -> None:
        words = {"reopen": "open", "wait": "on customer", "snooze": "snooze", "resolve": "resolved"}
        self.going.ask("status", "status", [Hint(k, words[a]) for k, a in STATUS.items()])

    def focus_back(self) -> None:
        """Where the keys were before a question."""
        target: Widget = self.thread if self.reading else self.queue
        if self.reading and self._hand is self.composer and self.composer.display:
            target = self.composer
        target.focus()
        self.draw_footer()

    def date(self) -> datetime:
        return self.wainbox.now()
