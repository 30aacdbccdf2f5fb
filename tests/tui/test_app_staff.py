"""A lead looks after agents, teams, shifts and the rota before the open app."""

import re
from datetime import datetime, timedelta

import httpx
import pytest
from tests.tui import pretend
from tests.tui.conftest import Take
from tests.tui.seat import Seat
from tests.tui.test_cli_pipes import Pipe, wainbox

from wainbox_relay.contract.oncall import RotaOrder, ShiftChange
from wainbox_relay.contract.shifts import OtherHours, Shift
from wainbox_relay.contract.staff import AgentChange, NewAgent
from wainbox_relay.contract.views import AgentBadge
from wainbox_relay.contract.vocabulary import Presence, Role
from wainbox_tui import people
from wainbox_tui.cli import CONFLICT, NOT_ALLOWED, NOT_FOUND, USAGE
from wainbox_tui.staff import Access, Changed, TeamOrder, read, shift_told
from wainbox_tui.widgets.draw import Look

__all__ = ["wainbox"]

NOW = datetime(2026, 11, 27, 14, 30).astimezone()


def clock(hour: int, day: int = 27) -> datetime:
    return NOW.replace(day=day, hour=hour, minute=0)


ORDERS = [
    ("agent add Nadia B agent sales vip", NewAgent(name="Nadia B", role="agent",
                                                   teams=("sales", "vip"))),
    ("agent add Omar", NewAgent(name="Omar", role="agent")),
    ("agent @Lina capacity 8", Changed("lina", AgentChange(capacity=8))),
    ("agent lina capacity usual", Changed("lina", AgentChange(capacity=0))),
    ("agent lina languages ar, fr", Changed("lina", AgentChange(languages=("ar", "fr")))),
    ("agent lina languages all", Changed("lina", AgentChange(languages=()))),
    ("agent lina topics refund", Changed("lina", AgentChange(topics=("refund",)))),
    ("agent lina teams all", Changed("lina", AgentChange(teams=()))),
    ("agent lina role lead", Changed("lina", AgentChange(role=Role.LEAD))),
    ("agent lina vip yes", Changed("lina", AgentChange(vip=True))),
    ("agent lina token", Access("lina", ends=False)),
    ("agent lina revoke", Access("lina", ends=True)),
    ("agent lina hours off until tomorrow 9",
     OtherHours(whom="@lina", hours="off", ends=clock(9, 28))),
    ("shift sales on from 18:00 until 20:00",
     OtherHours(whom="sales", hours="on", starts=clock(18), ends=clock(20))),
    ("shift @lina usual", OtherHours(whom="@lina", hours="usual")),
    ("team add vip", TeamOrder("vip", opens=True)),
    ("team remove vip", TeamOrder("vip", opens=False)),
    ("rota @lina nadia", RotaOrder(holders=("lina", "nadia"))),
    ("rota usual", RotaOrder()),
    ("swap now @Lina until 20:00", ShiftChange(at=NOW, holder="lina", until=clock(20))),
    ("swap 7/12 14:00 for 14/12", ShiftChange(at=NOW.replace(month=12, day=7, hour=14, minute=0),
                                              other=NOW.replace(month=12, day=14, hour=9,
                                                                minute=0))),
]  # fmt: skip


