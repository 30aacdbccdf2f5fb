"""The command line as its users run it: real processes on a folder of their own."""

import hashlib
import hmac
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, chdir, closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
import pytest
from tests.ports import free_ports

from wainbox_relay import cli
from wainbox_relay.init import Answers, asked

ROOT = Path(__file__).parents[2]
SECRETS = {"app": "s3cret-of-the-app", "verify": "s3cret-to-verify", "graph": "EAAs3cretofgraph"}
NUMBER = "106540352242922"


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@dataclass
class Desk:
    """A folder with a configuration, and commands run in it."""

    folder: Path
    webhook: int
    api: int

    @property
    def env(self) -> dict[str, str]:
        quiet = {k: v for k, v in os.environ.items() if not k.startswith("WAINBOX")}
        return quiet | {"XDG_STATE_HOME": str(self.folder / "state")}

    def spawn(self, *args: str, **env: str) -> Done:
        """The command as a process of its own."""
        command = [sys.executable, "-m", "wainbox_relay.cli", *args]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def run(self, *args: str) -> Done:
        """The same command line without a new process each time, which takes a second."""
        out, err = io.StringIO(), io.StringIO()
        with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
            code = cli.run([*args])
        return Done(code, out.getvalue(), err.getvalue())

    def json(self, *args: str) -> dict:
        done = self.run(*args, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.api}{path}"

    def status_of(self, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(self.url("/api/v1/snapshot"), headers=headers).status_code

    def post(
        self, text: str, secret: str = SECRETS["app"], wamid: str = "wamid.1", kind: str = "text"
    ) -> int:
        body = json.dumps(_webhook(text, wamid, kind)).encode()
        mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        url = f"http://127.0.0.1:{self.webhook}/webhooks/whatsapp"
        headers = {"X-Hub-Signature-256": f"sha256={mac}"}
        return httpx.post(url, content=body, headers=headers).status_code


def _webhook(text: str, wamid: str, kind: str) -> dict:
    message = {
        "from": "966501234567",
        "id": wamid,
        "timestamp": str(int(time.time())),
        "type": kind,
        kind: {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": NUMBER, "display_phone_number": "966112223333"},
        "contacts": [{"wa_id": "966501234567", "profile": {"name": "Sara Alharbi"}}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return furnished(tmp_path)


def furnished(folder: Path) -> Desk:
    made = Desk(folder, *free_ports(2))
    for name, secret in SECRETS.items():
        (folder / name).write_text(f"{secret}\n")
        (folder / name).chmod(0o600)
    (folder / "wainbox.toml").write_text(
        f"""
[webhook]
listen = "127.0.0.1:{made.webhook}"
app_secret_file = "app"
verify_token_file = "verify"
[api]
listen = "127.0.0.1:{made.api}"
[graph]
url = "http://127.0.0.1:9"
token_file = "graph"
[desk]
teams = ["sales"]
[[numbers]]
id = "{NUMBER}"
"""
    )
    return made


@pytest.fixture
def running(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """A relay in service, up and ready; ended however the test ends."""
    with _serving(desk) as relay:
        yield relay


@contextmanager
def _serving(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    with (desk.folder / "log").open("w") as log:
        command = [sys.executable, "-m", "wainbox_relay.cli", "serve"]
        with subprocess.Popen(
            command, cwd=desk.folder, env=desk.env, stderr=log, text=True
        ) as relay:
            try:
                until(lambda: _ready(desk), relay)
                yield relay
            finally:
                relay.kill()


def until(true, relay: subprocess.Popen[str], within: float = 20) -> None:
    ends = time.monotonic() + within
    while not true():
        assert relay.poll() is None, "the relay ended"
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


def _ready(desk: Desk) -> bool:
    try:
        return httpx.get(desk.url("/readyz")).status_code == 200
    except httpx.ConnectError:
        return False


# -- the configuration -------------------------------------------------------------------------


def test_init_writes_a_configuration_that_check_accepts(tmp_path: Path) -> None:
    """Mode 0600, a verify token of its own, never over another file; check finds no fault."""
    desk = Desk(tmp_path, 0, 0)
    (tmp_path / "app").write_text("s3cret")
    (tmp_path / "app").chmod(0o600)
    done = desk.spawn("init", "--app-secret-file", "app", "--number", NUMBER, "--name", "Riyadh")
    assert done.returncode == 0, done.stderr
    config = tmp_path / "wainbox.toml"
    assert config.stat().st_mode & 0o777 == 0o600
    token = re.search(r'^verify_token = "(\S{32})"$', config.read_text(), re.MULTILINE)
    assert token
    assert token[1] not in done.stdout
    before = config.read_text()
    again = desk.spawn("init", "--app-secret-file", "app")
    assert (again.returncode, config.read_text()) == (5, before)
    assert "exists and was left alone" in again.stderr
    ports = {
        f"WAINBOX_RELAY_{section}__LISTEN": f"127.0.0.1:{free_ports(1)[0]}"
        for section in ("WEBHOOK", "API")
    }
    done = desk.spawn("check", **ports)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "var").exists()


def test_init_without_a_secret_or_a_person_says_how(tmp_path: Path) -> None:
    """With nobody to ask and no secret named, it is a usage error and no file."""
    done = Desk(tmp_path, 0, 0).spawn("init")
    assert done.returncode == 2
    assert "--app-secret-file" in done.stderr
    assert not (tmp_path / "wainbox.toml").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--app-secret-file", "nowhere"), "expected a file that can be read (No such file"),
        (
            ("--app-secret-file", "app", "--number", "+966 11"),
            "expected WhatsApp's phone_number_id",
        ),
    ],
)
def test_init_writes_nothing_that_could_not_start(
    tmp_path: Path, given: tuple[str, ...], told: str
) -> None:
    """What is given is looked at before it is written down."""
    (tmp_path / "app").write_text("s3cret")
    done = Desk(tmp_path, 0, 0).run("init", *given)
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "wainbox.toml").exists()


def test_init_asks_again_for_what_cannot_be() -> None:
    """A secret left out, a number with letters: asked until it fits; spaces around are dropped."""
    said: list[str] = []
    secrets = iter(["", " s3cret ", " EAAtoken\n"])
    replies = iter(["+966 11", "12ab", NUMBER, "Riyadh", ""])

    def ask(question: str) -> str:
        said.append(question)
        return next(replies)

    answers = asked(Answers(), ask, lambda _: next(secrets))
    assert answers == Answers("s3cret", "", "EAAtoken", "", NUMBER, "Riyadh", "")
    assert sum("digits" in question for question in said) == 3
    later = iter(["", "data"])
    answers = asked(Answers(app_secret_file="a"), lambda _: next(later), lambda _: "")
    assert answers == Answers(app_secret_file="a", data_dir="data")


@pytest.mark.parametrize("verb", ["check", "serve", "agent list", "replay"])
def test_a_faulty_configuration_stops_every_verb_with_all_faults(desk: Desk, verb: str) -> None:
    """Two faults, two lines, exit code 2, no trace; and nothing is made."""
    config = desk.folder / "wainbox.toml"
    text = config.read_text().replace(f":{desk.webhook}", ":eighty")
    config.write_text(text + "colour = 1\n")
    done = desk.spawn(*verb.split())
    assert done.returncode == 2
    assert "webhook.listen: found" in done.stderr
    assert "numbers.0.colour: no such setting" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (desk.folder / "var").exists()


def test_check_tells_what_is_wrong_outside_the_configuration(desk: Desk) -> None:
    """A secret others can read, a port in use, a Cloud API that is not there: each in a line."""
    config = desk.folder / "wainbox.toml"
    config.write_text(
        config.read_text().replace('app_secret_file = "app"', 'app_secret = "inline"')
    )
    config.chmod(0o644)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", desk.api))
        taken.listen()
        done = desk.run("check")
    assert done.returncode == 8
    assert "BAD  configuration: others on this machine can read webhook.app_secret" in done.stdout
    assert f"BAD  api.listen: 127.0.0.1:{desk.api} cannot be used" in done.stdout
    assert f"BAD  number {NUMBER}: " in done.stdout
    assert "ok   database: none yet" in done.stdout
    assert "inline" not in done.stdout
    config.chmod(0o600)
    (desk.folder / "graph").chmod(0o640)
    assert f"run chmod 600 {desk.folder / 'graph'}\n" in desk.run("check").stdout


AS_NOBODY = (
    "import os, sys; from wainbox_relay import cli; from wainbox_relay.web import server;"
    "cli.run(sys.argv[1:]); os.setgroups([]); os.setgid(65534); os.setuid(65534);"
    "sys.exit(cli.run(sys.argv[1:]))"
)
"""As oneself first, so that all is imported: others may not be able to read this Python."""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_another_user_is_told_so_in_a_sentence() -> None:
    """Whoever may read the configuration but not the relay's files learns whose they are; and with
    no home to keep a trace in, nothing ends in one."""
    with TemporaryDirectory() as place:
        desk = furnished(Path(place))
        for name in ("wainbox.toml", *SECRETS):
            (desk.folder / name).chmod(0o644)
        desk.folder.chmod(0o755)
        with _serving(desk):
            (desk.folder / "var").chmod(0o755)
            _as_nobody(desk)


def _as_nobody(desk: Desk) -> None:
    env = desk.env | {"HOME": "/nowhere", "XDG_STATE_HOME": ""}
    for verb, code, told in (
        ("status", 3, "is another user's; run this as that user, or as root"),
        ("agent list", 3, "is another user's"),
        ("check", 8, "main.sqlite3 cannot be written by this user"),
    ):
        command = [sys.executable, "-c", AS_NOBODY, *verb.split()]
        done = subprocess.run(command, cwd=desk.folder, env=env, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert told in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["fly"],
        ["agent", "add"],
        ["agent", "add", "Nadia", "--role", "boss"],
        ["serve", "--quickly"],
        ["replay", "--unsupported", "--quarantine"],
        ["audit", "show", "--limit", "0"],
    ],
)
def test_a_command_that_makes_no_sense_is_code_2(desk: Desk, args: list[str]) -> None:
    """Unknown verbs, missing names, wrong roles: a sentence on standard error."""
    done = desk.run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("wainbox-relay: ")
    assert "Traceback" not in done.stderr


# -- agents ------------------------------------------------------------------------------------


def test_agents_are_kept_while_no_relay_runs(desk: Desk) -> None:
    """Adding, listing, changing, rotating and revoking work on the files; codes say what failed."""
    done = desk.spawn("agent", "add", "Nadia", "--role", "agent", "--team", "sales", "--json")
    made = json.loads(done.stdout)
    assert re.fullmatch(r"wbx_[0-9a-f]{12}_[0-9a-f]{64}", made["token"])
    assert made | {"agent": "nadia", "role": "agent", "teams": ["sales"]} == made
    assert desk.run("agent", "add", "Nadia").returncode == 5
    assert desk.run("agent", "add", "Samir", "--team", "nowhere").returncode == 2
    assert desk.run("agent", "revoke", "nobody").returncode == 4
    strange = desk.run("agent", "change", "nadia", "--language", "arabic")
    assert strange.returncode == 2
    assert (
        "arabic is no language; expected a language such as ar, ar-Latn, fr or en" in strange.stderr
    )
    skills = ("--capacity", "8", "--language", "ar,fr", "--topic", "", "--vip")
    changed = desk.json("agent", "change", "nadia", "--role", "lead", *skills)
    assert changed | {"role": "lead", "teams": ["sales"], "topics": [], "vip": True} == changed
    assert (changed["capacity"], changed["languages"]) == (8, ["ar", "fr"])
    changed = desk.json("agent", "change", "nadia", "--topic", "returns,payments", "--no-vip")
    assert (changed["topics"], changed["vip"]) == (["payments", "returns"], False)
    assert desk.run("agent", "change", "nadia", "--language", "Arabic").returncode == 2
    assert desk.json("agent", "rotate", "nadia")["token"] != made["token"]
    assert desk.run("agent", "revoke", "nadia").returncode == 0
    assert desk.json("agent", "list")["revoked"]
    again = desk.run("agent", "add", "Nadia")
    assert (again.returncode, "access was revoked" in again.stderr) == (5, True)
    acts = [
        json.loads(line)["act"]
        for line in desk.run("audit", "show", "--json").stdout.split("\n")[:-1]
    ]
    assert acts == [
        "agent_added",
        "agent_changed",
        "agent_changed",
        "token_rotated",
        "agent_revoked",
    ]
    assert desk.run("audit", "verify").returncode == 0


def test_teams_shifts_and_rota_are_kept_while_no_relay_runs(desk: Desk) -> None:
    """Opening and closing teams, other hours, another order on call; codes say what failed."""
    desk.run("agent", "add", "Nadia")
    assert desk.run("team", "add", "vip").returncode == 0
    assert desk.run("team", "add", "vip").returncode == 5
    assert desk.run("team", "add", "two words").returncode == 2
    assert desk.run("agent", "change", "nadia", "--team", "vip").returncode == 0
    assert "nadia  (opened by command)" in desk.run("team", "list").stdout
    assert desk.run("team", "remove", "vip").returncode == 5
    assert desk.run("agent", "change", "nadia", "--team", "sales").returncode == 0
    assert desk.run("team", "remove", "vip").returncode == 0

    [nadia] = [desk.json("shift", "set", "@nadia", "off", "--ends", _tomorrow())]
    assert (nadia["on_shift"], nadia["others"][0]["hours"]) == (False, "off")
    assert "off shift until" in desk.run("shift", "list").stdout
    assert desk.run("shift", "set", "@nobody", "off").returncode == 4
    assert desk.run("shift", "set", "@nadia", "sometimes").returncode == 2
    assert desk.json("shift", "set", "@nadia", "usual")["on_shift"]

    assert desk.run("rota", "order", "nadia").returncode == 4  # nobody is on call here
    told = desk.run("audit", "show", "--json").stdout.splitlines()
    acts = [json.loads(line)["act"] for line in told]
    assert acts.count("hours_set") == 2
    assert {"team_opened", "team_closed"} < set(acts)


def test_the_rota_is_ordered_and_swapped(desk: Desk) -> None:
    """The first named has the present week; a swap lies over it."""
    config = desk.folder / "wainbox.toml"
    config.write_text(config.read_text() + '\n[oncall]\nrota = ["nadia", "lina"]\n')
    for name in ("Nadia", "Lina"):
        desk.run("agent", "add", name)
    assert [s["holder"] for s in desk.json("rota", "order", "@lina", "nadia")["shifts"]][:2] == [
        "lina",
        "nadia",
    ]
    swapped = desk.json("rota", "swap", _tomorrow(), "--to", "@nadia")
    assert "nadia" in {shift["holder"] for shift in swapped["shifts"][:2]}
    assert "Nadia" in desk.run("rota", "show").stdout


def _tomorrow() -> str:
    return f"{datetime.now().astimezone() + timedelta(days=1):%Y-%m-%dT%H:%M}"


REPLIES = """
[[reply]]
name = "guide"
title = 'Size guide "M"'
file = "guide.pdf"
[reply.texts]
ar = "مرحبا {{customer.first_name}}\\nالدليل"
any = "Here is our guide."
[[reply]]
name = "spam-away"
title = "Away with it"
team = "sales"
[reply.deeds]
tags = ["spam", "-new"]
status = "resolved"
"""


def test_canned_replies_go_in_and_out_as_toml(desk: Desk) -> None:
    """What was exported is taken in again unchanged; an attachment lies in the media folder."""
    file = desk.folder / "replies.toml"
    file.write_text(REPLIES, encoding="utf-8")
    (desk.folder / "guide.pdf").write_bytes(b"%PDF-1.4 guide")
    assert desk.run("replies", "import", "replies.toml").stdout == "2 canned replies taken in.\n"
    exported = desk.run("replies", "export").stdout
    assert "مرحبا {{customer.first_name}}" in exported
    digest = hashlib.sha256(b"%PDF-1.4 guide").hexdigest()
    kept = desk.folder / "var" / "media" / digest[:2] / digest[2:]
    assert kept.read_bytes() == b"%PDF-1.4 guide"
    file.write_text(exported, encoding="utf-8")
    assert desk.run("replies", "import", "replies.toml").returncode == 0
    assert desk.run("replies", "export").stdout == exported


def test_the_example_of_canned_replies_can_be_taken_in(desk: Desk) -> None:
    """Every block of `replies.example.toml` is a reply that works."""
    example = ROOT / "replies.example.toml"
    done = desk.run("replies", "import", str(example))
    blocks = example.read_text(encoding="utf-8").count("[[reply]]")
    assert done.stdout == f"{blocks} canned replies taken in.\n", done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (REPLIES.replace("customer.first_name", "customer.secret"), ["guide", "customer.secret"]),
        (REPLIES.replace("[[reply]]\nname = ", "[[reply]]\ncolour = "), ["1: name", "2: colour"]),
        (REPLIES.replace("spam-away", "guide"), ["guide: it comes twice"]),
        (REPLIES.replace('file = "guide.pdf"', 'file = "gone.pdf"'), ["guide: file: No such"]),
        (REPLIES.replace('team = "sales"', 'team = "nowhere"'), ["desk.teams"]),
        ("[[reply", ["not TOML"]),
        ("replies = 1", ["[[reply]]"]),
    ],
    ids=["place", "key", "twice", "file", "team", "toml", "table"],
)
def test_a_file_with_a_fault_changes_nothing(desk: Desk, text: str, told: list[str]) -> None:
    """Every fault is named by reply and key, and no reply of the file is taken in."""
    (desk.folder / "guide.pdf").write_bytes(b"%PDF-1.4 guide")
    (desk.folder / "replies.toml").write_text(text, encoding="utf-8")
    done = desk.run("replies", "import", "replies.toml")
    assert done.returncode == 2
    assert all(word in done.stderr for word in told), done.stderr
    assert "[[reply]]" not in desk.run("replies", "export").stdout


