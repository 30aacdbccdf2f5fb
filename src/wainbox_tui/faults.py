"""What went wrong unforeseen, on the disk for whoever mends it.

The screen gets one sentence only: a traceback may quote customers.
"""

import os
import traceback
from pathlib import Path

FILE = "fault.txt"


def keep(folder: Path, error: BaseException) -> Path | None:
    """Writes where and why, in place of the fault before; none when there is no room for it."""
    path = folder / FILE
    fresh = path.with_suffix(".new")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(fresh, flags, 0o600), "w", encoding="utf-8", errors="replace") as f:
            f.writelines(traceback.format_exception(error))
        fresh.replace(path)
    except OSError:
        return None
    return path


def sentence(error: BaseException, kept: Path | None) -> str:
    where = f" The details, which may quote customers, are in {kept}." if kept else ""
    return f"Something went wrong here ({type(error).__name__}); nothing was lost.{where}"
