"""Which language a conversation has: what one message tells, when the conversation follows it, what
we speak by ourselves, and whether a reply is in the wrong one.

`ar`, `ar-Latn` (Arabic in Latin letters), `fr` and `en`; an empty language is undetermined.
"""

from dataclasses import dataclass

from wainbox_relay.domain.copying import replace
from wainbox_relay.domain.model import Conversation

MANY_WORDS = 4
SURE = 0.8
MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Detected:
    """`reason` is what told it: `script`, `arabizi`, `lexicon`, `lingua`, or `memory` when the
    message itself told nothing."""

    language: str = ""
    confidence: float = 0.0
    reason: str = ""
    words: int = 0

    @property
    def told(self) -> bool:
        """Whether these words themselves say which language they are."""
        return bool(self.language) and self.reason != MEMORY

    @property
    def sure(self) -> bool:
        """Enough to go by this one message."""
        return self.told and self.words >= MANY_WORDS and self.confidence > SURE


_NOT_HEARD = {"", "hand", "menu"}
"""Chosen, or known from before; the customer's own words in this conversation did not tell."""

_NAMES = {"ar": "Arabic", "ar-Latn": "Arabic in Latin letters", "fr": "French", "en": "English"}

_READ = {
    "1": ("en", "fr"),
    "20": ("ar", "en"),
    "32": ("fr", "en"),
    "33": ("fr",),
    "41": ("fr", "en"),
    "44": ("en",),
    "212": ("fr", "ar"),
    "213": ("fr", "ar"),
    "216": ("fr", "ar"),
    "218": ("ar",),
    "222": ("ar", "fr"),
    "249": ("ar",),
    "352": ("fr", "en"),
    "353": ("en",),
    "377": ("fr",),
    "961": ("ar", "fr", "en"),
    "962": ("ar", "en"),
    "963": ("ar",),
    "964": ("ar",),
    "965": ("ar", "en"),
    "966": ("ar",),
    "967": ("ar",),
    "968": ("ar", "en"),
    "970": ("ar",),
    "971": ("ar", "en"),
    "973": ("ar", "en"),
    "974": ("ar", "en"),
}
"""What people with a phone from there read, most likely first, by dialling code."""
_LONGEST_CODE = 3


def base(language: str) -> str:
    """The language without its script: who writes Arabic in Latin letters writes Arabic."""
    return language.partition("-")[0]


def heard(conversation: Conversation, detected: Detected) -> Conversation:
    """The conversation after a message of the customer's. Another language counts when it is heard
    twice running or once in many sure words; a message that tells none changes nothing."""
    if not detected.told or conversation.language_by == "hand":
        return conversation
    if detected.language == conversation.language:
        return (
            replace(conversation, language_hint="") if conversation.language_hint else conversation
        )
    first = not conversation.language
    if first or detected.sure or detected.language == conversation.language_hint:
        return replace(
            conversation,
            language=detected.language,
            language_by=detected.reason,
            language_hint="",
        )
    return replace(conversation, language_hint=detected.language)


def spoken(conversation: Conversation, phone: str, default: str) -> str:
    """What we speak by ourselves: the conversation's language, else what the customer's dialling
    code and the number's own language (`default`) suggest."""
    return conversation.language or _suggested(phone, default)


def _suggested(phone: str, default: str) -> str:
    """The number's language where it is read, else what is read most."""
    codes = (phone.lstrip("+")[:length] for length in range(_LONGEST_CODE, 0, -1))
    read = next((_READ[code] for code in codes if code in _READ), ())
    return default if default in read or not read else read[0]


def mismatch(ours: Detected, conversation: Conversation) -> str:
    """What to ask before a reply goes out in another language than the customer's; empty when it
    fits, or when either side is not certain."""
    theirs = conversation.language
    if not ours.sure or theirs not in _NAMES or base(ours.language) == base(theirs):
        return ""
    if base(conversation.language_hint) == base(ours.language):
        return ""
    wrote = "reads" if conversation.language_by in _NOT_HEARD else "wrote"
    return (
        f"You write {_NAMES[base(ours.language)]}; the customer {wrote} {_NAMES[theirs]}."
        " Send it anyway, or change it."
    )
