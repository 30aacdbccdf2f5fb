"""The documentation says what the code does."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import get_args

import pytest

from wainbox_relay.sandbox.faults import On, What
from wainbox_tui.cli.printing import keys
from wainbox_tui.config import Config

ROOT = Path(__file__).parents[2]
DOCS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_the_table_of_keys_is_the_registry():
    """Every action with its key, made by the program itself."""
    made = io.StringIO()
    with redirect_stdout(made):
        keys(Config(), as_markdown=True)

    assert made.getvalue() in (ROOT / "docs/keys.md").read_text()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    """Every link within the repository names a file that is there."""
    links = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_sections_that_the_code_names_exist():
    """`docs/design.md` has each section a module says it makes true."""
    sections = set(re.findall(r"^## (\d+)\.", (ROOT / "docs/design.md").read_text(), re.MULTILINE))
    named = {
        number
        for path in (ROOT / "src").rglob("*.py")
        for number in re.findall(r"design\.md`?\s+section (\d+)", path.read_text())
    }

    assert named <= sections
    assert named


def test_every_word_of_the_wire_is_written_down():
    """Statuses, deliveries, kinds, flags, roles and problem codes stand in the table of words."""
    from wainbox_relay.contract import problems, vocabulary

    words = (ROOT / "docs/design.md").read_text()
    for choices in (
        vocabulary.Status,
        vocabulary.Delivery,
        vocabulary.Kind,
        vocabulary.Flag,
        vocabulary.Role,
        vocabulary.Priority,
        problems.Code,
    ):
        assert [word for word in choices if f"`{word}`" not in words] == []


def test_the_page_on_pipes_says_every_code_and_field():
    """`docs/pipes.md` has each exit code, and each field that scripts build upon."""
    from wainbox_tui import cli

    page = (ROOT / "docs/pipes.md").read_text()
    codes = {
        cli.DONE,
        cli.FAILED,
        cli.USAGE,
        cli.NOT_ALLOWED,
        cli.NOT_FOUND,
        cli.CONFLICT,
        cli.RATE,
    }
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    fields = "ref number status flags unread waiting_since window_closes_at wamid delivery said"

    assert told == codes | {cli.NETWORK}
    assert [field for field in fields.split() if f"`{field}`" not in page] == []


def test_every_fault_of_the_sandbox_is_told():
    """What can be asked to go wrong, and where, stands in the page on running it."""
    page = (ROOT / "docs/operating.md").read_text()
    for choices in (What, On):
        assert [word for word in get_args(choices) if f"`{word}`" not in page] == []
