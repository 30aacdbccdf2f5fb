"""The relay's API as typed calls. The only room that knows HTTP.

Off this machine the relay is only spoken to over TLS that verifies; there is no way to switch that
off, but a CA file of one's own can be named.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import httpx
from httpx_sse import EventSource

from wainbox_relay.contract.bulk import Bulk, BulkDone, Preview, Shown
from wainbox_relay.contract.commands import Command, Done, NewConversation, Order, TakeNext
from wainbox_relay.contract.events import EVENT, Event, PresencePost
from wainbox_relay.contract.models import BaseModel, TypeAdapter, ValidationError
from wainbox_relay.contract.oncall import OnCallBoard, RotaOrder, ShiftChange
from wainbox_relay.contract.problems import Code, Problem, Refusal
from wainbox_relay.contract.shifts import OtherHours, ShiftBoard
from wainbox_relay.contract.staff import AgentChange, NewAgent, NewTeam, NewToken
from wainbox_relay.contract.views import (
    AgentBadge,
    Card,
    Cost,
    Counts,
    CustomerPanel,
    Page,
    Reason,
    Snapshot,
    Template,
    Thread,
    Upload,
)
from wainbox_relay.contract.vocabulary import TeamId

if TYPE_CHECKING:
    from wainbox_relay.contract.replies import CannedReply

Read = TypeVar("Read")

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
SILENCE = 10
"""Seconds without a beat after which a stream counts as dead; the screen says so 2 later."""
PAGE = 200
LONGEST = 600
"""Seconds that an order for very many may take."""


class Unreachable(Exception):
    """The relay did not answer; the sentence says why, as far as is known."""


class Strange(Exception):
    """What answers is no relay, or one of a version that this one does not understand."""

    def __init__(self) -> None:
        super().__init__(
            "What answers there is no Wainbox relay that this version understands. Check the"
            " address, then update whichever of the two is older and start again."
        )


class BadAddress(Exception):
    """That is no relay's address, or the CA file for it cannot be used."""


class Insecure(BadAddress):
    """The address would carry the token in the clear."""


