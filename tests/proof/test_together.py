"""Rows A1 and E1: many at one conversation, and a screen that was away."""

import asyncio
import random
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.proof.running import Desk, House, said
from tests.proof.screen import Screen

from wainbox_relay.control import ask
from wainbox_relay.store import open_stores

# -- A1 ----------------------------------------------------------------------------------------


def crew(home: House, size: int) -> dict[str, Desk]:
    """So many agents of one team, by handle."""
    made = (
        ask(home.settings.control_socket, "agent add", name=f"A{n}", role="agent", teams=["sales"])
        for n in range(size)
    )
    return {str(a["agent"]): Desk(home.http, home.url, str(a["token"])) for a in made}


async def rush(home: House, rounds: int) -> None:
    agents = crew(home, 20)
    for n in range(rounds):
        await home.hears(said(f"wamid.a1.{n}", phone=f"2126{n:08}"))
        [card] = await home.desk().cards("unassigned")
        answers = await asyncio.gather(*(a.order(card["ref"], "claim") for a in agents.values()))
        won = [who for who, answer in zip(agents, answers, strict=True) if answer.is_success]
        assert len(won) == 1, answers[0].text
        lost = [answer for answer in answers if not answer.is_success]
        assert {answer.status_code for answer in lost} == {409}
        assert all(_names(answer.json(), won[0]) for answer in lost), lost[0].json()
        [held] = home.files.main(
            "SELECT assignee FROM conversations WHERE ref = ?", card["ref"][2:]
        )
        assert held == (won[0],)
    assert home.files.faults() == []


def _names(problem: Mapping[str, Any], winner: str) -> bool:
    return winner.upper() in str(problem["message"]) or winner in str(problem)


async def test_of_twenty_claims_one_wins_and_the_others_hear_who(home: House) -> None:
    """A1: sixty times twenty agents claim one conversation at once: one holds it, nineteen are told
    with 409 who does."""
    await rush(home, 60)


@pytest.mark.soak
async def test_the_same_two_hundred_times(home: House) -> None:
    """A1, the long version."""
    await rush(home, 200)


# -- E1 ----------------------------------------------------------------------------------------


async def busy(home: House, dice: random.Random, over: asyncio.Event) -> None:
    """Customers write, agents claim, tag, note and resolve."""
    desk = home.desk()
    while not over.is_set():
        phone = f"2126{dice.randrange(40):08}"
        await home.post(said(f"wamid.{secrets.token_hex(6)}", "x" * dice.randrange(400), phone))
        for card in dice.sample(cards := await desk.cards(), min(2, len(cards))):
            await desk.order(card["ref"], **dice.choice(MOVES))
        await asyncio.sleep(0.002)


MOVES: list[dict[str, Any]] = [
    {"do": "claim"},
    {"do": "release"},
    {"do": "resolve", "sure": True},
    {"do": "tag", "add": ["vip"]},
    {"do": "note", "body": "call back"},
    {"do": "priority", "priority": "high"},
]


async def away_and_back(home: House, cuts: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice, screen, over = random.Random(seed), await Screen.opened(home), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(busy(home, dice, over))
        while screen.cuts < cuts:
            await screen.listen(dice)
        over.set()
    await home.read()
    await screen.catch_up()
    fresh = await Screen.opened(home)
    print(f"{screen.cuts} cuts, {screen.state.seq} events, {len(fresh.shows())} rows")
    shown, true = screen.shows(), fresh.shows()
    assert [card.ref for card in shown] == [card.ref for card in true]
    assert [(a, b) for a, b in zip(shown, true, strict=True) if a != b] == []
    assert screen.twice == 0


async def test_a_screen_that_was_cut_off_shows_what_a_fresh_one_shows(home: House) -> None:
    """E1: dropped 150 times at random bytes and resumed each time, a screen has skipped no event,
    applied none twice, and shows row by row what a fresh one shows."""
    await away_and_back(home, 150)


@pytest.mark.soak
async def test_the_same_with_five_hundred_cuts(home: House) -> None:
    """E1, the long version."""
    await away_and_back(home, 500)


async def test_a_reader_who_gives_up_leaves_nothing_open(tmp_path: Path) -> None:
    """However early or late a request is given up, the next one reads from a connection without a
    transaction of somebody else's."""
    async with await open_stores(tmp_path) as stores:
        for steps in [*range(12)] * 10:
            reading = asyncio.ensure_future(stores.reads.gauges())
            for _ in range(steps):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await stores.reads.gauges()
