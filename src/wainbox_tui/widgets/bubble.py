"""One entry of a thread as rows: a bubble at its side, a note, an event line. Pure.

What was said stands first; when, by whom and how far it came ride in the free end of the last line.
`docs/design.md` section 9 has the grid, section 5 the words of every delivery state.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import Delivery, Direction, Kind, MediaState
from wainbox_tui.glyphs import Glyphs
from wainbox_tui.theme import Ink, Paper
from wainbox_tui.widgets.draw import EMPTY, Band, Look
from wainbox_tui.widgets.row import KINDS, Hand, agent_name

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Entry, MediaFacts, Quote, Reaction
    from wainbox_tui.state import DeskState

MARGIN = 2
WIDEST = 72
SPARED = 10
"""Cells a bubble leaves free, so that its side can be seen."""

FRAME = 4
"""Edge, a blank beside it, and two blanks on the other side."""

MOST_LINES = 400
"""Lines shown of one message; the rest is said in words."""
EVENT_ROWS = 4

LATE = timedelta(minutes=5)

Piece = tuple[str, Ink]


@dataclass(frozen=True, slots=True)
class Told:
    """What entries need to be told beside themselves: who people are, the time, and whether the
    composer has the keys (`writing`)."""

    desk: "DeskState"
    now: datetime
    customer: Safe = EMPTY
    group: bool = False
    writing: bool = False


@dataclass(frozen=True, slots=True)
class Inner:
    """A row inside a bubble: pieces in visual order, standing at the right when `rtl`."""

    pieces: tuple[Piece, ...]
    rtl: bool = False

    @property
    def width(self) -> int:
        return sum(cell_len(text) for text, _ in self.pieces)


def drawn(entry: "Entry", width: int, look: Look, told: Told, hand: Hand) -> list[Strip]:
    """The rows of any entry."""
    match entry.direction:
        case Direction.EVENT:
            return _event(entry, width, look)
        case Direction.NOTE:
            return _note(entry, width, look, hand)
        case Direction.IN | Direction.OUT:
            return _bubble(entry, width, look, told, hand)


def _bubble(entry: "Entry", width: int, look: Look, told: Told, hand: Hand) -> list[Strip]:
    room = max(1, min(WIDEST, width - SPARED) - FRAME)
    rows = list(_said(entry, room, look, told))
    *more, meta = _meta(entry, room, look, told)
    inner = max(row.width for row in (*rows, *more, meta))
    shared = bool(rows) and not more and rows[-1].width + 2 + meta.width <= room
    inner = max(inner, rows[-1].width + 2 + meta.width if shared else 0)
    frame = _Frame(entry.direction is Direction.OUT, min(inner, room), width, look, hand)
    strips = [frame.row(row) for row in (rows[:-1] if shared else rows)]
    end_rtl = bool(rows) and rows[-1].rtl
    bare = Inner((), end_rtl)
    strips += [frame.row(bare, each) for each in more]
    strips.append(frame.row(rows[-1] if shared else bare, meta))
    if reactions := [reaction for reaction in entry.reactions if reaction.emoji]:
        strips.append(frame.under(_reactions(reactions, look, told)))
    return strips


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a bubble stands and what surrounds its rows."""

    ours: bool
    inner: int
    width: int
    look: Look
    hand: Hand

    @property
    def left(self) -> int:
        """The first cell of the bubble."""
        if not self.ours:
            return MARGIN
        return max(0, self.width - MARGIN - self.inner - FRAME)

    @property
    def text(self) -> int:
        """The first cell of what is inside."""
        return self.left + 2

    def _band(self) -> Band:
        band = Band(self.look, self.width)
        if self.hand.here:
            ink = Ink.ACCENT if self.hand.focused else Ink.FILL
            band.put(0, self.look.glyphs.cursor, ink)
        return band

    def row(self, row: Inner, meta: Inner | None = None) -> Strip:
        """A row with its pieces on their side, and the meta on the other one."""
        band = self._band()
        band.lay(self.left, self.inner + FRAME, Paper.OURS if self.ours else Paper.RAISED)
        if self.ours:
            band.put(self.left + self.inner + FRAME - 1, self.look.glyphs.right, Ink.ACCENT)
        else:
            band.put(self.left, self.look.glyphs.left, Ink.FILL)
        end = self.text + self.inner
        _put(band, end - row.width if row.rtl else self.text, row)
        if meta:
            _put(band, self.text if row.rtl else end - meta.width, meta)
        return band.strip()

    def under(self, row: Inner) -> Strip:
        band = self._band()
        _put(band, self.width - MARGIN - 1 - row.width if self.ours else self.text, row)
        return band.strip()