def test_the_running_relay_is_asked_and_obeys_at_once(desk: Desk, running) -> None:
    """A token works as soon as it is printed, a rotated one stops, a revoked agent is out."""
    token = desk.json("agent", "add", "Nadia")["token"]
    assert desk.status_of(token) == 200
    fresh = desk.json("agent", "rotate", "nadia")["token"]
    assert (desk.status_of(token), desk.status_of(fresh)) == (401, 200)
    assert desk.run("agent", "revoke", "nadia").returncode == 0
    assert desk.status_of(fresh) == 401


# -- the relay ---------------------------------------------------------------------------------


def test_a_second_relay_is_refused_by_folder_and_by_port(desk: Desk, running) -> None:
    """The same folder: code 5 naming the process; the same port: code 5 naming the key."""
    done = desk.spawn("serve")
    assert (done.returncode, f"process {running.pid}" in done.stderr) == (5, True)
    other = desk.folder / "other.toml"
    text = (desk.folder / "wainbox.toml").read_text()
    other.write_text(f'[relay]\ndata_dir = "elsewhere"\n{text}')
    done = desk.spawn("serve", "--config", "other.toml")
    assert done.returncode == 5
    assert "webhook.listen" in done.stderr
    assert "in use" in done.stderr


def test_stopping_is_quick_clean_and_by_any_way(desk: Desk, running) -> None:
    """`stop` ends it within 5 seconds with code 0, and leaves neither socket nor lock held."""
    began = time.monotonic()
    assert desk.run("stop").returncode == 0
    assert running.wait(5) == 0
    assert time.monotonic() - began < 6
    assert not (desk.folder / "var" / "control").exists()
    assert desk.run("status").returncode == 8
    events = [json.loads(line)["event"] for line in (desk.folder / "log").read_text().splitlines()]
    assert events[0] == "relay_started"
    assert events[-1] == "relay_stopped"