@pytest.mark.parametrize(("line", "order"), ORDERS, ids=[line for line, _ in ORDERS])
def test_an_order_is_typed_in_one_line(line: str, order: object):
    """Names with and without @, commas or blanks, times in natural words."""
    verb, _, words = line.partition(" ")
    assert read(verb, words, NOW) == order


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("agent lina", "Say what of lina: role, teams,"),
        ("agent lina height 3", "Say what of lina: role, teams,"),
        ("agent lina capacity many", "'many' is no number of cases up to 1000"),
        ("agent lina capacity -1", "'-1' is no number of cases"),
        ("agent lina capacity", "Say how many open cases, or usual."),
        ("agent lina role boss", "'boss' is not one of viewer, agent, lead, admin."),
        ("agent lina languages arabic", "'arabic' is no language; say ar, ar-Latn, fr or en."),
        ("agent lina vip perhaps", "Say yes or no."),
        ("agent add سارة", "Say a name in Latin letters"),
        ("agent lina hours", "Say whose and which hours"),
        ("shift @lina off until yesterday", "Try 30m, 2h"),
        ("team vip", "Say add or remove, and the team's name."),
        ("team add two words", "A team is one word of at most 32 letters"),
        ("swap lina", "Say when and who"),
    ],
)
def test_an_order_that_makes_no_sense_says_what_would(line: str, said: str):
    """A sentence, with what can be said instead."""
    verb, _, words = line.partition(" ")
    with pytest.raises(ValueError, match=re.escape(said)):
        read(verb, words, NOW)


def test_hours_are_told_in_one_line():
    """What holds now is told by its end, what comes by both; a team has no clock of its own."""
    off = OtherHours(whom="@lina", hours="off", starts=clock(9), ends=clock(18))
    late = OtherHours(whom="@lina", hours="on", starts=clock(21), ends=clock(23))
    lina = Shift(whom="@lina", name="Lina", usual="shop", others=(off, late), on_shift=False,
                 until=clock(18))  # fmt: skip
    assert shift_told(lina, NOW).startswith("shop, off shift until Fri 27 Nov 18:00")
    assert shift_told(lina, NOW).count("off") == 1
    assert "on from Fri 27 Nov 21:00" in shift_told(lina, NOW)
    assert shift_told(Shift(whom="sales", name="sales", others=(off,)), NOW).startswith("off from")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"presence": Presence.ONLINE}, "online"),
        ({"presence": Presence.BREAK}, "on break"),
        ({"presence": Presence.OFFLINE}, "offline"),
        ({"presence": Presence.ONLINE, "on_shift": False}, "off shift"),
        ({"presence": Presence.OFFLINE, "on_shift": False}, "offline"),
        ({"presence": Presence.OFFLINE, "on_shift": False,
          "shift_until": pretend.NOW + timedelta(hours=2)}, "at {:%H:%M}"),
        ({"presence": Presence.OFFLINE, "on_shift": False,
          "shift_until": pretend.NOW + timedelta(days=2)}, "offline"),
    ],
)  # fmt: skip
def test_a_narrow_column_says_who_comes_when(given: dict, word: str):
    """Nine cells are enough, whatever is the matter."""
    look = Look(zone=pretend.NOW.tzinfo) if pretend.NOW.tzinfo else Look()
    badge = AgentBadge(id="amina", name="Amina", role=Role.AGENT, **given)
    told = people.brief(badge, look, pretend.NOW)
    assert told == word.format(pretend.NOW + timedelta(hours=2))
    assert len(told) <= 9


