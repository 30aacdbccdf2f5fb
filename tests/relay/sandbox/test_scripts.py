"""The people of the scripts, and the morning they make."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from wainbox_relay.sandbox.people import Group, Person
from wainbox_relay.sandbox.script import Line, Script, scripts
from wainbox_relay.sandbox.webhooks import encode

ALL = scripts()
PEOPLE = [script for script in ALL if isinstance(script.peer, Person)]
ARABIC = re.compile(r"[\u0600-\u06FF]")
DAY = 24 * 3600


def lines(script: Script) -> tuple[Line, ...]:
    return script.past + script.later + script.answers + script.menu + script.rating


def theirs(script: Script) -> list[str]:
    acts = ("says", "photo")
    return [line.what for line in lines(script) if line.act in acts and line.what]


def test_there_is_a_crowd():
    """45 people or more, no key or phone twice, from eight countries, some without a phone."""
    assert len(PEOPLE) >= 45
    people = [script.peer for script in PEOPLE]
    assert len({person.key for person in people}) == len(people)
    phones = [person.wa_id for person in people if person.wa_id]
    assert len(set(phones)) == len(phones)
    assert len({person.user_id for person in people}) == len(people)
    codes = ("212", "20", "966", "971", "213", "216", "961", "962")
    assert all(any(phone.startswith(code) for phone in phones) for code in codes)
    hidden = [person for person in people if not person.wa_id]
    assert len(hidden) >= 3
    assert all(person.username for person in hidden)


def test_every_language_is_there_and_written_in_its_letters():
    """Arabic in Arabic letters; Arabizi, French and English in Latin ones."""
    spoken = Counter(script.language for script in PEOPLE)
    assert set(spoken) == {"ar", "ar-Latn", "fr", "en"}
    assert min(spoken.values()) >= 5
    for script in PEOPLE:
        words = " ".join(theirs(script))
        assert bool(ARABIC.search(words)) == (script.language == "ar"), script.peer.key


def test_the_scripts_hold_to_whatsapps_limits():
    """Texts, captions and file names fit; histories run forward; nothing is empty."""
    for script in ALL:
        assert lines(script), script.peer.key
        for part in (script.past, script.later, script.answers, script.menu, script.rating):
            assert all(line.seconds > 0 for line in part)
        assert [line.seconds for line in script.past] == sorted(
            (line.seconds for line in script.past), reverse=True
        )
        for line in lines(script):
            assert len(line.what) <= (1024 if line.act == "photo" else 4096)
            assert line.what or line.act in ("photo", "sticker"), script.peer.key


def test_the_morning_is_busy():
    """About forty conversations of all ages, some answered, with photos, voice and files."""
    open_ones = [script for script in ALL if script.past]
    assert 36 <= len(open_ones) <= 44
    last = [script.past[-1] for script in open_ones]
    assert sum(line.seconds < 3600 for line in last) >= 10
    assert sum(3600 <= line.seconds < DAY for line in last) >= 10
    assert sum(line.seconds >= DAY for line in last) >= 3
    assert 3 <= sum(line.act == "shop" for line in last) <= 15
    kinds = Counter(line.act for script in open_ones for line in script.past)
    assert all(kinds[kind] >= 2 for kind in ("photo", "voice", "file", "place", "reacts"))
    assert {script.number for script in PEOPLE} == {1, 2, 3}
    assert sum(bool(script.later) for script in ALL) >= 5


def test_they_answer_what_wainbox_says_by_itself():
    """Taps on menus, ratings of every kind, words after them, a person wanted, an end of
    advertising, and people in the night."""
    rated = [script.rating[0] for script in ALL if script.rating]
    assert {line.what for line in rated if line.act == "taps"} >= {"1", "2", "3", "4", "5"}
    assert {line.what for line in rated if line.act == "says"} >= {
        "٥",
        "٤ من ٥",
        "⭐⭐⭐⭐⭐",
        "Merci",
    }
    poor = [script for script in ALL if script.rating and script.rating[0].what in "12"]
    assert poor
    assert all(len(script.rating) > 1 for script in poor)
    assert {line.act for script in ALL for line in script.menu} == {"taps", "says"}
    assert sum(script.number == 3 for script in PEOPLE) >= 4
    assert any(line.what == "STOP" for script in ALL for line in script.later)


def test_the_group_is_of_people_we_know():
    """A group's members have scripts of their own."""
    keys = {script.peer.key for script in PEOPLE}
    groups = [script.peer for script in ALL if isinstance(script.peer, Group)]
    assert len(groups) == 1
    assert set(groups[0].members) <= keys


