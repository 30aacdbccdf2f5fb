"""A pretend customer in one's hand: writes, sends files, reacts, quotes, taps.

Every call returns the new message's id at once; the webhook is on its way then
(`Sandbox.settled` waits for it).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from wainbox_relay.sandbox import specimens
from wainbox_relay.sandbox.clock import Clock
from wainbox_relay.sandbox.people import Group, Number, Person
from wainbox_relay.sandbox.shapes import Change, Object, echo, inbound
from wainbox_relay.sandbox.shelf import in_base64
from wainbox_relay.sandbox.world import Accepted, World, new_wamid


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every customer's words go through."""

    world: World
    clock: Clock
    post: Callable[[Change], None]
    address: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes to one of our numbers, alone or in a group."""

    person: Person
    number: Number
    around: Surroundings
    group: Group | None = None

    @property
    def received(self) -> list[Accepted]:
        """What we sent to them and WhatsApp took."""
        return [sent for sent in self.around.world.accepted if sent.peer == self._peer]

    @property
    def _peer(self) -> str:
        return self.group.key if self.group else self.person.key

    def on(self, number: Number) -> "Customer":
        """The same person, writing to another of our numbers."""
        return replace(self, number=number)

    def within(self, group: Group) -> "Customer":
        """The same person, writing in a group."""
        return replace(self, group=group)

    async def writes(self, text: str, *, quote: str = "", ago: float = 0.0, wamid: str = "") -> str:
        return await self.message("text", {"body": text}, quote=quote, ago=ago, wamid=wamid)

    async def sends(
        self,
        kind: str,
        data: bytes | None = None,
        mime: str = "",
        *,
        caption: str = "",
        filename: str = "",
        seconds: float = 3.0,
        quote: str = "",
        ago: float = 0.0,
    ) -> str:
        """A file: image, audio, document, sticker or video; a small one is made unless given."""
        usual, made = specimens.of(kind, seconds, caption or filename or self.person.key)
        stored = self.around.world.shelf.put(mime or usual, data or made, self.number.id)
        content: Object = {
            "id": stored.id,
            "mime_type": stored.mime,
            "sha256": in_base64(stored.sha256),
            "url": self.around.address()
            + self.around.world.shelf.path(stored.id, self.around.clock.now()),
        }
        content |= {"voice": True} if kind == "audio" else {}
        content |= {"animated": False} if kind == "sticker" else {}
        content |= {"caption": caption} if caption else {}
        content |= {"filename": filename} if filename else {}
        return await self.message(kind, content, quote=quote, ago=ago)

    async def reacts(self, wamid: str, emoji: str = "👍", *, ago: float = 0.0) -> str:
        """A reaction; an empty emoji takes it back."""
        return await self.message("reaction", {"message_id": wamid, "emoji": emoji}, ago=ago)

    async def taps(self, id: str, title: str, *, quote: str = "", ago: float = 0.0) -> str:
        """A tap on one of the reply buttons of our message `quote`."""
        reply = {"type": "button_reply", "button_reply": {"id": id, "title": title}}
        return await self.message("interactive", reply, quote=quote, ago=ago)

    async def chooses(self, asked: Accepted, name: str, *, ago: float = 0.0) -> str:
        """A tap on one of the choices of our question: the one whose id ends with the name, or else
        the first."""
        offered = list(choices(asked))
        named = (each for each in offered if each[1]["id"].rpartition(":")[2] == name)
        kind, choice = next(named, offered[0])
        reply = {"type": kind, kind: choice}
        return await self.message("interactive", reply, quote=asked.wamid, ago=ago)

    async def shares_place(
        self, latitude: float, longitude: float, name: str = "", *, ago: float = 0.0
    ) -> str:
        place = {"latitude": latitude, "longitude": longitude} | ({"name": name} if name else {})
        return await self.message("location", place, ago=ago)

    async def message(
        self,
        kind: str,
        content: object,
        *,
        quote: str = "",
        ago: float = 0.0,
        wamid: str = "",
        more: Object | None = None,
    ) -> str:
        """Any kind of message; `more` goes beside its type."""
        at = self.around.clock.now() - ago
        wamid = wamid or new_wamid(self.person.wa_id or self.person.user_id)
        if (self.number.id, self.person.key) in self.around.world.blocked:
            return wamid
        self.around.world.heard(self.number.id, self._peer, wamid, kind, at)
        message: Object = {"id": wamid, "timestamp": str(int(at)), "type": kind, kind: content}
        message |= {"context": self._quote(quote)} if quote else {}
        self.around.post(inbound(self.number, self.person, self.group, message | (more or {})))
        return wamid

    def _quote(self, wamid: str) -> Object:
        said = self.around.world.said.get(wamid)
        theirs = said is not None and said.inbound and self.person.wa_id
        return {"from": self.person.wa_id if theirs else self.number.digits, "id": wamid}

    async def hears_from_phone(self, text: str, *, ago: float = 0.0) -> str:
        """The shop writes to them on its own phone."""
        wamid = new_wamid(self.person.wa_id or self.person.user_id)
        self.around.world.told(self.number.id, self._peer, wamid, "text")
        at = str(int(self.around.clock.now() - ago))
        message = {"id": wamid, "timestamp": at, "type": "text", "text": {"body": text}}
        self.around.post(echo(self.number, self.person, message))
        return wamid


def choices(asked: Accepted) -> Iterator[tuple[str, Object]]:
    """What can be tapped under a message of ours, each with the kind of answer that it makes."""
    action = asked.body.get("interactive", {}).get("action", {})
    for button in action.get("buttons", ()):
        yield "button_reply", button["reply"]
    for section in action.get("sections", ()):
        yield from (("list_reply", row) for row in section["rows"])
