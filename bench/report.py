"""Tables as they stand in `docs/performance.md`, and how busy the machine was meanwhile."""

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that a figure must keep; `least` says on which side."""

    bound: float
    unit: str = ""
    least: bool = False

    def met(self, figure: float) -> bool:
        return figure >= self.bound if self.least else figure <= self.bound

    def __str__(self) -> str:
        return f"{'at least' if self.least else 'at most'} {self.bound:g}{self.unit}"


def at_least(bound: float, unit: str = "x") -> Goal:
    return Goal(bound, unit, least=True)


def at_most(bound: float, unit: str = "x") -> Goal:
    return Goal(bound, unit)


@dataclass(slots=True)
class Report:
    """Prints what is measured, and remembers what misses its goal."""

    missed: list[str] = field(default_factory=list)
    measured: int = 0

    def title(self, text: str) -> None:
        load = " / ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"\n## {text}\n\nLoad of the machine at the start: {load}\n", flush=True)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        print(_line(head))
        print(_line(["---"] * len(head)))
        for row in rows:
            self.measured += 1
            print(_line([_shown(cell) for cell in row]), flush=True)
        print()

    def goals(self, rows: Iterable[tuple[str, float, Goal]]) -> None:
        """What must hold."""
        judged = [(name, figure, goal, goal.met(figure)) for name, figure, goal in rows]
        self.missed += [name for name, _, _, met in judged if not met]
        self.table(
            ("figure", "measured", "goal", ""),
            [
                (name, f"{_shown(figure)}{goal.unit}", goal, "met" if met else "MISSED")
                for name, figure, goal, met in judged
            ],
        )

    def end(self) -> None:
        print("Missed: " + ("; ".join(self.missed) if self.missed else "nothing") + ".")


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _shown(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"


def median(several: Iterable[float]) -> float:
    return float(statistics.median(several))


def share(several: Iterable[float], part: float) -> float:
    """The value that so large a part stays within."""
    ordered = sorted(several)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0
