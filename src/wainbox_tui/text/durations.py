"""How long ago and how long still, in as few cells as a row has."""

from datetime import timedelta

_MINUTE, _HOUR, _DAY, _WEEK, _YEAR = 60, 3_600, 86_400, 604_800, 31_557_600


def ago(span: timedelta | float) -> str:
    """`4m`, `9h`, `2d`; never more than three cells within a century."""
    seconds = _seconds(span)
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h"
    if seconds < 100 * _DAY:
        return f"{seconds // _DAY}d"
    if seconds < 100 * _WEEK:
        return f"{seconds // _WEEK}w"
    return f"{seconds // _YEAR}y"


def clock(span: timedelta | float) -> str:
    """`0:48`, `12:30`, `23h 46m`, `2d 4h`: what is left, or what it is late by."""
    seconds = _seconds(span)
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}:{seconds % _MINUTE:02}"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h {seconds % _HOUR // _MINUTE}m"
    return f"{seconds // _DAY}d {seconds % _DAY // _HOUR}h"


def _seconds(span: timedelta | float) -> int:
    """Whole seconds; a clock that jumped back never makes a duration negative."""
    return max(0, int(span.total_seconds() if isinstance(span, timedelta) else span))
