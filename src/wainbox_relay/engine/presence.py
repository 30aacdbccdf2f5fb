"""Who is here, who looks at which conversation, who is writing. Kept in memory for 45 seconds; only
coming and going are facts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wainbox_relay.contract.events import PresencePost, Viewing
from wainbox_relay.contract.vocabulary import HOUR, SECOND, AgentId, ConversationId, Moment
from wainbox_relay.engine.stream import PassingEvent

KEPT = 45 * SECOND
DRAFTS_KEPT = HOUR


@dataclass(slots=True)
class _Terminal:
    agent: AgentId
    conversation: ConversationId | None
    composing: bool
    at: Moment


class PresenceBoard:
    """`tell` hears of every conversation whose viewers changed."""

    def __init__(self, tell: Callable[[PassingEvent], None], kept: int = KEPT) -> None:
        self._tell = tell
        self._kept = kept
        self._terminals: dict[str, _Terminal] = {}
        self._wrote: dict[tuple[AgentId, ConversationId], Moment] = {}
        """Who last wrote where, and when; kept for as long as a draft counts."""

    def post(self, agent: AgentId, post: PresencePost, now: Moment) -> None:
        """A terminal says where it stands."""
        key = f"{agent} {post.terminal}"
        before = self._terminals.get(key)
        after = _Terminal(agent, post.conversation, post.composing, now)
        self._terminals[key] = after
        if post.composing and post.conversation is not None:
            self._wrote[agent, post.conversation] = now
        moved = {t.conversation for t in (before, after) if t is not None}
        same = before and (before.conversation, before.composing) == (
            after.conversation,
            after.composing,
        )
        if not same:
            self._announce(moved)

    def leave(self, agent: AgentId) -> None:
        """An agent's last stream ended."""
        self._forget(key for key, t in self._terminals.items() if t.agent == agent)

    def sweep(self, now: Moment) -> None:
        """Forgets terminals that fell silent."""
        self._forget(key for key, t in self._terminals.items() if now - t.at > self._kept)
        old = [key for key, at in self._wrote.items() if now - at > DRAFTS_KEPT]
        for key in old:
            del self._wrote[key]

    def wrote(self, agent: AgentId, conversation: ConversationId) -> Moment:
        """When they last had a draft under their hands there; 0 when not lately."""
        return self._wrote.get((agent, conversation), Moment(0))

    def _forget(self, keys: Iterable[str]) -> None:
        gone = [self._terminals.pop(key) for key in list(keys)]
        self._announce({terminal.conversation for terminal in gone})

    def viewing(self, conversation: ConversationId) -> Viewing:
        here = [t for t in self._terminals.values() if t.conversation == conversation]
        return Viewing(
            conversation=conversation,
            agents=tuple(sorted({t.agent for t in here})),
            composing=tuple(sorted({t.agent for t in here if t.composing})),
        )

    def _announce(self, conversations: Iterable[ConversationId | None]) -> None:
        for conversation in conversations:
            if conversation is not None:
                body = self.viewing(conversation).model_dump_json().encode()
                self._tell(PassingEvent("viewing", body))

    def present(self) -> frozenset[AgentId]:
        return frozenset(t.agent for t in self._terminals.values())
