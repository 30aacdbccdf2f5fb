"""What the pretend WhatsApp knows, and the rules by which it takes a message. No I/O.

Vendor's pages: "Messages API", "Customer service windows", "Throughput".
"""

import base64
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wainbox_relay.sandbox import bodies, shelf
from wainbox_relay.sandbox.errors import GraphError
from wainbox_relay.sandbox.paces import NUMBER_PER_SECOND, PAIR_BURST, PAIR_SECONDS, Bucket
from wainbox_relay.sandbox.people import Group, Number, Peer, Person, digits
from wainbox_relay.sandbox.templates import Template, find

Object = dict[str, Any]

WINDOW = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that was answered with an id. `peer` is empty where WhatsApp knows nobody there."""

    wamid: str
    number: str
    peer: str
    to: str
    kind: str
    body: Object
    opaque: str | None
    at: float
    dropped: bool = False
    """A user id stood in `to`: taken with an id, and never delivered."""
    failure: int = 0
    """The code it fails with later."""

    @property
    def text(self) -> str:
        return str(self.body.get("text", {}).get("body", ""))

    @property
    def sid(self) -> str:
        """The opaque string without what follows its last dot."""
        return (self.opaque or "").rpartition(".")[0] or (self.opaque or "")


@dataclass(frozen=True, slots=True)
class Said:
    """A message in somebody's chat, ours or theirs."""

    number: str
    peer: str
    inbound: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Read:
    """A message that we marked as read, with or without showing that we type."""

    wamid: str
    number: str
    typing: bool


