"""`wainbox-relay check` notices by day whom no page would reach by night."""

from pathlib import Path

import pytest
from tests.relay.oncall.conftest import night, settings

from wainbox_relay.check import findings
from wainbox_relay.config import Settings
from wainbox_relay.sections.menu import EXAMPLE

ALL = dict.fromkeys(("nadia", "samir", "lina"), "https://example.com/page")


async def told(folder: Path, urls: dict[str, str], **oncall: object) -> str:
    config = folder / "wainbox.toml"
    config.touch(mode=0o600)
    found = {f.subject: f for f in await findings(settings(folder, urls, **oncall), config)}
    return ("" if found["on call"].well else "fault: ") + found["on call"].sentence


@pytest.mark.parametrize(
    ("urls", "oncall", "expected"),
    [
        (ALL, {}, "nadia, samir, lina can be paged"),
        ({"nadia": ""}, {"leads": []}, "fault: nothing pages nadia, samir;"),
        (
            {**ALL, "nadai": "https://x.example"},
            {"rota": ["nadai"]},
            "fault: there is no agent nadai",
        ),
    ],
    ids=["all reached", "no channel", "a slip of the pen"],
)
async def test_whom_no_page_would_reach(
    tmp_path: Path, urls: dict[str, str], oncall: dict[str, object], expected: str
) -> None:
    """Everybody of the rota and the leads needs a channel and an account."""
    async with night(tmp_path, {}):
        pass
    assert (await told(tmp_path, urls, **oncall)).startswith(expected)


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        ([], None),
        (["payment"], (True, "the menu gives all that rules name")),
        (["paymnt"], (False, "no choice of the menu gives paymnt (urgency.topics)")),
    ],
)
async def test_a_topic_that_never_comes(
    tmp_path: Path, topics: list[str], expected: tuple[bool, str] | None
) -> None:
    """A slip of the pen would leave what is urgent lying until the morning."""
    raw = {
        "relay": {"data_dir": str(tmp_path)},
        "webhook": {"app_secret": "s", "verify_token": "v"},
        "urgency": {"topics": topics},
        "menu": EXAMPLE,
    }
    config = tmp_path / "wainbox.toml"
    config.touch(mode=0o600)
    found = {f.subject: (f.well, f.sentence) for f in await findings(Settings.of(raw, {}), config)}
    assert found.get("topics") == expected
