"""Files: those customers sent, handed out so that no browser runs them, and those agents send.

Limits of what WhatsApp takes: Cloud API, "Media", supported types.
"""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from wainbox_relay.contract.problems import Code, Refusal, refuse
from wainbox_relay.contract.safe import clean
from wainbox_relay.contract.views import Upload
from wainbox_relay.contract.vocabulary import AgentId, EntryId, Kind, MediaState, NumberId
from wainbox_relay.domain.outcome import by
from wainbox_relay.media import DATA, sniff
from wainbox_relay.ports import AuditRow, Refused, TryLater
from wainbox_relay.web import answers
from wainbox_relay.web.auth import ROOT, Bulky, Guarded, Here, Me, capped
from wainbox_relay.web.conversations import LARGEST_ID
from wainbox_relay.web.links import Links
from wainbox_relay.web.services import Services

router = APIRouter(prefix=ROOT, route_class=Guarded, tags=["files"])
uploads = APIRouter(prefix=ROOT, route_class=Bulky, tags=["files"])
open_links = APIRouter(prefix=ROOT, route_class=Guarded, tags=["files"])

EntryPath = Annotated[int, Path(ge=1, le=LARGEST_ID, description="The id of the file's entry.")]
LONGEST_NAME = 240
MB = 1024 * 1024
FORM_EXTRA = 64 * 1024
MOST_AT_ONCE = 2
"""Uploads held in memory at a time."""

SHOWN = frozenset(
    {
        "application/pdf",
        "audio/aac",
        "audio/amr",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/3gpp",
        "video/mp4",
    }
)
"""Types a browser may show; anything else is plain data to it."""

KINDS = {
    "image/jpeg": (Kind.IMAGE, 5 * MB),
    "image/png": (Kind.IMAGE, 5 * MB),
    "video/mp4": (Kind.VIDEO, 16 * MB),
    "video/3gpp": (Kind.VIDEO, 16 * MB),
    "audio/aac": (Kind.AUDIO, 16 * MB),
    "audio/amr": (Kind.AUDIO, 16 * MB),
    "audio/mpeg": (Kind.AUDIO, 16 * MB),
    "audio/mp4": (Kind.AUDIO, 16 * MB),
    "audio/ogg": (Kind.AUDIO, 16 * MB),
}
"""What a file is sent as, and how large it may be. Everything else is a document."""

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
_BINARY = {"type": "string", "format": "binary", "minLength": 1}
_ANY = {"schema": _BINARY}
FILE: answers.Documented = {200: {"description": "The file.", "content": {"*/*": _ANY}}}
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": _ANY,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": _BINARY},
                    "required": ["file"],
                }
            },
        },
    }
}


