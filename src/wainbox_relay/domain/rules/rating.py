"""How a customer says how it was: one to five stars (`docs/design.md` section 7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wainbox_relay.contract.content import Answer, Choice, Content, Menu, Text
from wainbox_relay.contract.variables import fill
from wainbox_relay.contract.vocabulary import DAY, HOUR, MINUTE

AUTO = "rating"
"""What the question is called among what is said by itself."""
CHOICE = "rating:"
"""What the ids of the five rows begin with."""

SECOND_THOUGHTS = 10 * MINUTE
"""How long after a rating another one replaces it, and words after it say why."""
GOOD = 4
POOR = 2

_DIGITS = str.maketrans("١٢٣٤٥۱۲۳۴۵", "1234512345")
_OUT_OF_FIVE = re.compile(r"([1-5])(?:\s*(?:/|من|sur|out of|of)\s*5)?")
_STARS = re.compile("(?:[⭐★🌟]\\s*){1,5}")
_ASIDE = re.compile("[\ufe0f\u20e3]")
"""What makes a key or a picture of a digit or a star."""


@dataclass(frozen=True, slots=True)
class Question:
    """In one language: `rows` from five stars to one, `opens` is the word on the list's button."""

    body: str
    opens: str
    rows: tuple[str, ...]

    def menu(self, ticket: str) -> Menu:
        choices = tuple(
            Choice(id=f"{CHOICE}{5 - place}", title=title) for place, title in enumerate(self.rows)
        )
        return Menu(body=fill(self.body, {"ticket_id": ticket}), choices=choices, opens=self.opens)


@dataclass(frozen=True, slots=True)
class Asking:
    """How and when customers are asked. Lengths in microseconds; `template` asks outside the
    window; `words` are by language, English among them."""

    words: Mapping[str, Question] = field(default_factory=dict)
    after: int = 10 * MINUTE
    every: int = 7 * DAY
    valid: int = 72 * HOUR
    template: str = ""

    def question(self, language: str) -> Question:
        return self.words.get(language.partition("-")[0]) or self.words["en"]


def chosen(content: Content) -> int | None:
    """The stars of a chosen row."""
    if not isinstance(content, Answer) or not content.id.startswith(CHOICE):
        return None
    number = content.id.removeprefix(CHOICE).partition(":")[0]
    return int(number) if number in {"1", "2", "3", "4", "5"} else None


def typed(content: Content) -> int | None:
    """The stars of a message that is nothing but a number from one to five, or stars."""
    if not isinstance(content, Text):
        return None
    text = _ASIDE.sub("", content.body).strip(" .!\n").translate(_DIGITS)
    if (match := _OUT_OF_FIVE.fullmatch(text)) is not None:
        return int(match[1])
    if _STARS.fullmatch(text) is None:
        return None
    return sum(character in "⭐★🌟" for character in text)
