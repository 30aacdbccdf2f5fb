"""The rules of the floor, seen and steered before the open app."""

import asyncio
import re
from pathlib import Path
from typing import get_args

import pytest
from tests.proof.running import Forge, house
from tests.tui import pretend
from tests.tui.conftest import Take
from tests.tui.seat import Seat, seated
from tests.tui.test_cli_pipes import Pipe, wainbox

import wainbox_tui
from wainbox_relay.contract.commands import Acknowledge, Claim, Command
from wainbox_relay.contract.views import AgentBadge
from wainbox_relay.contract.vocabulary import Flag, Presence, Role
from wainbox_tui import people
from wainbox_tui.actions import BY_ID, Context
from wainbox_tui.bulk import LOOKED, read
from wainbox_tui.cli import DONE, NOT_ALLOWED, USAGE

__all__ = ["wainbox"]


def badge(**given) -> AgentBadge:
    return AgentBadge(**({"id": "amina", "name": "Amina", "role": Role.AGENT,
                          "presence": Presence.ONLINE, "capacity": 6} | given))  # fmt: skip


async def test_one_says_how_one_is_and_others_see_it(nadia: Seat, sits: Take):
    """`:presence break 30m` stands in the own header with its end, and beside the name where a
    colleague gives work away; who could take it comes first."""
    await nadia.command("presence break 30m")
    await nadia.until("Nadia, on break until")
    async with sits("lina") as lina:
        await lina.reads("Ali")
        await lina.press("escape", "a")
        await lina.until("on break")
        rows = [line for line in lina.screen.splitlines() if "Nadia" in line or "Samir" in line]
        assert any("on break" in line for line in rows)
        await lina.press("escape")
    await nadia.press("colon")
    await nadia.types("presence")
    await nadia.press("enter")
    await nadia.until("gets new work")
    await nadia.press("enter")
    await nadia.without("on break until")


async def test_who_is_busy_pulls_the_next_one_by_hand(
    tmp_path: Path, forge: Forge, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is given to who is busy; `:pull` takes the most pressing one and opens it."""
    async with (
        house(tmp_path, forge, assignment={"model": "round_robin"}) as home,
        seated(home, tmp_path, monkeypatch) as nadia,
    ):
        await nadia.command("presence busy")
        await nadia.until("Nadia, busy")
        await nadia.customer("Ali", "my parcel is lost")
        await nadia.until("nobody")
        await nadia.command("pull")
        await nadia.until("Reply")
        await nadia.until(lambda: (card := nadia.app.open_card()) and card.assignee == "nadia")


async def test_a_lead_changes_all_that_is_shown_and_takes_it_back(sits: Take):
    """The order is chosen, what it needs is typed, the number is told; Enter does it, and one more
    command takes it back. A line that cannot be read says so and stays."""
    async with sits("lina") as lina:
        for name in ("Ali", "Sara"):
            await lina.customer(name, "hello there")
        await lina.command("bulk")
        await lina.until("change all")
        await lina.types("assign")
        await lina.press("enter")
        await lina.until("whom: @lina or a team")
        await lina.press("enter")
        await lina.until("Say whom")
        await lina.types("@nadia")
        await lina.press("enter")
        await lina.until("2 conversations will be given to @nadia")
        await asyncio.sleep(LOOKED)
        await lina.press("enter")
        await lina.until("2 of 2 changed.")
        assert {card.assignee for card in lina.app.desk_state.cards.values()} == {"nadia"}
        await lina.command("bulk_undo")
        await lina.until("2 of 2 taken back")


async def test_an_agent_changes_nothing_for_all(nadia: Seat):
    """Orders for everything shown are the leads'."""
    await nadia.command("bulk")
    await nadia.until("Only a lead can do that.")


async def test_orders_for_all_from_the_command_line(wainbox: Pipe):
    """Without --yes the number is told and nothing done; with it all are changed, and the id that
    is printed takes them back."""
    await wainbox.hears("Ali", "hello there")
    wainbox.as_("lina")
    asked = await wainbox("bulk", "tag", "gift", "--filter", "lang:en")
    assert (asked.code, asked.out) == (DONE, "")
    assert "1 conversation will be tagged gift; --yes does it." in asked.err
    told = await wainbox("bulk", "tag", "gift", "--filter", "lang:en", "--yes", "--json")
    assert told.objects[0]["changed"] == 1
    assert (await wainbox("queue", "--filter", "tag:gift")).out
    back = await wainbox("bulk", "undo", told.objects[0]["id"])
    assert "1 of 1 taken back" in back.out
    assert not (await wainbox("queue", "--filter", "tag:gift")).out
    assert (await wainbox("bulk", "dance")).code == USAGE
    assert (await wainbox.as_("nadia")("bulk", "resolve")).code == NOT_ALLOWED


@pytest.mark.parametrize(
    ("words", "done"),
    [
        ("resolve", "resolved"),
        ("assign returns", "given to team returns"),
        ("tag vip -gift", "tagged vip -gift"),
        ("priority high", "of high priority"),
        ("on-customer", "put on customer"),
        ("snooze 2h", "put aside until Sun 22 Nov 11:18"),
    ],
)
def test_an_order_for_all_is_read(words: str, done: str):
    """What is typed is said back in the words of the preview."""
    assert read(words, pretend.NOW.astimezone(pretend.ZONE)).done.startswith(done)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "is not one of resolve, assign"),
        ("priority hot", "'hot' is not one of low, normal"),
        ("tag", "Say which tags"),
        ("snooze never", "Try 30m"),
    ],
)
def test_an_order_that_makes_no_sense_says_why(words: str, said: str):
    """The sentence says what would."""
    with pytest.raises(ValueError, match=re.escape(said)):
        read(words, pretend.NOW)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
