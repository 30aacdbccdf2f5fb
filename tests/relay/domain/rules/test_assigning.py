"""Who gets a piece of work, who was passed over, and what the operator's rules make of it."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.relay.domain.playbook import CARE, MIDNIGHT, RETURNS, RIYADH, clock

from wainbox_relay.contract.vocabulary import (
    DAY,
    HOUR,
    MINUTE,
    AgentId,
    ConversationId,
    CustomerId,
    Flag,
    Moment,
    Presence,
    Priority,
    Role,
    Status,
    ThreadId,
)
from wainbox_relay.domain.model import (
    Agent,
    Conversation,
    Custody,
    Customer,
    Desk,
    Load,
    Number,
    Policy,
)
from wainbox_relay.domain.rules import eligibility
from wainbox_relay.domain.rules.assigning import choose, hand_out, waits
from wainbox_relay.domain.rules.calendar import Calendar, Slot, Version
from wainbox_relay.domain.rules.routing import Model, Routing, Rule, Traits
from wainbox_relay.domain.rules.wording import Phrases

NOON = clock("12:00")
DAY_SHIFT = Calendar(ZoneInfo("UTC"), (Version(date.min, ((Slot(540, 1020),),) * 7),))
AMINA, KARIM, LINA, OMAR = (AgentId(name) for name in ("amina", "karim", "lina", "omar"))


def agent(name: AgentId, last: str = "8:00", **fields: object) -> Agent:
    known = Agent(name, name.title(), Role.AGENT, frozenset({CARE}), Presence.ONLINE)
    return replace(known, assigned_at=clock(last), **fields)


def case(**fields: object) -> Conversation:
    known = Conversation(
        ConversationId(7), 7, RIYADH, ThreadId(7), CustomerId(1), MIDNIGHT, team=CARE
    )
    return replace(known, **{"waiting_since": clock("11:59"), **fields})


def desk(*agents: Agent, load: dict[AgentId, Load] | None = None, **routing: object) -> Desk:
    return Desk(
        agents={each.id: each for each in agents},
        teams=frozenset({CARE, RETURNS}),
        numbers={RIYADH: Number(RIYADH, "Riyadh", team=CARE)},
        policy=Policy(
            routing=Routing(**{"model": Model.ROUND_ROBIN, **routing}), calendars={"day": DAY_SHIFT}
        ),
        load=load or {},
    )


SARA = Customer(CustomerId(1), MIDNIGHT, "Sara")


def chosen(work: Conversation, of: Desk, customer: Customer | None = SARA, now: Moment = NOON):
    routing = of.policy.routing
    assert routing is not None
    return choose(work, customer, of, routing, now)


def told(work: Conversation, of: Desk, customer: Customer | None = SARA, now: Moment = NOON):
    return chosen(work, of, customer, now).reason(lambda a: of.agents[a].name)


def test_it_says_who_was_chosen_and_who_was_passed_over_for_what() -> None:
    """Full, unskilled and on break are passed over by name; whoever is offline is not spoken of."""
    there = desk(
        agent(AMINA, "8:00"),
        agent(LINA, "8:01", languages=frozenset({"fr"})),
        agent(OMAR, "8:02", presence=Presence.BREAK),
        agent(AgentId("nora"), "8:03", presence=Presence.OFFLINE),
        agent(KARIM, "9:00", languages=frozenset({"ar"})),
        load={AMINA: Load(6, 1)},
    )
    assert told(case(language="ar"), there) == (
        "round robin: Karim; passed over Amina 6/6, Lina no Arabic, Omar on break"
    )


def test_where_nobody_can_everybody_is_spoken_of() -> None:
    """The absent too, but not other teams and not those who left."""
    there = desk(
        agent(AMINA, presence=Presence.OFFLINE),
        agent(KARIM, teams=frozenset({RETURNS})),
        agent(LINA, revoked_at=MIDNIGHT),
        agent(OMAR),
        shifts_of_agents={OMAR: "day"},
    )
    assert told(case(), there, now=clock("20:00")) == (
        "round robin: nobody; passed over Amina offline, Omar off shift"
    )


LOADS = {AMINA: Load(4, 2), KARIM: Load(1, 1), LINA: Load(2, 0)}


@pytest.mark.parametrize(
    ("model", "more", "who"),
    [
        (Model.ROUND_ROBIN, {}, AMINA),
        (Model.SKILL_BASED, {}, KARIM),
        (Model.FIRST_AVAILABLE, {}, LINA),
        (Model.LEAST_LOADED, {}, KARIM),
        (Model.MANUAL, {}, None),
    ],
)
def test_each_model_asks_in_its_own_order(model: Model, more: dict, who: AgentId | None) -> None:
    """In turn, by named skill, the unoccupied first, the least loaded; by hand to nobody."""
    there = desk(
        agent(AMINA, "8:00"),
        agent(KARIM, "9:00", languages=frozenset({"fr"})),
        agent(LINA, "10:00"),
        load=LOADS,
        model=model,
        **more,
    )
    assert chosen(case(language="fr"), there).agent == who


@pytest.mark.parametrize(("strict", "who"), [(True, None), (False, KARIM)])
def test_without_anybody_free_it_waits_or_goes_to_the_least_loaded(
    strict, who: AgentId | None
) -> None:
    """First available, strictly, waits for somebody who owes no answer."""
    loads = {AMINA: Load(4, 2), KARIM: Load(1, 1)}
    there = desk(agent(AMINA), agent(KARIM), load=loads, model=Model.FIRST_AVAILABLE, strict=strict)
    assert chosen(case(), there).agent == who


@pytest.mark.parametrize(
    ("named", "exact", "can"),
    [
        ({"ar-Latn"}, True, True),
        ({"ar"}, False, True),
        ({"ar"}, True, False),
        ({"fr"}, False, False),
        ({}, True, True),
    ],
)
def test_arabic_in_latin_letters_is_a_skill_of_its_own(named: set[str], exact, can) -> None:
    """Who names Arabic gets it too, unless a rule says otherwise; who names nothing gets all."""
    somebody = agent(AMINA, languages=frozenset(named))
    assert eligibility.speaks(somebody, "ar-Latn", exact=exact) is can


def test_what_nobody_names_anybody_may_take() -> None:
    """Spanish, or a topic that is no agent's, keeps nobody out."""
    there = desk(agent(AMINA, languages=frozenset({"ar"}), topics=frozenset({"returns"})))
    assert chosen(case(language="es", topic="jokes"), there).agent == AMINA


