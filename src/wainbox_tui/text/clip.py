"""Cutting text to the room there is, in the order it is read; `layout` says how it is drawn."""

from wainbox_relay.contract.safe import Safe, clean
from wainbox_tui.text.clusters import clusters, shown
from wainbox_tui.text.line import CUT, cut, glyphs

MOST_CHARACTERS = 8_192
"""Drawn of one message, twice what WhatsApp lets a shop send; copying gives all of it."""


def clip(text: Safe, room: int) -> Safe:
    """The text in at most `room` cells, with `…` where something is missing, and with no more marks
    on a letter than it can carry."""
    if text.isascii() and len(text) <= room:
        return text
    letters = clusters(text[:MOST_CHARACTERS])
    return Safe(
        "".join(glyph.text for glyph in cut(glyphs(letters, map(shown, letters), 0, room), room))
    )


def one_line(text: Safe) -> Safe:
    """The text with every line end and run of blanks as one blank."""
    return Safe(" ".join(text[:MOST_CHARACTERS].split()))


def capped(text: Safe) -> Safe:
    """What of a message is drawn at all, cleaned once more."""
    if len(text) <= MOST_CHARACTERS:
        return clean(text)
    return Safe(clean(text[: MOST_CHARACTERS - len(CUT)]) + CUT)
