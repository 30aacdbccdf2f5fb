"""One conversation as the queue shows it: what a card comes to in words, and where they stand in
one line or in two. `docs/design.md` section 9 has the grid.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import (
    Direction,
    Flag,
    Kind,
    Priority,
    Standing,
    Status,
    Turn,
)
from wainbox_tui.glyphs import Glyphs
from wainbox_tui.text.durations import ago
from wainbox_tui.theme import Ink, Paper
from wainbox_tui.widgets.clock import Face, face_of
from wainbox_tui.widgets.draw import EMPTY, Band, Look

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Card, LastMessage
    from wainbox_tui.state import DeskState

SHORT = timedelta(hours=2)
"""A service window that is shorter is said."""

ONE_LINE = 60
"""From this width on a row is one line."""

STANDING_SHIFT = 60
"""The class of standing in the top three of `sort_key`'s 63 bits."""

WORDS_LEFT = 12
"""Cells of a preview that a note before it must leave."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What this terminal knows of rows beside their cards: marked ones, and unsent drafts, by
    reference."""

    marked: Collection[int] = ()
    drafts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """`strong` waits on us. `note` and `lead` come before the preview: what else must be known, who
    of us said it, what kind it is. `word` says the state, `plain_word` that it only says what the
    heading of `standing` says; `clock` then stands in its place. `owner` is empty when it is the
    viewer."""

    id: int
    standing: Standing
    glyph: str
    name: Safe
    owner: Safe
    holder: Safe
    lead: tuple[Safe, ...]
    preview: Safe
    unread: int
    language: str
    age: str
    word: str
    ink: Ink
    strong: bool
    plain_word: bool = False
    clock: str = ""
    clock_ink: Ink = Ink.DIM
    note: str = ""
    marked: bool = False
    draft: bool = False

    def word_under(self, standing: Standing | None) -> tuple[str, Ink]:
        """What the word's place says below a heading."""
        spared = self.plain_word and self.standing is standing
        return (self.clock, self.clock_ink) if spared else (self.word, self.ink)


@dataclass(frozen=True, slots=True)
class State:
    """What a card's state looks like: sign, word, ink, and whether it asks for us. `face` is the
    clock beside a `plain` word."""

    glyph: str
    word: str
    ink: Ink
    ours: bool
    plain: bool = False
    face: Face | None = None


def row_of(
    card: "Card", desk: "DeskState", now: datetime, look: Look, marks: Marks | None = None
) -> Row:
    marks = marks or Marks()
    state = state_of(card, now, look)
    me = desk.me.id if desk.me else ""
    holder = _holder(card, desk)
    lead, preview = _preview(card.last_message, me, desk, look.glyphs)
    return Row(
        id=card.id,
        standing=Standing(card.sort_key >> STANDING_SHIFT & 7),
        glyph=state.glyph,
        name=name_of(card),
        owner=EMPTY if card.assignee == me else holder,
        holder=holder,
        lead=lead,
        preview=preview,
        unread=card.unread,
        language=short_language(card.language),
        age=_age(card, now),
        word=state.word,
        ink=state.ink,
        strong=state.ours,
        plain_word=state.plain,
        clock=state.face.word if state.face else "",
        clock_ink=state.face.ink if state.face else Ink.DIM,
        note=_note(card, state, now),
        marked=card.id in marks.marked,
        draft=card.ref in marks.drafts,
    )


