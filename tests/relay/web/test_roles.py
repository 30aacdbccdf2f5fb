"""Row K1: every route against every role, and against nobody."""

import re
from typing import Any

import httpx
import pytest
from tests.relay.web.running import ROOT, Running

from wainbox_relay.contract.vocabulary import Role
from wainbox_relay.web.roles import ADMINS, EVERYBODY, LEADS, OPEN, ROLES, WORKERS

REFUSED = {401, 403}
PUBLISHED = {
    EVERYBODY: {
        "GET /openapi.json",
        "GET /snapshot",
        "GET /queue",
        "GET /counts",
        "GET /events",
        "GET /conversations/{ref}",
        "POST /presence",
        "GET /oncall",
    },
    WORKERS: {
        "GET /conversations/{ref}/thread",
        "GET /conversations/{ref}/customer",
        "GET /conversations/{ref}/why",
        "GET /search",
        "GET /templates",
        "GET /media/{entry}",
        "POST /media/{entry}/link",
        "POST /conversations/{ref}/commands",
        "POST /conversations",
        "POST /next",
        "POST /uploads",
        "POST /typing",
        "POST /oncall/changes",
        "GET /replies",
        "POST /replies/{name}/upload",
        "GET /conversations/{ref}/values",
    },
    LEADS: {
        "PUT /replies/{name}",
        "DELETE /replies/{name}",
        "GET /cost",
        "POST /bulk/preview",
        "POST /bulk",
        "POST /bulk/{job}/undo",
        "PUT /oncall/order",
        "GET /admin/agents",
        "POST /admin/agents",
        "PATCH /admin/agents/{agent}",
        "DELETE /admin/agents/{agent}",
        "GET /admin/agents/{agent}/tokens",
        "POST /admin/agents/{agent}/tokens",
        "POST /admin/teams",
        "DELETE /admin/teams/{team}",
        "GET /admin/shifts",
        "POST /admin/shifts",
    },
    ADMINS: {
        "GET /admin/quarantine",
        "GET /admin/numbers",
    },
}
"""The table of `docs/design.md` section 6, written a second time."""


@pytest.fixture
async def described(running: Running) -> set[tuple[str, str]]:
    """Every method and path that the served description names."""
    async with running.client() as client:
        paths: dict[str, Any] = (await client.get("/openapi.json")).json()["paths"]
    routes = {(m.upper(), path.removeprefix(ROOT)) for path, of in paths.items() for m in of}
    return routes | {("GET", "/openapi.json")}


async def test_every_route_is_in_the_table(described: set[tuple[str, str]]) -> None:
    """The description, the table in the code and the published one name the same routes."""
    assert described == set(ROLES) | OPEN
    published = {tuple(route.split()): roles for roles, of in PUBLISHED.items() for route in of}
    assert published == dict(ROLES)


async def test_every_role_gets_what_the_table_says(
    running: Running, described: set[tuple[str, str]]
) -> None:
    """Each method and path refuses exactly the roles it should, before it reads a body, and
    everybody without a token."""
    found: dict[tuple[str, str], set[Role]] = {route: set() for route in described - OPEN}
    for role in (None, *Role):
        async with running.client(role) as client:
            for (method, path), passed in found.items():
                status = await _status(client, method, path)
                assert (status == 401) == (role is None)
                if role is not None and status != 403:
                    passed.add(role)
    assert found == dict(ROLES)


async def _status(client: httpx.AsyncClient, method: str, path: str) -> int:
    """What a senseless request comes to. A stream is only looked at."""
    address = re.sub(r"{\w+}", "0", path)
    request = client.build_request(method, address, content=b"{")
    answer = await client.send(request, stream=True)
    await answer.aclose()
    return answer.status_code


async def test_the_open_doors_are_few(running: Running) -> None:
    """Without a token: life, readiness, metrics and a link; nothing else of the API."""
    async with httpx.AsyncClient(base_url=running.api) as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get(f"{ROOT}/links/nonsense")).status_code == 404
        assert (await client.get(f"{ROOT}/openapi.json")).status_code == 401
        for path in ("/docs", "/redoc", "/openapi.json", f"{ROOT}/docs"):
            assert (await client.get(path)).status_code == 404


async def test_nobodys_token_makes_one_of_their_own_role_or_above(running: Running) -> None:
    """Whatever their role, nobody but an admin makes an admin, nor a token for an equal."""
    new = {"name": "mallory", "role": "admin"}
    for role in (Role.VIEWER, Role.AGENT, Role.LEAD):
        async with running.client(role) as client:
            assert (await client.post("/admin/agents", json=new)).status_code == 403
            assert (await client.post(f"/admin/agents/{role}/tokens")).status_code == 403
    assert "mallory" not in running.relay.inbox.desk.agents
