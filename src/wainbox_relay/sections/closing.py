"""How conversations end: what needs no answer, and silence."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import Field

from wainbox_relay.contract.vocabulary import DAY
from wainbox_relay.domain.rules.courtesy import Courtesies
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


@cache
def _known() -> dict[str, list[str]]:
    text = files("wainbox_relay.texts").joinpath("courtesies.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def courtesies(more: tuple[str, ...] = ()) -> Courtesies:
    """The words that need no answer, with the operator's own."""
    known = _known()
    return Courtesies.of((*known["thanks"], *more), known["around"], known["emoji"], known["angry"])


def silence(section: ClosingSection) -> int:
    """In microseconds; 0 for never."""
    return int(section.silence_days * DAY)
