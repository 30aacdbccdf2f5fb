"""What stands around the lists: the header's views and people, the open case, the footer's keys.

It reads what the app knows, says it in words, and draws nothing.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import Standing
from wainbox_tui.board import standings_of, total_of
from wainbox_tui.people import own, unacknowledged
from wainbox_tui.text.phone import phone
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.composer import Bound
from wainbox_tui.widgets.customer import STATUS_WORDS
from wainbox_tui.widgets.draw import EMPTY
from wainbox_tui.widgets.footer import Hint
from wainbox_tui.widgets.head import HeadFacts, language_name
from wainbox_tui.widgets.header import Case, Said, Tab, Views
from wainbox_tui.widgets.row import State, agent_name, name_of, state_of

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Card, CustomerPanel
    from wainbox_tui.app import WainboxApp

TITLES = {
    "mine": "Mine",
    "unassigned": "Unassigned",
    "team": "My team",
    "after_hours": "After hours",
    "at_risk": "At risk",
    "closing": "Closing tonight",
    "customer": "On customer",
    "snoozed": "Snoozed",
    "resolved": "Resolved",
    "spam": "Spam",
    "oncall": "On call",
    "mentions": "Mentions",
    "all": "All",
    "drafts": "Drafts",
    "search": "Found",
}
TABS = (
    *("mine", "unassigned", "mentions", "after_hours", "at_risk"),
    *("all", "oncall", "team", "customer"),
)
"""Where there is no room for all, the last ones go."""

SENDS = {"waiting": "send, on customer", "open": "send, keep open"}
"""What Enter does in a reply, by how it is configured."""

_SHORT = {"media": "file"}
_READING = ("reply", "note", "claim", "assign", "status", "undo", "media")
_ON_CALL = _SHORT | {"claim": "acknowledge", "escalate": "page next"}
_CALLED = ("claim", "escalate", "reply", "note", "assign", "status")
_CHOOSING = ("next", "claim", "assign", "status", "filter")


class Edges:
    def __init__(self, app: "WainboxApp") -> None:
        self._app = app

    # -- header ------------------------------------------------------------------------------

    def views(self) -> Views:
        """Those with something in them, and those that are always there."""
        board = self._app.board
        names = [*TABS, *(() if board.name in TABS else (board.name,))]
        tabs = [Tab(n, Safe(TITLES[n]), self._count(n)) for n in names]
        always = (board.name, "mine", "unassigned", "all")
        shown = [tab for tab in tabs if tab.count or tab.id in always]
        return Views(shown, board.name, self.state())

    def state(self) -> list[Said]:
        """The header's right part: what presses, the line, the people, the time."""
        app = self._app
        trouble, live = app.trouble(), [Said(Safe("live"))] if app.live else []
        right = [Said(self._one(trouble), Ink.WORD)] if trouble else []
        right += self._pressing() + ([] if trouble else live) + self._people()
        return [*right, Said(Safe(app.look.clock(app.now())))]

    def _pressing(self) -> list[Said]:
        """How much is late and at risk, in whatever view one is."""
        all_, g = standings_of(self._app.desk_state.counts, "all", ""), self._app.look.glyphs
        if not all_:
            return []
        late, risky = all_[Standing.MISSED], all_[Standing.AT_RISK]
        said = [Said(Safe(f"{g.late} {late} late"), Ink.LATE)] if late else []
        return [*said, Said(Safe(f"{g.at_risk} {risky} at risk"), Ink.RISK)] if risky else said

    def _people(self) -> list[Said]:
        """Who one is and how, and who is on call where that matters."""
        app = self._app
        me, shift = app.desk_state.me, app.desk_state.on_call(app.now())
        if me is None:
            return []
        mine = shift is not None and shift.holder == me.id
        who = own(me, app.look, app.now()) + ", on call" * mine
        said = [Said(self._one(who), Ink.TEXT)]
        if shift is not None and not mine and app.board.name in ("oncall", "after_hours"):
            until = app.look.clock(shift.ends)
            said.append(Said(self._one(f"on call: {shift.name} until {until}")))
        return said

    def _one(self, text: str) -> Safe:
        return Safe(self._app.look.row(clean(text), 60))

    def _count(self, name: str) -> int:
        app = self._app
        if name == "drafts":
            return len(app.drafted)
        if name == "search":
            return app.board.shown.total
        return total_of(app.desk_state.counts, name)

    # -- the open case -----------------------------------------------------------------------

    def case(self, card: "Card") -> Case:
        """In the header, where the conversation is alone."""
        app = self._app
        facts = [Said(Safe("vip"), Ink.WORD)] if card.customer.vip else []
        facts += [Said(words) for words in self._facts(card)]
        away = app.offline()
        right = Said(Safe(away), Ink.WORD) if away else self._standing(card)
        return Case(Safe(TITLES[app.board.name]), name_of(card), facts, right)

    def head(self, card: "Card") -> HeadFacts:
        """Over the conversation."""
        known_by = phone(card.customer.phone) if card.customer.phone else card.customer.username
        words = (clean(word) for word in (known_by, self._topic(), *card.tags))
        return HeadFacts(
            name=name_of(card),
            right=self._standing(card),
            facts=[Said(words) for words in self._facts(card)],
            reading=self.readers(card.id),
            banner=self._elsewhere(),
            summary=[Said(word) for word in words if word],
        )

    def bound(self, card: "Card", *, alone: bool) -> Bound:
        """In the composer; where the conversation is `alone`, with who else reads it."""
        number = self._app.desk_state.numbers.get(card.number)
        return Bound(
            id=card.id,
            ref=card.ref,
            name=name_of(card),
            number=clean(number.name) if number else Safe(card.number),
            reading=self.readers(card.id) if alone else EMPTY,
        )

    def window_left(self, card: "Card") -> timedelta | None:
        """How long WhatsApp lets one answer freely; None when that is not known."""
        return None if card.window_closes_at is None else card.window_closes_at - self._app.now()

    def _standing(self, card: "Card") -> Said:
        state = state_of(card, self._app.now(), self._app.look)
        return Said(_in_words(state), state.ink)

    def _facts(self, card: "Card") -> list[Safe]:
        owner = agent_name(card.assignee, self._app.desk_state) if card.assignee else "nobody"
        words = [f"#{card.ref}", STATUS_WORDS[card.status], owner]
        words += [language_name(card.language)] if card.language else []
        return [clean(word) for word in words]

    def readers(self, conversation: int) -> Safe:
        """`Samir is reading`; those who write count before those who read."""
        desk = self._app.desk_state
        seen = desk.viewing.get(conversation)
        me = desk.me.id if desk.me else ""
        others = [a for a in seen.agents if a != me] if seen else []
        if not others or seen is None:
            return EMPTY
        writing = [a for a in others if a in seen.composing]
        names = ", ".join(agent_name(a, desk) for a in (writing or others))
        deed = "writing" if writing else "reading"
        count = len(writing or others)
        return Safe(f"{names} {'is' if count == 1 else 'are'} {deed}")

    def _elsewhere(self) -> Safe:
        """Another number where this customer waits; said here, since the pane may be hidden."""
        panel, desk = self._panel(), self._app.desk_state
        if panel is None or not panel.elsewhere:
            return EMPTY
        case = panel.elsewhere[0]
        number = desk.numbers.get(case.number)
        where = clean(number.name) if number else Safe("another number")
        who = agent_name(case.assignee, desk) if case.assignee else "nobody"
        return Safe(f"also open on {where} with {who}, #{case.ref}")

    def _topic(self) -> str:
        panel = self._panel()
        return panel.case.topic if panel is not None else ""

    def _panel(self) -> "CustomerPanel | None":
        thread = self._app.desk_state.open
        return thread.panel if thread is not None else None

    # -- footer ------------------------------------------------------------------------------

    def acting(self, card: "Card | None", *, reading: bool) -> list[Hint]:
        """What keys do with the case under the hand."""
        key, panel = self._app.keys.key, self._panel()
        names: Sequence[str] = _READING if reading else _CHOOSING
        called = _ON_CALL if unacknowledged(card) else _SHORT
        if called is _ON_CALL and reading and panel is not None and panel.case.pages:
            names = _CALLED
        hints = [Hint("j k", "move")]
        hints += [] if reading else [Hint(key("open"), "open")]
        hints += [Hint(key(name), called.get(name, name)) for name in names if key(name)]
        return [*hints, Hint(key("help"), "keys")]

    def writing(self, *, note: bool, shut: bool, alone: bool) -> list[Hint]:
        """What keys do in the composer."""
        line = Hint("ctrl+j", "new line")
        if note:
            return [Hint("enter", "keep note"), line, Hint("tab", "reply")]
        if shut:
            return [Hint("enter", "find a template"), Hint("tab", "note")]
        return [
            Hint("enter", SENDS.get(self._app.config.enter, "send")),
            Hint("ctrl+s", "more" if alone else "other ways to send"),
            line,
            Hint("/", "canned"),
            Hint("ctrl+g", "attach"),
            Hint("tab", "note"),
        ]


def _in_words(state: State) -> Safe:
    """`☾ after hours  due 11:48`: where there is room the clock stands beside the word."""
    clock = f"  {state.face.word}" if state.face else ""
    return Safe(f"{state.glyph} {state.word}{clock}")