def check_address(url: str) -> None:
    """Refuses plain HTTP to another machine. Raises `Insecure` or `BadAddress`."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise BadAddress(
            f"'{url}' is no relay's address; one looks like https://inbox.example.org, or like "
            "http://127.0.0.1:8081 on this machine."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise Insecure(
            f"http to {parts.hostname} would send your token in the clear; use https:// "
            "(only this machine itself may be http://)."
        )


def _trust(url: str, ca_file: str) -> ssl.SSLContext | bool:
    """Whose certificates are believed. Raises `BadAddress`."""
    if urlsplit(url).scheme == "http":
        # Loading every authority takes 50 ms, and plain HTTP to this machine asks none.
        return False
    if not ca_file:
        return True
    try:
        return ssl.create_default_context(cafile=str(Path(ca_file).expanduser()))
    except ssl.SSLError as error:
        raise BadAddress(f"ca_file {ca_file} holds no certificate.") from error
    except OSError as error:
        raise BadAddress(f"ca_file {ca_file} cannot be read: {error.strerror}.") from error


class Client:
    """Speaks to one relay as one agent. Raises `Refusal` for what the relay refused and
    `Unreachable` when there was no answer."""

    def __init__(self, url: str, token: str, ca_file: str = "") -> None:
        check_address(url)
        self._url = url
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(10, connect=5),
            verify=_trust(url, ca_file),
            follow_redirects=False,
        )
        self._replies: tuple[str, list[CannedReply]] = ("", [])

    async def close(self) -> None:
        await self._http.aclose()

    # -- reading -----------------------------------------------------------------------------

    async def snapshot(self) -> Snapshot:
        return _understood(Snapshot.model_validate_json, await self._get("/snapshot"))

    async def queue(
        self,
        view: str,
        wanted: str = "",
        *,
        after: tuple[int, int] | None = None,
        before: tuple[int, int] | None = None,
        offset: int | None = None,
        end: bool = False,
        limit: int = PAGE,
    ) -> Page:
        """A page of a view, narrowed by a filter; by key, by row, or the last one."""
        query: dict[str, Any] = {"view": view, "filter": wanted, "limit": limit}
        query |= {} if after is None else {"after": f"{after[0]}.{after[1]}"}
        query |= {} if before is None else {"before": f"{before[0]}.{before[1]}"}
        query |= {} if offset is None else {"offset": offset}
        query |= {"end": "true"} if end else {}
        return _understood(Page.model_validate_json, await self._get("/queue", query))

    async def search(self, text: str, limit: int = PAGE) -> Page:
        return _understood(
            Page.model_validate_json, await self._get("/search", {"q": text, "limit": limit})
        )

    async def card(self, ref: str) -> Card:
        return _understood(
            Card.model_validate_json, await self._get(f"/conversations/{_segment(ref)}")
        )

    async def thread(
        self, ref: str, *, before: int | None = None, around: int | None = None, limit: int = PAGE
    ) -> Thread:
        """A page of a thread: the newest, what comes before an entry, or what surrounds one."""
        query: dict[str, Any] = {"limit": limit}
        query |= {} if before is None else {"before": before}
        query |= {} if around is None else {"around": around}
        body = await self._get(f"/conversations/{_segment(ref)}/thread", query)
        return _understood(Thread.model_validate_json, body)

    async def customer(self, ref: str) -> CustomerPanel:
        body = await self._get(f"/conversations/{_segment(ref)}/customer")
        return _understood(CustomerPanel.model_validate_json, body)

    async def why(self, ref: str) -> list[Reason]:
        body = await self._get(f"/conversations/{_segment(ref)}/why")
        return _understood(TypeAdapter(list[Reason]).validate_json, body)

    async def counts(self) -> Counts:
        return _understood(Counts.model_validate_json, await self._get("/counts"))

    async def oncall(self) -> OnCallBoard:
        return _understood(OnCallBoard.model_validate_json, await self._get("/oncall"))

    async def templates(self, number: str) -> list[Template]:
        body = await self._get("/templates", {"number": number})
        return _understood(TypeAdapter(list[Template]).validate_json, body)

    async def replies(self) -> "list[CannedReply]":
        """The canned replies one may use; what is known already does not travel again. Leads write
        them here, so these alone are checked in full, by pydantic."""
        from pydantic import TypeAdapter

        from wainbox_relay.contract.replies import CannedReply

        tag, known = self._replies
        answer = await self._ask("GET", "/replies", headers={"If-None-Match": tag} if tag else {})
        if answer.status_code != httpx.codes.NOT_MODIFIED:
            known = _understood(TypeAdapter(list[CannedReply]).validate_json, answer.content)
            self._replies = answer.headers.get("ETag", ""), known
        return known

    async def values(self, ref: str) -> dict[str, str]:
        """What may be filled into texts for a conversation's customer, by name."""
        from wainbox_relay.contract.replies import Values

        body = await self._get(f"/conversations/{_segment(ref)}/values")
        return _understood(Values.model_validate_json, body).values

    async def cost(self, month: str) -> Cost:
        return _understood(Cost.model_validate_json, await self._get("/cost", {"month": month}))

    async def save_media(self, entry: int, to: Path) -> None:
        """Writes an entry's file to a path that must not exist yet."""
        body = await self._get(f"/media/{entry}")
        with to.open("xb") as file:
            file.write(body)

    async def media_link(self, entry: int) -> str:
        """A link that works once, for five minutes."""
        body = await self._post(f"/media/{entry}/link", b"{}")
        return _understood(TypeAdapter(dict[str, str]).validate_json, body)["url"]

    # -- asking ------------------------------------------------------------------------------

    async def order(
        self, ref: str, command: Command, command_id: str, version: int | None = None
    ) -> Done:
        """Gives one command. Repeating it with the same id is harmless."""
        order = Order(command_id=command_id, command=command, version=version)
        path = f"/conversations/{_segment(ref)}/commands"
        return _understood(
            Done.model_validate_json, await self._post(path, order.model_dump_json().encode())
        )

    async def begin(self, new: NewConversation) -> Done:
        body = await self._post("/conversations", new.model_dump_json().encode())
        return _understood(Done.model_validate_json, body)

    async def take(self, command_id: str) -> Done:
        """Takes the most pressing conversation that one can."""
        body = TakeNext(command_id=command_id).model_dump_json().encode()
        return _understood(Done.model_validate_json, await self._post("/next", body))

    async def bulk_count(self, shown: Shown) -> int:
        """How many conversations an order for all of them would reach."""
        body = await self._post("/bulk/preview", shown.model_dump_json().encode())
        return _understood(Preview.model_validate_json, body).count

    async def bulk(self, order: Bulk) -> BulkDone:
        """Gives one order for everything a filter shows; the answer comes when it is done."""
        return await self._long("/bulk", order.model_dump_json().encode())

    async def bulk_undo(self, job: str) -> BulkDone:
        return await self._long(f"/bulk/{_segment(job)}/undo", b"{}")

    async def _long(self, path: str, body: bytes) -> BulkDone:
        kind = {"Content-Type": "application/json"}
        answer = await self._send("POST", path, content=body, headers=kind, timeout=LONGEST)
        return _understood(BulkDone.model_validate_json, answer)

    async def change_shift(self, change: ShiftChange) -> OnCallBoard:
        """Gives a shift on call to somebody else, or exchanges two."""
        body = await self._post("/oncall/changes", change.model_dump_json().encode())
        return _understood(OnCallBoard.model_validate_json, body)

    async def order_rota(self, order: RotaOrder) -> OnCallBoard:
        """Sets whose week follows whose."""
        return _understood(
            OnCallBoard.model_validate_json, await self._body("PUT", "/oncall/order", order)
        )

    # -- agents, teams, shifts ---------------------------------------------------------------

    async def add_agent(self, new: NewAgent) -> NewToken:
        return _understood(
            NewToken.model_validate_json, await self._body("POST", "/admin/agents", new)
        )

    async def change_agent(self, handle: str, change: AgentChange) -> AgentBadge:
        path = f"/admin/agents/{_segment(handle)}"
        return _understood(AgentBadge.model_validate_json, await self._body("PATCH", path, change))

    async def revoke_agent(self, handle: str) -> None:
        await self._send("DELETE", f"/admin/agents/{_segment(handle)}")

    async def new_token(self, handle: str) -> NewToken:
        """A new token in place of all that somebody had."""
        body = await self._post(f"/admin/agents/{_segment(handle)}/tokens", b"{}")
        return _understood(NewToken.model_validate_json, body)

    async def open_team(self, name: str) -> None:
        await self._body("POST", "/admin/teams", NewTeam(name=TeamId(name)))

    async def close_team(self, name: str) -> None:
        await self._send("DELETE", f"/admin/teams/{_segment(name)}")

    async def shifts(self) -> ShiftBoard:
        return _understood(ShiftBoard.model_validate_json, await self._get("/admin/shifts"))

    async def set_hours(self, change: OtherHours) -> ShiftBoard:
        return _understood(
            ShiftBoard.model_validate_json, await self._body("POST", "/admin/shifts", change)
        )

    # -- files, replies, being there ---------------------------------------------------------

    async def upload(self, number: str, name: str, mime: str, data: bytes) -> Upload:
        """Gives a file to WhatsApp, to be named by a reply."""
        answer = await self._send(
            "POST",
            "/uploads",
            params={"number": number, "name": name},
            content=data,
            headers={"Content-Type": mime},
            timeout=120,
        )
        return _understood(Upload.model_validate_json, answer)

    async def reply_upload(self, name: str, number: str) -> Upload:
        """Gives a canned reply's attachment to WhatsApp."""
        path = f"/replies/{_segment(name)}/upload"
        return _understood(
            Upload.model_validate_json,
            await self._send("POST", path, params={"number": number}, timeout=120),
        )

    async def keep_reply(self, reply: "CannedReply") -> None:
        body = reply.model_dump_json(exclude={"name"}).encode()
        kind = {"Content-Type": "application/json"}
        await self._send("PUT", f"/replies/{_segment(reply.name)}", content=body, headers=kind)

    async def forget_reply(self, name: str) -> None:
        await self._send("DELETE", f"/replies/{_segment(name)}")

    async def present(self, post: PresencePost) -> None:
        await self._post("/presence", post.model_dump_json().encode())

    async def typing(self, ref: str) -> None:
        await self._send("POST", "/typing", json={"ref": ref})

    # -- hearing -----------------------------------------------------------------------------

    async def events(self, after: int | None, *, terminal: bool = True) -> AsyncIterator[Event]:
        """Everything that happens after an event, until the connection ends."""
        query: dict[str, Any] = {"terminal": "true" if terminal else "false"}
        query |= {} if after is None else {"after": after}
        timeout = httpx.Timeout(10, read=SILENCE)
        try:
            async with self._http.stream("GET", "/events", params=query, timeout=timeout) as answer:
                if answer.status_code != httpx.codes.OK:
                    await answer.aread()
                    raise _refusal(answer)
                async for event in EventSource(answer).aiter_sse():
                    if event.data:
                        yield _understood(EVENT.validate_json, event.data)
        except httpx.HTTPError as error:
            raise Unreachable(_why(error, self._url)) from error

    # -- the wire ----------------------------------------------------------------------------

    async def _get(self, path: str, query: dict[str, Any] | None = None) -> bytes:
        return await self._send("GET", path, params=query)

    async def _post(self, path: str, body: bytes) -> bytes:
        kind = {"Content-Type": "application/json"}
        return await self._send("POST", path, content=body, headers=kind)

    async def _body(self, method: str, path: str, body: BaseModel) -> bytes:
        """What is left out of the body stays as it is."""
        kind = {"Content-Type": "application/json"}
        content = body.model_dump_json(exclude_none=True).encode()
        return await self._send(method, path, content=content, headers=kind)

    async def _send(self, method: str, path: str, **how: Any) -> bytes:
        return (await self._ask(method, path, **how)).content

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **how)
        except httpx.HTTPError as error:
            raise Unreachable(_why(error, self._url)) from error
        if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
            return answer
        raise _refusal(answer)


