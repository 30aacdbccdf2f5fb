"""A lead changes a canned reply in their own editor, which gets the whole terminal for as long."""

from pathlib import Path

import pytest
from tests.journeys.terminal import opened
from tests.proof.running import House, until

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(
    ("editor", "left"),
    [
        ("sed -i s/Hello/Salam/", ["Salam {{customer.name}}"]),
        ("sed -i s/customer.name/customer.pet/", ["Hello {{customer.name}}"]),
        ("truncate -s 0", []),
    ],
)
async def test_the_words_come_back_from_the_editor(
    home: House, tmp_path: Path, editor: str, left: list[str]
):
    """What the editor made of them is kept; unknown places are refused; nothing left removes it."""
    lead = home.desk("lina")
    hello = {"title": "Hello", "texts": {"any": "Hello {{customer.name}}"}}
    url = f"{lead.url}/api/v1/replies/hello"
    assert (await lead.http.put(url, json=hello, headers=lead.headers)).is_success
    async with opened(home.url, home.tokens["lina"], tmp_path / "lina", EDITOR=editor) as terminal:
        await terminal.until("live")
        await terminal.press(":")
        await terminal.until("palette")
        terminal.types("edit_reply")
        await terminal.press("enter")
        await terminal.until("hello Hello")
        await terminal.press("enter")
        await terminal.until("not known" if "pet" in editor else "/hello")

    async def holds() -> bool:
        return [text for r in await lead.get("/replies") for text in r["texts"].values()] == left

    await until(holds)
