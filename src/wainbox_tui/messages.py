"""What widgets tell the app. A widget never acts on the relay: it posts one of these.

Textual keeps some names of a message for itself; fields are called `id`, `entry`, `text`, `key`...
"""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class RowsWanted(Message):
    """Rows `first` to `last` of the queue (both included) are on the screen and not loaded."""

    first: int
    last: int


@dataclass
class Highlighted(Message):
    """The queue's cursor moved onto a conversation."""

    id: int


@dataclass
class Opened(Message):
    """The agent wants a conversation of the queue in the middle pane."""

    id: int


@dataclass
class OlderWanted(Message):
    """The thread was scrolled to its oldest loaded entry, and the relay has older ones."""

    id: int
    entry: int


@dataclass
class EntrySelected(Message):
    """The thread's cursor moved onto an entry; None when it left the entries."""

    entry: int | None


@dataclass
class EntryChosen(Message):
    """Enter was pressed on an entry of the thread."""

    entry: int


@dataclass
class Sent(Message):
    """Enter in the composer: `text` goes to conversation `id`, the one the composer is bound to.
    `mode` is `reply` or `note`."""

    id: int
    mode: str
    text: str


@dataclass
class HurryWanted(Message):
    """Enter in the empty composer of conversation `id`: a held message may leave at once."""

    id: int


@dataclass
class TemplateWanted(Message):
    """The composer is asked for a canned reply or, with the window shut, for a template."""

    id: int


@dataclass
class DraftChanged(Message):
    """What stands in the composer of conversation `id` changed; empty text drops the draft.
    `typed` is whether a key did it."""

    id: int
    mode: str
    text: str
    typed: bool = False


@dataclass
class Chosen(Message):
    """A row of a picker, a key of the going bar, or an answer to a prompt was chosen. `purpose`
    is what the question was asked for."""

    purpose: str
    key: str


@dataclass
class Answered(Message):
    """A line was typed into a prompt and entered."""

    purpose: str
    text: str


@dataclass
class Cancelled(Message):
    """A prompt, picker or going bar was left without an answer."""

    purpose: str


@dataclass
class Typed(Message):
    """The line of a prompt changed; whoever asked may echo how it is read."""

    purpose: str
    text: str
