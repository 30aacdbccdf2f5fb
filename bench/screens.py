"""The terminal against a Hello World app of the same library: start, memory, keys, silence."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from tempfile import TemporaryDirectory

from bench.house import House
from bench.report import median, share
from bench.terminals import Seen, Terminal, terminal

DOWN, UP, OPEN, PAGE_UP, PAGE_DOWN = b"j", b"k", b"\r", b"\x1b[5~", b"\x1b[6~"
FIRST_FRAME, FIRST_ROW, THREAD_OPEN = "Wainbox", "1 of ", "W-1000"
IN_VIEW = 12
"""Rows the cursor may move over and stay in view."""
QUIET = {"TEXTUAL_ANIMATIONS": "none"}


@dataclass(frozen=True, slots=True)
class Start:
    """Wall and processor seconds until a picture, and memory once all is quiet."""

    frame: tuple[float, float]
    live: tuple[float, float]
    rss: float


@dataclass(frozen=True, slots=True)
class Keys:
    """Answers to one kind of key."""

    p50: float
    p95: float
    cpu: float
    size: float
    most: float

    @classmethod
    def of(cls, seen: list[Seen]) -> "Keys":
        waits = [each.seconds * 1000 for each in seen]
        return cls(
            median(waits),
            share(waits, 0.95),
            sum(each.cpu for each in seen) / len(seen) * 1000,
            median(each.size for each in seen),
            max(each.size for each in seen),
        )


def start_hello() -> Start:
    with terminal("-m", "bench.hello", env=QUIET) as hello:
        shown = hello.until("Hello")
        hello.rest()
        return Start(shown, shown, hello.rss())


def start_wainbox(house: House) -> Start:
    with wainbox(house) as app:
        frame = app.until(FIRST_FRAME)
        live = app.until(FIRST_ROW)
        app.rest()
        return Start(frame, live, app.rss())


@contextmanager
def wainbox(house: House) -> Iterator[Terminal]:
    with TemporaryDirectory() as folder:
        env = {
            "WAINBOX_URL": house.url,
            "WAINBOX_TOKEN": house.token,
            "WAINBOX_CONFIG_DIR": folder,
            "WAINBOX_STATE_DIR": folder,
        }
        with terminal("-m", "wainbox_tui", env=env) as app:
            yield app


def middle(starts: list[Start]) -> Start:
    return Start(
        (median(s.frame[0] for s in starts), median(s.frame[1] for s in starts)),
        (median(s.live[0] for s in starts), median(s.live[1] for s in starts)),
        median(s.rss for s in starts),
    )


def keys(app: Terminal, pressed: Iterator[bytes], count: int) -> Keys:
    return Keys.of([app.key(key) for key in islice(pressed, count)])


def to_and_fro(there: bytes, back: bytes, far: int) -> Iterator[bytes]:
    return cycle([there] * far + [back] * far)


def hello_keys(count: int) -> Keys:
    with terminal("-m", "bench.hello", env=QUIET) as hello:
        hello.until("Hello")
        hello.rest()
        return keys(hello, cycle((b"a", b"b")), count)


@dataclass(frozen=True, slots=True)
class Used:
    """A terminal in use."""

    moves: Keys
    pages: Keys
    scrolls: Keys
    lines: Keys
    idle: int
    rss: float


def use(house: House, count: int, seconds: float) -> Used:
    """Moves and pages through the queue, then reads up a thread of 20,000 messages."""
    with wainbox(house) as app:
        app.until(FIRST_ROW)
        app.rest()
        moves = keys(app, to_and_fro(DOWN, UP, IN_VIEW), count)
        pages = keys(app, to_and_fro(PAGE_DOWN, PAGE_UP, 10), count // 5 * 2)
        idle = app.idle(seconds)
        while app.rest(0.2):
            pass
        app.key(b"\x1b[H")
        app.rest()
        app.key(OPEN)
        app.until(THREAD_OPEN)
        app.rest()
        scrolls = keys(app, cycle((PAGE_UP,)), count // 2)
        lines = keys(app, cycle((UP,)), count // 2)
        idle += app.idle(seconds)
        return Used(moves, pages, scrolls, lines, idle, app.rss())
