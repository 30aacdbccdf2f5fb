"""The rota as agents see and change it (`docs/design.md` section 10)."""

from collections.abc import Sequence
from datetime import datetime

from wainbox_relay.clock import Clock
from wainbox_relay.contract.oncall import OnCallBoard, OnCallShift, ShiftChange
from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.contract.views import PageFace
from wainbox_relay.contract.vocabulary import DAY, MINUTE, SECOND, AgentId, Moment, Role
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent
from wainbox_relay.domain.outcome import OPERATOR, by
from wainbox_relay.domain.rules import permissions, sentences
from wainbox_relay.domain.rules.rota import Rota, Shift
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.engine.present import instant
from wainbox_relay.ports import AuditRow, Cover

SHOWN = 28 * DAY
FORESEEN = 3
"""Pages that are told before they leave."""
YEAR = 366 * DAY


class RotaBoard:
    """Shows the coming weeks; changes hands in one transaction with a line in the audit log."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    def board(self) -> OnCallBoard:
        oncall, now = self._inbox.desk.oncall, self._clock.now()
        if oncall is None:
            return OnCallBoard()
        shifts = oncall.rota.shifts(now, Moment(now + SHOWN))
        return OnCallBoard(shifts=tuple(map(self._shown, shifts)), leads=oncall.leads)

    def _shown(self, shift: Shift) -> OnCallShift:
        return OnCallShift(
            holder=shift.holder,
            name=sentences.name(self._inbox.desk, shift.holder),
            starts=datetime.fromisoformat(instant(shift.start)),
            ends=datetime.fromisoformat(instant(shift.end)),
        )

    def coming(self, last: PageFace) -> tuple[PageFace, ...]:
        """The page that was last, and those that follow while nobody takes it."""
        oncall = self._inbox.desk.oncall
        pages = [last]
        while oncall is not None and len(pages) <= FORESEEN:
            before = pages[-1]
            page, due = oncall.after(before.page, Moment(int(before.at.timestamp()) * SECOND))
            who = oncall.whom(page, due)
            at = datetime.fromisoformat(instant(due))
            pages.append(PageFace(agent=who, at=at, page=page, again=who == before.agent))
        return tuple(pages)

    async def change(self, agent: Agent | None, change: ShiftChange) -> OnCallBoard:
        """What an agent, or with nobody an operator, gives away or takes. Raises `Refusal`."""
        oncall, now = self._inbox.desk.oncall, self._clock.now()
        if oncall is None:
            raise _no_rota()
        at = self._to_come(change.at, "at", now)
        if change.other is not None:
            other = self._to_come(change.other, "other", now)
            shifts: Sequence[Shift] = self._swapped(oncall.rota, agent, at, other)
        else:
            shifts = (self._covered(oncall.rota, agent, change, at, now),)
        who = agent.id if agent is not None else AgentId(OPERATOR)
        covers = [Cover(replace(s, start=max(s.start, now)), who) for s in shifts]
        actor = by(agent.id) if agent is not None else OPERATOR
        rows = tuple(_audited(cover, actor, now) for cover in covers)
        await self._inbox.amend(lambda slice_: _keep(slice_, covers), rows)
        return self.board()

    async def order(self, actor: str, holders: tuple[AgentId, ...]) -> OnCallBoard:
        """Whose week follows whose from now on; nobody for the configured order."""
        oncall, now = self._inbox.desk.oncall, self._clock.now()
        if oncall is None:
            raise _no_rota()
        if len(set(holders)) < len(holders):
            raise refuse(Code.INVALID, "Name each person once.", "holders")
        for holder in holders:
            self._can_hold(holder, "holders")
        turns = oncall.rota.turns(holders, now) if holders else None
        row = AuditRow(now, actor, "rota_ordered", "", {"holders": list(holders)})
        await self._inbox.amend(lambda slice_: slice_.turn(turns, actor), (row,))
        return self.board()

    def _can_hold(self, holder: AgentId, field: str) -> None:
        known = self._inbox.desk.agents.get(holder)
        if known is None or known.revoked_at is not None or known.role is Role.VIEWER:
            message = f"Nobody called {holder} can be on call; choose another agent."
            raise refuse(Code.NOT_FOUND, message, field)

    def _swapped(
        self, rota: Rota, agent: Agent | None, at: Moment, other: Moment
    ) -> tuple[Shift, Shift]:
        mine, theirs = rota.swapped(at, other)
        if mine.holder == theirs.holder:
            who = sentences.name(self._inbox.desk, mine.holder)
            raise refuse(Code.INVALID, f"{who} has both shifts; name two people's.", "other")
        _permit(agent, mine.holder, theirs.holder)
        return mine, theirs

    def _covered(
        self, rota: Rota, agent: Agent | None, change: ShiftChange, at: Moment, now: Moment
    ) -> Shift:
        holder = change.holder
        if holder is None:
            message = "Say who takes the shift, or for which other shift it is exchanged."
            raise refuse(Code.INVALID, message, "holder")
        self._can_hold(holder, "holder")
        _permit(agent, holder)
        if change.until is None:
            return replace(rota.shift(at), holder=holder)
        until = self._to_come(change.until, "until", now)
        if until <= at:
            raise refuse(Code.INVALID, "The end comes before the beginning.", "until")
        return Shift(at, until, holder)

    @staticmethod
    def _to_come(moment: datetime, field: str, now: Moment) -> Moment:
        """The moment, if it is of the coming year; one that is just over stands for now."""
        found = Moment(int(moment.timestamp()) * SECOND)
        if not now - MINUTE <= found <= now + YEAR:
            raise refuse(Code.INVALID, "Name a moment of the coming year.", field)
        return max(found, now)


def _no_rota() -> Refusal:
    message = "Nobody is on call here; an admin names the agents in oncall.rota."
    return refuse(Code.NOT_FOUND, message)


def _permit(agent: Agent | None, *holders: AgentId) -> None:
    if agent is not None and not any(
        permissions.may_act_for(agent.role, agent.id, holder) for holder in holders
    ):
        message = "Only a lead gives other people shifts; take one yourself, or ask a lead."
        raise refuse(Code.NOT_ALLOWED, message, "holder")


def _audited(cover: Cover, actor: str, now: Moment) -> AuditRow:
    times = {"starts": instant(cover.shift.start), "ends": instant(cover.shift.end)}
    return AuditRow(now, actor, "shift_changed", cover.shift.holder, times)


def _keep(slice_: Slice, covers: list[Cover]) -> None:
    for cover in covers:
        slice_.cover(cover)
