"""What the command line asks of the sandbox: `serve` it, or let it make `load`."""

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from wainbox_relay.sandbox.box import Sandbox
from wainbox_relay.sandbox.load import Report, Target, run
from wainbox_relay.sandbox.people import ATLAS, RIYADH, Number
from wainbox_relay.sandbox.workload import Workload, requests

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def serve(
    callback_url: str,
    app_secret: str,
    token: str,
    *,
    verify_token: str = "",
    numbers: Sequence[Number] = (ATLAS, RIYADH),
    port: int = 8090,
    pace: float = 1.0,
    opening: bool = True,
) -> None:
    """Runs until interrupted: the Cloud API, and customers who write to the numbers and answer."""
    start = Sandbox.start(
        callback_url=callback_url,
        app_secret=app_secret,
        token=token,
        verify_token=verify_token,
        numbers=numbers,
        pace=pace,
        port=port,
    )
    try:
        asyncio.run(_serve(start, callback_url, opening=opening))
    except KeyboardInterrupt:
        return
    except OSError as fault:
        raise SystemExit(
            f"The pretend WhatsApp cannot use port {port}: {fault.strerror}."
        ) from None


async def _serve(
    start: AbstractAsyncContextManager[Sandbox], callback_url: str, *, opening: bool
) -> None:
    async with start as box:
        box.answering = True
        says = f"The pretend WhatsApp is at {box.url} and calls {callback_url}."
        print(says, flush=True)  # noqa: T201 - this is the command line
        if opening:
            await box.opening()
        await asyncio.Event().wait()


def load(
    url: str,
    app_secret: str,
    *,
    rate: float | None = 1000,
    duration: str = "60s",
    connections: int = 64,
    batch: int = 1,
    count: int | None = None,
    number: Number = ATLAS,
) -> Report:
    """Sends signed webhooks and prints what was seen. No rate: as fast as they are answered."""
    target = Target.of(url)
    now = int(time.time())  # noqa: TID251 - this is the command line
    bodies = Workload(number=number, at=now, run=f"{now:x}").bodies(batch)
    report = asyncio.run(
        run(
            requests(bodies, app_secret, target.path, target.host),
            target,
            connections=connections,
            rate=rate,
            seconds=seconds(duration),
            count=count,
        )
    )
    print("\n".join(report.lines()))  # noqa: T201 - this is the command line
    return report


def seconds(text: str) -> float:
    """`60s`, `2m`, `90`: how long that is."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no span of time. Write 60s, 2m or 1h.")
    return float(found[1]) * _UNITS[found[2]]
