"""Server processes under measurement: started, watched and ended by their own id."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.desk import REPOSITORY

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process of ours."""

    child: subprocess.Popen[bytes]

    def cpu(self) -> float:
        """Seconds of processor time so far, its threads and children in."""
        return cpu(self.child.pid)

    def rss(self) -> float:
        return rss(self.child.pid)


def cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def rss(pid: int) -> float:
    """MiB in memory."""
    return psutil.Process(pid).memory_info().rss / 2**20


@contextmanager
def process(
    *args: str, errors: Path, ready: Callable[[], bool], env: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """`python ARGS` from the repository's root, until the block ends."""
    with errors.open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, *args],
            cwd=REPOSITORY,
            env={**quiet(), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait(child, ready, errors)
        yield Process(child)
    finally:
        end(child)


def _wait(child: subprocess.Popen[bytes], ready: Callable[[], bool], errors: Path) -> None:
    over = time.monotonic() + PATIENCE
    while not ready():
        if child.poll() is not None or time.monotonic() > over:
            raise SystemExit(f"A server did not start:\n{errors.read_text()[-2000:]}")
        time.sleep(0.05)


def end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def listens(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def quiet() -> dict[str, str]:
    """Our environment without what Wainbox would read, and with what is compiled kept: a start that
    compiles everything is not what users see."""
    left_out = ("WAINBOX", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
