"""In which direction each part of a paragraph runs: Unicode's bidirectional algorithm (UAX 9).

Explicit embeddings and isolates never come this far, because `clean` drops them; should one come,
it counts for nothing. So a paragraph is one sequence at one level, and rules X1 to X10 fall away.
"""

from collections.abc import Iterable, Iterator, Sequence
from unicodedata import bidirectional

_BRACKETS = (
    "()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋\u2329\u232a❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦍⦐⦏⦎⦑⦒⦓⦔⦕⦖⦗⦘"
    "⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩⹕⹖⹗⹘⹙⹚⹛⹜〈〉《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"
)
_ALSO_MIRRORED = "<>«»‹›≤≥≦≧≪≫≮≯≰≱∈∋∉∌⊂⊃⊆⊇⊏⊐⊢⊣⸂⸃⸄⸅⸉⸊⸌⸍⸜⸝⸠⸡﹤﹥＜＞"
_OPENING = dict(zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True))
_SAME = {"\u2329": "\u3008", "\u232a": "\u3009"}
_CLOSING = frozenset(_OPENING.values())
_MOST_OPEN = 63

MIRRORED = {
    **_OPENING,
    **{closing: opening for opening, closing in _OPENING.items()},
    **dict(zip(_ALSO_MIRRORED[::2], _ALSO_MIRRORED[1::2], strict=True)),
    **dict(zip(_ALSO_MIRRORED[1::2], _ALSO_MIRRORED[::2], strict=True)),
}
"""What is drawn for a character that runs from right to left (L4)."""

