"""What Wainbox says by itself, by a real relay to the pretend WhatsApp: row T6, and a menu."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.proof.running import House, until

from wainbox_relay.sandbox.world import Accepted
from wainbox_relay.sections.menu import EXAMPLE

OPENS = '\n[[numbers]]\ncalendar = "shop"\n'


def hours(*, closed: bool) -> str:
    """A calendar that is open round the clock, or only on a day that is far."""
    day = f"{datetime.now(UTC) + timedelta(days=3):%A}".lower()
    days = [day] if closed else ["monday", "tuesday", "wednesday", "thursday", "friday"]
    days += [] if closed else ["saturday", "sunday"]
    week = "\n".join(f'{each} = "always"' for each in days)
    return f'\n[[calendars]]\nname = "shop"\nzone = "UTC"\n[calendars.week]\n{week}\n'


def menu() -> str:
    """The worked shop of the example, as an operator writes it."""
    lines: list[str] = []
    for node in EXAMPLE:
        lines += ["[[menu]]", f'name = "{node["name"]}"', f'text = "{node["text"]["en"]}"']
        for way in node["choices"]:
            lines += ["[[menu.choices]]", f'name = "{way["name"]}"']
            lines += [f'title = "{way["title"]["en"]}"']
            lines += [f'{key} = "{way[key]}"' for key in ("topic", "to") if key in way]
            lines += [f'answer = "{way["answer"]["en"]}"'] if "answer" in way else []
    return "\n".join(lines)


async def configured(home: House, *, closed: bool, with_menu: bool) -> None:
    """Starts the relay again with hours and perhaps a menu."""
    await home.stop()
    text = home.config.read_text("utf-8").replace("\n[[numbers]]\n", OPENS)
    more = hours(closed=closed) + (menu() if with_menu else "")
    home.config.write_text(text + more, "utf-8")
    await home.start()


def by_itself(home: House) -> list[Accepted]:
    return [each for each in home.box.accepted if each.kind in ("text", "interactive")]


async def said(home: House, count: int) -> None:
    async def arrived() -> bool:
        return len(by_itself(home)) >= count

    await until(arrived)


@pytest.mark.parametrize("with_menu", [False, True])
async def test_thirty_messages_at_night_get_one_reply(home: House, with_menu: bool) -> None:  # noqa: FBT001 - a table
    """T6: thirty messages of one customer, the relay killed in the middle: one automatic reply,
    with the reference and, where there is a menu, with its question in the same message."""
    await configured(home, closed=True, with_menu=with_menu)
    customer = home.box.newcomer("sara", name="Sara")
    home.box.manner.tries = 20  # a thousand times as fast as WhatsApp, so as patient with a restart
    for number in range(30):
        await customer.writes(f"message {number}")
        if number == 14:
            await home.kill()
            await home.start()

    async def all_there() -> bool:
        heard = "SELECT count(*) FROM entries WHERE direction = 'in'"
        return home.files.main(heard) == [(30,)]

    await until(all_there)
    await home.quiet()
    [reply] = by_itself(home)
    body = reply.body["interactive"]["body"]["text"] if with_menu else reply.text
    [(ref, flags, status)] = home.files.main("SELECT ref, flags, status FROM conversations")
    assert f"#W-{ref}" in body
    assert "pending" in flags.split()
    assert status in ("open", "bot")
    assert home.files.main("SELECT count(*) FROM entries WHERE auto != ''") == [(1,)]


async def test_a_menu_on_the_wire(home: House) -> None:
    """Asked, tapped twice, answered by itself, asked for a person: every step is one message that
    WhatsApp takes, and the case ends with people."""
    await configured(home, closed=False, with_menu=True)
    customer = home.box.newcomer("sara", name="Sara")
    await customer.writes("Hello, I would like to return my shoes please")
    await said(home, 1)
    rows = by_itself(home)[0].body["interactive"]["action"]["sections"][0]["rows"]
    assert [row["title"] for row in rows][-1] == "Talk to a person"
    await customer.taps(rows[1]["id"], rows[1]["title"])
    await said(home, 2)
    buttons = by_itself(home)[1].body["interactive"]["action"]["buttons"]
    await customer.taps(buttons[0]["reply"]["id"], buttons[0]["reply"]["title"])
    await said(home, 3)
    assert by_itself(home)[2].body["interactive"]["body"]["text"].startswith("You have 14 days")
    await home.quiet()
    assert home.files.main("SELECT status, topic FROM conversations") == [("resolved", "return")]
    person = by_itself(home)[2].body["interactive"]["action"]["buttons"][0]["reply"]
    await customer.taps(person["id"], person["title"])
    await home.box.settled()
    await home.read()
    assert home.files.main("SELECT status, sending FROM conversations") == [("open", 0)]
    assert home.files.main("SELECT kind FROM history WHERE kind = 'answered'") == []
