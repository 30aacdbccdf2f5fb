"""The app: one look, one state, one dispatcher. It paints first and connects then.

Keys become actions (`do`), actions become moves of the screen, questions, or errands to the relay;
news of the relay become changes of the state and of what is drawn.
"""

import asyncio
import gc
import importlib
import locale
import os
import select
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

from textual.app import App
from textual.binding import BindingType
from textual.worker import Worker, WorkerState

from wainbox_relay.contract.filters import FilterError
from wainbox_relay.contract.safe import clean, outgoing
from wainbox_relay.contract.vocabulary import Delivery
from wainbox_tui import faults, messages
from wainbox_tui.actions import BY_ID, LOOKING, Action, Context
from wainbox_tui.board import Board
from wainbox_tui.bulk import Bulks
from wainbox_tui.canned import Canned
from wainbox_tui.config import Config, ConfigError, load, state_folder
from wainbox_tui.deeds import Deeds
from wainbox_tui.drafts import Draft, Drafts
from wainbox_tui.glyphs import ASCII, UNICODE
from wainbox_tui.keymap import KeymapError, keymap
from wainbox_tui.questions import Questions
from wainbox_tui.screens.inbox import InboxScreen
from wainbox_tui.staff import Staff
from wainbox_tui.state import DeskState
from wainbox_tui.terminal import arabic, in_order
from wainbox_tui.text.layout import Mode
from wainbox_tui.text.probe import Guard
from wainbox_tui.theme import Name, Palette, depth_for, textual_theme
from wainbox_tui.widgets.draw import Look

if TYPE_CHECKING:
    from wainbox_relay.contract.problems import Problem
    from wainbox_relay.contract.views import Card, Entry
    from wainbox_tui.errands import Errands
    from wainbox_tui.sync import News

Errand = Callable[[], Awaitable[Any]]
REPAINT_EVERY = 0.1
BANNER_AFTER = 2.0
LEAVE_WITHIN = 5
"""Seconds after which a terminal that is gone for good keeps nothing running any more."""
UNASKED = frozenset({"presence", "typing", "seen", "rota", "rows", "older", "refresh"})
"""Errands nobody waits for: that the relay is away stands in the header already."""
SURE_FOR = 15.0
"""Seconds in which the same key again means "yes, do it"."""


@dataclass(frozen=True, slots=True)
class Away:
    """Since when the line is down, and whether for good."""

    since: float
    final: bool


