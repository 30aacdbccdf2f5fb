"""The only module that connects to WhatsApp. One question, one answer: nothing is repeated here, no
redirect is followed, and every question has a connection of its own, so that one that died idle is
never mistaken for one that died with our message.

Vendor's pages: "Graph API, handling errors" and "Media".
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx

from wainbox_relay.contract.vocabulary import DAY, SECOND
from wainbox_relay.domain.model import Failure
from wainbox_relay.ports import Refused, Unsure
from wainbox_relay.whatsapp.failures import unreachable, verdict
from wainbox_relay.whatsapp.hosts import check, public_address, same_place
from wainbox_relay.whatsapp.payloads import Object, Unreadable, child, decode, whole

_LARGEST_ANSWER = 4 * 1024 * 1024
_FIRST_BYTE = "send_request_headers.started"


@dataclass(frozen=True, slots=True)
class Line:
    """How to reach the Cloud API. Times are seconds; `token` is called before every question, so
    that a renewed one counts at once."""

    url: str
    version: str
    token: Callable[[], str]
    media_hosts: tuple[str, ...] = ()
    connect_within: float = 10
    answer_within: float = 30
    media_within: float = 300
    connections: int = 100


class _Departure:
    """Notes whether the first byte of a request may have left."""

    begun = False

    async def note(self, event: str, _: Mapping[str, Any]) -> None:
        self.begun = self.begun or event.endswith(_FIRST_BYTE)


class Client:
    """Asks the Cloud API. Use it as a context manager, or `aclose` it."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._base = httpx.URL(f"{line.url.rstrip('/')}/{line.version}/")
        self._http = httpx.AsyncClient(
            verify=_trusted(),
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(None, connect=line.connect_within, pool=line.connect_within),
            limits=httpx.Limits(max_connections=line.connections, max_keepalive_connections=0),
            headers={"User-Agent": "wainbox", "Accept-Encoding": "identity"},
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def ask(
        self,
        method: str,
        *path: str,
        within: float | None = None,
        **parts: Any,
    ) -> Object:
        """The answer, once. Raises `Refused` or `TryLater` when it is known not to be done, and
        `Unsure` when a request left and no answer of WhatsApp's came back."""
        departure = _Departure()
        url = self._base.join("/".join(quote(part, safe="") for part in path))
        request = self._request(method, url, departure, **parts)
        try:
            async with asyncio.timeout(within or self.line.answer_within):
                response, body = await self._exchange(request)
        except (httpx.HTTPError, TimeoutError) as fault:
            raise (Unsure() if departure.begun else unreachable()) from fault
        return _judged(response, body)

    async def ask_again(self, method: str, *path: str, **parts: Any) -> Object:
        """The same for what may be repeated without harm: nobody need be unsure about it."""
        try:
            return await self.ask(method, *path, **parts)
        except Unsure as unsure:
            raise unreachable() from unsure

    def _request(
        self,
        method: str,
        url: httpx.URL,
        departure: _Departure,
        **parts: Any,
    ) -> httpx.Request:
        request = self._http.build_request(method, url, **parts)
        request.headers["Authorization"] = f"Bearer {self._token()}"
        request.extensions = {**request.extensions, "trace": departure.note}
        return request

    def _token(self) -> str:
        token = self.line.token().strip()
        if not token or not token.isascii() or not token.isprintable():
            reason = "There is no usable access token for WhatsApp"
            raise Refused(Failure(190, reason, "Tell an admin: graph.token is missing."), reason)
        return token

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > _LARGEST_ANSWER:
                    break
        finally:
            await response.aclose()
        return response, bytes(body)

    @asynccontextmanager
    async def download(self, address: str) -> AsyncIterator[httpx.Response]:
        """A file's answer, its bytes still to come. Raises `OffLimits` before any connection when
        the token may not be shown there, `TryLater` when the host cannot be reached."""
        try:
            request = await self._file_request(httpx.URL(address))
            async with asyncio.timeout(self.line.media_within):
                response = await self._http.send(request, stream=True)
                try:
                    yield response
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
            raise unreachable() from fault

    async def _file_request(self, url: httpx.URL) -> httpx.Request:
        graph = httpx.URL(self.line.url)
        check(url, graph, self.line.media_hosts)
        if same_place(url, graph):
            return self._request("GET", url, _Departure())
        return self.pinned(url, await public_address(url.host))

    def pinned(self, url: httpx.URL, address: str) -> httpx.Request:
        """Asks for a file at the very address that was checked, so that a name cannot change its
        meaning in between."""
        request = self._request("GET", url.copy_with(host=address), _Departure())
        request.headers["Host"] = url.host
        request.extensions["sni_hostname"] = url.host
        return request


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates we trust, loaded once: that takes longer than a message."""
    return httpx.create_ssl_context(trust_env=False)


def _judged(response: httpx.Response, body: bytes) -> Object:
    """The answer's object. Only an error object of WhatsApp's says for certain that it refused."""
    try:
        answer = decode(body)
    except Unreadable as why:
        raise Unsure from why
    if not isinstance(answer, dict):
        raise Unsure
    error = child(answer, "error")
    if whole(error, "code") is not None:
        raise verdict(error, response.status_code, _retry_after(response))
    if not response.is_success:
        raise Unsure
    return answer


def _retry_after(response: httpx.Response) -> int | None:
    """What WhatsApp asks us to wait, in microseconds, and never more than a day."""
    seconds = response.headers.get("Retry-After", "")
    fit = seconds.isascii() and seconds.isdigit() and len(seconds) < 10
    return min(int(seconds) * SECOND, DAY) if fit else None
