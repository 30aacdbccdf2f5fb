"""What the detector makes of messages as people type them.

The sets beside this file were written after the word lists. At the first reading 152 of 161
messages of Arabic in Latin letters were found, 149 of 156 French and 152 of 159 English ones, and
none of those was called Arabic. What was learnt from the misses went into the rules; of 54 more
messages, written after that, 52 were found at the first reading.

The sets in `later/` were written after all that, in one go, before anything was run on them. The
odd lines are for development: their misses may be looked at. The even ones are held out: only their
counts have been. At the first reading of these 116 of 118 messages of Arabic in Latin letters were
found, 65 of 66 French and 64 of 65 English ones, and none of those was called Arabic. No list was
changed for either half. One team wrote lists and sets, so strangers' messages will come out worse.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.domain.rules.language import Detected, base
from wainbox_relay.language.detector import LONGEST, LocalDetector

HERE = Path(__file__).parent
LATER = HERE / "later"
HALVES = pytest.mark.parametrize("first", [0, 1], ids=["development", "held out"])
LABELLED = HERE.parents[3] / "shared" / "language" / "dev.tsv"
DIALECTS = {"egyptian", "levantine", "gulf", "moroccan", "algerian_tunisian"}


DETECTOR = LocalDetector()


@pytest.fixture
def detector() -> LocalDetector:
    return DETECTOR


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def languages(detector: LocalDetector, texts: list[str]) -> Counter[str]:
    return Counter(detector.detect(text).language for text in texts)


def test_arabic_in_latin_letters_is_found(detector):
    """At least 85 of 100 in every dialect, over at least 150 messages."""
    rows = [line.split("\t") for line in lines(HERE / "arabizi.tsv")]
    assert len(rows) >= 150
    assert {dialect for dialect, _ in rows} == DIALECTS
    for dialect in DIALECTS:
        texts = [text for of, text in rows if of == dialect]
        assert languages(detector, texts)["ar-Latn"] >= 0.85 * len(texts), dialect


@pytest.mark.parametrize(("name", "language"), [("french", "fr"), ("english", "en")])
def test_french_and_english_are_found_and_not_called_arabic(detector, name, language):
    """At least 85 of 100 found, fewer than one of 100 taken for Arabic."""
    texts = lines(HERE / f"{name}.txt")
    found = languages(detector, texts)
    assert len(texts) >= 150
    assert found[language] >= 0.85 * len(texts)
    assert found["ar"] + found["ar-Latn"] < 0.01 * len(texts)


@HALVES
def test_arabic_in_latin_letters_is_found_in_later_messages(detector, first):
    """At least 85 of 100 in every dialect, in messages that no list was made from."""
    rows = [line.split("\t") for line in lines(LATER / "arabizi.tsv")][first::2]
    assert len(rows) >= 115
    for dialect in DIALECTS:
        texts = [text for of, text in rows if of == dialect]
        assert languages(detector, texts)["ar-Latn"] >= 0.85 * len(texts), dialect


@HALVES
@pytest.mark.parametrize(("name", "language"), [("french", "fr"), ("english", "en")])
def test_later_french_and_english_is_not_called_arabic(detector, first, name, language):
    """Among them messages without accents, in the language of text messages, with names, codes,
    sizes and slips: at least 90 of 100 found, none of 65 taken for Arabic."""
    texts = lines(LATER / f"{name}.txt")[first::2]
    found = languages(detector, texts)
    assert len(texts) >= 65
    assert found[language] >= 0.90 * len(texts)
    assert found["ar"] + found["ar-Latn"] == 0


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled set is not beside the repository")
def test_the_labelled_set_is_understood(detector):
    """At least 97 of 100."""
    missed = []
    rows = [line.split("\t") for line in lines(LABELLED)[1:]]
    for right, _, text in rows:
        said = base(detector.detect(text).language) or "und"
        if said not in right.split("|"):
            missed.append((right, said, text))
    assert len(missed) <= 0.03 * len(rows), missed


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        ("وين طلبي؟", "ar", "script"),
        ("ال order رقم 48213 لسه موصلش", "ar", "script"),
        ("3ayez arga3 el gazma", "ar-Latn", "arabizi"),
        ("fin wslat lcommande dyali", "ar-Latn", "arabizi"),
        ("ok tmm", "ar-Latn", "arabizi"),
        ("merciii", "fr", "lexicon"),
        ("Votre livreur n’est jamais passé", "fr", "lexicon"),
        ("it's broken", "en", "lexicon"),
        ('My order "Jolie robe de soirée noire" arrived', "en", "lexicon"),
        ("Lorem ipsum dolor consectetur adipiscing", "en", "lingua"),
    ],
)
def test_the_reason_says_how_it_was_told(detector, text, language, reason):
    """Script, letters in digits and words, word lists, or a guess between French and English."""
    found = detector.detect(text)
    assert (found.language, found.reason) == (language, reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "👍",
        "٥",
        "XL",
        "2xl",
        "ok",
        "menu",
        "https://shop.example/produits/robe-noire",
        "customer@example.com",
        "#W-1042",
        "AB3-KD92",
        "iPhone 13",
        "7up",
        "omega3",
        "USB3 galaxy",
        "Andy",
        "Lina",
        "hamza",
        "meta",
        "law",
        "urgent",
        "top",
        "Привет, где мой заказ",
        "Mohammed Al Harbi",
    ],
)
def test_what_tells_no_language_keeps_the_one_we_know(detector, text):
    """Without a known one it is undetermined."""
    assert detector.detect(text).language == ""
    remembered = detector.detect(text, memory="fr")
    assert (remembered.language, remembered.reason) == ("fr", "memory")
    assert not remembered.told


@pytest.mark.parametrize(
    "text",
    [
        "iphone8 and airpods3 in stock?",
        "la 2eme et la 3eme robe svp",
        "mp3 player for the ps5 pls",
        "deliver to Villa 7, Al Wasl Road, Jumeirah",
        "Résidence Essaada Imm 4 Apt 9 Hay Riad Rabat",
        "tapis 2x3m prix",
        "see u 2day or 2morrow m8",
    ],
)
def test_digits_and_names_do_not_make_it_arabic(detector, text):
    """Models, ordinals, sizes, addresses and chat spellings are not Arabic."""
    assert detector.detect(text).language in {"fr", "en", ""}


def test_only_the_beginning_is_looked_at(detector):
    """What stands after the cap changes nothing."""
    begin = ("where is my order please " * 30)[:LONGEST]
    assert detector.detect(begin + "وين طلبي" * 1000) == detector.detect(begin)


@given(text=st.text(max_size=600), memory=st.sampled_from(["", "ar", "ar-Latn", "fr", "en"]))
def test_any_text_gets_an_answer(text, memory):
    """Nothing raises, whatever the characters; the answer is one of ours and repeats."""
    found = DETECTOR.detect(text, memory)
    assert isinstance(found, Detected)
    assert found.language in {"", "ar", "ar-Latn", "fr", "en"}
    assert 0 <= found.confidence <= 1
    assert found == DETECTOR.detect(text, memory)


MEMORY = """
import psutil
import wainbox_relay.domain.rules.language
before = psutil.Process().memory_info().rss
from wainbox_relay.language.detector import LocalDetector
detector = LocalDetector()
for n in range(2000):
    detector.detect(f"where is my order {n} je ne sais pas fin wslat 3afak")
print((psutil.Process().memory_info().rss - before) // 2**20)
"""


def test_the_detector_is_small():
    """Fewer than 50 MiB, models and lists and 2,000 messages included."""
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 50
