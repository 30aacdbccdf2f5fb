"""Agents and their tokens: adding, changing, revoking, rotating; each in one transaction with its
line in the audit log."""

import re
import secrets
from collections.abc import Callable

from wainbox_relay.clock import Clock
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.vocabulary import AgentId, Presence, Role, TeamId
from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Agent
from wainbox_relay.engine.folding import Slice
from wainbox_relay.engine.inbox import Inbox
from wainbox_relay.engine.stream import Stream
from wainbox_relay.engine.tokens import Minted, Tokens, mint, revoked
from wainbox_relay.ports import AuditRow

_HANDLE = re.compile(r"[a-z][a-z0-9._-]{0,31}")


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
        if handle in self._inbox.desk.agents:
            raise refuse(Code.CONFLICT, f"There is an agent {handle} already.", "name")
        agent = Agent(handle, name.strip(), role, teams)
        minted = mint(handle, self._clock.now(), self._random_hex)
        await self._keep(actor, "agent_added", agent, minted)
        return minted

    async def revoke(self, actor: str, handle: AgentId) -> None:
        """Ends an agent's access at once: every token and every open stream."""
        now = self._clock.now()
        agent = replace(self._known(handle), revoked_at=now, presence=Presence.OFFLINE)

        def act(slice_: Slice) -> None:
            slice_.keep_agent(agent)
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

    async def change(
        self, actor: str, handle: AgentId, role: Role | None, teams: frozenset[TeamId] | None
    ) -> Agent:
        """Another role or other teams; open streams start over to see what is theirs now."""
        agent = self._known(handle)
        changed = replace(
            agent,
            role=agent.role if role is None else role,
            teams=agent.teams if teams is None else teams,
        )
        await self._keep(actor, "agent_changed", changed, None)
        self._stream.close(handle, "your role or teams changed")
        return changed

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
