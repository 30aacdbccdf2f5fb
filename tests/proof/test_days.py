"""A day's webhooks in any order, repeated and batched, through the real reader, engine and store:
the same picture in the end, with languages, promises and thanks.

What depends on what was there first is left out, by design: whether the promise that runs is for a
first or a next answer (a late answer from the phone ended no wait), the language of somebody who
writes two, and thanks in a case of one's own, which are a message like others while the customer
waits, and open nothing before.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests import bodies
from tests.fakes import FakeWhatsApp, HandClock
from tests.proof.running import Backstage, Files, backstage, until

from wainbox_relay.config import Settings
from wainbox_relay.relay import Relay, assembled

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
    wrote("wamid.m1", 0),
    wrote("wamid.m2", 1, "unsupported", errors=[{"code": 131051, "title": "Message type unknown"}]),
    wrote("wamid.m2", 1),
    wrote("wamid.m3", 1, "image", image={"id": "9", "mime_type": "image/png", "caption": "9"}),
    shy("wamid.s1", 2),
    shy("wamid.s2", 3),
    heart("wamid.r1", 4, "wamid.m1", "👍"),
    heart("wamid.r2", 5, "wamid.m1", "❤"),
    heart("wamid.r3", 6, "wamid.m3", ""),
    change("wamid.e1", 7, "edit", "wamid.m1", message={"type": "text", "text": {"body": "better"}}),
    change("wamid.e2", 8, "edit", "wamid.m1", message={"type": "text", "text": {"body": "best"}}),
    change("wamid.x1", 9, "revoke", "wamid.m2"),
    ours("wamid.o1", 10),
    tick("wamid.o1", "sent", 11),
    tick("wamid.o1", "delivered", 12),
    tick("wamid.o1", "read", 13),
    wrote("wamid.m4", 14),
    tick("wamid.unknown", "read", 15),
    wrote("wamid.t1", 16, words="merci beaucoup", phone=THANKFUL),
    wrote("wamid.t2", 17, words="merci bien", phone=THANKFUL),
)

PICTURE = {
    "messages": """SELECT wamid, direction, content, original, edited_at, revoked_at, delivery, at
        FROM entries WHERE wamid GLOB :wamids ORDER BY wamid""",
    "reactions": """SELECT wamid, reactions FROM entries
        WHERE wamid GLOB :wamids AND reactions IS NOT NULL ORDER BY wamid""",
    "people": """SELECT kind, value, count(*) FROM identities
        WHERE value IN (:phone, :thankful, :who) AND superseded_at IS NULL
        GROUP BY kind, value ORDER BY kind, value""",
    "conversations": """SELECT cu.phone, cu.user_id, c.status, c.flags, c.last_wamid,
        c.last_in_wamid, c.last_in_at, c.waiting_since, c.last_text, c.last_delivery
        FROM conversations c JOIN customers cu ON cu.id = c.customer
        WHERE :who = cu.user_id OR cu.phone IN (:phone, :thankful) ORDER BY cu.phone, c.status""",
    "languages": """SELECT cu.phone, cu.user_id, c.language
        FROM conversations c JOIN customers cu ON cu.id = c.customer
        WHERE :who = cu.user_id OR cu.phone IN (:phone, :thankful) ORDER BY cu.phone, c.status""",
    "promises": """SELECT cu.phone, cu.user_id, json_extract(value, '$.target') = 'resolution',
        json_extract(value, '$.since') FROM conversations c, json_each(c.clocks)
        JOIN customers cu ON cu.id = c.customer
        WHERE (:who = cu.user_id OR cu.phone IN (:phone, :thankful))
        AND json_extract(value, '$.since') IS NOT NULL ORDER BY 1, 2, 3""",
    "members": """SELECT e.wamid, cu.phone, cu.user_id FROM entries e
        JOIN conversations c ON c.id = e.conversation JOIN customers cu ON cu.id = c.customer
        WHERE e.wamid GLOB :wamids ORDER BY e.wamid""",
    "parked": """SELECT wamid, count(DISTINCT fact) FROM parked WHERE wamid GLOB :wamids
        GROUP BY wamid ORDER BY wamid""",
}


@dataclass(frozen=True)
class Own:
    """What makes a day's people and messages its own in a relay that lives through many days."""

    nth: int

    @property
    def names(self) -> dict[str, str]:
        """What stands in a day's bodies, and what stands for it in this day's."""
        return {
            PHONE: f"2126{self.nth:07}1",
            THANKFUL: f"2126{self.nth:07}2",
            WHO: f"{WHO}x{self.nth}x",
            "wamid.": f"wamid.{self.nth}.",
        }

    @property
    def asked(self) -> dict[str, str]:
        """The parameters of its picture."""
        names = self.names
        people = {"phone": names[PHONE], "thankful": names[THANKFUL], "who": names[WHO]}
        return {**people, "wamids": f"{names['wamid.']}*"}

    def of(self, body: bytes) -> bytes:
        for common, own in self.names.items():
            body = body.replace(common.encode(), own.encode())
        return body

    def without(self, cell: Any) -> Any:
        if isinstance(cell, str):
            for common, own in self.names.items():
                cell = cell.replace(own, common)
        return cell


class Life:
    """A relay that lives through one day after another, each of people of its own."""

    def __init__(self, relay: Relay, files: Files, stage: Backstage) -> None:
        self._relay, self.files, self._stage = relay, files, stage
        self._days = 0

    def picture(self, sent: Sequence[bytes]) -> dict[str, list[Any]]:
        """The picture that these bodies leave."""
        self._days += 1
        own = Own(self._days)
        self._stage.run(self._live([own.of(body) for body in sent]))
        found = {name: self.files.main(sql, **own.asked) for name, sql in PICTURE.items()}
        seen = {
            name: [tuple(own.without(cell) for cell in row) for row in rows]
            for name, rows in found.items()
        }
        return seen | {"reactions": [(w, _shown(r)) for w, r in seen["reactions"]]}

    async def _live(self, sent: Sequence[bytes]) -> None:
        await asyncio.gather(*(self._relay.intake.keep(body) for body in sent))
        await until(partial(asyncio.to_thread, self.files.all_read))


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Relay]:
    """A relay that takes in and reads; its clock stands still."""
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
        yield relay
        for loop in loops:
            loop.cancel()


@contextmanager
def a_life(folder: Path) -> Iterator[Life]:
    with backstage() as stage:
        relay = serving(folder)
        yield Life(stage.run(relay.__aenter__()), Files(folder), stage)
        stage.run(relay.__aexit__(None, None, None))


def _shown(reactions: str) -> list[str]:
    return sorted(str(each["emoji"]) for each in json.loads(reactions) if each["emoji"])


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


@pytest.mark.timeout(300)
def test_a_day_ends_the_same_in_whatever_order_it_comes(tmp_path: Path) -> None:
    """W4: messages with all that was done to them, people, conversations and what still waits are
    the same after each of five hundred permutations, repetitions and batchings of a day's
    webhooks."""
    with a_life(tmp_path) as life:
        true = life.picture([body_of([value]) for value in DAY])

        @given(jumbled())
        @settings(
            max_examples=500,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        def same(sent: list[bytes]) -> None:
            found = life.picture(sent)
            wrong = {name: (found[name], true[name]) for name in true if found[name] != true[name]}
            assert wrong == {}

        assert len(true["messages"]) == 9
        assert [language for *_, language in true["languages"]] == ["ar", "fr", "fr"]
        assert len(true["promises"]) == 4
        same()
        assert life.files.faults() == []
