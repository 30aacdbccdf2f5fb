"""What the API gives that comes from WhatsApp itself, or from the relay's own state."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes import FakeWhatsApp, no

from wainbox_relay import demo
from wainbox_relay.config import Settings
from wainbox_relay.contract.problems import Code, Refusal
from wainbox_relay.contract.views import Template
from wainbox_relay.control import ask
from wainbox_relay.demo_walk import Card, Desk
from wainbox_relay.in_force import InForce
from wainbox_relay.relay import assembled
from wainbox_relay.sandbox.people import ATLAS
from wainbox_relay.web_side import WebSide


@pytest.fixture
async def shop(tmp_path) -> AsyncIterator[demo.Shop]:
    async with demo._open_shop(tmp_path, pace=0.001) as shop:
        yield shop


async def wrote(shop: demo.Shop, desk: Desk) -> Card:
    """Somebody new writes; their card."""
    await shop.box.newcomer("wafa", "Wafa Idrissi").writes("hello")
    await shop.box.settled()
    while not (cards := await desk.queue()):
        pass
    return cards[0]


async def test_typing_shows_once_and_only_for_the_owner(shop: demo.Shop) -> None:
    """Nobody's conversation shows nothing; the owner's does, and again only after it has faded."""
    async with shop.desk("Nadia") as nadia:
        card = await wrote(shop, nadia)
        for _ in range(2):
            assert (await nadia._http.post("/typing", json={"ref": card["ref"]})).is_success
        assert shop.box.reads == []
        await nadia.order(card["ref"], do="claim")
        for _ in range(2):
            assert (await nadia._http.post("/typing", json={"ref": card["ref"]})).is_success
        assert [read.typing for read in shop.box.reads if read.typing] == [True]
        answer = await nadia._http.post("/typing", json={"ref": "W-99"})
        assert answer.json()["code"] == "not_found"


async def test_templates_come_from_the_numbers_account(shop: demo.Shop) -> None:
    """Approved ones only, with how many values they want; kept, should WhatsApp not answer."""
    async with shop.desk("Nadia") as nadia:
        found = (await nadia._http.get("/templates", params={"number": ATLAS.id})).json()
        ours = [t for t in shop.box.world.templates if t.waba == ATLAS.waba]
        approved = {(t.name, t.language) for t in ours if t.status == "APPROVED"}
        assert {(t["name"], t["language"]) for t in found} == approved
        track = next(t for t in found if (t["name"], t["language"]) == ("track_order", "fr"))
        assert (track["variables"], track["buttons"][0]["wants"]) == (2, True)
        shop.box.graph.token = "changed at Meta"
        again = await nadia._http.get("/templates", params={"number": ATLAS.id})
        assert again.json() == found


async def test_a_template_that_whatsapp_pauses_is_offered_no_longer(shop: demo.Shop) -> None:
    """Its webhook makes us ask anew; agents also read a notice."""
    async with shop.desk("Nadia") as nadia:

        async def offered() -> set[str]:
            found = await nadia._http.get("/templates", params={"number": ATLAS.id})
            return {template["name"] for template in found.json()}

        name = min(await offered())
        shop.box.template(name, "PAUSED")
        async with asyncio.timeout(10):
            while name in await offered():  # noqa: ASYNC110 - another process's doing
                await asyncio.sleep(0.02)


async def test_whatsapps_refusal_is_a_sentence(tmp_path: Path) -> None:
    """Where WhatsApp never told any, the answer says what to do, and is no fault of ours."""

    class Refusing(FakeWhatsApp):
        async def templates(self, account: str) -> list[Template]:
            raise no(190)

    raw = {
        "relay": {"data_dir": str(tmp_path)},
        "webhook": {"app_secret": "a", "verify_token": "v"},
        "numbers": [{"id": "1001", "waba": "2001"}],
    }
    async with assembled(Settings.of(raw), lambda _: Refusing()) as relay:
        side = WebSide(relay, InForce(relay.settings), relay.whatsapp)
        with pytest.raises(Refusal) as refusal:
            await side.templates("1001")
        assert refusal.value.problem.code is Code.BUSY
        assert "Call them" in refusal.value.problem.message
        with pytest.raises(Refusal, match="sets its waba"):
            await side.templates("1002")


async def test_figures_follow_what_happens(shop: demo.Shop) -> None:
    """Metrics count webhooks, events and streams; the status says the same."""
    async with shop.desk("Nadia") as nadia:
        await wrote(shop, nadia)
        page = (await nadia._http.get(f"{shop.url}/metrics")).text
        figures = dict(line.rsplit(" ", 1) for line in page.splitlines() if line[0] != "#")
    assert figures['wainbox_webhooks_total{status="200"}'] == "1.0"
    assert figures["wainbox_journal_depth"] == "0.0"
    assert figures["wainbox_lag_seconds"] == "0.0"
    status = ask(shop.settings.control_socket, "status")
    assert float(figures["wainbox_event_seq"]) <= status["seq"]
    assert status["backlog"] == 0


async def test_a_reload_lets_a_paused_number_try_again(shop: demo.Shop) -> None:
    """A refused token pauses and fails nothing; with the right one back, what waited leaves."""
    right = shop.box.graph.token
    async with shop.desk("Nadia") as nadia:
        card = await wrote(shop, nadia)
        shop.box.graph.token = "changed at Meta"
        content = {"kind": "text", "body": "on its way"}
        done = await nadia.order(card["ref"], do="reply", content=content)

        def paused() -> dict:
            return ask(shop.settings.control_socket, "status")["paused"]

        await until(lambda: ATLAS.id in paused())
        shop.box.graph.token = right
        ask(shop.settings.control_socket, "reload")
        assert paused() == {}
        await shop.box.until(lambda: shop.box.accepted, 10)
        entry = next(e for e in await nadia.thread(card["ref"]) if e["id"] == done["entry"])
        assert entry["delivery"] not in ("failed", "unconfirmed")
        assert len(shop.box.accepted) == 1


async def until(true, within: float = 10) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.02)
