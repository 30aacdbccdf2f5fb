"""A few whole screens as pictures, on a pretend morning that stands still. After a change that is
meant: `pytest tests/tui/test_app_pictures.py --snapshot-update`, and look at them."""

from datetime import datetime
from pathlib import Path

import pytest
from tests.tui import pretend
from tests.tui.widgets.hostile import FEW
from textual.pilot import Pilot

from wainbox_relay.contract.views import Thread
from wainbox_tui.app import WainboxApp
from wainbox_tui.board import Read
from wainbox_tui.config import Config
from wainbox_tui.theme import Depth, Name, Palette
from wainbox_tui.widgets.draw import Look

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


class StillApp(WainboxApp):
    """The app on a morning without clock and without relay."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Config(), folder)
        self.look_at = pretend.queue_cards()

    def now(self) -> datetime:
        return pretend.NOW.astimezone(pretend.ZONE)

    def _first_look(self) -> Look:
        return Look(Palette(Name.DARK, Depth.TRUE), zone=pretend.ZONE)

    def _connect(self) -> None:
        self.live = True
        self.desk_state = pretend.desk()
        for card in self.look_at:
            self.desk_state.keep(card)
        self.desk_state.counts = pretend.counts(self.look_at)
        self.board.choose("all", "", self.desk_state.viewer)
        self.board.load(Read(sorted(self.look_at, key=lambda c: c.sort_key)))
        self.inbox.show_rows()


@pytest.fixture
def still(tmp_path: Path) -> StillApp:
    return StillApp(tmp_path)


@SIZES
def test_the_queue(snap_compare, still: StillApp, size: tuple[int, int]):
    """Who waits, since when, for whom."""
    assert snap_compare(still, terminal_size=size)


@SIZES
def test_the_conversation(snap_compare, still: StillApp, size: tuple[int, int]):
    """Sara's thread: two cases, a note, a photo, a quote, ticks, the reply begun."""

    async def open_it(pilot: Pilot[int]) -> None:
        await pilot.pause()
        entries, cases = pretend.conversation()
        card = next(card for card in still.look_at if card.id == 4)
        page = Thread(card=card, entries=tuple(entries), cases=cases, more=False, seq=1)
        still.desk_state.show_thread(page)
        still.desk_state.open.panel = pretend.panel()
        still.inbox.show_thread()
        still.bind_composer(card)
        still.inbox.read()
        still.inbox.queue.go(3)
        await pilot.pause()

    assert snap_compare(still, terminal_size=size, run_before=open_it)


@SIZES
def test_the_team(snap_compare, still: StillApp, size: tuple[int, int]):
    """Who is here with how much, and what nobody has."""

    async def open_it(pilot: Pilot[int]) -> None:
        await pilot.pause()
        still.desk_state.agents |= {badge.id: badge for badge in pretend.team()}
        still.live = False
        still.do("lead")
        await pilot.pause()
        still.screen.draw()
        await pilot.pause()

    assert snap_compare(still, terminal_size=size, run_before=open_it)


def test_a_hostile_morning(snap_compare, still: StillApp):
    """Names and messages that would act: all of them text, every row as wide as the pane."""
    words = [words[:200] for words in FEW if "\ud800" not in words]
    still.look_at = [pretend.card(n, said, said) for n, said in enumerate(words, start=1)]
    assert snap_compare(still, terminal_size=(120, 40))
