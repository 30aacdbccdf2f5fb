"""Canned replies over the API: who sees and changes them, and what fills their places."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.relay.web.running import NUMBER, Running, message

from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.contract.vocabulary import Role
from wainbox_relay.engine.folding import Slice
from wainbox_relay.media import MediaFolder
from wainbox_relay.sections.hours import CalendarSection

WEEK = {"saturday": "9:00-21:00", "sunday": "9:00-21:00"}
REFUND: dict[str, Any] = {
    "title": "Refund",
    "texts": {"fr": "Bonjour {{customer.first_name}}", "any": "Hello {{customer.first_name}}"},
    "deeds": {"tags": ["refund"], "status": "resolved"},
}


async def keep(running: Running, name: str, **reply: Any) -> httpx.Response:
    async with running.client(Role.LEAD) as client:
        return await client.put(f"/replies/{name}", json={**REFUND, **reply})


async def names(running: Running, role: Role) -> list[str]:
    async with running.client(role) as client:
        return [each["name"] for each in (await client.get("/replies")).json()]


async def test_a_lead_keeps_changes_and_removes_one(running: Running) -> None:
    """Agents see at once what a lead wrote; each change is in the audit log."""
    assert (await keep(running, "refund")).is_success
    assert (await keep(running, "refund", title="Refund \x1b[2J[/]")).is_success
    async with running.client() as client:
        [found] = (await client.get("/replies")).json()
        assert CannedReply.model_validate(found).title == "Refund [2J[/]"
        assert (await client.delete("/replies/refund")).status_code == 403
    async with running.client(Role.LEAD) as client:
        assert (await client.delete("/replies/refund")).status_code == 204
        assert (await client.delete("/replies/refund")).status_code == 404
    assert await names(running, Role.AGENT) == []


async def test_a_teams_replies_are_its_own(running: Running) -> None:
    """Others do not see them; leads see all."""
    await keep(running, "refund", team="returns")
    await keep(running, "offer", team="sales")
    await keep(running, "hello")
    assert await names(running, Role.AGENT) == ["hello", "offer"]
    assert await names(running, Role.LEAD) == ["hello", "offer", "refund"]


async def test_what_is_known_already_is_not_sent_again(running: Running) -> None:
    """The picker asks at each opening, and gets a body only when something changed."""
    await keep(running, "hello")
    async with running.client() as client:
        first = await client.get("/replies")
        known = {"If-None-Match": first.headers["etag"]}
        assert (await client.get("/replies", headers=known)).status_code == 304
        await keep(running, "refund")
        again = await client.get("/replies", headers=known)
    assert [each["name"] for each in again.json()] == ["hello", "refund"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"texts": {"any": "{{customer.password}}"}}, "customer.first_name"),
        ({"texts": {"any": "x" * 4097}}, "texts"),
        ({"texts": {"français": "x"}}, "texts"),
        ({"texts": {}, "deeds": {}}, "something to do"),
        ({"deeds": {"snooze": "2h"}}, "snooze alone"),
        ({"deeds": {"assign": "@nobody"}}, "assign"),
        ({"deeds": {"assign": "nowhere"}}, "assign"),
        ({"deeds": {"note": "{{secret}}"}}, "not known"),
        ({"team": "nowhere"}, "desk.teams"),
        ({"colour": "red"}, "no such field"),
    ],
)
async def test_what_cannot_work_is_refused_when_it_is_saved(
    running: Running, wrong: dict[str, Any], told: str
) -> None:
    """Unknown names, words too long, teams and agents that are not there: a sentence each."""
    answer = await keep(running, "refund", **wrong)
    assert answer.status_code == 422
    assert told in answer.json()["message"] + answer.json()["field"]
    assert await names(running, Role.LEAD) == []


async def test_a_conversation_gives_the_values(running: Running, post) -> None:
    """Of its customer, number and the asking agent; the customer's name is text, whatever it
    holds."""
    await post(message("salam", sender="212600000009"))
    await running.settled()
    async with running.client() as client:
        found = (await client.get("/conversations/W-1/values")).json()["values"]
        assert found == {
            "ticket_id": "#W-1",
            "customer.name": "Ali [/]",
            "customer.first_name": "Ali",
            "customer.phone": "+212600000009",
            "number.name": "Shop",
            "agent.name": "agent",
            "agent.first_name": "agent",
        }
        assert (await client.get("/conversations/W-9/values")).status_code == 404


async def test_the_hours_are_told_in_the_customers_language(running: Running, post) -> None:
    """As the number's calendar has them; where there is none, nothing is said of hours."""
    section = CalendarSection(name="shop", zone="Africa/Casablanca", week=WEEK)

    def opens(slice_: Slice) -> None:
        desk = slice_.desk
        policy = replace(desk.policy, calendars={"shop": section.rules()})
        number = replace(desk.numbers[NUMBER], calendar="shop")
        slice_.desk = replace(desk, policy=policy, numbers={NUMBER: number})

    await running.relay.inbox.amend(opens)
    await post(message("Bonjour, où est ma commande ?"))
    await running.settled()
    async with running.client() as client:
        found = (await client.get("/conversations/W-1/values")).json()["values"]
    assert "9 h" in found["hours"]
    assert found["opens_at"]


async def test_an_attachment_is_given_to_whatsapp_when_it_is_used(
    running: Running, tmp_path: Path
) -> None:
    """From the relay's own media folder, for the number it will leave from."""
    with MediaFolder(tmp_path / "media").begin(100) as arriving:
        arriving.write(b"%PDF-1.4 guide")
        kept = arriving.keep()
    attached = {"digest": kept.digest, "name": "guide.pdf", "type": "application/pdf", "size": 14}
    await keep(running, "guide", attachment=attached, deeds={})
    await keep(running, "lost", attachment={**attached, "digest": "0" * 64}, deeds={})
    async with running.client() as client:
        upload = await client.post("/replies/guide/upload", params={"number": NUMBER})
        assert (upload.json()["kind"], upload.json()["media_id"]) == ("document", "media-1")
        assert running.whatsapp.uploaded == [(NUMBER, "guide.pdf", "application/pdf", 14)]
        for path, number in (("lost", NUMBER), ("none", NUMBER), ("guide", "7")):
            answer = await client.post(f"/replies/{path}/upload", params={"number": number})
            assert answer.status_code == 404


async def test_a_months_cost_is_for_leads(running: Running) -> None:
    """A month that has none is empty; what is no month is refused."""
    async with running.client(Role.LEAD) as client:
        assert (await client.get("/cost?month=2026-12")).json() == {"month": "2026-12", "lines": []}
        assert (await client.get("/cost?month=2026-13")).status_code == 422
