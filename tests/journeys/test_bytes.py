"""X2 and plain: the kinds of control sequences that the true terminal is sent."""

import re
from pathlib import Path

import pytest
from tests.journeys.terminal import Terminal, opened
from tests.proof.running import Forge, House, house
from tests.tui.widgets.hostile import STRINGS

pytestmark = pytest.mark.journey
CANARY = "KANARI"
HOSTILE = [f"{words[:1500]}{CANARY}{n}" for n, words in enumerate(STRINGS) if "\ud800" not in words]
_SEQUENCE = re.compile(
    r"\x1b\[(?P<csi>[<=>?]?)[\d;:]*(?P<middle>[ -/]*)(?P<end>[@-~])"
    r"|\x1b(?P<string>[\]PX^_])(?P<kind>\d*)[^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|\x1b(?P<short>.)"
    r"|(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f])"
    r"|(?P<hidden>[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
    r"|[\U000e0000-\U000e007f])"
)


def classes(raw: bytes) -> set[str]:
    """The kinds of what acts on a terminal: a colour is one kind, a title another."""
    return {
        "".join(part or "" for part in found.groups())
        for found in _SEQUENCE.finditer(raw.decode("utf-8", "replace"))
    }


async def _walk(terminal: Terminal, conversations: int) -> None:
    """Everything that shows what others wrote: rows, threads, customer, reasons, files."""
    await terminal.until("live")
    await terminal.until("of " + str(conversations))
    for _ in range(4):
        await terminal.press("pagedown")
    await terminal.press("home")
    for _ in range(8):
        await terminal.press("enter")
        await terminal.until("Reply")
        await terminal.press("w", "esc", "esc", *"jjjjjjj")
    await terminal.press("p", "esc", "a", "esc", "?", "esc", "f", "x", "esc")


async def _desk(home: House, tmp_path: Path, words: list[str]) -> Terminal:
    for n, said in enumerate(words):
        who = home.box.newcomer(f"who{n}", said)
        await who.writes(said, ago=len(words) - n)
        if n % 10 == 0:
            await who.sends("image", caption=said)
            await who.sends("document", filename=said)
    await home.box.settled(30)
    await home.read()
    for card in (await home.desk().cards())[::4]:
        await home.desk().does(card["ref"], "note", body=f"note {card['last_message']['text']}")
    async with opened(home.url, home.tokens["nadia"], tmp_path) as terminal:
        await _walk(terminal, len(words))
        return terminal


async def test_hostile_text_brings_no_new_kind_of_sequence(
    home: House, tmp_path: Path, forge: Forge
):
    """X2: a desk of hostile customers sends the terminal nothing that a desk of plain ones does
    not: no title, clipboard, query, mode or control of theirs."""
    hostile = await _desk(home, tmp_path / "hostile", HOSTILE)
    (tmp_path / "other").mkdir()
    async with house(tmp_path / "other", forge) as other:
        words = [f"plain words {n}" for n in range(len(HOSTILE))]
        plain = await _desk(other, tmp_path / "plain", words)
    assert len(set(re.findall(CANARY.encode() + rb"\d+", bytes(hostile.raw)))) > 10
    assert classes(hostile.raw) - classes(plain.raw) == set()
    for acting in ("\x1b]0;x\x07", "\x1b]52;c;x\x07", "\x1b[6n", "\x9b31m", "\x1bPx", "\x07"):
        assert classes(acting.encode()) - classes(plain.raw), repr(acting)
    titles = re.findall(rb"\x1b\][^\x07\x1b]*", bytes(hostile.raw))
    assert not [title for title in titles if CANARY.encode() in title]


async def test_plain_draws_letters_without_colour(home: House, tmp_path: Path):
    """`plain = true`: ASCII only but for what people wrote, and no colour."""
    folder = tmp_path / "nadia"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.toml").write_text("plain = true\n")
    await home.box.newcomer("ali", "Ali").writes("hello")
    await home.box.settled()
    await home.read()
    async with opened(home.url, home.tokens["nadia"], folder) as terminal:
        await terminal.until("hello")
        await terminal.press("enter")
        await terminal.until("Reply")
        assert terminal.screen.isascii()
    assert not _colours(terminal.raw)


async def test_no_color_is_heard(home: House, tmp_path: Path):
    """NO_COLOR takes the colours and leaves the words."""
    await home.box.newcomer("ali", "Ali").writes("hello")
    await home.box.settled()
    await home.read()
    folder = tmp_path / "nadia"
    async with opened(home.url, home.tokens["nadia"], folder, NO_COLOR="1") as terminal:
        await terminal.until("hello")
        await terminal.until("│")
    assert not _colours(terminal.raw)


def _colours(raw: bytearray) -> set[bytes]:
    """Colours asked for that are not shades of grey."""
    asked = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", bytes(raw))
    return {b";".join(found) for found in asked if len(set(found)) > 1}
