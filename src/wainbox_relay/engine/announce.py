"""What a batch came to, as events: one for each conversation that changed, one for all ticks."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.vocabulary import AgentId, ConversationId, Delivery, Moment
from wainbox_relay.domain.model import Agent, Conversation, Entry, Number
from wainbox_relay.engine import present
from wainbox_relay.engine.folding import Moved, Slice
from wainbox_relay.ports import StoredEvent


class Announcer:
    """Renders events. `load` says how many open conversations an agent holds."""

    def __init__(self, load: Callable[[AgentId], int] = lambda _: 0) -> None:
        self.load = load

    def events(self, slice_: Slice, seq: int, now: Moment) -> list[StoredEvent]:
        """Everything to tell about a slice, numbered after `seq`."""
        events: list[StoredEvent] = []
        for body, conversation in self._bodies(slice_, now):
            seq += 1
            encoded = msgspec.json.encode({**body, "seq": seq})
            events.append(StoredEvent(seq, now, str(body["type"]), conversation, encoded))
        return events

    def _bodies(
        self, slice_: Slice, now: Moment
    ) -> Iterable[tuple[dict[str, Any], ConversationId | None]]:
        unclaimed = slice_.desk.unclaimed
        for conversation, before, entries in slice_.touched():
            if conversation.number in unclaimed:
                continue
            yield _card(slice_, conversation, before, entries), conversation.id
        ticks = [_tick(moved) for entry, moved in slice_.moved.items() if slice_.only_ticked(entry)]
        if ticks:
            yield {"type": "deliveries", "moved": ticks}, None
        for agent in slice_.out.agents.values():
            yield {"type": "agent", "agent": self._badge(agent), "gone": _gone(agent)}, None
        for number in slice_.out.numbers.values():
            if number.claimed:
                yield {"type": "number", "number": badge(number)}, None
        for code, sentence in slice_.notices:
            yield {**_notice(code, sentence), "at": present.instant(now)}, None

    def _badge(self, agent: Agent) -> dict[str, Any]:
        return {
            "id": agent.id,
            "name": agent.name,
            "role": agent.role,
            "teams": sorted(agent.teams),
            "presence": agent.presence,
            "load": self.load(agent.id),
        }


def badge(number: Number) -> dict[str, Any]:
    return {"id": number.id, "name": number.name, "phone": number.phone, "paused": number.paused}


def _notice(code: str, sentence: str) -> dict[str, Any]:
    return {"type": "notice", "code": code, "sentence": clean(sentence), "until_cleared": False}


def _gone(agent: Agent) -> bool:
    return agent.revoked_at is not None


def _card(
    slice_: Slice, conversation: Conversation, before: Facets | None, entries: Iterable[Entry]
) -> dict[str, Any]:
    customer = slice_.customer_of(conversation)
    around = slice_.around(conversation)
    return {
        "type": "card",
        "conversation": conversation.id,
        "version": conversation.version,
        "before": None if before is None else present.facets(before),
        "after": present.facets(conversation.facets),
        "card": present.card(conversation, customer, slice_.thread_of(conversation)),
        "entries": [present.entry(entry, around) for entry in entries],
    }


def _tick(moved: Moved) -> dict[str, Any]:
    mark = moved.mark
    return {
        "conversation": mark.conversation,
        "entry": mark.entry,
        "delivery": Delivery(mark.delivery),
        "at": present.instant(mark.delivery_at),
        "failure": None,
    }
