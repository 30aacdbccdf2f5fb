"""A pretend desk: cards, entries and a customer, in English, French and Arabic."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wainbox_relay.contract.content import (
    Answer,
    Image,
    MediaFile,
    Note,
    Order,
    OrderItem,
    Text,
    Unsupported,
    Voice,
)
from wainbox_relay.contract.filters import VIEWS, Facets, Viewer, matches, view
from wainbox_relay.contract.views import (
    AgentBadge,
    Card,
    Case,
    CaseFacts,
    ClockFace,
    Counts,
    CustomerName,
    CustomerPanel,
    Entry,
    Failure,
    LastMessage,
    MediaFacts,
    NumberBadge,
    Quote,
    Reaction,
    ViewCount,
)
from wainbox_relay.contract.vocabulary import (
    AgentId,
    Delivery,
    Direction,
    Flag,
    Kind,
    MediaState,
    Presence,
    Priority,
    Role,
    Standing,
    Status,
    Turn,
)
from wainbox_tui.state import DeskState

ZONE = ZoneInfo("Africa/Casablanca")
NOW = datetime(2026, 11, 22, 9, 18, tzinfo=ZONE).astimezone(UTC)


def ago(**spans: float) -> datetime:
    return NOW - timedelta(**spans)


def at(hour: int, minute: int, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def desk(**changes: Any) -> DeskState:
    agents = {
        name.lower(): AgentBadge(id=name.lower(), name=name, role=Role.AGENT)
        for name in ("Nadia", "Lina", "Samir")
    }
    numbers = {
        "1": NumberBadge(id="1", name="Atlas Maroc", phone="+212 5 22-00-00-01"),
        "2": NumberBadge(id="2", name="Riyadh", phone="+966 11 000 0002"),
    }
    return DeskState(me=agents["nadia"], agents=agents, numbers=numbers, **changes)


def team() -> list[AgentBadge]:
    """Nadia's colleagues on a busy morning."""
    online, break_ = Presence.ONLINE, Presence.BREAK
    rows: list[tuple[str, Presence, int, tuple[str, ...]]] = [
        ("Nadia", online, 4, ("ar", "fr")),
        ("Lina", online, 2, ("fr", "en")),
        ("Samir", Presence.BUSY, 8, ("ar",)),
        ("Mourad", break_, 3, ("fr", "en")),
        ("Omar", Presence.OFFLINE, 0, ("ar", "fr")),
    ]
    return [
        AgentBadge(
            id=name.lower(), name=name, role=Role.AGENT, presence=presence, load=load,
            capacity=6 if name == "Mourad" else 8, languages=languages,
        )
        for name, presence, load, languages in rows
    ]  # fmt: skip


def standing_of(status: Status, turn: Turn, flags: Collection[Flag] = ()) -> Standing:
    if status in (Status.SNOOZED, Status.RESOLVED):
        return Standing.ASLEEP
    if turn is Turn.THEIRS:
        return Standing.THEIRS
    classes = {
        Flag.ESCALATED: Standing.ESCALATED,
        Flag.PENDING: Standing.AFTER_HOURS,
        Flag.SLA_MISSED: Standing.MISSED,
        Flag.SLA_AT_RISK: Standing.AT_RISK,
    }
    return next((classes[flag] for flag in classes if flag in flags), Standing.OURS)


def due(minutes: float, *, at_risk: bool = False) -> ClockFace:
    """A next response that falls due in so many minutes, or did."""
    at = NOW + timedelta(minutes=minutes)
    return ClockFace(target="next", due=at, at_risk=at_risk, missed=minutes <= 0)


