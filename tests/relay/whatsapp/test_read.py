"""Bodies as they come: recorded ones, batches with bad parts, hostile ones, and random ones."""

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wainbox_relay.contract.content import CONTENT, System
from wainbox_relay.domain.facts import DeliveryReported, MessageArrived
from wainbox_relay.whatsapp.read import Reader

ARRIVED = 1_790_000_005_000_000
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
CORPUS = Path(__file__).parents[4] / "shared" / "whatsapp" / "payloads"
RECORDED = sorted(path for path in CORPUS.rglob("*") if path.is_file())


def read(body):
    return Reader().read(body, ARRIVED)


def text(body="hi", wamid="wamid.A"):
    return {
        "from": "966500000001",
        "id": wamid,
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": body},
    }


def status(wamid="wamid.O", word="read"):
    return {"id": wamid, "status": word, "timestamp": "1790000000"}


def value(**holds):
    return {"metadata": {"phone_number_id": "1"}, **holds}


def envelope(*values):
    changes = [{"field": "messages", "value": each} for each in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": changes}]}


# -- recorded bodies -----------------------------------------------------------------------------


def elements(found, *keys):
    """How many elements a body holds under these keys, at any depth a body can have them."""
    if isinstance(found, dict):
        own = sum(len(found[key]) for key in keys if isinstance(found.get(key), list))
        return own + sum(elements(part, *keys) for part in found.values())
    return sum(elements(part, *keys) for part in found) if isinstance(found, list) else 0


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recorded_body_loses_nothing(path):
    """Every message, echo, call and status of a recorded body becomes an item of its own, and what
    is no JSON is refused with a reason."""
    raw = path.read_bytes()
    items = read(raw)
    if path.suffix == ".body":
        assert [bool(item.refused) for item in items] == [True]
        return
    body = json.loads(raw)
    listed = [item for item in items if item.path.rpartition(".")[2].startswith(ONE_BY_ONE)]
    assert len(listed) == elements(body, *ONE_BY_ONE)
    said = [item for item in listed if item.facts or item.refused or "call" in str(path)]
    assert said == listed


ONE_BY_ONE = ("messages", "message_echoes", "statuses", "calls", "groups")

REFUSED = {
    "cw_document_accented_filename.json": "The message has no id.",
    "cw_image_no_id_no_metadata.json": "The message has no id.",
    "cw_empty_change.json": "The change holds no value.",
    "issue_heyoo60_changed_fields.json": "Only names of fields came",
}


@pytest.mark.skipif(not RECORDED, reason="the recorded bodies are not here")
def test_of_the_recorded_bodies_only_those_without_sense_are_refused():
    refused = {
        path.name: item.refused
        for path in RECORDED
        for item in read(path.read_bytes())
        if item.refused and path.suffix == ".json"
    }
    assert refused.keys() == REFUSED.keys()
    assert all(refused[name].startswith(reason) for name, reason in REFUSED.items())


# -- batches -------------------------------------------------------------------------------------


def batch():
    """Three entries of four changes of ten messages, with statuses among them."""
    made = {"object": "whatsapp_business_account", "entry": []}
    for e in range(3):
        values = [
            value(
                messages=[text(f"{e}{c}{m}", f"wamid.{e}.{c}.{m}") for m in range(10)],
                statuses=[status(f"wamid.o.{e}.{c}")],
            )
            for c in range(4)
        ]
        made["entry"] += envelope(*values)["entry"]
    return made


def said(items):
    return [fact for item in items for fact in item.facts]


def test_a_batch_is_read_whole_and_messages_come_first():
    facts = said(read(json.dumps(batch()).encode()))
    assert [type(fact) for fact in facts] == [MessageArrived] * 120 + [DeliveryReported] * 12
    assert len({fact.wamid for fact in facts}) == 132


PLACES = [
    (("entry", 1), 44),
    (("entry", 1, "changes", 2), 11),
    (("entry", 1, "changes", 2, "value"), 11),
    (("entry", 1, "changes", 2, "value", "messages"), 10),
    (("entry", 1, "changes", 2, "value", "messages", 3), 1),
    (("entry", 1, "changes", 2, "value", "messages", 3, "id"), 1),
    (("entry", 1, "changes", 2, "value", "messages", 3, "from"), 1),
    (("entry", 1, "changes", 2, "value", "statuses"), 1),
    (("entry", 1, "changes", 2, "value", "statuses", 0), 1),
    (("entry", 1, "changes", 2, "value", "statuses", 0, "id"), 1),
]


@pytest.mark.parametrize("bad", ["broken", 7, True, None], ids=repr)
@pytest.mark.parametrize(("place", "lost"), PLACES, ids=lambda p: str(p[-1] if p is tuple else p))
def test_one_bad_part_costs_only_itself(place, lost, bad):
    """Whatever is malformed, and wherever, all the others are read and one reason is given; a list
    that is null is no list at all, which is no fault."""
    body = batch()
    at = body
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = {} if place[-1] in ("id", "from") else bad
    items = read(json.dumps(body).encode())
    assert len(said(items)) == 132 - lost
    absent = bad is None and place[-1] in ("messages", "statuses")
    assert len([item for item in items if item.refused]) == (0 if absent else 1)


def test_a_thousand_updates_in_one_body_are_a_thousand_items():
    """And they are read in well under a second."""
    body = json.dumps(
        envelope(
            value(
                contacts=[{"wa_id": str(n), "profile": {"name": str(n)}} for n in range(1000)],
                messages=[{**text(wamid=f"wamid.{n}"), "from": str(n)} for n in range(1000)],
            )
        )
    ).encode()
    began = time.perf_counter()
    facts = said(read(body))
    assert time.perf_counter() - began < 1
    assert [fact.peer.person.name for fact in facts] == [str(n) for n in range(1000)]


# -- hostile bodies ------------------------------------------------------------------------------


def with_text(escaped):
    return json.dumps(envelope(value(messages=[text("XX")]))).replace("XX", escaped).encode()


REFUSED_WHOLE = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "number": b"1",
    "string": b'"x"',
    "object": b"{}",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"entry":' * 100_000 + b"1" + b"}" * 100_000,
    "never closed": b"[" * 3_000_000,
    "NaN": b'{"entry": NaN}',
    "Infinity": b'{"entry": [Infinity]}',
    "NaN beside half a character": with_text("\\ud800").replace(b'"1790000000"', b"NaN"),
    "5,000 digits": b'{"entry": ' + b"9" * 5000 + b"}",
    "1e400": b'{"entry": 1e400}',
    "invalid UTF-8": with_text("\xff").replace(b"\xc3\xbf", b"\xff"),
    "surrogate bytes": with_text("S").replace(b'"S"', b'"\xed\xa0\x80"'),
    "UTF-16": json.dumps(envelope(value(messages=[text()]))).encode("utf-16"),
    "UTF-32": json.dumps(envelope(value(messages=[text()]))).encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "bare NUL": with_text("\x00").replace(b"\\u0000", b"\x00"),
    "two values": b"{}{}",
    "cut": with_text("hi")[:-3],
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "form": b"payload=%7B%7D",
}


