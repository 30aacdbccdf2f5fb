"""What WhatsApp is asked about a blocked customer, through the outbox."""

import pytest
from tests.bodies import message
from tests.fakes import later, no
from tests.relay.engine.conftest import Bench

from wainbox_relay.contract.commands import Block, MarkSpam, Reopen, Unblock
from wainbox_relay.contract.vocabulary import Flag, Status

SARA = "+212600000001"


async def asked(desk: Bench, *wanted: bool) -> None:
    async def holds() -> bool:
        settled = not await desk.relay.stores.main_writer.rows("SELECT 1 FROM outbox")
        return settled and desk.whatsapp.blocks == [(SARA, each) for each in wanted]

    await desk.until(holds)


async def tried(desk: Bench) -> bool:
    return bool(desk.whatsapp.blocks)


async def test_a_block_is_asked_for_until_it_is_done(desk: Bench) -> None:
    """A line that was dead at first is tried again; unblocking goes the same way."""
    await desk.comes(message("wamid.1", "!"))
    desk.whatsapp.plan.append(later(after=1))
    await desk.order("nadia", "W-1", Block(reason="threats"))
    await desk.until(lambda: tried(desk))
    desk.clock.pass_seconds(1)
    await asked(desk, True, True)
    await desk.order("nadia", "W-1", Unblock())
    await asked(desk, True, True, False)


@pytest.mark.parametrize("trouble", [None, later(after=1), no(139100)])
async def test_what_is_wanted_last_is_what_whatsapp_hears_last(
    desk: Bench, trouble: Exception | None
) -> None:
    """Unblocked while the block is under way: whatever becomes of the one, the other follows."""
    await desk.comes(message("wamid.1", "!"))
    desk.whatsapp.gate.clear()
    desk.whatsapp.plan.append(trouble)
    await desk.order("nadia", "W-1", Block(reason="threats"))
    await desk.until(lambda: tried(desk))
    await desk.order("nadia", "W-1", Unblock())
    desk.whatsapp.gate.set()
    await asked(desk, True, False)
    assert Flag.BLOCKED not in (await desk.card()).flags


async def test_row_65_spam_has_a_view_of_its_own(desk: Bench) -> None:
    """What still comes stays in it, and it is not among what was resolved; opened again it is work
    as any other."""
    await desk.comes(message("wamid.1", "You have won"))
    await desk.order("nadia", "W-1", MarkSpam())
    await desk.comes(message("wamid.2", "Click here"))
    [spam] = await desk.cards("spam")
    assert (spam.ref, spam.status, spam.unread) == ("W-1", Status.RESOLVED, 0)
    assert set(spam.flags) == {Flag.SPAM}
    assert not await desk.cards("resolved")
    await desk.order("nadia", "W-1", Reopen())
    assert set((await desk.card()).flags) == set()


async def test_a_refusal_is_told_in_the_conversation(desk: Bench) -> None:
    """With WhatsApp's code; the case stays spam."""
    await desk.comes(message("wamid.1", "!"))
    desk.whatsapp.plan.append(no(139100))
    await desk.order("nadia", "W-1", Block(reason="threats"))
    await asked(desk, True)
    texts = [entry.text for entry in (await desk.thread()).entries]
    assert "WhatsApp did not block them (error 139100); it stays spam here" in texts
    assert Flag.BLOCKED not in (await desk.card()).flags
