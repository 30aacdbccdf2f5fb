"""What history says, in sentences for people: event lines in a thread, and `why`.

History holds ids and words of closed sets; names are put in here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any

from wainbox_relay.contract.vocabulary import (
    AgentId,
    ConversationId,
    EntryId,
    Moment,
)
from wainbox_relay.domain.outcome import CUSTOMER, PHONE, WAINBOX, WHATSAPP
from wainbox_relay.domain.rules.assigning import reason
from wainbox_relay.domain.rules.eligibility import Obstacle, Passed
from wainbox_relay.engine import promised
from wainbox_relay.engine.present import instant

_ACTORS = {
    CUSTOMER: "the customer",
    PHONE: "the phone app",
    WAINBOX: "Wainbox",
    WHATSAPP: "WhatsApp",
}
_STATUSES = {
    "bot": "handed to the menu",
    "open": "opened",
    "waiting": "put on customer",
    "snoozed": "put aside",
    "resolved": "resolved",
}
_DECISIONS = {
    "resent": "sent a message again",
    "arrived": "said that a message arrived",
    "left": "left a message unconfirmed",
    "withdrawn": "took a message back",
    "sent_now": "let a message leave at once",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of history."""

    id: int
    conversation: ConversationId
    at: Moment
    actor: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """What history only has the keys of."""

    agents: Mapping[AgentId, str] = field(default_factory=dict)
    refs: Mapping[int, int] = field(default_factory=dict)
    """Public references by conversation."""
    zone: tzinfo = UTC
    """That of the number's business hours, in which moments are told."""

    def actor(self, actor: str) -> str:
        return self.agent(actor[1:]) if actor.startswith("@") else _ACTORS.get(actor, actor)

    def agent(self, handle: str) -> str:
        return self.agents.get(AgentId(handle), handle)

    def case(self, conversation: int) -> str:
        ref = self.refs.get(conversation)
        return f"W-{ref}" if ref else "another case"


def sentence(line: Line, names: Names) -> str:
    """One line of history as a sentence without its full stop. A reason that the sentence gives
    already is not said twice."""
    if line.data.get("passed") is not None:
        return _chosen(line.data, names)
    told = _TOLD.get(line.kind)
    who = names.actor(line.actor)
    text = told(line.data, who, names) if told else f"{_plain(line.kind)} by {who}"
    why = _plain(line.data.get("why") or "")
    plain = why in text or why in _LET_GO or line.kind == "language"
    return text if plain else f"{text} ({why})"


def _told(line: Line, names: Names) -> str:
    """The sentence as a thread shows it: reasons are for `why`, but for waking by itself."""
    if line.kind == "status" and line.data.get("why") == "woke":
        return "woke from its snooze"
    silent = {"passed"} if line.data.get("why") in _LET_GO else {"passed", "why"}
    said = {key: value for key, value in line.data.items() if key not in silent}
    return sentence(replace(line, data=said), names)


FAR_BELOW = 1 << 52
"""Lines have ids of their own below zero, and rise as history does: readers sort by them."""


def event(line: Line, thread: int, case: str, names: Names) -> dict[str, Any]:
    """A line of history among a thread's entries; a negative id is no message's."""
    return {
        "id": EntryId(line.id - FAR_BELOW),
        "thread": thread,
        "case": case,
        "direction": "event",
        "kind": "event",
        "text": _told(line, names),
        "at": instant(line.at),
        "arrived_at": instant(line.at),
        "author": line.actor[1:] if line.actor.startswith("@") else "",
        "author_name": names.actor(line.actor),
    }


QUIET = frozenset({"queued", "answered", "at_risk", "language", "note", "send_decided"})
"""Kinds that a thread shows by its messages already, or that pass."""
_SEEN = frozenset(
    {"answered", "came back", "late", "message", "resent", "snoozed", "undelivered", "undone"}
    | {"wrote"}
)
"""Reasons that the messages and lines around a line give by themselves."""


def tells(line: Line) -> bool:
    """Whether a thread is clearer with this line than without."""
    if line.kind == "opened":
        return line.data.get("follows") is not None
    return not (line.kind == "status" and line.data.get("why") in _SEEN)


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _opened(data: Mapping[str, Any], who: str, names: Names) -> str:
    follows = data.get("follows")
    return f"opened by {who}, after {names.case(follows)}" if follows else f"opened by {who}"


def _status(data: Mapping[str, Any], who: str, _names: Names) -> str:
    return f"{_STATUSES.get(data['to'], data['to'])} by {who}"


def _assigned(data: Mapping[str, Any], who: str, names: Names) -> str:
    agent, team = data.get("agent"), data.get("team")
    if agent is None and data.get("why") in _LET_GO:
        return f"back in the queue: {names.agent(data['was'])} {_LET_GO[data['why']]}"
    if agent is not None:
        name = names.agent(agent)
        if who == _ACTORS[CUSTOMER]:
            return f"back with {name}"
        return f"taken by {who}" if name == who else f"given to {name} by {who}"
    return f"given to team {team} by {who}" if team else f"released by {who}"


_LET_GO = {
    "dropped": "lost the line",
    "shift over": "is off shift",
    "silent": "stayed silent",
    "left": "left the team",
    "owner not here": "was not here",
    "owner not free": "was full, or lacks a skill for it",
}
"""Why automation took it off an owner."""


