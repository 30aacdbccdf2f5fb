"""The team: who is here, how much they have, what presses on them, how long somebody waits for
them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import Presence, Role
from wainbox_tui import people
from wainbox_tui.glyphs import Glyphs
from wainbox_tui.text.durations import ago
from wainbox_tui.theme import Ink, Paper
from wainbox_tui.widgets.clock import Face, face_of
from wainbox_tui.widgets.draw import Band, Drawn, Look
from wainbox_tui.widgets.row import Row, short_language

if TYPE_CHECKING:
    from wainbox_relay.contract.views import AgentBadge, Card
    from wainbox_tui.state import DeskState

WORDY = 66
NARROW = 53
"""Cells of everything but the wait, which stands at the right."""
BAR = 8
"""Cells of a load bar; one for each case where that many are allowed."""


@dataclass(frozen=True, slots=True)
class Person:
    """`late` and `risky` count their clocks; `oldest` is how long the first customer waits."""

    id: str
    name: Safe
    glyph: str
    word: str
    languages: str
    load: int
    capacity: int | None
    late: int
    risky: int
    oldest: str
    here: bool


def crew(desk: "DeskState", waiting: "Iterable[Card]", now: datetime, look: Look) -> list[Person]:
    """Everybody who answers customers, those who are here first. `waiting` is what waits on us."""
    held: dict[str, list[Card]] = {}
    for card in waiting:
        if card.assignee is not None:
            held.setdefault(card.assignee, []).append(card)
    staff = [badge for badge in desk.agents.values() if badge.role is not Role.VIEWER]
    shown = [_person(badge, held.get(badge.id, []), now, look) for badge in staff]
    return sorted(shown, key=lambda person: (not person.here, person.name.casefold()))


def _person(badge: "AgentBadge", held: "Sequence[Card]", now: datetime, look: Look) -> Person:
    faces = [face for card in held if (face := face_of(card.clock, now, look.glyphs))]
    since = min((card.waiting_since for card in held if card.waiting_since), default=None)
    return Person(
        id=badge.id,
        name=clean(badge.name),
        glyph=_sign(badge.presence, look.glyphs),
        word=people.brief(badge, look, now),
        languages=" ".join(map(short_language, badge.languages)),
        load=badge.load,
        capacity=badge.capacity,
        late=_count(faces, Ink.LATE),
        risky=_count(faces, Ink.RISK),
        oldest="" if since is None else ago(now - since),
        here=badge.presence is not Presence.OFFLINE,
    )


def _count(faces: Iterable[Face], ink: Ink) -> int:
    return sum(face.ink is ink for face in faces)


def _sign(presence: Presence, g: Glyphs) -> str:
    signs = {Presence.ONLINE: g.online, Presence.BUSY: g.busy, Presence.OFFLINE: g.off}
    return signs.get(presence, g.away)


def person_row(of: Person, width: int, look: Look, *, here: bool, focused: bool) -> Strip:
    """Sign, name, word, languages, load, what presses, and since when."""
    band = Band(look, width, Paper.SELECT if here else Paper.BASE)
    if here:
        band.put(0, look.glyphs.cursor, Ink.ACCENT if focused else Ink.FILL)
    band.put(1, of.glyph, Ink.TEXT)
    band.put(3, look.row(of.name, 9), Ink.STRONG if of.here else Ink.DIM)
    band.put(13, look.row(clean(of.word), 9), Ink.TEXT if of.here else Ink.DIM)
    band.put(23, look.row(clean(of.languages), 8), Ink.DIM)
    most = of.capacity
    if most:
        full = min(BAR, -(-of.load * min(BAR, most) // most))
        x = band.put(32, look.glyphs.load * full, Ink.FILL)
        band.put(x, look.glyphs.room * (min(BAR, most) - full), Ink.TRACK)
    band.right(44, f"{of.load}/{most}" if most is not None else str(of.load), Ink.TEXT)
    _clocks(of, band)
    if width > NARROW:
        band.right(width - 1, of.oldest, Ink.DIM)
    return band.strip()


def _clocks(of: Person, band: Band) -> None:
    """The worse kind; the heading explains the sign where its word has no room."""
    g, wordy = band.look.glyphs, band.width >= WORDY
    if of.late:
        band.put(46, f"{g.late} {of.late}{' late' * wordy}", Ink.LATE)
    elif of.risky:
        band.put(46, f"{g.at_risk} {of.risky}{' at risk' * wordy}", Ink.RISK)


def pressing_row(row: Row, width: int, look: Look) -> Strip:
    """The clock first, then whose it is."""
    band = Band(look, width)
    band.put(1, row.glyph, row.ink)
    band.put(3, row.word, row.ink)
    band.put(16, look.row(row.name, 18), Ink.TEXT)
    band.put(36, row.language, Ink.DIM, 3)
    band.right(width - 1, look.row(row.holder, width - 42), Ink.DIM)
    return band.strip()


class PressingList(Drawn):
    """What is late and at risk, whoever has it, the worst first."""

    DEFAULT_CSS = "PressingList { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()

    def show(self, pressing: Sequence[Row]) -> None:
        if pressing != self._rows:
            self._rows = pressing
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y == 1 and self._rows:
            band = self.band()
            band.put(1, "Late and at risk", Ink.WORD)
            band.right(self.size.width - 1, str(len(self._rows)), Ink.DIM)
            return band.strip()
        if y < 2 or y - 2 >= len(self._rows):
            return self.band().strip()
        return pressing_row(self._rows[y - 2], self.size.width, self.look)


class CrewList(Drawn, can_focus=True):
    """People with a cursor, which stays on its person. The first row is the heading."""

    DEFAULT_CSS = "CrewList { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._people: Sequence[Person] = ()
        self.person: str = ""
        self._first = 0

    def show(self, crew_now: Sequence[Person]) -> None:
        if crew_now == self._people:
            return
        self._people = crew_now
        if self._at() is None and crew_now:
            self.person = crew_now[0].id
        self._settle()

    def move(self, by: int) -> None:
        if self._people:
            at = max(0, min((self._at() or 0) + by, len(self._people) - 1))
            self.person = self._people[at].id
            self._settle()

    def _at(self) -> int | None:
        return next((n for n, each in enumerate(self._people) if each.id == self.person), None)

    def _settle(self) -> None:
        room = max(1, self.size.height - 1)
        at = self._at() or 0
        self._first = max(at - room + 1, min(self._first, at))
        self.refresh()

    def on_resize(self) -> None:
        self._settle()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if y == 0:
            return self._heading()
        n = self._first + y - 1
        if n >= len(self._people):
            return self.band().strip()
        each = self._people[n]
        here = each.id == self.person
        return person_row(each, self.size.width, self.look, here=here, focused=self.has_focus)

    def _heading(self) -> Strip:
        band = self.band()
        x = band.put(1, "People", Ink.WORD) + 2
        band.put(x, f"{sum(each.here for each in self._people)} here", Ink.DIM)
        band.put(32, "load", Ink.DIM)
        band.put(45, "risk", Ink.DIM)
        if self.size.width > NARROW:
            band.right(self.size.width - 1, "wait", Ink.DIM)
        return band.strip()

    def on_click(self, event: events.Click) -> None:
        n = self._first + event.y - 1
        if 0 <= n < len(self._people) and event.y:
            self.person = self._people[n].id
            self.focus()
            self._settle()
