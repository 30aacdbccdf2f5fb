"""Tasks that live as long as a block, and a fault of the block that comes out of it as it was."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

Spawn = Callable[[Coroutine[Any, Any, None]], object]


@asynccontextmanager
async def crew() -> AsyncIterator[Spawn]:
    """Gives a way to start tasks. They are cancelled at the end of the block."""
    tasks: set[asyncio.Task[None]] = set()
    fault: BaseException | None = None
    async with asyncio.TaskGroup() as group:

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            task = group.create_task(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        try:
            yield spawn
        except BaseException as raised:  # noqa: BLE001 - raised again below, out of the group
            fault = raised
        for task in list(tasks):
            task.cancel()
    if fault is not None:
        raise fault
