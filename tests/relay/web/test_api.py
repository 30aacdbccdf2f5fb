"""What the API answers: pages, one conversation, orders, files, admin, and how it refuses."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from tests.relay.web.running import NUMBER, ROOT, Running, message, serving

from wainbox_relay.contract.filters import VIEWS
from wainbox_relay.contract.problems import Problem, Refusal
from wainbox_relay.contract.views import (
    AgentBadge,
    Card,
    Counts,
    CustomerPanel,
    Page,
    Snapshot,
    Thread,
    Upload,
)
from wainbox_relay.contract.vocabulary import EntryId, Kind, MediaState, Moment, Role
from wainbox_relay.domain.model import Failure, Media
from wainbox_relay.ports import Refused, TryLater
from wainbox_relay.web import boards, links
from wainbox_relay.web.links import Links

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 64
COMMAND = "0" * 31


@pytest.fixture
async def ref(running: Running, post) -> str:
    """A conversation that has just begun."""
    await post(message("where is my order 4417?", sender="966511122233"))
    await running.settled()
    async with running.client() as client:
        [card] = (await client.get("/queue")).json()["cards"]
    return str(card["ref"])


async def _problem(answer: httpx.Response, status: int) -> Problem:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    return Problem.model_validate_json(answer.content)


# -- boards ------------------------------------------------------------------------------------


async def test_a_terminal_begins_with_a_snapshot(running: Running, ref: str) -> None:
    """It says who one is, who and what else there is, and where the stream stands."""
    async with running.client(Role.LEAD) as client:
        snapshot = Snapshot.model_validate_json((await client.get("/snapshot")).content)
    assert snapshot.me.id == "lead"
    assert [agent.id for agent in snapshot.agents] == ["admin", "agent", "lead", "viewer"]
    assert snapshot.teams == ("returns", "sales")
    assert [number.id for number in snapshot.numbers] == [NUMBER]
    assert snapshot.seq == running.relay.stream.seq
    assert {view.view: view.total for view in snapshot.counts.views}["unassigned"] == 1


async def test_pages_go_by_key_by_row_and_from_the_end(running: Running, post) -> None:
    """Every way through the queue shows the same rows in the same order."""
    for n in range(7):
        await post(message(str(n), sender=f"96650000000{n}"))
    await running.settled()
    async with running.client() as client:

        async def page(**query: Any) -> Page:
            answer = await client.get("/queue", params=query)
            return Page.model_validate_json(answer.content)

        whole = (await page()).cards
        keys = [f"{card.sort_key}.{card.id}" for card in whole]
        assert len(whole) == 7
        assert (await page(limit=3)).cards == whole[:3]
        assert (await page(limit=3, after=keys[2])).cards == whole[3:6]
        assert (await page(limit=3, before=keys[5])).cards == whole[2:5]
        assert (await page(limit=3, offset=4)).cards == whole[4:]
        assert (await page(limit=3, end="true")).cards == whole[4:]
        assert (await page(limit=3)).more
        assert not (await page(limit=7)).more
        assert (await page(view="mine")).cards == ()
        assert (await page(filter="assignee:nobody team:mine status:open")).cards == whole


async def test_search_and_counts(running: Running, ref: str) -> None:
    """Words find the conversation they were said in; counts are those of the views."""
    async with running.client() as client:
        found = Page.model_validate_json((await client.get("/search?q=4417")).content)
        assert [card.ref for card in found.cards] == [ref]
        assert (await client.get("/search?q=nowhere")).json()["cards"] == []
        counted = Counts.model_validate_json((await client.get("/counts")).content)
    assert {view.view for view in counted.views} == set(VIEWS)


def test_the_views_of_the_api_are_the_views() -> None:
    """`/queue` names every standing view and no other."""
    assert set(boards.View.__args__) == set(VIEWS)


# -- one conversation --------------------------------------------------------------------------


async def test_one_conversation_from_all_sides(running: Running, ref: str) -> None:
    """Card, thread, customer and why are what the contract says, by any spelling of the ref."""
    async with running.client() as client:
        for spelling in (ref, ref.lower(), ref.removeprefix("W-"), f"%23{ref}"):
            card = Card.model_validate_json(
                (await client.get(f"/conversations/{spelling}")).content
            )
            assert card.ref == ref
        base = f"/conversations/{ref}"
        thread = Thread.model_validate_json((await client.get(f"{base}/thread")).content)
        assert [e.text for e in thread.entries if e.kind is Kind.TEXT] == [
            "where is my order 4417?"
        ]
        panel = CustomerPanel.model_validate_json((await client.get(f"{base}/customer")).content)
        assert panel.customer.phone == "+966511122233"
        [opened, *_] = (await client.get(f"{base}/why")).json()
        assert opened["what"] == "opened"


async def test_a_thread_is_read_page_by_page(running: Running, ref: str, post) -> None:
    """The page before an entry ends just before it; around one, it is there."""
    for n in range(6):
        await post(message(f"more {n}", sender="966511122233", wamid=f"wamid.{n}"))
    await running.settled()
    async with running.client() as client:

        async def texts(**query: Any) -> list[tuple[int, str]]:
            answer = await client.get(f"/conversations/{ref}/thread", params=query)
            entries = Thread.model_validate_json(answer.content).entries
            return [(entry.id, entry.text) for entry in entries if entry.kind is Kind.TEXT]

        whole = await texts()
        assert len(whole) == 7
        assert await texts(before=whole[4][0], limit=3) == whole[1:4]
        assert whole[2] in await texts(around=whole[2][0], limit=3)
        answer = await client.get(f"/conversations/{ref}/thread", params={"before": 1})
        assert (await _problem(answer, 404)).field == "before"


async def test_an_order_is_answered_when_it_is_kept(running: Running, ref: str) -> None:
    """Done names the event that shows the change; the same again is the same answer, the same id
    with another body a conflict, and a colleague is told who has it."""
    async with running.client() as client, running.client(Role.LEAD) as colleague:
        path = f"/conversations/{ref}/commands"
        order = {"command_id": COMMAND + "1", "command": {"do": "claim"}}
        done = await client.post(path, json=order)
        assert done.status_code == 200
        assert done.json()["seq"] <= running.relay.stream.seq
        assert (await client.post(path, json=order)).json() == done.json()
        other = {**order, "command": {"do": "release"}}
        assert (await _problem(await client.post(path, json=other), 409)).code == "conflict"
        taken = await colleague.post(path, json={**order, "command_id": COMMAND + "2"})
        assert "agent" in (await _problem(taken, 409)).message


async def test_what_is_not_there_is_said(running: Running) -> None:
    """Unknown conversations, entries and numbers are problems, whatever their spelling."""
    async with running.client() as client:
        order = {"command_id": COMMAND + "1", "command": {"do": "claim"}}
        for asked in (
            client.get("/conversations/W-999"),
            client.get("/conversations/W-abc"),
            client.get("/conversations/W-999/thread"),
            client.get("/conversations/W-999/customer"),
            client.get("/conversations/W-999/why"),
            client.post("/conversations/W-999/commands", json=order),
            client.get("/media/5"),
            client.get("/templates?number=1"),
            client.post("/uploads?number=1", content=PNG),
            client.get("/nowhere"),
            client.get("/"),
        ):
            assert (await _problem(await asked, 404)).code == "not_found"


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("/queue?limit=0", "limit", "greater than or equal to 1"),
        ("/queue?limit=ten", "limit", "integer"),
        ("/queue?view=other", "view", "'mine', 'unassigned'"),
        ("/queue?after=1", "after", "pattern"),
        ("/queue?filter=lang:", "filter", "for example lang:ar"),
        ("/queue?filter=colour:red", "filter", "no filter 'colour'"),
        ("/search", "q", "needed"),
        ("/conversations/1/thread?before=99999999999999999999", "before", "less than or equal"),
    ],
)
async def test_a_wrong_question_names_what_is_wrong(
    running: Running, query: str, field: str, words: str
) -> None:
    """422 in the usual shape: which parameter, and what was expected."""
    async with running.client() as client:
        problem = await _problem(await client.get(query), 422)
    assert (problem.code, problem.field) == ("invalid", field)
    assert words in problem.message


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b"{}", "command_id"),
        (b'{"command_id": "x", "command": {"do": "claim"}}', "command_id"),
        (b'{"command_id": "%032d", "command": {"do": "dance"}}' % 1, "command"),
        (b'{"command_id": "%032d", "command": {"do": "claim", "x": 1}}' % 1, "command.claim.x"),
    ],
)
async def test_a_wrong_body_names_what_is_wrong(running: Running, body: bytes, field: str) -> None:
    """So it is with bodies, however broken; what was sent is not repeated."""
    async with running.client() as client:
        headers = {"Content-Type": "application/json"}
        answer = await client.post("/conversations/1/commands", content=body, headers=headers)
    problem = await _problem(answer, 422)
    assert (problem.code, problem.field) == ("invalid", field)
    assert "dance" not in problem.message


async def test_other_refusals_have_the_same_shape(running: Running) -> None:
    """Wrong method, outsized body, and a mistake of ours."""
    async with running.client(Role.ADMIN) as client:
        wrong = await client.put("/admin/agents")
        await _problem(wrong, 405)
        assert wrong.headers["allow"] == "GET, POST"
        huge = await client.post("/presence", content=b" " * 300_000)
        assert (await _problem(huge, 413)).code == "too_large"


async def test_every_answer_is_safe_to_show(running: Running) -> None:
    """Answers cannot be sniffed, framed, kept or read by other sites, and each has its own id."""
    async with running.client() as client:
        origin = {"Origin": "https://evil.example"}
        answers = [await client.get(path, headers=origin) for path in ("/counts", "/none")]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 2


# -- viewers -----------------------------------------------------------------------------------


async def test_a_viewers_board_has_no_words_and_no_phones(running: Running, ref: str) -> None:
    """Viewers see the same cards as agents, without what was written and how to reach people."""
    async with running.client(Role.VIEWER) as viewer, running.client() as agent:
        for path in ("/queue", "/queue?view=unassigned", f"/conversations/{ref}"):
            seen, whole = await viewer.get(path), await agent.get(path)
            assert "4417" not in seen.text
            assert "966511122233" not in seen.text
            assert "966511122233" in whole.text
        Page.model_validate_json((await viewer.get("/queue")).content)
        probing = await viewer.get("/queue", params={"filter": "4417"})
        assert (await _problem(probing, 403)).code == "not_allowed"


# -- presence ----------------------------------------------------------------------------------


async def test_who_looks_is_told(running: Running) -> None:
    """A terminal's post is on the board at once."""
    async with running.client() as client:
        here = {"terminal": "0123456789abcdef", "conversation": 42, "composing": True}
        assert (await client.post("/presence", json=here)).status_code == 204
    viewing = running.relay.presence.viewing(42)
    assert (viewing.agents, viewing.composing) == (("agent",), ("agent",))