def test_stopping_waits_for_no_dawdler(desk: Desk, running) -> None:
    """Half a webhook, half a header and an open stream hold nobody up, and are no errors."""
    token = desk.json("agent", "add", "Nadia")["token"]
    head = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n"
    ask = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    callers = [
        (desk.webhook, head + b"\r\n{half"),
        (desk.webhook, head),
        (desk.api, ask.encode()),
    ]
    with ExitStack() as lines:
        for port, said in callers:
            line = lines.enter_context(socket.create_connection(("127.0.0.1", port)))
            line.sendall(said)
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    told = [json.loads(line) for line in (desk.folder / "log").read_text().splitlines()]
    assert [each for each in told if each["level"] != "info"] == []
    began, ended = (datetime.fromisoformat(each["at"]) for each in told[-2:])
    assert (ended - began).total_seconds() < 2.5


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it(desk: Desk, running, sign: signal.Signals) -> None:
    """SIGTERM (systemd, Docker) and SIGINT (Ctrl-C) end it with code 0."""
    running.send_signal(sign)
    assert running.wait(5) == 0


RULES = """
[closing]
silence_days = 9
[rating]
ask = true
[sla]
first_minutes = 7
[[sla_policies]]
vip = "yes"
first_minutes = 2
[urgency]
vip = true
[after_hours]
nudge = true
[bot]
idle_minutes = 5
[assignment]
model = "round_robin"
[oncall]
zone = "Africa/Casablanca"
[texts]
person = "A person, please"
[[calendars]]
name = "shop"
zone = "Africa/Casablanca"
week = { sunday = "9:00-21:00" }
"""


