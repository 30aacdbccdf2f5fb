"""A seeded relay folder, made once outside the repository and copied for each run."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.seed import LONG, seed
from wainbox_relay.store import open_stores
from wainbox_relay.store.files import MAIN_FILE

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Size:
    conversations: int
    messages: int

    def __str__(self) -> str:
        return f"{self.conversations:,} conversations, {self.messages + LONG:,} messages"


FULL = Size(100_000, 1_000_000)
QUICK = Size(20_000, 200_000)
TINY = Size(300, 3_000)


@contextmanager
def desk(size: Size) -> Iterator[Path]:
    """A folder with a data folder of that size, for one run."""
    model = _model(size)
    with tempfile.TemporaryDirectory(prefix="wainbox-bench-run-") as folder:
        shutil.copytree(model, Path(folder) / "data")
        yield Path(folder)


def _model(size: Size) -> Path:
    """The same size is seeded once, until what the file looks like changes."""
    kept = Path(tempfile.gettempdir()) / "wainbox-bench"
    folder = kept / f"{size.conversations}-{size.messages}-{_shape()}"
    if not folder.exists():
        for older in kept.glob(f"{size.conversations}-{size.messages}-*"):
            shutil.rmtree(older)
        print(f"seeding {size} into {folder}, once", flush=True)
        with tempfile.TemporaryDirectory(dir=_made(kept)) as fresh:
            data = Path(fresh) / "data"
            asyncio.run(_seed(data, size))
            data.rename(folder)
    return folder


async def _seed(folder: Path, size: Size) -> None:
    async with await open_stores(_made(folder)):
        pass
    seed(folder / MAIN_FILE, size.conversations, size.messages)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _shape() -> str:
    """Changes with the tables and with the seed."""
    sources = [*(REPOSITORY / "src/wainbox_relay/store/sql").rglob("*.sql")]
    sources.append(Path(__file__).with_name("seed.py"))
    told = hashlib.sha256()
    for source in sorted(sources):
        told.update(source.read_bytes())
    return told.hexdigest()[:12]
