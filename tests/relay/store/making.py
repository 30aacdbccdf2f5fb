"""Small desks to put into a store, and hypothesis strategies for whole values of the model."""

from dataclasses import replace

from hypothesis import strategies as st

from wainbox_relay.contract.content import (
    Answer,
    Call,
    Choice,
    ContactCard,
    Contacts,
    Document,
    Flow,
    Image,
    Location,
    MediaFile,
    Menu,
    Note,
    OrderItem,
    Sticker,
    System,
    TemplateMessage,
    Text,
    Unsupported,
    Voice,
)
from wainbox_relay.contract.content import Order as OrderContent
from wainbox_relay.contract.vocabulary import (
    SECOND,
    Delivery,
    Direction,
    Flag,
    IdentityKind,
    Kind,
    MediaState,
    Priority,
    Status,
)
from wainbox_relay.domain.model import (
    BotTalk,
    Clock,
    Conversation,
    Custody,
    Customer,
    Entry,
    Escalation,
    Failure,
    Identity,
    LastMessage,
    Media,
    Rating,
    Reaction,
    Target,
    Thread,
    UndoStep,
)
from wainbox_relay.domain.rules.rank import sort_key
from wainbox_relay.ports import Batch

NOW = 1_795_000_000 * SECOND
NUMBER = "106540352242922"

