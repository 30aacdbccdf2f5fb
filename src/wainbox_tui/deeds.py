"""What keys and palette do on this terminal alone, or with a look at the relay: a method for each
action, by its id. Questions that need an answer first are in `questions`."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import Delivery
from wainbox_tui.actions import BY_ID, Action, Context
from wainbox_tui.board import standings_of
from wainbox_tui.moments import MomentError, parse
from wainbox_tui.text.layout import Mode
from wainbox_tui.theme import Name, textual_theme

if TYPE_CHECKING:
    from wainbox_relay.contract.oncall import OnCallBoard
    from wainbox_relay.contract.staff import NewToken
    from wainbox_relay.contract.views import Reason
    from wainbox_tui.app import WainboxApp


class Deeds:
    def __init__(self, app: "WainboxApp") -> None:
        self._app = app
        self._views: list[str] = []

    def knows(self, action: Action) -> bool:
        return action.id.startswith("view_") or hasattr(self, action.id)

    def do(self, action: Action, context: Context, argument: str) -> None:
        if action.id.startswith("view_"):
            self.show(action.id.removeprefix("view_"))
        else:
            getattr(self, action.id)(context, argument)

    def show(self, name: str) -> None:
        if self._app.errands is None:
            return
        self._views.append(self._app.board.name)
        if self._app.inbox.reading and self._app.inbox.panes.single:
            self._app.inbox.leave_thread()
        office = self._app.office()
        drafts = name == "drafts"
        self._app.errand(office.show_drafts if drafts else lambda: office.show_view(name), "view")

    def last_view(self, _: Context, __: str) -> None:
        if self._views:
            name = self._views.pop()
            self.show(name if name in BY_ID or f"view_{name}" in BY_ID else "all")
            self._views.pop()

    def show_new(self, _: Context, __: str) -> None:
        standings = standings_of(
            self._app.desk_state.counts, self._app.board.name, self._app.board.narrowed
        )
        self._app.board.show_new(standings)
        self._app.inbox.show_rows()

    def filter(self, _: Context, argument: str) -> None:
        if self._app.errands is not None:
            self._app.errand(
                lambda: self._app.office().show_view(self._app.board.name, argument), "view"
            )

    def search(self, _: Context, argument: str) -> None:
        if argument and self._app.errands is not None:
            self._app.errand(lambda: self._app.office().search(argument), "view")

    def goto(self, _: Context, argument: str) -> None:
        if argument and self._app.errands is not None:
            self._app.errand(lambda: self._app.office().open(argument), "thread")

    def next(self, _: Context, __: str) -> None:
        """The first row below the top that waits on us and is mine or nobody's."""
        me = self._app.desk_state.me.id if self._app.desk_state.me else ""
        here = self._app.inbox.context().card
        for identity in self._app.board.shown.ids:
            card = self._app.desk_state.cards.get(identity)
            mine = card is not None and card.assignee in (None, me) and card.turn == "ours"
            if mine and card is not None and card.status == "open" and card != here:
                self._app.inbox.queue.go_to(identity)
                if self._app.inbox.reading:
                    self._app.errand(partial(self._app.office().open, card.ref), "thread")
                return
        self._app.inbox.say("Nothing here waits for you.")

    def reply(self, context: Context, _: str) -> None:
        self._app.write(context, "reply")

    def info(self, _: Context, __: str) -> None:
        self._app.inbox.peek()

    def why(self, context: Context, _: str) -> None:
        if context.card is not None and self._app.errands is not None:
            self._app.errand(partial(self._app.office().why, context.card.ref), "why")

    def show_reasons(self, ref: str, reasons: "list[Reason]") -> None:
        self._app.questions.sheet(
            f"#{ref}: why it is where it is",
            [(f"{self._app.look.local(r.at):%d %b %H:%M}", clean(r.sentence)) for r in reasons],
        )

    def pull(self, _: Context, __: str) -> None:
        if self._app.errands is not None:
            self._app.errand(self._app.office().take, "take")

    def presence(self, _: Context, argument: str) -> None:
        """`break 30m`: how one is here, and until when."""
        word, _sep, moment = argument.strip().lower().partition(" ")
        if word not in {"online", "busy", "break", "away"}:
            self._app.inbox.say("Say online, busy, break or away.", trouble=True)
            return
        try:
            until = parse(moment, self._app.now()) if moment.strip() else None
        except MomentError as error:
            self._app.inbox.say(str(error), trouble=True)
            return
        self._app.errand(lambda: self._app.office().be(word, until), "be")

    def lead(self, _: Context, __: str) -> None:
        from wainbox_tui.screens.lead import LeadScreen

        self._app.call_later(self._app.push_screen, LeadScreen())

    def bulk(self, _: Context, argument: str) -> None:
        self._app.bulks.begin(argument)

    def bulk_undo(self, _: Context, __: str) -> None:
        self._app.bulks.take_back()

    def agent(self, _: Context, argument: str) -> None:
        self._staff("agent", argument)

    def team(self, _: Context, argument: str) -> None:
        self._staff("team", argument)

    def shift(self, _: Context, argument: str) -> None:
        self._staff("shift", argument)

    def swap(self, _: Context, argument: str) -> None:
        self._staff("swap", argument)

    def _staff(self, verb: str, words: str) -> None:
        inbox = self._app.inbox
        if self._app.errands is not None:
            self._app.staff.begin(verb, words, inbox.picker, inbox.prompt)

    def rota(self, _: Context, argument: str) -> None:
        """Who is on call; with names, whose week follows whose."""
        if argument:
            self._staff("rota", argument)
        elif self._app.errands is not None:
            self._app.errand(self._app.office().rota, "rota")

    def show_token(self, made: "NewToken") -> None:
        self._app.copy_to_clipboard(made.token)
        rows = [
            ("", clean(made.token)),
            ("", Safe("")),
            ("", Safe("Shown this once, and copied if your terminal allows it.")),
            ("", Safe("On their machine: wainbox login")),
        ]
        self._app.questions.sheet(clean(f"{made.agent}'s token"), rows)

    def show_rota(self, board: "OnCallBoard") -> None:
        """Who is on call now and in the coming weeks."""
        rows = [
            (f"{self._when(s.starts)} - {self._when(s.ends)}", clean(s.name)) for s in board.shifts
        ]
        self._app.questions.sheet("On call", rows or [("", Safe("Nobody is on call."))])

    def _when(self, at: datetime) -> str:
        return f"{self._app.look.local(at):%a %d %b %H:%M}"

    def copy(self, context: Context, _: str) -> None:
        if context.entry is not None:
            self._app.copy(context.entry.text)
        elif context.card is not None:
            self._app.copy(f"#{context.card.ref}")

    def undo(self, context: Context, _: str) -> None:
        """Takes back what has not left yet, else the last change."""
        thread = self._app.desk_state.open
        me = self._app.desk_state.me.id if self._app.desk_state.me else ""
        held = [
            e
            for e in (thread.in_order() if thread and self._app.inbox.reading else [])
            if e.delivery in (Delivery.HELD, Delivery.QUEUED) and e.author == me and e.sid
        ]
        if held and context.card is not None:
            self._app.questions.withdraw(context.card.ref, held[-1])
            return
        self._app.give(BY_ID["undo"], context, "")

    def theme(self, _: Context, __: str) -> None:
        names = list(Name)
        following = names[(names.index(self._app.look.palette.name) + 1) % len(names)]
        self._app.look = replace(
            self._app.look, palette=replace(self._app.look.palette, name=following)
        )
        theme = textual_theme(self._app.look.palette)
        self._app.register_theme(theme)
        self._app.theme = theme.name
        self._app.inbox.refresh(repaint=True)
        self._app.inbox.lay_out()

    def bidi(self, _: Context, __: str) -> None:
        modes = list(Mode)
        mode = modes[(modes.index(self._app.look.mode) + 1) % len(modes)]
        self._app.look = replace(self._app.look, mode=mode)
        self._app.inbox.say(f"Arabic is drawn as “{mode}”: السلام عليكم ؟")
        self._app.inbox.refresh(repaint=True)
        self._app.inbox.lay_out()

    def quit(self, _: Context, __: str) -> None:
        self._app.exit(0)
