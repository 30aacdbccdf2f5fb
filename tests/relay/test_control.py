import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.control import (
    AlreadyRunning,
    ControlServer,
    NotRunning,
    Unfinished,
    ask,
    hold,
)


async def add(name: str, team: str = "") -> dict:
    if name == "taken":
        raise refuse(Code.CONFLICT, "There is an agent taken already.", "name")
    if name == "broken":
        raise RuntimeError("the words of a fault")
    return {"agent": name, "team": team}


async def asked(path: Path, do: str, **args: object) -> dict:
    """Asks from another thread, as another process would."""
    return await asyncio.to_thread(ask, path, do, **args)


async def test_a_request_is_answered(tmp_path) -> None:
    """What a handler returns comes back to whoever asked."""
    path = tmp_path / "control"
    async with ControlServer(path, {"agent add": add}).listening():
        assert await asked(path, "agent add", name="nadia") == {"agent": "nadia", "team": ""}


async def test_a_refusal_comes_back_as_the_same_refusal(tmp_path) -> None:
    """Code, sentence and field survive the socket; a fault of ours is told without its words."""
    path = tmp_path / "control"
    async with ControlServer(path, {"agent add": add}).listening():
        with pytest.raises(Refusal) as caught:
            await asked(path, "agent add", name="taken")
        assert caught.value.problem.code is Code.CONFLICT
        assert caught.value.problem.field == "name"
        with pytest.raises(Unfinished, match="RuntimeError"):
            await asked(path, "agent add", name="broken")
        assert await asked(path, "agent add", name="after") == {"agent": "after", "team": ""}


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        b"[]\n",
        b"7\n",
        b"not json\n",
        b'{"do": "fly"}\n',
        b'{"do": "agent add"}\n',
        b'{"do": ["agent add"]}\n',
        b'{"do": "agent add", "name": "n", "colour": 1}\n',
        b"\xff\n",
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(tmp_path, line) -> None:
    """Garbage gets a sentence, and the server goes on."""
    path = tmp_path / "control"
    async with ControlServer(path, {"agent add": add}).listening():
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        answer = json.loads(await reader.readline())
        writer.close()
        assert answer["problem"]["code"] == "invalid"
        assert (await asked(path, "agent add", name="n"))["agent"] == "n"


async def test_a_caller_that_hangs_up_or_floods_harms_nobody(tmp_path) -> None:
    """Half a request, or one beyond all size, is dropped."""
    path = tmp_path / "control"
    async with ControlServer(path, {"agent add": add}).listening():
        for junk in (b'{"do"', b"x" * 3_000_000):
            _, writer = await asyncio.open_unix_connection(path)
            writer.write(junk)
            writer.close()
        assert (await asked(path, "agent add", name="n"))["agent"] == "n"


async def test_the_socket_is_its_owners_alone_and_goes_with_the_relay(tmp_path) -> None:
    """Mode 0600 from the first moment; a stale one is replaced; none is left behind."""
    path = tmp_path / "control"
    path.write_text("left by a crash")
    async with ControlServer(path, {}).listening():
        mode = path.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600
    assert not path.exists()
    with pytest.raises(NotRunning, match="No relay is running"):
        ask(path, "status")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_another_user_is_not_answered(tmp_path) -> None:
    """Even where file modes let somebody connect, the kernel's word on who it is decides."""
    path = tmp_path / "control"
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(0o711)
    async with ControlServer(path, {"agent add": add}).listening():
        path.chmod(0o666)
        code = (
            "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX);"
            f's.connect({str(path)!r}); s.sendall(b\'{{"do": "agent add", "name": "x"}}\\n\');'
            "sys.stdout.buffer.write(s.recv(100))"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await process.communicate()
        assert out == b"", out
        assert b"PermissionError" not in err


async def test_a_long_folder_name_is_no_obstacle(tmp_path) -> None:
    """The kernel's 107 bytes for a socket's name do not bind the data folder."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    async with ControlServer(folder / "control", {"agent add": add}).listening():
        assert await asked(folder / "control", "agent add", name="n")


def test_one_process_at_a_time_holds_the_folder(tmp_path) -> None:
    """The second is refused with the first one's number, and may have it once the first is gone."""
    lock = tmp_path / "lock"
    code = (
        "from pathlib import Path; from wainbox_relay.control import hold\n"
        f"with hold(Path({str(lock)!r})): print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=f"process {other.pid}"), hold(lock):
            pytest.fail("two writers")
        other.kill()
    with hold(lock):
        assert lock.stat().st_mode & 0o777 == 0o600


def test_a_server_that_dies_mid_request_is_told(tmp_path) -> None:
    """A connection closed without an answer is no answer."""
    path = tmp_path / "control"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        taker = threading.Thread(target=lambda: _take_and_drop(door))
        taker.start()
        with pytest.raises(Unfinished, match="it stopped"):
            ask(path, "status")
        taker.join()


def _take_and_drop(door: socket.socket) -> None:
    line, _ = door.accept()
    line.recv(100)
    line.close()
