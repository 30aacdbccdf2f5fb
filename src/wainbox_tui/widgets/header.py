"""The two rows on top: where one is, what is pressing, and the rule below them."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe
from wainbox_tui.messages import Chosen
from wainbox_tui.theme import Ink
from wainbox_tui.widgets.draw import Band, Drawn

ROOMY = 100
"""Columns from which the line, the people and the time stay, and tabs give way to them."""

MOST_LEFT = 20
"""Cells that the way back and a name need; a clock that leaves them less stands in the queue."""

PRODUCT = "Wainbox"
_FIRM = (Ink.WORD, Ink.RISK, Ink.LATE)


@dataclass(frozen=True, slots=True)
class Tab:
    """A view: its id, what it is called and how much is in it (nothing is said of none)."""

    id: str
    title: Safe
    count: int = 0

    @property
    def words(self) -> str:
        return f"{self.title} {self.count}" if self.count else self.title


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the header's right part and its ink."""

    words: Safe
    ink: Ink = Ink.DIM


@dataclass(frozen=True, slots=True)
class Views:
    """The header of the queue. `right` is in order of weight: what does not fit leaves from its
    end. Tabs give way to clocks and trouble."""

    tabs: Sequence[Tab]
    active: str
    right: Sequence[Said] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """The header of a conversation that has the whole width: the view one came from, the
    customer, and facts in order of weight."""

    back: Safe
    name: Safe
    facts: Sequence[Said] = ()
    right: Said | None = None


class Header(Drawn):
    """Shows `Views` or `Case`; `joints` are the columns where the walls between panes begin."""

    DEFAULT_CSS = "Header { height: 2; dock: top; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shows: Views | Case = Views((), "")
        self._joints: tuple[int, ...] = ()
        self._tabs_at: list[tuple[int, int, Tab]] = []

    def show(self, what: Views | Case, joints: Sequence[int] = ()) -> None:
        if (what, tuple(joints)) != (self._shows, self._joints):
            self._shows, self._joints = what, tuple(joints)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y > 1:
            return self.band().strip()
        words = self.band()
        rule = self.rule(self.look.glyphs.tee_down, self._joints)
        match self._shows:
            case Views():
                self._views(words, rule, self._shows)
            case Case():
                self._case(words, self._shows)
        return rule.strip() if y else words.strip()

    def _views(self, words: Band, rule: Band, views: Views) -> None:
        width = self.size.width
        gap = 3 if width >= ROOMY else 2
        fixed = 1 + len(PRODUCT) + 3
        firm = [said for n, said in enumerate(views.right) if not n or said.ink in _FIRM]
        stays = views.right if width >= ROOMY else firm
        pressing = sum(cell_len(said.words) + gap for said in stays)
        tabs = _that_fit(views, width - fixed - 1 - pressing, gap)
        spent = fixed + sum(cell_len(tab.words) + gap for tab in tabs)
        said = _from_the_front(views.right, width - spent - 1, gap)
        words.put(1, PRODUCT, Ink.STRONG)
        self._tabs_at.clear()
        x = fixed
        for tab in tabs:
            active = tab.id == views.active
            end = words.put(x, tab.words, Ink.STRONG if active else Ink.DIM)
            self._tabs_at.append((x, end, tab))
            if active:
                rule.put(x, self.look.glyphs.heavy * (end - x), Ink.ACCENT)
            x = end + gap
        x = width - 1 - sum(cell_len(s.words) for s in said) - gap * max(0, len(said) - 1)
        for word in said:
            x = words.put(x, word.words, word.ink) + gap

    def _case(self, words: Band, case: Case) -> None:
        end = self.size.width - 1
        if case.right and cell_len(case.right.words) + MOST_LEFT <= end:
            end = words.right(end, case.right.words, case.right.ink) - 2
        x = words.put(1, "q", Ink.STRONG)
        x = words.put(x + 1, case.back, Ink.DIM)
        name = self.look.row(case.name, max(8, min(30, end - x - 2)))
        x = words.put(x + 2, name, Ink.STRONG)
        for fact in case.facts:
            text = self.look.row(fact.words, 24)
            if x + 2 + cell_len(text) > end:
                break
            x = words.put(x + 2, text, fact.ink)

    def on_click(self, event: events.Click) -> None:
        for start, end, tab in self._tabs_at:
            if start <= event.x < end:
                self.post_message(Chosen("view", tab.id))


def _that_fit(views: Views, room: int, gap: int) -> list[Tab]:
    """Tabs leave from the right, but for the one in use."""
    tabs = list(views.tabs)
    while tabs and sum(cell_len(tab.words) + gap for tab in tabs) > room:
        others = [tab for tab in tabs if tab.id != views.active]
        if not others:
            break
        tabs.remove(others[-1])
    return tabs


def _from_the_front(said: Sequence[Said], room: int, gap: int) -> list[Said]:
    kept: list[Said] = []
    for word in said:
        room -= cell_len(word.words) + gap
        if room < -gap:
            break
        kept.append(word)
    return kept
