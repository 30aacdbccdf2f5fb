"""Row A4: schemathesis asks the served API everything its description allows, and much it does not,
with a token of each kind and with none."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest
from tests.relay.web.running import NUMBER, ROOT, Running, message, serving

from wainbox_relay.contract.vocabulary import Role

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = """
parameters = {{ "path.ref" = "{ref}", "query.number" = "{number}" }}

# A filter's words, a file's bytes and the teams there are obey more than a schema can say.
[[operations]]
include-path-regex = "{root}/(queue|uploads|bulk|bulk/preview|replies/{{name}})$"
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422]
"""
"""A conversation and a number that are there, so that more than 404 is seen."""


@pytest.mark.parametrize(
    ("role", "phases", "which"),
    [
        (Role.AGENT, "coverage,fuzzing", ("--exclude-path-regex", "/events|/admin/")),
        (Role.LEAD, "coverage,fuzzing", ("--include-path-regex", "/bulk|/replies|/cost")),
        (Role.ADMIN, "coverage,fuzzing", ("--include-path-regex", "/admin/")),
        (None, "fuzzing", ("--exclude-path", "/nothing")),
    ],
    ids=["agent", "lead", "admin", "nobody"],
)
async def test_every_answer_is_documented(
    tmp_path: Path, role: Role | None, phases: str, which: tuple[str, str]
) -> None:
    """No error of ours, no answer that the description does not know, nothing open without a token,
    nothing refused that the description allows. The stream has tests of its own."""
    limits = {"logins_per_minute": 1_000_000}
    async with serving(tmp_path / "relay", limits=limits) as running:
        await _furnish(running)
        said, status = await _schemathesis(running, role, tmp_path, "--phases", phases, *which)
    assert status == 0, said
    assert re.search(r"[1-9]\d* generated, [1-9]\d* passed", said), said


async def _furnish(running: Running) -> None:
    body = message("hello")
    await running.services.intake.keep(body)
    await running.settled()


async def _schemathesis(
    running: Running, role: Role | None, folder: Path, *how: str
) -> tuple[str, int]:
    described, config = folder / "openapi.json", folder / "schemathesis.toml"
    async with running.client() as client:
        described.write_bytes((await client.get("/openapi.json")).content)
    config.write_text(CONFIG.format(ref="W-1", number=NUMBER, root=ROOT))
    token = ["--header", f"Authorization: Bearer {running.tokens[role]}"] if role else []
    asking = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        *("--config-file", str(config), "run", str(described), "--url", running.api, *token),
        *(*how, "--checks", "all", "--seed", "1", "--max-examples", "3"),
        *("--request-timeout", "10", "--no-color"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")},
    )
    said, _ = await asking.communicate()
    return said.decode(), asking.returncode or 0
