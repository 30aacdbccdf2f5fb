"""The customer's language, from the first webhook to what stops a reply in another one."""

import pytest
from tests.bodies import AT, message
from tests.relay.engine.conftest import Bench

from wainbox_relay.contract.commands import Reply, SetLanguage
from wainbox_relay.contract.content import Text
from wainbox_relay.contract.problems import Code, Refusal

ENGLISH = "Hello, your parcel leaves our warehouse tomorrow morning"


def say(body: str, **how: bool) -> Reply:
    return Reply(content=Text(body=body), **how)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("وين طلبي؟", "ar"),
        ("salam khoya fin wslat la commande dyali", "ar-Latn"),
        ("Bonjour, où est ma commande ?", "fr"),
        ("Hi, I still wait for my parcel", "en"),
        ("W-1042 📦", ""),
    ],
)
async def test_a_case_begins_in_the_language_of_its_first_words(
    desk: Bench, words: str, language: str
) -> None:
    await desk.comes(message("wamid.1", words))
    assert (await desk.card()).language == language


async def test_one_short_message_moves_nothing_and_a_second_one_does(desk: Bench) -> None:
    await desk.comes(message("wamid.1", "Bonjour, où est ma commande ?"))
    await desk.comes(message("wamid.2", "hello", at=AT + 1))
    assert (await desk.card()).language == "fr"
    await desk.comes(message("wamid.3", "thanks but where is it", at=AT + 2))
    assert (await desk.card()).language == "en"


async def test_set_by_hand_it_stays(desk: Bench) -> None:
    await desk.comes(message("wamid.1", "Bonjour, où est ma commande ?"))
    await desk.order("nadia", "W-1", SetLanguage(language="ar"))
    await desk.comes(message("wamid.2", "Je voudrais changer mon adresse de livraison", at=AT + 1))
    assert (await desk.card()).language == "ar"


async def test_a_reply_in_another_language_stops_once(desk: Bench) -> None:
    """Who sends it all the same has seen the sentence."""
    await desk.comes(message("wamid.1", "وين طلبي؟ طلبته من اسبوع"))
    with pytest.raises(Refusal) as refused:
        await desk.order("nadia", "W-1", say(ENGLISH))
    assert refused.value.problem.code is Code.OTHER_LANGUAGE
    assert refused.value.problem.message.startswith("You write English; the customer wrote Arabic")
    await desk.order("nadia", "W-1", say(ENGLISH, any_language=True))


async def test_a_reply_that_fits_or_is_short_goes_through(desk: Bench) -> None:
    await desk.comes(message("wamid.1", "وين طلبي؟ طلبته من اسبوع"))
    await desk.order("nadia", "W-1", say("طلبك يصل غدا ان شاء الله"))
    await desk.order("nadia", "W-1", say("ok, done"))


async def test_why_tells_what_told_the_language(desk: Bench) -> None:
    await desk.comes(message("wamid.1", "وين طلبي؟"))
    reasons = await desk.relay.stores.reads.why(1)
    assert any("Arabic" in reason.sentence for reason in reasons or ())
