"""`wainbox` for pipes: the same deeds as the app, one line each."""

import sys
from collections.abc import Sequence

DONE, USAGE, NOT_ALLOWED, NOT_FOUND, CONFLICT, RATE, NETWORK = 0, 2, 3, 4, 5, 6, 8


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit code; errors are a sentence on stderr."""
    from wainbox_tui.cli.commands import app
    from wainbox_tui.cli.failures import code_of

    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        return int(code or DONE)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Exception as error:  # noqa: BLE001 - the end of the line: known ones become a sentence
        return code_of(error)
