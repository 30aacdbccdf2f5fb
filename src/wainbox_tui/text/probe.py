"""Who puts Arabic in order on this terminal: what to ask it, how to read its answers, what to tell
it while we draw. Nothing here reads or writes; the app does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wainbox_tui.text.line import Mode

QUERY = b"\x1b[8$p\x1b[>0q\x1b[c"
"""Does it reorder by itself (DECRQM 8), what is it (XTVERSION), and a last question that every
terminal answers (DA1)."""
PATIENCE = 1.0
"""Seconds to wait for the answers, which come in one round trip. What comes later would be taken
for keys, so a slow line must have its time; only where nothing answers does it take so long."""

_REORDERS = re.compile(rb"\x1b\[8;(\d)\$y")
_NAME = re.compile(rb"\x1bP>\|([^\x1b\x07]{0,100})")
_LAST = re.compile(rb"\x1b\[\?[\d;]*c")
_SET, _RESET = 1, 2
_CHOSEN = re.compile(r"(app|word|terminal)(?:[+,:](none|explicit|lro))?")
_ARABIC = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_TO_HOLD = re.compile(f"{_ARABIC}(?:.*{_ARABIC})?")


class Guard(StrEnum):
    """How a terminal that reorders by itself is kept from doing it a second time."""

    NONE = "none"
    EXPLICIT = "explicit"
    LRO = "lro"


@dataclass(frozen=True, slots=True)
class Answers:
    """`reorders` is the answer to DECRQM 8, none when it stayed silent. `client` is what tmux says
    of the terminal around it: `#{client_termname} #{client_termtype}`."""

    reorders: int | None = None
    name: str = ""
    client: str = ""


def parse(reply: bytes, client: str = "") -> Answers:
    """Whatever came back, in any order and mixed with keys."""
    reorders, name = _REORDERS.search(reply), _NAME.search(reply)
    return Answers(
        int(reorders[1]) if reorders else None,
        name[1].decode("ascii", "replace") if name else "",
        client,
    )


def is_whole(reply: bytes) -> bool:
    """Whether the last answer is in, so that there is nothing more to wait for."""
    return _LAST.search(reply) is not None


def choose(answers: Answers, environ: Mapping[str, str]) -> tuple[Mode, Guard]:
    """`LC_WAINBOX_BIDI` (`word`, `app+lro`) travels over ssh and wins over what was answered."""
    if said := _CHOSEN.fullmatch(environ.get("LC_WAINBOX_BIDI", "")):
        return Mode(said[1]), Guard(said[2] or Guard.NONE)
    if answers.reorders in (_SET, _RESET):
        return Mode.APP, Guard.EXPLICIT
    names = " ".join((answers.name, answers.client, environ.get("TERM", ""))).lower()
    if "kitty" in names:
        return Mode.WORD, Guard.NONE
    if "konsole" in names or "mlterm" in names:
        return Mode.APP, Guard.LRO
    if in_tmux(environ):  # hides whether the terminal around it reorders; others ignore the order
        return Mode.APP, Guard.EXPLICIT
    return Mode.APP, Guard.NONE


def in_tmux(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("TMUX"))


def enter(guard: Guard, *, tmux: bool = False) -> str:
    """Written at the start, and again after anything else had the terminal."""
    return _told("\x1b[8l", tmux) if guard is Guard.EXPLICIT else ""


def leave(guard: Guard, *, tmux: bool = False) -> str:
    """Written at the end, whatever the end was."""
    return _told("\x1b[8h", tmux) if guard is Guard.EXPLICIT else ""


def _told(order: str, tmux: bool) -> str:  # noqa: FBT001 - private, and said where it is called
    """In tmux the order goes through to the terminal around it."""
    return "\x1bPtmux;" + order.replace("\x1b", "\x1b\x1b") + "\x1b\\" if tmux else order


def guarded(text: str, guard: Guard) -> str:
    """A piece of a drawn line with its Arabic held in the order it stands in; as wide as before."""
    if guard is not Guard.LRO:
        return text
    return _TO_HOLD.sub("\u202d\\g<0>\u202c", text)
