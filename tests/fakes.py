"""Small stand-ins that remember: the outside world as tests want it."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from wainbox_relay.contract.views import Template
from wainbox_relay.contract.vocabulary import SECOND, Moment, NumberId, Wamid
from wainbox_relay.domain.model import Failure
from wainbox_relay.ports import Download, Item, Outgoing, Refused, SentAs, TryLater, Unsure
from wainbox_relay.whatsapp.read import Reader


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: int = 1_795_000_000 * SECOND) -> None:
        self.moment = now

    def now(self) -> Moment:
        return Moment(self.moment)

    def pass_seconds(self, seconds: float) -> None:
        self.moment += int(seconds * SECOND)


@dataclass
class FakeWhatsApp:
    """Reads webhooks for real and remembers what was sent. `plan` holds what the next sends come
    to: an exception to raise, or None to accept."""

    sent: list[Outgoing] = field(default_factory=list)
    reads: list[Wamid] = field(default_factory=list)
    reactions: list[tuple[Wamid, str]] = field(default_factory=list)
    blocks: list[tuple[str, bool]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    plan: deque[Exception | None] = field(default_factory=deque)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fetch_plan: deque[Exception | None] = field(default_factory=deque)
    _reader: Reader = field(default_factory=Reader)

    def __post_init__(self) -> None:
        self.gate.set()

    def accepts(self, body: bytes, signature: str | None) -> bool:
        return signature == "good"

    def read(self, body: bytes, arrived_at: Moment) -> Iterable[Item]:
        return self._reader.read(body, arrived_at)

    async def send(self, outgoing: Outgoing) -> SentAs:
        self.sent.append(outgoing)
        await self.gate.wait()
        trouble = self.plan.popleft() if self.plan else None
        if trouble is not None:
            raise trouble
        return SentAs(Wamid(f"wamid.out.{outgoing.opaque}"), outgoing.phone)

    async def react(self, outgoing: Outgoing, target: Wamid, emoji: str) -> None:
        self.reactions.append((target, emoji))

    async def tell_read(self, number: NumberId, wamid: Wamid, *, typing: bool = False) -> None:
        self.reads.append(wamid)

    async def block(self, number: NumberId, user: str, *, blocked: bool) -> None:
        self.blocks.append((user, blocked))
        await self.gate.wait()
        trouble = self.plan.popleft() if self.plan else None
        if trouble is not None:
            raise trouble

    async def fetch(self, number: NumberId, media_id: str, sha256: str) -> Download:
        self.fetched.append(media_id)
        trouble = self.fetch_plan.popleft() if self.fetch_plan else None
        if trouble is not None:
            raise trouble
        return Download("ab" * 32, "image/png", 68)

    async def upload(self, number: NumberId, name: str, mime: str, data: bytes) -> str:
        return "4711"

    async def templates(self, account: str) -> list[Template]:
        return []


def later(code: int = 131016, after: int | None = None) -> TryLater:
    return TryLater(Failure(code, "not now", "It is tried again."), after)


def no(code: int = 131026, pause: str = "") -> Refused:
    return Refused(Failure(code, "no", "Call them."), pause)


def unsure() -> Unsure:
    return Unsure()