def card(identity: int = 1, name: str = "Amira Haddad", text: str = "Hello", **given: Any) -> Card:
    """A card; `waited` is how long ago the last message came, `said_by` makes it ours."""
    waited: timedelta = given.pop("waited", timedelta(minutes=7))
    said_by: str | None = given.pop("said_by", None)
    kind: Kind = given.pop("kind", Kind.TEXT)
    status = given.get("status", Status.OPEN if said_by is None else Status.WAITING)
    turn = given.get("turn", Turn.OURS if said_by is None else Turn.THEIRS)
    customer = {"id": identity, "name": name, "phone": "+212612345678", "vip": False}
    customer |= given.pop("customer", {})
    usual: dict[str, Any] = {
        "id": identity,
        "ref": f"W-{1000 + identity}",
        "version": 1,
        "sort_key": (standing_of(status, turn, given.get("flags", ())) << 60) + identity,
        "number": "1",
        "thread": identity,
        "customer": CustomerName(**customer),
        "status": status,
        "turn": turn,
        "language": "en",
        "assignee": "nadia",
        "unread": 0 if said_by is not None else 1,
        "last_message": LastMessage(
            id=identity,
            text=text,
            at=NOW - waited,
            direction=Direction.IN if said_by is None else Direction.OUT,
            kind=kind,
            author=said_by or "",
        ),
        "waiting_since": NOW - waited if turn is Turn.OURS else None,
        "opened_at": NOW - waited - timedelta(hours=1),
        "window_closes_at": NOW - waited + timedelta(hours=24),
    }
    return Card(**(usual | given))


def queue_cards() -> list[Card]:
    """The busy morning of the pictures."""
    h, m, d = (lambda n: timedelta(hours=n)), (lambda n: timedelta(minutes=n)), timedelta
    pending, missed, risky = (Flag.PENDING,), (Flag.SLA_MISSED,), (Flag.SLA_AT_RISK,)
    rows = [
        {"name": "Youssef Benali", "text": "Bonjour, taille incorrecte, je veux échanger",
         "language": "fr", "assignee": None, "waited": h(9), "priority": Priority.URGENT,
         "flags": pending, "clock": due(11.8)},
        {"name": "عبد الله المنصوري", "text": "دفعت مرتين على نفس الطلب", "language": "ar",
         "assignee": None, "waited": h(7), "unread": 3, "flags": pending, "clock": due(11.8)},
        {"name": "Amira Haddad", "text": "Where is my order #10497?", "assignee": "lina",
         "unread": 2, "flags": missed, "clock": due(-2.09)},
        {"name": "سارة العلي", "text": "متى يصل الطلب؟ #10482", "language": "ar", "waited": m(14),
         "unread": 2, "customer": {"vip": True}, "flags": risky, "clock": due(0.8, at_risk=True)},
        {"name": "Omar Tazi", "text": "salam, fin wsel lcolis dyali?", "language": "ar-Latn",
         "assignee": "samir", "waited": m(11), "flags": risky, "clock": due(3.2, at_risk=True)},
        {"name": "Leïla Mansouri", "text": "Le code promo ne marche pas chez moi",
         "language": "fr", "waited": m(8), "flags": (Flag.REOPENED,), "clock": due(6.34)},
        {"name": "نور الصالح", "text": "هل المنتج (Nike Air) متوفر بمقاس ٣٨؟", "language": "ar",
         "assignee": "samir", "waited": m(5), "clock": due(9.09)},
        {"name": "Karim Naciri", "text": "Refund still pending on my card", "unread": 2,
         "waited": m(5), "flags": (Flag.DELIVERY_TROUBLE,)},
        {"name": "Boutique Zellige, Marrakech", "text": "On attend la facture du mois",
         "language": "fr", "assignee": "lina", "waited": m(2), "clock": due(12.5)},
        {"name": "Hassan Idrissi", "text": "colis.jpg", "kind": Kind.IMAGE, "language": "fr",
         "waited": m(20), "flags": (Flag.UNCONFIRMED,)},
        {"name": "محمد عبد الرحيم", "text": "نحتاج صورة للمنتج من فضلك", "language": "ar",
         "said_by": "nadia", "waited": h(22.34)},
        {"name": "Sofia Bennani", "text": "The exchange leaves tomorrow", "said_by": "nadia",
         "waited": h(1)},
        {"name": "Rachid El Amrani", "text": "Le remboursement est parti", "language": "fr",
         "assignee": "lina", "said_by": "lina", "waited": h(2)},
        {"name": "هدى بنجلون", "text": "المقاس 38 متوفر الآن", "language": "ar",
         "assignee": "samir", "said_by": "samir", "waited": h(3)},
        {"name": "Salma Berrada", "text": "Voici le bon de retour", "language": "fr",
         "assignee": "lina", "said_by": "nadia", "waited": h(4), "status": Status.OPEN},
        {"name": "Anas Lahlou", "text": "wakha, ghadi nchoufo", "language": "ar-Latn",
         "assignee": "samir", "said_by": "nadia", "waited": h(5)},
        {"name": "Nabil Chami", "text": "Avec plaisir", "language": "fr", "said_by": "nadia",
         "waited": h(6), "status": Status.OPEN, "flags": (Flag.THANKS,)},
        {"name": "Imane Chraibi", "text": "We write when it is back", "said_by": "nadia",
         "waited": d(days=1), "status": Status.SNOOZED,
         "snoozed_until": at(9, 0, 22) + d(days=6)},
        {"name": "Mehdi Alaoui", "text": "Merci, tout est bon", "language": "fr",
         "turn": Turn.THEIRS, "waited": d(days=1), "status": Status.RESOLVED, "unread": 0},
    ]  # fmt: skip
    return [card(n, **row) for n, row in enumerate(rows, start=1)]