@pytest.mark.parametrize("body", REFUSED_WHOLE.values(), ids=REFUSED_WHOLE.keys())
def test_a_hostile_body_is_one_item_with_a_reason(body):
    """It never raises, and never takes a second."""
    began = time.perf_counter()
    items = read(body)
    assert time.perf_counter() - began < 1
    assert len(items) == 1
    assert items[0].refused
    assert not items[0].facts


@pytest.mark.parametrize(
    ("escaped", "kept"),
    [
        ("a\\u0000b", "ab"),
        ("a\\ud83d", "a"),
        ("\\udc00a", "a"),
        ("\\ud83d\\ude00\\ud83d", "😀"),
        ("\\\\u0000", "\\u0000"),
        ("\\u202eabc", "\u202eabc"),
    ],
)
def test_text_is_kept_but_for_what_cannot_be_stored(escaped, kept):
    """NUL and halves of characters go; what only acts on a screen is for the screen to drop."""
    assert said(read(with_text(escaped)))[0].content.body == kept


def test_of_two_equal_keys_the_last_counts():
    body = with_text("first").replace(b'"body": "first"', b'"body": "first", "body": "last"')
    assert said(read(body))[0].content.body == "last"


def test_an_element_nested_too_deeply_is_refused_alone():
    """The others of the body are read. Depths around the interpreter's limit are the risk."""
    for depth in range(100, 1100, 25):
        form = '{\\"a\\":' * depth + "1" + "}" * depth
        nested = {"a": 1}
        for _ in range(depth):
            nested = {"a": nested}
        answer = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": form}}
        body = envelope(
            value(
                messages=[
                    {**text(), "type": "interactive", "interactive": answer},
                    {**text(), "type": "interactive", "interactive": {"type": "x", "x": nested}},
                    text("after", "wamid.B"),
                ],
                groups=[{"group_id": "g", "type": "t", "deep": nested}],
            )
        )
        try:
            raw = json.dumps(body).encode()
        except RecursionError:
            break
        items = read(raw)
        assert items[0].refused or len(items) == 4


