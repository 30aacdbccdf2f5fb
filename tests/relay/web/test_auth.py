"""Row K4: wrong tokens, and what they teach."""

import statistics
import time
from pathlib import Path

import httpx
import pytest
from tests.relay.web.running import ROOT, Running, serving

from wainbox_relay.contract.vocabulary import MINUTE, Moment, Role
from wainbox_relay.limits import MOST_ADDRESSES, Tries, block


async def _ask(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get(f"{ROOT}/counts", headers={"Authorization": f"Bearer {token}"})


async def test_after_ten_wrong_tokens_an_address_waits(running: Running) -> None:
    """A thousand guesses get ten answers; what they are told is the same whether the id is known
    or not. A right token passes all the while, and none at all is no guess."""
    known = running.tokens[Role.AGENT].split("_")[1]
    async with httpx.AsyncClient(base_url=running.api) as client:
        told = [await _ask(client, f"wbx_{known}_{n:064x}") for n in range(5)]
        told += [await _ask(client, f"wbx_{n:012x}_{n:064x}") for n in range(5)]
        assert {(answer.status_code, answer.text) for answer in told} == {
            (401, told[0].text),
        }
        for n in range(990):
            answer = await _ask(client, f"wbx_{known}_{n:064x}")
            assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 61
        assert (await _ask(client, running.tokens[Role.AGENT])).status_code == 200
        assert (await client.get(f"{ROOT}/counts")).status_code == 401


@pytest.mark.serial
async def test_a_wrong_secret_takes_as_long_as_an_unknown_id(tmp_path: Path) -> None:
    """Asked in pairs, in turns first and second, both refusals take equally long, within five in a
    hundred: the median of a pair's difference against the median of all."""
    async with serving(tmp_path, limits={"logins_per_minute": 1_000_000}) as running:
        known, unknown = running.tokens[Role.AGENT].split("_")[1], "0" * 12
        apart: list[float] = []
        took: list[float] = []
        async with httpx.AsyncClient(base_url=running.api) as client:
            for n in range(400):
                times = {}
                for public in (known, unknown) if n % 2 else (unknown, known):
                    began = time.perf_counter()
                    assert (await _ask(client, f"wbx_{public}_{n:064x}")).status_code == 401
                    times[public] = time.perf_counter() - began
                took += times.values()
                apart.append(times[known] - times[unknown])
    assert abs(statistics.median(apart)) <= 0.05 * statistics.median(took)


@pytest.mark.parametrize(("proxies", "second"), [(["127.0.0.1"], 401), ([], 429)])
async def test_only_a_trusted_proxy_says_who_asks(
    tmp_path: Path, proxies: list[str], second: int
) -> None:
    """Behind a trusted proxy guesses count for the address it names; a stranger's word for it
    counts for nothing."""
    trusted, once = {"trusted_proxies": proxies}, {"logins_per_minute": 1}
    async with serving(tmp_path, relay=trusted, limits=once) as running:  # noqa: SIM117 - length
        async with httpx.AsyncClient(base_url=running.api) as client:
            headers = {"Authorization": "Bearer wbx_0_0"}
            told = [
                await client.get(f"{ROOT}/counts", headers={**headers, "X-Forwarded-For": address})
                for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1")
            ]
    assert [answer.status_code for answer in told] == [401, second, 429]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Basic abc",
        "Bearer wbx_",
        "Bearer wbx__",
        "Bearer \xe9\xe9",
        "Token x",
    ],
)
async def test_what_is_no_token_is_refused(running: Running, header: str) -> None:
    """Odd headers are refused in the usual shape and say how to ask."""
    async with httpx.AsyncClient(base_url=running.api) as client:
        sent = [(b"Authorization", header.encode("latin-1"))]
        answer = await client.get(f"{ROOT}/counts", headers=sent)
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_tries_run_out_and_come_back() -> None:
    """An address waits until its oldest wrong try is a minute old; others do not wait."""
    tries, now = Tries(3), Moment(0)
    for n in range(3):
        assert tries.wait("a", now) == 0
        tries.wrong("a", Moment(n * 1_000_000))
    assert tries.wait("a", Moment(2_000_000)) == 59
    assert tries.wait("b", Moment(2_000_000)) == 0
    assert tries.wait("a", Moment(MINUTE)) == 0


def test_tries_take_little_memory() -> None:
    """However many addresses guess, only so many are remembered; a clock set back frees them."""
    tries = Tries(1)
    for n in range(3 * MOST_ADDRESSES):
        tries.wrong(str(n), Moment(0))
    assert len(tries._wrong) <= MOST_ADDRESSES
    assert tries.wait(str(3 * MOST_ADDRESSES - 1), Moment(-5)) == 0


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not:an:address", "not:an:address"),
    ],
)
def test_an_ipv6_caller_is_counted_by_network(address: str, stands_for: str) -> None:
    """Whoever has a whole network of addresses is still one caller."""
    assert block(address) == stands_for
