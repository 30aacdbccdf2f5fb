"""`[bot]` and `[[menu]]`: the menu that meets customers, as an operator writes it."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from wainbox_relay.contract.vocabulary import MINUTE, NumberId
from wainbox_relay.domain.rules.menu import (
    LANGUAGE,
    LONGEST_ABOUT,
    LONGEST_BUTTONS_BODY,
    LONGEST_ROW,
    MOST_ROWS,
    PERSON,
    Node,
    Tree,
    Way,
    faults,
)
from wainbox_relay.domain.rules.texts import LANGUAGES, Texts
from wainbox_relay.sections.base import Positive, Section, Words, comma_separated
from wainbox_relay.sections.closed import Sayings, at_most, naming

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Title = Annotated[Sayings, at_most(LONGEST_ROW), naming()]
About = Annotated[Sayings, at_most(LONGEST_ABOUT), naming()]
Body = Annotated[Sayings, at_most(LONGEST_BUTTONS_BODY), naming()]

EXAMPLE = (
    {
        "name": "start",
        "text": {
            "ar": "كيف نساعدك؟",
            "fr": "Comment vous aider ?",
            "en": "How can we help?",
        },
        "choices": (
            {
                "name": "order",
                "title": {"ar": "طلبي", "fr": "Ma commande", "en": "My order"},
                "about": {"ar": "أين هو؟", "fr": "Où est-elle ?", "en": "Where is it?"},
                "topic": "order",
            },
            {
                "name": "return",
                "title": {
                    "ar": "إرجاع أو استبدال",
                    "fr": "Retour ou échange",
                    "en": "Return or exchange",
                },
                "topic": "return",
                "to": "return",
            },
            {
                "name": "payment",
                "title": {"ar": "الدفع", "fr": "Paiement", "en": "Payment"},
                "topic": "payment",
            },
            {
                "name": "other",
                "title": {"ar": "شيء آخر", "fr": "Autre chose", "en": "Something else"},
            },
        ),
    },
    {
        "name": "return",
        "text": {"ar": "ماذا تريد؟", "fr": "Que souhaitez-vous ?", "en": "What would you like?"},
        "choices": (
            {
                "name": "how",
                "title": {"ar": "كيف أُرجع؟", "fr": "Comment faire ?", "en": "How does it work?"},
                "answer": {
                    "ar": "لديك 14 يوماً. أعد القطعة في علبتها مع رقم الطلب، والإرجاع مجاني.",
                    "fr": "Vous avez 14 jours. Renvoyez l'article dans sa boîte, avec le numéro de "
                    "commande ; le retour est gratuit.",
                    "en": "You have 14 days. Send it back in its box with the order number; "
                    "returns are free.",
                },
            },
            {
                "name": "begin",
                "title": {"ar": "أريد الإرجاع", "fr": "Faire un retour", "en": "Start a return"},
            },
        ),
    },
)
"""A shop's menu, for the example file."""


class BotSection(Section):
    """Where and how long the menu speaks. Its questions are the [[menu]] blocks; without any there
    is no menu."""

    numbers: Words = Field(
        (), description="The numbers it speaks on, by id. Empty: on all of them."
    )
    idle_minutes: Positive = Field(
        3,
        description="A customer who has said something and leaves the menu alone goes to a person.",
    )
    skip_ads: bool = Field(
        True, description="Who comes by an advertisement goes to a person at once, as VIPs do."
    )


class WaySection(Section):
    """A choice. It leads to another question (`to`), to an `answer` that ends the talk, or else to
    a person. Talking to a person is offered everywhere."""

    name: Name = Field(description="Its name; never change it for another meaning.")
    title: Title = Field(description="What customers tap, by language (24 characters).")
    about: About = Field({}, description="A line below it, which makes a list of it (72).")
    topic: str = Field("", description="The topic it gives the conversation.")
    to: str = Field("", description="The question that follows.")
    answer: Body = Field({}, description="What customers read; the case is closed with it.")


class NodeSection(Section):
    """A question of the menu. The first block is where it begins."""

    name: Name = Field(description="The name that choices use in to.")
    text: Body = Field(description="The question, by language.")
    choices: tuple[WaySection, ...] = Field(
        description="What can be tapped, up to nine.", max_length=MOST_ROWS - 1
    )


def _sound(nodes: tuple[NodeSection, ...]) -> tuple[NodeSection, ...]:
    if found := "; ".join(_at_odds(nodes)):
        raise ValueError(f"a menu that hangs together ({found})")
    return nodes


def _at_odds(nodes: Sequence[NodeSection]) -> Iterator[str]:
    """Everything that does not fit, each with where it is."""
    names = [node.name for node in nodes]
    yield from (f"{name} is there twice" for name in sorted(set(names)) if names.count(name) > 1)
    yield from (f"{name} has a name of its own" for name in names if name in (LANGUAGE, PERSON))
    led = {way.to for node in nodes for way in node.choices}
    yield from (f"nothing leads to {name}" for name in names[1:] if name not in led)
    for node in nodes:
        for way in node.choices:
            yield from _way_at_odds(f"{node.name}.{way.name}", way, names)
        if not node.choices:
            yield f"{node.name} has no choice"
        if len({way.name for way in node.choices}) < len(node.choices):
            yield f"{node.name} has two choices of one name"


def _way_at_odds(where: str, way: WaySection, names: Sequence[str]) -> Iterator[str]:
    if way.to and way.to not in names:
        yield f"{where} leads to {way.to}, which is no block"
    if way.to and way.answer:
        yield f"{where} has both to and answer"


Menu = Annotated[tuple[NodeSection, ...], BeforeValidator(comma_separated), AfterValidator(_sound)]


def tree(bot: BotSection, nodes: Sequence[NodeSection], texts: Texts) -> Tree | None:
    """The menu, or None where there is none."""
    if not nodes:
        return None
    return Tree(
        start=nodes[0].name,
        nodes={node.name: _node(node) for node in nodes},
        person=texts.words.get("person") or texts.shipped["person"],
        opens=texts.words.get("opens") or texts.shipped["opens"],
        numbers=frozenset(map(NumberId, bot.numbers)),
        idle=int(bot.idle_minutes * MINUTE),
        skips_ads=bot.skip_ads,
    )


def _node(node: NodeSection) -> Node:
    ways = (
        Way(
            name=way.name,
            titles=way.title,
            abouts=way.about,
            topic=way.topic,
            to=way.to,
            answers=way.answer,
        )
        for way in node.choices
    )
    return Node(node.name, node.text, tuple(ways))


def unsendable(tree: Tree) -> Iterator[str]:
    """What of the menu WhatsApp would refuse, in some language."""
    for node in tree.nodes.values():
        for language in LANGUAGES:
            asked = tree.asked(node, language)
            yield from (f"{node.name} in {language}: {fault}" for fault in faults(asked))
