"""A message comes in, an agent answers it, and nothing is lost or doubled on the way."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.bodies import AT, NUMBER, envelope, image, message, status, text, value
from tests.fakes import later, no, unsure
from tests.relay.engine.conftest import Bench, bench

from wainbox_relay.contract.commands import (
    Claim,
    Leave,
    MarkArrived,
    Reply,
    Resend,
    Resolve,
    Snooze,
    Withdraw,
)
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.problems import Code, Refusal
from wainbox_relay.contract.vocabulary import Delivery, Direction, Flag, MediaState, Sid, Status


def say(body: str = "Bonjour Sara", **how: object) -> Reply:
    return Reply(content=Text(body=body), **how)


async def delivery(desk: Bench) -> list[Delivery | None]:
    return [e.delivery for e in (await desk.thread()).entries if e.direction is Direction.OUT]


async def sent_out(desk: Bench, *states: Delivery) -> None:
    async def holds() -> bool:
        return await delivery(desk) == list(states)

    await desk.until(holds)


async def test_from_first_word_to_resolved(desk: Bench) -> None:
    """The customer writes, one claims and answers, the ticks come back, the case is closed."""
    await desk.comes(message("wamid.1", "Où est ma commande ?"))
    card = await desk.card()

    assert (card.status, card.unread, card.customer.name) == (Status.OPEN, 1, "Sara")

    await desk.order("nadia", card.ref, Claim())
    await desk.order("nadia", card.ref, say())
    await sent_out(desk, Delivery.ACCEPTED)
    card = await desk.card()

    assert (card.status, card.unread, card.assignee) == (Status.WAITING, 0, "nadia")

    wamid = (await desk.thread()).entries[-1].wamid or (await _out(desk)).wamid
    await desk.comes(status(str(wamid), "sent"), status(str(wamid), "read"))

    assert await delivery(desk) == [Delivery.READ]

    await desk.order("nadia", card.ref, Resolve())

    assert (await desk.card()).status is Status.RESOLVED


async def _out(desk: Bench):
    return next(e for e in (await desk.thread()).entries if e.direction is Direction.OUT)


async def test_the_same_body_fifty_times_is_one_message(desk: Bench) -> None:
    """Repeats give one message, one conversation and one event."""
    await asyncio.gather(*(desk.relay.intake.keep(message("wamid.1")) for _ in range(50)))
    await desk.settles()
    entries = (await desk.thread()).entries

    assert sum(e.direction is Direction.IN for e in entries) == 1
    assert (await desk.card()).version == 1


async def test_an_album_of_a_new_customer_opens_one_conversation(desk: Bench) -> None:
    """Twenty messages of one unknown number at once: one customer, one open conversation."""
    bodies = [message(f"wamid.{n}", at=AT + n) for n in range(20)]
    await asyncio.gather(*(desk.relay.intake.keep(body) for body in bodies))
    await desk.settles()

    assert (await desk.card()).unread == 20


@pytest.mark.parametrize("place", range(4))
async def test_one_bad_item_is_set_aside_and_the_others_are_kept(desk: Bench, place: int) -> None:
    """A message that cannot be read goes to quarantine; its neighbours are stored."""
    items = [text(f"wamid.{n}", at=AT + n) for n in range(4)]
    del items[place]["id"]
    await desk.comes(envelope(value(items)))

    assert (await desk.card()).unread == 3
    assert (await desk.relay.stores.reads.gauges()).quarantined == 1


async def test_a_number_nobody_configured_is_kept_and_hidden(desk: Bench) -> None:
    """Messages to a number that is not ours to show are stored in full and in no view."""
    await desk.comes(envelope(value([text("wamid.1")], number="999")))

    assert await desk.cards() == ()
    assert "999" in desk.relay.inbox.desk.numbers


async def test_of_twenty_claims_one_wins(desk: Bench) -> None:
    """Whoever loses is told who has it."""
    await desk.comes(message("wamid.1"))
    tries = [desk.order(who, "W-1", Claim()) for who in ("nadia", "samir", "lina")]
    results = await asyncio.gather(*tries, return_exceptions=True)
    lost = [r for r in results if isinstance(r, Refusal)]
    holder = (await desk.card()).assignee

    assert len(lost) == 2
    assert {r.problem.code for r in lost} == {Code.TAKEN}
    assert all(desk.agents[str(holder)].name in r.problem.message for r in lost)


async def test_a_repeated_command_has_the_same_answer_and_no_second_effect(desk: Bench) -> None:
    """The same id and body is answered again; the same id with another body is refused."""
    await desk.comes(message("wamid.1"))
    once = await desk.order("nadia", "W-1", say(), "a" * 32)
    again = await desk.order("nadia", "W-1", say(), "a" * 32)
    await sent_out(desk, Delivery.ACCEPTED)

    assert again.entry == once.entry
    assert len(desk.whatsapp.sent) == 1
    with pytest.raises(Refusal) as refused:
        await desk.order("nadia", "W-1", say("something else"), "a" * 32)
    assert refused.value.problem.code is Code.CONFLICT


async def test_a_known_refusal_is_tried_again_and_sent_once(desk: Bench) -> None:
    """After an error object of WhatsApp the message waits and goes."""
    desk.whatsapp.plan.append(later(131016))
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say())

    async def refused_once() -> bool:
        entry = await _out(desk)
        return entry.delivery is Delivery.QUEUED and entry.attempt == 1

    await desk.until(refused_once)
    desk.clock.pass_seconds(60)
    await sent_out(desk, Delivery.ACCEPTED)

    assert [o.opaque[-2:] for o in desk.whatsapp.sent] == [".1", ".2"]


async def test_what_whatsapp_refuses_for_good_fails_with_the_next_step(desk: Bench) -> None:
    """A permanent refusal is shown with what to do, and the conversation asks for us again."""
    desk.whatsapp.plan.append(no())
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say())
    await sent_out(desk, Delivery.FAILED)
    entry, card = await _out(desk), await desk.card()

    assert entry.failure is not None
    assert entry.failure.next_step == "Call them."
    assert card.status is Status.OPEN
    assert Flag.DELIVERY_TROUBLE in card.flags


async def test_a_doubt_is_never_sent_again_by_itself(desk: Bench) -> None:
    """After a dead line the message is unconfirmed, whatever time passes."""
    desk.whatsapp.plan.append(unsure())
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say())
    await sent_out(desk, Delivery.UNCONFIRMED)
    desk.clock.pass_seconds(3600)
    await desk.settles()
    await asyncio.sleep(0.05)

    assert len(desk.whatsapp.sent) == 1
    assert Flag.UNCONFIRMED in (await desk.card()).flags


@contextmanager
def a_file_that_may_not_grow(path: Path) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_an_answer_the_disk_refuses_is_kept_later_and_not_sent_again(tmp_path) -> None:
    """WhatsApp took the message and the disk did not take that: its answer waits for room."""
    async with bench(tmp_path, retry_scale=0.01) as desk:
        desk.whatsapp.gate.clear()
        await desk.comes(message("wamid.1"))
        await desk.order("nadia", "W-1", say())
        await sent_out(desk, Delivery.SENDING)

        async def refused() -> bool:
            return desk.relay.inbox.full

        with a_file_that_may_not_grow(tmp_path / "main.sqlite3-wal"):
            desk.whatsapp.gate.set()
            await desk.until(refused)
            desk.clock.pass_seconds(60)
            await asyncio.sleep(0.05)
        await sent_out(desk, Delivery.ACCEPTED)

        assert len(desk.whatsapp.sent) == 1


async def test_an_error_nobody_foresaw_leaves_a_doubt_and_not_a_second_message(
    desk: Bench,
) -> None:
    """Whatever goes wrong after an attempt began, the message may have left: it is unconfirmed."""
    desk.whatsapp.plan.append(RuntimeError("nobody foresaw this"))
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say())

    async def told() -> bool:
        desk.clock.pass_seconds(10 if desk.whatsapp.sent else 0)
        return await delivery(desk) == [Delivery.UNCONFIRMED]

    await desk.until(told)

    assert len(desk.whatsapp.sent) == 1


async def test_a_status_with_our_opaque_word_settles_a_doubt(desk: Bench) -> None:
    """The webhook that carries sid and attempt gives the message its id and state."""
    desk.whatsapp.plan.append(unsure())
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(), "b" * 32)
    await sent_out(desk, Delivery.UNCONFIRMED)
    await desk.comes(status("wamid.late", "delivered", f"{'b' * 32}.1"))
    entry = await _out(desk)

    assert (entry.delivery, entry.wamid) == (Delivery.DELIVERED, "wamid.late")
    assert (await desk.card()).status is Status.WAITING


@pytest.mark.parametrize(
    ("answer", "state"),
    [(MarkArrived, Delivery.SENT), (Leave, Delivery.LEFT)],
)
async def test_a_person_settles_a_doubt(desk: Bench, answer: type, state: Delivery) -> None:
    """Of the three answers, two end the matter without another send."""
    desk.whatsapp.plan.append(unsure())
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(), "c" * 32)
    await sent_out(desk, Delivery.UNCONFIRMED)
    await desk.order("nadia", "W-1", answer(sid=Sid("c" * 32)))

    assert (await _out(desk)).delivery in {state, Delivery.ACCEPTED}
    assert len(desk.whatsapp.sent) == 1


async def test_resend_counts_the_attempt_that_was_seen(desk: Bench) -> None:
    """Two agents who resend the same doubt send it once more, not twice."""
    desk.whatsapp.plan.append(unsure())
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(), "d" * 32)
    await sent_out(desk, Delivery.UNCONFIRMED)
    resend = Resend(sid=Sid("d" * 32), after=1)
    results = await asyncio.gather(
        desk.order("nadia", "W-1", resend),
        desk.order("lina", "W-1", resend),
        return_exceptions=True,
    )
    await sent_out(desk, Delivery.ACCEPTED)

    assert sum(isinstance(r, Refusal) for r in results) == 1
    assert len(desk.whatsapp.sent) == 2


async def test_two_deliveries_of_one_message_say_twice(desk: Bench) -> None:
    """When both tries turn out delivered, one bubble says so."""
    desk.whatsapp.plan.append(unsure())
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(), "e" * 32)
    await sent_out(desk, Delivery.UNCONFIRMED)
    await desk.order("nadia", "W-1", Resend(sid=Sid("e" * 32), after=1))
    await sent_out(desk, Delivery.ACCEPTED)
    await desk.comes(status("wamid.first", "delivered", f"{'e' * 32}.1"))
    second = (await _out(desk)).wamid
    await desk.comes(status(str(second), "delivered", f"{'e' * 32}.2"))

    assert (await _out(desk)).twice


async def test_a_held_message_can_be_taken_back(desk: Bench) -> None:
    """Within the hold the message never reaches WhatsApp."""
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(hold_ms=3000), "f" * 32)
    await sent_out(desk, Delivery.HELD)
    await desk.order("nadia", "W-1", Withdraw(sid=Sid("f" * 32)))
    desk.clock.pass_seconds(10)
    await desk.settles()
    await asyncio.sleep(0.05)

    assert desk.whatsapp.sent == []
    assert await delivery(desk) == [Delivery.WITHDRAWN]


async def test_a_held_message_leaves_after_its_time(desk: Bench) -> None:
    """When the hold is over it goes by itself."""
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(hold_ms=3000))
    desk.clock.pass_seconds(4)
    await sent_out(desk, Delivery.ACCEPTED)

    assert len(desk.whatsapp.sent) == 1


async def test_the_window_shuts_between_enter_and_leaving(desk: Bench) -> None:
    """A message whose window shut while it waited is not sent and says what to do."""
    await desk.comes(message("wamid.1"))
    desk.clock.pass_seconds(24 * 3600 - 30)
    await desk.order("nadia", "W-1", say(hold_ms=60_000))
    desk.clock.pass_seconds(61)
    await sent_out(desk, Delivery.FAILED)

    assert desk.whatsapp.sent == []
    assert "template" in (await _out(desk)).failure.next_step.lower()


async def test_messages_of_one_thread_leave_in_order(desk: Bench) -> None:
    """One at a time, and the second only when the first has been answered."""
    desk.whatsapp.gate.clear()
    await desk.comes(message("wamid.1"))
    for n in range(3):
        await desk.order("nadia", "W-1", say(f"line {n}"))

    async def one_left() -> bool:
        return len(desk.whatsapp.sent) == 1

    await desk.until(one_left)
    await asyncio.sleep(0.05)
    assert len(desk.whatsapp.sent) == 1

    desk.whatsapp.gate.set()
    await sent_out(desk, *[Delivery.ACCEPTED] * 3)
    assert [o.content.preview() for o in desk.whatsapp.sent] == ["line 0", "line 1", "line 2"]


async def test_a_refused_token_pauses_the_number_and_fails_nothing(desk: Bench) -> None:
    """Sends wait until the number goes on; then all of them leave."""
    desk.whatsapp.plan.append(no(190, pause="WhatsApp refuses the access token"))
    await desk.comes(message("wamid.1"), message("wamid.2", phone="212600000002"))
    await desk.order("nadia", "W-1", say())

    async def paused() -> bool:
        return desk.relay.inbox.desk.numbers[NUMBER].paused != ""

    await desk.until(paused)
    await desk.order("nadia", "W-2", say())
    desk.clock.pass_seconds(3600)
    await asyncio.sleep(0.05)
    assert len(desk.whatsapp.sent) == 1

    await desk.relay.inbox.amend(lambda slice_: slice_.pause(NUMBER, ""))
    await sent_out(desk, Delivery.ACCEPTED)

    async def both() -> bool:
        return len(desk.whatsapp.sent) == 3

    await desk.until(both)


async def test_a_restart_in_the_middle_of_a_send_leaves_a_doubt(tmp_path) -> None:
    """What was on its way when the relay died is unconfirmed at once, and not sent again."""
    async with bench(tmp_path) as first:
        first.whatsapp.gate.clear()
        await first.comes(message("wamid.1"))
        await first.order("nadia", "W-1", say())
        await sent_out(first, Delivery.SENDING)
    async with bench(tmp_path, clock=first.clock) as second:
        await sent_out(second, Delivery.UNCONFIRMED)

        assert second.whatsapp.sent == []


async def test_a_restart_sends_what_was_queued(tmp_path) -> None:
    """A message that had not left yet leaves after the restart, once."""
    async with bench(tmp_path) as first:
        await first.comes(message("wamid.1"))
        await first.order("nadia", "W-1", say(hold_ms=5000))
    first.clock.pass_seconds(10)
    async with bench(tmp_path, clock=first.clock) as second:
        await sent_out(second, Delivery.ACCEPTED)

        assert len(second.whatsapp.sent) == 1


async def test_the_journal_is_read_on_where_it_stopped(tmp_path) -> None:
    """Bodies that were acknowledged and not read before a stop are read after it."""
    async with bench(tmp_path) as first:
        await first.relay.stores.journal.append([(first.clock.now(), message("wamid.1"))])
    async with bench(tmp_path) as second:
        await second.settles()

        assert (await second.card()).unread == 1


async def test_a_status_before_the_answer_is_parked_and_applied(desk: Bench) -> None:
    """A receipt that overtakes WhatsApp's own answer counts once the message has its id."""
    desk.whatsapp.gate.clear()
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(), "9" * 32)
    await sent_out(desk, Delivery.SENDING)
    await desk.comes(status(f"wamid.out.{'9' * 32}.1", "delivered"))
    desk.whatsapp.gate.set()
    await sent_out(desk, Delivery.DELIVERED)


