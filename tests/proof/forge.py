"""Makes relays quickly: has everything imported once, and forks a process of its own for each.

A line `CONFIG ERRORS` on standard input is answered by the new process's id. What runs there is
`wainbox-relay serve`, from its first line to its last.
"""

import os
import signal
import sys

import wainbox_relay.cli
import wainbox_relay.serving


def serve(config: str, errors: str) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor, path in ((0, os.devnull), (1, os.devnull), (2, errors)):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os._exit(wainbox_relay.cli.run(["serve", "--config", config]))


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            serve(*line.rstrip("\n").split("\t"))
        print(child, flush=True)
