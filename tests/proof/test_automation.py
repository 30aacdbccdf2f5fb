"""Row A3: automation against people, on a relay in service."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.proof.running import Desk, Forge, House, house, said

from wainbox_relay.control import ask

MOST = 3


async def hired(home: House, name: str, team: str) -> tuple[str, Desk]:
    made = ask(home.settings.control_socket, "agent add", name=name, role="agent", teams=[team])
    return str(made["agent"]), Desk(home.http, home.url, str(made["token"]))


@asynccontextmanager
async def at_a_terminal(desk: Desk) -> AsyncIterator[None]:
    """Somebody who sits in front of an open stream."""
    url = f"{desk.url}/api/v1/events?terminal=true"
    async with desk.http.stream("GET", url, headers=desk.headers) as stream:
        reading = asyncio.ensure_future(_read(stream))
        yield
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read(stream) -> None:
    async for _ in stream.aiter_bytes():
        pass


async def test_automation_never_takes_what_a_person_has(tmp_path: Path, forge: Forge) -> None:
    """A3: agents claim whatever they see while the queue is handed out, people go on break and come
    back, and work is released and resolved. Automation gave nothing that somebody held, nothing to
    another team, and nobody more than they hold; and what was claimed stayed with who claimed it
    until they let it go."""
    everything = {"name": "all", "team": "sales"}
    rules = {"model": "round_robin", "capacity": MOST, "rules": [everything]}
    async with house(tmp_path, forge, assignment=rules) as home, AsyncExitStack() as lines:
        asked = dict([await hired(home, f"Auto{n}", "sales") for n in range(4)])
        strangers = dict([await hired(home, f"Other{n}", "support") for n in range(2)])
        people = dict([await hired(home, f"Hand{n}", "sales") for n in range(3)])
        for desk in (*asked.values(), *strangers.values()):
            await lines.enter_async_context(at_a_terminal(desk))
        await home.hears(*(said(f"wamid.a3.{n}", phone=f"2126{n:08}") for n in range(40)))
        claimed: dict[str, set[str]] = {name: set() for name in people}
        async with asyncio.TaskGroup() as group:
            for name, desk in people.items():
                group.create_task(_claims(desk, claimed[name]))
            for desk in asked.values():
                group.create_task(_comes_and_goes(desk))
            group.create_task(_writes(home))
        await home.read()

        wholly = [row for row in _handed_out(home) if row["agent"]]
        assert wholly
        assert [row for row in wholly if row["was"]] == []
        assert {row["agent"] for row in wholly} <= set(asked)
        held = dict(home.files.main("SELECT ref, assignee FROM conversations"))
        for name, refs in claimed.items():
            assert {held[int(ref[2:])] for ref in refs} <= {name}
        assert home.files.faults() == []


def _handed_out(home: House) -> list[dict[str, str | None]]:
    """What automation did with owners, as history has it."""
    rows = home.files.main(
        "SELECT data FROM history WHERE kind = 'assigned' AND actor = 'wainbox' ORDER BY id"
    )
    told = [json.loads(data) for (data,) in rows]
    return [{"was": row.get("was"), "agent": row.get("agent")} for row in told]


async def _claims(desk: Desk, mine: set[str]) -> None:
    for _ in range(12):
        for card in await desk.cards("unassigned"):
            if (await desk.order(card["ref"], "claim")).is_success:
                mine.add(card["ref"])


async def _comes_and_goes(desk: Desk) -> None:
    for turn in range(10):
        state = "break" if turn % 2 else "online"
        body = {"state": state}
        url = f"{desk.url}/api/v1/presence"
        assert (await desk.http.post(url, json=body, headers=desk.headers)).is_success
        for card in (await desk.cards("mine"))[:1]:
            move = {"do": "resolve", "sure": True} if turn % 3 else {"do": "release"}
            await desk.order(card["ref"], **move)


async def _writes(home: House) -> None:
    for n in range(40, 80):
        await home.post(said(f"wamid.a3.{n}.{secrets.token_hex(4)}", phone=f"2126{n:08}"))
