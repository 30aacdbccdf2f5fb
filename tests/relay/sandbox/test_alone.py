"""The sandbox stands alone, and runs as a program of its own."""

import re
import subprocess
import sys

import httpx

KNOWN = (
    "import sys;"
    "import wainbox_relay.sandbox.cli;"
    "print(*sorted(m for m in sys.modules if m.startswith('wainbox')))"
)


def test_nothing_else_of_wainbox_is_loaded():
    """A mistake shared by both sides would cancel out, so nothing is shared."""
    ran = subprocess.run([sys.executable, "-c", KNOWN], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split()) - {"wainbox_relay"}
    assert "wainbox_relay.sandbox.graph" in loaded
    assert all(name.startswith("wainbox_relay.sandbox") for name in loaded)


def test_it_runs_as_a_program(tmp_path):
    """It says where it is, answers there, and stops when interrupted."""
    code = (
        "from wainbox_relay.sandbox.cli import serve;"
        "serve('http://127.0.0.1:1/', 's', 't', port=0, opening=False)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as ran:
        try:
            url = re.search(r"http://127\.0\.0\.1:\d+", ran.stdout.readline())[0]
            assert httpx.get(f"{url}/_sandbox/").json()["idle"]
            ran.send_signal(2)
            assert ran.wait(10) == 0
        finally:
            ran.kill()


def test_a_port_in_use_is_told_in_a_sentence(tmp_path):
    """No traceback."""
    code = (
        "import socket;from wainbox_relay.sandbox.cli import serve;"
        "taken=socket.socket();taken.bind(('127.0.0.1',0));taken.listen();"
        "serve('http://127.0.0.1:1/', 's', 't', port=taken.getsockname()[1])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "cannot use port" in ran.stderr