async def test_a_lead_hands_out_the_pool_with_two_keys(sits: Take, size: tuple[int, int]):
    """`g l` shows who is here with how much, and what nobody has. `a`, Enter gives the one under
    the hand to the person under the hand; the board follows, and `u` takes it back."""
    async with sits("nadia"), sits("lina", size=size) as lina:
        await lina.customer("Ali", "my parcel is lost")
        await lina.press("g", "l")
        await lina.until("1 with nobody")
        await lina.until(lambda: _row(lina, "Nadia").split()[2] == "online")
        assert "Ali" in lina.screen
        while not _row(lina, "Nadia").startswith("▌"):
            await lina.press("j")
        await lina.press("a")
        await lina.until("give Ali to")
        await lina.press("enter")
        await lina.until("given to Nadia")
        await lina.until("nothing waits here")
        await lina.until(lambda: " 1 " in _row(lina, "Nadia"))
        await lina.press("u")
        await lina.until("1 with nobody")
        await lina.press("w")
        await lina.until("why it is where it is")
        await lina.press("escape", "q")
        await lina.until("All 1")


async def test_the_team_is_left_as_one_came(sits: Take):
    """Enter opens what nobody has; other keys do in the inbox what they always do there; any size
    is survived."""
    async with sits("lina") as lina:
        await lina.customer("Ali", "my parcel is lost")
        await lina.press("g", "l")
        await lina.until("1 with nobody")
        for width, height in ((30, 6), (200, 60), (99, 20), (20, 5)):
            await lina.resize(width, height)
        await lina.until("People  1 here")
        assert "herewait" not in lina.screen
        await lina.resize(120, 40)
        await lina.until("enter set")
        await lina.press("tab")
        await lina.until("enter open")
        await lina.press("enter")
        await lina.until("Reply")
        await lina.press("escape", "g", "l")
        await lina.until("1 with nobody")
        await lina.press("g")
        await lina.until("go to")
        await lina.press("m")
        await lina.until("Nothing waits here.")


def _row(seat: Seat, name: str) -> str:
    return next((line for line in seat.screen.splitlines() if f" {name} " in line), "")


async def test_what_was_done_is_said(sits: Take):
    """The status row tells what is so now, not what the action is called."""
    deeds = {
        "vip": "is a VIP",
        "manager @nadia": "account manager: Nadia",
        "complex the lab looks at it": "is complex, with more time",
        "standard": "is not complex any more",
        "priority high": "high priority",
        "language fr": "language: French",
        "tag_customer gold": "customer tagged gold",
        "spam": "is spam",
    }
    async with sits("lina") as lina:
        await lina.reads("Ali")
        for line, said in deeds.items():
            await lina.command(line)
            await lina.until(f"#W-1 {said}")


def test_every_order_can_be_given_here():
    """Whatever the relay takes, the terminal has a way to ask for."""
    source = "".join(file.read_text() for file in Path(wainbox_tui.__file__).parent.rglob("*.py"))
    orders = {each.__name__ for each in get_args(get_args(Command)[0])} - {"Next"}
    assert "Escalate" in orders
    assert {name for name in orders if f"{name}(" not in source} == set()
    assert "TakeNext(" in source


def test_claiming_an_escalation_takes_it():
    """`c` acknowledges what is escalated, whoever holds it; once it is taken, `c` claims again."""
    desk = pretend.desk()
    waits = pretend.card(flags=(Flag.ESCALATED,), assignee="lina")
    taken = pretend.card(flags=(Flag.ESCALATED, Flag.ACKED), assignee="lina")
    claim = BY_ID["claim"].build
    assert claim is not None
    assert isinstance(claim(Context(desk, waits), ""), Acknowledge)
    assert isinstance(claim(Context(desk, taken), ""), Claim)


def test_who_could_take_it_comes_first():
    """Nothing against them, then the emptiest; the full, the absent and the gone after them."""
    card = pretend.card(language="ar-Latn")
    staff = [
        badge(name="gone", presence=Presence.OFFLINE),
        badge(name="full", load=6),
        badge(name="half", load=3, languages=("ar",)),
        badge(name="french", load=0, languages=("fr",)),
        badge(name="free", load=1),
    ]
    staff.sort(key=lambda each: people.most_fit(each, card))
    told = [(each.name, people.obstacle(each, card)) for each in staff]
    assert told == [
        ("free", ""),
        ("half", ""),
        ("french", "no Arabic"),
        ("full", "full"),
        ("gone", "offline"),
    ]
    assert people.load(badge(load=6)) == "6/6"
    assert people.load(badge(load=2, capacity=None)) == "2"
    assert people.obstacle(badge(presence=Presence.BREAK), None) == "on break"
    assert people.obstacle(badge(on_shift=False), None) == "online, off shift"