# -- files -------------------------------------------------------------------------------------


class OneFile:
    """Reads that know the file of one entry."""

    def __init__(self, reads: Any, media: Media, name: str) -> None:
        self._reads = reads
        self.media = media
        self.name = name

    async def entry_media(self, entry: EntryId) -> Any:
        return self if entry == 7 else None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reads, name)


def _holding(running: Running, mime: str, name: str, data: bytes = PNG) -> None:
    kept = running.media.keep(data)
    media = Media(MediaState.READY, kept.digest, mime, kept.size)
    object.__setattr__(running.services, "reads", OneFile(running.services.reads, media, name))


@pytest.mark.parametrize(
    ("mime", "sent_as", "how"),
    [
        ("image/png", "image/png", "inline"),
        ("application/pdf", "application/pdf", "inline"),
        ("text/html", "application/octet-stream", "attachment"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
        ("application/x-executable", "application/octet-stream", "attachment"),
    ],
)
async def test_a_file_comes_so_that_no_browser_runs_it(
    running: Running, mime: str, sent_as: str, how: str
) -> None:
    """What a browser might run is plain data to keep; the rest is shown in a sandbox."""
    _holding(running, mime, '../a"b\r\nSet-Cookie: x\u202e.png')
    async with running.client() as client:
        answer = await client.get("/media/7")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == sent_as
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"].startswith(f"{how}; filename*=UTF-8''")
    assert not re.search(r'["/\\\s]', answer.headers["content-disposition"].partition("''")[2])
    assert "set-cookie" not in answer.headers


async def test_a_link_works_once(running: Running) -> None:
    """Without a token, for one read; both its making and its use are in the audit log."""
    _holding(running, "image/png", "photo.png")
    async with running.client() as client, httpx.AsyncClient() as browser:
        made = await client.post("/media/7/link")
        assert made.status_code == 201
        url = made.json()["url"]
        assert url.startswith(f"{running.api}{ROOT}/links/")
        assert (await browser.get(url)).content == PNG
        assert (await browser.get(url)).status_code == 404
        assert (await client.post("/media/8/link")).status_code == 404
    rows = await running.relay.stores.main_writer.rows("SELECT actor, act, subject FROM audit")
    assert [tuple(row) for row in rows if row[1].startswith("media")] == [
        ("@agent", "media_link_made", "7"),
        ("@agent", "media_link_used", "7"),
    ]


async def test_a_link_ends_with_its_agent(running: Running) -> None:
    """A link of an agent who was revoked opens nothing."""
    _holding(running, "image/png", "photo.png")
    async with running.client() as client, httpx.AsyncClient() as browser:
        url = (await client.post("/media/7/link")).json()["url"]
        await running.relay.staff.revoke("test", "agent")
        assert (await browser.get(url)).status_code == 404


def test_a_link_ends_after_five_minutes() -> None:
    """Unused links run out, and only so many are remembered."""
    kept = Links()
    secret = kept.make(EntryId(7), "agent", Moment(0))
    assert kept.take(secret, Moment(links.GOOD_FOR)) is None
    for _ in range(links.MOST + 5):
        newest = kept.make(EntryId(7), "agent", Moment(0))
    assert len(kept._links) == links.MOST
    assert kept.take(newest, Moment(1)) is not None


async def test_a_file_is_given_to_whatsapp(running: Running) -> None:
    """As a body or in a form, with the name cleaned and the kind judged by the bytes."""
    async with running.client() as client:
        path = f"/uploads?number={NUMBER}"
        typed = {"Content-Type": "image/png"}
        plain = await client.post(f"{path}&name=a%0Ab.png", content=PNG, headers=typed)
        form = await client.post(path, files={"file": ("b.pdf", b"%PDF-1.7 x", "application/pdf")})
    assert [Upload.model_validate_json(a.content).kind for a in (plain, form)] == [
        Kind.IMAGE,
        Kind.DOCUMENT,
    ]
    assert running.whatsapp.uploaded == [
        (NUMBER, "a\nb.png", "image/png", len(PNG)),
        (NUMBER, "b.pdf", "application/pdf", 10),
    ]


@pytest.mark.parametrize(
    ("mime", "data", "status", "words"),
    [
        ("image/png", b"", 422, "empty"),
        ("image/jpeg", b"<html>hello</html>", 422, "its bytes say text/html"),
        ("image/png", PNG + b"\x00" * 5 * 1024 * 1024, 413, "at most 5 MB"),
        ("application/pdf", b"%PDF" + b"\x00" * 7 * 1024 * 1024, 413, "at most 6 MB"),
    ],
    ids=["empty", "disguised", "large for a picture", "large"],
)
async def test_a_file_whatsapp_would_refuse_is_refused_first(
    tmp_path: Path, mime: str, data: bytes, status: int, words: str
) -> None:
    """Empty, disguised and outsized files go no further."""
    limits = {"upload_bytes": 6 * 1024 * 1024}
    async with serving(tmp_path, limits=limits) as running, running.client() as client:
        sent = {"Content-Type": mime}
        path = f"/uploads?number={NUMBER}"
        problem = await _problem(await client.post(path, content=data, headers=sent), status)
        form = await client.post(path, files={"file": ("x", data, mime)})
        assert (await _problem(form, status)).message == problem.message
        none = await client.post(path, files={"a": b"1", "b": b"2"})
        assert "exactly one file" in (await _problem(none, 422)).message
    assert words in problem.message
    assert running.whatsapp.uploaded == []


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (Refused(Failure(131053, "WhatsApp says no.", "Send another.")), 409),
        (TryLater(Failure(0, "Later.", "")), 503),
    ],
)
async def test_whatsapps_no_to_a_file_is_passed_on(running: Running, trouble, status) -> None:
    """A refusal for good and one for now are told apart."""

    async def upload(*_: object) -> str:
        raise trouble

    running.whatsapp.upload = upload
    async with running.client() as client:
        answer = await client.post(f"/uploads?number={NUMBER}", content=b"hello")
    await _problem(answer, status)
    assert ("retry-after" in answer.headers) == (status == 503)


