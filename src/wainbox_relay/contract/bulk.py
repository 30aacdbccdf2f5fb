"""One order for everything that a filter shows. A lead looks at the number first, and can take all
of it back for ten minutes."""

from typing import Annotated

from wainbox_relay.contract.commands import (
    Assign,
    HexId,
    MarkSpam,
    Release,
    Reopen,
    Resolve,
    SetLanguage,
    SetPriority,
    SetTags,
    Snooze,
    Wait,
)
from wainbox_relay.contract.models import BaseModel, ConfigDict, Field

BulkCommand = Annotated[
    Assign
    | Release
    | SetTags
    | SetPriority
    | SetLanguage
    | Reopen
    | Wait
    | Snooze
    | Resolve
    | MarkSpam,
    Field(discriminator="do"),
]
"""What may be asked of many at once. Nothing that a customer would read."""


class Shown(BaseModel):
    """A view, narrowed by a filter: see `contract/filters.py`."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    view: str = "all"
    filter: str = Field("", max_length=500)


class Bulk(Shown):
    """Posted to `/api/v1/bulk`. `expect` is the number the preview gave: if more have come since,
    nothing is done. The same `command_id` again tells how it went."""

    command_id: HexId
    command: BulkCommand
    expect: int = Field(ge=0)


class Preview(BaseModel):
    """How many conversations it would be, and what it would do to them."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    count: int


class BulkDone(BaseModel):
    """`changed` of `count` were changed; the others refused (`why` is the first reason) or stood so
    already. `said` is the sentence for the screen."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str
    count: int
    changed: int
    why: str = ""
    said: str = ""
