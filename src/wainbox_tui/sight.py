"""What the agent had before them when Enter was pressed; pure.

Customers send six short lines, so one that has been on the screen for a second stops nothing. A
colleague's message that came while a reply was being written always does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wainbox_relay.contract.vocabulary import Direction

if TYPE_CHECKING:
    from wainbox_relay.contract.views import Entry

LONG_ENOUGH = 1.0


@dataclass(slots=True)
class Sight:
    """Times are seconds of any steady clock. `opened_with` is the newest entry that was there when
    the conversation was opened, `began` when the reply in hand was begun."""

    conversation: int = 0
    opened_with: int = 0
    began: float | None = None
    since: dict[int, float] = field(default_factory=dict)

    def open(self, conversation: int, entries: "Iterable[Entry]") -> None:
        """Another conversation is before them; what it holds counts as seen."""
        self.conversation, self.began = conversation, None
        self.opened_with = max((entry.id for entry in entries), default=0)
        self.since.clear()

    def painted(self, entries: "Iterable[Entry]", at: float) -> None:
        for entry in entries:
            if entry.id > self.opened_with:
                self.since.setdefault(entry.id, at)

    def writes(self, at: float, *, empty: bool) -> None:
        """The reply changed."""
        if empty:
            self.began = None
        elif self.began is None:
            self.began = at

    def newest(self, entries: "Iterable[Entry]", me: str, at: float) -> int | None:
        """The message up to which everything was seen."""
        newest = self.opened_with
        for entry in sorted(entries, key=lambda entry: entry.id):
            if entry.id > newest and self._missed(entry, me, at):
                break
            newest = max(newest, entry.id)
        return newest or None

    def _missed(self, entry: "Entry", me: str, at: float) -> bool:
        since = self.since.get(entry.id, at)
        if entry.direction is Direction.IN:
            return since > at - LONG_ENOUGH
        colleagues = entry.direction is Direction.OUT and entry.author != me
        return colleagues and since >= (at if self.began is None else self.began)
