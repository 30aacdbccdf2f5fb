"""For leads: agents and their tokens as far as their own role reaches, teams, shifts. For admins
also: numbers, and what could not be read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.shifts import OtherHours, ShiftBoard
from wainbox_relay.contract.staff import AgentChange, NewAgent, NewTeam, NewToken, Teams
from wainbox_relay.contract.views import AgentBadge
from wainbox_relay.contract.vocabulary import SECOND, AgentId, Moment, NumberId, Role, TeamId
from wainbox_relay.domain.model import Agent
from wainbox_relay.domain.outcome import by
from wainbox_relay.domain.rules import permissions
from wainbox_relay.engine.staff import AgentChange as Change
from wainbox_relay.engine.tokens import Minted
from wainbox_relay.web import answers
from wainbox_relay.web.auth import ROOT, Guarded, Here, Me
from wainbox_relay.web.boards import badge
from wainbox_relay.web.services import Services

router = APIRouter(prefix=f"{ROOT}/admin", route_class=Guarded, tags=["admin"])

Handle = Annotated[str, Path(max_length=40, description="The agent's handle.")]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenBadge(_Wire):
    """A live token, by its public part."""

    id: str
    created_at: datetime


class NumberOverview(_Wire):
    """`claimed` numbers are configured; messages of the others are kept and shown to nobody.
    `conversations` counts all that are kept."""

    id: NumberId
    name: str
    phone: str
    claimed: bool
    paused: str
    conversations: int


class Unreadable(_Wire):
    """An item of a webhook that could not be read: where it lies in the journal, and why."""

    journal: int
    path: str
    reason: str
    at: datetime


@router.get("/agents", response_model=tuple[AgentBadge, ...], responses=answers.problems())
async def agents(here: Here) -> Response:
    known = [each for each in here.inbox.desk.agents.values() if each.revoked_at is None]
    return answers.bodies([badge(here, each) for each in sorted(known, key=lambda a: a.id)])


@router.post(
    "/agents", response_model=NewToken, status_code=201, responses=answers.problems(404, 409)
)
async def add(here: Here, me: Me, new: NewAgent) -> Response:
    """A new agent with a first token."""
    _lets_in(me, new.role)
    teams = _teams(here, new.teams)
    return _token(await here.staff.add(by(me.id), new.name, new.role, teams))


@router.patch("/agents/{agent}", response_model=AgentBadge, responses=answers.problems(404))
async def change(here: Here, me: Me, agent: Handle, change: AgentChange) -> Response:
    """Another role, other teams, skills or capacity; with another role or team the agent's screens
    start over."""
    known = _known(here, agent)
    if not permissions.may_look_after(me.role, known.role):
        raise _not_allowed(known.role)
    if change.role not in (None, known.role):
        _lets_in(me, change.role, known.role)
    wanted = Change(
        change.role,
        None if change.teams is None else _teams(here, change.teams),
        change.capacity,
        None if change.topics is None else frozenset(change.topics),
        None if change.languages is None else frozenset(change.languages),
        change.vip,
    )
    changed = await here.staff.change(by(me.id), AgentId(agent), wanted)
    return answers.body(badge(here, changed))


@router.delete("/agents/{agent}", status_code=204, responses=answers.problems(404))
async def revoke(here: Here, me: Me, agent: Handle) -> None:
    """Ends an agent's access at once: tokens and open streams."""
    _lets_in(me, _known(here, agent).role)
    await here.staff.revoke(by(me.id), AgentId(agent))


@router.get(
    "/agents/{agent}/tokens",
    response_model=tuple[TokenBadge, ...],
    responses=answers.problems(404),
)
async def tokens(here: Here, me: Me, agent: Handle) -> Response:
    _lets_in(me, _known(here, agent).role)
    rows = here.tokens.of(AgentId(agent))
    return answers.bodies(
        [TokenBadge(id=row.id, created_at=_instant(row.created_at)) for row in rows]
    )


