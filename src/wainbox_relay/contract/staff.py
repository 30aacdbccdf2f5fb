"""Agents and teams, as leads add and change them."""

from typing import Annotated

from wainbox_relay.contract.models import BaseModel, ConfigDict, Field, StrictBool
from wainbox_relay.contract.vocabulary import AgentId, Role, TeamId

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


class Teams(_Wire):
    teams: tuple[TeamId, ...]


class NewTeam(_Wire):
    """A team, by the name agents type."""

    name: TeamId = Field(pattern=r"^\w[\w.-]{0,31}$")
