"""The pager of whoever is on call in the demo: a webhook on this machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wainbox_relay.sandbox.server import serving


@dataclass(slots=True)
class Pager:
    """`refs` are the conversations it was called for."""

    url: str = ""
    refs: list[str] = field(default_factory=list)

    async def rings(self, request: Request) -> Response:
        self.refs.append(str((await request.json())["ref"]))
        return Response()


@asynccontextmanager
async def pager() -> AsyncIterator[Pager]:
    """Takes pages until the block ends."""
    lying = Pager()
    route = Route("/page", lying.rings, methods=["POST"])
    async with serving(Starlette(routes=[route])) as url:
        lying.url = f"{url}/page"
        yield lying
