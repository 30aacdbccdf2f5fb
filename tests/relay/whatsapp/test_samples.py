"""What each of our samples must be read as: one for every kind and one for every oddity."""

from dataclasses import replace
from pathlib import Path

import pytest

from wainbox_relay.contract.content import (
    Answer,
    Audio,
    Call,
    ContactCard,
    Contacts,
    Document,
    Flow,
    Image,
    Location,
    MediaFile,
    Order,
    OrderItem,
    Sticker,
    System,
    TemplateMessage,
    Text,
    Unsupported,
    Video,
    Voice,
)
from wainbox_relay.contract.vocabulary import Delivery, IdentityKind
from wainbox_relay.domain.facts import (
    AccountTold,
    DeliveryReported,
    Echoed,
    Edited,
    IdentityChanged,
    MessageArrived,
    Peer,
    Person,
    Reacted,
    Revoked,
)
from wainbox_relay.domain.model import Failure, Identity
from wainbox_relay.whatsapp.read import Reader

SAMPLES = Path(__file__).parent / "samples"
NUMBER = "100200300400500"
AT = 1_790_000_000_000_000
ARRIVED = AT + 5_000_000
SHA = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="


def phone(value="966500000001"):
    return Identity(IdentityKind.PHONE, value)


def bsuid(value="EG.111"):
    return Identity(IdentityKind.BSUID, value)


def parent(value="EG.ENT.9"):
    return Identity(IdentityKind.PARENT_BSUID, value)


def person(*identities, name="", username=""):
    return Person(identities or (phone(),), name, username)


MAHA = person(name="مها")
OMAR = person(phone("201000000001"), bsuid(), name="Omar")


def peer(who=MAHA, group=""):
    return Peer(NUMBER, who, group)


def arrived(content, **changed):
    fact = MessageArrived(peer(), "wamid.S1", AT, ARRIVED, content)
    return replace(fact, **changed)


def echoed(content, **changed):
    fact = Echoed(peer(person()), "wamid.E1", AT, ARRIVED, content)
    return replace(fact, **changed)


def reported(delivery, **changed):
    return replace(DeliveryReported(NUMBER, "wamid.OURS", delivery, AT), **changed)


def renamed(previous, current, what, body="", wamid="wamid.S1"):
    return IdentityChanged(NUMBER, wamid, AT, ARRIVED, previous, current, what, body)


def file(mime, **more):
    return MediaFile(media_id="3001", mime=mime, sha256=SHA, **more)


def told(field, event, notice="", at=AT):
    return AccountTold(field, event, at, notice)


QUOTED = {"quote": "wamid.ASKED"}
UNSUPPORTED_NOW = "Message type is currently not supported."
LINK = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=3001"

