"""`wainbox-relay`: everything that touches the relay's files. What speaks HTTP is `wainbox`.

Each verb imports what it needs when it runs. Expected trouble is one sentence on standard error and
an exit code (`docs/operating.md`); anything else goes to a file, with its trace.
"""

import errno
import os
import sys
import traceback
from pathlib import Path

from cyclopts import CycloptsError

from wainbox_relay.cli import agents, floor, journal, keeping, pretending, replies, running
from wainbox_relay.cli.base import (
    CONFLICT,
    DONE,
    EXITS,
    FAILED,
    NOT_ALLOWED,
    UNREACHABLE,
    USAGE,
    app,
    say,
)
from wainbox_relay.contract.problems import Refusal

__all__ = [
    "agents",
    "app",
    "floor",
    "journal",
    "keeping",
    "main",
    "pretending",
    "replies",
    "run",
    "running",
]


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs one command line and gives its exit code."""
    try:
        code = app(arguments)
        print(end="", flush=True)
        return int(code or DONE)
    except CycloptsError as error:
        return say(USAGE, f"{error}\nTry: wainbox-relay --help")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return DONE
    except OSError as error:
        if error.errno == errno.ENOSPC and error.filename is None:
            _drop_output()
            return say(FAILED, "The output could not be written: its disk is full.")
        return _explain(error)
    except Exception as error:  # noqa: BLE001 - the last gate: told, with its trace in a file
        return _explain(_innermost(error))


def _drop_output() -> None:
    """What nobody takes would be tried, and complained of, once more at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _innermost(error: Exception) -> Exception:
    """What a task group wrapped, when it is one thing alone."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        (error,) = error.exceptions
    return error


def _explain(error: Exception) -> int:
    from wainbox_relay.config import ConfigError
    from wainbox_relay.control import AlreadyRunning, NotRunning, Unfinished

    match error:
        case Refusal(problem=problem):
            return say(EXITS.get(problem.code, CONFLICT), problem.message)
        case ConfigError():
            return say(USAGE, str(error))
        case AlreadyRunning():
            return say(CONFLICT, str(error))
        case NotRunning():
            return say(UNREACHABLE, str(error))
        case Unfinished():
            return say(FAILED, str(error))
        case PermissionError(filename=name) if name:
            return say(NOT_ALLOWED, f"This user may not use {name}.")
        case _:
            return _explain_service(error)


def _explain_service(error: Exception) -> int:
    from wainbox_relay.demo import DemoFailed
    from wainbox_relay.ports import StoreFull
    from wainbox_relay.store import StoreTrouble
    from wainbox_relay.web.server import CannotListen

    match error:
        case StoreTrouble() | DemoFailed():
            return say(FAILED, str(error))
        case StoreFull():
            return say(FAILED, "The disk is full; nothing was changed. Free some space.")
        case CannotListen():
            return say(CONFLICT, str(error))
        case _:
            return say(FAILED, _unexpected(error))


def _unexpected(error: Exception) -> str:
    trace = "".join(traceback.format_exception(error))
    return (
        f"Something unexpected went wrong ({type(error).__name__}). Its trace is in {_kept(trace)}."
    )


def _kept(trace: str) -> Path:
    """A private file that holds the trace: with this user's logs, or where temporary files go."""
    from tempfile import mkstemp

    from platformdirs import user_log_path

    try:
        path = user_log_path("wainbox", ensure_exists=True) / "relay-errors.log"
        path.touch(mode=0o600)
    except OSError:
        descriptor, name = mkstemp(prefix="wainbox-relay-", suffix=".log")
        os.close(descriptor)
        path = Path(name)
    with path.open("a", encoding="utf-8") as file:
        file.write(trace)
    return path
