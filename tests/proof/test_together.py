"""Rows A1, A3 and E1: many at one conversation, people against automation, and a screen that was
away."""

import asyncio
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.proof import laws
from tests.proof.running import Desk, Forge, House, Seats, house, said, until
from tests.proof.screen import Screen

from wainbox_relay.control import ask
from wainbox_relay.domain.model import Conversation
from wainbox_relay.store import open_stores

# -- A1 ----------------------------------------------------------------------------------------


def crew(home: House, size: int, team: str = "sales") -> dict[str, Desk]:
    """So many agents of one team, by handle."""
    made = (
        ask(home.settings.control_socket, "agent add", name=name, role="agent", teams=[team])
        for name in (f"{team[:2].title()}{n}" for n in range(size))
    )
    home.tokens |= (tokens := {str(a["agent"]): str(a["token"]) for a in made})
    return {name: home.desk(name) for name in tokens}


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


@pytest.mark.timeout(300)
async def test_of_twenty_claims_one_wins_and_the_others_hear_who(home: House) -> None:
    """A1: two hundred times twenty agents claim one conversation at once: one holds it, nineteen
    are told with 409 who does."""
    await rush(home, 200)


# -- A3 ----------------------------------------------------------------------------------------

PEOPLE = ("nadia", "samir", "omar")
"""Who claims. No terminal of theirs is open, so automation gives them nothing."""
CASES = 50


@dataclass
class Rush:
    """Fifty wait, and at one moment six agents come back from their break, people claim and a lead
    moves cases to a team."""

    home: House
    seats: Seats
    dice: random.Random
    claims: dict[int, tuple[str, int]] = field(default_factory=dict)
    """By case, who claimed it and the answer's status."""
    moved: set[int] = field(default_factory=set)

    async def begin(self) -> None:
        self.first = self.home.files.one("SELECT coalesce(max(ref), 0) + 1 FROM conversations")
        texts = (said(f"wamid.{secrets.token_hex(8)}", phone=_phone(n)) for n in range(CASES))
        await self.home.hears(*texts)
        waiting = self.home.files.one("SELECT count(*) FROM conversations WHERE assignee IS NULL")
        assert waiting >= CASES

    async def happens(self) -> None:
        refs = self.dice.sample(range(self.first, self.first + CASES), 40)
        work = [self.claim(ref, self.dice.choice(PEOPLE)) for ref in refs[:20]]
        work += [self.move(ref) for ref in refs[20:]]
        work += [self.seats.say(name, "online") for name in self.seats.names]
        self.dice.shuffle(work)
        await asyncio.gather(*work)
        await until(self.all_have_somebody)

    async def claim(self, ref: int, who: str) -> None:
        answer = await self.home.desk(who).order(f"W-{ref}", "claim")
        self.claims[ref] = who, answer.status_code

    async def move(self, ref: int) -> None:
        await self.home.desk("lina").does(f"W-{ref}", "assign", team="support")
        self.moved.add(ref)

    async def all_have_somebody(self) -> bool:
        return not self.home.files.main(
            "SELECT 1 FROM conversations WHERE assignee IS NULL AND ref >= ?", self.first
        )

    def ends_well(self) -> None:
        seen = laws.look(self.home.files, self.first_id())
        assert laws.broken(seen) == []
        lines: dict[int, list[laws.Line]] = {case.ref: [] for case in seen.cases.values()}
        for line in seen.lines:
            if line.kind == "assigned":
                lines[seen.cases[line.conversation].ref].append(line)
        for case in seen.cases.values():
            self.case_ends_well(case, [_who(line) for line in lines[case.ref]])

    def case_ends_well(self, case: Conversation, hands: list[tuple[str, str]]) -> None:
        if case.ref in self.claims:
            who, status = self.claims[case.ref]
            [(actor, holder)] = hands
            assert (actor, holder) == ((f"@{who}", who) if status == 200 else ("wainbox", holder))
            assert status in (200, 409)
        elif case.ref in self.moved:
            actors = [actor for actor, _ in hands]
            assert actors in (["@lina", "wainbox"], ["wainbox", "@lina", "wainbox"])
            assert case.assignee in self.seats.home.tokens
            assert case.assignee.startswith("su")
            assert case.team == "support"
        else:
            assert [actor for actor, _ in hands] == ["wainbox"]

    def first_id(self) -> int:
        asked = "SELECT id FROM conversations WHERE ref = ?"
        return int(self.home.files.one(asked, self.first))

    async def over(self) -> None:
        for name in self.seats.names:
            await self.seats.say(name, "break")
        for ref in range(self.first, self.first + CASES):
            await self.home.desk("omar").does(f"W-{ref}", "spam")


def _who(line: laws.Line) -> tuple[str, str]:
    return line.actor, line.data.get("agent", "")


def _phone(n: int) -> str:
    return f"21267{secrets.randbelow(10**5):05}{n:02}"


async def a_person_keeps_it(folder: Path, forge: Forge, rounds: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice, lost = random.Random(seed), 0
    async with house(folder, forge, assignment={"model": "round_robin", "capacity": 30}) as home:
        seats = Seats(home)
        names = [*crew(home, 3), *crew(home, 3, "support")]
        await seats.sit(*names)
        for name in names:
            await seats.say(name, "break")
        for _ in range(rounds):
            rush = Rush(home, seats, dice)
            await rush.begin()
            await rush.happens()
            rush.ends_well()
            await rush.over()
            lost += sum(status == 409 for _, status in rush.claims.values())
    print(f"{lost} of {20 * rounds} claims lost to automation")
    assert 0 < lost < 20 * rounds


@pytest.mark.timeout(120)
async def test_what_a_person_has_automation_leaves_alone(tmp_path: Path, forge: Forge) -> None:
    """A3: while fifty are handed out, people claim and a lead moves cases to another team: whoever
    won a claim keeps it, who lost reads so, nobody outside the team has it, and every change of
    hands is one line."""
    await a_person_keeps_it(tmp_path, forge, 4)


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


@pytest.mark.timeout(300)
async def test_a_screen_that_was_cut_off_shows_what_a_fresh_one_shows(home: House) -> None:
    """E1: dropped 500 times at random bytes and resumed each time, a screen has skipped no event,
    applied none twice, and shows row by row what a fresh one shows."""
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