_IGNORED = frozenset({"BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_STRONG = {"L": 0, "R": 1, "AL": 1}
_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
_SIDES = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
"""What a resolved class counts as for what stands beside it (N0 to N2)."""


def class_of(character: str) -> str:
    """The class of a character; one not assigned yet counts as a letter of the left."""
    return bidirectional(character) or "L"


def direction(classes: Iterable[str]) -> int | None:
    """The level that the first strong letter asks for, if there is one (P2, P3)."""
    return next((_STRONG[kind] for kind in classes if kind in _STRONG), None)


def levels(classes: Sequence[str], characters: Sequence[str], base: int) -> list[int]:
    """The level of each character of a paragraph: even ones run right, odd ones left."""
    seen = [index for index, kind in enumerate(classes) if kind not in _IGNORED]
    found = _levels([classes[index] for index in seen], [characters[index] for index in seen], base)
    if len(seen) == len(classes):
        return found
    given = dict(zip(seen, found, strict=True))
    filled, level = [], base
    for index in range(len(classes)):
        level = given.get(index, level)
        filled.append(level)
    return filled


def _levels(original: list[str], characters: Sequence[str], base: int) -> list[int]:
    side = "R" if base else "L"
    kinds = _weak(original, side)
    _brackets(kinds, original, characters, side)
    _neutrals(kinds, side)
    odd = {"L": 1, "R": 0, "EN": 1, "AN": 1} if base else {"L": 0, "R": 1, "EN": 2, "AN": 2}
    found = [base + odd[kind] for kind in kinds]
    _blanks_at_ends(found, original, base)
    return found


def _weak(original: list[str], side: str) -> list[str]:
    """W1 to W7: marks, numbers and what stands in and around them."""
    kinds: list[str] = []
    before = strong = side
    for kind in original:
        if kind == "NSM":
            kind = before  # noqa: PLW2901 - W1
        if kind == "EN" and strong == "AL":
            kind = "AN"  # noqa: PLW2901 - W2
        elif kind in _STRONG:
            strong = kind
        kinds.append(kind)
        before = kind
    present = set(kinds)
    if not present.isdisjoint(("ES", "CS", "ET")):
        _separators(kinds)
    if "EN" in present:
        _european_numbers(kinds, side)
    return ["R" if kind == "AL" else kind for kind in kinds]


def _separators(kinds: list[str]) -> None:
    """W4 to W6."""
    for index in range(1, len(kinds) - 1):
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and (
            (kind == "CS" and before in ("EN", "AN")) or (kind == "ES" and before == "EN")
        ):
            kinds[index] = before
    for start, end in _runs(kinds, frozenset({"ET"})):
        beside = kinds[start - 1 : start] + kinds[end : end + 1]
        kinds[start:end] = ["EN" if "EN" in beside else "ON"] * (end - start)
    for index, kind in enumerate(kinds):
        if kind in ("ES", "CS"):
            kinds[index] = "ON"


def _european_numbers(kinds: list[str], side: str) -> None:
    """W7."""
    strong = side
    for index, kind in enumerate(kinds):
        if kind in _STRONG:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"


def _brackets(kinds: list[str], original: list[str], characters: Sequence[str], side: str) -> None:
    """N0: a pair of brackets takes the direction of what it holds or of what it follows."""
    for start, end in _pairs(kinds, characters):
        inside = {_SIDES[kind] for kind in kinds[start + 1 : end] if kind in _SIDES}
        if not inside:
            continue
        chosen = side
        if side not in inside and _before(kinds, start, side) != side:
            (chosen,) = inside
        for place in (start, end):
            kinds[place] = chosen
            while place + 1 < len(kinds) and original[place + 1] == "NSM":
                place += 1  # noqa: PLW2901 - on to the marks that stand on the bracket
                kinds[place] = chosen


def _before(kinds: list[str], place: int, side: str) -> str:
    """The direction of the last letter or number before a place."""
    backwards = (kinds[at] for at in range(place - 1, -1, -1))
    return next((_SIDES[kind] for kind in backwards if kind in _SIDES), side)


def _pairs(kinds: list[str], characters: Sequence[str]) -> list[tuple[int, int]]:
    """BD16, in the order of the opening brackets."""
    pairs: list[tuple[int, int]] = []
    open_: list[tuple[str, int]] = []
    for index, (kind, given) in enumerate(zip(kinds, characters, strict=True)):
        if kind != "ON":
            continue
        character = _SAME.get(given, given)
        if character in _OPENING:
            if len(open_) == _MOST_OPEN:
                return []
            open_.append((_OPENING[character], index))
        elif character in _CLOSING:
            for depth in range(len(open_) - 1, -1, -1):
                if open_[depth][0] == character:
                    pairs.append((open_[depth][1], index))
                    del open_[depth:]
                    break
    return sorted(pairs)


def _neutrals(kinds: list[str], side: str) -> None:
    """N1 and N2: blanks and signs go with what stands on both sides, or else with the paragraph."""
    for start, end in _runs(kinds, _NEUTRAL):
        before = _SIDES[kinds[start - 1]] if start else side
        after = _SIDES[kinds[end]] if end < len(kinds) else side
        kinds[start:end] = [before if before == after else side] * (end - start)


def _runs(kinds: Sequence[str], wanted: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where one of the wanted classes stands without a break."""
    end = 0
    for index, kind in enumerate(kinds):
        if index >= end and kind in wanted:
            end = index + 1
            while end < len(kinds) and kinds[end] in wanted:
                end += 1
            yield index, end


def _blanks_at_ends(found: list[int], original: list[str], base: int) -> None:
    """L1: blanks before a separator or at the end stand where the paragraph ends."""
    at_end = True
    for index in range(len(original) - 1, -1, -1):
        kind = original[index]
        at_end = kind in ("B", "S") or (at_end and kind == "WS")
        if at_end:
            found[index] = base


def reordered(found: Sequence[int]) -> list[int]:
    """The places of a line's parts from left to right, given their levels (L2)."""
    order = list(range(len(found)))
    odd = [level for level in found if level % 2]
    for level in range(max(found, default=0), min(odd, default=1) - 1, -1):
        start = 0
        while start < len(order):
            if found[order[start]] < level:
                start += 1
                continue
            end = start
            while end < len(order) and found[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end
    return order
