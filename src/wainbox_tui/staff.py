"""Agents, teams, shifts and the rota, as a lead sets them before the open app: how an order is
typed, and how it is asked for step by step."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from wainbox_relay.contract.safe import Safe, clean
from wainbox_relay.contract.vocabulary import AgentId, Role, TeamId
from wainbox_tui import people
from wainbox_tui.moments import echo, parse
from wainbox_tui.widgets.picker import Item, Picker
from wainbox_tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from wainbox_relay.contract.oncall import OnCallBoard, RotaOrder, ShiftChange
    from wainbox_relay.contract.shifts import OtherHours, Shift
    from wainbox_relay.contract.staff import AgentChange, NewAgent, NewToken
    from wainbox_relay.contract.views import AgentBadge
    from wainbox_tui.app import WainboxApp
    from wainbox_tui.client import Client

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,31}")
_TEAM = re.compile(r"\w[\w.-]{0,31}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?")
_HOURS = re.compile(r"(?P<hours>\S+)(?: from (?P<starts>.+?))?(?: until (?P<ends>.+))?")
_SWAP = re.compile(
    r"(?P<at>.+?) (?:@(?P<whom>\S+?)(?: until (?P<until>.+))?|for (?P<other>.+))", re.IGNORECASE
)
EVERYTHING, USUAL = "all", "usual"


@dataclass(frozen=True, slots=True)
class Changed:
    handle: str
    change: "AgentChange"


@dataclass(frozen=True, slots=True)
class Access:
    """A new token for somebody, or none any more."""

    handle: str
    ends: bool


@dataclass(frozen=True, slots=True)
class TeamOrder:
    name: str
    opens: bool


if TYPE_CHECKING:
    StaffOrder = NewAgent | Changed | Access | TeamOrder | OtherHours | RotaOrder | ShiftChange
# -- reading -----------------------------------------------------------------------------------


def read(verb: str, words: str, now: datetime) -> "StaffOrder":
    """Reads what follows `:agent`, `:team`, `:shift`, `:rota` or `:swap`. Raises `ValueError` with
    a sentence."""
    return READERS[verb](words.strip(), now)


def _agent(words: str, now: datetime) -> "StaffOrder":
    who, _, rest = words.partition(" ")
    aspect, _, value = rest.strip().partition(" ")
    if who == "add":
        return _new_agent(rest.split())
    handle, value = who.lstrip("@").lower(), value.strip()
    if aspect == "hours":
        return _shift(f"@{handle} {value}", now)
    if aspect in ("token", "revoke"):
        return Access(handle, ends=aspect == "revoke")
    if aspect not in ASPECTS:
        raise ValueError(f"Say what of {handle or 'whom'}: {', '.join(ASPECTS)}.")
    return Changed(handle, _change(aspect, value))


def _new_agent(words: Sequence[str]) -> "NewAgent":
    from wainbox_relay.contract.staff import NewAgent

    at = next((n for n, word in enumerate(words) if word in list(Role)), len(words))
    name = " ".join(words[:at])
    if not _NAME.fullmatch(name):
        raise ValueError("Say a name in Latin letters, a role and teams: add Nadia agent sales.")
    role = Role(words[at]) if at < len(words) else Role.AGENT
    return NewAgent(name=name, role=role, teams=tuple(map(TeamId, words[at + 1 :])))


def _change(aspect: str, value: str) -> "AgentChange":
    from wainbox_relay.contract.staff import AgentChange

    if not value:
        raise ValueError(f"Say {ASPECTS[aspect]}.")
    words = () if value == EVERYTHING else tuple(value.replace(",", " ").split())
    match aspect:
        case "role":
            if value not in list(Role):
                raise ValueError(f"'{value}' is not one of {', '.join(Role)}.")
            return AgentChange(role=Role(value))
        case "teams":
            return AgentChange(teams=tuple(map(TeamId, words)))
        case "languages":
            if strange := next((word for word in words if not _LANGUAGE.fullmatch(word)), ""):
                raise ValueError(f"'{strange}' is no language; say ar, ar-Latn, fr or en.")
            return AgentChange(languages=words)
        case "topics":
            return AgentChange(topics=words)
        case "vip":
            if value not in ("yes", "no"):
                raise ValueError("Say yes or no.")
            return AgentChange(vip=value == "yes")
        case _:
            if value != USUAL and not (value.isascii() and value.isdigit() and int(value) <= 1000):
                raise ValueError(f"'{value}' is no number of cases up to 1000; or say {USUAL}.")
            return AgentChange(capacity=0 if value == USUAL else int(value))


def _team(words: str, _: datetime) -> "StaffOrder":
    verb, _sep, name = words.partition(" ")
    if verb not in ("add", "remove") or not name.strip():
        raise ValueError("Say add or remove, and the team's name.")
    if not _TEAM.fullmatch(name.strip()):
        raise ValueError("A team is one word of at most 32 letters, digits, dots or dashes.")
    return TeamOrder(name.strip(), opens=verb == "add")


def _shift(words: str, now: datetime) -> "OtherHours":
    from wainbox_relay.contract.shifts import OtherHours

    whom, _, rest = words.partition(" ")
    found = _HOURS.fullmatch(rest.strip())
    if not whom or found is None:
        raise ValueError("Say whose and which hours: @lina off until tomorrow 9.")
    starts, ends = found["starts"], found["ends"]
    return OtherHours(
        whom=whom.lower() if whom.startswith("@") else whom,
        hours=found["hours"],
        starts=_moment(starts, now) if starts else None,
        ends=parse(ends, now) if ends else None,
    )


def _rota(words: str, _: datetime) -> "RotaOrder":
    from wainbox_relay.contract.oncall import RotaOrder

    names = [] if words == USUAL else words.replace(",", " ").split()
    return RotaOrder(holders=tuple(AgentId(name.lstrip("@").lower()) for name in names))


def _swap(words: str, now: datetime) -> "ShiftChange":
    from wainbox_relay.contract.oncall import ShiftChange

    found = _SWAP.fullmatch(words)
    if found is None:
        raise ValueError("Say when and who: now @lina until 20:00; or 7/12 for 14/12.")
    return ShiftChange(
        at=_moment(found["at"], now),
        holder=AgentId(found["whom"].lower()) if found["whom"] else None,
        until=parse(found["until"], now) if found["until"] else None,
        other=parse(found["other"], now) if found["other"] else None,
    )


def _moment(words: str, now: datetime) -> datetime:
    return now if words == "now" else parse(words, now)


READERS: dict[str, Callable[[str, datetime], "StaffOrder"]] = {
    "agent": _agent,
    "team": _team,
    "shift": _shift,
    "rota": _rota,
    "swap": _swap,
}
ASPECTS = {
    "role": "viewer, agent, lead or admin",
    "teams": "one or more teams, or all",
    "languages": "such as ar fr, or all",
    "topics": "such as refund payment, or all",
    "vip": "yes or no",
    "capacity": "how many open cases, or usual",
    "hours": "on, off, usual or a calendar; from and until",
    "token": "a new token; the old one ends",
    "revoke": "access ends at once",
}
"""What can be set of somebody, and what it takes."""


async def carry_out(
    client: "Client", order: "StaffOrder", now: datetime
) -> "str | NewToken | OnCallBoard":
    """Asks it of the relay: a sentence, a new token, or the rota as it is then."""
    from wainbox_relay.contract.oncall import RotaOrder
    from wainbox_relay.contract.shifts import OtherHours
    from wainbox_relay.contract.staff import NewAgent

    match order:
        case NewAgent():
            return await client.add_agent(order)
        case Access(ends=False):
            return await client.new_token(order.handle)
        case Access():
            await client.revoke_agent(order.handle)
            return f"{order.handle} has no access any more."
        case Changed():
            badge = await client.change_agent(order.handle, order.change)
            return f"{badge.name}: {told(badge)}"
        case TeamOrder():
            await (client.open_team if order.opens else client.close_team)(order.name)
            return f"There is {'a' if order.opens else 'no'} team {order.name} now."
        case OtherHours():
            board = await client.set_hours(order)
            found = next(each for each in board.shifts if each.whom == order.whom)
            return f"{found.name}: {shift_told(found, now)}"
        case RotaOrder():
            return await client.order_rota(order)
        case _:
            return await client.change_shift(order)


# -- asking ------------------------------------------------------------------------------------


class Staff:
    """The dialogue. `_picker` and `_prompt` are those of the screen it is held on."""

    def __init__(self, app: "WainboxApp") -> None:
        self._app = app
        self._picker: Picker | None = None
        self._prompt: Prompt | None = None
        self._person = ""

    def begin(self, verb: str, words: str, picker: Picker, prompt: Prompt) -> None:
        """An order that is typed whole is done; else it is asked for."""
        self._picker, self._prompt = picker, prompt
        if words:
            self.answered(verb, words)
        elif verb == "agent":
            badges = sorted(self._app.desk_state.agents.values(), key=lambda badge: badge.name)
            items = [Item(b.id, clean(b.name), clean(told(b))) for b in badges]
            picker.ask("staff people", Safe("whom to look after"), [*items, _NEW_AGENT])
        elif verb == "team":
            items = [Item(team, clean(team), self._members(team)) for team in self._teams]
            picker.ask("staff teams", Safe("teams"), [*items, _NEW_TEAM])
        elif verb == "shift":
            self._app.errand(self._list_shifts, "staff")
        else:
            self._line("swap", "now @", "whose shift changes hands: when, and @who or for when")

    def person(self, handle: str, picker: Picker, prompt: Prompt) -> None:
        """What can be set of this one."""
        self._picker, self._prompt = picker, prompt
        badge = self._app.desk_state.agents.get(handle)
        if badge is not None:
            self._person = handle
            values = _values(badge, self._hours(badge))
            items = [
                Item(aspect, Safe(aspect), clean(values.get(aspect, ASPECTS[aspect])))
                for aspect in ASPECTS
            ]
            picker.ask("staff aspect", clean(f"{badge.name}: what to set"), items)

    def chosen(self, purpose: str, key: str) -> None:
        match purpose:
            case "staff people" if key == _NEW_AGENT.id:
                self._line("agent", "add ", "name, role, teams: Nadia agent sales")
            case "staff people" if self._picker is not None and self._prompt is not None:
                self.person(key, self._picker, self._prompt)
            case "staff aspect":
                self._line("agent", f"{self._person} {key} {self._value(key)}", ASPECTS[key])
            case "staff teams" if key == _NEW_TEAM.id:
                self._line("team", "add ", "its name, one word")
            case "staff teams":
                self._line("team", f"remove {key}", "goes when nobody and nothing is on it")
            case _:
                self._line("shift", f"{key} ", "on, off, usual or a calendar; from, until")

    def wrong(self, purpose: str, text: str) -> str:
        """Why a typed order cannot be read; empty when it can."""
        try:
            read(purpose.removeprefix("staff "), text, self._app.now())
        except ValueError as error:
            return str(error).splitlines()[0]
        return ""

    def answered(self, purpose: str, text: str) -> None:
        verb = purpose.removeprefix("staff ")
        if wrong := self.wrong(verb, text):
            self._app.inbox.say(wrong, trouble=True)
            return
        order = read(verb, text, self._app.now())
        self._app.errand(lambda: self._app.office().staff(order), "give staff")

    def _line(self, verb: str, text: str, hint: str) -> None:
        if self._prompt is not None:
            self._prompt.ask(f"staff {verb}", Safe(verb), text, Safe(hint))

    # -- what stands now ---------------------------------------------------------------------

    @property
    def _teams(self) -> Sequence[str]:
        return self._app.desk_state.teams

    def _members(self, team: str) -> Safe:
        agents = self._app.desk_state.agents.values()
        names = sorted(badge.name for badge in agents if team in badge.teams)
        return clean(", ".join(names) or "nobody is on it")

    def _value(self, aspect: str) -> str:
        badge = self._app.desk_state.agents.get(self._person)
        return "" if badge is None or aspect == "hours" else _values(badge, "").get(aspect, "")

    def _hours(self, badge: "AgentBadge") -> str:
        return shift_words(badge.shift_until, on=badge.on_shift)

    async def _list_shifts(self) -> None:
        board, now = await self._app.office().shifts(), self._app.now()
        items = [
            Item(each.whom, clean(each.name), clean(shift_told(each, now)), also=clean(each.whom))
            for each in board.shifts
        ]
        if self._picker is not None:
            title = f"whose hours; calendars: {' '.join(board.calendars) or 'none'}"
            self._picker.ask("staff shifts", clean(title), items)


_NEW_AGENT = Item("", Safe("somebody new"), Safe("gets a token, shown once"))
_NEW_TEAM = Item("", Safe("a new team"))


def shift_words(until: datetime | None, *, on: bool) -> str:
    """`on shift until Sun 29 Nov 21:00`, `off shift`."""
    ends = f" until {echo(until.astimezone())}" if until is not None else ""
    return f"{'on' if on else 'off'} shift{ends}"


def told(badge: "AgentBadge") -> str:
    """A line of what somebody is and can take."""
    values = _values(badge, "")
    skills = [values[key] for key in ("teams", "languages", "topics") if values[key] != EVERYTHING]
    vip = ["VIPs"] if badge.vip else []
    return ", ".join([badge.role, *skills, *vip, people.load(badge)])


def _values(badge: "AgentBadge", hours: str) -> dict[str, str]:
    """How it stands, as it would be typed."""
    return {
        "role": badge.role,
        "teams": " ".join(badge.teams) or EVERYTHING,
        "languages": " ".join(badge.languages) or EVERYTHING,
        "topics": " ".join(badge.topics) or EVERYTHING,
        "vip": "yes" if badge.vip else "no",
        "capacity": USUAL if badge.capacity is None else str(badge.capacity),
        **({"hours": hours} if hours else {}),
    }


def shift_told(shift: "Shift", now: datetime) -> str:
    """`shop, on shift until Sun 29 Nov 21:00, off from Mon 30 Nov 09:00`. What holds now is told
    by its end."""
    parts = [shift.usual or ("" if shift.on_shift is None else "as the teams"), *_now(shift)]
    for other in shift.others:
        begun = other.starts is None or other.starts <= now
        if begun and shift.on_shift is not None:
            continue
        starts = f" from {echo(other.starts.astimezone())}" if other.starts else ""
        ends = f" until {echo(other.ends.astimezone())}" if other.ends else ""
        parts.append(f"{other.hours}{starts}{ends}")
    return ", ".join(filter(None, parts))


def _now(shift: "Shift") -> Sequence[str]:
    on = shift.on_shift
    return () if on is None else (shift_words(shift.until, on=on),)
