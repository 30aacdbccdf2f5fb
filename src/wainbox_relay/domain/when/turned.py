"""A conversation that a story has turned, on its way through the rules that follow from it."""

from dataclasses import dataclass

from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation, Customer, Entry
from wainbox_relay.domain.outcome import Change, Wish


@dataclass(frozen=True, slots=True)
class Turned:
    """`before` is None where the conversation begins now. `story` names what the story has told,
    `lines`, `entries` and `wishes` are what the rules add to it."""

    before: Conversation | None
    after: Conversation
    customer: Customer | None
    story: tuple[Change, ...] = ()
    lines: tuple[Change, ...] = ()
    entries: tuple[Entry, ...] = ()
    wishes: tuple[Wish, ...] = ()

    def to(
        self,
        after: Conversation,
        *lines: Change,
        entries: tuple[Entry, ...] = (),
        wishes: tuple[Wish, ...] = (),
        customer: Customer | None = None,
    ) -> "Turned":
        """One rule further."""
        return replace(
            self,
            after=after,
            customer=customer or self.customer,
            lines=(*self.lines, *lines),
            entries=(*self.entries, *entries),
            wishes=(*self.wishes, *wishes),
        )

    @property
    def heard(self) -> bool:
        """Whether the customer has said something new, and not only what we knew once more."""
        return self.before is None or self.after.last_in != self.before.last_in

    def told(self, *kinds: type[Change]) -> bool:
        """Whether the story says one of these things."""
        return any(isinstance(change, kinds) for change in self.story)