ids = st.integers(1, 2**53)
moments = st.integers(0, 2**52)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=40)
words = st.text("abcdefghijklmnopqrstuvwxyz-ابتثج", min_size=1, max_size=12)
files = st.builds(MediaFile, media_id=words, mime=words, name=texts, size=st.none() | ids)
contents = st.one_of(
    st.builds(Text, body=texts),
    st.builds(Image, file=files, caption=texts),
    st.builds(Voice, file=files),
    st.builds(Document, file=files),
    st.builds(Sticker, file=files, animated=st.booleans()),
    st.builds(Location, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), name=texts),
    st.builds(
        Contacts,
        cards=st.lists(st.builds(ContactCard, name=texts, phones=st.tuples(words))).map(tuple),
    ),
    st.builds(Answer, id=words, title=texts),
    st.builds(Flow, name=words, fields=st.lists(st.tuples(words, texts), max_size=3).map(tuple)),
    st.builds(
        OrderContent,
        text=texts,
        items=st.lists(st.builds(OrderItem, product=words, quantity=st.just(2.0))).map(tuple),
    ),
    st.builds(Call, event=words, seconds=st.none() | st.integers(0, 9999)),
    st.builds(System, what=words, body=texts),
    st.builds(Unsupported, type=words, code=st.none() | st.integers(0, 200_000)),
    st.builds(TemplateMessage, name=words, language=words, variables=st.lists(texts).map(tuple)),
    st.builds(
        Menu,
        body=texts,
        choices=st.lists(st.builds(Choice, id=words, title=texts)).map(tuple),
        opens=words,
    ),
    st.builds(Note, body=texts, mentions=st.lists(words).map(tuple)),
)
flags = st.frozensets(st.sampled_from(Flag), max_size=4)
tags = st.frozensets(words, max_size=4)
undo_fields = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(Status),
        "priority": st.sampled_from(Priority),
        "flags": flags,
        "tags": tags,
        "assignee": st.none() | words,
        "waiting_since": st.none() | moments,
        "resolve_when_sent": st.booleans(),
    },
)
conversations = st.builds(
    Conversation,
    id=ids,
    ref=st.integers(1, 2**40),
    number=words,
    thread=ids,
    customer=st.none() | ids,
    opened_at=moments,
    status=st.sampled_from(Status),
    flags=flags,
    priority=st.sampled_from(Priority),
    language=st.sampled_from(("", "ar", "ar-Latn", "fr")),
    team=st.none() | words,
    assignee=st.none() | words,
    last_owner=st.none() | words,
    resolver=st.none() | words,
    tags=tags,
    outcome=texts,
    waiting_since=st.none() | moments,
    last_in_at=st.none() | moments,
    last_in=st.none() | ids,
    last_in_wamid=st.none() | words,
    last_out=st.none() | ids,
    last_out_by=words,
    last=st.none()
    | st.builds(
        LastMessage,
        id=ids,
        at=moments,
        direction=st.sampled_from(Direction),
        kind=st.sampled_from(Kind),
        text=texts,
        author=words,
        delivery=st.none() | st.sampled_from(Delivery),
        wamid=words,
    ),
    unread=st.integers(0, 99),
    unconfirmed=st.integers(0, 9),
    undelivered=st.integers(0, 9),
    sending=st.integers(0, 9),
    resolve_when_sent=st.booleans(),
    snoozed_until=st.none() | moments,
    resolved_at=st.none() | moments,
    merged_into=st.none() | ids,
    spam=st.booleans(),
    undo=st.none()
    | st.builds(UndoStep, by=words, at=moments, version=ids, what=words, fields=undo_fields),
    version=st.integers(0, 2**40),
    sort_key=st.integers(0, 2**63 - 1),
    phone_said=words,
    topic=words,
    complex=st.booleans(),
    language_by=words,
    language_hint=words,
    answered=st.booleans(),
    spoken_at=st.none() | moments,
    greeted=st.none() | moments,
    kept_from=st.none() | words,
    kept_until=st.none() | moments,
    clocks=st.lists(
        st.builds(
            Clock,
            target=st.sampled_from(Target),
            calendar=words,
            allowed=ids,
            started=moments,
            used=ids,
            since=st.none() | moments,
            risk=st.none() | moments,
            due=st.none() | moments,
            at_risk=st.booleans(),
            missed=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    bot=st.none() | st.builds(BotTalk, node=words, asked_at=moments, human_at=st.none() | moments),
    escalation=st.none()
    | st.builds(Escalation, since=moments, reason=texts, holder=st.none() | words),
    rating=st.none() | st.builds(Rating, asked_at=moments, agent=st.none() | words),
    custody=st.builds(
        Custody,
        rule=words,
        since=st.none() | moments,
        stands_until=st.none() | moments,
    ),
    mentions=tags,
)
entries = st.builds(
    Entry,
    id=ids,
    thread=ids,
    conversation=ids,
    number=words,
    direction=st.sampled_from(Direction),
    content=contents,
    at=moments,
    arrived_at=moments,
    wamid=st.none() | words,
    sid=st.none() | words,
    customer=st.none() | ids,
    author=words,
    delivery=st.none() | st.sampled_from(Delivery),
    delivery_at=st.none() | moments,
    attempt=st.integers(0, 9),
    failure=st.none()
    | st.builds(Failure, code=st.integers(0, 200_000), reason=texts, next_step=texts),
    then=st.none() | st.sampled_from(Status),
    cleared=st.none() | moments,
    leaves_at=st.none() | moments,
    twice=st.booleans(),
    order_unsure=st.booleans(),
    quote=st.none() | ids,
    quote_wamid=st.none() | words,
    forwarded=st.booleans(),
    referral=texts,
    reactions=st.lists(
        st.builds(
            Reaction, emoji=texts, by=words, customer=st.none() | ids, at=moments, wamid=words
        ),
        max_size=3,
    ).map(tuple),
    edited_at=st.none() | moments,
    edit_wamid=words,
    original=texts,
    revoked_at=st.none() | moments,
    media=st.none()
    | st.builds(
        Media,
        state=st.sampled_from(MediaState),
        digest=words,
        type=words,
        size=st.none() | ids,
        reason=texts,
    ),
)


def phone(nth: int) -> Identity:
    return Identity(IdentityKind.PHONE, f"2126{nth:08}")


def person(batch: Batch, nth: int, **facts: object) -> Conversation:
    """Adds customer `nth` with a thread and an open conversation that has one message."""
    customer, thread, case, entry = (nth * 10 + k for k in (1, 2, 3, 4))
    said = str(facts.pop("says", f"hello {nth}"))
    batch.customers[customer] = Customer(
        customer, NOW, name=str(facts.pop("name", f"Customer {nth}")), phone=phone(nth).value
    )
    batch.identities.append((phone(nth), customer))
    number = str(facts.pop("number", NUMBER))
    batch.threads.append(Thread(thread, number, customer))
    at = NOW + nth * SECOND
    plain = Conversation(
        id=case,
        ref=1000 + nth,
        number=number,
        thread=thread,
        customer=customer,
        opened_at=at,
        waiting_since=at,
        last_in_at=at,
        last_in=entry,
        last=LastMessage(entry, at, Direction.IN, Kind.TEXT, said, wamid=f"wamid.{nth}"),
        unread=1,
    )
    opened = replace(plain, **facts)  # type: ignore[arg-type]  # fields by name
    if "sort_key" not in facts:
        opened = replace(opened, sort_key=sort_key(opened))
    batch.opened.append(opened)
    says(batch, opened, entry, said, at)
    batch.refs = max(batch.refs or 0, opened.ref)
    return opened


def says(
    batch: Batch, case: Conversation, entry: int, text: str, at: int, **facts: object
) -> Entry:
    """Adds a message of the customer."""
    said = Entry(
        id=entry,
        thread=case.thread,
        conversation=case.id,
        number=case.number,
        direction=Direction.IN,
        content=Text(body=text),
        at=at,
        arrived_at=at + SECOND,
        wamid=f"wamid.{entry}",
        customer=case.customer,
    )
    batch.entries[entry] = replace(said, **facts)  # type: ignore[arg-type]  # fields by name
    batch.new_entries.add(entry)
    return batch.entries[entry]
