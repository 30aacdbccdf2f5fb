"""What stands beside the relay: servers that answer a webhook and keep nothing.

`python -m bench.floors WHICH PORT SECRET`
"""

import logging
import sys
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette

from wainbox_relay.limits import Crowd
from wainbox_relay.web.server import Bounds, Config, Listener

PATH = "/webhooks/whatsapp"


async def noop(scope: Any, receive: Any, send: Any) -> None:
    """Hears the body out and answers 200: what no webhook server can be faster than."""
    while (await receive()).get("more_body"):
        pass
    head = [(b"content-type", b"text/plain"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": b""})


def pywa(secret: str) -> Starlette:
    """Pywa's own server with handlers that do nothing, as its documentation sets it up."""
    from pywa_async import WhatsApp

    app = Starlette()
    phone = WhatsApp(
        phone_id="100000000000001",
        token="none",
        server=app,
        webhook_endpoint=PATH,
        verify_token="none",
        app_secret=secret,
        validate_updates=True,
        filter_updates=False,
    )

    @phone.on_message
    async def heard(_client: Any, _message: Any) -> None: ...

    @phone.on_message_status
    async def ticked(_client: Any, _status: Any) -> None: ...

    return app


def main(which: str, port: str, secret: str) -> None:
    logging.disable()
    if which == "no-op, our server":
        config = Config(noop, Bounds(), Crowd(1024, 1024, ()))
        uvloop.run(Listener(config, "127.0.0.1", int(port), "bench").run())
        return
    app = noop if which == "no-op" else pywa(secret)
    plain = uvicorn.Config(
        app,
        port=int(port),
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
    )
    uvloop.run(uvicorn.Server(plain).serve())


if __name__ == "__main__":
    main(*sys.argv[1:])
