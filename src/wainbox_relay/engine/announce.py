"""What a batch came to, as events: one for each conversation that changed, one for all ticks."""

from collections.abc import Iterable
from typing import Any

import msgspec

from wainbox_relay.contract.filters import Facets
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.vocabulary import ConversationId, Delivery, Moment
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent, Conversation, Desk, Entry, Number
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.engine import present, refs
from wainbox_relay.engine.folding import Moved, Slice
from wainbox_relay.engine.present import Around
from wainbox_relay.ports import StoredEvent


def events(slice_: Slice, seq: int, now: Moment) -> list[StoredEvent]:
    """Everything to tell about a slice, numbered after `seq`."""
    told: list[StoredEvent] = []
    for body, conversation in _bodies(slice_, now):
        seq += 1
        encoded = msgspec.json.encode({**body, "seq": seq})
        told.append(StoredEvent(seq, now, str(body["type"]), conversation, encoded))
    return told


def _bodies(slice_: Slice, now: Moment) -> Iterable[tuple[dict[str, Any], ConversationId | None]]:
    unclaimed, names = slice_.desk.unclaimed, slice_.names()
    for conversation, before, entries in slice_.touched():
        if conversation.number in unclaimed:
            continue
        yield _card(slice_, conversation, before, entries, names), conversation.id
    ticks = [_tick(moved) for entry, moved in slice_.moved.items() if slice_.only_ticked(entry)]
    if ticks:
        yield {"type": "deliveries", "moved": ticks}, None
    for agent in slice_.out.agents.values():
        body = agent_badge(agent, slice_.desk, now)
        yield {"type": "agent", "agent": body, "gone": _gone(agent)}, None
    for number in slice_.out.numbers.values():
        if number.claimed:
            yield {"type": "number", "number": badge(number)}, None
    for code, sentence in slice_.notices:
        yield {**_notice(code, sentence), "at": present.instant(now)}, None


def agent_badge(agent: Agent, desk: Desk, now: Moment) -> dict[str, Any]:
    """`views.AgentBadge`, by hand."""
    moves = eligibility.shift_moves(agent, desk, now)
    return {
        "id": agent.id,
        "name": agent.name,
        "role": agent.role,
        "teams": sorted(agent.teams),
        "presence": agent.presence,
        "until": None if agent.until is None else present.instant(agent.until),
        "load": eligibility.load(desk, agent.id).open,
        "capacity": eligibility.capacity(agent, desk.policy.routing),
        "on_shift": eligibility.on_shift(agent, desk, now),
        "shift_until": None if moves is None else present.instant(moves),
        "topics": sorted(agent.topics),
        "languages": sorted(agent.languages),
        "vip": agent.vip,
    }


def badge(number: Number) -> dict[str, Any]:
    return {"id": number.id, "name": number.name, "phone": number.phone, "paused": number.paused}


def _notice(code: str, sentence: str) -> dict[str, Any]:
    return {"type": "notice", "code": code, "sentence": clean(sentence), "until_cleared": False}


def _gone(agent: Agent) -> bool:
    return agent.revoked_at is not None


def _card(
    slice_: Slice,
    conversation: Conversation,
    before: Facets | None,
    entries: Iterable[Entry],
    names: Around,
) -> dict[str, Any]:
    customer = slice_.customer_of(conversation)
    around = replace(names, ref=refs.shown(conversation.ref))
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