@pytest.mark.parametrize("who", ["a lead", "another team's"])
def test_a_skill_of_somebody_who_never_gets_it_keeps_nobody_out(who: str) -> None:
    """Else it would wait for ever: the lead is given no work, the other team none of this one's."""
    skilled = {"languages": frozenset({"ar"}), "topics": frozenset({"returns"}), "vip": True}
    if who == "a lead":
        other = agent(LINA, role=Role.LEAD, **skilled)
    else:
        other = agent(LINA, teams=frozenset({RETURNS}), **skilled)
    amina = agent(AMINA, languages=frozenset({"fr"}), topics=frozenset({"jokes"}))
    vip = replace(SARA, vip=True)
    for_care = case(language="ar", topic="returns", team=CARE)
    assert chosen(for_care, desk(amina, other), vip).agent == AMINA


# -- before every model ------------------------------------------------------------------------


def test_a_customers_own_manager_comes_before_every_model() -> None:
    """Then the backup; then whoever looks after VIPs, and the manager hears of it."""
    kept = replace(SARA, manager=KARIM, manager_backup=LINA)
    amina, karim = agent(AMINA, vip=True), agent(KARIM, "9:00")
    lina, omar = agent(LINA, "9:00"), agent(OMAR, "7:00")
    by_hand = desk(amina, karim, lina, omar, model=Model.MANUAL)
    away = replace(karim, presence=Presence.AWAY)
    gone = replace(lina, presence=Presence.OFFLINE)

    assert told(case(), by_hand, kept) == "account manager: Karim"
    assert chosen(case(), by_hand, kept).missed is None
    backup = chosen(case(), desk(amina, away, lina, omar), kept)
    assert (backup.agent, backup.missed) == (LINA, KARIM)
    for_vips = chosen(case(), desk(amina, away, gone, omar), kept)
    assert (for_vips.agent, for_vips.missed) == (AMINA, KARIM)


@pytest.mark.parametrize(
    ("hour", "who"), [("12:00", KARIM), ("16:44", KARIM), ("16:46", AMINA), ("13:31", AMINA)]
)
def test_the_previous_owner_comes_first_for_a_while(hour: str, who: AgentId) -> None:
    """Within the minutes the operator set, and not with the end of the shift near."""
    now = clock(hour)
    served = clock("12:00") if hour.startswith("13") else Moment(now - HOUR)
    sara = replace(SARA, served_by=KARIM, served_at=served)
    there = desk(
        agent(AMINA, "8:00"),
        agent(KARIM, "9:00"),
        sticky=90 * MINUTE,
        shifts_of_teams={CARE: "day"},
    )
    assert chosen(case(), there, sara, now).agent == who


