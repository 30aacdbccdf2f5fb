"""A case and its owner through a day: who keeps it, who loses it, who gets it. Rows are those of
the table of a conversation's life."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.relay.domain.playbook import (
    BOSS,
    CARE,
    DESK,
    KARIM,
    LEILA,
    RETURNS,
    RIYADH,
    Playbook,
    clock,
)

from wainbox_relay.contract.commands import (
    Assign,
    Claim,
    Release,
    Resolve,
    Seen,
    SetManager,
    SetTags,
    Snooze,
    Undo,
)
from wainbox_relay.contract.content import Answer
from wainbox_relay.contract.vocabulary import (
    MINUTE,
    AgentId,
    Delivery,
    Flag,
    Moment,
    Presence,
    Priority,
    Status,
)
from wainbox_relay.domain.facts import Fact, LetGo, RouteDue
from wainbox_relay.domain.model import Desk, Load, Scene
from wainbox_relay.domain.outcome import Assigned, Marked, Mentioned, Outcome, Queued, Wake
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.domain.rules.calendar import Calendar, Slot, Version
from wainbox_relay.domain.rules.routing import Model, Routing, Rule
from wainbox_relay.domain.rules.wording import Phrases

DAY = Calendar(ZoneInfo("UTC"), (Version(date.min, ((Slot(540, 1020),),) * 7),))


def desk(**routing: object) -> Desk:
    made = Routing(**{"model": Model.ROUND_ROBIN, **routing})  # type: ignore[arg-type]  # by name
    policy = replace(DESK.policy, routing=made, calendars={"day": DAY})
    return replace(DESK, policy=policy)


@dataclass
class Day(Playbook):
    """A playbook whose desk fills with the work."""

    def _fold(self, fact: Fact, scene: Scene, outcome: Outcome, now: Moment) -> None:
        super()._fold(fact, scene, outcome, now)
        if outcome.changes:
            before = None if outcome.opened else scene.conversation
            after = self.conversations[(outcome.opened or scene.conversation).id]
            self.desk = eligibility.weighed(self.desk, before, after, now)

    @property
    def owner(self) -> AgentId | None:
        return self.conversation.assignee

    def agent(self, name: AgentId, **fields: object) -> None:
        agents = {**self.desk.agents, name: replace(self.desk.agents[name], **fields)}
        self.desk = replace(self.desk, agents=agents)

    def off(self, name: AgentId, at: str) -> None:
        self.agent(name, presence=Presence.OFFLINE, presence_since=clock(at))

    def full(self, name: AgentId, held: int = 6) -> None:
        self.desk = replace(self.desk, load={**self.desk.load, name: Load(held, held)})

    def told(self, kind: type) -> list:
        return [change for change in self.history if isinstance(change, kind)]


def day(**routing: object) -> Day:
    return Day(desk=desk(**routing))


def held_by(owner: AgentId, at: str = "10:00", **routing: object) -> Day:
    played = day(**routing)
    played.agent(KARIM if owner == LEILA else LEILA, presence=Presence.AWAY)
    played.says(at)
    assert played.owner == owner
    played.agent(KARIM, presence=Presence.ONLINE)
    played.agent(LEILA, presence=Presence.ONLINE)
    return played


# -- a customer writes on owned work (rows 19, 49, 54, 55) -------------------------------------


def test_row_1_the_first_message_is_given_to_whoever_is_next() -> None:
    """Row 1: and history keeps how."""
    played = day()
    played.says("10:00")
    line = played.told(Assigned)[-1]
    assert (played.owner, line.actor, line.why, line.passed) == (
        KARIM,
        "wainbox",
        "round robin",
        (),
    )


@pytest.mark.parametrize(
    ("what", "keeps"),
    [
        (lambda d: d.full(LEILA), True),
        (lambda d: d.agent(LEILA, presence=Presence.AWAY), True),
        (lambda d: d.off(LEILA, "11:59"), True),
        (lambda d: d.off(LEILA, "11:58"), False),
        (lambda d: d.agent(LEILA, teams=frozenset({RETURNS})), False),
        (lambda d: d.agent(LEILA, revoked_at=clock("11:00")), False),
    ],
)
def test_row_19_the_owner_keeps_it_while_they_are_there(what, keeps) -> None:
    """Row 19: even above capacity and away from the keys; not once gone for 90 seconds, nor when it
    is not theirs any more. Then it is routed, and remembered whose it was."""
    played = held_by(LEILA)
    what(played)
    played.says("12:00")
    assert played.owner == (LEILA if keeps else KARIM)
    assert keeps or played.conversation.last_owner == LEILA


def test_row_49_what_comes_back_goes_to_whoever_is_there() -> None:
    """Row 49: the evening's commonest case; the owner is off shift, somebody else is not."""
    played = held_by(LEILA, shifts_of_agents={LEILA: "day"})
    played.sends("16:00", LEILA, "r1")
    assert played.conversation.status is Status.WAITING
    played.says("18:00")
    assert (played.owner, played.conversation.status) == (KARIM, Status.OPEN)


