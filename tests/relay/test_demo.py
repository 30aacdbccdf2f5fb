"""The demo and the sandbox, started as anybody would start them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.ports import free_ports

from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.demo_pager import Pager
from wainbox_relay.demo_shop import REPLIES
from wainbox_relay.demo_steps import Desk
from wainbox_relay.demo_walk import walk
from wainbox_relay.sandbox.box import Sandbox

STEPS = [
    "signed webhook in",
    "card in the queue",
    "claim",
    "reply",
    "sent",
    "delivered",
    "read",
    "resolve",
    "Nadia, Samir come to work",
    "Arabic to Nadia",
    "French to Samir",
    "English to Samir",
    "Arabizi to Nadia",
    "menu asks",
    "tap: payment, to Samir",
    "closed: reply with hours",
    "urgent: Lina is paged",
    "all resolved",
]


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "wainbox_relay.cli", *args]


def environment(folder: Path) -> dict[str, str]:
    quiet = {k: v for k, v in os.environ.items() if not k.startswith("WAINBOX")}
    return quiet | {"XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder)}


def test_without_a_terminal_the_demo_walks_through_it_all(tmp_path: Path) -> None:
    """The main job and the rules of the floor: each step in order with its milliseconds, exit code
    0, and nothing left behind."""
    done = subprocess.run(
        command("demo"), env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"^(.+?) +(\d+\.\d) ms$", done.stdout, re.MULTILINE)
    assert [title for title, _ in told] == STEPS
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply["name"])
def test_the_shop_has_words_for_every_language(reply: Mapping[str, Any]) -> None:
    """Each canned reply can be kept; those with words have them in Arabic, French and for all."""
    kept = CannedReply.model_validate(reply)
    assert not kept.texts or {"ar", "fr", "any"} <= set(kept.texts)


def test_a_kept_demo_can_be_shown_again(tmp_path: Path) -> None:
    """Its folder holds the files, private ones for their owner alone; a second run works in it."""
    for _ in range(2):
        args = command("demo", "--data", str(tmp_path / "kept"))
        done = subprocess.run(args, env=environment(tmp_path), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    for name in ("wainbox.toml", "nadia.token", "relay.log"):
        assert (tmp_path / "kept" / name).stat().st_mode & 0o077 == 0


def test_a_demo_that_cannot_write_says_so(tmp_path: Path) -> None:
    """No permission, or a file where the folder should be: one sentence."""
    (tmp_path / "taken").write_text("")
    args = command("demo", "--data", str(tmp_path / "taken" / "in"))
    done = subprocess.run(args, env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 1
    assert "cannot be made" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_step_that_fails_is_named() -> None:
    """Where no relay answers, the walk says at which step it ended, and comes to 1."""
    said: list[str] = []
    nowhere = "http://127.0.0.1:9"
    async with Sandbox.start(callback_url=nowhere, app_secret="s", token="t") as box:
        box.manner.tries = 1
        assert await walk(box, {"Nadia": Desk(nowhere, "t")}, Pager(), said.append) == 1
    assert said[-1] == "failed: card in the queue (the relay does not answer)"


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_demo_that_is_told_to_go_takes_its_relay_along(tmp_path: Path, sign) -> None:
    """However it ends, the relay it started ends too, and its folder goes."""
    with subprocess.Popen(
        command("demo"), env=environment(tmp_path), stderr=subprocess.PIPE, text=True
    ) as demo:
        us = psutil.Process(demo.pid)
        until(us.children)
        (relay,) = us.children()
        demo.send_signal(sign)
        _, errors = demo.communicate(timeout=20)
        assert "Traceback" not in errors
        assert not relay.is_running() or relay.status() == psutil.STATUS_ZOMBIE
    assert list(tmp_path.glob("wainbox-demo-*")) == []


def until(true, within: float = 20) -> None:
    ends = time.monotonic() + within
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.01)


# -- the sandbox -------------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path) -> Path:
    webhook, graph = free_ports(2)
    path = tmp_path / "wainbox.toml"
    path.write_text(
        f"""
[webhook]
listen = "127.0.0.1:{webhook}"
app_secret = "s3cret"
verify_token = "v3rify"
[api]
listen = "127.0.0.1:{webhook}"
[graph]
url = "http://127.0.0.1:{graph}"
token = "t0ken"
[[numbers]]
id = "100000000000001"
"""
    )
    path.chmod(0o600)
    return path


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code < 500
    except httpx.TransportError:
        return False


def test_the_sandbox_is_whatsapp_for_the_configured_relay(tmp_path: Path, config: Path) -> None:
    """It stands where graph.url points and takes the configured token; load goes to the relay."""
    graph = re.search(r'url = "(.*)"', config.read_text())[1]
    listen = re.search(r'listen = "(.*)"', config.read_text())[1]
    env = environment(tmp_path)
    with (
        subprocess.Popen(command("serve", "-c", str(config)), env=env) as relay,
        subprocess.Popen(command("sandbox", "-c", str(config), "--no-opening"), env=env) as sandbox,
    ):
        try:
            until(lambda: answers(f"http://{listen}/readyz") and answers(f"{graph}/_sandbox/"))
            numbers = httpx.get(f"{graph}/_sandbox/").json()["numbers"]
            assert numbers
            args = command("sandbox", "load", "-c", str(config), "--rate", "100", "--for", "1s")
            load = subprocess.run(args, env=env, capture_output=True, text=True)
            assert load.returncode == 0, load.stderr
            status = subprocess.run(
                command("status", "-c", str(config), "--json"),
                env=env,
                capture_output=True,
                text=True,
            )
            assert json.loads(status.stdout)["seq"] > 0
        finally:
            for process in (sandbox, relay):
                process.terminate()
                process.wait(10)


def test_the_sandbox_stands_in_for_nobody_else(tmp_path: Path, config: Path) -> None:
    """With graph.url at WhatsApp itself, or a webhook others can reach, it is a usage error."""
    text = config.read_text()
    config.write_text(re.sub(r'url = ".*"', 'url = "https://graph.facebook.com"', text))
    args = command("sandbox", "-c", str(config))
    done = subprocess.run(args, env=environment(tmp_path), capture_output=True, text=True)
    assert (done.returncode, "graph.url" in done.stderr) == (2, True)
    config.write_text(re.sub(r'(\[webhook\]\nlisten = ")127.0.0.1', r"\g<1>0.0.0.0", text))
    args = command("sandbox", "load", "-c", str(config), "--for", "1s")
    done = subprocess.run(args, env=environment(tmp_path), capture_output=True, text=True)
    assert (done.returncode, "webhook.listen" in done.stderr) == (2, True)