def counts(cards: Collection[Card]) -> Counts:
    """How many of these each view holds, for Nadia."""
    viewer = Viewer(AgentId("nadia"))
    views = []
    for name in VIEWS:
        held = [c for c in cards if matches(view(name), _facets(c), viewer)]
        per = Counter(c.sort_key >> 60 for c in held)
        standings = tuple(per[standing] for standing in Standing)
        views.append(ViewCount(view=name, total=len(held), standings=standings))
    return Counts(as_of=NOW, views=tuple(views))


def _facets(of: Card) -> Facets:
    return Facets(
        number=of.number,
        team=of.team,
        assignee=of.assignee,
        status=of.status,
        flags=frozenset(of.flags),
        priority=of.priority,
        language=of.language,
        tags=frozenset(of.tags),
        sort_key=of.sort_key,
    )


_next = iter(range(1, 1_000_000))


def entry(text: str = "Hello", **given: Any) -> Entry:
    """An entry; theirs unless `direction` says otherwise."""
    direction = given.get("direction", Direction.IN)
    moment = given.get("at", ago(minutes=10))
    note = direction is Direction.NOTE
    usual: dict[str, Any] = {
        "id": next(_next),
        "thread": 4,
        "case": "W-1004",
        "direction": direction,
        "kind": Kind.NOTE if note else Kind.TEXT,
        "text": text,
        "content": Note(body=text) if note else Text(body=text),
        "at": moment,
        "arrived_at": moment,
    }
    return Entry(**(usual | given))


def ours(text: str, author: str = "nadia", **given: Any) -> Entry:
    given.setdefault("delivery", Delivery.READ)
    given.setdefault("attempt", 1)
    return entry(text, direction=Direction.OUT, author=author, author_name=author.title(), **given)


def photo(**given: Any) -> Entry:
    return entry(
        "Le carton est abîmé",
        kind=Kind.IMAGE,
        content=Image(file=MediaFile(name="colis.jpg"), caption="Le carton est abîmé"),
        media=MediaFacts(
            state=MediaState.READY, name="colis.jpg", size=184 * 1024, type="image/jpeg"
        ),
        **given,
    )


def conversation() -> tuple[list[Entry], tuple[Case, ...]]:
    """Sara's thread: a resolved case, then today's."""
    before = {"case": "W-0911"}
    entries = [
        ours("تم إرجاع المبلغ", "lina", at=at(15, 51, 3), **before),
        entry("وصل المبلغ، شكرا لكم", at=at(16, 20, 3), **before),
        entry("السلام عليكم، طلبي رقم #10482 لم يصل بعد. اتصلت على +212 6 12-34-56-78 ولم يرد أحد",
              at=at(9, 2)),
        entry("given to Nadia: speaks Arabic, 4 of 8", direction=Direction.EVENT,
              kind=Kind.EVENT, content=None, at=at(9, 2) + timedelta(seconds=5)),
        ours("وعليكم السلام سارة، نعتذر عن التأخير. الشحنة خرجت اليوم: https://shop.ma/t/10482",
             at=at(9, 3), reactions=(Reaction(emoji="👍"),)),
        entry("Courier confirmed, out for delivery.", direction=Direction.NOTE, author="nadia",
              author_name="Nadia", at=at(9, 3) + timedelta(seconds=20)),
        photo(at=at(9, 4)),
        entry("المبلغ كان 1,250.50 MAD (شامل TVA) صحيح؟ متى يصل الطلب؟",
              at=at(9, 4) + timedelta(seconds=30),
              quote=Quote(id=5, author="Nadia", text="الشحنة خرجت اليوم")),
    ]  # fmt: skip
    cases = (
        Case(ref="W-0911", number="1", status=Status.RESOLVED, opened_at=at(15, 0, 3),
             resolved_at=at(16, 30, 3), resolver="lina", outcome="refund"),
        Case(ref="W-1004", number="1", status=Status.OPEN, opened_at=at(9, 2), assignee="nadia"),
    )  # fmt: skip
    return entries, cases


