"""What importing costs those who did not ask for it."""

import subprocess
import sys

import pytest

HEAVY = {
    "aiosqlite",
    "apprise",
    "asyncpg",
    "fastapi",
    "keyring",
    "holidays",
    "lingua",
    "phonenumbers",
    "sqlite3",
    "starlette",
    "uvicorn",
}
LATE = HEAVY | {"cyclopts", "httpx", "pydantic", "pydantic_settings", "textual"}


AS_THE_APP = "import os; from wainbox_tui import __main__ as first; first._leave_out()"


def loaded_by(module: str, before: str = "pass") -> set[str]:
    """The modules a fresh Python holds after importing one."""
    told = "print(*(name for name, held in sys.modules.items() if held))"
    asked = f"{before}; import sys, {module}; {told}"
    run = [sys.executable, "-c", asked]
    return set(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "module", ["wainbox_relay", "wainbox_relay.contract", "wainbox_tui", "wainbox_tui.__main__"]
)
def test_opening_a_package_loads_almost_nothing(module: str):
    """The packages and the terminal's first step load no framework at all."""
    assert not loaded_by(module) & LATE


@pytest.mark.parametrize(
    "module",
    [
        "wainbox_relay.contract.commands",
        "wainbox_relay.contract.events",
        "wainbox_relay.contract.views",
    ],
)
def test_contract_brings_nothing_of_the_relay(module: str):
    """The terminal may import the contract and pays for pydantic alone."""
    assert not loaded_by(module) & HEAVY


@pytest.mark.parametrize("module", ["app", "client", "cli"])
def test_terminal_does_not_load_the_relays_weight(module: str):
    """The whole terminal runs without the server, its drivers and its language models."""
    assert not loaded_by(f"wainbox_tui.{module}") & HEAVY


def test_the_first_picture_waits_for_no_network_or_model():
    """The app imports neither HTTP nor pydantic before it has painted, and no screen that only a
    key opens."""
    loaded = loaded_by("wainbox_tui.app")
    assert not loaded & {"cyclopts", "httpx", "pydantic", "zoneinfo"}
    screens = {name for name in loaded if name.startswith("wainbox_tui.screens.")}
    assert screens == {"wainbox_tui.screens.edges", "wainbox_tui.screens.inbox"}


def test_the_first_live_row_waits_for_httpx_alone():
    """All that speaks to the relay and reads what it says loads neither pydantic nor click, which
    httpx would have for its own command line."""
    begun = f"{AS_THE_APP}; first._prepare(os.environ)"
    loaded = loaded_by("wainbox_tui.app, wainbox_tui.errands", begun)
    assert "httpx" in loaded
    assert not loaded & (LATE | {"click"}) - {"httpx", "textual"}


def test_commands_for_pipes_check_what_they_read():
    """There pydantic is loaded, and click is not."""
    loaded = loaded_by("wainbox_tui.cli.commands", AS_THE_APP)
    assert "pydantic" in loaded
    assert "click" not in loaded
