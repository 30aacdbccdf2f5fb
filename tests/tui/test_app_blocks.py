"""Blocking a customer, as agents live it: asked why, told what it does, done, and undone."""

from tests.tui.seat import Seat


async def test_blocking_asks_and_can_be_left(nadia: Seat):
    """`n` leaves it; `y` blocks, and what they write then reaches nobody until they are
    unblocked."""
    ali = await nadia.reads("Ali", "you will see")
    await nadia.command("block threats")
    await nadia.until("Ali can write nothing to")
    await nadia.press("n")
    assert not nadia.home.box.world.blocked
    await nadia.command("block")
    await nadia.until("why, in some words")
    await nadia.types("threats")
    await nadia.press("enter")
    await nadia.until("Ali can write nothing to")
    await nadia.press("y")
    await nadia.until("#W-1 blocked")
    await nadia.until(lambda: nadia.home.box.world.blocked)
    await ali.writes("unheard")
    await nadia.command("block threats")
    await nadia.until("They are blocked already.")
    await nadia.command("unblock")
    await nadia.until(lambda: not nadia.home.box.world.blocked)
    await ali.writes("sorry")
    await nadia.until("sorry")
    assert not nadia.shows("unheard")
