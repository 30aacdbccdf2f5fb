"""How work is handed out: the operator's rules, in their order, and the model that chooses among
those who can take it (`docs/design.md` section 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from wainbox_relay.contract.vocabulary import MINUTE, SECOND, AgentId, NumberId, Priority, TeamId
from wainbox_relay.domain.rules.wording import Phrases

T = TypeVar("T")


class Model(StrEnum):
    """Manual: everything waits for a person. Skill based: who names the skill that is needed goes
    before who takes anything. First available: whoever owes no answer just now."""

    MANUAL = "manual"
    ROUND_ROBIN = "round_robin"
    SKILL_BASED = "skill_based"
    FIRST_AVAILABLE = "first_available"
    LEAST_LOADED = "least_loaded"


@dataclass(frozen=True, slots=True)
class Traits:
    """What rules look at. `words` is what the customer wrote and `advert` whether they came by one;
    both are known only while a message is at hand."""

    number: NumberId
    topic: str = ""
    language: str = ""
    tags: frozenset[str] = frozenset()
    vip: bool = False
    open: bool = True
    words: str | None = None
    advert: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Every condition that is given must hold. What it says nothing about stays as it was."""

    name: str
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    vip: bool | None = None
    numbers: frozenset[NumberId] = frozenset()
    advert: bool | None = None
    words: Phrases = field(default_factory=Phrases)
    open: bool | None = None
    team: TeamId | None = None
    agent: AgentId | None = None
    priority: Priority | None = None
    model: Model | None = None
    exact: bool = False
    """Arabic in Latin letters is not for those who name only Arabic."""
    gives: frozenset[str] = frozenset()
    """Tags for the customer."""
    no_case: bool = False
    """A message that begins nothing."""

    def fits(self, traits: Traits, before: str) -> bool:
        """`before` is the rule that fitted so far: what only a message shows, it has shown."""
        heard = self.name == before or self._fits_the_message(traits)
        return heard and self._fits_the_case(traits)

    def _fits_the_message(self, traits: Traits) -> bool:
        if self.advert is None and not self.words:
            return True
        if traits.words is None or self.advert not in (None, traits.advert):
            return False
        return not self.words or self.words.found_in(traits.words)

    def _fits_the_case(self, traits: Traits) -> bool:
        return (
            (not self.topics or traits.topic in self.topics)
            and (not self.languages or traits.language in self.languages)
            and self.tags <= traits.tags
            and self.vip in (None, traits.vip)
            and (not self.numbers or traits.number in self.numbers)
            and self.open in (None, traits.open)
        )

    def covers(self, other: "Rule") -> bool:
        """Whether whatever fits the other one fits this one too."""
        return (
            wider(self.topics, other.topics)
            and wider(self.languages, other.languages)
            and wider(self.numbers, other.numbers)
            and self.tags <= other.tags
            and self.vip in (None, other.vip)
            and self.open in (None, other.open)
            and self.advert in (None, other.advert)
            and (not self.words or (bool(other.words) and self.words.cover(other.words)))
        )


def wider(one: frozenset[T], other: frozenset[T]) -> bool:
    """Of two choices of which an empty one leaves everything open: whether the first has all that
    the second has."""
    return not one or (bool(other) and one >= other)


@dataclass(frozen=True, slots=True)
class Routing:
    """All that the operator decided about handing out work. Times are microseconds; 0 is never."""

    model: Model = Model.MANUAL
    teams: Mapping[TeamId, Model] = field(default_factory=dict)
    numbers: Mapping[NumberId, Model] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    capacity: int = 6
    """Open conversations an agent holds who has no capacity of their own."""
    strict: bool = False
    """First available: wait until somebody is free, instead of choosing the least loaded."""
    sticky: int = 0
    """How long whoever answered a customer last is asked first."""
    return_after: int = 0
    """How long an owner may be silent before the work goes back to the queue."""
    grace: int = 90 * SECOND
    """How long a terminal may be gone."""
    drafting: int = 5 * MINUTE
    """How long after the last keystroke somebody still counts as writing."""
    overrun: int = 15 * MINUTE
    """How long after their shift an agent at work keeps it, and how long before its end they are
    given nothing for being its previous owner."""
    apart: int = 10 * MINUTE
    """How long work does not go back by itself to whom gave it back."""
    next_by_hand: bool = False
    """Whether agents may take the next one although the model is manual."""
    shifts_of_agents: Mapping[AgentId, str] = field(default_factory=dict)
    shifts_of_teams: Mapping[TeamId, str] = field(default_factory=dict)
    """Calendars by name. Whoever has none is always on shift."""

    def rule(self, traits: Traits, before: str) -> Rule | None:
        """The first that fits."""
        return next((rule for rule in self.rules if rule.fits(traits, before)), None)

    def named(self, name: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.name == name), None) if name else None

    def model_for(self, rule: Rule | None, number: NumberId, team: TeamId | None) -> Model:
        """The rule's, else the number's, else the team's, else the general one."""
        if rule is not None and rule.model is not None:
            return rule.model
        general = self.teams.get(team, self.model) if team is not None else self.model
        return self.numbers.get(number, general)
