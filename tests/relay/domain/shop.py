"""A shop in Algiers, open from Saturday to Thursday, 9 to 21, with a menu: 10:00 on its wall is
9:00 in a script. The 1st of a script is a Tuesday, the 3rd a Thursday."""

from dataclasses import replace
from typing import Any

from tests.relay.domain.playbook import DESK, RIYADH, Playbook, clock

from wainbox_relay.config import Settings, policy
from wainbox_relay.contract.content import Answer, Menu
from wainbox_relay.contract.vocabulary import CustomerId, Sid
from wainbox_relay.domain.facts import Accepted, AttemptBegan
from wainbox_relay.domain.model import Customer, Desk, Entry
from wainbox_relay.domain.outcome import Wake
from wainbox_relay.sections.menu import EXAMPLE

SECRETS = {"app_secret": "s", "verify_token": "v"}
WEEK = dict.fromkeys(
    ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday"), "9:00-21:00"
)
CALENDAR = {"name": "shop", "zone": "Africa/Algiers", "week": WEEK}


def desk(*, menu: Any = EXAMPLE, hours: bool = True, **sections: Any) -> Desk:
    """The playbook's desk with this shop's rules."""
    raw: dict[str, Any] = {"webhook": SECRETS, "menu": menu, **sections}
    raw |= {"calendars": [CALENDAR]} if hours else {}
    number = replace(DESK.numbers[RIYADH], calendar="shop" if hours else "", language="ar")
    return replace(DESK, policy=policy(Settings.of(raw)), numbers={RIYADH: number})


class Shop(Playbook):
    """A playbook that knows what was said by itself, and what will ring."""

    @property
    def autos(self) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.auto]

    @property
    def said(self) -> str:
        """The newest of them."""
        return self.autos[-1].content.preview()

    def taps(self, at: str, title: str):
        """The customer taps a choice of the newest menu."""
        for entry in reversed(self.autos):
            if isinstance(entry.content, Menu):
                choice = next(c for c in entry.content.choices if c.title == title)
                return self.says(at, content=Answer(id=choice.id, title=title))
        raise AssertionError("there is no menu")

    def due(self, reason: str) -> int | None:
        """When an alarm will ring."""
        wakes = [w for w in self.wishes if isinstance(w, Wake) and w.reason == reason]
        return wakes[-1].at if wakes else None

    def goes(self, at: str, entry: Entry) -> None:
        """An automatic message all the way to WhatsApp."""
        sid = entry.sid or Sid("")
        self.play(at, AttemptBegan(sid))
        self.play(at, Accepted(sid, 1, f"wa-{entry.id}"))  # type: ignore[arg-type]

    def whys(self) -> list[str]:
        """The reasons of history's lines that have one."""
        return [why for change in self.history if (why := getattr(change, "why", ""))]


def shop(*, menu: Any = EXAMPLE, hours: bool = True, language: str = "en", **sections: Any) -> Shop:
    customer = Customer(
        CustomerId(1), clock("0:00"), "Sara", phone="212600000001", language=language
    )
    return Shop(desk=desk(menu=menu, hours=hours, **sections), customer=customer)