def test_work_of_a_single_agent_waits_for_them() -> None:
    """With nobody else there it is nobody's, and says so once."""
    played = held_by(LEILA)
    played.agent(KARIM, presence=Presence.OFFLINE)
    played.off(LEILA, "11:00")
    played.says("12:00")
    played.says("12:01")
    assert played.owner is None
    assert len(played.told(Queued)) == 1
    assert played.told(Queued)[0].passed == (("karim", "offline", ""), ("leila", "offline", ""))


# -- after the end (rows 57, 61) ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "returns"),
    [
        (lambda _: None, True),
        (lambda d: d.full(LEILA), False),
        (lambda d: d.agent(LEILA, presence=Presence.BREAK), False),
        (lambda d: d.agent(LEILA, languages=frozenset({"xx"})), True),
    ],
)
def test_row_57_what_reopens_returns_to_an_owner_with_room(what, returns) -> None:
    """Row 57: online, below capacity, still skilled; else whoever is next."""
    played = held_by(LEILA)
    played.ask("10:10", LEILA, Resolve(sure=True))
    what(played)
    played.says("12:00", "It is broken again")
    assert played.owner == (LEILA if returns else KARIM)
    assert Flag.REOPENED in played.conversation.flags


def test_row_61_a_later_case_goes_to_its_last_owner_if_here() -> None:
    """Row 61: a new case, sticky to whoever had the one before."""
    played = held_by(LEILA)
    played.ask("10:10", LEILA, Resolve(sure=True))
    played.says("6d 12:00", "Another thing")
    line = played.told(Assigned)[-1]
    assert (played.owner, line.why) == (LEILA, "previous owner")


# -- people decide (rows 22 to 25) -------------------------------------------------------------


def test_row_25_who_releases_it_does_not_get_it_straight_back() -> None:
    """Row 25: not for ten minutes, even with nobody else there."""
    played = held_by(LEILA)
    played.agent(KARIM, presence=Presence.AWAY)
    played.ask("10:05", LEILA, Release())
    assert played.owner is None
    assert played.conversation.kept_from == LEILA
    found = RouteDue(played.conversation.id, LEILA, "round robin")
    played.play("10:14", found)
    assert played.owner is None
    played.play("10:15", found)
    assert played.owner == LEILA


def test_row_25_a_released_case_goes_to_a_colleague_at_once() -> None:
    """Row 25: it is routed like any other."""
    played = held_by(LEILA)
    played.ask("10:05", LEILA, Release())
    assert played.owner == KARIM


def test_row_24_given_to_a_team_it_is_routed_there() -> None:
    """Row 24: at once, and never outside the team."""
    played = held_by(LEILA)
    played.ask("10:05", LEILA, Assign(team=RETURNS))
    assert (played.owner, played.conversation.team) == (KARIM, RETURNS)


def test_row_24_a_persons_choice_stands_until_the_next_shift() -> None:
    """Row 24: automation leaves it alone, and whoever gave it is told."""
    played = day(shifts_of_agents={LEILA: "day"})
    played.says("18:00")
    said = played.ask("18:01", BOSS, Assign(agent=LEILA)).said
    played.off(LEILA, "18:00")
    played.says("20:00")
    played.play("21:00", LetGo(played.conversation.id, LEILA, "shift over"))
    assert played.owner == LEILA
    assert said == "Leila is off shift; it stays theirs until their next shift begins."

    played.says("2d 09:01")
    assert played.owner == KARIM


def test_row_22_a_claim_is_never_undone_by_automation() -> None:
    """A route that was chosen before the claim is decided again, and finds it taken."""
    played = day()
    played.agent(KARIM, presence=Presence.AWAY)
    played.agent(LEILA, presence=Presence.AWAY)
    played.says("10:00")
    played.ask("10:01", LEILA, Claim())
    played.agent(KARIM, presence=Presence.ONLINE)
    outcome = played.play("10:02", RouteDue(played.conversation.id, KARIM, "round robin"))
    assert (played.owner, outcome.changes) == (LEILA, ())


