"""Templates: which may be sent, what must be filled in, and how they are listed."""

import pytest

from wainbox_relay.sandbox.templates import Template

WABA = "500000000000001"


@pytest.fixture(autouse=True)
def tracking(box):
    """A template with a place in its header, too."""
    made = Template("tracking", "fr", "Entre {{1}} et {{2}}.", header="Commande {{1}}")
    box.world.templates.append(made)


def template(
    name: str,
    language: str,
    *values: str,
    header: tuple[str, ...] = (),
    file: str = "",
    link: str = "",
    **named: str,
):
    body = [{"type": "text", "text": value} for value in values]
    body += [{"type": "text", "parameter_name": key, "text": text} for key, text in named.items()]
    top = [{"type": "text", "text": value} for value in header]
    top += [{"type": "image", "image": {"id": file}}] if file else []
    components = [{"type": "body", "parameters": body}, {"type": "header", "parameters": top}]
    if link:
        filled = [{"type": "text", "text": link}]
        components.append({"type": "button", "sub_type": "url", "index": "0", "parameters": filled})
    content = {"name": name, "language": {"code": language}, "components": components}
    return {
        "messaging_product": "whatsapp",
        "to": "+212600000001",
        "type": "template",
        "template": content,
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (template("follow_up", "fr"), 132000),
        (template("follow_up", "fr", "a", "b"), 132000),
        (template("follow_up", "fr_FR", "a"), 132001),
        (template("welcome", "fr", "a"), 132001),
        (template("shop_moved", "en", "a"), 132001),
        (template("autumn_sale", "fr", "a"), 132015),
        (template("tracking", "fr", "14", "16"), 132000),
        (template("order_update", "ar", "a", "b"), 132012),
        (template("order_update", "ar", first_name="a", order=""), 131008),
        (template("track_order", "fr", "a", "b"), 131008),
        (template("follow_up", "fr", "a", link="x"), 131008),
        (template("size_guide", "fr", "a"), 132012),
    ],
)
async def test_a_template_must_exist_be_approved_and_be_filled_in(client, body, code):
    """Language to the letter, as many values as places, named where the places are named."""
    assert (await client.post(body)).json()["error"]["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        template("follow_up", "fr", "W-1042"),
        template("delivery_today", "fr", "14 h", "16 h"),
        template("tracking", "fr", "14 h", "16 h", header=("48213",)),
        template("order_update", "ar", first_name="سارة", order="48213"),
        template("track_order", "fr", "Léa", "48213", link="48213"),
        template("size_guide", "fr", "Léa", file="4004"),
    ],
)
async def test_a_template_needs_no_window(client, box, listener, body):
    """Sent to somebody who has not written for long, it is delivered and costs something."""
    assert (await client.post(body)).json()["messages"][0]["message_status"] == "accepted"
    await box.until(lambda: len(listener.statuses) == 3)
    assert listener.statuses[0]["pricing"]["category"] == "utility"


async def test_the_list_comes_in_pages(client, box):
    """Following `next` to the end gives each template of the account once."""
    names, url = [], f"/v25.0/{WABA}/message_templates?limit=4"
    while url:
        page = (await client.http.get(url)).json()
        assert len(page["data"]) <= 4
        names += [(each["name"], each["language"]) for each in page["data"]]
        url = page["paging"].get("next")
    ours = [each for each in box.world.templates if each.waba == WABA]
    assert names == [(each.name, each.language) for each in ours]
    approved = await client.http.get(f"/v25.0/{WABA}/message_templates?status=PAUSED")
    assert [each["name"] for each in approved.json()["data"]] == ["autumn_sale"]
    for wrong in ("/v25.0/7/message_templates", f"/v25.0/{WABA}/message_templates?limit=x"):
        assert (await client.http.get(wrong)).json()["error"]["code"] == 100


async def test_a_paused_template_is_told_and_no_longer_sent(client, box, listener):
    """Its new status comes by webhook, and the next send is refused."""
    assert box.template("follow_up", "PAUSED", "fr") == 2
    await box.settled()
    told = listener.values[0]
    assert (told["event"], told["message_template_name"]) == ("PAUSED", "follow_up")
    refused = await client.post(template("follow_up", "fr", "W-1042"))
    assert refused.json()["error"]["code"] == 132015


async def test_a_number_tells_how_it_is(client, box):
    """Only the fields that were asked for, and an error for one that does not exist."""
    number = "/v25.0/100000000000001"
    asked = await client.http.get(f"{number}?fields=quality_rating,health_status,throughput")
    assert set(asked.json()) == {"quality_rating", "health_status", "throughput", "id"}
    box.graph.health = "BLOCKED"
    asked = await client.http.get(f"{number}?fields=health_status")
    assert asked.json()["health_status"]["can_send_message"] == "BLOCKED"
    apps = f"/v25.0/{WABA}/subscribed_apps"
    assert len((await client.http.get(apps)).json()["data"]) == 1
    box.graph.subscribed = False
    assert (await client.http.get(apps)).json()["data"] == []
    wrong = await client.http.get(f"{number}?fields=mood")
    assert wrong.json()["error"]["code"] == 100