class MediaLink(BaseModel):
    """Opens the file once, until then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str


@router.get("/media/{entry}", response_class=Response, responses=answers.problems(404) | FILE)
async def media(here: Here, entry: EntryPath) -> Response:
    """The file of a message. Types that a browser might run come as plain data."""
    return await _file(here, EntryId(entry))


@router.post(
    "/media/{entry}/link",
    response_model=MediaLink,
    status_code=201,
    responses=answers.problems(404),
)
async def make_link(request: Request, here: Here, me: Me, entry: EntryPath) -> Response:
    """A link that works once, for five minutes, without a token."""
    await _file(here, EntryId(entry))
    await _audit(here, me.id, "media_link_made", entry)
    links: Links = request.app.state.links
    secret = links.make(EntryId(entry), me.id, here.clock.now())
    base = here.settings.api.public_url or str(request.base_url).rstrip("/")
    response = answers.body(MediaLink(url=f"{base}{ROOT}/links/{secret}"))
    response.status_code = 201
    return response


@open_links.get(
    "/links/{secret}",
    response_class=Response,
    responses=answers.problems(404) | FILE,
)
async def follow_link(
    request: Request, here: Here, secret: Annotated[str, Path(max_length=64)]
) -> Response:
    """The file behind a link, once."""
    links: Links = request.app.state.links
    link = links.take(secret, here.clock.now())
    agent = here.inbox.desk.agents.get(link.agent) if link else None
    if link is None or agent is None or agent.revoked_at is not None:
        raise refuse(Code.NOT_FOUND, "This link has been used, or its five minutes are over.")
    await _audit(here, agent.id, "media_link_used", link.entry)
    return await _file(here, link.entry)


@uploads.post(
    "/uploads",
    response_model=Upload,
    responses=answers.problems(404, 409, 413),
    openapi_extra=BODY,
)
async def upload(
    request: Request,
    here: Here,
    number: Annotated[str, Query(max_length=40, description="The number it will be sent from.")],
    name: Annotated[str, Query(max_length=LONGEST_NAME)] = "",
) -> Response:
    """Gives a file to WhatsApp, to be named by a reply: as the body itself with its Content-Type,
    or as the only file of a form."""
    if number not in here.inbox.desk.numbers:
        raise refuse(Code.NOT_FOUND, "There is no such number.", "number")
    turns: asyncio.Semaphore = request.app.state.uploads
    async with turns:
        given, mime, data = await _given(request, here.settings.limits.upload_bytes)
        name = clean(name or given)[-LONGEST_NAME:] or "file"
        kind, mime = _judged(mime, data)
        try:
            media_id = await here.whatsapp.upload(NumberId(number), name, mime, data)
        except Refused as refused:
            said = f"{refused.failure.reason} {refused.failure.next_step}".strip()
            raise refuse(Code.CONFLICT, clean(said)) from refused
        except TryLater as later:
            sentence = "WhatsApp did not take the file just now; try again in a moment."
            raise refuse(Code.BUSY, sentence) from later
    return answers.body(Upload(media_id=media_id, kind=kind, type=mime, size=len(data), name=name))


# -- handing out -------------------------------------------------------------------------------


async def _file(here: Services, entry: EntryId) -> Response:
    found = await here.reads.entry_media(entry)
    if found is None or found.media.state is not MediaState.READY:
        raise refuse(Code.NOT_FOUND, "There is no file here, or not yet.", "entry")
    path = here.media(found.media.digest)
    if not path.is_file():
        raise refuse(Code.NOT_FOUND, "The file is not in the media folder any more.", "entry")
    shown = found.media.type in SHOWN
    headers = {**_SAFE, "Content-Disposition": _disposition(found.name, shown=shown)}
    return FileResponse(path, headers=headers, media_type=found.media.type if shown else DATA)


def _disposition(name: str, *, shown: bool) -> str:
    """A file name without path, quotes and anything that acts."""
    plain = clean(name).replace("\n", " ").replace("/", "_").replace("\\", "_")[-LONGEST_NAME:]
    named = f"; filename*=UTF-8''{quote(plain, safe='')}" if plain else ""
    return f"{'inline' if shown else 'attachment'}{named}"


async def _audit(here: Services, agent: AgentId, act: str, entry: int) -> None:
    row = AuditRow(here.clock.now(), by(agent), act, str(entry), {})
    await here.inbox.amend(lambda _: None, (row,))


# -- taking in ---------------------------------------------------------------------------------


async def _given(request: Request, most: int) -> tuple[str, str, bytes]:
    """Name, type and bytes of what was sent. Raises `Refusal`."""
    declared = request.headers.get("content-type", "")
    form = declared.lower().startswith("multipart/form-data")
    room = most + FORM_EXTRA if form else most
    if int(request.headers.get("content-length", "0")) > room:
        raise _too_large(most)
    limited = Request(request.scope, capped(request.receive, room))
    try:
        return await _from_form(limited) if form else ("", declared, await limited.body())
    except HTTPException as error:
        # The form parser's own complaints come as 400.
        raise (_too_large(most) if error.status_code == 413 else _no_form()) from error


async def _from_form(request: Request) -> tuple[str, str, bytes]:
    async with request.form(max_files=1, max_fields=4) as form:
        for each in form.values():
            if isinstance(each, UploadFile):
                return each.filename or "", each.content_type or "", await each.read()
    raise _no_form()


def _no_form() -> Refusal:
    return refuse(Code.INVALID, "The form must hold exactly one file, in the field `file`.", "file")


def _judged(declared: str, data: bytes) -> tuple[Kind, str]:
    """What it is sent as, by its own bytes. Raises `Refusal`."""
    if not data:
        raise refuse(Code.INVALID, "The file is empty.", "file")
    found = sniff(data[:8192], data[-66_000:])
    mime = found if found in KINDS else declared.partition(";")[0].strip().lower() or found
    if mime in KINDS and mime != found:
        sentence = f"The file is called {mime}, but its bytes say {found}. Send it as a document."
        raise refuse(Code.INVALID, sentence, "file")
    kind, most = KINDS.get(mime, (Kind.DOCUMENT, 100 * MB))
    if len(data) > most:
        raise _too_large(most)
    return kind, mime


def _too_large(most: int) -> Refusal:
    return refuse(Code.TOO_LARGE, f"The file may have at most {most // MB or 1} MB.", "file")
