"""Orders for everything that a filter shows: how many it would be, doing it, taking it back."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from wainbox_relay.contract import bulk as contract
from wainbox_relay.contract.bulk import BulkDone, Preview
from wainbox_relay.contract.filters import VIEWS, Filter, FilterError, Viewer, parse, view
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.domain.model import Agent
from wainbox_relay.web import answers
from wainbox_relay.web.auth import ROOT, Guarded, Here, Me

router = APIRouter(prefix=ROOT, route_class=Guarded, tags=["bulk"])

Job = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


class Bulk(contract.Bulk, defer_build=False):
    __doc__ = contract.Bulk.__doc__


class Shown(contract.Shown, defer_build=False):
    __doc__ = contract.Shown.__doc__


@router.post("/bulk/preview", response_model=Preview, responses=answers.problems())
async def preview(here: Here, me: Me, shown: Shown) -> Response:
    """How many conversations a bulk order would reach."""
    found = await here.bulks.find(_wanted(shown), _viewer(me))
    return answers.body(Preview(count=len(found)))


@router.post("/bulk", response_model=BulkDone, responses=answers.problems(409))
async def order(here: Here, me: Me, bulk: Bulk) -> Response:
    """One order for all of them. The answer comes when it is done."""
    return answers.body(await here.bulks.order(me, bulk, _wanted(bulk)))


@router.post("/bulk/{job}/undo", response_model=BulkDone, responses=answers.problems(404, 409))
async def undo(here: Here, me: Me, job: Job) -> Response:
    """Takes an order back, but for conversations that changed since."""
    return answers.body(await here.bulks.undo(me, job))


def _wanted(shown: contract.Shown) -> Filter:
    if shown.view not in VIEWS:
        raise refuse(Code.INVALID, f"There is no view {shown.view!r}.", "view")
    try:
        wanted = view(shown.view, parse(shown.filter))
    except FilterError as error:
        raise refuse(Code.INVALID, str(error), "filter") from None
    if wanted.text:
        raise refuse(Code.INVALID, "A search cannot be changed as one; use a filter.", "filter")
    return wanted


def _viewer(agent: Agent) -> Viewer:
    return Viewer(agent.id, agent.teams)
