"""The Cloud API's surface over HTTP. Vendor's pages: "Messages API", "Media", "Templates".

It is as strict as the real one: what it takes, WhatsApp takes; what it refuses carries Meta's code.
"""

import hmac
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from wainbox_relay.sandbox import shelf
from wainbox_relay.sandbox.bodies import is_user_id
from wainbox_relay.sandbox.clock import Clock
from wainbox_relay.sandbox.errors import GraphError
from wainbox_relay.sandbox.faults import Fault, Faults, misbehave
from wainbox_relay.sandbox.people import Number, Person, digits
from wainbox_relay.sandbox.world import Accepted, World

Object = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]

_VERSION = re.compile(r"v\d{2}\.\d")
_USUAL_FIELDS = "verified_name,display_phone_number,quality_rating"


class Graph:
    """The endpoints, and what happens when a message is accepted."""

    def __init__(
        self, world: World, faults: Faults, clock: Clock, on_accepted: Callable[[Accepted], None]
    ) -> None:
        self.token = ""
        self.health = "AVAILABLE"
        self.quality = "GREEN"
        self.subscribed = True
        """Whether our app is subscribed to the accounts."""
        self.world = world
        self._faults = faults
        self._clock = clock
        self._on_accepted = on_accepted

    def app(self, *more: BaseRoute) -> Starlette:
        return Starlette(
            routes=[
                *more,
                Route("/_media/{media}", self._guarded(self._download)),
                Route("/{version}/{number}/messages", self._guarded(self._send), methods=["POST"]),
                Route(
                    "/{version}/{number}/block_users",
                    self._guarded(self._block),
                    methods=["POST", "DELETE"],
                ),
                Route("/{version}/{number}/media", self._guarded(self._upload), methods=["POST"]),
                Route("/{version}/{waba}/message_templates", self._guarded(self._templates)),
                Route("/{version}/{waba}/subscribed_apps", self._guarded(self._apps)),
                Route("/{version}/{node}", self._guarded(self._show)),
                Route("/{version}/{node}", self._guarded(self._delete), methods=["DELETE"]),
            ]
        )

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                self._admit(request)
                return await endpoint(request)
            except GraphError as refused:
                return JSONResponse(refused.body(), refused.status)

        return guarded

    def _admit(self, request: Request) -> None:
        version = request.path_params.get("version", "v25.0")
        if not _VERSION.fullmatch(version):
            raise GraphError(100, f"Unknown path components: /{version}", subcode=2500)
        shown = request.headers.get("authorization", "")
        if not hmac.compare_digest(shown.encode(), f"Bearer {self.token}".encode()):
            raise GraphError(190, "Error validating access token.")

    async def _send(self, request: Request) -> Response:
        number, body = request.path_params["number"], await _json(request)
        if isinstance(body, dict) and "status" in body:
            self.world.read(number, body)
            return JSONResponse({"success": True})
        fault = self._faults.take("messages", _address(body))
        if fault and not fault.takes:
            return misbehave(fault, self._clock, {})
        failure = fault.code if fault and fault.what == "fails_late" else 0
        accepted = self.world.accept(number, body, self._clock.now(), failure)
        self._on_accepted(accepted)
        answer = self._answer(accepted)
        return misbehave(fault, self._clock, answer) if fault else JSONResponse(answer)

    def _answer(self, accepted: Accepted) -> Object:
        who = self.world.peer(accepted.peer)
        contact: Object = {"input": accepted.to}
        if isinstance(who, Person):
            contact |= {"wa_id": who.wa_id} if who.wa_id and "to" in accepted.body else {}
            contact["user_id"] = who.user_id
        message: Object = {"id": accepted.wamid}
        if accepted.kind == "template":
            message["message_status"] = "accepted"
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}

    async def _block(self, request: Request) -> Response:
        """Vendor's page: "Block users". Whoever cannot be blocked stands in the answer."""
        number, body = self.world.number(request.path_params["number"]), await _json(request)
        users = body.get("block_users") if isinstance(body, dict) else None
        if not isinstance(users, list) or body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameters messaging_product and block_users are required.")
        done, failed = self._each_user(users, number.id, blocks=request.method == "POST")
        key = "added_users" if request.method == "POST" else "removed_users"
        answer: Object = {
            "messaging_product": "whatsapp",
            "block_users": {key: done} | ({"failed_users": failed} if failed else {}),
        }
        if failed:
            return JSONResponse(answer | GraphError(139100).body(), 400)
        return JSONResponse(answer)

    def _each_user(
        self, users: list[Any], number: str, *, blocks: bool
    ) -> tuple[list[Object], list[Object]]:
        done: list[Object] = []
        failed: list[Object] = []
        for each in users:
            user = str(each.get("user", "")) if isinstance(each, dict) else ""
            try:
                if blocks:
                    known = self.world.block(number, user, self._clock.now())
                else:
                    known = self.world.unblock(number, user)
            except GraphError as refused:
                failed.append({"input": user, "errors": [refused.in_status()]})
            else:
                done.append({"input": user, "wa_id": known})
        return done, failed

    async def _upload(self, request: Request) -> Response:
        number = self.world.number(request.path_params["number"])
        fault = self._faults.take("upload")
        if fault and not fault.takes:
            return misbehave(fault, self._clock, {})
        async with request.form() as form:
            file, declared = form.get("file"), form.get("type")
            if form.get("messaging_product") != "whatsapp":
                raise GraphError(100, "The parameter messaging_product is required.")
            if not isinstance(file, UploadFile):
                raise GraphError(100, "The parameter file is required.")
            if not isinstance(declared, str):
                raise GraphError(100, "The parameter type is required.")
            data = await file.read()
        shelf.accept(declared, len(data))
        answer = {"id": self.world.shelf.put(declared, data, number.id).id}
        return misbehave(fault, self._clock, answer) if fault else JSONResponse(answer)

    async def _show(self, request: Request) -> Response:
        node = request.path_params["node"]
        if node in self.world.numbers:
            return JSONResponse(self._number(self.world.numbers[node], request))
        return self._look_up(self.world.shelf.get(node), request)

    def _look_up(self, stored: shelf.Stored, request: Request) -> Response:
        if request.query_params.get("phone_number_id", stored.number) != stored.number:
            raise GraphError(100, "The file belongs to another number.", subcode=33)
        fault = self._faults.take("lookup")
        now = self._clock.now() - (shelf.SECONDS * 2 if fault and fault.what == "expired" else 0)
        answer: Object = {
            "messaging_product": "whatsapp",
            "url": str(request.base_url).rstrip("/") + self.world.shelf.path(stored.id, now),
            "mime_type": stored.mime,
            "sha256": stored.sha256.hex(),
            "file_size": str(len(stored.data)),
            "id": stored.id,
        }
        return JSONResponse(answer) if fault is None else self._look_up_wrong(fault, answer)

    def _look_up_wrong(self, fault: Fault, answer: Object) -> Response:
        match fault.what:
            case "wrong_sha256":
                return JSONResponse(answer | {"sha256": "0" * 64})
            case "wrong_type":
                return JSONResponse(answer | {"mime_type": "application/x-msdownload"})
            case "redirect":
                return JSONResponse(answer | {"url": fault.location})
            case "expired":
                return JSONResponse(answer)
            case _:
                return misbehave(fault, self._clock, answer)

    async def _download(self, request: Request) -> Response:
        fault = self._faults.take("download")
        if fault and fault.what != "damaged":
            return misbehave(fault, self._clock, {})
        asked = request.query_params
        media, now = request.path_params["media"], self._clock.now()
        stored = self.world.shelf.open(media, asked.get("ext", ""), asked.get("hash", ""), now)
        if stored is None:
            return Response("Not Found", 404)
        return Response(stored.data[::-1] if fault else stored.data, media_type=stored.mime)

    async def _delete(self, request: Request) -> Response:
        stored = self.world.shelf.get(request.path_params["node"])
        del self.world.shelf.files[stored.id]
        return JSONResponse({"success": True})

    async def _templates(self, request: Request) -> Response:
        waba, asked = self._account(request), request.query_params
        shapes = [template.shape() for template in self.world.templates if template.waba == waba]
        for key in ("name", "language", "status"):
            if key in asked:
                shapes = [shape for shape in shapes if shape[key] == asked[key]]
        limit, first = _whole(asked.get("limit", "25")), _whole(asked.get("after", "0"))
        page: Object = {"data": shapes[first : first + limit]}
        if shapes:
            last = first + len(page["data"])
            page["paging"] = {"cursors": {"before": str(first), "after": str(last)}}
            if last < len(shapes):
                following = request.url.include_query_params(after=last, limit=limit)
                page["paging"]["next"] = str(following)
        return JSONResponse(page)

    async def _apps(self, request: Request) -> Response:
        self._account(request)
        ours = {"whatsapp_business_api_data": {"id": "2", "name": "Wainbox", "link": ""}}
        return JSONResponse({"data": [ours] if self.subscribed else []})

    def _account(self, request: Request) -> str:
        waba: str = request.path_params["waba"]
        if waba not in {number.waba for number in self.world.numbers.values()}:
            raise GraphError(100, f"Object with ID '{waba}' does not exist", subcode=33)
        return waba

    def _number(self, number: Number, request: Request) -> Object:
        known: Object = {
            "verified_name": number.name,
            "display_phone_number": number.phone,
            "quality_rating": self.quality,
            "status": "CONNECTED",
            "throughput": {"level": "STANDARD"},
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "name_status": "APPROVED",
            "account_mode": "LIVE",
            "is_official_business_account": False,
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
            "health_status": self._health(number),
        }
        fields = request.query_params.get("fields", _USUAL_FIELDS).split(",")
        if unknown := [field for field in fields if field not in known and field != "id"]:
            raise GraphError(100, f"Tried accessing nonexisting field ({unknown[0]})")
        return {field: known[field] for field in fields if field in known} | {"id": number.id}

    def _health(self, number: Number) -> Object:
        ids = {"PHONE_NUMBER": number.id, "WABA": number.waba, "BUSINESS": "1", "APP": "2"}
        entities = [
            {"entity_type": kind, "id": id_, "can_send_message": self.health}
            for kind, id_ in ids.items()
        ]
        return {"can_send_message": self.health, "entities": entities}


def _address(body: Any) -> str:
    """Whom a message is for, as faults name them: a phone in digits, or an id."""
    if not isinstance(body, dict):
        return ""
    to = str(body.get("to") or body.get("recipient") or "")
    return to if is_user_id(to) else digits(to)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise GraphError(100, f"{text!r} is no number.")
    return int(text)


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except ValueError:
        raise GraphError(100, "The request's body is not JSON.") from None