def test_a_reload_takes_new_secrets_and_says_what_waits(desk: Desk, running) -> None:
    """During rotation both secrets count; rules count at once and are not said to wait; a fault
    keeps the old settings; SIGHUP does the same."""
    assert desk.post("one", "a-new-secret", "wamid.1") == 401
    (desk.folder / "app").write_text("a-new-secret")
    config = desk.folder / "wainbox.toml"
    text = config.read_text()
    previous = f'app_secret_previous = "{SECRETS["app"]}"'
    config.write_text(
        text.replace("[api]", f"{previous}\n[api]") + "[limits]\nlogins_per_minute = 99\n" + RULES
    )
    done = desk.run("reload")
    assert done.returncode == 0, done.stderr
    assert "After a restart: limits.logins_per_minute." in done.stdout
    assert desk.post("one", "a-new-secret", "wamid.1") == 200
    assert desk.post("one", SECRETS["app"], "wamid.1") == 200
    config.write_text(text.replace('app_secret_file = "app"', ""))
    assert desk.run("reload").returncode == 2
    running.send_signal(signal.SIGHUP)
    until(lambda: "settings_kept" in (desk.folder / "log").read_text(), running)
    assert desk.post("two", SECRETS["app"], "wamid.2") == 200
    config.write_text(text)
    running.send_signal(signal.SIGHUP)
    until(lambda: desk.post("three", SECRETS["app"], "wamid.3") == 401, running)


