"""What cannot wait until morning: certain topics, certain words, certain people (`[urgency]` in
`docs/config.md`)."""

from dataclasses import dataclass, field

from wainbox_relay.domain.rules.wording import Phrases


@dataclass(frozen=True, slots=True)
class Urgency:
    topics: frozenset[str] = frozenset()
    words: Phrases = field(default_factory=Phrases)
    vip: bool = False

    def why(self, topic: str, text: str, *, vip: bool) -> str:
        """In a word why it is urgent; empty when it is not."""
        if topic and topic in self.topics:
            return "topic"
        if self.words.found_in(text):
            return "words"
        return "vip" if self.vip and vip else ""