# -- admin -------------------------------------------------------------------------------------


async def test_an_admin_keeps_agents_and_tokens(running: Running) -> None:
    """Adding, changing, rotating and revoking over the API; a token is shown once."""
    async with running.client(Role.ADMIN) as admin:
        made = await admin.post(
            "/admin/agents", json={"name": "Nadia", "role": "agent", "teams": ["sales"]}
        )
        assert made.status_code == 201
        first = made.json()["token"]
        assert (
            await admin.post("/admin/agents", json=json.loads(made.request.content))
        ).status_code == 409
        assert await _works(running, first)
        changed = await admin.patch("/admin/agents/nadia", json={"role": "lead"})
        assert AgentBadge.model_validate_json(changed.content).role is Role.LEAD
        second = (await admin.post("/admin/agents/nadia/tokens")).json()["token"]
        assert not await _works(running, first)
        assert await _works(running, second)
        [token] = (await admin.get("/admin/agents/nadia/tokens")).json()
        assert token["id"] == second.split("_")[1]
        assert second.split("_")[2] not in json.dumps(token)
        assert (await admin.delete("/admin/agents/nadia")).status_code == 204
        assert not await _works(running, second)
        assert "nadia" not in (await admin.get("/admin/agents")).text
        unknown = {"name": "omar", "role": "agent", "teams": ["nowhere"]}
        problem = await _problem(await admin.post("/admin/agents", json=unknown), 404)
        assert "nowhere" in problem.message


