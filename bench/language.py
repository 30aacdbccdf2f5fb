"""What the language detector takes for what, and how long it needs for a message."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from wainbox_relay.domain.rules.language import base
from wainbox_relay.language.detector import LocalDetector

ROOT = Path(__file__).parents[1]
LABELLED = ROOT.parent / "shared" / "language" / "dev.tsv"
"""A heading, then lines of: what is right (`|` between several), the kind, the text."""
OURS = ROOT / "tests" / "relay" / "language"
LANGUAGES = ("ar", "fr", "en", "und")


@dataclass(frozen=True, slots=True)
class Sample:
    right: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Measured:
    confusion: Counter[tuple[str, str]]
    """By what was right and what was said."""
    found: float
    false: float
    """Of French and English, the part called Arabic."""
    waits: list[float]
    """Seconds for each message."""


def labelled() -> list[Sample]:
    """The labelled set, where it lies beside the repository."""
    if not LABELLED.exists():
        return []
    rows = [line.split("\t") for line in LABELLED.read_text("utf-8").splitlines()[1:]]
    return [Sample(tuple(right.split("|")), text) for right, _, text in rows]


def ours() -> list[Sample]:
    """The sets of the tests."""
    arabizi = (line.split("\t")[1] for line in _lines("arabizi.tsv"))
    return [
        *(Sample(("ar",), text) for text in arabizi),
        *(Sample(("fr",), text) for text in _lines("french.txt")),
        *(Sample(("en",), text) for text in _lines("english.txt")),
    ]


def _lines(name: str) -> list[str]:
    return (OURS / name).read_text("utf-8").splitlines()


def measured(samples: list[Sample], rounds: int) -> Measured:
    detector = LocalDetector()
    said = [base(detector.detect(each.text).language) or "und" for each in samples]
    pairs = [
        (one if one in each.right else each.right[0], one)
        for each, one in zip(samples, said, strict=True)
    ]
    waits = [_wait(detector, each.text) for _ in range(10 * rounds) for each in samples]
    latin = [said for right, said in pairs if right in {"fr", "en"}]
    return Measured(
        confusion=Counter(pairs),
        found=sum(right == said for right, said in pairs) / len(pairs),
        false=latin.count("ar") / len(latin),
        waits=waits,
    )


def _wait(detector: LocalDetector, text: str) -> float:
    begin = time.perf_counter()
    detector.detect(text)
    return time.perf_counter() - begin
