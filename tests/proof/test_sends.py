"""Rows S1 to S9: what WhatsApp may do with a message, and what the desk may say of it."""

import asyncio
import random
import secrets
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.proof.running import QUICK, Forge, House, house, until

from wainbox_relay.control import ask
from wainbox_relay.sandbox.customers import Customer
from wainbox_relay.sandbox.people import RIYADH

AMBIGUOUS = ("reset_after", "hang", "drip", "bad_json", "no_id", "html502", "reset_before")
CONFIRMED = ("sent", "delivered", "read")


@dataclass
class Chat:
    """A customer who has written, claimed by Nadia."""

    home: House
    customer: Customer
    ref: str

    async def replies(self, words: str = "voila", id_: str = "") -> str:
        return await self.home.desk().replies(self.ref, words, id_=id_)

    async def entry(self, sid: str) -> dict[str, Any]:
        thread = await self.home.desk().thread(self.ref)
        return next(entry for entry in thread if entry.get("sid") == sid)

    async def becomes(self, sid: str, *states: str) -> dict[str, Any]:
        """Waits until the message is in one of these states."""
        found: dict[str, Any] = {}

        async def reached() -> bool:
            found.update(await self.entry(sid))
            return found["delivery"] in states

        try:
            await until(reached, 10)
        except TimeoutError:
            pytest.fail(f"it is {found.get('delivery')} ({found.get('failure')}), not {states}")
        return found


async def chat(home: House, key: str = "", number: str = "", **who: str) -> Chat:
    key = key or f"c{secrets.token_hex(4)}"
    home.box.newcomer(key, **who)
    customer = home.box.customer(key, number)
    await customer.writes(f"salam from {key}")
    await home.box.settled()
    found: list[str] = []

    async def in_queue() -> bool:
        cards = await home.desk().cards()
        found.extend(c["ref"] for c in cards if c["customer"]["name"] == customer.person.name)
        return bool(found)

    await until(in_queue)
    await home.desk().does(found[0], "claim")
    return Chat(home, customer, found[0])


# -- S1 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", AMBIGUOUS)
async def test_a_dead_line_is_told_as_doubt_and_tried_no_second_time(
    home: House, what: Any
) -> None:
    """S1: whatever cuts WhatsApp's answer off, the message is unconfirmed, WhatsApp took it at most
    once, and the relay makes no second try by itself."""
    home.box.delays.sent = None
    talk = await chat(home)
    home.box.clock.pace = 0.05
    fault = home.box.fault(what, 1)
    fault.times = 100
    sid = await talk.replies()
    await talk.becomes(sid, "unconfirmed")
    taken, seen = home.box.accepts[sid], 100 - fault.times
    await asyncio.sleep(0.5)
    assert seen == 1
    assert 100 - fault.times == 1
    assert taken == home.box.accepts[sid] == int(fault.takes)
    [attempt] = home.files.main("SELECT n, state FROM attempts WHERE sid = ?", sid)
    assert attempt == (1, "unconfirmed")


async def test_a_refused_connection_is_no_doubt(home: House) -> None:
    """S1: where nothing listens nothing was sent: the message waits and leaves when WhatsApp is
    there again."""
    talk = await chat(home)
    away = home.settings.graph.url.rpartition(":")[2]
    home.config.write_text(home.config.read_text().replace(f":{away}", ":9"), "utf-8")
    await home.kill()
    await home.start()
    sid = await talk.replies()
    await until(lambda: _tries(home, sid, 2))
    await talk.becomes(sid, "queued")
    home.config.write_text(home.config.read_text().replace(':9"', f':{away}"'), "utf-8")
    await home.kill()
    await home.start()
    await talk.becomes(sid, "accepted", *CONFIRMED)
    assert home.box.accepts[sid] == 1


async def _tries(home: House, sid: str, least: int) -> bool:
    return home.files.one("SELECT count(*) FROM attempts WHERE sid = ?", sid) >= least


# -- S2, S3 ------------------------------------------------------------------------------------


@dataclass
class Sending:
    """Agents who write all the time to customers of their own, while the relay is killed."""

    home: House
    dice: random.Random
    chats: list[Chat]
    promised: set[str] = field(default_factory=set)

    async def round(self) -> None:
        """Everybody writes at once; somewhere on the way of it the relay dies: when so many were
        answered or taken, and a moment later."""
        steps = self._steps() + self.dice.randrange(2 * len(self.chats))
        async with asyncio.TaskGroup() as group:
            for talk in self.chats:
                group.create_task(self._write(talk))
            while self._steps() < steps:  # noqa: ASYNC110 - the relay has no bell for us
                await asyncio.sleep(0.001)
            await asyncio.sleep(self.dice.uniform(0.0, 0.01))
            await self.home.kill()
        await self.home.start()

    def _steps(self) -> int:
        return len(self.promised) + len(self.home.box.accepted)

    async def _write(self, talk: Chat) -> None:
        sid = secrets.token_hex(16)
        await asyncio.sleep(self.dice.uniform(0.0, 0.02))
        content = {"kind": "text", "body": sid}
        try:
            done = await talk.home.desk().order(
                talk.ref, "reply", id_=sid, content=content, anyway=True
            )
        except httpx.TransportError:
            return
        assert done.is_success, done.text
        self.promised.add(sid)


