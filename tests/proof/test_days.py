"""A day's webhooks in any order, repeated and batched, through the real reader, engine and store:
the same picture in the end, with languages, promises and thanks.

What depends on what was there first is left out, by design: whether the promise that runs is for a
first or a next answer (a late answer from the phone ended no wait), the language of somebody who
writes two, and thanks in a case of one's own, which are a message like others while the customer
waits, and open nothing before.
"""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests import bodies
from tests.fakes import FakeWhatsApp, HandClock
from tests.proof.running import Files, until

from wainbox_relay.config import Settings
from wainbox_relay.relay import assembled

Value = dict[str, Any]
PHONE, WHO, THANKFUL = "212600000001", "MA.4242", "212600000002"
FRENCH = "Bonjour, je voudrais savoir où est ma commande {}, merci de me répondre"
ARABIC = "السلام عليكم، أريد أن أعرف أين وصلت طلبيتي {}"


def wrote(
    wamid: str, at: int, kind: str = "text", *, words: str = "", phone: str = PHONE, **content: Any
) -> Value:
    """Something of a customer with a phone, in French unless it has other words."""
    content = content or {"text": {"body": words or FRENCH.format(wamid)}}
    item = {"from": phone, "id": wamid, "timestamp": str(bodies.AT + at), "type": kind, **content}
    return bodies.value([item], phone=phone)


def shy(wamid: str, at: int) -> Value:
    """A text of somebody without a phone, in Arabic."""
    value = wrote(wamid, at, words=ARABIC.format(wamid))
    del value["messages"][0]["from"]
    value["messages"][0]["from_user_id"] = WHO
    value["contacts"] = [{"profile": {"name": "Shy"}, "user_id": WHO}]
    return value


def ours(wamid: str, at: int) -> Value:
    """What the shop answered on its phone."""
    item = {"from": "212520000000", "to": PHONE, "id": wamid, "timestamp": str(bodies.AT + at)}
    echo = {**item, "type": "text", "text": {"body": f"phone {wamid}"}}
    value = bodies.value()
    return {**value, "message_echoes": [echo]}


def tick(wamid: str, state: str, at: int) -> Value:
    report = {"id": wamid, "status": state, "timestamp": str(bodies.AT + at)}
    return bodies.value(statuses=[{**report, "recipient_id": PHONE}])


def change(wamid: str, at: int, kind: str, target: str, **more: Any) -> Value:
    return wrote(wamid, at, kind, **{kind: {"original_message_id": target, **more}})


def heart(wamid: str, at: int, target: str, emoji: str) -> Value:
    return wrote(wamid, at, "reaction", reaction={"message_id": target, "emoji": emoji})


DAY: Sequence[Value] = (
    wrote("m1", 0),
    wrote("m2", 1, "unsupported", errors=[{"code": 131051, "title": "Message type unknown"}]),
    wrote("m2", 1),
    wrote("m3", 1, "image", image={"id": "9", "mime_type": "image/png", "caption": "9"}),
    shy("s1", 2),
    shy("s2", 3),
    heart("r1", 4, "m1", "👍"),
    heart("r2", 5, "m1", "❤"),
    heart("r3", 6, "m3", ""),
    change("e1", 7, "edit", "m1", message={"type": "text", "text": {"body": "better"}}),
    change("e2", 8, "edit", "m1", message={"type": "text", "text": {"body": "best"}}),
    change("x1", 9, "revoke", "m2"),
    ours("o1", 10),
    tick("o1", "sent", 11),
    tick("o1", "delivered", 12),
    tick("o1", "read", 13),
    wrote("m4", 14),
    tick("unknown", "read", 15),
    wrote("t1", 16, words="merci beaucoup", phone=THANKFUL),
    wrote("t2", 17, words="merci bien", phone=THANKFUL),
)

