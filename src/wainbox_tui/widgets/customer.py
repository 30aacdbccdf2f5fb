"""The customer beside the conversation: who it is, what is open elsewhere, what happened before,
what the team wrote down.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import Status
from wainbox_tui.text.phone import phone
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Band, Drawn, Look
from wainbox_tui.widgets.head import language_name
from wainbox_tui.widgets.row import agent_name

if TYPE_CHECKING:
    from wainbox_relay.contract.views import (
        Card,
        Case,
        CaseFacts,
        ClockFace,
        CustomerPanel,
        Entry,
    )
    from wainbox_tui.state import DeskState

MOST_CASES = 6
MOST_NOTES = 4
NOTE_LINES = 6
GIVEN_LINES = 4

STATUS_WORDS = {
    Status.BOT: "bot",
    Status.OPEN: "open",
    Status.WAITING: "on customer",
    Status.SNOOZED: "snoozed",
    Status.RESOLVED: "resolved",
}


@dataclass(frozen=True, slots=True)
class About:
    """What the pane is made of."""

    panel: "CustomerPanel"
    desk: "DeskState"
    now: datetime
    card: "Card | None" = None


def panel_rows(about: About, width: int, look: Look) -> list[Strip]:
    """The pane's rows from the top; one blank row between sections."""
    rows: list[Strip] = []
    for section in (_who, _case_now, _pages, _facts, _elsewhere, _before, _notes, _tags, _cost):
        drawn = [band.strip() for band in section(about, width, look)]
        if drawn and rows:
            rows.append(Band(look, width).strip())
        rows.extend(drawn)
    return rows


def _who(about: About, width: int, look: Look) -> Iterator[Band]:
    customer = about.panel.customer
    band = Band(look, width)
    end = width - 1
    if customer.vip:
        end = band.right(end, "vip", Ink.WORD) - 2
    known = customer.name or customer.username or customer.phone or customer.user_id
    band.put(1, look.row(clean(known), end - 1), Ink.STRONG)
    yield band
    number = phone(clean(customer.phone)) or "no phone number shown"
    there = _local_time(about.panel.time_zone, about.now)
    for line in (number, clean(customer.username), there):
        if line and line != known:
            yield _text(Ink.DIM, width, look, Safe(line))
    if about.panel.opted_out:
        yield _text(Ink.WORD, width, look, Safe("wants no advertising"))


def _local_time(zone: str, now: datetime) -> str:
    """`Casablanca, 09:18 there`; empty when the zone is not known."""
    if not zone:
        return ""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        there = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    city = zone.rpartition("/")[2].replace("_", " ")
    return f"{clean(city)}, {there:%H:%M} there"


TOLD_BY = {
    "hand": "set by hand",
    "menu": "chosen in the menu",
    "script": "told by its letters",
    "arabizi": "told by words and digits",
    "lexicon": "told by its words",
    "lingua": "told by its spelling",
}
PROMISES = {"first": "First reply", "next": "Next reply", "resolution": "Resolution"}


def _case_now(about: About, width: int, look: Look) -> Iterator[Band]:
    """What this case is about, what is promised, who has it and why, how it was rated."""
    case = about.panel.case
    yield _title("This case", "complex" * case.complex, width, look)
    if case.topic:
        yield _pair("Topic", clean(case.topic), width, look)
    yield from _language(about, width, look)
    for clock in case.clocks:
        yield _promise(clock, about.now, width, look)
    given = clean(f"{case.given[:1].upper()}{case.given[1:]}")
    yield from _wrapped(given, Ink.DIM, width, look, GIVEN_LINES)
    yield from _rating(case, width, look)


def _language(about: About, width: int, look: Look) -> Iterator[Band]:
    language = about.card.language if about.card else ""
    if language:
        yield _pair_or_value("Language", language_name(clean(language)), width, look)
    if language and (how := TOLD_BY.get(about.panel.case.language_by)):
        yield _text(Ink.DIM, width, look, Safe(how))


