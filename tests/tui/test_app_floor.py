"""The rules of the floor, seen and steered before the open app."""

from pathlib import Path

import pytest
from tests.proof.running import Forge, house
from tests.tui import pretend
from tests.tui.conftest import Take
from tests.tui.seat import Seat, seated

from wainbox_relay.contract.commands import Acknowledge, Claim
from wainbox_relay.contract.views import AgentBadge
from wainbox_relay.contract.vocabulary import Flag, Presence, Role
from wainbox_tui import people
from wainbox_tui.actions import BY_ID, Context
from wainbox_tui.widgets.draw import Look

LOOK = Look()


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
