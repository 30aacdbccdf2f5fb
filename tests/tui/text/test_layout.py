import subprocess
import sys
import time
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wainbox_relay.contract.safe import clean
from wainbox_tui.text.bidi import MIRRORED
from wainbox_tui.text.clip import one_line
from wainbox_tui.text.clusters import cells, clusters, shown
from wainbox_tui.text.layout import Mode, layout, visual_row
from wainbox_tui.text.shape import shape

ORDER = "السلام عليكم، طلبي رقم #10482 لم يصل بعد. اتصلت على +212 6 12-34-56-78 ولم يرد أحد"
LETTERS = "بتلماأوَّـ،؟()[]«»<> \nabcÉ12٣٤#+-.,:/@👍🏽👨\u200d👩🇲🇦❤\ufe0f中\u200c"
MIXED = st.lists(
    st.one_of(
        st.text(st.sampled_from(LETTERS), max_size=12),
        st.sampled_from(
            ["السلام", "لا", "+212 6 12-34-56-78", "#10482", "https://a.ma/x?y=1", "1,250.50 MAD"]
        ),
        st.text(max_size=3),
    ),
    max_size=8,
).map(" ".join)


def spelt(text: str) -> str:
    """Drawn text with plain letters for the forms, in the order they are seen from the left."""
    return "".join(
        unicodedata.normalize("NFKC", c)[::-1] if "\ufb50" <= c <= "\ufefc" else c for c in text
    )


def lines(text: str, width: int, mode: Mode = Mode.APP) -> list[str]:
    return [spelt(line.text) for line in layout(clean(text), width, mode).lines]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 10, [""]),
        ("one two three", 8, ["one two", "three"]),
        ("one\n\ntwo", 8, ["one", "", "two"]),
        ("déjà vu été", 8, ["déjà vu", "été"]),
        ("👨\u200d👩 ok 🇲🇦", 5, ["👨 ok", "MA"]),
        ("https://example.ma/a", 8, ["https://", "example.", "ma/a"]),
        ("中中中", 3, ["中", "中", "中"]),
        ("中a", 1, ["…", "a"]),
    ],
)
def test_text_without_arabic_is_only_wrapped(text: str, width: int, expected: list[str]):
    """Latin, emoji and wide letters: words kept, and nothing moved."""
    laid = layout(clean(text), width)
    assert [line.text for line in laid.lines] == expected
    assert not any(line.rtl for line in laid.lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("متى", "ىتم"),
        ("متى يصل", "لصي ىتم"),
        ("متى!", "!ىتم"),
        ("(متى)", "(ىتم)"),
        ("رقم #10482 لم", "مل #10482 مقر"),
        ("رقم W-1042", "W-1042 مقر"),
        ("على +212 6 12-34-56-78", "+212 6 12-34-56-78 ىلع"),
        ("على 06-12-34-56-78 ثم", "مث 06-12-34-56-78 ىلع"),
        ("على ٠٦ ١٢ ٣٤ ٥٦ ٧٨", "٠٦ ١٢ ٣٤ ٥٦ ٧٨ ىلع"),
        ("المبلغ 1,250.50 MAD نعم", "معن 1,250.50 MAD غلبملا"),
        ("المبلغ MAD 1 250 نعم", "معن MAD 1 250 غلبملا"),
        ("المبلغ $45.00.", ".$45.00 غلبملا"),
        ("يوم 27-11-2026", "27-11-2026 موي"),
        ("يوم 2026/11/27 10:30", "10:30 2026/11/27 موي"),
        ("من 10-15 يوم", "موي 15-10 نم"),
        ("انظر https://a.ma/x-1?y=2.", ".https://a.ma/x-1?y=2 رظنا"),
        ("a.b-c@d-e.ma بريدي", "يديرب a.b-c@d-e.ma"),
        ("رمز SKU-12/B-3.", ".SKU-12/B-3 زمر"),
        ("@karim متى", "ىتم @karim"),
        ("#10482 متى", "ىتم #10482"),
        ("https://a.ma متى", "ىتم https://a.ma"),
        ("قال Merci beaucoup ثم", "مث Merci beaucoup لاق"),
        ("Merci شكرا beaucoup", "Merci اركش beaucoup"),
        ("Il dit «نعم»!", "Il dit «معن»!"),
        ("نعم 👍🏽 شكرا", "اركش 👍 معن"),
        ("ثمن 50% هنا", "انه %50 نمث"),
        ("عبد الله", "هللا دبع"),
        ("سلام", "مالس"),
        ("لا بلا", "الب ال"),
    ],
)
def test_arabic_is_written_as_it_is_seen(text: str, expected: str):
    """From the right, with numbers, codes, links and brackets the right way round."""
    assert lines(text, 60) == [expected]


