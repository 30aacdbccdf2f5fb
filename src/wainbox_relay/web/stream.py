"""The event stream: Server-Sent Events, many to a socket write (`docs/design.md` section 7).

The cost of a stream is its writes, so what was gathered in a slice of time goes out as one. What
has a place in the stream bears it as `id`; beats and other passing events have none. A reader that
stops reading is cut by the listener and told to start over when it comes back.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wainbox_relay.contract.events import Beat
from wainbox_relay.contract.vocabulary import SECOND, Moment
from wainbox_relay.engine.stream import (
    PassingEvent,
    StreamEvent,
    Subscription,
    reload_event,
)

RETRY_MS = 1000
Redact = Callable[[str, bytes], bytes]


def frame(events: Sequence[StreamEvent]) -> bytes:
    """Events as they go over the wire. Their bodies are JSON, which holds no line break."""
    parts: list[bytes] = []
    for event in events:
        mark = b"" if event.seq is None else b"\nid: %d" % event.seq
        parts += (b"event: ", event.kind.encode(), mark, b"\ndata: ", event.body, b"\n\n")
    return b"".join(parts)


def resume_point(text: str | None) -> int | None:
    """The event a reader has already. Raises `ValueError` for what is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError("An event's id is a number.")
    return int(text)


class EventStream(Response):
    """Sends a subscription until it ends, the reader leaves or the relay stops."""

    media_type = "text/event-stream"

    def __init__(
        self,
        subscription: Subscription,
        beat: Callable[[], bytes],
        beat_seconds: float,
        stopping: asyncio.Event,
        redact: Redact | None = None,
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._subscription = subscription
        self._beat = beat
        self._beat_seconds = beat_seconds
        self._stopping = stopping
        self._redact = redact

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        with self._subscription:
            await _write(send, b"retry: %d\n\n" % RETRY_MS + self._beat())
            async with asyncio.TaskGroup() as group:
                ends = [
                    group.create_task(self._tell(send)),
                    group.create_task(_gone(receive)),
                    group.create_task(_set(self._stopping)),
                ]
                beats = group.create_task(self._keep_beating(send))
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                for task in (*ends, beats):
                    task.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _tell(self, send: Send) -> None:
        async for events in self._subscription:
            await _write(send, frame(self._seen(events)))

    def _seen(self, events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
        if self._redact is None:
            return events
        return [_redacted(event, self._redact) for event in events]

    async def _keep_beating(self, send: Send) -> None:
        while True:
            await asyncio.sleep(self._beat_seconds)
            await _write(send, self._beat())


class Told(Response):
    """A stream of one event: why there is no other."""

    media_type = "text/event-stream"

    def __init__(self, reason: str) -> None:
        super().__init__(frame([reload_event(reason)]), headers={"Cache-Control": "no-store"})


def beat(now: Moment, seq: int, webhook_at: Moment | None) -> bytes:
    heard = None if webhook_at is None else _instant(webhook_at)
    body = Beat(at=_instant(now), seq=seq, webhook_at=heard)
    return frame([PassingEvent("beat", body.model_dump_json().encode())])


def _instant(moment: Moment) -> datetime:
    return datetime.fromtimestamp(moment / SECOND, UTC)


def _redacted(event: StreamEvent, redact: Redact) -> StreamEvent:
    if event.seq is None:
        return event
    return replace(event, body=redact(event.kind, event.body))


async def _write(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _set(event: asyncio.Event) -> None:
    await event.wait()
