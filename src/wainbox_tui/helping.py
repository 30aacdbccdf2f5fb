"""What the help page says: the keys of the pane one is in, or of every action; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from wainbox_tui.actions import ACTIONS, GO, STATUS, Action, Where
from wainbox_tui.keymap import Keymap


class Pane(StrEnum):
    QUEUE = "queue"
    THREAD = "conversation"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Help:
    """A key, or a word of the command line, and what it does."""

    key: str
    title: str


IN_REPLY = (
    Help("enter", "send, then on customer"),
    Help("ctrl+s", "other ways to send"),
    Help("ctrl+j", "new line"),
    Help("tab", "between reply and note"),
    Help("/", "at the start: canned replies"),
    Help("ctrl+t", "canned replies and templates"),
    Help("ctrl+g", "send a file"),
    Help("ctrl+o", "write in your editor"),
    Help("ctrl+z", "take an edit back"),
    Help("ctrl+y", "do it again"),
    Help("ctrl+w", "delete a word"),
    Help("ctrl+u", "delete to the start"),
    Help("ctrl+k", "delete to the end"),
    Help("ctrl+p", "palette"),
    Help("esc", "back; the draft is kept"),
)
HERE = {"down": "message below", "up": "message above", "open": "answer the chosen message"}
"""What keys of the queue do in a conversation."""


def helps(pane: Pane, keymap: Keymap) -> list[Help]:
    """The keys that do something where the hand is."""
    if pane is Pane.REPLY:
        return list(IN_REPLY)
    elsewhere = Where.THREAD if pane is Pane.QUEUE else Where.QUEUE
    own = HERE if pane is Pane.THREAD else {}
    return [
        Help(key, own.get(action.id, action.title))
        for action in ACTIONS
        if (key := keymap.key(action.id)) and (action.where is not elsewhere or action.id in own)
    ]


def all_helps(keymap: Keymap) -> list[Help]:
    """Every action with its key, or with its name on the command line, and the reply's keys."""
    return [*_actions(keymap), *IN_REPLY]


def _actions(keymap: Keymap) -> Iterator[Help]:
    after = {a: f"g {k}" for k, a in GO.items()} | {a: f"s {k}" for k, a in STATUS.items()}
    for action in ACTIONS:
        yield Help(keymap.key(action.id) or after.get(action.id) or _line(action), action.title)


def _line(action: Action) -> str:
    return f":{action.line or action.id}"
