"""Spans of time in the few cells a row has for them."""

from datetime import timedelta


def ago(span: timedelta) -> str:
    """`now`, `4m`, `9h`, `2d`, `5w`: how long something has lasted, rounded down."""
    minutes = max(0, int(span.total_seconds())) // 60
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 24 * 60:
        return f"{minutes // 60}h"
    days = minutes // (24 * 60)
    return f"{days}d" if days < 30 else f"{days // 7}w"


def clock(span: timedelta) -> str:
    """`0:48`, `12:30` (hours and minutes), `23h 46m` from ten hours on; never below zero."""
    minutes = max(0, int(span.total_seconds())) // 60
    hours, rest = divmod(minutes, 60)
    return f"{hours}h {rest:02d}m" if hours >= 10 else f"{hours}:{rest:02d}"
