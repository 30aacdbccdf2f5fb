"""`wainbox-relay explain`: what the rules would do, in sentences, with nothing kept."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from wainbox_relay.config import Settings
from wainbox_relay.config_file import written
from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.explain import NoSuchNumber, NoSuchTopic, Question, explain
from wainbox_relay.sections.menu import EXAMPLE

WEEK = dict.fromkeys(
    ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday"), "9:00-21:00"
)
NUMBER = {"id": "106540352242922", "name": "main", "calendar": "shop"}


def settings(folder: Path, **more: Any) -> Settings:
    raw: dict[str, Any] = {
        "relay": {"data_dir": str(folder)},
        "webhook": {"app_secret": "s", "verify_token": "v"},
        "calendars": [{"name": "shop", "zone": "Africa/Casablanca", "week": WEEK}],
        "numbers": [NUMBER],
        **more,
    }
    return Settings.of(raw, {})


def told(folder: Path, text: str, at: str, **more: Any) -> dict[str, str]:
    asked = Question(text, "main", datetime.fromisoformat(at))
    return dict(explain(settings(folder, **more), asked, Moment(0)))


def test_a_french_message_on_a_friday_night_waits_for_saturday(tmp_path: Path) -> None:
    """The shop is closed on Fridays: language, hours and what we say by ourselves are told."""
    found = told(tmp_path, "Bonjour, je veux un remboursement pour ma commande", "2026-11-27T22:10")
    assert found["language"].startswith("French")
    assert found["hours"] == "closed; opens Sat 28 Nov 09:00 Casablanca"
    assert "after hours" in found["case"]
    assert "#W-1042" in found["we say (after_hours)"]
    assert found["goes to"].startswith("nobody by itself")


def test_in_hours_it_is_simply_open(tmp_path: Path) -> None:
    found = told(tmp_path, "وين طلبي؟", "2026-11-28T10:00")
    assert found["hours"] == "open until Sat 28 Nov 21:00 Casablanca"
    assert found["case"] == "open, priority normal"
    assert found["language"].startswith("Arabic")
    assert found["promised"].startswith("Resolution due Sat 28 Nov 12:00 Casablanca, 2 h")


def test_thanks_open_no_case(tmp_path: Path) -> None:
    assert "no case" in told(tmp_path, "merci beaucoup", "2026-11-28T10:00")["case"]


def test_who_gets_it_may_hang_on_the_menu_and_on_an_advertisement(tmp_path: Path) -> None:
    """`--topic` is what they choose in the menu; who comes by an advertisement meets none."""
    rules = [
        {"name": "money", "topics": ["payment"], "team": "money"},
        {"name": "adverts", "advert": True, "team": "sales"},
    ]
    rules_on = settings(
        tmp_path,
        desk={"teams": ["money", "sales"]},
        menu=EXAMPLE,
        assignment={"model": "round_robin", "rules": rules},
    )
    at = datetime.fromisoformat("2026-11-28T10:00")

    def queue(**more: Any) -> dict[str, str]:
        return dict(explain(rules_on, Question("Hello there", "main", at, **more), Moment(0)))

    assert queue()["queue"] == "no team"
    assert queue(topic="payment")["queue"] == "team money, by the rule money"
    assert queue(topic="payment")["goes to"].startswith("after the menu, round robin: nobody")
    assert queue(topic="order")["queue"] == "no team"
    assert queue(advert=True)["queue"] == "team sales, by the rule adverts"


def test_an_unknown_number_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(NoSuchNumber, match="main"):
        explain(settings(tmp_path), Question("hello", "second"), Moment(0))


def test_an_unknown_topic_names_those_of_the_menu(tmp_path: Path) -> None:
    """A topic that no choice gives would be answered as if it fitted no rule."""
    asked = Question("hello", "main", topic="refnud")
    with pytest.raises(NoSuchTopic, match=r"refnud.*: .*payment"):
        explain(settings(tmp_path, menu=EXAMPLE), asked, Moment(0))
    with pytest.raises(NoSuchTopic, match="there is no menu"):
        explain(settings(tmp_path), asked, Moment(0))


def test_the_command_prints_it(tmp_path: Path) -> None:
    """From a file, as an operator runs it."""
    config = tmp_path / "wainbox.toml"
    config.write_text(
        written({"webhook": {"app_secret": "s", "verify_token": "v"}}, [{"id": NUMBER["id"]}])
    )
    config.chmod(0o600)
    verb = ("explain", "--config", str(config), "--text", "hello, where is my parcel")
    run = subprocess.run(
        [sys.executable, "-m", "wainbox_relay.cli", *verb], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[0].split()[:2] == ["language:", "English,"]