def _understood(read: Callable[[bytes | str], Read], body: bytes | str) -> Read:
    """What an answer says. Raises `Strange`."""
    try:
        return read(body)
    except ValueError as error:
        raise Strange from error


def _segment(ref: str) -> str:
    return ref.strip().lstrip("#").replace("/", "")


def _refusal(answer: httpx.Response) -> Exception:
    """What the relay said, or that something else answered in its place."""
    try:
        return Refusal(Problem.model_validate_json(answer.content))
    except ValidationError:
        pass
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return Refusal(Problem(code=Code.UNAUTHENTICATED, message="The relay refused the token."))
    return Unreachable(f"Something that is not a Wainbox relay answered ({answer.status_code}).")


def _why(error: httpx.HTTPError, url: str) -> str:
    match error:
        case httpx.ConnectTimeout() | httpx.ReadTimeout() | httpx.PoolTimeout():
            return f"The relay at {url} did not answer in time."
        case httpx.ConnectError() if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return (
                f"{url} does not prove who it is{_reason(error)}. Where its certificate is one of "
                "your own, name the authority's file as ca_file in config.toml."
            )
        case httpx.ConnectError() if "SSL" in str(error):
            return f"{url} does not speak TLS; is it the right port?"
        case httpx.ConnectError():
            return f"No relay could be reached at {url} ({error})."
        case _:
            return f"The connection to the relay broke ({type(error).__name__})."


def _reason(error: httpx.ConnectError) -> str:
    """What is wrong with a certificate, in OpenSSL's words."""
    _, _, reason = str(error).partition("certificate verify failed: ")
    return f" ({reason.partition(' (_ssl')[0].rstrip('.')})" if reason else ""
