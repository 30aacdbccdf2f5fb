"""What the pretend Cloud API takes and refuses, by Meta's codes."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest

from wainbox_relay.sandbox.errors import GraphError
from wainbox_relay.sandbox.people import ATLAS, person
from wainbox_relay.sandbox.world import World

NOW = 1_790_000_000.0
SARA = person("sara", "Sara", "+212 600 000 001")
BASE: dict[str, Any] = {"messaging_product": "whatsapp", "to": "+212600000001"}


@pytest.fixture
def world() -> World:
    world = World([ATLAS], [SARA])
    world.heard(ATLAS.id, "sara", "wamid.hers", "text", NOW)
    return world


def refusal(world: World, body: Any, now: float = NOW) -> int:
    with pytest.raises(GraphError) as refused:
        world.accept(ATLAS.id, body, now)
    assert not world.accepted
    return refused.value.code


def text(words: str, **more: Any) -> dict[str, Any]:
    return BASE | {"type": "text", "text": {"body": words}} | more


def button(id: str = "a", title: str = "A") -> dict[str, Any]:
    return {"type": "reply", "reply": {"id": id, "title": title}}


def buttons(*shown: dict[str, Any], **more: Any) -> dict[str, Any]:
    action = {"buttons": list(shown)}
    content = {"type": "button", "body": {"text": "Which?"}, "action": action} | more
    return BASE | {"type": "interactive", "interactive": content}


def reaction(to: str, emoji: str) -> dict[str, Any]:
    return BASE | {"type": "reaction", "reaction": {"message_id": to, "emoji": emoji}}


def image(**content: Any) -> dict[str, Any]:
    return BASE | {"type": "image", "image": content}


def rows(
    count: int,
    sections: int = 1,
    part: str = "Part",
    button: str = "Choose",
    body: dict[str, str] = {"text": "Which?"},  # noqa: B006 - nobody changes it
    **row: Any,
) -> dict[str, Any]:
    listed = [
        {
            "title": f"{part} {nth}",
            "rows": [{"id": f"{nth}.{n}", "title": f"Row {n}"} | row for n in range(count)],
        }
        for nth in range(sections)
    ]
    content = {"type": "list", "body": body, "action": {"button": button, "sections": listed}}
    return BASE | {"type": "interactive", "interactive": content}


REFUSED = {
    "no object": ([], 100),
    "no product": ({"to": "+212600000001", "type": "text", "text": {"body": "x"}}, 100),
    "unknown type": (BASE | {"type": "poll", "poll": {}}, 100),
    "unknown key": (text("x", colour="red"), 100),
    "unknown key inside": (BASE | {"type": "text", "text": {"body": "x", "size": 1}}, 100),
    "no recipient": ({"messaging_product": "whatsapp", "text": {"body": "x"}}, 131008),
    "no text": (BASE | {"type": "text"}, 131008),
    "empty text": (text(""), 131008),
    "text no string": (BASE | {"type": "text", "text": {"body": 7}}, 100),
    "text too long": (text("x" * 4097), 100),
    "to no phone": (text("x", to="sara"), 131009),
    "to ourselves": (text("x", to=ATLAS.phone), 131021),
    "recipient a phone": (
        {"messaging_product": "whatsapp", "recipient": "212600000001", "text": {"body": "x"}},
        131009,
    ),
    "opaque too long": (text("x", biz_opaque_callback_data="o" * 513), 100),
    "context without id": (text("x", context={}), 131008),
    "file by link": (image(link="https://x/y.png"), 131053),
    "file never uploaded": (image(id="1"), 100),
    "caption too long": (
        image(id="1", caption="c" * 1025),
        100,
    ),
    "caption on voice": (BASE | {"type": "audio", "audio": {"id": "1", "caption": "c"}}, 100),
    "no buttons": (buttons(), 131008),
    "four buttons": (buttons(*(button(f"{n}", f"{n}") for n in range(4))), 131009),
    "long title": (buttons(button(title="t" * 21)), 131009),
    "long button id": (buttons(button(id="i" * 257)), 131009),
    "same title": (buttons(button("a"), button("b")), 131009),
    "same button id": (buttons(button("a", "A"), button("a", "B")), 131009),
    "long button body": (buttons(button(), body={"text": "b" * 1025}), 131009),
    "long footer": (buttons(button(), footer={"text": "f" * 61}), 131009),
    "long header": (buttons(button(), header={"type": "text", "text": "h" * 61}), 131009),
    "long list label": (rows(1, button="b" * 21), 131009),
    "long list body": (rows(1, body={"text": "b" * 4097}), 131009),
    "eleven sections": (rows(1, 11), 131009),
    "long section title": (rows(1, 2, part="t" * 23), 131009),
    "eleven rows": (rows(6, 2), 131009),
    "long row title": (rows(1, title="t" * 25), 131009),
    "long row description": (rows(1, description="d" * 73), 131009),
    "long row id": (rows(1, id="i" * 201), 131009),
    "reaction to nothing known": (
        reaction("wamid.x", "👍"),
        131009,
    ),
    "reaction of letters": (
        reaction("wamid.hers", "ok"),
        131009,
    ),
    "place off the map": (
        BASE | {"type": "location", "location": {"latitude": 91, "longitude": 0}},
        131009,
    ),
    "buttons in a group": (buttons(button()) | {"recipient_type": "group"}, 131009),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_whatsapp_refuses_is_refused_with_its_code(world, case):
    """Each mistake has Meta's code, and nothing counts as accepted."""
    body, code = REFUSED[case]
    assert refusal(world, body) == code


