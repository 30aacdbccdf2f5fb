"""Small true files to send around, made from nothing: PNG, JPEG, Ogg Opus, PDF, WebP, MP4."""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable

_SIDE = 12
"""Squares along the edge of a picture."""

_SQUARE = 8
_WEBP = bytes.fromhex("524946461a000000574542505650384c0d0000002f00000010071011118888fe0700")
_MP4 = struct.pack(">I", 24) + b"ftypisom\x00\x00\x02\x00isommp41" + struct.pack(">I", 8) + b"mdat"


def of(kind: str, seconds: float, seed: str) -> tuple[str, bytes]:
    """A media type and a file for a kind of message; other seeds give other pictures."""
    makers: dict[str, tuple[str, Callable[[], bytes]]] = {
        "image": ("image/jpeg", lambda: jpeg(seed)),
        "audio": ("audio/ogg; codecs=opus", lambda: opus(seconds)),
        "document": ("application/pdf", lambda: pdf(seed)),
        "sticker": ("image/webp", lambda: _WEBP),
        "video": ("video/mp4", lambda: _MP4),
    }
    mime, make = makers[kind]
    return mime, make()


def png(seed: str) -> bytes:
    """Squares in colour."""
    shades, side = _shades(seed), _SIDE * _SQUARE
    rows = b"".join(
        b"\x00" + bytes(_colour(shades, x, y) for x in range(side) for _ in "rgb")
        for y in range(side)
    )
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_part(name, data) for name, data in parts)


def _png_part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _colour(shades: bytes, x: int, y: int) -> int:
    return shades[(y // _SQUARE) * _SIDE + x // _SQUARE]


def _shades(seed: str) -> bytes:
    """One shade a square, the same on both sides of the middle."""
    noise = hashlib.shake_128(seed.encode()).digest(_SIDE * _SIDE // 2)
    halves = (noise[start : start + _SIDE // 2] for start in range(0, len(noise), _SIDE // 2))
    return b"".join(half + half[::-1] for half in halves)


def jpeg(seed: str) -> bytes:
    """Squares in grey: a baseline JPEG of which only each block's mean is written."""
    side = _SIDE * _SQUARE
    tables = (
        _segment(0xDB, b"\x00" + b"\x08" * 64),
        _segment(0xC0, struct.pack(">BHHBBBB", 8, side, side, 1, 1, 0x11, 0)),
        _segment(0xC4, b"\x00" + _lengths(4, 12) + bytes(range(12))),
        _segment(0xC4, b"\x10" + _lengths(1, 1) + b"\x00"),
        _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
    )
    return b"\xff\xd8" + b"".join(tables) + _scan(_shades(seed)) + b"\xff\xd9"


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _lengths(length: int, count: int) -> bytes:
    """A Huffman table with `count` codes, all of one length."""
    return bytes(count if bits == length else 0 for bits in range(1, 17))


def _scan(shades: bytes) -> bytes:
    bits, before = [], 0
    for shade in shades:
        mean = shade - 128
        bits.append(_difference(mean - before) + "0")
        before = mean
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    packed = int(text, 2).to_bytes(len(text) // 8, "big")
    return packed.replace(b"\xff", b"\xff\x00")


def _difference(value: int) -> str:
    """A step in brightness: how many bits it takes, then the bits."""
    size = abs(value).bit_length()
    bits = value if value > 0 else value + (1 << size) - 1
    return f"{size:04b}" + (f"{bits:0{size}b}" if size else "")


def opus(seconds: float) -> bytes:
    """So many seconds of silence as a voice note."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"wainbox" + struct.pack("<I", 0)
    frames = max(1, round(seconds * 50))
    pages = [_ogg_page(0, 0, 2, [head]), _ogg_page(1, 0, 0, [tags])]
    for start in range(0, frames, 250):
        end = min(start + 250, frames)
        last = 4 if end == frames else 0
        silence = [b"\xf8\xff\xfe"] * (end - start)
        pages.append(_ogg_page(len(pages), end * 960, last, silence))
    return b"".join(pages)


def _ogg_page(sequence: int, granule: int, flags: int, packets: list[bytes]) -> bytes:
    sizes = bytes(len(packet) for packet in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 1, sequence, 0, len(sizes))
    page = head + sizes + b"".join(packets)
    return page[:22] + struct.pack("<I", _ogg_sum(page)) + page[26:]


def _ogg_sum(page: bytes) -> int:
    total = 0
    for byte in page:
        total = (total << 8) & 0xFFFFFFFF ^ _OGG_TABLE[total >> 24 ^ byte]
    return total


def _ogg_table() -> Iterable[int]:
    for start in range(256):
        entry = start << 24
        for _ in range(8):
            entry = (entry << 1) ^ (0x04C11DB7 if entry & 0x80000000 else 0)
        yield entry & 0xFFFFFFFF


_OGG_TABLE = tuple(_ogg_table())


def pdf(words: str) -> bytes:
    """One page with a line on it."""
    line = words.encode("ascii", "replace").replace(b"(", b"[").replace(b")", b"]")
    drawn = b"BT /F1 18 Tf 60 760 Td (" + line.replace(b"\\", b"/") + b") Tj ET"
    fonts = b"/Resources << /Font << /F1 5 0 R >> >>"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for index, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (index, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(parts) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer
