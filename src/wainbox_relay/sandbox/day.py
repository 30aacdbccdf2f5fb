"""Plays the scripts: the days before, those who come later, and answers to what we write."""

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence

from wainbox_relay.sandbox.clock import Clock
from wainbox_relay.sandbox.crew import Spawn
from wainbox_relay.sandbox.customers import Customer, choices
from wainbox_relay.sandbox.people import Group
from wainbox_relay.sandbox.receipts import Delays
from wainbox_relay.sandbox.script import Line, Script
from wainbox_relay.sandbox.world import Accepted

PLACES = {"latitude": 33.5731, "longitude": -7.5898}

Find = Callable[[str, int], Customer]
ComeTo = Callable[[float], Awaitable[None]]
"""Waits for the moment so many seconds ago."""


class Day:
    """Everybody's script, and how far each has come."""

    def __init__(self, scripts: Iterable[Script], find: Find, clock: Clock, spawn: Spawn) -> None:
        self.scripts = {script.peer.key: script for script in scripts}
        self._find = find
        self._clock = clock
        self._spawn = spawn
        self._left = {key: deque(script.answers) for key, script in self.scripts.items()}
        self._menu = {key: deque(script.menu) for key, script in self.scripts.items()}
        self._last: dict[str, str] = {}
        """The message of ours that each saw last."""
        self._asked: dict[str, Accepted] = {}
        """The question with choices that each saw last."""
        self._coming = Counter[str]()
        """Lines of the days before that each has yet to write; meanwhile they answer nothing."""

    def left(self, key: str) -> int:
        """How many answers somebody still has."""
        return len(self._left.get(key, ()))

    async def open(self, come_to: ComeTo | None = None) -> None:
        """The days before, in the order of time. `come_to` brings the clocks to each line's moment;
        without it all is written now and dated back."""
        past = [(line, script) for script in self.scripts.values() for line in script.past]
        self._coming = Counter(script.peer.key for _, script in past)
        for line, script in sorted(past, key=lambda pair: -pair[0].seconds):
            if come_to is not None:
                await come_to(line.seconds)
            self._coming[script.peer.key] -= 1
            await self._do(line, script, 0.0 if come_to else line.seconds)

    def begin(self) -> None:
        """People begin to come."""
        for script in self.scripts.values():
            if script.later:
                self._spawn(self._come(script))

    async def _come(self, script: Script) -> None:
        since = 0.0
        for line in script.later:
            await self._clock.sleep(line.seconds - since)
            since = line.seconds
            await self._do(line, script)

    def hear(self, message: Accepted, delays: Delays) -> None:
        """Somebody gets a message from us; if they have an answer left, they give it."""
        self._last[message.peer] = message.wamid
        if message.failure or message.kind == "reaction" or self._coming[message.peer]:
            return
        if lines := self._in_answer(message):
            wait = (delays.sent or 0) + (delays.delivered or 0)
            self._spawn(self._answer(lines, self.scripts[message.peer], wait))

    def _in_answer(self, message: Accepted) -> Sequence[Line]:
        """The next line; to the question how it was, whenever it comes, all they say of it."""
        offered, key = [choice["id"] for _, choice in choices(message)], message.peer
        if offered:
            self._asked[key] = message
        if any(id_.startswith("rating:") for id_ in offered):
            return self.scripts[key].rating if key in self.scripts else ()
        left = (self._menu if offered else self._left).get(key)
        return (left.popleft(),) if left else ()

    async def _answer(self, lines: Sequence[Line], script: Script, wait: float) -> None:
        """One line after the other, the first so long after the message is there."""
        for line in lines:
            await self._clock.sleep(wait + line.seconds)
            await self._do(line, script)
            wait = 0

    async def _do(self, line: Line, script: Script, ago: float = 0.0) -> None:
        customer = self._find(line.by or script.peer.key, script.number)
        if isinstance(script.peer, Group):
            customer = customer.within(script.peer)
        key = script.peer.key
        match line.act:
            case "says":
                await customer.writes(line.what, ago=ago)
            case "taps" if key in self._asked:
                await customer.chooses(self._asked[key], line.what, ago=ago)
            case "shop":
                self._last[key] = await customer.hears_from_phone(line.what, ago=ago)
            case "photo":
                await customer.sends("image", caption=line.what, ago=ago)
            case "voice":
                await customer.sends("audio", seconds=float(line.what), ago=ago)
            case "file":
                await customer.sends("document", filename=line.what, ago=ago)
            case "sticker":
                await customer.sends("sticker", ago=ago)
            case "place":
                await customer.shares_place(**PLACES, name=line.what, ago=ago)
            case "reacts" if key in self._last:
                await customer.reacts(self._last[key], line.what, ago=ago)
