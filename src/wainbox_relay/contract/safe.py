"""Text that cannot act on a terminal.

Whatever a customer, a shop or a colleague wrote passes `clean` where a view is made and again where
it is drawn. Only what acts is dropped: control characters, direction overrides, tags; never words.
"""

import re
from typing import NewType

Safe = NewType("Safe", str)
"""Text that has passed `clean`. Widgets take nothing else."""

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_ACTING = re.compile(
    "["
    "\x00-\x09\x0b-\x1f"  # C0 but the newline
    "\x7f-\x9f"  # DEL and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction
    "\u2028\u2029"
    "\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff"  # invisible
    "\ufff9-\ufffb"
    "\U000e0000-\U000e007f"  # tags
    "\ud800-\udfff"  # halves of characters
    "]"
)
_JOINERS = re.compile(f"[{_ZWNJ}{_ZWJ}]")
_LINE_ENDS = {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\t": "    "}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> Safe:
    """The text without anything that acts; the same again when cleaned twice."""
    if not _ACTING.search(text):
        return Safe(_lone_joiners_dropped(text))
    text = text.replace("\r\n", "\n")
    text = _ACTING.sub(lambda found: _LINE_ENDS.get(found[0], ""), text)
    return Safe(_lone_joiners_dropped(text))


def _lone_joiners_dropped(text: str) -> str:
    """Joiners stay between letters and within emoji; elsewhere they only hide things."""
    if not _JOINERS.search(text):
        return text
    kept: list[str] = []
    for index, character in enumerate(text):
        if character in (_ZWNJ, _ZWJ):
            before = kept[-1] if kept else ""
            after = text[index + 1 : index + 2]
            if not (_joinable(before) and _joinable(after)):
                continue
        kept.append(character)
    return "".join(kept)


def _joinable(character: str) -> bool:
    return character > "\u02ff" and not character.isspace() and not _JOINERS.match(character)


def outgoing(text: str) -> str:
    """What goes to WhatsApp: as typed, without control characters."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\t", "    "))


def scrub(text: str) -> str:
    """What can be stored anywhere: without NUL and halves of characters."""
    return _UNSTORABLE.sub("", text) if _UNSTORABLE.search(text) else text
