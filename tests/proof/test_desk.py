"""Row A2: whatever the desk does, in any order, through the API and through crashes; and days that
end the same in whatever order they come."""

import asyncio
import secrets
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.proof.running import Forge, House, house, said
from tests.proof.screen import Screen

T = TypeVar("T")
AGENTS = st.sampled_from(["nadia", "samir", "lina"])
WHO = st.integers(0, 2)
RANK = {
    word: place
    for place, words in enumerate(
        ("held queued sending", "unconfirmed", "accepted", "sent", "delivered", "read")
    )
    for word in words.split()
}


class Backstage:
    """An event loop in a thread of its own, where relay and WhatsApp live on between two steps."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextmanager
def a_house(folder: Path, forge: Forge) -> Iterator[tuple[Backstage, House]]:
    stage = Backstage()
    try:
        context = house(folder, forge)
        home = stage.run(context.__aenter__())
        try:
            yield stage, home
        finally:
            stage.run(context.__aexit__(None, None, None))
    finally:
        stage.close()


class Floor(RuleBasedStateMachine):
    """Three agents and three customers, new ones in every example."""

    stage: Backstage
    home: House

    @initialize()
    def begin(self) -> None:
        self.phones = [f"2126{secrets.randbelow(10**8):08}" for _ in range(3)]
        self.heard: dict[str, bytes] = {}
        self.states: dict[str, str] = {}
        self.notes = 0
        for phone in self.phones:
            self.home.box.newcomer(phone, phone=f"+{phone}")
        self.screen = self.run(Screen.opened(self.home))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.stage.run(work)

    def card(self, who: int) -> tuple[str, str | None, str] | None:
        """The newest conversation with somebody: reference, holder, status."""
        found = self.home.files.main(NEWEST, self.phones[who])
        return (f"W-{found[0][0]}", *found[0][1:]) if found else None

    def order(self, by: str, who: int, do: str, /, **more: Any) -> int:
        """The answer's status; 0 where there is nothing to do it to."""
        card = self.card(who)
        if card is None:
            return 0
        answer = self.run(self.home.desk(by).order(card[0], do, **more))
        assert answer.status_code in (200, 403, 409, 422), answer.text
        return answer.status_code

    # -- customers -------------------------------------------------------------------------------

    @rule(who=WHO)
    def inbound(self, who: int) -> None:
        wamid, phone = f"wamid.{secrets.token_hex(8)}", self.phones[who]
        self.home.box.world.heard(*_chat(self.home, phone), wamid, "text", _now())
        self.heard[wamid] = said(wamid, f"salam {wamid}", phone)
        self.run(self.home.hears(self.heard[wamid]))

    @precondition(lambda self: self.heard)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        before = self.home.files.one(MESSAGES)
        wamid = data.draw(st.sampled_from(sorted(self.heard)))
        self.run(self.home.hears(self.heard[wamid]))
        assert self.home.files.one(MESSAGES) == before

    # -- agents ----------------------------------------------------------------------------------

    @rule(agent=AGENTS, who=WHO)
    def claim(self, agent: str, who: int) -> None:
        before = self.card(who)
        status = self.order(agent, who, "claim")
        if before is not None and before[1] not in (None, agent):
            assert status == 409
        if status == 200:
            after = self.card(who)
            assert after is not None
            assert after[1] == agent

    @rule(agent=AGENTS, to=AGENTS, who=WHO)
    def assign(self, agent: str, to: str, who: int) -> None:
        if self.order(agent, who, "assign", agent=to) == 200:
            assert (self.card(who) or ("", ""))[1] == to

    @rule(agent=AGENTS, who=WHO)
    def release(self, agent: str, who: int) -> None:
        if self.order(agent, who, "release") == 200:
            assert (self.card(who) or ("", ""))[1] is None

    @rule(agent=AGENTS, who=WHO, repeat=st.booleans())
    def reply(self, agent: str, who: int, *, repeat: bool) -> None:
        card, sid = self.card(who), secrets.token_hex(16)
        if card is None:
            return
        content = {"kind": "text", "body": f"answer {sid}"}
        for _ in range(1 + repeat):
            answer = self.run(
                self.home.desk(agent).order(card[0], "reply", id_=sid, content=content, anyway=True)
            )
        if answer.is_success:
            self.states[sid] = "queued"

    @rule(agent=AGENTS, who=WHO)
    def note(self, agent: str, who: int) -> None:
        self.notes += self.order(agent, who, "note", body="call them") == 200

    @rule(agent=AGENTS, who=WHO)
    def resolve(self, agent: str, who: int) -> None:
        if self.order(agent, who, "resolve", sure=True) == 200:
            assert (self.card(who) or ("", "", ""))[2] == "resolved"

    @rule(agent=AGENTS, who=WHO)
    def reopen(self, agent: str, who: int) -> None:
        self.order(agent, who, "open")

    @rule(agent=AGENTS, who=WHO)
    def snooze(self, agent: str, who: int) -> None:
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        self.order(agent, who, "snooze", until=until, sure=True)

    # -- mishaps ---------------------------------------------------------------------------------

    @rule()
    def crash(self) -> None:
        self.run(self.home.kill())
        self.run(self.home.start())

    @rule()
    def resume(self) -> None:
        self.run(self.screen.catch_up())

    # -- what always holds -----------------------------------------------------------------------

    @invariant()
    def deliveries_only_advance(self) -> None:
        stands = self.home.files.sends()
        for sid, before in self.states.items():
            assert RANK[stands[sid]] >= RANK[before], (before, stands[sid])
        self.states = {sid: stands[sid] for sid in self.states}

    @invariant()
    def nothing_goes_twice(self) -> None:
        assert [sid for sid in self.states if self.home.box.accepts[sid] > 1] == []

    def teardown(self) -> None:
        self.run(self.home.read())
        assert self.home.files.lost(set(self.heard)) == set()
        assert self.home.files.faults() == []
        self.run(self.screen.catch_up())
        fresh = self.run(Screen.opened(self.home))
        assert [c.ref for c in self.screen.shows()] == [c.ref for c in fresh.shows()]


NEWEST = """SELECT ref, assignee, status FROM conversations
    WHERE customer = (SELECT id FROM customers WHERE phone = ?) ORDER BY id DESC LIMIT 1"""
MESSAGES = "SELECT count(*) FROM entries WHERE direction = 'in'"


def _chat(home: House, phone: str) -> tuple[str, str]:
    return home.box.customer(phone).number.id, phone


def _now() -> float:
    return datetime.now(UTC).timestamp()


def at_work(folder: Path, forge: Forge, examples: int, steps: int) -> None:
    with a_house(folder, forge) as (stage, home):
        Floor.stage, Floor.home = stage, home
        profile = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Floor, settings=profile)


@pytest.mark.timeout(300)
def test_whatever_the_desk_does_it_stays_whole(tmp_path: Path, forge: Forge) -> None:
    """A2: in any order of writing, claiming, assigning, answering, closing, waking and crashing a
    conversation has one holder, nothing is lost or sent twice, deliveries only advance, and a
    screen kept by events shows what a fresh one shows."""
    at_work(tmp_path, forge, 30, 25)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_same_for_long(tmp_path: Path, forge: Forge) -> None:
    """A2, the long version."""
    at_work(tmp_path, forge, 1000, 50)
