"""Who asks, and whether they may: a bearer token in, an agent out (`docs/design.md` section 6)."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import Moment, Role
from wainbox_relay.domain.model import Agent
from wainbox_relay.engine.tokens import Tokens
from wainbox_relay.limits import Tries, block
from wainbox_relay.web.roles import OPEN, ROLES
from wainbox_relay.web.services import Services

ROOT = "/api/v1"
LONGEST_BODY = 256 * 1024
"""Of everything but uploads."""


class Gate:
    """Knows tokens, and counts wrong ones by address. A right one always passes: an address may be
    a machine that many agents share."""

    def __init__(self, tokens: Tokens, most_wrong: int) -> None:
        self._tokens = tokens
        self._tries = Tries(most_wrong)

    def agent(self, header: str | None, address: str, now: Moment) -> Agent:
        """Raises `Refusal`."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise refuse(Code.UNAUTHENTICATED, "A token is needed: `wainbox login` takes one.")
        agent = self._tokens.check(token.strip())
        if agent is not None:
            return agent
        if wait := self._tries.wait(address, now):
            sentence = f"Too many wrong tokens from this address; try again in {wait} seconds."
            raise refuse(Code.RATE, sentence, retry_after=wait)
        self._tries.wrong(address, now)
        raise refuse(Code.UNAUTHENTICATED, "This token is not valid, or not any more.")


class Guarded(APIRoute):
    """A route that first looks who asks and whether their role may; only then is anything read."""

    longest_body = LONGEST_BODY

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        path = self.path.removeprefix(ROOT)
        [method] = self.methods or {""}
        allowed = frozenset() if (method, path) in OPEN else ROLES[method, path]

        async def guarded(request: Request) -> Response:
            if allowed:
                request.state.agent = _admitted(request, allowed)
            return await handle(Request(request.scope, capped(request.receive, self.longest_body)))

        return guarded


class Bulky(Guarded):
    """A route that limits its body by itself."""

    longest_body = 1 << 40


def _admitted(request: Request, allowed: frozenset[Role]) -> Agent:
    services: Services = request.app.state.services
    gate: Gate = request.app.state.gate
    address = block(request.client.host) if request.client else ""
    agent = gate.agent(request.headers.get("authorization"), address, services.clock.now())
    if agent.role not in allowed:
        who = " or ".join(sorted(allowed))
        raise refuse(Code.NOT_ALLOWED, f"This needs the role {who}; yours is {agent.role}.")
    return agent


def capped(receive: Receive, most: int) -> Receive:
    """The same body, of which more than `most` bytes are refused."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413)
        return message

    return counted


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _agent(request: Request) -> Agent:
    agent: Agent = request.state.agent
    return agent


Here = Annotated[Services, Depends(_services)]
Me = Annotated[Agent, Depends(_agent)]