@router.post(
    "/agents/{agent}/tokens",
    response_model=NewToken,
    status_code=201,
    responses=answers.problems(404),
)
async def rotate(here: Here, me: Me, agent: Handle) -> Response:
    """A new token in place of all the agent had."""
    _lets_in(me, _known(here, agent).role)
    return _token(await here.staff.rotate(by(me.id), AgentId(agent)))


@router.post("/teams", response_model=Teams, status_code=201, responses=answers.problems(409))
async def open_team(here: Here, me: Me, new: NewTeam) -> Response:
    """A team beside the configured ones; all of them."""
    await here.staff.open_team(by(me.id), new.name)
    response = answers.body(Teams(teams=tuple(sorted(here.inbox.desk.teams))))
    response.status_code = 201
    return response


@router.delete("/teams/{team}", status_code=204, responses=answers.problems(404, 409))
async def close_team(here: Here, me: Me, team: Annotated[str, Path(max_length=40)]) -> None:
    """Takes away a team that was opened here, once nobody and nothing is on it."""
    await here.staff.close_team(by(me.id), TeamId(team), here.counts.of_team(TeamId(team)))


@router.get("/shifts", response_model=ShiftBoard, responses=answers.problems())
async def shifts(here: Here) -> Response:
    """Who works when."""
    return answers.body(here.shifts.board())


@router.post("/shifts", response_model=ShiftBoard, responses=answers.problems(404, 422))
async def set_hours(here: Here, me: Me, change: OtherHours) -> Response:
    """Other hours for an agent or a team, for a time or until further notice."""
    if change.whom.startswith("@"):
        known = _known(here, change.whom[1:])
        if not permissions.may_look_after(me.role, known.role):
            raise _not_allowed(known.role)
    return answers.body(await here.shifts.set(by(me.id), change))


@router.get("/quarantine", response_model=tuple[Unreadable, ...], responses=answers.problems())
async def quarantine(here: Here, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
    """Items of webhooks that could not be read, newest first; `wainbox-relay replay` may help."""
    return answers.bodies(
        [
            Unreadable(
                journal=each.journal,
                path=clean(each.path),
                reason=clean(each.reason),
                at=_instant(each.at),
            )
            for each in await here.reads.quarantined(limit)
        ]
    )


@router.get("/numbers", response_model=tuple[NumberOverview, ...], responses=answers.problems())
async def numbers(here: Here) -> Response:
    """Every number that webhooks spoke of, configured or not."""
    return answers.bodies(
        [
            NumberOverview(
                id=n.id,
                name=clean(n.name),
                phone=clean(n.phone),
                claimed=n.claimed,
                paused=clean(n.paused),
                conversations=here.counts.kept(n.id),
            )
            for n in here.inbox.desk.numbers.values()
        ]
    )


def _known(here: Services, handle: str) -> Agent:
    agent = here.inbox.desk.agents.get(AgentId(handle))
    if agent is None:
        raise refuse(Code.NOT_FOUND, "There is no such agent.", "agent")
    return agent


def _lets_in(me: Agent, *roles: Role | None) -> None:
    for role in roles:
        if role is not None and not permissions.may_let_in(me.role, role):
            raise _not_allowed(role)


def _not_allowed(role: Role) -> Refusal:
    return refuse(Code.NOT_ALLOWED, f"That is beyond a lead: an admin looks after {role}s.", "role")


def _teams(here: Services, names: Iterable[TeamId]) -> frozenset[TeamId]:
    teams = frozenset(names)
    if unknown := teams - here.inbox.desk.teams:
        sentence = f"There is no team {min(unknown)}; leads open one with :team."
        raise refuse(Code.NOT_FOUND, sentence, "teams")
    return teams


def _token(minted: Minted) -> Response:
    response = answers.body(NewToken(agent=minted.row.agent, token=minted.text))
    response.status_code = 201
    return response


def _instant(moment: Moment) -> datetime:
    return datetime.fromtimestamp(moment / SECOND, UTC)