async def test_a_lead_looks_after_agents_and_nobody_above(running: Running) -> None:
    """Teams, skills and capacity of agents and of themselves; roles and tokens below their own;
    each is in the audit log under their name."""
    async with running.client(Role.LEAD) as lead:
        made = await lead.post("/admin/agents", json={"name": "Nadia", "role": "agent"})
        assert await _works(running, made.json()["token"])
        skilled = {"teams": ["sales"], "languages": ["ar"], "topics": ["refund"], "capacity": 4}
        changed = await lead.patch("/admin/agents/nadia", json=skilled)
        badge = AgentBadge.model_validate_json(changed.content)
        assert (badge.teams, badge.languages, badge.capacity) == (("sales",), ("ar",), 4)
        assert (await lead.patch("/admin/agents/lead", json={"capacity": 3})).status_code == 200
        for path, body in (
            ("/admin/agents/nadia", {"role": "lead"}),
            ("/admin/agents/lead", {"role": "admin"}),
            ("/admin/agents/admin", {"capacity": 1}),
        ):
            problem = await _problem(await lead.patch(path, json=body), 403)
            assert "an admin looks after" in problem.message
        hours = {"whom": "@admin", "hours": "off"}
        assert (await lead.post("/admin/shifts", json=hours)).status_code == 403
        assert (await lead.delete("/admin/agents/lead")).status_code == 403
        assert (await lead.delete("/admin/agents/nadia")).status_code == 204
    told = await running.relay.stores.main_writer.rows(
        "SELECT act, subject FROM audit WHERE actor = '@lead' ORDER BY id"
    )
    assert [tuple(row) for row in told] == [
        ("agent_added", "nadia"),
        ("agent_changed", "nadia"),
        ("agent_changed", "lead"),
        ("agent_revoked", "nadia"),
    ]


