import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from wainbox_relay import logs

HOSTILE = [
    "two\nlines",
    "carriage\rreturn",
    "esc \x1b[2J\x1b]52;c;aGk=\x07",
    "%s %d %(x)s",
    "{} {0.__class__} {event}",
    '{"level": "error", "event": "forged"}',
    "c1 \x9b31m \x85",
    "bidi \u202e \u2066",
    "separators \u2028 \u2029",
    "lone \ud800 surrogate",
    "nul \x00 del \x7f",
]


@pytest.fixture
def written(capsys):
    """What the log writes, as the list of its lines."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda: capsys.readouterr().err.split("\n")[:-1]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_one_record_is_one_line_without_control_characters(written, form, hostile) -> None:
    """Whatever stands in a name, an event or a library's message: one line, nothing that acts."""
    logs.configure(form=form)
    log = structlog.get_logger()
    log.info("agent_added", agent=hostile)
    log.info(hostile, path=f"/api/{hostile}")
    logging.getLogger("library").warning("got %s", hostile)
    lines = written()
    assert len(lines) == 3
    for line in lines:
        bare = line if form == "json" else line.replace("\x1b[", "")
        assert all(c.isprintable() for c in bare), line
    if form == "json":
        assert [json.loads(line)["level"] for line in lines] == ["info", "info", "warning"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", "my order is late"),
        ("caption", "my order is late"),
        ("customer_name", "Lina Haddad"),
        ("phone", "+966501234567"),
        ("phone", 966501234567),
        ("to", "966501234567"),
        ("wa_id", "966501234567"),
        ("wamid", "wamid.HBgMOTY2NTAxMjM0NTY3"),
        ("user_id", "SA.1234567890"),
        ("token", "EAAGsecretsecret"),
        ("app_secret", "s3cret-app"),
        ("authorization", "Bearer EAAGsecretsecret"),
        ("headers", {"authorization": "Bearer s3cret"}),
        ("what", "called +966501234567 back"),
        ("what", "called 966501234567 back"),
        ("what", "with wbx_0a1b2c_3d4e5f"),
        ("what", "with Bearer abcdef"),
        ("what", "my order is late. " * 20),
        ("bodies", b"my order is late"),
        ("parts", ["+966501234567"]),
        ("error", ValueError("my order is late")),
    ],
)
def test_words_numbers_and_secrets_stay_out(written, key, value) -> None:
    """Known keys, long values and anything that looks like a phone or a token are hidden."""
    logs.configure(form="json")
    structlog.get_logger().info("seen", **{key: value})
    (line,) = written()
    secrets = (
        "order is late",
        "Haddad",
        "50123",
        "SA.1",
        "HBgM",
        "s3cret",
        "EAA",
        "3d4e",
        "abcdef",
    )
    assert [part for part in secrets if part in line] == []


def test_ids_enums_and_figures_are_seen(written) -> None:
    """What our own records are made of comes through as it is."""
    logs.configure(form="json")
    seen = {
        "number": "106540352242922",
        "journal": 12,
        "conversation": 1234567890123456,
        "ref": "W-1042",
        "path": "entry[0].changes[2]",
        "ms": 3.5,
        "delivery": "failed",
        "address": "127.0.0.1:8080",
        "agent": "nadia",
        "full": True,
        "reason": None,
    }
    structlog.get_logger().warning("thing_happened", **seen)
    (line,) = written()
    record = json.loads(line)
    assert {key: record[key] for key in seen} == seen
    assert record["event"] == "thing_happened"
    assert record["at"].endswith("Z")


def test_an_exception_is_one_line_without_its_words(written) -> None:
    """Kind, cause and place are told; the words only when they are the system's."""
    logs.configure(form="json")
    log = structlog.get_logger()
    try:
        try:
            int("my order is late")
        except ValueError as error:
            raise RuntimeError("my order is late") from error
    except RuntimeError:
        log.exception("job_failed", journal=3)
        logging.getLogger("library").exception("broke")
    try:
        Path("/nowhere/at/all").read_text()
    except OSError:
        log.exception("disk_failed")
    ours, theirs, disk = (json.loads(line) for line in written())
    assert ours["error"] == "RuntimeError from ValueError"
    assert ours["where"][0].startswith("test_logs.py:")
    assert theirs["error"] == "RuntimeError from ValueError"
    assert "order is late" not in json.dumps([ours, theirs])
    assert "No such file" in disk["said"]


def test_debug_speaks_freely_but_never_of_secrets(written) -> None:
    """At debug an exception's words are told; keys of secrets stay hidden."""
    logs.configure(level="debug", form="json")
    try:
        int("what went wrong")
    except ValueError:
        structlog.get_logger().exception("job_failed", token="s3cret")
    (line,) = written()
    assert "what went wrong" in line
    assert "s3cret" not in line


def test_libraries_are_quiet_and_requests_are_not_listed(written) -> None:
    """An httpx client tells no addresses, uvicorn lists no requests, warnings pass the gate."""
    logs.configure(form="json")
    logging.getLogger("httpx").info("HTTP Request: POST https://graph/1/messages")
    logging.getLogger("uvicorn.access").info('"GET /api/v1/queue?q=words HTTP/1.1" 200')
    logging.getLogger("uvicorn.access").error('"GET /api/v1/queue?q=words HTTP/1.1" 500')
    logging.getLogger("uvicorn.error").info("Uvicorn running")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    assert [json.loads(line)["event"] for line in written()] == ["Invalid HTTP request received."]


def test_a_log_file_is_its_owners_alone(tmp_path) -> None:
    """A file to log to is made with mode 0600 and gets JSON."""
    path = tmp_path / "relay.log"
    code = (
        "import structlog; from wainbox_relay import logs;"
        f"logs.configure(file={str(path)!r}); structlog.get_logger().info('started')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["event"] == "started"