def state_of(card: "Card", now: datetime, look: Look) -> State:
    """The one thing about a conversation that its row must say."""
    g = look.glyphs
    if Flag.DELIVERY_TROUBLE in card.flags:
        return State(g.failed, "undelivered", Ink.WORD, ours=True)
    if Flag.UNCONFIRMED in card.flags:
        return State(g.unconfirmed, "unconfirmed", Ink.WORD, ours=True)
    match card.status:
        case Status.RESOLVED:
            word = "spam" if Flag.SPAM in card.flags else "resolved"
            return State(g.tick, word, Ink.DIM, ours=False)
        case Status.SNOOZED:
            word = until(card.snoozed_until, now, look) if card.snoozed_until else "snoozed"
            return State(g.asleep, word, Ink.DIM, ours=False)
        case _ if Flag.ESCALATED in card.flags and Flag.ACKED not in card.flags:
            face = face_of(card.clock, now, g)
            return State(g.escalated, "escalated", Ink.WORD, ours=True, plain=True, face=face)
        case Status.BOT:
            holder = "Meta has it" if Flag.STANDBY in card.flags else "bot"
            return State(g.bot, holder, Ink.DIM, ours=False, plain=True)
        case Status.OPEN | Status.WAITING:
            return _awake(card, now, look)


def _awake(card: "Card", now: datetime, look: Look) -> State:
    g, ours, face = look.glyphs, card.turn is Turn.OURS, face_of(card.clock, now, look.glyphs)
    if ours and Flag.PENDING in card.flags:
        return _after_hours(card, now, look, face)
    woke = Flag.WOKE in card.flags
    glyph = g.dot if ours or woke else g.arrow
    if face and face.pressing:
        return State(face.glyph, face.word, face.ink, ours=ours or woke)
    if window := _window(card, now, ours=ours):
        return State(glyph, window, Ink.WORD if ours else Ink.TEXT, ours=ours or woke)
    if woke:
        return State(glyph, "woke", Ink.WORD, ours=True)
    if ours:
        return _our_turn(card, face, glyph)
    if Flag.THANKS in card.flags:
        return State(glyph, "resolve?", Ink.DIM, ours=False)
    if card.status is Status.OPEN:
        return State(glyph, "kept open", Ink.DIM, ours=False)
    return State(glyph, "on customer", Ink.DIM, ours=False, plain=True)


def _after_hours(card: "Card", now: datetime, look: Look, face: Face | None) -> State:
    """Nobody was here. What will be too late at opening is said as long as it is not."""
    g, shuts = look.glyphs, card.window_closes_at
    if Flag.WINDOW_SHUTS in card.flags and shuts is not None and shuts > now:
        return State(g.clock, f"shuts {look.clock(shuts)}", Ink.WORD, ours=True)
    if window := _window(card, now, ours=True):
        return State(g.after_hours, window, Ink.WORD, ours=True)
    return State(g.after_hours, "after hours", Ink.DIM, ours=True, plain=True, face=face)


def _our_turn(card: "Card", face: Face | None, glyph: str) -> State:
    if face:
        return State(glyph, face.word, face.ink, ours=True)
    if card.priority in _PRESSING:
        return State(glyph, str(card.priority), Ink.WORD, ours=True)
    return State(glyph, "our turn", Ink.DIM, ours=True, plain=True)


_PRESSING = (Priority.URGENT, Priority.HIGH)
_NOTES = {
    Flag.URGENT: "urgent",
    Flag.ESCALATED: "escalated",
    Flag.RETURNED: "returned",
    Flag.DROPPED: "left alone",
    Flag.HANDED_OVER: "handed over",
    Flag.REOPENED: "reopened",
    Flag.FOLLOW_UP: "came back",
}
"""What else a row says, the weightiest first."""


def _note(card: "Card", state: State, now: datetime) -> str:
    """The one thing beside its state that changes what one does next; nothing once it is done."""
    if card.status is Status.RESOLVED:
        return ""
    if state.ink in (Ink.RISK, Ink.LATE) and (
        window := _window(card, now, ours=card.turn is Turn.OURS)
    ):
        return window
    priority = str(card.priority) if card.priority in _PRESSING else ""
    words = [word for flag, word in _NOTES.items() if flag in card.flags]
    return next((word for word in (priority, *words) if word and word != state.word), "")


