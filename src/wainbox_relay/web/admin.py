"""For admins: agents and their tokens, numbers, and what could not be read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.views import AgentBadge
from wainbox_relay.contract.vocabulary import SECOND, AgentId, Moment, NumberId, Role, TeamId
from wainbox_relay.domain.outcome import by
from wainbox_relay.engine.staff import AgentChange as Change
from wainbox_relay.engine.tokens import Minted
from wainbox_relay.web import answers
from wainbox_relay.web.auth import ROOT, Guarded, Here, Me
from wainbox_relay.web.boards import badge
from wainbox_relay.web.services import Services

router = APIRouter(prefix=f"{ROOT}/admin", route_class=Guarded, tags=["admin"])

Handle = Annotated[str, Path(max_length=40, description="The agent's handle.")]


Skill = Annotated[str, Field(min_length=1, max_length=40)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NewAgent(_Wire):
    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9 ._-]{0,31}$")
    role: Role
    teams: tuple[TeamId, ...] = Field((), max_length=100)


class AgentChange(_Wire):
    """What is left out stays as it is."""

    role: Role | None = None
    teams: tuple[TeamId, ...] | None = Field(None, max_length=100)
    capacity: int | None = Field(None, ge=0, le=1000, description="0: the desk's usual one.")
    topics: tuple[Skill, ...] | None = Field(None, max_length=100)
    languages: tuple[Language, ...] | None = Field(None, max_length=20)
    vip: StrictBool | None = None


class NewToken(_Wire):
    """Shown once; only its digest is kept."""

    agent: AgentId
    token: str


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
    teams = _teams(here, new.teams)
    return _token(await here.staff.add(by(me.id), new.name, new.role, teams))


@router.patch("/agents/{agent}", response_model=AgentBadge, responses=answers.problems(404))
async def change(here: Here, me: Me, agent: Handle, change: AgentChange) -> Response:
    """Another role, other teams, skills or capacity; with another role or team the agent's screens
    start over."""
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
    await here.staff.revoke(by(me.id), AgentId(agent))


@router.get(
    "/agents/{agent}/tokens",
    response_model=tuple[TokenBadge, ...],
    responses=answers.problems(404),
)
async def tokens(here: Here, agent: Handle) -> Response:
    if agent not in here.inbox.desk.agents:
        raise refuse(Code.NOT_FOUND, "There is no such agent.", "agent")
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
    return _token(await here.staff.rotate(by(me.id), AgentId(agent)))


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


def _teams(here: Services, names: Iterable[TeamId]) -> frozenset[TeamId]:
    teams = frozenset(names)
    if unknown := teams - here.inbox.desk.teams:
        sentence = f"There is no team {min(unknown)}; teams are set in desk.teams."
        raise refuse(Code.NOT_FOUND, sentence, "teams")
    return teams


def _token(minted: Minted) -> Response:
    response = answers.body(NewToken(agent=minted.row.agent, token=minted.text))
    response.status_code = 201
    return response


def _instant(moment: Moment) -> datetime:
    return datetime.fromtimestamp(moment / SECOND, UTC)
