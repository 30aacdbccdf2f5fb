"""Canned replies, macros and templates before the open app."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.tui.conftest import Take
from tests.tui.seat import Seat

from wainbox_relay.contract.views import Template, TemplateButton
from wainbox_relay.media import MediaFolder
from wainbox_tui.canned import read, wants

SHIPPED: dict[str, Any] = {
    "title": "It is on its way",
    "texts": {
        "fr": "Bonjour {{customer.first_name}}, c'est parti.",
        "any": "Hello {{customer.first_name}}, order {{order.number}} is on its way.",
    },
}


async def keep(seat: Seat, name: str, **reply: Any) -> None:
    """A lead has written a canned reply."""
    lead = seat.home.desk("lina")
    url = f"{lead.url}/api/v1/replies/{name}"
    answer = await lead.http.put(url, json=reply, headers=lead.headers)
    assert answer.is_success, answer.text


async def slash(seat: Seat) -> None:
    """The composer has the keys, and `/` is its first."""
    await seat.press("r")
    await seat.until("esc back")
    await seat.press("slash")
    await seat.until("canned replies and templates")


def composed(seat: Seat) -> str:
    return seat.app.inbox.composer.text


async def test_slash_finds_fills_asks_and_sends_nothing(nadia: Seat):
    """By any of its words, with the customer's name in it; what is not known is asked for. The text
    stands in the composer until Enter."""
    await keep(nadia, "shipped", **SHIPPED)
    ali = await nadia.reads("Ali")
    await slash(nadia)
    await nadia.until("shipped")
    await nadia.types("parti")
    await nadia.press("enter")
    await nadia.until("order.number")
    assert nadia.shows("latest order")
    await nadia.press("enter")
    await nadia.until("A value is needed")
    await nadia.types("10483")
    await nadia.press("enter")
    await nadia.until(lambda: composed(nadia) == "Hello Ali, order 10483 is on its way.")
    assert not ali.received
    await asyncio.sleep(0.45)
    await nadia.press("enter")
    await nadia.home.box.until(lambda: ali.received)
    assert ali.received[0].text == "Hello Ali, order 10483 is on its way."


async def test_a_reply_speaks_the_customers_language(nadia: Seat):
    """The variant of the conversation's language, and ctrl+t puts it where the caret is."""
    await keep(nadia, "shipped", **SHIPPED)
    await nadia.reads("Amina")
    await nadia.home.desk("nadia").does("W-1", "language", language="fr")
    await nadia.until(lambda: nadia.app.open_card().language == "fr")
    await nadia.press("r")
    await nadia.until("esc back")
    await nadia.types("PS ")
    await nadia.press("ctrl+t")
    await nadia.until("c'est parti")
    await nadia.press("enter")
    await nadia.until(lambda: composed(nadia) == "PS Bonjour Amina, c'est parti.")


async def test_a_customers_name_is_never_read_as_a_place(nadia: Seat):
    """Who is called {{agent.name}} is greeted so."""
    await keep(nadia, "hello", title="Hello", texts={"any": "Hi {{customer.name}} from Nadia"})
    await nadia.reads("{{agent.name}}")
    await slash(nadia)
    await nadia.until("hello")
    await nadia.press("enter")
    await nadia.until(lambda: composed(nadia) == "Hi {{agent.name}} from Nadia")


async def test_a_hostile_title_is_only_text(nadia: Seat):
    """Markup and escapes in a title and in words are drawn as they are, and do nothing."""
    nasty = "[bold red]\x1b[2J\u202eevil[/] {{"
    await keep(nadia, "nasty", title=nasty, texts={"any": nasty})
    await nadia.reads("Ali")
    await slash(nadia)
    await nadia.until("[bold red][2Jevil[/] {{")
    await nadia.press("enter")
    await nadia.until(lambda: composed(nadia) == "[bold red][2Jevil[/] {{")


async def chooses_refund(seat: Seat) -> None:
    """A macro with words: read, agreed to, and its words are in the composer."""
    deeds = {"tags": ["refund"], "priority": "high", "note": "asked by {{customer.name}}"}
    deeds |= {"status": "resolved"}
    await keep(seat, "refund", title="Refund", texts={"any": "Your money is back."}, deeds=deeds)
    await slash(seat)
    await seat.until("refund")
    await seat.press("enter")
    await seat.until("Once the words are sent: tag refund, high priority, note “asked by Ali”")
    await seat.press("enter", "y")
    await seat.until(lambda: composed(seat) == "Your money is back.")


async def test_a_macro_with_words_acts_once_they_are_sent(nadia: Seat):
    """First it says what it will do; the rest follows the words."""
    ali = await nadia.reads("Ali")
    await chooses_refund(nadia)
    card = nadia.app.open_card
    assert not card().tags
    await asyncio.sleep(0.45)
    await nadia.press("enter")
    await nadia.home.box.until(lambda: ali.received)
    await nadia.until(lambda: (card().status, card().priority) == ("resolved", "high"))
    assert card().tags == ("refund",)
    await nadia.until("asked by Ali")


async def test_a_macro_whose_words_are_taken_out_does_nothing(nadia: Seat):
    """Who writes something else instead only sends that."""
    ali = await nadia.reads("Ali")
    await chooses_refund(nadia)
    await nadia.press("ctrl+u")
    await nadia.types("Moment, please.")
    await asyncio.sleep(0.45)
    await nadia.press("enter")
    await nadia.home.box.until(lambda: ali.received)
    await nadia.until(lambda: nadia.app.open_card().status == "waiting")
    assert not nadia.app.open_card().tags