def _window(card: "Card", now: datetime, *, ours: bool) -> str:
    """The service window when it matters: short, or shut while the customer waits."""
    if card.window_closes_at is None:
        return ""
    left = card.window_closes_at - now
    if left <= timedelta(0):
        return "window shut" if ours else ""
    return f"window {window_clock(left)}" if left < SHORT else ""


def window_clock(left: timedelta) -> str:
    """`48m`, `1:40`, `23h 46m`: what is left of a service window."""
    minutes = max(0, int(left.total_seconds())) // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:02}" if left < SHORT else f"{hours}h {rest:02}m"


def until(at: datetime, now: datetime, look: Look) -> str:
    """`until 14:30`, `until Sun 9`, `until 3 Dec`: short enough for the column."""
    local, today = look.local(at), look.local(now)
    if local.date() == today.date():
        return f"until {local:%H:%M}"
    if at - now < timedelta(days=7):
        if local.minute:
            return f"{local:%a} {local.hour}:{local:%M}"
        return f"until {local:%a} {local.hour}"
    return f"until {local.day} {local:%b}"


def name_of(card: "Card") -> Safe:
    """The customer's name, or what we know them by."""
    who = card.customer
    named = who.name or who.username or who.phone or who.user_id or card.ref
    return clean(" ".join(named.split())) or Safe(card.ref)


def _holder(card: "Card", desk: "DeskState") -> Safe:
    if card.assignee is not None:
        return agent_name(card.assignee, desk)
    if card.status is Status.RESOLVED and card.resolver is not None:
        return agent_name(card.resolver, desk)
    return Safe("nobody")


def agent_name(agent: str, desk: "DeskState") -> Safe:
    badge = desk.agents.get(agent)
    return clean(badge.name if badge else agent)


def short_language(language: str) -> str:
    """`ar`, `fr`, and `ar~` for Arabic in Latin letters."""
    base, _, script = language.partition("-")
    return f"{base}~" if script == "Latn" else base


def _age(card: "Card", now: datetime) -> str:
    since = card.waiting_since or (card.last_message.at if card.last_message else card.opened_at)
    return ago(now - since)


KINDS: dict[Kind, tuple[str, str]] = {
    Kind.IMAGE: ("picture", "photo"),
    Kind.VIDEO: ("picture", "video"),
    Kind.STICKER: ("picture", "sticker"),
    Kind.AUDIO: ("sound", "audio"),
    Kind.VOICE: ("sound", "voice"),
    Kind.DOCUMENT: ("paper", "document"),
    Kind.LOCATION: ("paper", "location"),
    Kind.CONTACTS: ("paper", "contact"),
    Kind.ORDER: ("paper", "order"),
    Kind.FLOW: ("paper", "form"),
    Kind.CALL: ("sound", "call"),
    Kind.UNSUPPORTED: ("unconfirmed", "not shown here"),
}
"""Kinds that need a sign and a word before their text: the field of `Glyphs`, and the word."""


def _preview(
    last: "LastMessage | None", me: str, desk: "DeskState", g: Glyphs
) -> tuple[tuple[Safe, ...], Safe]:
    """The last message, and what is said before it."""
    if last is None:
        return (), EMPTY
    text = Safe(" ".join(clean(last.text).split()))
    lead: list[Safe] = []
    if last.direction is Direction.OUT:
        if last.author == me and _begins_arabic(text):
            text = Safe(f"أنت: {text}")
        else:
            lead.append(Safe(f"{_speaker(last.author, me, desk)}:"))
    if last.kind in KINDS:
        sign, word = KINDS[last.kind]
        lead.append(Safe(f"{getattr(g, sign)} {word}"))
    return tuple(lead), text


def _speaker(author: str, me: str, desk: "DeskState") -> str:
    if not author:
        return "Auto"
    return "You" if author == me else agent_name(author, desk)


def _begins_arabic(text: str) -> bool:
    letter = next((c for c in text if c.isalpha()), "")
    return "\u0590" <= letter <= "\u08ff" or "\ufb1d" <= letter <= "\ufefc"


