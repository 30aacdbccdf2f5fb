"""What an operator asks of the relay: agents, replay, status. Each is one handler, called over the
control socket of a running relay, or right here while none runs."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Literal

import aiosqlite

from wainbox_relay.config import Settings
from wainbox_relay.contract.content import Unsupported
from wainbox_relay.contract.oncall import ShiftChange
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.replies import CannedReply
from wainbox_relay.contract.shifts import OtherHours
from wainbox_relay.contract.vocabulary import (
    SECOND,
    AgentId,
    Moment,
    NumberId,
    Role,
    TeamId,
    Wamid,
)
from wainbox_relay.control import Answer, Handler, hold
from wainbox_relay.domain.facts import Fact, MessageArrived
from wainbox_relay.domain.model import Agent
from wainbox_relay.domain.outcome import OPERATOR
from wainbox_relay.engine.present import instant
from wainbox_relay.engine.replay import replay
from wainbox_relay.engine.rota_board import RotaBoard
from wainbox_relay.engine.shifts import Shifts
from wainbox_relay.engine.staff import AgentChange
from wainbox_relay.engine.tokens import Minted
from wainbox_relay.in_force import InForce
from wainbox_relay.ports import Item, Journal
from wainbox_relay.relay import Relay, assembled
from wainbox_relay.sections.assignment import language
from wainbox_relay.store import audit
from wainbox_relay.store.connect import fetch, open_reader
from wainbox_relay.store.files import MAIN_FILE
from wainbox_relay.store.queries import SQL

Only = Literal["all", "quarantine", "unsupported"]
MOST_AT_ONCE = 1_000_000


async def do_here(settings: Settings, do: str, **args: object) -> Answer:
    """Does it as the folder's one writer, while no relay runs. Raises `Refusal`, and
    `AlreadyRunning` in the moment a relay starts or stops."""
    settings.relay.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold(settings.lock_file):
        async with _writing(settings) as relay:
            return await Administration(relay).handlers()[do](**args)


@asynccontextmanager
async def _writing(settings: Settings) -> AsyncIterator[Relay]:
    """A relay of which only the writer runs: nothing is sent, fetched or listened to."""
    whatsapp = InForce(settings).whatsapp()
    async with assembled(settings, lambda _: whatsapp) as relay, asyncio.TaskGroup() as group:
        writer = group.create_task(relay.inbox.run(relay.unread))
        try:
            yield relay
        finally:
            writer.cancel()
            await whatsapp.aclose()


async def audit_fault(settings: Settings) -> str:
    """What is wrong with the audit log; empty when nothing is. Nobody is disturbed by asking."""
    async with _reading(settings) as connection:
        return await audit.verify(connection)


async def audit_rows(settings: Settings, limit: int) -> list[Answer]:
    """The newest lines of the audit log, oldest first."""
    async with _reading(settings) as connection:
        last = await fetch(connection, SQL.last_audit)
        after = last[0][0] - limit if last else 0
        found = await fetch(connection, SQL.audit_after, {"after": after, "limit": limit})
    names = ("id", "at", "actor", "act", "subject", "data")
    rows = (dict(zip(names, row, strict=False)) for row in found)
    return [{**row, "at": instant(row["at"]), "data": json.loads(row["data"])} for row in rows]


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[aiosqlite.Connection]:
    """The main database, to look at."""
    path = settings.relay.data_dir / MAIN_FILE
    if not path.exists():
        raise refuse(Code.NOT_FOUND, f"There is no database in {path.parent} yet.")
    connection = await open_reader(path)
    try:
        yield connection
    finally:
        await connection.close()


class Administration:
    """The handlers of one relay."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._rota = RotaBoard(relay.inbox, relay.clock)
        self._shifts = Shifts(relay.inbox, relay.clock)

    def handlers(self) -> dict[str, Handler]:
        """By the words of the command line."""
        return {
            "agent add": self.add,
            "agent list": self.agents,
            "agent change": self.change,
            "agent revoke": self.revoke,
            "agent rotate": self.rotate,
            "team list": self.teams,
            "team add": self.open_team,
            "team remove": self.close_team,
            "shift list": self.shifts,
            "shift set": self.set_hours,
            "rota show": self.rota,
            "rota order": self.order_rota,
            "rota swap": self.swap,
            "replay": self.replay,
            "quarantine list": self.quarantined,
            "replies import": self.take_replies,
            "replies export": self.replies,
            "status": self.status,
        }

    # -- agents ------------------------------------------------------------------------------

    async def add(self, name: str, role: str, teams: list[str]) -> Answer:
        minted = await self._relay.staff.add(OPERATOR, name, Role(role), self._teams(teams))
        return self._with_token(minted)

    async def agents(self) -> Answer:
        agents = sorted(self._relay.inbox.desk.agents.values(), key=lambda agent: agent.id)
        return {"agents": [_agent(agent) for agent in agents]}

    async def change(
        self,
        agent: str,
        *,
        role: str | None = None,
        teams: list[str] | None = None,
        capacity: int | None = None,
        topics: list[str] | None = None,
        languages: list[str] | None = None,
        vip: bool | None = None,
    ) -> Answer:
        change = AgentChange(
            None if role is None else Role(role),
            None if teams is None else self._teams(teams),
            capacity,
            None if topics is None else frozenset(topics),
            None if languages is None else frozenset(map(_language, languages)),
            vip,
        )
        return _agent(await self._relay.staff.change(OPERATOR, AgentId(agent), change))

    async def revoke(self, agent: str) -> Answer:
        await self._relay.staff.revoke(OPERATOR, AgentId(agent))
        return {"agent": agent}

    async def rotate(self, agent: str) -> Answer:
        return self._with_token(await self._relay.staff.rotate(OPERATOR, AgentId(agent)))

    def _with_token(self, minted: Minted) -> Answer:
        return _agent(self._relay.inbox.desk.agents[minted.row.agent]) | {"token": minted.text}

    def _teams(self, names: list[str]) -> frozenset[TeamId]:
        known = self._relay.inbox.desk.teams
        if strange := sorted(set(names) - known):
            there = ", ".join(sorted(known)) or "none so far"
            raise refuse(
                Code.INVALID,
                f"There is no team {strange[0]} ({there}); `wainbox-relay team add` opens one.",
                "team",
            )
        return frozenset(TeamId(name) for name in names)

    # -- teams, shifts, the rota -------------------------------------------------------------

    async def teams(self) -> Answer:
        desk = self._relay.inbox.desk
        agents = [a for a in desk.agents.values() if a.revoked_at is None]
        return {
            "teams": [
                {
                    "team": team,
                    "agents": sorted(a.id for a in agents if team in a.teams),
                    "conversations": self._relay.counts.of_team(team),
                    "configured": team not in desk.opened,
                }
                for team in sorted(desk.teams)
            ]
        }

    async def open_team(self, team: str) -> Answer:
        await self._relay.staff.open_team(OPERATOR, TeamId(team))
        return {"team": team}

    async def close_team(self, team: str) -> Answer:
        held = self._relay.counts.of_team(TeamId(team))
        await self._relay.staff.close_team(OPERATOR, TeamId(team), held)
        return {"team": team}

    async def shifts(self) -> Answer:
        return self._shifts.board().model_dump(mode="json")

    async def set_hours(
        self, whom: str, hours: str, starts: str | None = None, ends: str | None = None
    ) -> Answer:
        change = {"whom": whom, "hours": hours, "starts": starts, "ends": ends}
        board = await self._shifts.set(OPERATOR, OtherHours.model_validate(change))
        return board.model_dump(mode="json")

    async def rota(self) -> Answer:
        return self._rota.board().model_dump(mode="json")

    async def order_rota(self, holders: list[str]) -> Answer:
        board = await self._rota.order(OPERATOR, tuple(map(AgentId, holders)))
        return board.model_dump(mode="json")

    async def swap(
        self, at: str, holder: str | None = None, until: str | None = None, other: str | None = None
    ) -> Answer:
        change = {"at": at, "holder": holder, "until": until, "other": other}
        board = await self._rota.change(None, ShiftChange.model_validate(change))
        return board.model_dump(mode="json")

    # -- the journal -------------------------------------------------------------------------

    async def replay(self, begin: str | None, end: str | None, only: Only) -> Answer:
        """Reads the journal again, from one moment to before another."""
        relay, journal = self._relay, self._relay.stores.journal
        first = await _row_at(journal, _moment(begin)) if begin else 1
        last = await _row_at(journal, _moment(end)) - 1 if end else await journal.last()
        reads = relay.stores.reads
        set_aside = frozenset((q.journal, q.path) for q in await reads.quarantined(MOST_AT_ONCE))
        unsupported = await reads.unsupported() if only == "unsupported" else frozenset()

        def wanted(row: int, item: Item) -> bool:
            match only:
                case "all":
                    return True
                case "quarantine":
                    return (row, item.path) in set_aside
                case "unsupported":
                    return any(_names(fact, unsupported) for fact in item.facts)

        read = relay.whatsapp.read
        done = await replay(relay.inbox, journal, read, (first, last), wanted, set_aside)
        return {"bodies": done.bodies, "facts": done.facts, "unreadable": done.unreadable}

    async def quarantined(self, limit: int) -> Answer:
        found = await self._relay.stores.reads.quarantined(limit)
        return {"items": [{**asdict(item), "at": instant(item.at)} for item in found]}

    # -- canned replies ----------------------------------------------------------------------

    async def take_replies(self, replies: list[dict[str, Any]]) -> Answer:
        """All of them, or none."""
        await self._relay.replies.keep(OPERATOR, *map(CannedReply.model_validate, replies))
        return {"count": len(replies)}

    async def replies(self) -> Answer:
        return {"replies": [r.model_dump(mode="json") for r in await self._relay.replies.all()]}

    # -- the relay itself --------------------------------------------------------------------

    async def status(self) -> Answer:
        relay = self._relay
        paused = [n for n in relay.inbox.desk.numbers.values() if n.paused]
        return {
            "seq": relay.inbox.seq,
            "backlog": relay.unread.depth,
            "waiting_to_leave": relay.outbox.waiting,
            "streams": relay.stream.readers,
            "disk_full": relay.full,
            "paused": {number.id: number.paused for number in paused},
        }


