"""Files by their bytes: what they are, where they lie, and what their headers tell."""

import hashlib
import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wainbox_relay.media import DATA, MediaFolder, TooLarge, describe, sniff


def picture(kind, size=(31, 17)):
    made = io.BytesIO()
    Image.new("RGB", size).save(made, kind)
    return made.getvalue()


def png_header(width, height):
    """A picture that claims a size and holds nothing."""
    inside = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + inside + struct.pack(">I", zlib.crc32(inside))
    return b"\x89PNG\r\n\x1a\n" + chunk


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.js", "alert(1)")
    return made.getvalue()


PNG, JPEG = picture("PNG"), picture("JPEG")

LOOKS = {
    "png": (PNG, "image/png"),
    "jpeg": (JPEG, "image/jpeg"),
    "gif": (picture("GIF"), "image/gif"),
    "webp": (picture("WEBP"), "image/webp"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n<html>", "application/pdf"),
    "ogg": (b"OggS\x00\x02" + b"\0" * 22 + b"\x01\x1eOpusHead", "audio/ogg"),
    "mp3": (b"ID3\x04" + b"\0" * 30, "audio/mpeg"),
    "amr": (b"#!AMR\n" + b"\0" * 30, "audio/amr"),
    "mp4": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 20, "video/mp4"),
    "3gp": (b"\0\0\0\x18ftyp3gp4\0\0\0\x003gp43gp5" + b"\0" * 20, "video/3gpp"),
    "film of no known brand": (b"\0\0\0\x18ftypXYZ1\0\0\0\0" + b"\0" * 20, "video/mp4"),
    "zip": (zipped(), "application/zip"),
    "elf": (b"\x7fELF\x02\x01\x01" + b"\0" * 60, "application/x-executable"),
    "exe": (b"MZ\x90\x00" + b"\0" * 60, "application/x-msdownload"),
    "html": (b"\xef\xbb\xbf  <!DOCTYPE html><html>", "text/html"),
    "script": (b"hello <ScRiPt>alert(1)</script>", "text/html"),
    "svg": (b'<?xml version="1.0"?>\n<svg onload="x()">', "image/svg+xml"),
    "text": ("مرحبا، هذه ملاحظة".encode(), "text/plain"),
    "text cut within a letter": (("م" * 5000).encode()[:8191], "text/plain"),
    "png and html": (PNG[:60] + b"<script>alert(1)</script>", DATA),
    "gif and html": (b"GIF89a/*<html>*/" + b"\0" * 30, DATA),
    "jpeg and zip": (JPEG + zipped(), DATA),
    "noise": (bytes(range(1, 256)), DATA),
    "nul": (b"abc\0def", DATA),
    "nothing": (b"", DATA),
}


@pytest.mark.parametrize(("data", "type_"), LOOKS.values(), ids=LOOKS.keys())
def test_bytes_say_what_a_file_is(tmp_path, data, type_):
    """Not its name, not its sender; and what is two things at once is only data."""
    assert MediaFolder(tmp_path).keep(data).type == type_


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_have_a_type(head, tail):
    assert "/" in sniff(head, tail)


def test_a_file_lies_under_its_digest_and_nowhere_else(tmp_path):
    folder = MediaFolder(tmp_path / "media")
    kept = folder.keep(PNG)
    assert kept.digest == hashlib.sha256(PNG).hexdigest()
    assert kept.size == len(PNG)
    assert folder.path(kept.digest) == tmp_path / "media" / kept.digest[:2] / kept.digest[2:]
    assert folder.path(kept.digest).read_bytes() == PNG
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [folder.path(kept.digest)]
    assert folder.path(kept.digest).stat().st_mode & 0o077 == 0


def test_the_same_file_twice_is_one(tmp_path):
    folder = MediaFolder(tmp_path)
    assert folder.keep(PNG) == folder.keep(PNG)
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "ab", "g" * 64, "A" * 64, "a" * 63])
def test_only_a_digest_names_a_file(tmp_path, digest):
    with pytest.raises(ValueError, match="64 hex digits"):
        MediaFolder(tmp_path).path(digest)


def test_what_is_not_kept_is_dropped(tmp_path):
    """A broken download leaves nothing behind."""
    folder = MediaFolder(tmp_path)
    with folder.begin() as arriving:
        arriving.write(PNG)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_leftovers_of_a_killed_run_are_cleared(tmp_path):
    folder = MediaFolder(tmp_path)
    kept = folder.keep(PNG)
    (tmp_path / "incoming" / "tmpabc").write_bytes(b"half")
    folder.clear()
    assert list((tmp_path / "incoming").iterdir()) == []
    assert folder.path(kept.digest).exists()


def test_a_folder_never_used_is_clear_already(tmp_path):
    MediaFolder(tmp_path / "none").clear()


def test_a_file_may_not_grow_beyond_its_limit(tmp_path):
    with MediaFolder(tmp_path).begin(largest=10) as arriving:
        arriving.write(b"0123456789")
        with pytest.raises(TooLarge):
            arriving.write(b"x")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG", "WEBP"])
def test_a_header_tells_the_size(kind):
    found = describe(io.BytesIO(picture(kind)))
    assert (found.width, found.height, found.too_large) == (31, 17, False)


def test_lossless_and_extended_webp_tell_their_size_too():
    lossless, extended = io.BytesIO(), io.BytesIO()
    Image.new("RGBA", (31, 17)).save(lossless, "WEBP", lossless=True)
    frames = [Image.new("RGBA", (31, 17), colour) for colour in ("red", "blue")]
    frames[0].save(extended, "WEBP", save_all=True, append_images=frames[1:])
    for made in (lossless, extended):
        made.seek(0)
        found = describe(made)
        assert (found.width, found.height) == (31, 17)


def test_a_jpeg_with_long_segments_in_front_tells_its_size():
    segment = b"\xff\xe1" + struct.pack(">H", 65_000) + b"\0" * 64_998
    found = describe(io.BytesIO(JPEG[:2] + segment * 3 + JPEG[2:]))
    assert (found.width, found.height) == (31, 17)


def test_a_picture_made_to_swell_is_known_by_its_header():
    """177 megapixels in 33 bytes: nothing is decoded to find out."""
    assert describe(io.BytesIO(png_header(13_300, 13_300))).too_large


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", JPEG[:40], b"\xff\xd8" * 5000, b"RIFF....WEBPVP8Q", b"%PDF"]
)
def test_a_broken_header_tells_nothing(data):
    assert describe(io.BytesIO(data)) is None


@given(
    st.sampled_from([PNG, JPEG, picture("GIF"), picture("WEBP")]), st.integers(0, 400), st.data()
)
def test_a_cut_or_changed_picture_never_raises(data, cut, draw):
    changed = bytearray(data[:cut])
    if changed:
        changed[draw.draw(st.integers(0, len(changed) - 1))] = draw.draw(st.integers(0, 255))
    describe(io.BytesIO(bytes(changed)))
