"""Shifts that change hands by command."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fakes import HandClock
from tests.relay.oncall.conftest import night

from wainbox_relay.contract.oncall import OnCallBoard, ShiftChange
from wainbox_relay.contract.problems import Refusal
from wainbox_relay.contract.vocabulary import AgentId
from wainbox_relay.engine.rota_board import RotaBoard


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def holders(board: OnCallBoard) -> list[tuple[str, datetime]]:
    return [(shift.holder, shift.starts) for shift in board.shifts]


async def test_the_order_changes_from_the_present_week_on_and_goes_back(tmp_path: Path) -> None:
    """The first named has this week, across a restart; what changed hands still lies over it; with
    nobody named it is as configured."""
    clock = HandClock()
    async with night(tmp_path, {}, clock=clock) as shift:
        rota = RotaBoard(shift.relay.inbox, clock)
        assert shift.relay.inbox.desk.oncall is not None
        await rota.change(
            None, ShiftChange(at=at("11-19T09:00"), holder="samir", until=at("11-20T09:00"))
        )
        changed = await rota.order("@lead", (AgentId("lina"), AgentId("nadia")))
    assert [holder for holder, _ in holders(changed)][:5] == [
        "lina",
        "samir",
        "lina",
        "nadia",
        "lina",
    ]
    async with night(tmp_path, {}, clock=clock) as shift:
        rota = RotaBoard(shift.relay.inbox, clock)
        assert rota.board() == changed
        back = await rota.order("operator", ())
        told = await shift.relay.stores.main_writer.rows(
            "SELECT actor, data FROM audit WHERE act = 'rota_ordered' ORDER BY id"
        )
    assert next(holder for holder, _ in holders(back)) == "nadia"
    assert [tuple(row) for row in told] == [
        ("@lead", '{"holders":["lina","nadia"]}'),
        ("operator", '{"holders":[]}'),
    ]


@pytest.mark.parametrize("order", [("lina", "lina"), ("lina", "nobody")])
async def test_an_order_that_cannot_be_kept_changes_nothing(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    """Nobody twice, and nobody who is not there."""
    clock = HandClock()
    async with night(tmp_path, {}, clock=clock) as shift:
        rota = RotaBoard(shift.relay.inbox, clock)
        before = rota.board()
        with pytest.raises(Refusal):
            await rota.order("@lead", tuple(map(AgentId, order)))
        assert rota.board() == before


async def test_a_shift_goes_to_another_and_two_change_hands_across_a_restart(
    tmp_path: Path,
) -> None:
    """Lina covers a day of Nadia's week; Nadia and Samir exchange their next ones; after a restart
    it is still so, and the audit log has a line for each."""
    clock = HandClock()
    async with night(tmp_path, {}, clock=clock) as shift:
        rota, nadia, lina = RotaBoard(shift.relay.inbox, clock), *map(shift.agents.get, _BOTH)
        assert holders(rota.board())[:2] == [
            ("nadia", at("11-16T09:00")),
            ("samir", at("11-23T09:00")),
        ]
        await rota.change(
            lina, ShiftChange(at=at("11-19T09:00"), holder="lina", until=at("11-20T09:00"))
        )
        await rota.change(nadia, ShiftChange(at=at("11-24T00:00"), other=at("12-01T00:00")))
        changed = holders(rota.board())
    assert changed[:6] == [
        ("nadia", at("11-16T09:00")),
        ("lina", at("11-19T09:00")),
        ("nadia", at("11-20T09:00")),
        ("nadia", at("11-23T09:00")),
        ("samir", at("11-30T09:00")),
        ("samir", at("12-07T09:00")),
    ]
    async with night(tmp_path, {}, clock=clock) as shift:
        rota = RotaBoard(shift.relay.inbox, clock)
        assert holders(rota.board()) == changed
        acts = await shift.relay.stores.main_writer.rows(
            "SELECT actor, subject FROM audit WHERE act = 'shift_changed' ORDER BY id"
        )
    assert [tuple(row) for row in acts] == [
        ("@lina", "lina"),
        ("@nadia", "nadia"),
        ("@nadia", "samir"),
    ]


_BOTH = ("nadia", "lina")


async def test_the_whole_shift_is_taken_where_no_end_is_named(tmp_path: Path) -> None:
    """Samir takes what is left of Nadia's week, from now on."""
    async with night(tmp_path, {}) as shift:
        rota = RotaBoard(shift.relay.inbox, shift.clock)
        now = datetime.fromtimestamp(shift.clock.now() / 1_000_000, UTC)
        board = await rota.change(shift.agents["samir"], ShiftChange(at=now, holder="samir"))
        first = board.shifts[0]
        assert (first.holder, first.starts, first.ends) == ("samir", now, at("11-23T09:00"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (ShiftChange(at=at("11-19T09:00"), holder="lina"), "Only a lead gives other people"),
        (ShiftChange(at=at("11-19T09:00"), holder="nobody"), "Nobody called nobody"),
        (ShiftChange(at=at("11-19T09:00")), "Say who takes the shift"),
        (ShiftChange(at=at("11-01T09:00"), holder="samir"), "Name a moment of the coming year"),
        (ShiftChange(at=at("11-19T09:00"), other=at("11-20T09:00")), "Nadia has both"),
    ],
)
async def test_what_cannot_be_says_why(tmp_path: Path, change: ShiftChange, told: str) -> None:
    """Samir is an agent: he takes shifts and exchanges his own, of the coming year."""
    async with night(tmp_path, {}) as shift:
        with pytest.raises(Refusal) as refused:
            await RotaBoard(shift.relay.inbox, shift.clock).change(shift.agents["samir"], change)
        assert told in refused.value.problem.message


async def test_without_a_rota_there_is_nothing_to_change(tmp_path: Path) -> None:
    """An empty board, and a refusal that says whom to ask."""
    async with night(tmp_path, {}, rota=[]) as shift:
        rota = RotaBoard(shift.relay.inbox, shift.clock)
        assert rota.board() == OnCallBoard()
        with pytest.raises(Refusal, match="an admin names the agents"):
            await rota.change(
                shift.agents["lina"], ShiftChange(at=at("11-19T09:00"), holder="lina")
            )
