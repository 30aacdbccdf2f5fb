"""The palette and the command line: every action by its words, with its argument inline."""

from collections.abc import Iterable
from dataclasses import dataclass

from wainbox_tui.actions import ACTIONS, GO, STATUS, Action, Context, by_line
from wainbox_tui.keymap import Keymap


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the palette: what it does, its key, and why it cannot be done now, if so."""

    id: str
    title: str
    line: str
    key: str
    refused: str = ""


def entries(context: Context, keymap: Keymap, recent: Iterable[str] = ()) -> list[Entry]:
    """Every action, recent ones first, then those that can be done."""
    after = {action: f"g {key}" for key, action in GO.items()}
    after |= {action: f"s {key}" for key, action in STATUS.items()}
    rows = [
        Entry(
            a.id,
            a.title,
            a.line or a.id,
            keymap.key(a.id) or after.get(a.id, ""),
            a.refused(context),
        )
        for a in ACTIONS
        if a.group != "move" and a.id not in {"palette", "go", "status"}
    ]
    order = {action: place for place, action in enumerate(recent)}
    return sorted(rows, key=lambda row: (bool(row.refused), order.get(row.id, len(order))))


def typed(line: str) -> tuple[Action, str] | None:
    """What `assign @lina` or `:snooze 2h` asks for; None when no action is called so."""
    word, _, argument = line.strip().lstrip(":").partition(" ")
    action = by_line(word)
    return None if action is None else (action, argument.strip())
