"""The Unicode bidirectional algorithm over units of text (UAX #9), without explicit controls, which
`clean()` never lets in: W1 to W7, N0 to N2, I1, I2, L1, L2, L4.
"""

import unicodedata
from collections.abc import Sequence

STRONG = frozenset(["L", "R", "AL"])
_NEUTRAL = frozenset(["B", "S", "WS", "ON"])
_PAIRS = {"(": ")", "[": "]", "{": "}", "«": "»", "‹": "›", "⟨": "⟩", "〈": "〉", "《": "》"}
_BRACKETS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "〈": "〉", "《": "》", "「": "」", "『": "』"}
MIRRORED = {
    **_PAIRS,
    **{closing: opening for opening, closing in _PAIRS.items()},
    "<": ">",
    ">": "<",
    "≤": "≥",
    "≥": "≤",
}


def class_of(character: str) -> str:
    """The class of a character; explicit controls and unassigned ones count as neutral."""
    found = unicodedata.bidirectional(character)
    if found in ("L", "R", "AL", "EN", "ES", "ET", "AN", "CS", "NSM", "B", "S", "WS", "ON"):
        return found
    return "BN" if found else "L"


def base_level(classes: Sequence[str]) -> int:
    """0 or 1, by the first strong one (P2, P3)."""
    first = next((c for c in classes if c in STRONG), "L")
    return 0 if first == "L" else 1


def levels(classes: Sequence[str], characters: Sequence[str], base: int) -> list[int]:
    """The level of every unit. `characters` are looked at for brackets only."""
    types = ["ON" if c == "BN" else c for c in classes]
    edge = "R" if base else "L"
    _weak(types, edge)
    _brackets(types, classes, characters, edge)
    _neutral(types, edge)
    return [_implicit(t, base) for t in types]


def _weak(types: list[str], edge: str) -> None:
    before = edge
    for i, t in enumerate(types):  # W1
        if t == "NSM":
            types[i] = before
        before = types[i]
    strong = edge
    for i, t in enumerate(types):  # W2, W3
        if t in STRONG:
            strong = t
        elif t == "EN" and strong == "AL":
            types[i] = "AN"
    for i, t in enumerate(types):
        if t == "AL":
            types[i] = "R"
    for i in range(1, len(types) - 1):  # W4
        around = types[i - 1], types[i + 1]
        if (types[i] == "ES" and around == ("EN", "EN")) or (
            types[i] == "CS" and around in (("EN", "EN"), ("AN", "AN"))
        ):
            types[i] = around[0]
    _terminators(types)
    strong = edge
    for i, t in enumerate(types):  # W7
        if t in ("L", "R"):
            strong = t
        elif t == "EN" and strong == "L":
            types[i] = "L"


def _terminators(types: list[str]) -> None:
    """W5 and W6."""
    i = 0
    while i < len(types):
        if types[i] != "ET":
            i += 1
            continue
        end = i
        while end < len(types) and types[end] == "ET":
            end += 1
        beside = (i > 0 and types[i - 1] == "EN") or (end < len(types) and types[end] == "EN")
        types[i:end] = ["EN" if beside else "ON"] * (end - i)
        i = end
    for i, t in enumerate(types):
        if t in ("ES", "CS"):
            types[i] = "ON"


def _direction(t: str) -> str:
    return "R" if t in ("R", "EN", "AN") else t if t == "L" else ""


def _brackets(
    types: list[str], classes: Sequence[str], characters: Sequence[str], edge: str
) -> None:
    """N0: both of a pair take one direction."""
    for opening, closing in _pairs(types, characters):
        inside = {_direction(t) for t in types[opening + 1 : closing]} - {""}
        other = "L" if edge == "R" else "R"
        if edge in inside:
            chosen = edge
        elif other in inside:
            context = next((d for t in reversed(types[:opening]) if (d := _direction(t))), edge)
            chosen = other if context == other else edge
        else:
            continue
        for place in (opening, closing):
            types[place] = chosen
            after = place + 1
            while after < len(types) and classes[after] == "NSM":
                types[after] = chosen
                after += 1


def _pairs(types: Sequence[str], characters: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    open_: list[tuple[str, int]] = []
    closings = set(_BRACKETS.values())
    for place, (t, character) in enumerate(zip(types, characters, strict=True)):
        if t != "ON":
            continue
        if character in _BRACKETS:
            if len(open_) == 63:
                break
            open_.append((_BRACKETS[character], place))
        elif character in closings:
            for depth in range(len(open_) - 1, -1, -1):
                if open_[depth][0] == character:
                    found.append((open_[depth][1], place))
                    del open_[depth:]
                    break
    return sorted(found)


def _neutral(types: list[str], edge: str) -> None:
    """N1 and N2."""
    i = 0
    while i < len(types):
        if types[i] not in _NEUTRAL:
            i += 1
            continue
        end = i
        while end < len(types) and types[end] in _NEUTRAL:
            end += 1
        before = _direction(types[i - 1]) if i else edge
        after = _direction(types[end]) if end < len(types) else edge
        types[i:end] = [before if before == after else edge] * (end - i)
        i = end


def _implicit(t: str, base: int) -> int:
    if base == 0:
        return {"R": 1, "AN": 2, "EN": 2}.get(t, 0)
    return 1 if t == "R" else 2


def reorder(line: Sequence[int], classes: Sequence[str], base: int) -> list[int]:
    """Places of a line's units from left to right (L1, L2). `line` are their levels."""
    settled = list(line)
    end = len(settled)
    while end and classes[end - 1] in ("WS", "S", "B", "BN"):
        end -= 1
        settled[end] = base
    order = list(range(len(settled)))
    lowest_odd = min((level for level in settled if level % 2), default=0)
    for level in range(max(settled, default=0), lowest_odd - 1, -1) if lowest_odd else ():
        i = 0
        while i < len(order):
            if settled[order[i]] < level:
                i += 1
                continue
            stop = i
            while stop < len(order) and settled[order[stop]] >= level:
                stop += 1
            order[i:stop] = order[i:stop][::-1]
            i = stop
    return order
