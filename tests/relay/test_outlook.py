"""`wainbox-relay check` says what the rules will do with a day's work, and what of it cannot come
true."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FakeWhatsApp, HandClock

from wainbox_relay.config import Settings
from wainbox_relay.contract.vocabulary import SECOND, AgentId, Moment, Role, TeamId
from wainbox_relay.engine.staff import AgentChange
from wainbox_relay.outlook import outlook
from wainbox_relay.relay import assembled

WEEK = dict.fromkeys(
    ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday"), "9:00-21:00"
)
SHOP: Mapping[str, Any] = {
    "webhook": {"app_secret": "s", "verify_token": "v"},
    "desk": {"teams": ["care", "returns"]},
    "calendars": [{"name": "shop", "zone": "Africa/Casablanca", "week": WEEK}],
    "numbers": [
        {"id": "1", "name": "main", "team": "care", "calendar": "shop", "language": "fr"},
        {"id": "2", "name": "night"},
    ],
    "assignment": {
        "model": "round_robin",
        "rules": [
            {
                "name": "refunds",
                "words": ["refund", "remboursement"],
                "hours": "open",
                "team": "returns",
                "priority": "high",
            },
            {"name": "ours", "vip": True, "agent": "lina"},
        ],
    },
    "shifts": [{"agent": "amina", "calendar": "shop"}],
}
CREW = {"Amina": ("care", {}), "Lina": ("returns", {"capacity": 3})}
BONJOUR = '"Bonjour, où en est ma commande ?" to main'
FRIDAY_NIGHT = Moment(int(datetime.fromisoformat("2026-11-27T22:10+00:00").timestamp()) * SECOND)


async def told(
    folder: Path, crew: Mapping[str, tuple[str, Mapping[str, Any]]] = CREW, **more: Any
) -> dict[str, list[str]]:
    """What is said on each subject; what is not well has a mark before it."""
    settings = Settings.of({**SHOP, "relay": {"data_dir": str(folder)}, **more}, {})
    if crew:
        await _hired(settings, crew)
    found: dict[str, list[str]] = {}
    for finding in outlook(settings, FRIDAY_NIGHT):
        mark = "" if finding.well else "BAD "
        found.setdefault(finding.subject, []).append(mark + finding.sentence)
    return found


async def _hired(settings: Settings, crew: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
    async with (
        assembled(settings, lambda _: FakeWhatsApp(), HandClock()) as relay,
        asyncio.TaskGroup() as group,
    ):
        loops = await relay.loops(group)
        for name, (team, skills) in crew.items():
            await relay.staff.add("operator", name, Role.AGENT, frozenset({TeamId(team)}))
            await relay.staff.change("operator", AgentId(name.lower()), AgentChange(**skills))
        for loop in loops:
            loop.cancel()


async def test_the_shop_of_the_page_is_told_in_sentences(tmp_path: Path) -> None:
    """Hours, promises, who gets what by which rule; and on a Friday night, who gets a French
    message that comes when the shop opens and one after it has closed."""
    assert await told(tmp_path) == {
        "hours of main": [
            "Saturday to Thursday 9:00-21:00, Africa/Casablanca; now closed until Sat 28 Nov 09:00"
        ],
        "hours of night": ["every hour: it has no calendar"],
        "promises": [
            (
                "first answer 5 min, first answer after a closed time 30 min, next answer 15 min, "
                "resolution 2 h, of a complex case 1 d, a person after the menu 30 min; "
                "at risk from 75 % on"
            )
        ],
        "work of main": ["team care, round robin among Amina (up to 6)"],
        "work of night": ["no team, round robin among Amina (up to 6), Lina (up to 3)"],
        "rule refunds": [
            (
                'a message with "refund" or "remboursement", in hours: high priority, '
                "then team returns, round robin among Lina (up to 3)"
            )
        ],
        "rule ours": ["a message of a VIP: first Lina"],
        "for example": [
            (
                f"{BONJOUR}, Sat 28 Nov 09:00: open, priority normal; "
                "then round robin: Amina (if everybody on shift is here)"
            ),
            (
                f"{BONJOUR}, Sat 28 Nov 22:00: open, priority normal, after hours, we say "
                "something by ourselves; then Sun 29 Nov 09:00 Casablanca, "
                "round robin: Amina (if everybody on shift is here)"
            ),
            (
                '"Hello, where is my order?" to night: open, priority normal; '
                "then round robin: Lina (if everybody on shift is here)"
            ),
        ],
    }


RULES = SHOP["assignment"]["rules"]


@pytest.mark.parametrize(
    ("more", "subject", "sentence"),
    [
        (
            {"assignment": {"rules": RULES}},
            "assignment",
            "no model is set, so rules and shifts count for nothing; set assignment.model",
        ),
        (
            {"assignment": {"model": "manual", "rules": [{"name": "a", "agent": "Lina"}]}},
            "rule a",
            "every message: first Lina (there is no such agent; mind the handle)",
        ),
        (
            {
                "assignment": {
                    "model": "manual",
                    "rules": [{"name": "a", "agent": "lina", "team": "care"}],
                }
            },
            "rule a",
            (
                "every message: first Lina (who is not on team care), then team care, "
                "where it waits for a person to take it or give it"
            ),
        ),
        (
            {
                "desk": {"teams": ["care", "returns", "sales"]},
                "numbers": [{"id": "1", "team": "sales"}],
            },
            "work of 1",
            "team sales, where nobody is given work: no agent is on that team",
        ),
        (
            {"sla": {"complex_topics": ["refund"]}},
            "promises",
            "nothing is ever complex for refund: no choice of [[menu]] gives it",
        ),
        (
            {"shifts": [{"agent": "ghost", "calendar": "shop"}]},
            "shifts",
            "there is no agent ghost; mind the handle",
        ),
        (
            {
                "calendars": [
                    {
                        "name": "shop",
                        "zone": "Africa/Casablanca",
                        "week": WEEK,
                        "closed": ["2026-01-01 to 2030-01-01"],
                    }
                ]
            },
            "hours of main",
            "shop does not open within two years; mend [[calendars]]",
        ),
    ],
)
async def test_what_cannot_come_true_is_bad(
    tmp_path: Path, more: dict[str, Any], subject: str, sentence: str
) -> None:
    """Though each of it could be read."""
    assert (await told(tmp_path, **more))[subject] == [f"BAD {sentence}"]


async def test_a_rule_goes_by_the_model_of_each_number(tmp_path: Path) -> None:
    """A number's model comes before its team's."""
    one = {"id": "1", "team": "care", "model": "least_loaded"}
    two = {"id": "2", "team": "care"}
    returns = {"model": "manual", "rules": [{"name": "a", "vip": True, "team": "returns"}]}
    found = await told(tmp_path, numbers=[one, two], assignment=returns)
    assert found["rule a"] == [
        (
            "a message of a VIP: team returns, least loaded among Lina (up to 3), "
            "then team returns, where it waits for a person to take it or give it"
        )
    ]


async def test_a_skill_that_no_choice_of_the_menu_asks_for_is_bad(tmp_path: Path) -> None:
    """Nothing would ever come by it, and everything else would pass its agent over."""
    crew = {"Amina": ("care", {"topics": frozenset({"refund"})})}
    assert (await told(tmp_path, crew, shifts=[]))["skills of Amina"] == [
        "BAD nothing is ever about refund: no choice of [[menu]] gives it"
    ]


async def test_before_there_are_agents_all_is_well(tmp_path: Path) -> None:
    """A first configuration is looked at before anybody is hired."""
    found = await told(tmp_path, crew={})
    assert found["work of main"] == [
        "team care, round robin; there are no agents yet (wainbox-relay agent add)"
    ]
    assert not [line for lines in found.values() for line in lines if line.startswith("BAD")]
