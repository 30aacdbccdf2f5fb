"""`wainbox` for pipes: the same deeds as the app, one line each."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import UnsupportedOperation

DONE, FAILED, USAGE, NOT_ALLOWED, NOT_FOUND, CONFLICT, RATE, NETWORK = 0, 1, 2, 3, 4, 5, 6, 8


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code; errors are a sentence on stderr."""
    from wainbox_tui.cli.commands import app
    from wainbox_tui.cli.failures import code_of

    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        print(end="", flush=True)
        return int(code or DONE)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return DONE
    except OSError as error:
        _drop_output()
        return code_of(error)
    except Exception as error:  # noqa: BLE001 - the end of the line: known ones become a sentence
        return code_of(error)


def _drop_output() -> None:
    """What nobody takes would be tried, and complained of, once more at the very end."""
    with suppress(UnsupportedOperation):  # only a real file is tried again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
