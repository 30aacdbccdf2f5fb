"""The days before the watched demo, as its relay finds them."""

from pathlib import Path

import pytest

from wainbox_relay import demo
from wainbox_relay.config import Settings
from wainbox_relay.contract.filters import Viewer, view
from wainbox_relay.contract.views import Card
from wainbox_relay.contract.vocabulary import AgentId, Delivery, Direction, Flag
from wainbox_relay.demo_pager import Pager, pager
from wainbox_relay.demo_shop import NUMBERS
from wainbox_relay.sandbox.box import Sandbox
from wainbox_relay.sandbox.people import NUIT
from wainbox_relay.store import open_stores

WEBHOOK = {"listen": "127.0.0.1:1", "app_secret": "secret", "verify_token": "verify"}


@pytest.fixture
async def morning(tmp_path: Path) -> tuple[list[Card], list[Card], Pager]:
    """What is open, what is resolved, and who was paged."""
    async with (
        pager() as lying,
        Sandbox.start(
            callback_url="http://127.0.0.1:1/", app_secret="secret", token="token", numbers=NUMBERS
        ) as box,
    ):
        graph = {"url": box.url, "token": "token"}
        settings = Settings.load(demo._configure(tmp_path, WEBHOOK, graph, lying), {})
        await demo._days_before(box, settings)
    nadia = Viewer(AgentId("nadia"))
    async with await open_stores(settings.relay.data_dir, quick_check=False) as stores:
        pages = [await stores.reads.page(view(v), nadia, limit=200) for v in ("all", "resolved")]
    return list(pages[0].cards), list(pages[1].cards), lying


async def test_the_morning_is_busy_and_calm(
    morning: tuple[list[Card], list[Card], Pager],
) -> None:
    """Some are late and most are not; every rule has left its mark, and nothing is under way."""
    cards, resolved, lying = morning
    flags = [flag for card in cards for flag in card.flags]
    assert len(cards) > 30
    assert 1 <= sum(bool(card.clock and card.clock.missed) for card in cards) <= 4
    assert 1 <= flags.count(Flag.SLA_AT_RISK) <= 4
    assert {card.language for card in cards} == {"ar", "ar-Latn", "fr", "en"}
    assert all(card.assignee is None for card in cards)
    (urgent,) = [card for card in cards if Flag.ESCALATED in card.flags]
    assert urgent.ref in lying.refs
    waiting = [card for card in cards if Flag.PENDING in card.flags]
    assert {card.number for card in waiting} == {NUIT.id}
    assert len(waiting) == 2
    assert sum(Flag.RATED in card.flags for card in resolved) >= 3
    last = [card.last_message for card in (*cards, *resolved) if card.last_message]
    ours = [said.delivery for said in last if said.direction is Direction.OUT]
    assert set(ours) <= {Delivery.SENT, Delivery.READ}
