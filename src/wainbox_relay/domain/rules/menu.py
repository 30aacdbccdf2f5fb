"""The menu that meets a customer before a person does: its questions, what an answer means, and how
much of it WhatsApp takes (`docs/design.md` section 10).

Vendor's pages: "Interactive reply buttons messages" and "Interactive list messages".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from wainbox_relay.contract.content import Answer, Choice, Content, Menu, Sticker, Text
from wainbox_relay.contract.folding import fold
from wainbox_relay.contract.vocabulary import HOUR, MINUTE, NumberId
from wainbox_relay.domain.rules.texts import Words, said
from wainbox_relay.domain.rules.wording import Phrases, same, words

MOST_BUTTONS, LONGEST_BUTTON, LONGEST_BUTTONS_BODY = 3, 20, 1024
MOST_ROWS, LONGEST_ROW, LONGEST_ABOUT, LONGEST_LIST_BODY = 10, 24, 72, 4096

LANGUAGE = "language"
"""The name of the question which language to speak; no node of a tree has it."""
PERSON: Final = "person"
"""The choice that every question has."""

TONGUES = {"ar": "العربية", "fr": "Français", "en": "English"}

SAME_BREATH = 10
"""Seconds after a question in which a message cannot be its answer yet."""
PATIENCE = 1
"""Answers that fit nothing and are asked again, once."""
MOST_IN_AN_HOUR = 8
"""Questions to one customer. Who needs more is a machine, or lost."""


def faults(menu: Menu) -> Iterator[str]:
    """What WhatsApp would refuse of it."""
    listed = bool(menu.opens)
    most, title = (MOST_ROWS, LONGEST_ROW) if listed else (MOST_BUTTONS, LONGEST_BUTTON)
    yield from _too_long(
        "the text", menu.body, LONGEST_LIST_BODY if listed else LONGEST_BUTTONS_BODY
    )
    yield from _too_long("the word on the button", menu.opens, LONGEST_BUTTON)
    if not menu.body.strip():
        yield "it asks nothing"
    if not 0 < len(menu.choices) <= most:
        yield f"it has {len(menu.choices)} choices, and WhatsApp shows 1 to {most}"
    for choice in menu.choices:
        yield from _too_long(f"“{choice.title}”", choice.title, title)
        yield from _too_long(f"what is said of “{choice.title}”", choice.description, LONGEST_ABOUT)
        if not choice.title.strip():
            yield "a choice has no title"
    titles = [fold(choice.title) for choice in menu.choices]
    if len(set(titles)) < len(titles):
        yield "two choices have the same title"


def _too_long(what: str, text: str, most: int) -> Iterator[str]:
    if len(text) > most:
        yield f"{what} has {len(text)} characters, and WhatsApp takes {most}"


@dataclass(frozen=True, slots=True)
class Way:
    """One choice of a question. It sets `topic`, if any, and leads to the node `to`, to an answer
    that ends the talk, or to a person."""

    name: str
    titles: Words
    abouts: Words = field(default_factory=dict)
    topic: str = ""
    to: str = ""
    answers: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """One question."""

    name: str
    texts: Words
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The menu. `person` and `opens` are the titles of the choice "talk to a person" and of the
    button that shows a list. It speaks on `numbers`, on all of them when there are none."""

    start: str
    nodes: Mapping[str, Node]
    person: Words
    opens: Words
    numbers: frozenset[NumberId] = frozenset()
    idle: int = 3 * MINUTE
    gives_up: int = 24 * HOUR
    skips_ads: bool = True

    def speaks_on(self, number: NumberId) -> bool:
        return not self.numbers or number in self.numbers

    def asked(self, node: Node, language: str, body: str = "") -> Menu:
        """The question as WhatsApp shows it: buttons where they do, else a list. `body` stands
        before it."""
        text = "\n\n".join(filter(None, (body, said(node.texts, language))))
        choices = tuple(
            Choice(
                id=f"menu:{node.name}:{way.name}",
                title=said(way.titles, language),
                description=said(way.abouts, language),
            )
            for way in node.ways
        )
        return self.offered(text, (*choices, self._to_person(language)), language)

    def offered(self, text: str, choices: tuple[Choice, ...], language: str) -> Menu:
        """Any choices: as buttons if they fit on them."""
        fit = len(choices) <= MOST_BUTTONS and len(text) <= LONGEST_BUTTONS_BODY
        plain = all(len(c.title) <= LONGEST_BUTTON and not c.description for c in choices)
        opens = "" if fit and plain else said(self.opens, language)
        return Menu(body=text, choices=choices, opens=opens)

    def answered(self, way: Way, language: str) -> Menu:
        """What a choice tells the customer, with a person one tap away."""
        return self.offered(said(way.answers, language), (self._to_person(language),), language)

    def _to_person(self, language: str) -> Choice:
        return Choice(id=PERSON, title=said(self.person, language))

    def understood(
        self, content: Content, asked: str, human: Phrases
    ) -> Way | Literal["person"] | None:
        """What the customer wants: one of the ways, a person, or nothing that the menu knows. A
        tap counts for the question it stood under, also when a later one has been asked."""
        if isinstance(content, Answer):
            return self._tapped(content.id)
        if not isinstance(content, Text):
            return None
        if human.found_in(content.body):
            return PERSON
        return self._typed(content.body, self.nodes.get(asked))

    def _tapped(self, answer: str) -> Way | Literal["person"] | None:
        if answer == PERSON:
            return PERSON
        _, _, place = answer.partition("menu:")
        name, _, choice = place.partition(":")
        node = self.nodes.get(name)
        return next((way for way in node.ways if way.name == choice), None) if node else None

    def _typed(self, text: str, node: Node | None) -> Way | Literal["person"] | None:
        """A title in any language, or its place in the list."""
        if node is None:
            return None
        if any(same(text, title) for title in self.person.values()):
            return PERSON
        places = {str(place): way for place, way in enumerate(node.ways, start=1)}
        if (chosen := places.get(fold(text.strip(" .)#")))) is not None:
            return chosen
        if fold(text.strip()) == str(len(node.ways) + 1):
            return PERSON
        titled = (w for w in node.ways if any(same(text, t) for t in w.titles.values()))
        return next(titled, None)