async def test_a_lead_hires_and_sets_what_they_can_take(sits: Take):
    """`:agent` asks step by step; the token works as shown; the change is on every screen at
    once."""
    async with sits("lina") as lina, sits("samir") as samir:
        await lina.command("agent")
        await lina.until("somebody new")
        await lina.types("new")
        await lina.press("enter")
        await lina.until("add")
        await lina.types("Ines agent sales")
        await lina.press("enter")
        await lina.until("ines's token")
        found = re.search(r"wbx_[0-9a-f]{12}_[0-9a-f]{64}", lina.screen)
        assert found is not None
        assert await _works(lina, found[0])
        await lina.press("escape")

        await lina.command("agent ines capacity 3")
        await lina.until("Ines: agent, sales, 0/3")
        await samir.customer("Ali", "hello")
        await samir.until("Ali")
        await samir.press("a")
        await samir.until("0/3")
        await samir.press("escape")

        await lina.command("agent ines revoke")
        await lina.until("ines has no access any more")
        assert not await _works(lina, found[0])
    told = lina.home.files.main("SELECT act FROM audit WHERE actor = '@lina' ORDER BY id")
    assert [act for (act,) in told] == ["agent_added", "agent_changed", "agent_revoked"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_enter_on_a_person_of_the_board_sets_them(sits: Take, size: tuple[int, int]):
    """`g l`, Enter, an aspect with its present value, Enter; what cannot be read stays to be
    mended."""
    async with sits("lina", size=size) as lina:
        await lina.press("g", "l")
        await lina.until("People")
        while not _row(lina, "Samir").startswith("▌"):
            await lina.press("j")
        await lina.press("enter")
        await lina.until("Samir: what to set")
        await lina.types("capacity")
        await lina.press("enter")
        await lina.until("samir capacity")
        await lina.press("ctrl+w")
        await lina.types("many")
        await lina.press("enter")
        await lina.until("is no number of cases")
        await lina.press("ctrl+w")
        await lina.types("2")
        await lina.press("enter")
        await lina.until(lambda: "0/2" in _row(lina, "Samir"))
        await lina.press("enter")
        await lina.until("what to set")
        await lina.types("hours")
        await lina.press("enter")
        await lina.until("samir hours")
        await lina.types("off until tomorrow 9")
        await lina.press("enter")
        await lina.until("off shift until")


async def test_a_team_and_hours_are_set_for_all_to_see(sits: Take):
    """A new team can be joined at once; who is off shift is said to be, on a colleague's screen."""
    async with sits("lina") as lina, sits("samir") as samir:
        await lina.command("team add vip")
        await lina.until("There is a team vip now")
        await lina.until(lambda: "vip" in lina.app.desk_state.teams)
        await lina.command("agent samir teams vip")
        await lina.until("Samir: agent, vip")
        await lina.command("shift @samir off until tomorrow 9")
        await lina.until("off shift until")
        await samir.until(lambda: not samir.app.desk_state.agents["samir"].on_shift)
        await lina.command("team remove vip")
        await lina.until("vip still has 1 agent")
        await lina.command("shift")
        await lina.until("whose hours")
        assert "off shift until" in _row(lina, "Samir")
        await lina.press("escape")


async def test_an_agent_is_told_that_a_lead_does_this(nadia: Seat):
    """None of it is an agent's, and the terminal says so before the relay must."""
    for line in ("agent samir capacity 9", "team add vip", "shift @samir off"):
        await nadia.command(line)
        await nadia.until("Only a lead can do that.")
        await nadia.press("j")
        await nadia.without("Only a lead can do that.")


async def _works(seat: Seat, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers) as client:
        return (await client.get(f"{seat.home.url}/api/v1/counts")).status_code == 200


def _row(seat: Seat, name: str) -> str:
    return next((line for line in seat.screen.splitlines() if f" {name} " in line), "")


async def test_the_same_for_pipes(wainbox: Pipe):
    """`wainbox agent`, `team`, `shift` and `rota` take the same words; an agent may not; what
    makes no sense is code 2."""
    lina = wainbox.as_("lina")
    token = (await lina("agent", "add", "Ines", "agent", "sales")).out.strip()
    assert re.fullmatch(r"wbx_[0-9a-f]{12}_[0-9a-f]{64}", token)
    assert (await lina("agent", "ines", "capacity", "3")).out == "Ines: agent, sales, 0/3\n"
    assert "@ines\toffline\tagent, sales, 0/3" in (await lina("agent")).out
    assert (await lina("team", "add", "vip")).out == "There is a team vip now.\n"
    assert (await lina("team", "add", "vip")).code == CONFLICT
    off = await lina("shift", "@ines", "off", "until", "tomorrow", "9")
    assert off.out.startswith("Ines: as the teams, off shift until")
    assert "@ines\tas the teams, off shift until" in (await lina("shift")).out
    assert (await lina("shift", "@nobody", "off")).code == NOT_FOUND
    assert (await lina("agent", "ines", "capacity", "many")).code == USAGE
    assert (await lina("rota", "ines")).code == NOT_FOUND  # nobody is on call here
    assert (await wainbox.as_("samir")("agent", "ines", "capacity", "9")).code == NOT_ALLOWED