class World:
    """Numbers, people, chats, templates and files."""

    def __init__(self, numbers: Iterable[Number], people: Iterable[Peer]) -> None:
        self.numbers = {number.id: number for number in numbers}
        self.people = {peer.key: peer for peer in people if isinstance(peer, Person)}
        self.groups = {peer.key: peer for peer in people if isinstance(peer, Group)}
        self.templates: list[Template] = []
        self.shelf = shelf.Shelf()
        self.accepted: list[Accepted] = []
        self.reads: list[Read] = []
        self.said: dict[str, Said] = {}
        self.blocked: set[tuple[str, str]] = set()
        """(number, peer) of whom nothing comes through."""
        self.late_refusals = False
        """Whether a shut window shows as a failed status, not as a refusal at once."""
        self.pair_limit = True
        self._heard: dict[tuple[str, str], float] = {}
        self._pairs: dict[tuple[str, str], Bucket] = {}
        self._paces = {id_: _number_bucket() for id_ in self.numbers}

    def forget(self) -> None:
        """As if nobody had ever written."""
        for kept in (self.accepted, self.reads, self.said, self._heard, self._pairs):
            kept.clear()
        self.blocked.clear()
        self._paces = {id_: _number_bucket() for id_ in self.numbers}

    def number(self, number_id: str) -> Number:
        if number_id not in self.numbers:
            says = f"Unsupported post request. Object with ID '{number_id}' does not exist"
            raise GraphError(100, says, subcode=33)
        return self.numbers[number_id]

    def peer(self, key: str) -> Peer | None:
        return self.people.get(key) or self.groups.get(key)

    def count(self) -> Counter[str]:
        """How often each message was accepted, by the opaque string without its last part."""
        return Counter(message.sid for message in self.accepted)

    def heard(self, number: str, peer: str, wamid: str, kind: str, at: float) -> None:
        """A customer wrote: this opens the window."""
        self.said[wamid] = Said(number, peer, inbound=True, kind=kind)
        self._heard[number, peer] = max(at, self._heard.get((number, peer), 0.0))

    def told(self, number: str, peer: str, wamid: str, kind: str) -> None:
        """The shop wrote, by us or on its phone."""
        self.said[wamid] = Said(number, peer, inbound=False, kind=kind)

    def window_closes(self, number: str, peer: str) -> float:
        return self._heard.get((number, peer), -WINDOW) + WINDOW

    def accept(self, number_id: str, body: Any, now: float, failure: int = 0) -> Accepted:
        """Takes a message or raises why not. `failure` is the code it is to fail with later."""
        number = self.number(number_id)
        kind = bodies.check(body)
        dropped = bodies.is_user_id(body.get("to") or "")
        peer = None if dropped else self._find(body)
        if digits(body.get("to") or "") == number.digits:
            raise GraphError(131021, "The recipient is the sender.")
        key = peer.key if peer else ""
        self._check_content(number, key, kind, body)
        if not dropped:
            failure = self._late_failure(number, peer, kind, now) or failure
        self._check_pace(number, key or self._address(body), now)
        return self._keep(number, key, kind, body, now, dropped, failure)

    def _keep(
        self,
        number: Number,
        key: str,
        kind: str,
        body: Object,
        now: float,
        dropped: bool,  # noqa: FBT001 - private, and called once
        failure: int,
    ) -> Accepted:
        to = self._address(body)
        accepted = Accepted(
            wamid=new_wamid(to),
            number=number.id,
            peer=key,
            to=to,
            kind=kind,
            body=body,
            opaque=body.get("biz_opaque_callback_data"),
            at=now,
            dropped=dropped,
            failure=failure,
        )
        self.accepted.append(accepted)
        self.told(number.id, key, accepted.wamid, kind)
        return accepted

    def read(self, number_id: str, body: Object) -> Read:
        """Marks a customer's message as read."""
        wamid = bodies.check_reading(body)
        said = self.said.get(wamid)
        if said is None or not said.inbound or said.number != self.number(number_id).id:
            raise GraphError(131009, "message_id is no message of a customer to this number.")
        if said.peer in self.groups:
            raise GraphError(131009, "Messages of a group cannot be marked as read.")
        read = Read(wamid, number_id, "typing_indicator" in body)
        self.reads.append(read)
        return read

    def block(self, number_id: str, user: str, now: float) -> str:
        """Lets nothing of theirs through. Gives their WhatsApp id, or raises why not."""
        who = self._user(user)
        if now > self.window_closes(self.number(number_id).id, who.key):
            raise GraphError(131047, "User has not messaged in the last 24 hours")
        self.blocked.add((number_id, who.key))
        return who.wa_id or who.user_id

    def unblock(self, number_id: str, user: str) -> str:
        who = self._user(user)
        self.blocked.discard((number_id, who.key))
        return who.wa_id or who.user_id

    def _user(self, user: str) -> Person:
        address = {"recipient": user} if bodies.is_user_id(user) else {"to": user}
        who = self._find(address)
        if not isinstance(who, Person):
            raise GraphError(131026, "There is no such user.")
        return who

    def _find(self, body: Object) -> Peer | None:
        if body.get("recipient_type") == "group":
            return next((group for group in self.groups.values() if group.id == body["to"]), None)
        wa_id, user_id = digits(body.get("to") or ""), body.get("recipient")
        return next(
            (
                who
                for who in self.people.values()
                if (who.wa_id == wa_id if wa_id else who.user_id == user_id)
            ),
            None,
        )

    @staticmethod
    def _address(body: Object) -> str:
        return str(body.get("to") or body.get("recipient"))

    def _check_content(self, number: Number, key: str, kind: str, body: Object) -> None:
        content = body[kind]
        if kind == "template":
            name, language = content["name"], content["language"]["code"]
            found = find(self.templates, number.waba, name, language)
            found.check(content.get("components", []))
        elif kind == "reaction":
            target = self.said.get(content["message_id"])
            if target is None or target.peer != key or target.kind == "reaction":
                raise GraphError(131009, "message_id is no message that can be reacted to.")
        elif isinstance(content, dict) and "id" in content:
            shelf.sendable(self._uploaded(content["id"], number, kind), kind)

    def _uploaded(self, media_id: str, number: Number, kind: str) -> shelf.Stored:
        stored = self.shelf.files.get(media_id)
        if stored is None or stored.number != number.id:
            raise GraphError(100, f"Param {kind}['id'] is not the id of an uploaded file.")
        return stored

    def _late_failure(self, number: Number, peer: Peer | None, kind: str, now: float) -> int:
        shut = now > self.window_closes(number.id, peer.key if peer else "")
        if kind != "template" and shut:
            if not self.late_refusals:
                raise GraphError(131047, "More than 24 hours have passed since the last message.")
            return 131047
        if peer is not None and (number.id, peer.key) in self.blocked:
            raise GraphError(131026, "You have blocked this user.")
        reachable = peer is not None and (isinstance(peer, Group) or peer.reachable)
        return 0 if reachable else 131026

    def _check_pace(self, number: Number, peer: str, now: float) -> None:
        if self.pair_limit:
            pair = self._pairs.setdefault((number.id, peer), Bucket(PAIR_SECONDS, PAIR_BURST))
            if not pair.take(now):
                raise GraphError(131056, "Too many messages to this recipient in a short time.")
        if not self._paces[number.id].take(now):
            raise GraphError(130429, "Cloud API message throughput has been reached.")


def new_wamid(peer: str) -> str:
    """An id in the vendor's form: the peer's number is inside, and nobody may look for it."""
    inside = b"\x1d\x18" + peer.encode() + b"\x15\x02" + secrets.token_hex(8).encode()
    return "wamid." + base64.b64encode(inside).decode()


def _number_bucket() -> Bucket:
    return Bucket(1 / NUMBER_PER_SECOND, NUMBER_PER_SECOND)
