"""What the web side is given by the composition root."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from wainbox_relay.clock import Clock
from wainbox_relay.config import Settings
from wainbox_relay.contract.filters import Filter, Viewer
from wainbox_relay.contract.views import Card, CostLine, CustomerPanel, Reason, Template
from wainbox_relay.contract.vocabulary import EntryId, Moment, NumberId
from wainbox_relay.domain.model import Agent, Media
from wainbox_relay.engine.bulk import Bulks
from wainbox_relay.engine.counts import CountBoard
from wainbox_relay.engine.door import Door
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.engine.intake import Intake
from wainbox_relay.engine.presence import PresenceBoard
from wainbox_relay.engine.replies import Replies
from wainbox_relay.engine.rota_board import RotaBoard
from wainbox_relay.engine.shifts import Shifts
from wainbox_relay.engine.staff import Staff
from wainbox_relay.engine.stream import Stream
from wainbox_relay.engine.tokens import Tokens
from wainbox_relay.gauges import Gauges, Readings
from wainbox_relay.ports import Quarantined, WhatsApp
from wainbox_relay.web.webhook import Handshake

Key = tuple[int, int]


class MediaOf(Protocol):
    """The file of an entry and the name its sender gave it."""

    @property
    def media(self) -> Media: ...
    @property
    def name(self) -> str: ...


class Reads(Protocol):
    """What screens read. Methods that end in `_json` give a body ready for the wire."""

    async def page_json(
        self,
        wanted: Filter,
        viewer: Viewer,
        *,
        after: Key | None = None,
        before: Key | None = None,
        offset: int | None = None,
        from_end: bool = False,
        limit: int = 100,
    ) -> bytes: ...
    async def thread_json(
        self,
        ref: int,
        *,
        before: tuple[Moment, int] | None = None,
        limit: int = 50,
        around: EntryId | None = None,
    ) -> bytes | None: ...
    async def card(self, ref: int) -> Card | None: ...
    async def customer(self, ref: int) -> CustomerPanel | None: ...
    async def why(self, ref: int) -> tuple[Reason, ...] | None: ...
    async def entry_media(self, entry: EntryId) -> MediaOf | None: ...
    async def place_of(self, entry: EntryId) -> tuple[Moment, int] | None: ...
    async def cost(self, since: Moment, until: Moment) -> Sequence[CostLine]: ...
    async def quarantined(self, limit: int = 100) -> Sequence[Quarantined]: ...


@dataclass(frozen=True, slots=True)
class Services:
    """`typing` shows a customer that an agent is writing; `templates` are the approved ones of a
    number; `media` is where a file lies, by its digest; `readings` are looked up for metrics;
    `trouble` says in sentences why the relay cannot do its work, and is empty when it can;
    `stopping` is set when the relay is about to end."""

    settings: Settings
    clock: Clock
    inbox: Inbox
    intake: Intake
    door: Door
    stream: Stream
    presence: PresenceBoard
    counts: CountBoard
    tokens: Tokens
    staff: Staff
    rota: RotaBoard
    shifts: Shifts
    replies: Replies
    bulks: Bulks
    reads: Reads
    whatsapp: WhatsApp
    handshake: Handshake
    templates: Callable[[NumberId], Awaitable[Sequence[Template]]]
    typing: Callable[[Agent, str], Awaitable[None]]
    media: Callable[[str], Path]
    readings: Callable[[], Awaitable[Readings]]
    trouble: Callable[[], Awaitable[Sequence[str]]]
    gauges: Gauges = field(default_factory=Gauges)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
