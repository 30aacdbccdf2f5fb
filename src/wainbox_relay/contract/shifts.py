"""Who works when, as leads read and change it."""

from datetime import datetime

from wainbox_relay.contract.models import AwareDatetime, BaseModel, ConfigDict, Field


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OtherHours(_Wire):
    """Other hours for an agent (`@lina`) or a team: `on`, `off`, or a calendar's name, from
    `starts` (now, where it is left out) until `ends`, or until further notice. `usual` takes back
    what was set for that time."""

    whom: str = Field(min_length=1, max_length=41)
    hours: str = Field(min_length=1, max_length=40)
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None


class Shift(_Wire):
    """The hours of an agent or a team. `usual` is a calendar's name, empty where none is set;
    `others` lie over it. `until` is when an agent on shift goes, or one off shift comes."""

    whom: str
    name: str
    usual: str = ""
    others: tuple[OtherHours, ...] = ()
    on_shift: bool | None = None
    until: datetime | None = None


class ShiftBoard(_Wire):
    """`calendars` are what shifts may be called after."""

    shifts: tuple[Shift, ...]
    calendars: tuple[str, ...] = ()
