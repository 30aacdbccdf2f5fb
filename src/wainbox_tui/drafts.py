"""What was typed and not sent, on the disk within a second of typing; survives everything but the
disk itself.

An append-only file of JSON lines, each the whole draft of one conversation; rewritten when it has
grown. Mode 0600, since drafts quote customers.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "drafts.jsonl"
GROWN = 256 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """`ref` is the conversation it is bound to. `note` says that it was meant for the team. `sid`
    is set from Enter until the relay showed the message."""

    ref: str
    text: str
    note: bool = False
    quote: int | None = None
    sid: str = ""


class Drafts:
    def __init__(self, folder: Path, profile: str) -> None:
        self._path = folder / f"{_safe(profile)}.{FILE}"
        self._drafts: dict[str, Draft] = {}
        self._load()

    def _load(self) -> None:
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return
        for line in lines:
            self._take(line)

    def _take(self, line: str) -> None:
        try:
            draft = Draft(**json.loads(line))
        except (ValueError, TypeError):
            return  # the last line of a file whose writer was killed
        self._remember(draft)

    def _remember(self, draft: Draft) -> None:
        if draft.text:
            self._drafts[draft.ref] = draft
        else:
            self._drafts.pop(draft.ref, None)

    def get(self, ref: str) -> Draft | None:
        return self._drafts.get(ref)

    def all(self) -> Mapping[str, Draft]:
        return self._drafts

    def keep(self, draft: Draft) -> None:
        """Keeps a draft; an empty one forgets it."""
        if self._drafts.get(draft.ref) == draft or (
            not draft.text and draft.ref not in self._drafts
        ):
            return
        self._remember(draft)
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(
            os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a"
        ) as f:
            f.write(json.dumps(asdict(draft)) + "\n")
            f.flush()
            os.fsync(f.fileno())
            grown = f.tell() > GROWN
        if grown:
            self._rewrite()

    def _rewrite(self) -> None:
        fresh = self._path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.writelines(json.dumps(asdict(draft)) + "\n" for draft in self._drafts.values())
            f.flush()
            os.fsync(f.fileno())
        fresh.replace(self._path)


def _safe(profile: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in profile)[:60] or "default"