def test_replay_changes_nothing_that_is_known(desk: Desk, running) -> None:
    """Replaying known webhooks moves no card; a span before them reads none."""
    token = desk.json("agent", "add", "Nadia")["token"]
    headers = {"Authorization": f"Bearer {token}"}

    def queue() -> list[dict]:
        return httpx.get(desk.url("/api/v1/queue"), headers=headers).json()["cards"]

    assert desk.post("hello") == 200
    until(lambda: len(queue()) == 1, running)
    before = queue()
    assert desk.json("replay") == {"bodies": 1, "facts": 1, "unreadable": 0}
    assert desk.json("replay", "--to", "2026-01-01")["bodies"] == 0
    assert desk.json("replay", "--unsupported")["facts"] == 0
    assert queue() == before
    assert desk.run("replay", "--from", "yesterday").returncode == 2


def test_replay_reads_what_could_not_be_read_before(desk: Desk, running) -> None:
    """Items leave the quarantine, and placeholders become messages, as a newer version would do."""
    assert desk.post("hello") == 200
    assert desk.post("a hologram", wamid="wamid.2", kind="hologram") == 200
    until(lambda: desk.json("status")["backlog"] == 0, running)
    desk.run("stop")
    running.wait(5)
    path = "entry[0].changes[0].messages[0]"
    with closing(sqlite3.connect(desk.folder / "var" / "main.sqlite3")) as main, main:
        aside = "INSERT INTO quarantine (journal, path, reason, at) VALUES (1, ?, 'too new', 0)"
        main.execute(aside, (path,))
        kinds = "SELECT json_extract(content, '$.kind') FROM entries ORDER BY at, id"
        assert [kind for (kind,) in main.execute(kinds)] == ["text", "unsupported"]
    with closing(sqlite3.connect(desk.folder / "var" / "journal.sqlite3")) as journal, journal:
        newer = """replace(CAST(raw AS TEXT), '"hologram"', '"text"')"""
        journal.execute(f"UPDATE bodies SET raw = CAST({newer} AS BLOB) WHERE row = 2")
    assert desk.json("quarantine", "list")["path"] == path
    assert desk.json("replay", "--quarantine") == {"bodies": 2, "facts": 1, "unreadable": 0}
    assert desk.run("quarantine", "list").stdout == ""
    assert desk.json("replay", "--unsupported") == {"bodies": 2, "facts": 1, "unreadable": 0}
    with closing(sqlite3.connect(desk.folder / "var" / "main.sqlite3")) as main:
        assert [kind for (kind,) in main.execute(kinds)] == ["text", "text"]


