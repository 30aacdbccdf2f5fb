"""What was typed survives everything but the disk."""

import stat

from wainbox_tui.drafts import GROWN, Draft, Drafts


def test_a_draft_is_there_after_a_crash(tmp_path):
    """The file alone gives every draft back, a torn last line notwithstanding."""
    drafts = Drafts(tmp_path, "relay")
    drafts.keep(Draft("W-1", "bonjour"))
    drafts.keep(Draft("W-2", "مرحبا", note=True))
    drafts.keep(Draft("W-1", "bonjour Sara"))
    path = next(tmp_path.iterdir())
    with path.open("a") as file:
        file.write('{"ref": "W-3", "te')
    again = Drafts(tmp_path, "relay")

    assert {ref: d.text for ref, d in again.all().items()} == {
        "W-1": "bonjour Sara",
        "W-2": "مرحبا",
    }


def test_an_empty_draft_is_forgotten(tmp_path):
    """Sent or cleared, nothing comes back."""
    drafts = Drafts(tmp_path, "relay")
    drafts.keep(Draft("W-1", "bonjour"))
    drafts.keep(Draft("W-1", ""))

    assert Drafts(tmp_path, "relay").all() == {}


def test_only_their_writer_reads_them(tmp_path):
    """Drafts quote customers: the file is for its owner alone."""
    Drafts(tmp_path, "relay").keep(Draft("W-1", "bonjour"))

    assert stat.S_IMODE(next(tmp_path.iterdir()).stat().st_mode) == 0o600


def test_the_file_does_not_grow_for_ever(tmp_path):
    """Typing for hours leaves a file of the size of the drafts."""
    drafts = Drafts(tmp_path, "relay")
    for n in range(300):
        drafts.keep(Draft("W-1", f"{n} " + "x" * 2000))

    assert next(tmp_path.iterdir()).stat().st_size <= GROWN + 3000
    assert Drafts(tmp_path, "relay").all()["W-1"].text.startswith("299 ")


def test_two_relays_do_not_share_drafts(tmp_path):
    """Drafts belong to the relay they were typed for."""
    Drafts(tmp_path, "https://a.example").keep(Draft("W-1", "bonjour"))

    assert Drafts(tmp_path, "https://b.example").all() == {}
