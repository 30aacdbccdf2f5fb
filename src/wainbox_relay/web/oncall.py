"""Who is on call, and shifts that change hands."""

from fastapi import APIRouter, Response

from wainbox_relay.contract.oncall import OnCallBoard, RotaOrder, ShiftChange
from wainbox_relay.domain.outcome import by
from wainbox_relay.web import answers
from wainbox_relay.web.auth import ROOT, Guarded, Here, Me

router = APIRouter(prefix=f"{ROOT}/oncall", route_class=Guarded, tags=["on call"])


@router.get("", response_model=OnCallBoard, responses=answers.problems())
async def board(here: Here) -> Response:
    """Who holds the rota now and in the coming weeks."""
    return answers.body(here.rota.board())


@router.put("/order", response_model=OnCallBoard, responses=answers.problems(404, 422))
async def order(here: Here, me: Me, order: RotaOrder) -> Response:
    """Whose week follows whose; the first has the present one."""
    return answers.body(await here.rota.order(by(me.id), order.holders))


@router.post("/changes", response_model=OnCallBoard, responses=answers.problems(404, 422))
async def change(here: Here, me: Me, shift: ShiftChange) -> Response:
    """Gives a shift to somebody else, or exchanges two."""
    return answers.body(await here.rota.change(me, shift))