def test_a_backup_of_a_running_relay_is_whole(desk: Desk, running) -> None:
    """What was acknowledged before is in it; verify proves it, and sees a changed audit line."""
    desk.json("agent", "add", "Nadia")
    assert desk.post("hello") == 200
    assert desk.run("backup", "copy.tar").returncode == 0
    assert desk.run("verify", "copy.tar").returncode == 0
    assert desk.run("verify").returncode == 0
    assert desk.run("backup", "copy.tar").returncode == 1
    (desk.folder / "copy").mkdir()
    subprocess.run(["tar", "-xf", "../copy.tar"], cwd=desk.folder / "copy", check=True)
    with closing(sqlite3.connect(desk.folder / "copy" / "journal.sqlite3")) as journal:
        assert journal.execute("SELECT count(*) FROM bodies").fetchone() == (1,)
    with closing(sqlite3.connect(desk.folder / "copy" / "main.sqlite3")) as main, main:
        main.execute("UPDATE audit SET actor = 'somebody' WHERE id = 1")
    done = desk.run("verify", "copy")
    assert done.returncode == 1
    assert "Audit row 1" in done.stdout


def test_secrets_are_nowhere_but_where_they_were_put(desk: Desk, running) -> None:
    """Not in the data folder, the log, the command line, nor in anything a verb prints."""
    token = desk.json("agent", "add", "Nadia")["token"]
    assert desk.status_of(token) == 200
    assert desk.status_of(token[:-1] + "x") == 401
    assert desk.post("hello there from Sara") == 200
    desk.run("backup", "copy.tar")
    printed = "".join(
        done.stdout + done.stderr
        for done in (
            desk.run("check"),
            desk.run("status"),
            desk.run("reload"),
            desk.run("audit", "show"),
        )
    )
    argv = Path(f"/proc/{running.pid}/cmdline").read_bytes()
    environ = Path(f"/proc/{running.pid}/environ").read_bytes()
    desk.run("stop")
    running.wait(5)
    log = (desk.folder / "log").read_bytes()
    files = [p for p in (desk.folder / "var").rglob("*") if p.is_file()]
    files.append(desk.folder / "copy.tar")
    everything = b"".join(path.read_bytes() for path in files)
    for secret in (*SECRETS.values(), token, token.rpartition("_")[2]):
        for place in (printed.encode(), argv, environ, log, everything):
            assert secret.encode() not in place
    for word in (b"hello there", b"Alharbi", b"966501234567"):
        assert word not in log
        assert word not in printed.encode()


