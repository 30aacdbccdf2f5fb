"""Is it alive, can it work, and how is it doing. Only on the API's listener, without a token."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from wainbox_relay.web.services import Services

router = APIRouter(include_in_schema=False)
PATIENCE = 2.0


class Ready(BaseModel):
    ready: bool
    trouble: tuple[str, ...] = ()


@router.get("/healthz")
async def healthz() -> Response:
    return Response("ok\n", media_type="text/plain")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    services: Services = request.app.state.services
    trouble = tuple(await _trouble(services))
    status = 503 if trouble else 200
    body = Ready(ready=not trouble, trouble=trouble).model_dump_json()
    return Response(body, status, media_type="application/json")


async def _trouble(services: Services) -> Sequence[str]:
    """What keeps the relay from its work; the databases have to answer as well."""
    try:
        async with asyncio.timeout(PATIENCE):
            await services.readings()
            return await services.trouble()
    except TimeoutError:
        return ["The database does not answer."]


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    services: Services = request.app.state.services
    content = services.gauges.exposition(await services.readings())
    return Response(content, media_type="text/plain; version=0.0.4; charset=utf-8")
