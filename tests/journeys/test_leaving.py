"""U5: whatever ends the app, the terminal is handed back as it was, and says nobody's words."""

import signal
import stat
import sys
from pathlib import Path

import pytest
from tests.journeys.terminal import opened
from tests.proof.running import House

pytestmark = pytest.mark.journey
SECRET_WORDS = "my card number is 4556"
BREAKING = """
import sys
from wainbox_tui.screens.inbox import InboxScreen

def broken(self):
    words = self.wainbox.desk_state.open.in_order()[0].text
    raise RuntimeError("a mistake of ours")

InboxScreen.tick = lambda self: self.wainbox.desk_state.open and broken(self)
from wainbox_tui.__main__ import main
sys.argv = ["wainbox"]
main()
"""
"""The app with a mistake in it, which shows as soon as a conversation is open."""


LEADING = """
import signal, subprocess, sys
signal.signal(signal.SIGHUP, lambda *_: None)
sys.exit(subprocess.call([sys.executable, "-m", "wainbox_tui"]))
"""
"""A program that starts the app and waits for it, as make does, terminal or not."""


async def _customer_writes(home: House, words: str = "hello") -> None:
    await home.box.newcomer("ali", "Ali").writes(words)
    await home.box.settled()
    await home.read()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it_and_restores_the_terminal(
    home: House, tmp_path: Path, how: signal.Signals
):
    """SIGTERM and SIGHUP leave no mode behind; the exit code says which it was."""
    async with opened(home.url, home.tokens["nadia"], tmp_path / "nadia") as terminal:
        await terminal.until("live")
        code = await terminal.end(how)
    assert terminal.restored
    assert code == 128 + how


async def test_leaving_restores_the_terminal(home: House, tmp_path: Path):
    """ctrl+q leaves, even from within a reply."""
    await _customer_writes(home)
    async with opened(home.url, home.tokens["nadia"], tmp_path / "nadia") as terminal:
        await terminal.until("Ali")
        await terminal.press("r")
        await terminal.until("esc back")
        await terminal.press("ctrl+q")
        assert await terminal.gone() == 0
    assert terminal.restored


async def test_a_terminal_that_is_gone_keeps_nothing_running(home: House, tmp_path: Path):
    """When the line to the terminal breaks, the app ends within seconds."""
    async with opened(home.url, home.tokens["nadia"], tmp_path / "nadia") as terminal:
        await terminal.until("live")
        terminal.hang_up()
        await terminal.process.gone(8)


async def test_nor_does_one_behind_a_program_that_passes_nothing_on(home: House, tmp_path: Path):
    """The system tells only who leads the session, which may be somebody else."""
    command = [sys.executable, "-c", LEADING]
    folder = tmp_path / "nadia"
    async with opened(home.url, home.tokens["nadia"], folder, command=command) as leader:
        await leader.until("live")
        leader.hang_up()
        await leader.process.gone(8)


async def test_an_unforeseen_error_shows_one_calm_sentence(home: House, tmp_path: Path):
    """No traceback and no customer's words on the screen; the details are in a private file."""
    await _customer_writes(home, SECRET_WORDS)
    folder = tmp_path / "nadia"
    command = [sys.executable, "-c", BREAKING]
    async with opened(home.url, home.tokens["nadia"], folder, command=command) as terminal:
        await terminal.until("Ali")
        await terminal.press("enter")
        assert await terminal.gone() == 1
    assert terminal.restored
    last = terminal.raw[terminal.raw.rfind(b"\x1b[?1049l") :].decode()
    kept = folder / "state" / "fault.txt"
    assert "Something went wrong here (RuntimeError)" in last
    assert str(kept) in last.replace("\r\n", "")
    assert "Traceback" not in last
    assert SECRET_WORDS not in last
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "a mistake of ours" in kept.read_text()