def _promise(of: "ClockFace", now: datetime, width: int, look: Look) -> Band:
    """The moment, which stands still: the countdown is above the conversation."""
    word, ink = "paused", Ink.TEXT
    if of.due is not None:
        late = of.due <= now
        word = f"{'was due' if late else 'by'} {_moment(of.due, now, look)}"
        ink = Ink.LATE if late else Ink.RISK if of.at_risk else Ink.TEXT
    elif of.missed:
        word, ink = "missed", Ink.LATE
    band = Band(look, width)
    x = band.put(1, PROMISES[of.target], Ink.DIM) + 2
    band.right(width - 1, look.row(Safe(word), width - 1 - x), ink)
    return band


def _moment(at: datetime, now: datetime, look: Look) -> str:
    """`14:30` today, `Sun 14:30` within a week, else the day."""
    local, today = look.local(at), look.local(now).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    soon = timedelta(0) < local.date() - today < timedelta(days=7)
    return f"{local:%a %H:%M}" if soon else f"{local.day} {local:%b}"


def _rating(case: "CaseFacts", width: int, look: Look) -> Iterator[Band]:
    if case.stars is not None:
        yield _pair("Rated", f"{case.stars} of 5 stars", width, look)
        yield from _wrapped(clean(case.comment), Ink.NOTE, width, look, NOTE_LINES)
    elif case.unasked:
        unasked = clean(f"not asked how it was: {case.unasked}")
        yield from _wrapped(unasked, Ink.DIM, width, look, NOTE_LINES)


def _pages(about: About, width: int, look: Look) -> Iterator[Band]:
    """Who was paged, and who will be while nobody takes it."""
    pages = about.panel.case.pages
    if pages:
        yield _title("Who is paged", "", width, look)
    for n, page in enumerate(pages):
        band = Band(look, width)
        word = ("paged", "next")[n] if n < 2 else ""
        end = band.right(width - 1, word, Ink.DIM) - 2
        x = band.put(1, look.clock(page.at), Ink.DIM) + 2
        name = clean(f"{agent_name(page.agent, about.desk)}{', again' * page.again}")
        band.put(x, look.row(name, end - x), Ink.TEXT)
        yield band


def _facts(about: About, width: int, look: Look) -> Iterator[Band]:
    if about.panel.language:
        yield _pair_or_value("Writes", language_name(clean(about.panel.language)), width, look)
    for label, who in (("Manager", about.panel.manager), ("Backup", about.panel.manager_backup)):
        if who:
            yield _pair(label, agent_name(who, about.desk), width, look)
    first = look.local(about.panel.first_seen)
    yield _pair("First wrote", f"{first.day} {first:%b %Y}", width, look)


def _elsewhere(about: About, width: int, look: Look) -> Iterator[Band]:
    """Work on this customer at our other numbers."""
    cases = about.panel.elsewhere
    if not cases:
        return
    yield _title("Also open", "", width, look)
    for case in cases:
        number = about.desk.numbers.get(case.number)
        where = clean(number.name) if number else Safe("another number")
        who = agent_name(case.assignee, about.desk) if case.assignee else Safe("nobody")
        yield _pair(where, f"#{clean(case.ref)}", width, look)
        yield _text(Ink.DIM, width, look, Safe(STATUS_WORDS[case.status]), who)


def _before(about: About, width: int, look: Look) -> Iterator[Band]:
    current = about.card.ref if about.card else ""
    cases = [case for case in about.panel.cases if case.ref != current]
    if not cases:
        return
    many = f"{len(cases)} case{'s' * (len(cases) > 1)}"
    yield _title("Before", many, width, look)
    for case in sorted(cases, key=_when, reverse=True)[:MOST_CASES]:
        yield _case(case, about, width, look)


def _when(case: "Case") -> datetime:
    return case.resolved_at or case.opened_at


def _case(case: "Case", about: About, width: int, look: Look) -> Band:
    band = Band(look, width)
    at = look.local(_when(case))
    band.put(1, f"{at.day:2} {at:%b}" if at.year == look.local(about.now).year else f"{at:%b %Y}")
    who = case.resolver or case.assignee
    name = look.row(agent_name(who, about.desk), 8) if who else ""
    end = band.right(width - 1, name, Ink.DIM) - 2 if name else width - 1
    what = clean(case.outcome) or STATUS_WORDS[case.status]
    band.put(9, look.row(Safe(what), end - 9), Ink.TEXT)
    return band


