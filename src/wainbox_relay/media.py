"""Files from customers: what their bytes say they are, and a folder that names them by content.

A file is never decoded, run or named as the customer named it. What the customer's app calls it is
not believed: `sniff` looks at the bytes, and what is two things at once is plain data.
"""

import codecs
import os
import re
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal, Self

import filetype  # type: ignore[import-untyped]  # it ships no types

DATA = "application/octet-stream"
LARGEST = 100 * 1024 * 1024
MOST_PIXELS = 50_000_000
_HEAD = 8192
_TAIL = 66_000
"""A zip's closing record lies within the last 65,557 bytes."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg)\b", re.IGNORECASE)
_VECTOR = re.compile(rb"<\s*svg\b", re.IGNORECASE)
_ZIP_END = b"PK\x05\x06"
_PASSIVE = ("image/", "audio/", "video/")
_MOST_SEGMENTS = 200
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's start-of-frame markers; the three left out lie among them and mean something else."""


class TooLarge(Exception):
    """More bytes came than may."""


Order = Literal["big", "little"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the folder. `digest` is its SHA-256 in hex, `type` what its bytes say."""

    digest: str
    type: str
    size: int


class MediaFolder:
    """Files by their SHA-256: `ab/cdef...`. The same file twice is kept once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"

    def clear(self) -> None:
        """Removes what an earlier run left half done; call it before anything arrives."""
        for leftover in self._incoming.glob("*"):
            leftover.unlink(missing_ok=True)

    def path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("A media file is named by 64 hex digits.")
        return self._root / digest[:2] / digest[2:]

    def begin(self, largest: int = LARGEST) -> "Arriving":
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Arriving(self, self._incoming, largest)

    def keep(self, data: bytes) -> Kept:
        """Keeps a file that is already whole."""
        with self.begin(len(data)) as arriving:
            arriving.write(data)
            return arriving.keep()


class Arriving:
    """A file on its way in: `write` its pieces, then `keep` it; not kept, it is dropped."""

    def __init__(self, folder: MediaFolder, incoming: Path, largest: int) -> None:
        self._folder = folder
        self._largest = largest
        self._hash = sha256()
        self._head = self._tail = b""
        self.size = 0
        handle, name = tempfile.mkstemp(dir=incoming)
        self._file = os.fdopen(handle, "wb")
        self._path = Path(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._largest:
            raise TooLarge
        self._hash.update(piece)
        if len(self._head) < _HEAD:
            self._head += piece[: _HEAD - len(self._head)]
        self._tail = (self._tail + piece)[-_TAIL:]
        self._file.write(piece)

    @property
    def digest(self) -> bytes:
        return self._hash.digest()

    def keep(self) -> Kept:
        """Puts the file in its place, on the disk for good."""
        digest = self.digest.hex()
        place = self._folder.path(digest)
        self._file.flush()
        os.fsync(self._file.fileno())
        place.parent.mkdir(mode=0o700, exist_ok=True)
        self._path.replace(place)
        _sync_folder(place.parent)
        return Kept(digest, sniff(self._head, self._tail), self.size)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sniff(head: bytes, tail: bytes = b"") -> str:
    """The media type by the bytes alone; `application/octet-stream` when they are doubtful."""
    found = filetype.guess_mime(head) or _film_type(head)
    if found is None:
        return _text_type(head)
    doubtful = str(found).startswith(_PASSIVE) and (_ZIP_END in tail or _MARKUP.search(head))
    return DATA if doubtful else str(found)


def _film_type(head: bytes) -> str | None:
    """What phones record and the library has no name for: the brand tells."""
    if head[4:8] != b"ftyp":
        return None
    return "video/3gpp" if head[8:10] == b"3g" else "video/mp4"


def _text_type(head: bytes) -> str:
    if not _is_text(head):
        return DATA
    if not _MARKUP.search(head):
        return "text/plain"
    return "image/svg+xml" if _VECTOR.search(head) else "text/html"


def _is_text(head: bytes) -> bool:
    """Whether it decodes, but for a character cut at the end, and holds no control bytes."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(text) and not any(sign < " " and sign not in "\t\r\n\f" for sign in text)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's size as its header tells it."""

    width: int
    height: int

    @property
    def too_large(self) -> bool:
        """Whether drawing it would cost more memory than a picture may."""
        return self.width * self.height > MOST_PIXELS


def describe(file: BinaryIO) -> Picture | None:
    """Width and height from the header of a PNG, GIF, WebP or JPEG; None for anything else. Nothing
    is decoded, so that a picture made to swell costs nothing."""
    head = file.read(30)
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return _picture(head[16:20], head[20:24], "big")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _picture(head[6:8], head[8:10], "little")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _webp(head)
    return _jpeg(file) if head.startswith(b"\xff\xd8") else None


def _picture(width: bytes, height: bytes, order: Order, more: int = 0) -> Picture | None:
    if not width or len(width) != len(height):
        return None
    return Picture(int.from_bytes(width, order) + more, int.from_bytes(height, order) + more)


def _webp(head: bytes) -> Picture | None:
    match head[12:16]:
        case b"VP8X":
            return _picture(head[24:27], head[27:30], "little", 1)
        case b"VP8L":
            packed = int.from_bytes(head[21:25], "little")
            return Picture((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            wide, high = (int.from_bytes(head[i : i + 2], "little") & 0x3FFF for i in (26, 28))
            return Picture(wide, high)
        case _:
            return None


def _jpeg(file: BinaryIO) -> Picture | None:
    """Steps from segment to segment until the one that tells the frame's size."""
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return None
        if head[1] in _FRAMES:
            frame = file.read(5)
            return _picture(frame[3:5], frame[1:3], "big")
        file.seek(int.from_bytes(head[2:4], "big") - 2, os.SEEK_CUR)
    return None
