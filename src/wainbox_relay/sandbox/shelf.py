"""Files as WhatsApp keeps them. Vendor's page: "Media". Addresses live five minutes."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from wainbox_relay.sandbox.errors import GraphError

MEGABYTE = 1024 * 1024
SECONDS = 300.0

_OLD_OFFICE = "application/msword application/vnd.ms-excel application/vnd.ms-powerpoint"
_NEW_OFFICE = " ".join(
    f"application/vnd.openxmlformats-officedocument.{kind}"
    for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
)
_TYPES = {
    "audio": (16, "audio/aac audio/amr audio/mpeg audio/mp4 audio/ogg"),
    "image": (5, "image/jpeg image/png"),
    "video": (16, "video/mp4 video/3gpp"),
    "sticker": (0.5, "image/webp"),
    "document": (100, f"text/plain application/pdf {_OLD_OFFICE} {_NEW_OFFICE}"),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file with the type it was given."""

    id: str
    mime: str
    data: bytes
    number: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.data).digest()


class Shelf:
    """Files by their media id."""

    def __init__(self) -> None:
        self.files: dict[str, Stored] = {}
        self.seconds = SECONDS
        self._key = secrets.token_bytes(16)

    def put(self, mime: str, data: bytes, number: str) -> Stored:
        stored = Stored(str(secrets.randbelow(10**15) + 10**15), mime, data, number)
        self.files[stored.id] = stored
        return stored

    def get(self, media_id: str) -> Stored:
        if media_id not in self.files:
            says = f"Unsupported get request. Object with ID '{media_id}' does not exist"
            raise GraphError(100, says, subcode=33)
        return self.files[media_id]

    def path(self, media_id: str, now: float) -> str:
        """Where the file can be fetched for a while."""
        until = int(now + self.seconds)
        return f"/_media/{media_id}?ext={until}&hash={self._mark(media_id, until)}"

    def open(self, media_id: str, until: str, mark: str, now: float) -> Stored | None:
        """The file, if the address is one of ours and has not expired."""
        if not until.isdigit() or not hmac.compare_digest(mark, self._mark(media_id, int(until))):
            return None
        return self.files.get(media_id) if now <= int(until) else None

    def _mark(self, media_id: str, until: int) -> str:
        return hmac.new(self._key, f"{media_id} {until}".encode(), "sha256").hexdigest()[:32]


def accept(mime: str, size: int) -> None:
    """Whether a file of this type and size may be uploaded."""
    kind = next((kind for kind, (_, types) in _TYPES.items() if _is(mime, types)), None)
    if kind is None:
        raise GraphError(100, f"Param file must be a file with one of the known types, not {mime}.")
    if size > _TYPES[kind][0] * MEGABYTE:
        raise GraphError(131053, f"An {kind} may have {_TYPES[kind][0]} MB at most.")
    if size == 0:
        raise GraphError(131053, "The file is empty.")


def sendable(stored: Stored, kind: str) -> None:
    """Whether a file of this type may be sent as this kind of message."""
    if kind != "document" and not _is(stored.mime, _TYPES[kind][1]):
        raise GraphError(131053, f"{stored.mime} cannot be sent as {kind}.")


def in_base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _is(mime: str, types: str) -> bool:
    return mime.split(";", maxsplit=1)[0].strip() in types.split()
