"""Which key does what: the registry's defaults, under the person's own choices.

Command letters are meant by their place on the keyboard: with an Arabic layout on, `ت` is the key
of `j`. Vendor's page for the layouts: xkeyboard-config `ara`, `ma`, `dz`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from wainbox_tui.actions import ACTIONS, BY_ID, GO, STATUS, Action

_ARABIC = dict(zip("ضصثقفغعهخحشسيبلاتنمئءؤرىةو", "qwertyuiopasdfghjklzxcvnm,", strict=True))
_AZERTY = {"ض": "a", "ص": "z", "ش": "q", "ئ": "w", "ك": "m"}
_ALWAYS = {"؟": "?", "ظ": "/", "ك": ";", "،": ","}
_DIGITS = {chr(base + n): str(n) for base in (0x660, 0x6F0) for n in range(10)}
PREFIXES: Mapping[str, Mapping[str, str]] = {"go": GO, "status": STATUS}


class KeymapError(Exception):
    """The configured keys cannot be used; `problems` names every fault."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n  ".join(["keys cannot be used:", *problems]))


def latin(key: str, pair: str = "qwerty") -> str:
    """The Latin key at the place of an Arabic one; any other key as it is."""
    if pair == "azerty" and key in _AZERTY:
        return _AZERTY[key]
    return _DIGITS.get(key) or _ALWAYS.get(key) or _ARABIC.get(key) or key


@dataclass(frozen=True, slots=True)
class Keymap:
    """`actions` by key."""

    actions: Mapping[str, Action]
    keys: Mapping[str, str]
    pair: str = "qwerty"

    def action(self, key: str, character: str | None = None) -> Action | None:
        """The action of a pressed key."""
        for pressed in (key, character or ""):
            found = self.actions.get(pressed) or self.actions.get(latin(pressed, self.pair))
            if found is not None:
                return found
        return None

    def latin(self, key: str) -> str:
        """The Latin key at the place of another layout's."""
        return latin(key, self.pair)

    def key(self, action_id: str) -> str:
        """The key that hints show for an action; empty when it has none."""
        return self.keys.get(action_id, "")


def keymap(own: Mapping[str, str], pair: str = "qwerty") -> Keymap:
    """Defaults with one's own keys over them. Raises `KeymapError` naming every fault."""
    problems = [_unknown(action) for action in own if action not in BY_ID]
    shown = {action.id: own.get(action.id, action.key) for action in ACTIONS}
    actions: dict[str, Action] = {}
    for action in ACTIONS:
        chosen = own.get(action.id)
        for key in (chosen,) if chosen else (action.key, *action.also):
            if key and key in actions:
                problems.append(f"{action.id}: '{key}' does {actions[key].id} already")
            elif key:
                actions[key] = action
    if problems:
        raise KeymapError(problems)
    return Keymap(actions, shown, pair)


def _unknown(action: str) -> str:
    near = get_close_matches(action, BY_ID, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{action}: there is no such action{hint}"