@pytest.mark.parametrize("phone", ["9665" + "0" * 600, "", " ", "٩٦٦٥٠٠٠٠٠٠٠١", "abc"])
def test_odd_senders_are_told_apart(phone):
    """Arabic-Indic digits are digits; a sender without digits is WhatsApp's own id; one longer
    than any id is none."""
    body = json.dumps(envelope(value(messages=[{**text(), "from": phone}]))).encode()
    (item,) = read(body)
    if item.refused:
        assert phone == "" or len(phone) > 512
    else:
        (identity,) = item.facts[0].peer.person.identities
        assert identity.value == {"٩٦٦٥٠٠٠٠٠٠٠١": "966500000001"}.get(phone, phone)


# -- random bodies -------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["text", "image", "wamid.A", "1790000000", "966500000001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def check(items):
    """Items are whole: a path, facts whose content can be stored, or a reason."""
    for item in items:
        assert not (item.facts and item.refused)
        for fact in item.facts:
            content = getattr(fact, "content", None)
            if content is not None:
                CONTENT.dump_json(content)
                content.preview()


PATHS = [path for path in SAMPLES if path.stem not in ("no_entries", "nothing_in_it")]


@given(st.sampled_from(PATHS), st.integers(0, 10_000), JSON)
def test_any_part_replaced_by_anything_is_still_read(path, which, put):
    """Whatever WhatsApp may put where we expect something else, nothing raises."""
    body = json.loads(path.read_bytes().replace(b"\\ud8", b""))
    spots = list(_spots(body))
    holder, key = spots[which % len(spots)]
    holder[key] = put
    check(read(json.dumps(body).encode()))


def _spots(part):
    keys = part.keys() if isinstance(part, dict) else range(len(part))
    for key in list(keys):
        yield part, key
        if isinstance(part[key], dict | list):
            yield from _spots(part[key])


@given(st.dictionaries(st.sampled_from(["entry", "messages", "statuses", "contacts"]), JSON))
def test_any_json_is_read(body):
    check(read(json.dumps(body).encode()))


def test_bytes_changed_at_random_never_raise():
    """A few thousand bodies with flipped, dropped, doubled and foreign bytes; none takes long."""
    chance = random.Random(20261122)
    bodies = [path.read_bytes() for path in [*SAMPLES, *RECORDED]]
    slowest = 0.0
    for _ in range(4000):
        body = _mutated(chance, chance.choice(bodies))
        began = time.perf_counter()
        check(read(body))
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 1


def _mutated(chance, body):
    found = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) or 1)
        match chance.randrange(5):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + chance.randint(1, 40)]
            case 2:
                found[at:at] = found[at : at + chance.randint(1, 400)]
            case 3:
                found[at:at] = chance.choice(SPICES)
            case _:
                found[at:at] = bytes(chance.choice(SPICES)) * chance.randint(1, 50)
    return bytes(found)


SPICES = [b"null", b"[]", b"{}", b'""', b"\\u0000", b"\\ud800", b"[", b'{"a":', b"1e9", b"-", b","]


def test_lines_of_whatsapp_are_told_from_what_people_wrote():
    """Handovers and group events arrive as system lines, which open no service window."""
    for name in ("handover", "group_joined", "request_welcome"):
        path = Path(__file__).parent / "samples" / f"{name}.json"
        (fact,) = said(read(path.read_bytes()))
        assert isinstance(fact.content, System)
