"""Where the relay listens, and where it refuses to."""

import resource
import ssl
from pathlib import Path

import httpx
import pytest
from tests.certificates import certificate
from tests.relay.web.running import serving, settings_for

from wainbox_relay.config import ConfigError
from wainbox_relay.limits import FILES_OF_OUR_OWN, room
from wainbox_relay.web.front import bounds
from wainbox_relay.web.server import CannotListen


@pytest.mark.parametrize(
    "address", ["0.0.0.0:8081", "192.0.2.7:8081", "[::]:8081", "desk.example:1"]
)
def test_tokens_do_not_travel_in_the_clear(tmp_path: Path, address: str) -> None:
    """An API that others reach without TLS: the relay does not start and says what to do."""
    with pytest.raises(ConfigError) as refused:
        settings_for(tmp_path, api={"listen": address})
    [problem] = refused.value.problems
    assert problem.startswith("api.behind_tls_proxy: found false; expected true, or a tls_certi")
    sheltered = settings_for(tmp_path, api={"listen": address, "behind_tls_proxy": True})
    assert sheltered.api.listen == address


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8081", "127.8.8.8:1", "[::1]:8081", "localhost:8081"]
)
def test_this_machine_alone_needs_no_tls(tmp_path: Path, address: str) -> None:
    """On loopback the API is served as it is."""
    assert settings_for(tmp_path, api={"listen": address}).api.listen == address


async def test_the_api_speaks_tls_with_a_certificate(tmp_path: Path) -> None:
    """With a certificate terminals connect over TLS that verifies; plain HTTP gets nothing."""
    chain, key = map(str, certificate(tmp_path))
    tls = {"tls_certificate_file": chain, "tls_key_file": key}
    async with serving(tmp_path, api=tls) as running:
        host, port = running.web.api.address
        trusted = ssl.create_default_context(cafile=chain)
        async with httpx.AsyncClient(verify=trusted) as client:
            assert (await client.get(f"https://localhost:{port}/healthz")).status_code == 200
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.TransportError):
                await client.get(f"http://{host}:{port}/healthz")


def test_a_key_that_cannot_serve_is_found_before_the_start(tmp_path: Path) -> None:
    """Another certificate's key, one with a passphrase, no key at all: told by the setting."""
    chain, key = certificate(tmp_path / "own")
    wrong = [
        certificate(tmp_path / "other")[1],
        certificate(tmp_path / "guarded", passphrase=b"secret")[1],
        chain,
    ]
    for each in wrong:
        with pytest.raises(ConfigError) as caught:
            settings_for(
                tmp_path, api={"tls_certificate_file": str(chain), "tls_key_file": str(each)}
            )
        (problem,) = caught.value.problems
        assert problem.startswith("api.tls_key_file: found ")
        assert "the private key of tls_certificate_file" in problem
    sound = settings_for(
        tmp_path, api={"tls_certificate_file": str(chain), "tls_key_file": str(key)}
    )
    assert sound.api.tls_key_file == str(key)


async def test_a_taken_address_stops_the_start(tmp_path: Path) -> None:
    """When either address is taken nothing is left open, and the sentence names the setting."""
    async with serving(tmp_path / "one") as running:
        host, port = running.web.api.address
        with pytest.raises(CannotListen, match=rf"{host}:{port} \(api.listen\) is in use"):
            async with serving(tmp_path / "two", api={"listen": f"{host}:{port}"}):
                pass


def test_bounds_follow_the_settings(tmp_path: Path) -> None:
    """What is promised of slow callers is what is set: ten seconds for a header, twenty for a
    webhook, and as long as a file takes for a file."""
    promised = bounds(settings_for(tmp_path))
    assert (promised.header, promised.body, promised.slow_body, promised.stall) == (10, 20, 300, 10)
    assert promised.slow_paths == (b"/api/v1/uploads",)


def test_connections_fit_into_the_files_we_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's limit is raised as far as it goes; where that is not enough each listener gets
    its share, with files kept for the databases."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: told.append(limits))
    for limits, wanted, given in (
        ((1024, 4096), (1024, 512), [1024, 512]),
        ((64, 64), (1024, 512), [16, 8]),
        ((8, 8), (1024, 512), [5, 4]),
        ((100_000, 100_000), (1024,), [1024]),
        ((256, resource.RLIM_INFINITY), (1024, 512), [1024, 512]),
    ):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        assert room(*wanted) == given
    assert told[0] == (1024 + 512 + FILES_OF_OUR_OWN, 4096)