TAKEN = {
    "longest text": text("x" * 4096),
    "longest opaque": text("x", biz_opaque_callback_data="o" * 512),
    "quote": text("x", context={"message_id": "wamid.older"}),
    "reaction": BASE
    | {"type": "reaction", "reaction": {"message_id": "wamid.hers", "emoji": "👍"}},
    "no reaction": BASE
    | {"type": "reaction", "reaction": {"message_id": "wamid.hers", "emoji": ""}},
    "three buttons": buttons(*(button(f"{n}", f"{n}") for n in range(3))),
    "ten rows": rows(5, 2),
    "longest list": rows(1, button="b" * 20, body={"text": "b" * 4096}),
    "place": BASE | {"type": "location", "location": {"latitude": 33.5, "longitude": -7.6}},
    "user id": {
        "messaging_product": "whatsapp",
        "recipient": SARA.user_id,
        "type": "text",
        "text": {"body": "x"},
    },
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_whatsapp_takes_is_taken(world, case):
    """At the limits and not beyond, a message is accepted for the person it names."""
    assert world.accept(ATLAS.id, TAKEN[case], NOW).peer == "sara"


def test_a_user_id_in_to_is_taken_and_dropped(world):
    """WhatsApp gives an id for it and delivers nothing: the field's oldest trap."""
    taken = world.accept(ATLAS.id, text("x", to=SARA.user_id), NOW)
    assert taken.wamid
    assert taken.dropped
    assert taken.peer == ""


def test_the_phone_wins_over_the_user_id(world):
    """With both given, the message goes by phone."""
    other = person("other", "Other", "+212 600 000 002")
    world.people["other"] = other
    assert world.accept(ATLAS.id, text("x", recipient=other.user_id), NOW).peer == "sara"


def test_the_window_shuts_a_day_after_the_customers_last_message(world):
    """Free text is taken up to the 24th hour and refused with 131047 after it."""
    assert world.accept(ATLAS.id, text("x"), NOW + 24 * 3600)
    world.accepted.clear()
    assert refusal(world, text("x"), NOW + 24 * 3600 + 1) == 131047


def test_who_never_wrote_has_no_window(world):
    """A stranger cannot be written to freely."""
    assert refusal(world, text("x", to="+212699999999")) == 131047


def test_the_window_belongs_to_one_number_and_goes_by_the_latest_message(world):
    """An older message that comes late does not shorten it."""
    world.heard(ATLAS.id, "sara", "wamid.late", "text", NOW - 80_000)
    assert world.window_closes(ATLAS.id, "sara") == NOW + 24 * 3600
    assert world.window_closes("another", "sara") == 0


def test_a_refusal_can_come_late_as_a_failed_status(world):
    """On request a shut window is answered with an id, and fails afterwards."""
    world.late_refusals = True
    assert world.accept(ATLAS.id, text("x"), NOW + 90_000).failure == 131047


def test_one_customer_gets_a_burst_of_45_then_one_message_in_six_seconds(world):
    """The pair limit is a bucket of 45 that refills by one every six seconds."""
    for _ in range(45):
        world.accept(ATLAS.id, text("x"), NOW)
    world.accepted.clear()
    assert refusal(world, text("x"), NOW + 5.9) == 131056
    assert world.accept(ATLAS.id, text("x"), NOW + 6.1)
    world.accepted.clear()
    assert refusal(world, text("x"), NOW + 6.2) == 131056


def test_one_number_sends_eighty_a_second(world):
    """Beyond its throughput a number is told 130429."""
    world.pair_limit = False
    for _ in range(80):
        world.accept(ATLAS.id, text("x"), NOW)
    world.accepted.clear()
    assert refusal(world, text("x"), NOW) == 130429
    assert world.accept(ATLAS.id, text("x"), NOW + 1)


def test_a_refused_message_costs_no_token(world):
    """What is refused for its form leaves the pair's burst whole."""
    for _ in range(60):
        with pytest.raises(GraphError):
            world.accept(ATLAS.id, text(""), NOW)
    for _ in range(45):
        world.accept(ATLAS.id, text("x"), NOW)


def test_messages_are_counted_by_their_opaque_string(world):
    """A try's number after the last dot does not hide that it is the same message."""
    for opaque in ("a.1", "a.2", "b.1"):
        world.accept(ATLAS.id, text("x", biz_opaque_callback_data=opaque), NOW)
    assert world.count() == {"a": 2, "b": 1}


def test_no_body_breaks_the_api(world):
    """Whatever stands where, the answer is an acceptance or a refusal, never a fault of ours."""
    draw = random.Random(1)
    odd = [None, 0, 1.5, True, "", "x", [], [1], {}, {"id": "1"}, [{"type": []}]]
    bodies = [*TAKEN.values(), *(body for body, _ in REFUSED.values())]
    for _ in range(4000):
        body = json.loads(json.dumps(draw.choice(bodies)))
        place = body
        while isinstance(place, dict) and place:
            key = draw.choice(list(place))
            if isinstance(place[key], dict) and draw.random() < 0.6:
                place = place[key]
            else:
                place[key] = draw.choice(odd)
                break
        with suppress(GraphError):
            world.accept(ATLAS.id, body, NOW)


async def test_a_wrong_token_is_told_190_with_metas_shape(client, box):
    """The answer is an OAuthException with a trace id, and nothing is accepted."""
    client.http.headers["Authorization"] = "Bearer stolen"
    answer = await client.text("+212600000001")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["type"]) == (401, 190, "OAuthException")
    assert error["fbtrace_id"]
    assert not box.accepted


