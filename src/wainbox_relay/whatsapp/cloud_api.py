"""The Cloud API behind the relay's `WhatsApp` port: what is read, sent, fetched and uploaded.

Vendor's pages: "Send messages", "Media", "Business phone numbers", "Templates", "Health status",
"Block users".
"""

import asyncio
import base64
import binascii
import re
from dataclasses import dataclass

from wainbox_relay.contract.views import Template
from wainbox_relay.contract.vocabulary import Moment, NumberId, Wamid
from wainbox_relay.domain.model import Failure
from wainbox_relay.media import Arriving, MediaFolder, TooLarge
from wainbox_relay.ports import Download, Item, Outgoing, Refused, SentAs, TryLater, Unsure
from wainbox_relay.whatsapp import compose, templates
from wainbox_relay.whatsapp.client import Client
from wainbox_relay.whatsapp.failures import reported
from wainbox_relay.whatsapp.hosts import OffLimits
from wainbox_relay.whatsapp.payloads import Object, child, children, name_of, text, whole
from wainbox_relay.whatsapp.read import Reader
from wainbox_relay.whatsapp.signature import Signatures

_AGAIN = "It is tried again by itself."
_MB = 1024 * 1024
_LARGEST_UPLOADS = (
    ("image/webp", _MB // 2),
    ("image/", 5 * _MB),
    ("audio/", 16 * _MB),
    ("video/", 16 * _MB),
    ("", 100 * _MB),
)
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?codecs=[\w.,-]+)?", re.ASCII)
_GONE = frozenset({404, 410})
_MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What WhatsApp says of one of our numbers. `can_send` is AVAILABLE, LIMITED or BLOCKED, or
    empty when it did not say; `trouble` holds its explanations."""

    phone: str
    name: str
    status: str
    quality: str
    throughput: str
    can_send: str
    trouble: tuple[str, ...]


class CloudApi:
    """WhatsApp, as the relay knows it."""

    def __init__(
        self,
        client: Client,
        signatures: Signatures,
        folder: MediaFolder,
        reader: Reader | None = None,
        largest_download: int = 100 * _MB,
    ) -> None:
        self._client = client
        self._signatures = signatures
        self._folder = folder
        self._reader = reader or Reader()
        self._largest = largest_download

    async def aclose(self) -> None:
        await self._client.aclose()

    def accepts(self, body: bytes, signature: str | None) -> bool:
        return self._signatures.accepts(body, signature)

    def read(self, body: bytes, arrived_at: Moment) -> list[Item]:
        return self._reader.read(body, arrived_at)

    # -- sending -----------------------------------------------------------------------------

    async def send(self, outgoing: Outgoing) -> SentAs:
        answer = await self._client.ask(
            "POST", outgoing.number, "messages", json=compose.message(outgoing)
        )
        wamid = name_of(next(iter(children(answer, "messages")), {}), "id")
        if not wamid:
            raise Unsure
        contact: Object = next(iter(children(answer, "contacts")), {})
        return SentAs(Wamid(wamid), name_of(contact, "wa_id"))

    async def react(self, outgoing: Outgoing, target: Wamid, emoji: str) -> None:
        body = compose.reaction(outgoing, target, emoji)
        await self._client.ask_again("POST", outgoing.number, "messages", json=body)

    async def tell_read(self, number: NumberId, wamid: Wamid, *, typing: bool = False) -> None:
        body = compose.read_mark(wamid, typing=typing)
        await self._client.ask_again("POST", number, "messages", json=body)

    async def block(self, number: NumberId, user: str, *, blocked: bool) -> None:
        """What became of each user stands in the answer, which may be a success all the same."""
        body = {"messaging_product": "whatsapp", "block_users": [{"user": user}]}
        method = "POST" if blocked else "DELETE"
        answer = await self._client.ask_again(method, number, "block_users", json=body)
        failed = next(iter(children(child(answer, "block_users"), "failed_users")), None)
        if failed is not None:
            raise Refused(reported(children(failed, "errors")))

    async def upload(self, number: NumberId, name: str, mime: str, data: bytes) -> str:
        """Hands WhatsApp a file; returns the id to send it by."""
        _check_upload(mime, len(data))
        answer = await self._client.ask_again(
            "POST",
            number,
            "media",
            within=self._client.line.media_within,
            data={"messaging_product": "whatsapp", "type": mime},
            files={"file": (name, data, mime)},
        )
        media_id = name_of(answer, "id")
        if not media_id:
            raise _later("WhatsApp did not say under which id it keeps the file")
        return media_id

    # -- files from customers ----------------------------------------------------------------

    async def fetch(self, number: NumberId, media_id: str, sha256: str) -> Download:
        """A file's address lives five minutes, so each try asks for a new one; one that is gone
        already is asked for once more."""
        if not media_id:
            raise Refused(Failure(0, "WhatsApp gave no file", "Ask the customer to send it again."))
        for _ in range(2):
            found = await self._look_up(number, media_id)
            if (whole(found, "file_size") or 0) > self._largest:
                raise _too_large(self._largest)
            download = await self._download(text(found, "url"), sha256 or text(found, "sha256"))
            if download:
                return download
        raise _later("WhatsApp no longer has the file where it said")

    async def _look_up(self, number: NumberId, media_id: str) -> Object:
        """Where the file is. Even a refusal may pass: a token is renewed, a number comes back."""
        try:
            return await self._client.ask_again("GET", media_id, params={"phone_number_id": number})
        except Refused as refused:
            raise TryLater(refused.failure) from refused

    async def _download(self, url: str, sha256: str) -> Download | None:
        """The file, or None when there is nothing at this address any more."""
        try:
            async with self._client.download(url) as response:
                if response.status_code in _GONE:
                    return None
                if response.status_code != 200:
                    raise _later(f"The file's host answered {response.status_code}")
                with self._folder.begin(self._largest) as arriving:
                    async for piece in response.aiter_raw():
                        arriving.write(piece)
                    return await _kept(arriving, sha256)
        except OffLimits as why:
            raise _later(f"The file was not fetched: {why}") from why
        except TooLarge as why:
            raise _too_large(self._largest) from why

    # -- what an operator asks ---------------------------------------------------------------

    async def phone_number_facts(self, number: NumberId) -> NumberFacts:
        """One question that shows whether token, number and account are well."""
        fields = "display_phone_number,verified_name,status,quality_rating,throughput,health_status"
        found = await self._client.ask_again("GET", number, params={"fields": fields})
        health = child(found, "health_status")
        return NumberFacts(
            phone=text(found, "display_phone_number"),
            name=text(found, "verified_name"),
            status=text(found, "status"),
            quality=text(found, "quality_rating"),
            throughput=text(child(found, "throughput"), "level"),
            can_send=text(health, "can_send_message"),
            trouble=tuple(
                text(error, "error_description")
                for entity in children(health, "entities")
                for error in children(entity, "errors")
            ),
        )

    async def templates(self, account: str) -> list[Template]:
        """All templates of an account, page by page."""
        found: list[Template] = []
        after = ""
        for _ in range(_MOST_PAGES):
            params = {"limit": "100", **({"after": after} if after else {})}
            page = await self._client.ask_again("GET", account, "message_templates", params=params)
            found += [templates.template(each) for each in children(page, "data")]
            paging = child(page, "paging")
            after = text(child(paging, "cursors"), "after") if "next" in paging else ""
            if not after:
                break
        return found

    async def subscribed(self, waba: str) -> bool:
        """Whether any app gets this account's webhooks."""
        found = await self._client.ask_again("GET", waba, "subscribed_apps")
        return bool(children(found, "data"))