async def test_a_team_is_opened_and_closed_again(running: Running) -> None:
    """It can be joined at once; it goes when nobody is on it; the configured ones stay."""
    async with running.client(Role.LEAD) as lead:
        assert (await lead.post("/admin/teams", json={"name": "vip desk"})).status_code == 422
        opened = await lead.post("/admin/teams", json={"name": "vip"})
        assert opened.json() == {"teams": ["returns", "sales", "vip"]}
        assert (await lead.post("/admin/teams", json={"name": "vip"})).status_code == 409
        assert "vip" in (await lead.get("/snapshot")).json()["teams"]
        joins = {"teams": ["vip"]}
        assert (await lead.patch("/admin/agents/agent", json=joins)).status_code == 200
        problem = await _problem(await lead.delete("/admin/teams/vip"), 409)
        assert problem.message == "vip still has 1 agent; give them another team first."
        assert (await lead.patch("/admin/agents/agent", json={"teams": []})).status_code == 200
        assert (await lead.delete("/admin/teams/vip")).status_code == 204
        assert "vip" not in (await lead.get("/snapshot")).json()["teams"]
        problem = await _problem(await lead.delete("/admin/teams/sales"), 409)
        assert "desk.teams" in problem.message


async def test_an_agent_is_told_what_takes_a_lead(running: Running) -> None:
    """None of the six is an agent's to change, and the sentence says whose it is."""
    async with running.client(Role.AGENT) as agent:
        for answer in (
            await agent.post("/admin/agents", json={"name": "Nadia", "role": "agent"}),
            await agent.patch("/admin/agents/agent", json={"capacity": 9}),
            await agent.post("/admin/teams", json={"name": "vip"}),
            await agent.post("/admin/shifts", json={"whom": "@agent", "hours": "off"}),
            await agent.put("/oncall/order", json={"holders": ["agent"]}),
        ):
            problem = await _problem(answer, 403)
            assert problem.message == "This needs the role admin or lead; yours is agent."


