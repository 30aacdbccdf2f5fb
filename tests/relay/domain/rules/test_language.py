"""When a conversation follows its customer's language, what we speak by ourselves, and when a
reply is asked about."""

import pytest

from wainbox_relay.contract.vocabulary import Moment
from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.rules.language import Detected, heard, mismatch, spoken

T = Moment(1_796_083_200_000_000)
NOTHING = Detected(words=1)
REMEMBERED = Detected("ar", 0.6, "memory", 1)
SHORT_FRENCH = Detected("fr", 0.89, "lexicon", 2)
LONG_FRENCH = Detected("fr", 0.95, "lexicon", 6)
LONG_ENGLISH = Detected("en", 0.95, "lexicon", 6)
GUESSED = Detected("en", 0.8, "lingua", 9)
ARABIC = Detected("ar", 1.0, "script", 5)
LATIN = Detected("ar-Latn", 0.95, "arabizi", 6)


def case(language="", by="", hint="") -> Conversation:
    return Conversation(
        id=1,
        ref=1042,
        number="n",
        thread=1,
        customer=1,
        opened_at=T,
        language=language,
        language_by=by,
        language_hint=hint,
    )


def after(conversation, *messages) -> tuple[str, str]:
    for message in messages:
        conversation = heard(conversation, message)
    return conversation.language, conversation.language_by


@pytest.mark.parametrize(
    ("before", "messages", "language"),
    [
        (case(), [NOTHING], ("", "")),
        (case(), [SHORT_FRENCH], ("fr", "lexicon")),
        (case(), [NOTHING, GUESSED], ("en", "lingua")),
        (case("ar", "script"), [SHORT_FRENCH], ("ar", "script")),
        (case("ar", "script"), [SHORT_FRENCH, SHORT_FRENCH], ("fr", "lexicon")),
        (case("ar", "script"), [SHORT_FRENCH, NOTHING, SHORT_FRENCH], ("fr", "lexicon")),
        (case("ar", "script"), [SHORT_FRENCH, REMEMBERED, SHORT_FRENCH], ("fr", "lexicon")),
        (case("ar", "script"), [SHORT_FRENCH, ARABIC, SHORT_FRENCH], ("ar", "script")),
        (case("ar", "script"), [SHORT_FRENCH, GUESSED], ("ar", "script")),
        (case("ar", "script"), [SHORT_FRENCH, GUESSED, GUESSED], ("en", "lingua")),
        (case("ar", "script"), [LONG_FRENCH], ("fr", "lexicon")),
        (case("ar", "script"), [GUESSED], ("ar", "script")),
        (case("ar", "script"), [LATIN], ("ar-Latn", "arabizi")),
        (case("ar", "menu"), [LONG_FRENCH], ("fr", "lexicon")),
        (case("ar", "hand"), [LONG_FRENCH, LONG_FRENCH], ("ar", "hand")),
    ],
)
def test_the_language_follows_what_is_sure_or_heard_twice(before, messages, language):
    """Words that tell nothing neither confirm nor break a row; set by hand it stays."""
    assert after(before, *messages) == language


def test_a_message_in_the_known_language_changes_nothing():
    """The same value comes back, so that nobody writes it."""
    before = case("ar", "script")
    assert heard(before, ARABIC) is before


@pytest.mark.parametrize(
    ("language", "phone", "default", "we_speak"),
    [
        ("en", "212612345678", "fr", "en"),
        ("", "212612345678", "", "fr"),
        ("", "212612345678", "ar", "ar"),
        ("", "+201001234567", "fr", "ar"),
        ("", "966501234567", "en", "ar"),
        ("", "971501234567", "en", "en"),
        ("", "33612345678", "ar", "fr"),
        ("", "14155550100", "ar", "en"),
        ("", "819012345678", "fr", "fr"),
        ("", "", "en", "en"),
        ("", "", "", ""),
    ],
)
def test_what_we_speak_by_ourselves(language, phone, default, we_speak):
    """The conversation's language; else the number's where it is read, else what is read there."""
    assert spoken(case(language), phone, default) == we_speak


@pytest.mark.parametrize(
    ("ours", "conversation", "asked"),
    [
        (LONG_ENGLISH, case("ar", "script"), "You write English; the customer wrote Arabic."),
        (LONG_ENGLISH, case("ar", "hand"), "You write English; the customer reads Arabic."),
        (LONG_FRENCH, case("ar-Latn", "arabizi"), "wrote Arabic in Latin letters."),
        (ARABIC, case("fr", "lexicon"), "You write Arabic; the customer wrote French."),
        (LATIN, case("fr"), "You write Arabic; the customer reads French."),
    ],
)
def test_a_reply_in_another_language_is_asked_about(ours, conversation, asked):
    """The sentence names both languages and what can be done."""
    sentence = mismatch(ours, conversation)
    assert asked in sentence
    assert sentence.endswith("Send it anyway, or change it.")


@pytest.mark.parametrize(
    ("ours", "conversation"),
    [
        (LONG_ENGLISH, case("en", "lexicon")),
        (ARABIC, case("ar-Latn", "arabizi")),
        (LATIN, case("ar", "script")),
        (LONG_ENGLISH, case()),
        (SHORT_FRENCH, case("ar", "script")),
        (GUESSED, case("ar", "script")),
        (NOTHING, case("ar", "script")),
        (LONG_ENGLISH, case("ar", "script", hint="en")),
        (LONG_ENGLISH, case("es", "hand")),
    ],
)
def test_a_reply_is_not_asked_about_without_need(ours, conversation):
    """The same language in either script, few words, a guess, one side unknown, or the customer
    has just written so too."""
    assert mismatch(ours, conversation) == ""
