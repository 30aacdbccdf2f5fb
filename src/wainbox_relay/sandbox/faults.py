"""Misbehaviour on request: what may go wrong between a sender and the Cloud API.

Each fault hits the next `times` requests it fits. Some happen before WhatsApp has taken the
message, some after: this is what a sender cannot tell apart.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from wainbox_relay.sandbox.clock import Clock
from wainbox_relay.sandbox.errors import GraphError
from wainbox_relay.sandbox.server import reset

What = Literal[
    "reset_before",
    "reset_after",
    "hang",
    "drip",
    "bad_json",
    "no_id",
    "html502",
    "fails_late",
    "error",
    "status",
    "wrong_sha256",
    "wrong_type",
    "damaged",
    "expired",
    "redirect",
]
On = Literal["messages", "upload", "lookup", "download"]

_NOT_TAKEN = ("reset_before", "html502", "error", "status")
_DRIP_SECONDS = 1.0


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong. `to` narrows it to one recipient, as it stands in the request."""

    what: What
    times: int = 1
    on: On = "messages"
    to: str = ""
    code: int = 131000
    """Of the error, or of the failure that a message taken with an id comes to later."""
    status: int | None = None
    retry_after: int | None = None
    location: str = ""
    accept: bool | None = None
    """Whether the message is taken all the same; by itself as `what` says."""

    def __post_init__(self) -> None:
        for given, known in ((self.what, get_args(What)), (self.on, get_args(On))):
            if given not in known:
                raise ValueError(f"There is no {given!r}; there are {', '.join(known)}.")

    @property
    def takes(self) -> bool:
        return self.what not in _NOT_TAKEN if self.accept is None else self.accept


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []

    def take(self, on: On, to: str = "") -> Fault | None:
        """The first fault that fits, used up once."""
        for fault in self.planned:
            if fault.on == on and fault.to in ("", to):
                fault.times -= 1
                if fault.times < 1:
                    self.planned.remove(fault)
                return fault
        return None


def misbehave(fault: Fault, clock: Clock, answer: dict[str, Any]) -> Response:
    """The answer that goes wrong as the fault says; `answer` is what should have been said."""
    match fault.what:
        case "reset_before" | "reset_after":
            return Unspoken(breaks=True)
        case "hang":
            return Unspoken(breaks=False)
        case "drip":
            return Dripping(answer, clock)
        case "bad_json":
            return Response('{"messages":[{"id":"wamid.HBg', media_type="application/json")
        case "no_id":
            return JSONResponse(
                {key: answer[key] for key in answer if key not in ("messages", "id")}
            )
        case "html502":
            page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
            return Response(page, 502, media_type="text/html")
        case "fails_late":
            return JSONResponse(answer)
        case "status":
            return Response(status_code=fault.status or 503, headers=_retry(fault))
        case "redirect":
            return Response(status_code=302, headers={"Location": fault.location})
        case _:
            refusal = GraphError(fault.code, status=fault.status)
            return JSONResponse(refusal.body(), refusal.status, headers=_retry(fault))


def _retry(fault: Fault) -> dict[str, str]:
    return {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}


class Unspoken(Response):
    """No answer at all: the connection breaks, or nothing ever comes."""

    def __init__(self, *, breaks: bool) -> None:
        super().__init__()
        self._breaks = breaks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._breaks:
            reset(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


class Dripping(JSONResponse):
    """An answer that comes byte by byte, one a second."""

    def __init__(self, content: Any, clock: Clock) -> None:
        super().__init__(content)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        for sign in bytes(self.body):
            await send({"type": "http.response.body", "body": bytes([sign]), "more_body": True})
            await self._clock.sleep(_DRIP_SECONDS)
        await send({"type": "http.response.body", "body": b""})
