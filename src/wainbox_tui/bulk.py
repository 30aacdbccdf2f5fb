"""One order for everything that a view shows: how it is typed, and how it is asked for, previewed,
done and taken back before the open app."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from wainbox_relay.contract.filters import VIEWS
from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import AgentId, Priority, TeamId
from wainbox_tui.moments import echo, over_all, parse
from wainbox_tui.widgets.picker import Item

if TYPE_CHECKING:
    from wainbox_relay.contract.bulk import BulkCommand
    from wainbox_tui.app import WainboxApp

LOOKED = 0.4
"""Seconds within which an Enter cannot have been pressed at what the preview says."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order, and what will be done to each ("resolved")."""

    command: "BulkCommand"
    done: str


Make = Callable[[str, datetime], Wanted]


def read(words: str, now: datetime) -> Wanted:
    """Reads `resolve`, `assign @lina`, `tag vip -gift`, `snooze tomorrow 9`. Raises `ValueError`
    with a sentence."""
    verb, _, rest = words.strip().partition(" ")
    if verb not in ORDERS:
        raise ValueError(f"'{verb}' is not one of {', '.join(ORDERS)}.")
    _, needs, make = ORDERS[verb]
    if needs and not rest.strip():
        raise ValueError(f"Say {needs}.")
    return make(rest.strip(), now)


def sentence(count: int, done: str) -> str:
    """`312 conversations will be resolved`."""
    return f"{count} conversation{'s' * (count != 1)} will be {done}"


def _resolve(outcome: str, _: datetime) -> Wanted:
    from wainbox_relay.contract.commands import Resolve

    return Wanted(Resolve(sure=True, outcome=outcome), "resolved")


def _assign(whom: str, _: datetime) -> Wanted:
    from wainbox_relay.contract.commands import Assign

    if whom.startswith("@"):
        return Wanted(Assign(agent=AgentId(whom[1:].lower())), f"given to {whom}")
    return Wanted(Assign(team=TeamId(whom)), f"given to team {whom}")


def _release(_: str, __: datetime) -> Wanted:
    from wainbox_relay.contract.commands import Release

    return Wanted(Release(), "given back to the queue")


def _tag(words: str, _: datetime) -> Wanted:
    from wainbox_relay.contract.commands import SetTags

    tags = words.replace(",", " ").split()
    off = tuple(tag[1:] for tag in tags if tag[0] in "-^")
    command = SetTags(add=tuple(tag.lstrip("+") for tag in tags if tag[0] not in "-^"), remove=off)
    return Wanted(command, f"tagged {' '.join(tags)}")


def _priority(word: str, _: datetime) -> Wanted:
    from wainbox_relay.contract.commands import SetPriority

    if word not in list(Priority):
        raise ValueError(f"'{word}' is not one of {', '.join(Priority)}.")
    return Wanted(SetPriority(priority=Priority(word)), f"of {word} priority")


def _language(code: str, _: datetime) -> Wanted:
    from wainbox_relay.contract.commands import SetLanguage

    return Wanted(SetLanguage(language=code), f"set to language {code}")


def _wait(_: str, __: datetime) -> Wanted:
    from wainbox_relay.contract.commands import Wait

    return Wanted(Wait(), "put on customer")


def _open(_: str, __: datetime) -> Wanted:
    from wainbox_relay.contract.commands import Reopen

    return Wanted(Reopen(), "opened")


def _snooze(words: str, now: datetime) -> Wanted:
    from wainbox_relay.contract.commands import Snooze

    until = parse(words, now)
    return Wanted(Snooze(until=until, sure=True), f"put aside until {echo(until)}")


def _spam(_: str, __: datetime) -> Wanted:
    from wainbox_relay.contract.commands import MarkSpam

    return Wanted(MarkSpam(), "marked as spam")