def test_whoever_gave_it_back_is_not_given_it_again_for_a_while() -> None:
    """Row 25: ten minutes, then like everybody."""
    work = case(kept_from=AMINA, kept_until=clock("12:05"))
    assert told(work, desk(agent(AMINA))) == "round robin: nobody; passed over Amina gave it back"
    assert chosen(work, desk(agent(AMINA)), now=clock("12:05")).agent == AMINA


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMIN])
def test_leads_are_given_work_only_with_a_capacity_of_their_own(role: Role) -> None:
    """Automation leaves leads alone unless somebody said how much they hold."""
    assert chosen(case(), desk(agent(AMINA, role=role))).agent is None
    assert chosen(case(), desk(agent(AMINA, role=role, capacity=2))).agent == AMINA


def test_viewers_are_never_given_work() -> None:
    """Not even with a capacity."""
    assert chosen(case(), desk(agent(AMINA, role=Role.VIEWER, capacity=2))).agent is None


# -- what waits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "so"),
    [
        ({}, True),
        ({"waiting_since": None}, False),
        ({"waiting_since": None, "flags": frozenset({Flag.WOKE})}, True),
        ({"status": Status.WAITING}, False),
        ({"status": Status.BOT}, False),
        ({"assignee": KARIM}, False),
        ({"flags": frozenset({Flag.ESCALATED})}, False),
        ({"flags": frozenset({Flag.GROUP})}, True),
        ({"number": "999"}, False),
    ],
)
def test_what_automation_looks_for_somebody_for(fields: dict, so) -> None:
    """Open and unowned work that waits for us; what is escalated is the leads'."""
    assert waits(case(**fields), desk(), NOON) is so


# -- the rules of the operator -----------------------------------------------------------------

REFUNDS = Rule(
    "refunds",
    words=Phrases.of(("refund", "رجع فلوسي", "l'argent")),
    team=RETURNS,
    priority=Priority.HIGH,
)


@pytest.mark.parametrize(
    ("rule", "traits", "fits"),
    [
        (REFUNDS, {"words": "I want a REFUND!"}, True),
        (REFUNDS, {"words": "refunded?"}, False),
        (REFUNDS, {"words": "أنا عايز ترجع فلوسي"}, False),
        (REFUNDS, {"words": "رجّع فلوسي"}, True),
        (REFUNDS, {}, False),
        (Rule("x", topics=frozenset({"a"})), {"topic": "a"}, True),
        (Rule("x", topics=frozenset({"a"})), {"topic": "b"}, False),
        (Rule("x", languages=frozenset({"fr"})), {"language": "fr"}, True),
        (Rule("x", languages=frozenset({"fr"})), {"language": "ar"}, False),
        (Rule("x", tags=frozenset({"a", "b"})), {"tags": frozenset("abc")}, True),
        (Rule("x", tags=frozenset({"a", "b"})), {"tags": frozenset("a")}, False),
        (Rule("x", vip=True), {"vip": True}, True),
        (Rule("x", vip=False), {"vip": True}, False),
        (Rule("x", numbers=frozenset({RIYADH})), {}, True),
        (Rule("x", numbers=frozenset({"1"})), {}, False),
        (Rule("x", advert=True), {"words": "", "advert": True}, True),
        (Rule("x", advert=True), {"words": ""}, False),
        (Rule("x", advert=False), {"words": ""}, True),
        (Rule("x", open=False), {}, False),
        (Rule("x", open=True), {}, True),
    ],
)
def test_a_rule_fits_when_all_it_names_holds(rule: Rule, traits: dict, fits) -> None:
    """Topic, language, tags, VIP, number, advertisement, words, hours."""
    assert rule.fits(Traits(RIYADH, **traits), "") is fits


def test_what_a_message_has_shown_stays_shown() -> None:
    """A rule about words goes on fitting when there are no words to look at."""
    assert REFUNDS.fits(Traits(RIYADH), "refunds")


def test_the_narrower_model_counts() -> None:
    """Rule before number before team before all."""
    ruled = Rule("x", model=Model.FIRST_AVAILABLE)
    routing = Routing(
        Model.MANUAL, {CARE: Model.ROUND_ROBIN}, {RIYADH: Model.LEAST_LOADED}, (ruled,)
    )
    assert routing.model_for(ruled, RIYADH, CARE) is Model.FIRST_AVAILABLE
    assert routing.model_for(None, RIYADH, CARE) is Model.LEAST_LOADED
    assert replace(routing, numbers={}).model_for(None, RIYADH, CARE) is Model.ROUND_ROBIN
    assert replace(routing, numbers={}).model_for(None, RIYADH, RETURNS) is Model.MANUAL


