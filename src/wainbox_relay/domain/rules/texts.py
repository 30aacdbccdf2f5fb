"""What Wainbox says by itself, in the customer's language (`docs/design.md` section 10).

A text speaks Arabic, French or English; Arabic in Latin letters is answered in Arabic, unless it
has texts of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from wainbox_relay.contract.variables import fill, missing
from wainbox_relay.domain.rules.closed import Dates
from wainbox_relay.domain.rules.wording import Phrases

LANGUAGES = ("ar", "fr", "en")
OTHERWISE = "en"
"""For everybody whose language we do not speak."""

Words = Mapping[str, str]
"""One saying in each language."""


def ours(language: str, among: Collection[str] = LANGUAGES) -> str:
    """The language of ours that does best for a customer's."""
    for wanted in (language, language.partition("-")[0], OTHERWISE):
        if wanted in among:
            return wanted
    return next(iter(among), "")


def said(words: Words, language: str) -> str:
    """The saying, in the language that does best."""
    return words.get(ours(language, words), "")


@dataclass(frozen=True, slots=True)
class Texts:
    """By name. `shipped` are Wainbox's own, which name nothing that may be unknown of a customer:
    they stand in where an operator's text does. `person` are words that ask for one, and
    `greetings` those that say nothing yet."""

    words: Mapping[str, Words] = field(default_factory=dict)
    shipped: Mapping[str, Words] = field(default_factory=dict)
    dates: Mapping[str, Dates] = field(default_factory=dict)
    person: Phrases = field(default_factory=Phrases)
    greetings: Phrases = field(default_factory=Phrases)

    def say(self, name: str, language: str, values: Mapping[str, str] | None = None) -> str:
        """The text with its places filled; what a customer wrote goes in literally."""
        known = values or {}
        text = said(self.words.get(name, {}), language)
        if not text or missing(text, known):
            text = said(self.shipped.get(name, {}), language)
        return fill(text, known)

    def dates_in(self, language: str) -> Dates:
        return self.dates[ours(language, self.dates)]
