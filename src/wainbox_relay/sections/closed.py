"""What Wainbox says by itself, when it says it, and what cannot wait.

The words it brings are in `texts/`, one file a language; `[texts]` replaces them one by one.
"""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from wainbox_relay.contract.variables import complaint, unknown
from wainbox_relay.domain.rules.closed import AfterHours, Dates
from wainbox_relay.domain.rules.menu import LONGEST_BUTTON, LONGEST_LIST_BODY
from wainbox_relay.domain.rules.texts import LANGUAGES, Texts
from wainbox_relay.domain.rules.texts import Words as Saying
from wainbox_relay.domain.rules.urgency import Urgency
from wainbox_relay.domain.rules.wording import Phrases
from wainbox_relay.sections.base import Phrased, Section, Words

PERSON = ("customer.first_name", "customer.name", "number.name", "ticket_id")
"""What every text may name."""
HOURS = (*PERSON, "hours", "opens_at")


# -- kinds of values ---------------------------------------------------------------------------


def in_each_language(value: object) -> object:
    """One text for all, or a table with ar, fr and en; from the environment as JSON."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise ValueError("a text, or a table of texts by language") from None
    if isinstance(value, str):
        return dict.fromkeys(LANGUAGES, value) if value else {}
    return value


def _complete(saying: Saying) -> Saying:
    known = (*LANGUAGES, "ar-Latn")
    if strange := sorted(set(saying) - set(known)):
        raise ValueError(f"texts in {', '.join(known)} ({', '.join(strange)} is none)")
    if saying and (missing := [each for each in LANGUAGES if not saying.get(each, "").strip()]):
        raise ValueError(f"a text in each language ({', '.join(missing)} is missing)")
    return saying


def at_most(most: int) -> AfterValidator:
    """Texts that WhatsApp takes."""

    def check(saying: Saying) -> Saying:
        for language, text in saying.items():
            if len(text) > most:
                raise ValueError(f"at most {most} characters ({language} has {len(text)})")
        return saying

    return AfterValidator(check)


def naming(*allowed: str) -> AfterValidator:
    """Texts that name only what is known when they are said."""

    def check(saying: Saying) -> Saying:
        for text in saying.values():
            if strange := unknown(text, allowed):
                raise ValueError(complaint(strange, allowed))
        return saying

    return AfterValidator(check)


Sayings = Annotated[Mapping[str, str], BeforeValidator(in_each_language), AfterValidator(_complete)]
Told = Annotated[Sayings, at_most(LONGEST_LIST_BODY // 2), naming(*PERSON)]
ToldWithHours = Annotated[Sayings, at_most(LONGEST_LIST_BODY // 2), naming(*HOURS)]
OnButton = Annotated[Sayings, at_most(LONGEST_BUTTON), naming()]


# -- the sections ------------------------------------------------------------------------------


class AfterHoursSection(Section):
    """What happens by itself while a number's calendar is closed."""

    reply: bool = Field(
        True, description="The first message of a closed time gets one automatic reply."
    )
    nudge: bool = Field(
        False,
        description="Where the 24 hours for free answers end before we open: ask the customer "
        "once, two to four hours before and by day, to keep the request open by a tap.",
    )
    day_begins: Annotated[int, Field(ge=0, le=23)] = Field(
        9, description="From this hour on it is day, in the calendar's zone."
    )
    day_ends: Annotated[int, Field(ge=1, le=24)] = Field(
        21, description="From this hour on nobody is nudged."
    )

    def rules(self) -> AfterHours:
        return AfterHours(self.reply, self.nudge, self.day_begins, self.day_ends)


class UrgencySection(Section):
    """What cannot wait. It is marked; and while we are closed, whoever is on call is paged."""

    topics: Words = Field((), description="Topics of the menu, such as payment.")
    words: Phrased = Field(
        (),
        description="Words and phrases of customers, in any language, such as charged twice.",
    )
    vip: bool = Field(False, description="Whatever a VIP writes.")

    def rules(self) -> Urgency | None:
        """None when nothing is urgent."""
        if not (self.topics or self.words or self.vip):
            return None
        return Urgency(frozenset(self.topics), Phrases.of(self.words), self.vip)


class TextsSection(Section):
    """What Wainbox says by itself, where its own words are not to be used: one text for all
    customers, or a table with ar, fr and en. Places such as {{ticket_id}} are filled."""

    closed: ToldWithHours = Field(
        {},
        description="The automatic reply while closed. May name {{opens_at}} and {{hours}}.",
    )
    closed_for_long: Told = Field(
        {}, description="The same where the calendar knows of no opening any more."
    )
    again: Told = Field({}, description="Said once when an answer to the menu fits nothing.")
    handed: Told = Field({}, description="Said when the menu hands over to a person.")
    late: Told = Field({}, description="Said once when that person does not come in time.")
    still: ToldWithHours = Field({}, description="Asks to keep a request open: after_hours.nudge.")
    person: OnButton = Field({}, description="The choice for a person (20 characters).")
    opens: OnButton = Field({}, description="What shows the choices of a list (20 characters).")
    keep: OnButton = Field({}, description="The button that keeps a request open (20 characters).")

    def rules(self) -> Texts:
        own: dict[str, Saying] = {
            "closed": self.closed,
            "closed_for_long": self.closed_for_long,
            "again": self.again,
            "handed": self.handed,
            "late": self.late,
            "still": self.still,
            "person": self.person,
            "opens": self.opens,
            "keep": self.keep,
        }
        asked = _brought("asked")
        return Texts(
            words=own,
            shipped=shipped(),
            dates={each: _dates(_brought(each)["dates"]) for each in LANGUAGES},
            person=Phrases.of(asked["person"]),
            greetings=Phrases.of(asked["greetings"]),
        )


@cache
def _brought(name: str) -> dict[str, Any]:
    text = files("wainbox_relay.texts").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def shipped() -> dict[str, Saying]:
    """Wainbox's own words, by name."""
    names = [name for name in _brought(LANGUAGES[0]) if name != "dates"]
    return {name: {each: _brought(each)[name] for each in LANGUAGES} for name in names}


def _dates(told: Mapping[str, Any]) -> Dates:
    return Dates(**{**told, "days": tuple(told["days"]), "months": tuple(told["months"])})
