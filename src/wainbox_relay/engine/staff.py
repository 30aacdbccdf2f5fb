"""Agents and their tokens: adding, changing, revoking, rotating; each in one transaction with its
line in the audit log."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields

from wainbox_relay.clock import Clock
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import AgentId, Moment, Presence, Role, TeamId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent
from wainbox_relay.domain.rules.eligibility import refreshed
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.engine.stream import Stream
from wainbox_relay.engine.tokens import Minted, Tokens, mint, revoked
from wainbox_relay.ports import AuditRow

_TEAM = re.compile(r"\w[\w.-]{0,31}")
_HANDLE = re.compile(r"[a-z][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What is None stays as it is; a capacity of 0 is the desk's usual one."""

    role: Role | None = None
    teams: frozenset[TeamId] | None = None
    capacity: int | None = None
    topics: frozenset[str] | None = None
    languages: frozenset[str] | None = None
    vip: bool | None = None

    def told(self) -> dict[str, object]:
        """What changed, for the audit log."""
        given = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in given
            if value is not None
        }

    def of(self, agent: Agent) -> Agent:
        return replace(
            agent,
            role=agent.role if self.role is None else self.role,
            teams=agent.teams if self.teams is None else self.teams,
            capacity=agent.capacity if self.capacity is None else self.capacity or None,
            topics=agent.topics if self.topics is None else self.topics,
            languages=agent.languages if self.languages is None else self.languages,
            vip=agent.vip if self.vip is None else self.vip,
        )


class Staff:
    """`stream` is told to close the streams of whoever lost a right."""

    def __init__(
        self,
        inbox: Inbox,
        tokens: Tokens,
        stream: Stream,
        clock: Clock,
        random_hex: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        self._inbox = inbox
        self._tokens = tokens
        self._stream = stream
        self._clock = clock
        self._random_hex = random_hex

    async def add(self, actor: str, name: str, role: Role, teams: frozenset[TeamId]) -> Minted:
        """A new agent with a first token; the handle is the name in lower case."""
        handle = AgentId(name.strip().lower().replace(" ", "-"))
        if not _HANDLE.fullmatch(handle):
            raise refuse(
                Code.INVALID,
                "A name begins with a letter and has at most 32 letters, digits, dots or dashes.",
                "name",
            )
        if (namesake := self._inbox.desk.agents.get(handle)) is not None:
            gone = "; their access was revoked, and the record keeps the name. Choose another"
            left = gone if namesake.revoked_at is not None else ""
            raise refuse(Code.CONFLICT, f"There is an agent {handle} already{left}.", "name")
        agent = Agent(handle, name.strip(), role, teams)
        minted = mint(handle, self._clock.now(), self._random_hex)
        await self._keep(actor, "agent_added", agent, minted)
        return minted

    async def revoke(self, actor: str, handle: AgentId) -> None:
        """Ends an agent's access at once: every token and every open stream."""
        now = self._clock.now()
        self._known(handle)

        def act(slice_: Slice) -> None:
            slice_.change_agent(
                handle, lambda a: replace(a, revoked_at=now, presence=Presence.OFFLINE)
            )
            slice_.out.tokens.extend(revoked(row, now) for row in self._tokens.of(handle))

        await self._inbox.amend(act, (AuditRow(now, actor, "agent_revoked", handle, {}),))
        self._stream.close(handle, "access was revoked")

    async def rotate(self, actor: str, handle: AgentId) -> Minted:
        """A new token in place of all the agent had."""
        now = self._clock.now()
        agent = self._known(handle)
        minted = mint(handle, now, self._random_hex)

        def act(slice_: Slice) -> None:
            slice_.out.tokens.extend(revoked(row, now) for row in self._tokens.of(handle))
            slice_.out.tokens.append(minted.row)

        await self._inbox.amend(act, (AuditRow(now, actor, "token_rotated", agent.id, {}),))
        self._stream.close(handle, "the token was replaced")
        return minted

    async def change(self, actor: str, handle: AgentId, change: AgentChange) -> Agent:
        """Another role, other teams, skills or capacity. With another role or team, open streams
        start over to see what is theirs now."""
        before = self._known(handle)
        row = AuditRow(self._clock.now(), actor, "agent_changed", handle, change.told())
        await self._inbox.amend(lambda slice_: slice_.change_agent(handle, change.of), (row,))
        after = self._inbox.desk.agents[handle]
        if (before.role, before.teams) != (after.role, after.teams):
            self._stream.close(handle, "your role or teams changed")
        return after

    async def open_team(self, actor: str, team: TeamId) -> None:
        """A team beside the configured ones. Terminals start over, to know it."""
        if not _TEAM.fullmatch(team):
            told = "A team is one word of at most 32 letters, digits, dots or dashes."
            raise refuse(Code.INVALID, told, "name")
        if team in self._inbox.desk.teams:
            raise refuse(Code.CONFLICT, f"There is a team {team} already.", "name")
        row = AuditRow(self._clock.now(), actor, "team_opened", team, {})
        await self._inbox.amend(lambda slice_: slice_.open_team(team), (row,))
        self._stream.close_all("there is another team")

    async def close_team(self, actor: str, team: TeamId, unresolved: int) -> None:
        """Takes a team away on which nobody and nothing depends any more."""
        desk = self._inbox.desk
        members = sum(team in a.teams for a in desk.agents.values() if a.revoked_at is None)
        if team not in desk.teams:
            raise refuse(Code.NOT_FOUND, f"There is no team {team}.", "team")
        if team not in desk.opened:
            told = f"{team} is set by desk.teams of the configuration; an admin takes it out there."
            raise refuse(Code.CONFLICT, told, "team")
        if members or unresolved:
            has = " and ".join(_counted(members, "agent") + _counted(unresolved, "open case"))
            told = f"{team} still has {has}; give them another team first."
            raise refuse(Code.CONFLICT, told, "team")
        row = AuditRow(self._clock.now(), actor, "team_closed", team, {})
        await self._inbox.amend(lambda slice_: slice_.open_team(team, there=False), (row,))
        self._stream.close_all("there is one team less")

    async def state(self, handle: AgentId, state: Presence, until: Moment | None) -> None:
        """What an agent says of themselves; until a moment, or until they say otherwise."""
        now = self._clock.now()
        if until is not None and until <= now:
            raise refuse(Code.CONFLICT, "That moment is over; name a later one.", "until")

        def say(agent: Agent) -> Agent:
            here = agent.presence is not Presence.OFFLINE
            return refreshed(replace(agent, state=state, until=until), now, here=here)

        await self._inbox.amend(lambda slice_: slice_.change_agent(handle, say))

    async def _keep(self, actor: str, act: str, agent: Agent, minted: Minted | None) -> None:
        def keep(slice_: Slice) -> None:
            slice_.keep_agent(agent)
            if minted is not None:
                slice_.out.tokens.append(minted.row)

        data = {"role": agent.role, "teams": sorted(agent.teams)}
        await self._inbox.amend(keep, (AuditRow(self._clock.now(), actor, act, agent.id, data),))

    def _known(self, handle: AgentId) -> Agent:
        agent = self._inbox.desk.agents.get(handle)
        if agent is None or agent.revoked_at is not None:
            raise refuse(Code.NOT_FOUND, f"There is no agent {handle}.", "agent")
        return agent


def _counted(count: int, what: str) -> list[str]:
    return [f"{count} {what}{'s' * (count > 1)}"] if count else []