def test_marks_stay_on_their_letters():
    """Seen from the left the letters turn round, each with the marks that stand on it."""
    (line,) = layout(clean("س\u064eب\u064f\u0651"), 20).lines
    assert line.text == "\ufe90\u064f\u0651\ufeb3\u064e"
    assert (line.width, line.map) == (2, (2, 0))


def test_lam_alef_is_one_cell():
    """The width is measured after shaping: `سلام` fills three cells and fits into three."""
    (line,) = layout(clean("سلام"), 3).lines
    assert (line.width, line.map) == (3, (3, 1, 0))


def test_long_arabic_is_wrapped_as_it_is_read():
    """The first words stand on the first line, each line running from the right."""
    laid = layout(clean(ORDER), 34)
    assert [line.width for line in laid.lines] == [31, 18, 30]
    assert [spelt(line.text) for line in laid.lines] == [
        "مل #10482 مقر يبلط ،مكيلع مالسلا",
        "ىلع تلصتا .دعب لصي",
        "دحأ دري ملو +212 6 12-34-56-78",
    ]


@pytest.mark.parametrize(
    ("text", "rtl"),
    [
        ("متى", [True]),
        ("Bonjour متى", [False]),
        ("متى Bonjour", [True]),
        ("https://a.ma متى", [True]),
        ("#10482 @karim W-2041 متى", [True]),
        ("#عاجل Bonjour", [False]),
        ("#عاجل", [True]),
        ("متى\n+212612345678\n\nBonjour\n12", [True, True, True, False, False]),
        ("12\nمتى", [False, True]),
    ],
)
def test_each_paragraph_runs_as_its_first_word_says(text: str, rtl: list[bool]):
    """Links, codes and tags do not say it; a paragraph without words runs like the one before."""
    assert [line.rtl for line in layout(clean(text), 60).lines] == rtl


def test_kitty_gets_words_and_shapes_them_itself():
    """In word mode words stand in the order they are seen, letters in the order they are read."""
    assert [line.text for line in layout(clean("متى يصل، #12 (لا)؟"), 40, Mode.WORD).lines] == [
        "؟(لا) #12 يصل، متى"
    ]


def test_other_terminals_get_the_text_as_it_is():
    """In terminal mode nothing is shaped or moved; it is only wrapped."""
    laid = layout(clean(ORDER), 34, Mode.TERMINAL)
    assert " ".join(line.text for line in laid.lines) == ORDER
    assert all(line.rtl for line in laid.lines)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("short", 10, "short"),
        ("two\n lines", 10, "two lines"),
        ("a longer text", 8, "a longe…"),
        ("سَلَامٌ", 10, "مالس"),
        ("متى يصل الطلب", 8, "…لصي ىتم"),
        ("متى +212612345678", 10, "…+2126 ىتم"),
        ("سلام", 3, "مالس"),
        ("متى", 1, "…"),
        ("متى", 0, ""),
        ("abc", -1, ""),
    ],
)
def test_rows_are_cut_where_the_text_ends(text: str, width: int, expected: str):
    """One line without vowels; `…` stands at the left of Arabic."""
    line = visual_row(clean(text), width)
    assert spelt(line.text) == expected
    assert line.width == cell_len(line.text) <= max(width, 0)