PICTURE = {
    "messages": """SELECT wamid, direction, content, original, edited_at, revoked_at, delivery, at
        FROM entries WHERE wamid IS NOT NULL ORDER BY wamid""",
    "reactions": "SELECT wamid, reactions FROM entries WHERE reactions IS NOT NULL ORDER BY wamid",
    "people": """SELECT kind, value, count(*) FROM identities WHERE superseded_at IS NULL
        GROUP BY kind, value ORDER BY kind, value""",
    "conversations": """SELECT cu.phone, cu.user_id, c.status, c.flags, c.last_wamid,
        c.last_in_wamid, c.last_in_at, c.waiting_since, c.last_text, c.last_delivery
        FROM conversations c JOIN customers cu ON cu.id = c.customer ORDER BY cu.phone, c.status""",
    "languages": """SELECT cu.phone, cu.user_id, c.language
        FROM conversations c JOIN customers cu ON cu.id = c.customer ORDER BY cu.phone, c.status""",
    "promises": """SELECT cu.phone, cu.user_id, json_extract(value, '$.target') = 'resolution',
        json_extract(value, '$.since') FROM conversations c, json_each(c.clocks)
        JOIN customers cu ON cu.id = c.customer
        WHERE json_extract(value, '$.since') IS NOT NULL ORDER BY 1, 2, 3""",
    "members": """SELECT e.wamid, cu.phone, cu.user_id FROM entries e
        JOIN conversations c ON c.id = e.conversation JOIN customers cu ON cu.id = c.customer
        WHERE e.wamid IS NOT NULL ORDER BY e.wamid""",
    "parked": "SELECT wamid, count(DISTINCT fact) FROM parked GROUP BY wamid ORDER BY wamid",
}


async def lived(folder: Path, sent: Sequence[bytes]) -> dict[str, list[Any]]:
    """The picture that these bodies leave."""
    raw = {"webhook": {"app_secret": "s", "verify_token": "v"}, "relay": {"data_dir": str(folder)}}
    raw |= {"numbers": [{"id": bodies.NUMBER, "name": "Atlas"}]}  # type: ignore[dict-item]  # a section
    async with (
        assembled(Settings.of(raw, {}), lambda _: FakeWhatsApp(), HandClock()) as relay,
        asyncio.TaskGroup() as group,
    ):
        loops = [
            group.create_task(relay.inbox.run(relay.unread)),
            group.create_task(relay.intake.run()),
        ]
        await asyncio.gather(*(relay.intake.keep(body) for body in sent))
        await until(partial(asyncio.to_thread, Files(folder).all_read))
        for loop in loops:
            loop.cancel()
    files = Files(folder)
    assert files.faults() == []
    return {name: files.main(sql) for name, sql in PICTURE.items()} | {
        "reactions": [(w, _shown(r)) for w, r in files.main(PICTURE["reactions"])]
    }


def _shown(reactions: str) -> list[str]:
    return sorted(str(each["emoji"]) for each in json.loads(reactions) if each["emoji"])


def picture(sent: Sequence[bytes]) -> dict[str, list[Any]]:
    with TemporaryDirectory() as folder:
        return asyncio.run(lived(Path(folder), sent))


def body_of(values: Sequence[Value]) -> bytes:
    return bodies.envelope(*values)


@st.composite
def jumbled(draw: st.DrawFn) -> list[bytes]:
    """The day in another order, some of it twice, cut into bodies anywhere."""
    again = draw(st.lists(st.sampled_from(range(len(DAY))), max_size=8))
    order = draw(st.permutations([*range(len(DAY)), *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=12)))
    pieces = zip([0, *cuts], [*cuts, len(order)], strict=True)
    return [body_of([DAY[n] for n in order[start:end]]) for start, end in pieces]


def same_whatever_the_order(examples: int) -> None:
    true = picture([body_of([value]) for value in DAY])

    @given(jumbled())
    @settings(
        max_examples=examples,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def same(sent: list[bytes]) -> None:
        found = picture(sent)
        wrong = {name: (found[name], true[name]) for name in true if found[name] != true[name]}
        assert wrong == {}

    assert len(true["messages"]) == 9
    assert [language for *_, language in true["languages"]] == ["ar", "fr", "fr"]
    assert len(true["promises"]) == 4
    same()


def test_a_day_ends_the_same_in_whatever_order_it_comes() -> None:
    """Messages with all that was done to them, people, conversations and what still waits are the
    same after any permutation, repetition and batching of the day's webhooks."""
    same_whatever_the_order(60)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_same_for_five_hundred_days() -> None:
    """W4, the long version."""
    same_whatever_the_order(500)
