"""What an action still needs to be told: pickers, lines and small choices, and what follows from
the answers. Also the few deeds that are questions themselves: palette, help, sends in doubt."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wainbox_relay.contract.filters import FilterError
from wainbox_relay.contract.filters import parse as parse_filter
from wainbox_relay.contract.safe import Safe, clean, outgoing
from wainbox_relay.contract.vocabulary import Delivery, Direction, Presence, Priority, Role
from wainbox_tui import palette, people
from wainbox_tui.actions import BY_ID, GO, STATUS, Action, Asks, Context
from wainbox_tui.drafts import Draft
from wainbox_tui.editor import edited
from wainbox_tui.moments import MomentError, echo, over_there, parse
from wainbox_tui.widgets.footer import Hint
from wainbox_tui.widgets.picker import Item

if TYPE_CHECKING:
    from wainbox_relay.contract.commands import Command
    from wainbox_relay.contract.views import Card, Entry
    from wainbox_tui.app import WainboxApp
    from wainbox_tui.state import DeskState

LANGUAGES = (
    ("ar", "Arabic"),
    ("ar-Latn", "Arabic in Latin letters"),
    ("fr", "French"),
    ("en", "English"),
)
EMOJI = ("👍", "❤️", "🙏", "😊", "✅", "🎉")
LINES = {
    Asks.MOMENT: "until when, such as 2h, tomorrow 9, sunday",
    Asks.FILTER: "such as lang:ar tag:vip",
    Asks.SEARCH: "words, a name, a number",
    Asks.REF: "reference, such as W-1042",
    Asks.TAG: "tags; a leading - takes one off",
    Asks.FILE: "path of the file",
    Asks.REASON: "why, in some words",
    Asks.REPLY_NAME: "its name, as typed after /, such as refund",
}


class Questions:
    """`pending` is the action that waits for an answer, with what it was asked about."""

    def __init__(self, app: "WainboxApp") -> None:
        self._app = app
        self._pending: tuple[Action, Context] | None = None
        self._moment: datetime | None = None
        self._blocks: tuple[str, str] | None = None

    # -- asking ------------------------------------------------------------------------------

    def ask(self, action: Action, context: Context) -> None:
        self._pending = (action, context)
        match action.asks:
            case Asks.WHOM:
                self._pick(action.title, self.whom(action, context))
            case Asks.PRIORITY:
                self._pick(action.title, [Item(str(p), Safe(str(p))) for p in Priority])
            case Asks.LANGUAGE:
                self._pick(
                    action.title, [Item(code, Safe(name), Safe(code)) for code, name in LANGUAGES]
                )
            case Asks.PRESENCE:
                self._pick("how you are here", _presences(self._app.desk_state))
            case Asks.EMOJI:
                self._pick(action.title, [Item(e, Safe(e)) for e in EMOJI])
            case Asks.NOTE:
                self._app.write(context, "note")
            case Asks.DOUBT:
                self._doubt(context)
            case Asks.TEMPLATE | Asks.CANNED:
                self._app.canned.pick(context.card, replies=action.asks is Asks.CANNED)
            case Asks.FILTER:
                self._line(action, self._app.board.narrowed)
            case _:
                self._line(action, "")

    def _pick(self, title: str, items: Sequence[Item]) -> None:
        self._app.inbox.picker.ask("pick", Safe(title), items)

    def _line(self, action: Action, text: str) -> None:
        self._app.inbox.prompt.ask("line", Safe(action.title), text, _example(action))

    def whom(self, action: Action, context: Context) -> list[Item]:
        """Colleagues, who could take it first, each with what they have and what is against."""
        state, card = context.state, context.card
        staff = sorted(state.agents.values(), key=lambda agent: people.most_fit(agent, card))
        items = [
            Item(f"@{a.id}", clean(a.name), _facts(people.load(a), people.obstacle(a, card)))
            for a in staff
            if a.role is not Role.VIEWER
        ]
        teams = state.teams if action.id == "assign" else ()
        return items + [Item(team, clean(team), Safe("team")) for team in teams]

    # -- answers -----------------------------------------------------------------------------

    def chosen(self, purpose: str, key: str) -> None:
        app = self._app
        match purpose:
            case "go":
                app.do(GO[key])
            case "status":
                app.do(STATUS[key])
            case "palette":
                app.do(key)
            case "bulk":
                app.bulks.chosen(key)
            case "pick" if self._pending is not None:
                self._go_on(key)
            case _ if purpose.startswith("staff "):
                app.staff.chosen(purpose, key)
            case "doubt" | "send" | "media" | "block":
                getattr(self, f"_{purpose}_chosen")(key)
            case _:
                self._app.canned.chosen(purpose, key)

    def wrong(self, purpose: str, text: str) -> str:
        """Why a typed line cannot be used; empty when it can."""
        if purpose == "value":
            return self._app.canned.wrong(text)
        if purpose in {"bulk", "bulk_do"}:
            return self._app.bulks.wrong(purpose, text)
        if purpose.startswith("staff "):
            return self._app.staff.wrong(purpose, text)
        if self._pending is None or purpose != "line":
            return ""
        action, context = self._pending
        try:
            if action.asks is Asks.MOMENT and text.strip():
                parse(text, self._now(context))
            elif action.asks is Asks.FILTER:
                parse_filter(text)
        except (MomentError, FilterError) as error:
            return str(error)
        return ""

    def answered(self, purpose: str, text: str) -> None:
        match purpose:
            case "line":
                self._go_on(text)
            case "palette":
                self._command(text)
            case "save":
                self._save(text)
            case "value":
                self._app.canned.answered(text)
            case "bulk" | "bulk_do":
                self._app.bulks.answered(purpose, text)
            case _ if purpose.startswith("staff "):
                self._app.staff.answered(purpose, text)
            case _:
                pass

    def _go_on(self, answer: str) -> None:
        if self._pending is None:
            return
        action, context = self._pending
        self._pending = None
        app = self._app
        if action.build is None:
            app.local(action, context, answer)
        elif answer.strip():
            app.give(action, context, answer.strip())

    def _block(self, context: Context, reason: str) -> None:
        """What it does, before it is done; `y` does it."""
        card, numbers = context.card, context.state.numbers
        if card is None or not reason.strip():
            return
        self._blocks = (card.ref, reason.strip())
        where = numbers[card.number].name if card.number in numbers else card.number
        name = card.customer.name or card.customer.phone or card.customer.username
        sentence = clean(
            f"{name} can write nothing to {where} any more, nor be written to; #{card.ref} is spam."
        )
        choices = [Hint("y", "block"), Hint("n", "leave it")]
        self._app.inbox.going.ask("block", "block", choices, sentence)

    def _block_chosen(self, key: str) -> None:
        from wainbox_relay.contract.commands import Block

        if key == "y" and self._blocks is not None:
            ref, reason = self._blocks
            self._order(ref, Block(reason=reason), f"#{ref} blocked")
        self._blocks = None

    def _now(self, context: Context) -> datetime:
        """What time it is for a conversation: in the business hours' zone of its number."""
        card, numbers = context.card, context.state.numbers
        known = card is not None and card.number in numbers
        return over_there(self._app.now(), numbers[card.number].zone if card and known else "")

    def with_moment(self, action: Action, context: Context, argument: str) -> Context:
        """The context with the time that was typed. Raises `MomentError`."""
        if action.asks is not Asks.MOMENT:
            return context
        moment = parse(argument, self._now(context))
        self._moment = moment
        return replace(context, moment=moment)

    def said(self, action: Action, context: Context, argument: str) -> str:
        """What the status row says once it is done."""
        ref = f"#{context.card.ref}" if context.card else ""
        if action.asks is Asks.MOMENT and self._moment is not None:
            return f"{ref} snoozed until {echo(self._moment)}"
        done = {
            "claim": "is yours",
            "release": "is back in the queue",
            "assign": f"given to {self._name(argument)}",
            "wait": "on customer",
            "reopen": "open",
            "resolve": "resolved",
            "unblock": "unblocked",
            "undo": "taken back",
            "note": "noted",
            "tag": f"tagged {argument}",
            "tag_customer": f"customer tagged {argument}",
            "priority": f"{argument} priority",
            "language": f"language: {dict(LANGUAGES).get(argument, argument)}",
            "vip": "no VIP any more" if context.card and context.card.customer.vip else "is a VIP",
            "manager": f"account manager: {self._name(argument)}",
            "complex": "is complex, with more time",
            "standard": "is not complex any more",
            "spam": "is spam",
            "merge": f"merged with {argument.lstrip('#')}",
            "react": f"answered with {argument}",
        }
        return f"{ref} {done.get(action.id, action.title)}".strip()

    def typed(self, purpose: str, text: str) -> None:
        """A line is being typed: a time is read along."""
        if self._pending is None or purpose != "line":
            return
        prompt = self._app.inbox.prompt
        if self._pending[0].asks is not Asks.MOMENT or not text.strip():
            prompt.echo(_example(self._pending[0]))
            return
        try:
            prompt.echo(Safe(echo(parse(text, self._now(self._pending[1])))))
        except MomentError as error:
            prompt.echo(clean(str(error)), trouble=True)

    def _name(self, whom: str) -> str:
        agent = self._app.desk_state.agents.get(whom.lstrip("@").lower())
        return agent.name if agent else whom

    # -- deeds that are questions ------------------------------------------------------------

    def local(self, action: Action, context: Context, argument: str) -> None:
        deeds: dict[str, Callable[[], None]] = {
            "palette": lambda: self._palette(context),
            "help": self._help,
            "go": self._app.inbox.ask_going,
            "status": self._app.inbox.ask_status,
            "media": lambda: self._media(context),
            "attach": lambda: self._attach(context, argument),
            "send_menu": self._send_menu,
            "editor": self._editor,
            "block": lambda: self._block(context, argument),
            "link": lambda: self._link(context),
            "new_reply": lambda: self._app.canned.keep(context.card, argument.strip()),
            "edit_reply": self._app.canned.pick_for_edit,
        }
        deeds[action.id]()

    def _palette(self, context: Context) -> None:
        app = self._app
        rows = palette.entries(context, app.keys, app.recent)
        items = [
            Item(r.id, Safe(r.title), key=r.key, refused=Safe(r.refused), also=Safe(r.line))
            for r in rows
        ]
        app.inbox.picker.ask("palette", Safe("palette"), items, free=True)

    def _command(self, line: str) -> None:
        found = palette.typed(line)
        if found is None:
            word = clean(line.split(" ", maxsplit=1)[0] if line else "")
            self._app.inbox.say(f"There is no action “{word}”; p lists them all.", trouble=True)
            return
        action, argument = found
        self._app.do(action.id, argument or None)

    def _help(self) -> None:
        from wainbox_tui.helping import all_helps, helps
        from wainbox_tui.screens.keys import KeysScreen

        app = self._app
        pane = app.inbox.pane
        page = KeysScreen(str(pane), helps(pane, app.keys), all_helps(app.keys))
        app.call_later(app.push_screen, page)

    def sheet(self, title: str, rows: Sequence[tuple[str, Safe]]) -> None:
        from wainbox_tui.screens.sheet import Row, Sheet

        sheet = Sheet(title, [Row(head, words) for head, words in rows])
        self._app.call_later(self._app.push_screen, sheet)

    def _link(self, context: Context) -> None:
        """Links are shown and copied, never opened: this may be somebody else's machine."""
        import re

        text = clean(context.entry.text) if context.entry else ""
        found = re.search(r"https?://[^\s<>\"']{1,2000}", text)
        if found is None:
            self._app.inbox.say("There is no link in that message.", trouble=True)
            return
        self._app.copy(found[0])
        self.sheet("Link", [("", clean(found[0]))])

    # -- files -------------------------------------------------------------------------------

    def _media(self, context: Context) -> None:
        entry = context.entry
        if entry is None or entry.media is None or entry.media.state != "ready":
            self._app.inbox.say("The file is not here yet.", trouble=True)
            return
        self._pending = (BY_ID["media"], context)
        choices = [Hint("s", "save here"), Hint("l", "link for a browser")]
        if self._app.config.open_media:
            choices.insert(0, Hint("o", "open"))
        self._app.inbox.going.ask("media", "file", choices)

    def _media_chosen(self, key: str) -> None:
        if self._pending is None or self._pending[1].entry is None:
            return
        entry = self._pending[1].entry
        if key == "l":
            self._app.errand(lambda: self._app.office().media_link(entry.id), "media")
            return
        name = _file_name(entry)
        if key == "o":
            command = self._app.config.open_media
            self._app.errand(
                lambda: self._app.office().open_media(entry.id, name, command), "media"
            )
            return
        self._app.inbox.prompt.ask("save", Safe("save as"), f"~/{name}")

    def _save(self, path: str) -> None:
        entry = self._pending[1].entry if self._pending is not None else None
        if entry is not None and path.strip():
            self._app.errand(lambda: self._app.office().save_media(entry.id, path.strip()), "media")

    def _attach(self, context: Context, path: str) -> None:
        card = context.card
        if card is not None and path.strip():
            office = self._app.office()
            self._app.errand(lambda: office.attach(card.ref, card.number, path.strip(), ""), "send")

    # -- sending -----------------------------------------------------------------------------

    def send(self, card: "Card", text: str, then: str = "") -> None:
        """Enter in the composer."""
        from wainbox_relay.contract.commands import Reply
        from wainbox_relay.contract.content import Text
        from wainbox_relay.contract.problems import Code

        app = self._app
        entry = app.inbox.selected_entry()
        quote = entry.id if entry is not None and entry.direction is Direction.IN else None
        agreed = app.agreed(card.ref)
        command = Reply(
            content=Text(body=outgoing(text)),
            quote=quote,
            seen=app.inbox.newest_seen(),  # type: ignore[arg-type]  # an id
            anyway=Code.NEWER_MESSAGE in agreed,
            any_language=Code.OTHER_LANGUAGE in agreed,
            hold_ms=app.desk_state.undo_seconds * 1000,
            then=then or app.config.enter,  # type: ignore[arg-type]  # one of the three
        )
        sid = secrets.token_hex(16)
        macro = app.canned.take(card.ref)
        if macro is not None:
            app.errand(lambda: app.canned.send(card, macro, command, sid, text), f"send {sid}")
        else:
            app.errand(lambda: app.office().send(card.ref, command, sid, text), f"send {sid}")
        app.inbox.thread.leave()

    def _send_menu(self) -> None:
        choices = [Hint("w", "on customer"), Hint("o", "keep open"), Hint("d", "resolve")]
        self._app.inbox.going.ask("send", "send, then", choices)

    def _send_chosen(self, key: str) -> None:
        app = self._app
        card, text = app.open_card(), app.inbox.composer.text.strip()
        if card is None or not text:
            app.inbox.say("There is nothing to send.", trouble=True)
            return
        app.inbox.composer.bind(app.inbox.bound_to(card))
        app.inbox.composer.set_window(app.inbox.edges.window_left(card))
        self.send(card, text, {"w": "waiting", "o": "open", "d": "resolved"}[key])

    def hurry(self, conversation: int) -> None:
        """Enter on an empty reply lets a held message leave at once."""
        from wainbox_relay.contract.commands import SendNow

        app = self._app
        card, thread = app.desk_state.cards.get(conversation), app.desk_state.open
        held = [e for e in (thread.in_order() if thread else []) if e.delivery is Delivery.HELD]
        if card is not None and held and held[-1].sid:
            self._order(card.ref, SendNow(sid=held[-1].sid), "sent now")

    def withdraw(self, ref: str, entry: "Entry") -> None:
        """A message that has not left comes back into the composer."""
        from wainbox_relay.contract.commands import Withdraw

        app = self._app
        if entry.sid is None:
            return
        command = Withdraw(sid=entry.sid)

        async def take_back() -> None:
            if await app.office().give(ref, command, "taken back", "undo"):
                app.give_back(ref, entry.text)
                app.drafts.keep(Draft(ref, entry.text))

        app.errand(take_back, f"give {ref}")

    def _order(self, ref: str, command: "Command", said: str) -> None:
        self._app.errand(lambda: self._app.office().give(ref, command, said), f"give {ref}")

    def _doubt(self, context: Context) -> None:
        """The three answers to an unconfirmed send; a failed one can be sent again."""
        choices = [Hint("r", "send again, it may arrive twice")]
        if context.entry is not None and context.entry.delivery is Delivery.UNCONFIRMED:
            choices += [Hint("a", "it arrived"), Hint("x", "leave it")]
        else:
            choices = [Hint("r", "send again")]
        self._app.inbox.going.ask("doubt", "this message", choices)

    def _doubt_chosen(self, key: str) -> None:
        from wainbox_relay.contract.commands import Leave, MarkArrived, Resend

        if self._pending is None:
            return
        entry, card = self._pending[1].entry, self._pending[1].card
        if entry is None or card is None or entry.sid is None:
            return
        match key:
            case "r":
                self._order(
                    card.ref, Resend(sid=entry.sid, after=max(1, entry.attempt)), "sent again"
                )
            case "a":
                self._order(card.ref, MarkArrived(sid=entry.sid), "counted as arrived")
            case _:
                self._order(card.ref, Leave(sid=entry.sid), "left as it is")

    # -- $EDITOR -----------------------------------------------------------------------------

    def _editor(self) -> None:
        """The draft in one's own editor; comes back when it closes."""
        composer = self._app.inbox.composer
        words = edited(self._app, composer.text)
        if words is not None:
            composer.edited_outside(words)


