"""`wainbox`: without arguments the app at once, with arguments the commands for pipes.

Textual reads its environment when it is imported, so what it must know is set here, first.
"""

import os
import sys


def main() -> None:
    if len(sys.argv) > 1:
        from wainbox_tui.cli import run

        sys.exit(run(sys.argv[1:]))
    _prepare(os.environ)
    from wainbox_tui.app import start

    sys.exit(start())


def _prepare(env: "os._Environ[str]") -> None:
    """Nothing moves by itself, and over SSH nothing is drawn more often than it can be read."""
    env.setdefault("TEXTUAL_ANIMATIONS", "none")
    env.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    env.setdefault("ESCDELAY", "50")
    if "SSH_CONNECTION" in env:
        env.setdefault("TEXTUAL_FPS", "20")


if __name__ == "__main__":
    main()
