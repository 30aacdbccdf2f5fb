"""What always holds of a desk with all its rules on, read from its files at one moment."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
from tests.proof.running import Files

from wainbox_relay.contract.vocabulary import Flag, Status
from wainbox_relay.domain.model import Conversation
from wainbox_relay.domain.rules import clocks, rank
from wainbox_relay.store import rows
from wainbox_relay.store.files import MAIN_FILE

_WAITED = {Flag.DROPPED, Flag.HANDED_OVER, Flag.RETURNED}


@dataclass(frozen=True)
class Line:
    """One line of history."""

    id: int
    conversation: int
    at: int
    actor: str
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Auto:
    """A message that we made by ourselves."""

    id: int
    conversation: int
    sid: str
    kind: str


@dataclass(frozen=True)
class Look:
    """All cases from one on, and what is kept of them, at one moment."""

    cases: Mapping[int, Conversation]
    lines: Sequence[Line]
    alarms: Mapping[tuple[int, str], int]
    autos: Sequence[Auto]


def look(files: Files, since: int = 0) -> Look:
    where = (files.folder / MAIN_FILE).resolve().as_uri()
    with closing(sqlite3.connect(f"{where}?mode=ro", uri=True, timeout=10)) as file:
        file.execute("BEGIN")
        columns = rows.columns(rows.CONVERSATION_COLUMNS, "c")
        found = file.execute(f"SELECT {columns} FROM conversations_now c WHERE id >= ?", (since,))
        cases = {case.id: case for case in map(rows.conversation, found)}
        kept = file.execute(
            "SELECT id, conversation, at, actor, kind, data FROM history"
            " WHERE conversation >= ? ORDER BY id",
            (since,),
        )
        lines = [Line(*row[:5], msgspec.json.decode(row[5])) for row in kept]
        alarms = file.execute("SELECT * FROM alarms WHERE conversation >= ?", (since,))
        due = {(case, reason): at for case, reason, at in alarms}
        autos = file.execute(
            "SELECT id, conversation, sid, auto FROM entries"
            " WHERE conversation >= ? AND auto != '' AND sid IS NOT NULL",
            (since,),
        )
        return Look(cases, lines, due, [Auto(*row) for row in autos])


# -- each case -----------------------------------------------------------------------------------


def in_the_menus_hands_and_a_persons(c: Conversation) -> bool:
    return c.status is Status.BOT and c.assignee is not None


def marked_taken_but_not_escalated(c: Conversation) -> bool:
    return Flag.ACKED in c.flags and Flag.ESCALATED not in c.flags


def escalated_though_resolved_or_without_a_record(c: Conversation) -> bool:
    return Flag.ESCALATED in c.flags and (c.resolved or c.escalation is None)


def at_risk_without_a_tight_clock(c: Conversation) -> bool:
    return Flag.SLA_AT_RISK in c.flags and not clocks.is_tight(c.clocks)


def a_negative_clock(c: Conversation) -> bool:
    return any(min(each.used, each.allowed, each.late_by) < 0 for each in c.clocks)


def a_clock_that_runs_after_the_end(c: Conversation) -> bool:
    return c.resolved and any(each.since or each.due for each in c.clocks)


def not_where_it_stands(c: Conversation) -> bool:
    return c.sort_key != rank.sort_key(c)


def rated_without_stars(c: Conversation) -> bool:
    return Flag.RATED in c.flags and (c.rating is None or c.rating.stars is None)


def asleep_without_waking(c: Conversation) -> bool:
    return (c.status is Status.SNOOZED) != (c.snoozed_until is not None)


def resolved_but_held_or_waited_for(c: Conversation) -> bool:
    return c.resolved and (c.assignee is not None or c.waiting_since is not None)


def pending_though_never_closed(c: Conversation) -> bool:
    return Flag.PENDING in c.flags or Flag.WINDOW_SHUTS in c.flags


def given_back_though_held(c: Conversation) -> bool:
    return c.assignee is not None and bool(c.flags & _WAITED)


def asked_as_less_than_nothing(c: Conversation) -> bool:
    return min(c.unread, c.sending, c.unconfirmed, c.undelivered) < 0


OF_A_CASE: tuple[Callable[[Conversation], bool], ...] = (
    in_the_menus_hands_and_a_persons,
    marked_taken_but_not_escalated,
    escalated_though_resolved_or_without_a_record,
    at_risk_without_a_tight_clock,
    a_negative_clock,
    a_clock_that_runs_after_the_end,
    not_where_it_stands,
    rated_without_stars,
    asleep_without_waking,
    resolved_but_held_or_waited_for,
    pending_though_never_closed,
    given_back_though_held,
    asked_as_less_than_nothing,
)


# -- all of them ---------------------------------------------------------------------------------


def alarms_at_odds_with_the_case(seen: Look) -> Iterator[object]:
    """Each alarm that should ring is set for its moment, and no other."""
    for case in seen.cases.values():
        menu = case.status is Status.BOT and case.bot is not None
        expected = {
            "sla": None if case.resolved else clocks.rings_at(case.clocks),
            "snooze": case.snoozed_until,
        }
        for reason, at in expected.items():
            if seen.alarms.get((case.id, reason)) != at:
                yield case.ref, reason, at, seen.alarms.get((case.id, reason)), case.status
        for reason, holds in (("bot", menu), ("silence", case.status is Status.WAITING)):
            if ((case.id, reason) in seen.alarms) != holds:
                yield case.ref, reason, holds, case.status
        if (case.id, "rating") in seen.alarms and not case.resolved:
            yield case.ref, "rating", case.status


def missed_without_a_word(seen: Look) -> Iterator[object]:
    """What was missed stays marked, also in a case that begins again; and was told when it was."""
    told = {
        line.conversation
        for line in seen.lines
        if line.kind == "overdue" and line.data["target"] != "human"
    }
    for case in seen.cases.values():
        if (Flag.SLA_MISSED in case.flags) != (case.id in told):
            yield case.ref, case.id in told


def asked_twice_how_it_was(seen: Look) -> Iterator[object]:
    asked = Counter(auto.conversation for auto in seen.autos if auto.kind == "rating")
    yield from (case for case, count in asked.items() if count > 1)


def answered_by_itself(seen: Look) -> Iterator[object]:
    """No message that we made by ourselves ends a wait or counts for anybody."""
    autos = {auto.id for auto in seen.autos}
    answers = (line for line in seen.lines if line.kind == "answered")
    yield from (line for line in answers if line.data["entry"] in autos)


def history_that_ends_elsewhere(seen: Look) -> Iterator[object]:
    """Who has a case, and where it stands, is what its history comes to."""
    *_, end = replayed(seen)
    for case in seen.cases.values():
        told = end.holders.get(case.id), end.statuses.get(case.id, case.status)
        if told != (case.assignee, case.status) and case.merged_into is None:
            yield case.ref, told, (case.assignee, case.status)


def lines_that_begin_elsewhere(seen: Look) -> Iterator[object]:
    """Each change of hands begins where the one before it ended: nothing was decided twice."""
    holders: dict[int, str | None] = {}
    for line in seen.lines:
        if line.kind == "assigned":
            if holders.get(line.conversation) != line.data.get("was"):
                yield line, holders.get(line.conversation)
            holders[line.conversation] = line.data.get("agent")


OF_ALL = (
    alarms_at_odds_with_the_case,
    missed_without_a_word,
    asked_twice_how_it_was,
    answered_by_itself,
    history_that_ends_elsewhere,
    lines_that_begin_elsewhere,
)


def broken(seen: Look) -> list[str]:
    """What must always hold, and does not."""
    cases = seen.cases.values()
    found = [(law.__name__, [f"W-{case.ref}" for case in cases if law(case)]) for law in OF_A_CASE]
    found += [(rule.__name__, [str(each) for each in rule(seen)]) for rule in OF_ALL]
    return [f"{name}: {which}" for name, which in found if which]


# -- what history tells ----------------------------------------------------------------------------


@dataclass
class Stand:
    """Who has what after a line, or several of one decision."""

    lines: Sequence[Line]
    holders: dict[int, str | None]
    teams: dict[int, str | None]
    statuses: dict[int, str]

    def load(self, agent: str) -> int:
        held = (case for case, holder in self.holders.items() if holder == agent)
        return sum(self.statuses.get(case, "open") == "open" for case in held)


def replayed(seen: Look) -> Iterator[Stand]:
    """History decision by decision; the same value each time, moved on."""
    stand = Stand((), {}, {}, {})
    yield stand
    for _, several in groupby(seen.lines, key=lambda line: (line.conversation, line.at)):
        stand.lines = list(several)
        for line in stand.lines:
            if line.kind == "assigned":
                stand.holders[line.conversation] = line.data.get("agent")
                stand.teams[line.conversation] = line.data.get("team")
            elif line.kind == "status":
                stand.statuses[line.conversation] = line.data["to"]
        yield stand


@dataclass(frozen=True)
class Given:
    """Work that automation put into somebody's hands, with how much they hold from then on."""

    line: Line
    agent: str
    team: str | None
    load: int


def given(seen: Look) -> list[Given]:
    before: dict[int, str | None] = defaultdict(lambda: None)
    found = []
    for stand in replayed(seen):
        hands = [line for line in stand.lines if line.kind == "assigned"]
        if not hands:
            continue
        last, case = hands[-1], hands[-1].conversation
        agent, team = stand.holders[case], stand.teams[case]
        if agent is not None and agent != before[case] and not last.actor.startswith("@"):
            found.append(Given(last, agent, team, stand.load(agent)))
        before[case] = agent
    return found