async def test_an_unknown_number_and_version_are_refused(client):
    """A path that names nothing is (#100), as in the field."""
    assert (await client.post({}, number="999")).json()["error"]["error_subcode"] == 33
    answer = await client.http.post(f"/latest/{ATLAS.id}/messages", json={})
    assert answer.json()["error"]["code"] == 100


async def test_the_answer_names_the_person_as_whatsapp_does(client, box):
    """By phone it tells phone and user id; by user id only that."""
    await box.customer("sara").writes("salam")
    sara = box.customer("sara").person
    answer = (await client.text("+212 600-000-001")).json()
    assert answer["contacts"] == [
        {"input": "+212 600-000-001", "wa_id": sara.wa_id, "user_id": sara.user_id}
    ]
    body = {"messaging_product": "whatsapp", "recipient": sara.user_id, "text": {"body": "x"}}
    assert (await client.post(body)).json()["contacts"] == [
        {"input": sara.user_id, "user_id": sara.user_id}
    ]


async def test_reading_and_typing_are_remembered(client, box):
    """A mark of reading names one message of a customer, and may show typing."""
    wamid = await box.customer("sara").writes("salam")
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    assert (await client.post(read)).json() == {"success": True}
    await client.post(read | {"typing_indicator": {"type": "text"}})
    assert [(one.wamid, one.typing) for one in box.reads] == [(wamid, False), (wamid, True)]
    wrong = {"message_id": "wamid.unknown"}, {"status": "seen"}, {"typing_indicator": {}}
    for change in wrong:
        assert (await client.post(read | change)).json()["error"]["code"] == 131009
    del read["messaging_product"]
    assert (await client.post(read)).json()["error"]["code"] == 100
