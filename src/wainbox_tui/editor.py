"""Words in one's own editor; the terminal is given to it for as long."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from wainbox_tui.terminal import tell
from wainbox_tui.text.probe import enter, in_tmux, leave

if TYPE_CHECKING:
    from wainbox_tui.app import WainboxApp


def edited(app: "WainboxApp", text: str) -> str | None:
    """What came of the text; None where no editor is named."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        app.inbox.say("Set EDITOR to write in your own editor.", trouble=True)
        return None
    with tempfile.NamedTemporaryFile("w+", suffix=".txt", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        with app.suspend():
            tell(leave(app.look.guard, tmux=in_tmux(os.environ)))
            subprocess.run([*shlex.split(editor), file.name], check=False)  # noqa: S603 - the person's own
        tell(enter(app.look.guard, tmux=in_tmux(os.environ)))
        return Path(file.name).read_text(encoding="utf-8").rstrip("\n")