def test_a_choice_that_no_longer_holds_is_made_anew() -> None:
    """Nobody is given work outside team, skill, shift or capacity as of the commit."""
    played = day()
    played.agent(KARIM, presence=Presence.AWAY)
    played.agent(LEILA, presence=Presence.AWAY)
    played.says("10:00")
    played.agent(LEILA, presence=Presence.ONLINE)
    played.play("10:01", RouteDue(played.conversation.id, KARIM, "round robin"))
    assert played.owner == LEILA


# -- letting go (rows 38 to 42) ----------------------------------------------------------------


def let_go(played: Day, at: str, why: str) -> Outcome:
    return played.play(at, LetGo(played.conversation.id, LEILA, why))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("why", "at", "flag"),
    [
        ("dropped", "10:06:29", None),
        ("dropped", "10:06:30", Flag.DROPPED),
        ("shift over", "16:59", None),
        ("shift over", "17:00", Flag.HANDED_OVER),
        ("silent", "10:06:30", None),
        ("left", "10:06:30", None),
    ],
)
def test_rows_38_to_42_only_what_is_so_takes_work_off_its_owner(why, at, flag) -> None:
    """Rows 38 to 40 and 42: the line gone for 90 seconds, the shift over and the owner gone."""
    played = held_by(LEILA, shifts_of_agents={LEILA: "day"})
    played.agent(KARIM, presence=Presence.AWAY)
    played.off(LEILA, "10:05")
    let_go(played, at, why)
    assert played.owner == (None if flag else LEILA)
    assert flag is None or flag in played.conversation.flags


def test_row_40_at_work_after_the_shift_there_is_a_quarter_of_an_hour() -> None:
    """Row 40: and longer for whoever said so."""
    played = held_by(LEILA, shifts_of_agents={LEILA: "day"})
    played.agent(KARIM, presence=Presence.AWAY)
    played.agent(LEILA, until=clock("18:00"))
    let_go(played, "17:20", "shift over")
    assert played.owner == LEILA
    played.agent(LEILA, until=None)
    let_go(played, "17:14", "shift over")
    assert played.owner == LEILA
    let_go(played, "17:15", "shift over")
    assert played.owner is None


@pytest.mark.parametrize("state", [Presence.BREAK, Presence.AWAY, Presence.BUSY])
def test_row_41_who_is_on_a_break_keeps_their_work_and_gets_none(state: Presence) -> None:
    """Nothing is taken off them, and nothing new is given."""
    played = held_by(LEILA)
    played.agent(KARIM, presence=Presence.AWAY)
    played.agent(LEILA, presence=state)
    let_go(played, "12:00", "dropped")
    assert played.owner == LEILA
    other = day()
    other.agent(KARIM, presence=Presence.AWAY)
    other.agent(LEILA, presence=state)
    other.says("10:00")
    assert other.owner is None


def test_row_42_whoever_leaves_the_team_leaves_the_work_at_once() -> None:
    played = held_by(LEILA)
    played.agent(KARIM, presence=Presence.AWAY)
    played.agent(LEILA, teams=frozenset({RETURNS}))
    let_go(played, "10:05", "left")
    assert played.owner is None


def test_row_39_who_works_without_a_terminal_keeps_what_they_took() -> None:
    """A claim by the command line is a sign of life, for as long as a line may be down."""
    played = day()
    played.off(LEILA, "8:00")
    played.agent(KARIM, presence=Presence.AWAY)
    played.says("10:00")
    played.ask("10:01", LEILA, Claim())
    let_go(played, "10:02", "dropped")
    played.says("10:02:15")
    assert played.owner == LEILA
    let_go(played, "10:02:30", "dropped")
    assert played.owner is None


def test_row_39_what_is_on_the_customer_stays_with_who_dropped() -> None:
    """Row 39: nobody waits for them there."""
    played = held_by(LEILA)
    played.sends("10:02", LEILA, "r1")
    played.off(LEILA, "10:05")
    let_go(played, "12:00", "dropped")
    assert played.owner == LEILA


