"""A whole pretend morning, answered and all, and what the relay's log says of it."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import httpx

from wainbox_relay import demo
from wainbox_relay.control import ask


def _words(shop: demo.Shop) -> set[str]:
    """Everything that people, agents and secrets said or are."""
    scripts = shop.box.day.scripts.values()
    lines = [line for s in scripts for line in (*s.past, *s.later, *s.answers)]
    people = shop.box.world.people.values()
    settings = shop.settings
    return {
        *(line.what for line in lines if line.act == "says" and len(line.what) > 5),
        *(person.name for person in people),
        *(person.wa_id for person in people if person.wa_id),
        *(person.user_id for person in people),
        *shop.tokens.values(),
        settings.webhook.app_secret.get_secret_value(),
        settings.webhook.verify_token.get_secret_value(),
        settings.graph.token.get_secret_value(),
        "a reply nobody else may read",
    }


async def test_a_full_day_leaves_nobodys_words_in_the_log(tmp_path: Path) -> None:
    """Hundreds of texts, names, numbers and tokens pass; the log at its default level has none,
    and neither have the figures."""
    async with demo._open_shop(tmp_path, pace=1.0) as shop:
        await demo._busy_morning(shop)
        shop.box.clock.pace = 0.0005
        async with shop.desk("Nadia") as nadia:
            content = {"kind": "text", "body": "a reply nobody else may read"}
            for card in (await nadia.queue())[:15]:
                # Some windows are shut, as on any morning.
                with suppress(httpx.HTTPStatusError):
                    await nadia.order(card["ref"], do="reply", content=content)
            await shop.box.until(lambda: len(shop.box.accepted) >= 5, 20)
            metrics = await nadia._http.get(f"{shop.url}/metrics")
        await shop.box.settled(30)
        status = await asyncio.to_thread(ask, shop.settings.control_socket, "status")
        words = _words(shop)
    assert len(words) > 200
    log = (tmp_path / "relay.log").read_text()
    assert [json.loads(line)["event"] for line in log.splitlines()][-1] == "relay_stopped"
    told = f"{log} {metrics.text} {status} {(tmp_path / 'relay.err').read_text()}"
    assert metrics.is_success
    assert [word for word in words if word in told] == []
