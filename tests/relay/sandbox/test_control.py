"""Moving the sandbox about over HTTP, as a demo or another program does."""

import httpx
import pytest


@pytest.fixture
async def control(box):
    async with httpx.AsyncClient(base_url=f"{box.url}/_sandbox", verify=False) as http:
        yield http


async def test_a_customer_writes_on_request(control, box, listener):
    """Any of their verbs, with what it takes; the id comes back."""
    asked = {"does": "writes", "text": "bonjour", "ago": 60}
    wamid = (await control.post("/customers/claire", json=asked)).json()["wamid"]
    await control.post("/customers/claire", json={"does": "reacts", "wamid": wamid, "emoji": "👍"})
    await control.post("/customers/claire", json={"does": "sends", "kind": "audio", "seconds": 4})
    await box.settled()
    assert [message["type"] for message in listener.messages] == ["text", "reaction", "audio"]
    assert listener.messages[0]["id"] == wamid


async def test_newcomers_faults_and_manners_can_be_set(control, box, client):
    """What Python can ask of the sandbox, HTTP can too."""
    made = await control.post("/customers", json={"key": "ziad", "username": "ziad.z"})
    assert made.json()["username"] == "ziad.z"
    await control.post("/customers/sara", json={"text": "salam"})
    await control.post("/faults", json={"what": "error", "times": 2, "code": 131056, "to": "sara"})
    refused = await client.text("+212600000001")
    assert refused.json()["error"]["code"] == 131056
    await control.delete("/faults")
    assert (await client.text("+212600000001", biz_opaque_callback_data="a.1")).status_code == 200
    assert (await control.get("/accepted")).json()["accepted"][0]["opaque"] == "a.1"
    assert (await control.post("/manner", json={"repeat": 2})).json()["repeat"] == 2
    assert (await control.post("/delays", json={"read": None})).json()["read"] is None
    assert (await control.post("/clock", json={"advance": 90000})).status_code == 200
    assert (await client.text("+212600000001")).json()["error"]["code"] == 131047
    assert (await control.get("/")).json()["accepted"] == 1
    assert (await control.post("/templates", json={"name": "follow_up", "status": "PAUSED"})).json()
    await control.post("/reset")
    assert (await control.get("/")).json()["accepted"] == 0
    assert box.manner.repeat == 1


async def test_any_change_can_be_delivered(control, box, listener):
    """For what no customer does: account news, odd shapes."""
    value = {"event": "DISABLED_UPDATE"}
    await control.post("/changes", json={"field": "account_update", "value": value})
    await box.settled()
    assert listener.bodies[0]["entry"][0]["changes"] == [
        {"field": "account_update", "value": value}
    ]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/customers/nobody", {"text": "x"}),
        ("/customers/sara", {"does": "received"}),
        ("/customers/sara", {"does": "writes", "words": "x"}),
        ("/faults", {"what": "hang", "colour": "red"}),
        ("/faults", {"what": "hung"}),
        ("/faults", {"what": "hang", "on": "tuesdays"}),
        ("/manner", {"mood": 1}),
        ("/clock", {"pace": "fast"}),
    ],
)
async def test_a_mistake_is_told_in_words(control, path, asked):
    """400 and a sentence."""
    answer = await control.post(path, json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_only_this_machines_names_are_answered(control):
    """A page elsewhere that resolves to loopback gets nothing."""
    answer = await control.get("/", headers={"Host": "evil.example:80"})
    assert answer.status_code == 403
