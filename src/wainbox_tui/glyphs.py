"""The signs Wainbox draws, each one cell wide, with a letter for terminals that lack it.

No sign stands without a word or number that says the same: `docs/design.md` section 9.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs. Ambiguous names: `left` and `right` are bubble edges, `dot` is our turn."""

    escalated: str = "⇑"
    after_hours: str = "☾"
    late: str = "!"
    at_risk: str = "▲"
    dot: str = "•"
    bot: str = "◇"
    arrow: str = "→"
    asleep: str = "z"
    failed: str = "✗"
    unconfirmed: str = "?"
    tick: str = "✓"
    ticks: str = "✓✓"
    clock: str = "◷"
    pencil: str = "✎"
    picture: str = "▣"
    paper: str = "▤"
    sound: str = "♪"
    mirror: str = "⇄"
    mark: str = "◆"
    online: str = "◉"
    busy: str = "◔"
    away: str = "◦"
    off: str = "·"
    load: str = "▰"
    room: str = "▱"
    cursor: str = "▌"
    left: str = "▏"
    right: str = "▕"
    dashed: str = "┊"
    heavy: str = "━"
    rule: str = "─"
    wall: str = "│"
    tee_down: str = "┬"
    tee_up: str = "┴"
    top_left: str = "╭"
    top_right: str = "╮"
    bottom_left: str = "╰"
    bottom_right: str = "╯"
    cut: str = "…"


UNICODE = Glyphs()
ASCII = Glyphs(
    escalated="^",
    after_hours="P",
    late="!",
    at_risk="~",
    dot="*",
    bot="b",
    arrow="-",
    asleep="z",
    failed="x",
    unconfirmed="?",
    tick="v",
    ticks="vv",
    clock="o",
    pencil="n",
    picture="#",
    paper="=",
    sound="%",
    mirror="<",
    mark="+",
    online="@",
    busy="&",
    away="o",
    off=".",
    load="#",
    room=".",
    cursor=">",
    left="|",
    right="|",
    dashed=":",
    heavy="=",
    rule="-",
    wall="|",
    tee_down="+",
    tee_up="+",
    top_left="+",
    top_right="+",
    bottom_left="+",
    bottom_right="+",
    cut=".",
)

PROBE = UNICODE.at_risk
"""An East Asian ambiguous sign: a terminal that gives it two cells gets the letters."""


def glyphs_for(*, plain: bool, term: str, encoding: str, probe_cells: int = 1) -> Glyphs:
    """The set this terminal can show. `probe_cells` is how wide it drew `PROBE`."""
    utf8 = encoding.replace("-", "").lower() == "utf8"
    if plain or term in {"linux", "dumb"} or not utf8 or probe_cells != 1:
        return ASCII
    return UNICODE
