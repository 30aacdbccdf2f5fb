"""The load generator: what it sends, how it counts, and whom it will not send to."""

import json
from collections import Counter
from itertools import islice

import pytest

from wainbox_relay.sandbox.cli import load, seconds
from wainbox_relay.sandbox.load import NotLoopback, Report, Target, run
from wainbox_relay.sandbox.server import serving
from wainbox_relay.sandbox.workload import Workload, requests

SECRET = "the app's secret"


def sends(count: int, batch: int = 1, **more):
    target_path = "/webhooks/whatsapp"
    bodies = islice(Workload(**more).bodies(batch), count)
    return requests(bodies, SECRET, target_path, "127.0.0.1")


def values(count: int, **more) -> list[dict]:
    return [
        change["value"]
        for body in islice(Workload(**more).bodies(100), count // 100)
        for change in json.loads(body)["entry"][0]["changes"]
    ]


def test_one_text_goes_with_three_statuses():
    """And each message of ours is sent, delivered and read."""
    found = values(4000)
    texts = [value["messages"][0] for value in found if "messages" in value]
    statuses = [value["statuses"][0] for value in found if "statuses" in value]
    assert (len(texts), len(statuses)) == (1000, 3000)
    assert len({text["id"] for text in texts}) == 1000
    assert set(Counter(status["id"] for status in statuses).values()) == {3}


def test_most_texts_come_from_the_busy_and_some_from_strangers():
    """70 % from 5,000 people, 2 % from people beyond the known ones, in several languages."""
    texts = [value["messages"][0] for value in values(40_000) if "messages" in value]
    people = [int(text["from"].removeprefix("2126")) for text in texts]
    busy = sum(who < 5_000 + len(texts) // 40 for who in people) / len(people)
    strangers = [who for who in people if who >= 100_000]
    assert 0.68 <= busy <= 0.74
    assert 0.015 <= len(strangers) / len(people) <= 0.025
    assert len(set(strangers)) == len(strangers)
    assert len({text["text"]["body"] for text in texts}) >= 15


def test_statuses_can_be_about_messages_the_relay_knows():
    """With ids given, no other id is used."""
    found = values(400, sent=("wamid.a", "wamid.b"))
    named = {status["id"] for value in found for status in value.get("statuses", [])}
    assert named == {"wamid.a", "wamid.b"}


async def test_every_request_is_signed_and_counted(listener):
    """Flat out, some refused: what was acknowledged, and what came back instead."""
    listener.answers = [503] * 5
    target = Target.of(listener.url)
    report = await run(sends(200), target, connections=8, count=200, seconds=30)
    assert listener.forged == 0
    assert (report.asked, report.acknowledged, report.refused) == (200, 195, 5)
    assert report.status == {200: 195, 503: 5}
    assert len(report.times) == 195
    assert "not 200: 5 (503: 5)" in report.lines()[2]


async def test_a_batch_puts_many_changes_in_a_body(listener):
    """Ten bodies of a hundred changes each."""
    await run(sends(10, batch=100), Target.of(listener.url), connections=2, count=10)
    assert [len(body["entry"][0]["changes"]) for body in listener.bodies] == [100] * 10


async def test_a_rate_is_kept(listener):
    """200 a second for half a second is 100 requests, spread over that time."""
    report = await run(sends(1000), Target.of(listener.url), rate=200, seconds=0.5, connections=8)
    assert report.asked + report.unsent == 100
    assert report.asked >= 50
    assert report.seconds >= 0.4


async def test_time_bounds_a_run_without_count(listener):
    """It ends when its time is over."""
    target = Target.of(listener.url)
    report = await run(sends(10**6), target, seconds=0.2, connections=4)
    assert 0.2 <= report.seconds < 2
    assert report.acknowledged > 0


async def test_broken_connections_are_counted_and_replaced():
    """A server that breaks off counts as lost, and the run goes on."""
    asked = 0

    async def moody(scope, receive, send):
        nonlocal asked
        asked += 1
        while (await receive()).get("more_body"):
            pass
        if asked % 3 == 0:
            scope["wainbox.transport"].abort()
            return
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    async with serving(moody) as url:
        report = await run(sends(30), Target.of(url), connections=1, count=30, seconds=30)
    assert report.status == {200: 20, 0: 10}
    assert "lost: 10" in report.lines()[2]


async def test_nobody_listening_is_no_fault_of_the_generator(listener):
    """Each request counts as lost."""
    target = Target("127.0.0.1", 1, "/")
    report = await run(sends(4), target, connections=2, count=4, seconds=5)
    assert report.status == {0: 4}


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://10.0.0.1/", "https://127.0.0.1/", "http://0.0.0.0/"]
)
def test_it_speaks_to_this_machine_alone(url):
    """Any other target is refused with a sentence, before anything is sent."""
    with pytest.raises(NotLoopback, match="not on this machine"):
        load(url, SECRET)


def test_shares_are_read_from_the_sorted_times():
    """p50 and p99 of a hundred known times."""
    report = Report(times=[n / 1000 for n in range(100, 0, -1)])
    assert report.milliseconds(0.5) == pytest.approx(51)
    assert report.milliseconds(0.99) == pytest.approx(100)


def test_spans_of_time():
    """Seconds, minutes and hours; anything else is refused."""
    assert [seconds(text) for text in ("60s", "2m", "1h", "90", "0.5s")] == [60, 120, 3600, 90, 0.5]
    with pytest.raises(ValueError, match="no span of time"):
        seconds("soon")
