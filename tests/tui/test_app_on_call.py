"""On call as agents live it: the true relay while it is closed, a real HTTP receiver, `wainbox` and
the app."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.ports import free_ports
from tests.proof.running import SECRET, TOKEN, VERIFY, Forge, House, configure
from tests.relay.oncall.conftest import Receiver, receiver
from tests.tui.conftest import Take
from tests.tui.test_cli_pipes import Pipe, wainbox

from wainbox_relay.config import Settings
from wainbox_relay.sandbox.box import Sandbox
from wainbox_relay.sections.oncall import WEEKDAYS
from wainbox_tui.cli import CONFLICT, DONE, NOT_ALLOWED, NOT_FOUND, USAGE

__all__ = ["receiver", "wainbox"]

TODAY = datetime.now(UTC)
ANOTHER_DAY = WEEKDAYS[(TODAY.weekday() + 3) % 7]


@pytest.fixture
async def home(tmp_path: Path, forge: Forge, receiver: Receiver) -> AsyncIterator[House]:
    """A relay in service, closed for days, with Nadia on call for the week and Samir next."""
    hook, api = free_ports(2)
    callback = f"http://127.0.0.1:{hook}/webhooks/whatsapp"
    async with Sandbox.start(
        callback_url=callback, app_secret=SECRET, token=TOKEN, verify_token=VERIFY, pace=0.001
    ) as box:
        config = configure(tmp_path, box.url, hook, api, oncall=_rota())
        config.write_text(_closed(config.read_text()) + _reached(receiver.url))
        home = House(tmp_path, config, Settings.load(config, {}), box, forge)
        try:
            await home.start()
            home.hire()
            yield home
        finally:
            await home.kill()
            await home.http.aclose()


def _rota() -> dict[str, object]:
    """Nadia's week began yesterday."""
    yesterday = (TODAY - timedelta(days=1)).date()
    handover = f"{WEEKDAYS[yesterday.weekday()]} 00:00"
    return {"rota": ("nadia", "samir"), "begins": yesterday, "handover": handover}


def _closed(config: str) -> str:
    shop = '[[calendars]]\nname = "shop"\nzone = "UTC"\n[calendars.week]\n'
    number = re.compile(r"(\n\[\[numbers\]\]\n.*?\n)#calendar = [^\n]*", re.DOTALL)
    return number.sub(r'\1calendar = "shop"', config) + f'{shop}{ANOTHER_DAY} = "9:00-9:01"\n'


def _reached(url: str) -> str:
    return "".join(
        f'[[oncall_agents]]\nagent = "{name}"\nurls = "{url}"\n' for name in ("nadia", "samir")
    )


async def test_a_page_is_acknowledged_from_the_command_line(wainbox: Pipe, receiver: Receiver):
    """Samir hears whom it pages before it does; Nadia is paged, says `wainbox ack W-1` and owns
    it; a second ack is told that it is hers already."""
    await wainbox.hears("Ali", "my parcel is lost")
    asked = await wainbox.as_("samir")("escalate", "W-1")
    assert asked.code == CONFLICT
    assert "this pages Nadia" in asked.err
    assert receiver.bodies == []
    assert (await wainbox("escalate", "W-1", "parcel", "lost", "--sure")).code == DONE
    async with asyncio.timeout(10):
        await receiver.paged.wait()
    assert receiver.bodies[0]["ref"] == "W-1"
    assert "parcel" not in str(receiver.bodies)

    assert (await wainbox("queue", "oncall")).out.startswith("W-1\t")
    taken = await wainbox.as_("nadia")("ack", "W-1")
    assert taken.code == DONE
    assert "paging has stopped" in taken.err
    assert (await wainbox("queue", "oncall")).out == ""
    assert (await wainbox("queue", "mine")).out.startswith("W-1\t")
    assert "You have it already" in (await wainbox("ack", "W-1")).err


async def test_shifts_are_shown_and_change_hands(wainbox: Pipe):
    """`wainbox oncall` lists the weeks; Samir takes what is left of Nadia's, with or without an @;
    giving Lina a shift takes a lead; what cannot be read is named."""
    weeks = (await wainbox("oncall")).out.splitlines()
    assert [re.search(r"@(\w+)", week)[1] for week in weeks[:2]] == ["nadia", "samir"]
    assert (await wainbox.as_("samir")("swap", "now", "@samir")).code == DONE
    assert "@samir" in (await wainbox("oncall")).out.splitlines()[0]
    assert (await wainbox("swap", "tomorrow", "@lina")).code == NOT_ALLOWED
    assert (await wainbox.as_("lina")("swap", "tomorrow", "@lina", "--until", "3d")).code == DONE
    assert "@lina" in (await wainbox("oncall")).out.splitlines()[1]
    assert (await wainbox("swap", "now", "lina", "--until", "2h")).code == DONE
    assert "@lina" in (await wainbox("oncall")).out.splitlines()[0]
    for typed, why in (
        (("someday", "lina"), "'someday' is no time."),
        (("now", "next-week"), "'next-week' is no time."),
        (("now", "8d", "--until", "2h"), "Whole shifts are exchanged"),
        (("now", "lian"), "Nobody called lian can be on call"),
    ):
        told = await wainbox("swap", *typed)
        assert told.code in {USAGE, NOT_FOUND}
        assert why in told.err


async def test_the_view_of_whoever_is_on_call(home: House, sits: Take, receiver: Receiver):
    """`e` names whom it pages and `e` again pages; `g o` shows the escalation and who is on call;
    the ladder stands beside it, and `e` climbs it; `c` takes it."""
    async with sits("nadia") as nadia:
        await nadia.customer("Ali", "my parcel is lost")
        await nadia.until("Ali")
        await nadia.press("e")
        await nadia.until("this pages Nadia")
        await nadia.press("e")
        await nadia.until("is paged")
        async with asyncio.timeout(10):
            await receiver.paged.wait()
        await nadia.press("g", "o")
        await nadia.until("Nadia is on call until")
        assert nadia.shows("then Samir")
        assert nadia.shows("Ali")
        await nadia.press("enter")
        await nadia.until("Who is paged")
        await nadia.until("c acknowledge   e page next")
        rows = [line[-30:].split() for line in nadia.screen.splitlines()]
        assert any(row[-2:] == ["Nadia", "paged"] for row in rows)
        assert any(row[-3:] == ["Nadia,", "again", "next"] for row in rows)
        await nadia.press("e")
        await nadia.until("again to page Samir now")
        await nadia.press("e")
        await nadia.until("Samir is paged.")
        await nadia.until(lambda: nadia.shows("Samir paged by Nadia"))
        await nadia.press("escape", "c")
        await nadia.until("W-1 is yours; paging has stopped.")
        await nadia.until("Mine 1")
        await nadia.press("g", "a", "g", "o")
        await nadia.until("Nothing waits here.")
