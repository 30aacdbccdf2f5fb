"""What stands beside the relay: servers that answer a webhook and keep nothing; and ours with
nothing behind its journal.

`python -m bench.floors WHICH PORT SECRET FOLDER`
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette

from wainbox_relay.clock import SystemClock
from wainbox_relay.engine.intake import Intake
from wainbox_relay.gauges import Gauges
from wainbox_relay.limits import Crowd
from wainbox_relay.store import open_stores
from wainbox_relay.web.server import Bounds, Config, Listener
from wainbox_relay.web.webhook import Webhook
from wainbox_relay.whatsapp.signature import Signatures

PATH = "/webhooks/whatsapp"


async def noop(scope: Any, receive: Any, send: Any) -> None:
    """Hears the body out and answers 200: what no webhook server can be faster than."""
    while (await receive()).get("more_body"):
        pass
    head = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b""})


def pywa(secret: str) -> Starlette:
    """The peer's server with handlers that do nothing, as its first page sets it up."""
    from pywa import WhatsApp

    app, phone = _pywa(WhatsApp, secret)

    @phone.on_message
    def heard(_client: Any, _message: Any) -> None: ...

    @phone.on_message_status
    def ticked(_client: Any, _status: Any) -> None: ...

    return app


def pywa_async(secret: str) -> Starlette:
    """The same with its handlers in the event loop."""
    from pywa_async import WhatsApp

    app, phone = _pywa(WhatsApp, secret)

    @phone.on_message
    async def heard(_client: Any, _message: Any) -> None: ...

    @phone.on_message_status
    async def ticked(_client: Any, _status: Any) -> None: ...

    return app


def _pywa(kind: Any, secret: str) -> tuple[Starlette, Any]:
    app = Starlette()
    phone = kind(
        phone_id="100000000000001",
        token="none",
        server=app,
        webhook_endpoint=PATH,
        verify_token="none",
        app_secret=secret,
        validate_updates=True,
        filter_updates=False,
    )
    return app, phone


async def journal(secret: str, folder: Path, listen: Callable[[Any], Listener]) -> None:
    """Our webhook and journal: kept on the disk before the answer, and never read."""
    async with await open_stores(folder) as stores:
        intake = Intake(stores.journal, SystemClock(), lambda _: None)
        accepts = Signatures([secret]).accepts
        hook = Webhook(accepts, lambda _: None, intake.keep, Gauges(), 4 * 1024 * 1024)
        async with asyncio.TaskGroup() as group:
            group.create_task(intake.run())
            group.create_task(listen(hook).run())


def main(which: str, port: str, secret: str, folder: str) -> None:
    logging.disable()

    def ours(app: Any) -> Listener:
        return Listener(Config(app, Bounds(), Crowd(1024, 1024, ())), "127.0.0.1", int(port), which)

    def plain(app: Any) -> uvicorn.Server:
        how: dict[str, Any] = {"http": "httptools", "loop": "uvloop", "ws": "none"}
        quiet: dict[str, Any] = {"access_log": False, "log_level": "error", "lifespan": "off"}
        return uvicorn.Server(uvicorn.Config(app, port=int(port), **how, **quiet))

    match which:
        case "no-op":
            work = plain(noop).serve()
        case "no-op, our server":
            work = ours(noop).run()
        case "journal alone":
            work = journal(secret, Path(folder), ours)
        case "pywa":
            work = plain(pywa(secret)).serve()
        case _:
            work = plain(pywa_async(secret)).serve()
    uvloop.run(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
