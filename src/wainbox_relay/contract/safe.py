"""Text that cannot act on a terminal.

Whatever a customer, a shop or a colleague wrote passes `clean` where a view is made and again where
it is drawn. Only what acts is dropped: control characters, direction overrides, tags; never words.
"""

import re
from typing import NewType
from unicodedata import category

Safe = NewType("Safe", str)
"""Text that has passed `clean`. Widgets take nothing else."""

_ACTS = (
    "\x00-\x09\x0b-\x1f"  # C0 but the newline
    "\x7f-\x9f"  # DEL and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\u2028\u2029"
    "\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # invisible
    "\ufff9-\ufffb"
    "\U000e0000-\U000e007f"  # tags
    "\ud800-\udfff"  # halves of characters
)
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_ACTING = re.compile(f"[{_ACTS}]")
_ATTACHED = re.compile(f"[{_JOINERS}{_SELECTORS}]")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_UNUSUAL = re.compile(f"[{_ACTS}{_JOINERS}{_SELECTORS}]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BECOMES = dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n") | {"\t": "    "}


def clean(text: str) -> Safe:
    """The text without anything that acts; the same again when cleaned twice."""
    if not _UNUSUAL.search(text):
        return Safe(text)
    text = _ACTING.sub(_instead, text.replace("\r\n", "\n"))
    return Safe(_with_fitting_marks(text) if _ATTACHED.search(text) else text)


def _instead(found: re.Match[str]) -> str:
    return _BECOMES.get(found[0], "")


def _with_fitting_marks(text: str) -> str:
    """Joiners stay between letters and within emoji, one selector after the character it varies;
    elsewhere they only hide things, or carry what nobody sees."""
    pieces: list[str] = []
    before, last = "", 0
    for found in _ATTACHED.finditer(text):
        place = found.start()
        if last < place:
            pieces.append(text[last:place])
            before = text[place - 1]
        if _fits(found[0], before, text[place + 1 : place + 2]):
            pieces.append(found[0])
            before = found[0]
        last = place + 1
    return "".join([*pieces, text[last:]])


def _fits(attached: str, before: str, after: str) -> bool:
    if attached not in _JOINERS:
        return _varies(before)
    return _joinable(before) and _joinable(after) and not _SELECTOR.match(after)


def _joinable(character: str) -> bool:
    """Letters and marks beyond Latin, and what emoji are put together of."""
    if character <= "\u02ff":
        return False
    kind = category(character)
    return kind[0] in "LM" or kind in ("So", "Sk", "Sm")


def _varies(character: str) -> bool:
    return character > " " and category(character)[0] in "LNPS"


def outgoing(text: str) -> str:
    """What goes to WhatsApp: as typed, without control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _CONTROLS.sub("", text)


def scrub(text: str) -> str:
    """What can be stored anywhere: without NUL and halves of characters."""
    return _UNSTORABLE.sub("", text) if _UNSTORABLE.search(text) else text