def drawn_letters(text: str, mode: Mode) -> dict[int, str]:
    """What each letter of the text comes to, by its place, as if it stood on one endless line."""
    found: dict[int, str] = {}
    place = 0
    for paragraph in text.split("\n"):
        letters = clusters(paragraph)
        arabic = any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in paragraph)
        shaped = shape(letters) if mode is Mode.APP and arabic else map(shown, letters)
        for letter, drawn in zip(letters, shaped, strict=True):
            found[place] = drawn
            place += len(letter)
        place += 1
    return found


@given(MIXED, st.integers(-1, 40), st.sampled_from(Mode))
def test_lines_fit_and_say_how_wide_they_are(text: str, width: int, mode: Mode):
    """Whatever the text and however narrow: no line is too wide, and each cell has its place."""
    text = clean(text)
    for line in layout(text, width, mode).lines:
        assert line.width == cell_len(line.text) == len(line.map) <= width
        assert set(line.map) <= set(range(len(text)))


@given(MIXED, st.integers(2, 40), st.sampled_from(Mode))
def test_every_letter_is_drawn_once(text: str, width: int, mode: Mode):
    """No letter is lost or doubled by wrapping and reordering; only blanks vanish at breaks."""
    text = clean(text)
    counted = Counter(place for line in layout(text, width, mode).lines for place in line.map)
    for place, drawn in drawn_letters(text, mode).items():
        if text[place] == " ":
            assert counted[place] <= 1
        elif cell_len(drawn) <= width:
            assert counted[place] == cell_len(drawn), (place, drawn)


@given(MIXED, st.integers(2, 40), st.sampled_from([Mode.APP, Mode.WORD]))
def test_a_cell_shows_what_its_map_says(text: str, width: int, mode: Mode):
    """Each cell holds the letter it says it comes from, or that letter's mirror."""
    text = clean(text)
    expected = drawn_letters(text, mode)
    for line in layout(text, width, mode).lines:
        at = 0
        for letter in clusters(line.text):
            drawn = expected[line.map[at]]
            plain = letter.replace("\u200c", "")
            assert plain in drawn or MIRRORED.get(plain) == drawn
            at += max(1, cell_len(letter))


@given(MIXED, st.integers(-1, 40), st.sampled_from(Mode))
def test_rows_fit(text: str, width: int, mode: Mode):
    """A list row is never wider than its room, and has an ellipsis only where something is cut."""
    text = clean(text).replace("…", "")
    line = visual_row(text, width, mode)
    assert line.width == cell_len(line.text) == len(line.map) <= max(width, 0)
    if width > 0 and mode is Mode.TERMINAL:
        assert ("…" in line.text) == (cells(one_line(text)) > width)


HOSTILE = {
    "64 KB of Arabic": ORDER * 800,
    "64 KB in one word": "ب" * 65_536,
    "64 KB of Latin": "a" * 65_536,
    "5,000 emoji": "👍" * 5_000,
    "5,000 families": "👨\u200d👩\u200d👧" * 5_000,
    "marks on marks": "ب" + "\u064e" * 60_000,
    "selectors": "❤\ufe0f" * 9_000,
    "brackets in brackets": "ب" + "(" * 63 + "ا)" * 4_000,
    "bracket pairs": "ب" + "(a)" * 3_000,
    "numbers": "ب" + "1," * 5_000,
    "letters of both kinds": "aب" * 5_000,
}


@pytest.mark.serial
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_laid_out_in_time(text: str):
    """Nothing a customer sends holds the screen up, even on a machine with other work."""
    safe = clean(text)
    best = 1.0
    for width in (40, 41, 42):
        start = time.process_time()
        layout(safe, width)
        visual_row(safe, width)
        best = min(best, time.process_time() - start)
    assert best < 0.5


def test_arabic_is_loaded_when_it_comes():
    """Latin text is laid out without loading what Arabic needs."""
    code = (
        "import sys; from wainbox_tui.text.layout import layout; layout('bonjour', 5); "
        "print('wainbox_tui.text.bidi' in sys.modules); layout('سلام', 5); "
        "print('wainbox_tui.text.bidi' in sys.modules)"
    )
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "True"]
