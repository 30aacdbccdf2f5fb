"""The pretend shop's rules, as its operator would write them into the configuration.

Two numbers keep no hours, for whoever opens the demo at night must see a living shop; the third one
is closed whenever that is, and has the night's rules.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from wainbox_relay.contract.vocabulary import SECOND, Moment
from wainbox_relay.sandbox.people import ATLAS, NUIT, RIYADH
from wainbox_relay.sections.hours import zone
from wainbox_relay.sections.menu import EXAMPLE as MENU

NUMBERS = (ATLAS, RIYADH, NUIT)
TEAMS = ("sales", "support")
ZONE = "Africa/Casablanca"

AGENTS: Mapping[str, Mapping[str, Any]] = {
    "Nadia": {"role": "agent", "languages": ["ar", "ar-Latn", "fr"], "capacity": 5},
    "Samir": {"role": "agent", "languages": ["fr", "en"], "capacity": 5},
    "Lina": {"role": "lead"},
}
"""By name, as `agent change` takes it. The lead gets no work by itself and is on call."""

REPLIES: tuple[Mapping[str, Any], ...] = (
    {
        "name": "hello",
        "title": "A greeting",
        "texts": {
            "ar": "مرحبا {{customer.first_name}}، معك {{agent.first_name}}. كيف أساعدك؟",
            "ar-Latn": "Salam {{customer.first_name}}, m3ak {{agent.first_name}}. Kifach n3awnek?",
            "fr": "Bonjour {{customer.first_name}}, ici {{agent.first_name}}. "
            "Que puis-je faire pour vous ?",
            "any": "Hello {{customer.first_name}}, {{agent.first_name}} here. How can I help?",
        },
    },
    {
        "name": "shipped",
        "title": "The order is on its way",
        "texts": {
            "ar": "خرج طلبك {{order.number}} اليوم مع شركة التوصيل.",
            "fr": "Votre commande {{order.number}} est partie aujourd'hui.",
            "any": "Your order {{order.number}} left our shop today.",
        },
    },
    {
        "name": "refund",
        "title": "The refund has begun",
        "texts": {
            "ar": "بدأنا استرداد المبلغ، ويصلك خلال أيام قليلة. مرجعك {{ticket_id}}.",
            "fr": "Le remboursement est lancé. Référence : {{ticket_id}}.",
            "any": "Your refund has begun. Reference: {{ticket_id}}.",
        },
        "deeds": {"tags": ["refund"], "status": "waiting"},
    },
    {
        "name": "courier",
        "title": "Ask the courier, look again tomorrow",
        "deeds": {"tags": ["courier"], "note": "The courier is asked.", "snooze": "tomorrow 9"},
    },
)
"""Canned replies; with deeds they are macros."""

URGENT = (
    *("urgent", "débité deux fois", "débitée deux fois", "charged twice"),
    *("مستعجل", "عاجل", "mosta3jil"),
)
_WEEK = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")


def rules(now: Moment, pager: str) -> dict[str, Any]:
    """The sections of the configuration. Pages for whoever is on call go to `pager`."""
    return {
        "desk": {"teams": TEAMS, "undo_minutes": 2},
        "compose": {"undo_seconds": 0},
        "rating": {"ask": True, "after_minutes": 2, "every_days": 1},
        "sla": {"first_minutes": 180, "next_minutes": 180, "resolution_hours": 0},
        "oncall": {"rota": ("lina",), "zone": ZONE},
        "oncall_agents": [{"agent": "lina", "urls": pager}],
        "urgency": {"topics": ("payment",), "words": URGENT},
        "bot": {"numbers": (RIYADH.id,)},
        "menu": MENU,
        "calendars": [
            {"name": "shop", "zone": ZONE, "week": dict.fromkeys(_WEEK[:6], "9:00-21:00")},
            {"name": "night", "zone": ZONE, "week": dict.fromkeys(_WEEK, closed_around(now))},
        ],
        "assignment": {"model": "skill_based"},
    }


def numbers() -> list[dict[str, Any]]:
    """The blocks of [[numbers]]."""
    hours = {NUIT.id: {"calendar": "night", "language": "fr"}}
    return [asdict(number) | hours.get(number.id, {}) for number in NUMBERS]


def closed_around(now: Moment) -> str:
    """Hours of every day that begin six hours from now and end ten hours before."""
    local = datetime.fromtimestamp(now // SECOND, UTC).astimezone(zone(ZONE))
    opens, closes = (f"{(local + timedelta(hours=hours)):%H}:00" for hours in (6, 14))
    return f"{opens}-{closes}"