class WainboxApp(App[int]):
    """`desk_state` is what the relay told, `board` the queue as shown, `look` how things are drawn,
    `keys` the keymap."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = "Screen { background: $background; }"

    def __init__(
        self,
        config: Config,
        folder: Path,
        arabic: tuple[Mode, Guard] = (Mode.APP, Guard.NONE),
    ) -> None:
        # Textual takes NO_COLOR out of the environment, so it is asked for before that.
        self._arabic = arabic
        self._no_colour = config.plain or "NO_COLOR" in os.environ
        super().__init__()
        self.config = config
        self.keys = keymap(config.keys, config.pair)
        self.desk_state = DeskState()
        self.board = Board()
        self.folder = folder
        self.drafts = Drafts(folder, config.url)
        self.look = self._first_look()
        self.live = False
        self.marked: set[int] = set()
        self.held: set[str] = set()
        self.recent: list[str] = []
        self.errands: Errands | None = None
        self.inbox = InboxScreen()
        self.questions = Questions(self)
        self.deeds = Deeds(self)
        self.canned = Canned(self)
        self.bulks = Bulks(self)
        self.staff = Staff(self)
        self._lost: Away | None = None
        self._sure: tuple[str, str, float] | None = None
        self._agreed: set[str] = set()
        """What Enter again goes on in spite of, by the codes of the refusals."""
        self._dirty: set[int] = set()
        self._dirty_entries: set[int] = set()
        self._dirty_counts = False
        self._painted_at = 0.0
        self._painting = False
        self._composing_at = 0.0
        self._last_words = ""
        theme = textual_theme(self.look.palette)
        self.register_theme(theme)
        self.theme = theme.name

    # -- beginning ---------------------------------------------------------------------------

    def get_default_screen(self) -> InboxScreen:
        """The inbox is the first screen of all: nothing is laid out or painted before it."""
        return self.inbox

    def on_mount(self) -> None:
        if not self.is_headless:
            self._end_on_signals()
        self.call_after_refresh(self._connect)

    def _end_on_signals(self) -> None:
        """However we are told to go, the terminal is given back as it was."""
        threading.Thread(target=_hang_up_with, args=(sys.stdin,), daemon=True).start()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(sign, self._end, sign)

    def _end(self, sign: signal.Signals) -> None:
        signal.alarm(LEAVE_WITHIN)
        self.exit(128 + sign)

    def _first_look(self) -> Look:
        plain = self.config.plain or os.environ.get("TERM") == "linux" or not _speaks_utf8()
        palette = Palette(
            Name(self.config.theme),
            depth_for(self.console.color_system, no_colour=self._no_colour),
        )
        zone = datetime.now().astimezone().tzinfo or UTC
        mode, guard = self._arabic
        return Look(palette, ASCII if plain else UNICODE, mode, zone, guard)

    def _connect(self) -> None:
        self.run_worker(self._go_live(), group="link", exclusive=True, exit_on_error=False)

    async def _go_live(self) -> None:
        """Everything heavy is loaded only now, beside the first picture."""
        await asyncio.to_thread(importlib.import_module, "wainbox_tui.errands")
        from wainbox_tui.client import BadAddress, Client
        from wainbox_tui.credentials import NoToken, find
        from wainbox_tui.errands import Errands
        from wainbox_tui.sync import Lost, Sync

        try:
            token = await asyncio.to_thread(find, self.config)
            client = Client(self.config.url, token.text, self.config.ca_file)
        except (NoToken, BadAddress) as error:
            self.hear(Lost(str(error), final=True))
            return
        self.errands = Errands(self, client)
        try:
            await Sync(client, self.hear).run()
        finally:
            await self.errands.leave()
            await client.close()

    # -- news --------------------------------------------------------------------------------

    def hear(self, news: "News") -> None:
        """What the relay says, or that it says nothing."""
        from wainbox_tui.sync import Began, Heard

        if not isinstance(news, Began):  # which is followed by the first rows
            _start_is_over()
        match news:
            case Began():
                self._began(news)
            case Heard():
                self._back()
                for event in news.events:
                    self._apply(event)
                self._paint_soon()
            case _:
                if self._lost is None or news.final:
                    since = monotonic() - (BANNER_AFTER if news.final else 0)
                    self._lost = Away(since, final=news.final)
                self.live = False
                if news.final:
                    self.inbox.say(news.sentence, trouble=True)
                self.inbox.draw_header()

    def _began(self, news: Any) -> None:
        self.desk_state.begin(news.snapshot)
        self.board.at = news.snapshot.seq
        self._back()
        self.errand(lambda: self.office().show_view(self.board.name, self.board.narrowed), "view")
        self.errand(lambda: self.office().learn_rota(), "rota")
        card = self.open_card()
        if card is not None:
            self.errand(lambda: self.office().open(card.ref, read=self.inbox.reading), "thread")

    def _back(self) -> None:
        if not self.live:
            self.live, self._lost = True, None
            self.inbox.hush()
            self.inbox.draw_header()

    def _apply(self, event: Any) -> None:
        moved = self.desk_state.apply(event)
        # What changes a card and brings no message is a line of its history.
        told = event.type == "card" and not event.entries
        if event.type == "card":
            for entry in event.entries:
                self._came_back(event.card.ref, entry)
        if (seq := self.desk_state.seq) > self.board.at and self.board.heard(seq, moved.moves):
            self.inbox.show_rows()
        for move in moved.moves:
            thread = self.desk_state.open
            here = thread is not None and thread.conversation == move.conversation
            if here and (told or move.before != move.after):
                self.errand(lambda: self.office().refresh_thread(), "refresh")
        self._dirty |= moved.cards
        self._dirty_entries |= moved.entries
        self._dirty_counts |= moved.counts or moved.people or bool(moved.moves)
        if moved.notices:
            self._say_notice()

    def _came_back(self, ref: str, entry: "Entry") -> None:
        """A message of this terminal that the relay did not let go, since somebody wrote while it
        was held: its text is there again."""
        if entry.sid not in self.held or entry.delivery is Delivery.HELD:
            return
        self.held.discard(entry.sid)
        if entry.delivery is Delivery.WITHDRAWN and entry.failure is not None:
            self.give_back(ref, entry.text)
            self.inbox.say(f"{entry.failure.reason}. {entry.failure.next_step}", trouble=True)

    def _say_notice(self) -> None:
        newest = max(self.desk_state.notices.values(), key=lambda n: n.at, default=None)
        if newest is not None:
            self.inbox.say(newest.sentence, trouble=True)

    def _paint_soon(self) -> None:
        """At most ten pictures a second, the first one at once."""
        if self._painting:
            return
        wait = self._painted_at + REPAINT_EVERY - monotonic()
        if wait <= 0:
            self._paint()
        else:
            self._painting = True
            self.set_timer(wait, self._paint)

    def _paint(self) -> None:
        self._painting = False
        self._painted_at = monotonic()
        cards, self._dirty = self._dirty, set()
        entries, self._dirty_entries = self._dirty_entries, set()
        thread = self.desk_state.open
        if cards:
            self.inbox.queue.changed(cards)
        if entries and thread is not None:
            self.inbox.entries_moved([thread.entries[e] for e in entries if e in thread.entries])
        if thread is not None and thread.conversation in cards:
            self.inbox.draw_head()
        if self._dirty_counts or cards:
            self._dirty_counts = False
            self.inbox.draw_header()
            self.inbox.draw_status()
            self.inbox.draw_footer()

    def trouble(self) -> str:
        """What the header must say: of the line, or of a number that lets nothing leave."""
        paused = next((n.paused for n in self.desk_state.numbers.values() if n.paused), "")
        return self.offline() or paused

    def offline(self) -> str:
        """That the line has been down for two seconds, and whether it comes back by itself."""
        if self._lost is None or monotonic() - self._lost.since < BANNER_AFTER:
            return ""
        return "offline" if self._lost.final else "offline, trying again"

    # -- what is where -----------------------------------------------------------------------

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def open_card(self) -> "Card | None":
        thread = self.desk_state.open
        return self.desk_state.cards.get(thread.conversation) if thread else None

    def card_under_cursor(self, identity: int | None) -> "Card | None":
        return self.desk_state.cards.get(identity) if identity is not None else None

    @property
    def drafted(self) -> frozenset[int]:
        """Conversations with an unsent draft, as far as their cards are known."""
        refs = self.drafts.all()
        if not refs:
            return frozenset()
        return frozenset(card.id for card in self.desk_state.cards.values() if card.ref in refs)

    def office(self) -> "Errands":
        if self.errands is None:
            raise ValueError("There is no relay yet.")
        return self.errands

    def errand(self, work: Errand, group: str) -> None:
        """Runs an errand beside the screen. A newer one of its group takes its place, unless it
        is a command: what was asked of the relay is never called off."""

        async def run() -> None:
            await work()

        exclusive = not group.startswith("give ")
        _: Worker[None] = self.run_worker(
            run, group=group, exclusive=exclusive, exit_on_error=False
        )

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR or event.worker.error is None:
            return
        if event.worker.group not in UNASKED or not self._away(event.worker.error):
            self.inbox.say(self._sentence(event.worker.error), trouble=True)

    def _away(self, error: BaseException) -> bool:
        from wainbox_tui.client import Unreachable

        return isinstance(error, Unreachable)

    def _sentence(self, error: BaseException) -> str:
        from wainbox_relay.contract.problems import Refusal
        from wainbox_tui.client import Strange, Unreachable

        if isinstance(error, Refusal | Unreachable | Strange | FilterError | ValueError):
            return str(error)
        return faults.sentence(error, faults.keep(self.folder, error))

    # -- the worst ---------------------------------------------------------------------------

    def _fatal_error(self) -> None:
        """An error nobody foresaw. Textual would print the values of all variables."""
        self.panic(self._exception or RuntimeError())

    def panic(self, *renderables: Any) -> None:
        error = next((r for r in renderables if isinstance(r, BaseException)), RuntimeError())
        self._last_words = faults.sentence(error, faults.keep(self.folder, error))
        self._return_code = 1
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        if self._last_words:
            sys.stderr.write(f"wainbox: {self._last_words}\n")

    # -- doing -------------------------------------------------------------------------------

    def do(self, action_id: str, argument: str | None = None) -> None:
        """Does an action, or asks for what it needs, or says why it cannot be done."""
        action = BY_ID[action_id]
        context = self.inbox.context(action_id)
        if why := self.cannot(action, context):
            self.inbox.say(why, trouble=True)
            return
        if action.group not in {"move", "go"}:
            self.recent = [action.id, *(a for a in self.recent if a != action.id)][:8]
        if self.inbox.local(action.id):
            return
        if action.asks is not None and argument is None:
            self.questions.ask(action, context)
        elif action.local or action.id == "undo":
            self.local(action, context, argument or "")
        else:
            self.give(action, context, argument or "")

    def cannot(self, action: Action, context: Context) -> str:
        """Why an action cannot be done now; empty when it can."""
        me = self.desk_state.me
        if me is not None and me.role == "viewer" and action.id not in LOOKING:
            return "You may look; answering takes an agent's token."
        if not action.local and not self.live:
            return "There is no relay just now; nothing was done."
        return "" if action.id in LOOKING else action.refused(context)

    def give(self, action: Action, context: Context, argument: str) -> None:
        if action.build is None or context.card is None:
            return
        ref = context.card.ref
        sure = self._sure is not None and self._sure[:2] == (action.id, ref)
        context = replace(
            context, sure=sure and monotonic() - (self._sure or ("", "", 0))[2] < SURE_FOR
        )
        try:
            command = action.build(self.questions.with_moment(action, context, argument), argument)
        except ValueError as error:
            self.inbox.say(_first_line(error), trouble=True)
            return
        said = self.questions.said(action, context, argument)
        self.errand(lambda: self.office().give(ref, command, said, action.id), f"give {ref}")

    def refused(self, problem: "Problem", action: str, ref: str) -> None:
        """The relay said no; the same key again may mean yes."""
        from wainbox_tui.errands import sentence

        if self._sure is None or self._sure[:2] != (action, ref):
            self._agreed.clear()
        self._agreed.add(problem.code)
        self._sure = (action, ref, monotonic())
        self.inbox.say(sentence(problem), trouble=True)

    def settled(self, action: str, ref: str) -> None:
        """It is done: the same key once more is another order, and asks again."""
        if self._sure is not None and self._sure[:2] == (action, ref):
            self._sure = None

    def local(self, action: Action, context: Context, argument: str) -> None:
        if self.deeds.knows(action):
            self.deeds.do(action, context, argument)
        else:
            self.questions.local(action, context, argument)

    def write(self, context: Context, mode: str) -> None:
        card = context.card
        if card is None or self.errands is None:
            self.inbox.say("Choose a conversation first.", trouble=True)
            return
        opened = self.desk_state.open
        if opened is not None and opened.conversation == card.id:
            self.inbox.reading = True
            self.inbox.lay_out()
            self.inbox.write(mode)
            return
        ahead = self.inbox.expect_reply()

        async def open_then_write() -> None:
            try:
                await self.office().open(card.ref, write=mode)
            except BaseException:
                self.inbox.call_off(ahead)
                raise

        self.errand(open_then_write, "thread")

    def copy(self, text: str) -> None:
        self.copy_to_clipboard(outgoing(clean(text)))
        self.inbox.say("copied, if your terminal allows it")

    # -- writing -----------------------------------------------------------------------------

    def bind_composer(self, card: "Card") -> None:
        """The composer belongs to this conversation, with its draft."""
        from wainbox_tui.widgets.composer import Mode as Writing

        draft = self.drafts.get(card.ref)
        mode = Writing.NOTE if draft is not None and draft.note else Writing.REPLY
        text = draft.text if draft else ""
        self.inbox.composer.bind(self.inbox.bound_to(card), text, mode)
        self.inbox.composer.set_window(self.inbox.edges.window_left(card))

    def on_draft_changed(self, event: messages.DraftChanged) -> None:
        card = self.desk_state.cards.get(event.id)
        if card is None:
            return
        self.drafts.keep(Draft(card.ref, event.text, note=event.mode == "note"))
        self.inbox.sight.writes(monotonic(), empty=not event.text)
        if event.typed:
            self.inbox.hush()
        if not event.text:
            self.canned.dropped(card.ref)
            self._stops_writing()
        elif event.mode == "reply" and monotonic() - self._composing_at > 10 and self.errands:
            self._composing_at = monotonic()
            self.errand(lambda: self.office().present(composing=True), "presence")
            me = self.desk_state.me
            if me is not None and card.assignee == me.id:
                self.errand(lambda: self.office().typing(card.ref), "typing")

    def on_sent(self, event: messages.Sent) -> None:
        card = self.desk_state.cards.get(event.id)
        if card is None or self.errands is None:
            return
        if event.mode == "note":
            self.drafts.keep(Draft(card.ref, ""))
            self.do_for(card, "note", event.text)
            return
        self.inbox.hush()
        self.questions.send(card, event.text)
        self.inbox.sight.writes(monotonic(), empty=True)
        self._stops_writing()

    def _stops_writing(self) -> None:
        """Colleagues need not wait for the next sign of life to see that."""
        if self._composing_at:
            self._composing_at = 0.0
            self.stands_elsewhere()

    def do_for(self, card: "Card", action_id: str, argument: str) -> None:
        """An action on a conversation that need not be under the hand any more."""
        self.give(BY_ID[action_id], Context(self.desk_state, card), argument)

    def agreed(self, ref: str) -> set[str]:
        """What a send was stopped by just now; Enter again goes on in spite of it."""
        known = self._sure
        if known is None or known[:2] != ("send", ref) or monotonic() - known[2] >= SURE_FOR:
            return set()
        return self._agreed

    def give_back(self, ref: str, text: str) -> None:
        """A message that was not taken returns to its composer, or to its draft."""
        card = self.open_card()
        if card is not None and card.ref == ref:
            self.inbox.composer.put_back(text)
        else:
            self.drafts.keep(Draft(ref, text))

    def sent(self, ref: str, said: str) -> None:
        self._sure = None
        if said:
            self.inbox.say(said)
        if self.config.advance:
            self.do("next")

    # -- what widgets say --------------------------------------------------------------------

    def on_rows_wanted(self, event: messages.RowsWanted) -> None:
        if self.errands is not None and self.live:
            self.errand(lambda: self.office().rows(event.first, event.last), "rows")

    def on_highlighted(self, _: messages.Highlighted) -> None:
        self.inbox.draw_status()
        self.inbox.draw_footer()

    def on_opened(self, event: messages.Opened) -> None:
        card = self.desk_state.cards.get(event.id)
        if card is not None and self.errands is not None:
            self.errand(lambda: self.office().open(card.ref), "thread")

    def on_older_wanted(self, event: messages.OlderWanted) -> None:
        if self.errands is not None and event.entry:
            self.errand(lambda: self.office().older(event.entry), "older")

    def on_entry_selected(self, _: messages.EntrySelected) -> None:
        self.inbox.draw_footer()

    def on_entry_chosen(self, _: messages.EntryChosen) -> None:
        entry = self.inbox.selected_entry()
        if entry is not None and entry.delivery in (Delivery.UNCONFIRMED, Delivery.FAILED):
            self.do("doubt")
        elif entry is not None and entry.media is not None:
            self.do("media")
        else:
            self.do("reply")

    def on_hurry_wanted(self, event: messages.HurryWanted) -> None:
        self.questions.hurry(event.id)

    def on_template_wanted(self, _: messages.TemplateWanted) -> None:
        self.do("canned")

    def on_chosen(self, event: messages.Chosen) -> None:
        if event.purpose == "view":
            self.deeds.show(event.key)
            return
        self.inbox.focus_back()
        self.questions.chosen(event.purpose, event.key)

    def on_answered(self, event: messages.Answered) -> None:
        """A line that cannot be read stays, so that it can be mended."""
        if wrong := self.questions.wrong(event.purpose, event.text):
            self.inbox.prompt.echo(clean(wrong), trouble=True)
            return
        self.inbox.prompt.close()
        self.inbox.focus_back()
        self.questions.answered(event.purpose, event.text)

    def on_typed(self, event: messages.Typed) -> None:
        self.questions.typed(event.purpose, event.text)

    def on_cancelled(self, _: messages.Cancelled) -> None:
        self.inbox.focus_back()

    def second_passed(self) -> None:
        """Tells the relay every twenty seconds that somebody is here. Shifts on call change hands
        seldom and silently, so they are asked for every ten minutes."""
        now = self.now()
        if now.second % 20 == 0:
            self.stands_elsewhere()
        if now.second == 0 and now.minute % 10 == 0 and self.errands is not None and self.live:
            self.errand(lambda: self.office().learn_rota(), "rota")

    def mention_read(self, ref: str) -> None:
        if self.errands is not None and self.live:
            self.errand(lambda: self.office().seen(ref), "seen")

    def stands_elsewhere(self) -> None:
        if self.errands is not None and self.live:
            self.errand(lambda: self.office().present(), "presence")


def _hang_up_with(terminal: TextIO) -> None:
    """Waits until the terminal is gone. Only who leads its session is told by the system, which may
    be a program that does not pass it on; and what is painted then is waited for in vain."""
    gone = select.poll()
    gone.register(terminal, 0)
    if gone.poll()[0][1] & select.POLLHUP:
        signal.alarm(LEAVE_WITHIN)
        os.kill(os.getpid(), signal.SIGHUP)


def _speaks_utf8() -> bool:
    return "utf" in locale.getpreferredencoding(do_setlocale=False).lower()


def _first_line(error: ValueError) -> str:
    return str(error).splitlines()[0] if str(error) else "That cannot be read."


def _start_is_over() -> None:
    """What was loaded and made until now stays, and is not looked through for garbage again."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def start() -> int:
    """Opens the app; a sentence and exit code 2 when it cannot be opened."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("wainbox: this is no terminal; for pipes see wainbox --help\n")
        return 2
    try:
        config = load()
        mode, guard = arabic(config)
        app = WainboxApp(config, state_folder(), (mode, guard))
    except (ConfigError, KeymapError) as error:
        sys.stderr.write(f"wainbox: {error}\n")
        return 2
    with in_order(guard):
        return app.run() or app.return_code or 0
