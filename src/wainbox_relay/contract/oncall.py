"""Who is on call, as screens read it, and how a shift changes hands."""

from datetime import datetime

from wainbox_relay.contract.models import AwareDatetime, BaseModel, ConfigDict, Field
from wainbox_relay.contract.vocabulary import AgentId


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OnCallShift(_Wire):
    """Somebody's time on call, whole: the present one may have begun long ago."""

    holder: AgentId
    name: str
    starts: datetime
    ends: datetime


class OnCallBoard(_Wire):
    """`shifts` from the present one on, one after the other; none where nobody is on call. `leads`
    are paged last."""

    shifts: tuple[OnCallShift, ...] = ()
    leads: tuple[AgentId, ...] = ()


class ShiftChange(_Wire):
    """Give the shift that holds `at` to another: to `holder` (from `at` until `until`, where that
    is named), or to whoever has the shift that holds `other`, in exchange. Agents change what is
    their own or take what is another's; leads change anything."""

    at: AwareDatetime
    holder: AgentId | None = None
    until: AwareDatetime | None = None
    other: AwareDatetime | None = None


class RotaOrder(_Wire):
    """Whose week follows whose; the first has the present one. Nobody: as configured."""

    holders: tuple[AgentId, ...] = Field((), max_length=100)
