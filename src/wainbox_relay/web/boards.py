"""The boards: what a terminal begins with, pages of the queue, counts, search, events."""

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from wainbox_relay.contract import filters
from wainbox_relay.contract.filters import Filter, FilterError, Viewer
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.views import (
    AgentBadge,
    Counts,
    NumberBadge,
    Page,
    Snapshot,
    Template,
)
from wainbox_relay.contract.vocabulary import SECOND, NumberId, Role
from wainbox_relay.domain.model import Agent, Desk, Number
from wainbox_relay.engine.announce import agent_badge
from wainbox_relay.web import answers, redact
from wainbox_relay.web.auth import ROOT, Guarded, Here, Me
from wainbox_relay.web.description import description
from wainbox_relay.web.services import Key, Services
from wainbox_relay.web.stream import EventStream, Told, beat, resume_point

router = APIRouter(prefix=ROOT, route_class=Guarded, tags=["boards"])

View = Literal[
    "mine",
    "unassigned",
    "team",
    "after_hours",
    "at_risk",
    "closing",
    "customer",
    "snoozed",
    "resolved",
    "spam",
    "oncall",
    "mentions",
    "all",
]
PageKey = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{1,19}\.[0-9]{1,16}$",
        description="A card's `sort_key` and `id`, joined by a full stop.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=500)]
MOST_TEXT = 500
LARGEST_KEY = (1 << 63) - 1
STREAM: answers.Documented = {
    200: {
        "description": "Server-Sent Events; `id` is the event's `seq`, `data` an event as JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/snapshot", response_model=Snapshot, responses=answers.problems())
async def snapshot(here: Here, me: Me) -> Response:
    """What a terminal needs to begin, and the event it goes on after."""
    desk = here.inbox.desk
    now = here.clock.now()
    agents = [badge(here, agent) for agent in desk.agents.values() if agent.revoked_at is None]
    return answers.body(
        Snapshot(
            seq=here.stream.seq,
            me=badge(here, me),
            agents=tuple(sorted(agents, key=lambda agent: agent.id)),
            teams=tuple(sorted(desk.teams)),
            numbers=tuple(_number(desk, n) for n in desk.numbers.values() if n.claimed),
            counts=here.counts.counts(viewer(me), now),
            now=datetime.fromtimestamp(now / SECOND, UTC),
            undo_seconds=here.settings.compose.undo_seconds,
            version=version("wainbox"),
        )
    )


def _number(desk: Desk, number: Number) -> NumberBadge:
    calendar = desk.policy.calendars.get(number.calendar)
    return NumberBadge(
        id=number.id,
        name=number.name,
        phone=number.phone,
        paused=number.paused,
        zone=calendar.zone.key if calendar is not None else "",
    )


@router.get("/queue", response_model=Page, responses=answers.problems())
async def queue(
    here: Here,
    me: Me,
    view: View = "all",
    wanted: Annotated[
        str, Query(alias="filter", max_length=MOST_TEXT, description="Such as `lang:ar -tag:vip`.")
    ] = "",
    after: PageKey = None,
    before: PageKey = None,
    offset: Annotated[int | None, Query(ge=0, le=10_000_000)] = None,
    end: Annotated[bool, Query(description="The last page.")] = False,  # noqa: FBT002 - a query's flag
    limit: Limit = 200,
) -> Response:
    """A page of a view: from its top, by key, by row, or from its end."""
    page = await here.reads.page_json(
        _narrowed(view, wanted, me),
        viewer(me),
        after=_key(after),
        before=_key(before),
        offset=offset,
        from_end=end,
        limit=limit,
    )
    return answers.raw(redact.page_body(page) if me.role is Role.VIEWER else page)


@router.get("/search", response_model=Page, responses=answers.problems())
async def search(
    here: Here,
    me: Me,
    q: Annotated[str, Query(min_length=1, max_length=MOST_TEXT)],
    limit: Limit = 50,
) -> Response:
    """Conversations by what was said in them or who they are with, newest first."""
    return answers.raw(await here.reads.page_json(Filter(text=q), viewer(me), limit=limit))


@router.get("/counts", response_model=Counts, responses=answers.problems())
async def counts(here: Here, me: Me) -> Response:
    """How many conversations each view holds."""
    return answers.body(here.counts.counts(viewer(me), here.clock.now()))


@router.get("/templates", response_model=tuple[Template, ...], responses=answers.problems(404))
async def templates(here: Here, number: Annotated[str, Query(max_length=40)]) -> Response:
    """The approved templates of one of our numbers."""
    if number not in here.inbox.desk.numbers:
        raise refuse(Code.NOT_FOUND, "There is no such number.", "number")
    return answers.bodies(await here.templates(NumberId(number)))


@router.get("/events", response_class=Response, responses=answers.problems() | STREAM)
async def events(
    here: Here,
    me: Me,
    after: Annotated[str, Query(max_length=40, description="The last event one has.")] = "",
    terminal: Annotated[bool, Query(description="Somebody sits in front of it.")] = False,  # noqa: FBT002 - a query's flag
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """All that happens, from an event on or from now. `reload` means: start over as at launch."""
    try:
        point = resume_point(last_event_id or after)
    except ValueError:
        return Told("that is not the id of an event")
    return EventStream(
        here.stream.subscribe(point, me.id, terminal=terminal),
        lambda: beat(here.clock.now(), here.stream.seq, here.intake.last_at),
        here.settings.timing.beat,
        here.stopping,
        redact.event_body if me.role is Role.VIEWER else None,
    )


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """This very API, for machines."""
    return JSONResponse(description(request.app))


def viewer(agent: Agent) -> Viewer:
    return Viewer(agent.id, agent.teams)


def badge(here: Services, agent: Agent) -> AgentBadge:
    return AgentBadge(**agent_badge(agent, here.inbox.desk, here.clock.now()))


def _narrowed(view: View, text: str, me: Agent) -> Filter:
    """A view narrowed by a filter. Raises `Refusal`."""
    try:
        wanted = filters.view(view, filters.parse(text))
    except FilterError as error:
        raise refuse(Code.INVALID, f"{error}.", "filter") from error
    if wanted.text and me.role is Role.VIEWER:
        raise refuse(Code.NOT_ALLOWED, "Viewers cannot search in what was written.", "filter")
    return wanted


def _key(text: str | None) -> Key | None:
    if text is None:
        return None
    sort_key, _, id_ = text.partition(".")
    return min(int(sort_key), LARGEST_KEY), int(id_)
