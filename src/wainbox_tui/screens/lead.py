"""The team and the pool: who is here and what they have, beside what nobody has. The conversation
under one hand goes to the person under the other with two keys."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import Status, Turn
from wainbox_tui import messages
from wainbox_tui.actions import BY_ID, Context
from wainbox_tui.board import total_of
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.crew import CrewList, PressingList, crew
from wainbox_tui.widgets.draw import Drawn, Wall
from wainbox_tui.widgets.footer import Footer, Hint
from wainbox_tui.widgets.header import Header, Tab, Views
from wainbox_tui.widgets.picker import Picker
from wainbox_tui.widgets.prompt import Prompt
from wainbox_tui.widgets.queue import QueueList
from wainbox_tui.widgets.row import Row, name_of, row_of
from wainbox_tui.widgets.status_row import QueueFacts, StatusRow

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Card
    from wainbox_tui.app import WainboxApp

BESIDE = 100
"""From this width on the pool stands beside the people, else below them."""
CREW = 55


class Pool:
    """What nobody has, as the queue's list draws it."""

    standings: Sequence[int] = ()

    def __init__(self, app: "WainboxApp", cards: "Sequence[Card]") -> None:
        self._app = app
        self.ids: list[int] = [card.id for card in cards]

    @property
    def total(self) -> int:
        return len(self.ids)

    def at(self, index: int) -> Row | None:
        card = self._app.desk_state.cards.get(self.ids[index]) if index < self.total else None
        if card is None:
            return None
        return row_of(card, self._app.desk_state, self._app.now(), self._app.look)

    def index(self, identity: int) -> int | None:
        return self.ids.index(identity) if identity in self.ids else None


class PoolTitle(Drawn):
    DEFAULT_CSS = "PoolTitle { height: 1; }"
    many = 0

    def tell(self, many: int) -> None:
        if many != self.many:
            self.many = many
            self.refresh()

    def render_line(self, y: int) -> Strip:
        band = self.band()
        x = band.put(1, "Pool", Ink.WORD) + 2
        band.put(x, f"{self.many} with nobody" if self.many else "nothing waits here", Ink.DIM)
        return band.strip()