_QUESTION = re.compile("[?؟]")

LANGUAGE_CHOICES = tuple(Choice(id=f"{LANGUAGE}:{each}", title=TONGUES[each]) for each in TONGUES)


def tongue(content: Content) -> str:
    """The language that somebody chose or named, in answer to the question which one."""
    if isinstance(content, Answer):
        chosen = content.id.removeprefix(f"{LANGUAGE}:")
        return chosen if content.id != chosen and chosen in TONGUES else ""
    return _named(content.body) if isinstance(content, Text) else ""


def _named(text: str) -> str:
    """By its place, its short name, or its name among a few words: `English please`."""
    if not words(text):
        return ""
    if alone := [code for code, names in _SHORT.items() if names.nothing_else(text)]:
        return alone[0]
    if len(words(text)) > _FEW_WORDS:
        return ""
    among = [code for code, names in _NAMES.items() if names.found_in(text)]
    return among[0] if len(among) == 1 else ""


_FEW_WORDS = 4
_SHORT = {
    "ar": Phrases.of(("1", "ar")),
    "fr": Phrases.of(("2", "fr")),
    "en": Phrases.of(("3", "en")),
}
_NAMES = {
    "ar": Phrases.of(
        (
            *("العربية", "عربي", "عربية", "بالعربي", "بالعربية", "arabic", "arabe"),
            *("3arbi", "3arabi", "3arabia", "l3arbia", "arabi", "arbia"),
        )
    ),
    "fr": Phrases.of(
        (
            *("français", "french", "فرنسية", "فرنسي", "الفرنسية", "بالفرنسية", "بالفرنساوي"),
            *("fransia", "fransawi", "faransi"),
        )
    ),
    "en": Phrases.of(
        (
            *("english", "anglais", "الإنجليزية", "انجليزي", "إنجليزية", "بالإنجليزية"),
            *("بالانجليزي", "ingliz", "inglizi", "englizi"),
        )
    ),
}


def has_content(content: Content, greetings: Phrases) -> bool:
    """Whether a person should read this: more than a greeting, a sticker or a sign."""
    match content:
        case Text(body=body):
            return not greetings.nothing_else(body) or bool(_QUESTION.search(body))
        case Sticker():
            return False
        case _:
            return True
