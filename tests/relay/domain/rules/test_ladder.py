from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from wainbox_relay.contract.vocabulary import MINUTE, AgentId, Moment
from wainbox_relay.domain.rules.ladder import OnCall, says_yes
from wainbox_relay.domain.rules.rota import Rota

NADIA, AMINE, BOSS = AgentId("nadia"), AgentId("amine"), AgentId("boss")
ROTA = Rota(ZoneInfo("Africa/Casablanca"), 0, time(9), (NADIA, AMINE), date(2026, 11, 30))
NIGHT = Moment(1_796_169_600_000_000)
"""2 December 2026, 00:00 UTC: Nadia's week."""


def climbed(ladder: OnCall, minutes: int) -> list[tuple[int, AgentId]]:
    """Who is paged at which minute while nobody answers."""
    page, at, told = 0, NIGHT, []
    while at <= NIGHT + minutes * MINUTE:
        told.append(((at - NIGHT) // MINUTE, ladder.whom(page, at)))
        page, at = ladder.after(page, at)
    return told


def test_the_holder_twice_then_the_next_then_the_lead_and_around_again() -> None:
    """Every five minutes a page, every ten another person; within fifteen minutes the next holder
    has been paged."""
    expected = [(0, NADIA), (5, NADIA), (10, AMINE), (15, AMINE), (20, BOSS), (25, BOSS)]
    assert climbed(OnCall(ROTA, (BOSS,)), 30) == [*expected, (30, NADIA)]


def test_the_figures_are_settings() -> None:
    """Repeated every four minutes and left after ten: the last wait is the shorter one."""
    ladder = OnCall(ROTA, (), repeat=4 * MINUTE, climb=10 * MINUTE)
    assert climbed(ladder, 14) == [(0, NADIA), (4, NADIA), (8, NADIA), (10, AMINE), (14, AMINE)]


def test_nobody_stands_on_two_rungs() -> None:
    """A lead who holds the rota is paged as the holder only."""
    assert OnCall(ROTA, (NADIA, BOSS)).rungs(NIGHT) == (NADIA, AMINE, BOSS)


def test_a_page_that_reached_nobody_climbs_at_once_but_rests_after_a_round() -> None:
    """From the first page of the holder to the next person now; from the last rung to the first
    only when the page would be repeated."""
    ladder = OnCall(ROTA, (BOSS,))
    assert ladder.after_dead(0, NIGHT) == (2, NIGHT)
    assert ladder.after_dead(3, NIGHT) == (4, NIGHT)
    assert ladder.after_dead(4, NIGHT) == (6, NIGHT + 5 * MINUTE)


@pytest.mark.parametrize(
    "text",
    [
        "I have it",
        "i’ve got it",
        "ok",
        "OK!",
        "Ack W-1042",
        "👍 on it",
        "Je prends",
        "j'y vais",
        "oui",
        "أنا معاه",
        "تمام",
        "واخا",
        "ma3aya",
        "Yes.",
        "ok no problem",
        "oui pas de souci, W-1042",
        "je m'en occupe",
        "استلمتها",
        "حاضر",
        "تمام ما في مشكلة",
        "tmam safi",
        "👍",
    ],
)
def test_a_paged_agent_says_yes(text: str) -> None:
    """The words that mean "I have it", in the languages agents use."""
    assert says_yes(text)


@pytest.mark.parametrize(
    "text",
    [
        "who is this?",
        "no",
        "I cannot, call Amine",
        "okra",
        "non",
        "لا",
        "",
        "stop",
        "ok but I can't, ask Samir",
        "yes, later",
        "ok?",
        "oui mais je ne peux pas",
        "je prends pas",
        "تمام بس مش قادر",
        "ماشي انا",
        "mashi ana",
        "wakha walakin ana ma f dar",
        "👎",
    ],
)
def test_anything_else_is_no_yes(text: str) -> None:
    """A question, a no, or a yes with a but keeps the paging going."""
    assert not says_yes(text)
