"""Moving the pretend WhatsApp about while it runs, over HTTP at `/_sandbox`. Loopback only.

Whoever can reach it can write as any customer: the server listens on this machine alone, and asks
for an address of this machine in `Host`, so that a web page elsewhere cannot reach it by a name.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

if TYPE_CHECKING:
    from wainbox_relay.sandbox.box import Sandbox

Object = dict[str, Any]
Act = Callable[[Object, Request], Awaitable[Object]]

_HERE = ("127.0.0.1", "localhost", "[::1]")
_MISTAKES = (TypeError, ValueError, KeyError, AttributeError)


class Control:
    """What can be asked of a sandbox from outside."""

    def __init__(self, box: "Sandbox") -> None:
        self._box = box

    def routes(self) -> list[BaseRoute]:
        return [
            Mount(
                "/_sandbox",
                routes=[
                    self._route("/", self._summary, "GET"),
                    self._route("/accepted", self._accepted, "GET"),
                    self._route("/reads", self._reads, "GET"),
                    self._route("/deliveries", self._deliveries, "GET"),
                    self._route("/customers", self._newcomer),
                    self._route("/customers/{key}", self._acts),
                    self._route("/changes", self._change),
                    self._route("/faults", self._fault),
                    self._route("/faults", self._no_faults, "DELETE"),
                    self._route("/manner", self._manner),
                    self._route("/delays", self._delays),
                    self._route("/clock", self._clock),
                    self._route("/templates", self._template),
                    self._route("/opening", self._opening),
                    self._route("/reset", self._reset),
                ],
            )
        ]

    def _route(self, path: str, act: Act, method: str = "POST") -> Route:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("host", "").rpartition(":")[0] not in _HERE:
                return JSONResponse({"error": "Only for this machine."}, 403)
            try:
                asked = await request.json() if await request.body() else {}
                return JSONResponse(await act(asked, request))
            except _MISTAKES as mistake:
                return JSONResponse({"error": str(mistake)}, 400)

        return Route(path, endpoint, methods=[method])

    async def _summary(self, _: Object, __: Request) -> Object:
        box = self._box
        return {
            "numbers": [asdict(number) for number in box.world.numbers.values()],
            "customers": sorted(box.world.people),
            "accepted": len(box.accepted),
            "reads": len(box.reads),
            "idle": box.courier.idle,
            "given_up": len(box.courier.given_up),
            "now": box.clock.now(),
        }

    async def _accepted(self, _: Object, __: Request) -> Object:
        return {"accepted": [asdict(message) for message in self._box.accepted]}

    async def _reads(self, _: Object, __: Request) -> Object:
        return {"reads": [asdict(read) for read in self._box.reads]}

    async def _deliveries(self, _: Object, __: Request) -> Object:
        return {"deliveries": [asdict(delivery) for delivery in self._box.courier.deliveries]}

    async def _newcomer(self, asked: Object, _: Request) -> Object:
        customer = self._box.newcomer(**asked)
        return asdict(customer.person)

    async def _acts(self, asked: Object, request: Request) -> Object:
        """`{"does": "writes", "text": ...}`: any of a customer's verbs with what it takes."""
        does, number = asked.pop("does", "writes"), asked.pop("number", "")
        if does not in ("writes", "sends", "reacts", "taps", "shares_place", "message"):
            raise ValueError(f"A customer cannot do {does!r}.")
        customer = self._box.customer(request.path_params["key"], number)
        return {"wamid": await getattr(customer, does)(**asked)}

    async def _change(self, asked: Object, _: Request) -> Object:
        self._box.post(asked["field"], asked["value"])
        return {}

    async def _fault(self, asked: Object, _: Request) -> Object:
        return asdict(self._box.fault(**asked))

    async def _no_faults(self, _: Object, __: Request) -> Object:
        self._box.faults.planned.clear()
        return {}

    async def _manner(self, asked: Object, _: Request) -> Object:
        return _set(self._box.manner, asked)

    async def _delays(self, asked: Object, _: Request) -> Object:
        return _set(self._box.delays, asked)

    async def _clock(self, asked: Object, _: Request) -> Object:
        self._box.clock.pace = float(asked.get("pace", self._box.clock.pace))
        self._box.clock.advance(float(asked.get("advance", 0)))
        return {"now": self._box.clock.now(), "pace": self._box.clock.pace}

    async def _template(self, asked: Object, _: Request) -> Object:
        return {"changed": self._box.template(**asked)}

    async def _opening(self, _: Object, __: Request) -> Object:
        await self._box.opening()
        return {}

    async def _reset(self, _: Object, __: Request) -> Object:
        self._box.reset()
        return {}


def _set(of: Any, asked: Object) -> Object:
    for key, value in asked.items():
        if not hasattr(of, key):
            raise ValueError(f"There is no {key}.")
        setattr(of, key, value)
    return asdict(of)