def states() -> list[Entry]:
    """Every state that an entry can be in."""
    failure = Failure(
        code=131026,
        reason="This number cannot receive the message",
        next_step="Check the number, or call.",
    )
    soon = NOW + timedelta(seconds=2)
    reacted = (Reaction(emoji="❤️", by="nadia"), Reaction(emoji="😂", name="Sara"))
    rows: list[Entry] = [
        entry("hello, my parcel?", reactions=reacted),
        entry("Is it 38 or 39?", edited_at=ago(minutes=8), original="Is it 38?"),
        entry("Please delete my address", revoked_at=ago(minutes=7)),
        entry("Seen on Instagram", referral="Soldes d'hiver", forwarded=True),
        entry("late one", at=ago(hours=3), arrived_at=ago(minutes=7)),
        entry(
            "Track my order",
            kind=Kind.ANSWER,
            content=Answer(id="1", title="Track my order", description="Where it is"),
        ),
        entry(
            "",
            kind=Kind.VOICE,
            content=Voice(file=MediaFile(name="")),
            media=MediaFacts(state=MediaState.PENDING, size=2_400_000),
        ),
        entry(
            "2 x Zellige",
            kind=Kind.ORDER,
            content=Order(
                text="Two please",
                items=(
                    OrderItem(product="zellige-blue", quantity=2, price=625.25, currency="MAD"),
                ),
            ),
        ),
        entry("", kind=Kind.UNSUPPORTED, content=Unsupported(type="poll", detail="Not supported")),
    ]
    for delivery in Delivery:
        given: dict[str, Any] = {"leaves_at": soon} if delivery is Delivery.HELD else {}
        given |= {"failure": failure} if delivery is Delivery.FAILED else {}
        rows.append(ours(f"state {delivery}", delivery=delivery, **given))
    rows.append(ours("order", twice=True, order_unsure=True))
    rows.append(ours("Le bon arrive", "", delivery=Delivery.SENT))
    moved = [row.model_copy(update={"at": ago(minutes=60 - n)}) for n, row in enumerate(rows)]
    return [
        row.model_copy(update={"arrived_at": row.at}) if row.text != "late one" else row
        for row in moved
    ]


def panel(**given: Any) -> CustomerPanel:
    _, cases = conversation()
    older = (
        Case(ref="W-0702", number="1", status=Status.RESOLVED, opened_at=at(9, 0, 12),
             resolved_at=datetime(2026, 10, 12, 12, tzinfo=UTC), resolver="samir",
             outcome="sizing"),
        Case(ref="W-0533", number="1", status=Status.RESOLVED, opened_at=at(9, 0, 2),
             resolved_at=datetime(2026, 9, 2, 12, tzinfo=UTC), resolver="nadia",
             outcome="delivery"),
    )  # fmt: skip
    usual: dict[str, Any] = {
        "customer": CustomerName(id=4, name="سارة العلي", phone="+212612345678", vip=True),
        "language": "ar",
        "country": "MA",
        "time_zone": "Africa/Casablanca",
        "first_seen": datetime(2024, 3, 9, tzinfo=UTC),
        "tags": ("gift", "sizing"),
        "case": CaseFacts(
            topic="delivery",
            language_by="script",
            clocks=(due(0.8, at_risk=True), ClockFace(target="resolution", due=at(11, 2))),
            given="given to Nadia by Wainbox (round robin: Nadia; passed over Amina 6/6)",
        ),
        "manager": "lina",
        "cases": (*cases, *older),
        "elsewhere": (
            Case(ref="W-1050", number="2", status=Status.OPEN, opened_at=at(9, 0),
                 assignee="samir"),
        ),
        "notes": (
            entry("Prefers afternoons, calls before delivery.", direction=Direction.NOTE,
                  author="lina", author_name="Lina", at=at(12, 0, 3)),
        ),
    }  # fmt: skip
    return CustomerPanel(**(usual | given))
