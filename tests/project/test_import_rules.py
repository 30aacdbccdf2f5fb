"""The directions of import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = """
import sys; sys.path.insert(0, "src")
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True))
"""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-c", LINT]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True)


def test_import_rules_are_kept():
    """Every import goes the way docs/design.md says."""
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "line", "rule"),
    [
        ("wainbox_tui/state.py", "import wainbox_relay.ports", "by its contract"),
        ("wainbox_relay/ports.py", "import wainbox_tui", "does not know the terminal"),
        ("wainbox_relay/domain/model.py", "import httpx", "touch nothing outside"),
        ("wainbox_relay/domain/model.py", "import wainbox_relay.domain.rules", "Stories call"),
        ("wainbox_relay/sandbox/graph.py", "import wainbox_relay.engine", "shares nothing"),
        ("wainbox_relay/contract/views.py", "import wainbox_relay.domain", "in storeys"),
        ("wainbox_tui/widgets/queue.py", "import httpx", "speaks HTTP"),
    ],
)
def test_a_planted_fault_is_refused(tmp_path: Path, module: str, line: str, rule: str):
    """Each rule catches the import it is there for."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    planted = tmp_path / "src" / module
    planted.parent.mkdir(exist_ok=True)
    (planted.parent / "__init__.py").touch()
    with planted.open("a") as file:
        file.write(f"\n{line}\n")
    result = lint(tmp_path)
    broken = [row for row in result.stdout.splitlines() if " BROKEN" in row]
    assert result.returncode == 1
    assert any(rule in row for row in broken), result.stdout + result.stderr