def test_row_38_silence_is_counted_from_the_owners_last_deed() -> None:
    """Row 38: from the last message or deed on, and then not back to the same."""
    played = held_by(LEILA, return_after=30 * MINUTE)
    played.ask("10:20", LEILA, SetTags(add=("gift",)))
    let_go(played, "10:49", "silent")
    assert played.owner == LEILA
    played.agent(KARIM, presence=Presence.AWAY)
    let_go(played, "10:50", "silent")
    assert played.owner is None
    assert Flag.RETURNED in played.conversation.flags
    assert played.conversation.kept_from == LEILA


def test_whoever_takes_it_ends_the_sign_that_it_was_dropped() -> None:
    """The flags say why it was nobody's, and it is somebody's now."""
    played = held_by(LEILA)
    played.agent(KARIM, presence=Presence.AWAY)
    played.off(LEILA, "10:05")
    let_go(played, "10:10", "dropped")
    played.ask("10:11", KARIM, Claim())
    assert not played.conversation.flags & {Flag.DROPPED}


# -- rules of the operator ---------------------------------------------------------------------

REFUNDS = Rule("refunds", words=Phrases.of(("refund",)), team=RETURNS, priority=Priority.HIGH)


def test_a_rule_says_team_and_priority_once() -> None:
    """By the first message's words; later words move nothing, and what a person set stays."""
    played = day(rules=(REFUNDS,), model=Model.MANUAL)
    played.says("10:00", "I want a refund")
    first = played.conversation
    assert (first.team, first.priority, first.custody.rule) == (RETURNS, Priority.HIGH, "refunds")

    played.ask("10:01", BOSS, Assign(team=CARE))
    played.says("10:02", "refund, please")
    assert played.conversation.team == CARE


NOT_NOW = Rule(
    "sale", words=Phrases.of(("not interested",)), gives=frozenset({"no sales"}), no_case=True
)


def test_row_5_a_rule_may_say_that_it_is_no_case() -> None:
    """The button of a campaign: kept, the customer tagged, nobody asked. In a case under way it is
    a message as any other, and so is what fits no rule."""
    played = day(rules=(NOT_NOW,))
    played.says("10:00", content=Answer(id="b", title="Not interested"))
    case = played.conversation
    assert (case.status, case.waiting_since, case.assignee) == (Status.RESOLVED, None, None)
    assert played.customer.tags == {"no sales"}
    assert [line.to for line in played.told(Marked)] == ["+no sales"]
    played.says("10:01", "Is it in blue?")
    assert (played.conversation.status, played.owner) == (Status.OPEN, KARIM)
    played.says("10:02", "not interested any more")
    assert played.conversation.unread == 2


def test_a_rule_gives_its_customers_tags() -> None:
    """Once, told in history."""
    wholesale = Rule("wholesale", words=Phrases.of(("wholesale",)), gives=frozenset({"wholesale"}))
    played = day(rules=(wholesale,))
    played.says("10:00", "wholesale prices please")
    played.says("10:01", "for wholesale")
    assert played.customer.tags == {"wholesale"}
    assert [line.to for line in played.told(Marked)] == ["+wholesale"]


def test_a_rule_finds_what_a_tag_makes_of_it() -> None:
    """What it is about has changed, so the rules are asked again."""
    wholesale = Rule("wholesale", tags=frozenset({"wholesale"}), team=RETURNS)
    played = day(rules=(wholesale,), model=Model.MANUAL)
    played.says("10:00")
    assert played.conversation.team == CARE
    played.ask("10:01", BOSS, SetTags(add=("wholesale",)))
    assert played.conversation.team == RETURNS


def test_the_account_manager_who_was_not_there_is_mentioned() -> None:
    """Somebody else has it, and history says whom it should have reached."""
    played = day()
    played.says("10:00")
    played.ask("10:01", BOSS, SetManager(agent=KARIM))
    played.ask("10:02", LEILA, Claim(take_over=True))
    played.ask("10:03", LEILA, Resolve(sure=True))
    played.agent(KARIM, presence=Presence.AWAY)
    played.says("6d 10:00", "Hello again")
    assert played.owner == LEILA
    assert [line.agent for line in played.told(Mentioned)] == [KARIM]
    assert played.conversation.mentions == {KARIM}


