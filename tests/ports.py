"""Ports for the relays of tests.

A port the system hands out (port 0) may be handed to anybody's outgoing connection between our
asking and the relay's binding, or while a relay is dead that shall come back at its old address.
So ours lie below the range it hands out from, each test process has a stretch of its own, and a
port is given again only after a whole round."""

import os
import re
import socket
from collections.abc import Iterator
from itertools import count

_FIRST, _STRETCH = 20_000, 600
_OTHERS = 18
"""Stretches before the system's own range begins, at 32768 on Linux."""


def free_ports(count: int) -> list[int]:
    """So many ports on loopback that nobody listens at and no other test process will ask for."""
    return [next(_ports) for _ in range(count)]


def _walk() -> Iterator[int]:
    worker = re.search(r"\d+", os.environ.get("PYTEST_XDIST_WORKER", ""))
    stretch = int(worker[0]) + 1 if worker else 0
    for step in count(os.getpid()):
        port = _FIRST + stretch % _OTHERS * _STRETCH + step % _STRETCH
        if _free(port):
            yield port


def _free(port: int) -> bool:
    with socket.socket() as door:
        # As servers do: what lingers of a closed connection is no listener.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_ports = _walk()
