"""Pages of the queue: every way to read one agrees with looking at every conversation."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.relay.store.making import NOW, person

from wainbox_relay.contract.filters import FIELDS, Filter, Term, Viewer, matches, parse
from wainbox_relay.contract.vocabulary import SECOND, Flag, Priority, Standing, Status
from wainbox_relay.domain.model import Conversation, Number
from wainbox_relay.ports import Batch
from wainbox_relay.store import Stores, open_stores
from wainbox_relay.store.pages import Place, keys_sql, plan, rare_tags

VIEWER = Viewer("nadia", frozenset({"returns", "orders"}))
VALUES = {
    "status": tuple(Status),
    "assignee": ("me", "nobody", "nadia", "karim", "lina"),
    "team": ("mine", "nobody", "returns", "orders", "billing"),
    "number": ("one", "two", "three"),
    "lang": ("ar", "fr", "en", "xx"),
    "tag": ("vip", "big", "rare", "none"),
    "priority": tuple(Priority),
    "is": (*Flag, "ours", "theirs"),
    "standing": tuple(s.name.lower() for s in Standing),
    "mention": ("me", "nadia", "karim", "lina"),
}
MANY = 240


@st.composite
def terms(draw: st.DrawFn) -> Term:
    field = draw(st.sampled_from(FIELDS))
    values = draw(st.frozensets(st.sampled_from(VALUES[field]), min_size=1, max_size=3))
    return Term(field, values, draw(st.booleans()))


filters = st.builds(Filter, st.lists(terms(), max_size=3).map(tuple))


def desk() -> list[Conversation]:
    """Conversations of every sort; many share a place in the order, so that ids must decide."""
    batch = Batch(at=NOW)
    made = []
    for n in range(MANY):
        status = tuple(Status)[n * 7 % 5]
        made.append(
            person(
                batch,
                n,
                number=("one", "two", "hidden")[n % 3],
                status=status,
                flags=frozenset({tuple(Flag)[n % len(Flag)]}) if n % 4 == 0 else frozenset(),
                priority=tuple(Priority)[n // 3 % 4],
                language=("ar", "fr", "en", "")[n // 2 % 4],
                team=("returns", "orders", None)[n // 5 % 3],
                assignee=("nadia", "karim", None, None)[n // 7 % 4],
                tags=frozenset(t for k, t in ((3, "vip"), (5, "big"), (80, "rare")) if n % k == 0),
                mentions=frozenset(a for k, a in ((4, "nadia"), (7, "karim")) if n % k == 0),
                waiting_since=NOW + n // 4 * SECOND if n % 2 else None,
                snoozed_until=NOW if status is Status.SNOOZED else None,
                resolved_at=NOW + n if status is Status.RESOLVED else None,
            )
        )
    return made


class Desk:
    """A filled store that stays open over many examples."""

    def __init__(self, stores: Stores, conversations: list[Conversation]) -> None:
        self.stores = stores
        self.conversations = sorted(conversations, key=lambda c: (c.sort_key, c.id))

    def fitting(self, wanted: Filter, viewer: Viewer = VIEWER) -> list[str]:
        """The slow and obvious way."""
        return [
            f"W-{c.ref}"
            for c in self.conversations
            if c.number != "hidden" and matches(wanted, c.facets, viewer)
        ]

    async def refs(self, wanted: Filter, viewer: Viewer = VIEWER, **place: object) -> list[str]:
        page = await self.stores.reads.page(wanted, viewer, **place)  # type: ignore[arg-type]
        return [card.ref for card in page.cards]


@pytest.fixture
async def filled(tmp_path: Path):
    batch = Batch(at=NOW)
    made = desk()
    for n, case in enumerate(made):
        assert person(batch, n, number=case.number).id == case.id
    batch.opened = made
    batch.numbers = {"hidden": Number("hidden", claimed=False)}
    async with await open_stores(tmp_path) as stores:
        await stores.store.save(batch)
        yield Desk(stores, made)


@given(
    wanted=filters,
    viewer=st.sampled_from((VIEWER, Viewer("karim"))),
    limit=st.integers(1, 60),
    data=st.data(),
)
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_a_page_is_what_looking_at_everything_gives(
    filled: Desk, wanted, viewer, limit, data
):
    """From the top, the end, an offset and both sides of any row, for any filter."""
    everything = filled.fitting(wanted, viewer)
    refs = partial(filled.refs, wanted, viewer)
    assert await refs(limit=limit) == everything[:limit]
    assert await refs(limit=limit, from_end=True) == everything[-limit:]
    offset = data.draw(st.integers(0, len(everything) + 1))
    assert await refs(limit=limit, offset=offset) == everything[offset : offset + limit]
    at = data.draw(st.sampled_from(filled.conversations))
    key = (at.sort_key, at.id)
    ahead = [f"W-{c.ref}" for c in filled.conversations if (c.sort_key, c.id) < key]
    before = [ref for ref in everything if ref in set(ahead)]
    after = [ref for ref in everything if ref not in set(ahead) and ref != f"W-{at.ref}"]
    assert await refs(limit=limit, after=key) == after[:limit]
    assert await refs(limit=limit, before=key) == before[-limit:]


async def test_pages_follow_each_other_without_gap_or_repeat(filled: Desk):
    """Walking a view page by page, either way, shows each conversation once and then stops."""
    wanted = parse("team:returns,orders -is:late")
    everything = filled.fitting(wanted)
    for backwards in (False, True):
        seen: list[str] = []
        key: tuple[int, int] | None = None
        more = True
        while more:
            place = {"before": key, "from_end": key is None} if backwards else {"after": key}
            page = await filled.stores.reads.page(wanted, VIEWER, limit=7, **place)
            refs = [card.ref for card in page.cards]
            seen = refs + seen if backwards else seen + refs
            edge = page.cards[0] if backwards else page.cards[-1]
            key, more = (edge.sort_key, edge.id), page.more
        assert seen == everything


async def test_a_filter_that_names_nothing_is_an_empty_page(filled: Desk):
    """Somebody without a team has no team's conversations; contradictions have none."""
    nobody = Viewer("nobody")
    page = await filled.stores.reads.page(parse("team:mine"), nobody)
    assert (page.cards, page.more) == ((), False)
    assert await filled.refs(parse("status:open -status:open")) == []


