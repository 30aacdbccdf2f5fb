"""Which conversations a view shows: one small language for SQL, streams, terminals and pipes.

`lang:ar team:returns tag:vip status:open assignee:me` - words are joined by "and"; a comma inside a
word means "or"; a leading `-` means "not"; anything without a colon is searched for in the text.
`window<opening` is what only a template will reach by the time we open again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from wainbox_relay.contract.vocabulary import AgentId, Flag, Priority, Standing, Status, TeamId

STANDING_SHIFT = 60
"""`sort_key >> STANDING_SHIFT` is the class of a conversation (63 bits: 3 | 2 | 29 | 29)."""


@dataclass(frozen=True, slots=True)
class Facets:
    """What views and filters look at. `assignee` and `team` are None for nobody's."""

    number: str
    team: str | None
    assignee: str | None
    status: Status
    flags: frozenset[Flag]
    priority: Priority
    language: str
    tags: frozenset[str]
    sort_key: int
    mentions: frozenset[str] = frozenset()

    @property
    def standing(self) -> Standing:
        return Standing(self.sort_key >> STANDING_SHIFT)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose eyes: `me` and `mine` in filters mean this agent and these teams."""

    agent: AgentId
    teams: frozenset[TeamId] = frozenset()


Field = Literal[
    "status",
    "assignee",
    "team",
    "number",
    "lang",
    "tag",
    "priority",
    "is",
    "standing",
    "mention",
]
FIELDS: tuple[Field, ...] = get_args(Field)


@dataclass(frozen=True, slots=True)
class Term:
    """One word: any of `values` in `field`, or none of them when `negated`."""

    field: Field
    values: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    terms: tuple[Term, ...] = ()
    text: str = field(default="")
    """Words to search for; a filter with text is a snapshot, since events cannot tell whether a
    conversation still matches."""


class FilterError(ValueError):
    """Said to the person who typed the filter; names the word that is wrong."""


VIEWS: dict[str, str] = {
    "mine": "assignee:me status:open,waiting,bot",
    "unassigned": "assignee:nobody status:open",
    "team": "team:mine status:open,waiting,bot",
    "after_hours": "standing:after_hours",
    "at_risk": "standing:missed,at_risk",
    "closing": "is:window_shuts -status:resolved",
    "customer": "status:waiting",
    "snoozed": "status:snoozed",
    "resolved": "status:resolved -is:spam",
    "spam": "is:spam",
    "oncall": "standing:escalated",
    "mentions": "mention:me",
    "all": "-status:resolved",
}
"""The standing views, by name."""

_CHOICES: dict[Field, frozenset[str]] = {
    "status": frozenset(Status),
    "priority": frozenset(Priority),
    "is": frozenset(Flag) | {"ours", "theirs"},
    "standing": frozenset(s.name.lower() for s in Standing),
}
_SPELT_OUT = {
    "window<opening": f"is:{Flag.WINDOW_SHUTS}",
    "-window<opening": f"-is:{Flag.WINDOW_SHUTS}",
}
_ALIASES: dict[str, Field] = {
    "language": "lang",
    "agent": "assignee",
    "owner": "assignee",
    "flag": "is",
    "tags": "tag",
}


def parse(text: str) -> Filter:
    """Reads a filter. Raises `FilterError` naming the first word that makes no sense."""
    terms: list[Term] = []
    words: list[str] = []
    for word in (_SPELT_OUT.get(typed, typed) for typed in text.split()):
        name, colon, values = word.lstrip("-").partition(":")
        if not colon:
            words.append(word)
        else:
            terms.append(_term(word, name.lower(), values))
    return Filter(tuple(terms), " ".join(words))


def _term(word: str, name: str, values: str) -> Term:
    known: dict[str, Field] = {field: field for field in FIELDS}
    known.update(_ALIASES)
    if name not in known:
        message = f"'{word}': there is no filter '{name}'; try one of {', '.join(FIELDS)}"
        raise FilterError(message)
    key: Field = known[name]
    wanted = frozenset(v for v in values.split(",") if v)
    if not wanted:
        message = f"'{word}': say what '{name}' should be, for example {name}:{_example(key)}"
        raise FilterError(message)
    if key in _CHOICES and (odd := wanted - _CHOICES[key]):
        choices = ", ".join(sorted(_CHOICES[key]))
        message = f"'{word}': '{min(odd)}' is not one of {choices}"
        raise FilterError(message)
    return Term(key, wanted, negated=word.startswith("-"))


def _example(key: Field) -> str:
    return min(_CHOICES[key]) if key in _CHOICES else {"lang": "ar", "tag": "vip"}.get(key, "me")


def view(name: str, extra: Filter | None = None) -> Filter:
    """The filter of a standing view, narrowed by `extra`."""
    base = parse(VIEWS[name])
    if extra is None:
        return base
    return Filter(base.terms + extra.terms, extra.text)


def matches(wanted: Filter, facets: Facets, viewer: Viewer) -> bool:
    """Whether a conversation belongs in the view. Text is not looked at here."""
    return all(_holds(term, facets, viewer) != term.negated for term in wanted.terms)


def resolve_values(term: Term, viewer: Viewer) -> frozenset[str]:
    """The term's values with `me`, `mine` and `nobody` put into ids (`nobody` is the empty one)."""
    if term.field == "assignee":
        return frozenset({"me": viewer.agent, "nobody": ""}.get(v, v) for v in term.values)
    if term.field == "mention":
        return frozenset(viewer.agent if v == "me" else v for v in term.values)
    if term.field == "team" and "mine" in term.values:
        return (term.values - {"mine"}) | viewer.teams
    if term.field == "team":
        return frozenset("" if v == "nobody" else v for v in term.values)
    return term.values


def _holds(term: Term, facets: Facets, viewer: Viewer) -> bool:
    return not resolve_values(term, viewer).isdisjoint(_values(term.field, facets))


def _values(key: Field, facets: Facets) -> Iterable[str]:
    match key:
        case "status":
            return (facets.status,)
        case "assignee":
            return (facets.assignee or "",)
        case "team":
            return (facets.team or "",)
        case "number":
            return (facets.number,)
        case "lang":
            return (facets.language,)
        case "tag":
            return facets.tags
        case "priority":
            return (facets.priority,)
        case "is":
            ours = facets.standing <= Standing.OURS
            return {*facets.flags, "ours" if ours else "theirs"}
        case "standing":
            return (facets.standing.name.lower(),)
        case "mention":
            return facets.mentions