def _put(band: Band, x: int, row: Inner) -> None:
    for text, ink in row.pieces:
        x = band.put(max(0, x), text, ink)


# -- what was said ------------------------------------------------------------------------------


def _said(entry: "Entry", room: int, look: Look, told: Told) -> Iterator[Inner]:
    body = list(_body(entry, room, look))
    if entry.forwarded:
        yield _plain(room, look, Safe("forwarded"))
    if entry.referral:
        yield _plain(room, look, Safe("came from"), clean(entry.referral))
    if entry.quote is not None:
        yield _quote(entry.quote, room, look, rtl=bool(body) and body[0].rtl)
    if entry.kind in KINDS:
        yield _file_row(entry, room, look)
    elif entry.kind is Kind.ANSWER:
        yield _plain(room, look, Safe("chose"))
    elif entry.kind is Kind.TEMPLATE:
        yield _plain(room, look, Safe("template"), clean(getattr(entry.content, "name", "")))
    yield from body
    if entry.edited_at and entry.original:
        before = Safe(f"before: {clean(entry.original)}")
        yield from _lines(before, room, look, Ink.DIM)
    yield from _doubts(entry, room, look, told)


def _plain(room: int, look: Look, *words: Safe) -> Inner:
    """A dim row; what does not fit is cut."""
    pieces: list[Piece] = []
    for word in filter(None, words):
        if pieces:
            pieces.append(("  ", Ink.DIM))
        left = room - sum(cell_len(text) for text, _ in pieces)
        pieces.append((look.row(word, left), Ink.DIM))
    return Inner(tuple(pieces))


def _lines(text: Safe, room: int, look: Look, ink: Ink) -> Iterator[Inner]:
    if not text.strip():
        return
    lines = look.layout(text, room).lines
    for line in lines[:MOST_LINES]:
        yield Inner(((line.text, ink),), line.rtl)
    if len(lines) > MOST_LINES:
        more = f"{len(lines) - MOST_LINES} more lines, y copies it all"
        yield _plain(room, look, Safe(more))


def _body(entry: "Entry", room: int, look: Look) -> Iterator[Inner]:
    ink = Ink.DIM if entry.revoked_at else Ink.TEXT
    for text in _texts(entry, look):
        yield from _lines(clean(text), room, look, ink)


def _texts(entry: "Entry", look: Look) -> Iterator[str]:
    """The words of an entry, paragraph by paragraph. Fields are asked for by name, because the
    content's classes bring pydantic, which the first picture does not wait for."""
    content = entry.content
    match entry.kind:
        case Kind.IMAGE | Kind.VIDEO | Kind.AUDIO | Kind.VOICE | Kind.DOCUMENT | Kind.STICKER:
            yield getattr(content, "caption", "")
        case Kind.LOCATION:
            yield "\n".join(filter(None, (entry.text, getattr(content, "address", ""))))
        case Kind.CONTACTS:
            for person in getattr(content, "cards", ()):
                yield "  ".join(filter(None, (person.name, *person.phones, *person.emails)))
        case Kind.ORDER:
            yield getattr(content, "text", "")
            for item in getattr(content, "items", ()):
                price = f"  {item.price:,.2f} {item.currency}" if item.price else ""
                yield f"{item.quantity:g} x {item.product}{price}"
        case Kind.FLOW:
            yield entry.text
            for name, value in getattr(content, "fields", ()):
                yield f"{name}: {value}"
        case Kind.ANSWER:
            yield "\n".join(filter(None, (entry.text, getattr(content, "description", ""))))
        case Kind.MENU:
            yield entry.text
            for choice in getattr(content, "choices", ()):
                yield f"{look.glyphs.bot} {choice.title}"
        case Kind.UNSUPPORTED:
            yield getattr(content, "detail", "")
        case Kind.CALL:
            yield ""
        case _:
            yield entry.text


