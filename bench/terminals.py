"""A program in a terminal of 120 by 40: what it writes, when, and what it costs."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyte

from bench.desk import REPOSITORY
from bench.processes import cpu, end, quiet, rss

COLUMNS, LINES = 120, 40
PATIENCE = 60.0
SILENCE = 0.06
"""Seconds without a byte after which an answer to a key is over."""
WHO, PLAIN = b"\x1b[c", b"\x1b[?62;22c"
"""What a program may ask its terminal before it draws, and what any terminal answers at once."""


@dataclass(slots=True)
class Seen:
    """What one key brought: until its first byte, its bytes, and processor time."""

    seconds: float
    size: int
    cpu: float


@dataclass(slots=True)
class Terminal:
    """The program, and the screen it draws on."""

    child: subprocess.Popen[bytes]
    door: int
    began: float
    screen: pyte.Screen = field(default_factory=lambda: pyte.Screen(COLUMNS, LINES))
    _stream: pyte.ByteStream = field(init=False)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.screen)

    def cpu(self) -> float:
        return cpu(self.child.pid)

    def rss(self) -> float:
        return rss(self.child.pid)

    def read(self, within: float) -> bytes:
        """What comes next; nothing when nothing comes in time."""
        if not select.select([self.door], [], [], within)[0]:
            return b""
        data = os.read(self.door, 1 << 20)
        if WHO in data:
            os.write(self.door, PLAIN)
        return data

    def draw(self, data: bytes) -> None:
        self._stream.feed(data)

    def until(self, text: str) -> tuple[float, float]:
        """Waits until the screen shows a text: seconds and processor time since the start, as they
        were when the bytes came. Drawing them here takes time in which the program goes on."""
        over, at = time.perf_counter() + PATIENCE, (0.0, 0.0)
        while text not in self.text():
            if self.child.poll() is not None or time.perf_counter() > over:
                raise SystemExit(f"The terminal never showed {text!r}:\n{self.text()}")
            data = self.read(0.2)
            at = time.perf_counter() - self.began, self.cpu()
            self.draw(data)
        return at

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def rest(self, silence: float = 0.5) -> int:
        """Waits until nothing is drawn for so long; how many bytes came."""
        size = 0
        while data := self.read(silence):
            size += len(data)
            self.draw(data)
        return size

    def key(self, key: bytes) -> Seen:
        """Presses a key and waits for all it brings."""
        used, began = self.cpu(), time.perf_counter()
        os.write(self.door, key)
        data = self.read(2)
        seconds, size = time.perf_counter() - began, len(data)
        while data:
            self.draw(data)
            data = self.read(SILENCE)
            size += len(data)
        return Seen(seconds, size, self.cpu() - used)

    def idle(self, seconds: float) -> int:
        """Bytes written while nobody does anything."""
        over, size = time.perf_counter() + seconds, 0
        while (left := over - time.perf_counter()) > 0:
            size += len(self.read(left))
        return size


@contextmanager
def terminal(*args: str, env: Mapping[str, str]) -> Iterator[Terminal]:
    """`python ARGS` in a pseudo-terminal, until the block ends."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    look = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *args],
        cwd=REPOSITORY,
        env={**quiet(), **look, **env},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(child, ours, began)
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        end(child)
        os.close(ours)