@pytest.mark.parametrize("reads", [False, True])
def test_the_account_manager_is_mentioned_once(reads) -> None:
    """However often it goes back to the queue and finds somebody else."""
    played = day()
    played.says("10:00")
    played.ask("10:01", BOSS, SetManager(agent=KARIM))
    played.ask("10:02", LEILA, Resolve(sure=True))
    played.agent(KARIM, presence=Presence.AWAY)
    played.says("6d 10:00", "Hello again")
    if reads:
        played.ask("6d 10:01", KARIM, Seen())
    played.off(LEILA, "6d 10:02")
    let_go(played, "6d 10:04", "dropped")
    assert played.owner is None
    played.agent(LEILA, presence=Presence.ONLINE)
    played.play("6d 10:05", RouteDue(played.conversation.id, LEILA, "round robin"))
    assert played.owner == LEILA
    assert [line.agent for line in played.told(Mentioned)] == [KARIM]


def test_undo_takes_back_what_followed_too() -> None:
    """A release that was routed on is undone as one."""
    played = held_by(LEILA)
    played.ask("10:05", LEILA, Release())
    assert played.owner == KARIM
    played.ask("10:06", LEILA, Undo())
    assert (played.owner, played.conversation.kept_from) == (LEILA, None)


@pytest.mark.parametrize("how", ["snoozed", "theirs"])
def test_row_54_what_wakes_finds_somebody(how) -> None:
    """Its owner if they are there, else whoever is next; also where nobody waits for us."""
    played = held_by(LEILA)
    played.sends("10:02", LEILA, "r1")
    until = datetime.fromtimestamp(clock("12:00") / 1_000_000, UTC)
    played.ask("10:03", LEILA, Snooze(until=until))
    if how == "snoozed":
        played.off(LEILA, "10:05")
    played.rings("12:00")
    assert played.conversation.status is Status.OPEN
    assert played.owner == (KARIM if how == "snoozed" else LEILA)


@pytest.mark.parametrize("late", [False, True])
def test_row_54_due_while_closed_it_wakes_at_opening_time(late: bool) -> None:  # noqa: FBT001
    """Nobody is here to see it wake at three in the night; an owner who works late is."""
    played = held_by(LEILA)
    played.sends("10:02", LEILA, "r1")
    until = datetime.fromtimestamp(clock("2d 03:00") / 1_000_000, UTC)
    played.ask("10:03", LEILA, Snooze(until=until))
    number = replace(played.desk.numbers[RIYADH], calendar="day")
    played.desk = replace(played.desk, numbers={RIYADH: number})
    if not late:
        played.off(LEILA, "2d 02:00")
    played.rings("2d 03:00")
    if late:
        assert played.conversation.status is Status.OPEN
        return
    asleep = played.conversation
    assert (asleep.status, asleep.assignee) == (Status.SNOOZED, LEILA)
    assert asleep.snoozed_until == clock("2d 09:00")
    assert played.wishes[-1] == Wake("snooze", clock("2d 09:00"))
    played.rings("2d 09:00")
    assert played.conversation.status is Status.OPEN
    assert Flag.WOKE in played.conversation.flags
    assert played.conversation.waiting_since is None


def test_row_29_a_lost_answer_leaves_an_owner_who_has_gone() -> None:
    """It is our turn again, and Leila is not there to see it."""
    played = held_by(LEILA)
    played.sends("10:02", LEILA, "r1")
    played.agent(KARIM, presence=Presence.ONLINE)
    played.off(LEILA, "10:05")
    played.reports("10:30", "wa-r1", Delivery.FAILED)
    case = played.conversation
    assert (case.status, case.waiting_since) == (Status.OPEN, clock("10:00"))
    assert (case.assignee, case.last_owner) == (KARIM, LEILA)


def test_row_38_a_wait_that_began_late_gives_its_owner_the_whole_time() -> None:
    """The message took an hour to reach us, and the owner none."""
    played = held_by(LEILA, return_after=30 * MINUTE)
    played.sends("10:02", LEILA, "r1")
    played.says("12:00", sent="11:00")
    let_go(played, "12:29", "silent")
    assert played.owner == LEILA


def test_row_7_a_groups_messages_are_handed_out_like_any() -> None:
    """Without a customer there is no manager and no previous owner, and it works."""
    played = Day(desk=desk(), group="120363000000000001")
    played.says("10:00")
    assert played.owner == KARIM


def test_row_29_a_lost_answer_goes_to_its_sender_if_they_are_there() -> None:
    """Else to whoever is."""
    played = held_by(LEILA)
    played.sends("10:02", LEILA, "r1")
    played.agent(KARIM, presence=Presence.ONLINE)
    played.ask("10:03", LEILA, Release())
    played.off(LEILA, "10:03")
    played.reports("10:30", "wa-r1", Delivery.FAILED)
    assert played.owner == KARIM