def _notes(about: About, width: int, look: Look) -> Iterator[Band]:
    notes = about.panel.notes[:MOST_NOTES]
    if notes:
        yield _title("Notes", "", width, look)
    for note in notes:
        yield from _note(note, width, look)


def _note(note: "Entry", width: int, look: Look) -> Iterator[Band]:
    at = look.local(note.at)
    who = clean(note.author_name or note.author)
    yield _text(Ink.DIM, width, look, Safe(f"{at.day} {at:%b}"), who)
    yield from _wrapped(clean(note.text), Ink.NOTE, width, look, NOTE_LINES)


def _tags(about: About, width: int, look: Look) -> Iterator[Band]:
    yield from _labelled("Tags", about.panel.tags, width, look)
    yield from _labelled("Case tags", about.card.tags if about.card else (), width, look)


def _cost(about: About, width: int, look: Look) -> Iterator[Band]:
    """What WhatsApp bills for this conversation; what was free is no news."""
    counted = [
        f"{each.billed} {clean(each.category)}" for each in about.panel.billed if each.billed
    ]
    if counted:
        words = Safe(f"billed: {', '.join(counted)}")
        yield from _wrapped(words, Ink.DIM, width, look, 2)


def _labelled(label: str, tags: Sequence[str], width: int, look: Look) -> Iterator[Band]:
    """The label and as many tags as fit beside it, then rows of tags."""
    left = list(tags)
    lead = len(label) + 2
    while left:
        band = Band(look, width)
        band.put(1, label, Ink.WORD)
        x = 1 + lead
        while left and (x == 1 + lead or x + len(left[0]) < width):
            text = look.row(clean(left.pop(0)), width - 1 - x)
            x = band.put(x, text, Ink.TEXT) + 2
        label = ""
        yield band


def _wrapped(text: Safe, ink: Ink, width: int, look: Look, most: int) -> Iterator[Band]:
    for line in look.layout(text, width - 2).lines[:most] if text else ():
        band = Band(look, width)
        band.put(1, line.text, ink)
        yield band


def _text(ink: Ink, width: int, look: Look, *words: Safe) -> Band:
    band = Band(look, width)
    band.words(1, [(word, ink) for word in words], width - 1)
    return band


def _title(words: str, right: str, width: int, look: Look) -> Band:
    band = Band(look, width)
    band.put(1, words, Ink.WORD)
    band.right(width - 1, right, Ink.DIM)
    return band


def _pair(label: str, value: str, width: int, look: Look) -> Band:
    band = Band(look, width)
    x = band.put(1, look.row(Safe(label), width // 2), Ink.DIM) + 2
    band.right(width - 1, look.row(Safe(value), width - 1 - x), Ink.TEXT)
    return band


def _pair_or_value(label: str, value: str, width: int, look: Look) -> Band:
    """The value alone where both do not fit and it says by itself what it is."""
    if 1 + len(label) + 2 + cell_len(value) >= width:
        return _text(Ink.TEXT, width, look, Safe(value))
    return _pair(label, value, width, look)


class CustomerPane(Drawn):
    """Shows `About`, scrolled by `move` where the rows are more than the pane."""

    DEFAULT_CSS = "CustomerPane { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._about: About | None = None
        self._rows: list[Strip] = []
        self._top = 0

    def show(self, about: About | None) -> None:
        other = about is None or self._about is None
        if other or about.panel.customer.id != self._about.panel.customer.id:  # type: ignore[union-attr]  # neither is None
            self._top = 0
        self._about = about
        self._draw()

    def clear(self) -> None:
        self.show(None)

    def move(self, by: int) -> None:
        self._top = max(0, min(self._top + by, len(self._rows) - self.size.height))
        self.refresh()

    def turn(self) -> None:
        """A page down, and from the end to the top again."""
        at_end = self._top >= len(self._rows) - self.size.height
        self.move(-self._top if at_end else self.size.height - 1)

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        """Draws the rows anew, and repaints only when one of them differs."""
        rows: list[Strip] = []
        if self._about and self.size.width > 2:
            rows = panel_rows(self._about, self.size.width, self.look)
        if rows != self._rows:
            self._rows = rows
            self.refresh()

    def render_line(self, y: int) -> Strip:
        at = self._top + y
        return self._rows[at] if at < len(self._rows) else self.band().strip()
