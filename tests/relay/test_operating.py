"""What the operator's page says is what there is."""

import re
from pathlib import Path

import pytest
from cyclopts import App

from wainbox_relay.cli import app
from wainbox_relay.config import Settings
from wainbox_relay.config_problems import keys

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operating.md").read_text()
CODE = {path: path.read_text() for path in (ROOT / "src/wainbox_relay").rglob("*.py")}


def verbs(part=app, before: str = "") -> list[str]:
    found = []
    for name in part:
        if name.startswith("-"):
            continue
        inner = verbs(part[name], f"{before}{name} ")
        runs = part[name].default_command is not None
        found += [f"{before}{name}"] * runs + inner
    return found


def test_every_verb_is_explained() -> None:
    """Each command of `wainbox-relay` stands in the page's table, and nothing else does."""
    table = PAGE.partition("## Commands")[2].partition("## systemd")[0]
    told = re.findall(r"`([a-z ]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    assert sorted(told) == sorted(verbs())


def silent(part: App = app, before: str = "") -> list[str]:
    """Arguments and options without a word of help."""
    found = []
    for name in part:
        if not name.startswith("-"):
            runs = part[name].default_command is not None
            arguments = (
                part[name].assemble_argument_collection(parse_docstring=True) if runs else ()
            )
            found += [f"{before}{name} {a.name}" for a in arguments if not a.parameter.help]
            found += silent(part[name], f"{before}{name} ")
    return found


def test_every_argument_is_explained() -> None:
    """`--help` says of each argument and option what it is."""
    assert silent() == []


def test_every_log_event_is_explained() -> None:
    """Each event that the relay logs has its meaning in the page."""
    logged = {
        event for text in CODE.values() for event in re.findall(r'\blog\.\w+\(\s*"(\w+)"', text)
    }
    table = PAGE.partition("## The log")[2]
    assert logged == set(
        re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    )


def test_every_metric_is_explained() -> None:
    """Each metric that is exposed stands in the page."""
    made = set(re.findall(r'"(wainbox_\w+)"', CODE[ROOT / "src/wainbox_relay/gauges.py"]))
    told = set(re.findall(r"`(wainbox_\w+?)(?:_total)?[{`]", PAGE))
    assert made == told


@pytest.mark.parametrize("file", ["deploy/Dockerfile", "deploy/wainbox-relay.service"])
def test_deployments_set_settings_that_exist(file: str) -> None:
    """Every WAINBOX_RELAY_ variable in a deployment file is a setting, or names the file."""
    known = {f"{section}__{key}".upper() for section, key in keys(Settings)} | {"CONFIG"}
    used = set(re.findall(r"WAINBOX_RELAY_(\w+)", (ROOT / file).read_text()))
    assert used
    assert used <= known


def test_variables_in_the_pages_are_settings() -> None:
    """So is every one that the two pages for operators name."""
    known = {f"{section}__{key}".upper() for section, key in keys(Settings)}
    text = PAGE + (ROOT / "docs/config.md").read_text()
    used = set(re.findall(r"WAINBOX_RELAY_(\w+)", text)) - {"CONFIG", "NUMBERS"}
    assert used <= known
    named = set(re.findall(r"`(?:relay|webhook|api|graph|retention)\.(\w+)", text))
    assert named <= {key for _, key in keys(Settings)}
