"""Other hours for a while, as leads and operators set them (`docs/design.md` section 10)."""

from datetime import UTC, datetime

from wainbox_relay.clock import Clock
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.shifts import OtherHours, Shift, ShiftBoard
from wainbox_relay.contract.vocabulary import DAY, MINUTE, SECOND, Moment, Role
from wainbox_relay.domain.model import Agent
from wainbox_relay.domain.rules import eligibility, roster
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.ports import AuditRow

YEAR = 366 * DAY
_WORDS = (roster.ON, roster.OFF, roster.USUAL)


class Shifts:
    """Each change is one transaction with a line in the audit log; the queue is looked at again
    with it."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    def board(self) -> ShiftBoard:
        """Everybody's hours, then the teams'."""
        desk = self._inbox.desk
        routing = desk.policy.routing
        usual = routing.shifts_of_teams if routing is not None else {}
        agents = [a for a in desk.agents.values() if a.revoked_at is None]
        teams = [
            Shift(whom=team, name=team, usual=usual.get(team, ""), others=self._others(team))
            for team in sorted(desk.teams)
        ]
        return ShiftBoard(
            shifts=(*(self._of(agent) for agent in sorted(agents, key=_id)), *teams),
            calendars=tuple(sorted(desk.policy.calendars)),
        )

    def _of(self, agent: Agent) -> Shift:
        desk, now = self._inbox.desk, self._clock.now()
        routing = desk.policy.routing
        usual = routing.shifts_of_agents if routing is not None else {}
        until = eligibility.shift_moves(agent, desk, now)
        return Shift(
            whom=f"@{agent.id}",
            name=agent.name,
            usual=usual.get(agent.id, ""),
            others=self._others(f"@{agent.id}"),
            on_shift=eligibility.on_shift(agent, desk, now),
            until=None if until is None else _at(until),
        )

    def _others(self, whom: str) -> tuple[OtherHours, ...]:
        now = self._clock.now()
        return tuple(
            OtherHours(
                whom=whom,
                hours=each.hours,
                starts=_at(each.start),
                ends=None if each.end is None else _at(each.end),
            )
            for each in self._inbox.desk.duties.get(whom, ())
            if each.end is None or each.end > now
        )

    async def set(self, actor: str, change: OtherHours) -> ShiftBoard:
        """Raises `Refusal`."""
        now = self._clock.now()
        self._known(change)
        start = now if change.starts is None else self._moment(change.starts, "starts", now)
        end = None if change.ends is None else self._moment(change.ends, "ends", now)
        if end is not None and end <= start:
            raise refuse(Code.INVALID, "The end comes before the beginning.", "ends")
        duty = roster.Duty(change.whom, start, end, change.hours)
        told = {"hours": duty.hours, "starts": _at(start).isoformat()}
        told |= {} if end is None else {"ends": _at(end).isoformat()}
        row = AuditRow(now, actor, "hours_set", duty.whom, told)
        await self._inbox.amend(lambda slice_: slice_.duty(duty, actor), (row,))
        return self.board()

    def _known(self, change: OtherHours) -> None:
        desk, whom = self._inbox.desk, change.whom
        if whom.startswith("@"):
            agent = next((a for a in desk.agents.values() if f"@{a.id}" == whom), None)
            if agent is None or agent.revoked_at is not None or agent.role is Role.VIEWER:
                raise refuse(Code.NOT_FOUND, f"There is no agent {whom[1:]} with shifts.", "whom")
        elif whom not in desk.teams:
            raise refuse(Code.NOT_FOUND, f"There is no team {whom}; agents are @names.", "whom")
        if change.hours not in (*_WORDS, *desk.policy.calendars):
            there = ", ".join((*_WORDS, *sorted(desk.policy.calendars)))
            raise refuse(Code.INVALID, f"{change.hours} are no hours; say {there}.", "hours")

    @staticmethod
    def _moment(moment: datetime, field: str, now: Moment) -> Moment:
        """Of the coming year; one that is just over stands for now."""
        found = Moment(int(moment.timestamp()) * SECOND)
        if not now - MINUTE <= found <= now + YEAR:
            raise refuse(Code.INVALID, "Name a moment of the coming year.", field)
        return max(found, now)


def _id(agent: Agent) -> str:
    return agent.id


def _at(moment: Moment) -> datetime:
    return datetime.fromtimestamp(moment // SECOND, UTC)