def _quote(quote: "Quote", room: int, look: Look, *, rtl: bool) -> Inner:
    """One dim row; the bar stands where the bubble's own words begin."""
    first = clean(quote.text).strip().partition("\n")[0]
    who = look.row(clean(quote.author), max(1, room // 3))
    text = Safe(first) or Safe("a message that is not here")
    left = room - 2 - (cell_len(who) + 2 if who else 0)
    said = look.row(text, max(1, left))
    if rtl:
        words = f"{said} :{who}" if who else said
        return Inner(((f"{words} ", Ink.DIM), (look.glyphs.right, Ink.FILL)), rtl=True)
    words = f"{who}: {said}" if who else said
    return Inner(((look.glyphs.left, Ink.FILL), (f" {words}", Ink.DIM)))


def _file_row(entry: "Entry", room: int, look: Look) -> Inner:
    """`▣ photo  colis.jpg  184 KB  v opens`."""
    sign, word = KINDS[entry.kind]
    first = f"{getattr(look.glyphs, sign)} {word}"
    facts = list(_file_facts(entry.media)) if entry.media else list(_other_facts(entry))
    name = clean(entry.media.name) if entry.media else EMPTY
    spent = cell_len(first) + sum(cell_len(fact) + 2 for fact in facts)
    pieces: list[Piece] = [(first, Ink.WORD)]
    if name and room - spent - 2 >= 6:
        pieces.append((f"  {look.row(name, room - spent - 2)}", Ink.DIM))
    pieces += [(f"  {look.row(Safe(fact), room)}", Ink.DIM) for fact in facts]
    return Inner(_cut(pieces, room))


def _cut(pieces: Sequence[Piece], room: int) -> tuple[Piece, ...]:
    kept: list[Piece] = []
    for text, ink in pieces:
        room -= cell_len(text)
        if room < 0 and kept:
            break
        kept.append((text, ink))
    return tuple(kept)


def _file_facts(media: "MediaFacts") -> Iterator[str]:
    if media.size is not None:
        yield size_words(media.size)
    match media.state:
        case MediaState.READY:
            yield "v opens"
        case MediaState.PENDING:
            yield "on its way"
        case MediaState.REFUSED:
            yield f"not fetched: {clean(media.reason)}" if media.reason else "not fetched"
        case MediaState.GONE:
            yield "no longer kept"


def _other_facts(entry: "Entry") -> Iterator[str]:
    content = entry.content
    if entry.kind is Kind.CALL and content is not None:
        yield "theirs" if getattr(content, "inbound", True) else "ours"
        yield clean(content.preview())
    elif entry.kind is Kind.UNSUPPORTED:
        yield clean(getattr(content, "type", ""))
        yield "look on the phone"


def size_words(size: int) -> str:
    """`812 B`, `184 KB`, `2.4 MB`."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size // 1024} KB"
    return f"{size / 1024 / 1024:.1f} MB"


# -- how far it came ----------------------------------------------------------------------------


def _doubts(entry: "Entry", room: int, look: Look, told: Told) -> Iterator[Inner]:
    """States that need a sentence and a next step."""
    g = look.glyphs
    if entry.delivery is Delivery.HELD:
        back = "esc u takes it back" if told.writing else "u takes it back"
        yield from _sentence(f"{g.clock} leaves in {_left(entry, told)} s;", back, room, look)
    elif entry.delivery is Delivery.FAILED:
        yield from _sentence(f"{g.failed} failed:", _why(entry), room, look)
    elif entry.delivery is Delivery.UNCONFIRMED and not entry.author:
        yield from _sentence(f"{g.unconfirmed} unconfirmed", "– it is not said again", room, look)
    elif entry.delivery is Delivery.UNCONFIRMED:
        when = look.clock(entry.delivery_at or entry.at)
        may = "it may have arrived. enter: resend (may arrive twice), it arrived, leave"
        yield from _sentence(f"{g.unconfirmed} unconfirmed {when}", f"– {may}", room, look)
    elif entry.delivery is Delivery.LEFT:
        yield from _sentence(f"{g.unconfirmed} unconfirmed", "– left as it is", room, look)
    if entry.twice:
        yield from _sentence("delivered twice", "", room, look)
    if entry.order_unsure:
        yield from _sentence("order not certain", "", room, look)


def _left(entry: "Entry", told: Told) -> int:
    """Whole seconds until a held message leaves, never below one."""
    if entry.leaves_at is None:
        return 1
    return max(1, -(-(entry.leaves_at - told.now) // timedelta(seconds=1)))


def _why(entry: "Entry") -> str:
    if entry.failure is None:
        return "WhatsApp gave no reason"
    reason, step = clean(entry.failure.reason), clean(entry.failure.next_step)
    return f"{reason} – {step}" if step else reason


def _sentence(first: str, rest: str, room: int, look: Look) -> Iterator[Inner]:
    """Words that begin bold and go on over as many rows as they need."""
    text = Safe(" ".join(f"{first}  {rest}".split()) if rest else first)
    for line in look.layout(text, room).lines:
        if line.text.startswith(first):
            yield Inner(((first, Ink.WORD), (line.text[len(first) :], Ink.TEXT)))
        else:
            yield Inner(((line.text, Ink.TEXT),), line.rtl)


def _meta(entry: "Entry", room: int, look: Look, told: Told) -> list[Inner]:
    """Who, when and how far it came: one row, or more where a bubble is too narrow for it."""
    words = [*_author(entry, told).split(), *_times(entry, look).split()]
    if entry.edited_at:
        words.append("edited")
    if entry.revoked_at:
        words.append(f"deleted {look.clock(entry.revoked_at)}")
    if entry.delivery is not None:
        words.append(_tick(entry.delivery, look.glyphs))
    rows = [""]
    for word in words:
        fuller = f"{rows[-1]} {word}".lstrip()
        if cell_len(fuller) <= room or not rows[-1]:
            rows[-1] = fuller
        else:
            rows.append(word)
    return [Inner(((look.row(Safe(row), room), Ink.DIM),)) for row in rows]


def _author(entry: "Entry", told: Told) -> str:
    me = told.desk.me.id if told.desk.me else ""
    if entry.direction is Direction.IN:
        return clean(entry.author_name) if told.group else ""
    if not entry.author:
        return _automatic(entry)
    return "" if entry.author == me else clean(entry.author_name or entry.author)


def _automatic(entry: "Entry") -> str:
    """That nobody of us said it, and what made it."""
    rule = clean(entry.auto.replace("_", " "))
    return f"automatic, {rule}" if rule else "automatic"


def _times(entry: "Entry", look: Look) -> str:
    if entry.direction is Direction.IN and entry.arrived_at - entry.at > LATE:
        return f"sent {look.clock(entry.at)}, reached us {look.clock(entry.arrived_at)}"
    return look.clock(entry.at)


def _tick(delivery: Delivery, g: Glyphs) -> str:
    match delivery:
        case Delivery.QUEUED:
            return f"{g.clock} queued"
        case Delivery.SENDING:
            return f"{g.cut} sending"
        case Delivery.ACCEPTED | Delivery.SENT:
            return f"{g.tick} {delivery}"
        case Delivery.DELIVERED | Delivery.READ | Delivery.PLAYED:
            return f"{g.ticks} {delivery}"
        case Delivery.WITHDRAWN:
            return "taken back"
        case Delivery.HELD | Delivery.FAILED | Delivery.UNCONFIRMED | Delivery.LEFT:
            return ""  # a sentence of its own says it


def _reactions(reactions: "Sequence[Reaction]", look: Look, told: Told) -> Inner:
    pieces: list[Piece] = []
    for reaction in reactions[:6]:
        if pieces:
            pieces.append(("   ", Ink.DIM))
        pieces.append((look.row(clean(reaction.emoji), 4), Ink.TEXT))
        pieces.append((f"  {look.row(_by(reaction, told), 20)}", Ink.DIM))
    return Inner(tuple(pieces))


def _by(reaction: "Reaction", told: Told) -> Safe:
    if not reaction.by:
        return clean(reaction.name) or Safe("customer")
    me = told.desk.me.id if told.desk.me else ""
    return Safe("you") if reaction.by == me else agent_name(reaction.by, told.desk)


# -- what is no bubble --------------------------------------------------------------------------


def _note(entry: "Entry", width: int, look: Look, hand: Hand) -> list[Strip]:
    """Dashed and slanted, with words that say who sees it: never to be taken for something sent."""
    room = max(1, min(WIDEST, width - 2 * MARGIN) - 2)
    who = clean(entry.author_name or entry.author) or _automatic(entry)
    told = Safe(f"{who} {look.clock(entry.at)}, only the team sees this")
    word = f"{look.glyphs.pencil} note  "
    head = Inner(((word, Ink.WORD), (look.row(told, room - cell_len(word)), Ink.DIM)))
    rows = [head, *_lines(clean(entry.text), room, look, Ink.NOTE)]
    inner = max(row.width for row in rows)
    return [_note_row(row, inner, width, look, hand) for row in rows]


def _note_row(row: Inner, inner: int, width: int, look: Look, hand: Hand) -> Strip:
    band = Band(look, width)
    if hand.here:
        band.put(0, look.glyphs.cursor, Ink.ACCENT if hand.focused else Ink.FILL)
    band.put(MARGIN, look.glyphs.dashed, Ink.FILL)
    _put(band, MARGIN + 2 + (inner - row.width if row.rtl else 0), row)
    return band.strip()


def _event(entry: "Entry", width: int, look: Look) -> list[Strip]:
    """When and what, below each other where it takes more than a row: the end of such a sentence
    says until when, or by whom."""
    at = look.clock(entry.at)
    x = MARGIN + cell_len(at) + 2
    text = Safe(" ".join(clean(entry.text).split()))
    strips = []
    for n, line in enumerate(look.layout(text, width - MARGIN - x).lines[:EVENT_ROWS]):
        band = Band(look, width)
        band.put(MARGIN, "" if n else at, Ink.DIM)
        band.put(x, line.text, Ink.DIM)
        strips.append(band.strip())
    return strips