ORDERS: dict[str, tuple[str, str, Make]] = {
    "resolve": ("resolve", "", _resolve),
    "assign": ("assign", "whom: @lina or a team", _assign),
    "release": ("give back to the queue", "", _release),
    "tag": ("tag", "which tags; a leading - takes one off", _tag),
    "priority": ("priority", "low, normal, high or urgent", _priority),
    "language": ("language", "ar, ar-Latn, fr or en", _language),
    "snooze": ("snooze", "until when, such as 2h or tomorrow 9", _snooze),
    "on-customer": ("put on customer", "", _wait),
    "open": ("open again", "", _open),
    "spam": ("mark as spam", "", _spam),
}
"""By the word that asks for it: what the picker calls it, and what it still needs to be told."""


class Bulks:
    """The dialogue: which order, what it needs, how many it would be; Enter does it. `last` can be
    taken back."""

    def __init__(self, app: "WainboxApp") -> None:
        self._app = app
        self._ready: tuple[Wanted, int, str, str] | None = None
        self._asked = 0.0
        self.last = ""

    def begin(self, words: str) -> None:
        board = self._app.board
        if board.name not in VIEWS or board.frozen:
            self._say("What a search found cannot be changed as one; use a filter.", trouble=True)
        elif words.strip():
            self.answered("bulk", words)
        else:
            title = f"change all {board.shown.total} shown"
            items = [
                Item(verb, Safe(name), Safe(needs)) for verb, (name, needs, _) in ORDERS.items()
            ]
            self._app.inbox.picker.ask("bulk", Safe(title), items)

    def chosen(self, verb: str) -> None:
        name, needs, _ = ORDERS[verb]
        if not needs:
            self.answered("bulk", verb)
        else:
            self._app.inbox.prompt.ask("bulk", Safe(name), f"{verb} ", Safe(needs))

    def wrong(self, purpose: str, text: str) -> str:
        """Why a typed order cannot be read; or that the preview cannot have been."""
        if purpose == "bulk_do":
            return "Look at the number first." if monotonic() - self._asked < LOOKED else ""
        try:
            read(text, self._now())
        except ValueError as error:
            return str(error).splitlines()[0]
        return ""

    def answered(self, purpose: str, text: str) -> None:
        if purpose == "bulk_do":
            self._app.errand(self._do, "give bulk")
        elif wrong := self.wrong(purpose, text):
            self._say(wrong, trouble=True)
        else:
            wanted = read(text, self._now())
            self._app.errand(lambda: self._preview(wanted), "bulk")

    def _now(self) -> datetime:
        """What time it is for all that is shown, where all numbers are in one zone."""
        numbers = self._app.desk_state.numbers.values()
        return over_all(self._app.now(), (number.zone for number in numbers))

    def take_back(self) -> None:
        if self.last:
            self._app.errand(self._undo, "give bulk")
        else:
            self._say("There is no order of this terminal to take back.", trouble=True)

    # -- with the relay ----------------------------------------------------------------------

    async def _preview(self, wanted: Wanted) -> None:
        board = self._app.board
        view, narrowed = board.name, board.narrowed
        count = await self._app.office().would_change(view, narrowed)
        if not count:
            self._say("Nothing here to change.")
            return
        self._ready = wanted, count, view, narrowed
        self._asked = monotonic()
        title = clean(sentence(count, wanted.done))
        self._app.inbox.prompt.ask("bulk_do", title, "", Safe("enter does it to all of them"))

    async def _do(self) -> None:
        if self._ready is None:
            return
        wanted, count, view, narrowed = self._ready
        self._ready = None
        # An order whose answer is lost on the way may be done all the same.
        self.last = job = secrets.token_hex(16)
        self._say(f"Changing {count}…")
        said = await self._app.office().change_all(job, wanted.command, view, narrowed, count)
        self._say(f"{said} :bulk_undo takes it back")

    async def _undo(self) -> None:
        self._say(await self._app.office().change_back(self.last))
        self.last = ""

    def _say(self, words: str, *, trouble: bool = False) -> None:
        self._app.inbox.say(words, trouble=trouble)