def test_a_rules_agent_is_asked_before_the_model() -> None:
    """And `why` names the rule."""
    there = desk(agent(AMINA), agent(KARIM, "9:00"), rules=(Rule("refunds", agent=KARIM),))
    assert told(case(custody=Custody("refunds")), there) == "rule refunds: Karim"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("I want a REFUND!!", True),
        ("réfund", True),
        ("a reeefund", True),
        ("Rendez-moi l’argent", True),
        ("رجّع فلوسي", True),
        ("unrefundable", False),
        ("de l’argenterie", False),
    ],
)
def test_words_are_found_as_words(text: str, fits) -> None:
    """Whatever their accents, vowel marks, capitals, marks between them and drawn-out letters; as
    `[urgency]` finds them."""
    assert REFUNDS.fits(Traits(RIYADH, words=text), "") is fits


# -- shifts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "fields", "so"),
    [
        ("8:59", {}, False),
        ("9:00", {}, True),
        ("17:00", {}, False),
        ("18:00", {"until": clock("19:00")}, True),
        ("19:00", {"until": clock("19:00")}, False),
        ("18:00", {"until": clock("19:00"), "state": Presence.BREAK}, False),
    ],
)
def test_a_shift_is_its_hours_and_overtime(hour: str, fields: dict, so) -> None:
    """To be online until a moment is to be at work until then."""
    there = desk(shifts_of_agents={AMINA: "day"})
    assert eligibility.on_shift(agent(AMINA, **fields), there, clock(hour)) is so


def test_ones_own_hours_come_before_the_teams() -> None:
    """A team's shift is for whoever has none of their own."""
    there = desk(shifts_of_teams={CARE: "day"}, shifts_of_agents={AMINA: "always"})
    assert eligibility.on_shift(agent(AMINA), there, clock("3:00"))
    assert not eligibility.on_shift(agent(KARIM), there, clock("3:00"))


def test_a_break_ends_by_itself() -> None:
    """And the state with it."""
    on_break = agent(AMINA, state=Presence.BREAK, until=NOON, presence=Presence.BREAK)
    before = eligibility.refreshed(on_break, Moment(NOON - 1), here=True)
    after = eligibility.refreshed(on_break, NOON, here=True)
    assert before is on_break
    assert (after.presence, after.state, after.until) == (Presence.ONLINE, Presence.ONLINE, None)
    assert eligibility.refreshed(after, NOON, here=False).presence is Presence.OFFLINE


# -- many --------------------------------------------------------------------------------------

skills = st.frozensets(st.sampled_from(("ar", "fr", "en")), max_size=2)
agents = st.builds(
    lambda presence, languages, capacity, teams, vip, last: Agent(
        AgentId(""),
        "",
        Role.AGENT,
        teams,
        presence,
        languages=languages,
        capacity=capacity,
        vip=vip,
        assigned_at=Moment(last),
    ),
    st.sampled_from((Presence.ONLINE, Presence.ONLINE, Presence.BUSY, Presence.OFFLINE)),
    skills,
    st.integers(1, 4),
    st.sampled_from((frozenset(), frozenset({CARE}), frozenset({RETURNS}))),
    st.booleans(),
    st.integers(0, 5),
)
work = st.builds(
    lambda language, team, vip: (case(language=language, team=team), replace(SARA, vip=vip)),
    st.sampled_from(("", "ar", "fr", "en", "ar-Latn")),
    st.sampled_from((None, CARE, RETURNS)),
    st.booleans(),
)
models = st.sampled_from([model for model in Model if model is not Model.MANUAL])


@given(st.lists(agents, min_size=1, max_size=6), st.lists(work, max_size=20), models)
def test_at_rest_nobody_idles_while_work_waits_that_they_could_take(crew, pool, model) -> None:
    """After handing out, whatever still waits is for nobody who has room; and nobody was given more
    than they hold or what is not for them."""
    named = [replace(each, id=AgentId(f"a{nth}")) for nth, each in enumerate(crew)]
    there = desk(*named, model=model)
    numbered = [(replace(c, id=ConversationId(n)), who) for n, (c, who) in enumerate(pool)]
    moved, after = hand_out(numbered, there, NOON)
    taken = {each.id for each, _ in moved}

    for each in after.agents.values():
        assert eligibility.load(after, each.id).open <= (each.capacity or 0)
    assert sum(held.open for held in after.load.values()) == len(moved)
    for waiting, customer in numbered:
        if waiting.id not in taken:
            assert chosen(waiting, after, customer).agent is None


def test_ten_thousand_are_spread_evenly() -> None:
    """Round robin over fifty: within one of each other, nobody over capacity."""
    crew = [agent(AgentId(f"a{n}"), capacity=300) for n in range(50)]
    pool = [(case(), SARA)] * 2_000
    moved, after = hand_out(pool, desk(*crew), Moment(NOON + DAY))
    held = [eligibility.load(after, each.id).open for each in crew]
    assert (len(moved), min(held), max(held)) == (2_000, 40, 40)
