"""The scripted run: one conversation from the customer's first word to the end, then the rules of
the floor, all through the public API; each step with the time it took."""

import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial

from wainbox_relay.demo_pager import Pager
from wainbox_relay.demo_steps import STEP_WITHIN, Card, Desk, Say, StepFailed, step, until
from wainbox_relay.sandbox.box import Sandbox
from wainbox_relay.sandbox.customers import Customer
from wainbox_relay.sandbox.people import NUIT, RIYADH

ROUTED = (
    ("Arabic", "ar", "Nadia", "سلمى بناني", "السلام عليكم، وصلني الحذاء بمقاس صغير، هل أستبدله؟"),
    ("French", "fr", "Samir", "Élodie Martin", "Bonjour, je voudrais changer d'adresse, svp"),
    ("English", "en", "Samir", "Ruth Adeyemi", "Hello, when does the blue rug come back in stock?"),
    ("Arabizi", "ar-Latn", "Nadia", "Anas", "salam, wach kayn tawsil l Agadir had simana?"),
)
"""In which language, to whom it goes, and who writes what. Both agents speak French: it goes to who
has been without work for longer."""


async def walk(box: Sandbox, desks: Mapping[str, Desk], pager: Pager, say: Say) -> int:
    """Walks through, saying each step. 0 when all came about, else 1, the failed step named."""
    try:
        async with AsyncExitStack() as open_:
            nadia = desks["Nadia"]
            await _main_job(box, await open_.enter_async_context(nadia), say)
            async with step("Nadia, Samir come to work", say):
                for desk in (nadia, desks["Samir"]):
                    await until((await open_.enter_async_context(desk.at_work())).online)
            await _routed(box, nadia, say)
            await _menu(box, nadia, say)
            await _night(box, nadia, pager, say)
            await _evening(nadia, say)
    except StepFailed as failed:
        say(f"failed: {failed}")
        return 1
    say("The main job works: in, answered, delivered, read, done; and so do the floor's rules.")
    return 0


# -- the main job ------------------------------------------------------------------------------


async def _main_job(box: Sandbox, desk: Desk, say: Say) -> None:
    customer = box.newcomer("wafa", "Wafa Idrissi")
    async with step("signed webhook in", say):
        await customer.writes("السلام عليكم، وين وصل طلبي؟")
        await box.settled(STEP_WITHIN)
    async with step("card in the queue", say):
        card = await until(partial(desk.card, customer.person.name))
    ref = str(card["ref"])
    async with step("claim", say):
        await desk.order(ref, do="claim")
    async with step("reply", say):
        content = {"kind": "text", "body": "وعليكم السلام وفاء، طلبك في الطريق ويصلك اليوم."}
        done = await desk.order(ref, do="reply", content=content)
    for word in _ORDER:
        async with step(word, say):
            await until(partial(_reached, desk, ref, done["entry"], word))
    async with step("resolve", say):
        await desk.order(ref, do="resolve")


_ORDER = ("sent", "delivered", "read")


async def _reached(desk: Desk, ref: str, entry: int, word: str) -> bool:
    found = next((each for each in await desk.thread(ref) if each["id"] == entry), None)
    return found is not None and found["delivery"] in _ORDER[_ORDER.index(word) :]


# -- the rules of the floor --------------------------------------------------------------------


async def _routed(box: Sandbox, desk: Desk, say: Say) -> None:
    for spoken, language, agent, name, words in ROUTED:
        customer = _somebody(box, name)
        async with step(f"{spoken} to {agent}", say):
            await customer.writes(words)
            await until(partial(_given, desk, name, agent.lower(), language))


async def _menu(box: Sandbox, desk: Desk, say: Say) -> None:
    customer = _somebody(box, "Kenza Alami").on(RIYADH)
    async with step("menu asks", say):
        await customer.writes("Bonjour, j'ai une question sur ma facture")
        await until(partial(_hears, customer))
    async with step("tap: payment, to Samir", say):
        await customer.chooses(customer.received[-1], "payment")
        card = await until(partial(_given, desk, customer.person.name, "samir", "fr"))
        await until(partial(_is_about, desk, card["ref"], "payment"))


async def _night(box: Sandbox, desk: Desk, pager: Pager, say: Say) -> None:
    early = _somebody(box, "Jad Sassi").on(NUIT)
    async with step("closed: reply with hours", say):
        await early.writes("Bonsoir, livrez-vous à Fès le samedi ?")
        await until(partial(_hears, early))
        await until(partial(_told, desk, early, "after_hours"))
    urgent = _somebody(box, "Rim Tazi").on(NUIT)
    async with step("urgent: Lina is paged", say):
        await urgent.writes("C'est urgent, j'ai été débitée deux fois de 900 DH !")
        await until(partial(_escalated, desk, urgent.person.name, pager))


async def _evening(desk: Desk, say: Say) -> None:
    async with step("all resolved", say):
        for card in await desk.queue():
            await desk.order(card["ref"], do="resolve", sure=True)


def _somebody(box: Sandbox, name: str) -> Customer:
    """Nobody who was there in an earlier run: the menu and the closed hours greet people once."""
    key = secrets.token_hex(4)
    return box.newcomer(key, name, phone=f"+212 6{secrets.randbelow(10**8):08}")


async def _given(desk: Desk, name: str, agent: str, language: str) -> Card:
    """The card, once it is in these hands and its language is known."""
    card = await desk.card(name)
    there = card and (card["assignee"], card["language"]) == (agent, language)
    return card if there else {}


async def _hears(customer: Customer) -> bool:
    return bool(customer.received)


async def _is_about(desk: Desk, ref: str, topic: str) -> bool:
    return await desk.topic(ref) == topic


async def _told(desk: Desk, customer: Customer, rule: str) -> bool:
    """Whether agents see what the customer has read, and why."""
    card = await desk.card(customer.person.name)
    read = customer.received[-1].text
    thread = await desk.thread(str(card["ref"]))
    return any(each["auto"] == rule and each["text"] == read for each in thread)


async def _escalated(desk: Desk, name: str, pager: Pager) -> bool:
    card = await desk.card(name)
    return "escalated" in card.get("flags", ()) and card["ref"] in pager.refs