def _chosen(data: Mapping[str, Any], names: Names) -> str:
    """`round robin: Karim; passed over Amina 6/6, Lina no Arabic`."""
    passed = [Passed(AgentId(a), Obstacle(why), what) for a, why, what in data["passed"]]
    agent = data.get("agent")
    how = _plain(data.get("why", ""))
    return reason(how, AgentId(agent) if agent else None, passed, names.agent)


def _marked(data: Mapping[str, Any], who: str, _names: Names) -> str:
    to = data.get("to")
    if (plain := _OF_ITSELF.get((data["what"], to or ""))) is not None:
        return plain
    if to and data["what"] in _TAGGED:
        return f"{_tags(to.split(','))}{_TAGGED[data['what']]} by {who}"
    return f"{_plain(data['what'])} set to {to} by {who}" if to else f"{data['what']} by {who}"


_OF_ITSELF = {
    ("opted_out", "yes"): "the customer wants no more advertising",
    ("after hours", "left over"): "left over at closing time",
    ("urgent", "topic"): "urgent, by its topic",
    ("complex", "topic"): "complex, by its topic",
    ("urgent", "vip"): "urgent, from a VIP",
    ("urgent", "words"): "urgent, by the customer's words",
}
_TAGGED = {"tags": "", "customer tags": " (customer)"}


def _tags(signs: list[str]) -> str:
    """`+gift,-vip` in words."""
    parts = [
        f"{verb} {', '.join(tags)}"
        for verb, sign in (("tagged", "+"), ("took off", "-"))
        if (tags := [tag[1:] for tag in signs if tag.startswith(sign)])
    ]
    return " and ".join(parts)


_PROMISES = {"human": "person asked for", "resolution": "resolution"}


def _promise(data: Mapping[str, Any]) -> str:
    target = data["target"]
    return _PROMISES.get(target, f"{target} response")


def _overdue(data: Mapping[str, Any], _who: str, names: Names) -> str:
    late = data.get("late_by")
    came = f"; the message came {promised.span(late)} late" if late else ""
    due = promised.moment(data["due"], names.zone)
    return f"{_promise(data)} missed, was due {due}{_whose(data, names)}{came}"


def _whose(data: Mapping[str, Any], names: Names) -> str:
    agent, team = data.get("agent"), data.get("team")
    if agent is not None:
        return f", {names.agent(agent)}'s"
    return f", team {team}'s" if team else ""


_LANGUAGES = {"ar": "Arabic", "ar-Latn": "Arabic in Latin letters", "fr": "French", "en": "English"}
_BY = {
    "script": "by its letters",
    "arabizi": "by its words and digits",
    "lexicon": "by its words",
    "lingua": "by its spelling",
}


def _language(data: Mapping[str, Any], _who: str, _names: Names) -> str:
    language = _LANGUAGES.get(data["language"], data["language"])
    return f"writes {language}, told {_BY.get(data['why'], data['why'])}, {data['percent']} % sure"


def _paged(data: Mapping[str, Any], who: str, names: Names) -> str:
    again = ", again" * bool(data.get("again"))
    asked = "" if who == names.actor(WAINBOX) else f" by {who}"
    return f"{names.agent(data['agent'])} paged{again}{asked}"


def _rating_asked(data: Mapping[str, Any], _who: str, names: Names) -> str:
    skipped = data.get("skipped")
    if skipped:
        return f"not asked how it was: {skipped}"
    return f"asked how it was{_whose(data, names)}"


def _block_refused(data: Mapping[str, Any], _who: str, _names: Names) -> str:
    if data["blocked"]:
        return f"WhatsApp did not block them (error {data['code']}); it stays spam here"
    return f"WhatsApp did not unblock them (error {data['code']}); try again"


_TOLD: dict[str, Callable[[Mapping[str, Any], str, Names], str]] = {
    "opened": _opened,
    "status": _status,
    "reopened": lambda _, who, __: f"reopened by {who}",
    "assigned": _assigned,
    "queued": lambda _, who, __: f"nobody was free for {who}",
    "mentioned": lambda data, _, names: f"{names.agent(data['agent'])} was told, who was not here",
    "answered": lambda data, _, names: f"answered by {names.agent(data.get('agent', ''))}",
    "answer_lost": lambda _, __, ___: "the answer was not delivered, so it is our turn again",
    "send_decided": lambda data, who, _: (
        f"{who} {_DECISIONS.get(data['what'], _plain(data['what']))}"
    ),
    "snoozed": lambda data, who, names: (
        f"put aside until {promised.moment(data['until'], names.zone)} by {who}"
    ),
    "escalated": lambda _, who, __: f"escalated by {who}",
    "paged": _paged,
    "page_failed": lambda data, _, names: f"no page reached {names.agent(data['agent'])}",
    "acked": lambda _, who, __: f"taken on call by {who}",
    "language": _language,
    "marked": _marked,
    "rated": lambda data, _, names: f"rated {data['stars']} of 5{_whose(data, names)}",
    "rating_asked": _rating_asked,
    "note": lambda _, who, __: f"note by {who}",
    "merged": lambda data, who, names: f"merged with {names.case(data['other'])} by {who}",
    "undone": lambda data, who, _: f"{_plain(data['what'])} taken back by {who}",
    "at_risk": lambda data, _, names: (
        f"{_promise(data)} at risk, due {promised.moment(data['due'], names.zone)}"
        f"{_whose(data, names)}"
    ),
    "overdue": _overdue,
    "block_refused": _block_refused,
    "identity": lambda data, who, _: f"{_plain(data['what'])}, says {who}",
}
