"""The pinned requirements."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("uv", "tui", "relay", "all", "dev")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+?)(?: ; (.+?))? \\$")


def lines_of(name: str) -> list[str]:
    return (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()


def pins_of(name: str) -> dict[tuple[str, str], str]:
    found = [PIN.match(line) for line in lines_of(name) if not line.startswith(" ")]
    return {(pin[1], pin[3] or ""): pin[2] for pin in found if pin}


@pytest.mark.parametrize("name", FILES)
def test_files_name_no_address(name: str):
    """Any index or mirror can serve the requirements, for no file names one."""
    assert not [line for line in lines_of(name) if "://" in line or line.startswith("--")]


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_exact_and_hashed(name: str):
    """Each line is an exact pin followed by its hashes, and nothing else."""
    lines = lines_of(name)
    assert lines
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith(" "):
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
        else:
            assert PIN.match(line), line
            assert following.startswith("    --hash="), line


@pytest.mark.parametrize("name", ["tui", "relay", "all"])
def test_files_agree_with_the_one_that_is_tested(name: str):
    """What is installed for use has the versions the tests ran with."""
    tested = pins_of("dev")
    versions = {package: version for (package, _), version in tested.items()}
    for (package, marker), version in pins_of(name).items():
        assert version in (tested.get((package, marker)), versions.get(package)), package


@pytest.mark.parametrize("extra", ["tui", "relay"])
def test_direct_dependencies_are_pinned(extra: str):
    """Whoever adds a dependency to pyproject.toml also runs `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"][extra]]
    names = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in wanted}
    assert names <= {package for package, _ in pins_of(extra)}


@pytest.mark.parametrize("heavy", ["lingua-language-detector", "phonenumberslite", "uvicorn"])
def test_terminal_installs_nothing_of_the_relays(heavy: str):
    """An agent who installs the terminal alone gets none of the server's weight."""
    assert heavy not in {package for package, _ in pins_of("tui")}