async def test_a_macro_without_words_acts_at_once_when_told(nadia: Seat):
    """Tags, team and all that follows a `y`; any other key leaves everything as it is."""
    deeds = {"tags": ["spam"], "assign": "@samir", "status": "resolved"}
    await keep(nadia, "away", title="Away with it", deeds=deeds)
    ali = await nadia.reads("Ali")
    for key in ("escape", "y"):
        await slash(nadia)
        await nadia.until("away")
        await nadia.press("enter")
        await nadia.until("tag spam, give to @samir, resolved")
        await nadia.press(key)
        if key == "escape":
            await nadia.without("tag spam, give")
            assert nadia.app.open_card().status == "open"
            await nadia.press("escape")
    await nadia.until(lambda: nadia.app.open_card().status == "resolved")
    assert nadia.app.open_card().tags == ("spam",)
    assert not ali.received


async def test_an_attachment_goes_along_with_the_words(nadia: Seat):
    """The file that a lead kept leaves with what the agent made of the words beside it."""
    kept = MediaFolder(nadia.home.settings.relay.data_dir / "media").keep(b"%PDF-1.4 guide")
    attached = {"digest": kept.digest, "name": "guide.pdf", "type": kept.type, "size": kept.size}
    await keep(nadia, "guide", title="Guide", texts={"any": "Our guide"}, attachment=attached)
    ali = await nadia.reads("Ali")
    await slash(nadia)
    await nadia.until("guide")
    await nadia.press("enter")
    await nadia.until("Once the words are sent: with guide.pdf")
    await nadia.press("y")
    await nadia.until(lambda: composed(nadia) == "Our guide")
    await asyncio.sleep(0.45)
    await nadia.press("enter")
    await nadia.home.box.until(lambda: ali.received)
    assert ali.received[0].kind == "document"
    assert ali.received[0].body["document"]["caption"] == "Our guide"


async def test_a_template_is_read_before_it_is_sent(nadia: Seat):
    """Only approved ones, the customer's language first; names are filled, the rest is asked for,
    and the whole is shown before `s` sends it."""
    sara = await nadia.reads("Sara")
    await nadia.home.desk("nadia").does("W-1", "language", language="fr")
    await nadia.until(lambda: nadia.app.open_card().language == "fr")
    await nadia.command("template")
    await nadia.until("order_update")
    assert not nadia.shows("autumn_sale")
    assert not nadia.shows("shop_moved")
    await nadia.types("nouveau")
    await nadia.press("enter")
    await nadia.until("order_update: order")
    await nadia.types("10483")
    await nadia.press("enter")
    await nadia.until("Bonjour Sara, nous avons du nouveau sur votre commande 10483")
    assert nadia.shows("[Oui]")
    await nadia.press("enter")
    assert not sara.received
    await nadia.press("s")
    await nadia.home.box.until(lambda: sara.received)
    assert sara.received[0].kind == "template"
    await nadia.until("template  order_update")
    await nadia.until("sur votre commande 10483.")


async def test_a_lead_keeps_the_words_of_the_composer(sits: Take):
    """Under a name, in the conversation's language; unknown places are refused with the known
    ones. An agent may not."""
    async with sits("lina") as lina:
        await lina.reads("Ali")
        await lina.press("r")
        await lina.until("esc back")
        await lina.pastes("Hi {{customer.pet}}")
        await lina.press("escape")
        await lina.command("new_reply hello")
        await lina.until("{{customer.pet}} is not known")
        await lina.press("r")
        await lina.until("esc back")
        await lina.press("ctrl+u")
        await lina.pastes("Hi {{customer.name}}")
        await lina.press("escape")
        await lina.command("new_reply hello")
        await lina.until("kept: /hello (en)")
        lead = lina.home.desk("lina")
        [kept] = await lead.get("/replies")
        assert (kept["title"], kept["texts"]) == ("Hello", {"en": "Hi {{customer.name}}"})
        with pytest.raises(httpx.HTTPStatusError, match="403"):
            await lina.home.desk("nadia").get("/cost", month="2026-11")
    async with sits("nadia") as nadia:
        await nadia.until("Ali")
        await nadia.command("new_reply hello")
        await nadia.until("Only a lead can do that")


FULL = Template(
    name="full",
    language="fr",
    body="Bonjour {{1}}, votre commande {{2}} part le {{3}}.",
    variables=3,
    header="Demande {{1}}",
    header_kind="text",
    footer="Atlas",
    buttons=(
        TemplateButton(kind="quick_reply", text="Oui"),
        TemplateButton(kind="url", text="Suivre", url="https://x.example/{{1}}", wants=True),
    ),
)


def test_numbered_places_are_asked_for_with_a_guess():
    """Only the words before a place tell what belongs there, so a person agrees to each."""
    known = {"customer.first_name": "Sara", "ticket_id": "#W-7", "order.number": "10483"}
    given, asked = wants(FULL, known)
    assert given == {}
    assert [(name, guess) for name, _, guess in asked] == [
        ("the header", "#W-7"),
        ("1", "Sara"),
        ("2", "10483"),
        ("3", ""),
        ("button 1", ""),
    ]


def test_a_template_reads_whole():
    """Header, body, footer and buttons, each value once and literally."""
    given = {"the header": "#W-7", "1": "{{2}}", "2": "10483", "3": "lundi", "button 1": "10483"}
    assert read(FULL, given) == (
        "Demande #W-7\nBonjour {{2}}, votre commande 10483 part le lundi.\nAtlas\n[Oui] [Suivre]"
    )
