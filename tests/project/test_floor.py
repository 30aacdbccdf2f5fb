"""The support floor's table of transitions: no row without its test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = range(1, 68)
_NAMED = re.compile(r"def test_rows?((?:_\d+)+)_")


def test_every_row_of_the_floor_has_a_test() -> None:
    """Tests bear the numbers of the rows they prove."""
    named = {
        int(number)
        for path in (ROOT / "tests").rglob("test_*.py")
        for numbers in _NAMED.findall(path.read_text(encoding="utf-8"))
        for number in numbers.strip("_").split("_")
    }
    assert sorted(set(ROWS) - named) == []
