"""One conversation: its card, its thread, its customer, why it is as it is, and orders for it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict

from wainbox_relay.contract import commands
from wainbox_relay.contract.commands import Done
from wainbox_relay.contract.events import PresencePost
from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.contract.views import Card, CustomerPanel, Reason, Thread
from wainbox_relay.contract.vocabulary import SECOND, EntryId, Moment, Role
from wainbox_relay.contract.vocabulary import Presence as State
from wainbox_relay.engine import refs
from wainbox_relay.web import answers, redact
from wainbox_relay.web.auth import ROOT, Guarded, Here, Me
from wainbox_relay.web.services import Services

router = APIRouter(prefix=ROOT, route_class=Guarded, tags=["conversations"])

Ref = Annotated[str, Path(max_length=24, description="Such as W-1042.")]
LARGEST_ID = (1 << 53) - 1
EntryKey = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="The id of an entry of the thread.")
]


# The contract builds its models late, for the terminal's light start; FastAPI wants bodies whole.


class Order(commands.Order, defer_build=False):
    __doc__ = commands.Order.__doc__


class TakeNext(commands.TakeNext, defer_build=False):
    __doc__ = commands.TakeNext.__doc__


class NewConversation(commands.NewConversation, defer_build=False):
    __doc__ = commands.NewConversation.__doc__


class Presence(PresencePost, defer_build=False):
    __doc__ = PresencePost.__doc__


class Writing(BaseModel):
    """An agent is writing in this conversation."""

    model_config = ConfigDict(extra="forbid")

    ref: str


@router.get("/conversations/{ref}", response_model=Card, responses=answers.problems(404))
async def card(here: Here, me: Me, ref: Ref) -> Response:
    found = await here.reads.card(refs.parse(ref))
    if found is None:
        raise _nothing(ref)
    body = found.model_dump_json().encode()
    return answers.raw(redact.card_body(body) if me.role is Role.VIEWER else body)


@router.get("/conversations/{ref}/thread", response_model=Thread, responses=answers.problems(404))
async def thread(
    here: Here,
    ref: Ref,
    before: EntryKey = None,
    around: EntryKey = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Response:
    """A page of the thread across its cases: the newest, what comes before an entry, or what
    surrounds one."""
    place = None if before is None else await here.reads.place_of(EntryId(before))
    if before is not None and place is None:
        raise refuse(Code.NOT_FOUND, "There is no such entry.", "before")
    found = await here.reads.thread_json(
        refs.parse(ref),
        before=place,
        around=None if around is None else EntryId(around),
        limit=limit,
    )
    if found is None:
        raise _nothing(ref)
    return answers.raw(found)


@router.get(
    "/conversations/{ref}/customer", response_model=CustomerPanel, responses=answers.problems(404)
)
async def customer(here: Here, ref: Ref) -> Response:
    """The customer beside the conversation."""
    found = await here.reads.customer(refs.parse(ref))
    if found is None:
        raise _nothing(ref)
    return answers.body(_foreseen(here, found))


def _foreseen(here: Services, panel: CustomerPanel) -> CustomerPanel:
    """With the pages that are to come, which the rota tells."""
    if not panel.case.pages:
        return panel
    case = panel.case.model_copy(update={"pages": here.rota.coming(panel.case.pages[0])})
    return panel.model_copy(update={"case": case})


@router.get(
    "/conversations/{ref}/why", response_model=tuple[Reason, ...], responses=answers.problems(404)
)
async def why(here: Here, ref: Ref) -> Response:
    """All that happened to the conversation, a sentence each."""
    found = await here.reads.why(refs.parse(ref))
    if found is None:
        raise _nothing(ref)
    return answers.bodies(found)


@router.post(
    "/conversations/{ref}/commands", response_model=Done, responses=answers.problems(404, 409)
)
async def command(here: Here, me: Me, ref: Ref, order: Order) -> Response:
    """One command. The answer comes once the change is safely kept."""
    return answers.body(await here.door.order(me, ref, order))


@router.post("/next", response_model=Done, responses=answers.problems(404, 409))
async def take_next(here: Here, me: Me, wanted: TakeNext) -> Response:
    """Takes the most pressing conversation that one can."""
    return answers.body(await here.door.next(me, wanted))


@router.post("/conversations", response_model=Done, responses=answers.problems(404, 409))
async def begin(here: Here, me: Me, new: NewConversation) -> Response:
    """Write first to somebody, by template."""
    return answers.body(await here.door.begin(me, new))


@router.post("/presence", status_code=204, responses=answers.problems(409))
async def presence(here: Here, me: Me, post: Presence) -> None:
    """A terminal says where it stands, good for 45 seconds; an agent says how they are there."""
    if post.state is not None:
        until = None if post.until is None else Moment(int(post.until.timestamp()) * SECOND)
        await here.staff.state(me.id, State(post.state), until)
    if post.terminal is not None:
        here.presence.post(me.id, post, here.clock.now())


@router.post("/typing", status_code=204, responses=answers.problems(404))
async def typing(here: Here, me: Me, writing: Writing) -> None:
    """Shows the customer that their agent is writing, if that is wanted and they wrote lately."""
    await here.typing(me, writing.ref)


def _nothing(ref: str) -> Refusal:
    return refuse(Code.NOT_FOUND, f"There is no conversation W-{refs.parse(ref)}.", "ref")
