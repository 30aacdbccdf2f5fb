"""The API as one app: its routes, what every answer bears, and what is counted and logged of it."""

import asyncio
import secrets
import time

import structlog
from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wainbox_relay.gauges import Gauges
from wainbox_relay.web import (
    admin,
    answers,
    boards,
    bulk,
    conversations,
    files,
    health,
    oncall,
    replies,
)
from wainbox_relay.web.auth import Gate
from wainbox_relay.web.links import Links
from wainbox_relay.web.services import Services

log = structlog.get_logger()

_TOKEN = [
    Security(HTTPBearer(auto_error=False, description="A token of `wainbox-relay agent add`."))
]
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def build(services: Services) -> ASGIApp:
    """Everything but the webhook. Routes need a token unless `roles.OPEN` says otherwise."""
    app = FastAPI(
        title="Wainbox relay",
        summary="A shared WhatsApp support inbox.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.gate = Gate(services.tokens, services.settings.limits.logins_per_minute)
    app.state.links = Links()
    app.state.uploads = asyncio.Semaphore(files.MOST_AT_ONCE)
    answers.install(app)
    for router in (
        boards.router,
        conversations.router,
        files.router,
        files.uploads,
        replies.router,
        oncall.router,
        bulk.router,
        admin.router,
    ):
        app.include_router(router, dependencies=_TOKEN)
    app.include_router(files.open_links)
    app.include_router(health.router)
    return Seen(app, services.gauges)


class Seen:
    """Gives every request an id and every answer its safety headers; counts and logs both by the
    route's name, never by what the caller wrote."""

    def __init__(self, app: ASGIApp, gauges: Gauges) -> None:
        self._app = app
        self._gauges = gauges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request = secrets.token_hex(8)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request):
            try:
                await self._app(scope, receive, answer)
            finally:
                route = _route(scope)
                seconds = time.perf_counter() - began
                self._gauges.api(route, status, seconds)
                log.debug("answered", route=route, status=status, ms=round(seconds * 1000, 1))


def _route(scope: Scope) -> str:
    """`GET /api/v1/conversations/{ref}`, or that there is no such."""
    path = getattr(scope.get("route"), "path", None)
    return f"{scope['method']} {path}" if path else "none"
