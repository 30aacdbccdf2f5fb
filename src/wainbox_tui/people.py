"""Colleagues in words: how they are here, how much they have, and what speaks against giving them
more; pure. Whether automation would give it to them is the relay's to say."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wainbox_relay.contract.vocabulary import Flag, Presence

if TYPE_CHECKING:
    from wainbox_relay.contract.views import AgentBadge, Card
    from wainbox_tui.widgets.draw import Look

SOON = timedelta(hours=16)
"""A clock alone tells when somebody comes back."""
WORDS = {Presence.BREAK: "on break"}
LANGUAGES = {"ar": "Arabic", "fr": "French", "en": "English"}


def presence(badge: "AgentBadge") -> str:
    """`online`, `on break`; who is here outside their shift is said to be."""
    word = WORDS.get(badge.presence, str(badge.presence))
    here = badge.presence is not Presence.OFFLINE
    return f"{word}, off shift" if here and not badge.on_shift else word


def brief(badge: "AgentBadge", look: "Look", now: datetime) -> str:
    """The same in a narrow column: `at 17:00` for whoever comes today."""
    gone, comes = badge.presence is Presence.OFFLINE, badge.shift_until
    if badge.on_shift:
        return WORDS.get(badge.presence, str(badge.presence))
    if gone and comes is not None and comes - now < SOON:
        return f"at {look.clock(comes)}"
    return "offline" if gone else "off shift"


def until(badge: "AgentBadge", look: "Look") -> str:
    """`on break until 14:30`."""
    ends = f" until {look.clock(badge.until)}" if badge.until else ""
    return f"{presence(badge)}{ends}"


def load(badge: "AgentBadge") -> str:
    """`4/8`, or `4` where nobody set a capacity."""
    return f"{badge.load}" if badge.capacity is None else f"{badge.load}/{badge.capacity}"


def obstacle(badge: "AgentBadge", card: "Card | None") -> str:
    """What speaks against this person; empty when nothing does."""
    if badge.presence is not Presence.ONLINE or not badge.on_shift:
        return presence(badge)
    if badge.capacity is not None and badge.load >= badge.capacity:
        return "full"
    return "" if card is None else _unfit(badge, card)


def _unfit(badge: "AgentBadge", card: "Card") -> str:
    if card.team and badge.teams and card.team not in badge.teams:
        return f"not of {card.team}"
    base = card.language.partition("-")[0]
    if base and badge.languages and not {card.language, base} & set(badge.languages):
        return f"no {LANGUAGES.get(base, base)}"
    return ""


def most_fit(badge: "AgentBadge", card: "Card | None") -> tuple[bool, bool, float, str]:
    """Sorts by who could take it: nothing against them, then the least loaded; those who are not
    here come last."""
    share = badge.load / badge.capacity if badge.capacity else float(badge.load)
    gone = badge.presence is Presence.OFFLINE
    return bool(obstacle(badge, card)), gone, share, badge.name


def unacknowledged(card: "Card | None") -> bool:
    """Whether an escalation waits for somebody to take it."""
    return card is not None and Flag.ESCALATED in card.flags and Flag.ACKED not in card.flags


def own(badge: "AgentBadge", look: "Look", now: datetime) -> str:
    """The viewer's own name, and how they are here when that is anything but online."""
    over = badge.until is not None and badge.until <= now
    if badge.presence in (Presence.ONLINE, Presence.OFFLINE) or over:
        return badge.name
    return f"{badge.name}, {until(badge, look)}"