EXPECTED = {
    "text": [arrived(Text(body="السلام عليكم، وين طلبي؟"))],
    "text_french": [arrived(Text(body="Bonjour, où est ma commande n° 1042 ?"))],
    "image": [arrived(Image(file=file("image/jpeg", url=LINK), caption="مكسور من هنا"))],
    "video": [arrived(Video(file=file("video/mp4")))],
    "audio": [arrived(Audio(file=file("audio/mpeg")))],
    "voice": [arrived(Voice(file=file("audio/ogg; codecs=opus")))],
    "voice_old": [arrived(Voice(file=file("audio/ogg; codecs=opus")))],
    "document": [
        arrived(Document(file=file("application/pdf", name="../../فاتورة.pdf"), caption="الفاتورة"))
    ],
    "document_without_name": [arrived(Document(file=file("application/pdf")))],
    "sticker": [arrived(Sticker(file=file("image/webp"), animated=True))],
    "location": [
        arrived(Location(latitude=24.7136, longitude=46.6753, name="برج المملكة", address="الرياض"))
    ],
    "location_nowhere": [arrived(Unsupported(type="location", detail="Somewhere"))],
    "contacts": [
        arrived(
            Contacts(
                cards=(
                    ContactCard(
                        name="أبو سامي",
                        phones=("+966 50 000 0009",),
                        emails=("sami@example.com",),
                    ),
                    ContactCard(name="Leila B."),
                    ContactCard(phones=("+212600000000",)),
                )
            )
        )
    ],
    "reply_button": [arrived(Answer(id="track", title="تتبع الطلب"), **QUOTED)],
    "list_row": [
        arrived(Answer(id="riyadh", title="Riyadh", description="Two branches"), **QUOTED)
    ],
    "form": [
        arrived(
            Flow(
                name="flow",
                body="Sent",
                fields=(
                    ("size", "L"),
                    ("address.city", "جدة"),
                    ("address.zip", "21411"),
                    ("extras", "gift, card"),
                    ("none", ""),
                ),
            ),
            **QUOTED,
        )
    ],
    "form_not_json": [arrived(Flow(name="flow", body="Sent", raw="{not json"), **QUOTED)],
    "form_no_object": [arrived(Flow(name="flow", body="Sent", raw="[1,2]"), **QUOTED)],
    "call_permission": [arrived(Answer(id="accept", title="May be called"), **QUOTED)],
    "payment": [
        arrived(
            Flow(
                name="payment_method",
                fields=(
                    ("payment_method", "card"),
                    ("reference_id", "r-1"),
                    ("last_four_digits", "4242"),
                ),
            )
        )
    ],
    "interactive_empty": [
        arrived(Unsupported(type="interactive")),
        told(
            "messages",
            "error 131000",
            "WhatsApp reports trouble (code 131000): Unsupported webhook payload",
            ARRIVED,
        ),
    ],
    "template_button": [arrived(Answer(id="YES", title="نعم"), **QUOTED)],
    "template_button_bare": [arrived(Answer(title="Oui"))],
    "order": [
        arrived(
            Order(
                catalog="cat-1",
                items=(
                    OrderItem(product="sku-7", quantity=2, price=49.5, currency="SAR"),
                    OrderItem(product="sku-8"),
                ),
            )
        )
    ],
    "reaction": [Reacted(peer(), "wamid.OURS", "wamid.S1", AT, "👍")],
    "reaction_removed": [Reacted(peer(), "wamid.OURS", "wamid.S1", AT, "")],
    "reaction_emptied": [Reacted(peer(), "wamid.OURS", "wamid.S1", AT, "")],
    "reaction_to_nothing": ["The reaction does not say which message it is about."],
    "system_number_changed": [
        renamed(
            (phone(),),
            (phone("966500000002"),),
            "user_changed_number",
            "User مها changed from 966500000001 to 966500000002",
        )
    ],
    "system_number_changed_new_ids": [
        renamed((bsuid("SA.OLD"),), (phone("966500000002"), bsuid("SA.NEW")), "user_changed_number")
    ],
    "system_number_changed_from_new": [
        renamed((bsuid("SA.OLD"),), (phone("966500000002"), bsuid("SA.NEW")), "user_changed_number")
    ],
    "system_number_changed_old_shape": [
        renamed((phone(),), (phone("966500000002"),), "customer_changed_number", "changed")
    ],
    "system_user_id_changed": [
        renamed(
            (bsuid("SA.OLD"), parent("SA.ENT.OLD")),
            (bsuid("SA.NEW"), parent("SA.ENT.NEW")),
            "user_changed_user_id",
        )
    ],
    "system_identity_changed": [
        arrived(System(what="customer_identity_changed", body="User identity changed"))
    ],
    "system_unknown": [
        arrived(System(what="something_new"), peer=peer(person(bsuid("SA.NEW")))),
    ],
    "system_nobody": ["The system message names nobody."],
    "user_id_update": [
        renamed(
            (bsuid("SA.OLD"),),
            (phone(), bsuid("SA.NEW")),
            "user_changed_user_id",
            "User id updated.",
            "user_id_update:",
        )
    ],
    "unsupported": [arrived(Unsupported(type="poll", detail=UNSUPPORTED_NOW, code=131051))],
    "unsupported_old": [
        arrived(Unsupported(detail="Message type is not currently supported", code=131051))
    ],
    "unsupported_bare": [arrived(Unsupported(), peer=peer(person()))],
    "unavailable": [
        arrived(Unsupported(detail="This message is currently unavailable.", code=131060))
    ],
    "kind_of_tomorrow": [arrived(Unsupported(type="hologram"))],
    "kind_left_out": [arrived(Text(body="no type"))],
    "image_with_errors": [arrived(Unsupported(type="image", detail="Too big", code=131052))],
    "request_welcome": [arrived(System(what="request_welcome"), peer=peer(person()))],
    "ephemeral": [arrived(Unsupported(type="ephemeral"))],
    "edit": [Edited(NUMBER, "wamid.FIRST", "wamid.S1", AT, Text(body="غدا لا اليوم"))],
    "edit_caption": [
        Edited(
            NUMBER,
            "wamid.FIRST",
            "wamid.S1",
            AT,
            Image(file=file("image/jpeg"), caption="new words"),
        )
    ],
    "revoke": [Revoked(NUMBER, "wamid.FIRST", "wamid.S1", AT)],
    "revoke_of_nothing": ["The revoke does not say which message it is about."],
    "quote": [arrived(Text(body="هذا"), quote="wamid.OURS")],
    "forwarded": [arrived(Text(body="news"), forwarded=True)],
    "forwarded_often": [arrived(Text(body="news"), forwarded=True)],
    "product_question": [arrived(Text(body="متوفر؟"), quote="wamid.P", referral="product sku-7")],
    "advert": [
        arrived(Text(body="كم السعر؟"), referral="ad · عرض الصيف · https://fb.me/x"),
    ],
    "username_only": [
        arrived(
            Text(body="مرحبا"),
            peer=peer(person(bsuid(), parent(), name="Omar", username="omar.k")),
        )
    ],
    "username_only_empty_from": [
        arrived(Text(body="مرحبا"), peer=peer(person(bsuid(), name="Omar")))
    ],
    "phone_and_user_id": [arrived(Text(body="hi"), peer=peer(OMAR))],
    "user_id_known_from_contact": [arrived(Text(body="hi"), peer=peer(OMAR))],
    "contacts_in_other_order": [
        arrived(Text(body="a"), peer=peer(person(name="A"))),
        arrived(
            Text(body="b"), peer=peer(person(phone("966500000002"), name="B")), wamid="wamid.S2"
        ),
    ],
    "contact_of_another": [arrived(Text(body="hi"), peer=peer(person()))],
    "contact_without_profile": [arrived(Text(body="hi"), peer=peer(person()))],
    "plus_and_spaces": [arrived(Text(body="hi"), peer=peer(person()))],
    "no_sender": ["The message names nobody: neither from nor from_user_id."],
    "no_id": ["The message has no id."],
    "endless_id": ["The message has no id."],
    "no_timestamp": [arrived(Text(body="hi"), at=ARRIVED)],
    "odd_timestamp": [arrived(Text(body="hi"), at=ARRIVED)],
    "timestamp_number": [arrived(Text(body="hi"))],
    "unclean_text": [arrived(Text(body="abc"), peer=peer(person(name="Maha")))],
    "summary_beside": [arrived(Text(body="human please"))],
    "group_message": [arrived(Text(body="من عندها الفاتورة؟"), peer=peer(MAHA, "120363@g.us"))],
    "status_sent": [
        reported(
            Delivery.SENT,
            opaque="0123456789abcdef0123456789abcdef.1",
            category="service",
            billing="regular",
        )
    ],
    "status_delivered": [reported(Delivery.DELIVERED)],
    "status_read": [reported(Delivery.READ)],
    "status_played": [reported(Delivery.PLAYED)],
    "status_failed": [
        reported(
            Delivery.FAILED,
            failure=Failure(
                131047,
                "More than 24 hours have passed since the customer wrote",
                "Send an approved template instead.",
            ),
        )
    ],
    "status_failed_without_reason": [
        reported(
            Delivery.FAILED,
            failure=Failure(
                0, "WhatsApp could not deliver it and does not say why", "Send it again."
            ),
        )
    ],
    "status_failed_unknown_code": [
        reported(
            Delivery.FAILED,
            failure=Failure(
                199999, "WhatsApp refused the message: New trouble", "Show this to an admin."
            ),
        )
    ],
    "status_deleted": [Revoked(NUMBER, "wamid.OURS", "deleted:wamid.OURS", AT)],
    "status_of_tomorrow": [],
    "status_without_id": ["The status lacks the message's id or says nothing about it."],
    "status_username_only": [reported(Delivery.DELIVERED)],
    "status_group": [
        reported(
            Delivery.READ,
            participant="966500000001",
            category="group_service",
            billing="regular",
        ),
        reported(Delivery.READ, participant="966500000002"),
    ],
    "messages_and_statuses": [arrived(Text(body="hi")), reported(Delivery.DELIVERED)],
    "one_bad_among_good": [
        arrived(Text(body="1"), wamid="wamid.A"),
        "This “messages” is not an object.",
        arrived(Text(body="2"), wamid="wamid.B"),
        "This “statuses” is not an object.",
        reported(Delivery.READ),
    ],
    "account_error": [
        told(
            "messages",
            "error 130429",
            "WhatsApp reports trouble (code 130429): Too many messages from this number",
            ARRIVED,
        )
    ],
    "echo": [echoed(Text(body="رد من الجوال"))],
    "echo_username_only": [
        echoed(Text(body="رد من الجوال"), peer=peer(person(bsuid())), at=ARRIVED)
    ],
    "echo_edit": [Edited(NUMBER, "wamid.E0", "wamid.E1", AT, Text(body="أصح"))],
    "echo_revoke": [Revoked(NUMBER, "wamid.E0", "wamid.E1", AT)],
    "echo_reaction": [Reacted(peer(person()), "wamid.S1", "wamid.E1", AT, "❤️", by_phone=True)],
    "echo_to_nobody": ["The message names nobody: neither to nor to_user_id."],
    "standby": [
        arrived(Text(body="سؤال للمساعد"), wamid="standby:wamid.S1", source="standby"),
        reported(Delivery.READ, wamid="standby:wamid.OURS"),
    ],
    "standby_echo": [
        echoed(
            Text(body="Which size?"),
            peer=peer(person(bsuid())),
            wamid="standby:wamid.E1",
            source="standby",
        ),
        echoed(
            TemplateMessage(name="hello", language="ar", variables=("مها",)),
            wamid="standby:wamid.E2",
            source="standby",
        ),
    ],
    "standby_empty": [],
    "handover": [
        arrived(
            System(
                what="control_passed",
                body="ai_agent → escalation; asked for a person; Late order.",
                owner="escalation",
            ),
            peer=peer(person()),
            wamid="control_passed:",
        )
    ],
    "history": [
        arrived(Text(body="قديم"), peer=peer(person()), wamid="wamid.H1", source="history"),
        echoed(Text(body="رد قديم"), wamid="wamid.H2", source="history"),
        echoed(Unsupported(type="media_placeholder"), wamid="wamid.H3", source="history"),
        "This “messages” is not an object.",
        "This “threads” is not an object.",
    ],
    "history_username_only": [
        arrived(Text(body="a"), peer=peer(person(bsuid())), wamid="wamid.H1", source="history"),
        echoed(Text(body="b"), peer=peer(person(bsuid())), wamid="wamid.H2", source="history"),
    ],
    "history_file": [
        echoed(Image(file=file("image/jpeg")), peer=peer(MAHA), wamid="wamid.H3", source="history")
    ],
    "history_declined": [
        told(
            "history",
            "error 2593109",
            "WhatsApp reports trouble (code 2593109): "
            "History sharing is turned off by the business",
            ARRIVED,
        )
    ],
    "contact_sync": [told("smb_app_state_sync", "contact", at=ARRIVED)],
    "call": [arrived(Call(event="connect"), wamid="wacid.C1")],
    "call_ended": [arrived(Call(event="terminate", seconds=120), wamid="wacid.C1")],
    "call_of_ours": [],
    "call_status": [],
    "group_joined": [
        arrived(
            System(what="group_participants_add", body="@maha, EG.111"),
            peer=peer(None, "120363@g.us"),
            wamid="group_participants_add:",
        )
    ],
    "group_renamed": [
        arrived(
            System(what="group_settings_update", body="Branch heads; x (Too long)"),
            peer=peer(None, "120363@g.us"),
            wamid="group_settings_update:",
        )
    ],
    "group_suspended": [
        arrived(
            System(what="group_suspend"), peer=peer(None, "120363@g.us"), wamid="group_suspend:"
        )
    ],
    "group_unnamed": ["The event does not say which group it is about, or what happened."],
    "account_restricted": [
        told(
            "account_update",
            "ACCOUNT_RESTRICTION",
            "WhatsApp has restricted the account "
            "(966110000000: RESTRICTED_BIZ_INITIATED_MESSAGING).",
        )
    ],
    "account_disabled": [
        told(
            "account_update",
            "DISABLED_UPDATE",
            "WhatsApp is switching the account off "
            "(200300400500600: SCHEDULE_FOR_DISABLE, January 31, 2027).",
        )
    ],
    "account_partner_added": [told("account_update", "PARTNER_ADDED")],
    "account_field_misplaced": [
        told(
            "account_update",
            "ACCOUNT_DELETED",
            "The account was deleted at WhatsApp (200300400500600).",
        )
    ],
    "account_alert": [told("account_alerts", "", "WhatsApp warns: Limits cannot be raised.")],
    "account_review": [
        told(
            "account_review_update",
            "REJECTED",
            "WhatsApp's review of account 200300400500600: REJECTED.",
        )
    ],
    "pin_reset": [
        told(
            "security",
            "PIN_RESET_REQUEST",
            "The PIN of 966110000000 is being changed at WhatsApp: PIN_RESET_REQUEST.",
        )
    ],
    "template_approved": [told("message_template_status_update", "APPROVED")],
    "template_rejected": [
        told(
            "message_template_status_update",
            "REJECTED",
            "Template order_ready (ar) was rejected (SCAM).",
        )
    ],
    "template_quality": [
        told(
            "message_template_status_update",
            "RED",
            "Template order_ready (ar) is rated low by customers.",
        )
    ],
    "template_category": [told("template_category_update", "")],
    "number_flagged": [
        told(
            "phone_number_quality_update",
            "FLAGGED",
            "The number 966110000000 is rated low: it may lose part of its limit (limit TIER_10K).",
        )
    ],
    "number_upgraded": [told("phone_number_quality_update", "THROUGHPUT_UPGRADE")],
    "name_rejected": [
        told(
            "phone_number_name_update",
            "REJECTED",
            "WhatsApp did not approve the name Best Shop for 966110000000.",
        )
    ],
    "preferences": [told("user_preferences", "stop", at=ARRIVED)],
    "field_of_tomorrow": [told("sunrise", "DAWN")],
    "nothing_in_it": [],
    "metadata_only": [],
    "no_entries": [],
    "entry_no_list": ["“entry” is not a list."],
    "change_without_value": [
        "The change holds no value.",
        "The change holds no value.",
        "This “changes” is not an object.",
        "This “entry” is not an object.",
    ],
    "names_of_fields_only": [
        "Only names of fields came: switch on “Include values” in the app's webhook settings."
    ],
    "old_stack": [
        arrived(Text(body="flat"), peer=Peer("unnamed", MAHA)),
        reported(Delivery.READ, number="unnamed"),
    ],
    "several_entries": [
        arrived(Text(body="1"), wamid="wamid.A"),
        arrived(Text(body="2"), wamid="wamid.B"),
        reported(Delivery.SENT),
    ],
    "extra_keys": [arrived(Text(body="hi"))],
}