def test_an_unexpected_error_is_one_sentence_and_a_private_file(desk: Desk) -> None:
    """What nobody foresaw: code 1, where its trace is, and no trace on the screen."""
    desk.json("agent", "add", "Nadia")
    with closing(sqlite3.connect(desk.folder / "var" / "main.sqlite3")) as main:
        main.execute("DROP TABLE agents")
    done = desk.spawn("agent", "list")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    path = Path(done.stderr.rpartition(" is in ")[2].strip().rstrip("."))
    assert path.stat().st_mode & 0o777 == 0o600
    assert "OperationalError" in path.read_text()


def test_load_comes_to_a_configured_number(desk: Desk, running) -> None:
    """What the load writes is in a view, not kept for a number that nobody configured; and one that
    is taken out of the configuration is shown no longer after a restart."""
    done = desk.run("sandbox", "load", "--rate", "0", "--count", "40", "--for", "5s")
    assert done.returncode == 0
    assert _numbers(desk) == [(NUMBER, 1)]
    desk.run("stop")
    running.wait(5)
    config = desk.folder / "wainbox.toml"
    config.write_text(config.read_text().replace(NUMBER, "2"))
    with _serving(desk):
        assert _numbers(desk) == [(NUMBER, 0), ("2", 1)]


def _numbers(desk: Desk) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(desk.folder / "var" / "main.sqlite3")) as main:
        return main.execute("SELECT id, claimed FROM numbers ORDER BY id").fetchall()