async def test_the_same_page_as_json(filled: Desk):
    """The bytes for the wire say what the checked page says, with its place in the stream."""
    reads = filled.stores.reads
    page = await reads.page(parse("lang:ar"), VIEWER, limit=20)
    raw = await reads.page_json(parse("lang:ar"), VIEWER, limit=20)
    assert type(page).model_validate_json(raw) == page


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("-status:resolved", "queue_all"),
        ("assignee:nadia", "queue_assignee"),
        ("assignee:nobody status:open", "queue_assignee"),
        ("team:returns", "queue_team"),
        ("lang:ar", "queue_language"),
        ("status:waiting", "queue_status"),
        ("is:late", "queue_flagged"),
        ("tag:vip", "queue_tagged"),
        ("mention:me", "queue_mentioned"),
        ("mention:me status:open lang:ar", "queue_mentioned"),
        ("tag:vip team:returns", "queue_tagged"),
        ("status:resolved", "queue_resolved"),
        ("standing:theirs", "queue_all"),
    ],
)
async def test_no_page_sorts_what_it_reads(filled: Desk, text: str, index: str):
    """Every view is read along an index in order, also beyond a key: no sorting, no full scan."""
    for place in (Place(50), Place(50, after=(5, 5)), Place(50, from_end=True)):
        ready = plan(parse(text), VIEWER, ["hidden"], frozenset())
        sql = keys_sql(ready, place)
        async with filled.stores.readers.snapshot() as connection:
            asked = f"EXPLAIN QUERY PLAN {sql}"
            rows = await connection.execute_fetchall(asked, ready.where.params)
        told = " / ".join(row[3] for row in rows)
        assert index in told
        if "UNION" not in sql:
            assert "TEMP B-TREE" not in told


async def test_a_rare_tag_is_looked_up_and_a_common_one_is_met_on_the_way(filled: Desk):
    """Which of the two decides how a page is read; both give the same page."""
    async with filled.stores.readers.snapshot() as connection:
        rare = await rare_tags(connection, parse("tag:vip,rare tag:big"), rare=10)
    assert rare == {"rare"}


def test_what_will_be_too_late_can_be_asked_for_in_words():
    """`window<opening` and its opposite are filters like the others."""
    assert parse("window<opening lang:ar") == parse("is:window_shuts lang:ar")
    assert parse("-window<opening") == parse("-is:window_shuts")


async def test_counts_by_facets_add_up(filled: Desk):
    """The counters' groups hold every conversation once, by what the views ask for."""
    groups = list(await filled.stores.reads.facets())
    assert sum(count for _, count in groups) == MANY
    assert {facets.flags for facets, _ in groups} == {frozenset(), frozenset({Flag.WINDOW_SHUTS})}
    for facets, count in groups:
        same = [
            c
            for c in filled.conversations
            if (c.number, c.team, c.assignee, c.status, c.facets.standing, c.mentions)
            == (
                *(facets.number, facets.team, facets.assignee, facets.status, facets.standing),
                facets.mentions,
            )
            and c.flags & {Flag.WINDOW_SHUTS} == facets.flags
        ]
        assert len(same) == count