def read(name):
    """Everything the sample's elements say, in order; made-up ids without their fingerprint."""
    found = []
    for item in Reader().read((SAMPLES / f"{name}.json").read_bytes(), ARRIVED):
        assert bool(item.refused) + bool(item.facts) + bool(item.told) <= 1
        found += [_named(fact) for fact in (*item.facts, *item.told)]
        found += [item.refused] if item.refused else []
    return found


def _named(fact):
    head, colon, _ = getattr(fact, "wamid", "").partition(":")
    invented = colon and head not in ("standby", "deleted")
    return replace(fact, wamid=head + colon) if invented else fact


def test_every_sample_has_its_reading():
    """No sample lies there without saying what it must become, and none is missing."""
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_reads_as(name):
    assert read(name) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_reading_twice_says_the_same(name):
    """The invented ids too: a repeated body must not become a second event."""
    body = (SAMPLES / f"{name}.json").read_bytes()
    assert Reader().read(body, ARRIVED) == Reader().read(body, ARRIVED)


def test_two_people_without_phone_numbers_are_two():
    """An empty `from` is no identity that two customers could share."""
    body = (SAMPLES / "username_only_empty_from.json").read_bytes()
    other = body.replace(b"EG.111", b"EG.222")
    people = [Reader().read(each, ARRIVED)[0].facts[0].peer.person for each in (body, other)]
    assert not set(people[0].identities) & set(people[1].identities)


def test_user_ids_belong_to_the_portfolio_of_the_number():
    body = (SAMPLES / "username_only.json").read_bytes()
    fact = Reader(portfolios={NUMBER: "shops"}).read(body, ARRIVED)[0].facts[0]
    assert [i.scope for i in fact.peer.person.identities] == ["shops", ""]


def test_a_value_that_names_no_number_belongs_to_the_only_one():
    body = (SAMPLES / "old_stack.json").read_bytes()
    assert Reader(unnamed=NUMBER).read(body, ARRIVED)[0].facts[0].peer.number == NUMBER


def test_paths_say_where_an_element_stands():
    body = (SAMPLES / "several_entries.json").read_bytes()
    assert [item.path for item in Reader().read(body, ARRIVED)] == [
        "entry[0].changes[0].messages[0]",
        "entry[2].changes[0].messages[0]",
        "entry[1].changes[0].statuses[0]",
    ]
