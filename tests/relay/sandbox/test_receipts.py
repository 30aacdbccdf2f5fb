"""What becomes of a message, told by webhook."""

from wainbox_relay.sandbox import specimens


async def states(box, listener, count: int) -> list[str]:
    await box.until(lambda: len(listener.statuses) == count)
    return [status["status"] for status in listener.statuses]


async def test_a_message_is_sent_delivered_and_read(box, listener, client):
    """Each status bears our own words and the person; sent and delivered bear the price."""
    await box.customer("sara").writes("السلام عليكم")
    answer = await client.text("+212600000001", biz_opaque_callback_data="abc.1")
    wamid = answer.json()["messages"][0]["id"]
    assert await states(box, listener, 3) == ["sent", "delivered", "read"]
    for status in listener.statuses:
        assert (status["id"], status["biz_opaque_callback_data"]) == (wamid, "abc.1")
        assert status["recipient_id"] == "212600000001"
    assert ["pricing" in status for status in listener.statuses] == [True, True, False]


async def test_who_hides_reading_leaves_it_at_delivered(box, listener, client):
    """Read receipts off: delivered is the last we see."""
    await box.customer("leila").writes("bonjour")
    await client.text(box.customer("leila").person.wa_id, "bonjour")
    await box.until(lambda: len(listener.statuses) >= 2)
    await box.clock.sleep(10)
    assert {status["status"] for status in listener.statuses} == {"sent", "delivered"}


async def test_who_cannot_be_reached_fails_with_131026(box, listener, client):
    """The failure comes as a status, without contacts, with Meta's error."""
    tom = box.customer("tom")
    await tom.writes("hi")
    await client.text(tom.person.wa_id)
    assert await states(box, listener, 1) == ["failed"]
    assert listener.statuses[0]["errors"][0]["code"] == 131026
    assert "contacts" not in listener.values[-1]


async def test_a_user_id_in_to_never_gets_a_status(box, listener, client):
    """What WhatsApp dropped stays silent while another message goes through."""
    zineb = box.customer("zineb")
    await zineb.writes("salam")
    assert (await client.text(zineb.person.user_id)).status_code == 200
    body = {"messaging_product": "whatsapp", "text": {"body": "x"}}
    await client.post(body | {"recipient": zineb.person.user_id})
    assert await states(box, listener, 3) == ["sent", "delivered", "read"]
    assert {status["id"] for status in listener.statuses} == {box.accepted[1].wamid}
    assert {status["recipient_user_id"] for status in listener.statuses} == {zineb.person.user_id}
    assert not any("recipient_id" in status for status in listener.statuses)
    assert [taken.dropped for taken in box.accepted] == [True, False]


async def test_a_voice_note_is_played_in_the_end(box, listener, client):
    """After it was read, and without a price."""
    await box.customer("sara").writes("salam")
    form = {"messaging_product": "whatsapp", "type": "audio/ogg"}
    files = {"file": ("note.ogg", specimens.opus(1), "audio/ogg")}
    path = f"/v25.0/{box.customer('sara').number.id}/media"
    media = (await client.http.post(path, data=form, files=files)).json()["id"]
    note = {"type": "audio", "audio": {"id": media, "voice": True}}
    await client.post({"messaging_product": "whatsapp", "to": "+212600000001"} | note)
    assert await states(box, listener, 4) == ["sent", "delivered", "read", "played"]
    assert "pricing" not in listener.statuses[-1]


async def test_a_reaction_is_only_ever_sent(box, listener, client):
    """Nobody learns whether it was seen."""
    wamid = await box.customer("sara").writes("chokran")
    reaction = {"type": "reaction", "reaction": {"message_id": wamid, "emoji": "❤️"}}
    await client.post({"messaging_product": "whatsapp", "to": "+212600000001"} | reaction)
    assert await states(box, listener, 1) == ["sent"]
    assert box.courier.idle


async def test_a_group_tells_of_each_participant(box, listener, client):
    """One status for the message sent, then one a member in a body."""
    group = box.world.groups["boutiques"]
    await box.customer("julien").within(group).writes("bonjour à tous")
    await client.text(group.id, "bonjour", recipient_type="group")
    await box.until(lambda: len(listener.statuses) == 1 + 2 * len(group.members))
    assert len(listener.values[-1]["statuses"]) == len(group.members)
    people = {status.get("recipient_participant_id") for status in listener.statuses[1:]}
    assert people == {box.world.people[key].wa_id for key in group.members}
    assert listener.messages[0]["group_id"] == group.id
    read = {"messaging_product": "whatsapp", "status": "read"}
    answer = await client.post(read | {"message_id": listener.messages[0]["id"]})
    assert answer.json()["error"]["code"] == 131009


async def test_delays_can_be_taken_away(box, listener, client):
    """A state without a delay is never reached."""
    box.delays.delivered = None
    await box.customer("sara").writes("salam")
    await client.text("+212600000001")
    assert await states(box, listener, 1) == ["sent"]
