"""`wainbox`: without arguments the app at once, with arguments the commands for pipes.

Textual reads its environment when it is imported, so what it must know is set here, first; and the
app takes the contract in its light form.
"""

import gc
import os
import sys

from wainbox_relay.contract import light


def main() -> None:
    _leave_out()
    if len(sys.argv) > 1:
        from wainbox_tui.cli import run

        sys.exit(run(sys.argv[1:]))
    _prepare(os.environ)
    from wainbox_tui.app import start

    sys.exit(start())


def _leave_out() -> None:
    """Where click is installed httpx loads it, and much of Rich, for a command line of its own; it
    does without where that cannot be imported."""
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # the import system's way


def _prepare(env: "os._Environ[str]") -> None:
    """A light start: no garbage is looked for while all is loaded, until the app hears something.
    Nothing moves by itself, and over SSH nothing is drawn more often than it can be read."""
    gc.disable()
    light.choose()
    env.setdefault("TEXTUAL_ANIMATIONS", "none")
    env.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    env.setdefault("ESCDELAY", "50")
    if "SSH_CONNECTION" in env:
        env.setdefault("TEXTUAL_FPS", "20")


if __name__ == "__main__":
    main()
