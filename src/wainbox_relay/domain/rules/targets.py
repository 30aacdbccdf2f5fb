"""How soon customers are promised what (`[sla]` in `docs/config.md`)."""

from dataclasses import dataclass, field

from wainbox_relay.contract.vocabulary import HOUR, MINUTE, NumberId, Priority, TeamId
from wainbox_relay.domain.rules.routing import wider


@dataclass(frozen=True, slots=True)
class Targets:
    """Lengths in microseconds; 0 promises nothing. All of them are business time of the number's
    calendar, but for `complex`, which counts every hour. `after_hours` is the first response to
    whoever wrote while we were closed, from the opening on."""

    first: int = 5 * MINUTE
    next: int = 15 * MINUTE
    resolution: int = 2 * HOUR
    complex: int = 24 * HOUR
    human: int = 30 * MINUTE
    after_hours: int = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Row:
    """Targets for some conversations; what is not named counts for all."""

    targets: Targets
    numbers: frozenset[NumberId] = frozenset()
    teams: frozenset[TeamId] = frozenset()
    priorities: frozenset[Priority] = frozenset()
    vip: bool | None = None

    def fits(self, number: NumberId, team: TeamId | None, priority: Priority, *, vip: bool) -> bool:
        return (
            (not self.numbers or number in self.numbers)
            and (not self.teams or team in self.teams)
            and (not self.priorities or priority in self.priorities)
            and (self.vip is None or self.vip is vip)
        )

    def covers(self, other: "Row") -> bool:
        """Whether whatever fits the other one fits this one too."""
        return (
            wider(self.numbers, other.numbers)
            and wider(self.teams, other.teams)
            and wider(self.priorities, other.priorities)
            and self.vip in (None, other.vip)
        )


@dataclass(frozen=True, slots=True)
class Promises:
    """The first row that fits counts, else `default`. It gets tight once `risk` of the time is
    used up. What is about one of `complex_topics` is complex, unless a person says otherwise."""

    default: Targets = field(default_factory=Targets)
    rows: tuple[Row, ...] = ()
    risk: float = 0.75
    complex_topics: frozenset[str] = frozenset()

    def of(
        self, number: NumberId, team: TeamId | None, priority: Priority, *, vip: bool
    ) -> Targets:
        fitting = (row.targets for row in self.rows if row.fits(number, team, priority, vip=vip))
        return next(fitting, self.default)