async def test_the_morning_arrives_in_the_order_of_time(box, listener):
    """Every line of the days before comes once, oldest first, at its age, from its number."""
    box.clock.pace = 1
    await box.opening()
    await box.settled(30)
    past = [line for script in ALL for line in script.past]
    echoes = [echo for value in listener.values for echo in value.get("message_echoes", [])]
    assert len(listener.messages) + len(echoes) == len(past)
    assert len(echoes) == sum(line.act == "shop" for line in past)
    dates = [
        int(said["timestamp"])
        for value in listener.values
        for said in value.get("messages", value.get("message_echoes", []))
    ]
    assert all(later - earlier >= -2 for earlier, later in pairwise(dates))
    assert dates[-1] - dates[0] == pytest.approx(max(line.seconds for line in past), abs=300)
    numbers = {value["metadata"]["phone_number_id"] for value in listener.values}
    assert numbers == set(box.world.numbers)
    assert max(map(len, map(encode, listener.bodies))) < 10_000


async def test_a_customer_answers_what_we_write_and_then_falls_silent(box, listener, client):
    """One answer to each message of ours, as long as the script has any."""
    box.answering = True
    sara = box.customer("sara")
    await sara.writes("salam")
    for number in (1, 2, 3):
        await client.text(sara.person.wa_id, f"answer {number}")
    await box.until(lambda: len(listener.messages) == 3)
    await box.settled()
    assert not box.day.left("sara")
    expected = [line.what for line in box.day.scripts["sara"].answers]
    came = [message["text"]["body"] for message in listener.messages[1:]]
    assert sorted(came) == sorted(expected)


async def test_a_reaction_is_to_the_message_we_sent(box, listener, client):
    """Who answers with an emoji puts it on our last message."""
    box.answering = True
    hamza = box.customer("hamza")
    await hamza.writes("salam")
    for _ in range(2):
        sent = (await client.text(hamza.person.wa_id)).json()["messages"][0]["id"]
    await box.until(lambda: any(said["type"] == "reaction" for said in listener.messages))
    reaction = next(said for said in listener.messages if said["type"] == "reaction")
    assert reaction["reaction"] == {"message_id": sent, "emoji": "🙏"}


async def test_people_come_after_the_opening(box, listener):
    """Who has a later line writes it while the desk is at work."""
    box.clock.pace = 0.002
    await box.opening()
    later = [line for script in ALL for line in script.later]
    past = [line for script in ALL for line in script.past if line.act != "shop"]
    await box.until(lambda: len(listener.messages) == len(past) + len(later), 30)


def question(*ids: str, listed: bool) -> dict[str, object]:
    """What a menu (buttons) or the question how it was (a list) looks like on the wire."""
    if listed:
        rows = [{"id": id_, "title": id_} for id_ in ids]
        shape = {"type": "list", "action": {"button": "Open", "sections": [{"rows": rows}]}}
    else:
        buttons = [{"type": "reply", "reply": {"id": id_, "title": id_}} for id_ in ids]
        shape = {"type": "button", "action": {"buttons": buttons}}
    return {"type": "interactive", "interactive": shape | {"body": {"text": "?"}}}


async def test_who_is_asked_taps_what_their_script_says(box, listener, client):
    """One tap a question, of buttons or a list; the first choice where theirs is not there."""
    box.answering = True
    latifa = box.customer("latifa")
    await latifa.writes("salam")
    asked = question("menu:start:order", "menu:start:return", listed=True)
    await client.asks(latifa.person.wa_id, asked)
    await box.until(lambda: len(listener.messages) == 2)
    await client.asks(latifa.person.wa_id, question("menu:x:first", "person", listed=False))
    await box.until(lambda: len(listener.messages) == 3)
    tapped, other = (message["interactive"] for message in listener.messages[1:])
    assert tapped["list_reply"]["id"] == "menu:start:return"
    assert other["button_reply"]["id"] == "menu:x:first"
    assert box.day.left("latifa") == len(box.day.scripts["latifa"].answers)


async def test_who_is_asked_how_it_was_says_all_of_it(box, listener, client):
    """The stars, then the complaint."""
    box.answering = True
    omar = box.customer("omar")
    await omar.writes("hello")
    ids = [f"rating:{stars}" for stars in "54321"]
    await client.asks(omar.person.wa_id, question(*ids, listed=True))
    await box.until(lambda: len(listener.messages) == 3)
    stars, words = listener.messages[1:]
    assert stars["interactive"]["list_reply"]["id"] == "rating:1"
    assert words["text"]["body"] == box.day.scripts["omar"].rating[1].what


async def test_the_days_before_can_be_lived_through(box, listener):
    """Each line comes at its moment, nothing goes to the callback, and nobody answers before they
    have written all they have."""
    came: list[float] = []
    kept: list[bytes] = []

    async def come_to(ago: float) -> None:
        assert len(kept) == len(came)
        came.append(ago)

    await box.live_through(come_to, kept.append)
    assert came == sorted((line.seconds for script in ALL for line in script.past), reverse=True)
    assert len(kept) == len(came)
    box.in_the_present(0.01)
    await box.customer("sara").writes("salam")
    await box.settled()
    assert len(listener.messages) == 1