def _example(action: Action) -> Safe:
    """What may be typed for an action."""
    return Safe(LINES.get(action.asks or Asks.REF, ""))


def _facts(*words: str) -> Safe:
    return clean(", ".join(filter(None, words)))


def _presences(state: "DeskState") -> list[Item]:
    """What one may say of oneself; how one is now is marked."""
    now = state.me.presence if state.me else Presence.OFFLINE
    said = (Presence.ONLINE, Presence.BUSY, Presence.BREAK, Presence.AWAY)
    return [
        Item(
            str(word),
            Safe(people.WORDS.get(word, str(word))),
            _facts(_MEANS[word], "now" * (word is now)),
        )
        for word in said
    ]


_MEANS = {
    Presence.ONLINE: "gets new work",
    Presence.BUSY: "no new work but what you take",
    Presence.BREAK: "no new work; :presence break 30m ends by itself",
    Presence.AWAY: "no new work",
}


def _file_name(entry: "Entry") -> Safe:
    """A name for a customer's file that means nothing to a shell or a file system."""
    name = Path(entry.media.name if entry.media else "").name or f"{entry.kind}-{entry.id}"
    plain = "".join(c if c.isalnum() or c in "._- " else "-" for c in clean(name)).lstrip("-. ")
    return Safe(plain[-100:] or "file")
