"""The true `wainbox` in a terminal of its own: keys go in as bytes, what it paints is read off an
emulated screen, and every byte it wrote is kept."""

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pyte
from tests.proof.running import Process, quiet

PATIENCE = 15.0
ALONE = 0.2
"""Seconds after which an escape is a key, not the beginning of one."""
KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
}
ANSWERS = {
    rb"\x1b\[6n": b"\x1b[1;1R",
    rb"\x1b\[c": b"\x1b[?62;22c",
    rb"\x1b\[\?(\d+)\$p": b"\x1b[?%b;0$y",
    rb"\x1b\[8\$p": b"\x1b[8;0$y",
}
"""What a terminal says when it is asked: it is a plain one."""
RESTORED = ("?1049l", "?1000l", "?1003l", "?2004l", "?25h")
"""What must have been written when a terminal is handed back."""

_PRIVATE = re.compile(rb"\x1b\[[<>=][\d;]*[a-zA-Z]|\x1bP[^\x1b]*\x1b\\")
_UNFINISHED = re.compile(rb"\x1b(?:\[[^a-zA-Z~]*|P[^\x1b]*|\][^\x07\x1b]*)?\Z")


class Terminal:
    """Start it with `opened`. `raw` is everything that was written to it."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.raw = bytearray()
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self._news = asyncio.Event()
        self._door, self._inside = pty.openpty()
        self._set_size(*size)
        self.process: Process | None = None

    def open(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        child = subprocess.Popen(
            command,
            stdin=self._inside,
            stdout=self._inside,
            stderr=self._inside,
            env=env,
            start_new_session=True,
            preexec_fn=_own_terminal,  # noqa: PLW1509 - one call to the kernel
        )
        os.close(self._inside)
        os.set_blocking(self._door, False)
        asyncio.get_running_loop().add_reader(self._door, self._hear)
        self.process = Process(child.pid, child)

    def close(self) -> None:
        if self._door >= 0:
            asyncio.get_running_loop().remove_reader(self._door)
            os.close(self._door)
            self._door = -1

    hang_up = close

    # -- the wire

    def _hear(self) -> None:
        try:
            heard = os.read(self._door, 65536)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        if not heard:
            asyncio.get_running_loop().remove_reader(self._door)
        self.raw += heard
        for asked, answer in ANSWERS.items():
            for found in re.finditer(asked, heard):
                os.write(self._door, answer % found.groups() if found.groups() else answer)
        self._paint(heard)
        self._news.set()

    def _paint(self, heard: bytes) -> None:
        """The emulator gets whole sequences, without those it would take for text."""
        whole = self._rest + heard
        cut = _UNFINISHED.search(whole)
        self._rest = whole[cut.start() :] if cut else b""
        self._stream.feed(_PRIVATE.sub(b"", whole[: cut.start()] if cut else whole))

    def send(self, data: bytes) -> None:
        os.write(self._door, data)

    # -- a person's hands

    async def press(self, *keys: str) -> None:
        """One key after the other, as fast as a person: words are keys by name."""
        for key in keys:
            self.send(KEYS[key].encode() if key in KEYS else _code(key))
            await asyncio.sleep(ALONE if key == "esc" else 0.06)

    def types(self, text: str) -> None:
        self.send(text.encode())

    def pastes(self, text: str) -> None:
        self.send(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        self._screen.resize(rows, columns)
        self._set_size(columns, rows)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._door, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # -- a person's eyes

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def screen(self) -> str:
        return "\n".join(self.lines)

    def shows(self, text: str) -> bool:
        """Whether the text stands on the screen; Arabic is read from right to left."""
        if unicodedata.bidirectional(text[0]) not in {"R", "AL"}:
            return text in self.screen
        return any(text in unicodedata.normalize("NFKC", line[::-1]) for line in self.lines)

    async def until(
        self, wanted: str | Callable[[], object], within: float = PATIENCE
    ) -> "Terminal":
        """Waits for a text on the screen, or for anything that only changes with it."""
        holds = (lambda: self.shows(wanted)) if isinstance(wanted, str) else wanted
        try:
            async with asyncio.timeout(within):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"never came: {wanted!r}\n{self.screen}") from None
        return self

    async def without(self, text: str, within: float = PATIENCE) -> None:
        await self.until(lambda: not self.shows(text), within)

    # -- the end

    @property
    def libraries(self) -> str:
        """The compiled code that its process has loaded."""
        assert self.process is not None
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.alive

    async def end(self, how: signal.Signals) -> int:
        """Signals the app and waits for it. Its exit code."""
        assert self.process is not None
        await self.process.end(how)
        return self._over()

    async def gone(self) -> int:
        assert self.process is not None
        await self.process.gone()
        return self._over()

    def _over(self) -> int:
        """What it wrote last is still in the wire."""
        before = -1
        while before < len(self.raw):
            before = len(self.raw)
            self._hear()
        assert self.process is not None
        assert self.process.child is not None
        return self.process.child.returncode

    @property
    def restored(self) -> bool:
        """Whether every mode was given back after it was last taken."""
        return all(
            self.raw.rfind(b"\x1b[" + off.encode()) > self.raw.rfind(b"\x1b[" + _on(off).encode())
            for off in RESTORED
        )


def _on(off: str) -> str:
    return off[:-1] + ("l" if off.endswith("h") else "h")


def _code(key: str) -> bytes:
    """`ctrl+s`, or the character itself."""
    if key.startswith("ctrl+"):
        return bytes([ord(key[-1]) - ord("a") + 1])
    return key.encode()


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _token_file(folder: Path, token: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "token"
    key.touch(mode=0o600)
    key.write_text(token)
    return key


@asynccontextmanager
async def opened(
    url: str,
    token: str,
    folder: Path,
    size: tuple[int, int] = (120, 40),
    command: Sequence[str] = (sys.executable, "-m", "wainbox_tui"),
    **more: str,
) -> AsyncIterator[Terminal]:
    """`wainbox` as an agent opens it; `folder` keeps its drafts and settings from one to the next.
    Gone afterwards, however it ended."""
    key = _token_file(folder, token)
    env = quiet() | {
        "WAINBOX_URL": url,
        "WAINBOX_TOKEN_FILE": str(key),
        "WAINBOX_STATE_DIR": str(folder / "state"),
        "WAINBOX_CONFIG_DIR": str(folder / "config"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "TZ": "Africa/Casablanca",
    }
    for name in ("COLUMNS", "LINES", "SSH_CONNECTION"):
        env.pop(name, None)
    terminal = Terminal(size)
    terminal.open(command, env | more)
    try:
        yield terminal
    finally:
        if terminal.alive:
            await terminal.end(signal.SIGKILL)
        terminal.close()