class LeadScreen(Screen[None]):
    """Drawn anew every second from what the app knows, which the stream keeps true."""

    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    LeadScreen { layers: base over; overflow: hidden; }
    LeadScreen #team { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._learned = False
        self._given: Context | None = None

    @property
    def wainbox(self) -> "WainboxApp":
        return cast("WainboxApp", self.app)

    def compose(self) -> ComposeResult:
        self.header, self.footer, self.said = Header(), Footer(), StatusRow()
        self.crew, self.pool, self.pooled = CrewList(), QueueList(), PoolTitle()
        self.pool.empty = Safe("Everything has somebody.")
        self.pressing, self.wall = PressingList(), Wall()
        self.picker, self.prompt = Picker(), Prompt()
        yield self.header
        self.right = Vertical(self.pooled, self.pool)
        self.left = Vertical(self.crew, self.pressing)
        yield Container(self.left, self.wall, self.right, id="team")
        yield self.said
        yield self.picker
        yield self.prompt
        yield self.footer

    def on_mount(self) -> None:
        self.wainbox.inbox.echo = self.said
        self.pool.show(Pool(self.wainbox, ()))
        self.crew.focus()
        self.lay_out()
        self.draw()
        self.set_interval(1, self.draw)

    def on_unmount(self) -> None:
        self.wainbox.inbox.echo = None

    def on_resize(self) -> None:
        self.lay_out()

    def on_descendant_focus(self) -> None:
        """Enter does something else there."""
        self.lay_out()

    def lay_out(self) -> None:
        width, height = self.app.size
        beside = width >= BESIDE
        team = self.query_one("#team")
        team.styles.layout = "horizontal" if beside else "vertical"
        self.left.styles.width = min(CREW, width // 2 + 5) if beside else "1fr"
        self.left.styles.height = "1fr" if beside else max(4, (height - 6) // 2)
        self.pressing.display = self.wall.display = beside
        self.footer.display = height >= 20
        keys = self.wainbox.keys.key
        hints = [Hint("j k", "move"), Hint("tab", "people or pool")]
        opens = "open" if self.pool.has_focus else "set"
        hints += [Hint(keys("assign"), "assign"), Hint(keys("open"), opens)]
        hints += [Hint(keys("why"), "why"), Hint(keys("undo"), "undo")]
        joints = [min(CREW, width // 2 + 5)] if beside else []
        self.footer.show(hints, Hint(keys("back"), "back"), joints)

    # -- drawing -----------------------------------------------------------------------------

    def draw(self) -> None:
        app = self.wainbox
        if app.live and not self._learned:
            app.errand(lambda: app.office().waiting(), "waiting")
        self._learned = app.live
        waiting = [
            card
            for card in app.desk_state.cards.values()
            if card.turn is Turn.OURS and card.status is Status.OPEN
        ]
        self._people(waiting)
        self._fill([card for card in waiting if card.assignee is None])
        many = max(self.pool.source.total, total_of(app.desk_state.counts, "unassigned"))
        self.pooled.tell(many)
        width = min(CREW, app.size.width // 2 + 5)
        joints = [width] if app.size.width >= BESIDE else []
        tab = Tab("board", Safe("Team"), many)
        self.header.show(Views([tab], "board", app.inbox.edges.state()), joints)

    def _people(self, waiting: "list[Card]") -> None:
        """The team, and under it, where there is room, what is late and at risk."""
        app = self.wainbox
        staff = crew(app.desk_state, waiting, app.now(), app.look)
        self.crew.show(staff)
        room = self.app.size.height - 6
        tall = min(len(staff) + 1, room // 2)
        self.crew.styles.height = tall if self.pressing.display else "1fr"
        worst = sorted(waiting, key=lambda card: card.sort_key)
        rows = [row_of(card, app.desk_state, app.now(), app.look) for card in worst[: room * 4]]
        self.pressing.show([row for row in rows if row.ink in (Ink.RISK, Ink.LATE)])

    def _fill(self, cards: "list[Card]") -> None:
        fresh = Pool(self.wainbox, sorted(cards, key=lambda card: (card.sort_key, card.id)))
        if fresh.ids != cast("Pool", self.pool.source).ids:
            self.pool.show(fresh)
        else:
            self.pool.tick()

    # -- keys --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        event.stop()
        for asking in (self.picker, self.prompt):
            if asking.display:
                if not asking.has_focus:
                    asking.on_key(event)
                return
        event.prevent_default()
        if event.key == "tab":
            (self.pool if self.crew.has_focus else self.crew).focus()
            return
        action = self.wainbox.keys.action(event.key, event.character)
        if action is not None:
            self.said.show(QueueFacts())
            self._act(action.id)

    def _act(self, action: str) -> None:
        hand = self.pool if self.pool.has_focus else self.crew
        match action:
            case "down" | "up":
                hand.move(1 if action == "down" else -1)
            case "page_down" | "page_up":
                hand.move(8 if action == "page_down" else -8)
            case "open" if self.pool.has_focus:
                self.pool.choose()
            case "open":
                self._look_after()
            case "assign":
                self._assign()
            case "why" | "undo":
                self._ask(action)
            case "back":
                self._leave()
            case "quit":
                self.wainbox.do(action)
            case _:
                self._leave(action)

    def _card(self) -> "Card | None":
        return self.wainbox.card_under_cursor(self.pool.cursor_id)

    def _assign(self) -> None:
        """The colleague under the hand stands first, so that Enter gives it to them."""
        app, card = self.wainbox, self._card()
        context = Context(app.desk_state, card)
        if why := app.cannot(BY_ID["assign"], context):
            app.inbox.say(why, trouble=True)
        elif card is not None:
            items = app.questions.whom(BY_ID["assign"], context)
            items.sort(key=lambda item: item.id != f"@{self.crew.person}")
            self.picker.ask("give", clean(f"give {name_of(card)} to"), items)
            self._given = context

    def _look_after(self) -> None:
        """What can be set of the colleague under the hand."""
        app = self.wainbox
        if why := app.cannot(BY_ID["agent"], Context(app.desk_state)):
            app.inbox.say(why, trouble=True)
        else:
            app.staff.person(self.crew.person, self.picker, self.prompt)

    def on_answered(self, event: messages.Answered) -> None:
        """A line that cannot be read stays, so that it can be mended."""
        event.stop()
        if wrong := self.wainbox.staff.wrong(event.purpose, event.text):
            self.prompt.echo(clean(wrong), trouble=True)
            return
        self.prompt.close()
        self.crew.focus()
        self.wainbox.staff.answered(event.purpose, event.text)

    def on_chosen(self, event: messages.Chosen) -> None:
        if event.purpose == "staff aspect":
            event.stop()
            self.wainbox.staff.chosen(event.purpose, event.key)
        if event.purpose == "give" and self._given is not None:
            event.stop()
            self.crew.focus()
            self.wainbox.give(BY_ID["assign"], self._given, event.key)

    def on_cancelled(self, event: messages.Cancelled) -> None:
        event.stop()
        self.crew.focus()

    def _ask(self, action: str) -> None:
        """Why the one under the hand waits; or the one given last comes back."""
        app = self.wainbox
        if action == "undo" and self._given is not None:
            app.give(BY_ID["undo"], self._given, "")
        elif action == "why" and (card := self._card()) is not None:
            app.errand(lambda: app.office().why(card.ref), "why")

    def on_opened(self, _: messages.Opened) -> None:
        self._leave()

    def _leave(self, then: str = "") -> None:
        """Back to the inbox, which does what is not done here."""
        app = self.wainbox

        async def leave() -> None:
            await app.pop_screen()
            if then:
                app.do(then)

        app.call_later(leave)