@dataclass(frozen=True, slots=True)
class Hand:
    """How the cursor lies on a row: on it, and whether its pane has the keys."""

    here: bool = False
    focused: bool = False


def one_line(row: Row, width: int, look: Look, hand: Hand) -> Strip:
    """The row of a pane that has the whole width."""
    band = _begun(row, width, look, hand)
    owner_at = width - 24 if width >= 72 else width - 17
    language_at = owner_at - 4
    name_width = 17 if width >= 72 else 14
    preview_at = 3 + name_width + 2
    band.put(3, look.row(row.name, name_width), Ink.STRONG if row.strong else Ink.TEXT)
    _preview_at(band, row, preview_at, language_at - 4 - preview_at)
    _unread(band, row, language_at - 1)
    band.put(language_at, row.language, Ink.DIM, 3)
    if width >= 72:
        band.put(owner_at, look.row(row.holder, 6), Ink.DIM)
    band.right(width - 14, row.age, Ink.DIM)
    band.right(width - 1, row.word, row.ink)
    return band.strip()


def two_lines(
    row: Row, width: int, look: Look, hand: Hand, under: Standing | None
) -> tuple[Strip, Strip]:
    """The row of a queue beside other panes. `under` is the heading it stands below, which then
    need not be said again."""
    first = _begun(row, width, look, hand)
    word, word_ink = row.word_under(under)
    end = width - 1
    if word:
        end = first.right(end, word, word_ink) - 2
    owner = look.row(row.owner, 8)
    name = look.row(row.name, min(end - 3, max(10, end - 3 - (len(owner) + 2 if owner else 0))))
    at = first.put(3, name, Ink.STRONG if row.strong else Ink.TEXT)
    if owner and at + 2 + len(owner) <= end:
        first.put(at + 2, owner, Ink.DIM)
    second = Band(look, width, Paper.SELECT if hand.here else Paper.BASE)
    _bar(second, look, hand)
    _preview_at(second, row, 3, width - 15)
    _unread(second, row, width - 9)
    second.put(width - 8, row.language, Ink.DIM, 3)
    second.right(width - 1, row.age, Ink.DIM)
    return first.strip(), second.strip()


def _begun(row: Row, width: int, look: Look, hand: Hand) -> Band:
    band = Band(look, width, Paper.SELECT if hand.here else Paper.BASE)
    _bar(band, look, hand)
    band.put(1, row.glyph, row.ink if row.ink in (Ink.RISK, Ink.LATE) else Ink.TEXT)
    if row.marked:
        band.put(2, look.glyphs.mark, Ink.HAND)
    return band


def _bar(band: Band, look: Look, hand: Hand) -> None:
    if hand.here:
        band.put(0, look.glyphs.cursor, Ink.ACCENT if hand.focused else Ink.FILL)


def _preview_at(band: Band, row: Row, x: int, width: int) -> None:
    end = x + width
    ink = Ink.TEXT if row.unread else Ink.DIM
    if row.draft:
        x = band.put(x, f"{band.look.glyphs.pencil} draft", Ink.WORD, end - x) + 2
    elif row.note and x + len(row.note) + 2 + WORDS_LEFT <= end:
        x = band.put(x, row.note, Ink.WORD) + 2
    for word in row.lead:
        text = band.look.row(word, end - x)
        x = band.put(x, text, ink) + (1 if text.endswith(":") else 2)
    band.put(x, band.look.row(row.preview, end - x), ink)


def _unread(band: Band, row: Row, end: int) -> None:
    if row.unread:
        band.right(end, str(min(row.unread, 99)), Ink.STRONG)


def skeleton(width: int, look: Look, hand: Hand) -> Strip:
    """A row that is on its way."""
    band = Band(look, width, Paper.SELECT if hand.here else Paper.BASE)
    _bar(band, look, hand)
    band.put(3, look.glyphs.rule * max(0, min(width - 6, 12)), Ink.TRACK)
    return band.strip()
