"""The relay's two doors to the network: `webhook.listen` for WhatsApp and `api.listen` for
terminals, each with its own room, or one for both where the addresses are equal."""

import asyncio
from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from wainbox_relay.config import Settings
from wainbox_relay.limits import Crowd, room
from wainbox_relay.sections.base import split_address
from wainbox_relay.web import api, webhook
from wainbox_relay.web.auth import ROOT
from wainbox_relay.web.server import Bounds, Config, Listener
from wainbox_relay.web.services import Services
from wainbox_relay.web.webhook import Webhook

_UPLOADS = (f"{ROOT}/uploads".encode(),)


class Web:
    """`open` it, `run` it in a task, `stop` it: it then ends within `timing.stop`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        settings = services.settings
        hook = Webhook(
            services.whatsapp.accepts,
            services.handshake,
            services.intake.keep,
            services.gauges,
            settings.limits.webhook_bytes,
        )
        answer = api.build(services)
        if settings.webhook.listen == settings.api.listen:
            wanted = settings.limits.webhook_connections + settings.limits.api_connections
            self.webhook = self.api = self._listener(
                "api.listen", Front(hook, answer), *room(wanted)
            )
        else:
            here, there = room(settings.limits.webhook_connections, settings.limits.api_connections)
            self.webhook = self._listener("webhook.listen", Front(hook, None), here)
            self.api = self._listener("api.listen", Front(None, answer), there)

    def open(self) -> None:
        """Takes the addresses. Raises `CannotListen`."""
        for listener in self._listeners:
            try:
                listener.open()
            except BaseException:
                self.close()
                raise

    async def run(self) -> None:
        """Serves until `stop`."""
        async with asyncio.TaskGroup() as group:
            for listener in self._listeners:
                group.create_task(listener.run())

    def stop(self) -> None:
        """Takes no more requests, ends the streams and finishes what is under way."""
        self._services.stopping.set()
        for listener in self._listeners:
            listener.stop()

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()

    @property
    def _listeners(self) -> Sequence[Listener]:
        return [self.api] if self.webhook is self.api else [self.webhook, self.api]

    def _listener(self, key: str, app: ASGIApp, connections: int) -> Listener:
        settings = self._services.settings
        limits, proxies = settings.limits, settings.relay.trusted_proxies
        crowd = Crowd(connections, limits.address_connections, proxies)
        self._services.gauges.connections.labels(key).set_function(lambda: crowd.size)
        address = settings.api.listen if key == "api.listen" else settings.webhook.listen
        certificate = settings.api.tls_certificate_file if key == "api.listen" else ""
        config = Config(
            app,
            bounds(settings),
            crowd,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            # What comes after the last answer needs its time as well.
            timeout_graceful_shutdown=max(1, int(settings.timing.stop) - 2),
            ssl_certfile=certificate or None,
            ssl_keyfile=settings.api.tls_key_file if certificate else None,
        )
        return Listener(config, *split_address(address), key)


def bounds(settings: Settings) -> Bounds:
    """A file of an agent's may take as long as one of a customer's, a webhook may not."""
    limits, timing = settings.limits, settings.timing
    return Bounds(
        header=timing.header,
        body=timing.body,
        slow_body=timing.media,
        slow_paths=_UPLOADS,
        stall=2 * timing.beat,
        most_bytes=16 * limits.webhook_bytes,
        most_slow_bytes=2 * limits.upload_bytes,
    )


class Front:
    """Sends a request to the app that its path belongs to."""

    def __init__(self, hook: ASGIApp | None, answer: ASGIApp | None) -> None:
        self._hook = hook
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._hook is not None and scope["path"] == webhook.PATH:
            await self._hook(scope, receive, send)
        elif self._answer is not None:
            await self._answer(scope, receive, send)
        else:
            await webhook.answer(send, 404)