async def dies_while_sending(home: House, kills: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    home.box.delays.sent = None
    home.box.world.pair_limit = False
    sending = Sending(home, random.Random(seed), [await chat(home) for _ in range(6)])
    for _ in range(kills):
        await sending.round()
    await home.quiet()
    states, accepts = home.files.sends(), home.box.accepts
    assert len(states) > 3 * kills, "the relay dies before it has anything to do"
    print(f"{kills} kills, {len(states)} messages, {Counter(states.values())}")
    assert home.files.faults() == []
    assert sending.promised - states.keys() == set()
    assert {sid: n for sid, n in accepts.items() if n > 1} == {}
    assert set(states.values()) <= {"accepted", "unconfirmed"}
    assert "unconfirmed" in states.values()
    assert {s for s, state in states.items() if state == "accepted"} <= accepts.keys()
    await _receipts_settle_it(home, states)


async def _receipts_settle_it(home: House, before: dict[str, str]) -> None:
    """S3: the receipts that name our sid confirm every message that WhatsApp took, and no other."""
    home.box.delays.sent, home.box.delays.delivered = 0.0, 0.0
    taken = {message.sid: message.wamid for message in home.box.accepted}
    for message in list(home.box.accepted):
        await home.box.receipts.follow(message)
    await home.box.settled(30)
    await home.read()
    after = home.files.sends()
    wamids = dict(home.files.main("SELECT sid, wamid FROM entries WHERE sid IS NOT NULL"))
    assert {sid: after[sid] for sid in taken if after[sid] not in CONFIRMED} == {}
    assert {sid: wamids[sid] for sid in taken if wamids[sid] != taken[sid]} == {}
    never = {sid: after[sid] for sid in before.keys() - taken.keys()}
    assert set(never.values()) <= {"unconfirmed"}


@pytest.mark.timeout(300)
async def test_killed_on_its_way_a_message_goes_once_or_is_doubted(home: House) -> None:
    """S2 and S3: killed 60 times at random moments while six write, WhatsApp took no message twice,
    each is accepted or in doubt, and the receipts settle exactly what WhatsApp took."""
    await dies_while_sending(home, 60)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_the_same_with_two_hundred_kills(home: House) -> None:
    """S2 and S3, the long version."""
    await dies_while_sending(home, 200)


# -- S4, S5 ------------------------------------------------------------------------------------

BUSY: dict[str, tuple[dict[str, Any], float, float]] = {
    "throughput": ({"what": "error", "code": 130429}, 1, 3),
    "retry after": ({"what": "error", "code": 130429, "status": 429, "retry_after": 20}, 20, 1),
    "pair": ({"what": "error", "code": 131056}, 4, 4),
    "unavailable": ({"what": "error", "code": 131016, "status": 503}, 2, 4),
    "odd": ({"what": "error", "code": 131000, "status": 500}, 2, 4),
}
"""How WhatsApp puts a message off, the seconds until the second try, and how they grow."""
SCALE, SHORTEST = float(str(QUICK["retry_scale"])), 0.75
"""Of a wait: what is left of it in these proofs, and how much of it chance may leave."""
TRIES = "SELECT at FROM attempts WHERE sid = ? ORDER BY n"


@pytest.mark.parametrize("busy", BUSY)
async def test_what_whatsapp_puts_off_goes_later_once_and_in_order(home: House, busy: str) -> None:
    """S4: refused three times for now, a message waits longer each time, or as long as WhatsApp
    asks, and goes once; the one behind it follows, and neither other customers nor other numbers
    are held up."""
    home.box.world.pair_limit = False
    talk, other, far = await chat(home), await chat(home), await chat(home, number=RIYADH.id)
    given, wait, grows = BUSY[busy]
    home.box.fault(times=3, to=talk.customer.person.key, **given)
    first, second = await talk.replies("one"), await talk.replies("two")
    quick, elsewhere = await other.replies("three"), await far.replies("four")
    await other.becomes(quick, "accepted", *CONFIRMED)
    await far.becomes(elsewhere, "accepted", *CONFIRMED)
    await talk.becomes(second, "accepted", *CONFIRMED)
    assert [sent.text for sent in talk.customer.received] == ["one", "two"]
    assert {home.box.accepts[sid] for sid in (first, second, quick, elsewhere)} == {1}
    waits = [(b - a) / 1e6 for (a,), (b,) in pairwise(home.files.main(TRIES, first))]
    assert len(waits) == 3
    for nth, waited in enumerate(waits):
        assert waited >= SHORTEST * SCALE * wait * grows**nth


async def test_what_is_put_off_again_and_again_is_given_up(tmp_path: Path, forge: Forge) -> None:
    """S4: after six tries a person takes over: the message failed, and says what to do next."""
    async with house(tmp_path, forge, timing={"retry_scale": 0.001}) as home:
        talk = await chat(home)
        fault = home.box.fault("error", 100, code=131016)
        sid = await talk.replies()
        failed = await talk.becomes(sid, "failed")
        assert failed["failure"]["next_step"]
        assert 100 - fault.times == len(home.files.main(TRIES, sid)) == 6
        assert home.box.accepted == []


async def test_a_dead_token_stops_the_number_and_fails_nothing(home: House) -> None:
    """S5: refused for its token the number stands still, everybody is told once, no message has
    failed, and after a reload with a good one all of them leave."""
    talks = [await chat(home) for _ in range(3)]
    home.box.graph.token = "another"
    sids = [await talk.replies() for talk in talks]
    await until(lambda: _paused(home))
    states = {sid: state for sid, state in home.files.sends().items() if sid in sids}
    assert set(states.values()) == {"queued"}
    assert len(home.files.main(ALERTS)) == 1
    home.box.graph.token = "EAAthegraphtoken"
    await asyncio.to_thread(ask, home.settings.control_socket, "reload")
    for talk, sid in zip(talks, sids, strict=True):
        await talk.becomes(sid, "accepted", *CONFIRMED)
        assert home.box.accepts[sid] == 1


ALERTS = """SELECT body FROM events WHERE kind = 'number'
    AND json_extract(CAST(body AS TEXT), '$.number.paused') <> ''"""


async def _paused(home: House) -> bool:
    snapshot = await home.desk().get("/snapshot")
    return any(number["paused"] for number in snapshot["numbers"])


# -- S6 to S9 ----------------------------------------------------------------------------------


async def test_a_repeated_send_is_one_send(home: House) -> None:
    """S6: the same reply posted five times at once, as by a terminal that hears no answer, is one
    message, and WhatsApp takes it once."""
    talk, sid = await chat(home), secrets.token_hex(16)
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(talk.replies("once", sid))
    await talk.becomes(sid, "accepted", *CONFIRMED)
    assert home.files.one("SELECT count(*) FROM entries WHERE sid = ?", sid) == 1
    assert home.box.accepts[sid] == 1


async def test_both_tries_delivered_is_one_bubble_that_says_so(home: House) -> None:
    """S7: resent out of doubt and delivered both times, there is one message with both ids, and it
    says twice."""
    home.box.delays.sent = None
    talk = await chat(home)
    home.box.fault("reset_after")
    sid = await talk.replies()
    await talk.becomes(sid, "unconfirmed")
    home.box.delays.sent = 0.0
    await home.desk().does(talk.ref, "resend", sid=sid, after=1)
    await talk.becomes(sid, *CONFIRMED)
    home.box.delays.sent = 0.0
    await home.box.receipts.follow(home.box.accepted[0])
    await home.box.settled()
    await home.read()
    entry = await talk.entry(sid)
    assert entry["twice"]
    assert home.box.accepts[sid] == 2
    further = home.files.main("SELECT wamid FROM further_wamids")
    assert {entry["wamid"]} | {row[0] for row in further} == {m.wamid for m in home.box.accepted}


async def test_a_window_that_shuts_meanwhile_keeps_the_message(home: House) -> None:
    """S8: what waited until the window was shut does not leave: WhatsApp is not even asked; it
    failed, and says that a template would go."""
    customer = home.box.newcomer("late")
    await customer.writes("a day ago", ago=24 * 3600 - 3)
    await home.box.settled()
    await home.read()
    [card] = await home.desk().cards()
    await home.desk().does(card["ref"], "claim")
    talk, sid = Chat(home, customer, card["ref"]), secrets.token_hex(16)
    content = {"kind": "text", "body": "too late"}
    await home.desk().does(talk.ref, "reply", id_=sid, content=content, anyway=True, hold_ms=4000)
    failed = await talk.becomes(sid, "failed")
    assert "template" in failed["failure"]["next_step"]
    assert home.files.main(TRIES, sid) == home.box.accepted == []


@pytest.mark.parametrize("code", [131047, 131026, 131049])
async def test_what_fails_after_it_was_taken_is_the_desks_again(home: House, code: int) -> None:
    """Taken with an id and failed by webhook: the message failed and says why and what to do, and
    the case waits again since the customer wrote."""
    talk = await chat(home)
    since = home.files.one("SELECT waiting_since FROM conversations")
    home.box.fault("fails_late", code=code)
    sid = await talk.replies()
    failed = await talk.becomes(sid, "failed")
    assert failed["failure"]["code"] == code
    assert failed["failure"]["reason"]
    assert failed["failure"]["next_step"]
    await home.read()
    stands = "SELECT status, waiting_since FROM conversations"
    assert home.files.main(stands) == [("open", since)]
    assert home.box.accepts[sid] == 1


async def test_who_shows_no_phone_is_answered_by_user_id(home: House) -> None:
    """S9: the answer to somebody without a phone number has `recipient` and no `to`."""
    talk = await chat(home, "shy", username="shy.one")
    sid = await talk.replies("hello you")
    await talk.becomes(sid, *CONFIRMED)
    [message] = home.box.accepted
    assert message.body["recipient"] == talk.customer.person.user_id
    assert "to" not in message.body
