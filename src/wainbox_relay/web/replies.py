"""Canned replies, the values their places hold, and what messages cost."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from wainbox_relay.contract import replies as contract
from wainbox_relay.contract.problems import Code, refuse
from wainbox_relay.contract.replies import CannedReply, Values
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.views import Cost, Upload
from wainbox_relay.contract.vocabulary import SECOND, Kind, Moment, NumberId
from wainbox_relay.domain.outcome import by
from wainbox_relay.ports import Refused, TryLater
from wainbox_relay.web import answers
from wainbox_relay.web.auth import ROOT, Guarded, Here, Me
from wainbox_relay.web.conversations import Ref
from wainbox_relay.web.files import KINDS

router = APIRouter(prefix=ROOT, route_class=Guarded, tags=["replies"])

ReplyName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
UNCHANGED: answers.Documented = {304: {"description": "As the asker has them already."}}


class NewReply(contract.NewReply, defer_build=False):
    __doc__ = contract.NewReply.__doc__


@router.get(
    "/replies",
    response_model=tuple[CannedReply, ...],
    responses=answers.problems() | UNCHANGED,
)
async def replies(here: Here, me: Me, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The canned replies an agent may use. With the `ETag` of an earlier answer in
    `If-None-Match`, only what changed is sent."""
    answer = answers.bodies(await here.replies.seen_by(me))
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    if if_none_match == tag:
        answer = Response(status_code=304)
    answer.headers["ETag"] = tag
    return answer


@router.put("/replies/{name}", response_model=CannedReply, responses=answers.problems())
async def keep(here: Here, me: Me, name: ReplyName, new: NewReply) -> Response:
    """Makes a canned reply, or another of an old one."""
    reply = CannedReply(name=name, **dict(new))
    await here.replies.keep(by(me.id), reply)
    return answers.body(reply)


@router.delete("/replies/{name}", status_code=204, responses=answers.problems(404))
async def forget(here: Here, me: Me, name: ReplyName) -> None:
    await here.replies.forget(by(me.id), name)


@router.post("/replies/{name}/upload", response_model=Upload, responses=answers.problems(404, 409))
async def upload(
    here: Here, me: Me, name: ReplyName, number: Annotated[str, Query(max_length=40)]
) -> Response:
    """Gives a canned reply's attachment to WhatsApp, to be named by a reply."""
    attached = (await here.replies.named(me, name)).attachment
    path = here.media(attached.digest) if attached else None
    if attached is None or path is None or not path.is_file():
        raise refuse(Code.NOT_FOUND, "There is no attachment, or its file is gone.", "name")
    if number not in here.inbox.desk.numbers:
        raise refuse(Code.NOT_FOUND, "There is no such number.", "number")
    data = await asyncio.to_thread(path.read_bytes)
    try:
        media_id = await here.whatsapp.upload(NumberId(number), attached.name, attached.type, data)
    except Refused as refused:
        said = f"{refused.failure.reason} {refused.failure.next_step}".strip()
        raise refuse(Code.CONFLICT, clean(said)) from refused
    except TryLater as later:
        sentence = "WhatsApp did not take the file just now; try again in a moment."
        raise refuse(Code.BUSY, sentence) from later
    kind, _ = KINDS.get(attached.type, (Kind.DOCUMENT, 0))
    return answers.body(
        Upload(
            media_id=media_id,
            kind=kind,
            type=attached.type,
            size=attached.size,
            name=attached.name,
        )
    )


@router.get("/conversations/{ref}/values", response_model=Values, responses=answers.problems(404))
async def values(here: Here, me: Me, ref: Ref) -> Response:
    """What may be filled into a text for this conversation's customer, by name."""
    found = await here.replies.values(me, ref)
    return answers.body(Values(values={name: clean(value) for name, value in found.items()}))


@router.get("/cost", response_model=Cost, responses=answers.problems())
async def cost(
    here: Here,
    month: Annotated[
        str, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Such as 2026-11.")
    ],
) -> Response:
    """What WhatsApp bills for a month's messages, by number, agent and category."""
    since = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    until = since.replace(year=since.year + since.month // 12, month=since.month % 12 + 1)
    lines = await here.reads.cost(_moment(since), _moment(until))
    return answers.body(Cost(month=month, lines=tuple(lines)))


def _moment(at: datetime) -> Moment:
    return Moment(int(at.timestamp()) * SECOND)