async def test_ticks_never_go_back(desk: Bench) -> None:
    """read, then delivered, then sent: read stays."""
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say())
    await sent_out(desk, Delivery.ACCEPTED)
    wamid = str((await _out(desk)).wamid)
    await desk.comes(*(status(wamid, state) for state in ("read", "delivered", "sent")))

    assert await delivery(desk) == [Delivery.READ]


async def test_a_file_is_fetched_beside_the_message(desk: Bench) -> None:
    """The message is there at once; its file comes when WhatsApp gives it."""
    desk.whatsapp.fetch_plan.append(later())
    await desk.comes(image("wamid.1"))
    entry = (await desk.thread()).entries[0]
    assert entry.media is not None
    assert entry.media.state is MediaState.PENDING

    async def ready() -> bool:
        desk.clock.pass_seconds(5)
        media = (await desk.thread()).entries[0].media
        return media is not None and media.state is MediaState.READY

    await desk.until(ready)
    assert desk.whatsapp.fetched == ["77", "77"]


async def test_a_snooze_wakes_once(desk: Bench) -> None:
    """At its time the conversation is open again and says that it woke."""
    from datetime import UTC, datetime

    await desk.comes(message("wamid.1"))
    until = datetime.fromtimestamp(desk.clock.now() / 1e6 + 3600, UTC)
    await desk.order("nadia", "W-1", Snooze(until=until, sure=True))
    assert (await desk.card()).status is Status.SNOOZED
    desk.clock.pass_seconds(3601)
    await desk.relay.alarms.ring()
    card = await desk.card()
    version = card.version
    await desk.relay.alarms.ring()

    assert card.status is Status.OPEN
    assert Flag.WOKE in card.flags
    assert (await desk.card()).version == version


async def test_a_refusal_that_was_none_is_counted(desk: Bench) -> None:
    """A message that arrives after an error object is taken over, and the assumption is counted."""
    desk.whatsapp.plan.append(no(131000))
    await desk.comes(message("wamid.1"))
    await desk.order("nadia", "W-1", say(), "8" * 32)
    await sent_out(desk, Delivery.FAILED)
    await desk.comes(status("wamid.after.all", "delivered", f"{'8' * 32}.1"))

    assert await delivery(desk) == [Delivery.DELIVERED]
    assert desk.relay.inbox.contradictions == 1
