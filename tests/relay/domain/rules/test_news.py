"""Who hears of what, wherever they are in the terminal."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from tests.relay.domain.playbook import BOSS, CARE, DESK, KARIM, LEILA, Playbook, clock

from wainbox_relay.contract.commands import Assign, Claim, Escalate, Release
from wainbox_relay.domain.outcome import Assigned, AtRisk, Change, Escalated, Overdue, Rated
from wainbox_relay.domain.rules.calendar import Calendar, Version
from wainbox_relay.domain.rules.news import News, news
from wainbox_relay.domain.rules.routing import Routing

TEN = clock("10:00")


def case(who=LEILA) -> Playbook:
    day = Playbook()
    day.says("09:00")
    if who is not None:
        day.ask("09:01", who, Claim())
    day.history.clear()
    return day


def heard(*changes: Change, desk=DESK) -> list[tuple[set[str], str]]:
    of = case().conversation
    told: list[News] = [each for change in changes for each in news(change, of, desk, TEN)]
    return [(set(each.to), each.one) for each in told]


def deed(command, who=BOSS, of: Playbook | None = None) -> list[tuple[set[str], str]]:
    day = of or case()
    day.ask("10:00", who, command)
    return heard(*day.history, desk=day.desk)


def test_row_23_the_old_owner_is_told_who_took_it():
    assert deed(Claim(take_over=True), KARIM) == [({LEILA}, "Karim took over W-1000.")]


def test_row_24_who_is_given_work_is_told_and_so_is_who_had_it():
    """By a lead, or by a colleague; nobody is told of their own doing."""
    both = [
        ({LEILA}, "W-1000 went to Karim, by Boss."),
        ({KARIM}, "W-1000 is yours now, from Boss."),
    ]
    assert deed(Assign(agent=KARIM)) == both
    assert deed(Assign(agent=KARIM), LEILA) == [({KARIM}, "W-1000 is yours now, from Leila.")]
    assert deed(Release()) == [({LEILA}, "W-1000 went back to the queue, by Boss.")]
    assert deed(Release(), LEILA) == []
    assert deed(Claim(), KARIM, case(None)) == []


def test_row_24_the_leads_are_told_of_work_for_who_is_off_shift():
    day = case(None)
    routing = Routing(shifts_of_agents={KARIM: "never"})
    never = Calendar(ZoneInfo("UTC"), (Version(date.min, ((),) * 7),))
    policy = replace(DESK.policy, routing=routing, calendars={"never": never})
    day.desk = replace(DESK, policy=policy)
    told = deed(Assign(agent=KARIM), LEILA, day)
    assert told[1][0] == {BOSS}
    assert "Karim, who is off shift" in told[1][1]


def test_row_35_the_owner_hears_that_it_gets_tight_else_the_team_that_is_here():
    away = {KARIM: replace(DESK.agents[KARIM], presence="offline")}
    here = replace(DESK, agents={**DESK.agents, **away})
    owned = AtRisk(target="first", agent=LEILA, due=TEN)
    pool = AtRisk(target="next", team=CARE, due=TEN)
    assert heard(owned) == [({LEILA}, "W-1000: the first response is at risk.")]
    assert heard(pool, desk=here) == [({LEILA}, "W-1000: the next response is at risk.")]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            Overdue(target="first", agent=LEILA, due=TEN),
            "W-1000: the first response was missed (Leila's).",
        ),
        (Overdue(target="resolution", team=CARE, due=TEN), "W-1000: the resolution was missed."),
        (Escalated(why="no human"), "W-1000 was escalated (no human)."),
        (Rated(actor="customer", stars=2, agent=KARIM), "W-1000 was rated 2 of 5 (Karim's)."),
    ],
    ids=["row 36", "row 36, nobody's", "row 46", "row 59"],
)
def test_rows_36_46_59_the_leads_hear_of_misses_escalations_and_poor_stars(change, sentence):
    assert heard(change) == [({BOSS}, sentence)]


def test_row_45_the_leads_hear_who_asks_for_help():
    assert deed(Escalate(), LEILA)[0] == ({BOSS}, "W-1000 was escalated (by Leila).")


def test_what_automation_does_and_good_stars_are_no_news():
    quiet = [
        Assigned(agent=LEILA, why="round robin"),
        Rated(actor="customer", stars=3, agent=LEILA),
    ]
    assert heard(*quiet) == []