async def _kept(arriving: Arriving, sha256: str) -> Download:
    expected = _digest(sha256)
    if expected and expected != arriving.digest:
        raise _later("The file came damaged")
    kept = await asyncio.to_thread(arriving.keep)
    return Download(kept.digest, kept.type, kept.size)


def _digest(sha256: str) -> bytes:
    """The digest WhatsApp announced, in base64 or hex; empty when it is neither."""
    try:
        raw = bytes.fromhex(sha256) if len(sha256) == 64 else base64.b64decode(sha256)
    except (ValueError, binascii.Error):
        return b""
    return raw if len(raw) == 32 else b""


def _check_upload(mime: str, size: int) -> None:
    if not _TYPE.fullmatch(mime):
        raise Refused(Failure(0, "The file's type is not known", "Save it in a common format."))
    largest = next(most for prefix, most in _LARGEST_UPLOADS if mime.startswith(prefix))
    if size > largest:
        reason = f"The file has {size / _MB:.1f} MB; WhatsApp takes {largest / _MB:g} MB of {mime}"
        raise Refused(Failure(0, reason, "Make it smaller, or send it in parts."))


def _later(reason: str) -> TryLater:
    return TryLater(Failure(0, reason, _AGAIN))


def _too_large(largest: int) -> Refused:
    reason = f"The file is larger than {largest / _MB:g} MB"
    return Refused(Failure(0, reason, "Ask the customer for a smaller one."))