async def _works(running: Running, token: str) -> bool:
    async with httpx.AsyncClient(base_url=running.api) as client:
        headers = {"Authorization": f"Bearer {token}"}
        return (await client.get(f"{ROOT}/counts", headers=headers)).status_code == 200


async def test_an_admin_sees_what_could_not_be_read(running: Running, post) -> None:
    """Quarantined items are listed with place and reason, numbers with whether they are ours
    and what is kept of each."""
    await post(b'{"object": "whatsapp_business_account", "entry": [17]}')
    await post(message("to a stranger").replace(NUMBER.encode(), b"999"))
    await running.settled()
    async with running.client(Role.ADMIN) as admin:
        [item] = (await admin.get("/admin/quarantine")).json()
        assert item["journal"] == 1
        assert item["path"] == "entry[0]"
        assert item["reason"]
        numbers = (await admin.get("/admin/numbers")).json()
    kept = {n["id"]: (n["claimed"], n["conversations"]) for n in numbers}
    assert kept == {NUMBER: (True, 0), "999": (False, 1)}


# -- health ------------------------------------------------------------------------------------


async def test_life_readiness_and_figures(running: Running, post) -> None:
    """Alive whatever happens; ready only without trouble; figures in Prometheus' words."""
    await post(message())
    await post(b"forged", **{"X-Hub-Signature-256": "sha256=0"})
    async with httpx.AsyncClient(base_url=running.api) as client:
        assert (await client.get("/healthz")).text == "ok\n"
        assert (await client.get("/readyz")).json() == {"ready": True, "trouble": []}
        running.trouble.append("The disk is full.")
        not_ready = await client.get("/readyz")
        assert (not_ready.status_code, not_ready.json()["trouble"]) == (503, ["The disk is full."])
        figures = (await client.get("/metrics")).text
    for line in (
        'wainbox_webhooks_total{status="200"} 1.0',
        'wainbox_webhooks_total{status="401"} 1.0',
        "wainbox_webhook_acknowledged_seconds_count 1.0",
        'wainbox_api_answers_total{route="GET /readyz",status="503"} 1.0',
        'wainbox_unavailable_total{listener="api"} 1.0',
        'wainbox_connections{listener="api.listen"} 1.0',
        "wainbox_journal_depth ",
        "wainbox_lag_seconds ",
        "wainbox_quarantined ",
        "wainbox_streams 0.0",
    ):
        assert line in figures


async def test_a_silent_database_is_not_ready(running: Running) -> None:
    """A store that does not answer makes the relay unready, not the question endless."""

    async def never() -> Any:
        await asyncio.Event().wait()

    object.__setattr__(running.services, "readings", never)
    async with httpx.AsyncClient(base_url=running.api) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["trouble"] == ["The database does not answer."]


# -- the log -----------------------------------------------------------------------------------


async def test_the_log_names_routes_and_never_what_was_asked(running: Running) -> None:
    """One record a request: the route's template, status and time, and nothing the caller wrote."""
    token = running.tokens[Role.AGENT]
    with structlog.testing.capture_logs() as records:
        async with running.client() as client:
            await client.get("/conversations/W-99%0a%1b[31m%25s{}/thread?before=1&x=secret-words")
            await client.get("/nowhere/%0asecret-words")
            await client.get("/queue", params={"filter": "secret-words"})
    told = [record for record in records if record["event"] == "answered"]
    assert [record["route"] for record in told] == [
        f"GET {ROOT}/conversations/{{ref}}/thread",
        "none",
        f"GET {ROOT}/queue",
    ]
    everything = json.dumps(told)
    assert "secret-words" not in everything
    assert token not in everything
    assert "31m" not in everything


def test_a_refusal_is_a_sentence() -> None:
    """Problems reach people: code, sentence and field survive the wire."""
    refused = Refusal(Problem(code="taken", message="Leila took it 2 s ago.", field="ref"))
    assert str(refused) == "Leila took it 2 s ago."
