"""What is promised to a customer, in a sentence for each promise."""

from datetime import UTC, datetime, tzinfo

from wainbox_relay.contract.vocabulary import DAY, HOUR, MINUTE, SECOND, Moment
from wainbox_relay.domain.model import Clock, Target

_NAMES = {
    Target.FIRST: "First response",
    Target.NEXT: "Next response",
    Target.RESOLUTION: "Resolution",
    Target.HUMAN: "A person, as they asked the menu for",
}
_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"))


def sentence(clock: Clock, zone: tzinfo = UTC) -> str:
    """Such as "First response due Tue 1 Dec 10:20 UTC, 5 min in the business hours of main; at risk
    since Tue 1 Dec 10:18 UTC". Empty for one that is over or promises nothing."""
    name, length = _NAMES[clock.target], _length(clock)
    if not clock.allowed:
        return ""
    if clock.since is None:
        paused = clock.target is Target.RESOLUTION
        return f"{name} paused, {span(clock.used)} used of {length}" if paused else ""
    if clock.due is None:
        return f"{name} within {length}, which are not open within two years"
    if clock.missed:
        return f"{name} missed, was due {moment(clock.due, zone)}, {length}"
    risk = clock.risk if clock.at_risk else None
    since = "" if risk is None else f"; at risk since {moment(risk, zone)}"
    return f"{name} due {moment(clock.due, zone)}, {length}{since}"


def _length(clock: Clock) -> str:
    hours = f" in the business hours of {clock.calendar}" if clock.calendar else ""
    return f"{span(clock.allowed)}{hours}"


def moment(at: Moment, zone: tzinfo = UTC) -> str:
    """`Tue 1 Dec 10:20 Casablanca`."""
    when, where = datetime.fromtimestamp(at // SECOND, zone), str(zone).rpartition("/")[2]
    return f"{when:%a} {when.day} {when:%b %H:%M} {where.replace('_', ' ')}"


def span(length: int) -> str:
    """A length in its two greatest units, such as 1 h 30 min."""
    parts = []
    for unit, name in _UNITS:
        count, length = divmod(length, unit)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
