from wainbox_relay.sandbox.box import Sandbox


async def test_a_message_comes_and_its_answer_is_followed(box, listener, client):
    """A customer's text arrives signed; our answer is sent, delivered and read, with our words."""
    sara = box.newcomer("sara", "سارة", "+212 600 000 001")
    wamid = await sara.writes("السلام عليكم")
    await box.settled()
    assert [message["id"] for message in listener.messages] == [wamid]
    answer = await client.text("+212600000001", "وعليكم السلام", biz_opaque_callback_data="abc.1")
    assert answer.status_code == 200
    await box.until(lambda: len(listener.statuses) == 3)
    assert [status["status"] for status in listener.statuses] == ["sent", "delivered", "read"]
    assert {status["biz_opaque_callback_data"] for status in listener.statuses} == {"abc.1"}
    assert box.accepts == {"abc": 1}
    assert isinstance(box, Sandbox)
    assert await box.handshake()
