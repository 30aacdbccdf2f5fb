"""Canned replies, templates and prices on real files."""

from dataclasses import replace

from tests.relay.store.making import NOW, NUMBER, person, says

from wainbox_relay.contract.content import TemplateMessage
from wainbox_relay.contract.replies import Attachment, CannedReply, Deeds
from wainbox_relay.contract.views import Billed, CostLine, Template, TemplateButton
from wainbox_relay.contract.vocabulary import DAY, Delivery, Direction, Priority
from wainbox_relay.domain.facts import DeliveryReported
from wainbox_relay.ports import Batch
from wainbox_relay.store import Stores

REFUND = CannedReply(
    name="refund",
    title="Refund [/] \N{WAVING HAND SIGN}",
    texts={"fr": "Bonjour {{customer.first_name}}", "ar": "مرحبا", "any": "Hello"},
    deeds=Deeds(tags=("refund", "-new"), priority=Priority.HIGH, status="resolved"),
    team="returns",
    attachment=Attachment(digest="ab" * 32, name="guide.pdf", type="application/pdf", size=7),
)


async def test_replies_come_back_as_they_were_kept(stores: Stores):
    """Every field of them; a name kept again is changed, and one taken away is gone."""
    closed = CannedReply(name="closed", title="Closed", texts={"any": "Bye"})
    await stores.store.save(Batch(at=NOW, replies={"refund": REFUND, "closed": closed}))
    assert await stores.reads.replies() == [closed, REFUND]
    shorter = REFUND.model_copy(update={"title": "Refund"})
    await stores.store.save(Batch(at=NOW, replies={"refund": shorter, "closed": None}))
    assert await stores.reads.replies() == [shorter]


async def test_an_accounts_templates_are_replaced_as_one(stores: Stores):
    """What WhatsApp names no longer is gone; another account's stay."""
    buttons = (TemplateButton(kind="url", text="Track", url="https://x/{{1}}", wants=True),)
    first = Template(name="a", language="ar", body="جاهز {{1}}", variables=1, buttons=buttons)
    other = Template(name="a", language="fr", status="PAUSED")
    await stores.store.save(Batch(at=NOW, templates={"1": [first, other], "2": [other]}))
    assert await stores.reads.templates() == {"1": [first, other], "2": [other]}
    await stores.store.save(Batch(at=NOW, templates={"1": [other]}))
    assert await stores.reads.templates() == {"1": [other], "2": [other]}


async def sent(stores: Stores, *priced: tuple[str, str, str, Delivery]):
    """A conversation with messages of ours: author, category, billing and how far each came."""
    batch = Batch(at=NOW)
    case = person(batch, 1)
    for n, (author, _, _, delivery) in enumerate(priced):
        ours = says(batch, case, 500 + n, "", NOW + n)
        content = TemplateMessage(name="a", language="fr")
        batch.entries[ours.id] = replace(
            ours, direction=Direction.OUT, author=author, content=content, delivery=delivery
        )
    await stores.store.save(batch)
    told = [
        DeliveryReported(NUMBER, f"wamid.{500 + n}", Delivery.SENT, NOW, category=c, billing=b)
        for n, (_, c, b, _) in enumerate(priced)
    ]
    await stores.store.save(Batch(at=NOW, prices=told))
    await stores.store.save(Batch(at=NOW, prices=told))
    return case


async def test_a_conversation_says_what_it_cost(stores: Stores):
    """By category, what is billed and what was free; what never arrived costs nothing, and a price
    that is told twice counts once."""
    case = await sent(
        stores,
        ("nadia", "utility", "regular", Delivery.READ),
        ("lina", "utility", "regular", Delivery.DELIVERED),
        ("", "marketing", "regular", Delivery.DELIVERED),
        ("nadia", "service", "free_customer_service", Delivery.READ),
        ("nadia", "marketing", "regular", Delivery.FAILED),
        ("nadia", "utility", "regular", Delivery.SENT),
    )
    panel = await stores.reads.customer(case.ref)
    assert panel is not None
    assert panel.billed == (
        Billed(category="marketing", billed=1),
        Billed(category="service", free=1),
        Billed(category="utility", billed=2),
    )


async def test_a_months_cost_is_told_by_number_agent_and_category(stores: Stores):
    """Only what was sent within the time."""
    await sent(
        stores,
        ("nadia", "utility", "regular", Delivery.READ),
        ("nadia", "utility", "free_entry_point", Delivery.READ),
        ("", "utility", "regular", Delivery.READ),
    )
    assert await stores.reads.cost(NOW, NOW + DAY) == [
        CostLine(number=NUMBER, agent="", category="utility", billed=1),
        CostLine(number=NUMBER, agent="nadia", category="utility", billed=1, free=1),
    ]
    assert await stores.reads.cost(NOW + DAY, NOW + 2 * DAY) == []
