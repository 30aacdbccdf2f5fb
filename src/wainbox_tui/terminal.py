"""The terminal itself, before and after the app has it: asks what it does with Arabic, and tells it
to leave the order to us."""

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from wainbox_tui.config import Config
from wainbox_tui.text.line import Mode
from wainbox_tui.text.probe import (
    PATIENCE,
    QUERY,
    Answers,
    Guard,
    choose,
    enter,
    in_tmux,
    is_whole,
    leave,
    parse,
)


def arabic(config: Config, env: Mapping[str, str] = os.environ) -> tuple[Mode, Guard]:
    """How Arabic is drawn here, and how the terminal is kept from doing it again."""
    if config.plain and config.bidi == "auto":
        return Mode.TERMINAL, Guard.NONE
    if config.bidi != "auto":
        guard = Guard.NONE if config.guard == "auto" else Guard(config.guard)
        return Mode(config.bidi), guard
    mode, guard = choose(_ask(), env)
    return mode, guard if config.guard == "auto" else Guard(config.guard)


def _ask() -> Answers:
    """Asks the terminal and waits a moment for what it says."""
    if not (sys.__stdin__ and sys.__stdout__ and sys.__stdin__.isatty()):
        return Answers()
    if not sys.__stdout__.isatty():
        return Answers()
    keys = sys.__stdin__.fileno()
    before = termios.tcgetattr(keys)
    try:
        tty.setcbreak(keys, termios.TCSANOW)
        os.write(sys.__stdout__.fileno(), QUERY)
        return parse(_reply(keys))
    finally:
        termios.tcsetattr(keys, termios.TCSANOW, before)


def _reply(keys: int) -> bytes:
    reply, until = b"", monotonic() + PATIENCE
    while not is_whole(reply):
        ready, _, _ = select.select([keys], [], [], max(0.0, until - monotonic()))
        if not ready:
            break
        reply += os.read(keys, 1024)
    return reply


@contextmanager
def in_order(guard: Guard, env: Mapping[str, str] = os.environ) -> Iterator[None]:
    """While the block runs the terminal leaves the order of letters to us."""
    tell(enter(guard, tmux=in_tmux(env)))
    try:
        yield
    finally:
        tell(leave(guard, tmux=in_tmux(env)))


def tell(order: str) -> None:
    if order and sys.__stdout__ and sys.__stdout__.isatty():
        os.write(sys.__stdout__.fileno(), order.encode("ascii"))
