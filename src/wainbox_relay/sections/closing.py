"""How conversations end: what needs no answer, silence, and the question how it was."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import Field

from wainbox_relay.contract.vocabulary import DAY, HOUR, MINUTE
from wainbox_relay.domain.rules.courtesy import Courtesies
from wainbox_relay.domain.rules.rating import Asking, Question
from wainbox_relay.sections.base import Amount, Section, Words


class ClosingSection(Section):
    """How conversations end by themselves."""

    silence_days: Amount = Field(
        3,
        description="A customer who stays silent this long after our answer has nothing more to "
        "ask, and the case closes by itself. 0: never.",
    )
    thanks: Words = Field(
        (), description="Further words that need no answer, beside those that Wainbox knows."
    )


class RatingSection(Section):
    """The question how it was: one to five stars, after a person has resolved a case."""

    ask: bool = Field(False, description="Whether customers are asked at all.")
    after_minutes: Amount = Field(
        10,
        description="Minutes between the resolve and the question. "
        "Never less than `desk.undo_minutes`.",
    )
    every_days: Amount = Field(
        7, description="A customer is asked at most once in so many days, over all numbers."
    )
    valid_hours: Amount = Field(72, description="How long an answer counts.")
    template: str = Field(
        "",
        description="Name of an approved template that asks when the reply window has shut. "
        "Empty: then nobody is asked, and the reason is noted.",
    )


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("wainbox_relay.texts").joinpath(name).read_text(encoding="utf-8"))


def courtesies(more: tuple[str, ...] = ()) -> Courtesies:
    """The words that need no answer, with the operator's own."""
    known = _read("courtesies.toml")
    return Courtesies.of(
        thanks=(*known["thanks"], *more),
        **{name: known[name] for name in ("around", "agreed", "emoji", "stop", "angry")},
    )


def _questions() -> dict[str, Question]:
    return {
        language: Question(words["body"], words["opens"], tuple(words["rows"]))
        for language, words in _read("rating.toml").items()
    }


def silence(section: ClosingSection) -> int:
    """In microseconds; 0 for never."""
    return int(section.silence_days * DAY)


def asking(section: RatingSection, undo_window: int) -> Asking | None:
    """How customers are asked, or None when they are not."""
    if not section.ask:
        return None
    return Asking(
        words=_questions(),
        after=max(int(section.after_minutes * MINUTE), undo_window),
        every=int(section.every_days * DAY),
        valid=int(section.valid_hours * HOUR),
        template=section.template,
    )
