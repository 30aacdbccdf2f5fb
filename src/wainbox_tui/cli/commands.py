"""The commands for pipes, all of them; the order of these rooms is the order of `--help`."""

from wainbox_tui.cli import looking, doing, calling, leading, here  # noqa: F401, I001 - to be known
from wainbox_tui.cli.base import PAGE, app

__all__ = ["PAGE", "app"]