def _names(fact: Fact, messages: Collection[tuple[NumberId, Wamid]]) -> bool:
    """Whether it brings one of these messages as something that can be shown."""
    if not isinstance(fact, MessageArrived) or isinstance(fact.content, Unsupported):
        return False
    return (fact.peer.number, fact.wamid) in messages


def _language(name: str) -> str:
    try:
        return language(name)
    except ValueError as error:
        sentence = f"{name} is no language; expected {error}."
        raise refuse(Code.INVALID, sentence, "language") from None


def _agent(agent: Agent) -> Answer:
    return {
        "agent": agent.id,
        "name": agent.name,
        "role": agent.role,
        "teams": sorted(agent.teams),
        "presence": agent.presence,
        "capacity": agent.capacity,
        "topics": sorted(agent.topics),
        "languages": sorted(agent.languages),
        "vip": agent.vip,
        "revoked": agent.revoked_at is not None,
    }


def _moment(text: str) -> Moment:
    """Reads `2026-11-20` or `2026-11-20T08:00:00Z`; without a zone it is UTC."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise refuse(
            Code.INVALID, f"{text} is no date such as 2026-11-20 or 2026-11-20T08:00:00Z."
        ) from None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return Moment(int(aware.timestamp()) * SECOND)


async def _row_at(journal: Journal, moment: Moment) -> int:
    """The first row that arrived at a moment or later. Rows lie in order of arrival."""
    low, high = 1, await journal.last() + 1
    while low < high:
        middle = (low + high) // 2
        bodies = await journal.after(middle - 1, 1)
        if bodies and bodies[0].arrived_at < moment:
            low = bodies[0].row + 1
        else:
            high = middle
    return low
